"""Trust in what is kept: what was found wrong, whether the ledger agrees with itself, and an
operator's statement that it may be trusted again."""

from collections.abc import Callable

from schemas.errors import InputRejected
from schemas.messages import Language, sentence
from schemas.views import FindingView, TrustView
from signing import Trust
from storage import Dossier, LedgerAccepted, LedgerFinding
from usecases.caller import Caller, Right, permit
from usecases.fixity import FOLDER, Archive, FixityProgress, Seen, look_through, unseen
from usecases.rooms import Rooms


def findings(
    caller: Caller, rooms: Rooms, dossier: Dossier | None = None
) -> tuple[FindingView, ...]:
    """What was found wrong and is neither mended nor accepted, oldest first.

    Args:
        caller: who asks; they see what is wrong with dossiers of their departments.
        rooms: the ledger.
        dossier: with this one alone.

    Raises:
        NotAllowed: they may look at nothing.
    """
    permit(caller, Right.look)
    found = rooms.ledger.findings(dossier.id if dossier else None)
    return tuple(
        _view(one, rooms.language) for one in found if _theirs(caller, rooms, one.dossier_id)
    )


def examine(
    caller: Caller, rooms: Rooms, *, seen: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Look at the whole event log and every dossier's rows; what is wrong becomes a finding.

    Args:
        caller: who wants it.
        rooms: the ledger.
        seen: told how many dossiers were looked at, of how many.

    Raises:
        NotAllowed: they do not keep the office running.
    """
    permit(caller, Right.operate)
    rooms.ledger.examine(seen=seen)


def look_through_store(
    caller: Caller, rooms: Rooms, trusted: Trust, *, seen: Seen = unseen
) -> FixityProgress:
    """Look at every object in the store, from where an operator's last look stopped.

    Args:
        caller: who wants it.
        rooms: the ledger and the store.
        trusted: whose signatures count.
        seen: told after each dossier.

    Raises:
        NotAllowed: they do not keep the office running.
        ServiceUnavailable: the store is away, or another look is under way.
    """
    permit(caller, Right.operate)
    archive = Archive(
        ledger=rooms.ledger,
        objects=rooms.objects(),
        trust=trusted,
        folder=rooms.work / FOLDER,
        clock=rooms.clock,
    )
    return look_through(archive, name="operator", seen=seen)


def check(caller: Caller, rooms: Rooms) -> TrustView:
    """Look at the whole ledger, and say what in it forbids signing.

    Raises:
        NotAllowed: they do not keep the office running.
    """
    examine(caller, rooms)
    wrong = tuple(_view(one, rooms.language) for one in rooms.ledger.findings() if one.stops)
    report = rooms.ledger.verify_chain()
    return TrustView(events=report.events, trusted=not wrong, wrong=wrong)


def answer(caller: Caller, rooms: Rooms, reason: str, *, restore: bool) -> LedgerAccepted:
    """The ledger may be trusted again: as it stands, or with rows set back to their events.

    Args:
        caller: who says so.
        rooms: the ledger.
        reason: kept in the ledger for ever; it must name nobody.
        restore: set rows back instead of taking them as they stand.

    Raises:
        NotAllowed: they do not keep the office running.
        InputRejected: ``usecase.no_reason``.
        Conflict: a row is beyond repair; see :meth:`storage.Ledger.accept`.
    """
    permit(caller, Right.operate)
    words = " ".join(reason.split())
    if not words:
        raise InputRejected("usecase.no_reason")
    return rooms.ledger.accept(words, caller.name, restore=restore)


def _theirs(caller: Caller, rooms: Rooms, dossier_id: int | None) -> bool:
    if caller.departments is None:
        return True
    if dossier_id is None:
        return False
    return rooms.ledger.dossier_by_id(dossier_id).department in caller.departments


def _view(one: LedgerFinding, language: Language) -> FindingView:
    said = sentence(f"finding.{one.code}", language, place=one.place)
    return FindingView(**one.model_dump(exclude={"ended_at"}), sentence=said)
