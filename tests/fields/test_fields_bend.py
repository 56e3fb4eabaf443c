"""Where the places of a form lie on a photographed sheet: perspective, curl, wrong labels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.fields.bend import bend_of

WIDTH, HEIGHT = 595.0, 842.0
Points = NDArray[np.float64]


def grid(rows: int = 9, columns: int = 6) -> Points:
    x, y = np.meshgrid(np.linspace(60, 540, columns), np.linspace(90, 720, rows))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def leaning(points: Points) -> Points:
    """A rest of perspective."""
    scale = 1 + 6e-5 * points[:, :1] - 4e-5 * points[:, 1:]
    return np.asarray((points + np.array([4.0, -3.0])) / scale)


def curled(points: Points, high: float = 17.0) -> Points:
    x, y = points.T
    up = high * np.sin(np.pi * x / WIDTH) * (0.4 + 0.6 * y / HEIGHT)
    return np.stack([x, y - up], axis=1)


def worst(seen: Points, wanted: Points) -> float:
    return float(np.hypot(*(seen - wanted).T).max())


@pytest.mark.parametrize("shape", [leaning, curled, lambda p: curled(leaning(p), -12)])
def test_places_between_labels_are_found(shape) -> None:  # type: ignore[no-untyped-def]
    here = grid()
    rough = np.random.default_rng(1).normal(0, 0.5, here.shape)
    found = bend_of(here, shape(here) + rough)
    assert found is not None and found[1] == len(here)
    between = grid(12, 9)
    assert worst(found[0].onto(between), shape(between)) < 1.5


def test_wrong_labels_bend_nothing() -> None:
    here = grid()
    there = leaning(here)
    there[::9] += (0.0, 26.0)
    found = bend_of(here, there)
    assert found is not None and found[1] == len(here) - len(here[::9])
    assert worst(found[0].onto(grid(12, 9)), leaning(grid(12, 9))) < 0.5


def test_another_forms_labels_are_no_bend() -> None:
    here = grid()
    there = np.random.default_rng(2).permutation(here)
    found = bend_of(here, there)
    assert found is None or found[1] < 0.4 * len(here)


def test_leaders_tell_the_height_to_a_pixel() -> None:
    here = grid(5, 3)
    rough = np.random.default_rng(1).normal(0, 0.7, here.shape)
    found = bend_of(here, curled(here) + rough)
    assert found is not None
    bend = found[0]
    places = grid(16, 8)
    for _ in range(2):
        lower = curled(places)[:, 1] - bend.onto(places)[:, 1]
        bend = bend.along(places, lower)
    off = np.abs(bend.onto(grid(11, 7))[:, 1] - curled(grid(11, 7))[:, 1])
    assert off.max() < 0.35


def test_a_zones_picture_is_taken_from_where_it_lies() -> None:
    here = grid()
    found = bend_of(here, curled(here))
    assert found is not None
    box, size = (100.0, 200.0, 400.0, 230.0), (1250, 125)
    maps = found[0].maps(box, size)
    assert maps.shape == (125, 1250, 2)
    at = np.array([[100 + 300 / 1250 * 777, 200 + 30 / 125 * 61]])
    assert worst(maps[61, 777][None], found[0].onto(at)) < 0.05
