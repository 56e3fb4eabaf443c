"""A document as the search index has it: its words, and what a question is narrowed by. Pure."""

import json
import re
import zlib
from collections.abc import Iterable, Sequence

from pydantic import Field

from schemas import search_terms
from schemas.page import Frozen
from schemas.sharing import Shared
from storage.search_match import Asked, Either, Every, Word

_BLOCK = 13
"""Entries of 2**13 numbers are a block: documents that were published about the same time."""
_LONGEST_VALUE = 100
_VOCABULARY = re.compile(r"[a-z]{2,7}")
"""Plain syllables; the longest has seven letters (*nghiêng*)."""


class SearchText(Frozen):
    """What a document says, as it is indexed."""

    values: tuple[tuple[str, str], ...] = Field((), repr=False, description="path and value")
    pages: tuple[str, ...] = Field((), repr=False)


class Indexed(Frozen):
    """A document as words, each once."""

    words: frozenset[str] = Field(repr=False)
    vocabulary: frozenset[str] = Field(repr=False)
    numbers: frozenset[str] = Field(repr=False)

    @classmethod
    def of(cls, text: SearchText, code: str, narrow: Iterable[str]) -> "Indexed":
        """The words of a text and of its dossier's code, whole values as one word each.

        Args:
            text: what is indexed.
            code: of the dossier.
            narrow: words by which a question is narrowed.
        """
        marked: list[str] = []
        values: list[str] = []
        for _, value in text.values:
            words = search_terms.marked_words(value)
            marked += words
            if len(words) in search_terms.VALUE_WORDS:
                values.append(search_terms.as_one(search_terms.unmarked(words)))
        for page in text.pages:
            marked += search_terms.marked_words(page)
        marked = [*marked[: search_terms.MOST_INDEXED], *search_terms.marked_words(code)]
        plain = search_terms.unmarked(marked)
        values = [one for one in dict.fromkeys(values) if len(one) <= _LONGEST_VALUE]
        whole = [*values, *narrow]
        known = {one for one in plain if _VOCABULARY.fullmatch(one)}
        known |= {one for one in values if one.replace("_", "").isalpha()}
        numbers = set[str]().union(
            *(search_terms.numbers(one) for one in (*(v for _, v in text.values), *text.pages))
        )
        return cls(
            words=words_of(marked, whole),
            vocabulary=frozenset(known),
            numbers=frozenset(numbers),
        )


def words_of(marked: Sequence[str], whole: Iterable[str]) -> frozenset[str]:
    """All words by which a document is found.

    Args:
        marked: its words as written, in their order.
        whole: what is a word besides.
    """
    plain, written = search_terms.unmarked(marked), search_terms.as_marked(marked)
    pairs = (*search_terms.pairs(plain), *search_terms.pairs(written))
    return frozenset((*plain, *written, *pairs, *whole))


def narrow_words(
    department: str | None = None,
    document_type: str | None = None,
    role: str | None = None,
    dossier_id: int | None = None,
) -> list[str]:
    """Words that no text has, by which a question is narrowed before rows are looked at."""
    named = (("d", department), ("t", document_type), ("r", role), ("n", dossier_id))
    return [
        f"__{kind}_{re.sub(r'[^a-z0-9]', '_', str(name).lower())}" for kind, name in named if name
    ]


def recent_words(entry: int, count: int = 1) -> list[str]:
    """The words of the block of entries that this one is of, and of those before it."""
    return [f"__b_{block}" for block in range(entry >> _BLOCK, (entry >> _BLOCK) - count, -1)]


class Given(Frozen):
    """What of a department's is shared with somebody: a part of a grant."""

    giver: str
    kind: Shared
    subject: str
    dossier_id: int | None


def within(departments: Iterable[str], given: Iterable[Given]) -> Asked:
    """That a document may be reached: never less than the rule says, and seldom much more.

    Args:
        departments: one's own.
        given: what others share with them now.
    """
    every: list[Asked] = [_all_of(narrow_words(one)) for one in sorted(departments)]
    for one in given:
        if one.kind is Shared.dossier:
            every.append(_all_of(narrow_words(dossier_id=one.dossier_id)))
        elif one.kind is Shared.document_type:
            every.append(_all_of(narrow_words(one.giver, one.subject)))
        else:
            every.append(_all_of(narrow_words(one.giver)))
    return Either(tuple(dict.fromkeys(every)))


def narrowed(asked: Asked, parts: Iterable[Asked], words: Iterable[str]) -> Asked:
    """A question with what the index knows of its filter; the rows are asked all the same."""
    every = (asked, *parts, *(Word(word) for word in words))
    return asked if len(every) == 1 else Every(every)


def _all_of(words: Sequence[str]) -> Asked:
    return Every(tuple(Word(word) for word in words))


def packed(text: SearchText) -> bytes:
    """To be kept beside the index."""
    content = json.dumps([text.values, text.pages], ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(content.encode())


def unpacked(content: bytes) -> SearchText:
    """What was packed."""
    values, pages = json.loads(zlib.decompress(content))
    return SearchText(values=tuple((path, value) for path, value in values), pages=tuple(pages))
