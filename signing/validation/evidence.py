# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What can be proven of each signature in a PDF: by which bytes, by whom, when, trusted by whom.

Time is proven backwards: the last document time stamp is judged now, each earlier one at the time
the next proves, a signature's own time stamp at the time of the first document time stamp after
it, and the signer's certificate at the earliest time so proven (ETSI EN 319 102-1, 5.6).
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import IO, Any

from pyhanko.pdf_utils.generic import IndirectObject, pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.keys.trust import Trust
from signing.validation.changes import coverage, removed_signatures
from signing.validation.cms_validation import validate_cms, validate_time_stamp
from signing.validation.integrity import (
    known_digest,
)
from signing.validation.known import Known
from signing.validation.legacy import (
    PKCS7_SHA1,
    RSA_SHA1,
    open_signature,
)
from signing.validation.opening import Encrypted, frame, open_pdf, run
from signing.validation.proof import Findings, Proof
from signing.validation.structure import evidence_only, hidden_signatures, unambiguous, usage_rights
from signing.validation.validation_material import Material
from signing.validation.views import TooMuch

__all__ = ["Encrypted", "Findings", "Proof", "TooMuch", "examine", "frame", "open_pdf", "run"]

_KINDS = {
    SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value,
    SigSeedSubFilter.PADES.value,
    PKCS7_SHA1,
    RSA_SHA1,
}


_REVISIONS, _SIGNATURES = 500, 100
"""In one file. Every revision is held against the one before it, for every signature."""


async def examine(
    stream: IO[bytes],
    reader: PdfFileReader,
    trust: Trust,
    now: datetime,
    known: Known | None = None,
) -> Findings:
    """Find out everything about the signatures of an open file.

    ``known``: what was found out about the same certificates before, for files of our own.

    Raises:
        TooMuch: it has more revisions or signatures than can be looked through.
    """
    if reader.xrefs.total_revisions > _REVISIONS:
        raise TooMuch
    proofs = _proofs(reader)
    if len(proofs) > _SIGNATURES:
        raise TooMuch
    recalled = None if known is None else known.recall(proofs, reader, trust, now)

    @cache
    def material() -> Material:
        held = [proof.embedded.signed_data for proof in proofs if proof.embedded is not None]
        return Material.of(trust, reader, held)

    async def stamp(proof: Proof, moment: datetime) -> None:
        if _covers(stream, proof) and not (recalled and recalled.stamp(proof, moment)):
            await validate_time_stamp(proof, material(), moment)

    async def signature(proof: Proof, moment: datetime, archived: bool) -> None:
        if _covers(stream, proof) and not (recalled and recalled.signature(proof, moment)):
            await validate_cms(proof, material(), moment, archived=archived, now=now)

    await backwards(proofs, now, stamp, signature)
    if known is not None and recalled is None:
        known.learn(proofs, reader, trust, now)
    read = [proof for proof in proofs if proof.embedded is not None]
    ranges = {tuple(map(int, proof.embedded.byte_range)) for proof in read if proof.embedded}
    removed = removed_signatures(reader)
    if len(read) == len(proofs):  # else it is broken anyhow, and those are not known
        removed = removed or hidden_signatures(stream, ranges | usage_rights(reader))
    return Findings(proofs, removed, unexplained=bool(read) and not _explained(reader, read))


async def backwards(
    proofs: Sequence[Proof],
    now: datetime,
    stamp: Callable[[Proof, datetime], Awaitable[None]],
    signature: Callable[[Proof, datetime, bool], Awaitable[None]],
) -> None:
    """Judge what could be read, the last first, each by the time that the later ones prove.

    Args:
        proofs: in order of their revisions.
        now: the present.
        stamp: judges a time stamp, given by when it must have existed.
        signature: judges a signature, given the same and whether a time stamp proves that.
    """
    proven: list[tuple[int, datetime]] = []
    for proof in reversed(proofs):
        if proof.time_stamp and proof.embedded is not None:
            await stamp(proof, min((time for _, time in proven), default=now))
            if proof.trusted and proof.intact and proof.time is not None:
                proven.append((proof.revision, proof.time))
    for proof in proofs:
        if not proof.time_stamp and proof.embedded is not None:
            after = [time for revision, time in proven if revision > proof.revision]
            await signature(proof, min(after, default=now), bool(after))


def _explained(reader: PdfFileReader, read: list[Proof]) -> bool:
    """Whether what follows the first signature is clear, and what follows the last is evidence."""
    if all(proof.coverage is not None and proof.coverage.whole_file for proof in read):
        return True  # nothing follows, in whatever order the sections stand
    first = min(read, key=lambda proof: proof.revision)
    end = 0 if first.coverage is None else first.coverage.end
    if not unambiguous(reader, first.revision, end):
        return False
    last = max(read, key=lambda proof: proof.revision)
    if last.coverage is not None and last.coverage.filled:
        return True
    with suppress(Exception):
        return evidence_only(reader, last.revision)
    return False


def _proofs(reader: PdfFileReader) -> list[Proof]:
    proofs = []
    for name, _, sig_field in enumerate_sig_fields(reader, filled_status=True):
        proof = Proof(str(name))
        try:
            embedded = open_signature(reader, sig_field, str(name))
            proof.time_stamp = _is_time_stamp(reader, sig_field, embedded)
            proof.revision = embedded.signed_revision
            _ = embedded.signer_cert
            proof.embedded = embedded
        except Exception:  # a signature that cannot be read is a finding, whatever the reason
            proof.findings.append("signature_unreadable")
        proofs.append(proof)
    return sorted(proofs, key=lambda proof: proof.revision)


def _is_time_stamp(reader: PdfFileReader, sig_field: Any, embedded: EmbeddedPdfSignature) -> bool:
    """Whether a signature is a document time stamp, also where its ``/Type`` is left out.

    ISO 32000-2, table 255, has the type optional; the sub-filter tells. pyHanko's rules for what
    may be appended go by the type, so it is put in wherever they look.
    """
    held = embedded.sig_object
    kind = str(held.get("/SubFilter", ""))
    if "/Type" in held or kind != SigSeedSubFilter.ETSI_RFC3161.value:
        return bool(embedded.sig_object_type == "/DocTimeStamp")
    place = sig_field.get_object().raw_get("/V")
    seen = [held]
    if isinstance(place, IndirectObject):
        for revision in range(embedded.signed_revision, reader.xrefs.total_revisions):
            with suppress(Exception):
                seen.append(reader.get_historical_resolver(revision).get_object(place.reference))
    for one in seen:
        one[pdf_name("/Type")] = pdf_name("/DocTimeStamp")
    return True


def _covers(stream: IO[bytes], proof: Proof) -> bool:
    """Find out what a signature covers, and what came after it; whether it can be judged at all."""
    embedded = proof.embedded
    assert isinstance(embedded, EmbeddedPdfSignature)  # noqa: S101 - for the type checker
    try:
        if not proof.time_stamp and str(embedded.sig_object.get("/SubFilter", "")) not in _KINDS:
            proof.findings.append("kind_unknown")
            return False
        _digest_known(embedded)
        proof.coverage = coverage(stream, embedded)
    except Exception:
        proof.findings.append("signature_unreadable")
        return False
    return True


def _digest_known(embedded: EmbeddedPdfSignature) -> None:
    """Let pyHanko look at what follows a signature whose hash it cannot compute."""
    name = embedded.external_md_algorithm
    if not known_digest(name):
        embedded.external_digests[name] = b""
