"""Signatures that hold, of which something cannot be explained: said as that, and never valid."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms, core, keys
from asn1crypto import x509 as asn1_x509
from crafted_cms import PADES, crafted
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from pdf_signing import Identity, identity, issued, local_stamper, sign
from pyhanko.pdf_utils.generic import NameObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko_certvalidator.registry import CertificateRegistry

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]


def _again(pki: Pki, change: Callable[[Any], None], **about: Any) -> Identity:
    """A certificate of the issuing authority's with parts that no library here would write."""
    made = issued(pki, **about)
    held = made.certificate.copy()
    change(held["tbs_certificate"])
    said = held["tbs_certificate"].dump(force=True).replace(b"MISSPELT", b"\xff\xfeSSPELT")
    held["tbs_certificate"] = asn1_x509.TbsCertificate.load(said)
    held["signature_value"] = pki.key("issuing").sign(said, PKCS1v15(), hashes.SHA256())
    return Identity(asn1_x509.Certificate.load(held.dump()), made.key, made.chain)


def _named(value: Any, kind: str = "unique_identifier") -> Callable[[Any], None]:
    def change(held: Any) -> None:
        part = asn1_x509.NameTypeAndValue({"type": kind, "value": value})
        usual = asn1_x509.NameTypeAndValue(
            {"type": "common_name", "value": asn1_x509.DirectoryString("utf8_string", "Lê Văn Mận")}
        )
        sets = [asn1_x509.RelativeDistinguishedName([one]) for one in (usual, part)]
        held["subject"] = asn1_x509.Name("", asn1_x509.RDNSequence(sets))

    return change


