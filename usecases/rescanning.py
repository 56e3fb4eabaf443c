"""A page, or a document, is scanned again: asked for, brought by file or telephone, accepted.

What arrives lies in the work folder of the desk that took it until somebody accepts it; then it is
in the store, and one transaction of the ledger puts it in the place of the old page. The reading of
it is a step like any other. Killed in between, the same word goes on where it was.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from schemas.door import Named
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected, NotFound
from schemas.manifest import Manifest, Source
from schemas.rescan_views import LinkView, RescansNow, RescanView, SentOn
from schemas.views import PagePicture
from storage import NewScan, Picture, Rescan
from usecases.arrived_scans import arrived, forget, kept, preview
from usecases.caller import Caller, Right, permit
from usecases.dossiers import document_of, find_dossier
from usecases.handing_in import Drop
from usecases.originals import ORIGINAL_ENDINGS, Originals
from usecases.pictures import Drawer
from usecases.rooms import Rooms
from usecases.workspace import Workspace, load_manifest

LINK_LASTS = timedelta(minutes=15)
QR = Named("signing", "qr_svg")
"""By name: the process of the desk draws nothing."""


def ask(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    page: int | None,
    reason: str,
    *,
    seen: str,
    department: str | None = None,
) -> RescanView:
    """Ask for a page of a document under review, or all of it, to be scanned again.

    Args:
        caller: who asks.
        rooms: the ledger and the work folder.
        code: of the dossier.
        number: of the document in it.
        page: of the document, from 1; None: the whole document.
        reason: in the person's words.
        seen: hash of the manifest that was shown.
        department: where several may have that code.

    Returns:
        The request; the same one where the page is asked for already.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such document, or it is not theirs.
        InputRejected: no reason, or no such page.
        Conflict: it is not under review, with that manifest, any more; ``usecase.signed_pages``.
    """
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    document = document_of(rooms.ledger, dossier, number)
    if document.stage is not Stage.in_review or document.duplicate_of is not None:
        raise Conflict("usecase.not_under_review", document=f"{dossier.code}/{number}")
    manifest = load_manifest(Workspace(rooms.work / str(document.id)), document, rooms.ledger)
    if page is not None and not 1 <= page <= len(manifest.pages):
        raise InputRejected("flow.no_such_page", pages=len(manifest.pages))
    if page is not None and manifest.signatures:
        raise Conflict("usecase.signed_pages", document=f"{dossier.code}/{number}")
    rescans = rooms.ledger.rescans
    return shown(rescans.ask(document.id, page, reason, caller.name, based_on=seen))


def waiting(caller: Caller, rooms: Rooms) -> tuple[RescanView, ...]:
    """What is to be scanned again in the caller's departments, oldest first.

    Raises:
        NotAllowed: they may not look.
    """
    permit(caller, Right.look)
    return tuple(map(shown, rooms.ledger.rescans.open(caller.departments)))


def rescans_now(caller: Caller, found: Iterable[RescanView]) -> RescansNow:
    """Of what is to be scanned again in many departments how much the caller may see.

    Raises:
        NotAllowed: they may not look.
    """
    permit(caller, Right.look)
    mine = [one for one in found if caller.may(Right.look, one.department)]
    told = " ".join(f"{one.code}{one.mark}" for one in mine)
    return RescansNow(count=len(mine), mark=hashlib.sha256(told.encode()).hexdigest()[:16])


def open_of(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    number: int | None = None,
    department: str | None = None,
) -> tuple[RescanView, ...]:
    """What is to be scanned again of a dossier, or of one of its documents.

    Raises:
        NotAllowed: they may not look.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: several of their departments have it.
    """
    dossier = find_dossier(caller, Right.look, rooms.ledger, code, department)
    found = rooms.ledger.rescans.open(None, dossier_id=dossier.id)
    return tuple(shown(one) for one in found if number in {None, one.number})


def rescan(caller: Caller, rooms: Rooms, request: str) -> RescanView:
    """One request, by its code.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is none, or it is not theirs.
    """
    return shown(reached(caller, rooms, request))


async def phone_link(
    caller: Caller, rooms: Rooms, pool: Drawer, request: str, public: str
) -> LinkView:
    """A new one-time address for a telephone; the one before it opens nothing any more.

    Args:
        caller: who shows it.
        rooms: the ledger keeps its hash alone.
        pool: draws the code.
        request: its code.
        public: scheme and host by which telephones reach the desk.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`.
        Conflict: ``storing.rescan_ended``; ``usecase.phone_one_page``, a whole document of several
            pages comes as a file.
    """
    found = reached(caller, rooms, request)
    if found.page is None and (rooms.ledger.document(found.document_id).pages or 1) > 1:
        raise Conflict("usecase.phone_one_page")
    token = secrets.token_urlsafe(24)
    linked = rooms.ledger.rescans.link(request, link_hash(token), LINK_LASTS)
    address = f"{public.rstrip('/')}/phone/{token}"
    svg = await pool.on_file(QR, address, pages=1)
    return LinkView(address=address, svg=svg, until=linked.link_until or rooms.clock())


async def bring(caller: Caller, rooms: Rooms, pool: Drawer, request: str, drop: Drop) -> RescanView:
    """A scan comes as a file: it is looked at, kept, and shown to whoever decides.

    Args:
        caller: who brings it.
        rooms: the ledger and the work folder.
        pool: looks at it, in a process of its own.
        request: its code.
        drop: the one file.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`.
        InputRejected: it is no file of one page, or cannot be read.
        Conflict: ``storing.rescan_ended``.
    """
    found = reached(caller, rooms, request)
    file = await arrived(rooms, pool, drop, found.code, one_page=found.page is not None)
    picture = Picture(
        sha256=file.sha256, bytes=file.size, media_type=file.media_type, by=caller.name
    )
    now = rooms.ledger.rescans.arrived(request, picture)
    forget(rooms, now.code, but=now.picture_sha256)
    return shown(now)


def picture(caller: Caller, rooms: Rooms, request: str, sha256: str) -> PagePicture:
    """The scan that has arrived for a request, small enough for a screen.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`, or another one has arrived, or it is gone.
    """
    found = reached(caller, rooms, request)
    shows = preview(rooms, found.code, sha256) if found.picture_sha256 == sha256 else None
    if shows is None:
        raise NotFound("usecase.no_page")
    return shows


def refuse(caller: Caller, rooms: Rooms, request: str, *, seen: str) -> RescanView:
    """The scan that has arrived is of no use; another may come.

    Args:
        caller: who says so.
        rooms: the ledger and the work folder.
        request: its code.
        seen: hash of the scan that was shown.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`.
        Conflict: another one has arrived meanwhile, or the request has ended.
    """
    reached(caller, rooms, request)
    now = shown(rooms.ledger.rescans.refuse(request, seen, caller.name))
    forget(rooms, now.code)
    return now


def give_up(caller: Caller, rooms: Rooms, request: str) -> RescanView:
    """Nobody need scan it again.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`.
        Conflict: a scan was accepted already.
    """
    reached(caller, rooms, request)
    now = shown(rooms.ledger.rescans.give_up(request, caller.name))
    forget(rooms, now.code)
    return now


def accept(caller: Caller, rooms: Rooms, request: str, *, seen: str) -> SentOn:
    """The scan that has arrived takes its place, and is read. Said again it changes nothing.

    Args:
        caller: who says so.
        rooms: the ledger, the work folder, and the store, which has the scan first.
        request: its code.
        seen: hash of the scan that was shown.

    Returns:
        The document that is read now.

    Raises:
        NotAllowed, NotFound: as :func:`rescan`.
        Conflict: another one has arrived meanwhile, the request has ended, or the scan is gone
            (``usecase.scan_lost``).
        ServiceUnavailable: the store does not answer; the same call goes on later.
    """
    found = reached(caller, rooms, request)
    if found.picture_sha256 != seen:
        raise Conflict("storing.rescan_other", code=request)
    file = kept(rooms, found.code, seen)
    if file is None and found.open:
        raise Conflict("usecase.scan_lost")
    if found.open and found.stage is not Stage.in_review:
        raise Conflict("storing.rescan_reading")
    claim_id = f"{rooms.clock():%Y%m%dT%H%M%S}-{_mark(request, seen)}"
    if file is not None and found.open:
        objects = rooms.objects()
        Originals(rooms.ledger, objects, rooms.work).keep(claim_id, file)
        objects.sync()
    _, document = rooms.ledger.rescans.accept(request, _scan(found, claim_id), caller.name)
    forget(rooms, found.code)
    dossier = rooms.ledger.dossier_by_id(document.dossier_id)
    return SentOn(department=dossier.department, dossier=dossier.code, number=document.number)


def reached(caller: Caller, rooms: Rooms, request: str) -> Rescan:
    """The request, where the caller may review its document.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is none, or it is not theirs.
    """
    permit(caller, Right.review)
    found = rooms.ledger.rescans.named(request)
    if not caller.may(Right.review, found.department):
        raise NotFound("storing.no_rescan")
    return found


def shown(found: Rescan) -> RescanView:
    """A request as people see it."""
    _, _, by = (found.picture_by or "").partition(":")
    return RescanView(
        code=found.code,
        department=found.department,
        dossier=found.dossier,
        number=found.number,
        page=found.page,
        reason=found.reason,
        asked_by=found.asked_by.partition(":")[2] or found.asked_by,
        asked_at=found.asked_at,
        open=found.open,
        reading=found.open and found.stage is not Stage.in_review,
        accepted=found.outcome == "accepted",
        picture=found.picture_sha256,
        picture_by=by or None,
        picture_at=found.picture_at,
        link_until=found.link_until,
    )


def link_hash(token: str) -> str:
    """What the ledger keeps of a one-time address."""
    return hashlib.sha256(f"phone\0{token}".encode()).hexdigest()


def _mark(request: str, sha256: str) -> str:
    return hashlib.sha256(f"{request}\0{sha256}".encode()).hexdigest()[:8]


def _scan(found: Rescan, claim_id: str) -> NewScan:
    """The scan as the ledger takes it; of a page it has a manifest at once: nothing is in it."""
    media = found.picture_media or "application/octet-stream"
    name = f"quet-lai-{found.code.lower()}{ORIGINAL_ENDINGS.get(media, '.bin')}"
    source = Source(
        name=name,
        sha256=found.picture_sha256 or "",
        bytes=found.picture_bytes or 0,
        media_type=media,
    )
    manifest = Manifest(
        source=source, document_type=None, form_version=None, legal_basis=None, pages=(), fields={}
    )
    return NewScan(
        claim_id=claim_id,
        name=name,
        sha256=source.sha256,
        size=source.bytes,
        media_type=media,
        manifest=manifest.model_dump_json(indent=2).encode(),
    )
