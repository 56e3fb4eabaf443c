"""Files with filling behind their end, blanks among digits, and time stamps that stand alone."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_attacks import gaps
from pdf_signing import identity, local_stamper, sign
from pyhanko.pdf_utils.generic import ByteStringObject, NameObject, TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.signers import PdfTimeStamper

from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Signer, SignerRole, Trust, verify
from signing.validation.ending import content_end
from signing.validation.hex_strings import _by_digits, read_hex_string

Judge = Callable[[bytes], FileVerdict]

FILLINGS = {
    "zeros to the end of a block": bytes(8192),
    "many zeros": bytes(3_000_000),
    "the end of a DOS file": b"\x1a",
    "the same after a line": b"\r\n\x1a",
    "a block of them": b"\x1a" * 200,
    "both": b"\x1a" + bytes(5000) + b"\n",
}


@pytest.mark.parametrize("name", FILLINGS)
def test_filling_behind_the_end_changes_nothing(
    sealed_bytes: bytes, paper: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    for content in (sealed_bytes, sign(paper, identity(pki))):
        assert judge(content + FILLINGS[name]).verdict is Verdict.valid


@pytest.mark.parametrize("name", FILLINGS)
def test_a_file_with_filling_is_signed(
    tmp_path: Path, paper: bytes, signer: Signer, trust: Trust, name: str
) -> None:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    source.write_bytes(paper + FILLINGS[name])
    signer.sign(source, out, role=SignerRole.seal)
    assert verify(out, trust).verdict is Verdict.valid


def test_filling_between_two_revisions(paper: bytes, pki: Pki, judge: Judge) -> None:
    """Somebody's copy had it, and was time stamped."""
    content = sign(paper, identity(pki), pades=True) + b"\x1a" + bytes(6000)
    verdict = judge(_stamped(content, pki))
    assert verdict.verdict is Verdict.valid
    assert verdict.time_stamps[0].intact


@pytest.mark.parametrize("more", [b"9 0 obj\n<<>>\nendobj\n", b"\x1a%%EOF", b"x"])
def test_more_than_filling_is_still_a_change(
    sealed_bytes: bytes, judge: Judge, more: bytes
) -> None:
    for filling in (b"", bytes(9000), b"\x1a"):
        verdict = judge(sealed_bytes + filling + more)
        assert verdict.verdict in {Verdict.altered, Verdict.unreadable}


@given(st.binary(max_size=40), st.binary(max_size=80))
def test_the_end_is_where_nothing_but_filling_follows(content: bytes, more: bytes) -> None:
    whole = content + more.translate(bytes(b"\x00\x1a \n"[one % 4] for one in range(256)))
    assert content_end(BytesIO(whole)) == len(whole.rstrip(b"\x00\t\n\x0c\r \x1a"))


@pytest.mark.parametrize("blanks", [b" ", b"\n \r\t", b"   \n"])
def test_blanks_among_the_digits_of_a_signature(
    paper: bytes, pki: Pki, judge: Judge, blanks: bytes
) -> None:
    """ISO 32000-2, 7.3.4.3: they mean nothing."""
    content = sign(paper, identity(pki))
    first, second = gaps(content)[0]
    with_blanks = content[: second - 1 - len(blanks)] + blanks + content[second - 1 :]
    assert len(with_blanks) == len(content) and judge(with_blanks).verdict is Verdict.valid
    more = judge(_stamped(with_blanks, pki))
    assert more.verdict is Verdict.valid and more.time_stamps[0].intact
    hidden = content[: second - 9] + b" (hid) >" + content[second - 1 :]
    assert judge(hidden).verdict not in {Verdict.valid, Verdict.valid_weak}
    assert first < second


_DIGITS = st.sampled_from([b"0", b"a", b"F", b"7", b" ", b"\n", b"\x00", b"%", b"x", b">"])


