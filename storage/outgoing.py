"""Which events other systems are told of: entered in the transaction of the event itself.

So there is no change of a dossier that a target is not told of, and none it is told of that did not
happen (the *transactional outbox*). What is said of it is put together when it is sent.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.delivery import News
from schemas.dossier import Stage
from storage.delivery_tables import delivery, delivery_target
from storage.tables import dossier

_OF_DOSSIER = frozenset({News.opened.value, News.recoded.value, News.due.value})
_STAGES = frozenset(one.value for one in News) & frozenset(one.value for one in Stage)
_TOLD = sa.select(
    delivery_target.c.id, delivery_target.c.departments, delivery_target.c.events
).where(delivery_target.c.ended_at.is_(None))


class Happened(NamedTuple):
    """An event that somebody may want to be told of."""

    news: News
    seq: int
    dossier_id: int
    document_id: int | None


def happened(row: Mapping[str, Any], data: Mapping[str, JsonValue]) -> Happened | None:
    """What an event is for others; None where it is their business in no case.

    Args:
        row: its columns.
        data: what it says.
    """
    news = _news(row, data)
    if news is None or row["dossier_id"] is None:
        return None
    return Happened(news, row["seq"], row["dossier_id"], row["document_id"])


def _news(row: Mapping[str, Any], data: Mapping[str, JsonValue]) -> News | None:
    if row["kind"] in _OF_DOSSIER:
        return News(row["kind"])
    columns = data.get("columns")
    if row["document_id"] is None or not isinstance(columns, Mapping):
        return None
    stage = columns.get("stage")
    if stage == Stage.withdrawn.value and columns.get("superseded_by") is not None:
        return News.superseded
    return News(stage) if stage in _STAGES else None


def enter(connection: sa.Connection, found: Sequence[Happened], now: datetime) -> None:
    """Enter what happened for each target that wants to be told of it.

    Args:
        connection: the transaction of these events.
        found: what happened, in its order.
        now: the transaction's time.
    """
    targets = connection.execute(_TOLD).all() if found else ()
    if not targets:
        return
    ids = {one.dossier_id for one in found}
    query = sa.select(dossier.c.id, dossier.c.department).where(dossier.c.id.in_(ids))
    units = {one.id: one.department for one in connection.execute(query)}
    rows = [
        row(target.id, one, now)
        for one in found
        for target in targets
        if one.news.value in target.events
        and (target.departments is None or units[one.dossier_id] in target.departments)
    ]
    if rows:
        connection.execute(sa.insert(delivery), rows)


def row(target_id: int, one: Happened, now: datetime) -> dict[str, Any]:
    """A new row of the outbox."""
    return {
        "target_id": target_id,
        "dossier_id": one.dossier_id,
        "document_id": one.document_id,
        "news": one.news.value,
        "key": secrets.token_hex(16),
        "seq": one.seq,
        "at": now,
        "since": now,
        "retry_at": now,
    }
