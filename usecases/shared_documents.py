"""Published documents under the names of letter 7197: listed, looked at, described by people."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from schemas.doc_code import SCAN, DocSeries, parsed
from schemas.dossier import Role, Stage
from schemas.errors import NotFound, SohoaError
from schemas.shared_document import (
    Description,
    FileVersion,
    SharedDocument,
    SharedDocumentPage,
    SharedDocumentView,
)
from storage import Document, Dossier, KeptObject, KnownCode, PublishedFilter
from usecases.caller import Caller, Right, permit
from usecases.doc_codes import codes_of, described, described_by, file_name, versions_of
from usecases.dossiers import department_named
from usecases.identity_pictures import is_hidden
from usecases.overview import manifest_of
from usecases.rooms import Rooms
from usecases.sharing import is_result, is_shared, note_reading, purpose_of, reach, reached_document
from usecases.type_names import type_names

_PDFA = "PDF/A-2b"


def shared_page(
    caller: Caller,
    rooms: Rooms,
    *,
    dossier: str | None = None,
    department: str | None = None,
    document_type: str | None = None,
    role: Role | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> SharedDocumentPage:
    """A page of the published documents that the caller may find, the last published first.

    Args:
        caller: who asks.
        rooms: the ledger.
        dossier: a part of the dossier's code.
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
    ledger = rooms.ledger
    unit = department_named(ledger, department)
    wanted = PublishedFilter(
        reach=reach(caller, Right.find, rooms),
        departments=None if unit is None else frozenset({unit}),
        code=dossier or None,
        document_type=document_type or None,
        role=role,
        since=since,
        until=until,
    )
    rows, following = ledger.published_page(wanted, after=after, limit=limit)
    documents = ledger.documents_among([row.document_id for row in rows])
    return SharedDocumentPage(documents=_lines(caller, rooms, documents), next=following)


def _lines(
    caller: Caller, rooms: Rooms, documents: Sequence[Document]
) -> tuple[SharedDocument, ...]:
    """Documents as a list shows them, in their order."""
    ledger = rooms.ledger
    dossiers = {key: ledger.dossier_by_id(key) for key in {one.dossier_id for one in documents}}
    kept = {key: ledger.objects(key) for key in dossiers}
    codes = codes_of(ledger, rooms.coding, documents)
    said = descriptions(rooms, [(dossiers[one.dossier_id], one) for one in documents], codes)
    return tuple(
        _shown(
            dossiers[one.dossier_id],
            one,
            codes[one.id],
            _told(caller, rooms, dossiers[one.dossier_id], one, said[one.id]),
            max(versions_of(one, kept[one.dossier_id], own=False), default=SCAN),
        )
        for one in documents
    )


def shared_document(
    caller: Caller, rooms: Rooms, code: str, *, purpose: str | None = None
) -> SharedDocumentView:
    """A published document by its DocCode, with the versions of its file.

    Args:
        caller: who asks.
        rooms: the ledger; the store, the first time that a document of an earlier version is asked
            for.
        code: its DocCode, of whichever version.
        purpose: what for, where it is another department's.

    Raises:
        NotAllowed: they may find nothing.
        NotFound: ``usecase.no_doc_code``: no document has it, or it does not reach them.
        PurposeNeeded: as :func:`usecases.sharing.purpose_of`.
    """
    version, dossier, document = reached_by_code(caller, Right.find, rooms, code)
    purpose_of(caller, rooms, dossier, purpose)
    view = _view(caller, rooms, dossier, document, version)
    note_reading(
        caller, rooms, dossier, "metadata_seen", document=document, what=code, purpose=purpose
    )
    return view


def describe(caller: Caller, rooms: Rooms, code: str, said: Description) -> SharedDocumentView:
    """Say what a published document is, instead of what was read; an event names who did.

    All of what was said before is replaced: what is left out is as it was read. The same again
    changes nothing.

    Args:
        caller: who says so; a clerk or signer of the department whose document it is.
        rooms: the ledger.
        code: its DocCode, of whichever version.
        said: what it is.

    Raises:
        NotAllowed: they may review nothing.
        NotFound: ``usecase.no_doc_code``: no document has it, or it is not theirs.
    """
    permit(caller, Right.review)
    version, dossier, document = reached_by_code(caller, Right.find, rooms, code)
    if not caller.may(Right.review, dossier.department):
        raise NotFound("usecase.no_doc_code")
    rooms.ledger.doc_codes.describe(document, said.said(), caller.name)
    return _view(caller, rooms, dossier, document, version)


def code_of(
    caller: Caller, rooms: Rooms, dossier: str, number: int, *, department: str | None = None
) -> str:
    """The DocCode of the newest version of a document's file.

    Args:
        caller: who asks.
        rooms: the ledger.
        dossier: its code.
        number: of the document in it.
        department: where several may have that code.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`usecases.sharing.reached_document`.
    """
    home, document = reached_document(caller, Right.fetch, rooms, dossier, number, department)
    versions = versions_of(document, rooms.ledger.objects(home.id), own=False)
    given = codes_of(rooms.ledger, rooms.coding, [document])[document.id]
    return given.series.version(max(versions, default=SCAN))


