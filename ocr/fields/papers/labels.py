"""Printed labels found on pages that were read with errors, and the text that follows each."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.lines import Phrase, height, middle, rows
from schemas.document_type import DocumentType, FieldSpec
from schemas.page import Box, PageReading, Word

LEAST = 82.0
"""Likeness (0 to 100, accents not compared) from which text is taken for a label."""

STOP_LEAST = 92.0
"""The same for text that only ends values: it is believed less easily."""

SHORT = 6
"""Labels of so few letters must stand exactly, before a colon or at the beginning of a line."""

MOST_PAGES = 4
"""Labels are looked for on so many pages."""

NEXT_LINE = 2.2
"""A value goes on in the next line when that begins within so many heights."""

SURE = 95.0
"""From this likeness a label that is printed with a colon is believed without one."""

_NUMBERING = re.compile(r"^\s*(?:\(?\d{1,2}[.)]|[IVX]{1,4}\.)\s*")
_NUMBER_BEFORE = re.compile(r"(?:\(?\d{1,2}\s*[.)]|[IVX]{1,4}\.)\s*$")
_DOT_LEADERS = re.compile(r"[.…_·]{2,}")
_NOTE = re.compile(r"^\s*\(\d{1,2}\)")
_EDGES = " .,:;_-–—'`‘’\"|~*·…"


class Text(NamedTuple):
    """A line of a page as one string, every character with the word it belongs to."""

    page: PageReading
    side: str | None
    text: str
    """NFC, words parted by single spaces."""
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    """Where each word begins in :attr:`text`."""

    @property
    def plain(self) -> str:
        """:attr:`text` without accents and case, character for character."""
        return "".join(_plain(c) for c in self.text)

    @property
    def box(self) -> Box:
        """Around the whole line, points."""
        return Phrase(self.words).box

    def box_of(self, start: int, end: int) -> Box | None:
        """The box of a stretch of the text; words cut through are divided by their letters."""
        boxes: list[Box] = []
        for at, word in zip(self.starts, self.words, strict=True):
            size = max(len(word.text), 1)
            first, last = max(start - at, 0), min(end - at, size)
            if first >= last or not self.text[at + first : at + last].strip(_EDGES):
                continue
            x0, y0, x1, y1 = word.box
            step = (x1 - x0) / size
            boxes.append((x0 + first * step, y0, x0 + last * step, y1))
        if not boxes:
            return None
        whole = zip(*boxes, strict=True)
        left, top, right, foot = whole
        return min(left), min(top), max(right), max(foot)

    def sure(self, start: int, end: int) -> float:
        """The confidence of the least sure word of a stretch."""
        inside = [
            word.confidence
            for at, word in zip(self.starts, self.words, strict=True)
            if at < end and at + len(word.text) > start and word.text.strip(_EDGES)
        ]
        return min(inside, default=0.0)


class Label(NamedTuple):
    """A printed label where it was found."""

    owner: str | None
    """The field's id; None for text that only ends values."""
    line: int
    start: int
    end: int
    score: float


class Stretch(NamedTuple):
    """A part of one line."""

    line: int
    start: int
    end: int


def _plain(character: str) -> str:
    if character in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def unled(text: str) -> str:
    """A line of a value without dot leaders and note numbers, and without a label's colon."""
    return " ".join(_DOT_LEADERS.sub(" ", _NOTE.sub("", text)).split()).lstrip(_EDGES)


def tidy(text: str) -> str:
    """A whole value: :func:`unled`, without the punctuation around it."""
    return unled(text).strip(_EDGES)


