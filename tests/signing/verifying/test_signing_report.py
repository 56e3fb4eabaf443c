"""The validation report (ETSI TS 119 102-2), the guard around verification, anchors in folders."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from asn1crypto import pem
from pdf_attacks import appended, number_of
from pdf_signing import identity, issued, sign

from schemas.errors import ConfigurationError
from schemas.verdict import Verdict
from signing import Guard, Pki, Trust, trust_store, validate

V = "{http://uri.etsi.org/19102/v1.2.1#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
URN = "urn:etsi:019102"
ORDER = [
    "SignatureIdentifier",
    "ValidationTimeInfo",
    "SignersDocument",
    "SignatureAttributes",
    "SignerInformation",
    "SignatureValidationProcess",
    "SignatureValidationStatus",
]


def _reported(path: Path, content: bytes, trust: Trust) -> ElementTree.Element:
    path.write_bytes(content)
    written = validate(path, trust, report=True).report
    assert written is not None
    return ElementTree.fromstring(written)


def _indications(root: ElementTree.Element) -> list[tuple[str, str | None]]:
    return [
        (
            (one.findtext(f".//{V}MainIndication") or "").removeprefix(f"{URN}:mainindication:"),
            (one.findtext(f".//{V}SubIndication") or "").removeprefix(f"{URN}:subindication:")
            or None,
        )
        for one in root.findall(f"{V}SignatureValidationReport")
    ]


def test_a_sealed_file_passes(sealed_bytes: bytes, trust: Trust, pki: Pki, tmp_path: Path) -> None:
    root = _reported(tmp_path / "f.pdf", sealed_bytes, trust)
    assert _indications(root) == [("total-passed", None)]
    (one,) = root.findall(f"{V}SignatureValidationReport")
    assert [child.tag.removeprefix(V) for child in one] == ORDER
    assert one.findtext(f".//{V}SignatureValidationProcessID") == f"{URN}:validationprocess:LTA"
    numbers = [int(n) for n in (one.findtext(f".//{V}ByteRange") or "").split()]
    signed = sealed_bytes[: numbers[1]] + sealed_bytes[numbers[2] : numbers[2] + numbers[3]]
    value = one.findtext(f"{V}SignersDocument/{V}DigestAlgAndValue/{DS}DigestValue") or ""
    assert base64.b64decode(value) == hashlib.sha256(signed).digest()
    anchor = one.find(f".//{V}TrustAnchor")
    assert anchor is not None
    held = root.find(f".//{V}ValidationObject[@id='{anchor.get('VOReference')}']")
    assert held is not None
    assert base64.b64decode(held.findtext(f".//{V}base64") or "") == pki.root.dump()


def test_indications_are_those_of_the_standard(
    open_paper: bytes, trust: Trust, pki: Pki, tmp_path: Path
) -> None:
    path = tmp_path / "f.pdf"
    signed = sign(open_paper, identity(pki))
    changed = signed.replace(b"/PageLayout", b"/PageLayouT", 1)
    assert _indications(_reported(path, changed, trust)) == [("total-failed", "HASH_FAILURE")]
    page = appended(signed, {number_of(signed, b"Contents"): b"<< /Length 0 >>"})
    assert _indications(_reported(path, page, trust)) == [("total-failed", "FORMAT_FAILURE")]
    stranger = sign(open_paper, issued(pki, self_signed=True))
    ((main, sub),) = _indications(_reported(path, stranger, trust))
    assert main == "indeterminate" and sub in {
        "NO_CERTIFICATE_CHAIN_FOUND",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    }
    old = sign(open_paper, identity(pki), digest="sha1")
    assert _indications(_reported(path, old, trust)) == [
        ("indeterminate", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    ]
    (one,) = _reported(path, old, trust).findall(f"{V}SignatureValidationReport")
    assert one.findtext(f".//{V}BestSignatureTime/{V}POETime") == (
        one.findtext(f".//{V}ValidationTime")
    )  # required by the schema, also where nothing is proven
    path.write_bytes(open_paper)
    assert validate(path, trust, report=True).report is None


def test_a_guarded_verdict_is_the_same_and_a_heavy_file_ends(
    sealed_bytes: bytes, trust: Trust, tmp_path: Path
) -> None:
    path = tmp_path / "f.pdf"
    path.write_bytes(sealed_bytes)
    now = datetime.now(UTC)
    with Guard(trust) as guard:
        assert guard.verify(path, at=now, report=True) == validate(path, trust, at=now, report=True)
        guard._seconds = 0.0
        late = guard.verify(path).verdict
        assert late.verdict is Verdict.unreadable and "thời gian" in late.sentence
        guard._seconds = 300.0
        assert guard.verify(path).verdict.verdict is Verdict.valid  # in a new process


def test_anchors_and_revocation_lists_come_from_a_folder(pki: Pki, tmp_path: Path) -> None:
    folder = tmp_path / "anchors"
    folder.mkdir()
    assert trust_store(None, [folder]) == Trust()
    (folder / "root.pem").write_bytes(pem.armor("CERTIFICATE", pki.root.dump()))
    (folder / "ca.cer").write_bytes(pki.certificate("issuing").dump())
    lists = trust_store(pki).crls
    (folder / "ca.crl").write_bytes(lists[0])
    (folder / "readme.txt").write_text("not a certificate")
    trust = trust_store(None, [folder])
    assert set(trust.anchors) == {pki.root.dump(), pki.certificate("issuing").dump()}
    assert trust.crls == (lists[0],)
    (folder / "bad.crl").write_text("x")
    with pytest.raises(ConfigurationError):
        trust_store(None, [folder])
