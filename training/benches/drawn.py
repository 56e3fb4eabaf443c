"""Pages the benchmark draws itself: the project's own Vietnamese sentences, made to look scanned.

The same call gives the same pages. No font, paper or noise of anybody's files is imitated.
"""

import io
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pikepdf
import yaml
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sohoa.sheet import font_file

A4_INCHES = (595.276 / 72, 841.89 / 72)
MARGIN_INCHES = 1.1
LINE_SPACING = 1.6
_PLACEHOLDER = re.compile(r"\{\w+\}")
PAPER = (246, 243, 236)


class Style(NamedTuple):
    """How one file is set and scanned."""

    name: str
    family: str
    face: str
    points: float
    dpi: int
    bilevel: bool
    pages: int


STYLES = (
    Style("colour-300", "Tinos", "Regular", 13.5, 300, False, 4),
    Style("colour-300-sans", "Arimo", "Regular", 12.0, 300, False, 2),
    Style("one-bit-200", "Tinos", "Regular", 14.0, 200, True, 3),
    Style("one-bit-200-italic", "Tinos", "Italic", 13.0, 200, True, 1),
)


def draw_pages(folder: Path, styles: Sequence[Style] = STYLES, seed: int = 1) -> list[Path]:
    """Write one PDF and its truth (``.gt.txt``) for each style into ``folder``.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, style in enumerate(styles):
        rng = np.random.default_rng((seed, number))
        words = _words(rng)
        truth: list[str] = []
        path = folder / f"{style.name}.pdf"
        with pikepdf.new() as pdf:
            for _ in range(style.pages):
                page, text = _page(words, style)
                truth += text
                _add(pdf, _scanned(page, style, rng), style)
            pdf.save(path)
        path.with_suffix(".gt.txt").write_text("\n".join(truth) + "\n", encoding="utf-8")
        made.append(path)
    return made


def _words(rng: np.random.Generator) -> Iterator[str]:
    """The sentences of the catalogues, again and again in another order, as words."""
    sentences: list[str] = []
    for source in sorted(files("schemas.messages").iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".yaml"):
            catalogue = yaml.safe_load(source.read_text(encoding="utf-8"))
            sentences += [_PLACEHOLDER.sub("12", entry["vi"]) for entry in catalogue.values()]
    while True:
        for index in rng.permutation(len(sentences)):
            yield from sentences[index].split()


def _page(words: Iterator[str], style: Style) -> tuple[Image.Image, list[str]]:
    """A page full of text in grey, and its lines."""
    width, height = (round(side * style.dpi) for side in A4_INCHES)
    margin = round(MARGIN_INCHES * style.dpi)
    file = font_file("Regular").with_name(f"{style.family}-{style.face}.ttf")
    size = style.points * style.dpi / 72
    font = ImageFont.truetype(str(file if file.is_file() else font_file("Regular")), size)
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    lines, line, y = list[str](), "", float(margin)
    while y < height - margin - size:
        word = next(words)
        longer = f"{line} {word}".strip()
        if font.getlength(longer) > width - 2 * margin:
            pen.text((margin, y), line, font=font, fill=25)
            lines.append(line)
            line, y = word, y + size * LINE_SPACING
        else:
            line = longer
    return image, lines


def _scanned(page: Image.Image, style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grey as a scanner sees it: a little turned, soft, with grain."""
    turned = page.rotate(rng.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(0.5 * style.dpi / 200))
    grey = np.asarray(soft, np.float32) + rng.normal(0.0, 9.0, (page.height, page.width))
    return np.clip(grey, 0, 255).astype(np.uint8)


def _add(pdf: pikepdf.Pdf, grey: NDArray[np.uint8], style: Style) -> None:
    """The page as one picture: a colour JPEG, or 1-bit."""
    height, width = grey.shape
    about = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image}
    about |= {"Width": width, "Height": height}
    if style.bilevel:
        data = np.packbits(grey > 150, axis=1).tobytes()
        picture = pdf.make_stream(
            data, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1, **about
        )
    else:
        buffer = io.BytesIO()
        colour = grey[:, :, None] / 255 * np.array(PAPER, np.float32)
        Image.fromarray(colour.astype(np.uint8)).save(buffer, "JPEG", quality=82)
        picture = pdf.make_stream(
            buffer.getvalue(),
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
            **about,
        )
    size = (width * 72 / style.dpi, height * 72 / style.dpi)
    pdf.add_blank_page(page_size=size)
    sheet = pdf.pages[-1]
    sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=picture))
    content = f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm /Page Do Q\n"
    sheet.obj.Contents = pdf.make_stream(content.encode("ascii"))
