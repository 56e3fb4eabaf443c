"""Pages that cannot be kept as they are: drawn as a picture, or a note in their place."""

import unicodedata
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.files import open_pages
from ocr.files.page_box import A4, MAX_SIDE, MIN_SIDE
from ocr.options import ReadingOptions
from ocr.pdfa.embedding import embed_bits, embed_jpeg, embed_lossless
from ocr.pdfa.layers import layered
from ocr.pdfa.sheets import OutputPage
from ocr.pdfa.spool import PageImage
from schemas.messages import sentence
from schemas.page import PageKind, PageReading, Shown

DRAWING_DPI = 300.0
DRAWING_QUALITY = 92
COLOUR_TOLERANCE = 12
"""Difference of channels, of 255, up to which a drawn page counts as grey."""
NOTE_DPI = 100
NOTE_POINTS = 13


def picture_content(width: float, height: float, *names: str) -> bytes:
    """Content that fills a page of that size in points with images, one over the other."""
    drawn = " ".join(f"{name} Do" for name in names)
    return f"q {width:.4f} 0 0 {height:.4f} 0 0 cm {drawn} Q\n".encode("ascii")


def draw_sheet(
    path: Path, reading: PageReading, options: ReadingOptions, *, compact: bool = False
) -> OutputPage:
    """The page as a picture of 300 dpi, stamps included, with all its words to be laid over.

    With ``compact`` the picture is in layers, where that saves something.

    Raises:
        InputRejected: ``reading.broken``.
    """
    with open_pages.open_page(path, reading.number, forms=True) as page:
        own = page.get_size()
        width, height = reading.size_as_stored
        dpi = min(DRAWING_DPI, 72 * float(np.sqrt(options.max_pixels / (width * height))))
        scale = dpi / 72 * max(width / own[0], height / own[1])
        bitmap = page.render(scale=scale, draw_annots=True, may_draw_forms=True)
        picture = _as_grey_if_grey(bitmap.to_pil().convert("RGB"))
    image, shown = _drawn(picture, reading.kind), Shown.drawn
    images = {"/Page": image}
    if compact and (layers := layered(picture, dpi, len(image.data))) is not None:
        images, shown = layers, Shown.layered
    return OutputPage(
        media=(0.0, 0.0, width, height),
        rotation=reading.rotation,
        content=picture_content(width, height, *images),
        words=reading.words,
        images=images,
        shown=shown,
    )


def _drawn(picture: Image.Image, kind: PageKind) -> PageImage:
    if kind is PageKind.digital:
        return embed_lossless(picture)
    return embed_jpeg(picture, DRAWING_QUALITY)


def _as_grey_if_grey(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture)
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return picture.convert("L") if int(spread.max(initial=0)) <= COLOUR_TOLERANCE else picture


def note_sheet(reading: PageReading) -> OutputPage:
    """A page that says that the page is not shown, and where it is.

    Drawn without tone marks: the one font that is surely there has none.
    """
    width, height = reading.width, reading.height
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        width, height = A4[2], A4[3]
    size = (round(width * NOTE_DPI / 72), round(height * NOTE_DPI / 72))
    picture = Image.new("L", (max(1, size[0]), max(1, size[1])), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(NOTE_POINTS * NOTE_DPI / 72)
    row = 0.1 * size[1]
    for language in ("vi", "en"):
        text = sentence("reading.page_not_shown", language, page=reading.number)
        for line in _lines(_unmarked(text), font, 0.8 * size[0]):
            pen.text((0.1 * size[0], row), line, font=font, fill=0)
            row += 1.5 * NOTE_POINTS * NOTE_DPI / 72
        row += NOTE_POINTS * NOTE_DPI / 72
    image = embed_bits(picture.point(lambda value: 255 * (value > 150)).convert("1"))
    return OutputPage(
        media=(0.0, 0.0, width, height),
        rotation=0,
        content=picture_content(width, height, "/Page"),
        words=(),
        images={"/Page": image},
        shown=Shown.missing,
    )


def _unmarked(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", "ignore").decode()


def _lines(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
