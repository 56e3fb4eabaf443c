"""Decisions, approvals, reasons, withdrawn documents, due dates, queues: rows proven by events."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from ledger_steps import CODE, NOW, a_claim, a_file, bring_to, register, sha

from schemas.dossier import Role, Stage
from schemas.errors import Conflict, InputRejected, NotFound, NotTrusted
from schemas.work import ApprovalRule, DecisionKind
from storage import Decision, Document, Ledger, NewDecision, QueueFilter, Settlement

FORGES = True  # one test does; the others say that they do not
NAME = "Nguyễn Thị Mẫu"
WHY = "con dấu của bà Mẫu bị mờ"


@pytest.fixture(autouse=True)
def proven(ledger: Ledger, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "execute" not in request.fixturenames:
        assert ledger.examine() == ()
    log = "".join(one.model_dump_json() for one in ledger.events())
    assert NAME not in log and "Mẫu" not in log, "a person's words are in no event"


def in_review(ledger: Ledger, claim: str = "c1", doubts: int = 2, **more: object) -> Document:
    (document,) = register(ledger, claim, claim, **more).documents
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="flow",
        manifest=claim.encode(), pdfa_sha256=sha("p"), document_type="ct01",
    )  # fmt: skip
    return ledger.advance(
        document.id, Stage.digitised, Stage.in_review, actor="flow", doubts=doubts
    )


def said(path: str = "full_name", value: str = NAME, **more: object) -> NewDecision:
    return NewDecision(path=path, kind=DecisionKind.value, value=value, **more)


def decide(ledger: Ledger, document: Document, *new: NewDecision, by: str = "an") -> Decision:
    seen = ledger.document(document.id).manifest_sha256 or ""
    return ledger.decide(document.id, new, by, based_on=seen)[-1]


def finish(
    ledger: Ledger, document: Document, by: str = "an", to: Stage = Stage.awaiting_approval
) -> Document:
    now = ledger.document(document.id)
    (done,) = ledger.settle_all(
        [
            Settlement(
                document_id=now.id, to=to, manifest=b"reviewed",
                based_on=now.manifest_sha256 or "",
                standing=tuple(one.id for one in ledger.standing_decisions(now)),
            )
        ],
        by,
    )  # fmt: skip
    return done


def approve(
    ledger: Ledger, document: Document, by: str, rule: ApprovalRule = ApprovalRule.one
) -> Document:
    seen = ledger.document(document.id).manifest_sha256 or ""
    return ledger.approve(document.id, by, manifest_sha256=seen, rule=rule)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Conflict, InputRejected, NotFound)) as error:
        act()
    return error.value.code


def kinds(ledger: Ledger, document: Document) -> list[str]:
    return [one.kind for one in ledger.events() if one.document_id == document.id]


def test_a_decision_is_kept_once(ledger: Ledger) -> None:
    document = in_review(ledger)
    new = said()
    first = decide(ledger, document, new)
    assert (first.value, first.made_by, first.manifest_sha256) == (
        NAME, "an", document.manifest_sha256,
    )  # fmt: skip
    count = len(ledger.events())
    assert decide(ledger, document, new) == first, "sent again"
    assert decide(ledger, document, said(), by="binh") == first, "the same word of another"
    assert len(ledger.events()) == count
    assert ledger.decisions(document.id) == [first]


def test_nobody_overwrites_what_they_did_not_see(ledger: Ledger) -> None:
    document = in_review(ledger)
    first = decide(ledger, document, said())
    other = said(value="Nguyễn Thị Mậu")
    assert refused(lambda: decide(ledger, document, other, by="binh")) == "storing.field_decided"
    better = decide(ledger, document, said(value="Nguyễn Thị Mậu", replaces=first.id), by="binh")
    assert [one.undone_by for one in ledger.decisions(document.id)] == ["binh", None]
    assert ledger.standing_decisions(ledger.document(document.id)) == [better]
    again = said(value="x", replaces=first.id)
    assert refused(lambda: decide(ledger, document, again)) == "storing.field_decided"


def test_all_or_none(ledger: Ledger) -> None:
    document = in_review(ledger)
    decide(ledger, document, said("dob", "1990-01-02"))
    both = (said(), said("dob", "1990-02-01"))
    assert refused(lambda: decide(ledger, document, *both)) == "storing.field_decided"
    assert [one.path for one in ledger.decisions(document.id)] == ["dob"]


def test_a_decision_is_undone_until_approval(ledger: Ledger) -> None:
    document = in_review(ledger)
    first = decide(ledger, document, said())
    (undone,) = ledger.undo(document.id, [first.id], "binh")
    assert undone.undone_by == "binh"
    assert ledger.undo(document.id, [first.id], "an") == [undone]
    assert decide(ledger, document, said(key=first.key)).id == first.id, "sent late: stays undone"
    second = decide(ledger, document, said())
    assert second.id != first.id
    assert finish(ledger, document).stage is Stage.awaiting_approval
    ledger.undo(document.id, [second.id], "an")
    now = ledger.document(document.id)
    assert (now.stage, now.manifest_sha256) == (Stage.in_review, document.manifest_sha256)
    third = decide(ledger, document, said())
    finish(ledger, document)
    approve(ledger, document, "chi", ApprovalRule.four_eyes)
    assert refused(lambda: ledger.undo(document.id, [third.id], "an")) == "storing.approved_already"
    assert refused(lambda: ledger.undo(document.id, [99], "an")) == "storing.no_decision"


def test_a_manifest_without_a_decision_made_meanwhile_does_not_count(ledger: Ledger) -> None:
    document = in_review(ledger)
    composed = Settlement(
        document_id=document.id, manifest=b"x", based_on=document.manifest_sha256 or "", standing=()
    )
    decide(ledger, document, said(), by="binh")
    assert refused(lambda: ledger.settle_all([composed], "an")) == "storing.decided_before"
    finish(ledger, document, to=Stage.ready_to_sign)
    assert refused(lambda: decide(ledger, document, said("dob", "x"))) == "storing.decided_before"


def test_one_signer_is_enough_where_one_is_asked(ledger: Ledger) -> None:
    document = in_review(ledger)
    finish(ledger, document)
    assert approve(ledger, document, "an").stage is Stage.ready_to_sign
    count = len(ledger.events())
    assert approve(ledger, document, "an").stage is Stage.ready_to_sign, "again"
    assert len(ledger.events()) == count
    assert refused(lambda: approve(ledger, document, "binh")) == "storing.decided_before"
    assert [one.made_by for one in ledger.approvals(document.id)] == ["an"]


def test_four_eyes_are_two_people_who_did_not_review(ledger: Ledger) -> None:
    rule = ApprovalRule.four_eyes
    document = in_review(ledger)
    decide(ledger, document, said(), by="an")
    finish(ledger, document, by="binh")
    for reviewer in ("an", "binh"):
        code = refused(lambda who=reviewer: approve(ledger, document, who, rule))
        assert code == "storing.approver_reviewed"
    assert approve(ledger, document, "chi", rule).stage is Stage.awaiting_approval
    assert approve(ledger, document, "chi", rule).stage is Stage.awaiting_approval, "one, twice"
    assert approve(ledger, document, "dung", rule).stage is Stage.ready_to_sign
    assert kinds(ledger, document)[-2:] == ["approved", "approved"]


def test_an_approval_names_what_was_seen(ledger: Ledger) -> None:
    document = in_review(ledger)
    finish(ledger, document)
    old = document.manifest_sha256 or ""
    code = refused(
        lambda: ledger.approve(document.id, "an", manifest_sha256=old, rule=ApprovalRule.one)
    )
    assert code == "storing.decided_before"


def test_refused_and_reopened_goes_back_with_its_decisions(ledger: Ledger) -> None:
    rule = ApprovalRule.four_eyes
    document = in_review(ledger)
    made = decide(ledger, document, said())
    finish(ledger, document)
    approve(ledger, document, "chi", rule)
    assert refused(lambda: ledger.refuse_approval(document.id, "  ", "dung")) == "storing.no_reason"
    back = ledger.refuse_approval(document.id, WHY, "dung")
    assert (back.stage, back.manifest_sha256) == (Stage.in_review, document.manifest_sha256)
    assert ledger.standing_decisions(back) == [made]
    finish(ledger, document)
    assert approve(ledger, document, "dung", rule).stage is Stage.awaiting_approval, "chi's is void"
    assert approve(ledger, document, "chi", rule).stage is Stage.ready_to_sign
    assert ledger.reopen(document.id, WHY, "an").stage is Stage.in_review
    assert ledger.reopen(document.id, WHY, "an").stage is Stage.in_review, "nothing to do"
    assert [(one.kind, one.text) for one in ledger.reasons(document.id)] == [
        ("approval_refused", WHY), ("reopened", WHY),
    ]  # fmt: skip
    assert [one.void for one in ledger.approvals(document.id)] == [True] * 3


def test_what_is_signed_is_not_reopened(ledger: Ledger) -> None:
    document = register(ledger).documents[0]
    bring_to(ledger, document, Stage.signed)
    assert refused(lambda: ledger.reopen(document.id, WHY, "an")) == "storing.decided_before"
    with pytest.raises(Conflict):
        ledger.advance(document.id, Stage.published, Stage.withdrawn, actor="flow")


def test_only_people_end_what_waits_for_them(ledger: Ledger) -> None:
    document = in_review(ledger)
    finish(ledger, document)
    for to in (Stage.ready_to_sign, Stage.in_review):
        with pytest.raises(Conflict):
            ledger.advance(document.id, Stage.awaiting_approval, to, actor="flow")


def test_read_again_nothing_of_it_is_approved(ledger: Ledger) -> None:
    document = in_review(ledger)
    finish(ledger, document)
    now = ledger.document(document.id)
    approve(ledger, document, "chi", ApprovalRule.four_eyes)
    again = ledger.begin_again(document.id, now.manifest_sha256 or "", "flow")
    assert (again.reading_sha256, again.doubts) == (None, None)
    assert [one.void for one in ledger.approvals(document.id)] == [True]


def test_withdrawn_and_superseded(ledger: Ledger) -> None:
    first, second = register(ledger, "c1", "một", "hai").documents
    copy = register(ledger, "c2", "một", code="H17-251103-0002").documents[0]
    bring_to(ledger, first, Stage.published)
    by_second = {"superseded_by": second.id}
    code = refused(lambda: ledger.withdraw(first.id, WHY, "an", **by_second))
    assert code == "storing.cannot_supersede"
    code = refused(lambda: ledger.withdraw(second.id, WHY, "an"))
    assert code == "storing.not_published"
    bring_to(ledger, second, Stage.published)
    done = ledger.withdraw(first.id, WHY, "an", **by_second)
    assert (done.stage, done.superseded_by) == (Stage.withdrawn, second.id)
    count = len(ledger.events())
    assert ledger.withdraw(first.id, WHY, "an", **by_second) == done
    assert len(ledger.events()) == count
    assert ledger.document(copy.id).stage is Stage.withdrawn, "a link shows what became of it"
    assert ledger.dossier(CODE).stage is Stage.published
    assert ledger.dossier("H17-251103-0002").stage is Stage.withdrawn
    assert {one.claim_id for one in ledger.open_claims()} == {"c1", "c2"}, "they are still open"


def test_what_was_withdrawn_may_come_again(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một").documents[0]
    bring_to(ledger, first, Stage.published)
    ledger.withdraw(first.id, WHY, "an")
    again = register(ledger, "c2", "một").documents[0]
    assert (again.duplicate_of, again.stage) == (None, Stage.received)


def test_due_dates_are_proven(ledger: Ledger) -> None:
    dossier = register(ledger).dossier
    due = NOW + timedelta(days=3)
    now = ledger.set_due(dossier.id, ["1.004194", "1.004222"], due, "flow")
    assert (now.procedures, now.due_at) == (("1.004194", "1.004222"), due)
    count = len(ledger.events())
    assert ledger.set_due(dossier.id, ["1.004194", "1.004222"], due, "flow") == now
    assert len(ledger.events()) == count
    assert ledger.examine() == ()


def test_the_queue_is_due_first_then_oldest_and_stays_in_order(ledger: Ledger) -> None:
    made = [
        in_review(ledger, f"c{number}", code=f"H17-251103-{number:04d}",
                  department="mot-cua" if number % 2 else "dat-dai")
        for number in range(9)
    ]  # fmt: skip
    for number, days in ((7, 1), (4, 2), (5, 2)):
        ledger.set_due(made[number].dossier_id, ["1.004194"], NOW + timedelta(days=days), "flow")
    order = [7, 4, 5, 0, 1, 2, 3, 6, 8]
    found: list[int] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        page = ledger.queue(Stage.in_review, after=after, limit=2)
        found += [one.document_id for one in page.entries]
        if pages == 1:  # one that was shown goes on, one that will be shown, too
            finish(ledger, made[7], to=Stage.ready_to_sign)
            finish(ledger, made[2], to=Stage.ready_to_sign)
        after, pages = page.next, pages + 1
    assert found == [made[one].id for one in order if one != 2]
    mine = QueueFilter(departments=frozenset({"dat-dai"}))
    assert {one.department for one in ledger.queue(Stage.in_review, mine).entries} == {"dat-dai"}
    assert ledger.queue(Stage.in_review, QueueFilter(departments=frozenset())).entries == ()
    due = ledger.queue(Stage.in_review, QueueFilter(procedure="1.004194")).entries
    assert [one.document_id for one in due] == [made[4].id, made[5].id]
    assert ledger.queue(Stage.in_review, QueueFilter(procedure="1.00419")).entries == ()
    soon = QueueFilter(due_before=NOW + timedelta(days=9), role=Role.component)
    assert len(ledger.queue(Stage.in_review, soon).entries) == 2
    for wrong in ("", "x", "bnVsbA", "WzEsMiwzXQ"):
        with pytest.raises(InputRejected, match="list"):
            ledger.queue(Stage.in_review, after=wrong)


def test_a_failed_document_hides_no_review(ledger: Ledger) -> None:
    done = ledger.register(a_claim("c1", files=(a_file("một"), a_file("hai", name="b.pdf"))))
    bad, good = done.documents
    ledger.fail(bad.id, "flow.unexpected", {"step": "read"}, "flow")
    ledger.advance(
        good.id, Stage.received, Stage.digitised, actor="flow", manifest=b"m", pdfa_sha256=sha("p")
    )
    ledger.advance(good.id, Stage.digitised, Stage.in_review, actor="flow", doubts=3)
    assert ledger.dossier(CODE).stage is Stage.failed
    decide(ledger, good, said())
    (entry,) = ledger.queue(Stage.in_review).entries
    assert (entry.document_id, entry.doubts, entry.decided) == (good.id, 3, 1)
    totals = ledger.queue_totals(Stage.in_review)
    assert (totals.documents, totals.doubts) == (1, 2)


FORGED = {
    "a value": ("UPDATE decision SET value = 'Trần Văn Thử'", False),
    "a kind": ("UPDATE decision SET kind = 'missing'", True),
    "who decided": ("UPDATE decision SET made_by = 'binh'", True),
    "undone": ("UPDATE decision SET undone_by = 'an', undone_at = made_at", True),
    "no decision": ("DELETE FROM decision", False),
    "who approved": ("UPDATE approval SET made_by = 'binh'", True),
    "void": ("UPDATE approval SET void = {true}", True),
    "no approval": ("DELETE FROM approval", True),
    "one more approval": (
        "INSERT INTO approval (document_id, manifest_sha256, made_by, made_at, void)"
        " SELECT document_id, manifest_sha256, 'x', made_at, void FROM approval",
        True,
    ),
    "a reason": ("UPDATE reason SET text = 'khác'", False),
    "another's reason": ("UPDATE reason SET kind = 'withdrawn'", True),
    "a due date": ("UPDATE dossier SET due_at = '2020-01-01 00:00:00'", True),
    "a procedure": ("UPDATE dossier SET procedures = '1.000000'", True),
    "what was read": (f"UPDATE document SET reading_sha256 = '{sha('x')}'", True),
    "doubts": ("UPDATE document SET doubts = 0", True),
}


@pytest.mark.parametrize("what", FORGED)
@pytest.mark.parametrize("restore", [True, False])
def test_a_row_its_events_do_not_say_is_found(
    ledger: Ledger, ledger_url: str, execute: Callable[[str], object], what: str, restore: bool
) -> None:
    document = in_review(ledger)
    decide(ledger, document, said())
    finish(ledger, document)
    ledger.refuse_approval(document.id, WHY, "chi")
    finish(ledger, document, by="dung")
    approve(ledger, document, "chi")
    ledger.set_due(document.dossier_id, ["1.004194"], NOW, "flow")
    before = ledger.prove(document.dossier_id).documents
    statement, mended = FORGED[what]
    execute(statement.replace("{true}", "1" if ledger_url.startswith("sqlite") else "true"))
    with pytest.raises(NotTrusted):
        ledger.prove(document.dossier_id)
    if restore and not mended:  # a person's words are in no event: only a backup has them
        assert refused(lambda: ledger.accept("x", "op", restore=True)) == (
            "storing.row_beyond_repair"
        )
        return
    ledger.accept("đã đối chiếu", "cli:operator", restore=restore)
    assert ledger.examine() == ()
    if restore:
        assert ledger.prove(document.dossier_id).documents == before
        assert [one.made_by for one in ledger.approvals(document.id)] == ["chi"]
    baseline = [one for one in ledger.events() if one.kind == "baseline"]
    assert len(baseline) == (0 if restore else 1)
    assert json.dumps([one.data for one in baseline]).count("Thử") == 0
