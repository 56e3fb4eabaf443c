"""Rows of what people did (decisions, approvals, reasons): proven by events like all others.

Events name such a row by its id and say everything of it but a person's words, of which they have
the salted mark. A row whose words were changed or lost is found, and cannot be made again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import marks
from storage.tables import approval, decision, document, reason

Acts = dict[str, dict[int, dict[str, Any]]]
"""Table → id of the row → what events say of it."""

TABLES = {"decision": decision, "approval": approval, "reason": reason}
_WORDS = {"decision": "value", "reason": "text"}
_SAID = {
    "decision": ("document_id", "manifest_sha256", "path", "kind", "made_by", "undone_by"),
    "approval": ("document_id", "manifest_sha256", "made_by", "void", "made_for"),
    "reason": ("document_id", "kind", "made_by"),
}


def none() -> Acts:
    """No rows."""
    return {name: {} for name in TABLES}


def add(acts: Acts, row: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Add what an event says of such rows; a copy of it, of a linked document, says nothing more.

    Args:
        acts: changed in place.
        row: the event, at least ``document_id``, ``kind``, ``actor`` and ``hash_before``.
        data: what stands in it.

    Raises:
        KeyError, TypeError: it does not say what it must.
    """
    if "linked_to" in data:
        return
    document_id, actor = row["document_id"], row["actor"]
    for one in data.get("undone", ()):
        acts["decision"][one]["undone_by"] = actor
    for one in data.get("decided", ()):
        acts["decision"][one["id"]] = {
            "document_id": document_id,
            "manifest_sha256": row["hash_before"],
            "path": one["path"],
            "kind": one["kind"],
            "made_by": actor,
            "undone_by": None,
            "mark": one["mark"],
        }
    for one in data.get("void", ()):
        acts["approval"][one]["void"] = True
    if "approval" in data:
        said = data["approval"]
        acts["approval"][said["id"]] = {
            "document_id": document_id,
            "manifest_sha256": said["manifest"],
            "made_by": actor,
            "void": False,
            "made_for": said.get("for"),
        }
    if isinstance(data.get("reason"), Mapping):
        said = data["reason"]
        acts["reason"][said["id"]] = {
            "document_id": document_id,
            "kind": row["kind"],
            "made_by": actor,
            "mark": said["mark"],
        }


def of_rows(connection: sa.Connection, dossier_id: int) -> Acts:
    """What the rows of a dossier's documents say, in the words of events."""
    acts = none()
    for name, query in _ROWS.items():
        for row in connection.execute(query, {"id": dossier_id}).mappings():
            said = {column: row[column] for column in _SAID[name]}
            if name in _WORDS:
                said["mark"] = marks.mark(str(row["salt"]), row[_WORDS[name]])
            if name == "approval" and said["void"] in (0, 1):
                said["void"] = bool(said["void"])
            acts[name][row["id"]] = said
    return acts


def restore(connection: sa.Connection, said: Acts, rows: Acts, now: datetime) -> None:
    """Set the rows back to what events say.

    Raises:
        KeyError: a person's words are lost, which nothing but a backup has.
    """
    for name, table in TABLES.items():
        for key, wanted in said[name].items():
            there = rows[name].get(key)
            if there == wanted:
                continue
            if name in _WORDS and (there is None or there["mark"] != wanted["mark"]):
                raise KeyError(name)
            values = {column: wanted[column] for column in _SAID[name]}
            if name == "decision":
                values["undone_at"] = now if values["undone_by"] else None
            if there is None:
                connection.execute(sa.delete(table).where(table.c.id == key))
                connection.execute(sa.insert(table).values(id=key, made_at=now, **values))
            else:
                connection.execute(sa.update(table).where(table.c.id == key).values(**values))
        extra = sorted(set(rows[name]) - set(said[name]))
        if extra:
            connection.execute(sa.delete(table).where(table.c.id.in_(extra)))


def as_data(acts: Acts) -> dict[str, list[dict[str, Any]]]:
    """As a ``baseline`` says it."""
    return {
        name: [{"id": key} | one for key, one in sorted(rows.items())]
        for name, rows in acts.items()
    }


def from_data(data: Mapping[str, Any]) -> Acts:
    """What a ``baseline`` says; nothing, where it was written before there were such rows."""
    acts = none()
    for name, rows in data.items():
        acts[name] = {
            one["id"]: {column: value for column, value in one.items() if column != "id"}
            for one in rows
        }
    for one in acts["approval"].values():
        one.setdefault("made_for", None)  # written before there were delegations
    return acts


def _rows_of(name: str) -> sa.Select[*tuple[Any, ...]]:
    """The rows of one dossier, as the driver gives them: a forged value must not break reading."""
    table = TABLES[name]
    private = ("salt", _WORDS[name]) if name in _WORDS else ()
    columns = [
        sa.type_coerce(table.c[column], sa.types.NullType()).label(column)
        for column in ("id", *_SAID[name], *private)
    ]
    return (
        sa.select(*columns)
        .join(document, document.c.id == table.c.document_id)
        .where(document.c.dossier_id == sa.bindparam("id"))
    )


_ROWS = {name: _rows_of(name) for name in TABLES}
