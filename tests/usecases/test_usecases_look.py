"""What faces show keeps its words: scripts and departments read them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import Conflict
from schemas.field import Check, Field, FieldStatus
from schemas.manifest import Manifest, PageReport, Part, PartReason, Region, Source
from schemas.messages import sentence
from schemas.work import DecisionKind
from storage import Ledger, NewClaim, NewDecision, NewFile, ObjectKind, StoredObject
from usecases import find, look
from usecases.caller import SERVICE, Caller, Duty, Right
from usecases.composing import PARTS
from usecases.dossiers import find_dossier
from usecases.rooms import Rooms
from usecases.workspace import Workspace

CODE = "H17-261123-0001"
OBJECT = {"bucket", "key", "version_id", "sha256", "bytes", "kind"}
MANIFEST = Manifest(
    source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
    document_type=None,
    form_version=None,
    legal_basis=None,
    pages=tuple(
        PageReport(
            number=number, width=1, height=1, dpi=0, rotation=0, skew=0, blank=False, words=0,
            confidence=0, problem="reading.page_timeout" if number == 2 else None,
        )
        for number in (1, 2)
    ),
    fields={
        "dob": Field(
            value="31/02/1990", raw="31/02/199O", confidence=0.25, status=FieldStatus.review,
            page=1, box=(1, 2, 3, 4), checks=(Check(name="date", passed=False),),
        ),
        "sex": Field(value="Nữ", confidence=0.9, status=FieldStatus.accepted),
    },
    parts=(
        Part(regions=(Region(page=1),), reason=PartReason.first, confidence=1.0),
        Part(regions=(Region(page=2),), reason=PartReason.header, confidence=0.5,
             document_type="ct01"),
    ),
)  # fmt: skip


def _file(number: int) -> NewFile:
    name = f"{number}.pdf"
    sha256 = f"{number:064x}"
    return NewFile(relative=name, name=name, role=Role.component, sha256=sha256, bytes=1)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """A dossier: document 1 waits for a person, 2 is published, 3 was rejected, 4 is being read."""
    folder = tmp_path_factory.mktemp("office")
    moment = datetime(2026, 11, 23, 2, tzinfo=UTC)
    with Ledger.open(f"sqlite:///{folder}/ledger.sqlite", clock=lambda: moment) as ledger:
        store: Any = None
        made = Rooms(ledger, folder / "work", objects=lambda: store, language="en")
        claim = NewClaim(
            claim_id="c", department="mot-cua", code=CODE, folder=CODE, actor="test",
            files=tuple(map(_file, range(1, 5))),
        )  # fmt: skip
        waiting, done, bad, long = ledger.register(claim).documents
        for document in (waiting, long):
            Workspace(made.work / str(document.id)).folder.mkdir(parents=True)
        ledger.advance(
            waiting.id, Stage.received, Stage.digitised, actor="test", pdfa_sha256="a" * 64,
            manifest=Workspace(made.work / str(waiting.id)).keep_manifest(MANIFEST), pages=2,
        )  # fmt: skip
        ledger.advance(waiting.id, Stage.digitised, Stage.in_review, actor="test")
        ledger.reject(bad.id, "reading.empty_file", {}, "test")
        Workspace(made.work / str(long.id)).note(12, 40)
        told: dict[Stage, dict[str, Any]] = {
            Stage.digitised: {"manifest_sha256": "b" * 64, "pages": 1, "document_type": "ct01"},
            Stage.signed: {"signed_sha256": "c" * 64},
        }
        way = [Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored]
        for one, to in zip(way, [*way[1:], Stage.published], strict=True):
            ledger.advance(done.id, one, to, actor="test", **told.get(to, {}))
        ledger.record_object(
            StoredObject(
                bucket="results", key=f"mot-cua/{CODE}/component-002.pdf", version_id="v1",
                sha256="c" * 64, bytes=9, retain_until=moment,
            ),
            kind=ObjectKind.signed, dossier_id=done.dossier_id, document_id=done.id, actor="test",
        )  # fmt: skip
        yield made


def test_a_dossier_has_the_words_that_scripts_read(rooms: Rooms) -> None:
    shown = look.dossier(SERVICE, rooms, CODE).model_dump(mode="json")
    assert set(shown) == {
        "code", "department", "provisional", "first_code", "stage", "rejected", "created_at",
        "updated_at", "warnings", "documents", "doubts", "proposals", "reasons", "splits",
        "checklist", "objects", "events", "wrong",
    }  # fmt: skip
    assert shown["created_at"] == "2026-11-23T02:00:00+00:00"
    assert shown["stage"] == "in_review" and shown["rejected"] == 1
    first, second, third, fourth = shown["documents"]
    assert set(first) == {
        "id", "number", "role", "name", "source_sha256", "source_bytes", "media_type",
        "document_type", "stage", "failed_from", "manifest_sha256", "pdfa_sha256",
        "signed_sha256", "pages", "error_code", "error_params", "duplicate_of", "part_of",
        "source_pages", "split", "attached_to", "created_at", "updated_at", "label", "linked_to",
        "inside", "error", "reading",
    }  # fmt: skip
    assert second["created_at"] == "2026-11-23T02:00:00Z"
    assert third["error_code"] == "reading.empty_file" and "empty" in third["error"]
    assert fourth["reading"] == {"read": 12, "pages": 40}
    (kept,) = shown["objects"]
    assert set(kept) == OBJECT | {"retain_until", "dossier_id", "document_id"}
    assert set(shown["events"][0]) == {
        "seq", "at", "actor", "kind", "dossier_id", "document_id", "hash_before", "hash_after",
        "data", "prev_hash", "hash",
    }  # fmt: skip
    assert shown["checklist"]["components"][0]["present"] is True


def _said(code: str) -> str:
    return sentence(code, "en")


def test_what_waits_is_told_with_the_hash_that_was_seen(rooms: Rooms) -> None:
    document = look.dossier(SERVICE, rooms, CODE).documents[0]
    of = {"document": 1, "label": "component-001", "manifest_sha256": document.manifest_sha256}
    shown = look.waiting(SERVICE, rooms, CODE).model_dump(mode="json")
    assert shown["doubts"] == [
        of | {
            "field": "dob", "value": "31/02/1990", "raw": "31/02/199O", "confidence": 0.25,
            "failed_checks": ["date"],
            "reasons": [{"code": "reasons.date", "sentence": _said("reasons.date")}],
        },
        of | {
            "field": "pages.2", "value": shown["doubts"][1]["value"], "raw": None,
            "confidence": 0.0, "failed_checks": ["reading.page_timeout"],
            "reasons": [
                {"code": "reading.page_timeout", "sentence": _said("cli.page_unread")}
            ],
        },
    ]  # fmt: skip
    assert shown["proposals"] == [
        of | {
            "parts": [
                {"pages": [1], "document_type": None, "reason": "first", "dossier": None,
                 "confidence": 1.0},
                {"pages": [2], "document_type": "ct01", "reason": "header", "dossier": None,
                 "confidence": 0.5},
            ],
        }
    ]  # fmt: skip
    assert [one["code"] for one in shown["reasons"]] == ["fields.unknown_type"]
    nothing = {"doubts": [], "proposals": [], "reasons": []}
    assert look.waiting(SERVICE, rooms, CODE, number=2).model_dump(mode="json") == nothing
    dob, sex = look.fields(SERVICE, rooms, CODE, 1)
    assert (dob.field, dob.page, dob.box) == ("dob", 1, (1, 2, 3, 4))
    assert sex.status is FieldStatus.accepted


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("dob", DecisionKind.missing),
        ("pages.2", DecisionKind.seen),
        (PARTS, DecisionKind.together),
        ("fields.unknown_type", DecisionKind.seen),
    ],
)
def test_what_is_decided_waits_no_more_until_it_is_taken_back(
    rooms: Rooms, path: str, kind: DecisionKind
) -> None:
    before = look.waiting(SERVICE, rooms, CODE)
    document = look.dossier(SERVICE, rooms, CODE).documents[0]
    seen = document.manifest_sha256
    (made,) = rooms.ledger.decide(
        document.id, [NewDecision(path=path, kind=kind)], "test", based_on=seen
    )
    left = look.waiting(SERVICE, rooms, CODE)
    assert set(before.doubts) - set(left.doubts) == {
        one for one in before.doubts if one.field == path
    }
    assert left.proposals == (() if path == PARTS else before.proposals)
    assert [one.code for one in left.reasons] == [
        one.code for one in before.reasons if one.code != path
    ]
    assert left != before
    rooms.ledger.undo(document.id, [made.id], "test")
    assert look.waiting(SERVICE, rooms, CODE) == before


def test_lists_have_the_words_that_scripts_read(rooms: Rooms) -> None:
    (line,) = look.dossiers(SERVICE, rooms)
    assert (line.documents, line.pages.read, line.pages.pages) == (4, 3 + 12, 3 + 40)
    (result,) = find.results(SERVICE, rooms)
    shown = result.model_dump(mode="json")
    assert set(shown) == {
        "dossier", "department", "number", "label", "role", "document_type", "published_at",
        "objects",
    }  # fmt: skip
    assert shown["published_at"] == "2026-11-23T02:00:00+00:00"
    assert set(shown["objects"][0]) == OBJECT
    assert find.results(SERVICE, rooms, since=datetime(2026, 11, 24, tzinfo=UTC)) == ()


def test_the_index_in_the_store_keeps_its_form(rooms: Rooms) -> None:
    dossier = rooms.ledger.dossier(CODE)
    assert dossier is not None
    index = find.index_of(rooms.ledger.prove(dossier.id), {})
    told = json.loads(index.model_dump_json())
    assert list(told) == ["department", "dossier", "provisional", "checklist", "documents"]
    assert told["documents"] == [
        {
            "number": 2, "role": "component", "name": "2.pdf", "document_type": "ct01", "pages": 1,
            "source_sha256": f"{2:064x}", "source_pages": [], "signed_sha256": "c" * 64,
            "withdrawn": None,
            "objects": [
                {
                    "bucket": "results", "key": f"mot-cua/{CODE}/component-002.pdf",
                    "version_id": "v1", "sha256": "c" * 64, "bytes": 9, "kind": "signed",
                }
            ],
        }
    ]  # fmt: skip


def test_a_code_of_two_departments_must_be_said_whose(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        for unit in ("thue", "dat-dai"):
            ledger.add_department(Department(id=unit, name=unit), "test")
            claim = NewClaim(
                claim_id=unit, department=unit, code=CODE, folder=CODE, files=(_file(1),),
                actor="test",
            )  # fmt: skip
            ledger.register(claim)

        def found(units: set[str] | None, department: str | None = None) -> str:
            theirs = None if units is None else frozenset(units)
            who = Caller("user:test", frozenset(Duty), theirs)
            return find_dossier(who, Right.look, ledger, CODE, department).department

        for everything in (None, {"thue", "dat-dai", "mot-cua"}):
            with pytest.raises(Conflict) as caught:
                found(everything)
            assert caught.value.params["departments"] == "dat-dai, thue"
            assert found(everything, "thue") == "thue"
        assert found({"thue", "mot-cua"}) == "thue", "nobody is told of the other one"
