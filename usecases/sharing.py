"""What reaches somebody: papers of their own departments, and those that others share with them.

The rule itself is a condition of the ledger's queries (:func:`storage.sharing.reached_by`). What is
neither theirs nor shared is answered exactly as what is not there. Who reads another department's
papers says what for, once a working day for each dossier; its owner reads that in the access log.
"""

from datetime import timedelta

from schemas.errors import Conflict, InputRejected, NotFound
from storage import SHOWN_TO_OTHERS, Document, Dossier, KeptObject, Reach
from usecases.caller import Caller, Right, permit
from usecases.dossiers import department_named
from usecases.rooms import Rooms

PURPOSE_STANDS = timedelta(hours=12)
"""A purpose that was said of a dossier counts so long: a session, at most."""
LONGEST_PURPOSE = 300
"""Characters."""


class PurposeNeeded(InputRejected):
    """Another department's papers are read, and nobody has said what for: ask, and come again."""

    def __init__(
        self, code: str = "usecase.purpose_needed", /, **params: str | int | float
    ) -> None:
        super().__init__(code, **params)


def reach(caller: Caller, right: Right, rooms: Rooms) -> Reach:
    """What the caller may do this with, now.

    Args:
        caller: who asks.
        right: ``find`` or ``fetch``: nothing else reaches beyond one's own departments.
        rooms: tell the time.

    Raises:
        NotAllowed: they may do this with nothing.
    """
    permit(caller, right)
    return Reach(departments=caller.where(right), now=rooms.clock())


def reached_dossier(
    caller: Caller, right: Right, rooms: Rooms, code: str, department: str | None = None
) -> tuple[Dossier, tuple[Document, ...]]:
    """A dossier and those of its documents that reach the caller, by number.

    Of their own departments' dossiers that is all of them, whatever their stage.

    Args:
        caller: who asks.
        right: ``find`` or ``fetch``.
        rooms: the ledger.
        code: of the dossier, or the provisional one it had.
        department: whose dossier it is, where several may have that code.

    Raises:
        NotAllowed: they may do this with nothing.
        NotFound: ``cli.no_dossier``: there is none, or nothing of it is theirs or shared.
        Conflict: dossiers of several departments that reach them have it.
    """
    ledger = rooms.ledger
    found = ledger.reached_documents(
        reach(caller, right, rooms), code, department=department_named(ledger, department)
    )
    if not found:
        raise NotFound("cli.no_dossier")
    if len(found) > 1:
        departments = ", ".join(sorted(one.department for one, _ in found))
        raise Conflict("storing.ambiguous_code", dossier=code, departments=departments)
    return found[0]


def reached_document(
    caller: Caller,
    right: Right,
    rooms: Rooms,
    code: str,
    number: int,
    department: str | None = None,
) -> tuple[Dossier, Document]:
    """One document that was published, or withdrawn since, where it reaches the caller.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`reached_dossier`; or ``cli.nothing_published``:
            no such document of it was published, or it does not reach them.
    """
    dossier, documents = reached_dossier(caller, right, rooms, code, department)
    for document in documents:
        if document.number == number and is_result(document):
            return dossier, document
    raise NotFound("cli.nothing_published", dossier=dossier.code)


def whole_dossier(
    caller: Caller, right: Right, rooms: Rooms, code: str, department: str | None = None
) -> Dossier:
    """A dossier all of which reaches the caller: what tells of each of its documents needs that.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`reached_dossier`; one of which a part alone is
            shared is as one that is not there.
    """
    dossier, _ = reached_dossier(caller, right, rooms, code, department)
    if is_shared(caller, dossier):
        every = {one.id for one in rooms.ledger.documents(dossier.id)}
        if rooms.ledger.reached_among(reach(caller, right, rooms), every) != every:
            raise NotFound("cli.no_dossier")
    return dossier


def is_shared(caller: Caller, dossier: Dossier) -> bool:
    """Whether a dossier that reached the caller is another department's."""
    return caller.departments is not None and dossier.department not in caller.departments


def note_reading(
    caller: Caller,
    rooms: Rooms,
    dossier: Dossier,
    kind: str,
    *,
    document: Document | None = None,
    what: str | None = None,
    purpose: str | None = None,
) -> None:
    """Write down that the caller read something of a dossier, and what for where it is another's.

    Args:
        caller: who reads it.
        rooms: the ledger.
        dossier: reached by them already.
        kind: of the line in the access log, ``result_seen`` for example.
        document: of it.
        what: more of it, without personal data.
        purpose: in their words, where they said it now; see :func:`purpose_of`.

    Raises:
        InputRejected: as :func:`purpose_of`.
    """
    rooms.ledger.accesses.note(
        caller.name,
        kind,
        dossier_id=dossier.id,
        document_id=document.id if document else None,
        what=what,
        departments=caller.departments if is_shared(caller, dossier) else None,
        purpose=purpose_of(caller, rooms, dossier, purpose),
    )


def note_taken(
    caller: Caller,
    rooms: Rooms,
    dossier: Dossier,
    document: Document,
    kept: KeptObject,
    purpose: str | None,
) -> None:
    """Write down that the caller took an object of a document, as :func:`note_reading`."""
    kind = f"{kept.kind.value}_taken"
    note_reading(caller, rooms, dossier, kind, document=document, what=kept.sha256, purpose=purpose)


def purpose_of(
    caller: Caller, rooms: Rooms, dossier: Dossier, said: str | None = None
) -> str | None:
    """What the caller reads a dossier for; of their own department's they need not say it.

    To be asked before anything of it is read.

    Args:
        caller: who reads.
        rooms: the ledger, which knows what they said of this dossier within the last hours.
        dossier: reached by them already.
        said: what they say now.

    Raises:
        PurposeNeeded: it is another department's, and they have not said.
        InputRejected: ``usecase.long_purpose``.
    """
    told = " ".join((said or "").split())
    if len(told) > LONGEST_PURPOSE:
        raise InputRejected("usecase.long_purpose", most=LONGEST_PURPOSE)
    if told or not is_shared(caller, dossier):
        return told or None
    since = rooms.clock() - PURPOSE_STANDS
    known = rooms.ledger.accesses.purpose(caller.name, dossier.id, since)
    if known is None:
        raise PurposeNeeded
    return known


def is_result(document: Document) -> bool:
    """Whether a document was published, and stands or was withdrawn since."""
    return document.stage in SHOWN_TO_OTHERS and not document.split
