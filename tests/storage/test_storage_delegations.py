"""Who approves in whose stead, in real databases; an approval's row says what its event says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from ledger_steps import bring_to, register, sha

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, NotTrusted
from schemas.work import ApprovalRule
from storage import ApprovalDelegation, InStead, Ledger, NewAccount, NewDelegation

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def books(ledger_url: str, moment: list[datetime]) -> Iterator[Ledger]:
    """A ledger whose clock stands still."""
    with Ledger.open(ledger_url, clock=lambda: moment[0]) as opened:
        yield opened


def delegated(books: Ledger, departments: tuple[str, ...] = ("mot-cua",)) -> ApprovalDelegation:
    people = [
        books.accounts.add(
            NewAccount(name=name, folded=name, duties=frozenset({duty}), departments=units),
            "test",
        )
        for name, duty, units in (
            ("ky", "signer", frozenset(departments)),
            ("lan", "clerk", None),
        )
    ]
    giver, delegate = (one.id for one in people if one is not None)
    new = NewDelegation(
        giver_id=giver, delegate_id=delegate, begins_at=NOW, ends_at=NOW + DAY, reason="đi họp"
    )
    return books.delegations.add(new, "user:ky")


def test_it_stands_from_its_first_moment_until_its_last(
    books: Ledger, moment: list[datetime]
) -> None:
    made = delegated(books)
    assert (made.giver, made.delegate, made.departments) == ("ky", "lan", frozenset({"mot-cua"}))
    for ahead, stands in ((-1, False), (0, True), (86_399, True), (86_400, False)):
        moment[0] = NOW + timedelta(seconds=ahead)
        assert bool(books.delegations.to(made.delegate_id)) is stands, ahead
        assert books.delegations.to(made.giver_id) == []
    moment[0] = NOW
    for _ in range(2):
        assert books.delegations.end(made.id, "user:ky").ended_at == NOW
    assert books.delegations.to(made.delegate_id) == []
    assert [one.kind for one in books.events()][2:] == ["delegation_added", "delegation_ended"]
    assert "đi họp" not in str(books.events())
    with pytest.raises(NotFound):
        books.delegations.end(99, "user:ky")


@pytest.mark.parametrize("units", [("mot-cua",), ("thue",)])
def test_an_approval_names_both(books: Ledger, units: tuple[str, ...]) -> None:
    made = delegated(books, units)
    (document,) = register(books).documents
    bring_to(books, document, Stage.digitised)
    books.advance(document.id, Stage.digitised, Stage.awaiting_approval, actor="test")
    seen = books.document(document.id).manifest_sha256 or sha("m")

    def approve() -> None:
        books.approve(
            document.id, "user:lan", manifest_sha256=seen, rule=ApprovalRule.one,
            stead=InStead(delegation=made.id, name="user:ky"),
        )  # fmt: skip

    if units == ("thue",):
        with pytest.raises(Conflict) as refused:
            approve()
        assert refused.value.code == "storing.delegation_over"
        return
    approve()
    (kept,) = books.approvals(document.id)
    assert (kept.made_by, kept.made_for) == ("user:lan", "user:ky")
    assert books.examine() == ()
    with books._database.write() as connection:
        connection.execute(sa.text("UPDATE approval SET made_for = 'user:hai'"))
    with pytest.raises(NotTrusted):
        books.prove(document.dossier_id)
