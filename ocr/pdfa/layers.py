"""A scan in two layers for narrow lines: text in 1 bit, what is left as a coarse picture.

The background is a JPEG of :data:`GROUND_DPI` in which the ink has been filled with its
surroundings; over it lies the ink, a JPEG of colours at :data:`INK_DPI` seen through a 1-bit mask
of the scan's own resolution (the mixed raster content of scanners and of ISO/IEC 16485).
"""

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr.files.pictures import as_grey, on_paper
from ocr.pdfa.embedding import embed_bits, embed_jpeg
from ocr.pdfa.spool import PageImage

if TYPE_CHECKING:
    import pypdfium2 as pdfium

Layers = dict[str, PageImage]
"""The images of a page by resource name, the lowest first."""

GROUND_DPI = 100.0
INK_DPI = 100.0
MASK_DPI = 300.0
"""The mask is never finer than this."""
GROUND_QUALITY = 45
INK_QUALITY = 45
WORTH = 0.8
"""Layers are taken where they have at most this part of the scan's own bytes."""
GROUND_WINDOW = 1 / 8
"""Inches; ink is what is darker than the paper within this distance."""
CONTRAST = 0.22
"""Part of the paper's brightness by which ink is darker."""
SPECK = 4
"""Pieces of fewer pixels are grain and stay in the background."""

Grey = NDArray[np.uint8]


def colour_scan(image: "pdfium.PdfImage") -> Image.Image | None:
    """The pixels of a PDF's picture; None for 1-bit pictures, which are small already."""
    if image.get_metadata().bits_per_pixel not in {8, 24}:
        return None
    return cast(Image.Image, image.get_bitmap(render=False).to_pil())


def layered(picture: Image.Image, dpi: float, length: int) -> Layers | None:
    """The scan as background ``/Page`` and ink ``/Ink``; None where that saves too little.

    Args:
        picture: grey or colour, of ``dpi``.
        length: bytes the scan has as it is.
    """
    if picture.mode == "1" or dpi <= 0:
        return None
    grey = picture.mode in {"L", "LA", "I", "F"} or picture.mode.startswith("I;16")
    pixels = np.asarray(as_grey(picture) if grey else on_paper(picture).convert("RGB"))
    mask = _ink(pixels, dpi)
    ground = _coarse(pixels, cv2.dilate(mask, np.ones((5, 5), np.uint8)) == 0, GROUND_DPI / dpi)
    ink = _coarse(pixels, mask > 0, INK_DPI / dpi)
    fine = min(1.0, MASK_DPI / dpi)
    if fine < 1:
        mask = np.asarray(
            cv2.resize(mask, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA), np.uint8
        )
    stencil = embed_bits(Image.fromarray(mask < 128), stencil=True)
    made = {
        "/Page": embed_jpeg(Image.fromarray(ground), GROUND_QUALITY, subsampling=2),
        "/Ink": embed_jpeg(Image.fromarray(ink), INK_QUALITY, mask=stencil, subsampling=2),
    }
    size = sum(len(image.data) for image in made.values()) + len(stencil.data)
    return made if size <= WORTH * length else None


def _ink(pixels: NDArray[np.uint8], dpi: float) -> Grey:
    """Ink as 255: in any channel clearly darker than the paper around."""
    darkest = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    quarter = cv2.resize(darkest, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = max(3, round(GROUND_WINDOW * dpi / 4) | 1)
    paper = cv2.morphologyEx(quarter, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), side / 2)
    level = cv2.resize(paper, darkest.shape[::-1], interpolation=cv2.INTER_LINEAR)
    threshold = cv2.convertScaleAbs(level, alpha=1 - CONTRAST)
    mask = np.asarray(cv2.compare(darkest, threshold, cv2.CMP_LT), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    specks = stats[:, cv2.CC_STAT_AREA] < SPECK
    specks[0] = False
    mask[specks[labels]] = 0
    return mask


def _coarse(pixels: NDArray[np.uint8], wanted: NDArray[np.bool_], scale: float) -> Grey:
    """The wanted pixels at a lower resolution; the places without any filled from around them."""
    scale = min(1.0, scale)
    weight = wanted.astype(np.float32)
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    planes = [pixels] if pixels.ndim == 2 else [pixels[:, :, index] for index in range(3)]
    coarse = []
    for plane in planes:
        total = cv2.resize(plane * weight, size, interpolation=cv2.INTER_AREA)
        coarse.append(_filled(np.asarray(total, np.float32), np.asarray(share, np.float32)))
    return coarse[0] if len(coarse) == 1 else np.dstack(coarse)


def _filled(total: NDArray[np.float32], share: NDArray[np.float32]) -> Grey:
    """``total / share``; where ``share`` is 0, the mean of wider and wider surroundings."""
    known = share > 0.01
    value = np.where(known, total / np.maximum(share, 1e-6), 0).astype(np.float32)
    weight, filled = known.astype(np.float32), value.copy()
    missing = ~known
    sigma = 2.0
    while missing.any() and sigma < 200:
        near = cv2.GaussianBlur(weight, (0, 0), sigma)
        sums = cv2.GaussianBlur(value * weight, (0, 0), sigma)
        reached = missing & (near > 1e-3)
        filled[reached] = sums[reached] / near[reached]
        missing &= ~reached
        sigma *= 3
    filled[missing] = 255
    return np.clip(filled, 0, 255).astype(np.uint8)
