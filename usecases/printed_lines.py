"""Lines of print, so that what is taught with pens knows print when it sees it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from schemas.errors import MissingDependency
from usecases.tinos import Face, font_file

FACES: tuple[Face, ...] = ("Regular", "Bold", "Italic", "BoldItalic")
OTHERS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/croscore/Arimo-Regular.ttf",
    "/usr/share/fonts/truetype/croscore/Cousine-Regular.ttf",
)
"""Where distributions keep further fonts; those that are not there are done without."""
SIZES = (34, 62)
"""Pixels: 8 to 15 points at 300 dpi."""

Picture = NDArray[np.uint8]


def printed_lines(texts: Sequence[str], count: int, seed: int = 0) -> list[Picture]:
    """Texts in print of several fonts, as scans show them: grey, blurred, pale, or black only."""
    rng = np.random.default_rng(seed)
    fonts = list(_fonts())
    if not fonts or not texts:
        return []
    return [
        _drawn(texts[int(rng.integers(len(texts)))], fonts[int(rng.integers(len(fonts)))], rng)
        for _ in range(count)
    ]


def _fonts() -> Iterator[Path]:
    for face in FACES:
        try:
            yield font_file(face)
        except MissingDependency:
            break
    yield from (Path(other) for other in OTHERS if Path(other).is_file())


def _drawn(text: str, path: Path, rng: np.random.Generator) -> Picture:
    font = ImageFont.truetype(str(path), int(rng.integers(*SIZES)))
    text = text.upper() if rng.random() < 0.15 else text
    x0, y0, x1, y1 = font.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 40, int(y1 - y0) + 30), 245)
    ImageDraw.Draw(image).text((20 - x0, 15 - y0), text, font=font, fill=int(rng.integers(10, 110)))
    noisy = np.asarray(image) + rng.normal(0, rng.uniform(1, 9), image.size[::-1])
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, 1.6)), np.uint8)
    if rng.random() < 0.25:
        grey = np.where(grey < rng.integers(120, 190), 0, 255).astype(np.uint8)
    return grey
