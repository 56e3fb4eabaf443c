"""Looking: the dossiers, one of them with all that is known of it, and what waits for a person."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from schemas.desk_views import DossierPage
from schemas.dossier import Stage
from schemas.field import Field, FieldStatus
from schemas.manifest import INK_UNREAD, Manifest, page_groups, pages_of
from schemas.messages import Language, sentence
from schemas.views import (
    DocumentView,
    DossierSummary,
    DossierView,
    DoubtView,
    EventView,
    FieldView,
    ObjectDetail,
    PagesRead,
    ProposalView,
    ProposedPart,
    ReasonView,
    SplitPart,
    SplitView,
    WaitingView,
    WhyView,
)
from storage import Document, Dossier, DossierFilter, Ledger
from usecases.caller import Caller, Right, permit
from usecases.components import replaced_by_data, ticked_off
from usecases.composing import PARTS
from usecases.dossiers import dossiers_of, find_dossier, narrowed, own_departments
from usecases.review import Doubt, doubts
from usecases.rooms import Rooms
from usecases.told_fields import told_fields
from usecases.trust import findings
from usecases.workspace import Workspace

_DOCUMENT = set(DocumentView.model_fields) - {"label", "linked_to", "inside", "error", "reading"}


def dossiers(
    caller: Caller, rooms: Rooms, *, department: str | None = None
) -> tuple[DossierSummary, ...]:
    """The dossiers that the caller may see, oldest first.

    Args:
        caller: who asks.
        rooms: the ledger.
        department: those of this one alone; by identifier or as people call it.

    Raises:
        NotAllowed: they may look at none.
    """
    found = sorted(
        dossiers_of(caller, Right.look, rooms.ledger, department),
        key=lambda one: (one.created_at, one.id),
    )
    return tuple(_summary(rooms, one) for one in found)


def dossier_page(
    caller: Caller,
    rooms: Rooms,
    *,
    code: str | None = None,
    department: str | None = None,
    stage: Stage | None = None,
    after: int | None = None,
    limit: int = 50,
) -> DossierPage:
    """A page of the dossiers that the caller may see, the newest first.

    Args:
        caller: who asks.
        rooms: the ledger.
        code: a part of their code, or of the provisional one they had.
        department: those of this one alone; by identifier or as people call it.
        stage: those that stand there.
        after: ``next`` of the page before.
        limit: how many at most.

    Raises:
        NotAllowed: they may look at none.
    """
    permit(caller, Right.look)
    units = narrowed(caller, rooms.ledger, department)
    wanted = DossierFilter(departments=units, code=code or None, stage=stage)
    found, following = rooms.ledger.dossier_page(wanted, after=after, limit=limit)
    documents = rooms.ledger.documents_of([one.id for one in found])
    return DossierPage(
        dossiers=tuple(_summary(rooms, one, documents[one.id]) for one in found),
        next=following,
        departments=own_departments(caller, Right.look, rooms.ledger),
    )


def moved(caller: Caller, rooms: Rooms, since: datetime) -> tuple[DossierSummary, ...]:
    """The dossiers that moved since then, or whose sources still lie in the inbox, oldest first.

    Raises:
        NotAllowed: they may look at none.
    """
    permit(caller, Right.look)
    ledger = rooms.ledger
    ids = {claim.dossier_id for claim in ledger.open_claims()}
    ids |= {one.id for one in ledger.dossiers(since=since)}
    found = [ledger.dossier_by_id(one) for one in sorted(ids)]
    return tuple(_summary(rooms, one) for one in found if caller.may(Right.look, one.department))


def dossier(
    caller: Caller, rooms: Rooms, code: str, *, department: str | None = None
) -> DossierView:
    """All that is known of a dossier.

    Raises:
        NotAllowed: they may look at none.
        NotFound: there is none, or it is not theirs to see.
        Conflict: several of their departments have it, or a manifest is lost.
    """
    found = find_dossier(caller, Right.look, rooms.ledger, code, department)
    return dossier_view(caller, rooms, found, _waiting(rooms, found, None))


def dossier_view(caller: Caller, rooms: Rooms, found: Dossier, waits: WaitingView) -> DossierView:
    """A dossier that the caller may see, with what waits for a person in it."""
    ledger = rooms.ledger
    documents = ledger.documents(found.id)
    return DossierView(
        **_of_dossier(found, documents),
        documents=tuple(document_view(rooms, one) for one in documents),
        **dict(waits),
        splits=tuple(_splits(ledger, documents)),
        checklist=ticked_off(documents, replaced_by_data(ledger, found.id)),
        objects=tuple(
            ObjectDetail(**one.model_dump() | {"kind": one.kind.value})
            for one in ledger.objects(found.id)
        ),
        events=tuple(EventView(**one.model_dump()) for one in ledger.events(found.id)),
        wrong=findings(caller, rooms, found),
    )


def waiting(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    number: int | None = None,
    department: str | None = None,
) -> WaitingView:
    """What waits for a person in a dossier, or in its document of that number.

    Raises:
        NotAllowed: they may look at none.
        NotFound: there is none, or it is not theirs to see.
        Conflict: several of their departments have it, or a manifest is lost.
    """
    found = find_dossier(caller, Right.look, rooms.ledger, code, department)
    return _waiting(rooms, found, number)


def fields(
    caller: Caller, rooms: Rooms, code: str, number: int, *, department: str | None = None
) -> tuple[FieldView, ...]:
    """Every field of a document under review, with its evidence and its place on the paper.

    Raises:
        NotAllowed: they may look at none.
        NotFound: there is none, or it is not theirs to see.
        Conflict: several of their departments have it, or the manifest is lost.
    """
    found = find_dossier(caller, Right.look, rooms.ledger, code, department)
    return tuple(
        view
        for one in doubts(rooms.ledger, rooms.work, found, number)
        for view in fields_of(one, rooms.language, rooms.types)
    )


def fields_of(one: Doubt, language: Language, types: Path | None = None) -> Iterator[FieldView]:
    """Every field of a document's manifest, with its evidence and its place on the paper."""
    for path, field in told_fields(one.document, one.manifest, types):
        told = {"field": path, "reasons": why(_reasons_of(field), language)}
        yield FieldView(**_of(one), **dict(field) | told)


