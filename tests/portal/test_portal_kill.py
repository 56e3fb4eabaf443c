"""kill -9 of the desk while clerks decide: nothing confirmed is lost, nothing counts twice.

A longer trial: ``DESK_KILLS=50 DESK_CLERKS=20 DESK_FIELDS=2000 python -m pytest
tests/portal/test_portal_kill.py``
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_office import HERE, PASSWORD
from doubtful_desk import manifest, under_review

from portal.sessions import own_word
from schemas.field import Field, FieldStatus, Table
from schemas.work import DecisionKind
from sohoa.bootstrap import open_ledger, open_rooms
from sohoa.services.ports import listening
from sohoa.settings import load_settings
from usecases import accounts
from usecases.caller import Duty, local_operator

KILLS = int(os.environ.get("DESK_KILLS", "4"))
CLERKS = int(os.environ.get("DESK_CLERKS", "4"))
FIELDS = int(os.environ.get("DESK_FIELDS", "80"))
IN_A_DOCUMENT = 20
UNDONE = 10
"""One decision in so many is taken back and said anew."""
SEED = int(os.environ.get("SOHOA_TEST_SEED", "20261123"))
PATIENCE = 120.0
CUT = (httpx.TransportError,)


@dataclass
class Tally:
    """What clerks were told is kept."""

    confirmed: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    said: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    undone: Counter[str] = field(default_factory=Counter)
    sent_again: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def done(self) -> int:
        return len(self.confirmed)


@dataclass
class Clerk:
    """Somebody at a browser that sends again until it has an answer, as the page does."""

    address: str
    name: str
    tally: Tally
    token: str = ""

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.address, timeout=PATIENCE, trust_env=False)

    def sign_in(self) -> None:
        said = {"username": self.name, "password": PASSWORD}
        answer = self._until_answered("POST", "/sign-in", data=said)
        assert answer.status_code == 303, answer.text
        self.token = self.http.cookies["sohoa"]

    def settle(self, code: str) -> None:
        """Decide all that is doubtful of a document."""
        shown = self._asked("GET", code, "")
        seen = shown["manifest_sha256"]
        for number, one in enumerate(shown["asked"]):
            path = one["path"]
            made = self._decide(code, path, f"Con {number}", seen)
            if number % UNDONE == UNDONE - 1:
                self._asked("POST", code, "/undo", json={"ids": [made["id"]]})
                with self.tally.lock:
                    self.tally.undone[code] += 1
                made = self._decide(code, path, f"Cháu {number}", seen)
            with self.tally.lock:
                self.tally.confirmed[code, path] = made

    def _decide(self, code: str, path: str, text: str, seen: str) -> dict[str, Any]:
        key = secrets.token_hex(16)
        said = {"path": path, "kind": "value", "text": text, "key": key, "seen": seen}
        made = self._asked("POST", code, "/decisions", json=said)
        self.tally.said[code, path] = said
        return made

    def _asked(self, method: str, code: str, what: str, **how: Any) -> dict[str, Any]:
        headers = {"x-csrf-token": own_word(self.token)}
        path = f"/api/v1/review/{code}/1{what}"
        answer = self._until_answered(method, path, headers=headers, **how)
        assert answer.status_code == 200, (method, what, answer.status_code, answer.text)
        said: dict[str, Any] = answer.json()
        return said

    def _until_answered(self, method: str, path: str, **how: Any) -> httpx.Response:
        end = time.monotonic() + 4 * PATIENCE
        while True:
            try:
                return self.http.request(method, path, **how)
            except CUT:
                assert time.monotonic() < end, "the desk does not come back"
                with self.tally.lock:
                    self.tally.sent_again += 1
                time.sleep(0.05)


@contextmanager
def desk_process(data: Path) -> Iterator[tuple[str, Any]]:
    """The desk's address, and how to kill it: the socket stays, and another one serves it."""
    held = listening("127.0.0.1", 0)
    environment = os.environ | {"SOHOA_DATA": str(data)}
    log = (data.parent / "desk.log").open("ab")

    def begin() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "sohoa.portal", f"--socket={held.fileno()}"],
            env=environment, pass_fds=(held.fileno(),), stdout=log, stderr=log,
        )  # fmt: skip

    running = [begin()]

    def kill() -> None:
        running[0].send_signal(signal.SIGKILL)
        running[0].wait(120)
        running[0] = begin()

    try:
        yield f"http://127.0.0.1:{held.getsockname()[1]}", kill
    finally:
        running[0].kill()
        running[0].wait(120)
        held.close()
        log.close()


