"""From a claim to the ledger: every file is hashed and entered before anything is done with it."""

from flows.disposition import reject_folder
from flows.inbox import Claim, ClaimedFile, Inbox, claimed_files
from schemas.dossier import is_code, is_dossier_code
from schemas.errors import InputRejected
from schemas.messages import Language, sentence
from storage import Ledger, NewClaim, NewFile, Registered
from usecases.context import ACTOR
from usecases.files import NO_CONTENT, fingerprint, is_own_file


def register(inbox: Inbox, ledger: Ledger, claim: Claim, language: Language) -> Registered | None:
    """Enter ``claim`` in the ledger; None when it held no file and was turned away.

    Doing it twice, after a crash between the two, is the same as once: the claim's identity and
    its provisional code are in its path.
    """
    inbox.gather(claim)
    files = [_new_file(claim, file) for file in claimed_files(claim)]
    if not files:
        reject_folder(inbox.root, claim.path, claim.department, InputRejected("flow.empty_dossier"))
        return None
    wanted = claim.folder.strip()
    code = wanted if is_code(wanted) else _provisional(claim.claim_id)
    provisional = not is_dossier_code(code)
    warnings = (sentence("flow.provisional_code", language, code=code),) if provisional else ()
    return ledger.register(
        NewClaim(
            claim_id=claim.claim_id,
            department=claim.department,
            code=code,
            provisional=provisional,
            folder=claim.folder,
            files=tuple(files),
            warnings=warnings,
            actor=ACTOR,
        )
    )


def _provisional(claim_id: str) -> str:
    """``20261123T081500-7f3a2a9c`` gives ``TAM-261123-7F3A2A9C``."""
    moment, mark = claim_id.split("-")
    return f"TAM-{moment[2:8]}-{mark.upper()}"


def _new_file(claim: Claim, file: ClaimedFile) -> NewFile:
    """What is no file of its own has no content that anybody may learn of."""
    path = claim.path / file.relative
    digest, size = fingerprint(path) if is_own_file(path) else (NO_CONTENT, 0)
    return NewFile(
        relative=file.relative, name=path.name, role=file.role, sha256=digest, bytes=size
    )
