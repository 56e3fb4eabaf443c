"""Pages that the tests draw for themselves: Vietnamese text in a Times-metric font."""

import io
import math
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw, ImageFont
from prepared import FONTS, font_of, need_font

FONT = FONTS / "Tinos-Regular.ttf"
A4 = (595.276, 841.89)

LINES = (
    "ỦY BAN NHÂN DÂN XÃ HÒA BÌNH",
    "Số: 27/TB-UBND",
    "THÔNG BÁO",
    "Về việc tiếp nhận hồ sơ đăng ký thường trú",
    "Căn cứ Luật Cư trú ngày 13 tháng 11 năm 2020 và các văn bản hướng dẫn,",
    "Ủy ban nhân dân xã thông báo đã tiếp nhận hồ sơ của công dân theo quy định.",
    "Thời hạn giải quyết là bảy ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
    "Đề nghị công dân mang theo giấy hẹn và giấy tờ tùy thân khi đến nhận kết quả.",
    "Trường hợp cần sửa đổi, bổ sung, cán bộ phụ trách sẽ liên hệ qua điện thoại.",
    "Nơi nhận: như trên; lưu văn thư của xã và bộ phận một cửa.",
)

ALPHABET = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)


@dataclass
class Drawn:
    """A drawn page and where its lines stand, in points: text, (x0, y0, x1, y1)."""

    image: Image.Image
    dpi: int
    lines: list[tuple[str, tuple[float, float, float, float]]]

    @property
    def text(self) -> str:
        return " ".join(text for text, _ in self.lines)


def print_font(points: float, dpi: float) -> ImageFont.FreeTypeFont:
    return font_of(round(points * dpi / 72))


def draw_page(lines: tuple[str, ...] = LINES, dpi: int = 200, points: float = 13.0) -> Drawn:
    """An upright A4 page in grey."""
    font = print_font(points, dpi)
    size = tuple(round(side * dpi / 72) for side in A4)
    image = Image.new("L", size, 250)
    pen = ImageDraw.Draw(image)
    placed = []
    for index, line in enumerate(lines):
        x, y = 70 * dpi / 72, (90 + index * 2.0 * points) * dpi / 72
        pen.text((x, y), line, font=font, fill=20)
        box = pen.textbbox((x, y), line, font=font)
        placed.append((line, tuple(value * 72 / dpi for value in box)))
    return Drawn(image, dpi, placed)


def skewed(image: Image.Image, degrees: float) -> Image.Image:
    """Lines fall to the right by ``degrees``."""
    return image.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor=250)


def saved(image: Image.Image, path: Path, dpi: int = 200, **how: object) -> Path:
    image.save(path, dpi=(dpi, dpi), **how)
    return path


def scan_pdf(
    path: Path,
    image: Image.Image,
    dpi: int = 200,
    hidden: str = "",
    rotate: int = 0,
    extra: bytes = b"",
) -> Path:
    """A PDF page that is one JPEG, over text in mode 3 that says something else."""
    buffer = io.BytesIO()
    image.convert("L").save(buffer, "JPEG", quality=85)
    width, height = (side * 72 / dpi for side in image.size)
    pdf = pikepdf.new()
    picture = pdf.make_stream(
        buffer.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    helvetica = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    content = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Im0 Do Q\n".encode()
    if hidden:
        content += f"BT 3 Tr /F1 12 Tf 72 700 Td ({hidden}) Tj ET\n".encode()
    pdf.add_blank_page(page_size=(width, height))
    page = pdf.pages[0]
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=picture), Font=pikepdf.Dictionary(F1=helvetica)
    )
    page.obj.Contents = pdf.make_stream(content + extra)
    if rotate:
        page.obj.Rotate = rotate
    pdf.save(path)
    return path


def digital_pdf(path: Path, lines: tuple[str, ...] = LINES, pages: int = 1) -> Path:
    """A PDF with real text in an embedded font."""
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    pdf.add_font("Tinos", fname=str(need_font(FONT)))
    pdf.set_font("Tinos", size=13)
    for number in range(pages):
        pdf.add_page()
        for index, line in enumerate(lines):
            pdf.text(70, 90 + index * 26, line if pages == 1 else f"{line} {number + 1}")
    pdf.output(str(path))
    return path


def stamp(path: Path, out: Path, lines: tuple[str, ...], *, signature: bool = True) -> Path:
    """A copy with an annotation whose appearance shows ``lines``, as signing programs make it."""
    from fpdf import FPDF

    maker = FPDF(unit="pt", format=(200, 60))
    maker.set_margin(0)
    maker.add_font("Tinos", fname=str(need_font(FONT)))
    maker.set_font("Tinos", size=9)
    maker.add_page()
    for index, line in enumerate(lines):
        maker.text(5, 15 + index * 14, line)
    drawn = pikepdf.open(io.BytesIO(bytes(maker.output())))
    with pikepdf.open(path) as pdf:
        form = pdf.copy_foreign(drawn.pages[0].as_form_xobject())
        rect = [300, 120, 500, 180]
        widget = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T=pikepdf.String("Signature1"),
                F=132,
                Rect=rect,
                P=pdf.pages[0].obj,
                AP=pikepdf.Dictionary(N=form),
            )
        )
        if signature:
            widget.V = pdf.make_indirect(
                pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite"))
            )
        pdf.pages[0].obj.Annots = pikepdf.Array([widget])
        pdf.Root.AcroForm = pdf.make_indirect(
            pikepdf.Dictionary(Fields=pikepdf.Array([widget]), SigFlags=3)
        )
        pdf.save(out)
    return out


def character_error(read: str, truth: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(" ".join(truth.split()), " ".join(read.split())) / len(truth)


def rotate_point(
    x: float, y: float, degrees: float, width: float, height: float
) -> tuple[float, float]:
    """Where a point goes when lines are made to fall by ``degrees`` about the page's middle."""
    dx, dy, angle = x - width / 2, y - height / 2, math.radians(degrees)
    return (
        dx * math.cos(angle) - dy * math.sin(angle) + width / 2,
        dx * math.sin(angle) + dy * math.cos(angle) + height / 2,
    )
