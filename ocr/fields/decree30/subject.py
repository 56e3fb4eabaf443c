"""What a document is about: the bold lines under its heading, or *V/v ...* under its number."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from ocr.fields.classify import opens_letter
from ocr.fields.decree30.printed import (
    PIXELS,
    Paper,
    Printed,
    count_letters,
    line_height,
    phrase,
    printed_evidence,
    read_printed,
    tidy,
)
from ocr.fields.decree30.subject_end import ends_open
from ocr.fields.evidence import Evidence
from ocr.fields.lines import Phrase, columns, lines, middle
from schemas.document_type import DocumentType
from schemas.field import Check
from schemas.page import Box, PageReading
from schemas.validators import folded, is_syllable, plain

RULE = (28.0, 260.0)
"""Shortest and longest rule under the subject, points (a third to a half of the line)."""

DEPTH = 150.0
"""The subject ends within so many points under the heading."""

LOST_LINE = 2.3
"""Between two lines that follow each other there are less than so many heights of a line."""

FEW_LETTERS = 4
"""So many pieces as tall as letters, right under the last line, are another line."""

STAMPED = 12
"""So many letters of a stamp may have been read before the opening formula."""

OFF_CENTRE = 45.0
"""The rule's middle lies within so many points of the heading's."""

CENTRED = 12.0
"""A line of a subject under a heading lies in its middle, but for so many points."""

NARROW = 0.62
"""Of the page's width: a line of the text itself is wider, unless it is a paragraph's last."""

SAME_PITCH = 1.3
"""Lines of a subject follow each other alike; the text begins after a larger step."""

LOST_REACH = 3.6
"""In the left column of a letter nothing stands so near under the subject, in steps from line to
line, but what goes on with it after two lines that were lost."""

CLOSE = 1.0
"""Words of a line stand no further apart, in heights of the line."""


def read_subject(
    paper: Paper,
    page: PageReading,
    spec: DocumentType,
    title: Phrase | None,
    left: Sequence[Phrase],
    edge: float,
) -> Evidence:
    """The field ``subject``.

    Args:
        paper: the document's pages in colour.
        page: its first page.
        spec: its type.
        title: the heading; None for official letters, whose subject stands in the left column.
        left: the rows of the header's left column.
        edge: the x (points) where the header's right column begins.
    """
    below: Sequence[Phrase] = left
    if title is not None:
        x = middle(title.box)[0]
        below = [_through(row, x) for row in lines(page) if row.box[1] > middle(title.box)[1]]
        rule = _rule(paper, page, title)
        found = _following(below, title, page, spec) if rule is None else []
        if rule is not None:
            found = _above(below, rule, page.skew, x)
        bounds = (0.08 * page.width, 0.97 * page.width)
    else:
        found = _official(left, page, spec)
        bounds = (0.04 * page.width, edge - 3)
    if not found:
        return printed_evidence((), page, digital=False, required=True)
    openings = spec.vocabulary.get("subject_openings", ())
    found = _from_last_opening(found, openings)
    whole, found[0] = found[0], _from_opening(found[0], openings)
    if found[0] is not whole:  # what stands close before it does not belong to it
        bounds = (found[0].box[0] - 3, bounds[1])
    read = _read(paper, page, found, bounds, openings)
    printed = tidy(" ".join(r.voted.text for r in read))
    text = opened(printed.rstrip(".,;:"), openings)
    text = _past_stamp(text, openings).replace("—", "–")  # no office types the longer dash
    said = next((text.removeprefix(o) for o in openings if text.startswith(o)), text)
    checks = [Check(name="words_possible", passed=possible_words(said))]
    digital = paper.context.digital(page)
    first = found if title is None else [title, *found]
    if digital:
        printed = " ".join(r.voted.text for r in read)  # a dash at its end is no speck
        reach = SAME_PITCH if title is not None else LOST_REACH
        all_there = _whole_in_text(page, first, below, spec, reach)
    else:
        all_there = _whole(paper, page, first)
    checks.append(Check(name="subject_whole", passed=all_there and not ends_open(printed)))
    return printed_evidence(
        read, page, digital=digital, required=True, checks=tuple(checks), value=text
    )


def _through(row: Phrase, x: float) -> Phrase:
    """The part of a row that runs through ``x``: a stamp may stand far beside it."""
    parts = columns(row)
    return next((part for part in parts if part.box[0] - 20 < x < part.box[2] + 20), row)


def _read(
    paper: Paper,
    page: PageReading,
    found: Sequence[Phrase],
    bounds: tuple[float, float],
    openings: Sequence[str],
) -> list[Printed]:
    def first(text: str) -> str:
        return opened(text, openings)

    return [
        read_printed(paper, page, row, bounds, repair=first if index == 0 else folded)
        for index, row in enumerate(found)
    ]


def _from_opening(row: Phrase, openings: Sequence[str]) -> Phrase:
    """The row from its opening formula on: a stamp beside it may have been read before."""
    words = row.words
    for start in range(1, len(words) - 1):
        rest = plain(" ".join(word.text for word in words[start : start + 3]))
        begins = words[start].text[:1].isupper()  # inside a sentence it is only a word
        if begins and any(len(o) > 3 and rest.startswith(plain(o)) for o in openings):
            return phrase(words[start:])
    return row


def _from_last_opening(rows: list[Phrase], openings: Sequence[str]) -> list[Phrase]:
    """The rows from the one that begins with an opening formula on: a stamp may stand over it."""
    if any(plain(rows[0].text).startswith(plain(opening)) for opening in openings):
        return rows  # it begins here; what stands below goes on from it
    for at in range(len(rows) - 1, 0, -1):
        start = plain(" ".join(word.text for word in rows[at].words[:3]))
        if rows[at].text[:1].isupper() and any(
            len(o) > 3 and start.startswith(f"{plain(o)} ") for o in openings
        ):
            return rows[at:]
    return rows


def _past_stamp(text: str, openings: Sequence[str]) -> str:
    """The text from its opening formula on, where a stamp's letters run into it: ``HVề việc``."""
    for opening in openings:
        at = text.find(opening)
        words = re.findall(r"\w+", text[:at].lower())
        if 0 < at <= STAMPED and not any(is_syllable(word) for word in words):
            return text[at:]
    return text


