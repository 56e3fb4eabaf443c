"""Verification: other people's signatures, what is no PDF, the sentences."""

import re
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pdf_signing import identity, sign

from schemas.messages import sentence
from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify
from signing.validation import evidence


def test_other_signatures_are_valid_too(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    verdict = judge(sign(paper, identity(pki)))
    assert verdict.verdict is Verdict.valid
    (report,) = verdict.signatures
    assert report.level == "adbe.pkcs7.detached" and report.time_source == "claimed"
    assert report.issuer == pki.certificate("issuing").subject.native["common_name"]


def test_sha1_is_weak_not_broken(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], tmp_path: Path
) -> None:
    content = sign(paper, identity(pki), digest="sha1")
    verdict = judge(content)
    assert verdict.verdict is Verdict.valid_weak
    assert verdict.signatures[0].algorithms is not None
    assert verdict.signatures[0].algorithms.weak
    assert "weak_algorithm" in verdict.signatures[0].findings
    (tmp_path / "weak.pdf").write_bytes(content)
    assert verify(tmp_path / "weak.pdf", Trust()).verdict is Verdict.intact_untrusted


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
            values = {"count": 1, "role": "x", "seconds": 1, "issuer": "x"}
            values |= {"authority": "x", "time": "x"}
            assert sentence(f"signing.{key}", language, **values)  # type: ignore[arg-type]


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


def test_beginnings_of_objects_without_an_end_are_answered_at_once(
    judge: Callable[[bytes], FileVerdict],
) -> None:
    """Looked through for something, each of them as far as the last, it took minutes."""
    content = b"%PDF-1.7\n" + b"1 obj<</XRef " * 200_000 + b"\nstartxref\n5\n%%EOF\n"
    began = time.process_time()
    assert judge(content).verdict is Verdict.unreadable
    assert time.process_time() - began < 10


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
