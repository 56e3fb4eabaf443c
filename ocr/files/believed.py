"""Whether the text layer of a page is what the page shows.

The page is drawn twice, with its text and without: the difference is what the text adds to what is
seen. A word that adds nothing is white, transparent, clipped, covered or off the page, and is not
believed. A few lines of each font are then read from the difference and compared; where the layer
says something else than what is seen (a wrong ``/ToUnicode``, a legacy encoding), the whole page is
read. What the second drawing still shows has to be read beside the text.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr.cleaning import geometry
from ocr.files import pdfpages
from ocr.files.digital import LaidWord, laid_words, sane, viewed
from ocr.files.open_pages import page_size
from ocr.files.pictures import Scan
from ocr.options import ReadingOptions
from ocr.recognition.reader import reader
from schemas.page import Box, Word

ADDED = 24
"""Grey levels by which text differs from what lies under it to be seen."""
ADDED_COLUMNS = 0.2
"""Part of a word's columns in which it must."""
SMALLEST_POINTS = 2.6
"""Height of a line below which nobody reads it: about two points of type."""
FINE_POINTS, FINE_DPI = 8.0, 300.0
"""Below this mean height of lines, pages are drawn finer."""
MOST_PIXELS = 60_000_000
"""Of a drawing: there are two at a time, in colour, and what they differ by."""
LINES_PER_FONT, MOST_LINES = 3, 9
FEWEST_LETTERS = 4
"""A font with fewer on the page is not judged."""
LOST = 3
"""Cost of a letter lost or added between two strings, where one read as another costs 1."""
WRONG_LETTERS = 0.12
"""Part of a font's letters that may be read differently."""
SPECK_INCHES, RULE_INCHES = 0.02, 0.4
"""Ink is more than a speck, and not a rule that goes straight on for so long."""
SMALL_PICTURE = 900.0
"""Square points; a picture of less is an ornament."""
PAPER = 160.0
"""Grey level from which a ground is paper, on which white letters are not seen."""
FAINT = 18
"""Grey levels under its surroundings from which something is ink."""
_ALIKE = tuple(
    map(frozenset, ("0oq", "1lijt!|", "5s", "8b", "2z", "6bg", "9gq", "uv", "ce", "yv", "hn", "il"))
)

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Believed:
    """What a page shows, in text and otherwise."""

    words: list[Word]
    """The words of its text layer that are seen; none where that is doubted."""
    doubted: bool
    """Whether text is seen that the layer says wrongly: :attr:`rest` is the whole page then."""
    rest: Scan | None
    """What is to be read beside the words; None where there is no other ink."""
    unread: bool = False
    """Whether there is a picture that could not be drawn."""


def believed(page: "pdfium.PdfPage", made: pdfpages.Makeup, options: ReadingOptions) -> Believed:
    """Compare the text layer of an open page with what the page shows.

    Raises:
        InputRejected: ``reading.broken``.
        MissingDependency: the engine is not there.
    """
    laid = laid_words(page, made.visible)
    seen = _Seen.of(page, made, laid, options)
    shown = [word for word in laid if seen.shows(word)]
    words = [one.word for one in shown]
    unread = _unread_picture(page, made, seen)
    if shown and not (sane(words) and _as_read(shown, seen, options)):
        return Believed([], True, pdfpages.as_scan(page, made, seen.whole, seen.dpi), unread)
    return Believed(words, False, _rest(page, made, seen), unread)


def unseen_objects(
    page: "pdfium.PdfPage", made: pdfpages.Makeup, options: ReadingOptions
) -> tuple[set[int], bool]:
    """Addresses of text objects that show nothing; and whether others, that do, remain."""
    laid = laid_words(page, made.visible)
    seen = _Seen.of(page, made, laid, options)
    showing = {owner for word in laid if seen.shows(word) for owner in word.owners}
    hidden = {owner for word in laid for owner in word.owners} - showing
    return hidden, bool(showing)


