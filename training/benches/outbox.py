"""News for another system while it, and what sends to it, are killed: nothing lost, once, in order.

Dossiers are entered and moved on in the ledger of a folder of its own; hosts send what the outbox
holds; the receiver fails at random and applies by key. Then the receiver's journal is held against
the ledger: each piece of news came at least once, was applied once, a dossier's in its order.
"""

import hashlib
import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from schemas.delivery import News
from schemas.dossier import Role, Stage
from schemas.page import Frozen
from sohoa.bootstrap import open_ledger, target_secrets
from sohoa.settings import Settings, load_settings
from storage import Ledger, NewClaim, NewFile, NewTarget
from training.benches.outbox_receiver import JOURNAL, SECRET
from usecases.news_signing import new_secret

TOLD = (
    News.opened, News.received, News.digitised, News.ready_to_sign, News.signed, News.stored,
    News.published, News.withdrawn,
)  # fmt: skip
"""What happens to each dossier, in this order."""
_WAY = (
    Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored,
    Stage.published,
)  # fmt: skip
_LOOK = 0.05
_IMPATIENT = "[delivering]\nfirst_pause = 0.1\nlongest_pause = 3.0\n"
"""Pauses that an office has would make this last for hours, and show nothing more."""


class OutboxReport(Frozen):
    """What came of it."""

    entered: int
    """Pieces of news that the ledger entered."""
    came: int
    """Tries that reached the receiver."""
    applied: int
    missing: int
    """That were entered and never applied."""
    twice: int
    """That were applied more than once, or are nobody's."""
    disordered: int
    """That were applied after a later one of their dossier."""
    unsigned: int
    delivered_events: int
    left: int
    """That the outbox still holds."""
    receiver_kills: int
    sender_kills: int
    chain_intact: bool
    wall_seconds: float
    sender_cpu_seconds: float

    @property
    def passed(self) -> bool:
        """Whether all is as it must be."""
        return (
            self.applied == self.entered == self.delivered_events
            and not (self.missing or self.twice or self.disordered or self.unsigned or self.left)
            and self.chain_intact
        )


