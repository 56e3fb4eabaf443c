"""What a page of a PDF shows of its pictures: how large, how fine, and whether all of them."""

import ctypes

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

CLIPPED = 2.0
"""Points at an edge of the page that a clipping path may hide of a picture that counts as whole."""


def area_shown(thing: pdfium.PdfImage, page: pdfium.PdfPage) -> float:
    """Of the page, in square units of its user space, clipping apart."""
    left, bottom, right, top = thing.get_bounds()
    x0, y0, x1, y1 = page.get_bbox()
    return float(max(0, min(right, x1) - max(left, x0)) * max(0, min(top, y1) - max(bottom, y0)))


def picture_dpi(image: pdfium.PdfImage, width: int, height: int) -> float:
    """Resolution of a picture as it is drawn, in pixels per inch of user space; 0 for none."""
    a, b, c, d, _, _ = image.get_matrix().get()
    across, down = float(np.hypot(a, b)), float(np.hypot(c, d))
    if across <= 0 or down <= 0:
        return 0.0
    return float(max(width / across, height / down) * 72)


def masked_pictures(page: pikepdf.Page) -> set[tuple[int, int]]:
    """The sizes in pixels of the page's pictures that are seen through masks."""
    resources = page.obj.get("/Resources")
    things = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(things, pikepdf.Dictionary):
        return set()
    return {
        (int(thing.get("/Width", 0)), int(thing.get("/Height", 0)))
        for thing in things.values()
        if isinstance(thing, pikepdf.Stream) and ("/SMask" in thing or "/Mask" in thing)
    }


def is_clipped(image: pdfium.PdfImage, page: pdfium.PdfPage) -> bool:
    """Whether less than the page is left of the picture by a clipping path."""
    path = pdfium_c.FPDFPageObj_GetClipPath(image)
    x0, y0, x1, y1 = page.get_bbox()
    for index in range(max(0, pdfium_c.FPDFClipPath_CountPaths(path))):
        points = [
            _point(pdfium_c.FPDFClipPath_GetPathSegment(path, index, segment))
            for segment in range(max(0, pdfium_c.FPDFClipPath_CountPathSegments(path, index)))
        ]
        if not points:
            return True
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
        corners = {(x, y) for x in (left, right) for y in (bottom, top)}
        outside = max(left - x0, bottom - y0, x1 - right, y1 - top)
        if set(points) != corners or outside > CLIPPED:
            return True
    return False


def _point(segment: object) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
    return round(x.value, 2), round(y.value, 2)
