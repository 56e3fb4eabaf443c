"""Sheets that people copy by hand: where what stands on them, and the lines cut from a scan.

A code in each corner says which sheet it is and which corner; by their centres the page is laid
straight, however it was scanned. Units are points of A4.
"""

import re
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import zxingcpp

from ocr.options import ReadingOptions
from ocr.page_pictures import page_image
from ocr.recognition.line_picture import Image, inked_window

PAPER = (595.0, 842.0)
CODE = 56.0
"""Side of a corner's code with its quiet zone."""
CORNERS = ((28.0, 28.0), (511.0, 28.0), (28.0, 758.0), (511.0, 758.0))
"""Upper left of each code."""
ROWS = 14
FIRST, PITCH = 104.0, 46.0
LEFT, RIGHT = 40.0, 555.0
BOX_TOP, BOX_BOTTOM = 14.0, 42.0
"""A row's box to write in, below the top of the row; above it stands what is to be written."""
INSIDE = 2.5
"""So far from its printed frame a box is cut."""
DPI = 300.0
_CODE = re.compile(r"SH1([0-9a-f]{8})([0-3])")


class SheetLines(NamedTuple):
    """A page of a scan: which sheet it is, and its lines by number of the row, as PNG."""

    sheet: str
    lines: dict[int, bytes]


def code_text(sheet: str, corner: int) -> str:
    """What the code in a corner says: short enough for the smallest QR code."""
    return f"SH1{sheet}{corner}"


def box_of(row: int) -> tuple[float, float, float, float]:
    """Where a row is written: left, top, right, bottom."""
    top = FIRST + row * PITCH
    return LEFT, top + BOX_TOP, RIGHT, top + BOX_BOTTOM


def sheet_lines(path: Path, page: int, options: ReadingOptions) -> SheetLines | None:
    """The lines somebody wrote on a sheet; rows without ink are left out.

    Args:
        path: a scan.
        page: its page, from 1.
        options: the limits that files must keep.

    Returns:
        None where fewer than three corners of one sheet are found.

    Raises:
        InputRejected: as :func:`ocr.read_page`.
    """
    image = page_image(path, page, 0, DPI, options)
    found = _corners(image)
    if found is None:
        return None
    sheet, places = found
    straight = _laid(image, places)
    lines = {}
    for row in range(ROWS):
        left, top, right, bottom = (round(side * DPI / 72) for side in box_of(row))
        inside = round(INSIDE * DPI / 72)
        box = straight[top + inside : bottom - inside, left + inside : right - inside]
        if inked_window(box) is not None:
            lines[row] = cv2.imencode(".png", box)[1].tobytes()
    return SheetLines(sheet, lines)


def _corners(image: Image) -> tuple[str, dict[int, tuple[float, float]]] | None:
    """The sheet most of whose corners are seen, and the centre of each, pixels."""
    sheets: dict[str, dict[int, tuple[float, float]]] = {}
    wanted = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
    for code in zxingcpp.read_barcodes(image, formats=wanted):
        said = _CODE.fullmatch(code.text)
        if said:
            at = code.position
            points = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
            centre = (sum(p.x for p in points) / 4, sum(p.y for p in points) / 4)
            sheets.setdefault(said[1], {})[int(said[2])] = centre
    best = max(sheets.items(), key=lambda item: len(item[1]), default=None)
    return best if best is not None and len(best[1]) >= 3 else None


def _laid(image: Image, places: dict[int, tuple[float, float]]) -> Image:
    """The page as it was printed, at :data:`DPI`."""
    scale = DPI / 72
    seen = np.array([places[corner] for corner in sorted(places)], np.float32)
    printed = np.array(
        [[(side + CODE / 2) * scale for side in CORNERS[corner]] for corner in sorted(places)],
        np.float32,
    )
    size = (round(PAPER[0] * scale), round(PAPER[1] * scale))
    if len(places) == 3:
        laid = cv2.warpAffine(
            image, cv2.getAffineTransform(seen, printed), size, borderValue=(255.0,)
        )
    else:
        way = cv2.getPerspectiveTransform(seen, printed)
        laid = cv2.warpPerspective(image, way, size, borderValue=(255.0,))
    return np.asarray(laid, np.uint8)
