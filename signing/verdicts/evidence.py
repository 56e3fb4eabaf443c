# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What can be proven of each signature in a PDF: by which bytes, by whom, when, trusted by whom.

Time is proven backwards: the last document time stamp is judged now, each earlier one at the time
the next proves, a signature's own time stamp at the time of the first document time stamp after
it, and the signer's certificate at the earliest time so proven (ETSI EN 319 102-1, 5.6).
"""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import (
    cms_basic_validation,
    collect_timing_info,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    SignatureStatus,
    StandardCMSSignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from signing.keys.certificates import (
    meant_for_documents,
    name_in,
)
from signing.keys.trust import Trust
from signing.verdicts.changes import Coverage, coverage, removed_signatures
from signing.verdicts.claims import names_its_certificate, signing_digest
from signing.verdicts.legacy import (
    PKCS7_SHA1,
    RSA_SHA1,
    DetachedSignature,
    covers_digest,
    open_signature,
)
from signing.verdicts.material import Material
from signing.verdicts.opening import Encrypted, frame, open_pdf, run
from signing.verdicts.standing import standing
from signing.verdicts.structure import evidence_only, hidden_signatures, unambiguous, usage_rights
from signing.verdicts.views import TooMuch

__all__ = ["Encrypted", "Findings", "Proof", "TooMuch", "examine", "frame", "open_pdf", "run"]

_ANY_ALGORITHM = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())
"""Old algorithms are reported as weak, not as invalid."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a time stamp may lie after the moment by which it must have existed."""

CLAIM_TOLERANCE = timedelta(hours=24)
"""How far a signer's own clock may be off: wrong zones are common, wrong days are not."""

_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})

_KINDS = {
    SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value,
    SigSeedSubFilter.PADES.value,
    PKCS7_SHA1,
    RSA_SHA1,
}


_REVISIONS, _SIGNATURES = 500, 100
"""In one file. Every revision is held against the one before it, for every signature."""


