"""Draws the revisions of a PDF and tells where they look different. Run as a program of its own.

The file may be hostile and PDFium is not for several threads, so this runs alone, forks for every
file, sets limits there, and imports nothing of this project. A message on its line (see
:mod:`signing.validation.drawing`) brings three open files: the specification as JSON,
``{"revisions": [{"end", "later": [field names]}], "pages", "seconds", "memory"}``; the PDF; and
where the answer goes: ``{"different": bool, "covered": bool, "partial": bool}``, or nothing.
"""

import ctypes
import io
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

LONGEST = 1600
"""Pixels of a page's longer side at most; otherwise one pixel a point, in which a changed digit of
8 points still shows in dozens of grey values."""

_DARK, _LIGHT = 120, 60  # ink is darker than the first; it is gone when lighter by twice the second
_LOST = 20  # pixels of page content that may vanish below a signature's appearance
_SPREAD = 100  # grey values between ink and paper where there is writing
_TILE = 16

_FINER = 3  # pixels where there was one, to tell a full stop from dust
_MARK, _FAINT = (
    80,
    40,
)  # grey values by which a mark is darker than its paper, somewhere, throughout
_SMALLEST = 8  # finer pixels of a mark: a full stop in letters of 10 points
_PAPER = 41  # finer pixels around a mark in which there is paper
_GONE = 0.75  # of its darkness, of its pixels: so much less, and it is not there any more


class Prefix(io.RawIOBase):
    """The first ``end`` bytes of a file, as a file."""

    def __init__(self, descriptor: int, end: int) -> None:
        self._descriptor, self._end, self._at = descriptor, end, 0

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, counted from the beginning, from here or from ``end``."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the prefix goes; how many bytes there were."""
        wanted = max(0, min(len(buffer), self._end - self._at))
        content = os.pread(self._descriptor, wanted, self._at)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def open_revision(descriptor: int, end: int) -> pdfium.PdfDocument:
    """The file as it was when it ended at ``end``."""
    document = pdfium.PdfDocument(io.BufferedReader(Prefix(descriptor, end), 1 << 16))
    document.init_forms()  # without it form fields are not drawn
    return document


def draw(page: pdfium.PdfPage, *, notes: bool, finer: int = 1) -> Picture:
    """The page as a reader sees it, or without annotations and form fields."""
    scale = min(1.0, LONGEST / max(1.0, *page.get_size())) * finer
    bitmap = page.render(scale=scale, draw_annots=notes, may_draw_forms=notes, rev_byteorder=True)
    picture: Picture = bitmap.to_numpy()[..., :3].copy()
    bitmap.close()
    return picture


