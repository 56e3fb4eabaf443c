"""Ways to a trust anchor that lead nowhere, and revocation that somebody tries to hide."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import authorities
import pytest
from authorities import (
    PERSON,
    answer,
    authority,
    certificate,
    days,
    der,
    named,
    revoking,
    who,
    with_evidence,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pdf_signing import Identity, local_stamper, sign

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify
from signing.keys.certificates import plain

Held = Callable[..., FileVerdict]
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
ROOT = authority("root", "root")
ANCHOR = der(ROOT)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """The verdict on a file by what is trusted."""

    def judged(
        content: bytes, *lists: bytes, anchors: tuple[bytes, ...] = (ANCHOR,)
    ) -> FileVerdict:
        path = tmp_path / "held.pdf"
        path.write_bytes(content)
        return verify(path, Trust(anchors=anchors, crls=lists))

    return judged


def _below(*chain: x509.Certificate, issuer: str = "inter") -> Identity:
    """Somebody certified by the last of these."""
    return who(certificate("leaf", issuer), *chain)


def _only(organisation: str) -> x509.NameConstraints:
    part = x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation)
    return x509.NameConstraints([x509.DirectoryName(x509.Name([part]))], None)


def _person_below_a_person() -> Identity:
    return who(certificate("other", "leaf"), certificate("leaf", "root"), label="other")


NOWHERE: dict[str, Callable[[], Identity]] = {
    "no authority": lambda: _below(authority("inter", "root", ca=False)),
    "not said to be one": lambda: _below(authority("inter", "root", ca=None)),
    "may not certify": lambda: _below(authority("inter", "root", usage=PERSON)),
    "too deep": lambda: _below(authority("a", "root", longest=0), authority("inter", "a")),
    "other names only": lambda: _below(
        authority("inter", "root", extensions=[(_only("Nơi khác"), True)])
    ),
    "an authority of the past": lambda: _below(
        authority("inter", "root", valid=(days(-900), days(-300)))
    ),
    "what nobody understands": lambda: _below(
        authority("inter", "root", extensions=[(UNKNOWN, True)])
    ),
    "what nobody understands, below": lambda: who(
        certificate("leaf", "root", extensions=[(UNKNOWN, True)])
    ),
    "the root's name": lambda: who(
        certificate("leaf", "root", signed_by="evil"),
        authority("evil", "evil", subject=named("root")),
    ),
    "round in circles": lambda: _below(authority("inter", "b"), authority("b", "inter")),
    "by a person": _person_below_a_person,
}


@pytest.mark.parametrize("name", NOWHERE)
def test_ways_that_lead_nowhere(paper: bytes, held: Held, name: str) -> None:
    verdict = held(sign(paper, NOWHERE[name]()))
    assert verdict.verdict is Verdict.intact_untrusted
    assert not verdict.signatures[0].trusted and verdict.signatures[0].anchor is None


def test_a_way_that_leads_there(paper: bytes, held: Held) -> None:
    verdict = held(sign(paper, _below(authority("inter", "root"))))
    assert verdict.verdict is Verdict.valid and verdict.signatures[0].anchor == "root"
    understood = certificate("leaf", "root", extensions=[(UNKNOWN, False)])
    assert held(sign(paper, who(understood))).verdict is Verdict.valid


ANCHORS = {
    "of the past": authority("root", "root", valid=(days(-900), days(-300))),
    "of the future": authority("root", "root", valid=(days(10), days(300))),
    "for nobody below": authority("root", "root", longest=0),
    "a person": certificate("root", "root"),
    "for other uses": authority("root", "root", usage=PERSON),
}


@pytest.mark.parametrize("name", ANCHORS)
def test_anchors_that_may_not_vouch(paper: bytes, held: Held, name: str) -> None:
    content = sign(paper, _below(authority("inter", "root")))
    assert held(content, anchors=(der(ANCHORS[name]),)).verdict is Verdict.intact_untrusted


def test_a_person_among_the_anchors_vouches_for_nobody_else(paper: bytes, held: Held) -> None:
    person = certificate("leaf", "root")
    assert held(sign(paper, who(person)), anchors=(der(person),)).verdict is Verdict.valid
    child = who(certificate("other", "leaf"), person, label="other")
    verdict = held(sign(paper, child), anchors=(der(person),))
    assert verdict.verdict is Verdict.intact_untrusted


def test_an_anchor_vouches_for_the_names_it_is_limited_to(paper: bytes, held: Held) -> None:
    """RFC 5937: what an anchor's certificate says of names counts."""
    content = sign(paper, who(certificate("leaf", "root")))
    limits = {
        "elsewhere": _only("Nơi khác"),
        "not these": x509.NameConstraints(None, [x509.DirectoryName(named("leaf"))]),
        "these": x509.NameConstraints([x509.DirectoryName(named("leaf"))], None),
    }
    for name, names in limits.items():
        anchor = authority("root", "root", extensions=[(names, True)])
        wanted = Verdict.valid if name == "these" else Verdict.intact_untrusted
        assert held(content, anchors=(der(anchor),)).verdict is wanted, name


