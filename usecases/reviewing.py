"""Review for a face: what is doubtful with all that helps, each word saved at once, then the next.

What settles a doubt is :mod:`usecases.review`; here it is put into what a page shows and sends.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from schemas.document_type import DocumentType, document_type, known_types
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.manifest import Manifest
from schemas.review_views import (
    NextView,
    PageSize,
    ReviewView,
    SaidDecision,
    StandingView,
    TriedView,
    UndoneView,
)
from schemas.validators import folded
from schemas.work import DecisionKind, QueueEntry
from storage import Decision, Document, Dossier, NewDecision
from usecases.called_fields import field_type_of
from usecases.caller import Caller, Right, permit
from usecases.composing import tried
from usecases.dossiers import document_of, find_dossier
from usecases.double_entry import end_turn, enter, forget, standing_shown, turn_of
from usecases.doubts_shown import Known, asked
from usecases.look import why
from usecases.queue import queue, queue_totals
from usecases.reading_compared import as_shown, shown
from usecases.review import finish_review, save_decision, undo_decisions
from usecases.review_leases import held
from usecases.rooms import Rooms
from usecases.same_person import Person, persons
from usecases.splitting import parse_ranges, split_by_person
from usecases.typed_before import said_before, typed_lately
from usecases.unreadable import asked_again, expect_no_rescan, taken_back
from usecases.workspace import Workspace, load_manifest

PAPERS_COMPARED = 30
"""Papers of a dossier that are looked through for a person."""
LOOKED_THROUGH = 500
"""Places of the queue that are looked through for the document after this one."""
A_PAGE = 50
PDF_DIGITS = 16


def review(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    department: str | None = None,
) -> ReviewView:
    """A document under review: its doubts in the order of its pages, and what is decided of them.

    Args:
        caller: who reviews.
        rooms: the ledger, the work folder, and the language of labels and sentences.
        code: of the dossier.
        number: of the document in it.
        department: where several may have that code.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such document, or it is not theirs.
        Conflict: it is not under review, its manifest is lost, or several have that code.
    """
    dossier, document = _under_review(caller, rooms, code, number, department)
    manifest = _manifest(rooms, document)
    types = {(one.id, one.form_version): one for one in known_types(rooms.types)}
    own_type = types.get((manifest.document_type or "", manifest.form_version))
    turn = turn_of(caller, rooms.ledger, document, manifest, rooms.types)
    decided = rooms.ledger.standing_decisions(document)
    standing = {one.path: _standing(caller, own_type, one) for one in decided}
    known = Known(
        language=rooms.language,
        types=types,
        here=_called(dossier, document),
        people=tuple(_people(rooms, dossier)),
        typed=typed_lately(rooms, dossier, document),
        said_before=said_before(rooms, document),
        standing=standing_shown(caller, turn, own_type, standing, rooms.language),
        blind=turn.blind if turn else (),
        pass_unseen=rooms.pass_unseen,
    )
    return ReviewView(
        department=dossier.department,
        dossier=dossier.code,
        number=document.number,
        name=document.name,
        type_name=known.type_name(manifest.document_type),
        manifest_sha256=document.manifest_sha256 or "",
        pdf=(document.pdfa_sha256 or "")[:PDF_DIGITS],
        due_at=dossier.due_at,
        pages=tuple(
            PageSize(number=one.number, width=one.width, height=one.height)
            for one in manifest.pages
        ),
        asked=asked(manifest, known),
        signed=bool(manifest.signatures),
        turn=turn.number if turn else None,
    )


def next_review(
    caller: Caller,
    rooms: Rooms,
    *,
    after: str | None = None,
    number: int | None = None,
    department: str | None = None,
) -> NextView:
    """The document that is to be reviewed next, by the order of the queue.

    Not one that somebody else has open, nor one that waits to be scanned again.

    Args:
        caller: who reviews; only what is of their departments counts.
        rooms: the ledger.
        after: code of the dossier whose document was passed over; None for the first that waits.
        number: of that document.
        department: of that dossier.

    Raises:
        NotAllowed: they may not review.
    """
    permit(caller, Right.review)
    totals = queue_totals(caller, rooms.ledger, Stage.in_review)
    found = _following(_queue(caller, rooms), (department, after, number)) if after else None
    if found is None:
        found = _first(_queue(caller, rooms))
    return NextView(
        department=found.department if found else None,
        dossier=found.dossier if found else None,
        number=found.number if found else None,
        waiting=totals.documents,
    )


def decide(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    said: SaidDecision,
    *,
    department: str | None = None,
) -> StandingView:
    """Save what a person says of one doubt; the decision that stands. Sent again it is one.

    What nobody can read is asked for once more: :mod:`usecases.unreadable`.

    Raises:
        Conflict, InputRejected, NotAllowed, NotFound: as :func:`usecases.review.save_decision`.
    """
    _, document = _document(caller, rooms, code, number, department)
    new = NewDecision(
        path=said.path,
        kind=said.kind,
        value=folded(said.text) if said.text is not None else None,
        replaces=said.replaces,
        key=said.key,
    )
    entered = enter(caller, rooms, document.id, new, seen=said.seen)
    if entered is not None:
        return entered
    saved = save_decision(
        caller, rooms.ledger, rooms.work, document.id, new, seen=said.seen, types=rooms.types
    )
    request = asked_again(caller, rooms, document, saved)
    typed = saved.kind is DecisionKind.value  # the others need no second look at the manifest
    own_type = _type(rooms, _manifest(rooms, document)) if typed else None
    return _standing(caller, own_type, saved).model_copy(update={"rescan": request})


def undo(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    ids: Iterable[int],
    *,
    department: str | None = None,
) -> UndoneView:
    """Take decisions back, all or none.

    Raises:
        Conflict, NotAllowed, NotFound: as :func:`usecases.review.undo_decisions`.
    """
    _, document = _document(caller, rooms, code, number, department)
    asked = tuple(ids)
    entries = [one for one in asked if one < 0]
    if entries:
        forget(caller, rooms, document.id, entries)
    decided = [one for one in asked if one > 0]
    undone = undo_decisions(caller, rooms.ledger, document.id, decided) if decided else []
    ended = taken_back(caller, rooms, document, undone)
    return UndoneView(ids=(*entries, *(one.id for one in undone)), rescans=ended)


def done(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    seen: str,
    department: str | None = None,
) -> NextView:
    """The review of a document is done, and it goes on; what comes next.

    Said again by the same person, because the first answer was lost, it changes nothing.

    Raises:
        Conflict, NotAllowed, NotFound: as :func:`usecases.review.finish_review`;
            ``usecase.rescan_waits``, something of it is to be scanned again.
    """
    dossier, document = _document(caller, rooms, code, number, department)
    expect_no_rescan(rooms.ledger, document)
    try:
        if not end_turn(caller, rooms, document.id, seen=seen):
            finish_review(
                caller,
                rooms.ledger,
                rooms.work,
                document.id,
                seen=seen,
                types=rooms.types,
                pass_unseen=rooms.pass_unseen,
                approval=rooms.approval,
            )
    except Conflict as error:
        if error.code != "flow.decided_already" or not _said_so(caller, rooms, dossier, document):
            raise
    rooms.ledger.review_leases.let_go(document.id, caller.name)
    return next_review(caller, rooms)


def split(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    ranges: str,
    *,
    seen: str,
    department: str | None = None,
) -> NextView:
    """The file holds several documents: they become documents of their own; what comes next.

    Args:
        caller: who says so.
        rooms: the ledger and the work folder.
        code: of the dossier.
        number: of the document in it.
        ranges: ``1-2,3``; empty: as proposed.
        seen: hash of the manifest that was shown.
        department: where several may have that code.

    Raises:
        Conflict, InputRejected, NotAllowed, NotFound: as
            :func:`usecases.splitting.split_by_person`.
    """
    dossier, document = _under_review(caller, rooms, code, number, department)
    said = parse_ranges(ranges) if ranges.strip() else ()
    split_by_person(caller, rooms.ledger, rooms.work, dossier, document.number, said, seen=seen)
    return next_review(caller, rooms)


def try_value(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    path: str,
    text: str,
    *,
    department: str | None = None,
) -> TriedView:
    """What the rules say of a value while somebody types it; nothing is kept.

    Raises:
        InputRejected: there is no such field.
        Conflict, NotAllowed, NotFound: as :func:`review`.
    """
    _, document = _under_review(caller, rooms, code, number, department)
    manifest = _manifest(rooms, document)
    try:
        field = tried(manifest, path, folded(text), rooms.types)
    except InputRejected as error:
        if error.code != "flow.invalid_value":
            raise
        said = why((f"reasons.{error.params['rule']}",), rooms.language, "reasons.readable")
        return TriedView(allowed=False, text=text, sentences=tuple(one.sentence for one in said))
    failed = [f"reasons.{one.name}" for one in field.checks if not one.passed]
    kind = field_type_of(_type(rooms, manifest), path)
    return TriedView(
        allowed=True,
        text=shown(kind, field.value),
        sentences=tuple(one.sentence for one in why(failed, rooms.language))
        if text.strip()
        else (),
    )


def _document(
    caller: Caller, rooms: Rooms, code: str, number: int, department: str | None
) -> tuple[Dossier, Document]:
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    return dossier, document_of(rooms.ledger, dossier, number)


def _under_review(
    caller: Caller, rooms: Rooms, code: str, number: int, department: str | None
) -> tuple[Dossier, Document]:
    dossier, document = _document(caller, rooms, code, number, department)
    if document.stage is not Stage.in_review or document.duplicate_of is not None:
        raise Conflict("usecase.not_under_review", document=_called(dossier, document))
    return dossier, document


def _manifest(rooms: Rooms, document: Document) -> Manifest:
    return load_manifest(Workspace(rooms.work / str(document.id)), document, rooms.ledger)


def _type(rooms: Rooms, manifest: Manifest) -> DocumentType | None:
    return document_type(manifest.document_type or "", manifest.form_version, rooms.types)


def _called(dossier: Dossier, document: Document) -> str:
    return f"{dossier.code}/{document.number}"


def _people(rooms: Rooms, dossier: Dossier) -> Iterator[Person]:
    """Whom the papers of a dossier name, as far as they are read and at hand."""
    papers = [one for one in rooms.ledger.documents(dossier.id) if one.manifest_sha256]
    for document in papers[:PAPERS_COMPARED]:
        with suppress(Conflict, OSError, ValueError):  # lost, or of another version
            yield from persons(_called(dossier, document), _manifest(rooms, document).walk())


def _standing(caller: Caller, own_type: DocumentType | None, decision: Decision) -> StandingView:
    kind = field_type_of(own_type, decision.path)
    typed = decision.kind is DecisionKind.value
    return StandingView(
        id=decision.id,
        kind=decision.kind,
        text=as_shown(kind, decision.value or "") if typed else None,
        by=decision.made_by.partition(":")[2] or decision.made_by,
        own=decision.made_by == caller.name,
        at=decision.made_at,
    )


def _said_so(caller: Caller, rooms: Rooms, dossier: Dossier, document: Document) -> bool:
    """Whether it was this person who finished the last review of a document."""
    said = [
        one.actor
        for one in rooms.ledger.events(dossier.id)
        if one.document_id == document.id and one.kind == "reviewed"
    ]
    return bool(said) and said[-1] == caller.name


def _queue(caller: Caller, rooms: Rooms) -> Iterator[tuple[QueueEntry, bool]]:
    """What waits for review, the first places; and whether it is free to be taken up."""
    after: str | None = None
    asked_for = {one.document_id for one in rooms.ledger.rescans.open(caller.departments)}
    for _ in range(LOOKED_THROUGH // A_PAGE):
        page = queue(caller, rooms.ledger, Stage.in_review, after=after, limit=A_PAGE)
        taken = held(caller, rooms, [one.document_id for one in page.entries])
        others = {key for key, one in taken.items() if not one.own}
        for one in page.entries:
            yield one, one.document_id not in asked_for | others
        after = page.next
        if after is None:
            return


def _following(
    waiting: Iterator[tuple[QueueEntry, bool]], passed: tuple[str | None, str | None, int | None]
) -> QueueEntry | None:
    """The free one after the document that was passed over; None where that waits no more."""
    department, code, number = passed
    for one, _ in waiting:
        if (one.dossier, one.number) == (code, number) and department in {None, one.department}:
            return _first(waiting)
    return None


def _first(waiting: Iterator[tuple[QueueEntry, bool]]) -> QueueEntry | None:
    return next((one for one, free in waiting if free), None)
