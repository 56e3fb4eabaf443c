"""What a field reader may look at: the words, the annotations, the page's picture when needed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from ocr.cleaning.ink import Colour
from ocr.fields.levelling import level_picture
from ocr.fields.signed import Signed
from ocr.fields.zone_reader import Image
from ocr.files.pdf_size import changed
from ocr.options import ReadingOptions
from ocr.page_pictures import UprightPage, page_picture
from ocr.values import Annotation
from schemas.page import Box, PageKind, PageReading
from schemas.verdict import SignatureReport

ZONE_DPI = 300.0
"""Resolution zones are read at."""

POINT = ZONE_DPI / 72
"""Pixels of a zone's picture per point."""


T = TypeVar("T")


class Context:
    """One document while its fields are read; page pictures are made once and kept."""

    def __init__(
        self,
        path: Path,
        pages: Sequence[PageReading],
        annotations: Sequence[Annotation],
        options: ReadingOptions,
        signatures: Sequence[SignatureReport] = (),
    ) -> None:
        self.path = path
        self.pages = pages
        self.annotations = tuple(_on_paper(note, pages) for note in annotations)
        self.options = options
        self.signed = Signed.of(signatures)
        self._pictures: dict[int, UprightPage] = {}
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once a document: codes, the lines of its pages."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def image(self, page: PageReading) -> Image:
        """The page in grey at :data:`ZONE_DPI`, upright, paper 255."""
        return self._picture(page).grey

    def colour(self, page: PageReading) -> Colour | None:
        """The page in colour at :data:`ZONE_DPI`, upright; None where it has no coloured ink."""
        return self._picture(page).colour

    def _picture(self, page: PageReading) -> UprightPage:
        if page.number not in self._pictures:
            self._pictures.clear()
            drawn = page_picture(
                self.path,
                page.number,
                page.rotation,
                ZONE_DPI,
                self.options,
                page.size_as_stored,
                page.photographed,
            )
            colour = drawn.colour
            self._pictures[page.number] = UprightPage(
                level_picture(drawn.grey, page),
                None if colour is None else level_picture(colour, page),
            )
        return self._pictures[page.number]

    def cut(self, page: PageReading, box: Box) -> Image:
        """The part of a page in ``box`` (points), lines brought level by the page's skew."""
        image = self.image(page)
        centre = ((box[0] + box[2]) / 2 * POINT, (box[1] + box[3]) / 2 * POINT)
        size = (int((box[2] - box[0]) * POINT), int((box[3] - box[1]) * POINT))
        if size[0] < 2 or size[1] < 2:
            return np.full((1, 1), 255, np.uint8)
        turn = cv2.getRotationMatrix2D(centre, page.skew, 1.0)
        turn[0, 2] += size[0] / 2 - centre[0]
        turn[1, 2] += size[1] / 2 - centre[1]
        if page.skew == 0:  # whole pixels are copied as they are
            turn[:, 2] = np.round(turn[:, 2])
        level = cv2.warpAffine(
            image,
            turn,
            size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=255,
        )
        return np.asarray(level, np.uint8)

    def digital(self, page: PageReading) -> bool:
        """Whether the page's words come from a text layer."""
        return page.kind is PageKind.digital


def _on_paper(note: Annotation, pages: Sequence[PageReading]) -> Annotation:
    """An annotation where it stands on its page, which may be larger than its file states."""
    if note.page_size is None or not 0 < note.page <= len(pages) or min(note.page_size) <= 0:
        return note
    width, height = pages[note.page - 1].size_as_stored
    across, down = width / note.page_size[0], height / note.page_size[1]
    if not changed((across, down)):
        return note
    x0, y0, x1, y1 = note.box
    box = (x0 * across, y0 * down, x1 * across, y1 * down)
    return note.model_copy(update={"box": box, "page_size": (width, height)})
