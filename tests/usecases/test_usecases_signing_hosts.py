"""Two hosts at one route or batch, on both databases, who do not see each other's file locks."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hands_at_once import a_ledger
from signed_batches import approve_all, paper, papers_in, pki, see_each_signed_once, signer

from schemas.batch import ItemEnd
from schemas.errors import SohoaError
from schemas.route import Turn
from signing import Pki, Signer, SignerRole, trust_store, verify
from storage import Ledger
from usecases import signing_folders
from usecases.batch import run
from usecases.caller import SERVICE
from usecases.route import begin, show, take_turn

__all__ = ["paper", "pki", "signer"]

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
HOSTS = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_ledger(request.param, tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread is a host of its own, whose file lock the others do not see."""
    monkeypatch.setattr(
        signing_folders.socket, "gethostname", lambda: threading.current_thread().name
    )
    monkeypatch.setattr(signing_folders.SigningFolder, "alone", lambda _own: nullcontext())


def at_once(address: str, act: Callable[[Ledger], object]) -> list[str]:
    """What each host was told: nothing, or the code of a sentence."""
    said: list[str] = []
    together = threading.Barrier(HOSTS)

    def host() -> None:
        with Ledger.open(address) as ledger:
            together.wait()
            try:
                act(ledger)
                said.append("")
            except SohoaError as error:
                said.append(error.code)

    threads = [threading.Thread(target=host, name=f"host{number}") for number in range(HOSTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(said) == HOSTS
    return said


def test_a_turn_is_taken_once(
    tmp_path: Path, address: str, signer: Signer, pki: Pki, paper: bytes
) -> None:
    source, folder = tmp_path / "paper.pdf", tmp_path / "route"
    source.write_bytes(paper)
    turns = [
        Turn(person=f"Lan {number}", profile="component", role=SignerRole.clerk)
        for number in range(3)
    ]
    refused = {"signing.batch_in_progress", "signing.route_not_your_turn", "signing.route_over"}
    with Ledger.open(address) as ledger:
        begin(SERVICE, ledger, folder, source, turns)
        for number in range(3):
            said = at_once(
                address,
                lambda at_host, number=number: take_turn(
                    SERVICE, at_host, folder, signer, person=f"Lan {number}", moment=NOON
                ),
            )
            assert said.count("") == 1 and set(said) <= {"", *refused}, said
            assert len(show(SERVICE, ledger, folder).taken) == number + 1
        kinds = [one.kind for one in ledger.events()]
    assert kinds == ["route_begun", *["turn_taken"] * 3]
    fields = [one.field for one in verify(folder / "3.pdf", trust_store(pki)).signatures]
    assert fields == ["Clerk1", "Clerk2", "Clerk3"]


def test_a_batch_is_signed_once(
    tmp_path: Path, address: str, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 4), tmp_path / "out"
    with Ledger.open(address) as ledger:
        approve_all(ledger, out, papers)
        said = list(
            itertools.chain.from_iterable(
                at_once(address, lambda at_host: run(SERVICE, at_host, out, signer))
                for _ in range(2)
            )
        )
        assert said.count("") >= 2 and set(said) <= {"", "signing.batch_in_progress"}, said
        done = run(SERVICE, ledger, out, signer)
        kinds = [one.kind for one in ledger.events()]
    assert done.count(ItemEnd.signed) == 4
    assert kinds == ["batch_approved", *["batch_item_ended"] * 4]
    see_each_signed_once(out, papers, trust_store(pki))
