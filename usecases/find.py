"""Finding what was published: by code, by department, since a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.dossier import Stage
from schemas.views import IndexedDocument, IndexedWithdrawal, IndexView, ObjectView, ResultView
from storage import Document, Dossier, KeptObject, Ledger, Proven
from usecases.caller import Caller, Right, permit
from usecases.components import ticked_off
from usecases.dossiers import department_named, departments_of
from usecases.rooms import Rooms

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
    permit(caller, Right.find)
    units = departments_of(caller, department_named(rooms.ledger, department))
    found = [one for unit in units for one in _asked(rooms.ledger, unit, code, since)]
    return tuple(
        view
        for dossier in sorted(found, key=lambda one: (one.created_at, one.id))
        for view in _of_dossier(rooms, dossier, since)
    )


def _asked(
    ledger: Ledger, unit: str | None, code: str | None, since: datetime | None
) -> list[Dossier]:
    if code is None:
        return ledger.dossiers(department=unit, since=since)
    units = [unit] if unit is not None else [one.id for one in ledger.departments()]
    named = [one for name in units if (one := ledger.dossier(code, name))]
    return [one for one in named if since is None or one.updated_at >= since]


def _of_dossier(rooms: Rooms, dossier: Dossier, since: datetime | None) -> list[ResultView]:
    kept = rooms.ledger.objects(dossier.id)
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
        for document in rooms.ledger.documents(dossier.id)
        if document.stage is Stage.published
        and (since is None or document.updated_at >= since)
        and not document.split
    ]


def index_of(proven: Proven, successors: Mapping[int, str]) -> IndexView:
    """What a department finds first. Made from the ledger only, so a repeat makes the same.

    Args:
        proven: the dossier.
        successors: by what each document is replaced, as ``H17-261123-0001/result-002``, by its id.
    """
    dossier = proven.dossier
    return IndexView(
        department=dossier.department,
        dossier=dossier.code,
        provisional=dossier.provisional,
        checklist=ticked_off(proven.documents),
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
