# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Keys at work: one protocol for keys in memory, in a token and at a remote service.

pyHanko's ``SimpleSigner`` parses the private key anew for every signature, twice: 283 ms of CPU for
RSA-3072 instead of 45. No upstream issue is known; ``MemoryKey`` may go when it keeps what it
parsed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from asn1crypto import algos, cms, core, parser, x509
from cryptography import x509 as pyca_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign import general
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from schemas.errors import ConfigurationError
from signing.external.secret import Ask, secret_of
from signing.external.services import Service, ServiceState, Web, WrongAnswer
from signing.keys.pki import Pki
from signing.keys.remote import RemoteSigningKey
from signing.keys.revocation import certificates_in
from signing.keys.token import TokenSigningKey
from signing.keys.trust import anchors_of
from signing.options import FileKey, RemoteKey, SignerRole, SigningOptions, TokenKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


_LOCKING = frozenset(
    {"signing.token_pin_wrong", "signing.token_locked", "signing.remote_key_refused"}
)
"""Failures that are not tried again in this process: tokens lock after a few wrong PINs."""


class SigningKey(Protocol):
    """A private key that signs, wherever it is, with its certificates."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The issuers that came with it, without order."""
        ...

    async def sign(self, data: bytes, digest: str) -> bytes:
        """The signature of ``data`` (RSA: PKCS #1 v1.5; elliptic curves: ECDSA in DER).

        Raises:
            ServiceUnavailable: the key is not to be reached now.
            ConfigurationError: the secret that opens it is wrong.
        """
        ...


