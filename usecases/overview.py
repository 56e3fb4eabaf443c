"""One dossier as its page shows it: where it is, what it says, and what happened to it."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from schemas.access_views import PagesView
from schemas.check_views import NoLonger
from schemas.desk_views import DossierOverview, NamedField, TimelineEntry
from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, SohoaError
from schemas.manifest import Manifest
from schemas.verdict import SignatureReport
from schemas.views import DocumentView, DossierView, EventView, WaitingView
from storage import Document, Dossier, Ledger, ObjectKind
from usecases.accounts import PERSON
from usecases.called_fields import field_name, field_type_of
from usecases.caller import Caller, Right
from usecases.dossiers import called, find_dossier
from usecases.identity_pictures import is_hidden, is_identity
from usecases.look import dossier_view, fields_of, waiting
from usecases.rescanning import shown as shown_rescan
from usecases.review import Doubt
from usecases.rooms import Rooms
from usecases.tokens import SYSTEM
from usecases.type_names import type_names
from usecases.workspace import Workspace, load_manifest

NOTHING_WAITS = WaitingView(doubts=(), proposals=(), reasons=())


def overview(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    department: str | None = None,
    number: int | None = None,
) -> DossierOverview:
    """A dossier with its time line, and the fields of one of its documents.

    Args:
        caller: who looks.
        rooms: the ledger, the work folder, and the store for the manifest of what was published.
        code: of the dossier.
        department: where several may have that code.
        number: of the document whose fields are shown; None: the first that has any.

    Raises:
        NotAllowed: they may look at none.
        NotFound: there is none, or it is not theirs to see, or it has no such document.
        Conflict: several of their departments have it.
    """
    found = find_dossier(caller, Right.look, rooms.ledger, code, department)
    unread = None
    try:
        waits = waiting(caller, rooms, found.code, department=found.department)
    except Conflict as error:  # a manifest is lost: the rest of the page is there all the same
        waits, unread = NOTHING_WAITS, error.sentence(rooms.language)
    shown = dossier_view(caller, rooms, found, waits)
    names = {one.id: one.name for one in rooms.ledger.departments()}
    chosen = _chosen(shown, number)
    fields: tuple[NamedField, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    pages = None
    if chosen is not None:
        document = rooms.ledger.document(chosen.id)
        pages = _pages(caller, rooms, found, document)
        try:
            manifest = manifest_of(rooms, document)
            fields = tuple(named_fields(rooms, document, manifest))
            signatures = manifest.signatures
        except SohoaError as error:
            unread = error.sentence(rooms.language)
    return DossierOverview(
        dossier=shown,
        department_name=names.get(found.department, found.department),
        timeline=tuple(timeline(shown.events, shown.documents)),
        type_names=type_names(rooms.types, rooms.language),
        chosen=chosen.number if chosen else None,
        fields=fields,
        signatures=signatures,
        unread=unread,
        pages=pages,
        withdrawn=tuple(_no_longer(rooms.ledger, found)),
        rescans=tuple(
            shown_rescan(one) for one in rooms.ledger.rescans.open(None, dossier_id=found.id)
        ),
    )


def _no_longer(ledger: Ledger, dossier: Dossier) -> Iterator[NoLonger]:
    """What was published and counts no longer, with what takes its place and why."""
    for one in ledger.documents(dossier.id):
        if one.stage is Stage.withdrawn:
            own = one.duplicate_of or one.id
            why = [said.text for said in ledger.reasons(own) if said.kind == one.stage.value]
            yield NoLonger(
                number=one.number,
                withdrawn_at=one.updated_at,
                superseded_by=called(ledger, one.superseded_by) if one.superseded_by else None,
                reason=why[-1] if why else None,
            )


def _pages(caller: Caller, rooms: Rooms, dossier: Dossier, document: Document) -> PagesView | None:
    pdf = document.signed_sha256 or document.pdfa_sha256
    if pdf is None or not document.pages:
        return None
    return PagesView(
        pdf=pdf,
        count=document.pages,
        sensitive=is_identity(rooms, document),
        hidden=is_hidden(caller, rooms, dossier, document),
    )


def _chosen(shown: DossierView, number: int | None) -> DocumentView | None:
    read = [one for one in shown.documents if one.manifest_sha256 and not one.split]
    if number is None:
        return read[0] if read else None
    for one in read:
        if one.number == number:
            return one
    raise NotFound("usecase.no_page")


def manifest_of(rooms: Rooms, document: Document) -> Manifest:
    """A document's manifest, from the work folder or the ledger, else from the store.

    Raises:
        NotFound, Damaged, ServiceUnavailable: the store has it not, not whole, or does not answer.
    """
    workspace = Workspace(rooms.work / str(document.duplicate_of or document.id))
    try:
        return load_manifest(workspace, document, rooms.ledger)
    except Conflict:
        kept = [
            one
            for one in rooms.ledger.objects(document.dossier_id)
            if document.owns(one) and one.kind is ObjectKind.manifest
        ]
        if not kept:
            raise
        one = kept[-1]
        with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
            path = Path(folder) / "manifest.json"
            rooms.objects().get(
                one.bucket, one.key, path, version_id=one.version_id, sha256=one.sha256
            )
            return Manifest.model_validate_json(path.read_bytes())


def named_fields(rooms: Rooms, document: Document, manifest: Manifest) -> Iterator[NamedField]:
    """Every field of a document, with what its type calls it."""
    language = rooms.language
    known = None
    if manifest.document_type is not None:
        known = document_type(manifest.document_type, manifest.form_version, rooms.types)
    for field in fields_of(Doubt(document, manifest), language, rooms.types):
        name = field_name(known, field.field, language)
        yield NamedField(**dict(field), name=name, kind=field_type_of(known, field.field))


def timeline(events: Iterable[EventView], documents: Iterable[DocumentView]) -> list[TimelineEntry]:
    """What happened, the newest first; the same done to the same several times is one line."""
    known = {one.id: one for one in documents}
    lines: list[TimelineEntry] = []
    for event in events:
        line = _line(event, known)
        last = lines[-1] if lines else None
        if last is not None and _told(last) == _told(line):
            lines[-1] = line.model_copy(update={"count": last.count + 1})
        else:
            lines.append(line)
    return lines[::-1]


def _line(event: EventView, known: Mapping[int, DocumentView]) -> TimelineEntry:
    document = known.get(event.document_id or 0)
    by, who = _actor(event.actor)
    return TimelineEntry(
        at=event.at,
        kind=event.kind,
        by=by,
        who=who,
        document=document.label if document else None,
        number=document.number if document else None,
        stead=_actor(stead)[1] if isinstance(stead := event.data.get("for"), str) else None,
        target=told if isinstance(told := event.data.get("target"), str) else None,
    )


def _told(line: TimelineEntry) -> tuple[str | None, ...]:
    return line.kind, line.who, line.document, line.stead, line.target


def _actor(actor: str) -> tuple[Literal["person", "system", "service"], str]:
    """Who an event names: ``user:lan`` and ``cli:lan`` are people, ``system:dvc`` is a system."""
    kind, colon, name = actor.partition(":")
    if not colon:
        return "service", actor
    if f"{kind}:" == SYSTEM:
        return "system", name
    return ("person", name) if f"{kind}:" in {PERSON, "cli:"} else ("service", actor)
