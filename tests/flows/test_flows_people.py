"""What people may do to documents, from review to withdrawal, by the use cases."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from callers import person

from ocr import ReaderPool
from schemas.dossier import Role, Stage
from schemas.errors import Conflict, InputRejected, NotAllowed, NotFound
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, PageReport, Source
from schemas.work import ApprovalOptions, ApprovalRule, DecisionKind
from storage import Document, Dossier, Ledger, NewClaim, NewDecision, NewFile
from usecases.approval import approve, approve_many, approve_waiting, awaiting, refuse, reopen
from usecases.caller import Caller, Duty
from usecases.composing import doubts_of
from usecases.context import AppContext
from usecases.queue import queue, queue_totals
from usecases.review import (
    Assignment,
    finish_review,
    save_decision,
    settle,
    undo_decisions,
)
from usecases.rooms import Rooms
from usecases.steps import decide
from usecases.withdrawal import withdraw
from usecases.workspace import Workspace, load_manifest

CODE = "H17-261123-0001"
AN, BINH = person("user:an", Duty.clerk), person("user:binh", Duty.signer)
ELSEWHERE = person("user:chi", Duty.clerk, Duty.signer, of=frozenset({"dat-dai"}))
READER = person("user:dung", Duty.reader)


def manifest(digest: str, *, sure: bool = False) -> Manifest:
    status = FieldStatus.accepted if sure else FieldStatus.review
    problem = None if sure else "reading.page_timeout"
    page = PageReport(
        number=1, width=595, height=842, dpi=300, rotation=0, skew=0, blank=False, words=9,
        confidence=0.9, problem=problem,
    )  # fmt: skip
    return Manifest(
        source=Source(name="a.pdf", sha256=digest, bytes=1, media_type="application/pdf"),
        document_type="ct01",
        form_version="66/2023",
        legal_basis=None,
        pages=(page,),
        fields={
            "full_name": Field(value="Nguyễn Thị Mẫu", confidence=0.4, status=status),
            "phone": Field(value=None, status=status),
            "dob": Field(value="1990-01-02", confidence=0.99, status=FieldStatus.accepted),
        },
    )


class Case:
    """A dossier of one component and one result, both digitised."""

    def __init__(self, folder: Path, *, sure: bool = False, approval: ApprovalOptions) -> None:
        self.ledger = Ledger.open(f"sqlite:///{folder}/ledger.sqlite")
        self.work = folder / "work"
        self.approval = approval
        files = tuple(
            NewFile(relative=f"{n}.pdf", name="a.pdf", role=role, sha256=f"{n:064x}", bytes=1)
            for n, role in enumerate(Role, start=1)
        )
        claim = NewClaim(
            claim_id="c1", department="mot-cua", code=CODE, folder=CODE, files=files, actor="test"
        )
        for document in self.ledger.register(claim).documents:
            made = manifest(document.source_sha256, sure=sure)
            content = Workspace(self.work / str(document.id)).keep_manifest(made)
            self.ledger.advance(
                document.id, Stage.received, Stage.digitised, actor="test", manifest=content,
                pdfa_sha256="a" * 64, document_type="ct01",
            )  # fmt: skip

    @property
    def office(self) -> AppContext:
        pool = cast(ReaderPool, SimpleNamespace(options=SimpleNamespace(pass_unseen=())))
        nothing = cast(Any, None)
        return AppContext(
            self.ledger, nothing, nothing, pool, nothing, self.work, approval=self.approval
        )

    @property
    def dossier(self) -> Dossier:
        found = self.ledger.dossier(CODE)
        assert found is not None
        return found

    @property
    def documents(self) -> list[Document]:
        return self.ledger.documents(self.dossier.id)

    @property
    def stages(self) -> list[Stage]:
        return [one.stage for one in self.documents]

    def say(
        self, path: str, kind: DecisionKind, value: str | None = None, by: Caller = AN, **more: Any
    ) -> int:
        new = NewDecision(path=path, kind=kind, value=value, **more)
        document = self.documents[0]
        seen = document.reading_sha256 or ""
        return save_decision(by, self.ledger, self.work, document.id, new, seen=seen).id

    def finish(self, by: Caller = AN, **more: Any) -> Document:
        document = self.documents[0]
        return finish_review(
            by, self.ledger, self.work, document.id, seen=document.manifest_sha256 or "", **more
        )

    def fields(self) -> dict[str, Field]:
        document = self.documents[0]
        workspace = Workspace(self.work / str(document.id))
        return dict(load_manifest(workspace, document, self.ledger).walk())

    def publish(self) -> None:
        """Both documents, past the store."""
        settle(person(), self.ledger, self.work, self.dossier, (), accept=True)
        approve_waiting(BINH, self.ledger, self.dossier)
        for expect, to in (
            (Stage.ready_to_sign, Stage.signed),
            (Stage.signed, Stage.stored),
            (Stage.stored, Stage.published),
        ):
            for document in self.documents:
                signed = "b" * 64 if to is Stage.signed else None
                self.ledger.advance(document.id, expect, to, actor="test", signed_sha256=signed)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Case]]:
    made: list[Case] = []

    def one(**more: Any) -> Case:
        made.append(Case(tmp_path, **{"approval": ApprovalOptions(), **more}))
        return made[-1]

    yield one
    for case in made:
        assert case.ledger.examine() == ()
        log = "".join(event.model_dump_json() for event in case.ledger.events())
        assert "Mẫu" not in log and "0905000000" not in log
        case.ledger.close()


@pytest.fixture
async def one(make: Callable[..., Case]) -> Case:
    case = make()
    await decide(case.office, case.dossier)
    assert case.stages == [Stage.in_review] * 2
    return case


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Conflict, InputRejected, NotFound, NotAllowed)) as error:
        act()
    return error.value.code


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        (ApprovalOptions(), [Stage.ready_to_sign, Stage.awaiting_approval]),
        (ApprovalOptions(results=ApprovalRule.none), [Stage.ready_to_sign] * 2),
        (ApprovalOptions(components=ApprovalRule.four_eyes), [Stage.awaiting_approval] * 2),
    ],
)
async def test_who_approves_what_is_a_setting(
    make: Callable[..., Case], approval: ApprovalOptions, expected: list[Stage]
) -> None:
    case = make(sure=True, approval=approval)
    await decide(case.office, case.dossier)
    assert case.stages == expected
    await decide(case.office, case.dossier)
    assert case.stages == expected


async def test_decisions_one_by_one_become_the_manifest(one: Case) -> None:
    assert one.documents[0].doubts == len(doubts_of(manifest("x"))) == 3
    one.say("full_name", DecisionKind.value, "Trần Văn Thử")
    assert refused(one.finish) == "flow.still_doubtful"
    one.say("phone", DecisionKind.unreadable)
    one.say("pages.1", DecisionKind.seen)
    assert one.fields()["full_name"].value == "Nguyễn Thị Mẫu", "the reading stays until the end"
    assert one.finish().stage is Stage.ready_to_sign
    done = one.fields()
    assert done["full_name"].value == "Trần Văn Thử"
    assert (done["phone"].status, done["phone"].checks[-1].name) == (
        FieldStatus.missing, "readable",
    )  # fmt: skip
    assert done["dob"].readers == ()


async def test_what_stands_already_counts_with_the_commands_words(one: Case) -> None:
    one.say("full_name", DecisionKind.value, "Trần Văn Thử")
    words = [Assignment(1, "phone", "0905000000")]
    settle(person(), one.ledger, one.work, one.dossier, words, accept=True)
    assert one.stages == [Stage.ready_to_sign, Stage.awaiting_approval]
    assert one.fields()["full_name"].value == "Trần Văn Thử"
    made = one.ledger.decisions(one.documents[0].id)
    assert {(each.path, each.kind, each.made_by) for each in made} == {
        ("full_name", DecisionKind.value, "user:an"),
        ("phone", DecisionKind.value, "cli:test"),
        ("pages.1", DecisionKind.seen, "cli:test"),
    }


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ("no_such", DecisionKind.value, "x"),
        ("pages.9", DecisionKind.seen, None),
        ("full_name", DecisionKind.seen, None),
        ("full_name", DecisionKind.value, None),
        ("full_name", DecisionKind.missing, "x"),
        ("parts", DecisionKind.together, None),
        ("fields.unknown_type", DecisionKind.seen, None),
    ],
)
async def test_what_is_no_decision_on_this_reading(
    one: Case, path: str, kind: DecisionKind, value: str | None
) -> None:
    assert refused(lambda: one.say(path, kind, value)) == "flow.unknown_field"
    assert one.ledger.decisions(one.documents[0].id) == []


async def test_a_value_that_cannot_be_is_refused_at_once(one: Case) -> None:
    assert refused(lambda: one.say("dob", DecisionKind.value, "31/02/1990")) == "flow.invalid_value"


async def test_sent_again_after_the_document_went_on(one: Case) -> None:
    first = one.say("full_name", DecisionKind.value, "Trần Văn Thử", key="k1")
    one.finish(accept=True)
    assert one.say("full_name", DecisionKind.value, "Trần Văn Thử", key="k1") == first
    late = refused(lambda: one.say("full_name", DecisionKind.value, "Lê Thử", replaces=first))
    assert late == "storing.decided_before"


async def test_undone_and_finished_again(one: Case) -> None:
    made = one.say("full_name", DecisionKind.value, "Trần Văn Thử")
    rule = ApprovalOptions(components=ApprovalRule.one)
    assert one.finish(accept=True, approval=rule).stage is Stage.awaiting_approval
    undo_decisions(AN, one.ledger, one.documents[0].id, [made])
    assert one.stages[0] is Stage.in_review
    assert refused(one.finish) == "flow.still_doubtful"
    one.say("full_name", DecisionKind.confirmed)
    one.finish(approval=rule)
    assert one.fields()["full_name"].value == "Nguyễn Thị Mẫu"


async def test_a_signer_approves_or_sends_back(one: Case) -> None:
    settle(person(), one.ledger, one.work, one.dossier, (), accept=True)
    assert refused(lambda: approve_waiting(BINH, one.ledger, one.dossier, 1)) == "flow.not_awaiting"
    (back,) = refuse(BINH, one.ledger, one.dossier, 2, "dấu mờ")
    assert (back.number, back.stage) == (2, Stage.in_review)
    settle(person(), one.ledger, one.work, one.dossier, (), accept=True)
    (waiting,) = awaiting(one.ledger, one.dossier)
    seen = waiting.manifest_sha256 or ""
    assert approve(BINH, one.ledger, waiting.id, seen=seen).stage is Stage.ready_to_sign
    assert reopen(AN, one.ledger, one.dossier, 2, "nhầm tên").stage is Stage.in_review


async def test_many_are_approved_with_one_word_each_for_itself(make: Callable[..., Case]) -> None:
    case = make(sure=True, approval=ApprovalOptions(components=ApprovalRule.one))
    await decide(case.office, case.dossier)
    first, second = case.documents
    chosen = {first.id: first.manifest_sha256 or "", 99: "x", second.id: "x"}
    told = approve_many(BINH, case.ledger, chosen, options=case.approval)
    assert [one.stage for one in told] == [Stage.ready_to_sign, None, None]
    assert [one.error.code for one in told if one.error] == [
        "storing.no_document", "storing.decided_before",
    ]  # fmt: skip
    chosen[second.id] = second.manifest_sha256 or ""
    again = approve_many(BINH, case.ledger, chosen, options=case.approval)
    assert [one.stage for one in again] == [Stage.ready_to_sign, None, Stage.ready_to_sign]
    assert len(case.ledger.approvals(first.id)) == 1
    assert refused(lambda: approve_many(AN, case.ledger, {})) == "usecase.not_allowed"


async def test_each_does_what_they_may_where_they_may(one: Case) -> None:
    document = one.documents[0]
    new = NewDecision(path="phone", kind=DecisionKind.missing)
    seen = document.manifest_sha256 or ""

    def save(by: Caller) -> object:
        return save_decision(by, one.ledger, one.work, document.id, new, seen=seen)

    assert refused(lambda: save(READER)) == "usecase.not_allowed"
    assert refused(lambda: save(ELSEWHERE)) == "storing.no_document"
    settle(person(), one.ledger, one.work, one.dossier, (), accept=True)
    waiting = awaiting(one.ledger, one.dossier)[0]
    acts: list[tuple[Callable[[Caller], object], str]] = [
        (lambda by: approve(by, one.ledger, waiting.id, seen="x"), "storing.no_document"),
        (lambda by: approve_waiting(by, one.ledger, one.dossier), "cli.no_dossier"),
        (lambda by: refuse(by, one.ledger, one.dossier, None, "x"), "cli.no_dossier"),
        (lambda by: reopen(by, one.ledger, one.dossier, 1, "x"), "cli.no_dossier"),
        (lambda by: undo_decisions(by, one.ledger, document.id, [1]), "storing.no_document"),
        (
            lambda by: settle(by, one.ledger, one.work, one.dossier, (), accept=True),
            "cli.no_dossier",
        ),
        (lambda by: withdraw(by, cast(Any, one), one.dossier, document, "x"), "cli.no_dossier"),
    ]
    for act, what in acts:
        assert refused(lambda act=act: act(READER)) == "usecase.not_allowed"
        assert refused(lambda act=act: act(ELSEWHERE)) == what
    assert refused(lambda: approve_waiting(AN, one.ledger, one.dossier)) == "usecase.not_allowed"
    assert refused(lambda: queue(READER, one.ledger, Stage.in_review)) == "usecase.not_allowed"
    assert queue(ELSEWHERE, one.ledger, Stage.awaiting_approval).entries == ()
    assert queue_totals(ELSEWHERE, one.ledger, Stage.awaiting_approval).documents == 0
    (entry,) = queue(BINH, one.ledger, Stage.awaiting_approval).entries
    assert (entry.role, entry.dossier, entry.decided) == (Role.result, CODE, 3)


async def test_the_due_date_follows_from_the_papers(one: Case) -> None:
    dossier = one.dossier
    assert dossier.procedures == ("1.004222", "1.004194")
    assert dossier.due_at is not None and dossier.due_at > dossier.created_at


async def test_withdrawn_the_index_says_so(one: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    one.publish()
    written: list[str] = []

    def put_index(ledger: Ledger, _objects: Any, _work: Path, dossier: Dossier) -> None:
        from usecases.dossiers import called
        from usecases.find import index_of

        proven = ledger.prove(dossier.id)
        named = {
            each.id: called(ledger, each.superseded_by)
            for each in proven.documents
            if each.superseded_by
        }
        written.append(index_of(proven, named).model_dump_json())

    monkeypatch.setattr("usecases.withdrawal.put_index", put_index)
    old, new = one.documents
    nothing = cast(Any, None)
    rooms = Rooms(ledger=one.ledger, work=one.work, objects=lambda: nothing)
    done = withdraw(BINH, rooms, one.dossier, old, "sai họ tên", by=new)
    assert done.stage is Stage.withdrawn
    first, second = json.loads(written[-1])["documents"]
    assert first["withdrawn"]["superseded_by"] == f"{CODE}/result-002"
    assert second["withdrawn"] is None
    withdraw(BINH, rooms, one.dossier, done, "sai họ tên", by=new)
    assert len(written) == 2, "written again where it may have failed"
    assert "họ tên" not in "".join(event.model_dump_json() for event in one.ledger.events())
