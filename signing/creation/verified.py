"""What was signed is verified before it is handed out, as strictly as anybody would.

Signing writes into files of all kinds, and 19 of 143 from the wild were then not valid by our own
word. So a file is put into its place only after it was judged: valid, or the signatures that were
there before no worse for ours. Whatever else comes out, nothing is written.
"""

import asyncio
from datetime import datetime
from pathlib import Path

from schemas.errors import InputRejected
from schemas.verdict import FileVerdict, SignatureReport, Verdict
from signing.keys.trust import Trust
from signing.validation.known import Known
from signing.validation.pictures import differences
from signing.validation.same_pages import plainly_same
from signing.validation.validation_result import validate
from signing.validation.verify import verify, without_pictures

GOOD = (Verdict.valid, Verdict.valid_weak)
_BEARABLE = (*GOOD, Verdict.intact_untrusted)
"""Verdicts on a file that somebody else signed, with which it may be signed once more."""

_NO_HARM = frozenset({"signed_again", "partly_compared", "revocation_unknown"})
"""Findings about an earlier signature that a further one brings with it."""


class Verified:
    """Verifies files that were just signed. For one event loop, whose thread PDFium is used in."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known = Known()

    async def before(self, source: Path, trust: Trust, now: datetime) -> FileVerdict:
        """The verdict on a file that bears signatures already.

        Raises:
            InputRejected: it was altered or is damaged, and is not to be signed.
        """
        verdict = await asyncio.to_thread(verify, source, trust, at=now)
        if verdict.verdict not in (*_BEARABLE, Verdict.unsigned):
            raise InputRejected("signing.source_not_intact")
        return verdict

    async def after(
        self,
        path: Path,
        trust: Trust,
        now: datetime,
        *,
        field: str,
        before: FileVerdict | None = None,
    ) -> None:
        """Judge what was signed, in the field of this name.

        Args:
            path: the file, not yet in its place.
            trust: whom our own signatures lead to.
            now: the moment it was signed.
            field: name of the new signature's field.
            before: the verdict on what it was, where that bore signatures.

        Raises:
            InputRejected: it is not valid, or an earlier signature is worse for it.
        """
        if before is None:
            verdict = await self._own(path, trust, now)
        else:
            verdict = await asyncio.to_thread(verify, path, trust, at=now)
        if not _stands(verdict, field) or not _no_worse(before, verdict, field):
            raise InputRejected("signing.signed_not_valid")

    async def _own(self, path: Path, trust: Trust, now: datetime) -> FileVerdict:
        """The verdict on a file that nobody signed before: judged in full, drawn only if needed."""
        verdict, revisions = await asyncio.to_thread(
            without_pictures, path, trust, self._known, now
        )
        if verdict.verdict not in GOOD or not revisions:
            return verdict
        with path.open("rb") as stream:
            if plainly_same(stream, [one.end for one in revisions]):
                return verdict
            if not await asyncio.to_thread(differences, stream, revisions):
                return verdict
        return await asyncio.to_thread(verify, path, trust, at=now)

    async def container(self, path: Path, trust: Trust, now: datetime) -> None:
        """Judge an ASiC-E container that was just made.

        Raises:
            InputRejected: it is not valid.
        """
        outcome = await asyncio.to_thread(validate, path, trust, at=now)
        if outcome.verdict.verdict not in GOOD:
            raise InputRejected("signing.container_not_valid")


def _stands(verdict: FileVerdict, field: str) -> bool:
    """Whether the signature in a field is intact, trusted, and nothing else is to be said of it."""
    found = [one for one in verdict.signatures if one.field == field]
    return len(found) == 1 and _unblemished(found[0])


def _unblemished(own: SignatureReport) -> bool:
    return (
        own.intact
        and own.trusted
        and not own.revoked
        and own.covers_whole_file
        and set(own.findings) <= {*_NO_HARM, "weak_algorithm"}
    )


def _no_worse(before: FileVerdict | None, after: FileVerdict, field: str) -> bool:
    """Whether earlier signatures keep their verdict, and the file is as good as it was."""
    if before is None or not before.signatures:
        return after.verdict in GOOD
    if after.verdict not in _BEARABLE or _BEARABLE.index(after.verdict) > max(
        _BEARABLE.index(before.verdict), _BEARABLE.index(Verdict.valid_weak)
    ):
        return False
    earlier = {one.field: one for one in before.signatures}
    now = {one.field: one for one in after.signatures if one.field != field}
    return earlier.keys() == now.keys() and all(_kept(earlier[name], now[name]) for name in earlier)


def _kept(was: SignatureReport, now: SignatureReport) -> bool:
    same = (was.intact, was.trusted, was.revoked) == (now.intact, now.trusted, now.revoked)
    return same and set(now.findings) <= set(was.findings) | _NO_HARM
