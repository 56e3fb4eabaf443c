"""Several processes at one ledger, and processes that die in the middle of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from ledger_steps import CODE, NOW, register

from schemas.dossier import Stage
from storage import Ledger

FOLDER = Path(__file__).parent
PRELUDE = """
import os, signal, sys
from ledger_steps import *
from storage import *
url = sys.argv[1]

def eight(work):
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            try:
                work(number)
                os._exit(0)
            except BaseException:
                import traceback
                traceback.print_exc()
                os._exit(1)
        children.append(child)
    sys.exit(max(os.waitpid(child, 0)[1] for child in children) != 0)
"""


def script(text: str, url: str) -> subprocess.Popen[bytes]:
    """A process of its own that runs ``text`` after the prelude."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + text, url],
        cwd=FOLDER.parent.parent,
        env={**os.environ, "PYTHONPATH": f"{FOLDER}{os.pathsep}{FOLDER.parent.parent}"},
    )


def test_eight_processes_make_a_new_ledger_and_write(empty_url: str) -> None:
    done = script(
        """
def work(number):
    with Ledger.open(url) as ledger:
        for turn in range(5):
            register(ledger, f"c{number}-{turn}", f"{number}-{turn}", code=f"H17-251103-{turn:04d}")
eight(work)
""",
        empty_url,
    )
    assert done.wait(300) == 0
    with Ledger.open(empty_url) as ledger:
        assert ledger.verify_chain().intact
        assert len(ledger.dossiers()) == 5
        for dossier in ledger.dossiers():
            documents = ledger.documents(dossier.id)
            assert [document.number for document in documents] == list(range(1, 9))


def test_of_eight_processes_one_gets_each_lease_and_each_move(
    ledger: Ledger, ledger_url: str
) -> None:
    for number in range(10):
        register(ledger, f"c{number}", f"{number}", code=f"H17-251103-{number:04d}")
    done = script(
        """
def work(number):
    with Ledger.open(url) as ledger:
        for dossier in ledger.dossiers():
            if ledger.lease(dossier.id, f"p{number}", 60, NOW):
                ledger.note(dossier.id, None, f"p{number}", "leased")
            [document] = ledger.documents(dossier.id)
            try:
                ledger.advance(document.id, Stage.received, Stage.digitised,
                               actor=f"p{number}", pdfa_sha256=sha(f"p{number}"))
            except Conflict:
                pass
from schemas.errors import Conflict
eight(work)
""",
        ledger_url,
    )
    assert done.wait(300) == 0
    assert ledger.verify_chain().intact
    for dossier in ledger.dossiers():
        counted = Counter(event.kind for event in ledger.events(dossier.id))
        assert counted["leased"] == counted["digitised"] == 1
        assert dossier.attempts == 1


def test_killed_in_the_middle_of_a_transaction(ledger: Ledger, ledger_url: str) -> None:
    register(ledger, "c0", "không")
    before = ledger.events(), ledger.dossiers()
    done = script(
        """
import storage.intake
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
storage.intake.refresh_dossier = die   # called when everything else of the claim is written
register(Ledger.open(url), "c1", "một", "hai")
""",
        ledger_url,
    )
    assert done.wait(300) == -signal.SIGKILL
    assert (ledger.events(), ledger.dossiers()) == before
    assert register(ledger, "c1", "một", "hai").created
    assert ledger.verify_chain().intact


def test_killed_at_random(ledger: Ledger, ledger_url: str) -> None:
    register(ledger, "c", "0")
    turns = random.Random(7)
    for life in range(3):
        process = script(
            f"""
ledger = Ledger.open(url)
for turn in range(9999):
    done = register(ledger, f"c{life}-{{turn}}", f"{life}-{{turn}}", "0")
    bring_to(ledger, done.documents[0], Stage.published)
""",
            ledger_url,
        )
        known = len(ledger.events())
        while len(ledger.events()) < known + 20:
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(turns.uniform(0, 0.05))
        process.kill()
        process.wait()
    with Ledger.open(ledger_url) as again:
        assert again.verify_chain().intact
        documents = again.documents(again.dossier(CODE).id)
        events = again.events()
        for document in documents:
            kinds = [event.kind for event in events if event.document_id == document.id]
            assert len(kinds) == len(set(kinds))
            if document.stage is not Stage.received:
                assert kinds[-1] == document.stage.value
        assert again.pending(NOW, 5)
