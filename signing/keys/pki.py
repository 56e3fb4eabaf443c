"""The development PKI: made on first start, so that signing works before real keys are there.

Certomancer issues the certificates from one YAML that stays beside them (``pki.yaml``). No OCSP
address is put in: ``pdfsig`` refuses certificates whose responder it cannot reach. The CRL address
ends in ``.invalid``, so nothing ever goes out to the network.

CRLs are made here with ``cryptography`` rather than by certomancer, because those of certomancer
break RFC 5280 (section 5.1.2.4, GeneralizedTime before 2050; 5.1.2.6, an empty list of revoked
certificates), which strict verifiers notice. No upstream issue is known; certomancer's may be used
when a CRL of its without entries has no ``revokedCertificates`` and its times are UTCTime.
"""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from asn1crypto import x509
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509 as pyca_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from schemas.durable import fsync_folder, write_durably
from schemas.errors import ConfigurationError
from schemas.messages import sentence
from signing.options import SignerRole

Clock = Callable[[], datetime]
"""Gives the present moment, with a time zone."""

LABELS = ("root", "issuing", *(role.value for role in SignerRole), "tsa")
KEY_BITS = 3072
CRL_LIFETIME = timedelta(days=7)
CRL_ADDRESS = "http://crl.sohoa.invalid"
"""RFC 6761, section 6.4: names under ``.invalid`` never resolve."""

_COMMON_NAME_LIMIT = 64  # X.520 upper bound of common and organisation names


def _clip(name: str) -> str:
    """At most 64 characters, cut between words."""
    folded = " ".join(name.split())
    if len(folded) <= _COMMON_NAME_LIMIT:
        return folded
    return folded[: _COMMON_NAME_LIMIT + 1].rsplit(" ", 1)[0][:_COMMON_NAME_LIMIT]


class Pki:
    """Root, issuing CA, agency seal, clerk, leader, time-stamping unit and CRLs of one office.

    ``directory`` (mode 700) holds ``root.pem``, ``<label>.pem``, ``<label>.key.pem`` (mode 600)
    for each of :data:`LABELS`, and ``pki.yaml``.
    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Read what is in ``directory``; :meth:`ensure` is the way in.

        Raises:
            ConfigurationError: a file is missing or unreadable, or key and certificate differ.
        """
        self.directory = directory
        self.clock = clock
        self._certificates: dict[str, x509.Certificate] = {}
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        try:
            for label in LABELS:
                self._load(label)
        except (OSError, ValueError, TypeError) as exc:
            raise ConfigurationError("signing.pki_damaged") from exc
        self._crls: tuple[bytes, ...] = ()
        self._crls_made = datetime.min.replace(tzinfo=UTC)

    def _load(self, label: str) -> None:
        pem = (self.directory / f"{label}.pem").read_bytes()
        der = pyca_x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
        # Checking an RSA key takes 140 ms; below it is held against its certificate instead.
        key = serialization.load_pem_private_key(
            (self.directory / f"{label}.key.pem").read_bytes(),
            password=None,
            unsafe_skip_rsa_key_validation=True,
        )
        certificate = x509.Certificate.load(der)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(label)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if public != certificate.public_key.dump():
            raise ValueError(label)
        self._certificates[label] = certificate
        self._keys[label] = key

    @property
    def root_path(self) -> Path:
        """The root certificate as PEM, for other verifiers (``<directory>/root.pem``)."""
        return self.directory / "root.pem"

    @property
    def root(self) -> x509.Certificate:
        """The trust anchor."""
        return self._certificates["root"]

    def certificate(self, label: str) -> x509.Certificate:
        """The certificate of one of :data:`LABELS`, parsed."""
        return self._certificates[label]

    def key(self, label: str) -> rsa.RSAPrivateKey:
        """The private key of one of :data:`LABELS`, parsed once."""
        return self._keys[label]

    def crls(self, max_age: timedelta) -> tuple[bytes, ...]:
        """The CRLs of root and issuing CA, DER, made anew when older than ``max_age``."""
        now = self.clock()
        if not self._crls_made <= now < self._crls_made + max_age:
            made = now.replace(microsecond=0)
            self._crls = tuple(self._crl(issuer, made) for issuer in ("root", "issuing"))
            self._crls_made = made
        return self._crls

    def _crl(self, issuer: str, made: datetime) -> bytes:
        key = self._keys[issuer]
        authority = pyca_x509.load_der_x509_certificate(self._certificates[issuer].dump())
        builder = (
            pyca_x509.CertificateRevocationListBuilder()
            .issuer_name(authority.subject)
            .last_update(made)
            .next_update(made + CRL_LIFETIME)
            .add_extension(pyca_x509.CRLNumber(int(made.timestamp())), critical=False)
            .add_extension(
                pyca_x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
                critical=False,
            )
        )
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    @classmethod
    def ensure(
        cls, directory: Path, agency: str, clock: Clock, *, crl_address: str = CRL_ADDRESS
    ) -> "Pki":
        """Open the PKI in ``directory``, made now if there is none.

        It is built beside its place and renamed into it: a crash leaves all or nothing, and of two
        processes that start at once the second opens what the first made. ``agency`` names the
        seal's certificate; later changes of the name do not change an existing certificate.
        ``crl_address`` stands before the addresses of CRLs in the certificates.

        Raises:
            ConfigurationError: the directory holds something else, or is damaged.
        """
        if not (directory / "root.pem").exists():
            if directory.exists() and any(directory.iterdir()):
                raise ConfigurationError("signing.pki_damaged")
            _build(directory, agency, clock(), crl_address)
        return cls(directory, clock)


