"""kill -9 at random of every part, while dossiers run: nothing lost, nothing done twice.

A longer trial: ``KILLED_DOSSIERS=30 KILLS=20 python -m pytest
tests/pipeline/test_pipeline_kill.py``
"""

import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from running import running_in

from schemas.dossier import Stage
from sohoa.bootstrap import open_objects, work_folder
from sohoa.sample import draw_small
from storage import ObjectKind
from usecases.caller import SERVICE
from usecases.fetch import fetch
from usecases.review import settle
from usecases.rooms import Rooms
from usecases.submission import Submission, submit

DOSSIERS = int(os.environ.get("KILLED_DOSSIERS", "8"))
KILLS = int(os.environ.get("KILLS", "6"))
PARTS = ("watcher", "worker", "store", "worker", "prefect")
SEED = int(os.environ.get("SOHOA_TEST_SEED", "20261123"))


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(600 + 90 * KILLS)
def test_parts_are_killed_while_dossiers_run(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    running = running_in(tmp_path)
    pages = draw_small(tmp_path / "pages", DOSSIERS, date.today())
    running.start()
    try:
        for number, page in enumerate(pages, start=1):
            code = f"H17-{date.today():%y%m%d}-{number:04d}"
            submit(SERVICE, running.inbox, "mot-cua", Submission(code, False, (page,)))
        killed: Counter[str] = Counter()
        while killed.total() < KILLS:
            time.sleep(dice.uniform(0.3, 3.0))
            victim = PARTS[killed.total() % len(PARTS)]
            pids = running.workers() if victim == "worker" else [running.pids().get(victim, 0)]
            pid = dice.choice(pids or [0])
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed[victim] += 1

        with running.ledger() as ledger:

            def all_published() -> bool:
                for doubtful in ledger.dossiers(stage=Stage.in_review):
                    work = work_folder(running.settings())
                    settle(SERVICE, ledger, work, doubtful, (), accept=True)
                stages = Counter(one.stage for one in ledger.dossiers())
                return stages == {Stage.published: DOSSIERS} and not any(
                    (running.inbox / ".claimed").iterdir()
                )

            running.wait_for(all_published, 60 + 10 * KILLS, f"all published after {dict(killed)}")
            running.wait_ready()
            signed = Counter(
                event.document_id
                for event in ledger.events()
                if event.data.get("to") == Stage.signed or event.kind == Stage.signed
            )
            assert len(signed) == DOSSIERS
            assert set(signed.values()) == {1}
            chain = ledger.verify_chain()
            assert chain.intact
            settings = running.settings()
            rooms = Rooms(ledger, work_folder(settings), lambda: open_objects(settings))
            for dossier in ledger.dossiers():
                kept = Counter(one.kind for one in ledger.objects(dossier.id))
                assert kept[ObjectKind.signed] == kept[ObjectKind.original] == 1
                fetched = fetch(SERVICE, rooms, dossier.code, tmp_path / "out")
                path = next(Path(one.path) for one in fetched.files if one.kind == "signed")
                assert signatures_in(path) == 1
        verified = running.cli("verify", *sorted((tmp_path / "out").glob("*/*.pdf")), "--json")
        verdicts = Counter(one["verdict"] for one in json.loads(verified.out)["files"])
        assert verdicts == {"valid": DOSSIERS}
        assert len(list((running.inbox / "done" / "mot-cua").iterdir())) == DOSSIERS
    finally:
        running.stop()


def signatures_in(path: Path) -> int:
    """Signatures by a person or a seal; document time stamps do not count."""
    with pikepdf.open(path) as pdf:
        return sum(
            field.get("/FT") == "/Sig"
            and "/V" in field
            and field["/V"].get("/Type", "/Sig") == "/Sig"
            for field in pdf.Root.AcroForm.Fields
        )
