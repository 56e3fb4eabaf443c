"""Administrative units of Viet Nam in texts: *phường Hải Châu*, *xã Hòa Tiến, thành phố Đà Nẵng*.

The names are data (``units.txt``), those in force since 1/7/2025 and those before, for people go
on writing the old ones. A unit that is not known is a signal, no error: units of other countries
and hamlets stand in addresses, too.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from schemas.validators.identity import provinces
from schemas.validators.text import folded, plain, same_tones
from schemas.validators.vietnamese import vietnamese

_TOKEN = re.compile(r"(?:[^\W\d_][\w'’-]*|[0-9]{1,2}(?![\d/]))(?=\W|$)")
_GAP = re.compile(r"\s+")
_HOUSE = re.compile(r"(?:(?<!\w)(?:[Đđ]ường|[Pp]hố)|(?<!\w)[A-ZĐ]?\d[\w/.-]*)\s+")
"""What stands before a street's name."""


class NamedUnit(NamedTuple):
    """A unit that a text names, by its rank in full and its name as written."""

    rank: str
    name: str
    start: int
    end: int
    """Where the name stands in the text, characters."""

    @property
    def known(self) -> bool:
        """Whether there is, or was, such a unit; none is called *DuY Xuyên*."""
        crooked = any(a.islower() and b.isupper() for a, b in pairwise(self.name))
        return not crooked and _key(self.name) in unit_names(self.rank)


@cache
def _rank() -> re.Pattern[str]:
    """A rank before its unit's name, in full or as a short form before a stop."""
    known = vietnamese()
    full, short = (
        "|".join(sorted(x, key=len, reverse=True)) for x in (known.ranks, known.short_ranks)
    )
    return re.compile(rf"(?<!\w)(?:(?P<rank>{full})\s+|(?P<short>{short})\.\s*)", re.IGNORECASE)


@cache
def unit_names(rank: str) -> dict[str, str]:
    """The names of units of a rank: in lower case with tones in one way, to the name as gazetted.

    Provinces are known as *tỉnh* and as *thành phố*, whichever they are.
    """
    found = {_key(name): name for name in _listed().get(rank, ())}
    if rank in {"tỉnh", "thành phố"}:
        for name in (*provinces().values(), "Huế"):
            bare = name.removeprefix("TP. ")
            found.setdefault(_key(bare), bare)
    return found


def places(text: str) -> tuple[NamedUnit, ...]:
    """The units that ``text`` names after their rank, in order.

    A name ends with its capital letters, at a comma, or where the next rank begins; without a
    comma before the province (*xã Hòa Tiến Đà Nẵng*) it ends where a known name does. A province
    may stand last without its rank (*, Đà Nẵng*).
    """
    found = []
    for rank in _rank().finditer(text):
        name = _name(text, rank.end())
        if not name:
            continue
        full = (rank["rank"] or vietnamese().short_ranks[rank["short"].lower()]).lower()
        name = _without_province(full, name)
        found.append(NamedUnit(full, name, rank.end(), rank.end() + len(name)))
    start = len(text) - len(text[text.rfind(",") + 1 :].lstrip())
    last = text[start:].rstrip(" .")
    if start > 0 and plain(last) in _by_letters("tỉnh"):
        found.append(NamedUnit("tỉnh", last, start, start + len(last)))
    return tuple(found)


def others(place: NamedUnit) -> tuple[str, ...]:
    """The other known names of that rank with the letters of ``place``, whatever the marks."""
    return tuple(
        name
        for name in _by_letters(place.rank).get(plain(place.name), ())
        if _key(name) != _key(place.name)
    )


def likely_name(place: NamedUnit) -> str | None:
    """The known name a place that is not known must be, were only marks misread.

    None where there is none, or several, or where the name is known as it is.
    """
    found = others(place)
    return found[0] if len(found) == 1 and not place.known else None


