"""Words that layout analysis lost: ink of the size of letters where no piece of a line is.

Tesseract leaves out what it takes for noise, a picture or a rule: the first words of a heading, a
lone reference number beside a seal. What is found here is read as pieces of their own, and kept
only when the network is sure of it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.recognition.cutting import Bounds
from ocr.recognition.layout import Piece

LOOK_DPI = 100.0
"""Resolution at which ink is compared; a letter of 10 points is about 10 pixels high."""
CONTRAST = 30
"""Grey levels under the surroundings; what shines through from the other side is fainter."""
LETTER_HEIGHT = (6, 40)
LETTER_WIDTH = (2, 60)
LEAST_LETTERS = 3
WORD_GAP = 11
"""Pixels between pieces of ink that stand together."""
LEAST_WIDTH = 16
MOST_FOUND = 40
"""More than this is a picture or a form filled by pen, not a loss."""
MARGIN = 2

Mask = NDArray[np.uint8]


def missed(page: NDArray[np.uint8], found: Sequence[Piece], dpi: float) -> list[Piece]:
    """Pieces for ink that is not in ``found``; their lines are numbered by :func:`in_order`."""
    scale = min(1.0, LOOK_DPI / dpi)
    height, width = page.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask = _uncovered(small, found, scale)
    boxes = _together(mask)
    if len(boxes) > MOST_FOUND:
        return []
    grown = [_back(box, scale, page.shape) for box in boxes]
    return [Piece(box, box, 0) for box in grown]


def _uncovered(small: NDArray[np.uint8], found: Sequence[Piece], scale: float) -> Mask:
    """Ink outside of the pieces and of the outermost 2 %, 1 where it is."""
    mask = cv2.adaptiveThreshold(
        small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 21, CONTRAST
    )
    for piece in found:
        x0, y0, x1, y1 = (value * scale for value in piece.ink)
        top, left = max(0, int(y0) - MARGIN), max(0, int(x0) - MARGIN)
        mask[top : int(y1) + MARGIN + 1, left : int(x1) + MARGIN + 1] = 0
    high, wide = (max(1, side // 50) for side in mask.shape)
    mask[:high] = mask[-high:] = 0
    mask[:, :wide] = mask[:, -wide:] = 0
    return np.asarray(mask, dtype=np.uint8)


def _together(mask: Mask) -> list[Bounds]:
    """Boxes around letters in a row, with the marks above and below them."""
    _, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    high, wide = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    fits = (high >= LETTER_HEIGHT[0]) & (high <= LETTER_HEIGHT[1])
    fits &= (wide >= LETTER_WIDTH[0]) & (wide <= LETTER_WIDTH[1])
    fits[0] = False
    if fits.sum() < LEAST_LETTERS:
        return []
    letters = fits[labels].astype(np.uint8)
    joined = cv2.dilate(letters, np.ones((1, WORD_GAP), np.uint8))
    count, rows = cv2.connectedComponents(joined, connectivity=8)
    row_of = rows[centres[:, 1].astype(int), centres[:, 0].astype(int)]
    boxes = []
    for row in range(1, count):
        ours = np.flatnonzero(fits & (row_of == row))
        if len(ours) < LEAST_LETTERS:
            continue
        left, top = stats[ours, cv2.CC_STAT_LEFT], stats[ours, cv2.CC_STAT_TOP]
        x0, x1 = int(left.min()), int((left + wide[ours]).max())
        y0, y1 = int(top.min()), int((top + high[ours]).max())
        if x1 - x0 >= max(LEAST_WIDTH, y1 - y0):
            boxes.append(_with_marks(mask, (x0, y0, x1, y1)))
    return boxes


def _with_marks(mask: Mask, box: Bounds) -> Bounds:
    """The box grown over the ink just above and below it, at most a third of its height."""
    x0, y0, x1, y1 = box
    reach = max(2, (y1 - y0) // 3)
    top = max(0, y0 - reach)
    rows = np.flatnonzero(mask[top : y1 + reach, x0:x1].any(axis=1))
    return x0, top + int(rows[0]), x1, top + int(rows[-1]) + 1


def _back(box: Bounds, scale: float, shape: tuple[int, ...]) -> Bounds:
    """The box in pixels of the page."""
    x0, y0, x1, y1 = box
    height, width = shape[:2]
    return (
        max(0, int(x0 / scale) - 1),
        max(0, int(y0 / scale) - 1),
        min(width, round(x1 / scale) + 1),
        min(height, round(y1 / scale) + 1),
    )


def in_order(found: Sequence[Piece], extra: Sequence[Piece]) -> list[tuple[int, int]]:
    """All pieces in reading order: index in ``found`` followed by ``extra``, and number of line.

    A piece beside a line joins it; any other is a line before the first one that is below it.
    """
    pieces = [*found, *extra]
    lines: list[list[int]] = []
    for index, piece in enumerate(found):
        if lines and found[lines[-1][-1]].line == piece.line:
            lines[-1].append(index)
        else:
            lines.append([index])
    later = range(len(found), len(pieces))
    for index in sorted(later, key=lambda one: (pieces[one].ink[1], pieces[one].ink[0])):
        piece = pieces[index]
        beside = next((line for line in lines if _beside(piece, [pieces[i] for i in line])), None)
        if beside is not None:
            beside.append(index)
            beside.sort(key=lambda one: pieces[one].ink[0])
            continue
        below = (at for at, line in enumerate(lines) if _middle(pieces[line[0]]) > _middle(piece))
        lines.insert(next(below, len(lines)), [index])
    return [(index, number) for number, line in enumerate(lines) for index in line]


def _middle(piece: Piece) -> float:
    return (piece.ink[1] + piece.ink[3]) / 2


def _beside(piece: Piece, line: Sequence[Piece]) -> bool:
    """Whether a piece continues a line: at its height, and not further away than a few letters."""
    height = piece.ink[3] - piece.ink[1]
    near = 2.5 * height
    return any(
        not other.turn
        and abs(_middle(other) - _middle(piece)) < height / 3
        and piece.ink[0] - near < other.ink[2]
        and other.ink[0] < piece.ink[2] + near
        for other in line
    )
