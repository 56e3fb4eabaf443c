"""Where a person and the agency sign: in the free paper between a title and a name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from schemas.errors import InputRejected
from schemas.page import Box
from signing.appearance.placement import FirstPage, Mask, inspect_page
from signing.appearance.signer_block import SignerBlock, lines_of, same_person, signer_blocks

_CLEAR = 2.0  # points kept between a picture and title or name
_PAGES = 30  # looked at from the last one

SIGNATURE_WIDTH = 128.0
"""Widest a person's picture is drawn, in points: 45 mm."""

OVERLAPS = (1 / 3, 0.3, 0.37, 0.26, 0.4)
"""Shares of the person's picture that the seal may cover, the most wanted first."""


@dataclass(frozen=True)
class SignaturePlaces:
    """Where the person and the agency sign, in PDF user space of one page."""

    page: int
    """Counted from 0."""
    rotation: int
    person: tuple[float, float, float, float]
    agency: tuple[float, float, float, float] | None
    person_size: tuple[float, float]
    """Width and height on the upright page, in points."""
    agency_size: tuple[float, float] | None


def signature_places(
    path: Path,
    signer: str,
    person: tuple[float, float],
    agency: tuple[float, float] | None,
    unit: Callable[[int], float] = lambda index: 1.0,
) -> SignaturePlaces:
    """Places for pictures of these sizes (width, height in points) in the PDF at ``path``.

    The person's picture is made smaller where the room asks for it, the seal never: its size is
    that of the real one.

    Args:
        path: the document, without any signature.
        signer: the person's name, to know the right block where there are several.
        person: the picture's natural size.
        agency: the seal's size; None: no seal is to come.
        unit: the UserUnit of a page, counted from 0.

    Raises:
        InputRejected: no title with a name below it, or not enough free paper between them.
    """
    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    try:
        document.init_forms()
        count = len(document)
        found: list[tuple[int, SignerBlock]] = []
        for index in range(count - 1, max(-1, count - 1 - _PAGES), -1):
            lines = lines_of(document[index], unit(index))
            found += [(index, block) for block in signer_blocks(lines, signer)]
            if any(same_person(block.name.text, signer) for _, block in found):
                break
        if not found:
            raise InputRejected("signing.no_signer_block")
        index, block = _chosen(found, signer)
        seen = inspect_page(document[index], unit=unit(index))
        return _placed(seen, index, block, person, agency)
    except pdfium.PdfiumError as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    finally:
        document.close()


def _chosen(found: Sequence[tuple[int, SignerBlock]], signer: str) -> tuple[int, SignerBlock]:
    """The signer's own block; without one the last of the document, the rightmost of its row."""
    own = [one for one in found if same_person(one[1].name.text, signer)]
    return max(
        own or found, key=lambda one: (one[0], round(one[1].name.box[1], -1), one[1].name.box[0])
    )


def _placed(
    page: FirstPage,
    index: int,
    block: SignerBlock,
    person: tuple[float, float],
    agency: tuple[float, float] | None,
) -> SignaturePlaces:
    top, bottom = block.title.box[3] + _CLEAR, block.name.box[1] - _CLEAR
    middle = (block.title.middle + block.name.middle) / 2
    ink = next(page.uneven)
    limit = min(1.0, SIGNATURE_WIDTH / person[0], (bottom - top) / person[1])
    sealed = False
    for smaller in (1.0, 0.9, 0.8, 0.7, 0.6):
        size = (person[0] * limit * smaller, person[1] * limit * smaller)
        left, high = middle - size[0] / 2, (top + bottom - size[1]) / 2
        box = (left, high, left + size[0], high + size[1])
        if not _free(ink, box):
            continue
        if agency is None:
            return SignaturePlaces(index, page.rotation, page.to_user_space(box), None, size, None)
        seal = _seal_box(ink, box, agency, (page.width, page.height))
        sealed = True
        if seal is not None:
            return SignaturePlaces(
                index,
                page.rotation,
                page.to_user_space(box),
                page.to_user_space(seal),
                size,
                agency,
            )
    raise InputRejected("signing.no_seal_room" if sealed else "signing.no_signature_room")


def _free(ink: Mask, box: Box) -> bool:
    rows, columns = ink.shape
    x0, y0, x1, y1 = box
    if x0 < 0 or y0 < 0 or x1 > columns or y1 > rows:
        return False
    return not ink[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))].any()


def _seal_box(
    ink: Mask,
    person: Box,
    size: tuple[float, float],
    page: tuple[float, float],
) -> Box | None:
    """The seal's place: nothing of the page under its disc, nearest to what the decree asks."""
    width, height = size
    middle = (person[1] + person[3]) / 2
    shifts = sorted((step * 3.0 for step in range(-9, 10)), key=abs)
    for shift in shifts:
        for overlap in OVERLAPS:
            right = person[0] + (person[2] - person[0]) * overlap
            top = middle + shift - height / 2
            box = (right - width, top, right, top + height)
            inside = box[0] >= 0 and top >= 0 and right <= page[0] and box[3] <= page[1]
            if inside and not _under_disc(ink, box):
                return box
    return None


def _under_disc(ink: Mask, box: Box) -> bool:
    x0, y0 = int(box[0]), int(box[1])
    part = ink[y0 : int(np.ceil(box[3])), x0 : int(np.ceil(box[2]))]
    down, across = np.mgrid[: part.shape[0], : part.shape[1]]
    x = (across + 0.5 + x0 - (box[0] + box[2]) / 2) / ((box[2] - box[0]) / 2)
    y = (down + 0.5 + y0 - (box[1] + box[3]) / 2) / ((box[3] - box[1]) / 2)
    return bool((part & (x * x + y * y <= 1.0)).any())
