"""Pages that other programs put together, drawn by the bench: scans with captions, forms, ...

Every page says a few sentences of its own in several ways in which a viewer shows them. The same
seed gives the same pages. All texts are invented.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz import fuzz

from sohoa.sheet import font_file

A4 = (595.28, 841.89)
LIKE = 92.0
"""Of 100, how like a sentence what was read must be."""
_SAID = (
    "Công văn đến ngày mười bốn tháng năm",
    "Giấy xác nhận thông tin về cư trú",
    "Bản sao có giá trị pháp lý như bản chính",
    "Ủy ban nhân dân phường tiếp nhận hồ sơ",
    "Người khai chịu trách nhiệm trước pháp luật",
    "Thời hạn giải quyết là bảy ngày làm việc",
    "Đề nghị công dân mang theo giấy hẹn",
    "Kết quả được trả tại bộ phận một cửa",
)


@dataclass
class DrawnFile:
    """A PDF of one page, what a viewer shows of it in words, and what it hides."""

    path: Path
    kinds: tuple[str, ...]
    said: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def missing(self, text: str) -> list[str]:
        """What is said and not found in ``text``: neither its number nor anything like it."""
        return [
            said
            for said in self.said
            if said.split()[-1] not in text and fuzz.partial_ratio(said, text) < LIKE
        ]

    def leaked(self, text: str) -> list[str]:
        """What is hidden and yet stands in ``text``."""
        return [hidden for hidden in self.hidden if hidden.split()[-1] in text]


@dataclass
class _Page:
    """A page being put together: a base by fpdf2, then what only pikepdf can add."""

    rng: np.random.Generator
    pdf: FPDF
    said: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    later: list[Callable[[pikepdf.Pdf], None]] = field(default_factory=list)
    top: float = 40.0
    """Where there is still room, points from the upper edge."""

    def room(self, height: float) -> float:
        """The upper edge of a free strip."""
        at, self.top = self.top, self.top + height + 14
        return at

    def sentence(self) -> str:
        """A sentence with a number of its own."""
        text = _SAID[int(self.rng.integers(len(_SAID)))]
        return f"{text} {int(self.rng.integers(1_000, 9_999))}"


def draw_composed(folder: Path, count: int, seed: int = 1) -> list[DrawnFile]:
    """Write ``count`` files into ``folder``, every one of a few kinds of content.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_file(folder / f"composed-{n:04d}.pdf", n, seed) for n in range(count)]


def _file(path: Path, number: int, seed: int) -> DrawnFile:
    rng = np.random.default_rng((seed, number))
    pdf = FPDF(unit="pt", format=A4)
    pdf.set_auto_page_break(False)
    pdf.add_font("Tinos", fname=str(font_file("Regular")))
    pdf.set_font("Tinos", size=13)
    pdf.add_page()
    page = _Page(rng, pdf)
    names = list(KINDS)
    first = names[number % len(names)]
    others = rng.choice([name for name in names if name != first], 2, replace=False)
    kinds = (first, *(str(name) for name in others))
    for name in kinds:
        KINDS[name](page)
    with pikepdf.open(io.BytesIO(bytes(pdf.output()))) as made:
        for change in page.later:
            change(made)
        _page_box(made, rng)
        made.save(path, deterministic_id=True)
    return DrawnFile(path, kinds, page.said, page.hidden)


def _page_box(pdf: pikepdf.Pdf, rng: np.random.Generator) -> None:
    """Now and then a page that is turned, cropped, or in another unit."""
    page = pdf.pages[0].obj
    choice = int(rng.integers(6))
    if choice == 0:
        page.Rotate = int(rng.choice([90, 180, 270]))
    elif choice == 1:
        page.CropBox = pikepdf.Array([10, 12, A4[0] - 8, A4[1] - 6])
    elif choice == 2:
        page.UserUnit = 2


def _picture(texts: list[str], dpi: float, size: tuple[float, float], paper: int) -> Image.Image:
    """A grey picture of that size in points with lines of text."""
    image = Image.new("L", (round(size[0] * dpi / 72), round(size[1] * dpi / 72)), paper)
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(font_file("Regular")), 13 * dpi / 72)
    for row, text in enumerate(texts):
        pen.text((8 * dpi / 72, (8 + row * 22) * dpi / 72), text, font=font, fill=30)
    return image


def _text(page: _Page) -> None:
    for _ in range(3):
        text = page.sentence()
        page.pdf.text(60, page.room(16) + 12, text)
        page.said.append(text)


def _scan(page: _Page) -> None:
    """A scan of part of the page."""
    texts = [page.sentence() for _ in range(5)]
    at = page.room(130)
    image = _picture(texts, 200, (420, 130), 244)
    noisy = np.asarray(image, np.float32) + page.rng.normal(0, 6, image.size[::-1])
    page.pdf.image(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), 60, at, 420, 130)
    page.said += texts


