"""What the database counts for figures and operators, the same in SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

from desk_papers import entered

from schemas.dossier import Role, Stage
from schemas.work import DecisionKind
from storage import Indicators, Ledger, NewDecision, Period
from storage.day_counts import DayCounts

HERE = "mot-cua"
LONG = timedelta(days=1)


def in_review(ledger: Ledger, code: str, doubts: int) -> int:
    """A document with decisions on it; its id."""
    document = entered(ledger, code, HERE, Role.component)
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="t", document_type="ct01",
        manifest_sha256="a" * 64, pdfa_sha256="b" * 64, pages=1,
    )  # fmt: skip
    to = Stage.in_review if doubts else Stage.ready_to_sign
    ledger.advance(document.id, Stage.digitised, to, actor="t", doubts=doubts)
    return document.id


def test_a_period_is_counted(ledger: Ledger) -> None:
    now = datetime.now(UTC)
    surely = in_review(ledger, "H17-261120-0001", 0)
    doubted = in_review(ledger, "H17-261120-0002", 2)
    new = [
        NewDecision(path="full_name", kind=DecisionKind.value, value="Nguyễn Thị Mẫu"),
        NewDecision(path="members.0.dob", kind=DecisionKind.confirmed),
    ]
    kept = ledger.decide(doubted, new, "lan", based_on="a" * 64)
    ledger.undo(doubted, [kept[1].id], "lan")
    result = entered(ledger, "H17-261120-0003", HERE, Role.result)
    ledger.reject(result.id, "reading.empty_file", {}, "t")
    ledger.advance(surely, Stage.ready_to_sign, Stage.signed, actor="t", signed_sha256="c" * 64)
    ledger.set_due(ledger.document(surely).dossier_id, ["1.004222"], now - LONG, "t")
    period = Period(now - LONG, now + LONG)
    (found,) = ledger.indicators(period, now)
    assert (found.department, found.received, found.digitised) == (HERE, 3, 2)
    assert (found.components_signed, found.results, found.due, found.late) == (1, 0, 1, 1)
    every = ledger.some_dossiers(period, 1)
    assert len(every) == 3
    assert set(ledger.some_dossiers(period, 2)) < set(every)
    (read,) = ledger.readings(every)
    assert (read.documents, read.doubts, read.without_doubt) == (2, 2, 1)
    (said,) = ledger.decided_paths(every)
    assert (said.path, said.kind, said.decisions) == ("full_name", "value", 1), "undone: none"
    times = {one.signed is not None: one for one in ledger.document_times(every)}
    assert times[True].digitised and times[True].in_review is None
    later = Period(now + LONG, now + 2 * LONG)
    assert ledger.indicators(later, now) == []
    assert ledger.document_times([]) == []
    assert ledger.indicators(Period(now - LONG, now + LONG, {"thue"}), now) == []


def test_what_goes_on_is_counted(ledger: Ledger) -> None:
    now = datetime.now(UTC)
    hours = [now + timedelta(hours=at) for at in (-2, -1, 1)]
    assert ledger.per_hour(hours) == [], "of an empty log, too"
    first = in_review(ledger, "H17-261120-0001", 1)
    entered(ledger, "H17-261120-0002", "thue")
    counted = {(one.kind, one.since): one.documents for one in ledger.per_hour(hours)}
    assert counted["received", hours[1]] == 2
    assert counted["received", hours[0]] == 0
    mine = {one.kind: one.documents for one in ledger.per_hour(hours, {HERE}) if one.documents}
    assert mine == {"received": 1, "digitised": 1}
    assert [one.stage for one in ledger.moving_counts({HERE})] == [Stage.in_review]
    third = entered(ledger, "H17-261120-0003", HERE)
    assert ledger.in_hand(now) == []
    assert ledger.lease(third.dossier_id, "w", 600, now)
    (working,) = ledger.in_hand(now)
    assert working.document_id == third.id
    assert ledger.in_hand(now, {"thue"}) == []
    assert ledger.failed_with() == []
    ledger.fail(third.id, "flow.no_room", {"error": "ENOSPC"}, "t")
    (error,) = ledger.failed_with({HERE})
    assert (error.error_params, error.documents) == ({"error": "ENOSPC"}, 1)
    (paper,) = ledger.failed_documents(error_code="flow.no_room")
    assert (paper.dossier, paper.failed_from) == ("H17-261120-0003", Stage.received)
    assert ledger.failed_documents({"thue"}) == []
    assert ledger.document(first).stage is Stage.in_review


def test_a_day_is_counted_again_where_something_happened(ledger: Ledger) -> None:
    """Another ledger object counts everything anew: both must say the same after every step."""
    now = datetime.now(UTC)
    period = Period(now - 400 * LONG, now + 2 * LONG)

    def same(at: datetime = now) -> list[Indicators]:
        found = ledger.indicators(period, at)
        with ledger._database.read() as connection:
            assert found == DayCounts().indicators(connection, period, at)
        return found

    first = in_review(ledger, "H17-261120-0001", 0)
    assert [one.received for one in same()] == [1]
    in_review(ledger, "H17-261120-0002", 2)
    assert [one.received for one in same()] == [2]
    ledger.advance(first, Stage.ready_to_sign, Stage.signed, actor="t", signed_sha256="c" * 64)
    assert [one.components_signed for one in same()] == [1]
    ledger.set_due(ledger.document(first).dossier_id, ["1.004222"], now + LONG, "t")
    assert [(one.due, one.late) for one in same()] == [(1, 0)]
    assert [one.late for one in same(now + 2 * LONG)] == [1], "late by the clock alone"
