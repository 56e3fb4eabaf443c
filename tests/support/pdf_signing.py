"""Signatures as other programs make them, with any certificate and any clock."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing import Pki


@dataclass(frozen=True)
class Identity:
    """A certificate, its key, and the certificates to send along."""

    certificate: asn1_x509.Certificate
    key: Any
    chain: tuple[asn1_x509.Certificate, ...] = ()

    def signer(self) -> SimpleSigner:
        der = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        store = SimpleCertificateStore()
        store.register_multiple(self.chain)
        return SimpleSigner(self.certificate, asn1_keys.PrivateKeyInfo.load(der), store)


def identity(pki: Pki, label: str = "clerk") -> Identity:
    return Identity(pki.certificate(label), pki.key(label), (pki.certificate("issuing"),))


def issued(
    pki: Pki,
    *,
    issuer: str = "issuing",
    valid: tuple[datetime, datetime] | None = None,
    name: str = "Người được cấp",
    usage: Sequence[str] = ("digital_signature", "content_commitment"),
    extended: Sequence[x509.ObjectIdentifier] = (),
    is_ca: bool = False,
    self_signed: bool = False,
    key: Any = None,
    signing_key: Any = None,
) -> Identity:
    """A certificate of our making, with the clerk's key unless another is given."""
    key = key or pki.key("clerk")
    begin, end = valid or (
        datetime.now(UTC) - timedelta(days=30),
        datetime.now(UTC) + timedelta(365),
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    parent = x509.load_der_x509_certificate(pki.certificate(issuer).dump())
    bits = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(parent.subject if self_signed else subject)
        .issuer_name(parent.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(
            x509.KeyUsage(
                **{bit: bit in usage for bit in bits}, encipher_only=False, decipher_only=False
            ),
            critical=True,
        )
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(extended)), critical=True)
    made = builder.sign(signing_key or (key if self_signed else pki.key(issuer)), hashes.SHA256())
    der = made.public_bytes(serialization.Encoding.DER)
    chain = () if self_signed else (pki.certificate("issuing"),)
    return Identity(asn1_x509.Certificate.load(der), key, chain)


def issued_with_sha1(pki: Pki) -> Identity:
    """As authorities issued until about 2016; cryptography does not make such any more."""
    modern = issued(pki)
    old = modern.certificate.copy()
    algorithm = {"algorithm": "sha1_rsa"}
    old["tbs_certificate"]["signature"] = algorithm
    old["signature_algorithm"] = algorithm
    old["signature_value"] = pki.key("issuing").sign(
        old["tbs_certificate"].dump(force=True), PKCS1v15(), hashes.SHA1()
    )
    return Identity(asn1_x509.Certificate.load(old.dump(force=True)), modern.key, modern.chain)


def sign(
    content: bytes,
    who: Identity,
    *,
    field: str = "Other",
    digest: str = "sha256",
    pades: bool = False,
    box: tuple[int, int, int, int] | None = None,
    certify: MDPPerm | None = None,
    at: datetime | None = None,
    stamper: TimeStamper | None = None,
    style: Any = None,
) -> bytes:
    """A signature without any check of the certificate."""
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        certify=certify is not None,
        **({} if certify is None else {"docmdp_permissions": certify}),
    )
    signer = PdfSigner(
        metadata,
        who.signer(),
        timestamper=stamper,
        new_field_spec=SigFieldSpec(field, box=box),
        **({} if style is None else {"stamp_style": style}),
    )
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    return run(signer, writer, at)


def run(signer: PdfSigner, writer: IncrementalPdfFileWriter, at: datetime | None) -> bytes:
    """Sign what is written; ``at`` is what the signer's clock shows."""
    out = BytesIO()
    if at is None:
        signer.sign_pdf(writer, output=out)
        return out.getvalue()
    session = signer.init_signing_session(writer)
    session.system_time = at

    async def work() -> None:
        checked = await session.perform_presign_validation(writer)
        document = session.prepare_tbs_document(checked, 16384)
        digested, output = document.digest_tbs_document(output=out)
        done = await document.perform_signature(
            digested.document_digest, PdfCMSSignedAttributes(signing_time=at)
        )
        await done.post_signature_processing(output)

    asyncio.run(work())
    return out.getvalue()


class LocalStamper(DummyTimeStamper):
    """A time-stamping unit in process, which may lie."""

    def __init__(self, who: Identity, lie: Callable[[tsp.TimeStampReq], None] | None) -> None:
        signer = who.signer()
        super().__init__(
            tsa_cert=who.certificate,
            tsa_key=signer.signing_key,
            certs_to_embed=signer.cert_registry,
        )
        self._lie = lie

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        if self._lie is not None:
            req = tsp.TimeStampReq.load(req.dump())
            self._lie(req)
        return await super().async_request_tsa_response(req)


def local_stamper(
    pki: Pki, *, label: str = "tsa", lie: Callable[[tsp.TimeStampReq], None] | None = None
) -> LocalStamper:
    return LocalStamper(identity(pki, label), lie)
