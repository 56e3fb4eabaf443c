"""Real databases and a real object store for the tests of this room."""

import hashlib
import itertools
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from postgres_server import postgres_server
from running_store import RunningStore

from schemas.errors import ServiceUnavailable
from storage import Ledger, Objects
from storage.database import HEAD

sys.path.append(str(Path(__file__).parent))  # the import mode is importlib


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The socket folder of a PostgreSQL server."""
    with postgres_server() as folder:
        yield str(folder)


_numbers = itertools.count()
_RESET = """
SET session_replication_role = replica;
ALTER TABLE event ENABLE TRIGGER ALL;
TRUNCATE event, stored_object, kept_manifest, decision, approval, reason, document, claim, dossier,
 chain_head, finding, office, route, route_turn, delegation, batch, batch_item,
 approval_delegation, account, session, token, attempt, access, hand_in, sheet, sheet_zone,
 entry_turn, entry, rescan, review_lease, sharing_grant, doc_code, doc_description, link_key,
 delivery, delivery_target, public_code, search_text, search_entry,
 search_number, search_word
 RESTART IDENTITY;
DELETE FROM department WHERE id <> 'mot-cua';
INSERT INTO chain_head VALUES (1, 0, repeat('0', 64));
UPDATE alembic_version SET version_num = '{head}';
"""


def _create(folder: str) -> str:
    database = f"ledger_{next(_numbers)}"
    with psycopg.connect(host=folder, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    return f"postgresql://postgres@/{database}?host={folder}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The address of a database with all tables: a new one for each test would cost 0.3 s."""
    url = _create(postgres)
    Ledger.open(url).close()
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    Ledger.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, once of each kind."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return _create(request.getfixturevalue("postgres"))


@pytest.fixture
def ledger_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger, once of each kind."""
    if kind == "sqlite":
        path = tmp_path / "ledger.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url = str(request.getfixturevalue("migrated_postgres"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_RESET.format(head=HEAD))
    return url


@pytest.fixture
def ledger(ledger_url: str, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """A ledger; after every test that forges nothing its rows are what its events say."""
    with Ledger.open(ledger_url) as opened:
        yield opened
        if not getattr(request.module, "FORGES", False):
            assert opened.examine() == ()


@pytest.fixture
def execute(ledger_url: str) -> Iterator[Callable[[str], object]]:
    """Statements past the ledger, as somebody with the database in hands would give."""
    if ledger_url.startswith("sqlite"):
        path = ledger_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield connection.execute
    else:
        with psycopg.connect(ledger_url, autocommit=True) as connection:
            yield connection.execute


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A running store with both buckets."""
    store = RunningStore(tmp_path_factory.mktemp("store"))
    store.start()
    try:
        Objects(store.options()).ensure()
        yield store
    finally:
        store.kill()


@pytest.fixture
def objects(object_store: RunningStore) -> Objects:
    return Objects(object_store.options())


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    def wait(ready: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if ready() is not False:
                    return
            except ServiceUnavailable:
                pass
            assert time.monotonic() < end, "never became ready"
            time.sleep(0.05)

    return wait


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key of the test's own."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    return f"mot-cua/H17-251103-0001/{digest}/component-001.pdf"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "signed.pdf"
    path.write_bytes(os.urandom(50_000))
    return path
