# mypy: disable-error-code="no-untyped-call"
# pyhanko-certvalidator ships py.typed but leaves parts of its interface without annotations.
"""The way from a certificate to a trust anchor, where PKIX says nothing or asks for too much."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko_certvalidator.authority import (
    AuthorityWithCert,
    CertTrustAnchor,
    TrustAnchor,
    TrustQualifiers,
    derive_quals_from_cert,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import PKIXValidationParams
from pyhanko_certvalidator.registry import CertificateRegistry, TrustManager

_STEPS = 500
"""Issuers looked up for one certificate: fifteen authorities that certify each other have more
ways between them than can be walked in an hour, and a file may bring as many as it likes."""

_TOLERANCE = timedelta(seconds=1)


class Registry(CertificateRegistry):
    """Certificates from a file, among which nobody gets lost."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def find_potential_issuers(
        self, cert: x509.Certificate, trust_manager: TrustManager
    ) -> Iterator[TrustAnchor | x509.Certificate]:
        """Who may have issued a certificate: anchors first; nobody any more after many steps."""
        self._steps += 1
        if self._steps <= _STEPS:
            yield from super().find_potential_issuers(cert, trust_manager)


def trusted(certificate: x509.Certificate) -> TrustAnchor:
    """A certificate as an anchor, which vouches for the names it is limited to (RFC 5937)."""
    with suppress(Exception):  # such an anchor may not issue
        limits = derive_quals_from_cert(certificate).standard_parameters
        if limits is not None:
            names = PKIXValidationParams(
                initial_permitted_subtrees=limits.initial_permitted_subtrees,
                initial_excluded_subtrees=limits.initial_excluded_subtrees,
            )
            return CertTrustAnchor(certificate, TrustQualifiers(standard_parameters=names))
    return CertTrustAnchor(certificate)


def anchor_of(path: ValidationPath) -> x509.Certificate | None:
    """The anchor's certificate."""
    authority = path.trust_anchor.authority
    return authority.certificate if isinstance(authority, AuthorityWithCert) else None


def in_force(anchor: x509.Certificate, moment: datetime) -> bool:
    """Whether an anchor was valid at ``moment``; PKIX leaves that to whoever configures it."""
    begins, ends = anchor.not_valid_before, anchor.not_valid_after
    return bool(begins - _TOLERANCE <= moment <= ends + _TOLERANCE)


def may_issue(path: ValidationPath) -> bool:
    """Whether the anchor may have issued what is below it in ``path``.

    A person's certificate put among the anchors is trusted itself, but makes no others; an
    authority's limit on the authorities below it counts, though it is trusted (RFC 5937).
    """
    anchor = anchor_of(path)
    below = list(path.iter_certs(include_root=False))
    if anchor is None or not below:
        return True
    with suppress(Exception):
        if anchor["tbs_certificate"]["version"].native == "v1":
            return True  # before there were extensions
        usage, _ = anchor.key_usage_value, anchor.name_constraints_value
        if not anchor.ca or (usage is not None and "key_cert_sign" not in usage.native):
            return False
        between = sum(1 for one in below[:-1] if not one.self_issued)
        longest = anchor.max_path_length
        return longest is None or between <= longest
    return False
