"""Two hosts with one ledger and one store: each takes the other's steps, each keeps its inbox."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from held_files import holding
from stacks import CODE, OTHER, StackOffice, stack

from flows.inbox import Candidate
from flows.intake import register
from ocr import ReaderPool
from schemas.dossier import Stage
from schemas.errors import ServiceUnavailable
from signing import Signer, Trust
from usecases.caller import SERVICE
from usecases.review import settle
from usecases.sweeping import sweep_work


@pytest.fixture
def hosts(
    tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]
) -> Iterator[tuple[StackOffice, StackOffice]]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = StackOffice(tmp_path / "one", pool, *keys)
    two = StackOffice(tmp_path / "two", pool, *keys)
    two.ledger.close()
    two.ledger, two.store, two.inbox.name = one.ledger, one.store, "two"
    yield one, two
    one.ledger.close()


def accept(host: StackOffice) -> None:
    for dossier in host.ledger.dossiers(stage=Stage.in_review):
        settle(SERVICE, host.ledger, host.work, dossier, (), accept=True, approval=host.approval)


async def test_the_other_host_takes_every_step_and_the_inbox_is_tended_by_its_own(
    hosts: tuple[StackOffice, StackOffice],
) -> None:
    """A scan of two documents, papers in a file, one of them broken."""
    one, two = hosts
    paper = stack(one.root / "t.pdf", "THÔNG BÁO").read_bytes()
    inside = [("tb.pdf", paper), ("hong.pdf", b"%PDF-1.7 broken")]
    scan = stack(one.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "TỜ TRÌNH")
    one.drop(CODE, scan, holding(one.root / "tap.pdf", inside, portfolio=True))
    rmtree(one.work)  # whatever this host had of it
    for _ in range(4):
        await two.run()
        accept(two)
    await two.run()
    assert set(one.settled(CODE)) == {Stage.published, Stage.rejected}
    assert one.ledger.claims_to_tend("two") == []
    assert not (one.root / "inbox" / "rejected" / "mot-cua").exists()
    one.tend()
    done = one.root / "inbox" / "done" / "mot-cua" / CODE
    assert (done / "s.pdf").read_bytes() == scan.read_bytes()
    assert (done / "tap.pdf.dinh-kem" / "tb.pdf").read_bytes() == paper
    rejected = one.root / "inbox" / "rejected" / "mot-cua" / CODE
    assert (rejected / "hong.pdf").read_bytes() == b"%PDF-1.7 broken"
    assert one.ledger.open_claims() == []
    assert one.store.claims_kept() == []
    one.tend()
    assert len(list(done.rglob("*.pdf"))) == 3


async def test_each_step_on_another_host_signs_once(
    hosts: tuple[StackOffice, StackOffice],
) -> None:
    one, two = hosts
    two.drop(OTHER, stack(two.root / "a.pdf", "QUYẾT ĐỊNH"))
    from usecases import steps

    dossier = one.ledger.dossiers()[0]
    turn = 0
    for step in (steps.read, steps.decide, steps.sign, steps.store, steps.publish):
        await step(hosts[turn].office, one.ledger.dossier_by_id(dossier.id))
        accept(hosts[turn])
        for host in hosts:
            rmtree(host.work, ignore_errors=True)
            host.work.mkdir()
        turn = 1 - turn
    assert two.settled(OTHER) == [Stage.published]
    kinds = [event.kind for event in one.ledger.events()]
    assert kinds.count("signed") == 1
    assert not {"remade", "begun_again", "signature_lost", "failed"} & set(kinds)


def test_a_claim_waits_while_the_store_is_away(
    hosts: tuple[StackOffice, StackOffice], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = hosts
    folder = one.root / "inbox" / "mot-cua" / CODE
    folder.mkdir(parents=True)
    (folder / "a.pdf").write_bytes(b"a")
    claim = one.inbox.claim(Candidate(folder, "mot-cua", loose=False), datetime.now(UTC))
    assert claim is not None

    def away(*_: object) -> None:
        raise ServiceUnavailable("storing.store_unavailable", endpoint="x")

    monkeypatch.setattr(one.store, "keep_original", away)
    with pytest.raises(ServiceUnavailable):
        register(one.inbox, one.office, claim)
    assert one.ledger.dossiers() == [], "nothing is entered whose original is not stored"
    assert (claim.path / "a.pdf").read_bytes() == b"a"
    monkeypatch.undo()
    assert register(one.inbox, one.office, claim) is not None
    assert len(one.store.originals_kept(claim.claim_id)) == 1


def test_the_night_sweeps_what_ended_and_nothing_else(
    hosts: tuple[StackOffice, StackOffice],
) -> None:
    one, two = hosts
    two.drop(CODE, stack(two.root / "a.pdf", "QUYẾT ĐỊNH"))
    (document,) = one.ledger.documents(one.ledger.dossiers()[0].id)
    now = datetime.now(UTC)
    names = {
        "young": f"{now:%Y%m%dT%H%M%S}-00000001",
        "old": f"{now - timedelta(days=3):%Y%m%dT%H%M%S}-00000002",
    }
    for name in names.values():
        one.store.keep_made(name, two.root / "a.pdf")
    (one.work / str(document.id)).mkdir()
    assert sweep_work(one.office) == 1
    assert sorted(one.store.claims_kept()) == sorted([names["young"], document.claim_id])
    one.ledger.reject(document.id, "flow.not_a_file", {}, "test")
    assert sweep_work(one.office) == 0, "its host has yet to give it back"
    assert not (one.work / str(document.id)).exists()
    two.tend()
    assert one.store.claims_kept() == [names["young"]]
    assert (two.root / "inbox" / "rejected" / "mot-cua" / CODE / "a.pdf").exists()
