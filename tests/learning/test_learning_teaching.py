"""A tiny lesson: lines with rules through their letters, learned in seconds."""

import itertools
from datetime import UTC, datetime

import numpy as np
import pytest
from drawn_lines import drawn_line

from ocr.learning.teaching import Lesson, Taught, divided, teach
from ocr.recognition.adapter import Adapter
from ocr.recognition.line_reader import line_reader

NOW = datetime(2026, 11, 30, tzinfo=UTC)
PARTS = ("Nam", "Hoa", "Minh", "Thanh", "Bình", "Lan", "Sơn", "Quý")
TEXTS = [" ".join(pair) for pair in itertools.permutations(PARTS, 2)]


@pytest.fixture(scope="module")
def lesson() -> tuple[Lesson, list[Taught]]:
    rng = np.random.default_rng(8)
    lines = [
        Taught(drawn_line(TEXTS[k], struck=True), TEXTS[k], "correction")
        for k in rng.permutation(len(TEXTS))[:40]
    ]
    older, newest = divided(lines)
    in_print = [drawn_line(line.text) for line in older]
    taught = teach(older, newest, in_print, name="struck", now=NOW, narrowing=0.9, steps=45)
    return taught, list(newest)


def test_lines_are_read_better_that_nothing_was_fitted_on(
    lesson: tuple[Lesson, list[Taught]],
) -> None:
    card = lesson[0].card
    assert card.before is not None and card.after is not None
    assert card.before.lines == len(lesson[1]) == 8
    assert card.before.characters > 0.15
    assert card.after.characters < 0.5 * card.before.characters


def test_print_is_read_as_ever(lesson: tuple[Lesson, list[Taught]]) -> None:
    adapter = Adapter(lesson[0].content)
    for text in ("Công an phường Hải Châu", "Đặng Thị Mỹ Quỳnh", "0905123456"):
        plain = line_reader().look(drawn_line(text))
        taught = line_reader().look(drawn_line(text), [adapter])
        assert plain is not None and taught is not None
        np.testing.assert_array_equal(plain.steps, taught.steps)


def test_the_card_says_what_was_learned_from(lesson: tuple[Lesson, list[Taught]]) -> None:
    card = Adapter(lesson[0].content).card
    assert card == lesson[0].card
    assert (card.lines, card.sources, card.begun_from) == (32, {"correction": 32}, None)


def test_a_line_that_cannot_be_learned_from_is_left_out() -> None:
    short = Taught(drawn_line("Nam"), "một dòng chữ dài hơn hẳn hình của nó rất nhiều lần")
    with pytest.raises(ValueError, match="no lines"):
        teach([short, Taught(drawn_line("Nam"), "日")], [], [], name="none", now=NOW)
