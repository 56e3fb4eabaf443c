"""Indicators of a period and the office at work, of an office whose every dossier is known."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk_office import Clock
from desk_papers import awaiting, entered, failed

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import NotFound, SohoaError
from schemas.report import Span
from storage import Ledger
from usecases import operating, report
from usecases.approval import approve
from usecases.caller import SERVICE, Caller, Duty
from usecases.rooms import Rooms
from usecases.workspace import Workspace

HERE, ELSEWHERE = "mot-cua", "thue"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
VAN = Caller("user:van", frozenset({Duty.operator}), frozenset({HERE}))
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
"""Midday in Vietnam."""


class Turned(Clock):
    """Stands still until it is turned."""

    def __call__(self) -> datetime:
        return NOON + self.ahead

    def after(self, **more: float) -> None:
        self.ahead += timedelta(**more)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def rooms(tmp_path: Path, clock: Turned) -> Iterator[Rooms]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock) as ledger:
        ledger.add_department(Department(id=ELSEWHERE, name="Thuế"), "test")
        nothing: Any = None
        yield Rooms(ledger=ledger, work=tmp_path / "work", objects=nothing, clock=clock)


def published(rooms: Rooms, clock: Turned, code: str, department: str, **how: Any) -> int:
    """A result, published an hour after it was approved; the id of its dossier."""
    document = awaiting(rooms, code, department, **how)
    clock.after(minutes=30)
    approve(SERVICE, rooms.ledger, document.id, seen=document.manifest_sha256 or "")
    clock.after(minutes=60)
    for before, now in (
        (Stage.ready_to_sign, Stage.signed),
        (Stage.signed, Stage.stored),
        (Stage.stored, Stage.published),
    ):
        signed = {"signed_sha256": "c" * 64} if now is Stage.signed else {}
        rooms.ledger.advance(document.id, before, now, actor="test", **signed)
    return document.dossier_id


def test_every_dossier_counts_where_it_belongs(rooms: Rooms, clock: Turned) -> None:
    began = clock()
    in_time = published(rooms, clock, "H17-261120-0001", HERE)
    too_late = published(rooms, clock, "H17-261120-0002", HERE, typed="Nguyễn Thị Mậu")
    waits = awaiting(rooms, "H17-261120-0003", HERE).dossier_id
    paper = entered(rooms.ledger, "H17-261120-0004", ELSEWHERE, Role.component)
    rooms.ledger.advance(
        paper.id, Stage.received, Stage.digitised, actor="test", document_type="ct01",
        manifest_sha256="a" * 64, pdfa_sha256="b" * 64, pages=1,
    )  # fmt: skip
    rooms.ledger.advance(paper.id, Stage.digitised, Stage.ready_to_sign, actor="t", doubts=0)
    rooms.ledger.advance(
        paper.id, Stage.ready_to_sign, Stage.signed, actor="t", signed_sha256="d" * 64
    )
    entered(rooms.ledger, "H17-261120-0005", ELSEWHERE, Role.component)
    for dossier, hours in ((in_time, 100), (too_late, 0.1), (waits, 0.1)):
        due = began + timedelta(hours=hours)
        rooms.ledger.set_due(dossier, ["1.001193"], due, "test")
    clock.after(hours=1)
    found = report.report(SERVICE, rooms, ZONE)
    assert (found.since, found.until) == (date(2026, 11, 1), date(2026, 11, 20))
    here, elsewhere = found.lines
    assert (here.department, here.received, here.digitised, here.results) == (HERE, 3, 0, 3)
    assert (here.results_signed, here.due, here.on_time, here.late) == (2, 3, 1, 2)
    assert here.on_time_share == pytest.approx(1 / 3)
    assert (elsewhere.received, elsewhere.digitised, elsewhere.components_signed) == (2, 1, 1)
    assert (elsewhere.results, elsewhere.results_signed_share, elsewhere.due) == (0, None, 0)
    assert (found.total.received, found.total.components_signed, found.every) == (5, 1, 1)
    assert here.time(Span.approval).minutes == 30
    assert here.time(Span.signing).minutes == 60
    assert here.time(Span.reading).documents == 3
    assert elsewhere.time(Span.review).minutes is None
    assert (elsewhere.documents, elsewhere.without_person, elsewhere.accepted_share) == (1, 1, 1.0)
    (name,) = [one for one in found.corrected if one.corrected]
    assert (name.field, name.name, name.asked) == ("full_name", "Họ, chữ đệm, tên", 1)
    assert name.type_name == "Giấy khai sinh"


def test_days_begin_where_the_office_is(rooms: Rooms, clock: Turned) -> None:
    clock.ahead = datetime(2026, 11, 20, 16, 59, tzinfo=UTC) - NOON  # 23:59 of the 20th
    entered(rooms.ledger, "H17-261120-0001", HERE)
    clock.after(minutes=2)  # 0:01 of the 21st
    entered(rooms.ledger, "H17-261120-0002", HERE)

    def received(since: int, until: int) -> int:
        days = {"since": date(2026, 11, since), "until": date(2026, 11, until)}
        return report.report(SERVICE, rooms, ZONE, **days).total.received

    assert [received(20, 20), received(21, 21), received(20, 21), received(1, 19)] == [1, 1, 2, 0]
    with pytest.raises(SohoaError) as error:
        received(21, 20)
    assert error.value.code == "usecase.bad_period"


def test_nobody_sees_another_departments_figures(rooms: Rooms) -> None:
    entered(rooms.ledger, "H17-261120-0001", HERE)
    entered(rooms.ledger, "H17-261120-0002", ELSEWHERE)
    mine = report.report(VAN, rooms, ZONE)
    assert [one.department for one in mine.lines] == [HERE]
    assert [one.id for one in mine.units] == [HERE]
    assert mine.total.received == 1
    for department in (ELSEWHERE, "không có"):
        with pytest.raises(NotFound):
            report.report(VAN, rooms, ZONE, department=department)
    one = report.report(SERVICE, rooms, ZONE, department="Thuế")
    assert [line.department for line in one.lines] == [ELSEWHERE]


def test_a_spreadsheet_has_the_same_figures(rooms: Rooms, clock: Turned) -> None:
    published(rooms, clock, "H17-261120-0001", HERE)
    found = report.report(SERVICE, rooms, ZONE)
    rows = list(csv.DictReader(io.StringIO(report.as_csv(found))))
    assert [row["department"] for row in rows] == [HERE, "*"]
    assert (rows[0]["received"], rows[0]["results_signed_share"]) == ("1", "1.0000")
    assert rows[0]["approval_minutes"] == "30.0000"
    assert rows[0]["on_time_share"] == "", "nothing is due"


def test_of_very_many_dossiers_some_are_looked_at(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        entered(rooms.ledger, f"H17-261120-{number:04d}", HERE)
    monkeypatch.setattr(report, "LOOKED_AT", 10)
    found = report.report(SERVICE, rooms, ZONE)
    assert (found.total.received, found.every) == (30, 3)


def test_an_operator_sees_what_goes_on(rooms: Rooms, clock: Turned) -> None:
    published(rooms, clock, "H17-261120-0001", HERE)
    clock.after(hours=2)
    long = entered(rooms.ledger, "H17-261120-0002", HERE, Role.component)
    assert rooms.ledger.lease(long.dossier_id, "watcher", 600, clock())
    workspace = Workspace(rooms.work / str(long.id))
    workspace.folder.mkdir(parents=True)
    workspace.note(37, 212)
    entered(rooms.ledger, "H17-261120-0003", ELSEWHERE)
    awaiting(rooms, "H17-261120-0004", HERE)
    view = operating.operating(VAN, rooms)
    (now,) = view.in_hand
    assert (now.dossier, now.stage, now.reading and now.reading.read) == (
        "H17-261120-0002", Stage.received, 37,
    )  # fmt: skip
    assert {stage: count for stage, (count, _) in view.by_stage.items()} == {
        Stage.received: 1, Stage.awaiting_approval: 1,
    }  # fmt: skip
    assert len(view.hours) == 24
    assert sum(one.published for one in view.hours) == 1
    last = view.hours[-1]
    assert (last.since, last.received, last.digitised) == (
        clock().replace(minute=0), 2, 1,
    )  # fmt: skip
    clock.after(hours=30)
    assert sum(one.received for one in operating.operating(VAN, rooms).hours) == 0


def test_failures_are_told_by_their_sentence_and_retried_together(rooms: Rooms) -> None:
    for number in range(3):
        failed(rooms, f"H17-261120-000{number}", HERE)
    failed(rooms, "H17-261120-0007", HERE, "flow.source_damaged")
    failed(rooms, "H17-261120-0009", ELSEWHERE)
    full, damaged = operating.operating(VAN, rooms).failures
    assert (full.code, full.documents, len(full.papers)) == ("flow.no_room", 3, 3)
    assert full.sentence.startswith("Không ghi được tệp (ENOSPC).")
    assert damaged.documents == 1
    told = operating.retry_group(VAN, rooms, "flow.no_room")
    assert sorted(told.retried) == [f"H17-261120-000{number}/1" for number in range(3)]
    left = operating.operating(SERVICE, rooms).failures
    assert {one.code: one.documents for one in left} == {
        "flow.no_room": 1, "flow.source_damaged": 1,
    }  # fmt: skip
    with pytest.raises(NotFound):
        operating.retry_group(VAN, rooms, "flow.no_room")
    with pytest.raises(NotFound):
        operating.retry_group(VAN, rooms, "no.such")


def test_a_sentence_leaves_open_what_differs(rooms: Rooms) -> None:
    for number, error in enumerate(("ENOSPC", "EROFS")):
        document = entered(rooms.ledger, f"H17-261120-000{number}", HERE)
        rooms.ledger.fail(document.id, "flow.no_room", {"error": error}, "test")
    (group,) = operating.operating(VAN, rooms).failures
    assert group.documents == 2
    assert group.sentence.startswith("Không ghi được tệp (…).")