def names(caller: Caller, rooms: Rooms, documents: Sequence[Document]) -> list[str]:
    """What documents are called that a use case gave back: ``H17-261123-0001/2``.

    They may be of another dossier than the one that was asked about: a cover sheet says so.

    Raises:
        NotAllowed: they may look at none.
    """
    permit(caller, Right.look)
    return [f"{rooms.ledger.dossier_by_id(one.dossier_id).code}/{one.number}" for one in documents]


def _of_dossier(dossier: Dossier, documents: Sequence[Document]) -> dict[str, object]:
    return {
        "code": dossier.code,
        "department": dossier.department,
        "provisional": dossier.provisional,
        "first_code": dossier.first_code,
        "stage": dossier.stage,
        "rejected": sum(one.stage is Stage.rejected for one in documents if not one.split),
        "created_at": dossier.created_at,
        "updated_at": dossier.updated_at,
        "warnings": dossier.warnings,
    }


def _summary(
    rooms: Rooms, dossier: Dossier, documents: Sequence[Document] | None = None
) -> DossierSummary:
    if documents is None:
        documents = rooms.ledger.documents(dossier.id)
    documents = [one for one in documents if not one.split]
    known = sum(one.pages or 0 for one in documents)
    reading = [state for one in documents if (state := _pages_read(rooms.work, one))]
    return DossierSummary(
        **_of_dossier(dossier, documents),
        documents=len(documents),
        pages=PagesRead(
            read=known + sum(one.read for one in reading),
            pages=known + sum(one.pages for one in reading),
        ),
    )


def document_view(rooms: Rooms, document: Document) -> DocumentView:
    """A document of a dossier that the caller may see."""
    error = None
    if document.error_code:
        error = sentence(document.error_code, rooms.language, **document.error_params)
    return DocumentView(
        **document.model_dump(include=_DOCUMENT),
        label=document.label,
        linked_to=_name_of(rooms.ledger, document.duplicate_of),
        inside=_name_of(rooms.ledger, document.attached_to),
        error=error,
        reading=_pages_read(rooms.work, document),
    )


def _name_of(ledger: Ledger, document_id: int | None) -> str | None:
    """``H17-261123-0001/component-001``; None without a document."""
    if document_id is None:
        return None
    document = ledger.document(document_id)
    return f"{ledger.dossier_by_id(document.dossier_id).code}/{document.label}"


def _pages_read(work: Path, document: Document) -> PagesRead | None:
    """Pages read so far and pages in all, while a long document is being read."""
    if document.stage is not Stage.received:
        return None
    state = Workspace(work / str(document.id)).noted()
    return PagesRead(read=state[0], pages=state[1]) if state else None