@settings(max_examples=300)
@given(st.lists(_DIGITS, max_size=30).map(b"".join), st.sampled_from([b">", b"", b">>/A 1"]))
def test_hexadecimal_strings_are_what_they_were(digits: bytes, rest: bytes) -> None:
    """In one go or digit by digit: the same string, and the same place behind it."""
    outcomes = []
    for read in (read_hex_string, _by_digits):
        stream = BytesIO(b"<" + digits + rest)
        try:
            found = read(stream)
            assert isinstance(found, ByteStringObject | TextStringObject)
            outcomes.append((found.original_bytes, stream.tell()))
        except PdfError:
            outcomes.append(None)
    assert outcomes[0] == outcomes[1]


def _stamped(content: bytes, pki: Pki, *, label: str = "tsa") -> bytes:
    out = BytesIO()
    PdfTimeStamper(local_stamper(pki, label=label)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(content)), "sha256", output=out
    )
    return out.getvalue()


def test_a_time_stamp_alone_is_named(paper: bytes, pki: Pki, stranger: Pki, judge: Judge) -> None:
    verdict = judge(_stamped(paper, pki))
    assert verdict.verdict is Verdict.unsigned and verdict.signatures == ()
    (stamp,) = verdict.time_stamps
    assert stamp.intact and stamp.trusted and stamp.covers_whole_file and stamp.time is not None
    assert stamp.authority is not None and stamp.authority in verdict.sentence
    assert (
        f"{stamp.time:%Y-%m-%d %H:%M:%S}" in verdict.sentence and "còn nguyên" in verdict.sentence
    )
    other = judge(_stamped(paper, stranger))
    assert other.verdict is Verdict.unsigned and not other.time_stamps[0].trusted
    assert "không được tin cậy" in other.sentence


def test_a_time_stamp_alone_tells_changes(paper: bytes, pki: Pki, judge: Judge) -> None:
    content = _stamped(paper, pki)
    at = content.index(b"%PDF-") + 9
    assert judge(content[:at] + b"\xa1" + content[at + 1 :]).verdict is Verdict.altered
    writer = IncrementalPdfFileWriter(BytesIO(content))
    writer.root[pdf_name("/PageMode")] = NameObject("/FullScreen")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert judge(out.getvalue()).verdict is Verdict.altered


@pytest.fixture
def untyped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stamps whose dictionary says no type."""
    from pyhanko.sign.signers import pdf_byterange

    usual = pdf_byterange.DocumentTimestamp.__init__

    def without(self: object, *about: object, **options: object) -> None:
        usual(self, *about, **options)  # type: ignore[arg-type]
        del self[pdf_name("/Type")]  # type: ignore[attr-defined]

    monkeypatch.setattr(pdf_byterange.DocumentTimestamp, "__init__", without)


@pytest.mark.usefixtures("untyped")
def test_a_time_stamp_without_a_type(paper: bytes, pki: Pki, judge: Judge) -> None:
    """ISO 32000-2, table 255: the type is optional."""
    alone = _stamped(paper, pki)
    assert b"/DocTimeStamp" not in alone
    verdict = judge(alone)
    assert verdict.verdict is Verdict.unsigned and verdict.time_stamps[0].intact
    signed = sign(paper, identity(pki), pades=True, stamper=local_stamper(pki))
    verdict = judge(_stamped(signed, pki))
    assert verdict.verdict is Verdict.valid and verdict.time_stamps[0].trusted
    assert verdict.signatures[0].covers_whole_file
    foreign = judge(_stamped(alone, pki, label="leader"))
    assert [one.trusted for one in foreign.time_stamps] == [True, False]


@pytest.mark.usefixtures("untyped")
def test_an_archive_time_stamp_without_a_type_is_renewed(
    tmp_path: Path, paper: bytes, pki: Pki, signer: Signer
) -> None:
    path = tmp_path / "old.pdf"
    path.write_bytes(_stamped(sign(paper, identity(pki), pades=True), pki))
    assert signer.renew(path, days=1).until is not None
