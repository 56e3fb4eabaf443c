"""Laying a form's reference geometry over a scan, by the labels printed on both."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleaning.ink import Colour
from ocr.fields.bend import Bend, bend_of
from ocr.fields.context import POINT, Context
from ocr.fields.lines import Found, find, lines, middle, plain_texts, wanted_text
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType, PrintedLabel
from schemas.page import Box, PageReading

TOLERANCE = 5.0
"""A label may lie so many points off and still count; words are boxed that roughly."""

LEAST_POINTS = 8

MOST_FORMS = 6
"""So many forms are laid over a page whose title was not read."""

LEAST_PAIRS = 2
"""A form is laid where so many pairs of its words are read as they are printed."""

LEAST_SHARE = 0.6
"""Of the ends of labels found, so many must lie where the geometry has them: labels below one
another would fit another form's by chance."""

Affine = NDArray[np.float64]
"""Shape (2, 3): a point of the reference page to a point of the scan."""


class Registration(NamedTuple):
    """The reference page laid over one page of a scan."""

    page: PageReading
    affine: Affine
    inliers: int
    bend: Bend | None = None
    """Of a photographed sheet, which is never quite flat: it is what counts, then."""

    def cut(self, context: Context, box: Box) -> Image:
        """The part of the scan that lies in ``box`` of the reference page, level, 300 dpi."""
        return self._cut(context.image(self.page), box)

    def cut_colour(self, context: Context, box: Box) -> Colour | None:
        """The same in blue, green and red; None where the page has no coloured ink."""
        colour = context.colour(self.page)
        return None if colour is None else self._cut(colour, box)

    def _cut(self, image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
        size = (round((box[2] - box[0]) * POINT), round((box[3] - box[1]) * POINT))
        if size[0] < 2 or size[1] < 2:
            return np.full((1, 1, *image.shape[2:]), 255, np.uint8)
        if self.bend is not None:
            places = self.bend.maps(box, size).astype(np.float32) * np.float32(POINT)
            across, down = (np.ascontiguousarray(places[:, :, axis]) for axis in (0, 1))
            bent = cv2.remap(image, across, down, cv2.INTER_LINEAR, borderValue=(255, 255, 255))
            return np.asarray(bent, np.uint8)
        linear = self.affine[:, :2]
        start = self.affine @ np.array([box[0], box[1], 1.0]) * POINT
        matrix = np.hstack([linear, start.reshape(2, 1)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        level = cv2.warpAffine(image, matrix, size, flags=flags, borderValue=(255, 255, 255))
        return np.asarray(level, np.uint8)

    def onto(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places of the reference page, shape (n, 2), as places of the scan."""
        if self.bend is not None:
            return self.bend.onto(points)
        with_one = np.hstack([points, np.ones((len(points), 1))])
        return np.asarray((self.affine @ with_one.T).T)

    def onto_page(self, box: Box) -> Box:
        """A box of the reference page as an upright box of the scan, points."""
        middle_x = (box[0] + box[2]) / 2
        columns = (box[0], box[2]) if self.bend is None else (box[0], middle_x, box[2])
        moved = self.onto(np.array([(x, y) for x in columns for y in (box[1], box[3])]))
        low = np.maximum(moved.min(axis=0), 0.0)
        high = np.minimum(moved.max(axis=0), (self.page.width, self.page.height))
        return tuple(round(float(v), 2) for v in (*low, *high))  # type: ignore[return-value]


def register(page: PageReading, spec: DocumentType) -> Registration | None:
    """The geometry of ``spec`` on ``page``; None where too few labels agree on where it lies.

    Each label found gives one or two points (where it begins and ends); RANSAC drops those that
    were mistaken or displaced. Scanners turn and scale but do not shear, so that four numbers are
    fitted; of a photograph eight, and the bend of its sheet.
    """
    if spec.geometry is None:
        return None
    labels = _labels_on(_Page(page))
    here: list[tuple[float, float]] = []
    there: list[tuple[float, float]] = []
    for label in printed(spec):
        found = labels.find(label.text)
        if found is not None and label.box is not None:
            for reference, seen in _points(label.box, found):
                here.append(reference)
                there.append(seen)
    if len(here) < LEAST_POINTS:
        return None
    if page.photographed:
        return _bent(page, np.array(here), np.array(there))
    affine, mask = cv2.estimateAffinePartial2D(
        np.array(here), np.array(there), method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE
    )
    if affine is None or int(mask.sum()) < max(LEAST_POINTS, LEAST_SHARE * len(here)):
        return None
    fitted = np.asarray(affine, np.float64)
    return Registration(page, fitted, int(mask.sum())) if sane(fitted) else None


def _bent(
    page: PageReading, here: NDArray[np.float64], there: NDArray[np.float64]
) -> Registration | None:
    """A photographed sheet: eight numbers for what is left of perspective, and its bend."""
    found = bend_of(here, there)
    if found is None or found[1] < max(LEAST_POINTS, LEAST_SHARE * len(here)):
        return None
    bend, inliers = found
    affine, _ = cv2.estimateAffinePartial2D(here, bend.onto(here))
    if affine is None or not sane(np.asarray(affine, np.float64)):
        return None
    return Registration(page, np.asarray(affine, np.float64), inliers, bend)


class _Page:
    """A page as a key: by identity, since hashing its words costs as much as looking at them."""

    def __init__(self, page: PageReading) -> None:
        self.page = page

    def __hash__(self) -> int:
        return id(self.page)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Page) and other.page is self.page


class _Labels:
    """Printed text looked for on one page; versions of a form share most of their labels."""

    def __init__(self, page: PageReading) -> None:
        self._phrases = lines(page)
        self._plain = plain_texts(self._phrases)
        self._found: dict[str, Found | None] = {}

    @property
    def texts(self) -> list[str]:
        """The page's lines, without accents."""
        return self._plain

    def find(self, text: str) -> Found | None:
        """Where the page says it."""
        if text not in self._found:
            self._found[text] = find(self._phrases, text, plains=self._plain)
        return self._found[text]


@lru_cache(maxsize=1)
def _labels_on(key: _Page) -> _Labels:
    return _Labels(key.page)


def likely_forms(page: PageReading, types: Sequence[DocumentType]) -> list[DocumentType]:
    """The forms that are worth laying over a page: those of whose print most is read on it.

    Laying a form looks for each of its labels; of hundreds of forms :data:`MOST_FORMS` are laid, in
    all their versions. Pairs of neighbouring words that stand on the page as they are printed say
    which: a page so badly read that it has none of a form's is no page to lay it over.
    """
    known = [(spec, _pairs_of(_Form(spec))) for spec in types if spec.geometry is not None]
    if not known:
        return []
    here = frozenset(
        pair for text in _labels_on(_Page(page)).texts for pair in pairwise(text.split())
    )
    shared = {spec.key: len(pairs & here) for spec, pairs in known}
    best: dict[str, int] = {}
    for spec, _ in known:
        best[spec.id] = max(best.get(spec.id, 0), shared[spec.key])
    ranked = sorted(best, key=lambda form: best[form], reverse=True)[:MOST_FORMS]
    kept = {form for form in ranked if best[form] >= LEAST_PAIRS}
    return [spec for spec, _ in known if spec.id in kept]


class _Form:
    """A type as a key: by identity, since it is large and stays the same."""

    def __init__(self, spec: DocumentType) -> None:
        self.spec = spec

    def __hash__(self) -> int:
        return id(self.spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Form) and other.spec is self.spec


@lru_cache(maxsize=4096)
def _pairs_of(form: _Form) -> frozenset[tuple[str, str]]:
    return _pairs([wanted_text(label.text) for label in printed(form.spec)])


def _pairs(texts: Sequence[str]) -> frozenset[tuple[str, str]]:
    """The pairs of neighbouring words of some texts."""
    return frozenset(pair for text in texts for pair in pairwise(text.split()))


def printed(spec: DocumentType) -> list[PrintedLabel]:
    """All printed text of a form's first page whose place is known."""
    anchors = [one for one in spec.geometry.anchors if one.page == 1] if spec.geometry else ()
    labels = [label for field in spec.fields if field.page == 1 for label in field.labels]
    return [label for label in (*anchors, *labels) if label.box is not None]


def _points(box: Box, found: Found) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where the label begins and ends, on the reference page and on the scan."""
    y = (box[1] + box[3]) / 2
    first, last = found.phrase.words[0].box, found.phrase.words[-1].box
    centre = middle(found.phrase.box)[1]
    slope = 0.0
    if len(found.phrase.words) > 2 and last[0] > first[2]:
        slope = (middle(last)[1] - middle(first)[1]) / (middle(last)[0] - middle(first)[0])
        slope = max(-0.05, min(0.05, slope))
    half = (last[2] - first[0]) / 2
    points = []
    if found.begins:
        points.append(((box[0], y), (first[0], centre - slope * half)))
    if found.ends:
        points.append(((box[2], y), (last[2], centre + slope * half)))
    return points


def sane(affine: Affine) -> bool:
    """Size within 30 %, turned by less than 8 degrees."""
    across, down = float(affine[0, 0]), float(affine[1, 0])
    return (
        0.7 < float(np.hypot(across, down)) < 1.3 and abs(np.degrees(np.arctan2(down, across))) < 8
    )
