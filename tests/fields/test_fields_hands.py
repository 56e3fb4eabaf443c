"""Penned figures one by one, also where they touch; what settles a doubt between the readers."""

from pathlib import Path

import cv2
import numpy as np

from ocr.fields.pen.apart import NO_FIGURES, Figures, figures_apart
from ocr.fields.pen.hand_figures import KINDS, look_at_hands, weights
from ocr.fields.pen.pens import _mistaken, _together
from ocr.fields.sureness import NETWORKS_SETTLE
from ocr.fields.zone_reader import Image
from training.drawn_figures import Maker, hands, penned, ways


def figure(text: str, seed: int, tall: int = 44) -> Image:
    """A drawn figure, cut to its ink."""
    image = penned(text, np.random.default_rng(seed), ways())
    rows, columns = np.nonzero(image < 128)
    cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    wide = max(4, round(cut.shape[1] * tall / cut.shape[0]))
    return np.asarray(cv2.resize(cut, (min(wide, tall), tall)), np.uint8)


def written(images: list[Image], gap: int) -> Image:
    """Figures side by side on paper; a negative gap lays them over one another."""
    page = np.full((64, sum(i.shape[1] for i in images) + gap * len(images) + 40), 255, np.uint8)
    x = 20
    for image in images:
        part = page[10 : 10 + image.shape[0], x : x + image.shape[1]]
        np.minimum(part, image, out=part)
        x += image.shape[1] + gap
    return page


def test_figures_are_read_and_two_together_are_none() -> None:
    drawn = [(text, seed) for text in "0123456789" for seed in range(4)]
    shares = look_at_hands([figure(text, seed) for text, seed in drawn])
    right = sum(
        KINDS[int(row.argmax())] == text for row, (text, _) in zip(shares, drawn, strict=True)
    )
    assert right >= 36
    pair = written([figure("3", 1), figure("5", 2)], -3)[8:56, 16:-20]
    assert KINDS[int(look_at_hands([pair])[0].argmax())] == "?"


def test_figures_that_touch_are_cut_apart() -> None:
    right = parted = 0
    for seed, text in enumerate(("20", "34", "58", "86", "90", "25", "63", "48")):
        seen = figures_apart(written([figure(c, seed + 7) for c in text], -7))
        right += seen.likeliest()[0] == text
        parted += not seen.second  # one network alone proves nothing
    assert right >= 6
    assert parted >= 5
    apart = figures_apart(written([figure("4", 1), figure("8", 2)], 12))
    assert (apart.likeliest()[0], apart.second) == ("48", "48")


def test_print_that_was_cut_through_is_no_figure() -> None:
    page = written([figure("1", 3), figure("5", 3)], 10)
    cut = np.concatenate([page[:, :-14], np.full((64, 5), 255, np.uint8)], axis=1)
    cut[14:50, -4:] = 20
    assert figures_apart(cut, slash=False, most=2).likeliest()[0] == "15"
    assert figures_apart(np.full((60, 90), 255, np.uint8)) == NO_FIGURES


def test_a_one_beside_the_slash_is_no_slash() -> None:
    """A penned 1 looks like one: where the printed slash is seen elsewhere, it is a figure."""
    stroke = np.full((44, 16), 255, np.uint8)
    cv2.line(stroke, (13, 1), (3, 43), (0,), 4)
    page = written([figure("2", 1), figure("3", 2), stroke], 10)
    taken = figures_apart(page)
    assert (taken.likeliest()[0], taken.ended) == ("23", True)
    kept = figures_apart(page, slash=False)
    assert (kept.likeliest()[0], kept.ended) == ("231", False)
    assert kept.last_is_slash
    assert kept.without_last().likeliest()[0] == "23"


def seen(text: str, share: float, second: str | None = None) -> Figures:
    """What the networks say, each figure with ``share``."""
    shares = np.full((len(text), 10), (1 - share) / 9, np.float32)
    shares[np.arange(len(text)), [int(c) for c in text]] = share
    return Figures(shares, text if second is None else second)


def test_networks_settle_what_the_line_model_is_known_to_mistake() -> None:
    said = {"04": 0.98, "07": 0.02}
    guess = _together(said, said, seen("01", 0.96))
    assert (guess.text, guess.proven) == ("01", True)
    assert not _together(said, said, seen("01", NETWORKS_SETTLE - 0.05)).proven, "not sure"
    assert not _together(said, said, seen("01", 0.96, "07")).proven, "networks differ"
    assert not _together(said, said, seen("01", 0.96, "")).proven, "cut apart where they touch"
    other = {"05": 0.98}
    assert not _together(other, other, seen("01", 0.96)).proven, "no 1 is read as 5"


def test_a_flag_may_be_taken_for_one_figure_more() -> None:
    assert _mistaken("11", ["414", "11"])
    assert not _mistaken("11", ["414", "414"]), "somebody must see as many"
    assert not _mistaken("11", ["1", "11"]), "a figure may be lost"


def test_examples_are_made_of_hands_strokes_and_fonts(tmp_path: Path) -> None:
    figures = np.zeros((20, 28, 28), np.uint8)
    for number in range(20):
        figures[number, 4:24, 10 + number % 10 : 13 + number % 10] = 255
    labels = np.arange(20, dtype=np.uint8) % 10
    (tmp_path / "train-images-idx3-ubyte").write_bytes(bytes(16) + figures.tobytes())
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(bytes(8) + labels.tobytes())
    known = hands(tmp_path)
    assert known.figures.shape == (20, 28, 28) and known.labels[13] == 3
    maker = Maker(known, [], np.random.default_rng(4))
    for make in (maker.pair, maker.pair, maker.pair):
        vector, label = make()
        assert vector.shape == (784,)
        assert 0 <= label < len(KINDS)
        assert vector.max() > 0.5


def test_the_weights_are_small() -> None:
    assert sum(part.size for part in weights()) < 160_000
