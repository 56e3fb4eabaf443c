"""Blanks: what a form prints, kept as a picture laid on the type's reference geometry.

An office gives one (a scan or PDF of the empty form) or lets one be learned from filled scans: what
is dark on three quarters of the aligned pages is print. A blank belongs to one version of
one type and to one installation: ``<types folder>/blanks/ct01@66-2023.png``, 300 dpi, grey. The
project ships none.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.classify import classify
from ocr.fields.context import POINT, ZONE_DPI, Context
from ocr.fields.forms.print_removal import fitted, onto
from ocr.fields.registration import Registration, register
from ocr.fields.zone_reader import Image
from ocr.files.inspection import inspect
from ocr.options import ReadingOptions
from ocr.pipeline import read_page
from schemas.document_type import DocumentType, known_types
from schemas.durable import write_durably
from schemas.errors import ConfigurationError, InputRejected
from schemas.page import PageReading

FOLDER = "blanks"

FEWEST = 9
"""Filled scans a blank is learned from at least: with fewer, what many wrote alike stays in it."""

MOST = 24
"""Scans used at most; more would not change the print, each takes 9 MB of memory."""

SHARE = 0.75
"""What is inked on so many of the filled scans is print."""

PAGES_LOOKED_AT = 4
"""The form must lie on one of the first pages of a file."""


class Blank(NamedTuple):
    """A form's print on its reference page: 300 dpi, grey, paper bright."""

    picture: Image


class Laid(NamedTuple):
    """A page of a file with the type's geometry on it."""

    context: Context
    registration: Registration


def blank_path(folder: Path, spec: DocumentType, page: int = 1) -> Path:
    """Where the blank of a type and version lies; ``folder`` is that of the office's own types."""
    further = f"-{page}" if page > 1 else ""
    return folder / FOLDER / f"{spec.key.replace('/', '-')}{further}.png"


def find_blank(options: ReadingOptions, spec: DocumentType, page: int = 1) -> Blank | None:
    """The installation's blank of that version and page, or None; an unreadable one is none."""
    if options.types is None or spec.geometry is None:
        return None
    path = blank_path(options.types, spec, page)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return None
    return _loaded(path, stamp, reference_size(spec))


def reference_size(spec: DocumentType) -> tuple[int, int]:
    """Width and height of the reference page in pixels at 300 dpi."""
    assert spec.geometry is not None  # noqa: S101 - callers have asked
    return round(spec.geometry.width * POINT), round(spec.geometry.height * POINT)


@lru_cache(maxsize=4)
def _loaded(path: Path, _stamp: int, size: tuple[int, int]) -> Blank | None:
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None or picture.shape[::-1] != size:
        return None
    return Blank(np.asarray(picture, np.uint8))


def keep_given(folder: Path, spec: DocumentType, file: Path, options: ReadingOptions) -> Path:
    """Keeps the blank that ``file`` (scan or PDF of the empty form) shows; gives where it lies.

    Raises:
        ConfigurationError: ``fields.blank_no_geometry``: the type has no fixed places.
        InputRejected: ``fields.blank_wrong_form``; what :func:`ocr.inspect` raises.
    """
    _needs_geometry(spec)
    laid = _laid(file, spec, options)
    if laid is None:
        raise InputRejected("fields.blank_wrong_form", type=spec.key, number=1)
    for number in range(2, spec.pages + 1):
        part = spec.of_page(number)
        further = next((r for p in _pages(file, options) if (r := register(p, part))), None)
        if further is not None:
            context = Context(file, [further.page], (), options)
            _kept(folder, spec, onto(context, further, reference_size(spec)), number)
    return _kept(folder, spec, onto(laid.context, laid.registration, reference_size(spec)))


def _pages(file: Path, options: ReadingOptions) -> Iterator[PageReading]:
    return (read_page(file, number, options) for number in _numbers(file, options))


def keep_drafted(folder: Path, spec: DocumentType, pages: Sequence[Image]) -> None:
    """Keeps the pages that a type was drafted from: its reference pages, level, 300 dpi."""
    wide, tall = reference_size(spec)
    for number, page in enumerate(pages, 1):
        whole = np.full((tall, wide), 255, np.uint8)
        part = page[:tall, :wide]
        whole[: part.shape[0], : part.shape[1]] = part
        _kept(folder, spec, whole, number)


