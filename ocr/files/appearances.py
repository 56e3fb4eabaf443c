"""The appearances of annotations: which of them a viewer shows, and where on the page."""

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

_HIDDEN, _NO_VIEW = 2, 32
_MAX_PER_PAGE = 2_000


@dataclass(frozen=True)
class AnnotationAppearance:
    """What a visible annotation draws: a form XObject and where it goes."""

    annotation: pikepdf.Object
    form: pikepdf.Object
    matrix: tuple[float, float, float, float, float, float]
    """From the form's space, its own ``/Matrix`` applied, to the page (ISO 32000-1, 12.5.5)."""


def placed(name: str, appearance: AnnotationAppearance) -> bytes:
    """Content that draws the appearance under its resource name."""
    numbers = " ".join(f"{value:.5f}" for value in appearance.matrix)
    return f"q {numbers} cm {name} Do Q\n".encode("ascii")


def appearances(page: pikepdf.Page) -> Iterator[AnnotationAppearance]:
    """The appearances of a page's visible annotations, in drawing order."""
    for annotation in visible_annotations(page):
        form = normal_appearance(annotation)
        matrix = _matrix(annotation, form) if form is not None else None
        if form is not None and matrix is not None:
            yield AnnotationAppearance(annotation, form, matrix)


def visible_annotations(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    """The annotations that a viewer shows on its screen, in drawing order.

    Not those hidden, not for viewing, or of an optional content group that is off.
    """
    listed = page.obj.get("/Annots")
    if not isinstance(listed, pikepdf.Array):
        return
    for index, annotation in enumerate(listed):
        if index >= _MAX_PER_PAGE:
            return
        if not isinstance(annotation, pikepdf.Dictionary):
            continue
        try:
            flags = int(annotation.get("/F", 0))
        except (TypeError, ValueError):
            flags = 0
        if flags & (_HIDDEN | _NO_VIEW) or annotation.get("/Subtype") == pikepdf.Name.Popup:
            continue
        yield annotation


def normal_appearance(annotation: pikepdf.Object) -> pikepdf.Object | None:
    """The form XObject that an annotation shows, in the state it is in."""
    states = annotation.get("/AP")
    form = states.get("/N") if isinstance(states, pikepdf.Dictionary) else None
    if isinstance(form, pikepdf.Dictionary) and not isinstance(form, pikepdf.Stream):
        form = form.get(str(annotation.get("/AS", "/Off")))
    return form if isinstance(form, pikepdf.Stream) else None


def _matrix(
    annotation: pikepdf.Object, form: pikepdf.Object
) -> tuple[float, float, float, float, float, float] | None:
    """The algorithm of ISO 32000-1, 12.5.5: the transformed bounding box fills the rectangle."""
    try:
        left, bottom, right, top = (float(value) for value in annotation.Rect)
        x0, y0, x1, y1 = (float(value) for value in form.BBox)
        own = [float(value) for value in form.get("/Matrix", [1, 0, 0, 1, 0, 0])]
    except (AttributeError, TypeError, ValueError, KeyError):
        return None
    left, right, bottom, top = (
        min(left, right),
        max(left, right),
        min(bottom, top),
        max(bottom, top),
    )
    a, b, c, d, e, f = own
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
    low_x, high_x = min(x for x, _ in corners), max(x for x, _ in corners)
    low_y, high_y = min(y for _, y in corners), max(y for _, y in corners)
    if high_x - low_x <= 0 or high_y - low_y <= 0 or right - left <= 0 or top - bottom <= 0:
        return None
    across, up = (right - left) / (high_x - low_x), (top - bottom) / (high_y - low_y)
    return (across, 0.0, 0.0, up, left - low_x * across, bottom - low_y * up)
