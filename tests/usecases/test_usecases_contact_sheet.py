"""The contact sheet: what a signer is shown, and what becomes of their word."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_papers import CLERK, awaiting, entered

from schemas.department import Department
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, SohoaError
from schemas.work import ApprovalOptions, ApprovalRule, DecisionKind
from storage import Document, Ledger
from usecases import contact_sheet
from usecases.approval import approve
from usecases.caller import Caller, Duty
from usecases.review import finish_review
from usecases.rooms import Rooms

HERE, ELSEWHERE = "mot-cua", "thue"
BINH = Caller("user:binh", frozenset({Duty.signer}), frozenset({HERE}))
CHI = Caller("user:chi", frozenset({Duty.signer}), frozenset({HERE}))


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        ledger.add_department(Department(id=ELSEWHERE, name="Thuế"), "test")
        yield Rooms(ledger=ledger, work=tmp_path / "work", objects=lambda: Any)  # type: ignore[arg-type,return-value]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(SohoaError) as error:
        call()
    return error.value.code


def events_of(rooms: Rooms, document: Document, kind: str) -> list[dict[str, Any]]:
    found = rooms.ledger.events(document.dossier_id)
    return [one.data for one in found if one.kind == kind and one.document_id == document.id]


def test_a_sheet_shows_what_speaks_for_and_against(rooms: Rooms) -> None:
    typed = awaiting(rooms, "H17-261123-0001", HERE, pages=3, typed="Nguyễn Thị Mậu")
    without = awaiting(rooms, "H17-261123-0002", HERE, without="birth_place")
    awaiting(rooms, "H17-261123-0003", ELSEWHERE)
    entered(rooms.ledger, "H17-261123-0004", HERE)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    rooms.ledger.set_due(without.dossier_id, ["1.001193"], yesterday, "test")
    sheet = contact_sheet.contact_sheet(BINH, rooms)
    first, second = sheet.documents
    assert (sheet.total, sheet.next) == (2, None)
    assert (first.document_id, first.overdue) == (without.id, True), "due first"
    assert first.required_empty == ("Nơi sinh",)
    assert (second.document_id, second.overdue, second.due_at) == (typed.id, False, None)
    assert (second.type_name, second.pages, second.end_pages) == ("Giấy khai sinh", 3, (1, 3))
    (said,) = second.settled
    assert (said.name, said.kind) == ("Họ, chữ đệm, tên", DecisionKind.value)
    assert (said.read, said.value) == ("Nguyễn Thị Mẫu", "Nguyễn Thị Mậu")
    assert (second.approvals, second.needed, second.approved_before) == (0, 1, False)
    assert "Mậu" not in repr(sheet)


def test_a_document_is_shown_with_all_that_is_signed(rooms: Rooms) -> None:
    awaiting(rooms, "H17-261123-0001", HERE, typed="Nguyễn Thị Mậu")
    found = contact_sheet.document_to_approve(BINH, rooms, "H17-261123-0001", 1)
    fields = {one.path: one for one in found.fields}
    assert fields["full_name"].value == "Nguyễn Thị Mậu"
    assert fields["full_name"].by_hand and not fields["dob"].by_hand
    assert fields["dob"].required
    with pytest.raises(NotFound):
        contact_sheet.document_to_approve(BINH, rooms, "H17-261123-0001", 2)
    awaiting(rooms, "H17-261123-0009", ELSEWHERE)
    with pytest.raises(NotFound):
        contact_sheet.document_to_approve(BINH, rooms, "H17-261123-0009", 1)


def test_what_was_chosen_is_approved_each_for_itself(rooms: Rooms) -> None:
    one = awaiting(rooms, "H17-261123-0001", HERE, pages=3)
    other = awaiting(rooms, "H17-261123-0002", HERE)
    left = awaiting(rooms, "H17-261123-0003", HERE)
    foreign = awaiting(rooms, "H17-261123-0004", ELSEWHERE)
    empty = awaiting(rooms, "H17-261123-0005", HERE, without="birth_place")
    chosen = {each.id: each.manifest_sha256 or "" for each in (one, foreign, empty)}
    chosen |= {other.id: "0" * 64, 999: "0" * 64}
    told = contact_sheet.approve_shown(BINH, rooms, chosen, {one.id: [3, 1, 1, 0, 44]})
    by_id = {each.document_id: each for each in told}
    assert by_id[one.id].stage is Stage.ready_to_sign
    assert by_id[one.id].name == "H17-261123-0001/1"
    for refusal in (foreign.id, 999):
        assert (by_id[refusal].stage, by_id[refusal].name) == (None, None)
    assert by_id[foreign.id].sentence == by_id[999].sentence, "another's is as one that is not"
    assert "trường bắt buộc" in (by_id[empty.id].sentence or "")
    assert by_id[other.id].stage is None, "it was not what was shown"
    stages = [rooms.ledger.document(each.id).stage for each in (other, left, foreign, empty)]
    assert set(stages) == {Stage.awaiting_approval}
    (event,) = events_of(rooms, one, "approved")
    assert event["pages_seen"] == [1, 3], "of its own pages alone, each once"
    again = contact_sheet.approve_shown(BINH, rooms, {one.id: one.manifest_sha256 or ""}, {})
    assert again[0].stage is Stage.ready_to_sign
    assert len(events_of(rooms, one, "approved")) == 1
    assert rooms.ledger.examine() == ()


def test_an_empty_required_field_needs_a_reason(rooms: Rooms) -> None:
    document = awaiting(rooms, "H17-261123-0001", HERE, without="birth_place")
    seen = document.manifest_sha256 or ""

    def say(why: str) -> object:
        return contact_sheet.approve_one(BINH, rooms, "H17-261123-0001", 1, seen=seen, why=why)

    assert refused(lambda: say("")) == refused(lambda: say("  ")) == "flow.required_empty"
    assert refused(lambda: approve(BINH, rooms.ledger, document.id, seen=seen)) == (
        "flow.required_empty"
    ), "whoever asks"
    say("bản gốc không ghi nơi sinh")
    assert rooms.ledger.document(document.id).stage is Stage.ready_to_sign
    (reason,) = rooms.ledger.reasons(document.id)
    assert (reason.kind, reason.text) == ("approved", "bản gốc không ghi nơi sinh")
    (event,) = events_of(rooms, document, "approved")
    assert "nơi sinh" not in str(event), "the words stand in their row alone"
    assert rooms.ledger.examine() == ()


def test_a_reason_is_kept_only_where_one_is_needed(rooms: Rooms) -> None:
    document = awaiting(rooms, "H17-261123-0001", HERE)
    seen = document.manifest_sha256 or ""
    contact_sheet.approve_one(BINH, rooms, "H17-261123-0001", 1, seen=seen, why="không cần")
    assert rooms.ledger.reasons(document.id) == []


def test_four_eyes_see_whose_word_is_missing(rooms: Rooms, tmp_path: Path) -> None:
    strict = ApprovalOptions(results=ApprovalRule.four_eyes)
    both = Rooms(ledger=rooms.ledger, work=rooms.work, objects=rooms.objects, approval=strict)
    document = awaiting(rooms, "H17-261123-0001", HERE)
    chosen = {document.id: document.manifest_sha256 or ""}
    (told,) = contact_sheet.approve_shown(BINH, both, chosen, {})
    assert told.stage is Stage.awaiting_approval
    (mine,) = contact_sheet.contact_sheet(BINH, both).documents
    assert (mine.approvals, mine.needed, mine.approved_before) == (1, 2, True)
    (theirs,) = contact_sheet.contact_sheet(CHI, both).documents
    assert not theirs.approved_before
    (told,) = contact_sheet.approve_shown(CHI, both, chosen, {})
    assert told.stage is Stage.ready_to_sign


def test_a_refused_document_comes_back_with_its_reason(rooms: Rooms) -> None:
    document = awaiting(rooms, "H17-261123-0001", HERE)
    seen = document.manifest_sha256 or ""

    def say(reason: str, seen: str = seen) -> object:
        return contact_sheet.refuse_one(BINH, rooms, "H17-261123-0001", 1, reason, seen=seen)

    assert refused(lambda: say("")) == "storing.no_reason"
    assert refused(lambda: say("ảnh mờ", "0" * 64)) == "storing.decided_before"
    say("ảnh mờ")
    seen_again = rooms.ledger.document(document.id).manifest_sha256 or ""
    back = finish_review(CLERK, rooms.ledger, rooms.work, document.id, seen=seen_again)
    (again,) = contact_sheet.contact_sheet(BINH, rooms).documents
    assert (again.document_id, again.sent_back) == (back.id, ("ảnh mờ",))
    contact_sheet.refuse_one(
        BINH, rooms, "H17-261123-0001", 1, "vẫn mờ", seen=back.manifest_sha256 or ""
    )
    assert rooms.ledger.document(document.id).stage is Stage.in_review
    assert contact_sheet.contact_sheet(BINH, rooms).documents == ()
    with pytest.raises(Conflict):
        contact_sheet.document_to_approve(BINH, rooms, "H17-261123-0001", 1)


def test_a_sheet_goes_on_where_the_one_before_ended(rooms: Rooms) -> None:
    names = [f"H17-261123-000{number}" for number in range(1, 6)]
    for name in names:
        awaiting(rooms, name, HERE, pages=1)
    seen: list[str] = []
    after = None
    while True:
        sheet = contact_sheet.contact_sheet(BINH, rooms, after=after, limit=2)
        seen += [one.dossier for one in sheet.documents]
        after = sheet.next
        if after is None:
            break
    assert seen == names
