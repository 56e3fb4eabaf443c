"""Pictures of identity papers: sensitive personal data, shown by duty, each view written down.

Law 91/2025/QH15 and Decree 356/2025 say so of identity cards; which types are meant is said by the
types (``sensitive``). A paper of no known type may be one until somebody has looked
at it: who may not see them does not see it before.
"""

from schemas.access_views import AccessView
from schemas.document_type import known_types
from schemas.dossier import Stage
from schemas.errors import NotAllowed
from storage import Access, Document, Dossier
from usecases.caller import Caller, Right
from usecases.dossiers import find_dossier
from usecases.rooms import Rooms

HIDDEN = "usecase.identity_hidden"
SEEN = "identity_seen"
"""Kind of the line in the access log."""
_NOT_LOOKED_AT = {Stage.received, Stage.digitised, Stage.in_review}
SHOWN = 200
"""Lines of a dossier's log that are told at once; all are kept."""


def is_identity(rooms: Rooms, document: Document) -> bool:
    """Whether a document's pictures are sensitive, as its type says."""
    kind = document.document_type
    return any(one.sensitive for one in known_types(rooms.types) if one.id == kind)


def is_hidden(caller: Caller, rooms: Rooms, dossier: Dossier, document: Document) -> bool:
    """Whether the caller may not see this document's pictures, though the dossier is theirs."""
    if caller.may(Right.see_identity, dossier.department):
        return False
    unknown = document.document_type is None and document.stage in _NOT_LOOKED_AT
    return unknown or is_identity(rooms, document)


def see(caller: Caller, rooms: Rooms, dossier: Dossier, document: Document, what: str) -> bool:
    """See that the caller may have a document's picture, and write it down where it is sensitive.

    Args:
        caller: who is about to see it.
        rooms: the ledger, and the types.
        dossier: theirs already.
        document: of it.
        what: ``page 1``, ``zone 1``, ``file``: without personal data.

    Returns:
        Whether it is sensitive: then nobody keeps a copy on the way.

    Raises:
        NotAllowed: ``usecase.identity_hidden``.
    """
    if is_hidden(caller, rooms, dossier, document):
        raise NotAllowed(HIDDEN)
    sensitive = is_identity(rooms, document)
    if sensitive:
        rooms.ledger.accesses.note(
            caller.name, SEEN, dossier_id=dossier.id, document_id=document.id, what=what
        )
    return sensitive


def accesses(
    caller: Caller, rooms: Rooms, code: str, *, department: str | None = None
) -> tuple[AccessView, ...]:
    """Who saw or took what of a dossier, the last first; the same many times in a row is one line.

    Args:
        caller: of the department whose dossier it is.
        rooms: the ledger.
        code: of the dossier.
        department: where several may have that code.

    Raises:
        NotAllowed: they may look at none.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: several of their departments have it.
    """
    dossier = find_dossier(caller, Right.look, rooms.ledger, code, department)
    numbers = {one.id: one.number for one in rooms.ledger.documents(dossier.id)}
    names = {one.id: one.name for one in rooms.ledger.departments()}
    lines: list[AccessView] = []
    for one in rooms.ledger.accesses.of(dossier_id=dossier.id, newest=SHOWN):
        line = _view(one, numbers, names)
        last = lines[-1] if lines else None
        if last is not None and _told(last) == _told(line):
            lines[-1] = last.model_copy(update={"count": last.count + 1, "first_at": line.at})
        else:
            lines.append(line)
    return tuple(lines)


def _view(one: Access, numbers: dict[int, int], names: dict[str, str]) -> AccessView:
    what, _, page = (one.object or "").partition(" ")
    known = one.kind == SEEN
    return AccessView(
        at=one.at,
        first_at=one.at,
        who=one.actor.partition(":")[2] or one.actor,
        kind=one.kind,
        number=numbers.get(one.document_id or 0),
        page=int(page) if known and page.isdecimal() else None,
        zone=known and what == "zone",
        departments=tuple(names.get(unit, unit) for unit in sorted(one.departments or ())),
        purpose=one.purpose,
    )


def _told(line: AccessView) -> tuple[object, ...]:
    return line.who, line.kind, line.number, line.page, line.departments, line.purpose
