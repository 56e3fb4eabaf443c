"""Figures written by pen into a printed line: the number and the day of a document.

The line model looks at them in two ways: inside the whole line, held to what is printed around
them, and alone, in several views (slanted, larger, thinner, bolder). The readers of penned figures,
networks of their own, look at them one by one (:mod:`ocr.fields.pen.apart`). A number is *proven*
where both kinds name it first and neither look is sure of another; also where the line model
differs in figures that it is known to mistake, and all else is sure of them.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.language import language
from ocr.fields.pen.apart import NO_FIGURES, Figures, figures_apart
from ocr.fields.sureness import (
    CONTRADICTED,
    FLOOR,
    LINE_LEADS,
    LOOK_DISSENTS,
    LOOK_LEADS,
    NETWORKS_SETTLE,
    SINGLE,
    SURE_PRINT,
    TYPED,
    UNLIKE,
)
from ocr.fields.zone_reader import DIGITS, Image
from ocr.recognition.line_reader import Line, LineReader

SHEAR = 0.25
"""Pens lean: views are slanted by so much of their height to either side."""

FIGURES = range(1, 6)
"""So many figures a number has."""


LOST = 0.2
"""Ink left out beside the cut, in heights of the line: more may be a figure that touches print."""

SLASH = 0.15
"""Ink before the symbol that is a slash, in heights of the line."""

SLASHES = 0.5
"""More than that is a slash and a figure; no slash at all runs into one."""

DOT = 0.28
"""Pieces smaller than this part of a figure, at the left end, are dots of a colon."""

TOUCHING = 0.75
"""A single piece wider than this part of its height may be two figures grown together."""

INK = 0.012
"""Part of a gap that must be dark before anything is written in it."""


class Guess(NamedTuple):
    """What a pen wrote, as the looks have it."""

    text: str
    share: float
    """Probability among the candidates, all looks together, 0 to 1."""
    proven: bool
    """The figure reader and the line model name it first, and no look is sure of another; where
    the figures run into one another, both of the line model's looks are sure of it."""
    looks: tuple[tuple[str, str, float], ...] = ()
    """Each look's name, first choice and its share."""
    whole: bool = True
    """False where the pen runs into the print beside it, so that a figure may be lost to it."""


NOTHING_WRITTEN = Guess("", 0.0, False)


def penned_number(reader: LineReader, line: Line, image: Image, span: tuple[int, int]) -> Guess:
    """The number in a line ``Số: ... /QĐ-UBND``: one to five figures.

    Args:
        reader: the line reader.
        line: what it saw in ``image``.
        image: the strip, grey, paper bright.
        span: first letter of the number in :meth:`Line.letters` and the one after its last.
    """
    letters = line.letters()
    before = [letter.text for letter in letters[: span[0]]]
    after = [letter.text for letter in letters[span[1] :]]
    gap = _gap(image, line, span)
    if gap is None:
        return NOTHING_WRITTEN
    inside: dict[str, float] = defaultdict(float)
    for count in FIGURES:
        places = [*([c] for c in before), *([DIGITS] * count), *([c] for c in after)]
        for found in line.read(places=places):
            figures = _inner(found.text, before, after)
            if len(figures) == count:
                inside[figures] += found.confidence
    # where the printed slash stands behind the gap, what looks like one in it is a 1
    apart = figures_apart(gap.image, slash=gap.after < SLASH)
    views = _views(reader, gap.image, FIGURES)
    lengths = {len(_first(said)[0]) for said in (inside, views)}
    if (apart.last_is_slash or not gap.whole) and lengths == {len(apart.shares) - 1}:
        apart = apart.without_last()  # a slash all the same, as the line model has it
    guess = _together(_shares(inside), views, apart)
    slash = apart.ended or SLASH <= gap.after <= SLASHES
    return guess._replace(whole=gap.whole and slash)


def penned_day(
    reader: LineReader, line: Line, image: Image, span: tuple[int, int], likely: Sequence[int]
) -> Guess:
    """The day in ``..., ngày ... tháng 5 năm 2021``, or the month, one of ``likely``: two figures.

    Arguments are those of :func:`penned_number`.
    """
    gap = _gap(image, line, span)
    if gap is None:
        return NOTHING_WRITTEN
    alone, whole = gap.image, gap.whole
    apart = figures_apart(alone, slash=False, most=2)
    inside = _days_inside(line, span, likely, two=len(apart.shares) == 2)
    allowed = {f"{day:02d}" for day in likely}
    views: dict[str, float] = defaultdict(float)
    for said, share in _views(reader, alone, (1, 2)).items():
        if said.zfill(2) in allowed:
            views[said.zfill(2)] += share
    single = len(apart.shares) == 1
    if single and _wide(alone):  # two figures that touch
        apart, single = NO_FIGURES, False
    if single:  # written without its zero
        apart = apart.after_zero()
    guess = _together(_shares(inside), _shares(views), apart, allowed)
    return guess._replace(proven=guess.proven and (whole or not single))


