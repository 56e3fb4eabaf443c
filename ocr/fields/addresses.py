"""Units of an address set beside those that there are: which it may mean.

A reading such as *phường Vinh Thanh Van, thành phố Rạch Gia, Kiêng Giang* names units one of which
lies in the other; few chains of such units look like it. They are offered with the rest of the text
as it was read, for the line to choose among: nothing is decided here.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from schemas.validators import plain
from schemas.validators.units import chains
from schemas.validators.vietnamese import vietnamese

LIKE = 72.0
"""Likeness (0 to 100, without marks) of all names together from which a chain may be meant."""
ONE_LIKE = 50.0
"""And of each name."""
OFFERED = 6
"""Chains that are offered at most."""

_PART = re.compile(r"[^,]+")


class _Named(NamedTuple):
    """The name in a part of an address, without its rank."""

    name: str
    start: int
    end: int


def with_known_units(text: str) -> tuple[str, ...]:
    """``text`` with its last units as they are called where they lie in one another, likeliest
    first; nothing where no chain of units is like it."""
    parts = list(_parts(text))
    found: dict[str, float] = {}
    for count in (3, 2):
        if len(parts) < count:
            continue
        tail = parts[-count:]
        query = " ".join(plain(part.name) for part in tail)
        near = process.extract(
            query, _listed(count)[0], scorer=fuzz.ratio, limit=OFFERED, score_cutoff=LIKE
        )
        for _, score, at in near:
            names = _listed(count)[1][at]
            pairs = list(zip(tail, names, strict=True))
            if all(fuzz.ratio(plain(part.name), plain(name)) >= ONE_LIKE for part, name in pairs):
                form = _replaced(text, pairs)
                found[form] = max(found.get(form, 0.0), score + count)
    return tuple(sorted(found, key=lambda form: -found[form])[:OFFERED])


def names_a_chain(text: str) -> bool:
    """Whether the last units of an address lie in one another."""
    named = tuple(part.name.casefold() for part in _parts(text))
    return any(named[-count:] in _known(count) for count in (3, 2))


def _parts(text: str) -> Iterator[_Named]:
    for part in _PART.finditer(text):
        rank = _rank().match(part[0])
        start = part.start() + (rank.end() if rank else len(part[0]) - len(part[0].lstrip()))
        name = text[start : part.end()].rstrip(" .")
        if name:
            yield _Named(name, start, start + len(name))


@cache
def _rank() -> re.Pattern[str]:
    """A rank or its short form at a part's beginning, whatever marks were read."""
    known = vietnamese()
    full = "|".join(re.escape(rank) for rank in sorted(known.ranks, key=len, reverse=True))
    short = "|".join(sorted(known.short_ranks, key=len, reverse=True))
    return re.compile(rf"\s*(?:(?:{full})\s+|(?:{short})(?:\.\s*|\s+))", re.IGNORECASE)


@cache
def _listed(count: int) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Runs of so many units, as letters without marks and as names."""
    runs = dict.fromkeys(
        run for chain in chains() for run in _runs(tuple(unit.name for unit in chain), count)
    )
    return tuple(" ".join(map(plain, run)) for run in runs), tuple(runs)


def _runs(names: tuple[str, ...], count: int) -> Iterator[tuple[str, ...]]:
    for start in range(len(names) - count + 1):
        yield names[start : start + count]


@cache
def _known(count: int) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(name.casefold() for name in run) for run in _listed(count)[1])


def _replaced(text: str, pairs: Sequence[tuple[_Named, str]]) -> str:
    for part, name in reversed(pairs):
        as_written = name.upper() if part.name.isupper() and len(part.name) > 2 else name
        text = text[: part.start] + as_written + text[part.end :]
    return text