def _short_key(bits: int) -> rsa.RSAPrivateKey:
    """Nobody makes the shortest any more, so that one is put together."""
    if bits >= 1024:
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    p = 89372545670715416763500013008005406458955541401245601072321061806965607010373
    q = 88132079935137445192275090631191248139289978327635541738692418623292123064057
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    numbers = rsa.RSAPrivateNumbers(p, q, d, *parts, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@pytest.mark.parametrize(
    ("bits", "verdict"), [(512, Verdict.intact_untrusted), (1024, Verdict.valid_weak)]
)
def test_an_authority_with_a_short_key(
    paper: bytes, held: Held, bits: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever factors it makes any signer below it."""
    short = _short_key(bits)
    usual = authorities.key
    monkeypatch.setattr(authorities, "key", lambda name: short if name == "inter" else usual(name))
    assert held(sign(paper, _below(authority("inter", "root")))).verdict is verdict


def test_authorities_that_certify_each_other_do_not_keep_us(paper: bytes, held: Held) -> None:
    """Two dozen of them have more ways between them than can be walked."""
    mesh = [
        authority(
            "ab"[at % 2],
            "ab"[(at + 1) % 2],
            subject=named(f"m{at % 3}"),
            issuer_name=named(f"m{(at + 1) % 3}"),
        )
        for at in range(24)
    ]
    lost = who(certificate("leaf", "a", issuer_name=named("m0")), *mesh)
    content = sign(paper, lost)
    assert held(content).verdict is Verdict.intact_untrusted  # it took hours


PLACES = [
    (
        x509.CRLDistributionPoints(
            [
                x509.DistributionPoint(
                    [x509.UniformResourceIdentifier("http://a.invalid")], None, None, None
                )
            ]
        ),
        False,
    ),
    (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    x509.AuthorityInformationAccessOID.OCSP,
                    x509.UniformResourceIdentifier("http://o.invalid"),
                )
            ]
        ),
        False,
    ),
]
LEAF = certificate("leaf", "root", extensions=PLACES)
NO_RESPONDER = certificate("evil", "root")
FORGED = answer(LEAF, ROOT, responder=NO_RESPONDER, signed_by="evil")
OLD_ANSWER = answer(LEAF, ROOT, made=days(-5))


@pytest.fixture(scope="module")
def stolen(paper: bytes) -> bytes:
    """Signed with a key that was stolen and revoked."""
    return sign(paper, who(LEAF), pades=True)


@pytest.mark.parametrize(
    ("lists", "answers"),
    [
        ((), ()),
        ((), (OLD_ANSWER,)),
        ((), (FORGED,)),
        ((revoking(made=days(-5)),), ()),
        ((revoking(signed_by="evil", made=timedelta(minutes=5)),), (OLD_ANSWER, FORGED)),
    ],
    ids=["nothing", "an old answer", "a forged answer", "an old list", "all of it"],
)
def test_nothing_in_the_file_hides_a_revocation(
    stolen: bytes, held: Held, lists: tuple[bytes, ...], answers: tuple[bytes, ...]
) -> None:
    content = with_evidence(stolen, lists=lists, answers=answers) if lists or answers else stolen
    verdict = held(content, revoking(LEAF))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.sentence == sentence("signing.verdict_revoked", "vi", count=1)


def test_nothing_in_the_file_crowds_out_what_is_at_hand(stolen: bytes, held: Held) -> None:
    """Forged lists, all newer than the genuine one that tells of the revocation."""
    newer = [revoking(signed_by="evil", made=timedelta(minutes=1 + one)) for one in range(60)]
    assert held(with_evidence(stolen, lists=newer), revoking(LEAF)).signatures[0].revoked
    newer += [revoking(signed_by="evil", made=timedelta(hours=2 + one)) for one in range(60)]
    verdict = held(with_evidence(stolen, lists=newer), revoking(LEAF))
    assert verdict.verdict is Verdict.unreadable and "thời gian" in verdict.sentence


def test_a_revocation_in_the_file_counts(stolen: bytes, held: Held) -> None:
    said = with_evidence(stolen, answers=[answer(LEAF, ROOT, revoked=True)], lists=[revoking()])
    assert held(said).signatures[0].revoked


def test_a_list_counts_though_the_certificate_names_no_place(paper: bytes, held: Held) -> None:
    leaf = certificate("leaf", "root")
    assert held(sign(paper, who(leaf)), revoking(leaf)).signatures[0].revoked
    assert held(sign(paper, who(leaf)), revoking()).signatures[0].findings == ()


def test_an_authority_that_was_revoked(paper: bytes, held: Held) -> None:
    inter = authority("inter", "root")
    assert held(sign(paper, _below(inter)), revoking(inter)).signatures[0].revoked


POINT: dict[str, object] = {
    "full_name": None,
    "relative_name": None,
    "only_contains_user_certs": False,
    "only_some_reasons": None,
    "indirect_crl": False,
    "only_contains_attribute_certs": False,
}
FOR_AUTHORITIES = x509.IssuingDistributionPoint(only_contains_ca_certs=True, **POINT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        {"lists": [revoking(signed_by="evil")]},
        {"lists": [revoking(by="other")]},
        {"lists": [revoking(made=days(-100))]},
        {"lists": [revoking(extensions=[(UNKNOWN, True)])]},
        {"lists": [revoking(extensions=[(FOR_AUTHORITIES, True)])]},
        {"answers": [FORGED]},
        {"answers": [answer(LEAF, ROOT, made=days(-100))]},
    ],
    ids=["forged", "other", "old", "not understood", "authorities", "forged answer", "old answer"],
)
def test_what_is_not_genuine_tells_nothing(
    paper: bytes, pki: Pki, held: Held, said: dict[str, list[bytes]]
) -> None:
    """It neither lifts the level nor spoils the signature; the sentence says what is not known."""
    anchors = (ANCHOR, pki.root.dump())
    content = sign(paper, who(LEAF), pades=True, stamper=local_stamper(pki))
    verdict = held(with_evidence(content, **said), anchors=anchors)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == "B-T"
    assert "revocation_unknown" in verdict.signatures[0].findings
    assert "thu hồi" in verdict.sentence
    good = held(with_evidence(content, lists=[revoking()]), anchors=anchors)
    assert good.signatures[0].level == "B-LT" and good.signatures[0].findings == ()
    assert "thu hồi" not in good.sentence


def test_the_sentence_names_the_issuer(paper: bytes, held: Held) -> None:
    name = named("CA giả định 256", "CÔNG TY GIẢ ĐỊNH")
    leaf = certificate("leaf", "x", issuer_name=name)
    verdict = held(sign(paper, who(leaf)))
    assert "«CA giả định 256 (CÔNG TY GIẢ ĐỊNH)»" in verdict.sentence
    assert verdict.signatures[0].issuer == "CA giả định 256"


def test_names_do_not_steer_the_terminal(paper: bytes, held: Held) -> None:
    leaf = certificate("leaf", "root", subject=named("UBND\x1b[31m\u202e\nphường\x01 " + "x" * 20))
    (report,) = held(sign(paper, who(leaf))).signatures
    assert report.signer == "UBND[31m phường " + "x" * 20
    assert plain("a" * 999) == "a" * 200
