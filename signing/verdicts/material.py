# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What is at hand to judge certificates by: from the file and from configuration, never fetched."""

from contextlib import suppress
from datetime import datetime, timedelta

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from signing.keys.trust import Trust

_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        RevocationCheckingRule.CHECK_IF_DECLARED_SOFT, RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
    ),
    freshness=timedelta(days=365 * 200),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
"""Offline, the CRLs at hand are what there is: their age does not count, what they say does."""


class Material:
    """Certificates and revocation data: from the file's security store and from configuration."""

    def __init__(self, trust: Trust, reader: PdfFileReader | None = None) -> None:
        """``reader``: the file whose security store is at hand too."""
        self._roots = [x509.Certificate.load(der) for der in trust.anchors]
        self._certificates = [x509.Certificate.load(der) for der in trust.certificates]
        self._crls = [asn1_crl.CertificateList.load(der) for der in trust.crls]
        self._ocsps: list[asn1_ocsp.OCSPResponse] = []
        self._embedded_crls: list[asn1_crl.CertificateList] = []
        if reader is None:
            return
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
