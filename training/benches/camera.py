"""A camera for tests and benches: papers on a desk, photographed as people do it.

A pinhole looks at a sheet that may be bent like a part of a tube; light falls off, shadows lie
across it, fingers hold it, another sheet lies beneath. What comes out is the picture before it is
compressed. Nothing here is what any telephone does exactly: it is what makes photographs hard.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shot:
    """How a sheet is photographed. Angles in degrees; lengths in heights of the sheet."""

    longer: int = 3000
    """Pixels of the picture's longer side."""
    tilt: float = 0.0
    side: float = 0.0
    roll: float = 0.0
    away: float = 1.5
    """Of the camera from the sheet's middle."""
    fill: float = 0.88
    """Part of the picture that the sheet fills; above 1, it is cut off."""
    bow: float = 0.0
    """How high the sheet's middle stands over its left and right edges."""
    fall: float = 0.3
    """Part of the light that is lost from one corner to the other."""
    shadow: float = 0.0
    """Part of the light that a shadow takes."""
    light: float = 1.0
    noise: float = 3.0
    blur: float = 0.7
    """Of the lens, in pixels."""
    desk: tuple[int, int, int] = (70, 95, 130)
    """Blue, green, red."""
    finger: bool = False
    beneath: bool = False
    """Another sheet beneath it, a little turned."""


CONDITIONS = {
    "flat": Shot(),
    "white desk": Shot(desk=(214, 218, 220), tilt=5, side=3),
    "2 megapixels": Shot(longer=1600),
    "tilt 6": Shot(tilt=6, side=-4, roll=2),
    "tilt 18": Shot(tilt=-18, side=8, roll=-4),
    "tilt 28": Shot(tilt=28, side=-13, roll=6),
    "shadow": Shot(tilt=6, side=4, roll=-1, shadow=0.5),
    "curl": Shot(tilt=4, side=2, roll=1, bow=0.035),
    "dim": Shot(longer=2400, tilt=4, roll=1, light=0.3, noise=8, blur=1.2),
    "finger, sheet beneath": Shot(tilt=8, side=3, roll=3, finger=True, beneath=True),
}
"""By name: what the bench goes through."""


def photographed(page: Colour, shot: Shot, seed: int = 0) -> Colour:
    """A photograph of a page (uint8, shape (height, width, 3), of some 300 dpi)."""
    rng = np.random.default_rng(seed)
    size = (round(shot.longer * 0.75), shot.longer)
    picture = _desk(size, shot, rng)
    if shot.beneath:
        below = np.full_like(page, 236)
        turned = Shot(**{**vars(shot), "roll": shot.roll + 5, "bow": 0.0, "side": shot.side + 1})
        picture = _laid(picture, below, turned)
    picture = _laid(picture, page, shot)
    if shot.finger:
        _hold(picture)
    lit = picture.astype(np.float32) * _light(size, shot, rng)[:, :, None]
    lit *= np.array([0.95, 1.0, 1.03], np.float32)
    blurred = cv2.GaussianBlur(lit, (0, 0), shot.blur)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (*lit.shape[:2], 3)).astype(np.float32), (0, 0), 0.6)
    noisy = blurred + grain * (shot.noise / max(float(grain.std()), 1e-6))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def corners(shape: float, shot: Shot) -> Floats:
    """Where the corners of a sheet (width to height: ``shape``) that lies flat are in its picture:
    upper left first, clockwise, in parts of the picture's width and height."""
    size = (round(shot.longer * 0.75), shot.longer)
    focal, middle = _focal(shape, size, shot)
    edges = [(-shape / 2, -0.5, 0.0), (shape / 2, -0.5, 0.0), (shape / 2, 0.5, 0.0)]
    seen = np.array([*edges, (-shape / 2, 0.5, 0.0)]) @ _turn(shot).T + (0, 0, shot.away)
    return np.asarray((seen[:, :2] / seen[:, 2:] * focal - middle) / np.array(size) + 0.5)


