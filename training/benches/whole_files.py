"""A drawn file of every kind that is read, whole: pictures, scans in PDFs, PDFs of text."""

import io
from functools import cache

import pikepdf
import pillow_heif
from PIL import Image, ImageDraw, ImageFont

pillow_heif.register_heif_opener()

PAGE = (420, 594)
"""Pixels of the drawn pages: A4 at 51 dpi, small enough for thousands."""
_TEXT = ("Giay bien nhan so 27", "Ngay 05 thang 11 nam 2025", "Trang thu nghiem")


@cache
def originals() -> dict[str, bytes]:
    """A drawn file of every kind, whole."""
    grey = _drawn()
    colour, bits = grey.convert("RGB"), grey.convert("1")
    made = {
        "jpeg": saved(grey, "JPEG", quality=80),
        "colour-jpeg": saved(colour, "JPEG", quality=80, progressive=True),
        "png": saved(grey, "PNG"),
        "bits-png": saved(bits, "PNG"),
        "palette-png": saved(colour.convert("P"), "PNG"),
        "group4-tiff": saved(bits, "TIFF", compression="group4"),
        "lzw-tiff": saved(colour, "TIFF", compression="tiff_lzw"),
        "jpeg-tiff": saved(colour, "TIFF", compression="jpeg"),
        "many-tiff": saved(bits, "TIFF", save_all=True, append_images=[bits, bits]),
        "webp": saved(grey, "WEBP"),
        "heic": saved(colour, "HEIF"),
    }
    return made | _documents(made["jpeg"], made["group4-tiff"])


def _documents(jpeg: bytes, group4: bytes) -> dict[str, bytes]:
    pictures: dict[str, tuple[bytes, dict[str, pikepdf.Object], int]] = {
        "dct": (jpeg, {"Filter": pikepdf.Name.DCTDecode}, 8),
        "ccitt": (_strip(group4), {
            "Filter": pikepdf.Name.CCITTFaxDecode,
            "DecodeParms": pikepdf.Dictionary(K=-1, Columns=PAGE[0], Rows=PAGE[1]),
        }, 1),
    }  # fmt: skip
    made = {}
    for name, (data, entries, bits) in pictures.items():
        with pikepdf.new() as pdf:
            _scan_page(pdf, data, entries, bits)
            _scan_page(pdf, data, entries, bits)
            made[f"{name}-pdf"] = written(pdf)
            made[f"{name}-packed-pdf"] = written(
                pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate
            )
    with pikepdf.new() as pdf:
        text_page(pdf)
        made["text-pdf"] = written(pdf)
        annotate(pdf, 1)
        made["stamped-pdf"] = written(pdf)
    return made


def _drawn() -> Image.Image:
    page = Image.new("L", PAGE, 250)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(16)
    for row, text in enumerate(_TEXT):
        pen.text((30, 60 + 40 * row), text, font=font, fill=20)
    return page


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    """A picture as a file of that kind."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def written(pdf: pikepdf.Pdf, **how: object) -> bytes:
    """A PDF as a file."""
    buffer = io.BytesIO()
    pdf.save(buffer, **({"object_stream_mode": pikepdf.ObjectStreamMode.disable} | how))
    return buffer.getvalue()


def _strip(tiff: bytes) -> bytes:
    with Image.open(io.BytesIO(tiff)) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        return tiff[tags[273][0] : tags[273][0] + tags[279][0]]


def _scan_page(
    pdf: pikepdf.Pdf,
    data: bytes,
    entries: dict[str, pikepdf.Object],
    bits: int = 8,
    size: tuple[int, int] = PAGE,
) -> pikepdf.Object:
    picture = pdf.make_stream(
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=bits,
        **entries,
    )
    page = _blank(pdf)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    return page


def _blank(pdf: pikepdf.Pdf) -> pikepdf.Object:
    pdf.add_blank_page(page_size=(595, 842))
    return pdf.pages[-1].obj


def text_page(pdf: pikepdf.Pdf, font: pikepdf.Object | None = None) -> pikepdf.Object:
    """Add a page of text, in Helvetica or another font; its dictionary."""
    page = _blank(pdf)
    plain = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font or plain))
    lines = " T* ".join(f"({text}) Tj" for text in _TEXT)
    page.Contents = pdf.make_stream(f"BT /F1 14 Tf 16 TL 72 700 Td {lines} ET".encode("ascii"))
    return page


def annotate(pdf: pikepdf.Pdf, count: int) -> None:
    """Lay so many stamps on the first page."""
    form = pdf.make_stream(
        b"0 0 50 20 re f", Subtype=pikepdf.Name.Form, Type=pikepdf.Name.XObject,
        BBox=[0, 0, 50, 20],
    )  # fmt: skip
    pdf.pages[0].obj.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Stamp,
                Rect=[index % 500, 100, index % 500 + 50, 120],
                AP=pikepdf.Dictionary(N=form),
            )
            for index in range(count)
        ]
    )
