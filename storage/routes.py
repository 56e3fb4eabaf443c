"""Routes as rows: who signs a document in which order, and what each did at their turn.

Every act is an event. Names, reasons and papers are personal data: they stand in the rows alone,
and the events have their salted marks.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.errors import Conflict, NotFound, NotTrusted
from schemas.route import Delegation, NewRoute, Route, RoutePage, Turn, TurnEnd, TurnTaken
from storage import chain, marks
from storage.chain import Writing
from storage.signing_tables import delegation, route, route_turn
from storage.tables import as_text, canonical

BEGUN, TAKEN = "route_begun", "turn_taken"
"""Kinds of events."""
MOST = 500

_BY_KEY = sa.select(route).where(route.c.key == sa.bindparam("key"))


def begin(transaction: Writing, new: NewRoute, taken: Sequence[TurnTaken], *, actor: str) -> Route:
    """See :meth:`storage.Ledger.begin_route`."""
    known = find(transaction.connection, new.key)
    if known is not None:
        if _plan(known) != _plan(new):
            raise Conflict("storing.known_otherwise")
        return known
    salt = marks.new_salt()
    said = transaction.append(
        BEGUN,
        actor,
        hash_before=new.sha256,
        data={
            "route": new.key,
            "turns": len(new.turns),
            "mark": marks.mark(salt, _plan(new)),
        },
    )
    route_id: int = transaction.connection.execute(
        sa.insert(route)
        .values(
            key=new.key,
            folder=new.folder,
            sha256=new.sha256,
            salt=salt,
            begun_by=actor,
            begun_at=transaction.now,
            event_seq=said["seq"],
        )
        .returning(route.c.id)
    ).scalar_one()
    _insert_plan(transaction.connection, route_id, new)
    for one in taken:
        take_turn(transaction, new.key, one, actor=actor)
    return _there(transaction.connection, new.key)


def take_turn(transaction: Writing, key: str, new: TurnTaken, *, actor: str) -> Route:
    """See :meth:`storage.Ledger.take_turn`."""
    now = _there(transaction.connection, key)
    before = next((one for one in now.taken if one.turn == new.turn), None)
    if before is not None and before == new.model_copy(update={"at": before.at}):
        return now
    if now.turn != new.turn:
        raise Conflict("storing.turn_taken")
    salt = marks.new_salt()
    transaction.connection.execute(
        sa.update(route_turn)
        .where(
            route_turn.c.route_id.in_(sa.select(route.c.id).where(route.c.key == key)),
            route_turn.c.number == new.turn,
        )
        .values(
            taken_by=new.person,
            taken_at=new.at,
            ended_as=new.end.value,
            signed_sha256=new.sha256,
            reason=new.reason,
            basis=new.basis,
            salt=salt,
        )
    )
    transaction.append(
        TAKEN,
        actor,
        hash_before=now.current_sha256,
        hash_after=new.sha256,
        data=_said(key, new, salt),
    )
    return _there(transaction.connection, key)


def find(connection: sa.Connection, key: str) -> Route | None:
    """See :meth:`storage.Ledger.route`."""
    row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
    return None if row is None else _routes(connection, [row])[0]


def proven(connection: sa.Connection, key: str) -> Route | None:
    """See :meth:`storage.Ledger.proven_route`."""
    row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
    if row is None:
        return None
    now = _routes(connection, [row])[0]
    query = sa.select(route_turn.c.number, route_turn.c.salt).where(
        route_turn.c.route_id == row["id"]
    )
    salts = {one.number: one.salt for one in connection.execute(query)}
    begun: dict[str, JsonValue] = {
        "route": key,
        "turns": len(now.turns),
        "mark": marks.mark(row["salt"], _plan(now)),
    }
    taken = [_said(key, one, salts[one.turn] or "") for one in now.taken]
    said = chain.told(connection, row["event_seq"], "route", key)
    if [one["data"] for one in said] != [begun, *taken]:
        raise NotTrusted("storing.signing_unproven")
    hashes = [(one["hash_before"], one["hash_after"]) for one in said]
    wanted: list[tuple[str, str | None]] = [(now.sha256, None)]
    before = now.sha256
    for one in now.taken:
        wanted.append((before, one.sha256))
        before = one.sha256 or before
    if hashes != wanted or said[0]["actor"] != now.begun_by:
        raise NotTrusted("storing.signing_unproven")
    return now


def page(
    connection: sa.Connection,
    *,
    begun_by: str | None,
    open_only: bool,
    after: int | None,
    limit: int,
) -> RoutePage:
    """See :meth:`storage.Ledger.routes`."""
    limit = max(1, min(limit, MOST))
    query = sa.select(route).order_by(route.c.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(route.c.id < after)
    if begun_by is not None:
        query = query.where(route.c.begun_by == begun_by)
    if open_only:
        of_it = route_turn.c.route_id == route.c.id
        query = query.where(
            sa.exists().where(of_it, route_turn.c.ended_as.is_(None)),
            ~sa.exists().where(of_it, route_turn.c.ended_as == TurnEnd.refused.value),
        )
    rows = connection.execute(query).mappings().all()
    shown = rows[:limit]
    more = int(shown[-1]["id"]) if len(rows) > limit else None
    return RoutePage(routes=tuple(_routes(connection, shown)), next=more)


def _there(connection: sa.Connection, key: str) -> Route:
    found = find(connection, key)
    if found is None:
        raise NotFound("storing.no_route")
    return found


def _plan(one: NewRoute) -> str:
    """Who signs what in which order, as a text to be marked."""
    turns = [[turn.person, turn.profile, turn.role] for turn in one.turns]
    rights = [
        [by.of, by.to, by.first.isoformat(), by.last.isoformat(), by.basis]
        for by in one.delegations
    ]
    return canonical([one.sha256, turns, rights])


def _said(key: str, taken: TurnTaken, salt: str) -> dict[str, JsonValue]:
    """What the event of a turn says."""
    words = canonical([taken.person, taken.reason, taken.basis])
    return {
        "route": key,
        "turn": taken.turn,
        "end": taken.end.value,
        "at": as_text(taken.at),
        "mark": marks.mark(salt, words),
    }


def _insert_plan(connection: sa.Connection, route_id: int, new: NewRoute) -> None:
    connection.execute(
        sa.insert(route_turn),
        [
            {"route_id": route_id, "number": number, **turn.model_dump()}
            for number, turn in enumerate(new.turns, start=1)
        ],
    )
    if new.delegations:
        connection.execute(
            sa.insert(delegation),
            [
                {
                    "route_id": route_id,
                    "number": number,
                    "of_person": one.of,
                    "to_person": one.to,
                    "first_day": one.first,
                    "last_day": one.last,
                    "basis": one.basis,
                }
                for number, one in enumerate(new.delegations, start=1)
            ],
        )


def _routes(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[Route]:
    """The routes of these rows, each with its turns and delegations."""
    ids = [row["id"] for row in rows]
    turns: dict[int, list[sa.RowMapping]] = {one: [] for one in ids}
    rights: dict[int, list[sa.RowMapping]] = {one: [] for one in ids}
    for table, found in ((route_turn, turns), (delegation, rights)):
        query = sa.select(table).where(table.c.route_id.in_(ids)).order_by(table.c.number)
        for row in connection.execute(query).mappings():
            found[row["route_id"]].append(row)
    return [
        Route(
            **{name: row[name] for name in ("key", "folder", "sha256", "begun_by", "begun_at")},
            turns=tuple(
                Turn(person=one["person"], profile=one["profile"], role=one["role"])
                for one in turns[row["id"]]
            ),
            delegations=tuple(
                Delegation(
                    of=one["of_person"],
                    to=one["to_person"],
                    first=one["first_day"],
                    last=one["last_day"],
                    basis=one["basis"],
                )
                for one in rights[row["id"]]
            ),
            taken=tuple(
                TurnTaken(
                    turn=one["number"],
                    person=one["taken_by"],
                    end=one["ended_as"],
                    at=one["taken_at"],
                    sha256=one["signed_sha256"],
                    reason=one["reason"],
                    basis=one["basis"],
                )
                for one in turns[row["id"]]
                if one["ended_as"] is not None
            ),
        )
        for row in rows
    ]