def jpeg(picture: Colour, quality: int = 82) -> bytes:
    """The picture as a telephone's file, without EXIF."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _turn(shot: Shot) -> Floats:
    x, y, z = (math.radians(angle) for angle in (shot.tilt, shot.side, shot.roll))
    about_x = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_z = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def _focal(shape: float, size: tuple[int, int], shot: Shot) -> tuple[float, Floats]:
    """The focal length in pixels at which the sheet fills its part, and where its middle lies."""
    edges = [(x, y, 0.0) for x in (-shape / 2, shape / 2) for y in (-0.5, 0.5)]
    seen = np.array(edges) @ _turn(shot).T + (0, 0, shot.away)
    flat = seen[:, :2] / seen[:, 2:]
    low, high = flat.min(axis=0), flat.max(axis=0)
    focal = shot.fill * float(np.min(np.array(size) / (high - low)))
    return focal, (low + high) / 2 * focal


def _laid(picture: Colour, page: Colour, shot: Shot) -> Colour:
    """The picture with a page on the desk in it."""
    height, width = page.shape[:2]
    across, down = picture.shape[1], picture.shape[0]
    shape = width / height
    focal, middle = _focal(shape, (across, down), shot)
    u, v = np.meshgrid(
        np.arange(across) - across / 2 + middle[0], np.arange(down) - down / 2 + middle[1]
    )
    turn = _turn(shot)
    rays = np.stack([u / focal, v / focal, np.ones_like(u)], axis=2) @ turn
    start = np.array([0, 0, -shot.away]) @ turn
    x = y = np.zeros_like(u)
    high = np.zeros_like(u)
    for _ in range(6 if shot.bow else 1):
        along = (high - start[2]) / rays[:, :, 2]
        x, y = start[0] + along * rays[:, :, 0], start[1] + along * rays[:, :, 1]
        inside = np.clip(x / shape + 0.5, 0, 1)
        high = -shot.bow * np.sin(math.pi * inside)
    at_x = ((x / shape + 0.5) * width - 0.5).astype(np.float32)
    at_y = ((y + 0.5) * height - 0.5).astype(np.float32)
    finer = height / (focal / shot.away)
    soft = cv2.GaussianBlur(page, (0, 0), 0.3 * finer) if finer > 1.2 else page
    shown = cv2.remap(soft, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
    return np.where(there[:, :, None], shown, picture).astype(np.uint8)


def _desk(size: tuple[int, int], shot: Shot, rng: np.random.Generator) -> Colour:
    """A desk with some grain."""
    coarse = rng.normal(0, 1, (size[1] // 4, size[0] // 4)).astype(np.float32)
    grain = cv2.GaussianBlur(coarse, (0, 0), sigmaX=1.5, sigmaY=9)
    even = np.asarray(grain / max(float(grain.std()), 1e-6), np.float32)
    grain = cv2.resize(even, size)
    desk = np.array(shot.desk, np.float32) * (1 + 0.025 * grain[:, :, None])
    return np.clip(desk, 0, 255).astype(np.uint8)


def _light(size: tuple[int, int], shot: Shot, rng: np.random.Generator) -> NDArray[np.float32]:
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    way = rng.uniform(0.25, 0.75)
    light = shot.light * (1 - shot.fall * (way * x + (1 - way) * y))
    if shot.shadow:
        edge = rng.uniform(0.3, 0.6) + 0.25 * np.sin(2.2 * x + rng.uniform(0, 3))
        dark = 1 / (1 + np.exp((y - edge - 0.15) / 0.02))
        light *= 1 - shot.shadow * dark
    return np.asarray(light, np.float32)


def _hold(picture: Colour) -> None:
    """A thumb over the sheet's left edge."""
    down, across = picture.shape[:2]
    centre = (round(across * 0.05), round(down * 0.72))
    cv2.ellipse(picture, centre, (across // 12, down // 28), 12, 0, 360, (120, 150, 205), -1)
