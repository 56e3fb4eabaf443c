"""The light on a photographed paper: how uneven, how dark, how noisy; and the paper evened out.

Paper is white; what is darker over more than a few millimetres is shade. So a picture divided by
its paper's light shows the ink alone, as a scanner's lamp would.
"""

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry

Colour = NDArray[np.uint8]
"""uint8, shape (height, width, 3): blue, green, red."""
Grey = NDArray[np.uint8]

WHITE = 248.0
"""Level that evened paper gets."""
LIGHT_DPI = 40.0
"""Resolution at which light is measured: it has no finer shapes that matter."""
INK_MM = 6.0
"""Ink is narrower than this; what is wider and darker is shade."""
SHEET_MM = 30.0
SHADE = 0.34
"""Least light of a shade, in parts of that around it; what is darker is a picture or a seal."""
BLOCKS = (14, 10)
"""Rows and columns in which the light of paper is compared."""
PAPER = 0.75
"""Quantile of a block's levels: most of a block is paper."""
ROUNDS = 12
NOISY = 0.016
"""Noise of a pixel, in parts of the paper's light, that is taken off."""
STRENGTH, PATCH, SEARCH = 4.0, 3, 15
"""Of non-local means: standard deviations, and pixels."""
TINT_BLUR = 2.0
SHAKEN = 1.5
"""Standard deviation in pixels of the blur that is taken for granted in such light."""
RESTRAINT = 0.03
"""Of the Wiener filter against it: noise to signal."""


class Light(NamedTuple):
    """What the light on a sheet is like."""

    level: float
    """Of the paper in the middle, 0 to 255."""
    fall: float
    """From the brightest to the darkest side, in parts of it, as a plane fits it."""
    rest: float
    """What the plane leaves, in the middle of the places: shadows, pictures, coloured paper."""
    noise: float
    """Standard deviation of a pixel on paper, 0 to 255."""


def light_of(pixels: Colour) -> Light:
    """The light on a picture that shows nothing but a sheet, or nearly: 4 ms for 900 x 640."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    rows, columns = BLOCKS
    height, width = grey.shape
    ys = np.linspace(0, height, rows + 1).astype(int)
    xs = np.linspace(0, width, columns + 1).astype(int)
    levels = np.array(
        [[np.quantile(grey[a:b:2, c:d:2], PAPER) for c, d in pairwise(xs)] for a, b in pairwise(ys)]
    )
    return Light(float(np.median(levels)), *_fall(levels), noise_of(grey))


def _fall(levels: NDArray[np.float64]) -> tuple[float, float]:
    """The range of a plane through the levels, most of which must lie near it; and what is left."""
    rows, columns = levels.shape
    y, x = np.mgrid[0:rows, 0:columns]
    terms = np.stack([np.ones(levels.size), x.ravel() / columns - 0.5, y.ravel() / rows - 0.5], 1)
    logs = np.log(np.maximum(levels.ravel(), 4.0))
    weight = np.ones_like(logs)
    plane = np.zeros(3)
    for _ in range(ROUNDS):
        scaled = terms * weight[:, None]
        plane = np.linalg.lstsq(scaled.T @ terms, scaled.T @ logs, rcond=None)[0]
        off = np.abs(logs - terms @ plane)
        weight = 1.0 / np.maximum(off, max(0.01, 1.5 * float(np.median(off))))
    rest = float(np.median(np.abs(logs - terms @ plane)))
    return float(1 - np.exp(-(abs(plane[1]) + abs(plane[2])))), rest


def noise_of(grey: Grey) -> float:
    """Standard deviation of the noise of one pixel, by the median of what a Laplacian finds.

    J. Immerkær, "Fast Noise Variance Estimation", 1996; the median instead of the mean, so that
    print does not count.
    """
    few = np.ascontiguousarray(grey[: grey.shape[0] // 2 * 2])
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    found = cv2.filter2D(few, cv2.CV_32F, kernel)[1:-1:2, 1:-1:2]
    return float(np.median(np.abs(found))) / 0.6745 / 6.0


def evened(pixels: Colour, dpi: float) -> Colour:
    """A flat page with its paper white everywhere; ink keeps its part of the paper's light.

    ``pixels`` is a page of resolution ``dpi``. About 60 ms for A4 at 200 dpi.
    """
    scale = min(1.0, LIGHT_DPI / dpi)
    small = geometry.reduced(pixels, scale)
    light = _paper_light(small, dpi * scale)
    size = (pixels.shape[1], pixels.shape[0])
    wide = cv2.resize(light, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, wide, scale=WHITE, dtype=cv2.CV_8U), np.uint8)


def _paper_light(small: Colour, dpi: float) -> Colour:
    """The light on the paper at each place, never 0."""
    ink = _odd(INK_MM / 25.4 * dpi)
    wide = _odd(SHEET_MM / 25.4 * dpi)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (ink, ink))
    edged = cv2.copyMakeBorder(small, wide, wide, wide, wide, cv2.BORDER_REPLICATE)
    local = cv2.medianBlur(cv2.morphologyEx(edged, cv2.MORPH_CLOSE, kernel), 5)
    around = cv2.blur(cv2.dilate(local, np.ones((wide, wide), np.uint8)), (wide, wide))
    light = cv2.max(local, cv2.convertScaleAbs(around, alpha=SHADE))
    light = cv2.GaussianBlur(light, (0, 0), ink / 4)[wide:-wide, wide:-wide]
    return np.asarray(np.maximum(light, 1), np.uint8)


def _odd(pixels: float) -> int:
    return max(3, round(pixels) | 1)


def denoised(pixels: Colour, light: Light) -> Colour:
    """The picture without the noise of a sensor in the dark; itself where there is little.

    Brightness by non-local means, and sharpened again, since where light is short, lenses are open
    and hands shake; tints by a plain blur. 0.3 s a megapixel.
    """
    bright, red, blue = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb))
    noise = noise_of(np.asarray(bright, np.uint8))
    if noise < NOISY * light.level:
        return pixels
    quiet = cv2.fastNlMeansDenoising(bright, None, STRENGTH * noise, PATCH, SEARCH)
    quiet = _sharpened(np.asarray(quiet, np.uint8))
    soft = [cv2.GaussianBlur(tint, (0, 0), TINT_BLUR) for tint in (red, blue)]
    return np.asarray(cv2.cvtColor(cv2.merge([quiet, *soft]), cv2.COLOR_YCrCb2BGR), np.uint8)


def _sharpened(grey: Grey) -> Grey:
    """A Wiener filter against a Gaussian blur."""
    height, width = grey.shape
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    passed = np.exp(-2 * (np.pi * SHAKEN) ** 2 * (across**2 + down**2))
    gain = passed / (passed**2 + RESTRAINT) * (1 + RESTRAINT)
    found = np.fft.irfft2(np.fft.rfft2(grey.astype(np.float32)) * gain, s=grey.shape)
    return np.clip(found, 0, 255).astype(np.uint8)
