"""Which zones are put on a sheet, how many, and what is planted among them: pure."""

import random

import pytest
from doubtful_desk import manifest
from hypothesis import given
from hypothesis import strategies as st

from schemas.document_type import document_type
from schemas.field import Field, FieldStatus
from schemas.validators import FieldType, checks_of, normalised, parse_iso
from usecases.sheet_zones import (
    FEWEST,
    LEAST_SURE,
    SIZES,
    kind_called,
    kind_of,
    mixed,
    planted_count,
    sheet_size,
    wrong_value,
    zones_in,
)

CT01 = document_type("ct01", "66/2023")
NAMES = {"Nguyễn Thị Mẫu", "Trần Văn Thử", "Lê Thị Ví Dụ", "Phạm Minh Giả"}


# Which


def test_what_is_probably_wrong_is_for_its_documents_review() -> None:
    read = manifest()
    name = read.fields["full_name"]
    assert isinstance(name, Field)
    told = []
    for confidence in (LEAST_SURE, LEAST_SURE - 0.01):
        fields = {**read.fields, "full_name": name.model_copy(update={"confidence": confidence})}
        found = zones_in(read.model_copy(update={"fields": fields}), CT01, "vi")
        told.append({one.path: one.doubtful for one in found}["full_name"])
    assert told == [True, False]


def test_zones_are_short_values_whose_place_is_known() -> None:
    found = {one.path: one for one in zones_in(manifest(), CT01, "vi")}
    assert set(found) == {"full_name", "dob"}, "no place, no value, or too long: none"
    born = found["dob"]
    assert (born.kind, born.value, born.page) == ("date", "1990-01-02", 1)
    assert born.size == (595, 842) and born.doubtful
    sure = Field(value="2000-01-01", status=FieldStatus.accepted, page=1, box=(1.0, 1.0, 2.0, 2.0))
    settled = manifest(fields={"dob": sure})
    assert [one.doubtful for one in zones_in(settled, CT01, "vi")] == [False]
    assert zones_in(manifest(), None, "vi") == (), "of no known type"


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        ("dob", "1990-01-02", "date"), ("full_name", "Nguyễn Thị Mẫu", "name"),
        ("full_name", "N" * 33, None), ("dob", None, None), ("dob", "", None),
        ("relation_to_head", "Con", "text.relation_to_head"),
        ("members.0.relation", "Con", "text.relation"),
        ("request_content", "Đăng ký thường trú tại nhà của con gái", None),
        ("nothing", "1", None),
    ],
)  # fmt: skip
def test_a_kind_is_what_is_compared_at_a_glance(
    path: str, value: str | None, kind: str | None
) -> None:
    assert kind_of(CT01, path, value) == kind


def test_kinds_have_names_for_people() -> None:
    unlike = {FieldType.text, FieldType.organisation, FieldType.doc_type, FieldType.email}
    for one in set(FieldType) - unlike:
        assert kind_called(one.value, "", "vi") != kind_called(one.value, "", "en")
    assert kind_called("text.relation", "Quan hệ", "vi") == "Quan hệ"


# How many


@pytest.mark.parametrize(
    ("found", "size"),
    [
        ([], 40), ([True] * 20, 40), ([False], 40), ([False, False], 20),
        ([False, True, True, False], 20), ([False] * 4, 10), ([False] * 20, 10),
        ([False, False, True, True, True, True], 40),
        ([False, False, True, True, True], 20),
        ([False] * 4 + [True] * 4, 20), ([False] * 4 + [True] * 8, 40),
        ([False] + [True] * 8 + [False], 40),
    ],
)  # fmt: skip
def test_who_misses_gets_smaller_sheets_and_larger_ones_again(found: list[bool], size: int) -> None:
    assert sheet_size(found) == size


@given(st.lists(st.booleans(), max_size=60))
def test_four_found_in_a_row_are_never_answered_by_a_smaller_sheet(found: list[bool]) -> None:
    assert sheet_size(found) in SIZES
    assert sheet_size([*found, *[True] * 8]) == SIZES[0] or sheet_size(found) == SIZES[-1]
    assert sheet_size([*found, *[True] * 4]) >= sheet_size(found)


@pytest.mark.parametrize(
    ("zones", "planted"), [(0, 0), (FEWEST - 1, 0), (FEWEST, 1), (10, 1), (20, 2), (40, 4)]
)
def test_a_tenth_is_planted(zones: int, planted: int) -> None:
    assert planted_count(zones) == planted


@given(st.integers(0, 40), st.integers(0, 4), st.integers())
def test_planted_ones_stand_anywhere_and_the_others_keep_their_order(
    own: int, wrong: int, seed: int
) -> None:
    found = mixed(list(range(own)), [-1] * wrong, random.Random(seed))
    assert [one for one in found if one >= 0] == list(range(own))
    assert len(found) == own + wrong


def test_they_do_not_stand_at_the_same_places() -> None:
    places = {mixed([0] * 36, [-1] * 4, random.Random(n)).index(-1) for n in range(30)}
    assert len(places) > 5


# What


@pytest.mark.parametrize(
    ("kind", "truth"),
    [
        ("date", "1990-01-02"), ("date", "2024-02-29"), ("date_or_year", "1990"),
        ("date_or_year", "1990-01-02"), ("personal_id", "001090000123"),
        ("phone", "0905000000"), ("doc_number", "15/QĐ-UBND"), ("sex", "Nam"), ("sex", "Nữ"),
        ("name", "Nguyễn Thị Mẫu"), ("name", "Trần Văn An"), ("text.relation", "Con"),
    ],
)  # fmt: skip
def test_a_planted_value_may_stand_there_and_does_not(kind: str, truth: str) -> None:
    others = {"Vợ", "Chồng"} if kind.startswith("text") else NAMES
    seen = set()
    for seed in range(40):
        value = wrong_value(kind, truth, others, random.Random(seed))
        assert value is not None and value != truth
        seen.add(value)
        if kind.startswith("text"):
            assert value in others
            continue
        field_type = FieldType(kind)
        as_kept = parse_iso(value) is not None or normalised(field_type, value) == value
        assert as_kept, value
        if kind != "date_or_year":
            checks = checks_of(field_type, value, ())
            assert all(one.passed for one in checks if one.blocking), (value, checks)
        if kind not in {"name", "sex"}:
            assert sum(a != b for a, b in zip(value, truth, strict=True)) == 1
    assert len(seen) > 1 or kind == "sex"


def test_where_nothing_plausible_is_known_nothing_is_planted() -> None:
    assert wrong_value("text.relation", "Con", {"Con"}, random.Random(1)) is None
