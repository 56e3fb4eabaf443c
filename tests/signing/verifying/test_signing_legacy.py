"""Kinds of signatures from before PAdES: intact but weak where the mathematics holds."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms, core, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pdf_attacks import gaps
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

from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify

ROOM = 8192


def _prepared(content: bytes, kind: str, certificates: list[x509.Certificate]) -> bytes:
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
    made = out.getvalue()
    hole = b"<" + b"00" * ROOM + b">"
    first = made.index(hole)
    second = first + len(hole)
    dummy = b"2000000000 2000000000 2000000000 2000000000"
    numbers = b"0 %d %d %d" % (first, second, len(made) - second)
    return made.replace(dummy, numbers.ljust(len(dummy)))


def _signed_bytes(made: bytes) -> bytes:
    first, second = gaps(made)[0]
    return made[:first] + made[second:]


def _filled(made: bytes, contents: bytes) -> bytes:
    first, second = gaps(made)[0]
    value = b"<" + contents.hex().encode().ljust(second - first - 2, b"0") + b">"
    return made[:first] + value + made[second:]


def _bare(content: bytes, pki: Pki, digest: hashes.HashAlgorithm) -> bytes:
    """``adbe.x509.rsa_sha1``: an RSA signature in an octet string."""
    chain = [pki.certificate("clerk"), pki.certificate("issuing")]
    made = _prepared(content, "/adbe.x509.rsa_sha1", chain)
    value = pki.key("clerk").sign(_signed_bytes(made), PKCS1v15(), digest)
    return _filled(made, core.OctetString(value).dump())


def _digested(content: bytes, pki: Pki, digest: bytes | None = None) -> bytes:
    """``adbe.pkcs7.sha1``: a CMS signature of the SHA-1 of the byte range."""
    made = _prepared(content, "/adbe.pkcs7.sha1", [])
    held = digest or hashlib.sha1(_signed_bytes(made)).digest()
    clerk = pki.certificate("clerk")
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.sha1(held).digest()]},
        ]
    )
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            {"issuer": clerk.issuer, "serial_number": clerk.serial_number},
        ),
        "digest_algorithm": {"algorithm": "sha1"},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": pki.key("clerk").sign(attributes.dump(), PKCS1v15(), hashes.SHA1()),
    }
    data = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha1"}],
        "encap_content_info": {"content_type": "data", "content": held},
        "certificates": [clerk, pki.certificate("issuing")],
        "signer_infos": [info],
    }
    whole = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})
    return _filled(made, whole.dump())


MAKERS: dict[str, Callable[[bytes, Pki], bytes]] = {
    "adbe.x509.rsa_sha1": lambda content, pki: _bare(content, pki, hashes.SHA1()),
    "adbe.pkcs7.sha1": _digested,
}


@pytest.mark.parametrize("kind", MAKERS)
def test_old_kinds_are_valid_and_weak(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], tmp_path: Path, kind: str
) -> None:
    content = MAKERS[kind](paper, pki)
    verdict = judge(content)
    assert verdict.verdict is Verdict.valid_weak
    (report,) = verdict.signatures
    assert report.intact and report.level == kind
    assert report.algorithms is not None and report.algorithms.digest == "sha1"
    assert report.time is not None and report.time_source == "claimed"
    path = tmp_path / "old.pdf"
    path.write_bytes(content)
    assert verify(path, Trust()).verdict is Verdict.intact_untrusted


@pytest.mark.parametrize("kind", MAKERS)
def test_old_kinds_notice_changes(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], kind: str
) -> None:
    content = MAKERS[kind](paper, pki)
    at = content.index(b"/MediaBox") if b"/MediaBox" in content else content.index(b"/Adobe.PPK")
    changed = content[: at + 1] + b"N" + content[at + 2 :]
    assert judge(changed).verdict in {Verdict.altered, Verdict.broken, Verdict.unreadable}
    first, second = gaps(content)[0]
    flipped = content[: first + 400] + b"ab" + content[first + 402 :]
    assert judge(flipped).verdict not in {Verdict.valid, Verdict.valid_weak}
    assert judge(content[:first] + b"<00>".ljust(second - first) + content[second:]).verdict in {
        Verdict.altered,
        Verdict.broken,
    }


def test_a_newer_hash_in_the_bare_kind_is_not_weak(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Acrobat writes SHA-256 under the old name too."""
    verdict = judge(_bare(paper, pki, hashes.SHA256()))
    assert verdict.verdict is Verdict.valid


def test_the_digest_of_another_file_is_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """The CMS signature is good, its content is not this file's."""
    verdict = judge(_digested(paper, pki, digest=bytes(20)))
    assert verdict.verdict is Verdict.altered
    assert not verdict.signatures[0].intact
