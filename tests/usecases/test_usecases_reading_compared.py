"""Where readers differ, what may be chosen instead, and the same person elsewhere: pure."""

import pytest

from schemas.field import Field, FieldStatus, Reading
from schemas.review_views import Origin, Source
from schemas.validators import FieldType
from usecases.reading_compared import (
    FEW,
    MOST,
    as_shown,
    candidates,
    differences,
    others_of,
    readings_of,
    shown,
    usual,
)
from usecases.same_person import Person, elsewhere, persons


@pytest.mark.parametrize(
    ("text", "readings", "marked"),
    [
        ("Nguyễn Thị Hạnh", ["Nguyễn Thị Hanh"], ["ạ"]),
        ("Nguyễn Thị Hạnh", ["Nguyễn Thị Hạnh"], []),
        ("Nguyễn Thị Hạnh", ["Nguyên Thị Hạnh", "Nguyễn Thị Hanh"], ["ễ", "ạ"]),
        ("số 193", ["số 443"], ["19"]),
        ("0777175117", ["777175117"], ["0"]),
        ("777175117", ["0777175117"], ["7"]),  # it lacks a figure: marked where that would stand
        ("Trần An", ["Trần Ann"], ["n"]),  # at the very end: the last letter
        ("Trần An", ["x#!"], []),  # no reading at all
        ("Trần An", [""], []),
        ("", ["Trần An"], []),
        ("a𝒳b", ["a𝒳c"], ["b"]),
    ],
)
def test_letters_are_marked_where_readers_differ(
    text: str, readings: list[str], marked: list[str]
) -> None:
    units = text.encode("utf-16-le")
    spans = differences(text, readings)
    assert [units[2 * one.start : 2 * one.end].decode("utf-16-le") for one in spans] == marked
    assert all(0 <= one.start < one.end <= len(units) // 2 for one in spans)


def test_values_are_shown_as_people_write_them() -> None:
    assert shown(FieldType.date, "1990-01-02") == "02/01/1990"
    assert shown(FieldType.date_or_year, "1990") == "1990"
    assert shown(FieldType.text, "1990-01-02") == "1990-01-02"
    assert shown(FieldType.date, None) == ""
    assert as_shown(FieldType.date, "2-1-1990") == "02/01/1990"
    assert as_shown(FieldType.date, "4OO55") == "4OO55", "no date: as it was read"
    assert as_shown(FieldType.personal_id, "001 090 123 456") == "001090123456"
    assert as_shown(None, "  a  b ") == "a b"


def test_candidates_name_everybody_who_says_them_once() -> None:
    one, two = Source(origin=Origin.reader, name="line"), Source(origin=Origin.register)
    found = candidates("An", [(one, "Ân"), (two, "Ân"), (one, "An"), (one, ""), (two, "Ẩn")])
    assert [(one.text, [said.origin for said in one.sources]) for one in found] == [
        ("Ân", [Origin.reader, Origin.register]),
        ("Ẩn", [Origin.register]),
    ]
    assert found[0].differences[0].start == 0
    assert len(candidates("", [(one, str(number)) for number in range(50)])) == MOST


def test_what_a_person_said_before_is_no_reading() -> None:
    field = Field(
        value="1990-01-02",
        raw="2/1/1990",
        status=FieldStatus.review,
        readers=(
            Reading(reader="line", text="2/1/1990", confidence=0.5),
            Reading(reader="register", text="1990-02-01", confidence=1.0),
            Reading(reader="person", text="1990-03-03", confidence=1.0),
            Reading(reader="pens", text=" ", confidence=0.1),
        ),
    )
    assert readings_of(field, FieldType.date) == [
        (Source(origin=Origin.reader, name="line"), "02/01/1990"),
        (Source(origin=Origin.register), "01/02/1990"),
        (Source(origin=Origin.printed), "02/01/1990"),
    ]


def test_usual_values_are_all_shown_where_there_are_few() -> None:
    assert usual(["Nam", "Nữ"], "Nu") == ["Nữ", "Nam"]
    many = ["Con đẻ", "Vợ", "Chồng", "Cháu ruột", "Người thuê", "Ông nội", "Bà ngoại", "Em ruột"]
    assert len(many) > FEW
    assert usual(many, "Con dé") == ["Con đẻ"]
    assert usual(many, "###") == []


def _person(document: str, **fields: str) -> tuple[Person, ...]:
    said = {
        path.replace("__", "."): Field(value=value or None, status=FieldStatus.review)
        for path, value in fields.items()
    }
    return persons(document, said.items())


def test_the_same_person_in_another_paper() -> None:
    form = _person("1", full_name="Nguyễn Thị Hanh", dob="1990-01-02", personal_id="")
    card = _person("2", full_name="Nguyễn Thị Hạnh", dob="1990-01-03", personal_id="001190000001")
    other = _person("3", full_name="Lê Văn Bưởi", dob="1980-05-05", personal_id="001080000002")
    known = [*form, *card, *other]
    assert list(elsewhere("full_name", "1", known)) == [("2", "Nguyễn Thị Hạnh")]
    assert list(elsewhere("dob", "1", known)) == [("2", "1990-01-03")]
    assert list(elsewhere("personal_id", "1", known)) == [("2", "001190000001")]
    assert list(elsewhere("phone", "1", known)) == []
    assert list(elsewhere("full_name", "9", known)) == []


def test_the_head_of_the_household_is_somebody_in_the_same_paper() -> None:
    form = _person(
        "1",
        full_name="Trần Văn Mẫu",
        head_name="Trần Văn Mâu",
        members__0__full_name="Lê Thị Thử",
        members__0__dob="2010-01-01",
        members__1__full_name="Trần Văn Mẫu",
        members__1__dob="1970-01-01",
    )
    assert {one.where[1] for one in form} == {".", ".head_", "members.0.", "members.1."}
    found = [value for _, value in elsewhere("head_name", "1", form)]
    assert found == ["Trần Văn Mẫu", "Trần Văn Mẫu"]
    assert list(elsewhere("members.0.dob", "1", form)) == []


def test_two_strangers_with_one_birthday_are_two() -> None:
    one = _person("1", full_name="Nguyễn Thị Hạnh", dob="1990-01-02")
    two = _person("2", full_name="Lê Văn Bưởi", dob="1990-01-02")
    assert list(elsewhere("dob", "1", [*one, *two])) == []


def test_what_a_reader_might_have_said_is_proposed_after_what_it_says() -> None:
    line = Reading(reader="line", text="Trần An", confidence=0.4, others=("Trẩn An", "Trần Ân"))
    typed = Reading(reader="person", text="", confidence=1.0, others=("Trần Anh",))
    field = Field(value="Trần An", status=FieldStatus.review, readers=(line, typed))
    reader = Source(origin=Origin.reader, name="line")
    found = others_of(field, FieldType.name)
    assert found == [(reader, "Trẩn An"), (reader, "Trần Ân")]
    assert readings_of(field, FieldType.name) == [(reader, "Trần An")]
    assert [one.text for one in candidates("Trần An", found)] == ["Trẩn An", "Trần Ân"]
