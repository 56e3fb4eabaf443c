"""Batches whose services fail in the middle, or whose process is killed."""

import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from external_services import Outside
from signed_batches import (
    AGENCY,
    approve_all,
    ledger_address,
    paper,
    papers_in,
    pki,
    see_each_signed_once,
)

from schemas.batch import BatchItem, ItemEnd
from signing import (
    Level,
    Pki,
    Signer,
    SigningOptions,
    trust_store,
)
from signing.options import RetryPolicy, TimeStampService
from storage import Ledger
from usecases.batch import run
from usecases.caller import SERVICE

__all__ = ["paper", "pki"]


def trouble(folder: Path, paper: bytes, count: int, pki: Pki, seed: int = 5) -> None:
    """A batch whose time stamps and revocation lists die, slow down and lie in the middle.

    They are away at the start and change with every outcome, so that some file has to wait however
    fast the machine is.
    """
    chance = random.Random(seed)
    outside = Outside(folder / "outside")
    outside.behaviour.dead = True
    options = SigningOptions(
        agency=AGENCY,
        time_stamps=TimeStampService(address=f"{outside.address}/outside/tsa/tsa"),
        trust_anchors=(outside.pem("root"),),
        intermediates=(outside.pem("issuing"),),
        services=RetryPolicy(seconds=3, tries=2, pause=0.02, failures=3, rest=0.2),
    )
    signer = Signer(pki, options)
    papers, out = papers_in(folder / "in", paper, count), folder / "out"
    ledger = Ledger.open(ledger_address(folder))
    approve_all(ledger, out, papers)
    ways = ["dead", "nonce", "hash", "expired", "crl", "html"] * 3 + ["slow"]
    signed = waited = 0

    def said(result: BatchItem) -> None:
        nonlocal signed, waited
        signed += result.end is ItemEnd.signed
        waited += result.end is ItemEnd.waiting
        now = outside.behaviour
        now.dead, now.lie, now.slow, now.dying = False, "", 0.0, set()
        if signed < count and chance.random() < 0.6:
            way = chance.choice(ways)
            now.dead, now.slow = way == "dead", 30.0 if way == "slow" else 0.0
            now.lie = way if way in {"nonce", "hash", "expired", "html"} else ""
            now.dying = {"crls"} if way == "crl" else set()

    report = run(
        SERVICE,
        ledger,
        out,
        signer,
        patience=1e9,
        said=said,
        clock=lambda: time.monotonic() * 25,  # so that back-off takes its course more quickly
        sleep=lambda seconds: time.sleep(seconds / 25),
    )
    assert report.count(ItemEnd.signed) == count
    assert waited > 0
    see_each_signed_once(out, papers, trust_store(pki, [outside.pem("root")]))
    ledger.close()
    signer.close()
    outside.close()


def test_services_that_fail_in_the_middle(tmp_path: Path, paper: bytes, pki: Pki) -> None:
    trouble(tmp_path, paper, 5, pki)


def _work(folder: Path, keys: Path) -> None:
    pki = Pki(keys, lambda: datetime.now(UTC))
    signer = Signer(pki, SigningOptions(agency=AGENCY, level=Level.b_lta))
    with Ledger.open(ledger_address(folder.parent)) as ledger:
        run(SERVICE, ledger, folder, signer)
    signer.close()
    os._exit(0)


def kills(folder: Path, paper: bytes, count: int, times: int, pki: Pki, seed: int = 7) -> None:
    """A batch killed ``times`` times at random moments of its work, then left to end."""
    chance = random.Random(seed)
    papers, out = papers_in(folder / "in", paper, count), folder / "out"
    with Ledger.open(ledger_address(folder)) as ledger:
        approve_all(ledger, out, papers)
    spawn = multiprocessing.get_context("spawn")
    seen: dict[str, bytes] = {}
    for _ in range(times):
        child = spawn.Process(target=_work, args=(out, pki.directory))
        before = _size(out)
        child.start()
        while child.is_alive() and _size(out) == before:
            time.sleep(0.005)  # until it works
        time.sleep(chance.random() * 0.6)
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        for path in out.glob("*.pdf"):  # what was there whole stays as it was
            content = path.read_bytes()
            assert seen.setdefault(path.name, content) == content
        if len(seen) == count:
            break
    child = spawn.Process(target=_work, args=(out, pki.directory))
    child.start()
    child.join()
    assert child.exitcode == 0
    for name, content in seen.items():
        assert (out / name).read_bytes() == content
    see_each_signed_once(out, papers, trust_store(pki))


def _size(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def test_killed_at_random_moments(tmp_path: Path, paper: bytes, pki: Pki) -> None:
    kills(tmp_path, paper, 6, 1, pki)
