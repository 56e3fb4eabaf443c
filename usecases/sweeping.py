"""What work on dossiers left behind: objects of claims that ended, folders of other hosts' work.

A claim takes its own with it when its host closes it. Left over is what a crash or an absent store
kept from that, and the folders of hosts that took a step of another host's dossier.
"""

from datetime import datetime, timedelta
from shutil import rmtree

from schemas.errors import NotFound
from usecases.context import AppContext
from usecases.originals import FOLDER

UNENTERED = timedelta(days=2)
"""Age of objects of a claim that the ledger does not know: its host was cut off, or is away."""
ABSENT = timedelta(days=7)
"""Age of a claim that is through and whose host does not come to close it."""


def sweep_work(context: AppContext) -> int:
    """Remove the work of claims that have ended, from the store and this host's folder.

    Returns:
        Of how many claims something was left.

    Raises:
        ServiceUnavailable: the store does not answer.
    """
    here = context.work / FOLDER
    kept = set(context.objects.claims_kept())
    kept |= {one.name for one in here.iterdir()} if here.is_dir() else set()
    ended = [claim_id for claim_id in sorted(kept) if _ended(context, claim_id)]
    for claim_id in ended:
        context.originals.forget(claim_id)
    _sweep_folders(context)
    return len(ended)


def _ended(context: AppContext, claim_id: str) -> bool:
    now = context.clock()
    try:
        claim = context.ledger.claim(claim_id)
    except NotFound:
        return now - _taken_at(claim_id, now) > UNENTERED
    if claim.closed_at is not None:
        return True
    if now - claim.created_at < ABSENT:
        return False
    return all(one.stage.through for one in context.ledger.claimed(claim_id))


def _taken_at(claim_id: str, now: datetime) -> datetime:
    """When a claim was made, as its identifier says; now for one that does not."""
    try:
        moment = datetime.strptime(claim_id.partition("-")[0], "%Y%m%dT%H%M%S")
    except ValueError:
        return now
    return moment.replace(tzinfo=now.tzinfo)


def _sweep_folders(context: AppContext) -> None:
    """Documents that are through on another host need no folder here."""
    for folder in context.work.iterdir():
        if folder.name.isdecimal():
            try:
                through = context.ledger.document(int(folder.name)).stage.through
            except NotFound:
                continue
            if through:
                rmtree(folder, ignore_errors=True)
