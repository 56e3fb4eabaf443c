# mypy: disable-error-code="no-untyped-call"
# pyhanko-certvalidator ships py.typed but leaves parts of its interface without annotations.
"""Fetching what tells of revocation: CRLs first (one serves a batch), OCSP where there is none.

Answers are checked before they count: issuer, signature and dates of a CRL, status of an OCSP
response. What the certificate validator then makes of them is its own affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from asn1crypto import crl as asn1_crl
from asn1crypto import pem, x509
from cryptography import x509 as pyca_x509
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.fetchers.common_utils import (
    format_ocsp_request,
    process_ocsp_response_data,
)

from schemas.errors import ServiceUnavailable
from signing.external.services import Service, ServiceState, Web, WrongAnswer
from signing.keys.pki import Clock
from signing.options import RetryPolicy

MAX_CRL = 64 << 20
MAX_OCSP = 1 << 20
MAX_CERTIFICATES = 1 << 20
_AHEAD = timedelta(minutes=5)  # fetched anew so long before it ends, and what clocks may differ


@dataclass(frozen=True)
class RevocationAnswer:
    """One CRL or OCSP response."""

    kind: Literal["crl", "ocsp"]
    der: bytes
    until: datetime


class Revocation:
    """Fetches, checks and keeps CRLs, OCSP responses and missing issuers. For one event loop."""

    def __init__(self, web: Web, policy: RetryPolicy, clock: Clock, max_age: timedelta) -> None:
        """``max_age``: what was fetched longer ago is fetched anew."""
        self._web = web
        self._policy = policy
        self._clock = clock
        self._max_age = max_age
        self._services: dict[str, Service] = {}
        self._told: dict[bytes, RevocationAnswer] = {}
        self._crls: dict[str, RevocationAnswer] = {}

    @property
    def states(self) -> tuple[ServiceState, ...]:
        """How each host asked so far stands."""
        return tuple(service.state for service in self._services.values())

    def forget(self) -> None:
        """Fetch everything anew next time: something of it was not good enough."""
        self._told.clear()
        self._crls.clear()

    async def about(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> RevocationAnswer:
        """What tells whether ``certificate`` was revoked.

        Raises:
            ServiceUnavailable: no source gives it now.
        """
        key = certificate.sha256
        known = self._told.get(key)
        if known is not None and self._clock() < known.until:
            return known
        problem: ServiceUnavailable | None = None
        for address in crl_addresses(certificate):
            try:
                self._told[key] = await self._crl(address, issuer)
                return self._told[key]
            except ServiceUnavailable as exc:
                problem = exc
        for address in _web_addresses(certificate.ocsp_urls):
            try:
                self._told[key] = await self._ocsp(address, certificate, issuer)
                return self._told[key]
            except ServiceUnavailable as exc:
                problem = exc
        raise problem or ServiceUnavailable("signing.revocation_no_source")

    async def issuers(self, certificate: x509.Certificate) -> list[x509.Certificate]:
        """Certificates of the issuer from where the certificate says they are; empty without."""
        for address in issuer_addresses(certificate):

            async def fetch(address: str = address) -> list[x509.Certificate]:
                content, _ = await self._web.fetch("GET", address, limit=MAX_CERTIFICATES)
                return certificates_in(content)

            return await self._service(address).call(fetch)
        return []

    async def _crl(self, address: str, issuer: x509.Certificate) -> RevocationAnswer:
        known = self._crls.get(address)
        if known is not None and self._clock() < known.until:
            return known

        async def fetch() -> RevocationAnswer:
            content, _ = await self._web.fetch("GET", address, limit=MAX_CRL)
            return self._checked_crl(content, issuer)

        self._crls[address] = await self._service(address).call(fetch)
        return self._crls[address]

    def _checked_crl(self, content: bytes, issuer: x509.Certificate) -> RevocationAnswer:
        try:
            if pem.detect(content):
                _, _, content = pem.unarmor(content)
            parsed = asn1_crl.CertificateList.load(content, strict=True)
            end = parsed["tbs_cert_list"]["next_update"].native
            begin = parsed["tbs_cert_list"]["this_update"].native
            same = parsed.issuer == issuer.subject
            key = pyca_x509.load_der_x509_certificate(issuer.dump()).public_key()
            genuine = pyca_x509.load_der_x509_crl(content).is_signature_valid(key)  # type: ignore[arg-type]
        except Exception as exc:  # hostile ASN.1 fails in many ways
            raise WrongAnswer("malformed") from exc
        now = self._clock()
        if not (same and genuine) or begin > now + _AHEAD or (end is not None and end <= now):
            raise WrongAnswer("issuer, signature or time")
        return RevocationAnswer("crl", content, self._until(end))

    async def _ocsp(
        self, address: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> RevocationAnswer:
        async def fetch() -> RevocationAnswer:
            request = format_ocsp_request(
                certificate,
                AuthorityWithCert(issuer),
                certid_hash_algo="sha1",
                request_nonces=True,
            )
            content, _ = await self._web.fetch(
                "POST",
                address,
                limit=MAX_OCSP,
                body=request.dump(),
                headers={"Content-Type": "application/ocsp-request"},
            )
            try:
                response = process_ocsp_response_data(
                    content, ocsp_request=request, ocsp_url=address
                )
                basic = response["response_bytes"]["response"].parsed
                (single,) = basic["tbs_response_data"]["responses"]
                end = single["next_update"].native
            except Exception as exc:
                raise WrongAnswer("malformed") from exc
            if end is not None and end <= self._clock():
                raise WrongAnswer("old")
            return RevocationAnswer("ocsp", response.dump(), self._until(end))

        return await self._service(address).call(fetch)

    def _until(self, end: datetime | None) -> datetime:
        oldest = self._clock() + self._max_age
        return oldest if end is None else min(oldest, max(end - _AHEAD, self._clock()))

    def _service(self, address: str) -> Service:
        host = urlsplit(address).netloc
        return self._services.setdefault(host, Service("revocation", self._policy))


def certificates_in(content: bytes) -> list[x509.Certificate]:
    """Certificates in PEM (several) or DER.

    Raises:
        WrongAnswer: there is none.
    """
    try:
        if pem.detect(content):
            blocks = [der for _, _, der in pem.unarmor(content, multiple=True)]
        else:
            blocks = [content]
        return [x509.Certificate.load(der, strict=True) for der in blocks]
    except (ValueError, TypeError) as exc:
        raise WrongAnswer("certificates") from exc


def crl_addresses(certificate: x509.Certificate) -> list[str]:
    """Where the certificate says its CRL is; HTTP only."""
    return list(_web_addresses(point.url for point in certificate.crl_distribution_points))


def issuer_addresses(certificate: x509.Certificate) -> list[str]:
    """Where the certificate says its issuer's certificate is; HTTP only."""
    access = certificate.authority_information_access_value
    found = []
    for entry in access or ():
        location = entry["access_location"]
        if entry["access_method"].native == "ca_issuers" and location.name == (
            "uniform_resource_identifier"
        ):
            found.append(location.native)
    return list(_web_addresses(found))


def _web_addresses(addresses: object) -> Iterator[str]:
    for address in addresses:  # type: ignore[attr-defined]
        if isinstance(address, str) and urlsplit(address).scheme in {"http", "https"}:
            yield address
