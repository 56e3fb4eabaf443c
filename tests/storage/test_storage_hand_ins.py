"""A key names one hand-in: of many at once one puts it into the inbox, all hear the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from schemas.errors import Conflict
from storage import Ledger, NewHandIn

HELD = timedelta(minutes=5)


class Clock:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def papers(**other: object) -> NewHandIn:
    values = {
        "key": "a" * 64, "department": "mot-cua", "code": "TAM-261123-AAAAAAAA",
        "provisional": True, "files": 1, "content": "c" * 64, "made_by": "user:lan",
    }  # fmt: skip
    return NewHandIn.model_validate(values | other)


def test_of_many_at_once_one_puts_it_there(timed: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda _: timed.hand_ins.begin(papers(), HELD), range(16)))
    assert sum(ours for _, ours in told) == 1
    assert {one.code for one, _ in told} == {"TAM-261123-AAAAAAAA"}


def test_the_same_again_is_the_same(timed: Ledger) -> None:
    first, ours = timed.hand_ins.begin(papers(), HELD)
    assert ours
    timed.hand_ins.done(first.key)
    again, ours = timed.hand_ins.begin(papers(code="TAM-261123-BBBBBBBB"), HELD)
    assert not ours and again.code == first.code and again.done_at is not None
    assert timed.hand_ins.newest(first.code, "mot-cua") == again
    assert timed.hand_ins.newest(first.code, "thue") is None


@pytest.mark.parametrize(
    "other",
    [{"content": "d" * 64}, {"department": "thue"}, {"code": "H17-1", "provisional": False}],
)
def test_a_key_does_not_name_other_papers(timed: Ledger, other: dict[str, object]) -> None:
    timed.hand_ins.begin(papers(), HELD)
    with pytest.raises(Conflict) as refused:
        timed.hand_ins.begin(papers(**other), HELD)
    assert refused.value.code == "storing.hand_in_differs"


def test_what_somebody_died_over_goes_to_the_next_under_the_same_code(
    timed: Ledger, clock: Clock
) -> None:
    timed.hand_ins.begin(papers(), HELD)
    clock.now += HELD - timedelta(seconds=1)
    assert timed.hand_ins.begin(papers(), HELD)[1] is False
    clock.now += timedelta(seconds=2)
    taken, ours = timed.hand_ins.begin(papers(code="TAM-261123-BBBBBBBB"), HELD)
    assert ours and taken.code == "TAM-261123-AAAAAAAA"


def test_a_key_is_free_again_where_nothing_came_of_it(timed: Ledger) -> None:
    first, _ = timed.hand_ins.begin(papers(), HELD)
    timed.hand_ins.give_up(first.key)
    assert timed.hand_ins.named(first.key) is None
    timed.hand_ins.begin(papers(content="d" * 64), HELD)
    timed.hand_ins.done(first.key)
    timed.hand_ins.give_up(first.key)
    assert timed.hand_ins.named(first.key) is not None, "what lies in the inbox stays known"


def test_keys_are_forgotten_in_the_end(timed: Ledger, clock: Clock) -> None:
    first, _ = timed.hand_ins.begin(papers(), HELD)
    timed.hand_ins.done(first.key)
    clock.now += timedelta(days=31)
    timed.hand_ins.begin(papers(key="b" * 64), HELD)
    assert timed.hand_ins.named(first.key) is None