class LabelledPages:
    """The lines of a document and the labels of one type on them."""

    def __init__(self, pages: Sequence[PageReading], spec: DocumentType) -> None:
        self.spec = spec
        self.lines: list[Text] = []
        sides = {field.side for field in spec.fields} - {None}
        for index in range(min(len(pages), MOST_PAGES)):
            page = pages[index]
            if not page.blank:
                self.lines += _lines(page, None)
                for side in sorted(s for s in sides if s):
                    self.lines += _lines(page, side)
        self._plain = [line.plain for line in self.lines]
        self._sections = self._find_sections()
        self.labels = self._find_labels()
        self._barred = self._find_barred()

    def label(self, field: FieldSpec) -> Label | None:
        """Where the field's label stands."""
        return next((label for label in self.labels if label.owner == field.id), None)

    def after(self, label: Label, lines: int) -> list[Stretch]:
        """What stands after a label: to the next one, and on for at most ``lines`` lines."""
        here = self.lines[label.line]
        end = min(
            (o.start for o in self._on(label.line) if o.start >= label.end), default=len(here.text)
        )
        found = [Stretch(label.line, label.end, end)]
        if end < len(here.text):
            return found
        before = here
        for index in range(label.line + 1, len(self.lines)):
            line = self.lines[index]
            ended = self._on(index) or index in self._barred
            if len(found) >= lines or not _follows(before, line) or ended:
                break
            found.append(Stretch(index, 0, len(line.text)))
            before = line
        return found

    def below(self, label: Label, depth: float) -> list[Text]:
        """Lines of words under a label, ``depth`` points far, no further aside than a third."""
        here = self.lines[label.line]
        box = here.box_of(label.start, label.end) or here.box
        wide = max(0.33 * (box[2] - box[0]), 45.0)
        words = [
            word
            for word in here.page.words
            if box[3] - 1 < middle(word.box)[1] < box[3] + depth
            and box[0] - wide < middle(word.box)[0] < box[2] + wide
        ]
        return [_text(here.page, here.side, row) for row in level_rows(words, here.page.skew)]

    def heading(self, index: int, text: str) -> Iterator[tuple[int, int, float]]:
        """Where a column's heading stands in line ``index``: first and last character, score."""
        wanted = "".join(_plain(c) for c in text).strip(_EDGES)
        if len(wanted) > SHORT:
            yield from self._matches(index, text)
        for hit in re.finditer(rf"(?<!\w){re.escape(wanted)}(?!\w)", self._plain[index]):
            yield hit.start(), hit.end(), 100.0

    def _on(self, line: int) -> list[Label]:
        return [label for label in self.labels if label.line == line]

    def _find_sections(self) -> list[tuple[str, int]]:
        """The headings of sections with their lines, from top to bottom."""
        found: dict[str, int] = {}
        for text in dict.fromkeys(f.section for f in self.spec.fields if f.section):
            best = max(
                (
                    (score, -index)
                    for index in range(len(self.lines))
                    if self.lines[index].side is None
                    for start, _, score in self._matches(index, text)
                    if not self.lines[index].text[:start].strip(_EDGES + "0123456789IVX)(")
                ),
                default=None,
            )
            if best is not None:
                found[text] = -best[1]
        return sorted(found.items(), key=lambda item: item[1])

    def _allowed(self, field: FieldSpec) -> range:
        """The lines a field's label may stand on."""
        if field.section is None:
            return range(len(self.lines))
        for number, (text, line) in enumerate(self._sections):
            if text == field.section:
                rest = [at for _, at in self._sections[number + 1 :] if at > line]
                return range(line, min(rest, default=len(self.lines)))
        return range(0)

    def _find_labels(self) -> list[Label]:
        """Each field's label at most once; longer and better matches first, fields with a section
        before those without."""
        candidates: list[tuple[bool, float, int, Label]] = []
        for field in self.spec.fields:
            for label in field.labels:
                for index in self._allowed(field):
                    if self.lines[index].side != field.side:
                        continue
                    for start, end, score in self._matches(index, label.text):
                        weight = (score / 100) ** 4 * (end - start)
                        found = Label(field.id, index, start, end, score)
                        candidates.append((field.section is None, -weight, index, found))
        ordered = sorted(candidates, key=lambda c: c[:3])
        taken = self._titles()
        for *_, found in ordered:
            if all(found.owner != other.owner for other in taken) and _free(found, taken):
                taken.append(found)
        known = {label.text for field in self.spec.fields for label in field.labels}
        for text in (*self.spec.stops, *(t for t, _ in self._sections if t not in known)):
            for index in range(len(self.lines)):
                for start, end, score in self._matches(index, text):
                    stop = Label(None, index, start, end, score)
                    if score >= STOP_LEAST and _free(stop, taken):
                        taken.append(stop)
        return taken

    def _find_barred(self) -> frozenset[int]:
        """Lines of a side on whose height a label stands that belongs to no side."""
        taken = {
            (line.page.number, word.box)
            for label in self.labels
            if (line := self.lines[label.line]).side is None
            for word in line.words
        }
        return frozenset(
            index
            for index, line in enumerate(self.lines)
            if line.side is not None and (line.page.number, line.words[0].box) in taken
        )

    def _titles(self) -> list[Label]:
        """The headings the type is known by: what stands in them is no label.

        Only the topmost of each: a signer's label may name the paper, too.
        """
        found: dict[tuple[str, str | None], Label] = {}
        for text in self.spec.recognise.titles:
            for index, line in enumerate(self.lines):
                for start, end, score in self._matches(index, text):
                    if sum(c.isupper() for c in line.text[start:end]) >= 0.6 * (end - start):
                        found.setdefault((text, line.side), Label(None, index, start, end, score))
        return list(found.values())

    def _matches(self, index: int, text: str) -> Iterator[tuple[int, int, float]]:
        """Where a label stands in a line: first and last character, score; maybe repeatedly."""
        wanted = "".join(_plain(c) for c in _NUMBERING.sub("", text)).strip(_EDGES)
        line = self._plain[index]
        numbered = _NUMBERING.match(text) is not None
        if len(wanted) <= SHORT:
            yield from _exact(line, wanted)
            return
        for _ in range(3):
            if len(line) < 0.85 * len(wanted):
                return
            hit = fuzz.partial_ratio_alignment(wanted, line, score_cutoff=LEAST)
            if hit is None:
                return
            start, end = _to_words(line, hit.dest_start, hit.dest_end)
            start, end = _with_brackets(wanted, line, start, end)
            score = fuzz.ratio(wanted, line[start:end].strip(_EDGES))
            sure = not text.endswith(":") or _announces(self.lines[index].text[end:], score)
            if score >= LEAST and sure:
                if numbered and (before := _NUMBER_BEFORE.search(self.lines[index].text[:start])):
                    start = before.start()
                yield start, end, score
            line = line[: hit.dest_start] + "\0" * (end - hit.dest_start) + line[end:]


