"""Pictures of a document's pages and zones, for people's screens.

They are drawn of the PDF/A, which is what is signed, in a reading process, and kept in the work
folder by the hash of what they were drawn of: the same request is answered with the same bytes.
What is lost there is drawn again.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr import ReaderPool, ReadingOptions, tasks
from schemas.door import Named
from schemas.errors import NotFound
from schemas.page import Box
from schemas.views import PagePicture
from storage import Document, Dossier, ObjectKind, newest
from usecases.caller import Caller, Right
from usecases.dossiers import find_dossier
from usecases.identity_pictures import see
from usecases.rooms import Rooms
from usecases.sharing import purpose_of, reached_document
from usecases.workspace import Workspace

PAGE_DPI = 110.0
"""A page of A4 is 909 pixels wide: half of a small screen."""
ZONE_DPI = 200.0
"""Zones are looked at enlarged."""
MOST_KEPT = 4000
"""Pictures in the folder, some 150 MB; the older half goes when there are more."""

FOLDER = "pictures"

STAMP_PLACE = Named("signing", "stamp_place")
"""By name: the process that shows pages draws none, and need not import what does."""

Drawer = ReaderPool
"""What draws pictures, to those who may not know the reading room."""


def drawer() -> ReaderPool:
    """A process that draws pictures and reads nothing; it starts with the first one."""
    return ReaderPool(ReadingOptions(), 1, recognises=False)


async def page_picture(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    code: str,
    number: int,
    page: int,
    *,
    zone: Box | None = None,
    pdf: str | None = None,
    department: str | None = None,
) -> PagePicture:
    """A page of a document, or a zone of one, as WebP.

    Args:
        caller: who looks.
        rooms: the ledger, the work folder, and the store for what is published.
        pool: draws it.
        code: of the dossier.
        number: of the document in it.
        page: of the document, from 1.
        zone: in points of the upright page; None for all of it.
        pdf: how the hash of the PDF begins that is asked for, so that the picture is the same for
            ever; None for that of today.
        department: where several may have that code.

    Raises:
        NotAllowed: they may look at none; or ``usecase.identity_hidden``.
        NotFound: there is no such dossier, it is not theirs, or it has no such page (yet).
        Conflict: several of their departments have it.
        InputRejected: the page cannot be drawn.
        ServiceUnavailable: the store does not answer.
    """
    dossier, document = _document(caller, rooms, code, number, department)
    return await _picture(caller, rooms, pool, dossier, document, page, zone=zone, pdf=pdf)


async def result_picture(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    code: str,
    number: int,
    page: int,
    *,
    pdf: str | None = None,
    department: str | None = None,
) -> PagePicture:
    """A page of a document that was published, to whoever may fetch it.

    Args:
        caller: who looks.
        rooms: the ledger, the work folder, and the store.
        pool: draws it.
        code: of the dossier.
        number: of the document in it.
        page: of the document, from 1.
        pdf: as for :func:`page_picture`.
        department: whose it is, where several may have that code.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``.
        PurposeNeeded: another department shares it, and they have not said what for.
        NotFound, Conflict: as :func:`usecases.sharing.reached_document`.
        InputRejected, ServiceUnavailable: as :func:`page_picture`.
    """
    dossier, document = reached_document(caller, Right.fetch, rooms, code, number, department)
    purpose_of(caller, rooms, dossier)
    return await _picture(caller, rooms, pool, dossier, document, page, pdf=pdf)


async def _picture(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    dossier: Dossier,
    document: Document,
    page: int,
    *,
    zone: Box | None = None,
    pdf: str | None = None,
) -> PagePicture:
    sha256 = document.signed_sha256 or document.pdfa_sha256
    if sha256 is None or not 1 <= page <= (document.pages or 0):
        raise NotFound("usecase.no_page")
    if pdf is not None and not sha256.startswith(pdf):
        raise NotFound("usecase.no_page")
    what = f"{'page' if zone is None else 'zone'} {page}"
    sensitive = {"sensitive": see(caller, rooms, dossier, document, what)}
    dpi = PAGE_DPI if zone is None else ZONE_DPI
    asked = f"{sha256} {page} {dpi} {zone}"
    key = hashlib.sha256(asked.encode()).hexdigest()[:16]
    kept = _kept(rooms.work / FOLDER, f"{document.id}-{key}-*")
    if kept is not None:
        return kept.model_copy(update=sensitive)
    with document_pdf(rooms, document) as path:
        drawn = await pool.on_file(tasks.shown_page, path, page, dpi, zone, pool.options, pages=1)
    _keep(rooms.work / FOLDER, f"{document.id}-{key}", drawn)
    return drawn.model_copy(update=sensitive)


async def signature_place(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    code: str,
    number: int,
    *,
    of: str,
    department: str | None = None,
) -> Box | None:
    """Where the office's stamp would stand on the first page of a document that is not signed yet.

    Args:
        caller: who looks.
        rooms: the ledger, the work folder, and how this office signs.
        pool: looks at the page.
        code: of the dossier.
        number: of the document in it.
        of: SHA-256 of the PDF/A that is meant.
        department: where several may have that code.

    Returns:
        Left, top, right, bottom in shares of the page; None where nothing will show, it is signed,
        or it is not known how this office signs.

    Raises:
        NotAllowed, NotFound, Conflict, InputRejected: as :func:`page_picture`.
    """
    _, document = _document(caller, rooms, code, number, department)
    if document.pdfa_sha256 != of:
        raise NotFound("usecase.no_page")
    if document.signed_sha256 is not None or rooms.signing is None:
        return None
    with document_pdf(rooms, document) as path:
        return await pool.on_file(STAMP_PLACE, path, rooms.signing, rooms.clock(), pages=1)


def kept_picture(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    sha256: str,
    *,
    department: str | None = None,
) -> PagePicture:
    """A picture of a document that was drawn before, by its hash; it never changes.

    Raises:
        NotAllowed: they may look at none; or ``usecase.identity_hidden``.
        NotFound: there is no such dossier or picture, or it is not theirs: ask
            :func:`page_picture`.
        Conflict: several of their departments have it.
    """
    dossier, document = _document(caller, rooms, code, number, department)
    known = len(sha256) == 64 and sha256.isascii() and sha256.isalnum()
    kept = _kept(rooms.work / FOLDER, f"{document.id}-*-{sha256}.webp") if known else None
    if kept is None:
        raise NotFound("usecase.no_page")
    return kept.model_copy(update={"sensitive": see(caller, rooms, dossier, document, "picture")})


def _document(
    caller: Caller, rooms: Rooms, code: str, number: int, department: str | None
) -> tuple[Dossier, Document]:
    dossier = find_dossier(caller, Right.look, rooms.ledger, code, department)
    for document in rooms.ledger.documents(dossier.id):
        if document.number == number and not document.split:
            return dossier, document
    raise NotFound("usecase.no_page")


@contextmanager
def document_pdf(rooms: Rooms, document: Document) -> Iterator[Path]:
    """The document's PDF/A while it is worked on, then its signed file from the store.

    Raises:
        NotFound: ``usecase.no_page``: there is neither.
        Damaged: the store has other bytes.
        ServiceUnavailable: the store does not answer.
    """
    workspace = Workspace(rooms.work / str(document.duplicate_of or document.id))
    made = workspace.find_pdf(document.pdfa_sha256)
    if made is not None:
        yield made
        return
    kept = newest(rooms.ledger.objects(document.dossier_id))
    signed = {ObjectKind.signed, ObjectKind.renewed}
    own = [one for one in kept if document.owns(one) and one.kind in signed]
    if not own:
        raise NotFound("usecase.no_page")
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        path, one = Path(folder) / "document.pdf", own[-1]
        rooms.objects().get(one.bucket, one.key, path, version_id=one.version_id, sha256=one.sha256)
        yield path


def _kept(folder: Path, pattern: str) -> PagePicture | None:
    """The whole picture of that name; one that was cut off by a crash counts for nothing."""
    for path in folder.glob(pattern):
        _, _, size, sha256 = path.stem.split("-")
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            width, height = map(int, size.split("x"))
            return PagePicture(
                sha256=sha256,
                media_type="image/webp",
                width=width,
                height=height,
                content=content,
            )
    return None


def _keep(folder: Path, name: str, drawn: PagePicture) -> None:
    """Keep a picture for the next time; not durably, it can be drawn again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{secrets.token_hex(8)}"
    draft.write_bytes(drawn.content)
    draft.rename(folder / f"{name}-{drawn.width}x{drawn.height}-{drawn.sha256}.webp")
    pictures = list(folder.glob("*.webp"))
    if len(pictures) > MOST_KEPT:
        for path in sorted(pictures, key=_age)[: MOST_KEPT // 2]:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
