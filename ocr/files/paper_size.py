"""How large a page is: what its file states is weighed against its letters and known papers.

Resolutions are often not true: programs write a default, copy another page's, swap the sides, take
inches for centimetres, or forget that the pixels of a fax are not square. But print is nearly
always of one height, and most paper has one of a dozen sizes. Each size a page may have is scored
by these, and the stated one is kept unless another is clearly likelier.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry

A4_LONG_INCHES = 297 / 25.4
PLAUSIBLE_DPI = (20.0, 2_500.0)
DEFAULTS = (72.0, 96.0)
"""What cameras, screens and converters write when they know nothing."""
SQUARE = 0.02
"""Pixels whose sides differ by less are square."""
FITS = 0.03
"""Part by which each side of a page may differ from those of a known paper."""
GUESS_FITS = 0.02
"""The same of a size that is only guessed: the pictures of telephones (4 to 3) are no letter."""
FAX_ACROSS = 204.0
FAX_DOWN = (98.0, 196.0, 391.0)
"""Pixels per inch of Group 3 faxes, standard, fine and superfine (ITU-T T.4)."""
FAX_WIDTHS = frozenset({1728, 2048, 2432})
"""Pixels of a fax line, of A4, B4 and A3."""
LIKE_FAX = 0.06
"""Part by which a stated shape of pixels may differ from a fax's: 2 to 1 stands for 204 to 98."""
SQUEEZED = (2.0, FAX_ACROSS / FAX_DOWN[0])
"""Shapes of pixels whose letters look twice as wide, or half."""
SQUEEZED_FROM = (0.7, 1.35)
"""Widths of letters, in usual ones, from which they are looked at as that."""
LONGEST_RATIO = 4.5
"""Of a fax at 204 x 391 or 408 x 98; beyond it, a stated shape of pixels is a mistake."""

USUAL_HEIGHT = 8.8
"""Points; the height of print on office papers: capitals of 13-point type."""
HEIGHT_SPREAD = 0.40
USUAL_SHAPE = 0.82
"""Width of a letter in heights."""
SHAPE_SPREAD = 0.25
LEAST = -8.0
"""No letters speak more strongly against a size than this."""

GUESSED = -2.0
"""Cost of a size that the file does not state."""
OTHER_SHAPE = -0.5
"""Cost of a shape of pixels that is not the stated one."""
UNSEEN_SHAPE = -1.5
"""The same where only the letters speak for it."""
DEFAULT = -1.5
"""Cost of a stated resolution that is a default."""
UNKNOWN_PAPER = -2.0
ODD_PAPER = -4.5
"""The same where the longer side is not one of sheets."""
SHEETS = (4.0, 18.0)
POSSIBLE = (1.5, 60.0)
"""Inches; no page is shorter or longer. (Rolls of plans are longer, and their letters tell.)"""

ID_CARD = (53.98, 85.6)
PAPERS: dict[tuple[float, float], float] = {
    (210.0, 297.0): 0.0,
    (297.0, 420.0): -0.3,
    (148.0, 210.0): -0.3,
    (215.9, 279.4): -0.3,
    (215.9, 355.6): -0.3,
    (215.0, 330.0): -0.3,
    ID_CARD: -0.8,
    (88.0, 125.0): -0.8,
    (105.0, 148.0): -0.8,
    (420.0, 594.0): -0.8,
    (594.0, 841.0): -0.8,
    (841.0, 1189.0): -0.8,
}
"""Short and long side in millimetres, and what each costs: A4; A3, A5, letter, legal, folio;
identity card, passport, A6, A2 to A0."""
USUAL_PAPERS = ((210.0, 297.0), (215.9, 279.4), (215.9, 355.6), (215.0, 330.0))
"""A page that is stated to be one of these is believed without a look at its letters."""
GUESSED_PAPERS = ((210.0, 297.0), (297.0, 420.0), (148.0, 210.0), (215.9, 279.4), ID_CARD)

COPY_PIXELS = 2_400
"""The longer side of the copy on which letters are measured."""
FEWEST_LETTERS = 40
LETTER_CONTRAST = 30
LARGE = 0.6
"""Part of the usual size from which a piece is a letter and no mark or dot."""
LETTER_GAP = 0.35
"""Between letters of a word, in letters; lines are further apart."""
LYING = 0.75
"""Part of the pieces that are left when letters are joined up and down, of those left when they are
joined along, below which lines run up or down."""


class Letters(NamedTuple):
    """The print of a page: the height of its letters in pixels, and their width in heights."""

    height: float
    shape: float
    lying: bool = False
    """Whether its lines run up or down: the letters' height is across the page."""


class Resolution(NamedTuple):
    """Pixels per inch across and down; ``stated`` where the file's own is believed."""

    across: float
    down: float
    stated: bool

    def turned(self) -> "Resolution":
        """That of the picture turned by a right angle."""
        return Resolution(self.down, self.across, self.stated)


