"""Lines drawn for the line model."""

import cv2
import numpy as np
from drawn_pages import print_font
from PIL import Image, ImageDraw


def drawn_line(text: str, points: float = 13.0, *, struck: bool = False) -> np.ndarray:
    """A line of print as scanned at 300 dpi; ``struck``: with rules through its letters, which the
    line model as it comes takes for letters."""
    font = print_font(points, 300)
    x0, y0, x1, y1 = font.getbbox(text)
    image = Image.new("L", (x1 - x0 + 80, y1 - y0 + 60), 245)
    pen = ImageDraw.Draw(image)
    pen.text((40 - x0, 30 - y0), text, font=font, fill=30)
    if struck:
        for share in (0.35, 0.6):
            y = 30 + share * (y1 - y0)
            pen.line((34, y, image.width - 34, y), fill=30, width=4)
    noisy = np.asarray(image) + np.random.default_rng(7).normal(0, 5, image.size[::-1])
    return cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (0, 0), 0.8)
