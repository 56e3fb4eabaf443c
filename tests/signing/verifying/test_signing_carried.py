"""Revocation data inside the signature: asked wherever they stand, and believed for no place."""

import hashlib
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pdf as asn1_pdf
from authorities import (
    NOW,
    answer,
    authority,
    certificate,
    days,
    der,
    key,
    revoking,
    who,
    with_evidence,
)
from crafted_cms import PADES, crafted
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ExtendedKeyUsage, ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_signing import Identity

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Trust, verify
from signing.validation.carried import OCSP, carried

Held = Callable[..., FileVerdict]
Said = dict[str, Any]

ROOT = authority("root", "root")
LEAF = certificate("leaf", "root")
TSA = certificate(
    "tsa", "root", extensions=[(ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)]
)
VALUES = "1.2.840.113549.1.9.16.2.24"
BASIC = "1.3.6.1.5.5.7.48.1.1"


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """The verdict on a file by the root alone."""

    def judged(content: bytes, *lists: bytes, anchors: tuple[bytes, ...] = ()) -> FileVerdict:
        path = tmp_path / "held.pdf"
        path.write_bytes(content)
        return verify(path, Trust(anchors=(der(ROOT), *anchors), crls=lists))

    return judged


def _by_ec(person: Identity, data: bytes) -> bytes:
    return bytes(person.key.sign(data, ec.ECDSA(hashes.SHA256())))


def _signed(paper: bytes, **parts: Any) -> bytes:
    person = who(LEAF, ROOT)
    return crafted(paper, person, mechanism={"algorithm": "sha256_ecdsa"}, signing=_by_ec, **parts)


def _lists(ders: list[bytes]) -> list[asn1_crl.CertificateList]:
    return [asn1_crl.CertificateList.load(one) for one in ders]


def _in_signed_data(lists: list[bytes], answers: list[bytes], oid: str = OCSP) -> Said:
    choices = [cms.RevocationInfoChoice({"crl": one}) for one in _lists(lists)]
    for one in answers:
        whole = asn1_ocsp.OCSPResponse.load(one)
        value = whole if oid == OCSP else whole["response_bytes"]["response"].parsed
        other = {"other_rev_info_format": oid, "other_rev_info": core.Any(value)}
        choices.append(cms.RevocationInfoChoice({"other": other}))

    def change(parts: dict[str, Any]) -> None:
        parts["crls"] = choices

    return {"data": change}


def _in_basic_form(lists: list[bytes], answers: list[bytes]) -> Said:
    return _in_signed_data(lists, answers, BASIC)


def _in_acrobats_attribute(lists: list[bytes], answers: list[bytes]) -> Said:
    held: dict[str, Any] = {}
    if lists:
        held["crl"] = _lists(lists)
    if answers:
        held["ocsp"] = [asn1_ocsp.OCSPResponse.load(one) for one in answers]
    value = asn1_pdf.RevocationInfoArchival(held)
    kind = "adobe_revocation_info_archival"
    return {"attributes": lambda usual: [*usual, {"type": kind, "values": [value]}]}


def _sequence(number: int, parts: list[bytes]) -> bytes:
    """``[number] EXPLICIT SEQUENCE OF``"""
    joined = b"".join(parts)
    inner = b"\x30" + _length(len(joined)) + joined
    return bytes([0xA0 | number]) + _length(len(inner)) + inner


def _length(count: int) -> bytes:
    if count < 128:
        return bytes([count])
    text = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(text)]) + text


def _unsigned(values: list[tuple[str, bytes]]) -> Callable[[cms.SignerInfo], None]:
    def change(info: cms.SignerInfo) -> None:
        info["unsigned_attrs"] = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": kind, "values": [_value(kind, value)]})
                for kind, value in values
            ]
        )

    return change


def _value(kind: str, der: bytes) -> Any:
    return (core.Any if kind == VALUES else cms.ContentInfo).load(der)


def _in_revocation_values(lists: list[bytes], answers: list[bytes]) -> Said:
    basics = [
        asn1_ocsp.OCSPResponse.load(one)["response_bytes"]["response"].parsed.dump()
        for one in answers
    ]
    inner = (_sequence(0, lists) if lists else b"") + (_sequence(1, basics) if basics else b"")
    return {"info": _unsigned([(VALUES, b"\x30" + _length(len(inner)) + inner)])}


def _in_its_time_stamp(lists: list[bytes], answers: list[bytes]) -> Said:
    def change(info: cms.SignerInfo) -> None:
        token = _token(info["signature"].native, _in_signed_data(lists, answers)["data"])
        _unsigned([("signature_time_stamp_token", token)])(info)

    return {"info": change}


def _token(stamped: bytes, data: Callable[[dict[str, Any]], None]) -> bytes:
    """A time stamp by a unit that the root certified."""
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(stamped).digest(),
    }
    told = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3",
            "message_imprint": imprint,
            "serial_number": 1,
            "gen_time": NOW.astimezone(UTC),
        }
    )
    content = told.dump()
    unit = who(TSA, label="tsa")
    named = {"cert_hash": hashlib.sha256(unit.certificate.dump()).digest()}
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {
                "type": "signing_certificate_v2",
                "values": [tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(named)]})],
            },
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {
                    "issuer": unit.certificate.issuer,
                    "serial_number": unit.certificate.serial_number,
                },
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key("tsa").sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    parts: dict[str, Any] = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": cms.ParsableOctetString(content),
        },
        "certificates": [unit.certificate],
        "signer_infos": [signer],
    }
    data(parts)
    whole = {"content_type": "signed_data", "content": cms.SignedData(parts)}
    return bytes(cms.ContentInfo(whole).dump())


