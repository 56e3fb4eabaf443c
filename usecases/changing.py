"""A person changes what a document is: a page is turned, its type is said, it is not taken.

The file stays as it came. Turned pages and another type mean that it is read again, from its file,
and goes to whoever reviews it then. Splitting is :mod:`usecases.splitting`.
"""

from schemas.change_views import ChangeView
from schemas.changes import NO_CHANGES, Changes
from schemas.dossier import COVER_SHEET, Stage
from schemas.errors import Conflict, InputRejected
from schemas.manifest import Manifest, page_groups, pages_of
from schemas.rescan_views import SentOn
from schemas.work import DecisionKind
from storage import Document, Dossier, NewDecision
from usecases.caller import Caller, Right
from usecases.composing import PARTS
from usecases.dossiers import document_of, find_dossier
from usecases.doubts_shown import as_ranges
from usecases.rescanning import open_of
from usecases.review import save_decision
from usecases.rooms import Rooms
from usecases.type_names import type_choices, type_names
from usecases.workspace import Workspace, load_manifest

TURNS = (90, 180, 270)
"""Degrees clockwise by which a page may be turned from how it is shown."""
PDF_DIGITS = 16


def to_change(
    caller: Caller, rooms: Rooms, code: str, number: int, *, department: str | None = None
) -> ChangeView:
    """A document under review and what may be done to it.

    Args:
        caller: who asks.
        rooms: the ledger, the work folder, the language of names.
        code: of the dossier.
        number: of the document in it.
        department: where several may have that code.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such document, or it is not theirs.
        Conflict: it is not under review, its manifest is lost, or several have that code.
    """
    dossier, document, manifest = _under_review(caller, rooms, code, number, department)
    groups = page_groups(manifest.parts) if manifest.undecided() else ()
    names = type_names(rooms.types, rooms.language)
    return ChangeView(
        department=dossier.department,
        dossier=dossier.code,
        number=document.number,
        type_id=manifest.document_type,
        type_name=names.get(manifest.document_type or ""),
        types=tuple(
            one for one in type_choices(rooms.types, rooms.language) if one.value != COVER_SHEET
        ),
        manifest_sha256=document.manifest_sha256 or "",
        pdf=(document.pdfa_sha256 or "")[:PDF_DIGITS],
        pages=tuple(one.number for one in manifest.pages),
        proposed=",".join(as_ranges(pages_of(group)) for group in groups),
        signed=bool(manifest.signatures),
        rescans=open_of(caller, rooms, code, number=number, department=dossier.department),
    )


def turn_page(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    page: int,
    degrees: int,
    *,
    seen: str,
    department: str | None = None,
) -> SentOn:
    """A page stands upright when it is turned from how it is shown; the document is read again.

    Args:
        caller: who says so.
        rooms: the ledger and the work folder.
        code: of the dossier.
        number: of the document in it.
        page: of the document, from 1.
        degrees: clockwise, one of :data:`TURNS`.
        seen: hash of the manifest that was shown.
        department: where several may have that code.

    Raises:
        InputRejected: there is no such page, or no such turn.
        Conflict: it is not under review, with that manifest, any more.
        NotAllowed, NotFound: as :func:`to_change`.
    """
    dossier, document, manifest = _under_review(caller, rooms, code, number, department)
    if degrees not in TURNS:
        raise InputRejected("usecase.no_turn")
    if not 1 <= page <= len(manifest.pages):
        raise InputRejected("flow.no_such_page", pages=len(manifest.pages))
    upright = manifest.pages[page - 1].rotation + degrees
    of_scan = document.source_pages[page - 1] if document.source_pages else page
    changes = (document.changes or NO_CHANGES).turn(of_scan, upright)
    return _read_again(caller, rooms, dossier, document, changes, "page_turned", seen)


def change_type(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    document_type: str,
    *,
    seen: str,
    department: str | None = None,
) -> SentOn:
    """A person says what a document is; its fields are read again as those of this type.

    Args:
        caller: who says so.
        rooms: the ledger, the work folder, the office's own types.
        code: of the dossier.
        number: of the document in it.
        document_type: identifier of a known type.
        seen: hash of the manifest that was shown.
        department: where several may have that code.

    Raises:
        InputRejected: ``usecase.no_type``.
        Conflict, NotAllowed, NotFound: as :func:`turn_page`.
    """
    dossier, document, _ = _under_review(caller, rooms, code, number, department)
    if document_type == COVER_SHEET or document_type not in type_names(rooms.types, "vi"):
        raise InputRejected("usecase.no_type")
    changes = (document.changes or NO_CHANGES).as_kind(document_type)
    return _read_again(caller, rooms, dossier, document, changes, "type_changed", seen)


def reject(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    reason: str,
    *,
    seen: str,
    department: str | None = None,
) -> SentOn:
    """A person does not take a document: it goes no further, and its file goes back.

    Raises:
        InputRejected: ``storing.no_reason``.
        Conflict, NotAllowed, NotFound: as :func:`turn_page`.
    """
    dossier, document, manifest = _under_review(caller, rooms, code, number, department)
    del manifest
    now = rooms.ledger.reject_by_person(
        document.id, reason, caller.name, based_on=_as_seen(document, seen)
    )
    return SentOn(department=dossier.department, dossier=dossier.code, number=now.number)


def keep_together(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    seen: str,
    department: str | None = None,
) -> SentOn:
    """What seems to be several documents is one: the doubt is settled, the review goes on.

    Raises:
        Conflict, NotAllowed, NotFound: as :func:`usecases.review.save_decision`.
        InputRejected: nothing says that it is several.
    """
    dossier, document, _ = _under_review(caller, rooms, code, number, department)
    standing = {one.path: one.id for one in rooms.ledger.standing_decisions(document)}
    said = NewDecision(path=PARTS, kind=DecisionKind.together, replaces=standing.get(PARTS))
    save_decision(caller, rooms.ledger, rooms.work, document.id, said, seen=seen, types=rooms.types)
    return SentOn(department=dossier.department, dossier=dossier.code, number=document.number)


def _read_again(
    caller: Caller,
    rooms: Rooms,
    dossier: Dossier,
    document: Document,
    changes: Changes,
    kind: str,
    seen: str,
) -> SentOn:
    based_on = _as_seen(document, seen)
    now = rooms.ledger.change(document.id, changes, kind, caller.name, based_on=based_on)
    return SentOn(department=dossier.department, dossier=dossier.code, number=now.number)


def _as_seen(document: Document, seen: str) -> str:
    """The hash of a document's manifest, which a person may have seen the beginning of.

    Raises:
        Conflict: ``storing.decided_before``: they saw another one.
    """
    if not (document.manifest_sha256 or "").startswith(seen.lower()):
        raise Conflict("storing.decided_before", document=document.label)
    return document.manifest_sha256 or ""


def _under_review(
    caller: Caller, rooms: Rooms, code: str, number: int, department: str | None
) -> tuple[Dossier, Document, Manifest]:
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    document = document_of(rooms.ledger, dossier, number)
    if document.stage is not Stage.in_review or document.duplicate_of is not None:
        raise Conflict("usecase.not_under_review", document=f"{dossier.code}/{number}")
    workspace = Workspace(rooms.work / str(document.id))
    return dossier, document, load_manifest(workspace, document, rooms.ledger)