def _official(left: Sequence[Phrase], page: PageReading, spec: DocumentType) -> list[Phrase]:
    """``V/v ...`` under the number of an official letter."""
    for index, row in enumerate(left):
        if opens_letter(row, spec.recognise.signs):
            return [row, *_following(left[index + 1 :], row, page, spec, letter=True)]
    return []


def _following(
    under: Sequence[Phrase],
    above: Phrase,
    page: PageReading,
    spec: DocumentType,
    *,
    letter: bool = False,
) -> list[Phrase]:
    """Rows that follow close under ``above``, until a gap, a body's name or the text's start.

    A line of the subject may begin with the same words as the text (*Quyết định số ...*, *Thực hiện
    ...*): it stands as its other lines do, in the left column or in the middle.
    """
    vocabulary = spec.vocabulary
    found: list[Phrase] = []
    last, pitch = above, 0.0
    for row in sorted(under, key=lambda r: middle(r.box)[1]):
        if sum(c.isalnum() for c in row.text) < 2:
            continue
        step = middle(row.box)[1] - middle(last.box)[1]
        wide = step > 2.0 * max(line_height(last), line_height(row))
        if wide or shouts(row.text) or _begins(row, vocabulary.get("addressees", ())):
            break
        if _begins(row, vocabulary.get("body_starts", ())):
            alike = letter and not goes_on(page, row)
            if not letter:
                alike = _in_the_middle(row, above, page) and not _begins(
                    row, vocabulary.get("grounds", ())
                )
            if not alike or (pitch and step > SAME_PITCH * pitch):
                break
        found.append(row)
        if not pitch and (letter or len(found) > 1):  # a heading stands further off
            pitch = step
        last = row
    return found


def _begins(row: Phrase, starts: Sequence[str]) -> bool:
    """Whether a row begins with one of these, in capitals where that is."""
    text = plain(row.text)
    capitals = shouts(" ".join(word.text for word in row.words[:2]))
    return row.text[:1].isupper() and any(
        text.startswith(plain(start)) and (capitals or not start.isupper()) for start in starts
    )


def _in_the_middle(row: Phrase, title: Phrase, page: PageReading) -> bool:
    """Whether a row stands as a subject does: under the middle of its heading, and not as wide as
    the text."""
    off = abs(middle(row.box)[0] - middle(title.box)[0])
    return off <= CENTRED and row.box[2] - row.box[0] <= NARROW * page.width


def goes_on(page: PageReading, row: Phrase) -> bool:
    """Whether the line of a row goes on beyond its last word, as lines of the text do."""
    tall, (_, y) = line_height(row), middle(row.box)
    return any(
        abs(middle(word.box)[1] - y) < 0.4 * tall and -1.0 < word.box[0] - row.box[2] < CLOSE * tall
        for word in page.words
        if any(char.isalnum() for char in word.text)
    )


def _whole_in_text(
    page: PageReading,
    rows: Sequence[Phrase],
    below: Sequence[Phrase],
    spec: DocumentType,
    reach: float,
) -> bool:
    """Whether no line of a born-digital subject can have been left out: none between its rows, none
    that follows as closely, no word at their ends.

    Args:
        page: the document's first page.
        rows: the subject's, the heading's before them.
        below: all rows of its column.
        spec: its type, which knows how the text begins.
        reach: so many steps from line to line further down another line may be the subject's.
    """
    starts = (*spec.vocabulary.get("addressees", ()), *spec.vocabulary.get("grounds", ()))
    tall = max(line_height(row) for row in rows)
    steps = [middle(b.box)[1] - middle(a.box)[1] for a, b in pairwise(rows)]
    if max(steps, default=0.0) > LOST_LINE * tall or any(goes_on(page, row) for row in rows[-2:]):
        return False
    pitch = min(steps[1:] or steps, default=1.6 * tall)
    foot = middle(rows[-1].box)[1]
    for row in sorted(below, key=lambda r: middle(r.box)[1]):
        step = middle(row.box)[1] - foot
        if step < 1 or sum(c.isalnum() for c in row.text) < 2:
            continue
        text = shouts(row.text) or _begins(row, starts) or goes_on(page, row)
        if text or row.box[2] - row.box[0] > NARROW * page.width or step > reach * pitch:
            break
        return False
    return True