def prepared(data: Path) -> list[str]:
    """An office of clerks and documents; the codes of their dossiers."""
    doubt = {"status": FieldStatus.review, "page": 1, "confidence": 0.5}
    rows = tuple({"relation": Field(value=None, **doubt)} for _ in range(IN_A_DOCUMENT))
    codes = [f"H17-261124-{number:04}" for number in range(FIELDS // IN_A_DOCUMENT)]
    with open_rooms(load_settings(data=data)) as rooms:
        for number in range(CLERKS):
            accounts.add(
                local_operator(), rooms, f"lan{number}", [Duty.clerk], [HERE], password=PASSWORD
            )
        for code in codes:
            under_review(rooms, manifest(fields={"members": Table(rows=rows)}), code=code)
    return codes


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(600 + 60 * KILLS)
def test_the_desk_is_killed_while_clerks_decide(tmp_path: Path) -> None:
    data = tmp_path / "data"
    codes = prepared(data)
    dice, tally = random.Random(SEED), Tally()
    moments = sorted(dice.sample(range(FIELDS - 1), KILLS))
    waiting = list(codes)

    def work(clerk: Clerk) -> None:
        try:
            clerk.sign_in()
            while True:
                with tally.lock:
                    if not waiting:
                        return
                    code = waiting.pop()
                clerk.settle(code)
        except Exception as error:
            tally.wrong.append(f"{clerk.name}: {error!r}")

    with desk_process(data) as (address, kill):
        people = [Clerk(address, f"lan{number}", tally) for number in range(CLERKS)]
        threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in people]
        for one in threads:
            one.start()
        for moment in moments:
            while tally.done < moment and any(one.is_alive() for one in threads):
                time.sleep(0.002)
            kill()
        for one in threads:
            one.join()
        assert tally.wrong == []
        before = events_of(data)
        for code, path in dice.sample(sorted(tally.said), min(50, FIELDS)):
            said = tally.said[code, path]
            again = people[0]._until_answered(
                "POST", f"/api/v1/review/{code}/1/decisions", json=said,
                headers={"x-csrf-token": own_word(people[0].token)},
            )  # fmt: skip
            assert again.status_code in {200, 409}, again.text
        assert events_of(data) == before, "what is sent once more counts once"

    assert tally.done == FIELDS
    print(f"{KILLS} kills, {CLERKS} clerks, {FIELDS} fields; sent again: {tally.sent_again}")
    assert tally.sent_again >= KILLS, "they were cut off in the middle"
    with open_ledger(load_settings(data=data)) as ledger:
        for code in codes:
            dossier = ledger.dossier(code)
            assert dossier is not None
            (document,) = ledger.documents(dossier.id)
            standing = {one.path: one for one in ledger.standing_decisions(document)}
            told = {path: made for (of, path), made in tally.confirmed.items() if of == code}
            assert set(standing) == set(told)
            for path, made in told.items():
                kept = standing[path]
                assert (kept.id, kept.value, kept.kind) == (
                    made["id"], made["text"], DecisionKind.value,
                )  # fmt: skip
                assert kept.made_by == f"user:{made['by']}"
        undone = sum(tally.undone.values())
        assert events_of(data) == {"decided": FIELDS + undone, "decision_undone": undone}
        assert ledger.verify_chain().intact


def events_of(data: Path) -> Counter[str]:
    """How many decisions there were, and how many were taken back."""
    with open_ledger(load_settings(data=data)) as ledger:
        kinds = Counter(one.kind for one in ledger.events())
    return Counter({kind: kinds[kind] for kind in ("decided", "decision_undone")})
