"""A page taken out of its file: the picture that is read, the words of its text, its size."""

from dataclasses import dataclass, field
from pathlib import Path

from ocr.files import open_pages, pdfpages, pictures
from ocr.files.annotations import annotation_words
from ocr.files.believed import believed
from ocr.files.pdf_size import Size, on_paper, scaled
from ocr.files.photographed import pdf_page, picture_page
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected, NotFound
from schemas.manifest import PART_UNREAD
from schemas.page import PageKind, Word


@dataclass(frozen=True)
class Taken:
    """A page as it comes from its file."""

    kind: PageKind
    scan: pictures.Scan | None
    width: float
    height: float
    digital: list[Word] = field(default_factory=list)
    stamps: list[list[Word]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def take(path: Path, number: int, options: ReadingOptions) -> Taken:
    """The page out of its file: a picture, text, or both, at the size of its paper.

    Raises:
        InputRejected: as :func:`ocr.read_page`.
        MissingDependency: the engine is not there.
    """
    kind = kind_of(path)
    if kind is not FileKind.pdf:
        scan = picture_page(path, kind, number, options.ocr_dpi, options)
        return Taken(PageKind.scan, scan, scan.width, scan.height, warnings=scan.warnings)
    with open_pages.open_page(path, number) as page:
        made = pdfpages.makeup(page, options)
        warnings = (PART_UNREAD,) if open_pages.lacks_letters(page) else ()
        stated = open_pages.page_size(page)
        page_kind, digital = made.kind, list[Word]()
        scanned: pictures.Scan | None = None
        size: Size | None = None
        if page_kind is not PageKind.scan:
            layer = believed(page, made, options)
            digital, size = layer.words, layer.size
            scanned = None if layer.rest is None else on_paper(layer.rest, size, stated)
            page_kind = page_kind if digital else PageKind.scan
            warnings = (*warnings, PART_UNREAD) if layer.unread else warnings
        if scanned is None and not digital:
            scanned = pdf_page(page, made, options.ocr_dpi, options, size)
            size, warnings = (scanned.width, scanned.height), (*warnings, *scanned.warnings)
        size = size or stated
    factors = (size[0] / stated[0], size[1] / stated[1])
    stamps = annotation_words(path, number) if made.stamped else []
    return Taken(
        page_kind,
        scanned,
        *size,
        scaled(digital, factors),
        [scaled(words, factors) for words in stamps],
        tuple(dict.fromkeys(warnings)),
    )


def kind_of(path: Path) -> FileKind:
    """Of what kind a file is, by how it begins.

    Raises:
        NotFound: ``reading.no_file``.
        InputRejected: ``reading.unreadable``, ``reading.unknown_type``.
    """
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
    except FileNotFoundError as exc:
        raise NotFound("reading.no_file") from exc
    except OSError as exc:
        raise InputRejected("reading.unreadable") from exc
    if kind is None:
        raise InputRejected("reading.unknown_type")
    return kind
