"""What a signer looks at before they approve, and their word on what they saw.

A contact sheet shows the first and last page of many documents, with what people changed by hand
and what speaks against signing; a document of it can be looked at whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.approval_views import (
    ApprovedView,
    ContactSheet,
    DocumentToApprove,
    SettledView,
    ShownField,
    ToApprove,
)
from schemas.document_type import DocumentType, document_type
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, SohoaError
from schemas.manifest import Manifest
from schemas.messages import sentence
from schemas.views import WhyView
from storage import Document, Dossier, QueueFilter, voices
from usecases.approval import approve, approve_many, refuse, required_empty
from usecases.audit_sample import PERSON
from usecases.called_fields import field_name, type_name
from usecases.caller import Caller, Right, permit
from usecases.changes_shown import changes_said
from usecases.components import checklist_of
from usecases.dossiers import document_of, find_dossier
from usecases.queue import of_department, queue, queue_totals
from usecases.rooms import Rooms
from usecases.trust import findings
from usecases.workspace import kept_manifest

AWAITING = Stage.awaiting_approval
SHOWN = 9
"""Documents of a sheet: three rows; page, styles and scripts stay below 60 kB."""

_SENT_BACK = {"approval_refused", "reopened"}


def contact_sheet(
    caller: Caller,
    rooms: Rooms,
    *,
    department: str | None = None,
    after: str | None = None,
    limit: int = SHOWN,
) -> ContactSheet:
    """The documents that await the caller's approval, due first.

    Args:
        caller: who would approve.
        rooms: the ledger, and the language of sentences.
        department: those of this one alone.
        after: ``next`` of the sheet before.
        limit: documents at most.

    Raises:
        NotAllowed: they approve nothing.
        InputRejected: ``storing.bad_cursor``.
    """
    permit(caller, Right.approve)
    wanted = _approvable(caller, of_department(rooms.ledger, department))
    page = queue(caller, rooms.ledger, AWAITING, wanted, after=after, limit=limit)
    total = queue_totals(caller, rooms.ledger, AWAITING, wanted).documents
    documents = []
    for entry in page.entries:
        document = rooms.ledger.document(entry.document_id)
        if document.stage is AWAITING:  # else somebody was faster
            dossier = rooms.ledger.dossier_by_id(document.dossier_id)
            documents.append(_to_approve(caller, rooms, dossier, _paper(rooms, document)))
    return ContactSheet(documents=tuple(documents), total=total, next=page.next)


def _approvable(caller: Caller, wanted: QueueFilter) -> QueueFilter:
    """Of what is asked for, that of departments in which the caller may approve."""
    units = caller.where(Right.approve)
    if units is None:
        return wanted
    asked = units if wanted.departments is None else units & wanted.departments
    return wanted.model_copy(update={"departments": asked})


def document_to_approve(
    caller: Caller, rooms: Rooms, code: str, number: int, *, department: str | None = None
) -> DocumentToApprove:
    """One document that awaits approval, with all its fields.

    Raises:
        NotAllowed: they approve nothing.
        NotFound: there is no such dossier or document, or it is not theirs.
        Conflict: it does not await approval (any more); several departments have that code.
    """
    dossier = find_dossier(caller, Right.approve, rooms.ledger, code, department)
    document = document_of(rooms.ledger, dossier, number)
    if document.stage is not AWAITING or document.duplicate_of is not None:
        raise Conflict("flow.not_awaiting", dossier=f"{code}/{number}")
    paper = _paper(rooms, document)
    return DocumentToApprove(
        document=_to_approve(caller, rooms, dossier, paper), fields=tuple(_fields(rooms, paper))
    )


def approve_shown(
    caller: Caller,
    rooms: Rooms,
    chosen: Mapping[int, str],
    pages_seen: Mapping[int, Sequence[int]],
) -> tuple[ApprovedView, ...]:
    """The caller approves the documents of a sheet that they chose, each for itself.

    Args:
        caller: who approves.
        rooms: the ledger, and who approves what in this office.
        chosen: document id → hash of the manifest that was shown.
        pages_seen: document id → numbers of the pages that were shown.

    Raises:
        NotAllowed: they approve nothing.
        ServiceUnavailable: the ledger does not answer; the same call goes on later.
    """
    told = approve_many(
        caller,
        rooms.ledger,
        chosen,
        options=rooms.approval,
        types=rooms.types,
        pages_seen=pages_seen,
    )
    return tuple(_told(rooms, one.document_id, one.stage, one.error) for one in told)


def approve_one(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    seen: str,
    pages_seen: Sequence[int] = (),
    why: str = "",
    department: str | None = None,
) -> ApprovedView:
    """The caller approves one document that they looked at whole.

    Args:
        caller: who approves.
        rooms: as for :func:`approve_shown`.
        code: of its dossier.
        number: of it in the dossier.
        seen: hash of the manifest that was shown.
        pages_seen: numbers of the pages that were shown.
        why: why, though a required field is empty.
        department: where several may have that code.

    Raises:
        NotAllowed: they approve nothing.
        NotFound: there is no such document, or it is not theirs.
        Conflict: as :func:`usecases.approval.approve`.
    """
    dossier = find_dossier(caller, Right.approve, rooms.ledger, code, department)
    document = document_of(rooms.ledger, dossier, number)
    now = approve(
        caller,
        rooms.ledger,
        document.id,
        seen=seen,
        options=rooms.approval,
        types=rooms.types,
        pages_seen=pages_seen,
        why=why,
    )
    return _told(rooms, document.id, now.stage, None)


def refuse_one(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    reason: str,
    *,
    seen: str,
    department: str | None = None,
) -> ApprovedView:
    """The caller sends a document back to review, with a reason.

    Raises:
        NotAllowed: they approve nothing.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: it does not await approval, or somebody else decided first.
        InputRejected: no reason is given.
    """
    dossier = find_dossier(caller, Right.approve, rooms.ledger, code, department)
    (back,) = refuse(caller, rooms.ledger, dossier, number, reason, seen=seen)
    return _told(rooms, back.id, back.stage, None)


def _told(
    rooms: Rooms, document_id: int, stage: Stage | None, error: SohoaError | None
) -> ApprovedView:
    name = None
    if not isinstance(error, NotFound):
        document = rooms.ledger.document(document_id)
        name = f"{rooms.ledger.dossier_by_id(document.dossier_id).code}/{document.number}"
    said = None if error is None else error.sentence(rooms.language)
    return ApprovedView(document_id=document_id, name=name, stage=stage, sentence=said)


@dataclass(frozen=True)
class _Paper:
    """A document that awaits approval, with its manifest and type where they are known."""

    document: Document
    manifest: Manifest | None
    known: DocumentType | None


def _paper(rooms: Rooms, document: Document) -> _Paper:
    manifest = kept_manifest(rooms.ledger, document)
    if manifest is None or manifest.document_type is None:
        return _Paper(document, manifest, None)
    known = document_type(manifest.document_type, manifest.form_version, rooms.types)
    return _Paper(document, manifest, known)


def _to_approve(caller: Caller, rooms: Rooms, dossier: Dossier, paper: _Paper) -> ToApprove:
    ledger, document, manifest, known = rooms.ledger, paper.document, paper.manifest, paper.known
    valid = [one for one in ledger.approvals(document.id) if not one.void]
    late = dossier.due_at is not None and dossier.due_at < rooms.clock()
    return ToApprove(
        document_id=document.id,
        dossier=dossier.code,
        department=dossier.department,
        number=document.number,
        label=document.label,
        role=document.role,
        type_name=type_name(known, rooms.language) or document.document_type,
        pages=document.pages or 0,
        pdfa_sha256=document.pdfa_sha256 or "",
        manifest_sha256=document.manifest_sha256 or "",
        received_at=document.created_at,
        due_at=dossier.due_at,
        overdue=late,
        approvals=voices(valid),
        needed=rooms.approval.rule(document.role).signers,
        approved_before=any(one.made_by == caller.name for one in valid),
        settled=tuple(_settled(rooms, paper)),
        notes=tuple(_notes(rooms, manifest)) if manifest else (),
        signatures=manifest.signatures if manifest else (),
        required_empty=tuple(
            _name(known, path, rooms) for path in required_empty(manifest, rooms.types)
        ),
        checklist=checklist_of(ledger, dossier.id),
        wrong=tuple(one.sentence for one in findings(caller, rooms, dossier)),
        sent_back=tuple(one.text for one in ledger.reasons(document.id) if one.kind in _SENT_BACK),
    )


def _settled(rooms: Rooms, paper: _Paper) -> Iterator[SettledView]:
    """Doubts that people settled, those of fields with what was read before."""
    fields = dict(paper.manifest.walk()) if paper.manifest else {}
    for one in rooms.ledger.standing_decisions(paper.document):
        field = fields.get(one.path)
        read = [said for said in field.readers if said.reader != PERSON] if field else []
        yield SettledView(
            path=one.path,
            name=_name(paper.known, one.path, rooms),
            kind=one.kind,
            read=read[0].text if read else None,
            value=field.value if field else one.value,
        )


def _notes(rooms: Rooms, manifest: Manifest) -> Iterator[WhyView]:
    """What people changed, and what was noticed of the document and its pages, each once."""
    yield from changes_said(manifest, rooms.language)
    found = dict.fromkeys(manifest.warnings)
    found |= dict.fromkeys(code for page in manifest.pages for code in page.warnings)
    for code in found:
        try:
            yield WhyView(code=code, sentence=sentence(code, rooms.language))
        except KeyError:  # one that names figures, which the manifest does not keep
            continue


def _fields(rooms: Rooms, paper: _Paper) -> Iterator[ShownField]:
    known = paper.known
    for path, field in paper.manifest.walk() if paper.manifest else ():
        spec = known.value_spec(path) if known else None
        yield ShownField(
            path=path,
            name=_name(known, path, rooms),
            value=field.value,
            status=field.status,
            required=spec is not None and spec.required,
            page=field.page,
            by_hand=any(one.reader == PERSON for one in field.readers),
        )


def _name(known: DocumentType | None, path: str, rooms: Rooms) -> str:
    """What people call a field, or the page that was looked at."""
    if path.startswith("pages."):
        return sentence("usecase.page", rooms.language, number=path.partition(".")[2])
    return field_name(known, path, rooms.language)
