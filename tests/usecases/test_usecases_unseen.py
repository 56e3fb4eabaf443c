"""A document of no known type waits for a person; operators may let types pass."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stacks import CODE, StackOffice, stack

from ocr import ReaderPool, ReadingOptions
from schemas.dossier import Role, Stage
from schemas.errors import Conflict
from signing import Pki, Signer, SigningOptions, trust_store
from usecases import look
from usecases.caller import Caller, Duty
from usecases.review import settle

TESTER = Caller("cli:test", frozenset(Duty))

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"


def office(folder: Path, passing: tuple[str, ...]) -> Iterator[StackOffice]:
    pki = Pki.ensure(folder / "pki", AGENCY, lambda: datetime.now(UTC))
    pool = ReaderPool(ReadingOptions(pass_unseen=passing), 1)
    pool.start()
    signer = Signer(pki, SigningOptions(agency=AGENCY))
    made = StackOffice(folder, pool, signer, trust_store(pki))
    yield made
    made.ledger.close()
    pool.close()


@pytest.fixture
def at(tmp_path: Path) -> Iterator[StackOffice]:
    yield from office(tmp_path, ())


@pytest.fixture
def lenient(tmp_path: Path) -> Iterator[StackOffice]:
    yield from office(tmp_path, ("unknown",))


async def test_unknown_papers_wait_for_a_person_who_is_told_why(at: StackOffice) -> None:
    """A component and a case result alike; accepting settles them."""
    folder = at.root / "inbox" / "mot-cua" / CODE
    (folder / "ket-qua").mkdir(parents=True)
    stack(folder / "a.pdf", "more")
    stack(folder / "ket-qua" / "b.pdf", "more", "more")
    dossier = at.take(folder)
    await at.run()
    documents = at.ledger.documents(dossier.id)
    assert {one.role for one in documents} == {Role.component, Role.result}
    assert [one.stage for one in documents] == [Stage.in_review] * 2
    assert not list((at.root / "store").rglob("*.pdf"))

    told = look.waiting(TESTER, at.rooms, CODE).reasons
    assert [one.code for one in told] == ["fields.unknown_type"] * 2
    with pytest.raises(Conflict) as refused:
        settle(TESTER, at.ledger, at.work, dossier, (), approval=at.approval, accept=False)
    assert "1/unknown_type" in json.dumps(refused.value.params)

    settle(TESTER, at.ledger, at.work, dossier, (), approval=at.approval, accept=True)
    await at.run()
    assert at.settled(CODE) == [Stage.published] * 2


async def test_operators_may_let_unknown_papers_pass(lenient: StackOffice) -> None:
    lenient.drop(CODE, stack(lenient.root / "a.pdf", "more"))
    await lenient.run()
    assert lenient.settled(CODE) == [Stage.published]
