"""What an office says of a dossier's components, and the papers it prints of them.

That data of a register stand for a paper is a decision of a person, kept as an event and taken back
by another one. Every printing is an event, too; nothing of what is printed is in an address.
"""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from schemas.checklist_views import ChecklistItem, PaperKind, PaperView, Register
from schemas.errors import NotFound, SohoaError
from schemas.field import FieldStatus
from schemas.manifest import Manifest
from schemas.procedure import Procedure
from storage import Document, Dossier
from usecases.accounts import PERSON
from usecases.called_fields import name_of
from usecases.caller import Caller, Right
from usecases.components import BACK, REPLACED, checklist_of, known_procedures
from usecases.cover_sheet import code_drawing, cover_sheets
from usecases.dossiers import find_dossier
from usecases.overview import manifest_of
from usecases.rooms import Rooms

PRINTED = "paper_printed"
"""Kind of the event."""

_OWNER = ("declarant_name", "full_name")
_ADDRESS = ("declarant_residence", "residence", "contact_address", "permanent_residence")
_RESIDENCE = "ct01"
"""The declaration of procedures whose receipt and request are forms of their own (CT04, CT05)."""


def replace_by_data(
    caller: Caller,
    rooms: Rooms,
    code: str,
    component: str,
    register: Register,
    *,
    department: str | None = None,
) -> None:
    """Say that data of a register stand for a paper of a dossier.

    Args:
        caller: who says so.
        rooms: the ledger.
        code: of the dossier.
        component: its id in the procedure.
        register: where the data are.
        department: where several may have that code.

    Raises:
        NotAllowed: they review nothing.
        NotFound: there is no such dossier, it is not theirs, or it asks for no such component.
        Conflict: several of their departments have it.
    """
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    known = _component(rooms, dossier, component)
    if known.replaced is None or known.replaced.register_id is not register:
        data = {"component": component, "register": register.value}
        rooms.ledger.note(dossier.id, None, caller.name, REPLACED, data=dict(data))


def ask_again(
    caller: Caller, rooms: Rooms, code: str, component: str, *, department: str | None = None
) -> None:
    """Take back that data stand for a paper: it is asked for again.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`replace_by_data`.
    """
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    if _component(rooms, dossier, component).replaced is not None:
        rooms.ledger.note(dossier.id, None, caller.name, BACK, data={"component": component})


def paper(
    caller: Caller, rooms: Rooms, code: str, kind: PaperKind, *, department: str | None = None
) -> PaperView:
    """What stands on a paper that is printed now; the event names the components it asks for.

    Who handed in, and what for, is taken from the declaration where that was read surely or settled
    by a person; else it is left to be written by hand.

    Args:
        caller: who prints it.
        rooms: the ledger, and the manifests of what was read.
        code: of the dossier.
        kind: the request or the receipt.
        department: where several may have that code.

    Raises:
        NotAllowed: they review nothing.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: several of their departments have it.
    """
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    documents = rooms.ledger.documents(dossier.id)
    likely = _procedures(documents)
    ticked = checklist_of(rooms.ledger, dossier.id)
    said = dict(_declared(rooms, documents, likely))
    days = [one.due_days for one in likely if one.due_days is not None]
    drawing, side = code_drawing(dossier.code)
    _note(caller, rooms, dossier, kind)
    return PaperView(
        kind=kind,
        dossier=dossier.code,
        department=_name(rooms, dossier.department),
        procedures=tuple(name_of(one.names, "vi") for one in likely),
        residence=any(_RESIDENCE in part.types for one in likely for part in one.components),
        owner=_first(said, _OWNER),
        phone=said.get("phone"),
        email=said.get("email"),
        address=_first(said, _ADDRESS),
        asks=said.get("request_content"),
        components=ticked.components if ticked else (),
        due_days=min(days) if days else None,
        received_at=dossier.created_at,
        due_at=dossier.due_at,
        printed_at=rooms.clock(),
        printed_by=caller.name.removeprefix(PERSON),
        code_drawing=drawing,
        code_side=side,
    )


def cover_sheet(caller: Caller, rooms: Rooms, code: str, *, department: str | None = None) -> bytes:
    """The cover sheet of a dossier, as PDF: the inbox knows it again (``sohoa coversheet``).

    Raises:
        NotAllowed: they review nothing.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: several of their departments have it.
        MissingDependency: ``fields.no_sample_font``.
    """
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    drawn = cover_sheets([dossier.code])
    _note(caller, rooms, dossier, PaperKind.cover_sheet)
    return drawn


def _note(caller: Caller, rooms: Rooms, dossier: Dossier, kind: PaperKind) -> None:
    data: dict[str, JsonValue] = {"paper": kind.value}
    if kind is PaperKind.request:
        ticked = checklist_of(rooms.ledger, dossier.id)
        data["components"] = [one.id for one in ticked.components if one.lacks] if ticked else []
    rooms.ledger.note(dossier.id, None, caller.name, PRINTED, data=dict(data))


def _component(rooms: Rooms, dossier: Dossier, component: str) -> ChecklistItem:
    ticked = checklist_of(rooms.ledger, dossier.id)
    for one in ticked.components if ticked else ():
        if one.id == component:
            return one
    raise NotFound("usecase.no_component")


def _procedures(documents: list[Document]) -> tuple[Procedure, ...]:
    known = known_procedures(documents)
    return known.procedures if known else ()


def _name(rooms: Rooms, department: str) -> str:
    names = {one.id: one.name for one in rooms.ledger.departments()}
    return names.get(department, department)


def _first(said: dict[str, str], names: Iterable[str]) -> str | None:
    return next((said[one] for one in names if one in said), None)


def _declared(
    rooms: Rooms, documents: list[Document], likely: tuple[Procedure, ...]
) -> Iterator[tuple[str, str]]:
    """What the declaration of a dossier surely says, field by field."""
    asked = [part for one in likely for part in one.components if part.required]
    wanted = {kind for part in asked for kind in part.types}
    for document in documents:
        if document.document_type not in wanted or document.manifest_sha256 is None:
            continue
        try:
            manifest = manifest_of(rooms, document)
        except SohoaError:  # it is lost, or the store is away: written by hand
            continue
        yield from _sure(manifest)
        return


def _sure(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for path, field in manifest.walk():
        if field.value and field.status is FieldStatus.accepted:
            yield path, field.value
