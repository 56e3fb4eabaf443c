"""Where in a document a question's words stand: pieces of its values and pages. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from schemas.search_terms import identity_free, marked_words, near, unmarked
from schemas.search_views import Piece, Snippet
from schemas.validators.text import plain
from storage import Fit, SearchText

MOST = 2
"""Snippets of a document."""
AROUND = 9
"""Words that are shown before and after the first that was found."""
_WORD = re.compile(r"[^\W_]+")

NameOf = Callable[[str], str]
"""What people call a field, by its path."""


def snippets(text: SearchText, question: str, fit: Fit, name_of: NameOf) -> tuple[Snippet, ...]:
    """Where the words stand, values of fields first.

    Args:
        text: what was indexed of the document.
        question: as it was asked.
        fit: how the document fits; words that are written nearly so count where it does so.
        name_of: what a field is called.
    """
    wanted = set(unmarked(marked_words(question)))
    if fit in {Fit.near, Fit.near_words}:
        wanted = wanted.union(*map(near, wanted))
    found = list(_of_values(text, wanted, name_of))
    found += [one for one in _of_pages(text, wanted) if len(found) < MOST]
    found.sort(key=lambda one: -_hits(one.pieces))
    return tuple(found[:MOST])


def _of_values(text: SearchText, wanted: set[str], name_of: NameOf) -> Iterator[Snippet]:
    told: set[str] = set()
    for path, value in text.values:
        pieces = _cut(_clean(value), wanted)
        name = name_of(path)
        if _hits(pieces) and f"{name} {value}" not in told:
            told.add(f"{name} {value}")
            yield Snippet(field=name, pieces=pieces)


def _of_pages(text: SearchText, wanted: set[str]) -> Iterator[Snippet]:
    best: Snippet | None = None
    for number, page in enumerate(text.pages, 1):
        pieces = _cut(_clean(page), wanted)
        if best is None or _hits(pieces) > _hits(best.pieces):
            best = Snippet(page=number, pieces=pieces)
    if best is not None and _hits(best.pieces):
        yield best


def _clean(text: str) -> str:
    """In one line, without identity numbers: who may look those up does so by themselves."""
    return identity_free(" ".join(unicodedata.normalize("NFC", text).split()))


def _cut(text: str, wanted: set[str]) -> tuple[Piece, ...]:
    """The words around the place with most of what is wanted, parted into hits and the rest."""
    words = [*_WORD.finditer(text)]
    hits = [at for at, word in enumerate(words) if plain(word[0]) in wanted]
    if not hits:
        return ()
    first = max(hits, key=lambda at: (_distinct(words, hits, at), -at))
    begin, end = max(0, first - AROUND), min(len(words), first + 2 * AROUND)
    left, right = words[begin].start(), words[end - 1].end()
    if begin == 0:
        left = 0
    if end == len(words):
        right = len(text)
    return tuple(_pieces(text, left, right, [words[at] for at in hits if begin <= at < end]))


def _distinct(words: Sequence[re.Match[str]], hits: Sequence[int], begin: int) -> int:
    near_by = (at for at in hits if begin <= at < begin + AROUND)
    return len({plain(words[at][0]) for at in near_by})


def _pieces(text: str, left: int, right: int, hits: Sequence[re.Match[str]]) -> Iterator[Piece]:
    at = left
    if left:
        yield Piece(text="… ")
    for hit in hits:
        if hit.start() > at:
            yield Piece(text=text[at : hit.start()])
        yield Piece(text=hit[0], hit=True)
        at = hit.end()
    if at < right:
        yield Piece(text=text[at:right])
    if right < len(text):
        yield Piece(text=" …")


def _hits(pieces: Sequence[Piece]) -> int:
    return len({plain(one.text) for one in pieces if one.hit})
