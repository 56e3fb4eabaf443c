"""Signatures put together by hand, part by part, so that any part may be wrong."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pdf_attacks import gaps
from pdf_signing import Identity
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NumberObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

ROOM = 16384
DETACHED = "/adbe.pkcs7.detached"
PADES = "/ETSI.CAdES.detached"

Attributes = list[dict[str, Any]]


def prepared(
    content: bytes, kind: str = DETACHED, certificates: Sequence[x509.Certificate] = ()
) -> bytes:
    """A file with a signature dictionary that still wants its contents."""
    writer = IncrementalPdfFileWriter(BytesIO(content))
    append_signature_field(writer, SigFieldSpec("Old"))
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    entries = {
        pdf_name("/Type"): pdf_name("/Sig"),
        pdf_name("/Filter"): pdf_name("/Adobe.PPKLite"),
        pdf_name("/SubFilter"): pdf_name(kind),
        pdf_name("/M"): pdf_string(f"D:{datetime.now(UTC):%Y%m%d%H%M%S}Z"),
        pdf_name("/ByteRange"): ArrayObject([NumberObject(2_000_000_000)] * 4),
        pdf_name("/Contents"): ByteStringObject(bytes(ROOM)),
    }
    if certificates:
        entries[pdf_name("/Cert")] = ArrayObject(
            ByteStringObject(one.dump()) for one in certificates
        )
    field[pdf_name("/V")] = writer.add_object(DictionaryObject(entries))
    writer.update_container(field)
    out = BytesIO()
    writer.write(out)
    return with_hole(out.getvalue())


def with_hole(made: bytes) -> bytes:
    """The file with the byte range of the hole in it, for which there is room."""
    hole = b"<" + b"00" * ROOM + b">"
    first = made.index(hole)
    second = first + len(hole)
    dummy = b"2000000000 2000000000 2000000000 2000000000"
    numbers = b"0 %d %d %d" % (first, second, len(made) - second)
    return made.replace(dummy, numbers.ljust(len(dummy)))


def signed_bytes(made: bytes) -> bytes:
    """What the first byte range covers."""
    first, second = gaps(made)[0]
    return made[:first] + made[second:]


def filled(made: bytes, contents: bytes) -> bytes:
    """The file with its signature's contents."""
    first, second = gaps(made)[0]
    value = b"<" + contents.hex().encode().ljust(second - first - 2, b"0") + b">"
    return made[:first] + value + made[second:]


def usual(who: Identity, data: bytes, digest: str = "sha256") -> Attributes:
    """The signed attributes of an honest signature."""
    certificate = tsp.ESSCertIDv2(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "cert_hash": hashlib.sha256(who.certificate.dump()).digest(),
        }
    )
    return [
        {"type": "content_type", "values": ["data"]},
        {"type": "message_digest", "values": [hashlib.new(digest, data).digest()]},
        {
            "type": "signing_certificate_v2",
            "values": [tsp.SigningCertificateV2({"certs": [certificate]})],
        },
    ]


def by_rsa(digest: str = "sha256") -> Callable[[Identity, bytes], bytes]:
    """PKCS #1 v1.5 over a hash."""
    algorithm: Any = getattr(hashes, digest.upper())()
    return lambda who, data: bytes(who.key.sign(data, PKCS1v15(), algorithm))


def crafted(
    content: bytes,
    who: Identity,
    *,
    kind: str = DETACHED,
    digest: str = "sha256",
    mechanism: dict[str, Any] | None = None,
    attributes: Callable[[Attributes], Attributes | None] = lambda usual: usual,
    signing: Callable[[Identity, bytes], bytes] | None = None,
    info: Callable[[cms.SignerInfo], None] = lambda info: None,
    data: Callable[[dict[str, Any]], None] = lambda data: None,
    whole: Callable[[bytes], bytes] = lambda der: der,
    prepare: Callable[[bytes, str], bytes] = prepared,
) -> bytes:
    """``content`` with a signature by ``who`` in which each part may be changed.

    ``attributes`` gets and gives the signed attributes (``None``: without any), ``info`` and
    ``data`` change the signer's part and the whole before it is encoded, ``whole`` the encoding.
    ``prepare`` makes room for it.
    """
    made = prepare(content, kind)
    signed = signed_bytes(made)
    said = attributes(usual(who, signed, digest))
    encoded = None if said is None else cms.CMSAttributes(said)
    value = (signing or by_rsa(digest))(who, signed if encoded is None else encoded.dump())
    parts: dict[str, Any] = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            {"issuer": who.certificate.issuer, "serial_number": who.certificate.serial_number},
        ),
        "digest_algorithm": {"algorithm": digest},
        "signature_algorithm": mechanism or {"algorithm": "rsassa_pkcs1v15"},
        "signature": value,
    }
    if encoded is not None:
        parts["signed_attrs"] = encoded
    signer = cms.SignerInfo(parts)
    info(signer)
    held: dict[str, Any] = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [who.certificate, *who.chain],
        "signer_infos": [signer],
    }
    data(held)
    done = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(held)})
    return filled(made, whole(bytes(done.dump())))


def bare(content: bytes, who: Identity, digest: hashes.HashAlgorithm) -> bytes:
    """``adbe.x509.rsa_sha1``: an RSA signature in an octet string."""
    made = prepared(content, "/adbe.x509.rsa_sha1", [who.certificate, *who.chain])
    value = who.key.sign(signed_bytes(made), PKCS1v15(), digest)
    return filled(made, core.OctetString(value).dump())
