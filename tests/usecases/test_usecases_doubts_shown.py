"""What a person is asked, in which order, and what helps them: pure."""

import pytest

from schemas.document_type import known_types
from schemas.field import Field, FieldStatus, Reading, Table
from schemas.manifest import Manifest, PageReport, Source
from schemas.review_views import Asked, AskedView, Origin
from usecases.called_fields import group_of, label_of
from usecases.doubts_shown import LEAST, Known, as_ranges, asked, zone_of
from usecases.same_person import persons

TYPES = {(one.id, one.form_version): one for one in known_types()}
CT01 = TYPES["ct01", "66/2023"]


def manifest(fields: dict[str, Field | Table], **more: object) -> Manifest:
    pages = tuple(
        PageReport(
            number=number, width=595, height=842, dpi=0, rotation=0, skew=0, blank=False, words=1,
            confidence=1,
        )
        for number in (1, 2)
    )  # fmt: skip
    said = {"document_type": "ct01", "form_version": "66/2023", **more}
    return Manifest(
        source=Source(name="a.pdf", sha256="1" * 64, bytes=1, media_type="application/pdf"),
        legal_basis=None,
        pages=pages,
        fields=fields,
        **said,  # type: ignore[arg-type]
    )


def doubt(value: str | None, page: int | None = 1, **more: object) -> Field:
    return Field(value=value, status=FieldStatus.review, page=page, **more)  # type: ignore[arg-type]


def shown(made: Manifest, **more: object) -> tuple[AskedView, ...]:
    return asked(made, Known(language="vi", types=TYPES, **more))  # type: ignore[arg-type]


def test_only_doubts_are_asked_in_the_order_of_the_pages() -> None:
    sure = Field(value="x", status=FieldStatus.accepted, page=1)
    found = shown(
        manifest(
            {
                "head_name": doubt("Nguyễn Thị Mẫu", 2),
                "addressee": doubt("Công an"),
                "sex": sure,
                "phone": doubt(None, None),
                "members": Table(rows=({"sex": sure, "dob": doubt("1990-01-02", 2)},)),
            }
        )
    )
    paths = [one.path for one in found]
    assert paths == ["addressee", "phone", "head_name", "members.0.dob"]
    assert {one.about for one in found} == {Asked.field}
    assert found[1].zone is None and found[1].text == ""
    assert found[3].text == "02/01/1990"


@pytest.mark.parametrize(
    ("path", "vi", "en"),
    [
        ("full_name", "Họ, chữ đệm và tên", "Họ, chữ đệm và tên"),
        ("consents.0.signed", "Chữ ký", "Signature"),
        ("members.2.relation", "Quan hệ với chủ hộ", "Relation to the head"),
        ("not_known", "not known", "not known"),
        ("members.0.not_known", "not known", "not known"),
    ],
)
def test_fields_are_called_as_on_the_paper(path: str, vi: str, en: str) -> None:
    assert label_of(CT01, path, "vi") == vi
    assert label_of(CT01, path, "en") == en


def test_fields_of_no_known_type_are_called_as_in_another() -> None:
    found = shown(manifest({"subject": doubt("x")}, document_type=None), pass_unseen=("unknown",))
    assert [one.label for one in found] == ["Trích yếu"]
    assert label_of(None, "subject", "vi") == "subject"


def test_a_label_in_two_languages_is_shown_in_one() -> None:
    card = TYPES["can_cuoc", "2024"]
    assert label_of(card, "dob", "vi") == "Ngày, tháng, năm sinh"
    assert label_of(card, "dob", "en") == "Date of birth"


def test_a_row_is_counted_from_one() -> None:
    assert group_of("members.0.dob", "vi") == "dòng 1"
    assert group_of("members.11.dob", "en") == "row 12"
    assert group_of("dob", "vi") is None


def test_a_zone_shows_the_field_and_what_stands_around_it() -> None:
    left, top, right, bottom = zone_of((300, 400, 340, 420), (595, 842))
    assert left < 300 and top < 400 and right > 340 and bottom > 420
    assert right - left >= LEAST[0] - 1 and bottom - top >= LEAST[1] - 1
    assert zone_of((2, 2, 590, 12), (595, 842)) == (0, 0, 595, 24)
    assert all(side == int(side) for side in zone_of((10.4, 20.6, 30.2, 40.9)))


@pytest.mark.parametrize(
    ("pages", "text"), [((1, 2, 3), "1-3"), ((1, 3, 4, 7), "1,3-4,7"), ((5,), "5"), ((), "")]
)
def test_pages_are_written_as_people_do(pages: tuple[int, ...], text: str) -> None:
    assert as_ranges(pages) == text


def test_what_others_say_of_a_person_comes_first() -> None:
    card = {
        "full_name": Field(value="Nguyễn Thị Hạnh", status=FieldStatus.accepted),
        "dob": Field(value="1990-01-03", status=FieldStatus.accepted),
    }
    here = {
        "full_name": doubt(
            "Nguyễn Thị Hanh",
            raw="Nguyen Thị Hanh",
            readers=(
                Reading(reader="line", text="Nguyễn Thị Hanb", confidence=0.5),
                Reading(reader="register", text="Nguyễn Thị Hạnh", confidence=1),
            ),
        )
    }
    people = (*persons("H/1", here.items()), *persons("H/2", card.items()))
    (name,) = shown(manifest(dict(here)), here="H/1", people=people)
    first, *others = name.candidates
    assert first.text == "Nguyễn Thị Hạnh"
    assert [(one.origin, one.name) for one in first.sources] == [
        (Origin.register, ""),
        (Origin.same_person, "H/2"),
    ]
    assert [one.sources[0].origin for one in others] == [Origin.reader, Origin.printed]
    assert [(one.start, one.end) for one in name.differences] == [(14, 15)], "readers alone"


def test_what_was_typed_before_is_no_candidate_for_a_name() -> None:
    typed = {"full_name": ["Trần Văn Thử"], "addressee": ["Công an phường Hoa Sen"]}
    name, addressee = shown(
        manifest({"full_name": doubt("Lê"), "addressee": doubt("Côn")}), typed=typed
    )
    assert name.candidates == ()
    assert addressee.candidates[0].text == "Công an phường Hoa Sen"
    assert addressee.candidates[0].sources[0].origin is Origin.before
    assert {one.sources[0].origin for one in addressee.candidates[1:]} == {Origin.usual}