def _days_inside(
    line: Line, span: tuple[int, int], likely: Sequence[int], *, two: bool
) -> dict[str, float]:
    """How likely each day is inside the printed line; nothing where no day is like what is there.

    ``two``: two figures were seen, so that a day under 10 has its zero.
    """
    letters = [letter.text for letter in line.letters()]
    before, after = "".join(letters[: span[0]]), "".join(letters[span[1] :])
    texts: dict[str, tuple[str, float]] = {}
    for day in likely:
        for figures, weight in ((f"{day:02d}", 1.0), (str(day), SINGLE)):
            if len(figures) == 2 or (day < 10 and not two):
                for space in ("", " "):
                    texts[before + figures + space + after.lstrip()] = (f"{day:02d}", weight)
    inside: dict[str, float] = defaultdict(float)
    for candidate in line.choose(texts):
        if candidate.support < UNLIKE and not inside:
            break
        figures, weight = texts[candidate.text]
        inside[figures] += candidate.confidence * weight
    return inside


def beside_print(guess: Guess, said: str, sure: float) -> Guess:
    """The guess beside what Tesseract reads in its place on the page.

    Where that is sure, the same figures prove the guess, others forbid a proof.

    Args:
        guess: what the other readers say.
        said: Tesseract's figures; empty where it read none.
        sure: its confidence in the row, 0 to 1.
    """
    if not guess.text or not said or sure < SURE_PRINT:
        return guess if len(guess.text) != 1 else guess._replace(proven=False)
    if said == guess.text:
        return guess._replace(proven=guess.proven or guess.share >= TYPED)
    return guess._replace(proven=False, share=guess.share * CONTRADICTED)


def _together(
    inside: dict[str, float],
    views: dict[str, float],
    figures: Figures,
    among: Collection[str] | None = None,
) -> Guess:
    """The likeliest candidate of all looks; the two of the line model count as one opinion."""
    looks = [("line", *_first(inside)), ("line-alone", *_first(views))]
    seen = len(figures.shares) in FIGURES if among is None else 2 <= len(figures.shares) <= 4
    if seen:
        said = {text: figures.probability(text) for text in among or ()}
        looks.append(("figures", *(_first(_shares(said)) if said else figures.likeliest())))
    looks = [look for look in looks if look[1]]
    text = figures.likeliest()[0]
    line = [said for name, said, _ in looks if name != "figures"]
    if (
        seen
        and (among is None or text in among)
        and figures.sure_of(text, NETWORKS_SETTLE)
        and _mistaken(text, line)
    ):
        return Guess(text, figures.probability(text), True, tuple(looks))
    candidates = {*inside, *views, *(text for _, text, _ in looks)}
    if not candidates:
        return NOTHING_WRITTEN
    score = {
        text: 0.5 * math.log(inside.get(text, 0.0) + FLOOR)
        + 0.5 * math.log(views.get(text, 0.0) + FLOOR)
        + (math.log(figures.probability(text) + FLOOR) if seen else 0.0)
        + (math.log(SINGLE) if len(text) == 1 else 0.0)
        for text in candidates
    }
    best = max(score, key=lambda text: score[text])
    share = math.exp(score[best]) / sum(math.exp(value) for value in score.values())
    named = {name: value for name, text, value in looks if text == best}
    against = max((value for _, text, value in looks if text != best), default=0.0)
    if seen:
        sure = "figures" in named and len(named) > 1 and max(named.values()) >= LOOK_LEADS
    else:
        sure = len(named) == 2 and min(named.values()) >= LINE_LEADS
    return Guess(best, min(share, 1.0), sure and against < LOOK_DISSENTS, tuple(looks))


def _mistaken(text: str, line: Sequence[str]) -> bool:
    """Whether the line model's looks say ``text`` or what they are known to mistake it for.

    One of them at least has as many figures; the other may take a flag for one more.
    """
    same = [said for said in line if len(said) == len(text)]
    others = [said for said in line if len(said) != len(text)]
    return (
        bool(same)
        and all(len(said) == len(text) + 1 for said in others)
        and all(
            b == a or b in language().mistaken_figures.get(a, "")
            for said in same
            for a, b in zip(text, said, strict=True)
        )
    )


def _first(said: dict[str, float]) -> tuple[str, float]:
    text = max(said, key=lambda t: said[t], default="")
    return text, said.get(text, 0.0)


def _shares(said: dict[str, float]) -> dict[str, float]:
    total = sum(said.values())
    return {text: likely / total for text, likely in said.items()} if total > 0 else {}


def _inner(text: str, before: Sequence[str], after: Sequence[str]) -> str:
    """The figures of a line read under its places; spaces at their sides were folded."""
    start = len(" ".join("".join(before).split()))
    end = len(text) - len(" ".join("".join(after).split()))
    return "".join(c for c in text[start:end] if c in DIGITS)


