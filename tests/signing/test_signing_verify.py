"""Verification: the truth about files from anywhere, hostile ones included."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import keys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, evidence, trust_store, verify
from signing.keys import LocalTimeStamper


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Keys that nobody trusts."""
    place = tmp_path_factory.mktemp("stranger")
    return Pki.ensure(place / "pki", "CƠ QUAN KHÁC", lambda: datetime.now(UTC))


@pytest.fixture
def judge(tmp_path: Path, trust: Trust) -> Callable[[bytes], FileVerdict]:
    def judged(content: bytes) -> FileVerdict:
        path = tmp_path / "judged.pdf"
        path.write_bytes(content)
        return verify(path, trust)

    return judged


def _simple_signer(pki: Pki, label: str = "clerk") -> SimpleSigner:
    key = pki.key(label).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    store = SimpleCertificateStore()
    store.register(pki.certificate("issuing"))
    return SimpleSigner(pki.certificate(label), keys.PrivateKeyInfo.load(key), store)


def _sign(
    content: bytes,
    pki: Pki,
    *,
    label: str = "clerk",
    field: str = "Other",
    digest: str = "sha256",
    pades: bool = False,
    box: tuple[int, int, int, int] | None = None,
) -> bytes:
    """A plain signature as other programs make it."""
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=SigSeedSubFilter.PADES if pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    )
    signer = PdfSigner(
        metadata, _simple_signer(pki, label), new_field_spec=SigFieldSpec(field, box=box)
    )
    out: BytesIO = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(content)))
    return out.getvalue()


