"""Doubtful writing weighed with words and units: what wins, what stays as it is read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ocr.fields.addresses import names_a_chain, with_known_units
from ocr.fields.forms import text_lines
from ocr.fields.forms.text_lines import Again, likeliest
from ocr.fields.lexicon import lexicon
from ocr.recognition.line_reader import Hypothesis, Line, columns_of
from ocr.recognition.looks import Looks
from schemas.validators import FieldType


def line_of(letters: Sequence[Mapping[str, float]]) -> Line:
    """A line whose letters are as likely as given, a sure blank between them."""
    steps = np.full((2 * len(letters), 227), 1e-9)
    for at, likely in enumerate(letters):
        for letter, chance in likely.items():
            column = (columns_of(f"a{letter}a") or (0, 0))[1] if letter else 0
            steps[2 * at, column] = chance
        steps[2 * at + 1, 0] = 1.0
    steps /= steps.sum(axis=1, keepdims=True)
    return Line(np.log(steps), tuple(map(float, range(len(steps) + 1))), (0, 32))


def doubtful(text: str, other: str, share: float = 0.6) -> Line:
    """``text``, where each letter that ``other`` has otherwise is so likely, else the other's."""
    pairs = zip(text, other, strict=True)
    return line_of([{a: 1.0} if a == b else {a: share, b: 1 - share} for a, b in pairs])


class Nobody:
    """A model that must not be asked."""

    def look(self, *_: Any) -> Line:
        raise AssertionError("looked again")


class Same:
    """A model that sees the same at every width."""

    def __init__(self, line: Line) -> None:
        self.line, self.widths = line, list[float]()

    def look(self, _image: object, _taught: object, width: float) -> Line:
        self.widths.append(width)
        return self.line


def again(model: Any, agreed: str = "") -> Again:
    return Again(np.zeros((4, 4), np.uint8), model, (), agreed)


@pytest.mark.parametrize(
    ("kind", "read", "meant"),
    [
        (FieldType.name, "Nguyên Văn An", "Nguyễn Văn An"),
        (FieldType.name, "Trẩn Thị Hoa", "Trần Thị Hoa"),
        (FieldType.text, "quận Sơn Trá, Đà Nẵng", "quận Sơn Trà, Đà Nẵng"),
        (FieldType.text, "đăng kỷ tạm trú", "đăng ký tạm trú"),
    ],
)
def test_usual_words_win_where_the_line_is_in_doubt(kind: FieldType, read: str, meant: str) -> None:
    line = doubtful(read, meant)
    model = Same(line)
    best, *others = likeliest(line, kind, None, again(model))
    assert best.text == meant
    assert read in [one.text for one in others]
    assert best.confidence < 0.5  # a list makes nothing surer than the line does
    assert model.widths == [1.1, 1.3]


@pytest.mark.parametrize("kind", [FieldType.name, FieldType.text])
def test_a_sure_line_is_never_set_right(kind: FieldType) -> None:
    line = doubtful("Nguyên Vân Ăn", "Nguyễn Văn An", share=0.99)
    assert likeliest(line, kind, None, again(Nobody()))[0].text == "Nguyên Vân Ăn"


def test_what_another_reader_says_too_is_not_looked_at_again() -> None:
    line = doubtful("Trần Đức Ẫn", "Trần Đức Ân", share=0.85)
    free = line.read()[0].text
    assert likeliest(line, FieldType.name, None, again(Nobody(), free))[0].text == free
    with pytest.raises(AssertionError, match="looked again"):
        likeliest(line, FieldType.name, None, again(Nobody(), "Trần Đức Hà"))


def test_a_kind_without_lists_is_read_as_ever() -> None:
    line = doubtful("ab-12", "ab-17")
    assert likeliest(line, FieldType.doc_number, None, again(Nobody()))[0].text == "ab-12"


def test_words_read_as_one_are_told_apart() -> None:
    # the space is hardly there: a step of it is 1 in 1000
    line = line_of(
        [*({c: 1.0} for c in "Hồ Tùng"), {"": 1.0, " ": 1e-3}, *({c: 1.0} for c in "Mậu")]
    )
    assert line.read()[0].text == "Hồ TùngMậu"
    found = likeliest(line, FieldType.name, None, again(Same(line)))
    assert "Hồ Tùng Mậu" in [one.text for one in found]


def test_looks_outvote_one_that_saw_otherwise() -> None:
    one, other = doubtful("Hoa", "Hòa", 0.8), doubtful("Hoa", "Hòa", 0.1)
    assert Looks((one,)).read()[0].text == "Hoa"
    assert Looks((one, other, other)).read()[0].text == "Hòa"
    best = Looks((one, other)).ranked(["Hoa", "Hòa"])
    assert best[0].text == "Hòa"
    assert best[0].confidence == pytest.approx((0.2 * 0.9) ** 0.5, rel=1e-3)


def test_units_are_offered_as_they_lie_in_one_another() -> None:
    read = "8 Trần Phú, phường Vinh Thanh Van, thành phố Rạch Gia, Kiêng Giang"
    meant = "8 Trần Phú, phường Vĩnh Thanh Vân, thành phố Rạch Giá, Kiên Giang"
    assert with_known_units(read)[0] == meant
    assert names_a_chain(meant) and not names_a_chain(read)
    assert not names_a_chain("phường Vĩnh Thanh Vân, quận Sơn Trà, Kiên Giang")
    assert with_known_units("Đăng ký tạm trú, gia hạn") == ()


def test_since_2025_a_ward_lies_in_its_province() -> None:
    assert names_a_chain("phường An Hải, Đà Nẵng")
    assert "P. AN HẢI, Đà Nẵng" in with_known_units("P. AN HAI, Đà Nắng")


@pytest.mark.parametrize("kind", [FieldType.name, FieldType.text])
def test_what_words_add_up_to_is_that_of_the_whole(kind: FieldType) -> None:
    words = lexicon(kind)
    assert words is not None
    for text in ("Nguyễn Thị Hòa", "tổ 12, phường An Hải", "xyzzy", "12/5", ""):
        state, total = words.begin(), 0.0
        for letter in text:
            state, more = words.after(state, letter)
            total += more
        assert words.logarithm(text) == pytest.approx(total + words.end(state))
    assert words.logarithm("Nguyễn Thị Hoà") == pytest.approx(words.logarithm("Nguyễn Thị Hòa"))
    assert words.logarithm("Nguyễn") > words.logarithm("Nguyên") > words.logarithm("Nguxễn")


def test_ends_are_tidied_before_readings_are_compared() -> None:
    odd, tidy = Hypothesis("Trẫn Văn An.", 0.5, 1.0), Hypothesis("Trần Văn An.", 0.4, 1.0)
    assert text_lines.as_language([odd, tidy], FieldType.name)[0] is tidy