def _lines(page: PageReading, side: str | None) -> list[Text]:
    half = page.width / 2
    words = [
        word
        for word in page.words
        if side is None or (middle(word.box)[0] < half) == (side == "left")
    ]
    return [_text(page, side, row) for row in level_rows(words, page.skew)]


def level_rows(words: Sequence[Word], skew: float) -> list[Phrase]:
    """:func:`ocr.fields.lines.rows` of a page whose lines fall by ``skew`` degrees."""
    fall = math.tan(math.radians(skew))
    own: dict[int, Word] = {}
    level = []
    for word in words:
        x0, y0, x1, y1 = word.box
        down = fall * (x0 + x1) / 2
        moved = word.model_copy(update={"box": (x0, y0 - down, x1, y1 - down)})
        own[id(moved)] = word
        level.append(moved)
    return [Phrase(tuple(own[id(word)] for word in row.words)) for row in rows(level)]


def _text(page: PageReading, side: str | None, row: Phrase) -> Text:
    texts = [unicodedata.normalize("NFC", word.text).replace(" ", "") for word in row.words]
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    words = tuple(w.model_copy(update={"text": t}) for w, t in zip(row.words, texts, strict=True))
    return Text(page, side, " ".join(texts), words, tuple(starts))


def _free(label: Label, taken: Sequence[Label]) -> bool:
    return all(
        other.line != label.line or label.end <= other.start or other.end <= label.start
        for other in taken
    )


def _exact(line: str, wanted: str) -> Iterator[tuple[int, int, float]]:
    for hit in re.finditer(rf"(?<!\w){re.escape(wanted)}(?!\w)", line):
        rest = line[hit.end() :].lstrip(" ")
        if rest.startswith((":", ".")) or not line[: hit.start()].strip(_EDGES):
            yield hit.start(), hit.end(), 100.0


def _announces(rest: str, score: float) -> bool:
    """Whether a colon, a leader or the line's end follows a label; after one that was read well,
    a capital or a figure will do, for colons are small."""
    if re.match(r"\s*(\(\d{1,2}\)\s*)?([:;…_]|\.{2}|$)", rest):
        return True
    return score >= SURE and rest.lstrip()[:1].isalnum() and not rest.lstrip()[:1].islower()


def _to_words(line: str, start: int, end: int) -> tuple[int, int]:
    """The stretch grown or shrunk by up to two letters, so that it begins and ends with words."""
    begins = [m.start() for m in re.finditer(r"(?<!\w)\w", line)]
    ends = [m.end() for m in re.finditer(r"\w(?!\w)", line)]
    start = min(begins, key=lambda at: abs(at - start), default=start)
    near = [at for at in ends if at > start]
    closest = min(near, key=lambda at: abs(at - end), default=end)
    return start, closest if abs(closest - end) <= 2 else end


def _with_brackets(wanted: str, line: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the bracket that a label begins or ends with: ``E-mail (nếu có):``."""
    if wanted[-1] in ")]" and (close := re.match(r"\s*[)\]]", line[end:])):
        end += close.end()
    if wanted[0] in "([" and line[:start].endswith(("(", "[")):
        start -= 1
    return start, end


def _follows(before: Text, line: Text) -> bool:
    """Whether ``line`` is the one under ``before`` on the same page and side."""
    if line.page.number != before.page.number or line.side != before.side:
        return False
    tall = median(height(word.box) for word in before.words)
    fall = math.tan(math.radians(line.page.skew))
    (x, y), (x_before, y_before) = middle(line.box), middle(before.box)
    step = y - y_before - fall * (x - x_before)
    return 0 < step < NEXT_LINE * max(tall, 8.0)


def boundaries(boxes: Sequence[Box], left: float, right: float) -> list[tuple[float, float]]:
    """Spans of columns from the boxes of their headings: cut half-way between two headings."""
    cuts = [(one[2] + other[0]) / 2 for one, other in pairwise(boxes)]
    return list(pairwise([left, *cuts, right]))
