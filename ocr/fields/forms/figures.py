"""What the two networks of figures say of a field of figures, held to what such a field can say.

A personal number begins with a province's code and a century, a date is one of the calendar, a
telephone number begins with 0. Of all readings those are looked for; one that had to be forced is
as unsure as the figure that was forced.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np

from ocr.fields.pen.hand_figures import KINDS, Array, look_at_hands
from ocr.fields.pen.rows import (
    Row,
    cuts_of,
    figures_of,
    likeliest,
    looked_at,
    text_of,
    torn,
    whole_row,
    without_slashes,
)
from ocr.fields.zone_reader import Image
from schemas.field import Reading
from schemas.validators import FieldType, provinces

COUNTS: dict[FieldType, tuple[int, ...]] = {
    FieldType.personal_id: (12, 9),
    FieldType.phone: (10, 11),
}
"""Figures of a kind."""

PARTS_OF_DATE = ((2, 1), (2, 1), (4,))
"""Figures of a day, a month and a year."""

WHOLE_DATE = 8
"""Figures of a date with its noughts."""

TEN_FIGURES = tuple(f"0{c}" for c in "235789")
"""Beginnings of telephone numbers of ten figures; those of eleven begin with 02."""

SLASHED = {8: ((1, 3),), 9: ((1, 4), (2, 4)), 10: ((2, 5),)}
"""Where the slashes of a date stand among so many figures and slashes."""

TAKEN_FOR_1 = 0.5
"""How likely a slash is one where it looks like a 1, to where it looks like a slash."""

MOST = 24
"""Values that a rule over several fields may choose from."""

NUMBER, CENTURIES = 12, "0123"
"""Figures of a personal number; those that tell the century and sex of people now living."""


def row_of(images: Sequence[Image], kind: FieldType, joint: str = " ") -> Row | None:
    """The zones of one field cut into their figures and looked at; None where that fails.

    Args:
        images: grey, paper bright, in order of reading.
        kind: of the field; a date in one zone has its slashes, one in three has none.
        joint: what stands between the zones.
    """
    if kind is FieldType.date:
        if len(images) != len(PARTS_OF_DATE) or joint != "/":
            return _looked([figures_of(image, ()) for image in images])
        zones = zip(images, PARTS_OF_DATE, strict=True)
        return _looked([figures_of(image, counts) for image, counts in zones])
    if len(images) == 1 and (counts := COUNTS.get(kind)):
        found = [cut.figures for cut in cuts_of(images[0], counts)]
        if len(found) > 1:
            found = [max(found, key=lambda figures: _fit_of(figures, kind))]
        return _looked(found)
    return _looked([figures_of(image, COUNTS.get(kind, ())) for image in images])


def _fit_of(figures: Sequence[Image], kind: FieldType) -> float:
    """How well figures can be read as a value of a kind: the logarithm of a figure's share."""
    held = without_slashes(look_at_hands(figures, thorough=False))
    _, likely = likeliest(held, known_starts(kind, len(held)), best=1)[0]
    return float(np.log(max(likely, 1e-30))) / len(held)


def _looked(parts: Sequence[Sequence[Image]]) -> Row | None:
    return looked_at(parts) if parts and all(parts) else None


@cache
def known_starts(kind: FieldType, count: int) -> tuple[str, ...]:
    """How a value of so many figures can begin; empty: anyhow."""
    if kind is FieldType.personal_id and count == NUMBER:
        return tuple(f"{code}{century}" for code in sorted(provinces()) for century in CENTURIES)
    if kind is FieldType.phone:
        return TEN_FIGURES if count == min(COUNTS[kind]) else ("02",)
    if kind is FieldType.date and count == WHOLE_DATE:
        days = [date(2000, 1, 1) + timedelta(days=k) for k in range(366)]
        return tuple(f"{day:%d%m}{century}" for day in days for century in ("19", "20"))
    return ()


def said_by_networks(
    row: Row, kind: FieldType, between: str = "", *, pen: bool = False
) -> list[Reading]:
    """What each of the two says, and both together where they differ or a pen wrote; nothing where
    a figure is none.

    Args:
        row: what they saw.
        kind: of the field.
        between: what stands between the zones of a date.
        pen: whether a pen may have written it.
    """
    if torn(row):
        return []
    slashes = kind is FieldType.date and between != "/"
    seen = [("pens", row.hands), ("figures", row.pens), ("together", row.together())]
    if slashes:
        seen = [(name, with_slashes(shares)) for name, shares in seen]
    said = [_said(name, shares, row.parts, kind, between, slashes=slashes) for name, shares in seen]
    if not pen and said[0].text == said[1].text:
        return said[:2]
    whole = [c for c in said[2].text if c.isdigit() or slashes]
    right = whole_row(seen[2][1], "".join(whole))
    return [*said[:2], said[2].model_copy(update={"confidence": right})]


def with_slashes(shares: Array) -> Array:
    """Shares of a date's figures and slashes where the slashes stand as they must: what looks like
    a 1 there is one. Other counts than a date's are left as they are."""
    slash, one = KINDS.index("/"), KINDS.index("1")
    places = SLASHED.get(len(shares), ())
    like = shares[:, slash] + TAKEN_FOR_1 * shares[:, one]
    least = [float(min(like[at] for at in way)) for way in places]
    if not least or max(least) < TAKEN_FOR_1 * TAKEN_FOR_1:
        return shares
    at = list(places[least.index(max(least))])
    held = shares.copy()
    held[:, slash] = 0.0
    held[at] = 0.0
    held[at, slash] = np.minimum(shares[at, slash] + shares[at, one], 1.0)
    return held


def others(row: Row, kind: FieldType) -> tuple[str, ...]:
    """The likeliest values of a field by both networks together, the likeliest first."""
    held = without_slashes(row.together())
    return tuple(text for text, _ in likeliest(held, known_starts(kind, len(held)), best=MOST))


def _said(
    name: str,
    shares: Array,
    parts: Sequence[int],
    kind: FieldType,
    between: str,
    *,
    slashes: bool,
) -> Reading:
    text, sure = text_of(shares, slash=slashes)
    if not slashes:
        held = without_slashes(shares)
        starts = known_starts(kind, len(held))
        text = likeliest(held, starts, best=1)[0][0]
        sure = min(float(row[int(c)]) for row, c in zip(shares, text, strict=True))
    if between:
        ends = [sum(parts[: k + 1]) for k in range(len(parts))]
        text = between.join(text[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True))
    return Reading(reader=name, text=text, confidence=min(sure, 1.0))
