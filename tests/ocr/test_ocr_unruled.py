"""Ruled paper: its rules go, what is written over them stays, and nothing else changes."""

import cv2
import numpy as np
import pytest

from ocr.recognition.unruled import unruled


def written(grey: int | None = 150, *, askew: int = 0) -> np.ndarray:
    """Upright strokes on shaded paper, over a rule of a grey level or none."""
    paper = np.tile(np.linspace(235, 200, 900), (90, 1)).astype(np.uint8)
    if grey is not None:
        cv2.line(paper, (0, 62), (899, 62 + askew), (grey,), 2)
    for x in range(40, 860, 40):
        cv2.line(paper, (x, 20), (x + 4, 75), (60,), 3)
        cv2.line(paper, (x + 4, 25), (x + 18, 25), (60,), 3)  # a letter's bar
    return paper


@pytest.mark.parametrize(("grey", "askew"), [(190, 0), (150, 0), (90, 0), (150, 4)])
def test_a_rule_goes_and_strokes_over_it_stay(grey: int, askew: int) -> None:
    bare = unruled(written(grey, askew=askew))
    assert bare is not None
    between = np.s_[58:70, 65:75]  # under no stroke
    assert int(bare[between].min()) > int(written(None)[between].min()) - 12
    crossed = np.s_[58:70, 40:48]
    assert int(bare[crossed].min()) < 100
    bars = np.s_[23:28, 44:58]
    assert np.array_equal(bare[bars], written(None)[bars])


def test_paper_without_rules_is_left() -> None:
    assert unruled(written(None)) is None
    assert unruled(written(150)[:, :200]) is None  # too short to tell a rule from a stroke
