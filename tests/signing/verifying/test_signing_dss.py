"""Security stores that are written anew, with less in them or all of it in other objects."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pdf_attacks import appended, body_of, number_of, size_of
from pdf_signing import identity, issued, local_stamper, sign
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
ONE = b"/3817A69819FCBFA6823BF4CA02E96E89C1F1FCA1"
OTHER = b"/4817A69819FCBFA6823BF4CA02E96E89C1F1FCA1"
BLACK = b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"


@pytest.fixture(scope="module")
def signed(open_paper: bytes, pki: Pki) -> bytes:
    return sign(open_paper, identity(pki))


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _without_store(catalogue: bytes) -> bytes:
    return re.sub(rb"/DSS \d+ 0 R", b"", catalogue)


def _with_store(content: bytes, store: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """``store`` as an object of its own; ``%d`` in it is the number of a stream for it."""
    root, free = number_of(content, b"Root"), size_of(content)
    catalogue = _without_store(body_of(content, root)).rstrip()[:-2]
    objects = {
        root: catalogue + b"/DSS %d 0 R >>" % free,
        free: store.replace(b"%d", b"%d 0 R" % (free + 1)),
        free + 1: _stream(b"0"),
    }
    return appended(content, objects | (more or {}))


def _stamped(content: bytes, pki: Pki) -> bytes:
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    PdfTimeStamper(local_stamper(pki)).timestamp_pdf(writer, "sha256", output=out)
    return out.getvalue()


FIRST = b"<< /VRI << %s << /Cert [ %%d ] /CRL [ ] >> >> /Certs [ %%d ] /CRLs [ ] >>" % ONE
ANEW: dict[str, bytes] = {
    "the same in other objects": FIRST,
    "without what signatures need": b"<< /Type /DSS /Certs [ %d ] >>",
    "for another signature": b"<< /VRI << %s << /Cert [ %%d ] >> >> /Certs [ %%d ] >>" % OTHER,
    "with times and notes": b"<< /VRI << %s << /TU (D:2026) /TS %%d >> >> /Note 1 >>" % ONE,
    "small letters": b"<< /VRI << %s << /Cert [ %%d ] >> >> >>" % ONE.lower(),
    "with nothing left in it": b"<< >>",
}


@pytest.mark.parametrize("name", ANEW)
def test_a_store_may_be_written_anew(signed: bytes, pki: Pki, judge: Judge, name: str) -> None:
    """After a time stamp that covers the first one, or at once."""
    first = _with_store(signed, FIRST)
    assert judge(first).verdict is Verdict.valid
    for content in (first, _stamped(first, pki)):
        second = judge(_with_store(content, ANEW[name]))
        assert second.verdict is Verdict.valid
        assert second.signatures[0].covers_whole_file


def test_a_part_may_be_written_anew_in_its_place(signed: bytes, judge: Judge) -> None:
    """The store itself, with a list less, and nothing else in the revision."""
    first = _with_store(signed, FIRST)
    number = number_of(first, b"DSS")
    smaller = b"<< /Certs [ %d 0 R ] >>" % (number + 1)
    assert judge(appended(first, {number: smaller})).verdict is Verdict.valid


EVIL: dict[str, bytes] = {
    "a page": b"<< /Certs [ %d ] /Kids [ %d ] >>",
    "an action": b"<< /Certs [ %d ] /A << /S /JavaScript /JS (x) >> >>",
    "no list": b"<< /Certs %d >>",
    "no streams": b"<< /Certs [ << >> ] >>",
    "no signature": b"<< /VRI << /Other << /Cert [ %d ] >> >> >>",
    "more for a signature": b"<< /VRI << %s << /Kids [ %%d ] >> >> >>" % ONE,
    "no dictionary": b"[ %d ]",
}


@pytest.mark.parametrize("name", EVIL)
def test_a_store_holds_nothing_else(signed: bytes, judge: Judge, name: str) -> None:
    assert judge(_with_store(signed, EVIL[name])).verdict in REFUSED


def test_a_store_cannot_be_taken_away(signed: bytes, judge: Judge) -> None:
    first = _with_store(signed, FIRST)
    root = number_of(first, b"Root")
    without = _without_store(body_of(first, root))
    assert judge(appended(first, {root: without})).verdict in REFUSED
    more = size_of(first)
    assert judge(appended(first, {root: without, more: b"null"})).verdict in REFUSED


def test_what_the_page_uses_is_no_part_of_a_store(signed: bytes, judge: Judge) -> None:
    """Named in the store, the page's content would be one of its streams, and free to change."""
    number = number_of(signed, b"Contents")
    named = b"<< /Certs [ %d 0 R ] >>" % number
    assert judge(_with_store(signed, named)).verdict is Verdict.valid
    assert judge(_with_store(signed, named, {number: BLACK})).verdict in REFUSED
    first = _with_store(signed, named)
    assert judge(_with_store(first, named, {number: BLACK})).verdict in REFUSED


def test_a_revocation_cannot_be_dropped(
    open_paper: bytes, pki: Pki, stranger: Pki, judge: Judge
) -> None:
    """The list that names the signer's certificate is in an older store, and still counts."""
    who = issued(pki)
    signed = sign(open_paper, who, stamper=local_stamper(pki))
    assert judge(signed).verdict is Verdict.valid
    parent = x509.load_der_x509_certificate(pki.certificate("issuing").dump())
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    gone = x509.RevokedCertificateBuilder(who.certificate.serial_number, moment).build()
    now = datetime.now(UTC)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(parent.subject)
        .last_update(now)
        .next_update(now.replace(year=now.year + 1))
        .add_revoked_certificate(gone)
        .sign(pki.key("issuing"), hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    free = size_of(signed)
    first = _with_store(signed, b"<< /CRLs [ %d ] >>", {free + 1: _stream(made)})
    assert judge(first).verdict is Verdict.intact_untrusted
    for store in (b"<< /Certs [ %d ] >>", b"<< >>", b"<< /CRLs [ %d ] >>"):
        verdict = judge(_with_store(first, store))
        assert verdict.verdict is Verdict.intact_untrusted
        assert verdict.signatures[0].revoked and verdict.signatures[0].intact