class Gap(NamedTuple):
    """What is written between printed letters."""

    image: Image
    whole: bool
    """Whether its ends are blank. Where a pen runs into the print, a figure may be lost to it."""
    after: float
    """Ink between it and the next letter that is no slash, in heights of the line."""


def _gap(image: Image, line: Line, span: tuple[int, int]) -> Gap | None:
    """The picture between the printed letters around ``span``; None where nothing is written."""
    letters = line.letters()
    at = span[1]
    while at < len(letters) and letters[at].text == " ":
        at += 1
    right = letters[at].x0 if at < len(letters) else line.x[-1]
    while at < len(letters) and letters[at].text in " /":
        at += 1
    symbol = letters[at].x0 if at < len(letters) else line.x[-1]
    start = span[0] - 1
    while start >= 0 and letters[start].text == " ":
        start -= 1
    left = letters[start].x1 if start >= 0 else line.x[0]
    rows = slice(*line.rows)
    tall = line.rows[1] - line.rows[0]
    inked = np.asarray((image[rows] < np.percentile(image, 85) - 60), np.bool_)
    columns = np.asarray(inked.sum(axis=0) > 0, np.bool_)
    x0 = _blank_near(columns, int(left), int(0.35 * tall))
    x1 = _blank_near(columns, int(right), int(0.45 * tall))
    if x1 - x0 < 0.25 * tall or inked[:, x0:x1].mean() < INK:
        return None
    ends = (min(x0, len(columns) - 1), max(x1 - 1, 0))
    lost = columns[x1 : max(x1, int(right))].sum() + columns[min(int(left), x0) : x0].sum()
    whole = not any(columns[end] for end in ends) and lost <= LOST * tall
    after = float(columns[x1 : max(x1, int(symbol))].sum()) / tall
    return Gap(_without_colon(np.ascontiguousarray(image[rows, x0:x1])), whole, after)


def _without_colon(image: Image) -> Image:
    """The gap without the dots of the label's colon, where the cut left them in."""
    paper = int(np.percentile(image, 85))
    ink = (image < paper - 60).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall = max((int(stat[3]) for stat in stats[1:]), default=0)
    clean = image
    for index in range(1, count):
        x, _, w, h, _ = (int(v) for v in stats[index])
        if max(w, h) < DOT * tall and x + w < 0.5 * tall:
            clean = clean.copy() if clean is image else clean
            near = cv2.dilate((labels == index).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            clean[near] = paper
    return clean


def _blank_near(inked: np.ndarray[tuple[int], np.dtype[np.bool_]], at: int, reach: int) -> int:
    """The middle of the widest run of blank columns near ``at``; ``at`` where there is none."""
    low, high = max(0, at - reach), min(len(inked), at + reach)
    best, place, run = 1, min(max(at, 0), len(inked)), 0
    for x in range(low, high):
        run = 0 if inked[x] else run + 1
        if run > best:
            best, place = run, x - run // 2
    return place


def _views(reader: LineReader, image: Image, counts: Collection[int]) -> dict[str, float]:
    """What the line model reads in views of the figures alone, so many of them."""
    said: dict[str, float] = defaultdict(float)
    lines = reader.look_at_all(list(_seen(image)))
    count = len(lines)
    for line in lines:
        for found in line.read(alphabet=DIGITS + "/", best=6) if line is not None else ():
            text = found.text.replace(" ", "").strip("/")
            if len(text) in counts and text.isdecimal():
                said[text] += found.confidence
    return {text: likely / count for text, likely in said.items()}


def _seen(image: Image) -> Iterator[Image]:
    tall, wide = image.shape
    paper = int(np.percentile(image, 85))
    side = int(0.2 * tall)
    framed = cv2.copyMakeBorder(image, 0, 0, side, side, cv2.BORDER_CONSTANT, value=(paper,))
    yield image
    for shear in (-SHEAR, SHEAR):
        turn = np.array([[1, shear, -shear * tall / 2], [0, 1, 0]], np.float32)
        size = (wide + 2 * side, tall)
        leaning = cv2.warpAffine(framed, turn, size, borderValue=(paper,))
        yield np.asarray(leaning, np.uint8)
    yield np.asarray(cv2.erode(image, np.ones((2, 2), np.uint8)), np.uint8)
    yield np.asarray(cv2.dilate(image, np.ones((2, 2), np.uint8)), np.uint8)
    yield np.asarray(cv2.resize(image, (max(4, int(wide * 1.25)), tall)), np.uint8)


def _wide(image: Image) -> bool:
    """Whether the ink is about as wide as tall: few figures are, two that touch always."""
    ink = image < np.percentile(image, 85) - 60
    across, down = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    return bool(across.size and np.ptp(across) > TOUCHING * np.ptp(down))
