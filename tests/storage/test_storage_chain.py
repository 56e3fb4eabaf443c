"""The event log: append-only in the database, and whoever gets around that is found out."""

import sqlite3
from collections.abc import Callable

import psycopg
import pytest
from ledger_steps import bring_to, register, sha

from schemas.dossier import Stage
from storage import Ledger

Execute = Callable[[str], None]
FORGES = True


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    """A ledger with two dossiers' events."""
    for claim_id, code in (("c1", "H17-251103-0001"), ("c2", "H17-251103-0002")):
        done = register(ledger, claim_id, claim_id, code=code)
        bring_to(ledger, done.documents[0], Stage.published)
    assert ledger.verify_chain().intact
    return ledger


@pytest.fixture
def forge(busy: Ledger, execute: Execute, ledger_url: str) -> Execute:
    """Statements after the triggers were taken away."""
    if ledger_url.startswith("sqlite"):
        for trigger in ("event_no_update", "event_no_delete", "event_in_order"):
            execute(f"DROP TRIGGER {trigger}")
        execute("PRAGMA foreign_keys=OFF")
    else:
        execute("ALTER TABLE event DISABLE TRIGGER ALL")
    return execute


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'nobody' WHERE seq = 4",
        "DELETE FROM event WHERE seq = 4",
        "DELETE FROM event",
        "TRUNCATE event",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 4",
        "INSERT INTO event SELECT * FROM event WHERE seq = 4 ON CONFLICT (seq) DO UPDATE"
        " SET actor = 'nobody'",
    ],
)
def test_the_database_refuses_changes(busy: Ledger, execute: Execute, statement: str) -> None:
    before = busy.events()
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        execute(statement)
    assert busy.events() == before
    assert busy.verify_chain().intact


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "kind = 'stored'",
        "at = '2020-01-01 00:00:00.000000'",
        "dossier_id = 2",
        "dossier_id = NULL",
        "document_id = 2",
        f"hash_before = '{sha('x')}'",
        f"hash_after = '{sha('x')}'",
        "hash_after = NULL",
        """data = '{"from":"signed"}'""",
        """data = 'no json'""",
        f"prev_hash = '{sha('x')}'",
        f"hash = '{sha('x')}'",
    ],
)
def test_a_changed_event_is_found(busy: Ledger, forge: Execute, change: str) -> None:
    count = len(busy.events())
    forge(f"UPDATE event SET {change} WHERE seq = 5")
    report = busy.verify_chain()
    assert (report.intact, report.events, report.first_broken_seq) == (False, count, 5)


def test_a_forged_value_of_another_type_is_found_or_refused(
    busy: Ledger, forge: Execute, ledger_url: str
) -> None:
    statement = "UPDATE event SET at = 'somewhen' WHERE seq = 5"
    if ledger_url.startswith("sqlite"):
        forge(statement)
        assert busy.verify_chain().first_broken_seq == 5
    else:  # PostgreSQL keeps types apart itself
        with pytest.raises(psycopg.errors.InvalidDatetimeFormat):
            forge(statement)
        assert busy.verify_chain().intact


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["DELETE FROM event WHERE seq = 5"], 5),
        (["DELETE FROM event WHERE seq = 1"], 1),
        (["DELETE FROM event WHERE seq >= 5"], 5),
        (["DELETE FROM event"], 1),
        (
            [
                "UPDATE event SET seq = 900 WHERE seq = 5",
                "UPDATE event SET seq = 5 WHERE seq = 6",
                "UPDATE event SET seq = 6 WHERE seq = 900",
            ],
            5,
        ),
        (["DELETE FROM event WHERE seq = 5", "UPDATE event SET seq = seq - 1 WHERE seq > 5"], 5),
        (["UPDATE chain_head SET seq = seq - 1"], None),
        (["DELETE FROM chain_head"], None),
    ],
)
def test_missing_and_moved_events_are_found(
    busy: Ledger, forge: Execute, statements: list[str], broken: int | None
) -> None:
    for statement in statements:
        forge(statement)
    report = busy.verify_chain()
    assert not report.intact
    if broken is not None:
        assert report.first_broken_seq == broken


def test_an_event_added_past_the_ledger_is_found(busy: Ledger, forge: Execute) -> None:
    count = len(busy.events())
    forge(
        "INSERT INTO event SELECT seq + 1, at, actor, kind, dossier_id, document_id,"
        " hash_before, hash_after, data, hash, hash FROM event"
        f" WHERE seq = {count}"
    )
    report = busy.verify_chain()
    assert not report.intact
    assert report.first_broken_seq == count + 1


def test_the_log_goes_on_intact_in_another_process_life(ledger_url: str) -> None:
    for claim_id in ("c1", "c2"):
        with Ledger.open(ledger_url) as ledger:
            register(ledger, claim_id, claim_id)
    with Ledger.open(ledger_url) as ledger:
        report = ledger.verify_chain()
        assert (report.intact, report.events) == (True, len(ledger.events()))
        assert [event.seq for event in ledger.events()] == list(range(1, report.events + 1))


def test_an_empty_log_is_intact(ledger: Ledger) -> None:
    report = ledger.verify_chain()
    assert (report.intact, report.events, report.first_broken_seq) == (True, 0, None)
