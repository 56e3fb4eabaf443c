"""Two hosts on one ledger and one store, killed at random, the cache of one deleted: nothing lost.

The ledger is in PostgreSQL by address; the second host polls its inbox and speaks English.

A longer trial: ``HOSTS_DOSSIERS=200 HOSTS_KILLS=10 python -m pytest
tests/pipeline/test_pipeline_hosts.py``
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import psycopg
import pytest
from drawn_pages import draw_page, saved
from postgres_server import postgres_server
from running import Running, running_in
from running_store import RunningStore

from schemas.dossier import Stage
from schemas.errors import ExitCode
from sohoa.bootstrap import open_objects, work_folder
from sohoa.keys import open_pki
from sohoa.sample import draw_small
from storage import Ledger, ObjectKind
from usecases.caller import SERVICE
from usecases.submission import Submission, submit

DOSSIERS = int(os.environ.get("HOSTS_DOSSIERS", "8"))
KILLS = int(os.environ.get("HOSTS_KILLS", "2"))
SEED = int(os.environ.get("SOHOA_TEST_SEED", "20261123"))


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[Running]]:
    """Two hosts that share nothing but a database, an S3 store and the office's keys."""
    store = RunningStore(_folder(tmp_path / "store"))
    store.start()
    with postgres_server() as folder:
        with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE sohoa")
        options = store.options()
        made = [running_in(_folder(tmp_path / name)) for name in ("one", "two")]
        for one in made:
            one.services = 3  # the store is an outside one
            one.environment |= {
                "SOHOA_DATABASE_URL": f"postgresql+psycopg://postgres@/sohoa?host={folder}",
                "SOHOA_STORE__ENDPOINT": f"https://{options.endpoint}",
                "SOHOA_STORE__ACCESS_KEY": options.access_key,
                "SOHOA_STORE__SECRET_KEY": options.secret_key.get_secret_value(),
                "SOHOA_STORE__CA_FILE": str(options.ca_file),
                "SOHOA_WORKERS": "1",
            }
        made[1].environment |= {"SOHOA_TAKING__POLLING": "true", "SOHOA_LANGUAGE": "en"}
        try:
            yield made
        finally:
            for one in made:
                if one.process is not None and one.process.poll() is None:
                    one.stop()
            store.kill()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(600 + 30 * DOSSIERS)
def test_two_hosts_that_are_killed_lose_nothing(
    hosts: list[Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(SEED)
    one, two = hosts
    one.start()
    _refused_with_keys_of_its_own(two)
    shutil.copytree(one.data / "pki", two.data / "pki")
    two.start()
    for name, value in one.environment.items():
        monkeypatch.setenv(name, value)
    for number, pages in enumerate(draw_small(tmp_path / "pages", DOSSIERS, date.today()), 1):
        code = f"H17-{date.today():%y%m%d}-{number:04d}"
        inbox = hosts[number % 2].inbox
        if number % 4 < 2:  # of no known type: a person decides, at either host
            noted = draw_page((f"GHI CHÉP SỐ {number}", "Việc cần làm trong tuần"))
            saved(noted.image, pages / "quyet-dinh.jpg")
        submit(SERVICE, inbox, "mot-cua", Submission(code, False, (pages,)))
    with one.ledger() as ledger:
        killed: Counter[str] = Counter()
        while killed.total() < 2 * KILLS:
            time.sleep(dice.uniform(0.5, 4.0) * max(1.0, DOSSIERS / 40))
            number = killed.total() % 2
            victim = dice.choice(["watcher", "watcher", "worker"])
            running = hosts[number]
            found = running.workers() if victim == "worker" else [running.pids().get(victim, 0)]
            if pid := dice.choice(found or [0]):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed[f"{victim} of {number + 1}"] += 1
            if killed.total() == KILLS:
                shutil.rmtree(work_folder(two.settings()), ignore_errors=True)
        _let_them_end(hosts, ledger)
        _each_once(hosts, ledger)
    refused = two.cli("status", "H17-000000-0000")
    assert refused.err.strip().startswith("The ledger has no dossier with this code.")
    assert not any((host.data / "ledger.sqlite").exists() for host in hosts)


def _refused_with_keys_of_its_own(running: Running) -> None:
    """A host that made its own keys is told which folder to copy, before anything starts."""
    open_pki(running.settings())
    refused = running.cli("up", "--once")
    assert refused.code == ExitCode.configuration
    assert str(running.data / "pki") in refused.err
    shutil.rmtree(running.data / "pki")


def _let_them_end(hosts: list[Running], ledger: Ledger) -> None:
    """Reviews are settled by the command of either host in turn."""
    turn = settled = 0
    end = time.monotonic() + 60 + 20 * DOSSIERS
    while time.monotonic() < end:
        for doubtful in ledger.dossiers(stage=Stage.in_review):
            turn += 1
            answer = hosts[turn % 2].cli("review", doubtful.code, "--accept")
            assert answer.code == ExitCode.ok, answer.err
            settled += 1
        stages = Counter(found.stage for found in ledger.dossiers())
        waiting = [path for found in hosts for path in (found.inbox / ".claimed").iterdir()]
        if stages == {Stage.published: DOSSIERS} and not waiting:
            assert settled == DOSSIERS // 2
            return
        time.sleep(1)
    pytest.fail(f"{stages}, {len(waiting)} claims\n{hosts[0].tail()}\n{hosts[1].tail()}")


def _each_once(hosts: list[Running], ledger: Ledger) -> None:
    signed = Counter(event.document_id for event in ledger.events() if event.kind == Stage.signed)
    assert len(signed) == DOSSIERS
    assert set(signed.values()) == {1}
    assert not [event for event in ledger.events() if event.kind == Stage.failed]
    assert ledger.verify_chain().intact
    for dossier in ledger.dossiers():
        kept = Counter(found.kind for found in ledger.objects(dossier.id))
        assert kept[ObjectKind.signed] == kept[ObjectKind.original] == 1
    objects = open_objects(hosts[0].settings())
    assert objects.claims_kept() == [], "nothing is left of the work"
    for found in hosts:
        shown = found.cli("status", "--json").json["dossiers"]
        assert Counter(each["stage"] for each in shown) == {"published": DOSSIERS}
        done = list((found.inbox / "done" / "mot-cua").iterdir())
        assert len(done) in {DOSSIERS // 2, DOSSIERS - DOSSIERS // 2}
