"""What the doctor tells of the inbox, and of services that do not last."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.held import hold
from flows.own_folders import prepare
from schemas.messages import sentence
from sohoa.bootstrap import open_ledger
from sohoa.doctor import EXAMINERS
from sohoa.doctor.check import CheckResult, look
from sohoa.processes import spawn
from sohoa.services.facts import WATCHER, ServiceFact, write_facts
from sohoa.settings import Settings, load_settings

NOBODY = 65534
"""The account without rights: nothing is closed to root."""


def finding(name: str, settings: Settings) -> CheckResult:
    return look(next(one for one in EXAMINERS if one.name == name), settings)


def advice(key: str) -> str:
    return sentence(f"service.{key}", "vi")


def served(tmp_path: Path, *, died_at: tuple[float, ...] = ()) -> Settings:
    settings = load_settings(data=tmp_path / "data", inbox=tmp_path / "inbox")
    (settings.data / "run").mkdir(parents=True)
    prepare(settings.inbox)
    fact = ServiceFact(pid=None, ready=True, restarts=len(died_at), died_at=died_at)
    write_facts(settings, {WATCHER: fact})
    return settings


def test_a_missing_inbox_is_told(tmp_path: Path) -> None:
    settings = served(tmp_path)
    assert finding("inbox", settings).works
    settings.inbox.rename(tmp_path / "away")
    assert finding("inbox", settings).advice == advice("doctor_inbox_missing")
    settings.inbox.mkdir()  # the place where a share was mounted
    assert not finding("inbox", settings).works


def test_a_chosen_inbox_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", inbox=tmp_path / "none")
    assert not finding("inbox", settings).works
    assert finding("inbox", load_settings(data=tmp_path / "data")).works, "made at the first start"


def test_a_watcher_that_ends_again_and_again_is_told(tmp_path: Path) -> None:
    now = time.time()
    settings = served(tmp_path, died_at=(now - 100, now - 50, now - 10))
    told = finding("restarts", settings)
    assert not told.works
    assert told.advice == advice("doctor_restarts")
    assert told.version is not None and told.version.startswith("watcher: 3 ")


@pytest.mark.parametrize("ago", [(), (10.0,), (7200.0, 7100.0, 7000.0, 10.0)])
def test_a_service_that_ended_once_or_long_ago_lasts(
    tmp_path: Path, ago: tuple[float, ...]
) -> None:
    settings = served(tmp_path, died_at=tuple(time.time() - one for one in ago))
    assert finding("restarts", settings).works


def test_what_is_held_is_told(tmp_path: Path) -> None:
    settings = served(tmp_path)
    assert finding("inbox-held", settings).advice is None
    (settings.inbox / "x y").mkdir()
    (settings.inbox / "x y" / "a.pdf").touch()
    hold(settings.inbox, settings.inbox / "x y", datetime.now(UTC))
    told = finding("inbox-held", settings)
    assert (told.works, told.version, told.advice) == (True, "1", advice("doctor_held"))


def test_own_folders_that_others_can_read_or_exchange_are_told(tmp_path: Path) -> None:
    settings = served(tmp_path)
    assert finding("inbox-rights", settings).works
    (settings.inbox / "done").chmod(0o755)
    assert finding("inbox-rights", settings).advice == advice("doctor_inbox_rights")
    (settings.inbox / "done").chmod(0o750)
    settings.inbox.chmod(0o777)
    assert not finding("inbox-rights", settings).works
    settings.inbox.chmod(0o1777)
    assert finding("inbox-rights", settings).works


@contextmanager
def folder_of_no_root() -> Iterator[Path]:
    """A folder of an account to which something may be closed; what is in the block runs as it."""
    with tempfile.TemporaryDirectory(prefix="sohoa-") as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, NOBODY, -1)
        os.setresuid(NOBODY, NOBODY, 0)  # os.access asks for the real one
        try:
            yield Path(name)
        finally:
            os.setresuid(0, 0, 0)


def test_a_folder_that_the_service_may_not_take_is_told(tmp_path: Path) -> None:
    assert told_of_access(tmp_path)  # whatever is imported late is imported as who may read it
    with folder_of_no_root() as place:
        assert told_of_access(place) == [True, False, False, True]


def told_of_access(place: Path) -> list[bool]:
    """Whether the inbox is well: before, with a folder closed to all or to writing, and opened."""
    settings = served(place)
    open_ledger(settings).close()
    told = [finding("inbox-access", settings)]
    folder = settings.inbox / "mot-cua" / "H17-261123-0001"
    folder.mkdir(parents=True)
    (folder / "a.pdf").touch()
    for mode in (0o000, 0o555, 0o755):
        folder.chmod(mode)
        told.append(finding("inbox-access", settings))
    assert [one.version for one in told if not one.works] in ([], ["1", "1"])
    return [one.works for one in told]


def test_services_make_private_files(tmp_path: Path) -> None:
    code = "open('made', 'w').close(); import os; os.mkdir('folder')"
    child = spawn(
        (sys.executable, "-c", code), environment={}, folder=tmp_path, log=tmp_path / "log"
    )
    child.process.wait(120)
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("made", "folder")}
    assert modes == {"made": 0o600, "folder": 0o700}
