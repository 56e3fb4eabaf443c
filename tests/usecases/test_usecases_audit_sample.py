"""The blind sample: what people are shown of it, and what is counted afterwards."""

from datetime import UTC
from pathlib import Path

import pytest
from desk_office import HERE, DeskOffice, a_desk
from doubtful_desk import manifest, under_review

from ocr.fields.acceptance import audited
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest
from schemas.review_views import AskedView, SaidDecision
from schemas.work import DecisionKind
from usecases.audit_sample import LEAST, MOST, as_doubtful, is_picked, outcomes
from usecases.caller import SERVICE, Caller, Duty
from usecases.doubts_shown import Known, asked
from usecases.look import dossier as look
from usecases.look import fields_of
from usecases.report import report
from usecases.review import Doubt
from usecases.reviewing import decide, done

LAN = Caller("user:lan", frozenset({Duty.clerk}), frozenset({HERE}))
CODE = "H17-261124-0007"


def picked(**more: Field) -> Manifest:
    """A form of which every accepted value was picked."""
    read = manifest()
    fields = audited({**read.fields, **more}, "seed", 1.0)
    return read.model_copy(update={"fields": fields})


def shown(found: Manifest) -> dict[str, AskedView]:
    return {one.path: one for one in asked(found, Known(language="vi", types={}))}


def test_nothing_tells_a_picked_value_from_a_doubtful_one() -> None:
    sample = shown(picked())
    assert set(sample) - set(shown(manifest())) == {"phone"}
    phone, name = sample["phone"], sample["full_name"]
    assert [one.code for one in phone.reasons] == [one.code for one in name.reasons]
    assert LEAST <= phone.confidence <= MOST < 0.99
    assert "audit" not in phone.model_dump_json()
    assert phone == shown(picked())["phone"], "the same each time"


def test_no_other_face_tells_either(tmp_path: Path) -> None:
    with a_desk(tmp_path, waiting=False) as desk:
        document = under_review(desk.rooms, picked())
        told = [
            *look(LAN, desk.rooms, CODE).doubts,
            *fields_of(Doubt(document, picked()), "vi"),
        ]
    assert "phone" in {one.field for one in told}
    for one in told:
        assert "audit" not in one.model_dump_json()
        assert one.confidence < 0.99


def test_a_value_that_was_settled_is_as_it_is() -> None:
    settled = Field(value="1", status=FieldStatus.accepted, confidence=0.99)
    assert as_doubtful("phone", settled, "s") is settled
    phone = dict(picked().walk())["phone"]
    accepted = phone.model_copy(update={"status": FieldStatus.accepted})
    assert is_picked(accepted) and as_doubtful("phone", accepted, "s") is accepted


def test_right_is_what_stays_as_it_was_read() -> None:
    read = picked(email=Field(value="a@b.vn", status=FieldStatus.accepted))
    phone = dict(read.walk())["phone"].model_copy(update={"value": "0905000001"})
    after = read.model_copy(update={"fields": {**read.fields, "phone": phone}})
    assert outcomes(read, after) == {"phone": False, "email": True}
    assert outcomes(manifest(), manifest()) == {}


def settle(desk: DeskOffice, code: str, phone: str | None) -> None:
    document = under_review(desk.rooms, picked(), code=code)
    seen = document.manifest_sha256 or ""
    for number, path in enumerate(picked().doubtful()):
        kind, text = DecisionKind.confirmed, None
        if path == "phone" and phone is not None:
            kind, text = DecisionKind.value, phone
        elif path.startswith("members"):
            kind = DecisionKind.missing
        said = SaidDecision(path=path, kind=kind, text=text, key=f"{number:032}", seen=seen)
        decide(LAN, desk.rooms, code, 1, said)
    done(LAN, desk.rooms, code, 1, seen=seen)


@pytest.mark.parametrize("phone", ["0905000009", None])
def test_figures_count_what_was_found_wrong(tmp_path: Path, phone: str | None) -> None:
    with a_desk(tmp_path, waiting=False) as desk:
        settle(desk, CODE, phone)
        settle(desk, "H17-261124-0008", None)
        found = report(SERVICE, desk.rooms, UTC).audited
    (only,) = found
    assert (only.document_type, only.field, only.looked_at) == ("ct01", "phone", 2)
    assert only.wrong == (0 if phone is None else 1)
    assert "điện thoại" in only.name
