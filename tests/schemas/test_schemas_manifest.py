"""Who must see a document before it is signed: what was not looked for is never signed unseen."""

import pytest

from schemas.field import Field, FieldStatus, Table
from schemas.manifest import (
    FIELDS_UNREAD,
    NOTHING_READ,
    UNKNOWN,
    UNKNOWN_TYPE,
    UNSEEN,
    Manifest,
    Source,
)
from schemas.messages import sentence

SURE = Field(value="x", confidence=1.0, status=FieldStatus.accepted)
DOUBTFUL = Field(value="x", confidence=0.3, status=FieldStatus.review)
MISSING = Field(value=None, status=FieldStatus.missing)


def manifest(kind: str | None, *warnings: str, **fields: Field | Table) -> Manifest:
    return Manifest(
        source=Source(name="a", sha256="0" * 64, bytes=1, media_type="image/png"),
        document_type=kind,
        form_version=None,
        legal_basis=None,
        pages=(),
        fields=dict(fields),
        warnings=warnings,
    )


def test_what_is_read_and_sure_goes_on() -> None:
    assert not manifest("cong_van", subject=SURE, note=MISSING).needs_person()
    assert not manifest("cong_van", "reading.page_blank", subject=SURE).needs_person()


def test_a_type_without_fields_has_none_to_look_for() -> None:
    assert not manifest("so_do").needs_person()


@pytest.mark.parametrize(
    "made",
    [
        manifest(None),
        manifest(None, UNKNOWN_TYPE),
        manifest(None, UNKNOWN_TYPE, title=DOUBTFUL),
        manifest("cong_van", subject=MISSING),
        manifest("cong_van", members=Table(rows=({"name": MISSING},))),
        *(manifest("cong_van", code, subject=SURE) for code in sorted(UNSEEN)),
    ],
)
def test_what_was_not_looked_for_calls_a_person_unless_its_type_may_pass(made: Manifest) -> None:
    assert made.needs_person()
    assert made.asks()
    for code in made.asks():
        assert {sentence(code, "vi"), sentence(code, "en")}
    assert not made.needs_person((made.document_type or UNKNOWN,))
    assert made.needs_person(("another",))


def test_the_reason_is_named() -> None:
    assert manifest(None, UNKNOWN_TYPE).asks() == (UNKNOWN_TYPE,)
    assert manifest("cong_van", subject=MISSING).asks() == (NOTHING_READ,)
    assert manifest(None, FIELDS_UNREAD).asks() == (FIELDS_UNREAD,)


def test_what_failed_or_is_doubtful_never_passes() -> None:
    assert manifest(None, FIELDS_UNREAD).needs_person((UNKNOWN,))
    assert manifest("cong_van", subject=DOUBTFUL).needs_person(("cong_van",))