def fields_on(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> Iterator[tuple[str, Any]]:
    """Names and rectangles of the form fields that PDFium draws on a page."""
    form = document.formenv
    if form is None:
        return
    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        note = raw.FPDFPage_GetAnnot(page.raw, index)
        if not note:
            continue
        rectangle = raw.FS_RECTF()
        length = raw.FPDFAnnot_GetFormFieldName(form.raw, note, None, 0)
        if length > 2 and raw.FPDFAnnot_GetRect(note, rectangle):
            buffer = ctypes.create_string_buffer(length)
            pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
            raw.FPDFAnnot_GetFormFieldName(form.raw, note, pointer, length)
            yield buffer.raw[: length - 2].decode("utf-16-le", "replace"), rectangle
        raw.FPDFPage_CloseAnnot(note)


def mask_of(
    document: pdfium.PdfDocument, page: pdfium.PdfPage, names: set[str], shape: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where the fields of these names are drawn, a pixel more on each side."""
    mask = np.zeros(shape, dtype=np.bool_)
    height, width = shape
    for name, rectangle in fields_on(document, page):
        if name not in names:
            continue
        corners = []
        for x, y in ((rectangle.left, rectangle.bottom), (rectangle.right, rectangle.top)):
            across, down = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, x, y, across, down)
            corners.append((across.value, down.value))
        (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
        mask[max(0, top - 1) : bottom + 2, max(0, left - 1) : right + 2] = True
    return mask


def grey(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Brightness, 0 to 255."""
    found: np.ndarray[tuple[int, ...], np.dtype[np.int32]] = (
        picture.astype(np.int32).mean(axis=2, dtype=np.float64).astype(np.int32)
    )
    return found


def covered(content: Picture, now: Picture, mask: Any) -> bool:
    """Whether what the page itself shows inside the mask cannot be seen any more.

    Ink may have become paper (a white box over it), or writing one dark patch (a black one).
    """
    before, after = grey(content), grey(now)
    ink = mask & (before < _DARK)
    if int((ink & (after > before + 2 * _LIGHT)).sum()) > _LOST:
        return True
    lost = 0
    for y in range(0, mask.shape[0] - _TILE + 1, _TILE):
        for x in range(0, mask.shape[1] - _TILE + 1, _TILE):
            tile = (slice(y, y + _TILE), slice(x, x + _TILE))
            if mask[tile].all() and np.ptp(before[tile]) > _SPREAD:
                lost += int(np.ptp(after[tile]) < _SPREAD // 4)
    return lost > 0


def erased(before: Picture, after: Picture, mask: Any) -> bool:
    """Whether a mark inside the mask, and be it a full stop or pale, has become paper.

    A seal's strokes over a letter do not lighten it so much.
    """
    if not mask.any():
        return False
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    here = tuple(
        slice(max(0, int(one[0]) - _PAPER), int(one[-1]) + _PAPER) for one in (rows, columns)
    )
    before, after, mask = before[here], after[here], mask[here]
    around = np.ones((_PAPER, _PAPER), dtype=np.uint8)
    was = grey(before).astype(np.uint8)
    paper = cv2.morphologyEx(was, cv2.MORPH_CLOSE, around).astype(np.int32)
    darkness = np.where(mask, paper - was, 0)
    lighter = (grey(after) - was) >= _GONE * darkness
    count, numbered = cv2.connectedComponents((darkness > _FAINT).astype(np.uint8))
    marks = numbered.astype(np.intp).ravel()
    sizes = np.bincount(marks, minlength=count)
    gone = np.bincount(marks, weights=lighter.ravel(), minlength=count)
    deepest = np.zeros(count, dtype=np.int32)
    np.maximum.at(deepest, marks, darkness.ravel())
    found = (sizes >= _SMALLEST) & (deepest >= _MARK) & (gone >= _GONE * sizes)
    return bool(found[1:].any())


def hidden(
    documents: tuple[pdfium.PdfDocument, pdfium.PdfDocument],
    pages: tuple[pdfium.PdfPage, pdfium.PdfPage],
    names: set[str],
) -> bool:
    """Whether the fields of these names, earlier and now, erase a mark of what was shown.

    Where one of them was already, empty, its own looks of old do not count.
    """
    then, after = (draw(page, notes=True, finer=_FINER) for page in pages)
    mask, old_mask = (
        mask_of(document, page, names, (then.shape[0], then.shape[1]))
        for document, page in zip(reversed(documents), reversed(pages), strict=True)
    )
    content = draw(pages[0], notes=False, finer=_FINER)
    before = np.where(old_mask[..., None], content, then)
    return erased(before, after, mask)


def compare(
    descriptor: int, revisions: list[dict[str, Any]], pages: int, seconds: float
) -> dict[str, bool]:
    """Every revision against the whole file, page by page, while there is time."""
    last = open_revision(descriptor, os.fstat(descriptor).st_size)
    answer = {"different": False, "covered": False, "partial": len(last) > pages}
    for revision in revisions:
        earlier, names = open_revision(descriptor, revision["end"]), set(revision["later"])
        if len(earlier) != len(last):
            return answer | {"different": True}
        for number in range(min(len(last), pages)):
            if time.process_time() > seconds:
                return answer | {"partial": True}
            page, old_page = last[number], earlier[number]
            now, then = draw(page, notes=True), draw(old_page, notes=True)
            if now.shape != then.shape:
                return answer | {"different": True}
            changed = (now != then).any(axis=2)
            if changed.any():
                mask = mask_of(last, page, names, changed.shape)
                if (changed & ~mask).any():
                    return answer | {"different": True}
                content = draw(old_page, notes=False)
                answer["covered"] |= covered(content, now, mask & changed)
                answer["covered"] |= hidden((earlier, last), (old_page, page), names)
            page.close()
            old_page.close()
        earlier.close()
    return answer


def answer(specification: int, file: int, out: int) -> None:
    """Accept the limits, draw, answer."""
    with os.fdopen(specification, "rb") as stream:
        wanted = json.load(stream)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted["seconds"], wanted["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (wanted["memory"], wanted["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(2 * wanted["seconds"])  # nobody waits any longer
    found = compare(file, wanted["revisions"], wanted["pages"], wanted["seconds"] / 2)
    os.write(out, json.dumps(found).encode())


def serve(line: socket.socket) -> None:
    """A copy of this process for every file, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the process that asks decides
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the copies
    while True:
        message, given, _, _ = socket.recv_fds(line, 1, 3)
        if not message:
            return
        with suppress(OSError):  # of fork: no answer then
            if os.fork() == 0:
                status = 1
                try:
                    line.close()
                    answer(*given)
                    status = 0
                finally:
                    os._exit(status)
        for one in given:
            os.close(one)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
