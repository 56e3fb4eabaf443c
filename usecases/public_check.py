"""Anybody who holds a copy checks a document: by its public code, by its file, or on paper.

Nobody is asked who they are, so nobody is the caller. What is unknown, what is no code, and what is
not opened by the figures that were typed is one answer, after the same work; only with a document's
own code is anything said of it, and nothing of that names a person.
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ocr import ReaderPool, tasks
from schemas.check_views import (
    CheckedDocument,
    CheckedFile,
    CheckedPaper,
    Likeness,
    Standing,
    Successor,
)
from schemas.dossier import Stage
from schemas.errors import InputRejected, NotFound, NotTrusted, ServiceUnavailable
from schemas.messages import sentence
from schemas.public_code import LONGEST, fingerprint
from schemas.views import PagePicture
from storage import PUBLIC_CODE_MADE, Document, Dossier, Event, PublicCode
from usecases.attempts import forgive_paper, must_wait_with_paper
from usecases.identity_pictures import is_identity
from usecases.pictures import PAGE_DPI, document_pdf
from usecases.rooms import Rooms
from usecases.type_names import type_names
from usecases.watermark import watermarked

UNKNOWN = "check.unknown"
BY_PAPER = "paper_checked"
"""Kind of the line in the access log."""
STRANGER = "public"
"""Who saw it, there: nobody that is known."""
MOST_PAGES = 24
"""Pages that are shown of a document."""
_PUBLIC = frozenset({Stage.published, Stage.withdrawn})


class _Found(NamedTuple):
    dossier: Dossier
    document: Document
    events: list[Event]


def by_code(rooms: Rooms, code: str) -> CheckedDocument:
    """What a public code says.

    Args:
        rooms: the ledger, the types, and how the office is called.
        code: as somebody typed it.

    Raises:
        NotFound: ``check.unknown``: no published document has it, or it is no code at all.
        ServiceUnavailable: ``check.not_now``: the ledger does not answer, or is in doubt.
    """
    found = rooms.ledger.public_codes.look_up(fingerprint(code))
    if found.row is None or not found.hit:
        raise NotFound(UNKNOWN)
    return _told(rooms, _public(rooms, found.row), found.row)


def by_file(rooms: Rooms, sha256: str, code: str = "") -> CheckedFile:
    """Whether a file is, byte for byte, one that this office signed.

    Args:
        rooms: as for :func:`by_code`.
        sha256: of the file, in hexadecimal digits.
        code: the public code of the document that it is said to be; empty: any of them.

    Raises:
        NotFound, ServiceUnavailable: as :func:`by_code`; without a code the former says that no
            published file has these bytes.
    """
    kept = rooms.ledger.public_codes.signed_as(sha256.strip().lower()[:64])
    ids = [one.document_id for one in kept if one.document_id is not None]
    if code:
        found = rooms.ledger.public_codes.look_up(fingerprint(code))
        if found.row is None or not found.hit:
            raise NotFound(UNKNOWN)
        document = _told(rooms, _public(rooms, found.row), found.row)
        same = found.row.document_id in ids
        likeness = Likeness.identical if same else Likeness.different
        return CheckedFile(likeness=likeness, document=document)
    for document_id in ids:
        row = rooms.ledger.public_codes.of(document_id)
        told = _told(rooms, _proven(rooms, document_id), row)
        return CheckedFile(likeness=Likeness.identical, document=told)
    raise NotFound(UNKNOWN)


def by_paper(rooms: Rooms, code: str, figures: str, *, peer: str) -> CheckedPaper:
    """Let who holds a paper, and knows a person's number on it, see its pages; noted for the owner.

    Args:
        rooms: as for :func:`by_code`.
        code: as somebody typed it.
        figures: the last six of the number of a person whom the paper names.
        peer: the address that they come from.

    Raises:
        NotFound: ``check.unknown``: no such code, other figures, or its pages are shown to nobody.
        InputRejected: ``check.wait``: too many tried, with this code or from this address.
        ServiceUnavailable: as :func:`by_code`.
    """
    wanted = fingerprint(code)
    seconds = must_wait_with_paper(rooms, wanted, peer)
    if seconds is not None:
        raise InputRejected("check.wait", seconds=seconds)
    found = rooms.ledger.public_codes.look_up(wanted)
    typed = "".join(sign for sign in figures[:LONGEST] if sign.isdecimal())
    knows = found.row is not None and found.row.knows(typed)
    if found.row is None or not (found.hit and knows):
        raise NotFound(UNKNOWN)
    about = _public(rooms, found.row)
    if is_identity(rooms, about.document):
        raise NotFound(UNKNOWN)
    forgive_paper(rooms, wanted, peer)
    rooms.ledger.accesses.note(
        STRANGER, BY_PAPER, dossier_id=about.dossier.id, document_id=about.document.id
    )
    return CheckedPaper(
        document_id=about.document.id,
        pages=min(about.document.pages or 0, MOST_PAGES),
        document=_told(rooms, about, found.row),
    )


async def paper_page(
    rooms: Rooms, pool: ReaderPool, document_id: int, page: int, *, office: str, zone: ZoneInfo
) -> PagePicture:
    """A page of a document that :func:`by_paper` opened, with a mark across it; kept nowhere.

    Args:
        rooms: the ledger, the work folder and the store.
        pool: draws it.
        document_id: what :func:`by_paper` said.
        page: from 1.
        office: whose mark it bears.
        zone: of the time in it.

    Raises:
        NotFound: ``check.view_ended``: it has no such page, or counts as an identity paper by now.
        InputRejected: the page cannot be drawn.
        ServiceUnavailable: the store does not answer.
    """
    document = rooms.ledger.document(document_id)
    shown = 1 <= page <= min(document.pages or 0, MOST_PAGES)
    if document.stage not in _PUBLIC or not shown or is_identity(rooms, document):
        raise NotFound("check.view_ended")
    with document_pdf(rooms, document) as path:
        drawn = await pool.on_file(
            tasks.shown_page, path, page, PAGE_DPI, None, pool.options, pages=1
        )
    moment = f"{rooms.clock().astimezone(zone):%d/%m/%Y %H:%M}"
    words = " · ".join(filter(None, (sentence("check.mark", rooms.language), office, moment)))
    return watermarked(drawn, words)


def _public(rooms: Rooms, row: PublicCode) -> _Found:
    """The document of a code, where it was published and its event names this very code.

    Raises:
        NotFound, ServiceUnavailable: as :func:`by_code`.
    """
    if row.document_id is None:  # reserved: its paper is not here yet
        raise NotFound(UNKNOWN)
    found = _proven(rooms, row.document_id)
    said = [
        one.data.get("fingerprint")
        for one in found.events
        if one.kind == PUBLIC_CODE_MADE and one.document_id == row.document_id
    ]
    if row.fingerprint not in said:
        raise ServiceUnavailable("check.not_now")
    return found


def _proven(rooms: Rooms, document_id: int) -> _Found:
    """A document that was published, as the events of its dossier prove it.

    Raises:
        NotFound, ServiceUnavailable: as :func:`by_code`.
    """
    ledger = rooms.ledger
    try:
        proven = ledger.prove(ledger.document(document_id).dossier_id, alone=True)
    except NotTrusted as error:
        raise ServiceUnavailable("check.not_now") from error
    document = next(one for one in proven.documents if one.id == document_id)
    if document.stage not in _PUBLIC or document.split:
        raise NotFound(UNKNOWN)
    return _Found(proven.dossier, document, ledger.events(proven.dossier.id))


def _told(rooms: Rooms, found: _Found, row: PublicCode | None) -> CheckedDocument:
    document = found.document
    gone = document.stage is Stage.withdrawn
    standing = Standing.valid if not gone else Standing.withdrawn
    successor = None
    if gone and document.superseded_by is not None:
        standing = Standing.superseded
        successor = _successor(rooms, document.superseded_by)
    departments = {one.id: one.name for one in rooms.ledger.departments()}
    return CheckedDocument(
        standing=standing,
        issuer="" if rooms.signing is None else rooms.signing.agency,
        department=departments.get(found.dossier.department, found.dossier.department),
        role=document.role,
        type_name=_type_name(rooms, document),
        signed_at=_last(found.events, document, Stage.signed),
        pages=document.pages,
        signer_title=None if row is None else row.signer_title,
        withdrawn_at=_last(found.events, document, Stage.withdrawn),
        successor=successor,
    )


def _successor(rooms: Rooms, document_id: int) -> Successor:
    document = rooms.ledger.document(document_id)
    events = rooms.ledger.events(document.dossier_id)
    return Successor(
        type_name=_type_name(rooms, document), signed_at=_last(events, document, Stage.signed)
    )


def _type_name(rooms: Rooms, document: Document) -> str | None:
    return type_names(rooms.types, rooms.language).get(document.document_type or "")


def _last(events: list[Event], document: Document, stage: Stage) -> datetime | None:
    """When a document last came to a stage; events are called as the stages are."""
    own = document.duplicate_of or document.id
    moments = [one.at for one in events if one.document_id == own and one.kind == stage.value]
    return moments[-1] if moments else None
