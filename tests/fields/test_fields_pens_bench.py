"""The bench of real pens, on figures and lines drawn here."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.options import ReadingOptions
from schemas.errors import InputRejected, NotFound
from training.benches.pens import figures_in, pens
from training.drawn_figures import penned, ways
from training.pen_rows import drawn_row, from_pictures


def said(_: str) -> None:
    """Nobody listens."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    rng = np.random.default_rng(3)
    for figure in "0123456789":
        for number in range(2):
            image = penned(figure, rng, ways(), alone=True)
            rows, columns = np.nonzero(image < 128)
            cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            cv2.imwrite(str(tmp_path / "figures" / f"{figure}_{number:02d}.png"), cut)
    return tmp_path


def test_rows_are_put_together_and_counted(folder: Path) -> None:
    report = pens(folder, ReadingOptions(), said, rows=1)
    assert report.scores[0].field == "all"
    assert {one.field for one in report.scores[1:]} == {"dob", "personal_id", "phone"}
    every = report.scores[0]
    assert every.total == 3
    assert every.wrong == 0
    assert every.exact <= every.proposed <= 3
    assert len(report.differences) == 3 - every.exact


def test_the_same_seed_gives_the_same_rows(folder: Path) -> None:
    write = from_pictures(figures_in(folder / "figures"))
    one, same, other = (drawn_row(write, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.truth == same.truth != other.truth
    assert np.array_equal(one.page, same.page)
    assert len(one.truth["personal_id"]) == 12
    assert one.truth["personal_id"][4:6] == one.truth["dob"][2:4]


def test_lines_are_measured_by_kind(folder: Path) -> None:
    lines = folder / "lines"
    lines.mkdir()
    cv2.imwrite(str(lines / "a.png"), np.full((60, 200), 255, np.uint8))
    row = {"file": "a.png", "kind": "empty paper", "text": "Lê Thử"}
    (lines / "truth.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    report = pens(folder, ReadingOptions(), said, parts=("lines",))
    counts = [(one.kind, one.total, one.exact, one.proposed) for one in report.lines]
    assert counts == [("empty paper", 1, 0, 0), ("all", 1, 0, 0)]
    assert report.lines[0].character_error == report.lines[0].known_error == 1.0


def test_a_folder_without_pens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="truth"):
        pens(tmp_path, ReadingOptions(), said)
    with pytest.raises(NotFound):
        pens(tmp_path / "none", ReadingOptions(), said)
