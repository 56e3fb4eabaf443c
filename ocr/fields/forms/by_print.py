"""Finding a form by the picture of its blank, where its labels could not be read."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from ocr.fields.classify import Classified
from ocr.fields.context import POINT, Context
from ocr.fields.forms.blanks import Blank, find_blank
from ocr.fields.forms.print_removal import fitted
from ocr.fields.registration import Registration, sane
from ocr.fields.sureness import BY_LABELS
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType
from schemas.page import PageReading

SMALLER = 3
"""Pictures are compared at a third of 300 dpi."""

MOST_POINTS = 4000

DISTINCT = 0.8
"""The best match must be nearer than this part of the second best (Lowe's ratio)."""

STRAY = 3.0
"""Pixels at 100 dpi a match may lie off."""

FEWEST_INLIERS = 400
"""Scans have 1,500 on their own blank; another form of the series, which shares its header and some
labels, about 200, and those of another printing as many."""

MOST_SHEAR = 0.02


def known_by_print(context: Context, types: Sequence[DocumentType]) -> Classified | None:
    """The form whose blank lies under the document's first page that holds anything."""
    page = next((p for p in context.pages if p.words and not p.blank), None)
    if page is None:
        return None
    for spec in types:
        blank = find_blank(context.options, spec) if spec.layout == "form" else None
        if blank is not None and (laid := laid_by_print(context, page, spec, blank)):
            return Classified(spec, BY_LABELS, True, None, laid)
    return None


def laid_by_print(
    context: Context, page: PageReading, spec: DocumentType, blank: Blank
) -> Registration | None:
    """The blank laid on a page by what both show; None where they are different papers."""
    points, marks = _described(_small(context.image(page)))
    known_points, known_marks = _of_blank(_Kept(blank.picture))
    if marks is None or known_marks is None:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(known_marks, marks, k=2)
    near = [p[0] for p in pairs if len(p) == 2 and p[0].distance < DISTINCT * p[1].distance]
    if len(near) < FEWEST_INLIERS:
        return None
    affine, mask = cv2.estimateAffine2D(
        np.array([known_points[m.queryIdx] for m in near]),
        np.array([points[m.trainIdx] for m in near]),
        method=cv2.RANSAC,
        ransacReprojThreshold=STRAY,
    )
    if affine is None or int(mask.sum()) < FEWEST_INLIERS:
        return None
    found = np.asarray(affine, np.float64)
    found[:, 2] *= SMALLER / POINT  # pixels of the small pictures to points
    shear = max(abs(found[0, 0] - found[1, 1]), abs(found[0, 1] + found[1, 0]))
    if shear > MOST_SHEAR or not sane(found):
        return None
    return fitted(context, Registration(page, found, int(mask.sum())), blank.picture, spec)


class _Kept:
    """A picture as a key: by identity, as blanks are kept while they are used."""

    def __init__(self, picture: Image) -> None:
        self.picture = picture

    def __hash__(self) -> int:
        return id(self.picture)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.picture is self.picture


@lru_cache(maxsize=2)
def _of_blank(kept: _Kept) -> tuple[list[tuple[float, float]], Any]:
    return _described(_small(kept.picture))


def _small(image: Image) -> Image:
    size = (image.shape[1] // SMALLER, image.shape[0] // SMALLER)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _described(image: Image) -> tuple[list[tuple[float, float]], Any]:
    finder = cv2.ORB_create(MOST_POINTS)  # type: ignore[attr-defined]
    points, marks = finder.detectAndCompute(image, None)
    return [point.pt for point in points], marks
