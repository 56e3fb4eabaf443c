"""Batches for tests: keys, papers, an approval, and what must hold of the signed files."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from drawn_signatures import draw_paper

from schemas.batch import Batch
from schemas.verdict import Verdict
from signing import (
    Pki,
    Signer,
    SignerRole,
    SigningOptions,
    Trust,
    verify,
)
from storage import Ledger
from usecases.batch import FOLDER, approve
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


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """No file's name or person may be in its log."""
    with Ledger.open(ledger_address(tmp_path)) as opened:
        yield opened
        log = "".join(one.model_dump_json() for one in opened.events())
        assert ".pdf" not in log and "can-bo" not in log and str(tmp_path) not in log
        assert opened.verify_chain().intact


def ledger_address(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.sqlite'}"


def papers_in(folder: Path, paper: bytes, count: int) -> list[Path]:
    """Different files: a comment after the end differs."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.pdf" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(paper + b"%% %d\n" % number)
    return paths


def approve_all(ledger: Ledger, folder: Path, papers: list[Path]) -> Batch:
    return approve(
        SERVICE,
        ledger,
        folder,
        papers,
        profile="sao-y",
        role=SignerRole.seal,
        person="can-bo",
        moment=MOMENT,
    )


def see_each_signed_once(folder: Path, papers: list[Path], trust: Trust) -> None:
    for source in papers:
        out = folder / source.name
        assert out.read_bytes().startswith(source.read_bytes())
        verdict = verify(out, trust)
        assert verdict.verdict is Verdict.valid
        assert [one.level for one in verdict.signatures] == ["B-LTA"]
    left = {path.name for path in folder.iterdir()} - {path.name for path in papers}
    assert left == {FOLDER}
