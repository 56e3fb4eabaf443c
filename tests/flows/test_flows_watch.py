"""The watcher: whatever lies in the inbox, the rest of it goes on, and no name is told."""

import asyncio
import logging
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from taking import taking

from flows import watch as watch_module
from flows.held import held
from flows.inbox import Inbox, Patience
from flows.watch import Rhythm, Watcher
from schemas.department import ONE_STOP, Department, Departments
from schemas.dossier import Stage
from storage import Dossier, Ledger
from usecases.context import AppContext

CODE = "H17-261123-{:04d}"
SECRET = "Nguyễn-Thị-Bí-Mật"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        opened.add_department(Department(id="chung", name="chung"), "test")
        yield opened


@pytest.fixture
def inbox(tmp_path: Path, ledger: Ledger) -> Inbox:
    return Inbox(
        tmp_path / "inbox",
        "chung",
        Patience(0.1, 5),
        lambda path: path.read_bytes() != b"half",
        lambda: Departments(ledger.departments()),
    )


@pytest.fixture
def office(tmp_path: Path, ledger: Ledger, inbox: Inbox) -> AppContext:
    made = taking(ledger, tmp_path)
    made.inbox = inbox  # type: ignore[attr-defined]
    return made


def inbox_of(office: AppContext) -> Inbox:
    return cast(Inbox, cast(Any, office).inbox)


async def run(_dossier: Dossier) -> Stage:
    return Stage.received


async def watching(
    office: AppContext, until: Callable[[], bool], act: Callable[[], Any] = lambda: None
) -> None:
    """Watch; ``act`` once it does, then wait for ``until``."""
    rhythm = Rhythm(look=0.05, rescan=60, ledger=60)
    watcher = Watcher(office, inbox_of(office), run, rhythm, "test")
    stop = asyncio.Event()
    task = asyncio.create_task(watcher.until(stop))
    try:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(act)
        for _ in range(200):
            assert not task.done(), task.exception()
            if until():
                break
            await asyncio.sleep(0.05)
        assert until()
    finally:
        stop.set()
        await task


def write(path: Path, content: bytes = b"whole") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def codes(ledger: Ledger) -> list[str]:
    return sorted(one.code for one in ledger.dossiers())


