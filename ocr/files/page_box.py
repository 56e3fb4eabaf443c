"""The visible part of a PDF's page as its dictionary states it, without PDFium."""

import pikepdf

from schemas.page import Box

MAX_SIDE = 14_400.0
"""Points; no page of a PDF/A is longer (ISO 19005-2, 6.1.13)."""
MIN_SIDE = 3.0
A4: Box = (0.0, 0.0, 595.28, 841.89)


def page_box(page: pikepdf.Page) -> tuple[Box, int]:
    """The visible part of a page in user space, and its ``/Rotate``.

    A4 for a box that cannot be.
    """
    try:
        raw = [float(value) for value in page.obj.get("/CropBox", page.obj.get("/MediaBox", ()))]
        turn = int(page.obj.get("/Rotate", 0)) // 90 * 90 % 360
        left, bottom, right, top = raw
    except (TypeError, ValueError, AttributeError):
        return A4, 0
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    fits = all(MIN_SIDE <= side <= MAX_SIDE for side in (box[2] - box[0], box[3] - box[1]))
    return (box, turn) if fits else (A4, turn)
