# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What can be proven of each signature in a PDF: by which bytes, by whom, when, trusted by whom.

Time is proven backwards: the last document time stamp is judged now, each earlier one at the time
the next proves, a signature's own time stamp at the time of the first document time stamp after
it, and the signer's certificate at the earliest time so proven (ETSI EN 319 102-1, 5.6).
"""

import asyncio
import dataclasses
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any, TypeVar

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import (
    cms_basic_validation,
    collect_timing_info,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from signing.changes import Coverage, coverage, removed_signatures
from signing.trust import Trust

_ANY_ALGORITHM = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())
"""Old algorithms are reported as weak, not as invalid."""

_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        RevocationCheckingRule.CHECK_IF_DECLARED_SOFT, RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
    ),
    freshness=timedelta(days=365 * 200),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Offline, the CRLs at hand are what there is: their age does not count, what they say does."""

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a time stamp may lie after the moment by which it must have existed."""

_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})

_HEADER_WITHIN = 1024  # bytes a reader searches for %PDF- (ISO 32000-1, annex H.3.4.1)
_TRAILER_WITHIN = 65536  # bytes at the end searched for startxref; 1024 by the same annex

_T = TypeVar("_T")


@dataclass
class Proof:
    """One signature or document time stamp, with all that was found out about it."""

    field: str
    time_stamp: bool = False
    """A document time stamp, not a signature."""
    embedded: EmbeddedPdfSignature | None = None
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

    @property
    def signatures(self) -> list[Proof]:
        """Without document time stamps, in order of signing."""
        return [proof for proof in self.proofs if not proof.time_stamp]

    @property
    def time_stamps(self) -> list[Proof]:
        """Document time stamps, first to last."""
        return [proof for proof in self.proofs if proof.time_stamp]


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end, also where an event loop runs in this thread already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    results: list[_T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as exc:
            errors.append(exc)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class Encrypted(Exception):
    """The file wants a password."""


def frame(stream: IO[bytes]) -> bool:
    """Whether the stream has a PDF's beginning and end where readers look for them.

    Asked before pyHanko is: it walks back from the end of the file byte by byte, for minutes in a
    sparse file of 2 GB.
    """
    stream.seek(0)
    begins = b"%PDF-" in stream.read(_HEADER_WITHIN)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TRAILER_WITHIN))
    ends = b"startxref" in stream.read()
    stream.seek(0)
    return begins and ends


def open_pdf(stream: IO[bytes]) -> PdfFileReader:
    """A reader that takes what readers of the wild take.

    Raises:
        Encrypted: a password is needed.
        Exception: of many kinds, when it is no PDF.
    """
    if not frame(stream):
        raise ValueError("not a PDF")
    reader = PdfFileReader(stream, strict=False)
    if reader.encrypted:
        outcome = reader.decrypt("")
        if outcome.status.name == "FAILED":
            raise Encrypted
    _ = reader.root["/Pages"]
    return reader


async def examine(
    stream: IO[bytes], reader: PdfFileReader, trust: Trust, now: datetime
) -> Findings:
    """Find out everything about the signatures of an open file."""
    proofs = _proofs(reader)
    material = _Material(reader, trust)
    proven: list[tuple[int, datetime]] = []
    for proof in reversed(proofs):
        if proof.time_stamp and proof.embedded is not None:
            await _time_stamp(stream, proof, material, min((t for _, t in proven), default=now))
            if proof.trusted and proof.intact and proof.time is not None:
                proven.append((proof.revision, proof.time))
    for proof in proofs:
        if not proof.time_stamp and proof.embedded is not None:
            after = [time for revision, time in proven if revision > proof.revision]
            await _signature(stream, proof, material, min(after, default=now), bool(after))
    return Findings(proofs, removed_signatures(reader))


def _proofs(reader: PdfFileReader) -> list[Proof]:
    proofs = []
    for name, _, sig_field in enumerate_sig_fields(reader, filled_status=True):
        proof = Proof(str(name))
        try:
            embedded = EmbeddedPdfSignature(reader, sig_field, str(name))
            proof.time_stamp = embedded.sig_object_type == "/DocTimeStamp"
            proof.revision = embedded.signed_revision
            _ = embedded.signer_cert
            proof.embedded = embedded
        except Exception:  # a signature that cannot be read is a finding, whatever the reason
            proof.findings.append("signature_unreadable")
        proofs.append(proof)
    return sorted(proofs, key=lambda proof: proof.revision)


class _Material:
    """Certificates and revocation data: from the file's security store and from configuration."""

    def __init__(self, reader: PdfFileReader, trust: Trust) -> None:
        self._roots = [x509.Certificate.load(der) for der in trust.anchors]
        self._certificates = [x509.Certificate.load(der) for der in trust.certificates]
        self._crls = [asn1_crl.CertificateList.load(der) for der in trust.crls]
        self._ocsps: list[asn1_ocsp.OCSPResponse] = []
        self._embedded_crls: list[asn1_crl.CertificateList] = []
        try:
            store = DocumentSecurityStore.read_dss(reader)
        except NoDSSFoundError:
            return
        with suppress(Exception):  # broken evidence is no evidence
            self._certificates += list(store.load_certs())
            for reference in store.crls:
                data = reference.get_object().data
                self._embedded_crls.append(asn1_crl.CertificateList.load(data))
            for reference in store.ocsps:
                data = reference.get_object().data
                self._ocsps.append(asn1_ocsp.OCSPResponse.load(data))

    def context(self, moment: datetime) -> ValidationContext:
        """What was trusted and known, judged at ``moment``; never goes to the network."""
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=self._certificates,
            crls=[*self._crls, *self._embedded_crls],
            ocsps=self._ocsps,
            moment=moment,
            allow_fetching=False,
            revinfo_policy=_REVOCATION,
            algorithm_usage_policy=AcceptAllAlgorithms(),
        )

    def embeds_evidence_for(self, certificate: x509.Certificate) -> bool:
        """Whether the file itself tells of the certificate's revocation."""
        return _covers(certificate, self._embedded_crls, self._ocsps)

    def knows_about(self, certificate: x509.Certificate) -> bool:
        """Whether anything at hand tells of the certificate's revocation."""
        return _covers(certificate, [*self._crls, *self._embedded_crls], self._ocsps)


