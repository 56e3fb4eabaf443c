"""One published document as its page shows it: fields, pages, history, its signatures' verdict.

Each look is a line in the access log. Of another department's document its history is told without
people, and an identity paper's fields and pages are not told.
"""

import tempfile
from functools import partial
from pathlib import Path

from ocr import ReaderPool
from schemas.access_views import PagesView
from schemas.desk_views import NamedField, TimelineEntry
from schemas.door import Named
from schemas.errors import NotFound, SohoaError
from schemas.search_views import ResultShown, SignatureShown
from schemas.verdict import FileVerdict
from schemas.views import EventView
from storage import Document, Dossier, ObjectKind, newest
from usecases.caller import Caller, Right
from usecases.dossiers import called
from usecases.identity_pictures import is_hidden, is_identity
from usecases.look import document_view
from usecases.overview import manifest_of, named_fields, timeline
from usecases.rooms import Rooms
from usecases.sharing import is_shared, note_reading, purpose_of, reach, reached_document
from usecases.type_names import type_names

SEEN = "result_seen"
"""Kind of the line in the access log."""
VERIFY = Named("signing", "verify")
"""By name: the process that shows pages verifies nothing."""
_TOLD = frozenset({"received", "signed", "stored", "published", "renewed", "withdrawn"})
"""What of its history is told to those who may not look at the dossier."""


def result_shown(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> ResultShown:
    """A document that was published, or withdrawn since, with all that may be told of it.

    Args:
        caller: who looks.
        rooms: the ledger, and the store for its manifest.
        code: of the dossier.
        number: of the document in it.
        department: whose it is, where several may have that code.
        purpose: what for, where another department shares it.

    Raises:
        NotAllowed: they may find nothing.
        NotFound, Conflict: as :func:`usecases.sharing.reached_document`.
        PurposeNeeded: another department shares it, and they have not said what for.
    """
    dossier, document = reached_document(caller, Right.find, rooms, code, number, department)
    note_reading(caller, rooms, dossier, SEEN, document=document, purpose=purpose)
    hidden = is_hidden(caller, rooms, dossier, document)
    fields: tuple[NamedField, ...] = ()
    unread = None
    if not (hidden and is_shared(caller, dossier)):
        try:
            fields = tuple(named_fields(rooms, document, manifest_of(rooms, document)))
        except SohoaError as error:
            unread = error.sentence(rooms.language)
    names = type_names(rooms.types, rooms.language)
    departments = {one.id: one.name for one in rooms.ledger.departments()}
    return ResultShown(
        dossier=dossier.code,
        department=dossier.department,
        department_name=departments.get(dossier.department, dossier.department),
        shared=is_shared(caller, dossier),
        number=document.number,
        label=document.label,
        role=document.role,
        type_name=names.get(document.document_type or "", document.document_type),
        stage=document.stage,
        published_at=document.updated_at,
        superseded_by=_successor(caller, rooms, document),
        pages=PagesView(
            pdf=document.signed_sha256 or "",
            count=document.pages or 0,
            sensitive=is_identity(rooms, document),
            hidden=hidden,
        ),
        fields=tuple(one for one in fields if one.value is not None),
        unread=unread,
        timeline=tuple(_history(caller, rooms, dossier, document)),
    )


async def signature_shown(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    code: str,
    number: int,
    *,
    department: str | None = None,
) -> SignatureShown:
    """The verdict on a document's signed file as it stands in the store now.

    Args:
        caller: who asks.
        rooms: the ledger, the store, and whom this office trusts.
        pool: verifies the file.
        code: of the dossier.
        number: of the document in it.
        department: whose it is, where several may have that code.

    Raises:
        NotAllowed, NotFound, Conflict, PurposeNeeded: as :func:`result_shown`; or this face knows
            nobody to trust.
        Damaged: the store has other bytes, or none.
        ServiceUnavailable: the store does not answer.
    """
    dossier, document = reached_document(caller, Right.find, rooms, code, number, department)
    purpose_of(caller, rooms, dossier)
    kinds = {ObjectKind.signed, ObjectKind.renewed}
    kept = newest(rooms.ledger.objects(dossier.id))
    own = [one for one in kept if document.owns(one) and one.kind in kinds]
    if not own or rooms.trust is None:
        raise NotFound("cli.nothing_published", dossier=dossier.code)
    one = own[-1]
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        path = Path(folder) / f"{dossier.code}-{document.label}.pdf"
        rooms.objects().get(one.bucket, one.key, path, version_id=one.version_id, sha256=one.sha256)
        verify = partial(VERIFY, language=rooms.language)
        verdict: FileVerdict = await pool.on_file(
            verify, path, rooms.trust(), pages=document.pages or 1
        )
    return SignatureShown(
        verdict=verdict.model_copy(update={"file": path.name}), checked_at=rooms.clock()
    )


def _successor(caller: Caller, rooms: Rooms, document: Document) -> str | None:
    """What replaces it, where that is reached, too."""
    by = document.superseded_by
    if by is None:
        return None
    reached = rooms.ledger.reached_among(reach(caller, Right.find, rooms), [by])
    return called(rooms.ledger, by) if by in reached else None


def _history(
    caller: Caller, rooms: Rooms, dossier: Dossier, document: Document
) -> list[TimelineEntry]:
    looks = caller.may(Right.look, dossier.department)
    events = (
        EventView(**one.model_dump())
        for one in rooms.ledger.events(dossier.id)
        if one.document_id == document.id and (looks or one.kind in _TOLD)
    )
    lines = timeline(events, [document_view(rooms, document)])
    if looks:
        return lines
    return [one.model_copy(update={"by": "service", "who": "", "stead": None}) for one in lines]
