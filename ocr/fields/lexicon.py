"""How likely texts are before a line is looked at: words that names and addresses are made of.

A word counts by how often it stands in names (``names.yaml``) or in addresses (``units.txt``, with
what stands before it); a word that is in no list is possible, and the less likely the longer it is.
It only weighs what a reader sees (:func:`ocr.recognition.ctc.beam`): nothing is put in its place.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz, process

from ocr.fields.language import language
from schemas.shipped_data import shipped_data
from schemas.validators import FieldType, same_tones
from schemas.validators.units import Chain, chains, street_names

WEIGHT = 1.5
"""How much the lists count beside the line (an exponent of their probability): the line model is
surer than it is right. Chosen on drawn lines of people and fonts held back: of 31 names 8 were
right without lists, 17 with this weight (of 47 names 11; with 0.7 18, with 1.0 20)."""

UNLISTED = -9.0
"""The logarithm for a word that is in no list, whatever its letters."""
STRANGE_LETTER = -1.3
"""And for each of its letters."""
SIGN = -1.5
"""For a figure or a sign."""
FROM_PAIR = 0.6
"""How much of a word's probability comes from the word before it, where that pair is listed."""

NEAR, LEAST_LIKE = 3, 50.0
"""Listed words that a word may be, and how like it (0 to 100) they are at least."""

FEMALE, MALE = 40.0, 30.0
"""How often *Thị* and *Văn* are second, to other second words each once."""


class State(NamedTuple):
    """A beginning of a text: how many words are whole, the last of them, the one that has begun."""

    words: int
    before: str
    word: str
    likely: float
    """The logarithm that was counted for the word so far."""


class Words:
    """Words with how often each stands where, as a :class:`ocr.recognition.prior.Prior`."""

    def __init__(
        self, places: Sequence[Mapping[str, float]], pairs: Mapping[str, Mapping[str, float]]
    ) -> None:
        """Words with their shares: of first words, of second ones, ..., of all that follow; and
        of those that follow a word."""
        self._places = places
        self._pairs = pairs
        self._beginnings = [_beginnings(words) for words in places]

    def begin(self) -> State:
        """Nothing is written yet."""
        return State(0, "", "", 0.0)

    def after(self, state: State, character: str) -> tuple[State, float]:
        """One character more, and what it adds to the logarithm."""
        if character.isalpha():
            word = state.word + character.casefold()
            likely = self._begun(state.words, word)
            return state._replace(word=word, likely=likely), likely - state.likely
        extra = 0.0 if character == " " else WEIGHT * SIGN
        if not state.word:
            return state, extra
        return State(state.words + 1, state.word, "", 0.0), extra + self._ended(state)

    def end(self, state: State) -> float:
        """What a text's end adds."""
        return self._ended(state) if state.word else 0.0

    def logarithm(self, text: str) -> float:
        """The logarithm of a whole text's probability, to the power of :data:`WEIGHT`."""
        state, total = self.begin(), 0.0
        for character in text:
            state, more = self.after(state, character)
            total += more
        return total + self.end(state)

    def near(self, place: int, word: str) -> tuple[str, ...]:
        """The listed words most like one that was read in a place, in its kind of letters."""
        listed = self._places[min(place, len(self._places) - 1)]
        found = process.extract(
            same_tones(word.casefold()), listed.keys(), scorer=fuzz.ratio, limit=NEAR,
            score_cutoff=LEAST_LIKE,
        )  # fmt: skip
        return tuple(one.upper() if word.isupper() else one.capitalize() for one, _, _ in found)

    def _begun(self, place: int, word: str) -> float:
        """For a word's beginning: the likeliest word it may become."""
        stranger = UNLISTED + STRANGE_LETTER * len(word)
        listed = self._beginnings[min(place, len(self._places) - 1)].get(word, stranger)
        return WEIGHT * max(stranger, listed)

    def _ended(self, state: State) -> float:
        word = same_tones(state.word)
        share = self._places[min(state.words, len(self._places) - 1)].get(word, 0.0)
        pair = self._pairs.get(same_tones(state.before), {}).get(word, 0.0)
        share = FROM_PAIR * pair + (1 - FROM_PAIR) * share
        stranger = UNLISTED + STRANGE_LETTER * len(word)
        return WEIGHT * max(math.log(max(share, 1e-30)), stranger) - state.likely


def _beginnings(words: Mapping[str, float]) -> dict[str, float]:
    """For each beginning of a word the logarithm of its likeliest word's share."""
    found: dict[str, float] = {}
    for word, share in words.items():
        logarithm = math.log(share)
        for form in {word, *_other_tones(word)}:
            for size in range(1, len(form) + 1):
                start = form[:size]
                found[start] = max(found.get(start, -99.0), logarithm)
    return found


_OLD = (("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("oã", "õa"), ("oạ", "ọa"), ("oè", "òe"),
        ("oé", "óe"), ("oẻ", "ỏe"), ("oẽ", "õe"), ("oẹ", "ọe"), ("uỳ", "ùy"), ("uý", "úy"),
        ("uỷ", "ủy"), ("uỹ", "ũy"), ("uỵ", "ụy"))  # fmt: skip
"""Two ways to set a tone; people write both."""


def _other_tones(word: str) -> Iterator[str]:
    for one, other in _OLD:
        if one in word:
            yield word.replace(one, other)
        if other in word:
            yield word.replace(other, one)


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items()}


def lexicon(kind: FieldType) -> Words | None:
    """What is known of the words of a kind of value; None where nothing is."""
    if kind is FieldType.name:
        return _of_names()
    return _of_texts() if kind is FieldType.text else None


def _listed(text: str) -> list[str]:
    return [same_tones(word.casefold()) for word in text.split()]


@cache
def _of_names() -> Words:
    """Family names first, then any syllable of names."""
    loaded = shipped_data("schemas.validators", "names")
    families, syllables = _listed(loaded["surnames"]), _listed(loaded["syllables"])
    common = _listed(" ".join(language().common_families))
    first = dict.fromkeys(syllables, 0.02) | dict.fromkeys(families, 1.0)
    first |= {word: 300.0 / (2 + at) for at, word in enumerate(common)}
    later = {word: 0.3 for word in families} | {word: 1.0 for word in syllables}
    second = later | {"thị": FEMALE, "văn": MALE}
    return Words([_shares(first), _shares(second), _shares(later)], {})


@cache
def _of_texts() -> Words:
    """Words of addresses with those before them, and of what people ask for."""
    single: Counter[str] = Counter()
    pairs: dict[str, Counter[str]] = {}
    for said, count in _phrases():
        words = [same_tones(word) for word in said.casefold().split()]
        for word in words:
            single[word] += count
        for one, other in pairwise(words):
            pairs.setdefault(one, Counter())[other] += count
    loaded = shipped_data("schemas.validators", "names")
    for word in _listed(f"{loaded['surnames']} {loaded['syllables']}"):
        single[word] += 3
    return Words([_shares(single)], {word: _shares(after) for word, after in pairs.items()})


def _phrases() -> Iterator[tuple[str, int]]:
    """Texts of addresses and how often each counts."""
    for chain in chains():
        yield _said(chain), 1
        if len(chain) > 2:
            yield f"{chain[1].name} {chain[2].name}", 1
    for name in street_names():
        yield name, 8
    for place in language().address_words:
        yield place, 400
    for word in language().office_words:
        yield word, 40


def _said(chain: Chain) -> str:
    *below, province = chain
    return " ".join([*(f"{unit.rank} {unit.name}" for unit in below), province.name])
