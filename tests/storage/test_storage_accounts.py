"""Accounts, sessions, tokens and tries in real databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from ledger_steps import register

from schemas.errors import Conflict, NotFound
from storage import Ledger, NewAccount, NewToken

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
LAN = NewAccount(
    name="Lan", folded="lan", password="$argon2id$", duties=frozenset({"clerk", "reader"}),
    departments=frozenset({"mot-cua", "thue"}),
)  # fmt: skip


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def books(ledger_url: str, moment: list[datetime]) -> Iterator[Ledger]:
    """A ledger whose clock stands still."""
    with Ledger.open(ledger_url, clock=lambda: moment[0]) as opened:
        yield opened
        assert opened.examine() == ()
        assert opened.verify_chain().intact


def added(books: Ledger, new: NewAccount = LAN) -> int:
    made = books.accounts.add(new, "test")
    assert made is not None
    return made.id


def test_an_account_is_kept_as_it_was_given(books: Ledger) -> None:
    added(books)
    (kept,) = books.accounts.all()
    assert kept.model_dump(include=set(NewAccount.model_fields)) == LAN.model_dump()
    assert (kept.created_at, kept.password_at, kept.disabled) == (NOW, NOW, False)
    assert books.accounts.named("lan") == kept
    assert books.accounts.named("Lan") is None
    (told,) = books.events()
    assert (told.kind, told.actor) == ("account_added", "test")
    assert told.data == {
        "account": "Lan", "duties": ["clerk", "reader"], "departments": ["mot-cua", "thue"],
        "disabled": False,
    }  # fmt: skip


def test_a_name_is_one_accounts(books: Ledger) -> None:
    added(books)
    with pytest.raises(Conflict, match="account of this name"):
        books.accounts.add(LAN.model_copy(update={"name": "LAN"}), "test")
    assert len(books.events()) == 1


def test_all_departments_are_not_none(books: Ledger) -> None:
    added(books, LAN.model_copy(update={"departments": None}))
    added(books, LAN.model_copy(update={"folded": "an", "departments": frozenset()}))
    assert [one.departments for one in books.accounts.all()] == [frozenset(), None]


def test_the_first_account_is_made_by_one_of_many(books: Ledger) -> None:
    def try_it(number: int) -> bool:
        new = LAN.model_copy(update={"folded": f"n{number}"})
        return books.accounts.add(new, "test", first=True) is not None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1
    assert len(books.accounts.all()) == 1


def test_what_does_not_change_is_no_event(books: Ledger) -> None:
    number = added(books)
    for _ in range(2):
        assert books.accounts.change(number, "test", "account_disabled", disabled=True).disabled
    assert [one.kind for one in books.events()] == ["account_added", "account_disabled"]
    with pytest.raises(NotFound):
        books.accounts.change(99, "test", "account_disabled", disabled=True)


def test_a_change_ends_all_sessions_but_one(books: Ledger, moment: list[datetime]) -> None:
    number = added(books)
    for name in ("a" * 64, "b" * 64):
        books.sessions.begin(number, name, "user:Lan")
    moment[0] += timedelta(minutes=1)
    changed = books.accounts.change(
        number, "user:Lan", "password_changed", keep="a" * 64, password="new", must_change=False
    )
    assert changed.password_at == moment[0]
    assert standing(books, "a" * 64) and not standing(books, "b" * 64)
    books.accounts.change(number, "van", "account_disabled", disabled=True)
    assert not standing(books, "a" * 64)
    books.accounts.change(number, "van", "account_enabled", disabled=False)
    assert not standing(books, "a" * 64), "what has ended does not begin again"


def standing(books: Ledger, sha256: str) -> bool:
    return books.sessions.standing(sha256, idle=IDLE, longest=LONGEST) is not None


def test_a_session_ends_by_the_clock(books: Ledger, moment: list[datetime]) -> None:
    books.sessions.begin(added(books), "a" * 64, "user:Lan")
    assert standing(books, "a" * 64) and not standing(books, "b" * 64)
    moment[0] += IDLE - timedelta(seconds=1)
    assert standing(books, "a" * 64)
    books.sessions.touch("a" * 64)
    moment[0] += IDLE - timedelta(seconds=1)
    assert standing(books, "a" * 64)
    moment[0] += timedelta(seconds=1)
    assert not standing(books, "a" * 64)
    moment[0] = NOW + LONGEST
    books.sessions.touch("a" * 64)
    assert not standing(books, "a" * 64)


def test_rows_of_old_sessions_go(books: Ledger, moment: list[datetime]) -> None:
    number = added(books)
    books.sessions.begin(number, "a" * 64, "user:Lan")
    moment[0] += timedelta(days=31)
    books.sessions.begin(number, "b" * 64, "user:Lan")
    with books._database.read() as connection:
        found = connection.exec_driver_sql("SELECT sha256 FROM session").scalars().all()
    assert found == ["b" * 64]


def test_many_tries_at_once_are_all_counted(books: Ledger) -> None:
    def wait(count: int) -> timedelta | None:
        return timedelta(minutes=1) if count >= 5 else None

    with ThreadPoolExecutor(8) as threads:
        until = list(threads.map(lambda _: books.attempts.count("k" * 64, wait), range(20)))
    assert sum(one is None for one in until) == 5, "no more are let through"
    assert {one for one in until if one} == {NOW + timedelta(minutes=1)}


def test_tries_are_forgotten(books: Ledger, moment: list[datetime]) -> None:
    def at_once(_count: int) -> timedelta:
        return timedelta(minutes=15)

    assert books.attempts.count("k", at_once) is None
    assert books.attempts.count("k", at_once) is not None
    books.attempts.forget("k")
    assert books.attempts.count("k", at_once) is None
    books.attempts.take_back("k")
    assert books.attempts.count("k", at_once) is None
    moment[0] += timedelta(hours=1, seconds=1)
    assert books.attempts.count("other", at_once) is None
    with books._database.read() as connection:
        assert connection.exec_driver_sql("SELECT key FROM attempt").scalars().all() == ["other"]


def test_a_token_is_known_by_its_hash_until_it_ends(books: Ledger, moment: list[datetime]) -> None:
    new = NewToken(
        name="DVC", folded="dvc", sha256="c" * 64, duties=frozenset({"clerk"}), departments=None,
        ends_at=NOW + timedelta(days=1),
    )  # fmt: skip
    made = books.tokens.add(new, "test")
    assert books.tokens.standing("c" * 64) == made == books.tokens.named("dvc")
    with pytest.raises(Conflict, match="token"):
        books.tokens.add(new.model_copy(update={"sha256": "d" * 64}), "test")
    moment[0] += timedelta(days=1)
    assert books.tokens.standing("c" * 64) is None
    moment[0] = NOW
    for _ in range(2):
        assert books.tokens.end(made.id, "test").ended_at == NOW
    assert books.tokens.standing("c" * 64) is None
    assert [one.kind for one in books.events()] == ["token_added", "token_ended"]
    assert "c" * 64 not in str(books.events())
    with pytest.raises(NotFound):
        books.tokens.end(99, "test")


def test_who_saw_what_is_kept(books: Ledger) -> None:
    dossier = register(books).dossier
    books.accesses.note("user:lan", "picture_seen", dossier_id=dossier.id, what="f" * 64)
    (kept,) = books.accesses.of(dossier_id=dossier.id)
    assert (kept.actor, kept.kind, kept.object) == ("user:lan", "picture_seen", "f" * 64)
    assert books.accesses.of(actor="user:an") == []


def test_one_ledger_serves_many_threads(books: Ledger) -> None:
    """As the desk does: opened once for the process, asked from the server's threads."""
    number = added(books)

    def serve(which: int) -> bool:
        sha256 = f"{which:064}"
        books.sessions.begin(number, sha256, "user:Lan")
        found = standing(books, sha256)
        books.sessions.end(sha256)
        return found and not standing(books, sha256)

    with ThreadPoolExecutor(40) as threads:
        assert all(threads.map(serve, range(120)))