def _whole(paper: Paper, page: PageReading, rows: Sequence[Phrase]) -> bool:
    """Whether no line of the subject can have been lost: none is missing between its rows, the
    heading among them, and what follows, where no letters stand."""
    x = middle(rows[0].box)[0]
    levels = [_level_with(row.box, page.skew, x) for row in rows]
    tall = max(line_height(row) for row in rows[1:] or rows)
    steps = [below - above for above, below in pairwise(levels)]
    if max(steps, default=0.0) > LOST_LINE * tall:
        return False
    pitch = max(min(steps, default=0.0), 1.4 * tall)
    foot = levels[-1] + 0.5 * pitch
    under = paper.black(page, (x - 60, foot, x + 60, foot + 0.9 * pitch))
    return count_letters(under, tall * PIXELS, 0.3) < FEW_LETTERS


def _rule(paper: Paper, page: PageReading, title: Phrase) -> float | None:
    """The y (points, on the level of the heading's middle) of the rule under the subject."""
    if paper.context.digital(page):
        return None
    x, y = middle(title.box)
    zone: Box = (x - 150, y + 8, x + 150, min(y + DEPTH, page.height))
    ink = (paper.black(page, zone) < 150).astype(np.uint8)
    across = np.ones((1, int(RULE[0] * PIXELS)), np.uint8)
    # a scanned rule is not perfectly straight: two rows of pixels count as one
    joined = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    rules = cv2.morphologyEx(joined, cv2.MORPH_OPEN, across)
    count, _, stats, centres = cv2.connectedComponentsWithStats(rules, connectivity=8)
    found = []
    for index in range(1, count):
        width, tall = stats[index][2] / PIXELS, stats[index][3] / PIXELS
        centred = abs(centres[index][0] / PIXELS - 150) <= OFF_CENTRE
        if RULE[0] <= width <= RULE[1] and tall <= 3.5 and centred:
            found.append(zone[1] + centres[index][1] / PIXELS)
    # the strip turned about its own centre, under the heading's middle: only x shifts, by little
    return min(found, default=None)


def _above(below: Sequence[Phrase], rule: float, skew: float, x: float) -> list[Phrase]:
    """The rows over the rule that run through the middle under the heading."""
    return [
        row
        for row in below
        if _level_with(row.box, skew, x) < rule
        and sum(c.isalnum() for c in row.text) > 1
        and row.box[0] - 20 < x < row.box[2] + 20
    ]


def opened(text: str, openings: Sequence[str]) -> str:
    """``text`` with its opening formula as it is always printed: ``Vềviệc`` is ``Về việc``.

    Letters are compared without tones and spaces; anything else is left as read.
    """
    text = re.sub(r"^V ?/ ?(?=[^Vv\s])", "V/v ", text)
    for opening in openings:
        wanted = plain(opening).replace(" ", "")
        taken = ""
        for index, letter in enumerate(text):
            taken += plain(letter)
            taken = taken if any(c.isalnum() for c in taken) else ""
            if taken == wanted and not text[index + 1 : index + 2].isalnum():
                return folded(f"{opening} {text[index + 1 :].lstrip()}")
            if not wanted.startswith(taken):
                break
    return text


def possible_words(text: str) -> bool:
    """Every word in small letters is a possible syllable: ``thôngtin`` and ``trìnb`` are not.

    Nor do two years stand beside each other: they lost what stood between them; nor does a sentence
    go on after its end.
    """
    if re.search(r"\b(?:19|20)[0-9]{2} (?:19|20)[0-9]{2}\b", text):
        return False
    following = text.split()
    if any(
        a.endswith(".") and a[:-1].islower() and b[:1].islower() for a, b in pairwise(following)
    ):
        return False
    words = [word.strip("()“”\"'.,;:!?…") for word in text.split()]
    small = [part for word in words for part in re.split(r"[-–/]", word) if part.islower()]
    return all(is_syllable(part) for part in small)


def shouts(text: str) -> bool:
    """Whether a line is in capitals."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def _level_with(box: Box, skew: float, x: float) -> float:
    """The y of a box's middle, carried along its slanting line to ``x`` (all in points)."""
    at, y = middle(box)
    return y + math.tan(math.radians(skew)) * (x - at)
