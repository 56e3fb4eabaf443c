"""Who signed, when, and whether that is to be believed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pdf_signing import Identity, identity, issued, issued_with_sha1, local_stamper, sign
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, trust_store, verify

NOW = datetime.now(UTC)
PAST = (NOW - timedelta(days=800), NOW - timedelta(days=400))
FUTURE = (NOW + timedelta(days=40), NOW + timedelta(days=400))
USE = x509.ExtendedKeyUsageOID


def test_a_root_that_is_not_ours_is_intact_untrusted(
    sealed_bytes: bytes, tmp_path: Path, stranger: Pki
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    for trust in (Trust(), trust_store(stranger)):
        verdict = verify(path, trust)
        assert verdict.verdict is Verdict.intact_untrusted
        assert verdict.signatures[0].intact and not verdict.signatures[0].trusted
        assert "untrusted" in verdict.signatures[0].findings
        assert verdict.signatures[0].level == "B-LTA"


@pytest.mark.parametrize("label", ["issuing", "tsa"])
def test_a_certificate_for_another_use_is_not_trusted(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], label: str
) -> None:
    verdict = judge(sign(paper, identity(pki, label)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.sentence == sentence("signing.verdict_certificate_usage", "vi", count=1)


def _revoking(pki: Pki, label: str, when: datetime) -> Trust:
    """A newer CRL of the issuing CA that revokes one certificate."""
    made = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    issuer = x509.load_der_x509_certificate(pki.certificate("issuing").dump())
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(pki.certificate(label).serial_number)
        .revocation_date(when)
        .build()
    )
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(made)
        .next_update(made + timedelta(days=7))
        .add_revoked_certificate(entry)
        .sign(pki.key("issuing"), hashes.SHA256())
    )
    base = trust_store(pki)
    der = crl.public_bytes(serialization.Encoding.DER)
    return base.model_copy(update={"crls": (*base.crls, der)})


def test_a_revoked_certificate_is_told(
    paper: bytes, sealed_bytes: bytes, pki: Pki, tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    past = datetime.now(UTC) - timedelta(days=1)
    path.write_bytes(sign(paper, identity(pki)))
    verdict = verify(path, _revoking(pki, "clerk", past))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.signatures[0].findings == ("revoked",)
    assert verdict.sentence == sentence("signing.verdict_revoked", "vi", count=1)
    # the file's own older CRL, which does not know of it, does not help
    path.write_bytes(sealed_bytes)
    assert verify(path, _revoking(pki, "seal", past)).verdict is Verdict.intact_untrusted


def test_revoked_after_a_proven_time_still_counts(
    paper: bytes, sealed_bytes: bytes, pki: Pki, tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    soon = datetime.now(UTC) + timedelta(minutes=30)
    later = datetime.now(UTC) + timedelta(days=2)
    path.write_bytes(sealed_bytes)
    assert verify(path, _revoking(pki, "seal", soon), at=later).verdict is Verdict.valid
    path.write_bytes(sign(paper, identity(pki)))  # only claims its time
    assert verify(path, _revoking(pki, "clerk", soon), at=later).verdict is Verdict.intact_untrusted


def test_a_second_signer_nobody_trusts_spoils_it(
    led_bytes: bytes, stranger: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """As in evil annotation and shadow attacks with a self-made certificate over the page."""
    verdict = judge(sign(led_bytes, identity(stranger), box=(50, 50, 500, 700)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert [report.trusted for report in verdict.signatures] == [True, False]


def test_a_foreign_archive_time_stamp_lifts_nothing(
    paper: bytes, pki: Pki, stranger: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = sign(paper, identity(pki), pades=True)
    assert judge(content).signatures[0].level == "B-B"
    out = BytesIO()
    PdfTimeStamper(local_stamper(stranger)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(content)), "sha256", output=out
    )
    verdict = judge(out.getvalue())
    assert verdict.verdict is Verdict.valid and verdict.signatures[0].level == "B-B"
    assert verdict.signatures[0].findings == ("time_stamp_untrusted",)


def test_time_stamps_from_the_future_prove_nothing(
    sealed_bytes: bytes, tmp_path: Path, trust: Trust
) -> None:
    """A clock that was turned: the same file, judged a day before it was signed."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    verdict = verify(path, trust, at=datetime.now(UTC) - timedelta(minutes=30))
    assert verdict.signatures[0].time_source == "claimed"
    assert "time_impossible" in verdict.signatures[0].findings
    assert verdict.signatures[0].level == "B-B"