NAMES: dict[str, Callable[[Any], None]] = {
    "a unique identifier": _named(core.OctetBitString(b"\x0f\xa5\x00")),
    "a unique identifier in letters": _named(core.UTF8String("CCCD 0")),
    "a telephone number": _named(core.PrintableString("+84 0"), "telephone_number"),
    "a telephone number in UTF-8": _named(core.UTF8String("+84 0"), "telephone_number"),
    "letters of another encoding": _named(
        asn1_x509.DirectoryString("utf8_string", core.UTF8String("MISSPELT")),
        "organization_name",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_no_text_does_no_harm(
    paper: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    """Such names could be neither compared nor looked up."""
    verdict = judge(crafted(paper, _again(pki, NAMES[name])))
    (report,) = verdict.signatures
    assert report.intact and report.signer == "Lê Văn Mận"
    if name != "letters of another encoding":
        assert verdict.verdict is Verdict.valid
    else:  # pyHanko shows names while it looks at them
        assert verdict.verdict is Verdict.intact_untrusted and "path_failed" in report.findings


def test_names_that_are_no_text_differ(pki: Pki) -> None:
    one, other, same = (
        _again(pki, _named(core.OctetBitString(value))).certificate.subject
        for value in (b"\x01", b"\x02", b"\x01")
    )
    assert one == same and one != other
    assert one.hashable != other.hashable


def _fails(monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool] = lambda: True) -> None:
    usual = CertificateRegistry.register_multiple

    def fail(*about: Any) -> Any:
        if when():
            raise TypeError("past understanding")
        return usual(*about)

    monkeypatch.setattr(CertificateRegistry, "register_multiple", fail)


@pytest.mark.parametrize("stamped", [False, True])
def test_a_path_that_cannot_be_built_is_no_damage(
    paper: bytes, pki: Pki, judge: Judge, monkeypatch: pytest.MonkeyPatch, stamped: bool
) -> None:
    stamper = local_stamper(pki) if stamped else None
    content = sign(paper, identity(pki), pades=True, stamper=stamper)
    _fails(monkeypatch)
    verdict = judge(content)
    assert verdict.verdict is Verdict.intact_untrusted
    (report,) = verdict.signatures
    assert report.intact and not report.trusted and report.anchor is None
    assert "path_failed" in report.findings
    assert ("time_stamp_untrusted" in report.findings) is stamped
    assert "không lần được" in verdict.sentence


def test_an_archive_time_stamp_whose_path_cannot_be_built(
    sealed_bytes: bytes, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fails(monkeypatch)
    verdict = judge(sealed_bytes)
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.signatures[0].intact


@pytest.mark.parametrize(
    "damage", [b"signed bytes", b"the signature", b"what its time stamp stamps"]
)
def test_without_a_path_damage_is_still_damage(
    paper: bytes, pki: Pki, judge: Judge, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    """Whoever makes the path fail gains nothing by it."""

    def lie(request: Any) -> None:
        request["message_imprint"]["hashed_message"] = bytes(32)

    who = identity(pki)
    if damage == b"signed bytes":
        content = sign(paper, who)
        at = content.index(b"%PDF-") + 9
        content = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        bad = Verdict.altered
    elif damage == b"the signature":
        content = crafted(paper, who, info=_flip)
        bad = Verdict.broken
    else:
        content = sign(paper, who, pades=True, stamper=local_stamper(pki, lie=lie))
        bad = Verdict.broken
    _fails(monkeypatch)
    assert judge(content).verdict is bad


def _flip(info: cms.SignerInfo) -> None:
    value = bytearray(info["signature"].native)
    value[9] ^= 1
    info["signature"] = bytes(value)


def _mechanism(oid: str) -> dict[str, Any]:
    return {"mechanism": {"algorithm": oid}}


def _curve(held: Any) -> None:
    """A public key on the curve of SM2 (GB/T 32918), which is not to be had here."""
    point = b"\x04" + bytes(range(1, 65))
    held["subject_public_key_info"] = keys.PublicKeyInfo(
        {
            "algorithm": {
                "algorithm": "ec",
                "parameters": keys.ECDomainParameters("named", "1.2.156.10197.1.301"),
            },
            "public_key": keys.ECPointBitString(point),
        }
    )


UNKNOWN: dict[str, Callable[[bytes, Pki], bytes]] = {
    "a signature": lambda paper, pki: crafted(paper, identity(pki), **_mechanism("1.2.3.4")),
    "GOST": lambda paper, pki: crafted(paper, identity(pki), **_mechanism("1.2.643.7.1.1.3.2")),
    "SM2": lambda paper, pki: crafted(
        paper, _again(pki, _curve), **_mechanism("1.2.156.10197.1.501")
    ),
    "a curve": lambda paper, pki: crafted(
        paper, _again(pki, _curve), mechanism={"algorithm": "sha256_ecdsa"}
    ),
    "a hash": lambda paper, pki: crafted(
        paper, identity(pki), info=lambda info: _hashed(info, "1.2.643.7.1.1.2.2")
    ),
    "PAdES": lambda paper, pki: crafted(
        paper, identity(pki), kind=PADES, **_mechanism("1.2.643.7.1.1.3.2")
    ),
}


def _hashed(info: cms.SignerInfo, oid: str) -> None:
    info["digest_algorithm"] = {"algorithm": oid}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_algorithm_that_is_not_known_is_said_to_be_that(
    paper: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    """Neither damaged nor good: not checked."""
    verdict = judge(UNKNOWN[name](paper, pki))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.sentence == sentence("signing.verdict_unknown_algorithm", "vi")
    (report,) = verdict.signatures
    assert not report.intact and not report.trusted
    assert "unknown_algorithm" in report.findings
    assert not {"content_changed", "signature_invalid", "changed_after"} & set(report.findings)


@pytest.mark.parametrize("name", ["a signature", "SM2"])
def test_changed_content_is_told_whatever_the_algorithm(
    paper: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    """An attacker may write any algorithm into a signature; the hash inside tells."""
    content = UNKNOWN[name](paper, pki)
    at = content.index(b"%PDF-") + 9
    assert judge(content[:at] + b"\xa1" + content[at + 1 :]).verdict is Verdict.altered


def test_what_is_appended_is_told_whatever_the_algorithm(
    paper: bytes, pki: Pki, judge: Judge
) -> None:
    for name in ("a signature", "a hash"):
        writer = IncrementalPdfFileWriter(BytesIO(UNKNOWN[name](paper, pki)))
        writer.root[pdf_name("/PageMode")] = NameObject("/FullScreen")
        writer.update_root()
        out = BytesIO()
        writer.write(out)
        assert judge(out.getvalue()).verdict is Verdict.altered


def test_a_certificate_without_key_usage_is_one_for_documents(
    paper: bytes, pki: Pki, judge: Judge
) -> None:
    """RFC 5280, 4.2.1.3: what is not limited is allowed."""

    def change(held: Any) -> None:
        held["extensions"] = [
            one for one in held["extensions"] if one["extn_id"].native != "key_usage"
        ]

    verdict = judge(sign(paper, _again(pki, change)))
    assert verdict.verdict is Verdict.valid
    as_one = _again(pki, change, is_ca=True)
    assert judge(sign(paper, as_one)).verdict is Verdict.intact_untrusted