PLACES: dict[str, Callable[[list[bytes], list[bytes]], Said]] = {
    "SignedData.crls": _in_signed_data,
    "SignedData.crls, basic answers": _in_basic_form,
    "Acrobat": _in_acrobats_attribute,
    "CAdES": _in_revocation_values,
    "a time stamp": _in_its_time_stamp,
}
GONE = ([revoking(LEAF)], [])
GONE_BY_ANSWER = ([], [answer(LEAF, ROOT, revoked=True)])


@pytest.mark.parametrize("kind", ["/adbe.pkcs7.detached", PADES])
@pytest.mark.parametrize("place", PLACES)
def test_a_signer_revoked_inside_the_signature_is_not_valid(
    paper: bytes, held: Held, place: str, kind: str
) -> None:
    for said in (GONE, GONE_BY_ANSWER):
        verdict = held(_signed(paper, kind=kind, **PLACES[place](*said)))
        assert verdict.verdict is Verdict.intact_untrusted
        assert verdict.sentence == sentence("signing.verdict_revoked", "vi", count=1)
        assert verdict.signatures[0].revoked and verdict.signatures[0].intact


@pytest.mark.parametrize("place", PLACES)
def test_a_signer_found_good_inside_the_signature_is_known(
    paper: bytes, held: Held, place: str
) -> None:
    for said in (([revoking()], []), ([], [answer(LEAF, ROOT)])):
        verdict = held(_signed(paper, **PLACES[place](*said)))
        assert verdict.verdict is Verdict.valid
        assert verdict.signatures[0].findings == ()


def test_the_gravest_counts(paper: bytes, held: Held) -> None:
    """A good answer does not help against a list that tells of the revocation."""
    said = _in_signed_data([revoking(LEAF)], [answer(LEAF, ROOT)])
    assert held(_signed(paper, **said)).signatures[0].revoked
    beside = _signed(paper, **_in_acrobats_attribute([revoking()], [answer(LEAF, ROOT)]))
    assert held(beside, revoking(LEAF)).signatures[0].revoked


def test_a_time_stamping_unit_that_was_revoked_proves_nothing(paper: bytes, held: Held) -> None:
    good = held(_signed(paper, **_in_its_time_stamp([revoking()], [])))
    assert good.signatures[0].time_source == "timestamp"
    bad = held(_signed(paper, **_in_its_time_stamp([revoking(TSA)], [])))
    assert "time_stamp_untrusted" in bad.signatures[0].findings


FORGED = {
    "a forged list": ([revoking(signed_by="evil")], []),
    "a forged list that revokes": ([revoking(LEAF, signed_by="evil")], []),
    "another authority's list": ([revoking(LEAF, by="other")], []),
    "an old list": ([revoking(made=days(-100))], []),
    "an answer by nobody": (
        [],
        [answer(LEAF, ROOT, responder=certificate("evil", "root"), signed_by="evil")],
    ),
    "an old answer": ([], [answer(LEAF, ROOT, made=days(-100))]),
    "an answer about another": ([], [answer(TSA, ROOT)]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("said", FORGED)
def test_what_is_not_genuine_tells_nothing(paper: bytes, held: Held, place: str, said: str) -> None:
    """It neither spoils an honest signature nor lifts one of which nothing is known."""
    verdict = held(_signed(paper, **PLACES[place](*FORGED[said])))
    assert verdict.verdict is Verdict.valid
    assert "revocation_unknown" in verdict.signatures[0].findings


def test_nothing_inside_a_signature_crowds_out_what_is_at_hand(paper: bytes, held: Held) -> None:
    newer = [revoking(signed_by="evil", made=timedelta(minutes=1 + one)) for one in range(20)]
    content = _signed(paper, **_in_signed_data(newer, []))
    assert held(content, revoking(LEAF)).signatures[0].revoked


def test_what_it_carries_is_not_the_evidence_of_baseline_levels(paper: bytes, held: Held) -> None:
    """EN 319 142-1, 6.3 wants it in the document's security store."""
    content = _signed(paper, kind=PADES, **_in_its_time_stamp([revoking()], []))
    verdict = held(content)
    assert verdict.signatures[0].level == "B-T" and verdict.signatures[0].findings == ()
    assert held(with_evidence(content, lists=[revoking()])).signatures[0].level == "B-LT"


def test_evidence_about_one_signature_alone_is_asked(paper: bytes, held: Held) -> None:
    """``/VRI`` names streams that the store's own arrays leave out."""
    content = with_evidence(_signed(paper), lists=[revoking(LEAF)])
    assert held(content).signatures[0].revoked
    at = content.rindex(b"/CRLs")
    start = content.index(b"[", at)
    array = content[start : content.index(b"]", start) + 1]
    moved = b"/VRI<</A<</CRL" + array + b">>>>"
    old = content[at : content.index(b"]", start) + 1]
    shorter = content[:at] + moved + content[at + len(old) :]
    # the trailer stands behind it: move where it points to
    cross = shorter.rindex(b"startxref")
    number = int(shorter[cross:].split()[1])
    tail = b"startxref\n%d\n%%%%EOF\n" % (number + len(moved) - len(old))
    assert held(shorter[:cross] + tail).signatures[0].revoked


TOKEN = _token(b"x", _in_signed_data([revoking(LEAF)], [])["data"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TOKEN) - 1), st.integers(1, 255)), max_size=8))
def test_no_damage_inside_raises(damage: list[tuple[int, int]]) -> None:
    """Whatever became of a signature, what it carries is read, or it is not."""
    content = bytearray(TOKEN)
    for at, bits in damage:
        content[at] ^= bits
    try:
        signed = cms.ContentInfo.load(bytes(content))["content"]
    except (ValueError, TypeError, KeyError):
        return
    if isinstance(signed, cms.SignedData):
        assert len(carried(signed).lists) <= 1
    assert damage or carried(signed).lists