class Stated(NamedTuple):
    """What a file says of its resolution; 0 where it says nothing.

    ``ratio`` is that of pixels per inch across to those down, also where only that is told.
    """

    across: float = 0.0
    down: float = 0.0
    ratio: float = 1.0
    default: bool = False
    """Whether the value may be one that a program writes when it knows nothing."""

    @classmethod
    def of(cls, across: object, down: object, *, absolute: bool = True) -> "Stated":
        """From two numbers of a header, which may be anything; with ``absolute`` False they only
        tell the shape of a pixel."""
        x, y = _number(across), _number(down)
        if x <= 0 or y <= 0:
            x = y = max(x, y)
        ratio = x / y if y > 0 and 1 / LONGEST_RATIO <= x / y <= LONGEST_RATIO else 1.0
        if not absolute or not all(PLAUSIBLE_DPI[0] <= one <= PLAUSIBLE_DPI[1] for one in (x, y)):
            return cls(ratio=ratio)
        default = any(abs(x - one) < 1 and abs(y - one) < 1 for one in DEFAULTS)
        return cls(x, y, ratio, default)


def _number(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0


def resolution(
    size: tuple[int, int], stated: Stated, letters: Callable[[], Letters | None]
) -> Resolution:
    """The likeliest resolution of a page of ``size`` pixels (width, height).

    Args:
        size: pixels across and down.
        stated: what the file says.
        letters: measures the print, in these pixels; only asked where there is a doubt.
    """
    square = abs(stated.ratio - 1) <= SQUARE
    if stated.across and square and _fit(size, stated.across, stated.down, USUAL_PAPERS):
        return Resolution(stated.across, stated.down, True)
    seen = letters()
    best, best_score = None, -math.inf
    for candidate, cost in _candidates(size, stated, seen):
        score = cost + _of_paper(size, candidate) + _of_letters(candidate, seen)
        if score > best_score:
            best, best_score = candidate, score
    if best is None:  # a strip of pixels; anything will do
        dpi = max(max(size) / A4_LONG_INCHES, 1.0)
        return Resolution(dpi, dpi, False)
    return best


def _candidates(
    size: tuple[int, int], stated: Stated, letters: Letters | None
) -> Iterator[tuple[Resolution, float]]:
    """Resolutions the page may have, the stated one first, and what each costs."""
    if stated.across:
        kept = Resolution(stated.across, stated.down, True)
        yield _on_paper(size, kept), DEFAULT if stated.default else 0.0
    faxes = list(_faxes(size, stated))
    yield from faxes
    for ratio, cost in _ratios(stated, letters).items():
        if any(abs(made.across / made.down / ratio - 1) <= LIKE_FAX for made, _ in faxes[::2]):
            continue  # that fax, told less exactly
        even = (size[0] / ratio, float(size[1]))
        dpis = [dpi for paper in GUESSED_PAPERS if (dpi := _dpi_on(even, paper)) is not None]
        for dpi in dpis or [max(even) / A4_LONG_INCHES]:
            yield _on_paper(size, Resolution(dpi * ratio, dpi, False)), GUESSED + cost


def _dpi_on(even: tuple[float, float], paper: tuple[float, float]) -> float | None:
    """At which a page of square pixels is that paper; None where it has another shape."""
    short, long = (side / 25.4 for side in paper)
    width, height = (short, long) if even[0] <= even[1] else (long, short)
    dpi = max(even) / long
    fits = _near(even[0] / dpi, width) and _near(even[1] / dpi, height)
    return dpi if fits else None


def _faxes(size: tuple[int, int], stated: Stated) -> Iterator[tuple[Resolution, float]]:
    """A page that is as wide as the lines of a fax, at what a fax may have down the page."""
    if size[0] in FAX_WIDTHS:
        for down in FAX_DOWN:
            ratio = FAX_ACROSS / down
            said = abs(stated.ratio - 1) > SQUARE and abs(stated.ratio / ratio - 1) <= LIKE_FAX
            made = _on_paper(size, Resolution(FAX_ACROSS, down, False))
            yield made, GUESSED + (0.0 if said else OTHER_SHAPE)


def _ratios(stated: Stated, letters: Letters | None) -> dict[float, float]:
    """Shapes a pixel may have (dpi across to dpi down), and what each costs."""
    found = {1.0: 0.0}
    if abs(stated.ratio - 1) > SQUARE:
        # or the sides were swapped
        found = {stated.ratio: 0.0, 1.0: OTHER_SHAPE, 1 / stated.ratio: OTHER_SHAPE}
    low, high = SQUEEZED_FROM
    if letters is not None and not low <= letters.shape / USUAL_SHAPE <= high:
        for ratio in SQUEEZED:
            found.setdefault(ratio, UNSEEN_SHAPE)
            found.setdefault(1 / ratio, UNSEEN_SHAPE)
    return found


def _on_paper(size: tuple[int, int], made: Resolution) -> Resolution:
    """Where pixels are not square, the resolution by which the page is exactly the paper it fits:
    a fax line is 215 mm long, whatever the width of the sheet."""
    if abs(made.across / made.down - 1) <= SQUARE:
        return made
    paper = _fit(size, made.across, made.down, tuple(PAPERS))
    if paper is None:
        return made
    return Resolution(size[0] / paper[0], size[1] / paper[1], made.stated)


def _fit(
    size: tuple[int, int], across: float, down: float, papers: tuple[tuple[float, float], ...]
) -> tuple[float, float] | None:
    """Width and height in inches of the known paper that the page is nearest to."""
    width, height = size[0] / across, size[1] / down
    best, least = None, math.inf
    for paper in papers:
        short, long = (side / 25.4 for side in paper)
        wanted = (short, long) if width <= height else (long, short)
        off = max(abs(width / wanted[0] - 1), abs(height / wanted[1] - 1))
        if off <= FITS and off < least:
            best, least = wanted, off
    return best


def _near(side: float, wanted: float) -> bool:
    return abs(side / wanted - 1) <= GUESS_FITS


def _of_paper(size: tuple[int, int], made: Resolution) -> float:
    longer = max(size[0] / made.across, size[1] / made.down)
    if not POSSIBLE[0] <= longer <= POSSIBLE[1]:
        return 2 * LEAST
    paper = _fit(size, made.across, made.down, tuple(PAPERS))
    if paper is None:
        return UNKNOWN_PAPER if SHEETS[0] <= longer <= SHEETS[1] else ODD_PAPER
    sides = sorted(paper)
    return next(
        cost
        for (short, long), cost in PAPERS.items()
        if abs(short / 25.4 - sides[0]) < 1e-6 and abs(long / 25.4 - sides[1]) < 1e-6
    )


def _of_letters(made: Resolution, letters: Letters | None) -> float:
    if letters is None:
        return 0.0
    across, down = (made.down, made.across) if letters.lying else (made.across, made.down)
    tall = math.log(letters.height / down * 72 / USUAL_HEIGHT) / HEIGHT_SPREAD
    wide = math.log(letters.shape / (across / down) / USUAL_SHAPE) / SHAPE_SPREAD
    return max(LEAST, -(tall**2) / 2) + max(LEAST, -(wide**2) / 2)


def letters_of(grey: NDArray[np.uint8]) -> Letters | None:
    """The print of a page in grey (uint8, shape (height, width)); None where there is too little.

    Dots of dot leaders and specks are many and small: each piece of ink counts by the square of its
    height. About 35 ms for A4, at any resolution.
    """
    scale = min(1.0, COPY_PIXELS / max(grey.shape))
    small = geometry.reduced(grey, scale)
    if min(small.shape) < 32:
        return None
    mask = geometry.ink(small, LETTER_CONTRAST).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    wide, tall = (
        stats[1:, at].astype(np.float64) for at in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    area = stats[1:, cv2.CC_STAT_AREA]
    most = 0.05 * max(small.shape)
    letter = (np.minimum(wide, tall) >= 3) & (np.maximum(wide, tall) <= most)
    letter &= (wide < 6 * tall) & (tall < 6 * wide) & (area >= 0.12 * wide * tall)
    if letter.sum() < FEWEST_LETTERS:
        return None
    longer = np.maximum(wide, tall)
    usual = _usual(longer[letter])
    large = np.concatenate(([False], letter & (longer >= LARGE * usual)))
    lying = _lying(large[labels], usual)
    wide, tall = (tall, wide) if lying else (wide, tall)
    letter &= tall >= 5
    wide, tall = wide[letter], tall[letter]
    if len(tall) < FEWEST_LETTERS:
        return None
    height = _usual(tall)
    whole = tall >= LARGE * height
    return Letters(height / scale, float(np.median(wide[whole] / tall[whole])), lying)


def _usual(sizes: NDArray[np.float64]) -> float:
    """The middle one, where each counts by its square."""
    ordered = np.sort(sizes)
    weight = np.cumsum(ordered**2)
    return float(ordered[int(np.searchsorted(weight, weight[-1] / 2))])


def _lying(letters: NDArray[np.bool_], usual: float) -> bool:
    """Whether letters are nearer to the next one up and down than to the left and right."""
    mask, gap = letters.astype(np.uint8), max(2, round(LETTER_GAP * usual))
    rows, columns = (
        cv2.connectedComponents(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(kernel, np.uint8)))
        for kernel in ((1, gap), (gap, 1))
    )
    return columns[0] < LYING * rows[0]