def _strips(page: _Page) -> None:
    """A scan in strips, as some scanners write it."""
    texts = [page.sentence() for _ in range(3)]
    at = page.room(80)
    image = _picture(texts, 200, (400, 80), 250)
    step = image.height // 4
    for row in range(0, image.height, step):
        part = image.crop((0, row, image.width, min(row + step, image.height)))
        y = at + row * 72 / 200
        page.pdf.image(part, 70, y, 400, part.height * 72 / 200)
    page.said += texts


def _soft(page: _Page) -> None:
    """A picture with a soft mask: letters alone, the paper let through."""
    text = page.sentence()
    grey = _picture([text], 200, (380, 34), 255)
    letters = Image.new("RGBA", grey.size, (20, 20, 120, 0))
    letters.putalpha(grey.point(lambda value: 255 - value))
    page.pdf.image(letters, 60, page.room(34), 380, 34)
    page.said.append(text)


def _stencil(page: _Page) -> None:
    """An image mask that paints letters."""
    text = page.sentence()
    bits = _picture([text], 200, (380, 34), 255).point(lambda value: 255 * (value > 128))
    at = page.room(34)

    def add(pdf: pikepdf.Pdf) -> None:
        one_bit = bits.convert("1")
        mask = pdf.make_stream(
            one_bit.tobytes(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=one_bit.width,
            Height=one_bit.height,
            ImageMask=True,
            BitsPerComponent=1,
        )
        _content(pdf, f"0.1 g 380 0 0 34 60 {A4[1] - at - 34:.2f} cm /Stencil Do", Stencil=mask)

    page.later.append(add)
    page.said.append(text)


def _outlines(page: _Page) -> None:
    """Letters as paths: what drawing programs make of text."""
    from fontTools.pens.svgPathPen import SVGPathPen  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    text = page.sentence()
    at = page.room(24)
    font = TTFont(str(font_file("Regular")))
    glyphs, cmap, scale = font.getGlyphSet(), font.getBestCmap(), 14 / font["head"].unitsPerEm
    x, parts = 60.0, list[str]()
    for char in text:
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.0f} ")
        glyphs[cmap[ord(char)]].draw(pen)
        parts.append(f"q {scale:.5f} 0 0 {scale:.5f} {x:.2f} {A4[1] - at - 16:.2f} cm")
        parts.append(_path_operators(pen._commands) + " f Q")
        x += glyphs[cmap[ord(char)]].width * scale
    page.later.append(lambda pdf: _content(pdf, "0 g " + " ".join(parts)))
    page.said.append(text)


def _path_operators(commands: list[str]) -> str:
    """Commands of an SVG path (absolute M, L, H, V, Q, C, Z) as operators of PDF."""
    said, x, y = list[str](), 0.0, 0.0
    for command in commands:
        numbers = [float(one) for one in command[1:].replace(",", " ").split()]
        match command[0]:
            case "M" | "L":
                x, y = numbers
                said.append(f"{x} {y} {'m' if command[0] == 'M' else 'l'}")
            case "H" | "V":
                x, y = (numbers[0], y) if command[0] == "H" else (x, numbers[0])
                said.append(f"{x} {y} l")
            case "Q":
                a, b, c, d = numbers
                said.append(
                    f"{(x + 2 * a) / 3:.1f} {(y + 2 * b) / 3:.1f} "
                    f"{(c + 2 * a) / 3:.1f} {(d + 2 * b) / 3:.1f} {c} {d} c"
                )
                x, y = c, d
            case "Z":
                said.append("h")
    return " ".join(said)


def _content(pdf: pikepdf.Pdf, operators: str, **objects: pikepdf.Object) -> None:
    """Content behind that of the page, and objects among its resources."""
    page = pdf.pages[0]
    if objects:
        known = page.obj.Resources.get("/XObject", pikepdf.Dictionary())
        for name, thing in objects.items():
            known[f"/{name}"] = thing
        page.obj.Resources.XObject = known
    page.contents_add(pdf.make_stream(f"q {operators} Q".encode("ascii")))


def _annotation(pdf: pikepdf.Pdf, **entries: Any) -> pikepdf.Object:
    made = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, F=4, **entries))
    page = pdf.pages[0].obj
    if "/Annots" not in page:
        page.Annots = pikepdf.Array()
    page.Annots.append(made)
    return made


def _upside(at: float, height: float, x0: float = 60, x1: float = 480) -> pikepdf.Array:
    return pikepdf.Array([x0, A4[1] - at - height, x1, A4[1] - at])


