"""Finding what was published, by words and by person.

Whose documents come is a condition of the ledger's query (:mod:`storage.sharing`). Questions are
personal data: they stand in no log, no event and no address. An identity number is looked up by
those alone who may see identity papers, and each time is a line in the access log that has the
number's fingerprint.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from schemas.document_type import known_types
from schemas.dossier import Role
from schemas.errors import InputRejected
from schemas.search_terms import identity_number, numbers
from schemas.search_views import (
    FoundLine,
    FoundPage,
    HeldDocument,
    HeldDossier,
    PersonHeld,
)
from storage import FoundRow, PersonRow, Reach, SearchFilter
from usecases.called_fields import field_name, type_name
from usecases.caller import Caller, Right, permit
from usecases.dossiers import called, department_named
from usecases.find import reached_departments
from usecases.rooms import Rooms
from usecases.sharing import reach
from usecases.snippets import snippets
from usecases.type_names import type_choices, type_names

LONGEST = 200
"""Letters of a question."""
LOOKED_UP = "person_looked_up"
"""Kind of the line in the access log."""


def find_text(
    caller: Caller,
    rooms: Rooms,
    question: str,
    *,
    department: str | None = None,
    document_type: str | None = None,
    role: Role | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> FoundPage:
    """The published documents that fit a question, best first.

    What is written with accents is found first as it is written, then without regard to them; then
    values that are written nearly so, then documents with all the words in any places.

    Args:
        caller: who asks.
        rooms: the ledger, and the language of names.
        question: a code, a name, a number, words; no identity number.
        department: of this one alone; by identifier or as people call it.
        document_type: of this type alone.
        role: components or results alone.
        since: published then or later, aware.
        until: published before, aware.
        after: ``next`` of the page before.
        limit: how many at most.

    Raises:
        NotAllowed: they may find nothing.
        InputRejected: ``usecase.long_question``; ``usecase.number_alone``, an identity number is
            in it: :func:`find_person` looks those up; ``storing.bad_cursor``.
    """
    theirs = reach(caller, Right.find, rooms)
    question = " ".join(question.split())
    if len(question) > LONGEST:
        raise InputRejected("usecase.long_question", most=LONGEST)
    if numbers(question) or identity_number(question):
        raise InputRejected("usecase.number_alone")
    wanted = SearchFilter(
        reach=theirs,
        untold=_untold(rooms),
        department=department_named(rooms.ledger, department),
        document_type=document_type or None,
        role=role,
        since=since,
        until=until,
    )
    found, following = rooms.ledger.search.find(question, wanted, after=after, limit=limit)
    successors = _successors(rooms, theirs, found)
    return FoundPage(
        results=tuple(_line(caller, rooms, theirs, one, question, successors) for one in found),
        next=following,
        departments=reached_departments(rooms.ledger, theirs),
        types=type_choices(rooms.types, rooms.language),
    )


def find_person(caller: Caller, rooms: Rooms, number: str) -> PersonHeld:
    """What the office holds of one identity number: dossiers, results, certified copies.

    Args:
        caller: a clerk or a signer; what is of their departments, or shared with them, comes.
        rooms: the ledger, and the language of names.
        number: twelve figures, or nine of the older cards; spaces and dots do not matter.

    Raises:
        NotAllowed: they may not see identity papers, or find nothing.
        InputRejected: ``usecase.no_identity_number``.
    """
    permit(caller, Right.see_identity)
    theirs = reach(caller, Right.find, rooms)
    bare = identity_number(number)
    if bare is None:
        raise InputRejected("usecase.no_identity_number")
    search = rooms.ledger.search
    rows = search.by_number(bare, SearchFilter(reach=theirs, untold=_untold(rooms)))
    fingerprint = search.fingerprint(bare)
    rooms.ledger.accesses.note(caller.name, LOOKED_UP, what=fingerprint)
    for key, shared in {one.dossier_id: not theirs.owns(one.department) for one in rows}.items():
        rooms.ledger.accesses.note(
            caller.name,
            LOOKED_UP,
            dossier_id=key,
            what=fingerprint,
            departments=caller.departments if shared else None,
        )
    return PersonHeld(fingerprint=fingerprint, dossiers=tuple(_held(rooms, theirs, rows)))


def _untold(rooms: Rooms) -> frozenset[str]:
    """Identity papers: what stands on those of another department is told to nobody."""
    return frozenset(one.id for one in known_types(rooms.types) if one.sensitive)


def _successors(
    rooms: Rooms, theirs: Reach, rows: Iterable[FoundRow | PersonRow]
) -> dict[int, str]:
    """What replaces these documents, by its id, as far as it is reached."""
    ids = {one.superseded_by for one in rows if one.superseded_by is not None}
    if not ids:
        return {}
    return {one: called(rooms.ledger, one) for one in rooms.ledger.reached_among(theirs, ids)}


def _line(
    caller: Caller,
    rooms: Rooms,
    theirs: Reach,
    row: FoundRow,
    question: str,
    successors: dict[int, str],
) -> FoundLine:
    types = [one for one in known_types(rooms.types) if one.id == row.document_type]
    known = types[-1] if types else None
    shared = not theirs.owns(row.department)
    sensitive = any(one.sensitive for one in types)
    hidden = sensitive and not caller.may(Right.see_identity, row.department)
    told = not shared and not hidden  # who reads a shared paper says first what for
    return FoundLine(
        **row.model_dump(exclude={"document_id", "text", "fit", "superseded_by"}),
        shared=shared,
        hidden=hidden,
        label=f"{row.role.value}-{row.number:03d}",
        type_name=type_name(known, rooms.language) or row.document_type,
        superseded_by=successors.get(row.superseded_by or 0),
        fit=row.fit.value,
        snippets=snippets(
            row.text, question, row.fit, lambda path: field_name(known, path, rooms.language)
        )
        if told and row.text is not None
        else (),
    )


def _held(rooms: Rooms, theirs: Reach, rows: list[PersonRow]) -> Iterable[HeldDossier]:
    departments = {one.id: one.name for one in rooms.ledger.departments()}
    names = type_names(rooms.types, rooms.language)
    successors = _successors(rooms, theirs, rows)
    for _, own in groupby(rows, key=lambda one: one.dossier_id):
        of_dossier = list(own)
        first = of_dossier[0]

        def held(role: Role, rows: list[PersonRow] = of_dossier) -> tuple[HeldDocument, ...]:
            return tuple(
                HeldDocument(
                    **one.model_dump(include=set(HeldDocument.model_fields) - {"superseded_by"}),
                    label=f"{one.role.value}-{one.number:03d}",
                    type_name=names.get(one.document_type or "", one.document_type),
                    superseded_by=successors.get(one.superseded_by or 0),
                )
                for one in rows
                if one.role is role
            )

        yield HeldDossier(
            dossier=first.dossier,
            department=first.department,
            department_name=departments.get(first.department, first.department),
            shared=not theirs.owns(first.department),
            received_at=first.received_at,
            results=held(Role.result),
            copies=held(Role.component),
        )