def _splits(ledger: Ledger, documents: Sequence[Document]) -> Iterator[SplitView]:
    """What became of the scans that held several documents."""
    for scan in documents:
        if not scan.split or scan.duplicate_of is not None:
            continue
        made = (*ledger.parts(scan.part_of or scan.id), *ledger.attached(scan.id))
        parts = tuple(
            SplitPart(
                dossier=ledger.dossier_by_id(part.dossier_id).code,
                document=part.number,
                pages=part.source_pages,
            )
            for part in made
            if not scan.source_pages or set(part.source_pages) < set(scan.source_pages)
        )
        if parts:  # none: a scan that another one stands for, or whose page is in another
            yield SplitView(document=scan.number, parts=parts)


def _waiting(rooms: Rooms, dossier: Dossier, number: int | None) -> WaitingView:
    """What nobody has decided yet: a decision that stands is asked no second time."""
    found = doubts(rooms.ledger, rooms.work, dossier, number)
    ledger = rooms.ledger
    settled = {
        (one.document.number, decision.path)
        for one in found
        for decision in ledger.standing_decisions(one.document)
    }
    views = [view for one in found for view in _fields_of(one, rooms)]
    views += [view for one in found for view in _pages_of(one, rooms)]
    return WaitingView(
        doubts=tuple(view for view in views if (view.document, view.field) not in settled),
        proposals=tuple(
            _proposal(one)
            for one in found
            if one.manifest.undecided() and (one.document.number, PARTS) not in settled
        ),
        reasons=tuple(
            ReasonView(**_of(one), code=code, sentence=sentence(code, rooms.language))
            for one in found
            for code in one.manifest.asks(rooms.pass_unseen)
            if (one.document.number, code) not in settled
        ),
    )


def _of(doubt: Doubt) -> dict[str, object]:
    document = doubt.document
    return {
        "document": document.number,
        "label": document.label,
        "manifest_sha256": document.manifest_sha256,
    }


def _fields_of(doubt: Doubt, rooms: Rooms) -> Iterator[DoubtView]:
    for path, field in told_fields(doubt.document, doubt.manifest, rooms.types):
        if field.status is FieldStatus.review:
            yield DoubtView(
                **_of(doubt),
                field=path,
                value=field.value,
                raw=field.raw,
                confidence=field.confidence,
                failed_checks=tuple(check.name for check in field.checks if not check.passed),
                reasons=why(field.why(), rooms.language),
            )


def _pages_of(doubt: Doubt, rooms: Rooms) -> Iterator[DoubtView]:
    """Pages that were not read, or are not shown, as doubts that only acceptance settles."""
    for number in doubt.manifest.unread():
        page = doubt.manifest.pages[number - 1]
        yield DoubtView(
            **_of(doubt),
            field=f"pages.{number}",
            value=sentence("cli.page_unread", rooms.language),
            raw=None,
            confidence=0.0,
            failed_checks=(page.problem or "reading.pages_missing",),
            reasons=page_reasons(doubt.manifest, number, rooms.language),
        )


def page_reasons(
    manifest: Manifest, number: int, language: Language, otherwise: str = "cli.page_unread"
) -> tuple[WhyView, ...]:
    """Why a person must look at a page, counted from 1; ``otherwise`` as for :func:`why`."""
    page = manifest.pages[number - 1]
    unread = INK_UNREAD if INK_UNREAD in page.warnings else "reading.pages_missing"
    return why((page.problem or unread,), language, otherwise)


def _reasons_of(field: Field) -> tuple[str, ...]:
    return field.why() if field.status is FieldStatus.review else ()


def why(
    codes: Iterable[str], language: Language, otherwise: str = "reasons.unsure"
) -> tuple[WhyView, ...]:
    """Reasons with their sentences.

    ``otherwise`` stands for those of another version of Sohoa, and for those that name figures
    which the manifest does not keep.
    """
    found = []
    for code in codes:
        try:
            text = sentence(code, language)
        except KeyError:
            text = sentence(otherwise, language)
        found.append(WhyView(code=code, sentence=text))
    return tuple(found)


def _proposal(doubt: Doubt) -> ProposalView:
    return ProposalView(
        **_of(doubt),
        parts=tuple(
            ProposedPart(
                pages=pages_of(group),
                document_type=group[0].document_type,
                reason=group[0].reason,
                dossier=group[0].dossier_code,
                confidence=group[0].confidence,
            )
            for group in page_groups(doubt.manifest.parts)
        ),
    )
