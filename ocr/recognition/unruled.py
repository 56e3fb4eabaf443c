"""A line of writing without the rules of the paper it stands on.

The line model takes a picture cut to its ink: a rule below or above makes that higher than the
letters are, and these small and narrow.
"""

import cv2
import numpy as np

from ocr.recognition.line_picture import Image

FAINTEST = 9
"""Grey levels that a rule is darker than what is above and below it."""
THICK = 0.09
"""Of the picture's height: what is higher is no rule."""
CROSSING = 14
"""Part of the picture's height that is as wide as a stroke at most."""
PIECE = 14
"""A rule that runs askew is made of pieces as long as this part of the picture's width at least."""
LONG = 0.35
"""Of the picture's width: what is shorter is a dash, a letter's bar or an underlined word."""


def unruled(image: Image) -> Image | None:
    """The picture with its rules painted over; strokes that cross them stay. None without any."""
    height, width = image.shape
    if width < 3 * height:
        return None
    upright = np.ones((max(5, round(THICK * height)), 1), np.uint8)
    without = cv2.morphologyEx(image, cv2.MORPH_CLOSE, upright)  # all that is flat
    flat = (without - image > FAINTEST).astype(np.uint8)
    gap = np.ones((1, max(7, height // CROSSING)), np.uint8)  # a stroke goes through
    piece = np.ones((1, max(24, width // PIECE)), np.uint8)
    level = cv2.morphologyEx(cv2.morphologyEx(flat, cv2.MORPH_CLOSE, gap), cv2.MORPH_OPEN, piece)
    joined = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, 2 * piece.shape[1]), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = np.bincount(labels[level > 0], minlength=count)
    wide = stats[:, cv2.CC_STAT_WIDTH]
    thin = areas <= wide * max(3.0, THICK / 2 * height)
    long = [k for k in range(1, count) if wide[k] >= LONG * width and thin[k]]
    if not long:
        return None
    rules = np.asarray(level * np.isin(labels, long), np.uint8)
    painted = cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0
    return np.asarray(np.where(painted, without, image), np.uint8)
