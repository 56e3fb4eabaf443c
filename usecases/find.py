"""Finding what was published: by code, by department, since a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.checklist_views import Replaced
from schemas.department import Department
from schemas.desk_views import ResultLine, ResultPage
from schemas.document_type import known_types
from schemas.dossier import Role, Stage
from schemas.views import IndexedDocument, IndexedWithdrawal, IndexView, ObjectView, ResultView
from storage import (
    Document,
    Dossier,
    KeptObject,
    Ledger,
    ObjectKind,
    Proven,
    PublishedFilter,
    PublishedRow,
    Reach,
)
from usecases.caller import Caller, Right
from usecases.components import ticked_off
from usecases.dossiers import department_named, departments_of
from usecases.rooms import Rooms
from usecases.sharing import is_shared, reach
from usecases.type_names import type_choices, type_names

_LISTED = frozenset({Stage.stored, Stage.published, Stage.withdrawn})


def results(
    caller: Caller,
    rooms: Rooms,
    *,
    code: str | None = None,
    department: str | None = None,
    since: datetime | None = None,
) -> tuple[ResultView, ...]:
    """The published documents that the caller may find, oldest dossier first.

    Args:
        caller: who asks.
        rooms: the ledger.
        code: of the dossier of this code alone.
        department: of this one alone; by identifier or as people call it.
        since: changed then or later, aware.

    Raises:
        NotAllowed: they may find nothing.
    """
    theirs = reach(caller, Right.find, rooms)
    unit = department_named(rooms.ledger, department)
    found: list[tuple[Dossier, Sequence[Document] | None]]
    if code is not None:
        found = list(rooms.ledger.reached_documents(theirs, code, department=unit))
    else:
        units = departments_of(caller, unit)
        own = (one for each in units for one in rooms.ledger.dossiers(department=each, since=since))
        found = [(one, None) for one in own]
        found += rooms.ledger.shared_documents(theirs, department=unit, since=since)
    return tuple(
        view
        for dossier, reached in sorted(found, key=lambda one: (one[0].created_at, one[0].id))
        for view in _of_dossier(caller, rooms, dossier, reached, since)
    )


def result_page(
    caller: Caller,
    rooms: Rooms,
    *,
    code: str | None = None,
    department: str | None = None,
    document_type: str | None = None,
    role: Role | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> ResultPage:
    """A page of the published documents that the caller may find, the last published first.

    Those that other departments share with theirs are among them, and say so.

    Args:
        caller: who asks.
        rooms: the ledger, and the language of names.
        code: a part of the dossier's code.
        department: of this one alone; by identifier or as people call it.
        document_type: of this type alone.
        role: components or results alone.
        since: published then or later, aware.
        until: published before, aware.
        after: ``next`` of the page before.
        limit: how many at most.

    Raises:
        NotAllowed: they may find nothing.
        InputRejected: ``storing.bad_cursor``.
    """
    theirs = reach(caller, Right.find, rooms)
    unit = department_named(rooms.ledger, department)
    wanted = PublishedFilter(
        reach=theirs,
        departments=None if unit is None else frozenset({unit}),
        code=code or None,
        document_type=document_type or None,
        role=role,
        since=since,
        until=until,
    )
    found, following = rooms.ledger.published_page(wanted, after=after, limit=limit)
    return ResultPage(
        results=_lines(caller, rooms, theirs, found),
        next=following,
        departments=reached_departments(rooms.ledger, theirs),
        types=type_choices(rooms.types, rooms.language),
    )


def _lines(
    caller: Caller, rooms: Rooms, theirs: Reach, found: Sequence[PublishedRow]
) -> tuple[ResultLine, ...]:
    names = type_names(rooms.types, rooms.language)
    sensitive = {one.id for one in known_types(rooms.types) if one.sensitive}
    return tuple(
        ResultLine(
            **one.model_dump(exclude={"document_id"}),
            shared=not theirs.owns(one.department),
            hidden=one.document_type in sensitive
            and not caller.may(Right.see_identity, one.department),
            label=f"{one.role.value}-{one.number:03d}",
            type_name=names.get(one.document_type or "", one.document_type),
        )
        for one in found
    )


def reached_departments(ledger: Ledger, theirs: Reach) -> tuple[Department, ...]:
    """Those whose documents there may be: their own, and who shares something with them now."""
    givers = ledger.grants.givers(theirs.departments)
    return tuple(one for one in ledger.departments() if theirs.owns(one.id) or one.id in givers)


def _of_dossier(
    caller: Caller,
    rooms: Rooms,
    dossier: Dossier,
    reached: Sequence[Document] | None,
    since: datetime | None,
) -> list[ResultView]:
    """What is published of a dossier among the documents that are reached; None: all of it."""
    kept = rooms.ledger.objects(dossier.id)
    if is_shared(caller, dossier):  # other documents may be on their scans
        kept = [one for one in kept if one.kind is not ObjectKind.original]
    return [
        ResultView(
            dossier=dossier.code,
            department=dossier.department,
            number=document.number,
            label=document.label,
            role=document.role,
            document_type=document.document_type,
            published_at=document.updated_at,
            objects=_objects(document, kept),
        )
        for document in (rooms.ledger.documents(dossier.id) if reached is None else reached)
        if document.stage is Stage.published
        and (since is None or document.updated_at >= since)
        and not document.split
    ]


def index_of(
    proven: Proven, successors: Mapping[int, str], replaced: Mapping[str, Replaced] | None = None
) -> IndexView:
    """What a department finds first. Made from the ledger only, so a repeat makes the same.

    Args:
        proven: the dossier.
        successors: by what each document is replaced, as ``H17-261123-0001/result-002``, by its id.
        replaced: the components for which data of a register stand.
    """
    dossier = proven.dossier
    return IndexView(
        department=dossier.department,
        dossier=dossier.code,
        provisional=dossier.provisional,
        checklist=ticked_off(proven.documents, replaced or {}),
        documents=tuple(
            IndexedDocument(
                number=document.number,
                role=document.role,
                name=document.name,
                document_type=document.document_type,
                pages=document.pages,
                source_sha256=document.source_sha256,
                source_pages=document.source_pages,
                signed_sha256=document.signed_sha256,
                withdrawn=_withdrawn(document, successors),
                objects=_objects(document, proven.objects),
            )
            for document in proven.documents
            if document.stage in _LISTED and not document.split
        ),
    )


def _withdrawn(document: Document, successors: Mapping[int, str]) -> IndexedWithdrawal | None:
    if document.stage is not Stage.withdrawn:
        return None
    return IndexedWithdrawal(at=document.updated_at, superseded_by=successors.get(document.id))


def _objects(document: Document, kept: Sequence[KeptObject]) -> tuple[ObjectView, ...]:
    return tuple(
        ObjectView(
            bucket=one.bucket,
            key=one.key,
            version_id=one.version_id,
            sha256=one.sha256,
            bytes=one.bytes,
            kind=one.kind.value,
        )
        for one in kept
        if document.owns(one)
    )