def reached_by_code(
    caller: Caller, right: Right, rooms: Rooms, code: str
) -> tuple[int, Dossier, Document]:
    """The version that a DocCode names, and its document, where that reaches the caller.

    Args:
        caller: who asks.
        right: ``find`` or ``fetch``.
        rooms: the ledger.
        code: the DocCode.

    Raises:
        NotAllowed: they may do this with nothing.
        NotFound: ``usecase.no_doc_code``: no document has it, or it does not reach them.
    """
    permit(caller, right)
    ledger = rooms.ledger
    asked = parsed(code)
    document_id = ledger.doc_codes.named(asked[0]) if asked else None
    if asked is None or document_id is None:
        raise NotFound("usecase.no_doc_code")
    document = ledger.document(document_id)
    dossier = ledger.dossier_by_id(document.dossier_id)
    if not reach(caller, right, rooms).owns(dossier.department):
        try:
            dossier, document = reached_document(
                caller, right, rooms, dossier.code, document.number, dossier.department
            )
        except NotFound:
            raise NotFound("usecase.no_doc_code") from None
    elif not is_result(document):
        raise NotFound("usecase.no_doc_code")
    return asked[1], dossier, document


def descriptions(
    rooms: Rooms, documents: Sequence[tuple[Dossier, Document]], codes: dict[int, KnownCode]
) -> dict[int, Description]:
    """What documents are, by their ids: what people said, and where they said nothing what was
    read.
    """
    said = rooms.ledger.doc_codes.said([(one, unit.department) for unit, one in documents])
    names = type_names(rooms.types, "vi")
    found: dict[int, Description] = {}
    for _, one in documents:
        read = codes[one.id].read
        base = (
            Description.model_validate(read)
            if read is not None
            else described(one.document_type, names)
        )
        by_people = said.get(one.id)
        if by_people is not None:
            base = Description.model_validate(by_people.said).over(base)
        found[one.id] = base
    return found


def read_again(rooms: Rooms, document: Document, code: KnownCode) -> KnownCode:
    """The code with what the manifest says, which is opened where that was not done before.

    Where it cannot be had now, what the ledger knows has to do.
    """
    if code.read is not None:
        return code
    try:
        manifest = manifest_of(rooms, document)
    except SohoaError:
        return code
    read = described_by(manifest, rooms.types).said()
    rooms.ledger.doc_codes.note_read(document.id, read)
    return code.model_copy(update={"read": read})


def _view(
    caller: Caller, rooms: Rooms, dossier: Dossier, document: Document, version: int
) -> SharedDocumentView:
    ledger = rooms.ledger
    code = read_again(rooms, document, codes_of(ledger, rooms.coding, [document])[document.id])
    said = descriptions(rooms, [(dossier, document)], {document.id: code})[document.id]
    said = _told(caller, rooms, dossier, document, said)
    own = not is_shared(caller, dossier)
    versions = versions_of(document, ledger.objects(dossier.id), own=own)
    if version not in versions:
        raise NotFound("usecase.no_doc_code")
    by = document.superseded_by
    successor = ledger.doc_codes.of([by]).get(by) if by is not None else None
    shown = _shown(dossier, document, code, said, version)
    return SharedDocumentView(
        **shown.model_dump(exclude={"superseded_by"}),
        superseded_by=successor.series.version(2) if successor else None,
        versions=tuple(
            version_of(code.series, number, kept, said, document)
            for number, kept in versions.items()
        ),
    )


def _told(
    caller: Caller, rooms: Rooms, dossier: Dossier, document: Document, said: Description
) -> Description:
    """What the caller is told of it: of another department's identity paper its kind alone."""
    if is_shared(caller, dossier) and is_hidden(caller, rooms, dossier, document):
        return described(document.document_type, type_names(rooms.types, "vi"))
    return said


def _shown(
    dossier: Dossier, document: Document, code: KnownCode, said: Description, version: int
) -> SharedDocument:
    return SharedDocument(
        **said.model_dump(),
        doc_code=code.series.version(version),
        page_amount=document.pages,
        format=(document.media_type or "")[:50] if version == SCAN else _PDFA,
        dossier=dossier.code,
        department=dossier.department,
        number=document.number,
        published_at=document.updated_at,
        withdrawn=document.stage is Stage.withdrawn,
    )


def version_of(
    series: DocSeries, version: int, kept: KeptObject, said: Description, document: Document
) -> FileVersion:
    """One version of a document's file, as people are told of it."""
    ending = Path(kept.key).suffix
    media = document.media_type or "application/octet-stream"
    code = series.version(version)
    return FileVersion(
        doc_code=code,
        file_name=file_name(code, said, document.updated_at, ending),
        media_type=media if version == SCAN else "application/pdf",
        sha256=kept.sha256,
        bytes=kept.bytes,
    )