def _covers(
    certificate: x509.Certificate,
    crls: list[asn1_crl.CertificateList],
    ocsps: list[asn1_ocsp.OCSPResponse],
) -> bool:
    with suppress(Exception):
        if any(crl.issuer == certificate.issuer for crl in crls):
            return True
        for response in ocsps:
            basic = response["response_bytes"]["response"].parsed
            for single in basic["tbs_response_data"]["responses"]:
                if single["cert_id"]["serial_number"].native == certificate.serial_number:
                    return True
    return False


async def _time_stamp(
    stream: IO[bytes], proof: Proof, material: _Material, moment: datetime
) -> None:
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    try:
        proof.coverage = coverage(stream, embedded)
        status = TimestampSignatureStatus(
            **await validate_tst_signed_data(
                embedded.signed_data,
                material.context(moment),
                embedded.compute_digest,
                algorithm_policy=_ANY_ALGORITHM,
            )
        )
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    proof.digest_matches, proof.signature_valid = status.intact, status.valid
    proof.revoked = status.revoked
    proof.time, proof.time_source = _aware(status.timestamp), "archive"
    if proof.time > moment + CLOCK_TOLERANCE:
        proof.findings.append("time_impossible")
    else:
        proof.trusted = status.trusted


async def _signature(
    stream: IO[bytes], proof: Proof, material: _Material, moment: datetime, archived: bool
) -> None:
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    try:
        if embedded.sig_object.get("/SubFilter") not in {
            SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value,
            SigSeedSubFilter.PADES.value,
        }:
            proof.findings.append("kind_unknown")
            return
        proof.coverage = coverage(stream, embedded)
        timing = await collect_timing_info(
            embedded.signer_info,
            material.context(moment),
            raw_digest=embedded.compute_digest,
            algorithm_policy=_ANY_ALGORITHM,
        )
        _prove_time(proof, timing.get("timestamp_validity"), moment, archived)
        proven = proof.time if proof.time_source in {"timestamp", "archive"} else None
        status = PdfSignatureStatus(
            **await cms_basic_validation(
                embedded.signed_data,
                raw_digest=embedded.compute_digest(),
                validation_context=material.context(proven or moment),
                status_kwargs=embedded.summarise_integrity_info() | timing,
                key_usage_settings=_USAGE,
                algorithm_policy=_ANY_ALGORITHM,
            ),
            has_seed_values=False,
        )
    except Exception:
        proof.findings.append("signature_unreadable")
        return
    proof.digest_matches, proof.signature_valid = status.intact, status.valid
    proof.trusted, proof.revoked = status.trusted, status.revoked
    proof.revocation_known = material.knows_about(embedded.signer_cert)
    proof.evidence_embedded = material.embeds_evidence_for(embedded.signer_cert)


def _prove_time(
    proof: Proof, token: TimestampSignatureStatus | None, moment: datetime, archived: bool
) -> None:
    """The time of signing, by the best proof there is."""
    embedded = proof.embedded
    assert embedded is not None  # noqa: S101 - for the type checker
    if token is not None:
        proof.token = bool(token.intact and token.valid)
        if not proof.token:
            proof.findings.append("time_stamp_broken")
        elif _aware(token.timestamp) > moment + CLOCK_TOLERANCE:
            proof.findings.append("time_impossible")
        elif token.trusted:
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


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
