"""Lost tone marks: set right where the company is clear, left alone everywhere else."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.recognition.marks import compounds, near_syllables, remarked
from schemas.page import Word


def words(text: str, confidence: float = 0.9) -> list[Word]:
    return [
        Word(text=one, box=(10.0 * at, 0, 10.0 * at + 9, 10), confidence=confidence, line=line)
        for line, row in enumerate(text.split("\n"))
        for at, one in enumerate(row.split())
    ]


def set_right(text: str, confidence: float = 0.9) -> str:
    return " ".join(word.text for word in remarked(words(text, confidence)))


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("cơ quan, tô chức có thâm quyền", "cơ quan, tổ chức có thẩm quyền"),
        ("cơ quan, tỗ chức", "cơ quan, tổ chức"),
        ("được sửa đồi, bỗ sung như sau", "được sửa đổi, bổ sung như sau"),
        ("6. Bồ sung Điều 9a", "6. Bổ sung Điều 9a"),
        ("cơ sở đữ liệu;", "cơ sở dữ liệu;"),
        ("đơn vị kinh đoanh", "đơn vị kinh doanh"),
        ("hướng dẫn chỉ tiết", "hướng dẫn chi tiết"),
        ("theo quy chuân kỹ thuật", "theo quy chuẩn kỹ thuật"),
        ("tổ chức, cả nhân", "tổ chức, cá nhân"),
        ("người có thâm\nquyền", "người có thẩm quyền"),
    ],
)
def test_set_right(read: str, right: str) -> None:
    assert set_right(read) == right


@pytest.mark.parametrize(
    "text",
    [
        "ông Tô Chức, bà Lê Thâm Quyền",  # names
        "NGUYỄN THÂM QUYỀN",
        "theo quy định tại khoản 2",
        "người chưa thành niên",
        "vốn đầu tư do nhà nước cấp",
        "chuyển gia đình đến nơi ở mới",
        "tô 2 chức",
        "tô; chức",
        "bề mặt bể nước",
        "tổ chức",
    ],
)
def test_left_alone(text: str) -> None:
    assert set_right(text) == text


def test_what_was_read_is_kept() -> None:
    seen = words("(tô chức)")
    out = remarked(seen)
    assert [word.text for word in out] == ["(tổ", "chức)"]
    assert [word.raw for word in out] == ["(tô", None]
    assert out[0].box == seen[0].box
    assert out[0].confidence == seen[0].confidence


def test_a_sure_reading_and_a_distant_line_are_left_alone() -> None:
    assert set_right("tô chức", confidence=0.99) == "tô chức"
    apart = words("tô\nchức")
    apart[1] = apart[1].model_copy(update={"line": 7})
    assert [word.text for word in remarked(apart)] == ["tô", "chức"]


def test_every_known_word_is_two_lower_case_syllables_in_nfc() -> None:
    assert len(compounds()) > 1000
    for pair in compounds():
        for syllable in pair:
            assert syllable.isalpha()
            assert syllable == unicodedata.normalize("NFC", syllable).lower()


def test_known_words_are_never_changed() -> None:
    for first, second in compounds():
        assert set_right(f"{first} {second}") == f"{first} {second}"


@given(st.lists(st.sampled_from([s for pair in sorted(compounds()) for s in pair]), max_size=12))
def test_only_marks_change_and_twice_is_once(syllables: list[str]) -> None:
    text = " ".join(syllables)
    once = set_right(text)

    def letters(value: str) -> str:
        plain = unicodedata.normalize("NFD", value.replace("đ", "d"))
        return "".join(char for char in plain if not unicodedata.combining(char))

    assert letters(once) == letters(text)
    changed = [index for index, word in enumerate(remarked(words(text))) if word.raw]
    assert all(after - before > 1 for before, after in pairwise(changed))


@given(st.text(alphabet="abcdđeêhiỉnoôơởuưỗtcấ", min_size=1, max_size=7))
def test_a_syllable_is_not_its_own_neighbour(syllable: str) -> None:
    near = near_syllables(syllable)
    assert syllable not in near
    assert all(unicodedata.is_normalized("NFC", other) for other in near)