@dataclass(frozen=True)
class _Seen:
    """A page drawn with its text and without."""

    whole: Image
    bare: Image
    added: Image
    """How much the text adds, shape (height, width)."""
    dpi: float
    size: tuple[float, float]

    @classmethod
    def of(
        cls,
        page: "pdfium.PdfPage",
        made: pdfpages.Makeup,
        laid: Sequence[LaidWord],
        options: ReadingOptions,
    ) -> "_Seen":
        heights = [min(_sides(one.word.box)) for one in laid if len(one.word.text) > 2]
        fine = bool(heights) and float(np.median(heights)) < FINE_POINTS
        width, height = page_size(page)
        most = 72 * float(np.sqrt(MOST_PIXELS / max(width * height, 1.0)))
        dpi = min(FINE_DPI if fine else float(options.ocr_dpi), most)
        whole, dpi = pdfpages.drawn(page, dpi, options)
        with pdfpages.without(made.visible.values()):
            rest, _ = pdfpages.drawn(page, dpi, options)
        if whole.shape != rest.shape:  # PDFium draws in grey what has no colour
            whole, rest = _three(whole), _three(rest)
        added = cv2.absdiff(whole, rest)
        if added.ndim == 3:
            added = added.max(axis=2)
        return cls(whole, rest, np.asarray(added, np.uint8), dpi, page_size(page))

    def shows(self, one: LaidWord) -> bool:
        """Whether a word adds anything to the page that can be seen and is large enough."""
        x0, y0, x1, y1 = one.word.box
        inside = geometry.clipped(one.word.box, *self.size)
        full = (x1 - x0) * (y1 - y0)
        area = (inside[2] - inside[0]) * (inside[3] - inside[1])
        tall = _sides(one.word.box)[1 - one.turn // 90 % 2]
        if full <= 0 or area < 0.5 * full or tall < SMALLEST_POINTS:
            return False
        ink = self.crop(self.added, one.word.box) >= ADDED
        if ink.size == 0 or int(ink.sum()) < 2 or self._only_erases(one.word.box, ink):
            return False
        return float(ink.any(axis=one.turn // 90 % 2).mean()) >= ADDED_COLUMNS

    def _only_erases(self, box: Box, ink: NDArray[np.bool_]) -> bool:
        """Whether text as bright as the paper is seen only where it crosses other ink."""
        under, over = (_grey(self.crop(image, box)) for image in (self.bare, self.whole))
        paper = float(np.median(under))
        lightened = over[ink] > under[ink]
        return paper >= PAPER and float(lightened.mean()) > 0.9

    def crop(self, image: Image, box: Box) -> Image:
        """The part of a picture of the page in a box of points."""
        height, width = image.shape[:2]
        x0, y0, x1, y1 = (value * self.dpi / 72 for value in box)
        left, top = max(0, int(x0)), max(0, int(y0))
        return image[top : min(height, int(y1) + 1), left : min(width, int(x1) + 1)]


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _grey(pixels: Image) -> Image:
    return pixels if pixels.ndim == 2 else np.asarray(pixels.mean(axis=2), np.uint8)


def _three(pixels: Image) -> Image:
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3]


# Comparing lines


@dataclass(frozen=True)
class _Line:
    font: int
    words: tuple[LaidWord, ...]

    @property
    def text(self) -> str:
        return _bare(" ".join(one.word.text for one in self.words))


def _as_read(shown: Sequence[LaidWord], seen: _Seen, options: ReadingOptions) -> bool:
    """Whether a few lines of each font say what is read in their places."""
    chosen = _chosen(_lines(shown))
    if not chosen:
        return True
    pairs = list(zip(chosen, _read(chosen, seen, options, together=True), strict=True))
    odd = [
        line for line, said in pairs if _errors(line.text, said) > WRONG_LETTERS * len(line.text)
    ]
    again = dict(zip(map(id, odd), _read(odd, seen, options, together=False), strict=True))
    told: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for line, said in pairs:
        other = again.get(id(line), said)
        best = min((said, other), key=lambda one: _errors(line.text, one))
        told[line.font].append((line.text, best))
    return not any(_lies(pairs) for pairs in told.values())


def _lines(shown: Iterable[LaidWord]) -> list[_Line]:
    """Runs of words of one line, font and direction."""
    runs: list[list[LaidWord]] = []
    for one in shown:
        last = runs[-1][-1] if runs else None
        alike = last is not None and (last.word.line, last.font, last.turn) == (
            one.word.line,
            one.font,
            one.turn,
        )
        if alike:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [_Line(run[0].font, tuple(run)) for run in runs]


def _chosen(lines: Sequence[_Line]) -> list[_Line]:
    """A few lines of each font, that have as many different letters as possible."""
    by_font: dict[int, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.text:
            by_font[line.font].append(line)
    fonts = sorted(by_font.values(), key=lambda own: -sum(len(line.text) for line in own))
    fonts = [own for own in fonts if sum(len(line.text) for line in own) >= FEWEST_LETTERS]
    known: dict[int, set[str]] = defaultdict(set)
    chosen: list[_Line] = []
    for _ in range(LINES_PER_FONT):
        for own in fonts:
            if not own or len(chosen) >= MOST_LINES:
                continue
            there = known[own[0].font]
            best = max(own, key=lambda line: _worth(line.text, there))
            own.remove(best)
            there |= set(best.text)
            chosen.append(best)
    return chosen


def _worth(text: str, known: set[str]) -> tuple[int, int]:
    """New letters, and figures: a wrong one of those is not seen in the sense of a line."""
    figures = sum(char.isdigit() for char in text)
    return len(set(text) - known) + min(figures, 12), min(len(text), 60)


def _bare(text: str) -> str:
    """Letters and digits only, small."""
    return "".join(char for char in unicodedata.normalize("NFC", text).lower() if char.isalnum())


def _letter(char: str) -> str:
    """A letter without its marks."""
    return unicodedata.normalize("NFD", char)[0]


def _read(
    lines: Sequence[_Line], seen: _Seen, options: ReadingOptions, *, together: bool
) -> list[str]:
    """What is read of each line, from a picture of nothing but what the text adds."""
    crops = [_picture(line, seen) for line in lines]
    if not crops:
        return []
    if together:
        return [_bare(text) for text in reader(options).read_lines(crops, seen.dpi)]
    return [
        _bare(" ".join(word.text for word in reader(options).read(crop, seen.dpi, 6)))
        for crop in crops
    ]


def _picture(line: _Line, seen: _Seen) -> Image:
    """The line upright, dark on white, with a margin, without what stands around its words."""
    boxes = [one.word.box for one in line.words]
    around = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    clean = np.zeros_like(seen.crop(seen.added, around))
    offset = (max(0, int(around[0] * seen.dpi / 72)), max(0, int(around[1] * seen.dpi / 72)))
    for box in boxes:
        part = seen.crop(seen.added, box)
        left = max(0, int(box[0] * seen.dpi / 72)) - offset[0]
        top = max(0, int(box[1] * seen.dpi / 72)) - offset[1]
        clean[top : top + part.shape[0], left : left + part.shape[1]] = part
    strongest = max(int(clean.max(initial=0)), 1)
    dark = 255 - np.minimum(clean.astype(np.uint16) * 255 // strongest, 255).astype(np.uint8)
    dark = geometry.turned_image(dark, -line.words[0].turn % 360)
    margin = max(8, dark.shape[0] // 3)
    return np.pad(dark, margin, constant_values=255)


def _errors(text: str, said: str) -> int:
    return int(Levenshtein.distance(text, said))


def _lies(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a font's text differs from what is read, as a whole or always in one letter."""
    letters = sum(len(text) for text, _ in pairs)
    if letters < FEWEST_LETTERS:
        return False
    if sum(_errors(text, said) for text, said in pairs) > max(2.0, WRONG_LETTERS * letters):
        return True
    right, wrong = Counter[str](), Counter[tuple[str, str]]()
    for text, said in pairs:
        for one, other in _aligned(text, said):
            if one == other:
                right[one] += 1
            else:
                wrong[one, other] += 1
    return any(
        count >= _too_often(one, other)
        and count > 2 * right[one]
        and not any({one, other} <= alike for alike in _ALIKE)
        for (one, other), count in wrong.items()
    )


def _aligned(text: str, said: str) -> list[tuple[str, str]]:
    """The letters that stand for one another in two strings.

    A letter lost or added costs more than one read as another, or swapped letters would be taken
    for shifted ones: 6868 and 8686.
    """
    if text == said:
        return list(zip(text, said, strict=True))
    costs = [[LOST * column for column in range(len(said) + 1)]]
    for row, one in enumerate(text, 1):
        before, here = costs[-1], [LOST * row]
        for column, other in enumerate(said, 1):
            kept = before[column - 1] + (one != other)
            here.append(min(kept, before[column] + LOST, here[-1] + LOST))
        costs.append(here)
    pairs, row, column = list[tuple[str, str]](), len(text), len(said)
    while row and column:
        one, other = text[row - 1], said[column - 1]
        if costs[row][column] == costs[row - 1][column - 1] + (one != other):
            pairs.append((one, other))
            row, column = row - 1, column - 1
        elif costs[row][column] == costs[row - 1][column] + LOST:
            row -= 1
        else:
            column -= 1
    return pairs


def _too_often(one: str, other: str) -> int:
    """How often a letter may be read as another; figures matter, marks are easily misread."""
    if one.isdigit() and other.isdigit():
        return 2
    return 6 if _letter(one) == _letter(other) else 3


# What else there is


def _rest(page: "pdfium.PdfPage", made: pdfpages.Makeup, seen: _Seen) -> Scan | None:
    if not made.drawn:
        return None
    if made.ground is not None:
        own = pdfpages.own_pixels(page, made.ground, seen.dpi)
        if own is not None:
            return own
    rest = pdfpages.as_scan(page, made, seen.bare, seen.dpi)
    return rest if has_ink(rest.grey, seen.dpi) else None


def has_ink(image: Image, dpi: float) -> bool:
    """Whether there is ink besides rules and specks: letters, drawings, photographs."""
    scale = min(1.0, 100 / dpi)
    small = geometry.reduced(image, scale) if scale < 1 else image
    fine = dpi * scale
    inked = geometry.ink(small, FAINT).astype(np.uint8)
    long, thick = max(3, round(RULE_INCHES * fine)), np.ones((3, 3), np.uint8)
    across = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    down = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    rules = cv2.dilate(np.asarray(cv2.bitwise_or(across, down), np.uint8), thick, iterations=2)
    inked[rules > 0] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    least = max(2, round(SPECK_INCHES * fine))
    large = (stats[1:, cv2.CC_STAT_WIDTH] > least) | (stats[1:, cv2.CC_STAT_HEIGHT] > least)
    return bool(large.any())


def _unread_picture(page: "pdfium.PdfPage", made: pdfpages.Makeup, seen: _Seen) -> bool:
    """Whether a picture of some size cannot be decoded, so that nothing of it is seen."""
    for picture in made.pictures:
        box = geometry.clipped(viewed(page, picture.get_bounds()), *seen.size)
        if (box[2] - box[0]) * (box[3] - box[1]) < SMALL_PICTURE:
            continue
        part = seen.crop(seen.bare, box)
        if part.size and int(part.max()) - int(part.min()) < FAINT and not _decodes(picture):
            return True
    return False


def _decodes(picture: "pdfium.PdfImage") -> bool:
    try:
        bitmap = picture.get_bitmap(render=False)
    except (pdfium.PdfiumError, ValueError):
        return False
    return int(bitmap.width) > 0