@dataclass
class Proof:
    """One signature or document time stamp, with all that was found out about it."""

    field: str
    time_stamp: bool = False
    """A document time stamp, not a signature."""
    embedded: EmbeddedPdfSignature | DetachedSignature | None = None
    revision: int = 1 << 30
    coverage: Coverage | None = None
    digest_matches: bool = False
    """The signed bytes are those that were signed."""
    signature_valid: bool = False
    """The signer's key made this signature."""
    trusted: bool = False
    revoked: bool = False
    time: datetime | None = None
    time_source: str | None = None
    token: bool = False
    """It carries a sound time stamp of its own."""
    anchor: str | None = None
    """Name of the trust anchor its certificate leads to."""
    anchor_certificate: x509.Certificate | None = None
    indication: str | None = None
    """Why it is not trusted, as ETSI EN 319 102-1 calls it."""
    weak_chain: bool = False
    """A certificate on the way to the anchor has a short key, or was issued with an old hash."""
    revocation_known: bool = False
    evidence_embedded: bool = False
    findings: list[str] = dataclasses.field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Its bytes are unchanged, and what it covers is sound."""
        sound = self.coverage is not None and self.coverage.sound
        return self.digest_matches and self.signature_valid and sound


@dataclass
class Findings:
    """Everything about a file."""

    proofs: list[Proof]
    removed: bool
    """An earlier revision had a signature that is not there any more."""
    unexplained: bool = False
    """What was appended can be read in more than one way, or is more than evidence."""
    disguised: tuple[str, ...] = ()
    """What the pages show beyond what the objects say; see :mod:`signing.pictures`."""

    @property
    def signatures(self) -> list[Proof]:
        """Without document time stamps, in order of signing."""
        return [proof for proof in self.proofs if not proof.time_stamp]

    @property
    def time_stamps(self) -> list[Proof]:
        """Document time stamps, first to last."""
        return [proof for proof in self.proofs if proof.time_stamp]


async def examine(
    stream: IO[bytes], reader: PdfFileReader, trust: Trust, now: datetime
) -> Findings:
    """Find out everything about the signatures of an open file.

    Raises:
        TooMuch: it has more revisions or signatures than can be looked through.
    """
    if reader.xrefs.total_revisions > _REVISIONS:
        raise TooMuch
    proofs = _proofs(reader)
    if len(proofs) > _SIGNATURES:
        raise TooMuch
    material = Material.of(trust, reader)

    async def stamp(proof: Proof, moment: datetime) -> None:
        await _time_stamp(stream, proof, material, moment)

    async def signature(proof: Proof, moment: datetime, archived: bool) -> None:
        await _signature(stream, proof, material, moment, archived, now)

    await backwards(proofs, now, stamp, signature)
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
            proof.time_stamp = embedded.sig_object_type == "/DocTimeStamp"
            proof.revision = embedded.signed_revision
            _ = embedded.signer_cert
            proof.embedded = embedded
        except Exception:  # a signature that cannot be read is a finding, whatever the reason
            proof.findings.append("signature_unreadable")
        proofs.append(proof)
    return sorted(proofs, key=lambda proof: proof.revision)


async def _time_stamp(
    stream: IO[bytes], proof: Proof, material: Material, moment: datetime
) -> None:
    embedded = proof.embedded
    assert isinstance(embedded, EmbeddedPdfSignature)  # noqa: S101 - for the type checker
    try:
        proof.coverage = coverage(stream, embedded)
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    await judge_stamp(proof, material, moment)


async def judge_stamp(proof: Proof, material: Material, moment: datetime) -> None:
    """Find out when a time stamp was made, and whether that is to be believed.

    ``moment``: by when it must have existed.
    """
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    try:
        status = TimestampSignatureStatus(
            **await validate_tst_signed_data(
                embedded.signed_data,
                material.context(moment),
                embedded.compute_digest,
                algorithm_policy=_ANY_ALGORITHM,
            )
        )
        await _note(proof, status, material, moment)
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    if isinstance(embedded, DetachedSignature):
        proof.digest_matches = proof.digest_matches and embedded.unchanged
    proof.time, proof.time_source = _aware(status.timestamp), "archive"
    if proof.time > moment + CLOCK_TOLERANCE:
        proof.findings.append("time_impossible")
        proof.trusted = False


async def _signature(
    stream: IO[bytes],
    proof: Proof,
    material: Material,
    moment: datetime,
    archived: bool,
    now: datetime,
) -> None:
    embedded = proof.embedded
    assert isinstance(embedded, EmbeddedPdfSignature)  # noqa: S101 - for the type checker
    try:
        if str(embedded.sig_object.get("/SubFilter", "")) not in _KINDS:
            proof.findings.append("kind_unknown")
            return
        proof.coverage = coverage(stream, embedded)
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    await judge_cms(proof, material, moment, archived=archived, now=now)


async def judge_cms(
    proof: Proof, material: Material, moment: datetime, *, archived: bool, now: datetime
) -> None:
    """Find out who signed, when, and whether that is to be believed.

    Args:
        proof: a signature that could be read; what is found goes into it.
        material: what certificates are judged by.
        moment: by when it must have existed.
        archived: that moment is proven by a later time stamp.
        now: the present.
    """
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    try:
        timing = await collect_timing_info(
            embedded.signer_info,
            material.context(moment),
            raw_digest=embedded.compute_digest,
            algorithm_policy=_ANY_ALGORITHM,
        )
        token = timing.get("timestamp_validity")
        stamped = token is not None and (await standing(token, material, moment)).trusted
        _prove_time(proof, token, moment, archived, trusted=stamped)
        proven = proof.time if proof.time_source in {"timestamp", "archive"} else None
        enclosed = str(embedded.sig_object.get("/SubFilter", "")) == PKCS7_SHA1
        status = StandardCMSSignatureStatus(
            **await cms_basic_validation(
                embedded.signed_data,
                raw_digest=None if enclosed else embedded.compute_digest(),
                validation_context=material.context(proven or moment),
                status_kwargs=timing,
                key_usage_settings=_USAGE,
                algorithm_policy=_ANY_ALGORITHM,
            )
        )
        await _note(proof, status, material, proven or moment)
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    if isinstance(embedded, DetachedSignature):
        proof.digest_matches = proof.digest_matches and embedded.unchanged
    _doubt(proof, now)


async def _note(
    proof: Proof, status: SignatureStatus, material: Material, moment: datetime
) -> None:
    """Take over what is found of a signature's mathematics and of its certificate."""
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    proof.digest_matches, proof.signature_valid = status.intact, status.valid
    if isinstance(embedded, EmbeddedPdfSignature) and embedded.sig_object.get("/SubFilter") == (
        PKCS7_SHA1
    ):
        proof.digest_matches = status.intact and covers_digest(embedded)
    named = signing_digest(embedded.signer_info)
    if named not in {None, str(embedded.md_algorithm)}:
        proof.findings.append("algorithms_differ")
    found = await standing(status, material, moment, digest=named)
    proof.trusted, proof.revoked, proof.indication = found.trusted, found.revoked, found.indication
    proof.revocation_known, proof.evidence_embedded = found.known, found.embedded
    proof.weak_chain, proof.anchor_certificate = found.weak, found.anchor
    proof.anchor = None if found.anchor is None else name_in(found.anchor.subject)
    if found.finding is not None:
        proof.findings.append(found.finding)


