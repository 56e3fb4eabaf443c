"""A scan that holds several documents: these become documents of their own, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.dossier import Stage, is_dossier_code
from schemas.errors import Conflict
from storage.chain import Writing
from storage.intake import enter, link_part, open_dossier, part_values
from storage.moves import (
    decided_before,
    last_event,
    linked,
    move,
    refresh_dossier,
    stands_elsewhere,
)
from storage.queries import document_by_id, dossier_by_code, dossier_by_id, parts
from storage.records import Document, NewPart, Sha256
from storage.tables import document, dossier

SPLIT_FROM = (Stage.received, Stage.in_review)


def split(
    transaction: Writing,
    document_id: int,
    wanted: Sequence[NewPart],
    *,
    actor: str,
    left_out: Sequence[int],
    based_on: Sha256 | None,
    decision: str | None,
    shown: Mapping[str, str | int],
) -> list[Document]:
    """See :meth:`storage.Ledger.split`; ``shown`` are columns of the scan."""
    connection = transaction.connection
    scan = document_by_id(connection, document_id)
    if scan.duplicate_of is not None:
        raise linked(transaction, scan)
    if scan.split:
        return _as_before(transaction, scan, wanted, decision)
    if scan.stage not in SPLIT_FROM:
        raise stands_elsewhere(scan, Stage.in_review) if based_on is None else decided_before(scan)
    if scan.manifest_sha256 != based_on:
        raise decided_before(scan)
    _all_there(scan, wanted, left_out, int(shown["pages"]))
    homes = _homes(transaction, scan, wanted, actor)
    made = _enter(transaction, scan, wanted, homes, actor)
    move(
        transaction,
        scan,
        {**shown, "stage": Stage.split_up.value, "split": True, "document_type": None},
        kind=Stage.split_up.value,
        actor=actor,
        hash_before=scan.source_sha256,
        hash_after=str(shown["manifest_sha256"]),
        data={
            "from": scan.stage.value,
            **({"decision": decision} if decision else {}),
            "parts": [
                {"document": one.id, "dossier": one.dossier_id, "pages": list(one.source_pages)}
                for one in made
            ],
            "left_out": list(left_out),
        },
    )
    copies = _link_to_copies(transaction, scan, made, actor)
    homes_of_copies = {copy.dossier_id for copy in copies}
    for home in sorted({scan.dossier_id, *homes.values(), *homes_of_copies}):
        refresh_dossier(transaction, home)
    return made


def _enter(
    transaction: Writing,
    scan: Document,
    wanted: Sequence[NewPart],
    homes: Mapping[str | None, int],
    actor: str,
) -> list[Document]:
    """The documents of a scan, entered each in its dossier."""
    now = {"created_at": transaction.now, "updated_at": transaction.now}
    return [
        enter(
            transaction,
            part_values(transaction.connection, scan, part.pages, homes[part.code])
            | {"name": _name(scan.name, number)}
            | now,
            actor,
        )
        for number, part in enumerate(wanted, start=1)
    ]


def _link_to_copies(
    transaction: Writing, scan: Document, made: Sequence[Document], actor: str
) -> list[Document]:
    """Give dossiers that have a copy of the scan links to its documents; these copies."""
    copies = [
        document_by_id(transaction.connection, copy_id)
        for copy_id in transaction.connection.execute(_COPIES, {"id": scan.id}).scalars().all()
    ]
    for copy in copies:
        for part in made:
            link_part(transaction, part, copy, actor)
    return copies


_COPIES = (
    sa.select(document.c.id)
    .where(document.c.duplicate_of == sa.bindparam("id"))
    .order_by(document.c.id)
)


def _all_there(
    scan: Document, wanted: Sequence[NewPart], left_out: Sequence[int], pages: int
) -> None:
    """See that each page of a scan is in one part, or said to be in none, and none twice.

    Raises:
        Conflict: ``storing.pages_lost``.
    """
    every = scan.source_pages or tuple(range(1, pages + 1))
    named = [page for part in wanted for page in part.pages] + list(left_out)
    if sorted(named) != sorted(every):
        raise Conflict("storing.pages_lost", document=scan.label)


def recode(transaction: Writing, dossier_id: int, code: str, actor: str) -> bool:
    """See :meth:`storage.Ledger.recode`; whether the dossier has that code now."""
    connection = transaction.connection
    now = dossier_by_id(connection, dossier_id)
    if code in {now.code, now.first_code}:
        return True
    if not now.provisional or dossier_by_code(connection, code, now.department) is not None:
        return False
    columns: dict[str, JsonValue] = {
        "code": code,
        "first_code": now.first_code or now.code,
        "provisional": not is_dossier_code(code),
    }
    connection.execute(
        sa.update(dossier)
        .where(dossier.c.id == dossier_id)
        .values(**columns, updated_at=transaction.now)
    )
    transaction.append(
        "recoded",
        actor,
        dossier_id=dossier_id,
        data={
            "department": now.department,
            "dossier": code,
            "before": now.code,
            "columns": columns,
        },
    )
    return True


def _homes(
    transaction: Writing, scan: Document, wanted: Sequence[NewPart], actor: str
) -> dict[str | None, int]:
    """Which dossier the parts of each code go to, by id."""
    connection = transaction.connection
    department = dossier_by_id(connection, scan.dossier_id).department
    codes = list(dict.fromkeys(part.code for part in wanted))
    if len(codes) == 1 and codes[0] is not None:
        recode(transaction, scan.dossier_id, codes[0], actor)
    homes: dict[str | None, int] = {}
    for code in codes:
        found = dossier_by_code(connection, code, department) if code else None
        if code is None:
            homes[code] = scan.dossier_id
        elif found is not None:
            homes[code] = found.id
        else:
            homes[code] = open_dossier(
                transaction, department, code, provisional=not is_dossier_code(code), actor=actor
            )
    return homes


def _as_before(
    transaction: Writing, scan: Document, wanted: Sequence[NewPart], decision: str | None
) -> list[Document]:
    """The parts of a scan that was split the same way, by the same decision.

    Raises:
        Conflict: it was split otherwise, or by somebody else.
    """
    connection = transaction.connection
    said = json.loads(last_event(transaction, scan, Stage.split_up.value) or "{}")
    if decision is not None and said.get("decision") != decision:
        raise decided_before(scan)
    pages = [part.pages for part in wanted]
    found = [one for one in parts(connection, scan.part_of or scan.id) if one.source_pages in pages]
    if [one.source_pages for one in found if one.id != scan.id] != pages:
        raise Conflict(
            "storing.stands_elsewhere",
            document=scan.label,
            stage=scan.stage.value,
            expected=Stage.in_review.value,
        )
    return found


def _name(scan: str, number: int) -> str:
    """What a part is called: ``scan.pdf`` gives ``scan-1.pdf``."""
    path = PurePosixPath(scan)
    return str(path.with_name(f"{path.stem}-{number}{path.suffix}")) if path.name else scan
