"""What a file is, before any page is read: its kind, hash, pages, and whether it can be read."""

import hashlib
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pikepdf

from ocr.files.holding import holding
from ocr.files.pictures import open_picture, within_limit
from ocr.files.tiff import TiffError, pages, walk
from ocr.files.wholeness import HEAD_BYTES, sniff, whole
from ocr.options import ReadingOptions
from ocr.values import FileKind, Holding, Inspection
from schemas.errors import InputRejected, NotFound
from schemas.manifest import Source

_CHUNK = 1 << 20
_OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""Zip containers (docx, xlsx, odt) and the old OLE files (doc, xls)."""


def inspect(path: Path, options: ReadingOptions) -> Inspection:
    """Kind, hash and pages of a file, told by its content and never by its name.

    Costs one pass over the bytes (SHA-256) and the structure; no page is decoded.

    Raises:
        NotFound: ``reading.no_file``.
        InputRejected: ``reading.not_a_file``, ``unreadable``, ``empty_file``, ``too_large``,
            ``html``, ``office_file``, ``unknown_type``, ``truncated``, ``broken``, ``encrypted``,
            ``too_many_pages``, ``no_pages``, ``too_many_pixels``.
    """
    with _opened(path, options) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        kind = sniff(head)
        if kind is None:
            raise InputRejected(_unknown(head))
        if not whole(file, kind):
            raise InputRejected("reading.truncated", kind=kind.value.upper())
        if kind is FileKind.pdf:
            count, signed, held = _inspect_pdf(file)
        else:
            count, signed = _inspect_picture(path, file, kind, options), False
            held = Holding()
        if count > options.max_pages:
            raise InputRejected("reading.too_many_pages", pages=count, limit=options.max_pages)
        source = Source(
            name=path.name, sha256=_sha256(file), bytes=size, media_type=kind.media_type
        )
    return Inspection(source=source, kind=kind, pages=count, signed=signed, holding=held)


@contextmanager
def _opened(path: Path, options: ReadingOptions) -> Iterator[BinaryIO]:
    """The file, open, when it is a regular one of a size that is taken."""
    try:
        status = path.stat()
    except FileNotFoundError as exc:
        raise NotFound("reading.no_file") from exc
    except OSError as exc:
        raise InputRejected("reading.unreadable") from exc
    if not stat.S_ISREG(status.st_mode):
        raise InputRejected("reading.not_a_file")
    if status.st_size == 0:
        raise InputRejected("reading.empty_file")
    if status.st_size > options.max_bytes:
        raise InputRejected(
            "reading.too_large",
            megabytes=status.st_size // 1_000_000,
            limit=options.max_bytes // 1_000_000,
        )
    try:
        file = path.open("rb")
    except OSError as exc:
        raise InputRejected("reading.unreadable") from exc
    with file:
        yield file


def _unknown(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "reading.html"
    return "reading.office_file" if head.startswith(_OFFICE) else "reading.unknown_type"


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    except OSError as exc:
        raise InputRejected("reading.unreadable") from exc
    return digest.hexdigest()


def _inspect_pdf(file: BinaryIO) -> tuple[int, bool, Holding]:
    file.seek(0)
    try:
        with warnings.catch_warnings(), pikepdf.open(file, suppress_warnings=True) as pdf:
            count = len(pdf.pages)
            signed, held = _signed(pdf), _held(pdf)
    except pikepdf.PasswordError as exc:
        raise InputRejected("reading.encrypted") from exc
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as exc:
        raise InputRejected("reading.broken", kind="PDF") from exc
    if count == 0:
        raise InputRejected("reading.no_pages")
    return count, signed, held


def _signed(pdf: pikepdf.Pdf) -> bool:
    """Whether any signature field has a value; the tree of fields may be cyclic."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    waiting = [(field, "") for field in _entries(form.get("/Fields"))]
    seen: set[tuple[int, int]] = set()
    while waiting:
        field, inherited = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary) or field.objgen in seen:
            continue
        if field.objgen != (0, 0):
            seen.add(field.objgen)
        kind = str(field.get("/FT", inherited))
        if kind == "/Sig" and isinstance(field.get("/V"), pikepdf.Dictionary):
            return True
        waiting += [(kid, kind) for kid in _entries(field.get("/Kids"))]
    return False


def _held(pdf: pikepdf.Pdf) -> Holding:
    """What it holds besides its pages; where that cannot be told, something."""
    try:
        return holding(pdf)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, AttributeError):
        return Holding(files=1)


def _entries(value: object) -> list[pikepdf.Object]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _inspect_picture(path: Path, file: BinaryIO, kind: FileKind, options: ReadingOptions) -> int:
    """The number of pages, after the size each header states was held against the limit.

    Of several, those that are too large are pages that will not be read.
    """
    frames = 1
    if kind is FileKind.tiff:
        try:
            refused = [_refused(frame.width, frame.height, options) for frame in pages(walk(file))]
        except TiffError as exc:
            raise InputRejected("reading.broken", kind="TIFF") from exc
        if refused[0] is not None and None not in refused:
            raise refused[0]
        frames = len(refused)
    if frames == 1:
        with open_picture(path, kind, 1, options) as picture:
            within_limit(*picture.size, options)
    return frames


def _refused(width: int, height: int, options: ReadingOptions) -> InputRejected | None:
    try:
        within_limit(width, height, options)
    except InputRejected as reason:
        return reason
    return None