def _doubt(proof: Proof, now: datetime) -> None:
    """What takes away the trust in a signer although the path to an anchor is good."""
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    certificate = embedded.signer_cert
    if not names_its_certificate(embedded):
        proof.findings.append("certificate_unnamed")
        proof.trusted, proof.indication = False, "SIG_CONSTRAINTS_FAILURE"
    if not meant_for_documents(certificate):
        proof.findings.append("certificate_usage")
        proof.trusted, proof.indication = False, "CHAIN_CONSTRAINTS_FAILURE"
    claimed = None
    with suppress(Exception):
        claimed = _aware(embedded.self_reported_timestamp)
    if claimed is None or proof.time is None:
        return
    if proof.time_source != "claimed":
        if abs(claimed - proof.time) > CLAIM_TOLERANCE:
            proof.findings.append("claim_differs")
        return
    begins, ends = certificate.not_valid_before, certificate.not_valid_after
    if not begins - CLAIM_TOLERANCE <= claimed <= min(ends, now) + CLAIM_TOLERANCE:
        proof.findings.append("claim_impossible")
        proof.trusted, proof.indication = False, proof.indication or "SIG_CONSTRAINTS_FAILURE"


def _prove_time(
    proof: Proof,
    token: TimestampSignatureStatus | None,
    moment: datetime,
    archived: bool,
    *,
    trusted: bool,
) -> None:
    """The time of signing, by the best proof there is; ``trusted``: the token's issuer is."""
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    if token is not None:
        proof.token = bool(token.intact and token.valid)
        if not proof.token:
            proof.findings.append("time_stamp_broken")
        elif _aware(token.timestamp) > moment + CLOCK_TOLERANCE:
            proof.findings.append("time_impossible")
        elif trusted:
            proof.time, proof.time_source = _aware(token.timestamp), "timestamp"
            return
        else:
            proof.findings.append("time_stamp_untrusted")
    if archived:
        proof.time, proof.time_source = moment, "archive"
        return
    claimed = None
    with suppress(Exception):
        claimed = embedded.self_reported_timestamp
    if claimed is not None:
        proof.time, proof.time_source = _aware(claimed), "claimed"


def _aware(time: Any) -> datetime:
    """A time with a zone."""
    aware: datetime = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return aware