def keep_learned(
    folder: Path,
    spec: DocumentType,
    files: Sequence[Path],
    options: ReadingOptions,
    progress: Callable[[int], None] = lambda _done: None,
) -> Path:
    """Learns the blank from filled scans of the form, about a dozen; gives where it lies.

    Args:
        folder: of the office's own types.
        spec: the version of the form; every file must show it.
        files: filled scans; of more than :data:`MOST`, the first are used.
        options: how pages are read.
        progress: told how many files are aligned.

    Raises:
        ConfigurationError: ``fields.blank_no_geometry``.
        InputRejected: ``fields.blank_few_scans``, ``fields.blank_wrong_form`` with the number of
            the file that shows another form, what :func:`ocr.inspect` raises.
    """
    _needs_geometry(spec)
    distinct = list(dict.fromkeys(file.resolve() for file in files))[:MOST]
    if len(distinct) < FEWEST:
        raise InputRejected("fields.blank_few_scans", count=len(distinct), least=FEWEST)
    size = reference_size(spec)
    first: Image | None = None
    pages: list[Image] = []
    for number, file in enumerate(distinct, start=1):
        laid = _laid(file, spec, options)
        if laid is None:
            raise InputRejected("fields.blank_wrong_form", type=spec.key, number=number)
        found = laid.registration
        if first is not None:
            # labels place a page to a point; the print of the first page, to a pixel
            found = fitted(laid.context, found, first, spec)
        pages.append(onto(laid.context, found, size))
        first = pages[0]
        progress(number)
    return _kept(folder, spec, common_print(pages))


def common_print(pages: Sequence[Image]) -> Image:
    """What is dark on nearly all of the pages, pixel by pixel, a band at a time to spare memory.

    The median would do for print, but where many people begin to write at the same place half of
    the pages may be inked: :data:`SHARE` of them must be.
    """
    out = np.empty_like(pages[0])
    paper = [max(float(np.percentile(page[::8, ::8], 80)), 1.0) for page in pages]
    rank = round((len(pages) - 1) * SHARE)
    for top in range(0, out.shape[0], 256):
        band = np.stack(
            [
                np.minimum(page[top : top + 256] * (250.0 / level), 255.0).astype(np.uint8)
                for page, level in zip(pages, paper, strict=True)
            ]
        )
        out[top : top + 256] = np.partition(band, rank, axis=0)[rank]
    return out


def _needs_geometry(spec: DocumentType) -> None:
    if spec.geometry is None:
        raise ConfigurationError("fields.blank_no_geometry", type=spec.key)


def _laid(file: Path, spec: DocumentType, options: ReadingOptions) -> Laid | None:
    """The page of a file on which the form's labels lie at their places; no other version's."""
    for number in _numbers(file, options):
        page = read_page(file, number, options)
        found = register(page, spec)
        if found is not None:
            context = Context(file, [page], (), options)
            known = classify(context, known_types(options.types))
            another = known is not None and known.version_known and known.type.key != spec.key
            return None if another else Laid(context, found)
    return None


def _numbers(file: Path, options: ReadingOptions) -> Iterator[int]:
    yield from range(1, min(inspect(file, options).pages, PAGES_LOOKED_AT) + 1)


def _kept(folder: Path, spec: DocumentType, picture: Image, page: int = 1) -> Path:
    """Writes the blank beside its place and moves it there; an older one is replaced whole."""
    path = blank_path(folder, spec, page)
    path.parent.mkdir(parents=True, exist_ok=True)
    made, data = cv2.imencode(".png", picture)
    if not made:
        raise InputRejected("fields.blank_wrong_form", type=spec.key, number=1)
    write_durably(path, data.tobytes())
    return path


__all__ = [
    "FEWEST",
    "ZONE_DPI",
    "Blank",
    "blank_path",
    "find_blank",
    "keep_drafted",
    "keep_given",
    "keep_learned",
]
