"""Batches: one approval, each file once, whatever happens in between."""

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from drawn_signatures import draw_paper
from external_services import Outside

from schemas.durable import held
from schemas.errors import Conflict, InputRejected, ServiceUnavailable
from schemas.verdict import Verdict
from signing import (
    Level,
    Pki,
    Signer,
    SignerRole,
    SigningOptions,
    Trust,
    trust_store,
    verify,
)
from signing.options import RetryPolicy, TimeStampService
from usecases import batch
from usecases.batch import APPROVED, DONE, FOLDER, Outcome, approve, approved, run
from usecases.caller import SERVICE

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signing.keys.pki.KEY_BITS", 2048)  # six keys of 3072 bits take seconds
        yield Pki.ensure(tmp_path_factory.mktemp("keys") / "pki", AGENCY, lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def signer(pki: Pki) -> Iterator[Signer]:
    made = Signer(pki, SigningOptions(agency=AGENCY))
    yield made
    made.close()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return draw_paper(tmp_path_factory.mktemp("paper") / "paper.pdf").read_bytes()


def _papers(folder: Path, paper: bytes, count: int) -> list[Path]:
    """Different files: a comment after the end differs."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.pdf" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(paper + b"%% %d\n" % number)
    return paths


def _approved(folder: Path, papers: list[Path]) -> batch.Batch:
    return approve(
        SERVICE,
        folder,
        papers,
        profile="sao-y",
        role=SignerRole.seal,
        actor="can-bo",
        moment=MOMENT,
    )


def _once_each(folder: Path, papers: list[Path], trust: Trust) -> None:
    for source in papers:
        out = folder / source.name
        assert out.read_bytes().startswith(source.read_bytes())
        verdict = verify(out, trust)
        assert verdict.verdict is Verdict.valid
        assert [one.level for one in verdict.signatures] == ["B-LTA"]
    left = {path.name for path in folder.iterdir()} - {path.name for path in papers}
    assert left == {FOLDER}


def test_what_was_approved_is_signed_once(
    tmp_path: Path, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = _papers(tmp_path / "in", paper, 4), tmp_path / "out"
    made = _approved(out, papers)
    assert approved(out) == made
    report = run(SERVICE, out, made, signer)
    assert [one.outcome for one in report.results] == [Outcome.signed] * 4
    _once_each(out, papers, trust_store(pki))
    before = {path.name: path.read_bytes() for path in out.glob("*.pdf")}
    again = run(SERVICE, out, made, signer)
    assert again.count(Outcome.signed) == 4
    assert {path.name: path.read_bytes() for path in out.glob("*.pdf")} == before
    with pytest.raises(Conflict) as caught:
        _approved(out, papers)
    assert caught.value.code == "signing.batch_exists"


def test_files_of_the_same_name_and_files_that_changed(
    tmp_path: Path, signer: Signer, paper: bytes
) -> None:
    papers = [
        *_papers(tmp_path / "a", paper, 2),
        *_papers(tmp_path / "b", paper + b"%b\n", 2),
    ]
    out = tmp_path / "out"
    made = _approved(out, papers)
    assert [one.out for one in made.items] == ["000.pdf", "001.pdf", "000-2.pdf", "001-2.pdf"]
    papers[1].write_bytes(paper + b"%changed\n")
    papers[2].unlink()
    bad = run(SERVICE, out, made, signer)
    assert [one.outcome.value for one in bad.results] == ["signed", "refused", "refused", "signed"]
    assert {one.error for one in bad.results} == {None, "signing.batch_changed"}
    assert not (out / "001.pdf").exists()


def test_one_bad_file_does_not_stop_the_others(
    tmp_path: Path, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = _papers(tmp_path / "in", paper, 3), tmp_path / "out"
    papers[1].write_bytes(b"no PDF at all")
    report = run(SERVICE, out, _approved(out, papers), signer)
    assert [one.error for one in report.results] == [None, "signing.not_a_pdf", None]
    _once_each(out, [papers[0], papers[2]], trust_store(pki))


def test_one_process_at_a_time(tmp_path: Path, signer: Signer, paper: bytes) -> None:
    papers, out = _papers(tmp_path / "in", paper, 1), tmp_path / "out"
    made = _approved(out, papers)
    lock = held(out / FOLDER / "lock", ServiceUnavailable("signing.batch_in_progress"))
    with lock, pytest.raises(ServiceUnavailable) as caught:
        run(SERVICE, out, made, signer)
    assert caught.value.code == "signing.batch_in_progress"


def test_a_cut_off_journal_and_lost_outputs(
    tmp_path: Path, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = _papers(tmp_path / "in", paper, 3), tmp_path / "out"
    made = _approved(out, papers)
    run(SERVICE, out, made, signer)
    first = (out / "000.pdf").read_bytes()
    journal = out / FOLDER / DONE
    journal.write_bytes(journal.read_bytes()[:-20])
    (out / "002.pdf").unlink()
    report = run(SERVICE, out, made, signer)
    assert report.count(Outcome.signed) == 3
    assert (out / "000.pdf").read_bytes() == first
    _once_each(out, papers, trust_store(pki))
    (out / FOLDER / APPROVED).write_text(json.dumps({"batch_id": "x"}))
    with pytest.raises(Conflict):
        approved(out)


def test_an_output_of_somebody_else_is_not_overwritten(
    tmp_path: Path, signer: Signer, paper: bytes
) -> None:
    papers, out = _papers(tmp_path / "in", paper, 1), tmp_path / "out"
    made = _approved(out, papers)
    (out / "000.pdf").write_bytes(b"mine")
    report = run(SERVICE, out, made, signer)
    assert report.results[0].error == "signing.out_exists"
    assert (out / "000.pdf").read_bytes() == b"mine"


def test_who_wants_to_write_over_the_inputs(tmp_path: Path, paper: bytes) -> None:
    papers = _papers(tmp_path / "in", paper, 1)
    with pytest.raises((Conflict, InputRejected)):
        _approved(tmp_path / "in", papers)


# --- services and crashes in the middle -----------------------------------------------------------


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
    papers, out = _papers(folder / "in", paper, count), folder / "out"
    made = _approved(out, papers)
    ways = ["dead", "nonce", "hash", "expired", "crl", "html"] * 3 + ["slow"]
    signed = waited = 0

    def said(result: batch.Result) -> None:
        nonlocal signed, waited
        signed += result.outcome is Outcome.signed
        waited += result.outcome is Outcome.waiting
        now = outside.behaviour
        now.dead, now.lie, now.slow, now.dying = False, "", 0.0, set()
        if signed < count and chance.random() < 0.6:
            way = chance.choice(ways)
            now.dead, now.slow = way == "dead", 30.0 if way == "slow" else 0.0
            now.lie = way if way in {"nonce", "hash", "expired", "html"} else ""
            now.dying = {"crls"} if way == "crl" else set()

    report = run(
        SERVICE,
        out,
        made,
        signer,
        patience=1e9,
        said=said,
        clock=lambda: time.monotonic() * 25,  # so that back-off takes its course more quickly
        sleep=lambda seconds: time.sleep(seconds / 25),
    )
    assert report.count(Outcome.signed) == count
    assert waited > 0
    _once_each(out, papers, trust_store(pki, [outside.pem("root")]))
    signer.close()
    outside.close()


def test_services_that_fail_in_the_middle(tmp_path: Path, paper: bytes, pki: Pki) -> None:
    trouble(tmp_path, paper, 5, pki)


def _work(folder: Path, keys: Path) -> None:
    pki = Pki(keys, lambda: datetime.now(UTC))
    signer = Signer(pki, SigningOptions(agency=AGENCY, level=Level.b_lta))
    made = approved(folder)
    assert made is not None
    run(SERVICE, folder, made, signer)
    signer.close()
    os._exit(0)


def kills(folder: Path, paper: bytes, count: int, times: int, pki: Pki, seed: int = 7) -> None:
    """A batch killed ``times`` times at random moments of its work, then left to end."""
    chance = random.Random(seed)
    papers, out = _papers(folder / "in", paper, count), folder / "out"
    _approved(out, papers)
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
    _once_each(out, papers, trust_store(pki))


def _size(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def test_killed_at_random_moments(tmp_path: Path, paper: bytes, pki: Pki) -> None:
    kills(tmp_path, paper, 6, 1, pki)
