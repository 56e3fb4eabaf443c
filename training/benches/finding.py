"""How long searches and lists take over a ledger of years, asked as a face asks them.

Questions are of people that are in the ledger; each is asked as the whole office, as a clerk of one
department to whom another one shares a type and a dossier, and as a clerk of a very small one.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random

import sqlalchemy as sa
from pydantic import Field

from schemas.errors import InputRejected
from schemas.page import Frozen
from schemas.search_terms import near
from schemas.sharing import Shared
from schemas.validators.text import plain
from storage import Ledger, NewGrant, Objects
from storage.tables import document, dossier
from training.benches.many_results import ACTOR, SMALL, TYPES, UNITS, Person, people
from usecases.caller import Caller, Duty
from usecases.find import result_page
from usecases.finding import find_person, find_text
from usecases.rooms import Rooms

BAR_MS = 100.0
_FIRST = 2
"""Answers that are not counted."""

CALLERS = {
    "office": Caller(name="cli:bench", duties=frozenset(Duty)),
    "department": Caller(
        name="user:bench", duties=frozenset({Duty.clerk}), departments=frozenset({UNITS[1]})
    ),
    "small": Caller(
        name="user:few", duties=frozenset({Duty.clerk}), departments=frozenset({SMALL})
    ),
}


class QuestionTime(Frozen):
    """Milliseconds of one kind of question."""

    question: str
    caller: str
    asked: int
    found: float = Field(description="documents on the first page, on average")
    median_ms: float
    p95_ms: float
    slowest_ms: float
    cpu_p95_ms: float = Field(description="of this process; the database's own, where it has one")


class FindReport(Frozen):
    """Searches over a ledger of years."""

    database: str
    dossiers: int
    documents: int
    bytes: int | None = Field(description="of the database's file, where it is one")
    times: tuple[QuestionTime, ...]

    @property
    def passed(self) -> bool:
        """Whether every kind keeps the bar."""
        return all(one.p95_ms <= BAR_MS for one in self.times)


Ask = Callable[[Caller, Rooms], int]
"""Asks once; how many documents came."""


def finding(address: str, times: int, say: Callable[[str], None], seed: int = 2) -> FindReport:
    """Ask a ledger made by :func:`training.benches.many_results.fill`.

    Args:
        address: of its database; two grants are added to it.
        times: how often each kind of question is asked by each caller.
        say: told what is asked.
        seed: of the series of questions.
    """
    with Ledger.open(address) as ledger:
        rooms = Rooms(ledger=ledger, work=Path("/nonexistent"), objects=_nothing)
        dossiers, documents = _counts(ledger)
        _share(ledger)
        measured = []
        for name, asks in _kinds(dossiers, times, seed).items():
            for who, caller in CALLERS.items():
                one = _timed(name, who, [(caller, ask) for ask in asks], rooms)
                say(f"{name}, {who}: {one.p95_ms} ms")
                measured.append(one)
    file = Path(address.removeprefix("sqlite:///"))
    return FindReport(
        database=sa.make_url(address).get_backend_name(),
        dossiers=dossiers,
        documents=documents,
        bytes=file.stat().st_size if address.startswith("sqlite:") else None,
        times=tuple(measured),
    )


def _nothing() -> Objects:
    raise InputRejected("usecase.no_page")  # no search asks the store


def _counts(ledger: Ledger) -> tuple[int, int]:
    with ledger.search.database.read() as connection:
        counted = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (dossier, document)
        ]
    return counted[0], counted[1]


def _share(ledger: Ledger) -> None:
    """What other departments share with the two small ones."""
    if ledger.grants.all():
        return
    now = ledger.search.now()
    code = ledger.dossier_by_id(3)
    for receiver in (UNITS[1], SMALL):
        for kind, subject, key in (
            (Shared.document_type, TYPES[1], None), (Shared.dossier, code.code, code.id),
        ):  # fmt: skip
            ledger.grants.add(
                NewGrant(
                    giver=UNITS[3], receiver=receiver, kind=kind, subject=subject, dossier_id=key,
                    begins_at=now - timedelta(days=1), ends_at=None, reason="bench",
                ),
                ACTOR,
            )  # fmt: skip


def _kinds(dossiers: int, times: int, seed: int) -> dict[str, list[Ask]]:
    """The kinds of questions, each with as many as are asked."""
    dice = Random(seed)  # noqa: S311 - the same ones each time
    numbers = sorted(dice.sample(range(dossiers), min(dossiers, times + _FIRST)))
    some = [*_some(numbers)]
    dice.shuffle(some)

    def words(of: Callable[[Person], str]) -> list[Ask]:
        return [_text(of(one)) for one in some]

    given = (one.name.split() for one in some)
    return {
        "a name with accents": words(lambda one: one.name),
        "a name without accents": words(lambda one: plain(one.name)),
        "a mistyped name": words(lambda one: _mistyped(plain(one.name), dice)),
        "a part of a name": [_text(" ".join(one[:2])) for one in given],
        "the usual family name": words(lambda _: "Nguyễn"),
        "a usual phrase": words(lambda _: "công an phường"),
        "words of a text": words(lambda one: f"quyết định {one.name.split()[-1]} phòng"),
        "a mistyped word": words(lambda one: f"quyetj dinh {plain(one.name)}"),
        "a name and a street": words(lambda one: f"{one.name} {one.street}"),
        "a number": words(lambda one: f"{1 + int(one.number) % 3999}/QĐ-UBND"),
        "a day": words(lambda one: f"{1 + int(one.number) % 28:02d}/03/2026"),
        "nothing like it": words(lambda one: f"{one.name} xyzzyx"),
        "a person": [_person(one.number) for one in some],
        "a part of a code": words(lambda one: f"H17-26{1 + int(one.number) % 12:02d}"),
        "the list": [_list(None) for _ in some],
        "the list of a type": [_list(TYPES[2]) for _ in some],
    }


def _some(numbers: list[int]) -> Iterator[Person]:
    """The people of these dossiers, counted from 0, in order."""
    stream, before = people(), -1
    for one in numbers:
        yield next(islice(stream, one - before - 1, None))
        before = one


def _mistyped(name: str, dice: Random) -> str:
    return dice.choice(sorted(near(name.replace(" ", "_")))).replace("_", " ")


def _text(question: str) -> Ask:
    return lambda caller, rooms: len(find_text(caller, rooms, question, limit=25).results)


def _person(number: str) -> Ask:
    return lambda caller, rooms: find_person(caller, rooms, number).documents


def _list(kind: str | None) -> Ask:
    return lambda caller, rooms: len(
        result_page(caller, rooms, document_type=kind, limit=40).results
    )


def _timed(name: str, who: str, asks: list[tuple[Caller, Ask]], rooms: Rooms) -> QuestionTime:
    took, spent, found = [], [], 0
    for caller, ask in asks:
        begun, cpu = time.perf_counter(), time.process_time()
        found += ask(caller, rooms)
        spent.append(1000 * (time.process_time() - cpu))
        took.append(1000 * (time.perf_counter() - begun))
    ranked = sorted(took[_FIRST:])
    return QuestionTime(
        question=name,
        caller=who,
        asked=len(ranked),
        found=round(found / len(asks), 1),
        median_ms=round(ranked[len(ranked) // 2], 1),
        p95_ms=_p95(ranked),
        slowest_ms=round(ranked[-1], 1),
        cpu_p95_ms=_p95(sorted(spent[_FIRST:])),
    )


def _p95(ranked: list[float]) -> float:
    return round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1)
