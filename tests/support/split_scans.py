"""An office into which scans of several documents are dropped, and a person who settles them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stacks import CODE, StackOffice

from ocr import ReaderPool
from schemas.dossier import Stage
from signing import Signer, Trust
from storage import Dossier
from usecases.caller import Caller, Duty
from usecases.review import doubts, settle
from usecases.splitting import parse_ranges, split_by_person

TESTER = Caller("cli:test", frozenset(Duty))

HEADS = ("QUYẾT ĐỊNH", "more", "THÔNG BÁO", "TỜ TRÌNH")


@pytest.fixture(name="at")
def stack_office(
    tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]
) -> Iterator[StackOffice]:
    made = StackOffice(tmp_path, pool, *keys)
    yield made
    made.ledger.close()


def accept(at: StackOffice) -> None:
    """A person accepts what was read of every document under review."""
    for dossier in at.ledger.dossiers(stage=Stage.in_review):
        if doubts(at.ledger, at.work, dossier):
            settle(TESTER, at.ledger, at.work, dossier, (), approval=at.approval, accept=True)


def dossier_of(at: StackOffice, code: str) -> Dossier:
    found = at.ledger.dossier(code)
    assert found is not None
    return found


def by_person(at: StackOffice, text: str = "", number: int | None = None) -> list[Any]:
    ranges = parse_ranges(text) if text else ()
    dossier = dossier_of(at, CODE)
    return list(split_by_person(TESTER, at.ledger, at.work, dossier, number, ranges))
