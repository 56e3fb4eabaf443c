"""Scans of several documents with odd pages mixed in, written as PDF, with what is true of them."""

import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pikepdf
from PIL import Image

from training.benches.odd_pages import DPI, DRAWN, SIZE, Page, empty, scanned, through
from training.benches.skew import Kind, draw
from usecases.cover_sheet import cover_sheets

PAGE_SIZE = (1240 * 72 / DPI, 1754 * 72 / DPI)
TYPED = ("Da nhan ho so luc 8 gio 30", "Ban sao y ban chinh so 12")
"""Lines that programs type over scans, in the letters of a standard font."""
VARIANTS = 8
"""Printed pages of each kind."""
DOSSIER = "H17-261123-0001"


class Scan(NamedTuple):
    """A file and what is true of its pages, in order."""

    path: Path
    pages: tuple[Page, ...]
    attached: tuple[str, ...] = ()
    """Lines of a file that is attached to it."""


Writer = Callable[[pikepdf.Pdf, np.random.Generator], Page]


def draw_scan(folder: Path, seed: int, number: int, kinds: Sequence[str]) -> Scan:
    """Scan ``number`` of series ``seed``: two or three documents, with one or two pages of
    ``kinds`` after or between them, empty sheets, backs and cover sheets.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    dice = np.random.default_rng((seed, number))
    path, pages = folder / f"{number}.pdf", list[Page]()
    attached: tuple[str, ...] = ()
    with pikepdf.new() as pdf:
        if dice.random() < 0.2:
            pages.append(_cover(pdf, dice))
        documents = 2 if dice.random() < 0.7 else 3
        odd = dice.permutation(len(kinds))[: int(dice.integers(1, 3))]
        places = dice.integers(0, documents, len(odd))
        for at in range(documents):
            pages += _document(pdf, dice, number + at)
            for which in odd[places == at]:
                if kinds[which] == "attachment":
                    attached = _attach(pdf)
                else:
                    pages.append(_odd(kinds[which])(pdf, dice))
            if at + 1 < documents and dice.random() < 0.75:
                pages.append(_picture(pdf, empty(dice), dice))
        pdf.save(path)
    return Scan(path, tuple(pages), attached)


def _document(pdf: pikepdf.Pdf, dice: np.random.Generator, number: int) -> list[Page]:
    """A notice of one or two pages, sometimes with backs through which they shine."""
    backs = dice.random() < 0.2
    made: list[Page] = []
    kinds = (Kind.notice, Kind.last) if dice.random() < 0.4 else (Kind.notice,)
    for kind in kinds:
        image, texts = _drawn(kind, number % VARIANTS)
        made.append(_picture(pdf, Page("document", image, texts), dice))
        if backs:
            made.append(_picture(pdf, Page("back", through(image, dice), (), False), dice))
    return made


@cache
def _drawn(kind: Kind, variant: int) -> tuple[Image.Image, tuple[str, ...]]:
    """A printed page and its lines."""
    drawn = draw(kind, DPI, seed=variant)
    return Image.fromarray(drawn.grey).convert("RGB").resize(SIZE), drawn.texts


def _add(pdf: pikepdf.Pdf, image: Image.Image, share: float = 1.0) -> pikepdf.Page:
    """A new page with a JPEG on it, of ``share`` of its width and height."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality="keep" if image.format == "JPEG" else 80)
    picture = pdf.make_stream(
        buffer.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    pdf.add_blank_page(page_size=PAGE_SIZE)
    page = pdf.pages[-1]
    helvetica = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Scan=picture), Font=pikepdf.Dictionary(F1=helvetica)
    )
    width, height = (side * share for side in PAGE_SIZE)
    page.obj.Contents = pdf.make_stream(
        f"q {width:.2f} 0 0 {height:.2f} 30 20 cm /Scan Do Q\n".encode("ascii")
        if share < 1
        else f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Scan Do Q\n".encode("ascii")
    )
    return page


def _picture(pdf: pikepdf.Pdf, page: Page, dice: np.random.Generator) -> Page:
    _add(pdf, scanned(page.image, dice))
    return page


