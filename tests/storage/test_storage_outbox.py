"""What is on its way to other systems, in real databases: entered with its event, sent in order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from ledger_steps import bring_to, kinds, register

from schemas.delivery import News
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from storage import Delivery, Failure, Ledger, NewTarget, Target

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
HERE, THERE = "sender@one", "sender@two"
DOWN = Failure(code="delivering.no_answer")


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def books(ledger_url: str, moment: list[datetime]) -> Iterator[Ledger]:
    """A ledger whose clock stands still; its rows stay what its events say."""
    with Ledger.open(ledger_url, clock=lambda: moment[0]) as opened:
        yield opened
        assert opened.examine() == ()


def a_target(books: Ledger, name: str = "dvc", *events: News, **more: object) -> Target:
    told = {
        "departments": None,
        "events": frozenset(events or (News.published, News.withdrawn, News.superseded)),
        "adapter": "sohoa",
        "url": "https://dvc.example.vn/tin",
        "plain": False,
    }
    return books.targets.add(NewTarget(name=name, folded=name, **(told | more)), "test")


def taken(books: Ledger, *targets: Target, owner: str = HERE, together: int = 8) -> list[Delivery]:
    ids = [one.id for one in targets]
    return books.outbox.take(owner, ids, together=together, seconds=60)


def waiting(books: Ledger, target: Target) -> list[News]:
    return [found.one.news for found in books.deliveries.listed([target.id], limit=99)]


def test_a_change_is_entered_for_those_who_want_it(books: Ledger) -> None:
    early = a_target(books, "mcdt", News.opened, News.received, News.in_review, News.ready_to_sign)
    results = a_target(books)
    a_target(books, "thue", departments=frozenset({"thue"}))
    ended = a_target(books, "cu")
    books.targets.end("cu", "test")
    (first,) = register(books).documents
    (second,) = register(books, "c2", "khác").documents
    bring_to(books, first, Stage.published)
    bring_to(books, second, Stage.published)
    assert waiting(books, early) == [
        News.opened, News.received, News.received, News.ready_to_sign, News.ready_to_sign,
    ]  # fmt: skip
    books.withdraw(first.id, "sai số", "test", superseded_by=second.id)
    books.withdraw(second.id, "sai nữa", "test")
    assert waiting(books, results) == [
        News.published, News.published, News.superseded, News.withdrawn,
    ]  # fmt: skip
    assert waiting(books, ended) == []
    assert len(books.targets.backlog()) == 2


def test_nothing_is_entered_where_the_change_was_not_made(books: Ledger) -> None:
    target = a_target(books)
    (document,) = register(books).documents
    with pytest.raises(Conflict):
        books.advance(document.id, Stage.stored, Stage.published, actor="test")
    assert waiting(books, target) == []


def test_linked_papers_are_told_of_in_each_dossier(books: Ledger) -> None:
    target = a_target(books)
    (document,) = register(books, "c1", "một").documents
    register(books, "c2", "một", code="H17-251103-0002")
    bring_to(books, document, Stage.published)
    told = {found.dossier for found in books.deliveries.listed([target.id])}
    assert len(told) == 2


def three(books: Ledger, *, events: tuple[News, ...] = ()) -> Target:
    """A target with three pieces of news of one dossier, and one of another."""
    target = a_target(books, "dvc", *(events or (News.signed, News.stored, News.published)))
    (first,) = register(books).documents
    bring_to(books, first, Stage.published)
    (other,) = register(books, "c2", "khác", code="H17-251103-0002").documents
    bring_to(books, other, Stage.signed)
    return target


def test_the_order_of_a_dossier_is_kept(books: Ledger) -> None:
    target = three(books)
    first, other = taken(books, target)
    assert (first.news, other.news) == (News.signed, News.signed)
    assert taken(books, target) == []  # the next of a dossier waits for the first
    assert taken(books, target, owner=THERE) == []
    assert books.outbox.delivered(first, HERE, 200)
    (second,) = taken(books, target, owner=THERE)
    assert (second.news, second.dossier_id) == (News.stored, first.dossier_id)
    assert kinds(books, first.dossier_id)[-1] == "delivered"
    assert books.targets.all()[0].last_delivered_at == NOW


def test_a_lease_that_was_lost_changes_nothing(books: Ledger, moment: list[datetime]) -> None:
    target = three(books)
    first, _ = taken(books, target)
    moment[0] += timedelta(seconds=61)
    again, _ = taken(books, target, owner=THERE)
    assert again.id == first.id
    assert not books.outbox.delivered(first, HERE, 200)
    assert not books.outbox.failed(first, HERE, DOWN, moment[0], dead=False)
    assert books.outbox.delivered(again, THERE, 200)
    assert books.outbox.end_leases(THERE) == 1  # of the other dossier


def test_every_try_says_the_same(books: Ledger) -> None:
    target = three(books)
    first, _ = taken(books, target)
    books.outbox.keep_bodies({first.id: "một"}, HERE)
    books.outbox.keep_bodies({first.id: "hai"}, HERE)
    books.outbox.keep_bodies({first.id: "hai"}, THERE)
    books.outbox.failed(first, HERE, DOWN, NOW, dead=False)
    (again,) = taken(books, target)
    assert (again.id, again.key, again.body, again.attempts) == (first.id, first.key, "một", 1)
    books.outbox.delivered(again, HERE, 200)
    kept = books.deliveries.acknowledge(target.id, first.key, "system:dvc")
    assert (kept.body, kept.delivered_at) == (None, NOW)


def test_a_system_that_is_down_is_left_alone(books: Ledger, moment: list[datetime]) -> None:
    target = a_target(books)
    for number in range(8):
        code = f"H17-251103-{number:04d}"
        (one,) = register(books, f"c{number}", f"tờ {number}", code=code).documents
        bring_to(books, one, Stage.published)
    first = taken(books, target, together=7)
    assert len(first) == 7
    for one in first:
        books.outbox.failed(one, HERE, DOWN, NOW, dead=False)
    (known,) = books.targets.all()
    assert (known.failures, known.failing_since) == (5, NOW), "the rest tells nothing new"
    assert known.retry_at == NOW + timedelta(seconds=1)
    assert taken(books, target) == []
    moment[0] += timedelta(seconds=2)
    (probe,) = taken(books, target)  # one alone tries it
    books.outbox.delivered(probe, HERE, 200)
    assert len(taken(books, target)) == 7
    assert books.targets.all()[0].failing_since is None


def test_a_dead_one_holds_up_its_dossier_until_it_is_retried(books: Ledger) -> None:
    target = three(books)
    first, other = taken(books, target)
    refused = Failure(code="delivering.refused", status=422, whole_target=False)
    books.outbox.failed(first, HERE, refused, NOW, dead=True)
    books.outbox.delivered(other, HERE, 200)
    assert taken(books, target) == []
    assert kinds(books, first.dossier_id)[-1] == "delivery_dead"
    assert books.targets.backlog()[target.id].dead == 1
    assert books.targets.all()[0].failures == 0
    (dead,) = books.deliveries.listed([target.id], dead=True)
    assert (dead.one.id, dead.one.status, dead.target) == (first.id, 422, "dvc")
    assert books.deliveries.retry(target.id, "user:van", numbers=[first.id + 999]) == 0
    assert books.deliveries.retry(target.id, "user:van") == 1
    assert kinds(books)[-1] == "deliveries_retried"
    assert [one.id for one in taken(books, target)] == [first.id]


def test_what_a_system_says_is_said_once(books: Ledger) -> None:
    target, foreign = three(books), a_target(books, "khac")
    first, _ = taken(books, target)
    books.outbox.delivered(first, HERE, 200)
    with pytest.raises(NotFound):
        books.deliveries.acknowledge(foreign.id, first.key, "system:khac")
    for _ in range(2):
        said = books.deliveries.acknowledge(target.id, first.key, "system:dvc")
        assert said.acknowledged_at == NOW
    assert kinds(books).count("delivery_acknowledged") == 1
    asked = books.deliveries.ask(target.id, first.dossier_id, "a" * 64, "system:dvc")
    assert books.deliveries.ask(target.id, first.dossier_id, "a" * 64, "system:dvc") == asked
    assert (asked.news, kinds(books).count("status_asked")) == (News.status, 1)
    with pytest.raises(Conflict):
        books.deliveries.ask(target.id, first.dossier_id + 1, "a" * 64, "system:dvc")


def test_what_was_delivered_is_forgotten_in_time(books: Ledger) -> None:
    target = three(books)
    for one in taken(books, target):
        books.outbox.delivered(one, HERE, 200)
    assert books.outbox.forget(NOW) == 0
    assert books.outbox.forget(NOW + timedelta(seconds=1)) == 2
    assert waiting(books, target) == [News.stored, News.published]


def test_a_target_is_added_once_and_ended(books: Ledger) -> None:
    target = three(books)
    with pytest.raises(Conflict):
        a_target(books)
    with pytest.raises(NotFound):
        books.targets.end("khac", "test")
    for _ in range(2):
        assert books.targets.end("dvc", "test").ended_at == NOW
    assert taken(books, target) == []
    assert kinds(books).count("target_ended") == 1
