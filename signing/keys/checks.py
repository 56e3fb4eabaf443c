# mypy: disable-error-code="no-untyped-call"
# pyhanko-certvalidator ships py.typed but leaves parts of its interface without annotations.
"""Certificates checked before anything is signed: path, validity, usage, revocation, strength."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator import errors as wrong

from schemas.errors import ConfigurationError, ServiceUnavailable, SohoaError
from signing.keys.pki import Pki
from signing.keys.revocation import Revocation, RevocationAnswer

RSA_BITS = 2048
EC_BITS = 256
"""The least a signing key may have (TT 15/2025/TT-BKHCN)."""

WEAK_HASHES = frozenset({"md2", "md5", "sha1"})
_LIFE = timedelta(minutes=10)  # how long one check of the certificates serves
_DEPTH = 8


class Checks:
    """What certificates are checked against; evidence is fetched when it is missing or old."""

    def __init__(
        self,
        pki: Pki,
        anchors: Iterable[x509.Certificate],
        known: Iterable[x509.Certificate],
        revocation: Revocation,
        crl_age: timedelta,
    ) -> None:
        """The development root and ``anchors`` are trusted; ``known`` are authorities between.

        ``crl_age``: development CRLs older than this are made anew.
        """
        self._pki = pki
        self._roots = [pki.root, *anchors]
        self._known = {one.sha256: one for one in (pki.certificate("issuing"), *known)}
        self._revocation = revocation
        self._crl_age = crl_age
        self._context: ValidationContext | None = None
        self._fetched: dict[bytes, RevocationAnswer] = {}
        self._approved: dict[bytes, ValidationContext] = {}

    @property
    def crl_age(self) -> timedelta:
        """How old development CRLs may be."""
        return self._crl_age

    def learn(self, certificates: Iterable[x509.Certificate]) -> None:
        """More authorities that may stand between a key and a root."""
        for one in certificates:
            if one.sha256 not in self._known and one.ca:
                self._known[one.sha256] = one
                self._context = None

    async def context(self, certificates: Iterable[x509.Certificate]) -> ValidationContext:
        """Roots, authorities and evidence about ``certificates`` and their issuers, as of now.

        Raises:
            ServiceUnavailable: evidence of revocation is not to be had.
        """
        certificates = list(certificates)
        self.learn(certificates)
        for certificate in certificates:
            await self._gather(certificate)
        now = self._pki.clock()
        context = self._context
        if context is None or not context.moment <= now < context.moment + _LIFE:
            context = self._context = self._made(now)
        return context

    def _made(self, now: datetime) -> ValidationContext:
        told = self._fetched.values()
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=list(self._known.values()),
            crls=[*self._pki.crls(self._crl_age), *(one.der for one in told if one.kind == "crl")],
            ocsps=[one.der for one in told if one.kind == "ocsp"],
            moment=now,
            allow_fetching=False,
            revocation_mode="require",
        )

    async def _gather(self, certificate: x509.Certificate) -> None:
        """Evidence about a certificate and its issuers up to a root."""
        own = {self._pki.root.sha256, self._pki.certificate("issuing").sha256}
        roots = {root.sha256 for root in self._roots}
        for _ in range(_DEPTH):
            if certificate.sha256 in roots:
                return
            issuer = await self._issuer(certificate)
            if issuer is None or issuer.sha256 in own:
                return  # the validator will say what is missing; our own CRLs are at hand
            told = await self._revocation.about(certificate, issuer)
            if self._fetched.get(certificate.sha256) is not told:
                self._fetched[certificate.sha256] = told
                self._context = None
            certificate = issuer

    async def _issuer(self, certificate: x509.Certificate) -> x509.Certificate | None:
        for _ in range(2):
            for one in (*self._roots, *self._known.values()):
                named = one.subject == certificate.issuer
                keys = (certificate.authority_key_identifier, one.key_identifier)
                if named and (None in keys or keys[0] == keys[1]):
                    return one
            self.learn(await self._revocation.issuers(certificate))
        return None

    async def approve(self, certificate: x509.Certificate) -> ValidationContext:
        """Check a signing certificate; the context it was checked against.

        Raises:
            ConfigurationError: it must not sign; the sentence says why.
            ServiceUnavailable: whether it was revoked cannot be told now.
        """
        refuse_weak(certificate)
        usage = usage_of(certificate)
        now = self._pki.clock()
        validity = certificate["tbs_certificate"]["validity"]
        if now >= validity["not_after"].native:
            raise ConfigurationError("signing.certificate_expired")
        if now < validity["not_before"].native:
            raise ConfigurationError("signing.certificate_not_yet_valid")
        context = await self.context([certificate])
        if self._approved.get(certificate.sha256) is not context:
            validator = CertificateValidator(certificate, validation_context=context)
            try:
                await validator.async_validate_usage({usage})
            except (wrong.ValidationError, wrong.PathError) as exc:
                raise self._said(exc) from exc
            self._approved[certificate.sha256] = context
        return context

    def _said(self, exc: Exception) -> SohoaError:
        if isinstance(exc, wrong.RevokedError):
            return ConfigurationError("signing.certificate_revoked")
        if isinstance(exc, wrong.ExpiredError | wrong.NotYetValidError):
            return ConfigurationError("signing.certificate_authority_expired")
        if isinstance(exc, wrong.PathBuildingError):
            return ConfigurationError("signing.certificate_untrusted")
        if isinstance(exc, wrong.DisallowedAlgorithmError):
            return ConfigurationError("signing.certificate_weak")
        if isinstance(exc, wrong.InsufficientRevinfoError | wrong.StaleRevinfoError):
            self._revocation.forget()
            self._fetched.clear()
            self._context = None
            return ServiceUnavailable("signing.revocation_wrong")
        return ConfigurationError("signing.certificate_unusable")


def refuse_weak(certificate: x509.Certificate) -> None:
    """Keys and signatures that are too weak to sign with today.

    Raises:
        ConfigurationError: RSA below 2048 bits, a curve below 256, a certificate signed with SHA-1.
    """
    key = certificate.public_key
    least = EC_BITS if key.algorithm in {"ec", "ed25519", "ed448"} else RSA_BITS
    try:
        digest = certificate.hash_algo
    except ValueError:  # Ed25519 names none
        digest = ""
    if key.bit_size < least or digest in WEAK_HASHES:
        raise ConfigurationError("signing.certificate_weak")


def usage_of(certificate: x509.Certificate) -> str:
    """``non_repudiation`` where the certificate has it, else ``digital_signature``.

    Raises:
        ConfigurationError: the certificate is not meant for signing documents.
    """
    stated = certificate.key_usage_value
    allowed = {"non_repudiation", "digital_signature"} if stated is None else stated.native
    for usage in ("non_repudiation", "digital_signature"):
        if usage in allowed and not certificate.ca:
            return usage
    raise ConfigurationError("signing.certificate_usage")
