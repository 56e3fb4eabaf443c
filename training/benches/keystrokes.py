"""The keystroke-level model, and the cheapest honest keys by which a doubt is settled. Pure.

Card, Moran, Newell: The keystroke-level model for user performance time with interactive systems,
Communications of the ACM 23(7), 1980, 396-410; for looking at pictures side by side, which that
model leaves out, the cycle times of their Model Human Processor (The psychology of human-computer
interaction, 1983). Nothing here is fitted to this desk.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from pydantic import Field

from schemas.page import Frozen
from schemas.review_views import Span

CONSTANTS = {
    "K": 0.28,  # a key: average person who is no typist (40 words a minute); a skilled one 0.20
    "M": 1.35,  # to prepare mentally: here to compare a picture with a value, and to decide
    "H": 0.40,  # a hand between keyboard and mouse: never, the mouse is not used
    "R": 0.00,  # to wait for the system: what it answers within 0.1 s is not waited for
    "eye": 0.23,  # an eye movement with its fixation
    "perceive": 0.10,
    "match": 0.07,
}
"""Seconds."""
LETTERS_A_LOOK = 12
"""Letters of a value that one fixation takes in."""
LONG_MARK = 3
"""The page selects a marked span of so many letters; of a longer one it goes to the end."""
_HATS = {"\u0302": 1, "\u0306": 1, "\u031b": 1}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_DOWN, _ENTER = 1, 1


class Way(Frozen):
    """One way to settle a doubt."""

    name: str
    keys: int
    thoughts: int = Field(description="M operators")

    @property
    def seconds(self) -> float:
        """By the model."""
        return self.keys * CONSTANTS["K"] + self.thoughts * CONSTANTS["M"]


def cheapest(
    text: str, truth: str, marked: Sequence[Span] = (), candidates: Sequence[str] = ()
) -> Way:
    """How a doubt is settled with the fewest seconds so that the truth stands there.

    Args:
        text: what stands in the field.
        truth: what stands on the paper; empty: nothing.
        marked: the letters about which readers differ; the caret stands on the first.
        candidates: in their order.
    """
    return min(_ways(text, truth, marked, candidates), key=lambda one: (one.seconds, one.keys))


def _ways(
    text: str, truth: str, marked: Sequence[Span], candidates: Sequence[str]
) -> Iterator[Way]:
    if not truth:
        yield Way(name="missing", keys=1, thoughts=1)
        return
    if text == truth:
        yield Way(name="accepted", keys=_ENTER, thoughts=1)
        return
    if truth in candidates:
        # down opens the list on the first one; Enter takes it, a second Enter goes on
        keys = _DOWN * (1 + candidates.index(truth)) + 2 * _ENTER
        yield Way(name="candidate", keys=keys, thoughts=2)
    start, end = selection(text, marked)
    keys, places = repair(text, truth, start, end)
    yield Way(name="corrected", keys=keys + _ENTER, thoughts=1 + places)
    yield Way(name="retyped", keys=2 + typed(truth) + _ENTER, thoughts=2)  # Ctrl+A


def selection(text: str, marked: Sequence[Span]) -> tuple[int, int]:
    """What the page has selected, as ``focus()`` of its script does."""
    if not marked:
        return len(text), len(text)
    first = marked[0]
    long = first.end - first.start > LONG_MARK
    return first.start, first.start if long else first.end


def repair(text: str, truth: str, start: int, end: int) -> tuple[int, int]:
    """Keys that turn one text into the other from where the caret stands, and in how many places.

    From left to right: arrows, Ctrl with an arrow by words, Home or End to a place; Delete for each
    letter that is too much, unless the selection is just that; then what is missing, typed.
    """
    keys, at, places = 0, start, 0
    selected = end > start
    for kind, first, last, begins, ends in SequenceMatcher(
        None, text, truth, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        places += 1
        if selected and (first, last) == (start, end):
            keys += 0 if ends > begins else 1
        else:
            keys += (1 if selected and first != start else 0) + _moved(text, at, first)
            keys += last - first
        selected = False
        keys += typed(truth[begins:ends])
        at = last
    return keys, places


def _moved(text: str, here: int, there: int) -> int:
    """Keys from one place in a line to another."""
    ends = (1 + there, 1 + len(text) - there)  # Home, End
    low, high = sorted((here, there))
    words = text[low:high].count(" ")
    begins = max(text.rfind(" ", 0, there) + 1, 0)
    by_words = 2 * words + there - begins if words else high - low
    return min(high - low, by_words, *ends)


def typed(text: str) -> int:
    """Keys by which Telex types a text: a mark, a tone and a capital take one more each."""
    return sum(map(_keys, unicodedata.normalize("NFC", text)))


def _keys(letter: str) -> int:
    if letter in "đĐ":
        return 2 + letter.isupper()
    parts = unicodedata.normalize("NFD", letter)
    return 1 + sum(one in _HATS or one in _TONES for one in parts[1:]) + letter.isupper()


def looked_at(value: str) -> float:
    """Seconds to compare a zone's picture with the value below it."""
    looks = max(1, -(-len(value) // LETTERS_A_LOOK))
    once = CONSTANTS["eye"] + CONSTANTS["perceive"]
    return 2 * looks * once + CONSTANTS["match"]


def sheet_seconds(values: Sequence[str], wrong: Sequence[int], across: int) -> tuple[int, float]:
    """Keys and seconds of a sheet of zones.

    Args:
        values: in the order of the sheet.
        wrong: places of those that are marked.
        across: zones side by side.
    """
    keys, at = 1, 0  # Enter at the end
    for place in sorted(wrong):
        keys += abs(place // across - at // across) + abs(place % across - at % across) + 1
        at = place
    thoughts = 1 + len(wrong)
    looked = sum(map(looked_at, values))
    return keys, looked + keys * CONSTANTS["K"] + thoughts * CONSTANTS["M"]
