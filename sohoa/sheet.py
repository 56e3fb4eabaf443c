"""A sheet of paper, drawn: text, lines and dot leaders, and how a scanner sees it."""

from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from usecases.tinos import Face, font_file

__all__ = ["Anchor", "Face", "Sheet", "font_file"]

Anchor = Literal["left", "middle", "right"]


class Sheet:
    """A page being drawn; lengths in points, origin at the top left."""

    def __init__(self, size: tuple[float, float], dpi: int) -> None:
        self.dpi = dpi
        self.scale = dpi / 72
        pixels = (round(size[0] * self.scale), round(size[1] * self.scale))
        self.image = Image.new("L", pixels, 255)
        self.draw = ImageDraw.Draw(self.image)
        self.width = size[0]

    def font(self, face: Face, size: float) -> ImageFont.FreeTypeFont:
        """Tinos in a face and a size in points."""
        return ImageFont.truetype(str(font_file(face)), size * self.scale)

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        size: float = 13,
        face: Face = "Regular",
        anchor: Anchor = "left",
    ) -> None:
        """One line of text on its baseline."""
        code = {"left": "ls", "middle": "ms", "right": "rs"}[anchor]
        at = (x * self.scale, baseline * self.scale)
        self.draw.text(at, text, fill=25, font=self.font(face, size), anchor=code)

    def length(self, text: str, size: float, face: Face = "Regular") -> float:
        """How long a text becomes, points."""
        return self.font(face, size).getlength(text) / self.scale

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.7) -> None:
        """A straight line."""
        ends = [(x0 * self.scale, y0 * self.scale), (x1 * self.scale, y1 * self.scale)]
        self.draw.line(ends, fill=30, width=max(1, round(width * self.scale)))

    def leader(self, x0: float, x1: float, y: float, pitch: float = 3.2) -> None:
        """A dotted line."""
        radius = 0.6
        for x in np.arange(x0 + pitch / 2, x1, pitch):
            box = [(x - radius) * self.scale, (y - radius) * self.scale]
            box += [(x + radius) * self.scale, (y + radius) * self.scale]
            self.draw.ellipse(box, fill=40)

    def paragraph(
        self, x0: float, x1: float, baseline: float, text: str, size: float = 13, lead: float = 18
    ) -> float:
        """Text in lines from ``x0`` to ``x1``; returns the next free baseline."""
        line, indent = "", 28.0
        for word in text.split():
            longer = f"{line} {word}".strip()
            if self.length(longer, size) > x1 - x0 - indent:
                self.text(x0 + indent, baseline, line, size)
                baseline, line, indent = baseline + lead, word, 0.0
            else:
                line = longer
        self.text(x0 + indent, baseline, line, size)
        return baseline + lead

    def scanned(self, rng: np.random.Generator, skew: float) -> Image.Image:
        """The sheet as a scanner sees it: a little turned, soft, with grain and grey paper."""
        turned = self.image.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255)
        soft = turned.filter(ImageFilter.GaussianBlur(0.35 * self.dpi / 300))
        grey = np.asarray(soft, np.float32) * (244 / 255)
        grey += rng.normal(0.0, 2.5, grey.shape).astype(np.float32)
        return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
