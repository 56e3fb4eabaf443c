"""Double entry, for types that ask for it: two people settle the same doubts, neither seeing the
other; where they differ a third one decides, who sees neither. The second and the third one do not
see what machines read, either: they type what stands on the paper.

A type says so by ``double_entry``. Its doubtful fields are settled in turns: first, second, and the
third where it is needed. Who had one turn gets no other. Everything else of a document (pages that
were not read, fields that the type does not name) is settled once, by whoever comes first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from schemas.document_type import DocumentType, document_type, known_types
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.manifest import Manifest
from schemas.messages import Language
from schemas.review_views import StandingView
from schemas.work import DecisionKind
from storage import SETTLING, Document, Entry, Ledger, NewDecision
from usecases.called_fields import field_type_of, word
from usecases.caller import Caller, Right
from usecases.composing import doubts_of, expect_decidable, tried
from usecases.dossiers import reached
from usecases.reading_compared import as_shown
from usecases.rooms import Rooms
from usecases.workspace import Workspace, load_manifest


@dataclass(frozen=True)
class Turn:
    """A document that is entered twice, as far as one person may see it.

    Attributes:
        number: 1, 2, or :data:`storage.SETTLING`.
        paths: of the doubts that are settled in turns.
        own: what they have entered, where they are one of the two.
        alike: paths of which both said the same.
    """

    number: int
    paths: frozenset[str]
    own: Mapping[str, Entry] = field(default_factory=dict)
    alike: frozenset[str] = frozenset()

    def enters(self, path: str) -> bool:
        """Whether what they say of a doubt is an entry, and no decision yet."""
        return self.number != SETTLING and path in self.paths

    @property
    def blind(self) -> frozenset[str]:
        """Paths of what they enter without seeing what machines or others read there."""
        return frozenset() if self.number == 1 else self.paths - self.alike


def may_be_entered_twice(types: Path | None, type_id: str | None, path: str | None = None) -> bool:
    """Whether a type asks two people, of a field or of any; some version of it is enough."""
    of_type = [one for one in known_types(types) if one.id == type_id]
    if path is None:
        return any(one.double_entry for one in of_type)
    return any(one.is_entered_twice(path) for one in of_type)


def twice_paths(manifest: Manifest, known: DocumentType | None) -> frozenset[str]:
    """Paths of the doubts that two people settle."""
    if known is None:
        return frozenset()
    return frozenset(path for path in manifest.doubtful() if known.is_entered_twice(path))


def turn_of(
    caller: Caller, ledger: Ledger, document: Document, manifest: Manifest, types: Path | None
) -> Turn | None:
    """Whose turn it is, where it is the caller's; None for a document that nobody enters twice.

    Raises:
        Conflict: ``storing.entered_once``, they have entered it; ``storing.being_entered``.
    """
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    paths = twice_paths(manifest, known)
    if not paths:
        return None
    entered = ledger.entries.entered(document)
    number = ledger.entries.turn(document, caller.name)
    if number != SETTLING:
        mine = any(one.number == number and one.made_by == caller.name for one in entered.turns)
        return Turn(number, paths, own=entered.of_turn(number) if mine else {})
    first, second = entered.of_turn(1), entered.of_turn(2)
    both = first.keys() & second.keys()
    return Turn(number, paths, alike=frozenset(p for p in both if first[p].says_as(second[p])))


def expect_settling(
    caller: Caller,
    ledger: Ledger,
    document: Document,
    manifest: Manifest,
    types: Path | None,
    said: Collection[NewDecision],
) -> None:
    """See that a caller may decide on these doubts by themselves.

    Raises:
        Conflict: ``flow.entered_twice``, some are for two people; or as :func:`turn_of`.
        InputRejected: ``flow.entered_blind``, what was read is accepted by who may not see it.
    """
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    asked = twice_paths(manifest, known)
    if asked & {one.path for one in said}:
        turn = turn_of(caller, ledger, document, manifest, types)
        if turn is not None and turn.number != SETTLING:
            raise Conflict("flow.entered_twice", document=document.label)
        for one in said:
            if turn is not None:
                expect_typed(turn, one)


def expect_typed(turn: Turn, new: NewDecision) -> None:
    """See that nobody accepts what they are not shown.

    Raises:
        InputRejected: ``flow.entered_blind``.
    """
    if new.path in turn.blind and new.kind in {DecisionKind.confirmed, DecisionKind.passed}:
        raise InputRejected("flow.entered_blind", field=new.path)


def own_turn(caller: Caller, rooms: Rooms, document: Document) -> tuple[Turn, Manifest] | None:
    """The turn of the caller, of a document under review that is entered twice.

    Raises:
        Conflict: as :func:`turn_of`.
    """
    under_review = document.stage is Stage.in_review and document.duplicate_of is None
    if not under_review or not may_be_entered_twice(rooms.types, document.document_type):
        return None
    workspace = Workspace(rooms.work / str(document.id))
    manifest = load_manifest(workspace, document, rooms.ledger)
    turn = turn_of(caller, rooms.ledger, document, manifest, rooms.types)
    return None if turn is None else (turn, manifest)


def enter(
    caller: Caller, rooms: Rooms, document_id: int, new: NewDecision, *, seen: str
) -> StandingView | None:
    """Save what one of the two says of a doubt; None where it is to be a decision.

    Args:
        caller: who says it.
        rooms: the ledger and the work folder.
        document_id: of which document.
        new: what is said; ``replaces`` is the id of the entry that was shown.
        seen: hash of the manifest that was shown.

    Raises:
        Conflict: it is not their turn, or the document is not under review with that manifest.
        InputRejected: the value cannot be one of that field; or as :func:`expect_typed`.
        NotAllowed, NotFound: the caller may not.
    """
    _, document = reached(caller, Right.review, rooms.ledger, document_id)
    found = own_turn(caller, rooms, document)
    if found is None:
        return None
    turn, manifest = found
    expect_typed(turn, new)
    if not turn.enters(new.path):
        return None
    expect_decidable(manifest, new, rooms.types)
    replaces = None if new.replaces is None else -new.replaces
    said = as_kept(manifest, new, rooms.types).model_copy(update={"replaces": replaces})
    saved = rooms.ledger.entries.save(document.id, said, caller.name, based_on=seen)
    known = document_type(manifest.document_type or "", manifest.form_version, rooms.types)
    shown = standing_entry(caller, known, saved)
    if new.kind is DecisionKind.value and saved.kind is DecisionKind.confirmed:
        # that it is what was read is kept, and not told
        text = as_shown(field_type_of(known, new.path), new.value or "")
        return shown.model_copy(update={"kind": new.kind, "text": text})
    return shown


def as_kept(manifest: Manifest, new: NewDecision, types: Path | None) -> NewDecision:
    """What is said in the one form by which two can be compared: who types what was read confirms.

    Raises:
        InputRejected: the value cannot be one of that field.
    """
    if new.kind is not DecisionKind.value:
        return new
    value = tried(manifest, new.path, new.value or "", types).value
    if value == dict(manifest.walk())[new.path].value:
        return new.model_copy(update={"kind": DecisionKind.confirmed, "value": None})
    return new.model_copy(update={"value": value})


def forget(caller: Caller, rooms: Rooms, document_id: int, ids: Collection[int]) -> None:
    """Take one's own entries back, by the ids under which they are shown.

    Raises:
        Conflict, NotAllowed, NotFound: the caller may not.
    """
    _, document = reached(caller, Right.review, rooms.ledger, document_id)
    rooms.ledger.entries.undo(document.id, [-one for one in ids], caller.name)


def end_turn(caller: Caller, rooms: Rooms, document_id: int, *, seen: str) -> bool:
    """The caller has entered everything; whether the document waits for somebody else now.

    Said again it changes nothing.

    Raises:
        Conflict: ``flow.still_doubtful``; or somebody else is at it.
        NotAllowed, NotFound: the caller may not.
    """
    _, document = reached(caller, Right.review, rooms.ledger, document_id)
    try:
        found = own_turn(caller, rooms, document)
    except Conflict as error:
        if error.code != "storing.entered_once":
            raise
        return bool(_open(rooms, document, ()))
    if found is None or found[0].number == SETTLING:
        return False
    turn, manifest = found
    left = _open(rooms, document, turn.own, manifest)
    if left:
        names = ", ".join(f"{document.number}/{path}" for path in left)
        raise Conflict("flow.still_doubtful", count=len(left), fields=names)
    differ = rooms.ledger.entries.end(document.id, caller.name, based_on=seen)
    return turn.number == 1 or bool(differ)


def _open(
    rooms: Rooms, document: Document, own: Collection[str], manifest: Manifest | None = None
) -> list[str]:
    """Paths of doubts about which nothing is decided or entered by oneself."""
    if manifest is None:
        manifest = load_manifest(Workspace(rooms.work / str(document.id)), document, rooms.ledger)
    said = {one.path for one in rooms.ledger.standing_decisions(document)} | set(own)
    return [path for path in doubts_of(manifest, rooms.pass_unseen) if path not in said]


def standing_shown(
    caller: Caller,
    turn: Turn | None,
    known: DocumentType | None,
    decided: Mapping[str, StandingView],
    language: Language,
) -> dict[str, StandingView]:
    """What stands of a document's doubts for somebody: decisions, and what they have entered.

    Of what two entered alike it is not said who they are.
    """
    if turn is None:
        return dict(decided)
    two = word("entry_alike", language)
    shown = {
        path: one.model_copy(update={"by": two}) if path in turn.alike and not one.own else one
        for path, one in decided.items()
    }
    return shown | {path: standing_entry(caller, known, one) for path, one in turn.own.items()}


def standing_entry(caller: Caller, known: DocumentType | None, one: Entry) -> StandingView:
    """An entry as the page shows decisions; its id is below zero, for it is none yet."""
    typed = one.kind is DecisionKind.value
    kind = field_type_of(known, one.path)
    return StandingView(
        id=-one.id,
        kind=one.kind,
        text=as_shown(kind, one.value or "") if typed else None,
        by=caller.name.partition(":")[2] or caller.name,
        own=True,
        at=one.made_at,
    )
