# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Signatures of other kinds than PAdES: ``adbe.pkcs7.sha1``, ``adbe.x509.rsa_sha1``, detached CMS.

ISO 32000-2, 12.8.3.2 and 12.8.3.3.3 deprecate the first two; old files still carry them. One is a
CMS signature of the SHA-1 of the byte range, the other a bare RSA signature beside its certificate;
pyHanko reads neither. The third stands beside what it signs, in containers.
"""

import hashlib
from datetime import datetime

from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_self_reported_ts,
)
from pyhanko.sign.validation.pdf_embedded import extract_contents

PKCS7_SHA1 = "/adbe.pkcs7.sha1"
RSA_SHA1 = "/adbe.x509.rsa_sha1"
CADES = "/CAdES"
_DETACHED = {SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value, SigSeedSubFilter.PADES.value}


class DetachedSignature:
    """A CMS signature beside what it signs, with the face of :class:`EmbeddedPdfSignature`."""

    def __init__(self, info: cms.ContentInfo, content: bytes, unchanged: bool) -> None:
        """``unchanged``: what the signed ``content`` says of other files is true.

        Raises:
            Exception: of many kinds, when it is no signature with its certificate.
        """
        self.signed_data: cms.SignedData = info["content"]
        self.signer_info: cms.SignerInfo = extract_signer_info(self.signed_data)
        self.md_algorithm: str = self.signer_info["digest_algorithm"]["algorithm"].native.lower()
        self.signer_cert: x509.Certificate = extract_certs_for_validation(
            self.signed_data
        ).signer_cert
        self.sig_object = {"/SubFilter": CADES}
        self.byte_range = (0, 0, 0, len(content))
        self.unchanged = unchanged
        self._content = content

    @property
    def self_reported_timestamp(self) -> datetime | None:
        """The time of signing that the signer claims."""
        claimed: datetime | None = extract_self_reported_ts(self.signer_info)
        return claimed

    def compute_digest(self, hash_algo: str | None = None) -> bytes:
        """The hash of what is signed."""
        return hashlib.new(hash_algo or self.md_algorithm, self._content).digest()


class _DigestInfo(core.Sequence):  # type: ignore[misc]  # RFC 8017, 9.2
    _fields = [("algorithm", algos.DigestAlgorithm), ("digest", core.OctetString)]  # noqa: RUF012


def open_signature(
    reader: PdfFileReader, field: DictionaryObject, name: str
) -> EmbeddedPdfSignature:
    """The signature in a signed field, of whatever kind.

    A bare RSA signature is given the shape of the CMS signature without signed attributes that
    says the same; ``pkcs7_content`` stays what is in the file.

    Raises:
        Exception: of many kinds, when it cannot be read.
    """
    signature = field.get_object()["/V"]
    if str(signature.get("/SubFilter", "")) != RSA_SHA1:
        embedded = EmbeddedPdfSignature(reader, field, name)
        held = embedded.signed_data["encap_content_info"]
        if encloses_nothing(embedded):
            embedded.signed_data["encap_content_info"] = type(held)(
                {"content_type": held["content_type"].native}
            )
        return embedded
    held, original = signature.raw_get("/Contents"), extract_contents(signature)
    signature[pdf_name("/Contents")] = ByteStringObject(_as_cms(original, _chain(signature)))
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
    finally:
        signature[pdf_name("/Contents")] = held
    embedded.pkcs7_content = original
    return embedded


def encloses_nothing(embedded: EmbeddedPdfSignature) -> bool:
    """Whether a detached CMS signature has a content of no bytes, where there should be none.

    Programs that sign write ``eContent`` as an empty OCTET STRING. RFC 5652, 5.2, would have it
    left out; ISO 32000-2, 12.8.3.3.1, asks that no data be encapsulated, and none are. What is
    signed is not in doubt: the message digest among the signed attributes is that of the byte
    range, and no empty content has that digest. So it counts as detached, and that is said.
    """
    if str(embedded.sig_object.get("/SubFilter", "")) not in _DETACHED:
        return False
    held = cms.ContentInfo.load(embedded.pkcs7_content)["content"]["encap_content_info"]
    return bool(held["content_type"].native == "data" and held["content"].native == b"")


def _chain(signature: DictionaryObject) -> list[x509.Certificate]:
    """The certificates in ``/Cert``, the signer's first."""
    found = signature["/Cert"]
    parts = list(found) if isinstance(found, ArrayObject) else [found]
    held = [part for part in parts if isinstance(part, ByteStringObject | TextStringObject)]
    return [x509.Certificate.load(part.original_bytes) for part in held]


def _as_cms(contents: bytes, chain: list[x509.Certificate]) -> bytes:
    value = core.OctetString.load(contents).native
    signer = chain[0]
    digest = algos.DigestAlgorithm({"algorithm": _digest_in(value, signer)})
    identifier = {"issuer": signer.issuer, "serial_number": signer.serial_number}
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", identifier),
            "digest_algorithm": digest,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": value,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": chain,
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _digest_in(value: bytes, signer: x509.Certificate) -> str:
    """The hash algorithm named inside the RSA signature; SHA-1 where the key does not open it."""
    key = load_der_public_key(signer.public_key.dump())
    if isinstance(key, RSAPublicKey):
        try:
            info = _DigestInfo.load(key.recover_data_from_signature(value, PKCS1v15(), None))
            return str(info["algorithm"]["algorithm"].native)
        except Exception:  # not made by this key: the check of the signature will say so
            return "sha1"
    raise ValueError("not an RSA key")


def covers_digest(signature: EmbeddedPdfSignature) -> bool:
    """Whether the content of an ``adbe.pkcs7.sha1`` signature is the SHA-1 of its byte range."""
    content = signature.signed_data["encap_content_info"]["content"]
    return bytes(content.native or b"") == signature.compute_digest("sha1")