async def test_names_that_are_not_utf8_stop_nobody(
    office: AppContext, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """A file of such a name that is still being written, and folders of such names."""
    caplog.set_level(logging.DEBUG)
    root = inbox_of(office).root
    bad = os.fsdecode(b"B\xed-M\xe2t-m\xe0u 1.pdf")

    def act() -> None:
        write(root / "mot-cua" / bad, b"half")
        write(root / os.fsdecode(b"B\xed-M\xe2t") / "a.pdf")
        write(root / "mot-cua" / os.fsdecode(b"h\xf4-B\xed-M\xe2t") / "a.pdf", b"1")
        write(root / "mot-cua" / CODE.format(1) / "a.pdf", b"2")
        with (root / "mot-cua" / bad).open("ab") as slow:
            for _ in range(10):
                slow.write(b"x")
                slow.flush()
                os.fsync(slow.fileno())

    await watching(office, lambda: len(ledger.dossiers()) == 3 and len(held(root)) == 1, act)
    assert CODE.format(1) in codes(ledger)
    assert "M\\xe2t" not in caplog.text
    assert "\udce2" not in caplog.text
    assert "\N{REPLACEMENT CHARACTER}" not in caplog.text


async def test_news_are_heard_in_folders_that_were_empty_at_first(
    office: AppContext, ledger: Ledger
) -> None:
    root = inbox_of(office).root
    waiting = root / "Một cửa" / CODE.format(1)
    (waiting / "ket-qua").mkdir(parents=True)

    def act() -> None:
        write(waiting / "ket-qua" / "a.pdf")

    await watching(office, lambda: codes(ledger) == [CODE.format(1)], act)


async def test_what_is_held_goes_on_when_the_department_is_added(
    office: AppContext, ledger: Ledger
) -> None:
    from flows.held import announce

    root = inbox_of(office).root
    write(root / "Đất đai" / CODE.format(1) / "a.pdf")
    await watching(office, lambda: len(held(root)) == 1)
    assert codes(ledger) == []

    def act() -> None:
        ledger.add_department(Department(id="dat-dai", name="Đất đai"), "test")
        announce(root)

    await watching(office, lambda: codes(ledger) == [CODE.format(1)], act)
    assert ledger.dossiers()[0].department == "dat-dai"


async def test_one_that_cannot_be_entered_is_turned_away_and_the_others_go_on(
    office: AppContext,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = watch_module.register

    def register(inbox: Any, context: Any, claim: Any) -> Any:
        if SECRET in claim.folder:
            raise ValueError(f"cannot enter {claim.folder}")
        return real(inbox, context, claim)

    monkeypatch.setattr(watch_module, "register", register)
    root = inbox_of(office).root
    write(root / "mot-cua" / f"A {SECRET}" / "a.pdf")
    write(root / "mot-cua" / CODE.format(1) / "a.pdf", b"1")
    rejected = root / "rejected" / "mot-cua" / f"A {SECRET}"
    await watching(office, lambda: bool(codes(ledger)) and rejected.exists())
    assert codes(ledger) == [CODE.format(1)]
    assert rejected.with_name(rejected.name + ".GHI-CHU.txt").exists()
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text


async def test_a_claim_that_cannot_be_recovered_holds_up_no_other(
    office: AppContext, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = inbox_of(office)
    inbox.prepare()
    for number in (1, 2, 3):
        write(inbox.root / "mot-cua" / CODE.format(number) / "a.pdf", b"%d" % number)
    for candidate in inbox.look(0)[0] or inbox.look(1)[0]:
        assert inbox.claim(candidate, datetime(2026, 11, 23, tzinfo=UTC)) is not None
    real = Inbox.gather

    def gather(self: Inbox, claim: Any) -> None:
        if claim.folder == CODE.format(1):
            raise PermissionError(13, "no")
        real(self, claim)

    monkeypatch.setattr(Inbox, "gather", gather)
    await watching(office, lambda: codes(ledger) == [CODE.format(2), CODE.format(3)])


async def test_what_may_not_be_taken_is_not_tried_without_a_pause(
    office: AppContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def take(self: Inbox, parts: Any, *_: Any) -> None:
        tries.append(parts)
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Inbox, "take", take)
    write(inbox_of(office).root / "mot-cua" / SECRET / "a.pdf")
    await watching(office, lambda: bool(tries))
    assert len(tries) == 1
    assert SECRET not in caplog.text


async def test_an_inbox_that_goes_away_and_comes_back(office: AppContext, ledger: Ledger) -> None:
    root = inbox_of(office).root
    away = root.with_name("away")

    def act() -> None:
        root.rename(away)
        asyncio.run(asyncio.sleep(0.3))
        away.rename(root)
        write(root / "mot-cua" / CODE.format(1) / "a.pdf")

    await watching(office, lambda: codes(ledger) == [CODE.format(1)], act)


async def test_links_that_others_place_reach_nothing(
    office: AppContext, ledger: Ledger, tmp_path: Path
) -> None:
    """In the inbox, in a department, in a dossier; files, folders, pipes, sockets."""
    elsewhere = tmp_path / "elsewhere"
    for name in ("secret.pdf", f"{CODE.format(7)}/a.pdf"):
        write(elsewhere / name, b"nobody may read this")
    before = {path: path.stat().st_ino for path in elsewhere.rglob("*")}
    root = inbox_of(office).root

    def act() -> None:
        write(root / "mot-cua" / CODE.format(1) / "a.pdf")
        (root / "linked").symlink_to(elsewhere)
        (root / CODE.format(7)).symlink_to(elsewhere / CODE.format(7))
        (root / "mot-cua" / CODE.format(8)).symlink_to(elsewhere)
        (root / "mot-cua" / "l.pdf").symlink_to(elsewhere / "secret.pdf")
        (root / "mot-cua" / "h.pdf").hardlink_to(elsewhere / "secret.pdf")
        os.mkfifo(root / "mot-cua" / "f.pdf")
        os.mknod(root / "mot-cua" / "s.pdf", stat.S_IFSOCK | 0o600)

    await watching(office, lambda: len(ledger.dossiers()) == 8, act)
    sizes = [one.source_bytes for each in ledger.dossiers() for one in ledger.documents(each.id)]
    assert sorted(sizes) == [0] * 7 + [len(b"whole")]
    assert {path: path.stat().st_ino for path in elsewhere.rglob("*")} == before


async def test_few_watches_are_taken(office: AppContext, ledger: Ledger) -> None:
    root = inbox_of(office).root
    for number in range(50):
        write(root / "done" / "mot-cua" / CODE.format(number) / "a.pdf")
    write(root / "mot-cua" / CODE.format(60) / "a.pdf")
    watcher = Watcher(office, inbox_of(office), run, Rhythm(look=0.05), "test")
    stop = asyncio.Event()
    task = asyncio.create_task(watcher.until(stop))
    for _ in range(100):
        await asyncio.sleep(0.05)
        if ledger.dossiers() and len(watcher._folders) == 3:
            break
    assert len(watcher._folders) == 3, "the inbox, its held/, and one department"
    stop.set()
    await task


def test_the_one_stop_unit_is_known_from_the_start(ledger: Ledger) -> None:
    assert ONE_STOP in ledger.departments()
