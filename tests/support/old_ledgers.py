"""Ledgers as earlier versions wrote them, with dossiers in all stages, and what must hold after.

With ``PYTHONPATH=.:tests/support:tests/storage``, ``python tests/support/old_ledgers.py sqlite 1000
0005_trust`` does with many dossiers what the tests do with a few.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from hands_at_once import a_ledger
from ledger_steps import a_file, bring_to, register, sha

from schemas.dossier import Role, Stage
from storage import Document, Ledger, NewPart, ObjectKind, StoredObject
from storage.chain import event_hash
from storage.tables import canonical, event

NEW_COLUMNS = {
    "document": ("reading_sha256", "doubts", "superseded_by", "changes"),
    "dossier": ("procedures", "due_at"),
    "claim": ("inbox",),
}
NEW_TABLES = (
    "doc_description",
    "doc_code",
    "link_key",
    "search_text",
    "search_number",
    "search_entry",
    "search_word",
    "search_key",
    "sharing_grant",
    "delivery",
    "delivery_target",
    "public_code",
    "sheet_zone",
    "sheet",
    "entry",
    "entry_turn",
    "rescan",
    "review_lease",
    "hand_in",
    "approval_delegation",
    "decision",
    "approval",
    "reason",
    "office",
    "route_turn",
    "delegation",
    "route",
    "batch_item",
    "batch",
    "access",
    "attempt",
    "token",
    "session",
    "account",
)
NEW_INDEXES = (
    "stored_object_by_sha256",
    "document_indicators",
    "dossier_by_arrival",
    "dossier_by_department",
    "dossier_by_stage",
)
WAYS = (
    Stage.received,
    Stage.digitised,
    Stage.in_review,
    Stage.ready_to_sign,
    Stage.split_up,
    Stage.signed,
    Stage.stored,
    Stage.published,
    Stage.rejected,
    Stage.failed,
)


def fill(ledger: Ledger, dossiers: int) -> None:
    """Dossiers of two documents, the first of each in another stage, every third one linked."""
    for number in range(dossiers):
        code, role = f"H17-251103-{number:04d}", Role.result if number % 2 else Role.component
        files = (a_file(f"a{number}", role), a_file(f"b{number}", name="b.pdf"))
        done = register(ledger, f"c{number}", code=code, files=files)
        if number % 3 == 0:
            copy = (a_file(f"a{number}", role),)
            register(ledger, f"k{number}", code=f"H17-251104-{number:04d}", files=copy)
        _to(ledger, done.documents[0], WAYS[number % len(WAYS)])


def _to(ledger: Ledger, document: Document, stage: Stage) -> None:
    if stage is Stage.rejected:
        ledger.reject(document.id, "flow.not_a_file", {}, "flow")
    elif stage is Stage.failed:
        bring_to(ledger, document, Stage.ready_to_sign)
        ledger.fail(document.id, "flow.unexpected", {"step": "sign"}, "flow")
    elif stage is Stage.split_up:
        ledger.split(
            document.id, [NewPart(pages=(1,)), NewPart(pages=(2,))], "flow",
            manifest_sha256=sha("m"), media_type="application/pdf", pages=2,
        )  # fmt: skip
    elif stage is Stage.in_review:
        bring_to(ledger, document, Stage.digitised)
        ledger.advance(document.id, Stage.digitised, stage, actor="flow")
    else:
        bring_to(ledger, document, stage)
    if stage is Stage.published:
        ledger.record_object(
            StoredObject(
                bucket="results", key=f"mot-cua/{document.id}.pdf", version_id="v1",
                sha256=sha("s"), bytes=1, retain_until=None,
            ),
            kind=ObjectKind.signed, dossier_id=document.dossier_id, document_id=document.id,
            actor="flow",
        )  # fmt: skip


def known(ledger: Ledger) -> list[list[Document]]:
    """The documents of all dossiers, without what only newer versions note."""
    newer = dict.fromkeys(NEW_COLUMNS["document"])
    return [
        [one.model_copy(update=newer) for one in ledger.documents(dossier.id)]
        for dossier in ledger.dossiers()
    ]


def set_back(url: str, to: str) -> None:
    """Make of a ledger what the version with the step ``to`` would have written.

    Its events say no column that was not there; before ``0005_trust`` they said none at all. The
    chain is hashed anew.
    """
    before_trust = to == "0004_manifests"
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        sqlite = url.startswith("sqlite")
        connection.execute(
            sa.text(
                "DROP TRIGGER event_no_update" if sqlite
                else "ALTER TABLE event DISABLE TRIGGER ALL"
            )
        )  # fmt: skip
        last = "0" * 64
        rows = connection.execute(sa.select(event).order_by(event.c.seq)).mappings().all()
        for row in map(dict, rows):
            data = json.loads(row["data"])
            columns = data.pop("columns", None)
            if columns is not None and not before_trust:
                data["columns"] = {
                    name: value
                    for name, value in columns.items()
                    if name not in NEW_COLUMNS["document"]
                }
            row |= {"data": canonical(data), "prev_hash": last}
            last = row["hash"] = event_hash(row)
            connection.execute(sa.update(event).where(event.c.seq == row["seq"]).values(**row))
        connection.execute(sa.text("UPDATE chain_head SET hash = :hash"), {"hash": last})
        for table in (*NEW_TABLES, *(("finding",) if before_trust else ())):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        for index in NEW_INDEXES:
            connection.execute(sa.text(f"DROP INDEX {index}"))
        for table, names in NEW_COLUMNS.items():
            for name in names:
                connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {name}"))
        if before_trust:
            connection.execute(sa.text("DROP INDEX event_accepted"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": to})
        if sqlite:
            connection.execute(
                sa.text(
                    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event"
                    " BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
                )
            )
        else:
            connection.execute(sa.text("ALTER TABLE event ENABLE TRIGGER ALL"))
    engine.dispose()


def brought_up_to_date(url: str, dossiers: int, written_by: str) -> None:
    """Fill a ledger, set it back, open it, and see that all is there, proven, and goes on.

    Raises:
        AssertionError: it is not.
    """
    with Ledger.open(url) as ledger:
        fill(ledger, dossiers)
        before, events = known(ledger), len(ledger.events())
    set_back(url, written_by)
    started = time.process_time()
    with Ledger.open(url) as ledger:
        print(f"migrated {len(before)} dossiers in {time.process_time() - started:.2f} s CPU")
        assert known(ledger) == before
        assert ledger.verify_chain().intact
        assert ledger.examine() == (), "replay equals rows"
        baselines = len(before) if written_by == "0004_manifests" else 0
        assert len(ledger.events()) == events + baselines
        _goes_on(ledger)
        assert ledger.examine() == ()
        count = len(ledger.events())
    with Ledger.open(url) as ledger:
        assert len(ledger.events()) == count, "once only"


def _goes_on(ledger: Ledger) -> None:
    """What was at work is worked on with what is new."""
    for entry in ledger.queue(Stage.in_review, limit=500).entries:
        assert entry.doubts is None, "not counted when it was read"
        seen = entry.manifest_sha256 or ""
        ledger.settle(entry.document_id, sha("reviewed"), "an", based_on=seen)
        back = ledger.reopen(entry.document_id, "nhầm", "an")
        assert back.manifest_sha256 == sha("reviewed"), "the reading of then was not noted"
    for documents in known(ledger):
        for one in documents:
            if one.duplicate_of is None and one.stage is Stage.published and not one.split:
                assert ledger.withdraw(one.id, "sai", "binh").stage is Stage.withdrawn
    for dossier in ledger.dossiers():
        ledger.prove(dossier.id)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, a_ledger(sys.argv[1], Path(name)) as address:
        brought_up_to_date(address, int(sys.argv[2]), sys.argv[3])
