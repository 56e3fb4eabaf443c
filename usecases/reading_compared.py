"""What the readers of a field say, set beside each other for a person: pure.

Where they differ letter by letter, and which values stand to choose from.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from schemas.field import Field
from schemas.registry import REGISTER
from schemas.review_views import Candidate, Origin, Source, Span
from schemas.validators import FieldType, folded, normalised, parse_iso, plain

ALIKE = 0.5
"""Readings less alike than this say nothing of single letters: one of them is no reading at all."""
LIKE_A_USUAL_ONE = 0.6
FEW = 6
"""So many usual values are all shown, whatever was read."""
MOST = 9
"""Candidates at most: more are not looked at."""
_PEOPLE = frozenset({"person"})
_DATES = frozenset({FieldType.date, FieldType.date_or_year})


def shown(kind: FieldType | None, value: str | None) -> str:
    """A value as people write it: days as 02/01/1990; the manifest keeps them as ISO 8601."""
    if not value:
        return ""
    day = parse_iso(value) if kind in _DATES else None
    return f"{day:%d/%m/%Y}" if day else value


def as_shown(kind: FieldType | None, text: str) -> str:
    """A reader's text in the form in which the value is shown; as it is where it cannot be one."""
    text = folded(text)
    normal = normalised(kind, text) if kind is not None and text else None
    return shown(kind, normal) if normal else text


def differences(text: str, readings: Iterable[str]) -> tuple[Span, ...]:
    """The letters of ``text`` about which readings differ, as a browser counts them.

    A letter that a reading has and the text lacks is marked at the letter before which it stands.
    Readings that have little in common with the text are passed over.
    """
    marked: set[int] = set()
    for other in set(readings):
        if not other or not text or other == text:
            continue
        matcher = SequenceMatcher(None, text, other, autojunk=False)
        if matcher.ratio() < ALIKE:
            continue
        for kind, start, end, _, _ in matcher.get_opcodes():
            if kind != "equal":
                last = max(end, start + 1)
                marked.update(range(min(start, len(text) - 1), min(last, len(text))))
    return tuple(_spans(text, marked))


def _spans(text: str, marked: set[int]) -> Iterable[Span]:
    """Letters that stand side by side as one span."""
    at = {index: len(text[:index].encode("utf-16-le")) // 2 for index in range(len(text) + 1)}
    start: int | None = None
    for index in range(len(text) + 1):
        if index in marked and index < len(text):
            start = index if start is None else start
        elif start is not None:
            yield Span(start=at[start], end=at[index])
            start = None


def readings_of(field: Field, kind: FieldType | None) -> list[tuple[Source, str]]:
    """What every machine says of a field, in the form in which values are shown."""
    machines = [one for one in field.readers if one.reader not in _PEOPLE and one.text.strip()]
    said = [(_source(one.reader), as_shown(kind, one.text)) for one in machines]
    if field.raw and field.raw.strip():
        said.append((Source(origin=Origin.printed), as_shown(kind, field.raw)))
    return said


def others_of(field: Field, kind: FieldType | None) -> list[tuple[Source, str]]:
    """What machines might have said instead, each machine's likeliest first."""
    return [
        (_source(one.reader), as_shown(kind, text))
        for one in field.readers
        if one.reader not in _PEOPLE
        for text in one.others
    ]


def _source(reader: str) -> Source:
    if reader == REGISTER:
        return Source(origin=Origin.register)
    return Source(origin=Origin.reader, name=reader)


def usual(words: Sequence[str], text: str) -> list[str]:
    """Of a field's usual values those that are like what was read; all where there are few."""
    alike = sorted(words, key=lambda word: -likeness(word, text))
    if len(alike) <= FEW:
        return alike
    return [word for word in alike[:3] if likeness(word, text) >= LIKE_A_USUAL_ONE]


def likeness(one: str, other: str) -> float:
    """How much of two texts is the same, from 0 to 1, without regard to case and marks."""
    return SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio()


def candidates(text: str, said: Iterable[tuple[Source, str]]) -> tuple[Candidate, ...]:
    """What may be chosen instead of ``text``, each value once with everybody who says it.

    In the order in which it was first said; ``text`` itself is not among them.
    """
    found: dict[str, dict[Source, None]] = {}
    for source, value in said:
        if value and value != text:
            found.setdefault(value, {}).setdefault(source)
    return tuple(
        Candidate(text=value, sources=tuple(sources), differences=differences(value, [text]))
        for value, sources in found.items()
    )[:MOST]
