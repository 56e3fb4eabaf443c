"""Trying again what failed, or what was lost under review."""

from schemas.views import RetriedView
from usecases.caller import Caller, Right
from usecases.dossiers import find_dossier
from usecases.remaking import lost_in_review
from usecases.rooms import Rooms


def retry(caller: Caller, rooms: Rooms, code: str, *, department: str | None = None) -> RetriedView:
    """Take up the failed documents of a dossier again, and read those whose manifest is lost.

    Raises:
        NotAllowed: they may try nothing again.
        NotFound: there is no such dossier, or it is not theirs.
        Conflict: several of their departments have it, or somebody was faster.
    """
    ledger = rooms.ledger
    dossier = find_dossier(caller, Right.retry, ledger, code, department)
    seen = ledger.documents(dossier.id)
    again = [
        ledger.begin_again(lost.id, lost.manifest_sha256 or "", caller.name)
        for lost in lost_in_review(ledger, rooms.work, dossier)
    ]
    again += ledger.retry(dossier.id, caller.name, seen=seen)
    return RetriedView(dossier=code, retried=tuple(document.number for document in again))