@dataclass
class Children:
    """The receiver and the hosts that send, to be killed and started again."""

    data: Path
    port: int
    percent: int
    seed: int
    cpu: float = 0.0
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start the receiver, or a host of this name."""
        module = "outbox_receiver" if name == "receiver" else "outbox_sender"
        self.seed += 1
        told = (
            (str(self.port), str(self.data), str(self.percent), str(self.seed))
            if name == "receiver"
            else (str(self.data), name)
        )
        command = [sys.executable, "-m", f"training.benches.{module}", *told]
        self.running[name] = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        child = self.running.pop(name)
        if name != "receiver":
            times = psutil.Process(child.pid).cpu_times()
            self.cpu += times.user + times.system
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    def kill_and_start(self, name: str) -> None:
        """SIGKILL, and a new one."""
        self.kill(name)
        self.start(name)

    def end(self) -> None:
        """All of them."""
        for name in list(self.running):
            self.kill(name)


def outbox(
    data: Path,
    count: int,
    progress: Callable[[int, int], None],
    *,
    percent: int = 30,
    receiver_kills: int = 2,
    sender_kills: int = 10,
    hosts: int = 2,
    seed: int = 1,
    patience: float = 1800.0,
) -> OutboxReport:
    """Enter about ``count`` pieces of news while all is killed, and look at what came.

    Args:
        data: an empty folder.
        count: of pieces of news; rounded up to whole dossiers of eight.
        progress: told how many were applied, of how many.
        percent: of what comes that the receiver fails.
        receiver_kills: how often the receiver is killed.
        sender_kills: how often a host is killed, all hosts together.
        hosts: that send at once.
        seed: of what fails.
        patience: seconds until it ends, whatever is left.
    """
    (data / "sohoa.toml").write_text(_IMPATIENT, "utf-8")
    settings = load_settings(data=data)
    dossiers = -(-count // len(TOLD))
    total = dossiers * len(TOLD)
    begun = time.monotonic()
    with open_ledger(settings) as ledger:
        children = Children(data, _free_port(), percent, seed * 1000)
        target = _target(settings, ledger, children.port)
        names = [f"host{number}" for number in range(hosts)]
        kills = _when(total, [names[at % hosts] for at in range(sender_kills)])
        kills = sorted(kills + _when(total, ["receiver"] * receiver_kills))
        for name in ("receiver", *names):
            children.start(name)
        with _entering(ledger, dossiers):
            try:
                while time.monotonic() - begun < patience:
                    done = _applied(data)
                    progress(done, total)
                    while kills and done >= kills[0][0]:
                        children.kill_and_start(kills.pop(0)[1])
                    if done >= total and not ledger.targets.backlog():
                        break
                    time.sleep(_LOOK)
            finally:
                children.end()
        return _report(
            ledger, data, target, total,
            kills=(receiver_kills, sender_kills) if not kills else (0, 0),
            wall=time.monotonic() - begun, cpu=children.cpu,
        )  # fmt: skip


def _when(total: int, names: list[str]) -> list[tuple[int, str]]:
    """After how many pieces of news each is killed, spread evenly."""
    return [(total * (at + 1) // (len(names) + 1), name) for at, name in enumerate(names)]


def _target(settings: Settings, ledger: Ledger, port: int) -> int:
    secret = new_secret()
    (settings.data / SECRET).write_text(secret, "ascii")
    target_secrets(settings).keep("bench", secret)
    made = ledger.targets.add(
        NewTarget(
            name="bench",
            folded="bench",
            url=f"http://127.0.0.1:{port}/news",
            departments=None,
            events=frozenset(one.value for one in TOLD),
            adapter="sohoa",
            plain=False,
        ),
        "bench",
    )
    return made.id


@contextmanager
def _entering(ledger: Ledger, dossiers: int) -> Iterator[None]:
    """Dossiers come and go on beside what the block does."""

    def enter() -> None:
        for first in range(0, dossiers, 20):
            _enter(ledger, range(first, min(dossiers, first + 20)))

    thread = threading.Thread(target=enter, name="entering")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _enter(ledger: Ledger, numbers: range) -> None:
    """Some dossiers move on together, as flows let them."""
    made = []
    for number in numbers:
        code = f"H17-261201-{number:06d}"
        paper = NewFile(
            relative="1.pdf",
            name="1.pdf",
            role=Role.result,
            sha256=hashlib.sha256(code.encode()).hexdigest(),
            bytes=1,
        )
        claim = NewClaim(
            claim_id=code, department=ledger.departments()[0].id, code=code, folder=code,
            files=(paper,), actor="bench",
        )  # fmt: skip
        made.append(ledger.register(claim).documents[0])
    for expect, to in itertools.pairwise(_WAY):
        for one in made:
            ledger.advance(one.id, expect, to, actor="bench")
    for one in made:
        ledger.withdraw(one.id, "thử", "bench")


def _applied(data: Path) -> int:
    path = data / JOURNAL
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
            return int(journal.execute("SELECT count(*) FROM applied").fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return 0


def _report(
    ledger: Ledger,
    data: Path,
    target: int,
    total: int,
    *,
    kills: tuple[int, int],
    wall: float,
    cpu: float,
) -> OutboxReport:
    delivered = [one for one in ledger.events() if one.kind == "delivered"]
    backlog = ledger.targets.backlog().get(target)
    with closing(sqlite3.connect(data / JOURNAL)) as journal:
        applied = journal.execute(
            "SELECT key, dossier, number FROM applied ORDER BY place"
        ).fetchall()
        came, unsigned = journal.execute(
            "SELECT count(*), count(*) FILTER (WHERE outcome = 'unsigned') FROM came"
        ).fetchone()
    last: dict[str, int] = {}
    disordered = 0
    for _, dossier, number in applied:
        disordered += number <= last.get(dossier, 0)
        last[dossier] = max(number, last.get(dossier, 0))
    keys = {str(one.data["key"]) for one in delivered}
    known = {key for key, _, _ in applied}
    return OutboxReport(
        entered=total,
        came=came,
        applied=len(applied),
        missing=len(keys - known) + total - len(keys),
        twice=len(applied) - len(known & keys),
        disordered=disordered,
        unsigned=unsigned,
        delivered_events=len(delivered),
        left=backlog.waiting + backlog.dead if backlog else 0,
        receiver_kills=kills[0],
        sender_kills=kills[1],
        chain_intact=ledger.verify_chain().intact,
        wall_seconds=wall,
        sender_cpu_seconds=cpu,
    )


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