def _comment(page: _Page) -> None:
    """FreeText, ink and a highlight without appearances; a hidden comment."""
    text, hidden = page.sentence(), page.sentence()
    at = page.room(30)

    def add(pdf: pikepdf.Pdf) -> None:
        look = {"DA": pikepdf.String("0 0 1 rg /Helv 13 Tf")}
        place = _upside(at, 26)
        _annotation(pdf, Subtype=pikepdf.Name.FreeText, Rect=place, Contents=text, **look)
        unseen = _annotation(
            pdf, Subtype=pikepdf.Name.FreeText, Rect=place, Contents=hidden, **look
        )
        unseen.F = 2
        stroke = pikepdf.Array([500, A4[1] - at, 520, A4[1] - at - 20, 545, A4[1] - at - 4])
        _annotation(
            pdf, Subtype=pikepdf.Name.Ink, Rect=_upside(at, 26, 495, 550),
            InkList=pikepdf.Array([stroke]), C=pikepdf.Array([1, 0, 0]),
        )  # fmt: skip
        _annotation(
            pdf, Subtype=pikepdf.Name.Highlight, Rect=_upside(at, 20, 60, 160),
            C=pikepdf.Array([1, 1, 0]),
        )  # fmt: skip

    page.later.append(add)
    page.said.append(text)
    page.hidden.append(hidden)


def _form(page: _Page) -> None:
    """A form whose values have no appearance."""
    text, chosen = page.sentence(), page.sentence()
    at = page.room(50)

    def add(pdf: pikepdf.Pdf) -> None:
        fields = pikepdf.Array()
        look = pikepdf.String("/Helv 0 Tf 0 g")
        fields.append(_annotation(
            pdf, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="a", V=text, DA=look,
            Rect=_upside(at, 20),
        ))  # fmt: skip
        options = pikepdf.Array([pikepdf.Array([pikepdf.String("k1"), pikepdf.String(chosen)])])
        fields.append(_annotation(
            pdf, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Ch, Ff=1 << 17, T="b", V="k1",
            Opt=options, DA=look, Rect=_upside(at + 26, 20),
        ))  # fmt: skip
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=fields, NeedAppearances=True, DA=look)

    page.later.append(add)
    page.said += [text, chosen]


def _stamp(page: _Page) -> None:
    """A picture of text as the appearance of a stamp."""
    texts = [page.sentence() for _ in range(2)]
    at = page.room(56)
    image = _picture(texts, 200, (400, 56), 255)

    def add(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(
            image.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image,
            Width=image.width, Height=image.height, ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
        )  # fmt: skip
        form = pdf.make_stream(
            b"400 0 0 56 0 0 cm /I Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form,
            BBox=pikepdf.Array([0, 0, 400, 56]),
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture)),
        )  # fmt: skip
        _annotation(
            pdf, Subtype=pikepdf.Name.Stamp, Rect=_upside(at, 56, 60, 460),
            AP=pikepdf.Dictionary(N=form),
        )  # fmt: skip

    page.later.append(add)
    page.said += texts


def _white(page: _Page) -> None:
    """White text on white paper, and text under an opaque box: nobody sees either."""
    one, other = page.sentence(), page.sentence()
    page.pdf.set_text_color(255)
    page.pdf.text(60, page.room(16) + 12, one)
    page.pdf.set_text_color(0)
    at = page.room(20)
    page.pdf.text(60, at + 12, other)
    page.pdf.set_fill_color(30)
    page.pdf.rect(55, at, 380, 18, style="F")
    page.hidden += [one, other]


def _layer(page: _Page) -> None:
    """Optional content that is off."""
    hidden, at = page.sentence(), page.room(40)
    image = _picture([hidden], 200, (380, 34), 255)

    def add(pdf: pikepdf.Pdf) -> None:
        group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="L"))
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=pikepdf.Array([group]), D=pikepdf.Dictionary(OFF=pikepdf.Array([group]))
        )
        picture = pdf.make_stream(
            image.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image,
            Width=image.width, Height=image.height, ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8, OC=group,
        )  # fmt: skip
        _content(pdf, f"380 0 0 34 60 {A4[1] - at - 34:.2f} cm /Off Do", Off=picture)

    page.later.append(add)
    page.hidden.append(hidden)


KINDS: dict[str, Callable[[_Page], None]] = {
    "text": _text,
    "scan": _scan,
    "strips": _strips,
    "soft mask": _soft,
    "image mask": _stencil,
    "outlines": _outlines,
    "comments": _comment,
    "form": _form,
    "picture in a stamp": _stamp,
    "white and covered text": _white,
    "layer that is off": _layer,
}
"""Ways in which a page says something, or hides it, by name."""
