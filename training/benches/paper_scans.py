"""How drawn papers are printed, worn and scanned, for :mod:`training.benches.drawn_papers`."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

FAMILIES = ("Tinos", "Tinos", "Tinos", "Tinos", "Tinos", "Arimo")
"""Nearly all offices print in Times New Roman, as Decree 30/2020 asks."""

UNSEEN_FAMILIES = (
    "Tinos",
    "Tinos",
    "Tinos",
    "DejaVu Serif Condensed",
    "DejaVu Serif",
    "DejaVu Sans",
)
"""The same, and typefaces that no paper to fit on has; all have every Vietnamese letter."""

COLOURS = ((244, 0.85, 0.15), (242, 0.7, 0.85), (236, 0.25, 0.8))
"""Red, green and blue: how bright the paper is, how much of it blue and red ink take."""

GREY = ((242, 0.68, 0.62),)
"""The same for a scanner without colours."""


class Look(NamedTuple):
    """How it is printed, what lies over it, and how it is scanned."""

    family: str
    size: float
    """Of the letters, beside the usual size."""
    dpi: int
    mode: str
    """``colour``, ``grey`` or ``bits``."""
    cut: int
    """Of a scan in one bit: what is brighter is white."""
    skew: float
    blur: float
    grain: float
    quality: int
    fade: float
    """How pale the print is, 0 to 1."""
    thin: float
    """How much paler it is in a band across the page, where toner ran out."""
    specks: int
    """Pieces of dirt on the page."""
    streak: bool
    """A line down the page, from dirt on the scanner's glass."""
    pen_number: bool
    pen_day: bool
    seal: float
    """How strong the seal is, 0: none."""
    scrawl: bool
    received: str
    """The ink of the stamp of what was received: ``red``, ``blue`` or empty."""
    note: bool
    """Whether somebody wrote over the upper part of the page."""


def scanned_how(rng: np.random.Generator, *, unseen: bool = False) -> Look:
    """A way to scan it: mostly well, some badly; ``unseen``: in typefaces not fitted on."""
    bad = rng.random() < 0.35
    mode = str(rng.choice(("colour", "colour", "grey", "bits")))
    dpi = int(rng.choice((130, 150, 200, 200, 300) if bad else (200, 300, 300)))
    families = UNSEEN_FAMILIES if unseen else FAMILIES
    return Look(
        family=families[int(rng.integers(len(families)))],
        size=float(rng.uniform(0.9, 1.05)),
        dpi=max(dpi, 200) if mode == "bits" else dpi,  # nobody scans less in one bit
        mode=mode,
        cut=int(rng.integers(120, 185) if bad else rng.integers(140, 170)),
        skew=float(rng.uniform(-3.0, 3.0) if bad else rng.uniform(-0.6, 0.6)),
        blur=float(rng.uniform(0.4, 1.05) if bad else rng.uniform(0.3, 0.6)),
        grain=float(rng.uniform(3, 13) if bad else rng.uniform(1, 5)),
        quality=int(rng.integers(28, 70) if bad else rng.integers(70, 93)),
        fade=float(rng.uniform(0.0, 0.35) if bad else rng.uniform(0, 0.15)),
        thin=float(rng.uniform(0.1, 0.5)) if bad and rng.random() < 0.3 else 0.0,
        specks=int(rng.integers(20, 300)) if bad and rng.random() < 0.5 else 0,
        streak=bool(bad and rng.random() < 0.2),
        pen_number=bool(rng.random() < 0.5),
        pen_day=bool(rng.random() < 0.5),
        seal=float(rng.uniform(0.4, 1.0)) if rng.random() < 0.75 else 0.0,
        scrawl=bool(rng.random() < 0.75),
        received=str(rng.choice(("", "", "", "red", "blue"))),
        note=bool(rng.random() < 0.12),
    )


def scanned(
    print_: NDArray[np.float32],
    blue: NDArray[np.float32],
    red: NDArray[np.float32],
    look: Look,
    rng: np.random.Generator,
) -> Image.Image:
    """Print and inks (0: none, 1: full) on paper, worn, turned, blurred, with grain."""
    worn = _worn(print_, look, rng)
    colours = np.array(COLOURS if look.mode == "colour" else GREY, np.float32)
    rows, columns = worn.shape
    light = np.empty((rows, columns, len(colours)), np.float32)
    for channel, (paper, takes_blue, takes_red) in enumerate(colours):
        light[:, :, channel] = paper * (1 - worn) * (1 - takes_blue * blue) * (1 - takes_red * red)
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), -look.skew, 1.0)
    edge = [float(paper) for paper, _, _ in colours]
    turned = cv2.warpAffine(light, turn, (columns, rows), None, cv2.INTER_CUBIC,
                            cv2.BORDER_CONSTANT, edge)  # fmt: skip
    soft = cv2.GaussianBlur(turned, (0, 0), look.blur * look.dpi / 200)
    grain = rng.standard_normal(light.shape, np.float32)
    grain *= look.grain
    grain += soft.reshape(light.shape)
    page = np.clip(grain, 0, 255).astype(np.uint8)
    if look.mode == "colour":
        return Image.fromarray(page)
    return Image.fromarray(page[:, :, 0] if look.mode == "grey" else page[:, :, 0] > look.cut)


def _worn(print_: NDArray[np.float32], look: Look, rng: np.random.Generator) -> NDArray[np.float32]:
    """The print as it comes out of the printer and lies on the glass."""
    rows, columns = print_.shape
    worn = print_ * (1 - look.fade)
    if look.thin:
        wide = rows / float(rng.uniform(6, 20))
        away = (np.arange(rows) - rng.uniform(0, rows)) / wide
        worn = worn * (1 - look.thin * np.exp(-(away**2)))[:, None]
    for _ in range(look.specks):
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        wide = max(1, round(float(rng.uniform(0.15, 0.6)) * look.dpi / 72))
        cv2.circle(worn, (x, y), wide // 2, (float(rng.uniform(0.4, 0.9)),), -1, cv2.LINE_AA)
    if look.streak:
        x = int(rng.integers(columns // 10, columns))
        worn[:, x : x + max(1, look.dpi // 150)] += 0.35
    return np.asarray(np.clip(worn, 0, 1), np.float32)
