"""The blind sample: what people are shown of it, and what is counted afterwards."""

from datetime import UTC
from pathlib import Path

import pytest
from desk_office import HERE, DeskOffice, a_desk
from doubtful_desk import manifest, under_review

from ocr import calibration
from ocr.fields.acceptance import audited
from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.field import Field, FieldStatus, Reading
from schemas.manifest import Manifest
from schemas.review_views import AskedView, SaidDecision
from schemas.work import DecisionKind
from usecases.approval import approve
from usecases.audit_sample import LEAST, MOST, PERSON, as_doubtful, is_picked, outcomes
from usecases.caller import SERVICE, Caller, Duty
from usecases.doubts_shown import Known, asked
from usecases.look import dossier as look
from usecases.look import fields_of
from usecases.report import report
from usecases.review import Doubt
from usecases.review import settle as accept_all
from usecases.reviewing import decide, done
from usecases.workspace import Workspace, load_manifest

LAN = Caller("user:lan", frozenset({Duty.clerk}), frozenset({HERE}))
KY = Caller("user:ky", frozenset({Duty.signer}), frozenset({HERE}))
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
    looked = {"readers": (Reading(reader=PERSON, text="x", confidence=1.0),)}
    fields = dict(read.walk())
    phone = fields["phone"].model_copy(update={**looked, "value": "0905000001"})
    said = {"phone": phone, "email": fields["email"].model_copy(update=looked)}
    after = read.model_copy(update={"fields": {**read.fields, **said}})
    assert outcomes(read, after) == {"phone": False, "email": True}
    assert outcomes(read, read) == {}, "at which nobody looked"
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


def test_what_is_accepted_without_a_look_says_nothing(tmp_path: Path) -> None:
    with a_desk(tmp_path, waiting=False) as desk:
        rooms = desk.rooms
        document = under_review(rooms, picked())
        dossier = rooms.ledger.dossier(CODE)
        assert dossier is not None
        (settled,) = accept_all(LAN, rooms.ledger, rooms.work, dossier, (), accept=True)
        reviewed = load_manifest(Workspace(rooms.work / str(document.id)), settled, rooms.ledger)
        found = report(SERVICE, rooms, UTC)
    assert found.audited == (), "not counted as right"
    assert "phone" not in {one.field for one in found.corrected}, "nor as looked at"
    known = document_type("ct01", "66/2023")
    assert known is not None
    phone, name = (dict(reviewed.walk())[path] for path in ("phone", "full_name"))
    assert (phone.value, phone.status) == ("0905000000", FieldStatus.accepted)
    spec = known.value_spec("phone")
    assert spec is not None
    raw = phone.model_copy(
        update={"raw": phone.value, "readers": (*phone.readers, name.readers[0])}
    )
    assert calibration.corrected(spec, raw) is None, "confidence is not fitted on it"


def test_accepting_all_waits_for_a_new_scan(tmp_path: Path) -> None:
    with a_desk(tmp_path, waiting=False) as desk:
        rooms = desk.rooms
        document = under_review(rooms, manifest())
        dossier = rooms.ledger.dossier(CODE)
        assert dossier is not None
        asked = rooms.ledger.rescans.ask(
            document.id, 1, "mờ", LAN.name, based_on=document.manifest_sha256 or ""
        )
        with pytest.raises(Conflict) as refused:
            accept_all(LAN, rooms.ledger, rooms.work, dossier, (), accept=True)
        assert (refused.value.code, refused.value.params) == (
            "usecase.rescan_waits",
            {"code": asked.code},
        )
        assert rooms.ledger.document(document.id).stage is Stage.in_review
        seen = document.manifest_sha256 or ""
        with pytest.raises(Conflict) as refused:
            approve(KY, rooms.ledger, document.id, seen=seen)
        assert refused.value.code == "usecase.rescan_waits"
        rooms.ledger.rescans.give_up(asked.code, LAN.name)
        accept_all(LAN, rooms.ledger, rooms.work, dossier, (), accept=True)
