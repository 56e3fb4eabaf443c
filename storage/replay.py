"""The state of a dossier from its events alone, and where the ledger's rows say otherwise.

Every event that changes a row says the columns it sets (``data["columns"]``); a ``baseline`` says
them all, for what was entered before events did. What a clerk wrote (file names) is in no event.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from schemas.dossier import Stage, dossier_stage
from storage import acts as act_rows
from storage.tables import GUARDED, as_text, claim, document, dossier, event, stored_object

BASELINE = "baseline"
_DOSSIER = ("department", "code", "first_code", "provisional", "procedures", "due_at")
_OBJECT = ("document_id", "kind", "version", "sha256", "bytes", "retain_until")
_FLAGS = frozenset({"provisional", "split"})
_TIMES = frozenset({"retain_until", "due_at"})
_JSON = frozenset({"source_pages", "changes"})

ObjectAt = tuple[str, str]
"""Bucket and key."""


class Contradiction(NamedTuple):
    """A row that is not what the events of its dossier say."""

    dossier_id: int
    table: str
    row: str
    column: str

    @property
    def place(self) -> str:
        """``document 17.stage``."""
        return f"{self.table} {self.row}.{self.column}"


@dataclass
class DossierState:
    """What is true of a dossier: guarded columns only, as JSON."""

    columns: dict[str, Any] = field(default_factory=dict)
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, bool] = field(default_factory=dict)
    """Claim → whether it is closed."""
    objects: dict[ObjectAt, dict[str, Any]] = field(default_factory=dict)
    acts: act_rows.Acts = field(default_factory=act_rows.none)
    opened: bool = False

    def as_data(self) -> dict[str, Any]:
        """As a ``baseline`` says it."""
        return {
            "columns": {name: self.columns.get(name) for name in _DOSSIER},
            "documents": [{"id": key} | one for key, one in sorted(self.documents.items())],
            "claims": self.claims,
            "objects": [
                {"bucket": bucket, "key": key} | one
                for (bucket, key), one in sorted(self.objects.items())
            ],
            "acts": act_rows.as_data(self.acts),
        }


def replay(events: Sequence[Mapping[str, Any]]) -> DossierState:
    """What the events of a dossier, in their order, say of it.

    Args:
        events: rows of the table, at least ``kind``, ``actor``, ``document_id``, ``hash_before``,
            ``hash_after`` and ``data`` (the text).

    Raises:
        ValueError, KeyError, TypeError: an event does not say what its kind must.
    """
    bases = [place for place, row in enumerate(events) if row["kind"] == BASELINE]
    state, first = DossierState(), 0
    if bases:  # what was before may be unreadable: an operator has taken it so
        first = bases[-1] + 1
        state = _from_baseline(json.loads(events[bases[-1]]["data"]))
    for row in events[first:]:
        data = json.loads(row["data"])
        kind, document_id = row["kind"], row["document_id"]
        if kind in {"opened", "recoded"}:
            state.opened = True
            state.columns |= data.get("columns", {})
        elif kind == "due":
            state.columns |= data["columns"]
        elif kind == "claimed":
            state.claims[data["claim"]] = False
        elif kind == "claim_closed":
            state.claims[data["claim"]] = True
        elif kind == "object_stored":
            at = (data["bucket"], data["key"])
            known = {"document_id": document_id, "sha256": row["hash_after"], **data}
            state.objects.setdefault(at, {name: known.get(name) for name in _OBJECT})
        elif document_id is not None:
            if "columns" in data:
                state.documents.setdefault(document_id, {}).update(data["columns"])
            act_rows.add(state.acts, row, data)
    return state


def _from_baseline(data: Mapping[str, Any]) -> DossierState:
    return DossierState(
        columns=dict(data["columns"]),
        documents={
            one["id"]: {name: value for name, value in one.items() if name != "id"}
            for one in data["documents"]
        },
        claims=dict(data["claims"]),
        objects={
            (one["bucket"], one["key"]): {name: one[name] for name in _OBJECT}
            for one in data["objects"]
        },
        acts=act_rows.from_data(data.get("acts", {})),
        opened=True,
    )


_EVENTS = (
    sa.select(
        event.c.kind,
        event.c.actor,
        event.c.document_id,
        event.c.hash_before,
        event.c.hash_after,
        event.c.data,
    )
    .where(event.c.dossier_id == sa.bindparam("id"))
    .order_by(event.c.seq)
)


def proven_state(connection: sa.Connection, dossier_id: int) -> DossierState:
    """What the events of a dossier say of it.

    Raises:
        ValueError, KeyError, TypeError: as :func:`replay`.
    """
    rows = connection.execute(_EVENTS, {"id": dossier_id}).mappings()
    return replay([dict(row) for row in rows])


def _raw(table: sa.Table, names: Sequence[str]) -> list[sa.ColumnElement[Any]]:
    """Columns as the driver gives them: a forged value must not break the reading of its row."""
    return [sa.type_coerce(table.c[name], sa.types.NullType()).label(name) for name in names]


_DOSSIER_ROW = sa.select(*_raw(dossier, (*_DOSSIER, "stage"))).where(
    dossier.c.id == sa.bindparam("id")
)
_DOCUMENT_ROWS = sa.select(*_raw(document, ("id", *GUARDED))).where(
    document.c.dossier_id == sa.bindparam("id")
)
_CLAIM_ROWS = sa.select(*_raw(claim, ("claim_id", "closed_at"))).where(
    claim.c.dossier_id == sa.bindparam("id")
)
_OBJECT_ROWS = sa.select(
    *_raw(
        stored_object,
        (
            "document_id",
            "kind",
            "bucket",
            "key",
            "version_id",
            "sha256",
            "bytes",
            "retain_until",
        ),
    )
).where(stored_object.c.dossier_id == sa.bindparam("id"))


def state_of_rows(connection: sa.Connection, dossier_id: int) -> tuple[DossierState, Any]:
    """The state as the rows have it, and the dossier's stage, which is that of its documents."""
    given = {"id": dossier_id}
    found = connection.execute(_DOSSIER_ROW, given).mappings().first()
    state = DossierState(opened=found is not None)
    if found is not None:
        state.columns = {name: _plain(name, found[name]) for name in _DOSSIER}
    for row in connection.execute(_DOCUMENT_ROWS, given).mappings():
        state.documents[row["id"]] = {name: _plain(name, row[name]) for name in GUARDED}
    for row in connection.execute(_CLAIM_ROWS, given).mappings():
        state.claims[row["claim_id"]] = row["closed_at"] is not None
    for row in connection.execute(_OBJECT_ROWS, given).mappings():
        known = {**row, "version": row["version_id"]}
        state.objects[row["bucket"], row["key"]] = {
            name: _plain(name, known[name]) for name in _OBJECT
        }
    state.acts = act_rows.of_rows(connection, dossier_id)
    return state, found["stage"] if found is not None else None


