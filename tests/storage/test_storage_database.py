"""Opening ledgers: addresses, migrations, broken files, file modes."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from ledger_steps import NOW, bring_to, register, sha
from pydantic import SecretStr

import storage.database
from schemas.dossier import Stage
from schemas.errors import ConfigurationError, ServiceUnavailable
from storage import Ledger, LedgerOptions, NewTarget, ObjectKind, StoredObject
from storage.tables import METADATA

MIGRATIONS = Path(storage.database.__file__).parent / "migrations"


def sqlalchemy_engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def test_head_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == storage.database.HEAD


def not_of_the_databases_own_kind(_item: object, name: str, *_more: object) -> bool:
    """The full text is kept otherwise in each database: :mod:`storage.search_tables`."""
    return not name.startswith("search_text")


def test_the_migrated_tables_are_those_of_the_queries(ledger: Ledger, ledger_url: str) -> None:
    with sqlalchemy_engine(ledger_url).connect() as connection:
        opts = {"compare_type": False, "include_object": not_of_the_databases_own_kind}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []


def test_opening_again_keeps_what_is_there(empty_url: str) -> None:
    with Ledger.open(empty_url) as ledger:
        done = register(ledger)
    with Ledger.open(LedgerOptions(url=SecretStr(empty_url))) as ledger:
        assert ledger.dossiers() == [done.dossier]


def test_a_ledger_of_a_newer_version_is_refused(ledger: Ledger, ledger_url: str) -> None:
    with sqlalchemy_engine(ledger_url).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer version"):
        Ledger.open(ledger_url)


def test_the_file_is_the_owners_only_and_written_through(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.sqlite"
    with Ledger.open(f"sqlite:///{path}") as ledger:
        register(ledger)
        files = list(path.parent.iterdir())
        assert path.with_name("ledger.sqlite-wal") in files
        for file in files:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with ledger._database.read() as connection:
            values = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://me:secret@db/x", "sqlite://", "sqlite:///:memory:"]
)
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Ledger.open(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("Đây không phải cơ sở dữ liệu. " * 100)
    with pytest.raises(ServiceUnavailable, match="backup"):
        Ledger.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceUnavailable):
        Ledger.open(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}")


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(ServiceUnavailable) as caught:
        Ledger.open("postgresql://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


def test_a_writer_that_waits_in_vain_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    options = LedgerOptions(url=SecretStr(f"sqlite:///{path}"), busy_seconds=0.2)
    with Ledger.open(options) as ledger, closing(sqlite3.connect(path)) as other:
        done = register(ledger)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ServiceUnavailable):
            ledger.lease(done.dossier.id, "a", 60, NOW)
        assert ledger.dossiers() == [done.dossier]
        other.rollback()
        assert ledger.lease(done.dossier.id, "a", 60, NOW)


def test_times_without_a_zone_are_refused(ledger: Ledger) -> None:
    done = register(ledger)
    with pytest.raises(sa.exc.StatementError):
        ledger.lease(done.dossier.id, "a", 60, NOW.replace(tzinfo=None))
    assert ledger.dossier_by_id(done.dossier.id).lease_owner is None


def test_nothing_a_dossier_needs_reads_a_whole_table(tmp_path: Path) -> None:
    """Ten years of dossiers must not make the next one slower."""
    path = tmp_path / "ledger.sqlite"
    statements: dict[str, object] = {}
    with Ledger.open(f"sqlite:///{path}") as ledger:

        @sa.event.listens_for(ledger._database._engine, "before_cursor_execute")
        def note(_c: object, _k: object, text: str, values: Any, _x: object, many: bool) -> None:
            statements.setdefault(text, values[0] if many else values)

        told = ledger.targets.add(
            NewTarget(
                name="dvc", folded="dvc", url="https://dvc.example.vn/", departments=None,
                events=frozenset({"published", "signed"}), adapter="sohoa", plain=False,
            ),
            "test",
        )  # fmt: skip
        done = register(ledger)
        register(ledger, "c2", code="H17-251103-0002")
        ledger.pending(NOW, 5)
        ledger.lease(done.dossier.id, "w", 60, NOW)
        document = bring_to(ledger, done.documents[0], Stage.published)
        for one in ledger.outbox.take("w", [told.id], together=8, seconds=60):
            ledger.outbox.delivered(one, "w", 200)
        ledger.record_object(
            StoredObject(
                bucket="b", key="k", version_id=None, sha256=sha("s"), bytes=1, retain_until=None
            ),
            kind=ObjectKind.signed,
            dossier_id=done.dossier.id,
            document_id=document.id,
            actor="flow",
        )
        ledger.objects(done.dossier.id)
        ledger.documents(done.dossier.id)
        ledger.claims(done.dossier.id)
        ledger.close_claim("c1", "flow")
        ledger.retry(done.dossier.id, "person")
        ledger.release(done.dossier.id, "w")
    scans = []
    with closing(sqlite3.connect(path)) as connection:
        for text, values in statements.items():
            if text.startswith(("SELECT", "UPDATE", "INSERT")):
                plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", values)
                scans += [line[3] for line in plan if line[3].startswith("SCAN")]
    assert len(statements) > 20
    whole = {"SCAN delivery_target"}  # a handful, however many dossiers there are
    assert set(scans) <= {"SCAN claim USING INDEX claim_open", "SCAN CONSTANT ROW"} | whole