BAD: dict[str, tuple[Callable[[Pki], Identity], str]] = {
    "expired": (lambda p: issued(p, valid=PAST), "certificate_out_of_date"),
    "not yet valid": (lambda p: issued(p, valid=FUTURE), "claim_impossible"),
    "for keys only": (lambda p: issued(p, usage=("key_encipherment",)), "certificate_usage"),
    "an authority": (
        lambda p: issued(p, is_ca=True, usage=("digital_signature", "key_cert_sign")),
        "certificate_usage",
    ),
    "for time stamps": (lambda p: issued(p, extended=(USE.TIME_STAMPING,)), "certificate_usage"),
    "for servers": (lambda p: issued(p, extended=(USE.SERVER_AUTH,)), "certificate_usage"),
    "for servers that are clients": (
        lambda p: issued(p, extended=(USE.SERVER_AUTH, USE.CLIENT_AUTH)),
        "certificate_usage",
    ),
    "for networks": (lambda p: issued(p, extended=(USE.IPSEC_IKE,)), "certificate_usage"),
    "a name that looks alike": (lambda p: issued(p, self_signed=True), "untrusted"),
    "issued by no authority": (
        lambda p: issued(p, issuer="clerk", signing_key=p.key("clerk")),
        "untrusted",
    ),
    "the authority's name, another key": (
        lambda p: issued(p, signing_key=p.key("leader")),
        "untrusted",
    ),
    "the authority itself": (lambda p: identity(p, "root"), "certificate_usage"),
}


@pytest.mark.parametrize("name", BAD)
def test_signers_that_must_not_be_believed(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], name: str
) -> None:
    make, finding = BAD[name]
    verdict = judge(sign(paper, make(pki)))
    assert verdict.verdict is Verdict.intact_untrusted
    (report,) = verdict.signatures
    assert report.intact and not report.trusted and report.anchor is None
    assert finding in report.findings
    assert sentence(f"signing.finding_{finding}", "vi")


def test_a_certificate_for_mail_and_clients_signs_documents(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """So do many authorities issue them."""
    usual = issued(pki, extended=(USE.CLIENT_AUTH, USE.EMAIL_PROTECTION))
    verdict = judge(sign(paper, usual))
    assert verdict.verdict is Verdict.valid
    root = pki.root.subject.native["common_name"]
    assert verdict.signatures[0].anchor == root


def test_a_back_dated_clock_proves_nothing(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Signed today with an expired certificate, by a clock set to when it was valid."""
    verdict = judge(sign(paper, issued(pki, valid=PAST), at=PAST[0] + timedelta(days=100)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.signatures[0].time_source == "claimed"


@pytest.mark.parametrize("shift", [timedelta(days=-4000), timedelta(days=60)])
def test_a_time_that_cannot_be_is_told(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], shift: timedelta
) -> None:
    verdict = judge(sign(paper, issued(pki), at=NOW + shift))
    assert verdict.verdict is Verdict.intact_untrusted
    assert verdict.sentence == sentence("signing.verdict_claim_impossible", "vi", count=1)


def test_a_time_stamp_sets_a_wrong_clock_right(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = sign(
        paper,
        issued(pki),
        pades=True,
        at=NOW - timedelta(days=20),
        stamper=local_stamper(pki),
    )
    (report,) = judge(content).signatures
    assert report.time_source == "timestamp" and "claim_differs" in report.findings
    assert report.time is not None and abs(report.time - NOW) < timedelta(hours=1)


def test_a_time_stamp_by_a_certificate_for_documents_counts_for_nothing(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = sign(paper, identity(pki), pades=True, stamper=local_stamper(pki, label="leader"))
    (report,) = judge(content).signatures
    assert report.level == "B-B" and report.time_source == "claimed"
    assert "time_stamp_untrusted" in report.findings


def test_a_lying_time_stamp_is_broken(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """It was made for other bytes."""

    def lie(request: tsp.TimeStampReq) -> None:
        request["message_imprint"]["hashed_message"] = bytes(32)

    content = sign(paper, identity(pki), pades=True, stamper=local_stamper(pki, lie=lie))
    verdict = judge(content)
    assert verdict.verdict is Verdict.broken
    assert "time_stamp_broken" in verdict.signatures[0].findings


def test_what_anybody_can_forge_is_not_believed(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak = judge(sign(paper, issued(pki, key=short, signing_key=pki.key("issuing"))))
    assert weak.verdict is Verdict.valid_weak
    old = judge(sign(paper, identity(pki), digest="md5"))
    assert old.verdict is Verdict.intact_untrusted
    assert "forgeable_algorithm" in old.signatures[0].findings
    curve = ec.generate_private_key(ec.SECP256R1())
    good = judge(sign(paper, issued(pki, key=curve, signing_key=pki.key("issuing"))))
    assert good.verdict is Verdict.valid


def test_a_certificate_issued_with_an_old_hash_is_weak(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    verdict = judge(sign(paper, issued_with_sha1(pki)))
    assert verdict.verdict is Verdict.valid_weak