def _build(directory: Path, agency: str, now: datetime, crl_address: str) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}.part")
    temporary.mkdir(mode=0o700)
    try:
        _fill(temporary, agency, now, crl_address)
        fsync_folder(temporary)
        try:
            temporary.rename(directory)  # replaces an empty directory only
        except OSError:
            if not (directory / "root.pem").exists():
                raise
        fsync_folder(directory.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fill(directory: Path, agency: str, now: datetime, crl_address: str) -> None:
    for label in LABELS:
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_durably(directory / f"{label}.key.pem", pem, 0o600)
    config = certomancer_config(agency, now, crl_address)
    architecture = CertomancerConfig(config, key_search_dir=str(directory)).get_pki_arch(
        ArchLabel("sohoa")
    )
    for label in LABELS:
        der = architecture.get_cert(CertLabel(label)).dump()
        pem = pyca_x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
        write_durably(directory / f"{label}.pem", pem, 0o600)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    write_durably(directory / "pki.yaml", text.encode(), 0o600)


def certomancer_config(
    agency: str, now: datetime, crl_address: str = CRL_ADDRESS
) -> dict[str, Any]:
    """The whole PKI as certomancer reads it; key files are ``<label>.key.pem``."""
    organisation = _clip(agency)
    tag = hashlib.sha256(secrets.token_bytes(16)).hexdigest()[:8]
    names: Mapping[str, str] = {
        "root": f"Sohoa development root {tag}",
        "issuing": f"Sohoa development issuing CA {tag}",
        "seal": organisation,
        "clerk": sentence("signing.name_clerk", "vi"),
        "leader": sentence("signing.name_leader", "vi"),
        "tsa": f"Sohoa development time stamps {tag}",
    }
    return {
        "external-url-prefix": crl_address,
        "keysets": {
            "sohoa": {"keys": {label: {"path": f"{label}.key.pem"} for label in LABELS}},
        },
        "pki-architectures": {
            "sohoa": {
                "keyset": "sohoa",
                "entity-defaults": {"country-name": "VN", "organization-name": organisation},
                "entities": {label: {"common-name": names[label]} for label in LABELS},
                "certs": _certificates(now),
                "services": {
                    "crl-repo": {
                        issuer: {"for-issuer": issuer, "simulated-update-schedule": "P7D"}
                        for issuer in ("root", "issuing")
                    }
                },
            }
        },
    }


def _certificates(now: datetime) -> dict[str, Any]:
    start = (now.astimezone(UTC) - timedelta(hours=1)).replace(microsecond=0)

    def spec(
        issuer: str, years: int, extensions: list[dict[str, Any]], *, anchor: bool = False
    ) -> dict[str, Any]:
        crl = {
            "id": "crl_distribution_points",
            "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": [issuer]}},
        }
        return {
            "issuer": issuer,
            "serial": secrets.randbits(120) | 1,
            "validity": {
                "valid-from": start.isoformat(),
                "valid-to": (start + timedelta(days=365.25 * years)).isoformat(),
            },
            "extensions": extensions if anchor else [*extensions, crl],
        }

    def usage(*bits: str) -> dict[str, Any]:
        value = {"schema": "key-usage", "params": list(bits)}
        return {"id": "key_usage", "critical": True, "smart-value": value}

    def authority(path_length: int) -> dict[str, Any]:
        value = {"ca": True, "path_len_constraint": path_length}
        return {"id": "basic_constraints", "critical": True, "value": value}

    signing = usage("digital_signature", "non_repudiation")
    stamping = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    ca_bits = usage("key_cert_sign", "crl_sign")
    return {
        "root": spec("root", 30, [authority(1), ca_bits], anchor=True),
        "issuing": spec("root", 20, [authority(0), ca_bits]),
        **{role.value: spec("issuing", 10, [signing]) for role in SignerRole},
        "tsa": spec("issuing", 15, [usage("digital_signature", "non_repudiation"), stamping]),
    }
