"""Signatures with a part that is wrong, missing or there twice; and honest ones of many kinds."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import algos, cms, tsp
from crafted_cms import PADES, Attributes, by_rsa, crafted
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from pdf_signing import Identity, identity, issued

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
ZEROS = bytes(32)
INSIDE = "encap_content_info"
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


def _without(kind: str) -> Callable[[Attributes], Attributes]:
    return lambda usual: [one for one in usual if one["type"] != kind]


def _with(kind: str, *values: Any) -> Callable[[Attributes], Attributes]:
    """Other values for one attribute."""
    other = {"type": kind, "values": list(values)}
    return lambda usual: [other if one["type"] == kind else one for one in usual]


def _more(kind: str, value: Any) -> Callable[[Attributes], Attributes]:
    return lambda usual: [*usual, {"type": kind, "values": [value]}]


def _named(digest: str, value: bytes) -> tsp.SigningCertificateV2:
    one = {"hash_algorithm": {"algorithm": digest}, "cert_hash": value}
    return tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(one)]})


def _set(key: str, value: Any) -> Callable[[Any], None]:
    def change(held: Any) -> None:
        held[key] = value

    return change


def _twice(held: dict[str, Any]) -> None:
    held["signer_infos"] *= 2


def _pss(digest: str, salt: int) -> dict[str, Any]:
    generator = {"algorithm": "mgf1", "parameters": {"algorithm": digest}}
    parameters = {
        "hash_algorithm": {"algorithm": digest},
        "mask_gen_algorithm": generator,
        "salt_length": salt,
    }
    return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}


def _by_pss(digest: hashes.HashAlgorithm, salt: int) -> Callable[[Identity, bytes], bytes]:
    def signing(who: Identity, data: bytes) -> bytes:
        scheme = padding.PSS(padding.MGF1(digest), salt)
        return bytes(who.key.sign(data, scheme, digest))

    return signing


LEGACY_NAME = tsp.SigningCertificate({"certs": [tsp.ESSCertID({"cert_hash": bytes(20)})]})

WRONG: dict[str, dict[str, Any]] = {
    "no content type": {"attributes": _without("content_type")},
    "another content type": {"attributes": _with("content_type", "tst_info")},
    "no digest": {"attributes": _without("message_digest")},
    "two digests": {"attributes": _more("message_digest", ZEROS)},
    "a digest of two values": {"attributes": _with("message_digest", ZEROS, ZEROS[1:])},
    "another certificate named": {
        "attributes": _with("signing_certificate_v2", _named("sha256", ZEROS))
    },
    "another named in the old way": {"attributes": _more("signing_certificate", LEGACY_NAME)},
    "no certificate named": {"attributes": _without("signing_certificate_v2"), "kind": PADES},
    "nothing said": {"attributes": lambda usual: None, "kind": PADES},
    "md5 in the algorithm": {"mechanism": {"algorithm": "md5_rsa"}, "signing": by_rsa("md5")},
    "sha1 in the algorithm": {"mechanism": {"algorithm": "sha1_rsa"}, "signing": by_rsa("sha1")},
    "sha1 in pss": {"mechanism": _pss("sha1", 20), "signing": _by_pss(hashes.SHA1(), 20)},
    "pss that lies": {"mechanism": _pss("sha1", 20), "signing": _by_pss(hashes.SHA256(), 32)},
    "md5 throughout": {"digest": "md5"},
    "an algorithm nobody knows": {"mechanism": {"algorithm": "1.2.3.4"}},
    "a hash nobody knows": {"info": _set("digest_algorithm", {"algorithm": "1.2.3.4"})},
    "two signers": {"data": _twice},
    "no signer": {"data": _set("signer_infos", [])},
    "no certificate": {"data": _set("certificates", [])},
    "content inside": {"data": _set(INSIDE, {"content_type": "data", "content": b"x"})},
    "something else inside": {"data": _set(INSIDE, {"content_type": "signed_data"})},
    "a number": {"whole": lambda der: b"\x30\x03\x02\x01\x01"},
    "nothing": {"whole": lambda der: b""},
    "without an end": {"whole": lambda der: b"\x30\x80" * 7000},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_part_is_never_valid(paper: bytes, pki: Pki, judge: Judge, name: str) -> None:
    verdict = judge(crafted(paper, identity(pki), **WRONG[name]))
    assert verdict.verdict in {Verdict.broken, Verdict.altered, Verdict.intact_untrusted}
    assert not verdict.signatures[0].trusted


@pytest.mark.parametrize(
    ("name", "said"),
    [("sha1 in pss", "hai thuật toán băm"), ("no certificate named", "gắn với đúng một chứng thư")],
)
def test_the_sentence_says_what_is_wrong(
    paper: bytes, pki: Pki, judge: Judge, name: str, said: str
) -> None:
    assert said in judge(crafted(paper, identity(pki), **WRONG[name])).sentence


def test_md5_under_the_name_of_a_certificate_names_nothing(
    paper: bytes, pki: Pki, judge: Judge
) -> None:
    who = identity(pki)
    named = _named("md5", hashlib.md5(who.certificate.dump()).digest())
    content = crafted(paper, who, attributes=_with("signing_certificate_v2", named))
    assert judge(content).verdict is Verdict.intact_untrusted


def test_a_certificate_of_the_same_number_is_not_the_signer(
    paper: bytes, pki: Pki, judge: Judge
) -> None:
    """Two certificates answer to the signer's name and number; one is the attacker's."""
    who, key = identity(pki), rsa.generate_private_key(public_exponent=65537, key_size=2048)
    fake = issued(pki, key=key, signing_key=pki.key("leader")).certificate.copy()
    fake["tbs_certificate"]["serial_number"] = who.certificate.serial_number
    forged = type(fake).load(fake.dump(force=True))

    def both(held: dict[str, Any]) -> None:
        held["certificates"] = [forged, who.certificate, *who.chain]

    attacker = Identity(forged, key)
    evil = crafted(paper, who, data=both, signing=lambda _, data: by_rsa()(attacker, data))
    assert judge(evil).verdict not in {Verdict.valid, Verdict.valid_weak}


def _indefinite(der: bytes) -> bytes:
    """The same in BER, with lengths left open."""
    info = cms.ContentInfo.load(der)
    inner = b"\xa0\x80\x30\x80" + info["content"].contents + bytes(4)
    return b"\x30\x80" + info["content_type"].dump() + inner + bytes(2)


RIGHT: dict[str, dict[str, Any]] = {
    "as usual": {},
    "PAdES": {"kind": PADES},
    "no certificate named, not PAdES": {"attributes": _without("signing_certificate_v2")},
    "nothing said, not PAdES": {"attributes": lambda usual: None},
    "sha512": {"digest": "sha512"},
    "pss": {"mechanism": _pss("sha256", 32), "signing": _by_pss(hashes.SHA256(), 32)},
    "open lengths": {"whole": _indefinite},
}


@pytest.mark.parametrize("name", RIGHT)
def test_honest_signatures_of_other_programs_are_valid(
    paper: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    assert judge(crafted(paper, identity(pki), **RIGHT[name])).verdict is Verdict.valid


def test_other_kinds_of_keys(paper: bytes, pki: Pki, judge: Judge) -> None:
    authority = pki.key("issuing")
    curve = issued(pki, key=ec.generate_private_key(ec.SECP256R1()), signing_key=authority)
    content = crafted(
        paper,
        curve,
        mechanism={"algorithm": "sha256_ecdsa"},
        signing=lambda who, data: bytes(who.key.sign(data, ec.ECDSA(hashes.SHA256()))),
    )
    assert judge(content).verdict is Verdict.valid
    edwards = issued(pki, key=ed25519.Ed25519PrivateKey.generate(), signing_key=authority)
    content = crafted(
        paper,
        edwards,
        digest="sha512",
        mechanism={"algorithm": "ed25519"},
        signing=lambda who, data: bytes(who.key.sign(data)),
    )
    verdict = judge(content)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].algorithms is not None
    assert verdict.signatures[0].algorithms.key_bits == 256


def _enclosing(content: bytes) -> Callable[[dict[str, Any]], None]:
    def change(held: dict[str, Any]) -> None:
        held["encap_content_info"] = {"content_type": "data", "content": content}

    return change


@pytest.mark.parametrize("kind", ["/adbe.pkcs7.detached", PADES])
def test_a_content_of_no_bytes_is_none(paper: bytes, pki: Pki, judge: Judge, kind: str) -> None:
    """No data are encapsulated (ISO 32000-2, 12.8.3.3.1), as programs of this country write it."""
    who = identity(pki)
    verdict = judge(crafted(paper, who, kind=kind, data=_enclosing(b"")))
    assert verdict.verdict is Verdict.valid
    assert "empty_content" in verdict.signatures[0].findings
    plain = judge(crafted(paper, who, kind=kind))
    assert "empty_content" not in plain.signatures[0].findings
    bare = judge(crafted(paper, who, attributes=lambda usual: None, data=_enclosing(b"")))
    assert bare.verdict is Verdict.valid


@pytest.mark.parametrize("content", [b"\0", b"other", hashlib.sha256(b"").digest()])
def test_a_content_of_bytes_is_not_what_a_detached_signature_has(
    paper: bytes, pki: Pki, judge: Judge, content: bytes
) -> None:
    assert judge(crafted(paper, identity(pki), data=_enclosing(content))).verdict in REFUSED


def test_a_signature_of_nothing_signs_no_document(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Its digest is that of the empty content it encloses, so it would fit every file."""

    def of_nothing(usual: Attributes) -> Attributes:
        said = {"type": "message_digest", "values": [hashlib.sha256(b"").digest()]}
        return [said if one["type"] == "message_digest" else one for one in usual]

    forged = crafted(paper, identity(pki), attributes=of_nothing, data=_enclosing(b""))
    assert judge(forged).verdict in REFUSED
    bare = crafted(
        paper,
        identity(pki),
        attributes=lambda usual: None,
        signing=lambda who, data: by_rsa()(who, b""),
        data=_enclosing(b""),
    )
    assert judge(bare).verdict in REFUSED
