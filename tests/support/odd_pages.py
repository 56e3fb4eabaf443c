"""Pages with little on them, drawn at 150 dpi and scanned: ink, dirt, and nothing."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from prepared import font_of

DPI = 150
SIZE = (1240, 1754)
Paint = Callable[[ImageDraw.ImageDraw], None]
ITALIC = "Tinos-Italic.ttf"


def sheet(paint: Paint | None = None, paper: tuple[int, int, int] = (246, 244, 240)) -> Image.Image:
    """A sheet of paper, painted on."""
    image = Image.new("RGB", SIZE, paper)
    if paint is not None:
        paint(ImageDraw.Draw(image))
    return image


def scanned(
    image: Image.Image, noise: float = 5.0, quality: int = 80, seed: int = 1
) -> NDArray[np.uint8]:
    """Blue, green, red as a scanner gives them: soft, with grain, through a JPEG."""
    rng = np.random.default_rng(seed)
    pixels = np.asarray(image, np.float32)[:, :, ::-1]
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.6) + rng.normal(0, noise, pixels.shape[:2])[..., None]
    _, jpeg = cv2.imencode(".jpg", np.clip(soft, 0, 255), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def through(front: Image.Image, strength: float, shift: tuple[int, int] = (9, -6)) -> Image.Image:
    """The back of a sheet, its front showing through."""
    mirrored = np.asarray(front, np.float32)[:, ::-1]
    move = np.array([[1, 0.004, shift[0]], [-0.004, 1, shift[1]]], np.float32)
    edge = (246, 244, 240)
    moved = cv2.warpAffine(cv2.GaussianBlur(mirrored, (0, 0), 1.2), move, SIZE, borderValue=edge)
    paper = np.asarray(edge, np.float32)
    return Image.fromarray(np.clip(paper - (paper - moved) * strength, 0, 255).astype(np.uint8))


def written(text: str, at: tuple[int, int], size: float, fill: tuple[int, int, int]) -> Paint:
    """A line of slanted writing."""

    def paint(pen: ImageDraw.ImageDraw) -> None:
        pen.text(at, text, fill=fill, font=font_of(round(size * DPI / 72), ITALIC))

    return paint


def sketch(pen: ImageDraw.ImageDraw) -> None:
    """A plot of land: five strokes."""
    pen.line([(230, 300), (980, 280), (1040, 1120), (620, 1290), (210, 1110), (230, 300)], 30, 3)
    pen.line([(610, 290), (620, 1290)], (30, 30, 30), 2)


def fingerprints(pen: ImageDraw.ImageDraw) -> None:
    """Ridges of two fingers, in grey."""
    for left in (400, 700):
        for radius in range(6, 60, 8):
            box = (left - radius, 700 - 1.4 * radius, left + radius, 700 + 1.4 * radius)
            pen.arc(box, 150, 390, fill=(150, 150, 160), width=3)


def photograph(pen: ImageDraw.ImageDraw) -> None:
    """Shades that run into each other, no line anywhere."""
    for row in range(600):
        tone = 90 + row // 6
        pen.line([(250, 400 + row), (990, 400 + row)], fill=(tone, tone + 10, tone + 25))


def wash(pen: ImageDraw.ImageDraw) -> None:
    """A light yellow marker, as bright as paper in grey."""
    pen.rectangle((300, 500, 800, 540), fill=(250, 246, 160))


def dotted(pen: ImageDraw.ImageDraw) -> None:
    """A dotted line."""
    for x in range(300, 900, 14):
        pen.ellipse((x, 800, x + 3, 803), fill=(90, 90, 90))


INK: dict[str, Paint] = {
    "sketch": sketch,
    "fingerprints": fingerprints,
    "photograph": photograph,
    "yellow": wash,
    "dotted": dotted,
    "large word": written("MẬT", (420, 700), 72, (40, 40, 40)),
    "8 points": written("Ghi chú: xem phụ lục kèm theo.", (300, 1500), 8, (60, 60, 60)),
    "red pencil": written("Không đồng ý", (300, 300), 15, (220, 115, 110)),
    "grey pencil": written("Chuyển bộ phận địa chính", (300, 900), 14, (218, 217, 214)),
    "blue pen": written("đã nhận", (700, 1300), 14, (120, 130, 200)),
    "tick": lambda pen: pen.line([(600, 600), (612, 622), (645, 570)], (40, 40, 60), 3),
}


def hole(pen: ImageDraw.ImageDraw) -> None:
    """Two punch holes, one of them a shadow only."""
    pen.ellipse((55, 620, 90, 655), fill=(60, 60, 60))
    pen.ellipse((55, 1100, 90, 1135), outline=(170, 170, 170), width=4)


def specks(pen: ImageDraw.ImageDraw) -> None:
    """Dust, far apart."""
    for x, y in np.random.default_rng(3).integers(120, 1100, (12, 2)):
        pen.rectangle((x, y, x + 1, y + 1), fill=(70, 70, 70))


NOTHING: dict[str, Paint] = {
    "nothing": lambda _pen: None,
    "specks": specks,
    "black edge": lambda pen: pen.rectangle((0, 0, 22, 1754), fill=(8, 8, 8)),
    "edge shadow": lambda pen: pen.line([(0, 40), (2, 1754)], (190, 190, 190), 4),
}
DIRT: dict[str, Paint] = {
    "holes": hole,
    "streak": lambda pen: pen.line([(800, 0), (803, 1754)], (150, 150, 150), 2),
    "crumb": lambda pen: pen.ellipse((500, 500, 509, 508), fill=(80, 80, 80)),
}