def _plain(name: str, value: Any) -> Any:
    """A value as events write it; one that cannot be is left as it is, and matches nothing."""
    try:
        if name in _FLAGS and value in (0, 1):
            return bool(value)
        if name in _JSON and isinstance(value, str):
            return json.loads(value)
        if name in _TIMES and value is not None:
            known = datetime.fromisoformat(value) if isinstance(value, str) else value
            return as_text(known.replace(tzinfo=UTC) if known.tzinfo is None else known)
    except (ValueError, TypeError, AttributeError):
        return ["unreadable", str(value)]
    return value


def contradictions(connection: sa.Connection, dossier_id: int) -> list[Contradiction]:
    """Where the rows of a dossier are not what its events say; empty where all agree."""
    try:
        said = proven_state(connection, dossier_id)
    except (ValueError, KeyError, TypeError, AttributeError):
        return [Contradiction(dossier_id, "event", str(dossier_id), "data")]
    rows, stage = state_of_rows(connection, dossier_id)
    found = [
        Contradiction(dossier_id, table, row or str(dossier_id), column)
        for table, row, column in _differences(said, rows)
    ]
    if not found and rows.opened and stage != _stage(rows):
        found.append(Contradiction(dossier_id, "dossier", str(dossier_id), "stage"))
    return found


def orphans(connection: sa.Connection) -> list[int]:
    """Dossiers that the event log knows and whose row is gone."""
    known = sa.select(event.c.dossier_id).where(event.c.dossier_id.is_not(None)).distinct()
    ids = known.subquery()
    query = sa.select(ids.c.dossier_id).where(~sa.exists().where(dossier.c.id == ids.c.dossier_id))
    return list(connection.execute(query).scalars())


def _stage(rows: DossierState) -> str | None:
    try:
        return dossier_stage([Stage(one["stage"]) for one in rows.documents.values()]).value
    except ValueError:
        return None


def _differences(said: DossierState, rows: DossierState) -> Iterator[tuple[str, str, str]]:
    """Table, row and column of each difference; a row that is missing or too many is ``*``."""
    if said.opened != rows.opened:
        yield "dossier", "", "*"
    for column in _DOSSIER:
        if said.columns.get(column) != rows.columns.get(column):
            yield "dossier", "", column
    pairs: tuple[tuple[str, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        ("document", said.documents, rows.documents),
        ("stored_object", said.objects, rows.objects),
        ("claim", said.claims, rows.claims),
        *((name, said.acts[name], rows.acts[name]) for name in act_rows.TABLES),
    )
    for table, proven, there in pairs:
        for key in sorted({*proven, *there}, key=str):
            name = "/".join(key) if isinstance(key, tuple) else str(key)
            if key not in proven or key not in there:
                yield table, name, "*"
            elif table == "claim":
                if proven[key] != there[key]:
                    yield table, name, "closed_at"
            else:
                yield from (
                    (table, name, column)
                    for column in there[key]
                    if proven[key].get(column) != there[key][column]
                )
