"""A photographed form laid on its geometry to the pixel, by its dot leaders.

Labels tell to a point or so where a place lies. A line to write on is straight on the reference
page, so that its leader, looked for piece by piece, tells how the photographed sheet is bent there.
"""

import cv2
import numpy as np

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT, Context
from ocr.fields.forms.dot_leader_removal import LARGEST_DOT, UNDER, find_row
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType

PIECE = 80.0
"""Points of a leader that are looked at on their own."""
REACH = 9.0
"""Points over and under a leader's expected height that are looked at."""
FEWEST = 6
ROUNDS = 2
NEAR = 1.6
"""Points from a leader's height within which its remains lie."""


def by_leaders(context: Context, laid: Registration, spec: DocumentType) -> Registration:
    """The registration of a photograph corrected by the form's leaders; others as they are."""
    for _ in range(ROUNDS):
        if laid.bend is None:
            return laid
        places, lower = _seen(context, laid, spec)
        if len(places) < FEWEST:
            return laid
        laid = laid._replace(bend=laid.bend.along(np.array(places), np.array(lower)))
    return laid


def _seen(
    context: Context, laid: Registration, spec: DocumentType
) -> tuple[list[tuple[float, float]], list[float]]:
    """Middles of the pieces found (reference page), and how much lower each lies (points)."""
    places: list[tuple[float, float]] = []
    lower: list[float] = []
    for x0, x1, y in dict.fromkeys(zone for field in spec.fields for zone in field.zones):
        strip = laid.cut(context, (x0, y - REACH, x1, y + REACH))
        count = max(1, round((x1 - x0) / PIECE))
        for index in range(count):
            first, last = (round(k * strip.shape[1] / count) for k in (index, index + 1))
            row = find_row(np.ascontiguousarray(strip[:, first:last]), REACH * POINT)
            if row is not None:
                places.append((x0 + (first + last) / 2 / POINT, y))
                lower.append(row.y((last - first) / 2) / POINT - REACH)
    return places, lower


def without_remains(cleaned: Image, height: float) -> Image:
    """A strip without what is left of its leader, where blur had run the dots together.

    Low pieces at the leader's ``height`` (pixels from the top) go, but for those right under a
    letter, which may be the dot of a vowel.
    """
    ink = ink_of(cleaned)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall = stats[:, cv2.CC_STAT_HEIGHT]
    low = (tall <= LARGEST_DOT * POINT) & (np.abs(centres[:, 1] - height) <= NEAR * POINT)
    low[0] = False
    letters = np.isin(labels, np.flatnonzero(tall > LARGEST_DOT * POINT)[1:])
    for index in np.flatnonzero(low):
        x, y, wide = (int(v) for v in stats[index][:3])
        under = letters[max(0, y - UNDER) : y, x : x + wide]
        if wide <= LARGEST_DOT * POINT and under.size and under.any():
            low[index] = False
    if not low[:count].any():
        return cleaned
    gone = cv2.dilate(low[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    made = cleaned.copy()
    made[gone & ((ink == 0) | low[labels])] = int(shades(cleaned, 0.8)[0])
    return made