def _update(content: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """An incremental update, as an attacker makes it."""
    writer = IncrementalPdfFileWriter(BytesIO(content))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


# --- other people's signatures -------------------------------------------------------------------


def test_other_signatures_are_valid_too(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    verdict = judge(_sign(paper, pki))
    assert verdict.verdict is Verdict.valid
    (report,) = verdict.signatures
    assert report.level == "adbe.pkcs7.detached" and report.time_source == "claimed"


def test_sha1_is_weak_not_broken(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], tmp_path: Path
) -> None:
    content = _sign(paper, pki, digest="sha1")
    verdict = judge(content)
    assert verdict.verdict is Verdict.valid_weak
    assert verdict.signatures[0].algorithms is not None
    assert verdict.signatures[0].algorithms.weak
    assert "weak_algorithm" in verdict.signatures[0].findings
    (tmp_path / "weak.pdf").write_bytes(content)
    assert verify(tmp_path / "weak.pdf", Trust()).verdict is Verdict.intact_untrusted


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
    expected = Verdict.intact_untrusted if label == "issuing" else Verdict.valid
    # the time-stamping certificate may sign data by its key usage; an authority's may not
    assert judge(_sign(paper, pki, label=label)).verdict is expected


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
    path.write_bytes(_sign(paper, pki))
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
    path.write_bytes(_sign(paper, pki))  # only claims its time
    assert verify(path, _revoking(pki, "clerk", soon), at=later).verdict is Verdict.intact_untrusted


def test_a_second_signer_nobody_trusts_spoils_it(
    led_bytes: bytes, stranger: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """As in evil annotation and shadow attacks with a self-made certificate over the page."""
    verdict = judge(_sign(led_bytes, stranger, box=(50, 50, 500, 700)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert [report.trusted for report in verdict.signatures] == [True, False]


def test_a_foreign_archive_time_stamp_lifts_nothing(
    paper: bytes, pki: Pki, stranger: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = _sign(paper, pki, pades=True)
    assert judge(content).signatures[0].level == "B-B"
    out = BytesIO()
    PdfTimeStamper(LocalTimeStamper(stranger)).timestamp_pdf(
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


def test_every_finding_and_verdict_has_its_sentences() -> None:
    source = Path(evidence.__file__).parent
    written = "".join(path.read_text("utf-8") for path in source.glob("*.py"))
    keys = set(re.findall(r"signing\.([a-z_]+)\"", written))
    keys |= set(re.findall(r"\"(verdict_[a-z_]+)\"", written))
    found = re.findall(r"(?:findings|keys|remarks)\.append\(\"([a-z_]+)\"\)", written)
    keys |= {f"finding_{key}" for key in (*found, "signed_again", "changed_after")}
    assert len(keys) > 25
    for key in keys:
        for language in ("vi", "en"):
            assert sentence(f"signing.{key}", language, count=1)  # type: ignore[arg-type]


# --- not PDFs, not signed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"<html><body>x</body></html>",
        b"%PDF-1.7\n",
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
    ],
)
def test_what_is_no_pdf_is_unreadable(
    content: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    assert judge(content).verdict is Verdict.unreadable


def test_a_missing_file_and_a_directory_are_unreadable(tmp_path: Path, trust: Trust) -> None:
    assert verify(tmp_path / "none.pdf", trust).verdict is Verdict.unreadable
    assert verify(tmp_path, trust).verdict is Verdict.unreadable


def test_a_huge_sparse_file_is_answered_at_once(tmp_path: Path, trust: Trust) -> None:
    path = tmp_path / "sparse.pdf"
    with path.open("wb") as stream:
        stream.write(b"%PDF-1.7\n")
        stream.truncate(2 << 30)
    assert verify(path, trust).verdict is Verdict.unreadable


def test_a_pdf_without_signatures_is_unsigned(
    paper: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    verdict = judge(paper)
    assert verdict.verdict is Verdict.unsigned and verdict.signatures == ()


def test_a_password_is_told(
    paper: bytes, sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    verdict = judge(out.getvalue())
    assert verdict.verdict is Verdict.unreadable
    assert verdict.sentence == sentence("signing.verdict_encrypted", "vi")


def test_sentences_come_in_both_languages(
    sealed_bytes: bytes, tmp_path: Path, trust: Trust
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    assert verify(path, trust).sentence.startswith("Hợp lệ")
    assert verify(path, trust, language="en").sentence.startswith("Valid")


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_never_valid(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict], cut: float
) -> None:
    verdict = judge(sealed_bytes[: int(len(sealed_bytes) * cut)]).verdict
    assert verdict not in {Verdict.valid, Verdict.valid_weak, Verdict.intact_untrusted}


# --- attacks -------------------------------------------------------------------------------------


def _gaps(content: bytes) -> list[tuple[int, int]]:
    found = re.findall(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+\d+\s*\]", content)
    return [(int(start), int(end)) for start, end in found]


@pytest.mark.parametrize("seed", range(25))
def test_no_bit_of_the_signed_bytes_can_change(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict], seed: int
) -> None:
    chance = random.Random(seed)
    gaps = _gaps(sealed_bytes)
    at = 0
    while at == 0 or any(start <= at < end for start, end in gaps):
        at = chance.randrange(1, len(sealed_bytes))
    changed = bytearray(sealed_bytes)
    changed[at] ^= 1 << chance.randrange(8)
    assert judge(bytes(changed)).verdict in {Verdict.altered, Verdict.broken, Verdict.unreadable}


def test_changed_text_is_altered(led_bytes: bytes, judge: Callable[[bytes], FileVerdict]) -> None:
    at = led_bytes.index(b"/MediaBox")
    verdict = judge(led_bytes[:at] + b"/MediaBoy" + led_bytes[at + 9 :])
    assert verdict.verdict in {Verdict.altered, Verdict.unreadable}
    at = led_bytes.index(b"/FontFile2") and led_bytes.index(b"/Length1")
    at = led_bytes.index(b"stream", at) + 400
    verdict = judge(led_bytes[:at] + bytes([led_bytes[at] ^ 1]) + led_bytes[at + 1 :])
    assert verdict.verdict is Verdict.altered
    assert "content_changed" in verdict.signatures[0].findings
    assert not verdict.signatures[0].intact


def _replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    content = writer.add_object(StreamObject(stream_data=b"BT ET 0 0 300 300 re f"))
    page[pdf_name("/Contents")] = content
    writer.update_container(page)


def _annotate(writer: IncrementalPdfFileWriter) -> None:
    page_ref, _ = writer.find_page_for_modification(0)
    page = page_ref.get_object()
    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): ArrayObject([FloatObject(side) for side in (50, 500, 400, 700)]),
            pdf_name("/Contents"): pdf_string("Một triệu đồng"),
            pdf_name("/DA"): pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)


def _empty_visible_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Later", box=(50, 50, 500, 700)))


def _strip_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def _empty_form(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"][pdf_name("/Fields")] = ArrayObject()
    writer.update_container(writer.root["/AcroForm"])


def _unsign_field(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    del field["/V"]
    writer.update_container(field)


def _swap_pages(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    kids = pages["/Kids"]
    kids.append(kids.raw_get(0))
    writer.update_container(pages)


def _new_catalogue(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


@pytest.mark.parametrize(
    "change",
    [
        _replace_page,
        _annotate,
        _empty_visible_field,
        _strip_form,
        _empty_form,
        _unsign_field,
        _swap_pages,
        _new_catalogue,
    ],
)
@pytest.mark.parametrize("kind", ["sealed", "led"])
def test_incremental_updates_are_altered(
    sealed_bytes: bytes,
    led_bytes: bytes,
    judge: Callable[[bytes], FileVerdict],
    change: Callable[[IncrementalPdfFileWriter], None],
    kind: str,
) -> None:
    content = _update(sealed_bytes if kind == "sealed" else led_bytes, change)
    assert content.startswith(sealed_bytes if kind == "sealed" else led_bytes)
    assert judge(content).verdict is Verdict.altered


@pytest.mark.parametrize(
    "tail",
    [
        b"1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        b"%harmless comment\n",
        b"4 0 obj\n<< /Length 2 >>\nstream\nBT\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n",
    ],
)
@pytest.mark.parametrize("closing", ["none", "eof", "startxref"])
def test_bytes_appended_without_cross_references_are_altered(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict], tail: bytes, closing: str
) -> None:
    """Incremental saving without what a strict reader needs to see it."""
    last = re.findall(rb"startxref\s+(\d+)", sealed_bytes)[-1]
    content = sealed_bytes + tail
    if closing == "eof":
        content += b"%%EOF\n"
    elif closing == "startxref":
        content += b"startxref\n" + last + b"\n%%EOF\n"
    assert judge(content).verdict in {Verdict.altered, Verdict.unreadable}


def test_blank_bytes_at_the_end_are_no_change(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    assert judge(sealed_bytes + b"\r\n").verdict is Verdict.valid


def test_removing_the_last_revision_leaves_a_lower_level(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Taking the archive time stamp away is no forgery, and shows in the level."""
    end = sealed_bytes.rindex(b"%%EOF", 0, sealed_bytes.rindex(b"%%EOF"))
    verdict = judge(sealed_bytes[: end + 6])
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == "B-LT"


@pytest.mark.parametrize(
    "byte_range",
    [b"[0 0 0 0]", b"[0 -1 10 20]", b"[]", b"null", b"[0 10 20]", b"(x)", b"[0 1 999999999 1]"],
)
def test_universal_forgery_by_byte_range_fails(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], byte_range: bytes
) -> None:
    at = re.search(rb"/ByteRange\s*\[[^\]]*\]", led_bytes)
    assert at is not None
    width = at.end() - at.start()
    forged = (b"/ByteRange " + byte_range).ljust(width)
    verdict = judge(led_bytes[: at.start()] + forged[:width] + led_bytes[at.end() :])
    assert verdict.verdict in {Verdict.broken, Verdict.altered, Verdict.unreadable}


@pytest.mark.parametrize("contents", [b"<>", b"<00>", b"null", b"()", b"<3080>"])
def test_universal_forgery_by_contents_fails(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], contents: bytes
) -> None:
    start, end = _gaps(led_bytes)[0]
    forged = contents.ljust(end - start)
    assert judge(led_bytes[:start] + forged + led_bytes[end:]).verdict in {
        Verdict.broken,
        Verdict.unreadable,
    }


def test_wrapping_moves_nothing_past_the_check(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Signature wrapping: room for foreign objects between the signed parts."""
    match = re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", led_bytes)
    assert match is not None
    first, second, length = (int(number) for number in match.groups())
    # the last signed part is moved back; a foreign object stands where it was
    foreign = b"\n99 0 obj\n<< /Evil true >>\nendobj\n"
    moved = b"/ByteRange [0 %d %d %d]" % (first, second + len(foreign), length)
    width = match.end() - match.start()
    if len(moved) > width:
        pytest.skip("no room to write the new range")
    content = led_bytes[: match.start()] + moved.ljust(width) + led_bytes[match.end() :]
    content = content[:second] + foreign + content[second:]
    assert judge(content).verdict in {Verdict.broken, Verdict.altered, Verdict.unreadable}


def test_fields_filled_in_after_signing_are_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Shadow attacks by form fields hide behind what PDF would allow."""
    with_form = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="amount",
                V="1.000",
                Rect=[50, 50, 200, 80],
                F=4,
                P=document.pages[0].obj,
            )
        )
        document.pages[0].Annots = document.make_indirect(pikepdf.Array([field]))
        document.Root.AcroForm = document.make_indirect(
            pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        )
        document.save(with_form)
    signed = _sign(with_form.getvalue(), pki)
    assert judge(signed).verdict is Verdict.valid

    def fill(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            target = reference.get_object()
            if target["/T"] == "amount":
                target[pdf_name("/V")] = pdf_string("9.000.000")
                writer.update_container(target)

    assert judge(_update(signed, fill)).verdict is Verdict.altered


def test_numbers_of_objects_given_to_others_are_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Shadow hide-and-replace: only a new cross-reference table, pointing to signed bytes."""
    plain = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        evil = document.make_indirect(pikepdf.Stream(document, b"0 0 595 842 re f"))
        document.Root.Hidden = evil
        document.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    signed = _sign(plain.getvalue(), pki)
    assert judge(signed).verdict is Verdict.valid
    with pikepdf.open(BytesIO(signed)) as document:
        contents = document.pages[0].Contents.objgen[0]
        hidden = document.Root.Hidden.objgen[0]
        size = int(document.trailer.Size)
        root = document.trailer.Root.objgen[0]
    offset = re.search(rb"(?<=\n)%d 0 obj" % hidden, signed)
    assert offset is not None
    previous = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    table = len(signed)
    update = b"xref\n%d 1\n%010d 00000 n \n" % (contents, offset.start())
    update += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, previous)
    update += b"startxref\n%d\n%%%%EOF\n" % table
    assert judge(signed + update).verdict in {Verdict.altered, Verdict.broken}


def test_an_earlier_signature_taken_out_of_a_later_revision_is_told(
    led_bytes: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Swapped revisions: the first signature is unhooked, then someone signs again."""
    assert judge(_sign(_update(led_bytes, _unsign_field), pki)).verdict is Verdict.altered


@pytest.mark.parametrize("seed", range(40))
def test_garbage_never_raises_and_is_never_valid(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], seed: int
) -> None:
    chance = random.Random(seed)
    start, end = _gaps(led_bytes)[0]
    at = chance.randrange(len(led_bytes))
    junk = chance.randbytes(chance.randrange(1, 400))
    content = led_bytes[:at] + junk + led_bytes[at + chance.randrange(300) :]
    verdict = judge(content).verdict
    if not start <= at < end:
        assert verdict in {Verdict.altered, Verdict.broken, Verdict.unreadable}
