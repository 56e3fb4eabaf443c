"""The searchable PDF/A-2b of a document that was read.

What people see stays as scanned: pictures are embedded as they are, pages of a PDF are kept. What
does not belong into an archive goes: forms, signatures (their stamps become page content),
scripts, attachments, hidden text of other programs. A page that cannot be made PDF/A is drawn.
"""

import logging
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pikepdf
from pikepdf import pdfa

from ocr.embedding import embed_picture
from ocr.options import ReadingOptions
from ocr.sheets import Sheet, draw_sheet, keep_sheet, part_soft_masks
from ocr.textlayer import LayerFont, layer, on_page
from ocr.values import FileKind, Inspection
from schemas.errors import InputRejected
from schemas.page import PageReading

FLAVOUR = "2b"
_MALFORMED = (
    pikepdf.PdfError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    RuntimeError,
)
"""What pikepdf raises on objects that are not what they should be."""

# fontTools, under the PDF/A check, reports every oddity of strangers' fonts as a warning
logging.getLogger("fontTools").setLevel(logging.ERROR)


def compose(
    path: Path,
    inspection: Inspection,
    pages: Sequence[PageReading],
    out: Path,
    options: ReadingOptions,
) -> tuple[str, ...]:
    """Write a PDF/A-2b with an invisible text layer to ``out``, checked before it appears there.

    ``pages`` are the readings of all pages of ``path`` in order. ``out`` is replaced in one step
    (temporary name, fsync, rename).

    Returns:
        Codes of warnings, e.g. ``reading.pages_drawn`` when pages could not be kept as they were.

    Raises:
        InputRejected: ``reading.broken``, ``reading.not_archivable``, ``reading.page_memory``.
    """
    if len(pages) != inspection.pages:
        raise ValueError("compose needs the reading of every page")
    try:
        if inspection.kind is FileKind.pdf:
            return _compose_pdf(path, pages, out, options)
        with pikepdf.new() as target:
            _write_pictures(target, path, inspection.kind, pages, options)
            _save(target, out)
        return ()
    except MemoryError as exc:
        raise InputRejected("reading.page_memory", page=0) from exc
    except pdfa.PdfaError as exc:
        raise InputRejected("reading.not_archivable") from exc
    except (pikepdf.PdfError, RuntimeError) as exc:
        raise InputRejected("reading.broken", kind=inspection.kind.value.upper()) from exc


def _write_pictures(
    target: pikepdf.Pdf,
    path: Path,
    kind: FileKind,
    pages: Sequence[PageReading],
    options: ReadingOptions,
) -> None:
    font = LayerFont()
    sheets = []
    for reading in pages:
        picture = embed_picture(target, path, kind, reading.number, options)
        sheet = Sheet(
            media=(0.0, 0.0, picture.width, picture.height),
            rotation=(picture.turn + reading.rotation) % 360,
            content=f"q {picture.width:.4f} 0 0 {picture.height:.4f} 0 0 cm /Page Do Q\n".encode(),
            resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=picture.image)),
            words=reading.words,
        )
        sheets.append((sheet, reading))
    _lay(target, sheets, font)


def _compose_pdf(
    path: Path, pages: Sequence[PageReading], out: Path, options: ReadingOptions
) -> tuple[str, ...]:
    """Keep every page; where that is not PDF/A, draw the pages that are to blame, or all."""
    drawn: set[int] = set()
    everything = {reading.number for reading in pages}
    while True:
        with pikepdf.open(path, suppress_warnings=True) as source, pikepdf.new() as target:
            drawn |= _write_pdf(target, source, path, pages, drawn, options)
            try:
                _save(target, out)
                break
            except (pdfa.PdfaError, *_MALFORMED):
                if drawn == everything:
                    raise
        drawn |= _blamed(path, pages, everything - drawn, options) or everything
    return ("reading.pages_drawn",) if drawn else ()


def _blamed(
    path: Path, pages: Sequence[PageReading], kept: set[int], options: ReadingOptions
) -> set[int]:
    """The kept pages that alone do not make a PDF/A."""
    blamed = set()
    with pikepdf.open(path, suppress_warnings=True) as source:
        for reading in pages:
            if reading.number not in kept:
                continue
            try:
                with pikepdf.new() as target:
                    _write_pdf(target, source, path, [reading], set(), options)
                    pdfa.prepare(target, FLAVOUR)
                    passed = pdfa.check(target, FLAVOUR).passed
            except _MALFORMED:
                passed = False
            if not passed:
                blamed.add(reading.number)
    return blamed


def _write_pdf(
    target: pikepdf.Pdf,
    source: pikepdf.Pdf,
    path: Path,
    pages: Sequence[PageReading],
    drawn: set[int],
    options: ReadingOptions,
) -> set[int]:
    """Put the pages into ``target``; returns those that were drawn."""
    font = LayerFont()
    sheets, now_drawn = [], set(drawn)
    for reading in pages:
        sheet = None
        if reading.number not in now_drawn:
            with suppress(*_MALFORMED):  # what nobody can follow is drawn
                sheet = keep_sheet(target, source, path, reading, options)
        if sheet is None:
            sheet = draw_sheet(target, path, reading, options)
            now_drawn.add(reading.number)
        sheets.append((sheet, reading))
    _lay(target, sheets, font)
    return now_drawn


def _lay(target: pikepdf.Pdf, sheets: Sequence[tuple[Sheet, PageReading]], font: LayerFont) -> None:
    """Make pages of the sheets, each with its words laid over it."""
    layers = [layer(sheet.words, font, "/Sohoa", reading.height) for sheet, reading in sheets]
    embedded = font.embed(target) if any(layers) else None
    for (sheet, _), words in zip(sheets, layers, strict=True):
        content = sheet.content
        if words and embedded is not None:
            matrix = " ".join(f"{value:g}" for value in on_page(sheet.rotation, sheet.media))
            content += b"q " + matrix.encode("ascii") + b" cm\n" + words + b"Q\n"
            fonts = sheet.resources.get("/Font", pikepdf.Dictionary())
            fonts["/Sohoa"] = embedded
            sheet.resources["/Font"] = fonts
        content += sheet.stamps
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[round(value, 4) for value in sheet.media],
            Resources=sheet.resources,
            Contents=target.make_stream(content),
        )
        if sheet.rotation:
            page.Rotate = sheet.rotation
        if sheet.group is not None:
            page.Group = sheet.group
        target.pages.append(pikepdf.Page(target.make_indirect(page)))
    part_soft_masks(target)
    target.Root.Lang = pikepdf.String("vi-VN")


def _save(target: pikepdf.Pdf, out: Path) -> None:
    """Write, check, and only then let the file appear under its name."""
    handle, name = tempfile.mkstemp(prefix=".composing-", suffix=".pdf", dir=out.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        pdfa.save(target, temporary, FLAVOUR)
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644 & ~_umask())
        temporary.replace(out)
        folder = os.open(out.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