@cache
def _by_letters(rank: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in unit_names(rank).values():
        found[plain(name)] = (*found.get(plain(name), ()), name)
    return found


def streets(text: str) -> tuple[NamedUnit, ...]:
    """The streets after *đường*, *phố* or a house's number whose names many towns have.

    Those that are known, and those that would be with other marks; of any other nothing is known,
    and it is left out. Their rank is *đường*.
    """
    found = []
    for before in _HOUSE.finditer(text):
        name = _without_province("đường", _name(text, before.end()))
        if not name or name[0].isdigit():
            continue
        place = NamedUnit("đường", name, before.end(), before.end() + len(name))
        if place.known or others(place):
            found.append(place)
    return tuple(found)


def _name(text: str, start: int) -> str:
    """The words with capitals, and numbers of one or two figures, that stand from ``start`` on."""
    end = at = start
    while (token := _TOKEN.match(text, at)) and (token[0][0].isupper() or token[0][0].isdigit()):
        if token[0] in {"TP", "Tp"}:
            break
        end = token.end()
        gap = _GAP.match(text, end)
        if gap is None:
            break
        at = gap.end()
    return text[start:end]


def _without_province(rank: str, name: str) -> str:
    """A name that a province follows without a comma, alone; any other as it is."""
    words = list(re.finditer(r"\S+", name))
    for word in words[-2::-1]:
        rest = _key(name[word.end() :])
        if rest in unit_names("tỉnh") and _key(name[: word.end()]) in unit_names(rank):
            return name[: word.end()]
    return name


def _key(name: str) -> str:
    return same_tones(folded(name)).casefold().replace("’", "'")


class Unit(NamedTuple):
    """A unit, by its rank in full (``phường``; of a province ``tỉnh``) and its name."""

    rank: str
    name: str


Chain = tuple[Unit, ...]
"""A unit and those it lies in, the province last: ward, district, province; since 2025 two."""


@cache
def chains() -> tuple[Chain, ...]:
    """Every ward with what it lies in, and every district that has none, before 2025 and since."""
    text = files("schemas.validators").joinpath("units.txt").read_text("utf-8")
    found: list[Chain] = []
    province = Unit("tỉnh", "")
    for line in text.partition("[đường]")[0].splitlines():
        if line.startswith("= "):
            province = Unit("tỉnh", line[2:])
        elif "|" in line:
            head, _, below = line.partition("|")
            above: Chain = (*_districts(head.strip()), province)
            found += [(ward, *above) for ward in _wards(below)] or [above]
    return tuple(found)


def _districts(text: str) -> Iterator[Unit]:
    """The unit that ``huyện Hòa Vang`` is; none of an empty text."""
    for rank in vietnamese().ranks:
        if text.startswith(f"{rank} "):
            yield Unit(rank, text[len(rank) + 1 :])
            return


def _wards(text: str) -> Iterator[Unit]:
    """The units of ``phường: An Hải, An Khê; xã: Bà Nà``."""
    for part in text.split(";"):
        rank, _, names = part.partition(":")
        yield from (Unit(rank.strip(), name.strip()) for name in names.split(",") if name.strip())


@cache
def street_names() -> tuple[str, ...]:
    """Names that streets have in many towns."""
    text = files("schemas.validators").joinpath("units.txt").read_text("utf-8")
    named = " ".join(text.partition("[đường]")[2].split()).split(",")
    return tuple(name.strip() for name in named if name.strip())


@cache
def _listed() -> dict[str, frozenset[str]]:
    """Names by rank, old and new together; of provinces only what lies in them is listed."""
    found: dict[str, set[str]] = {"đường": set(street_names())}
    for *units, _ in chains():
        for unit in units:
            found.setdefault(unit.rank, set()).add(unit.name)
    return {rank: frozenset(names) for rank, names in found.items()}


def known_units(text: str) -> bool:
    """Whether every unit that ``text`` names is known; where it names none, none is wrong."""
    return all(place.known for place in places(text))
