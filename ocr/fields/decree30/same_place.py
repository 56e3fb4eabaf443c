"""One place read twice: in a body's name, *XÃ VÍ DỤ*, and beside the date, *Ví Dụ, ngày ...*.

The two lines are printed in other letters (bold capitals, italics), so that readers hardly make the
same mistake in both: equal places bear each other out; places a letter apart, or one that is the
other's beginning, are one that was misread.
"""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ocr.fields.evidence import Evidence, with_checks
from schemas.field import Check
from schemas.validators import same_tones

SAME_PLACE = "same_place"

UNITS = frozenset({"xã", "phường", "trấn", "huyện", "quận", "phố", "tỉnh", "khu"})
"""What the kinds of units end with."""

SHORTEST = 4
"""Letters: shorter places are a letter apart from too many others."""


def with_same_place(fields: dict[str, Evidence]) -> dict[str, Evidence]:
    """``parent_org``, ``issuing_org`` and ``issue_place`` with what they say of each other."""
    place = fields["issue_place"]
    bodies = [name for name in ("parent_org", "issuing_org") if fields[name].value]
    if place.value is None or not bodies:
        return fields
    said = {name: _told(fields[name].value or "", place.value) for name in bodies}
    found = {name: fields[name] for name in bodies if said[name] is not None}
    changed = {name: with_checks(one, _check(said[name], firm=True)) for name, one in found.items()}
    verdicts = [verdict for verdict in said.values() if verdict is not None]
    if verdicts and (any(verdicts) or not _cut(fields, bodies, place.value)):
        changed["issue_place"] = with_checks(place, _check(any(verdicts), firm=False))
    return fields | changed


def _check(passed: bool | None, *, firm: bool) -> Check:
    """A failed one is firm for the body, whose capitals lose their marks more easily."""
    return Check(name=SAME_PLACE, passed=bool(passed), blocking=firm and not passed)


def _words(text: str) -> list[str]:
    return same_tones(text).casefold().removeprefix("tp.").split()


def _told(body: str, place: str) -> bool | None:
    """Whether a body's name ends with the place; None where it is of another, as offices of a
    district are that stands in a town."""
    name, wanted = _words(body), _words(place)
    end = " ".join(name[-len(wanted) :])
    if end == " ".join(wanted):
        return True
    near = len(end) >= SHORTEST and Levenshtein.distance(end, " ".join(wanted)) == 1
    return False if near or _lost(name, wanted) else None


def _lost(name: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a name ends with a unit's kind and the beginning of the place; *BỘ CÔNG AN* that
    stands beside *An Giang* has lost nothing."""
    return any(
        list(name[-k:]) == list(wanted[:k]) and name[-k - 1 : -k] and name[-k - 1] in UNITS
        for k in range(1, len(wanted))
    )


def _cut(fields: dict[str, Evidence], bodies: Sequence[str], place: str) -> bool:
    """Whether it is a body that lost the place's end, so that the place itself is whole."""
    wanted = _words(place)
    return any(_lost(_words(fields[name].value or ""), wanted) for name in bodies)
