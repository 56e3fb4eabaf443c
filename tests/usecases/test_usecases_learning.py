"""The office teaches its reader: lines given, learned from, taken where better, taken back."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_lines import drawn_line

from ocr import ReadingOptions
from schemas.errors import InputRejected, NotAllowed, NotFound
from schemas.learning import LearningOptions
from usecases import learning
from usecases.caller import Caller, Duty
from usecases.learning import School

OPERATOR = Caller("user:test", frozenset({Duty.operator}))
CLERK = Caller("user:clerk", frozenset({Duty.clerk}))
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PARTS = ("Nam", "Hoa", "Minh", "Lan", "Sơn", "Bình", "An", "Tú", "Vũ")


def school(folder: Path, now: datetime = NOW) -> School:
    reading = ReadingOptions(adapters=folder / "adapters")
    return School(folder, reading, LearningOptions(), lambda: now)


def given(folder: Path, texts: list[str]) -> Path:
    folder.mkdir()
    rows = []
    for number, text in enumerate(texts):
        cv2.imwrite(str(folder / f"{number:03d}.png"), drawn_line(text, struck=True))
        rows.append(json.dumps({"file": f"{number:03d}.png", "text": text}))
    (folder / "truth.jsonl").write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.slow
def test_what_is_learned_is_taken_and_taken_back(tmp_path: Path) -> None:
    order = np.random.default_rng(3).permutation(72)
    texts = [" ".join(pair) for pair in itertools.permutations(PARTS, 2)]
    folder = given(tmp_path / "given", [texts[k] for k in order])
    made = school(tmp_path / "learning")
    assert learning.add_lines(OPERATOR, made, folder) == 72
    assert learning.add_lines(OPERATOR, made, folder) == 0
    learned = learning.learn(OPERATOR, made, steps=40)
    card = learned.card
    assert card.before is not None and card.after is not None
    assert learned.taken and card.after.characters < card.before.characters
    state = learning.state(OPERATOR, made)
    assert state.in_use == (card.name,) and state.last == learned
    assert state.lines == {"given": 72} and [one.name for one in state.adapters] == [card.name]
    assert learning.back(OPERATOR, made) == ()
    with pytest.raises(NotFound):
        learning.back(OPERATOR, made)


def test_few_lines_are_not_learned_from(tmp_path: Path) -> None:
    made = school(tmp_path / "learning")
    learning.add_lines(OPERATOR, made, given(tmp_path / "given", ["Nam Hoa", "Hoa Nam"]))
    with pytest.raises(InputRejected) as refused:
        learning.learn(OPERATOR, made)
    assert refused.value.code == "learning.few_lines"


def test_lines_go_when_their_time_is_over(tmp_path: Path) -> None:
    made = school(tmp_path / "learning")
    learning.add_lines(OPERATOR, made, given(tmp_path / "given", ["Nam Hoa"]))
    assert learning.forget(OPERATOR, school(made.folder, NOW + timedelta(days=89))) == 0
    assert learning.forget(OPERATOR, school(made.folder, NOW + timedelta(days=91))) == 1
    learning.add_lines(OPERATOR, made, tmp_path / "given")
    assert learning.forget(OPERATOR, made, everything=True) == 1


@pytest.mark.parametrize(
    "row",
    [
        '{"file": "../x.png", "text": "a"}',
        '{"file": "none.png", "text": "a"}',
        '{"text": "a"}',
        '{"file": "000.png", "text": " "}',
        "[",
    ],
)
def test_a_list_that_is_not_right_is_said(tmp_path: Path, row: str) -> None:
    folder = given(tmp_path / "given", ["Nam Hoa"])
    (folder / "truth.jsonl").write_text(row + "\n")
    with pytest.raises(InputRejected) as refused:
        learning.add_lines(OPERATOR, school(tmp_path / "learning"), folder)
    assert refused.value.code == "learning.bad_truth"
    (folder / "truth.jsonl").unlink()
    with pytest.raises(NotFound):
        learning.add_lines(OPERATOR, school(tmp_path / "learning"), folder)


def test_operators_alone_may(tmp_path: Path) -> None:
    made = school(tmp_path)
    for call in (learning.learn, learning.state, learning.back, learning.forget):
        with pytest.raises(NotAllowed):
            call(CLERK, made)
    with pytest.raises(NotAllowed):
        learning.add_lines(CLERK, made, tmp_path)
