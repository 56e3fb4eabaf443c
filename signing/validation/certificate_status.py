# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""How far the certificate of a signature or a time stamp is to be trusted, and why no further."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation.status import SignatureStatus

from signing.keys.certificates import digest_of, forgeable, weak
from signing.validation.anchors import anchor_of, in_force, may_issue
from signing.validation.validation_material import Material

_OUT_OF_DATE = {
    AdESIndeterminate.EXPIRED,
    AdESIndeterminate.NOT_YET_VALID,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED,
}


@dataclass(frozen=True)
class CertificateStatus:
    """What is to be thought of the certificate behind a signature."""

    trusted: bool = False
    revoked: bool = False
    known: bool = False
    """A current CRL or OCSP answer that is at hand says that it was not revoked."""
    embedded: bool = False
    """The file itself has that, genuine where the signer is trusted."""
    anchor: x509.Certificate | None = None
    weak: bool = False
    """A certificate on the way to the anchor has a short key, or was issued with an old hash."""
    indication: str | None = None
    """Why it is not trusted, as ETSI EN 319 102-1 calls it."""
    finding: str | None = None
    """The same by the key of a finding, where there is one for it."""


async def certificate_status(
    status: SignatureStatus, material: Material, moment: datetime, *, digest: str | None = None
) -> CertificateStatus:
    """Judge a certificate at ``moment``; ``digest`` is the hash in the signature's algorithm."""
    problem = status.trust_problem_indic
    path = status.validation_path
    mentioned = material.mentions(status.signing_cert)
    if not status.trusted or path is None:
        late = "certificate_out_of_date" if problem in _OUT_OF_DATE else None
        if problem is AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE and path is None:
            late = "path_failed"  # pyHanko could not make out a part of some certificate
        if forgeable({status.md_algorithm, digest}, status.signing_cert):
            late = "forgeable_algorithm"
        name = None if problem is None else str(problem.standard_name)
        return CertificateStatus(embedded=mentioned, indication=name, finding=late)
    issued = list(path.iter_certs(include_root=False))
    digests = {digest_of(one) for one in issued}
    anchor = anchor_of(path)
    for one in issued:
        if (await material.told(one, path, moment)).revoked:
            return CertificateStatus(
                revoked=True, embedded=mentioned, anchor=anchor, indication="REVOKED_NO_POE"
            )
    keys = issued if anchor is None else [*issued, anchor]
    if forgeable({status.md_algorithm, digest, *digests}, status.signing_cert) or any(
        forgeable((), one) for one in keys
    ):
        return CertificateStatus(
            anchor=anchor,
            indication="CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            finding="forgeable_algorithm",
        )
    if not may_issue(path):
        return CertificateStatus(indication="CHAIN_CONSTRAINTS_FAILURE")
    if anchor is not None and not in_force(anchor, moment):
        return CertificateStatus(
            anchor=anchor, indication="OUT_OF_BOUNDS_NO_POE", finding="certificate_out_of_date"
        )
    own = status.signing_cert
    return CertificateStatus(
        trusted=True,
        known=(await material.told(own, path, moment)).good,
        embedded=(await material.told(own, path, moment, embedded=True)).good,
        anchor=anchor,
        weak=weak(digests, own) or any(weak((), one) for one in keys),
    )
