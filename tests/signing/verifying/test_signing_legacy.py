"""Kinds of signatures from before PAdES: intact but weak where the mathematics holds."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms
from crafted_cms import bare, filled, prepared, signed_bytes
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pdf_attacks import gaps
from pdf_signing import identity

from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify


def _digested(content: bytes, pki: Pki, digest: bytes | None = None) -> bytes:
    """``adbe.pkcs7.sha1``: a CMS signature of the SHA-1 of the byte range."""
    made = prepared(content, "/adbe.pkcs7.sha1")
    held = digest or hashlib.sha1(signed_bytes(made)).digest()
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
    return filled(made, whole.dump())


MAKERS: dict[str, Callable[[bytes, Pki], bytes]] = {
    "adbe.x509.rsa_sha1": lambda content, pki: bare(content, identity(pki), hashes.SHA1()),
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
    last = len(content[first:second].rstrip(b">").rstrip(b"0")) + first - 3
    digit = b"a" if content[last : last + 1] != b"a" else b"b"
    flipped = content[:last] + digit + content[last + 1 :]  # in the signature's value
    assert judge(flipped).verdict in {Verdict.altered, Verdict.broken}
    assert judge(content[:first] + b"<00>".ljust(second - first) + content[second:]).verdict in {
        Verdict.altered,
        Verdict.broken,
    }


def test_a_newer_hash_in_the_bare_kind_is_not_weak(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Acrobat writes SHA-256 under the old name too."""
    verdict = judge(bare(paper, identity(pki), hashes.SHA256()))
    assert verdict.verdict is Verdict.valid


def test_the_digest_of_another_file_is_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """The CMS signature is good, its content is not this file's."""
    verdict = judge(_digested(paper, pki, digest=bytes(20)))
    assert verdict.verdict is Verdict.altered
    assert not verdict.signatures[0].intact
