"""Authorities, certificates, revocation lists and OCSP answers of any kind, good and forged."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pdf_signing import Identity
from pyhanko.sign.validation import DocumentSecurityStore

TODAY = timedelta()
NOW = datetime.now(UTC).replace(microsecond=0)
AUTHORITY = ("key_cert_sign", "crl_sign")
PERSON = ("digital_signature", "content_commitment")
_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    *AUTHORITY,
)
Extension = tuple[x509.ExtensionType, bool]


@cache
def key(label: str) -> ec.EllipticCurvePrivateKey:
    """The same key for the same label."""
    return ec.generate_private_key(ec.SECP256R1())


def days(count: float) -> timedelta:
    """For short."""
    return timedelta(days=count)


def named(name: str, organisation: str | None = None) -> x509.Name:
    """A distinguished name."""
    parts = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    if organisation:
        parts.append(x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def certificate(
    name: str,
    issuer: str,
    *,
    subject: x509.Name | None = None,
    issuer_name: x509.Name | None = None,
    signed_by: str | None = None,
    ca: bool | None = False,
    longest: int | None = None,
    usage: Sequence[str] = PERSON,
    extensions: Iterable[Extension] = (),
    valid: tuple[timedelta, timedelta] = (days(-30), days(365)),
) -> x509.Certificate:
    """A certificate; names are also those of the keys, unless said otherwise."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject or named(name))
        .issuer_name(issuer_name or named(issuer))
        .public_key(key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + valid[0])
        .not_valid_after(NOW + valid[1])
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, longest), critical=True)
    flags = {bit: bit in usage for bit in _BITS}
    builder = builder.add_extension(
        x509.KeyUsage(**flags, encipher_only=False, decipher_only=False), critical=True
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key(signed_by or issuer), hashes.SHA256())


def authority(name: str, issuer: str, **options: object) -> x509.Certificate:
    """An authority's certificate."""
    return certificate(name, issuer, **({"ca": True, "usage": AUTHORITY} | options))  # type: ignore[arg-type]


def der(one: x509.Certificate) -> bytes:
    """Its bytes."""
    return one.public_bytes(Encoding.DER)


def who(leaf: x509.Certificate, *chain: x509.Certificate, label: str = "leaf") -> Identity:
    """Somebody who signs with ``leaf``."""
    held = tuple(asn1_x509.Certificate.load(der(one)) for one in chain)
    return Identity(asn1_x509.Certificate.load(der(leaf)), key(label), held)


def revoking(
    *revoked: x509.Certificate,
    by: str = "root",
    signed_by: str | None = None,
    made: timedelta = TODAY,
    extensions: Iterable[Extension] = (),
) -> bytes:
    """A list of ``by`` that has been telling of these since yesterday."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(named(by))
        .last_update(NOW + made)
        .next_update(NOW + made + days(7))
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(NOW - days(1)).build())
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key(signed_by or by), hashes.SHA256()).public_bytes(Encoding.DER)


def answer(
    about: x509.Certificate,
    issuer: x509.Certificate,
    *,
    revoked: bool = False,
    responder: x509.Certificate | None = None,
    signed_by: str = "root",
    made: timedelta = TODAY,
) -> bytes:
    """What an OCSP service says of a certificate."""
    states = ocsp.OCSPCertStatus
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about,
        issuer=issuer,
        algorithm=hashes.SHA1(),
        cert_status=states.REVOKED if revoked else states.GOOD,
        this_update=NOW + made,
        next_update=NOW + made + days(7),
        revocation_time=NOW - days(1) if revoked else None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder or issuer)
    if responder is not None:
        builder = builder.certificates([responder])
    return builder.sign(key(signed_by), hashes.SHA256()).public_bytes(Encoding.DER)


def with_evidence(
    content: bytes, *, lists: Iterable[bytes] = (), answers: Iterable[bytes] = ()
) -> bytes:
    """A signed file with these in its security store."""
    stream = BytesIO(content)
    DocumentSecurityStore.add_dss(
        stream,
        sig_contents=None,
        crls=[asn1_crl.CertificateList.load(one) for one in lists],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in answers],
    )
    return stream.getvalue()
