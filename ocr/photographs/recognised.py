"""Whether a picture is a photograph, and of which sheet.

A flatbed scan must never be taken for one. So either the file says that a camera made it, or the
picture shows what no scanner can: opposite edges of the sheet that are not parallel, or light that
falls off evenly across it. Where a file's stated resolution makes its picture exactly a sheet of
paper, or the picture has a sheet's shape, more of both is asked for.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr import geometry
from ocr.photographs.flat import Sheet, flattened, leaning, sheet_of
from ocr.photographs.light import Light, light_of
from ocr.photographs.outline import LOOK_PIXELS, Outline, outline

Colour = NDArray[np.uint8]

EXIF_IFD = 0x8769
MAKE = 0x010F
EXPOSURE = (0x829A, 0x829D, 0x920A, 0x8827)
"""Exposure time, aperture, focal length, sensitivity (Exif 2.32, 4.6.5): scanners have none."""
TELEPHONES = (
    "apple", "samsung", "xiaomi", "redmi", "poco", "oppo", "realme", "vivo", "huawei", "honor",
    "google", "oneplus", "nokia", "hmd", "motorola", "sony", "lge", "asus", "tecno", "infinix",
    "itel", "vsmart", "bkav", "htc", "zte", "meizu",
)  # fmt: skip
"""Makers of telephones, as EXIF names them."""

GLANCE_PIXELS = 160
RIM = 0.03
PLAIN_RIM = 0.08
"""Part of the paper's brightness by which the picture's rim may differ from it on a scan."""
PLAIN_FALL = 0.08
"""Light that falls off by less is a scanner's."""
FALL, SHEET_FALL = 0.16, 0.24
"""Light that falls off by more is no scanner's; the second where the picture looks like a scan."""
EVENLY = 0.2
"""Part of its fall that light may be uneven beyond it, where the sheet's edges are not all seen."""
LEANS, SHEET_LEANS = 1.6, 3.0
"""Degrees by which opposite sides of the sheet lean, from which it was seen from the side."""
LARGE = 0.2
"""Part of the picture that the sheet must fill, where its sides alone tell."""
SHEET_SHAPES = (297 / 210, 330 / 215, 279.4 / 215.9, 355.6 / 215.9)
LIKE_SHEET = 0.006


class Said(NamedTuple):
    """What a file says of how its picture was made."""

    camera: bool = False
    paper: bool = False
    """Whether its resolution makes it exactly a known paper."""


class Photograph(NamedTuple):
    """A photographed sheet: where it lies in the picture, in its pixels, and the light on it."""

    sheet: Sheet
    outline: Outline | None
    light: Light


def camera_of(picture: Image.Image) -> bool:
    """Whether a picture's EXIF says that a camera made it."""
    exif = picture.getexif()
    details = exif.get_ifd(EXIF_IFD)
    if any(_positive(details.get(tag)) for tag in EXPOSURE):
        return True
    make = str(exif.get(MAKE, "")).strip().lower()
    return any(make.startswith(name) for name in TELEPHONES)


def _positive(value: object) -> bool:
    if isinstance(value, tuple):
        value = value[0] if value else None
    try:
        return float(value) > 0  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return False


def glance(pixels: NDArray[np.uint8], said: Said) -> bool:
    """Whether a picture may be a photograph, by a small copy: about 2 ms."""
    return said.camera or (min(pixels.shape[:2]) >= GLANCE_PIXELS and not _plain(pixels))


def recognised(pixels: NDArray[np.uint8], said: Said) -> Photograph | None:
    """The sheet where a picture is a photograph; None for a scan.

    ``pixels`` is uint8, shape (height, width) or (height, width, 3: blue, green, red), upright as
    the file says; :func:`glance` tells most scans. About 150 ms.
    """
    if min(pixels.shape[:2]) < GLANCE_PIXELS and not said.camera:
        return None
    small = _coloured(geometry.reduced(pixels, LOOK_PIXELS / max(pixels.shape[:2])))
    size = (small.shape[1], small.shape[0])
    found = outline(small)
    sheet = sheet_of(found, size)
    flat = flattened(small, sheet, (max(64, round(sheet.width)), max(64, round(sheet.height))))
    light = light_of(flat)
    if not said.camera and not _shown(found, light, size, said):
        return None
    return Photograph(sheet.scaled(pixels.shape[1] / size[0]), found, light)


def _shown(found: Outline | None, light: Light, size: tuple[int, int], said: Said) -> bool:
    """Whether a picture shows what no scanner can."""
    like_scan = said.paper or _like_sheet(size)
    falls = light.fall >= (SHEET_FALL if like_scan else FALL)
    if found is None or not found.whole:
        # a page may be darker on one side by what is printed on it
        return falls and not like_scan and light.rest <= EVENLY * light.fall
    if falls:
        return True
    x, y = found.corners.T
    large = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) >= LARGE
    return large and leaning(found, size) >= (SHEET_LEANS if like_scan else LEANS)


def _like_sheet(size: tuple[int, int]) -> bool:
    shape = max(size) / min(size)
    return any(abs(shape / one - 1) <= LIKE_SHEET for one in SHEET_SHAPES)


def _plain(pixels: NDArray[np.uint8]) -> bool:
    """Whether a glance tells a scan: paper up to the picture's rim, evenly lit."""
    step = max(1, max(pixels.shape[:2]) // (4 * GLANCE_PIXELS))
    few = np.ascontiguousarray(pixels[::step, ::step])
    small = _coloured(geometry.reduced(few, GLANCE_PIXELS / max(few.shape[:2])))
    light = light_of(small)
    if light.fall >= PLAIN_FALL:
        return False
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.float32)
    rim = max(2, round(RIM * GLANCE_PIXELS))
    strips = (closed[:rim], closed[-rim:], closed[:, :rim], closed[:, -rim:])
    paper = np.median(closed.reshape(-1, 3), axis=0)
    off = [np.abs(np.median(s.reshape(-1, 3), axis=0) - paper).max() / 255 for s in strips]
    return bool(max(off) <= PLAIN_RIM)


def _coloured(pixels: NDArray[np.uint8]) -> Colour:
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        return pixels
    if pixels.ndim == 3:
        pixels = pixels[:, :, 0] if pixels.shape[2] < 3 else pixels[:, :, :3]
    if pixels.ndim == 3:
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
