"""Mutual TLS for the embedded store: one certificate that closes every port to everybody else.

SeaweedFS's JWT keys guard HTTP of volumes and filer only. The master's HTTP (``/col/delete`` takes
a locked bucket's volumes away) and every gRPC port (``weed backup``, ``weed shell``) answer anybody
who reaches them, which on loopback is every account of the machine (seen with SeaweedFS 4.48). With
a ``security.toml`` that names certificates for all parts they ask for a client certificate. The S3
port shows the same one, so that nobody who takes the port while the store is being started again
is handed files.

The authority's key is never written: nobody can issue a second certificate. Go compares neither
names nor purposes on the gRPC ports, so one certificate serves all parts.
"""

import ipaddress
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from schemas.durable import written_whole
from schemas.page import Frozen

AUTHORITY = "store-authority.pem"
CERTIFICATE = "store-certificate.pem"
KEY = "store-key.pem"
SECURITY = "security.toml"
"""SeaweedFS takes the file of this name in the folder it is started in before any other."""

VALID = timedelta(days=20 * 365)
RENEWED_BEFORE = timedelta(days=365)
"""A certificate with less than this left is made anew at the next start."""

_GRPC = ("master", "volume", "filer", "s3", "admin", "worker", "mount", "client")
_HTTPS = ("master", "volume", "filer", "admin")


class WeedCertificate(Frozen):
    """PEM files of the store's certificate, its key, and the authority that issued it."""

    authority: Path
    certificate: Path
    key: Path


def ensure_certificate(folder: Path, now: datetime | None = None) -> WeedCertificate:
    """The certificate in ``folder``, made where it is missing, damaged or about to end.

    To be called while the store does not run: its parts and its clients must have the same one.

    Args:
        folder: an existing folder that is the owner's only.
        now: the time to judge validity by.

    Raises:
        OSError: the folder cannot be read or written.
    """
    files = WeedCertificate(
        authority=folder / AUTHORITY, certificate=folder / CERTIFICATE, key=folder / KEY
    )
    moment = now or datetime.now(UTC)
    if not _serves(files, moment):
        _issue(files, moment)
    return files


def write_security(path: Path, files: WeedCertificate) -> None:
    """Write SeaweedFS's ``security.toml`` (mode 600): every part shows and asks for ``files``.

    Names of sections as in ``weed scaffold -config=security``. A JSON string is a TOML string.
    """
    pair = {"cert": files.certificate, "key": files.key}
    sections = {"grpc": {"ca": files.authority}}
    sections |= {f"grpc.{part}": pair for part in _GRPC}
    sections |= {f"https.{part}": {**pair, "ca": files.authority} for part in _HTTPS}
    sections["https.client"] = {**pair, "ca": files.authority}
    lines = []
    for name, entries in sections.items():
        lines.append(f"[{name}]")
        lines += ["enabled = true"] if name == "https.client" else []
        lines += [
            f"{key} = {json.dumps(str(value), ensure_ascii=False)}"
            for key, value in entries.items()
        ]
    with written_whole(path, mode=0o600) as stream:
        stream.write(("\n".join(lines) + "\n").encode())


def _serves(files: WeedCertificate, moment: datetime) -> bool:
    """Whether the files are there, belong together and last."""
    try:
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
        certificate.verify_directly_issued_by(authority)
    except FileNotFoundError:
        return False
    except (ValueError, TypeError, x509.InvalidVersion, InvalidSignature):
        return False
    for path in (files.authority, files.certificate, files.key):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    return (
        certificate.public_key() == key.public_key()
        and certificate.not_valid_before_utc <= moment
        and moment + RENEWED_BEFORE <= certificate.not_valid_after_utc
    )


def _issue(files: WeedCertificate, moment: datetime) -> None:
    """A new authority, whose key is forgotten at once, and the one certificate it ever issues."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name("Sohoa embedded store authority")
    shared = x509.CertificateBuilder(
        issuer_name=issuer,
        not_valid_before=moment - timedelta(days=1),
        not_valid_after=moment + VALID,
    )
    authority = (
        shared.subject_name(issuer)
        .serial_number(x509.random_serial_number())
        .public_key(authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_identifier(authority_key), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    loopback = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    both_ways = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        shared.subject_name(_name("Sohoa embedded store"))
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_ways), critical=False)
        .add_extension(x509.SubjectAlternativeName(loopback), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for path, content in (
        (files.key, plain),
        (files.authority, authority.public_bytes(pem)),
        (files.certificate, certificate.public_bytes(pem)),
    ):
        with written_whole(path, mode=0o600) as stream:
            stream.write(content)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())
