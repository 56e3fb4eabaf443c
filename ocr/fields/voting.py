"""Several readings of the same printed line, weighed letter by letter.

Tesseract reads a line twice (on the page at 200 dpi, alone at 300 dpi), the line model once. A
letter is *proven* where the line model and one look of Tesseract say the same; a line where every
letter is. Tesseract's two looks make the same mistakes, so their agreement proves nothing. Where
the two kinds differ in a word, a rule of its own may settle it: only one of the readings makes a
known word with its neighbours (``lexicon/compounds.txt``), or has the form of a number or a date.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from ocr.fields.sureness import SURE_LINE
from ocr.recognition.marks import compounds, remarked
from schemas.page import Word
from schemas.validators import folded, is_syllable, plain, same_tones

_SAME = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'"})
"""The line model's alphabet has one hyphen and straight quotation marks."""

_FIGURES = re.compile(
    r"\(?(?:[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}"
    r"|[0-9]+(?:/[0-9]{4})?[/-][A-ZĐ][A-Za-zĐđ0-9]*(?:-[A-ZĐ&][A-Za-zĐđ0-9&]*)*(?:/[A-Z]+)?"
    r"|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{4}-[0-9]{4})\)?[,.;:]?"
)
"""Dates and numbers of documents, as they stand inside a sentence."""

_COUNTED = re.compile(r"[0-9]{2,}[,.;:]?")
_STROKES = str.maketrans("Il|]!", "11111")
"""What Tesseract reads a 1 for, beside figures."""

_UNDOTTED = re.compile("\u0323|(?<=[iI])\u0309")
"""A dot below; the hook over i: dirt looks like them."""

_EDGES = "\"'“”‘’(),.;:!?…-–"


class Voted(NamedTuple):
    """What a line says, and whether it is proven in every letter."""

    text: str
    proven: bool
    doubts: int
    """Words that only one kind of reader says, without a rule for them."""


class Column(NamedTuple):
    """A letter of the line model's reading (or none), and what each look of Tesseract has there."""

    line: str
    looks: tuple[str, ...]

    @property
    def agreed(self) -> str | None:
        """What both kinds say, as Tesseract writes it; None where they differ."""
        return next((look for look in self.looks if look.translate(_SAME) == self.line), None)


def voted(
    looks: Sequence[str],
    line: str,
    known: Callable[[str], bool] | None = None,
    sure: float = 1.0,
) -> Voted:
    """The text of a line from Tesseract's ``looks`` and the line model's reading.

    Dashes and quotation marks are taken from Tesseract, whose alphabet tells them apart. Spaces
    are taken from Tesseract too: the line model loses them beside figures. Without a second kind
    of reader nothing is proven.

    Args:
        looks: Tesseract's readings of the line, none empty ones needed.
        line: the line model's.
        known: a rule for single words (syllables of names), beside the list of compounds.
        sure: the line model's confidence. Where it is not sure, a word that the other look of
            Tesseract has with other marks is proven only as a part of a known word.
    """
    told = [folded(look) for look in looks if look.strip()]
    line = folded(line)
    if not line or not told:
        text = line or (told[0] if told else "")
        return Voted(text, False, len(text.split()))
    words = list(_words(line, told))
    first = [word.settled() for word in words]
    said = [text if text is not None else "" for text in first]
    doubts = 0
    for index, word in enumerate(words):
        before = said[index - 1] if index else ""
        after: tuple[str, ...] = (said[index + 1],) if index + 1 < len(words) else ()
        if after == ("",):
            after = words[index + 1].readings()
        if first[index] is not None:
            known_word = _known(before, said[index]) or _any_known(said[index], after)
            doubts += sure < SURE_LINE and not known_word and word.marked_otherwise(said[index])
        else:
            said[index], sure = word.chosen(before, after, known)
            doubts += not sure
    return Voted(folded(" ".join(said)), doubts == 0, doubts)


def doubted(read: Voted) -> Voted:
    """``read``, not proven where a word makes a known one only with another tone mark.

    Small print loses marks for both kinds of readers alike: ``bố sung`` is hardly what stands
    there, and the known word is what a person is shown.
    """
    nowhere = (0.0, 0.0, 0.0, 0.0)
    shouts = read.text.isupper()
    texts = (read.text.lower() if shouts else read.text).split()
    words = [Word(text=text, box=nowhere, confidence=0.0, line=0) for text in texts]
    known = [word.text for word in remarked(words)]
    known = _without_dirt(known)
    changed = sum(text != word for text, word in zip(texts, known, strict=True))
    known = [word.upper() for word in known] if shouts else known
    return Voted(" ".join(known), False, read.doubts + changed) if changed else read


def _without_dirt(words: Sequence[str]) -> list[str]:
    """Words without a mark that dirt may be, a dot below or a hook over i, where only without it
    they make a known word with what follows: ``Bạn hành``, ``chỉ ngân sách``."""
    found = list(words)
    for at in range(len(found) - 1):
        word, after = found[at], found[at + 1]
        clean = _UNDOTTED.sub("", unicodedata.normalize("NFD", word))
        clean = unicodedata.normalize("NFC", clean)
        if clean == word or _known(word, after) or (at and _known(found[at - 1], word)):
            continue
        if _known(clean, after):
            found[at] = clean
    return found


