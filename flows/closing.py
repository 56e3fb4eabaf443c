"""Closing claims: what became of their documents, as the clerks of this host's inbox see it.

Only the host whose inbox it is moves files, and only when the ledger says what became of them;
steps never touch an inbox.
"""

import logging
import shutil
from contextlib import suppress
from pathlib import Path

from flows.disposition import finish_claim, reject_file, was_rejected
from flows.inbox import Inbox
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected, NotFound, ServiceUnavailable
from storage import Claim, Document, Dossier
from usecases.context import ACTOR, AppContext

log = logging.getLogger(__name__)


def tend(context: AppContext, inbox: Inbox, claim: Claim) -> None:
    """Give back what was rejected; when all is through, give the rest to ``done/`` and close.

    What is worked on ends with the claim. Doing it twice is the same as once.
    """
    documents = context.ledger.claimed(claim.claim_id)
    dossier = context.ledger.dossier_by_id(claim.dossier_id)
    folder = inbox.source(claim.claim_id, dossier.department, claim.folder, ".")
    through = all(one.stage.through for one in documents)
    if through:
        _take_out_again(context, inbox, dossier, folder, documents)
    for one in documents:
        if one.stage is Stage.rejected and one.part_of is None:
            reason = InputRejected(one.error_code or "", **one.error_params)
            source = folder / one.relative
            reject_file(inbox.root, source, dossier.department, dossier.code, reason)
    if not through:
        return
    finish_claim(inbox.root, folder, dossier.department, dossier.code)
    context.ledger.close_claim(claim.claim_id, ACTOR)
    try:
        context.originals.forget(claim.claim_id)
    except ServiceUnavailable as error:  # the nightly look removes it
        log.warning("%s: its work objects are left for the night: %s", dossier.code, error)


def _take_out_again(
    context: AppContext, inbox: Inbox, dossier: Dossier, folder: Path, documents: list[Document]
) -> None:
    """Write what lay inside files beside them, as clerks find it in ``done/`` and ``rejected/``.

    Whichever host took it out put it into the store. Only as long as the file that it lay in is
    here: after a crash, what has been moved on is not written again.
    """
    by_id = {one.id: one for one in documents}
    for one in documents:
        outermost, path = one, folder / one.relative
        while outermost.attached_to in by_id:
            outermost = by_id[outermost.attached_to]
        if outermost is one or one.part_of is not None or path.exists():
            continue
        if not (folder / outermost.relative).exists():
            continue
        if was_rejected(inbox.root, path.name, dossier.department, dossier.code, one.source_sha256):
            continue
        with suppress(NotFound, Conflict):
            content = context.originals.path(one)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{one.id}.part")
            shutil.copyfile(content, draft)
            draft.replace(path)