def _cover(pdf: pikepdf.Pdf, dice: np.random.Generator) -> Page:
    with pikepdf.open(io.BytesIO(cover_sheets([DOSSIER]))) as sheets:
        pdf.pages.extend(sheets.pages)
    return Page("cover", empty(dice).image, (), False)


def _letter(dice: np.random.Generator) -> tuple[Image.Image, tuple[str, ...]]:
    return _drawn(Kind.last, int(dice.integers(VARIANTS)))


def _typed_over(pdf: pikepdf.Pdf, dice: np.random.Generator) -> Page:
    """A scan of half the page or more, under a line that a program typed."""
    image, texts = _letter(dice)
    page = _add(pdf, scanned(image, dice), float(dice.uniform(0.72, 0.9)))
    line = TYPED[int(dice.integers(len(TYPED)))]
    said = f"BT /F1 11 Tf 60 {PAGE_SIZE[1] - 30:.0f} Td ({line}) Tj ET\n".encode("ascii")
    page.contents_add(pdf.make_stream(said))
    return Page("typed over", image, (line, *texts))


def _in_annotation(pdf: pikepdf.Pdf, dice: np.random.Generator) -> Page:
    """An empty sheet, and all that stands on it in the appearance of a stamp."""
    image, texts = _letter(dice)
    scan = _add(pdf, scanned(image, dice))
    shown = pdf.make_indirect(scan.as_form_xobject())
    del pdf.pages[-1]
    page = _add(pdf, scanned(empty(dice).image, dice))
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4, Rect=[0, 0, *PAGE_SIZE],
        AP=pikepdf.Dictionary(N=shown),
    )  # fmt: skip
    page.obj.Annots = pikepdf.Array([pdf.make_indirect(stamp)])
    return Page("stamp annotation", image, texts)


def _free_text(pdf: pikepdf.Pdf, dice: np.random.Generator) -> Page:
    """An empty sheet with a FreeText annotation that has no appearance."""
    sheet = empty(dice)
    page = _add(pdf, scanned(sheet.image, dice))
    line = TYPED[int(dice.integers(len(TYPED)))]
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, F=4, Rect=[80, 600, 400, 640],
        Contents=pikepdf.String(line), DA=pikepdf.String("/Helv 12 Tf 0 g"),
    )  # fmt: skip
    page.obj.Annots = pikepdf.Array([pdf.make_indirect(note)])
    return Page("free text", sheet.image, (line,))


def _vector(pdf: pikepdf.Pdf, dice: np.random.Generator) -> Page:
    """A page that no scanner has seen, with a few thin lines."""
    pdf.add_blank_page(page_size=PAGE_SIZE)
    grey, left = float(dice.uniform(0.2, 0.95)), int(dice.integers(80, 400))
    content = f"{grey:.2f} G 0.4 w {left} 300 m {left + 90} 420 l {left + 20} 500 l S\n"
    pdf.pages[-1].obj.Contents = pdf.make_stream(content.encode("ascii"))
    return Page("vector", empty(dice).image)


def _attach(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """A PDF with a small line of text as an attached file; its lines."""
    inner = io.BytesIO()
    with pikepdf.new() as paper:
        image = Image.new("RGB", (1240, 1754), "white")
        _add(paper, image).contents_add(
            paper.make_stream(f"BT /F1 12 Tf 90 700 Td ({TYPED[0]}) Tj ET\n".encode("ascii"))
        )
        paper.save(inner)
    pdf.attachments["giay-to.pdf"] = pikepdf.AttachedFileSpec(pdf, inner.getvalue())
    return (TYPED[0],)


def _odd(kind: str) -> Writer:
    if kind in _WRITTEN:
        return _WRITTEN[kind]
    return lambda pdf, dice: _picture(pdf, DRAWN[kind](dice), dice)


_WRITTEN: dict[str, Writer] = {
    "typed over": _typed_over,
    "stamp annotation": _in_annotation,
    "free text": _free_text,
    "vector": _vector,
}
KINDS = (*DRAWN, *_WRITTEN, "attachment")
"""Kinds of odd pages; ``attachment`` is a file in the file."""