class WordColumns(NamedTuple):
    """The columns of one word."""

    columns: tuple[Column, ...]

    def settled(self) -> str | None:
        """The word where both kinds agree on every letter."""
        letters = [column.agreed for column in self.columns]
        return None if None in letters else "".join(letter or "" for letter in letters)

    def marked_otherwise(self, text: str) -> bool:
        """Whether a look of Tesseract has the same letters with other marks, as a syllable."""
        looks = ("".join(c.looks[k] for c in self.columns) for k in range(_count(self.columns)))
        return any(
            same_tones(look.strip(_EDGES)) != same_tones(text.strip(_EDGES))
            and plain(look.strip(_EDGES)) == plain(text.strip(_EDGES))
            and _possible(look)
            for look in looks
        )

    def readings(self) -> tuple[str, ...]:
        """What each reader has here, the line model first, without repetitions."""
        line = "".join(column.line for column in self.columns)
        looks = ["".join(c.looks[k] for c in self.columns) for k in range(_count(self.columns))]
        return tuple(dict.fromkeys(text.strip() for text in (line, *looks)))

    def chosen(
        self, before: str, after: Sequence[str], single: Callable[[str], bool] | None
    ) -> tuple[str, bool]:
        """The likelier of the readings, and whether a rule settles it."""
        line = "".join(column.line for column in self.columns)
        looks = ["".join(c.looks[k] for c in self.columns) for k in range(_count(self.columns))]
        choices = self.readings()
        known = [text for text in choices if _known(before, text) or _any_known(text, after)]
        if not known and single is not None:
            known = [text for text in choices if single(text)]
        if len(known) == 1:
            return known[0], True
        if (figures := self._figures(line, looks)) is not None:
            return figures, True
        if any(_COUNTED.fullmatch(line) and _as_figures(look) == line for look in looks):
            return line, True
        if len(looks) > 1 and len(set(looks)) == 1 and looks[0].strip(_EDGES) == line.strip(_EDGES):
            # they differ in a comma; both looks of Tesseract have it, or a stop within a sentence
            within = bool(after) and after[0][:1].islower() and looks[0].endswith(".")
            return (line, line.endswith(",")) if within else (looks[0], True)
        possible = [text for text in choices if _possible(text)]
        return (known or possible or choices)[0], False

    def _figures(self, line: str, looks: Sequence[str]) -> str | None:
        """A number or date that all of Tesseract's looks have, its end as the line model has it."""
        if len(looks) < 2 or not all(_FIGURES.fullmatch(look) for look in looks):
            return None
        ends = ",.;:"
        if len({look.rstrip(ends) for look in looks}) != 1:
            return None
        end = line[len(line.rstrip(ends)) :]
        return next((look for look in looks if look == look.rstrip(ends) + end), None)


def _count(columns: Sequence[Column]) -> int:
    return len(columns[0].looks) if columns else 0


def _known(first: str, second: str) -> bool:
    if not first or not second or not first.rstrip(",")[-1:].isalpha():
        return False
    pair = (_lexical(first), _lexical(second))
    return pair in compounds()


def _any_known(first: str, seconds: Sequence[str]) -> bool:
    return any(_known(first, second) for second in seconds)


def _as_figures(look: str) -> str:
    """A number whose ones Tesseract reads as strokes: ``3]`` is 31; other texts as they are."""
    return look.translate(_STROKES) if look[:1].isdigit() else look


def _lexical(text: str) -> str:
    """A syllable as the list has it: small letters, the tone of oa, oe, uy on the first vowel."""
    return same_tones(text.strip(_EDGES).lower())


def _possible(text: str) -> bool:
    bare = text.strip(_EDGES)
    return bool(bare) and (not bare.islower() or is_syllable(bare))


def _words(line: str, looks: Sequence[str]) -> Iterator[WordColumns]:
    """The line's columns, cut at its spaces."""
    place: list[Column] = []
    for column in _columns(line, looks):
        if column is not None:
            place.append(column)
        elif place:
            yield WordColumns(tuple(place))
            place = []
    if place:
        yield WordColumns(tuple(place))


def _columns(line: str, looks: Sequence[str]) -> Iterator[Column | None]:
    """The line's columns; None where one word ends and the next begins."""
    aligned = [_aligned(line, look) for look in looks]
    for index in range(-1, len(line)):
        if index >= 0:
            here = Column(line[index], tuple(look[index][0] for look in aligned))
            yield None if _is_space(here) else _tight(here)
        more = tuple(look[index][1] for look in aligned)
        if not any(m.strip() for m in more):
            if more and all(more):  # a space all of Tesseract's looks have and the line has not
                yield None
            continue
        if _parted(m[:1] for m in more):
            yield None
        yield Column("", tuple(m.strip() for m in more))
        if _parted(m[-1:] for m in more):  # a whole word that the line model lost
            yield None


def _parted(edges: Iterable[str]) -> bool:
    """Whether what a look has beyond the line's letters is parted from them by a space."""
    return all(edge in {"", " "} for edge in edges)


def _is_space(column: Column) -> bool:
    """Whether the words part here: the line model has a space, and one look has none else."""
    return column.line == " " and any(look.strip() == "" for look in column.looks)


def _tight(column: Column) -> Column:
    return Column(column.line.strip(), tuple(look.strip() for look in column.looks))


def _aligned(line: str, look: str) -> list[tuple[str, str]]:
    """For each letter of ``line`` what ``look`` has there, and what it has after it.

    The last entry, one more than letters, holds what stands before the first.
    """
    plain = look.translate(_SAME)
    columns = [["", ""] for _ in range(len(line) + 1)]
    for block in Levenshtein.opcodes(line, plain):
        taken = look[block.dest_start : block.dest_end]
        if block.tag in {"equal", "replace"}:
            for offset, letter in enumerate(taken):
                columns[block.src_start + offset][0] = letter
        elif block.tag == "insert":
            columns[block.src_start - 1][1] = taken
    return [(at, after) for at, after in columns]
