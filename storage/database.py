"""The ledger's database: connecting, transactions, and bringing the tables up to date."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from schemas.errors import ConfigurationError, Conflict, NotTrusted, ServiceUnavailable
from storage.options import LedgerOptions

HEAD = "0016_search"
"""The newest step in ``storage/migrations/versions``; a test keeps it so.

Known here so that opening a ledger that is up to date need not import Alembic (0.5 s of CPU).
"""

_MIGRATION_LOCK = 0x50_40_A1
"""Any number, the same in every process: PostgreSQL's advisory lock while migrating."""


class Database:
    """A pool of connections. Transactions of writers follow one another, readers never wait."""

    def __init__(self, options: LedgerOptions) -> None:
        """Connects on first use.

        Raises:
            ConfigurationError: the address is not one of SQLite or PostgreSQL.
        """
        self.options = options
        self.url = _address(options)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = self._sqlite() if self.is_sqlite else self._postgres()
        self._writer = self._engine.execution_options(writes=True)

    def _sqlite(self) -> sa.Engine:
        engine = sa.create_engine(
            self.url,
            hide_parameters=True,
            connect_args={"timeout": self.options.busy_seconds},
        )

        @sa.event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves, below
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            # A transaction that reads first and writes later cannot wait for another writer:
            # SQLite answers SQLITE_BUSY at once. Writers therefore say so from the start.
            writes = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _postgres(self) -> sa.Engine:
        wait = int(self.options.busy_seconds * 1000)
        arguments: dict[str, Any] = {"connect_timeout": 10}
        if "options" not in self.url.query:
            arguments["options"] = f"-c lock_timeout={wait} -c synchronous_commit=on"
        return sa.create_engine(
            self.url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments
        )

    def close(self) -> None:
        """Close the pool's connections."""
        self._engine.dispose()

    @contextmanager
    def read(self, *, snapshot: bool = False) -> Iterator[sa.Connection]:
        """A transaction that only reads; with ``snapshot`` all of it sees the same state."""
        with translated(), self._engine.connect() as connection:
            if snapshot and not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes: all of it, or nothing when the block raises."""
        with translated(), self._writer.begin() as connection:
            yield connection

    def insert_missing(self, connection: sa.Connection, table: sa.Table, **values: Any) -> None:
        """Insert a row, unless one with its key is there."""
        insert = sqlite_insert if self.is_sqlite else postgresql_insert
        connection.execute(insert(table).values(**values).on_conflict_do_nothing())

    def migrate(self) -> None:
        """Bring the tables up to :data:`HEAD`; several processes may try at once.

        Raises:
            ConfigurationError: the ledger is of a newer version, or SQLite cannot use a
                write-ahead log where the file is.
        """
        if self.is_sqlite:
            self._prepare_file()
        with self.read() as connection:
            if _revision(connection) == HEAD:
                return
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            if _revision(connection) != HEAD:
                _upgrade(connection)

    def _prepare_file(self) -> None:
        """Make the file, mode 600 (its log files inherit that), and switch it to WAL."""
        name = self.url.database
        if not name or name == ":memory:":
            raise ConfigurationError("storing.ledger_address")
        path = Path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as exc:
            raise ServiceUnavailable("storing.ledger_unavailable") from exc
        _use_write_ahead_log(path, self.options.busy_seconds)


def _use_write_ahead_log(path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as exc:
            # Switching the mode does not wait for another process that does the same.
            if time.monotonic() > deadline:
                raise ServiceUnavailable("storing.ledger_unavailable") from exc
            time.sleep(0.05)
        except sqlite3.DatabaseError as exc:
            raise ServiceUnavailable("storing.ledger_damaged") from exc
        else:
            break
    if mode != "wal":
        raise ConfigurationError("storing.ledger_no_wal")


def _address(options: LedgerOptions) -> sa.URL:
    try:
        url = sa.make_url(options.url.get_secret_value())
    except sa.exc.ArgumentError:
        raise ConfigurationError("storing.ledger_address") from None  # it may hold a password
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        return url
    raise ConfigurationError("storing.ledger_address")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise ConfigurationError("storing.ledger_newer") from exc


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's exceptions into ours, without the values of a statement in them."""
    try:
        yield
    except sa.exc.IntegrityError:
        # PostgreSQL quotes the failing row in the exception: it must not travel on
        raise Conflict("storing.ledger_constraint") from None
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as exc:
        raise ServiceUnavailable("storing.ledger_unavailable") from exc
    except sa.exc.DBAPIError as exc:
        raise ServiceUnavailable("storing.ledger_damaged") from exc
    except ValueError:
        # a row with a stage, time or list that cannot be; its values must not travel on
        raise NotTrusted("storing.row_unreadable") from None
