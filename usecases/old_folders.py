"""Folders of routes and batches as version 0.1 wrote them, before the ledger knew of such things.

They are read once, when the folder is named again, and left as they are.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from schemas.batch import ApprovedBatch, BatchItem, ItemEnd, NewBatchItem
from schemas.errors import Conflict
from schemas.page import Frozen
from schemas.route import Delegation, NewRoute, Turn, TurnEnd, TurnTaken

ROUTE, DECISIONS = "route.json", "decisions.jsonl"
BATCH, DONE = "batch.json", "done.jsonl"

_Line = TypeVar("_Line", bound=Frozen)


class _Route(Frozen):
    sha256: str
    turns: tuple[Turn, ...] = Field(min_length=1)
    delegations: tuple[Delegation, ...] = ()


class _Decision(Frozen):
    turn: int
    actor: str = Field(repr=False)
    action: TurnEnd
    at: datetime
    sha256: str | None = None
    reason: str | None = Field(None, repr=False)
    basis: str | None = None


class _Batch(Frozen):
    batch_id: str
    approved_by: str
    approved_at: datetime
    profile: str
    role: str
    number: str | None = None
    items: tuple[NewBatchItem, ...]


class _Done(Frozen):
    number: int
    out: str = Field(repr=False)
    outcome: ItemEnd
    sha256: str | None = None
    adopted: bool = False
    error: str | None = None
    attempts: int = 0


def old_route(folder: Path, key: str) -> tuple[NewRoute, list[TurnTaken]] | None:
    """The route of a folder and the turns taken; None where there is none.

    Args:
        folder: of the route.
        key: what it is called from now on.

    Raises:
        Conflict: what is written down cannot be read, or has gaps.
    """
    if not (folder / ROUTE).exists():
        return None
    try:
        found = _Route.model_validate_json((folder / ROUTE).read_bytes())
    except (OSError, ValidationError) as exc:
        raise Conflict("signing.route_damaged") from exc
    taken = [
        TurnTaken(
            turn=one.turn,
            person=one.actor,
            end=one.action,
            at=one.at,
            sha256=one.sha256,
            reason=one.reason,
            basis=one.basis,
        )
        for one in _lines(folder / DECISIONS, _Decision)
    ]
    if [one.turn for one in taken] != list(range(1, len(taken) + 1)):
        raise Conflict("signing.route_damaged")
    route = NewRoute(
        key=key,
        folder=str(folder.absolute()),
        sha256=found.sha256,
        turns=found.turns,
        delegations=found.delegations,
    )
    return route, taken


def old_batch(folder: Path, own: Path) -> tuple[ApprovedBatch, list[BatchItem]] | None:
    """The batch of a folder and the files signed; None where there is none.

    Args:
        folder: of the signed files.
        own: the folder in it where the batch was written down.

    Raises:
        Conflict: what is written down cannot be read.
    """
    if not (own / BATCH).exists():
        return None
    try:
        found = _Batch.model_validate_json((own / BATCH).read_bytes())
    except (OSError, ValidationError) as exc:
        raise Conflict("signing.batch_damaged") from exc
    done = {one.number: one for one in _lines(own / DONE, _Done)}
    ended = [
        BatchItem(
            **item.model_dump(),
            number=number,
            end=ItemEnd.signed,
            signed_sha256=done[number].sha256,
            adopted=done[number].adopted,
            attempts=done[number].attempts,
        )
        for number, item in enumerate(found.items, start=1)
        if number in done
        and done[number].outcome is ItemEnd.signed
        and done[number].out == item.out
    ]
    said = found.model_dump(exclude={"batch_id"})
    return ApprovedBatch(key=found.batch_id, folder=str(folder.absolute()), **said), ended


def _lines(path: Path, kind: type[_Line]) -> Iterator[_Line]:
    """What stands there line by line; one that a crash cut off counts for nothing."""
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            yield kind.model_validate_json(line)
        except ValidationError:
            continue
