# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""One signature or one time stamp by itself: whether it holds, who made it, when, to be believed?

Where a certificate or an algorithm is past understanding, the mathematics are judged alone
(:mod:`signing.validation.integrity`): what cannot be explained is said as that, not as damage.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

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

from signing.keys.certificates import meant_for_documents, name_in
from signing.validation.certificate_status import certificate_status
from signing.validation.claims import names_its_certificate, signing_digest
from signing.validation.integrity import (
    enclosed_digest,
    integrity,
    refuse_unknown,
    stamp_integrity,
    tokens_of,
    tokens_sound,
)
from signing.validation.legacy import PKCS7_SHA1, DetachedSignature, covers_digest
from signing.validation.proof import Proof
from signing.validation.validation_material import Material

_ANY_ALGORITHM = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())
"""Old algorithms are reported as weak, not as invalid."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a time stamp may lie after the moment by which it must have existed."""

CLAIM_TOLERANCE = timedelta(hours=24)
"""How far a signer's own clock may be off: wrong zones are common, wrong days are not."""

_USAGE = KeyUsageConstraints(key_usage=None)
"""What a certificate may be used for is judged by :func:`meant_for_documents`: pyHanko asks for the
extension itself, which RFC 5280, 4.2.1.3 only asks of authorities."""


async def validate_time_stamp(proof: Proof, material: Material, moment: datetime) -> None:
    """Find out when a time stamp was made, and whether that is to be believed.

    ``moment``: by when it must have existed.
    """
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    try:
        refuse_unknown(embedded.signer_info, embedded.signer_cert)
        status = TimestampSignatureStatus(
            **await validate_tst_signed_data(
                embedded.signed_data,
                material.context(moment),
                embedded.compute_digest,
                algorithm_policy=_ANY_ALGORITHM,
            )
        )
        await _note(proof, status, material, moment)
        made = aware(status.timestamp)
    except Exception:  # of the certificate, or of the time stamp itself
        try:
            found, time = stamp_integrity(embedded.signed_data, embedded.compute_digest)
        except Exception:
            proof.findings.append("signature_unreadable")
            return
        proof.take(found)
        made = aware(time)
    if isinstance(embedded, DetachedSignature):
        proof.digest_matches = proof.digest_matches and embedded.unchanged
    proof.time, proof.time_source = made, "archive"
    if proof.time > moment + CLOCK_TOLERANCE:
        proof.findings.append("time_impossible")
        proof.trusted = False


async def validate_cms(
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
    enclosed = str(embedded.sig_object.get("/SubFilter", "")) == PKCS7_SHA1
    timing = await _timing(proof, material, moment, archived)
    proven = proof.time if proof.time_source in {"timestamp", "archive"} else None
    try:
        refuse_unknown(embedded.signer_info, embedded.signer_cert)
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
    except Exception:  # of the certificate's path, of an algorithm, or of the signature itself
        held = embedded.signed_data
        digest = (lambda: enclosed_digest(held)) if enclosed else embedded.compute_digest
        try:
            proof.take(integrity(held, digest, enclosed=enclosed))
        except Exception:
            proof.findings.append("signature_unreadable")
            return
        if enclosed and isinstance(embedded, EmbeddedPdfSignature):
            proof.digest_matches = proof.digest_matches and covers_digest(embedded)
    if isinstance(embedded, DetachedSignature):
        proof.digest_matches = proof.digest_matches and embedded.unchanged
    doubt(proof, now)


async def _timing(
    proof: Proof, material: Material, moment: datetime, archived: bool
) -> dict[str, Any]:
    """Find out when it was signed, by the signature's own time stamp where there is a good one.

    A time stamp whose certificate is past understanding proves nothing, and breaks nothing.
    """
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    timing: dict[str, Any] = {}
    token, stamped = None, False
    try:
        timing = await collect_timing_info(
            embedded.signer_info,
            material.context(moment),
            raw_digest=embedded.compute_digest,
            algorithm_policy=_ANY_ALGORITHM,
        )
        token = timing.get("timestamp_validity")
        stamped = token is not None and (await certificate_status(token, material, moment)).trusted
    except Exception:
        token, timing = None, {}
        proof.token = tokens_sound(embedded.signer_info)
        if tokens_of(embedded.signer_info):
            proof.findings.append("time_stamp_untrusted" if proof.token else "time_stamp_broken")
    _prove_time(proof, token, moment, archived, trusted=stamped)
    return timing


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
    found = await certificate_status(status, material, moment, digest=named)
    proof.trusted, proof.revoked, proof.indication = found.trusted, found.revoked, found.indication
    proof.revocation_known, proof.evidence_embedded = found.known, found.embedded
    proof.weak_chain, proof.anchor_certificate = found.weak, found.anchor
    proof.anchor = None if found.anchor is None else name_in(found.anchor.subject)
    if found.finding is not None:
        proof.findings.append(found.finding)


def doubt(proof: Proof, now: datetime) -> None:
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
        claimed = aware(embedded.self_reported_timestamp)
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
        elif aware(token.timestamp) > moment + CLOCK_TOLERANCE:
            proof.findings.append("time_impossible")
        elif trusted:
            proof.time, proof.time_source = aware(token.timestamp), "timestamp"
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
        proof.time, proof.time_source = aware(claimed), "claimed"


def aware(time: Any) -> datetime:
    """A time with a zone."""
    aware: datetime = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return aware
