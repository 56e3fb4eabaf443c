"""From a claim to store and ledger, before anything is done with it."""

import os

from flows.disposition import reject_folder
from flows.inbox import Claim, ClaimedFile, Inbox, claimed_files
from schemas.dossier import Stage, is_code, is_dossier_code
from schemas.errors import InputRejected
from schemas.messages import sentence
from storage import NewClaim, NewFile, Registered
from usecases.context import ACTOR, AppContext
from usecases.files import LARGEST_FILE, NO_CONTENT, fingerprint, is_own_file
from usecases.originals import SPECIAL, TOO_LARGE, Originals


def register(inbox: Inbox, context: AppContext, claim: Claim) -> Registered | None:
    """Enter ``claim`` in the ledger; None when it held no file and was rejected.

    Its files are in the store, held and read back, before the ledger knows of them: whichever host
    goes on needs nothing of this one. A crash before that leaves objects that the next try adopts.
    Doing it twice, after a crash between the two, is the same as once: the claim's identity and
    its provisional code are in its path.

    Raises:
        ServiceUnavailable: the store does not answer; the claim waits in the inbox.
    """
    inbox.gather(claim)
    files = [_new_file(context.originals, claim, file) for file in claimed_files(claim)]
    if not files:
        reject_folder(inbox.root, claim.path, claim.department, InputRejected("flow.empty_dossier"))
        return None
    context.objects.sync()
    wanted = claim.folder.strip()
    code = wanted if is_code(wanted) else _provisional(claim.claim_id)
    provisional = not is_dossier_code(code)
    warnings = (
        (sentence("flow.provisional_code", context.language, code=code),) if provisional else ()
    )
    return context.ledger.register(
        NewClaim(
            claim_id=claim.claim_id,
            department=claim.department,
            code=code,
            provisional=provisional,
            folder=claim.folder,
            files=tuple(files),
            warnings=warnings,
            inbox=inbox.name,
            actor=ACTOR,
        )
    )


def _provisional(claim_id: str) -> str:
    """``20261123T081500-7f3a2a9c`` gives ``TAM-261123-7F3A2A9C``."""
    moment, mark = claim_id.split("-")
    return f"TAM-{moment[2:8]}-{mark.upper()}"


def _new_file(originals: Originals, claim: Claim, file: ClaimedFile) -> NewFile:
    """What is no file of its own has no content that anybody may learn of."""
    path = claim.path / file.relative
    digest, size, media_type = NO_CONTENT, 0, None
    if not is_own_file(path):
        media_type = SPECIAL
    elif path.lstat().st_size > LARGEST_FILE:
        media_type = TOO_LARGE
    elif os.access(path, os.R_OK):
        digest, size = originals.keep(claim.claim_id, path)
    return NewFile(
        relative=file.relative,
        name=path.name,
        role=file.role,
        sha256=digest,
        bytes=size,
        media_type=media_type,
    )


def put_back(inbox: Inbox, context: AppContext, claim_id: str, department: str) -> None:
    """See that the store has the files of a claim that is entered and still lies in this inbox.

    For claims of earlier versions, and for a store that lost them. What is gone or changed here is
    passed over: a step that needs it says so.

    Raises:
        ServiceUnavailable: the store does not answer.
    """
    known = context.ledger.claim(claim_id)
    kept = context.objects.originals_kept(claim_id)
    for one in context.ledger.claimed(claim_id):
        if one.stage in {Stage.published, Stage.rejected} or one.source_sha256 in kept:
            continue
        path = inbox.source(claim_id, department, known.folder, one.relative)
        if one.source_bytes and fingerprint(path) == (one.source_sha256, one.source_bytes):
            context.originals.keep(claim_id, path)
            kept.add(one.source_sha256)
    if known.inbox != inbox.name:
        context.objects.sync()
        context.ledger.adopt_claim(claim_id, inbox.name)
