"""The files inside a PDF, taken out: papers become files of their own, the rest is told apart.

A stranger's file may hold a bomb: sizes are counted while bytes come, and what is over a limit is
left inside. What is left is still in the original, which is kept.
"""

import hashlib
import os
import unicodedata
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from ocr.files.holding import MOST_FILES, embedded, file_specifications
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.options import ReadingOptions
from ocr.values import AttachedFile, AttachedKind, FileKind
from schemas.errors import InputRejected

_CHUNK = 1 << 16
_MOST_OTHERWISE = 32 << 20
"""Encoded bytes of a file in a compression that cannot be decoded piece by piece."""
LONGEST_NAME = 120
"""Bytes of a name, UTF-8, with its ending."""
_ENDINGS = {
    FileKind.pdf: (".pdf",),
    FileKind.jpeg: (".jpg", ".jpeg", ".jpe", ".jfif"),
    FileKind.png: (".png",),
    FileKind.tiff: (".tif", ".tiff"),
    FileKind.heic: (".heic", ".heif"),
    FileKind.webp: (".webp",),
}
_NO_DATA = (b"<svg", b"<html", b"word.document", b"excel.sheet", b"schemas.microsoft.com/office")
"""In the head of XML that is something to look at, not data."""


class _TooLarge(Exception):
    """More bytes than are taken."""


def take_out(path: Path, folder: Path, options: ReadingOptions) -> tuple[AttachedFile, ...]:
    """Write the papers inside a PDF to ``folder``; say of each file what it is.

    Names come from the PDF, cleaned; the same file gives the same names. ``folder`` is made where
    there is something to write. Together the papers have at most :attr:`ReadingOptions.max_bytes`.

    Raises:
        InputRejected: ``reading.broken``.
        OSError: the disk failed.
    """
    found: list[AttachedFile] = []
    taken: set[str] = set()
    left = options.max_bytes
    try:
        with warnings.catch_warnings(), pikepdf.open(path, suppress_warnings=True) as pdf:
            for number, specification in enumerate(file_specifications(pdf), start=1):
                one = _one(specification, number, folder, taken, left)
                found.append(one)
                left -= one.bytes
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as exc:
        raise InputRejected("reading.broken", kind="PDF") from exc
    if len(found) >= MOST_FILES:
        found.append(AttachedFile(kind=AttachedKind.left))
    return tuple(found)


def _one(
    specification: pikepdf.Object, number: int, folder: Path, taken: set[str], room: int
) -> AttachedFile:
    stream = embedded(specification)
    if stream is None:
        return AttachedFile(kind=AttachedKind.left)
    temporary = folder / f".{number}.{os.getpid():x}.part"
    try:
        head = _head(stream)
        kind = sniff(head)
        if kind is None:
            return AttachedFile(kind=AttachedKind.data if _is_data(head) else AttachedKind.left)
        name = _free(_name(specification, number, kind), taken)
        folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with temporary.open("wb") as out:
            for chunk in _decoded(stream):
                size += len(chunk)
                if size > room:
                    raise _TooLarge
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(folder / name)
    except (_TooLarge, pikepdf.PdfError, zlib.error, MemoryError):
        return AttachedFile(kind=AttachedKind.left)
    finally:
        temporary.unlink(missing_ok=True)
    return AttachedFile(kind=AttachedKind.paper, name=name, sha256=digest.hexdigest(), bytes=size)


def _head(stream: pikepdf.Stream) -> bytes:
    head = b""
    for chunk in _decoded(stream):
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    return head[:HEAD_BYTES]


def _decoded(stream: pikepdf.Stream) -> Iterator[bytes]:
    """The bytes of an embedded file, piece by piece where its compression allows it."""
    filters = stream.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if filters is None:
        yield stream.read_raw_bytes()
    elif names in (["/FlateDecode"], ["/Fl"]) and not _predicted(stream):
        yield from _inflated(stream.read_raw_bytes())
    else:
        if len(stream.read_raw_bytes()) > _MOST_OTHERWISE:
            raise _TooLarge
        yield stream.read_bytes()


def _predicted(stream: pikepdf.Stream) -> bool:
    parameters = stream.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[0] if len(parameters) else None
    return isinstance(parameters, pikepdf.Dictionary) and parameters.get("/Predictor", 1) != 1


def _inflated(raw: bytes) -> Iterator[bytes]:
    inflating = zlib.decompressobj()
    waiting = raw
    while waiting and not inflating.eof:
        piece = inflating.decompress(waiting, _CHUNK)
        if not piece and inflating.unconsumed_tail == waiting:
            return
        waiting = inflating.unconsumed_tail
        yield piece
    if rest := inflating.flush():
        yield rest


def _is_data(head: bytes) -> bool:
    """Whether this is XML or JSON, data beside a paper (an invoice's, say), not a paper itself."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml") or start.startswith((b"<invoice", b"<hdon")):
        return not any(mark in start for mark in _NO_DATA)
    return start.startswith((b'{"', b"[{", b"{\n", b"{\r\n"))


def _name(specification: pikepdf.Object, number: int, kind: FileKind) -> str:
    """The file's name without folders, signs that cannot be seen, and another kind's ending."""
    said = next((specification.get(key) for key in ("/UF", "/F") if key in specification), None)
    text = str(said) if isinstance(said, pikepdf.String) else ""
    text = unicodedata.normalize("NFC", text.replace("\\", "/").rpartition("/")[2])
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = " ".join(text.split()).strip(". ~$")
    stem, dot, ending = text.rpartition(".")
    if not dot or f".{ending.lower()}" not in _ENDINGS[kind]:
        stem, ending = text, _ENDINGS[kind][0][1:]
    room = LONGEST_NAME - len(ending) - 1
    stem = stem.encode("utf-8", "ignore")[:room].decode("utf-8", "ignore").strip(". ")
    return f"{stem or f'dinh-kem-{number}'}.{ending}"


def _free(name: str, taken: set[str]) -> str:
    """``name``, or with a number where it was given in this file before, in whatever case."""
    stem, _, ending = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem}-{number}.{ending}"
    taken.add(free.casefold())
    return free
