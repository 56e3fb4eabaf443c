"""The searchable PDF/A-2b of a document that was read.

What people see stays as scanned: pictures are embedded as they are, pages of a PDF are kept, with
what its annotations show as page content. Of a photograph people see the sheet, laid flat. What
does not belong into an archive goes: forms, signatures, scripts, attachments, text of other
programs that nobody sees. A page that cannot be made PDF/A, or would not show what it showed
(:mod:`ocr.pdfa.fidelity`), is drawn; one that cannot be drawn either leaves a note.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

import pikepdf
from pikepdf import pdfa
from PIL import ImageOps

from ocr.files.flattening import flatten
from ocr.files.pictures import levelled, open_picture
from ocr.options import ReadingOptions
from ocr.pdfa.assembly import Assembly
from ocr.pdfa.drawing import draw_sheet, note_sheet, picture_content
from ocr.pdfa.embedding import embed_picture
from ocr.pdfa.fidelity import unlike
from ocr.pdfa.layers import layered
from ocr.pdfa.sheets import Adopt, OutputPage, keep_sheet, keep_unseen
from ocr.pdfa.straightened import straightened_sheet
from ocr.pdfa.tidying import tidy_pictures
from ocr.values import Composed, FileKind, Inspection
from schemas.durable import fsync_folder
from schemas.errors import InputRejected
from schemas.page import PageReading, Shown

FLAVOUR = "2b"
NEWEST_PDF = "1.7"
"""The version a PDF/A-2 may have at most, whatever the source says of itself."""
_MALFORMED = (
    pikepdf.PdfError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    RuntimeError,
    RecursionError,
)
"""What pikepdf raises on objects that are not what they should be."""

# fontTools, under the PDF/A check, reports every oddity of strangers' fonts as a warning
logging.getLogger("fontTools").setLevel(logging.ERROR)


class _Way(Enum):
    """How a page of a PDF gets into the PDF/A."""

    keep = auto()
    draw = auto()
    keep_unseen = auto()
    straighten = auto()
    note = auto()


_NEXT = {
    _Way.keep: _Way.draw,
    _Way.draw: _Way.note,
    _Way.keep_unseen: _Way.note,
    _Way.straighten: _Way.note,
}
"""What is tried where a way fails."""


def compose(
    path: Path,
    inspection: Inspection,
    pages: Sequence[PageReading],
    out: Path,
    options: ReadingOptions,
    careful: bool = False,
) -> Composed:
    """Write a PDF/A-2b with an invisible text layer to ``out``, checked before it appears there.

    ``out`` is replaced in one step (temporary name, fsync, rename). Memory does not grow with the
    number of pages, but for their text.

    Args:
        path: the file the pages were read from.
        inspection: what :func:`ocr.inspect` said of it.
        pages: the readings of all its pages in order.
        out: where the PDF/A goes; temporary files lie beside it.
        options: ``compact`` asks for layered pages; never given for signed files.
        careful: decode and draw nothing of a PDF: pages are kept, or replaced by a note. For files
            on which a worker died.

    Raises:
        InputRejected: ``reading.broken``, ``reading.not_archivable``, ``reading.page_memory``.
    """
    if len(pages) != inspection.pages:
        raise ValueError("compose needs the reading of every page")
    compact = options.compact and not inspection.signed
    sweep(out)
    try:
        if inspection.kind is FileKind.pdf:
            return _compose_pdf(path, pages, out, options, compact, careful)
        shown = _compose_pictures(path, inspection.kind, pages, out, options, compact, careful)
    except MemoryError as exc:
        raise InputRejected("reading.page_memory", page=0) from exc
    except pdfa.PdfaError as exc:
        raise InputRejected("reading.not_archivable") from exc
    except (pikepdf.PdfError, RuntimeError) as exc:
        raise InputRejected("reading.broken", kind=inspection.kind.value.upper()) from exc
    return Composed(shown=shown)


def sweep(out: Path) -> None:
    """Take away what a composing of ``out`` left behind that was killed."""
    for left in out.parent.glob(_prefix(out) + "*"):
        shutil.rmtree(left, ignore_errors=True)


def _prefix(out: Path) -> str:
    """Of temporary folders; it belongs to ``out`` alone, and says nothing of its name."""
    return f".composing-{hashlib.sha256(os.fsencode(out.name)).hexdigest()[:16]}-"


def _compose_pictures(
    path: Path,
    kind: FileKind,
    pages: Sequence[PageReading],
    out: Path,
    options: ReadingOptions,
    compact: bool,
    careful: bool,
) -> tuple[Shown, ...]:
    with Assembly(out.parent, _prefix(out)) as assembly:
        for reading in pages:
            if careful and reading.problem is not None:
                assembly.add(note_sheet(reading), reading)
            else:
                assembly.add(_picture_sheet(path, kind, reading, options, compact), reading)
        _appear(_written(assembly.finished(None), assembly.folder), out)
        return tuple(assembly.shown)


def _picture_sheet(
    path: Path, kind: FileKind, reading: PageReading, options: ReadingOptions, compact: bool
) -> OutputPage:
    try:
        if reading.photographed:
            return straightened_sheet(path, kind, reading, options, compact=compact)
        picture = embed_picture(path, kind, reading.number, reading.size_as_stored, options)
        width, height, turn = picture.width, picture.height, picture.turn
        images, shown = {"/Page": picture.image}, picture.shown
        if compact:
            with open_picture(path, kind, reading.number, options) as scan:
                upright = ImageOps.exif_transpose(levelled(scan))
                across = height if turn % 180 else width
                made = layered(upright, upright.size[0] * 72 / across, len(picture.image.data))
            if made is not None:
                images, shown = made, Shown.layered
                width, height, turn = across, width + height - across, 0
    except (InputRejected, MemoryError):
        if reading.problem is None:
            raise
        return note_sheet(reading)
    return OutputPage(
        media=(0.0, 0.0, width, height),
        rotation=(turn + reading.rotation) % 360,
        content=picture_content(width, height, *images),
        words=reading.words,
        images=images,
        shown=shown,
    )


def _compose_pdf(
    path: Path,
    pages: Sequence[PageReading],
    out: Path,
    options: ReadingOptions,
    compact: bool,
    careful: bool,
) -> Composed:
    """Keep every page; where that is not PDF/A or shows something else, draw it.

    A drawn page that shows something else, too, and pages that nothing may be drawn of to see it,
    are named in :attr:`Composed.differing`: a person must look.
    """
    ways = {page.number: _way(page, careful=careful) for page in pages}
    seen: dict[int, _Way] = {}
    while True:
        with _flattened(path) as source, Assembly(out.parent, _prefix(out)) as assembly:
            for reading in pages:
                sheet = _pdf_sheet(source, path, reading, ways, options, compact, _itself)
                assembly.add(sheet, reading)
            try:
                written = _written(assembly.finished(source), assembly.folder)
            except (pdfa.PdfaError, *_MALFORMED):
                kept = {n for n, way in ways.items() if way in {_Way.keep, _Way.keep_unseen}}
                if not kept:
                    raise
                failed = _blamed(path, pages, kept, ways, options) or kept
            else:
                differing = _differing(path, written, pages, assembly.exact, ways, seen)
                failed = {number for number in differing if ways[number] is _Way.keep}
                if not failed:
                    _appear(written, out)
                    return Composed(shown=tuple(assembly.shown), differing=tuple(differing))
        for number in failed:
            ways[number] = _NEXT[ways[number]]


def _way(page: PageReading, *, careful: bool) -> _Way:
    if careful or page.problem is not None:
        return _Way.keep_unseen
    return _Way.straighten if page.photographed else _Way.keep


def _differing(
    path: Path,
    written: Path,
    pages: Sequence[PageReading],
    exact: Sequence[bool],
    ways: dict[int, _Way],
    seen: dict[int, _Way],
) -> list[int]:
    """The pages that the written file shows otherwise than the source, or that were not compared.

    ``seen`` remembers pages that were found alike, by the way they took.
    """
    compared = [
        reading
        for reading, same in zip(pages, exact, strict=True)
        if not same
        and ways[reading.number] in {_Way.keep, _Way.draw}
        and seen.get(reading.number) is not ways[reading.number]
    ]
    found = unlike(path, written, compared)
    seen |= {page.number: ways[page.number] for page in compared if page.number not in found}
    unseen = {
        page.number for page, same in zip(pages, exact, strict=True)
        if not same and ways[page.number] is _Way.keep_unseen and page.problem is None
    }  # fmt: skip
    return sorted({*found, *unseen})


@contextmanager
def _flattened(path: Path) -> Iterator[pikepdf.Pdf]:
    """The source with its annotations drawn into the pages, as it was read."""
    with pikepdf.open(path, suppress_warnings=True) as source:
        flatten(source)
        yield source


def _itself(thing: pikepdf.Object) -> pikepdf.Object:
    return thing


def _pdf_sheet(
    source: pikepdf.Pdf,
    path: Path,
    reading: PageReading,
    ways: dict[int, _Way],
    options: ReadingOptions,
    compact: bool,
    adopt: Adopt,
) -> OutputPage:
    """The page by its way; where that fails, by the next one, which is then entered."""
    while True:
        way = ways[reading.number]
        sheet = None
        try:
            if way is _Way.keep:
                sheet = keep_sheet(source, path, reading, options, adopt, compact=compact)
            elif way is _Way.draw:
                sheet = draw_sheet(path, reading, options, compact=compact)
            elif way is _Way.straighten:
                kind = FileKind.pdf
                sheet = straightened_sheet(path, kind, reading, options, compact=compact)
            elif way is _Way.keep_unseen:
                sheet = keep_unseen(source, _as_it_lies(reading), adopt)
            else:
                sheet = note_sheet(reading)
        except (InputRejected, MemoryError, *_MALFORMED):
            if way is _Way.note:
                raise
        if sheet is not None:
            return sheet
        ways[reading.number] = _NEXT[way]


def _as_it_lies(reading: PageReading) -> PageReading:
    """A page that is kept without being looked at; the words of a photograph stood elsewhere."""
    return reading.model_copy(update={"words": ()}) if reading.photographed else reading


def _blamed(
    path: Path,
    pages: Sequence[PageReading],
    kept: set[int],
    ways: dict[int, _Way],
    options: ReadingOptions,
) -> set[int]:
    """The kept pages that alone do not make a PDF/A."""
    blamed = set()
    with _flattened(path) as source:

        def copied(thing: pikepdf.Object) -> pikepdf.Object:
            return target.copy_foreign(thing if thing.is_indirect else source.make_indirect(thing))

        for reading in pages:
            if reading.number not in kept:
                continue
            try:
                with pikepdf.new() as target:
                    sheet = _pdf_sheet(source, path, reading, dict(ways), options, False, copied)
                    page = pikepdf.Dictionary(
                        Type=pikepdf.Name.Page,
                        MediaBox=list(sheet.media),
                        Resources=sheet.resources or pikepdf.Dictionary(),
                        Contents=target.make_stream(sheet.content + sheet.stamps),
                    )
                    if sheet.group is not None:
                        page.Group = sheet.group
                    target.pages.append(pikepdf.Page(target.make_indirect(page)))
                    tidy_pictures(target)
                    pdfa.prepare(target, FLAVOUR)
                    passed = pdfa.check(target, FLAVOUR).passed
            except _MALFORMED:
                passed = False
            if not passed:
                blamed.add(reading.number)
    return blamed


def _written(target: pikepdf.Pdf, folder: Path) -> Path:
    """The file written and checked, beside the place where it will appear."""
    tidy_pictures(target)
    temporary = folder / "whole.pdf"
    pdfa.save(target, temporary, FLAVOUR, force_version=NEWEST_PDF)
    return temporary


def _appear(temporary: Path, out: Path) -> None:
    """Let the file appear under its name, in one step and for good."""
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    temporary.chmod(0o644 & ~_umask())
    temporary.replace(out)
    fsync_folder(out.parent)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