class MemoryKey:
    """A key in this process, parsed once."""

    def __init__(
        self,
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
    ) -> None:
        self._key = key
        self.certificate = certificate
        self.chain = chain

    async def sign(self, data: bytes, digest: str) -> bytes:
        """See :class:`SigningKey`."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), _HASHES[digest])
        return self._key.sign(data, ec.ECDSA(_HASHES[digest]))


def key_in_file(chosen: FileKey, password: str) -> MemoryKey:
    """The key of a PKCS #12 file.

    Raises:
        ConfigurationError: the file cannot be read, the password is wrong, or it holds no key with
            its certificate.
    """
    try:
        content = chosen.file.read_bytes()
    except OSError as exc:
        raise ConfigurationError("signing.key_missing") from exc
    try:
        bundle = pkcs12.load_pkcs12(content, password.encode())
    except ValueError as exc:  # a wrong password and a damaged file look alike
        raise ConfigurationError("signing.key_not_opened") from exc
    key, own = bundle.key, bundle.cert
    if own is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ConfigurationError("signing.key_unsuitable")
    if _spki(key.public_key()) != _spki(own.certificate.public_key()):
        raise ConfigurationError("signing.key_unsuitable")
    return MemoryKey(
        key,
        _parsed(own.certificate),
        tuple(_parsed(one.certificate) for one in bundle.additional_certs),
    )


def _spki(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _parsed(certificate: pyca_x509.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


_DETACHED = {"content_type": "data"}
_DATA = cms.ContentType("data").dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_MESSAGE_DIGEST = cms.CMSAttributeType("message_digest").dump()
_INTEGER_1 = core.Integer(1).dump()


class _Unparsed(SimpleCertificateStore):
    """Certificates as bytes, parsed anew for everyone who asks.

    asn1crypto parses lazily and keeps what it parsed; a certificate that was looked into costs
    4 ms whenever it is put into another structure, an untouched one next to nothing.
    """

    def __iter__(self) -> Iterator[x509.Certificate]:
        return (x509.Certificate.load(one.dump()) for one in super().__iter__())


class KeySigner(CmsSigner):
    """pyHanko's signer over any :class:`SigningKey`."""

    def __init__(self, key: SigningKey, authorities: tuple[x509.Certificate, ...]) -> None:
        """``authorities`` go into the signature beside the key's own chain."""
        self._key = key
        self._der = key.certificate.dump()
        named = key.certificate["tbs_certificate"]
        self._sid = _SEQUENCE(named["issuer"].dump(), named["serial_number"].dump())
        self._content_type = general.simple_cms_attribute("content_type", "data").dump()
        self._reference = general.simple_cms_attribute(
            "signing_certificate_v2", general.as_signing_certificate_v2(key.certificate)
        ).dump()
        others = (one.dump() for one in (*key.chain, *authorities) if one.self_signed == "no")
        self._certificates = b"".join(sorted({self._der, *others}))
        registry = _Unparsed()
        for one in (*key.chain, *authorities):
            registry.register(one)
        super().__init__(signing_cert=key.certificate, cert_registry=registry, embed_roots=False)

    @property
    def signing_cert(self) -> x509.Certificate:
        """The signer's certificate, untouched; see :class:`_Unparsed`."""
        return x509.Certificate.load(self._der)

    @property
    def certificate(self) -> x509.Certificate:
        """The same, parsed once."""
        return self._key.certificate

    def get_signature_mechanism_for_digest(
        self, digest_algorithm: str | None
    ) -> algos.SignedDigestAlgorithm:
        """RSA with PKCS #1 v1.5, which every reader verifies, or ECDSA."""
        name = "rsa" if self._key.certificate.public_key.algorithm == "rsa" else "ecdsa"
        return algos.SignedDigestAlgorithm({"algorithm": f"{digest_algorithm}_{name}"})

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The signature of ``data``; zeros of the right length when only the length matters."""
        if dry_run:
            bits = int(self._key.certificate.public_key.bit_size)
            rsa_key = self._key.certificate.public_key.algorithm == "rsa"
            return bytes((bits + 7) // 8 if rsa_key else 2 * ((bits + 7) // 8) + 16)
        return await self._key.sign(data, digest_algorithm)

    async def signed_attrs(
        self,
        data_digest: bytes,
        digest_algorithm: str,
        attr_settings: PdfCMSSignedAttributes | None = None,
        content_type: str = "data",
        use_pades: bool = False,
        timestamper: TimeStamper | None = None,
        dry_run: bool = False,
        is_pdf_sig: bool = True,
    ) -> cms.CMSAttributes:
        """What PAdES has signed: content type, digest, certificate (EN 319 142-1, 6.3), as DER."""
        plain = attr_settings is None or attr_settings.cades_signed_attrs is None
        if not (use_pades and is_pdf_sig and plain and content_type == "data"):
            return await super().signed_attrs(
                data_digest,
                digest_algorithm,
                attr_settings=attr_settings,
                content_type=content_type,
                use_pades=use_pades,
                timestamper=timestamper,
                dry_run=dry_run,
                is_pdf_sig=is_pdf_sig,
            )
        digest = _SEQUENCE(_MESSAGE_DIGEST, _SET(parser.emit(0, 0, 4, data_digest)))
        return cms.CMSAttributes.load(_SET(self._content_type, digest, self._reference))

    async def async_sign_prescribed_attributes(
        self,
        digest_algorithm: str,
        signed_attrs: cms.CMSAttributes,
        cms_version: str = "v1",
        dry_run: bool = False,
        timestamper: TimeStamper | None = None,
        encap_content_info: Any = None,
    ) -> cms.ContentInfo:
        """Signature and time stamp as a detached CMS (RFC 5652, section 5.1), put together as DER.

        pyHanko's own way through asn1crypto's objects gives the same bytes for a third of all CPU
        a signature costs.
        """
        if encap_content_info is not None and dict(encap_content_info) != _DETACHED:
            found: cms.ContentInfo = await super().async_sign_prescribed_attributes(
                digest_algorithm,
                signed_attrs,
                cms_version,
                dry_run,
                timestamper,
                encap_content_info,
            )
            return found
        attributes = signed_attrs.dump()
        signature = await self.async_sign_raw(attributes, digest_algorithm, dry_run)
        unsigned = await self.unsigned_attrs(
            digest_algorithm,
            signature,
            signed_attrs=signed_attrs,
            timestamper=timestamper,
            dry_run=dry_run,
        )
        digest = algos.DigestAlgorithm({"algorithm": digest_algorithm}).dump()
        mechanism = self.get_signature_mechanism_for_digest(digest_algorithm).dump()
        info = _SEQUENCE(
            _INTEGER_1,
            self._sid,
            digest,
            _tagged(0, attributes),
            mechanism,
            parser.emit(0, 0, 4, signature),
            b"" if unsigned is None else _tagged(1, unsigned.dump()),
        )
        signed = _SEQUENCE(
            core.Integer(int(cms_version.removeprefix("v"))).dump(),
            _SET(digest),
            _SEQUENCE(_DATA),
            parser.emit(2, 1, 0, self._certificates),
            _SET(info),
        )
        return cms.ContentInfo.load(_SEQUENCE(_SIGNED_DATA, parser.emit(2, 1, 0, signed)))


def _SEQUENCE(*parts: bytes) -> bytes:
    return bytes(parser.emit(0, 1, 16, b"".join(parts)))


def _SET(*parts: bytes) -> bytes:
    return bytes(parser.emit(0, 1, 17, b"".join(sorted(parts))))


def _tagged(number: int, der: bytes) -> bytes:
    """A structure with an implicit context tag instead of its own."""
    return bytes(parser.emit(2, 1, number, parser.parse(der)[4]))


class Keyring:
    """The key of each role, opened when it is first needed. For one event loop."""

    def __init__(self, pki: Pki, options: SigningOptions, web: Web, ask: Ask | None) -> None:
        """``ask`` is for secrets that have no file; None: nobody is there to ask."""
        self._pki = pki
        self._options = options
        self._web = web
        self._ask = ask
        self._keys: dict[SignerRole, SigningKey] = {}
        self._services: dict[str, Service] = {}
        self._refused: dict[SignerRole, ConfigurationError] = {}

    @property
    def states(self) -> tuple[ServiceState, ...]:
        """How the remote services stand."""
        return tuple(service.state for service in self._services.values())

    async def key(self, role: SignerRole) -> SigningKey:
        """The key of ``role``.

        Raises:
            ConfigurationError: it cannot be opened as configured.
            ServiceUnavailable: its token or service does not answer.
        """
        if role in self._refused:
            raise self._refused[role]
        if role not in self._keys:
            try:
                self._keys[role] = await self._open(role)
            except ConfigurationError as exc:
                if exc.code in _LOCKING:
                    self._refused[role] = exc
                raise
        return self._keys[role]

    async def _open(self, role: SignerRole) -> SigningKey:
        chosen = self._options.keys.get(role)
        if chosen is None:
            issuing = self._pki.certificate("issuing")
            return MemoryKey(
                self._pki.key(role.value), self._pki.certificate(role.value), (issuing,)
            )
        if isinstance(chosen, FileKey):
            return key_in_file(chosen, secret_of(role.value, chosen.password_file, self._ask))
        if isinstance(chosen, TokenKey):
            pin = secret_of(role.value, chosen.pin_file, self._ask)
            return TokenSigningKey(chosen, pin, certificate_files(chosen.chain))
        return await self._remote(role, chosen)

    async def _remote(self, role: SignerRole, chosen: RemoteKey) -> SigningKey:
        service = self._services.setdefault(
            chosen.address, Service("remote_key", self._options.services)
        )
        pin = secret_of(role.value, chosen.pin_file, None) if chosen.pin_file else None
        return await RemoteSigningKey.open(chosen, pin, service, self._web)


def certificate_files(paths: tuple[Path, ...]) -> tuple[x509.Certificate, ...]:
    """The certificates in PEM or DER files, or in folders of such.

    Raises:
        ConfigurationError: one is missing or holds none.
    """
    found: list[x509.Certificate] = []
    for path in [file for given in paths for file in anchors_of(given)]:
        try:
            found += certificates_in(path.read_bytes())
        except (OSError, WrongAnswer) as exc:
            raise ConfigurationError("signing.anchor_unreadable") from exc
    return tuple(found)
