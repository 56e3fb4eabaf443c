"""Penned figures one by one: cut apart, also where they touch, and read by two networks.

Ink that hangs together is one figure, unless the reader of hands takes it for none: then it is cut
where the least ink lies, upright or leaning as pens do, so that both parts look like figures.
"""

from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.pen.digits import cut_apart
from ocr.fields.pen.hand_figures import KINDS, Array, look_at_hands
from ocr.fields.pen.pen_figures import look_at_figures
from ocr.fields.zone_reader import Image

NONE = KINDS.index("?")
SLASH = KINDS.index("/")

NO_FIGURE = 0.4
"""Share from which what hangs together is taken for more than one figure."""

LEANS = (0.0, 0.2, 0.4)
"""Cuts lean to the right by so much of their height."""

CUTS = 3
"""Places that are tried at each lean."""

MIDDLE = (0.2, 0.8)
"""Between these parts of the width figures may touch."""

DARKER = 60
"""Than paper: ink."""

MOST = 5
"""Figures a number has at most."""


class Figures(NamedTuple):
    """How likely each figure is each of 0 to 9, left to right."""

    shares: Array
    """Shape (figures, 10); what is missing to 1 is how likely it is none."""
    second: str
    """What the other network of figures reads; empty where some touch."""
    ended: bool = False
    """Whether a slash stood at their end."""
    last_is_slash: bool = False
    """Whether the last of them looks like a slash rather than a figure."""

    def probability(self, text: str) -> float:
        """How likely ``text`` is; 0 with another number of figures."""
        if len(text) != len(self.shares) or not text.isdecimal():
            return 0.0
        return float(np.prod([row[int(c)] for row, c in zip(self.shares, text, strict=True)]))

    def likeliest(self) -> tuple[str, float]:
        """The first choice, and its probability."""
        text = "".join(str(int(row.argmax())) for row in self.shares)
        return text, self.probability(text)

    def sure_of(self, text: str, share: float) -> bool:
        """Whether both networks read ``text``, the first each figure with ``share`` at least."""
        return (
            text == self.second == self.likeliest()[0]
            and float(self.shares.max(axis=1).min(initial=1.0)) >= share
        )

    def without_last(self) -> "Figures":
        """The same without the last one, which is a slash."""
        return Figures(self.shares[:-1], self.second[:-1], ended=True)

    def after_zero(self) -> "Figures":
        """The same with a zero before them."""
        zero = np.eye(1, 10, dtype=np.float32)
        return Figures(np.concatenate([zero, self.shares]), f"0{self.second}")


NO_FIGURES = Figures(np.zeros((0, 10), np.float32), "")


def figures_apart(line: Image, *, slash: bool = True, most: int = MOST) -> Figures:
    """The figures of a picture.

    Args:
        line: grey, paper bright, nothing else written in it.
        slash: whether a slash may stand at its end, which is left out.
        most: so many figures there are at most; one more, cut through at the end, is print.
    """
    pieces = cut_apart(line, wide=True)
    if not pieces:
        return NO_FIGURES
    if len(pieces) > most and line[:, -1].min() < np.percentile(line, 85) - DARKER:
        pieces = pieces[:-1]  # print that was cut through
    kinds = look_at_hands(pieces)
    ended = slash and len(pieces) > 1 and int(kinds[-1].argmax()) == SLASH
    if ended:
        pieces, kinds = pieces[:-1], kinds[:-1]
    touch = kinds[:, NONE] >= NO_FIGURE
    if touch.any():
        parted = [_parted(p) if t else [p] for p, t in zip(pieces, touch, strict=True)]
        pieces = [part for parts in parted for part in parts]
        if len(pieces) > most:
            return NO_FIGURES
        kinds = look_at_hands(pieces)
    like_slash = bool(int(kinds[-1].argmax()) == SLASH)
    return Figures(_of_ten(kinds), "" if touch.any() else _second(pieces), ended, like_slash)


def _of_ten(kinds: Array) -> Array:
    """Shares of 0 to 9: a slash is out of the question."""
    return np.asarray(
        kinds[:, :10] / np.maximum(1.0 - kinds[:, SLASH : SLASH + 1], 1e-6), np.float32
    )


def _second(pieces: list[Image]) -> str:
    shares = look_at_figures(pieces)[:, :SLASH]
    return "".join(str(int(row.argmax())) for row in shares)


def _parted(image: Image, deeper: bool = True) -> list[Image]:
    """The two or three figures in a picture; the picture itself where no cut makes figures."""
    tried = cuts(image)
    if not tried:
        return [image]
    flat = look_at_hands([part for parts in tried for part in parts], thorough=False)
    shares = flat.reshape(len(tried), 2, len(KINDS))
    sure = _of_ten(shares.reshape(-1, len(KINDS))).max(axis=1).reshape(-1, 2)
    best = int(sure.prod(axis=1).argmax())
    left, right = tried[best]
    if deeper and shares[best, 1, NONE] >= NO_FIGURE:
        return [left, *_parted(right, deeper=False)]
    if deeper and shares[best, 0, NONE] >= NO_FIGURE:
        return [*_parted(left, deeper=False), right]
    return [left, right]


def cuts(image: Image, most: int | None = None) -> list[tuple[Image, Image]]:
    """The picture cut in two where the least ink lies across, upright and along lines that lean.

    Args:
        image: grey, paper bright.
        most: so many cuts at each lean; None: :data:`CUTS`.
    """
    return [parts for lean in LEANS for parts in _cuts_leaning(image, lean, most or CUTS)]


def _cuts_leaning(image: Image, lean: float, most: int) -> list[tuple[Image, Image]]:
    tall = image.shape[0]
    paper = int(np.percentile(image, 90))
    side = int(lean * tall) + 1
    framed = cv2.copyMakeBorder(image, 0, 0, side, side, cv2.BORDER_CONSTANT, value=(paper,))
    turn = np.array([[1, lean, -lean * tall / 2], [0, 1, 0]], np.float32)
    upright = cv2.warpAffine(framed, turn, framed.shape[::-1], borderValue=(paper,))
    ink = np.clip(paper - upright.astype(np.float32), 0, None).sum(axis=0)
    inked = np.flatnonzero(ink > 0.05 * float(ink.max(initial=1.0)))
    if inked.size < 8:
        return []
    first, last = int(inked[0]), int(inked[-1])
    low = first + int(MIDDLE[0] * (last - first))
    high = first + int(MIDDLE[1] * (last - first))
    apart = max(2, (last - first) // 8)
    places: list[int] = []
    for at in low + np.argsort(ink[low:high], kind="stable"):
        if all(abs(int(at) - other) >= apart for other in places):
            places.append(int(at))
        if len(places) == most:
            break
    level = np.asarray(upright, np.uint8)
    return [
        (np.ascontiguousarray(level[:, :at]), np.ascontiguousarray(level[:, at:])) for at in places
    ]
