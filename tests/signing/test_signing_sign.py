"""Signing: every level and role, exactly once, accepted by programs that are not ours."""

import asyncio
import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pikepdf import pdfa

from schemas.errors import ConfigurationError, Conflict, InputRejected, ServiceUnavailable
from schemas.verdict import Verdict
from signing import Level, Pki, SignedFile, Signer, SignerRole, SigningOptions, Trust, verify
from signing.external.files import PartFile

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("role", list(SignerRole))
def test_every_role_signs_b_lta(
    source: Path, tmp_path: Path, signer: Signer, trust: Trust, pki: Pki, role: SignerRole
) -> None:
    before = source.read_bytes()
    signed = signer.sign(source, tmp_path / "out.pdf", role=role, reference="H17-261124-0001/1")
    assert source.read_bytes() == before
    assert signed.path.read_bytes().startswith(before)
    assert signed.sha256 == _sha256(signed.path)
    assert signed.source_sha256 == _sha256(source)
    assert signed.level is Level.b_lta and not signed.adopted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.pdf", "source.pdf"]

    verdict = verify(signed.path, trust)
    assert verdict.verdict is Verdict.valid
    (report,) = verdict.signatures
    assert report.field == signed.field
    assert report.signer == pki.certificate(role.value).subject.native["common_name"]
    assert report.level == "B-LTA" and report.time_source == "timestamp"
    assert report.intact and report.trusted and report.covers_whole_file
    assert report.algorithms is not None and report.algorithms.digest == "sha256"
    assert report.findings == ()
    assert report.time is not None and abs((report.time - datetime.now(UTC)).total_seconds()) < 600


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_what_it_says(
    source: Path, tmp_path: Path, pki: Pki, trust: Trust, level: Level
) -> None:
    signer = Signer(pki, SigningOptions(agency=AGENCY, level=level))
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    verdict = verify(signed.path, trust)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == level == signed.level
    assert verdict.signatures[0].time_source == ("claimed" if level is Level.b_b else "timestamp")
    signer.close()


def test_only_long_term_levels_survive_the_certificate(
    source: Path, tmp_path: Path, pki: Pki, trust: Trust
) -> None:
    """Seal: 10 years; time stamps: 15; a document time stamp carries the seal beyond its end."""
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 12, day=1)
    for level, expected in ((Level.b_b, False), (Level.b_lta, True)):
        signer = Signer(pki, SigningOptions(agency=AGENCY, level=level))
        out = tmp_path / f"{level}.pdf"
        signer.sign(source, out, role=SignerRole.clerk)
        assert (verify(out, trust, at=later).verdict is Verdict.valid) is expected
        signer.close()


def test_evidence_in_the_file_is_enough(sealed_bytes: bytes, tmp_path: Path, pki: Pki) -> None:
    """Root alone, no CRL from outside, weeks after the embedded CRLs ran out."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1, day=1)
    verdict = verify(path, Trust(anchors=(pki.root.dump(),)), at=later)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].findings == ()


def test_person_first_seal_last_and_nobody_after(
    source: Path, tmp_path: Path, signer: Signer, trust: Trust
) -> None:
    steps = [tmp_path / f"{number}.pdf" for number in range(4)]
    signer.sign(source, steps[0], role=SignerRole.leader)
    signer.sign(steps[0], steps[1], role=SignerRole.leader)
    signer.sign(steps[1], steps[2], role=SignerRole.seal)
    assert steps[2].read_bytes().startswith(steps[1].read_bytes())
    verdict = verify(steps[2], trust)
    assert verdict.verdict is Verdict.valid
    assert [report.field for report in verdict.signatures] == ["Leader1", "Leader2", "Seal1"]
    assert [report.covers_whole_file for report in verdict.signatures] == [False, False, True]
    assert verdict.signatures[0].findings == ("signed_again",)
    with pikepdf.open(steps[2]) as document:
        stamps = [note for note in document.pages[0].Annots if float(note.Rect[2]) > 0]
        assert len(stamps) == 1  # nothing is drawn after the first signature
    with pytest.raises(InputRejected) as caught:
        signer.sign(steps[2], steps[3], role=SignerRole.clerk)
    assert caught.value.code == "signing.locked"
    assert not steps[3].exists()


@pytest.mark.parametrize("role", list(SignerRole))
def test_it_stays_pdf_a(source: Path, tmp_path: Path, signer: Signer, role: SignerRole) -> None:
    assert pdfa.validate_written(source, "2b").passed
    signed = signer.sign(source, tmp_path / "out.pdf", role=role)
    findings = pdfa.validate_written(signed.path, "2b").findings
    assert {finding.kind for finding in findings} == {"unsupported"}
    messages = {finding.message for finding in findings}
    assert messages == {
        "interactive forms (/AcroForm) are not supported",
        "unrecognized key(s) /DSS are not checked",
    }


def test_signing_twice_gives_the_same_file(source: Path, tmp_path: Path, signer: Signer) -> None:
    out = tmp_path / "out.pdf"
    first = signer.sign(source, out, role=SignerRole.seal)
    content = out.read_bytes()
    second = signer.sign(source, out, role=SignerRole.seal)
    assert out.read_bytes() == content
    assert second.adopted and second.model_copy(update={"adopted": False}) == first


def test_what_stands_in_the_way_is_not_overwritten(
    source: Path, tmp_path: Path, signer: Signer, drawn: Callable[..., bytes]
) -> None:
    out = tmp_path / "out.pdf"
    other = tmp_path / "other.pdf"
    other.write_bytes(drawn(3))
    signer.sign(other, out, role=SignerRole.seal)
    content = out.read_bytes()
    for role in (SignerRole.seal, SignerRole.clerk):
        with pytest.raises(Conflict):
            signer.sign(source, out, role=role)
    with pytest.raises(Conflict):
        signer.sign(other, out, role=SignerRole.clerk)
    assert out.read_bytes() == content
    assert not (tmp_path / "out.pdf.part").exists()


def _die_before_renaming(directory: Path, source: Path, out: Path) -> None:
    PartFile.finish = lambda self: os._exit(9)  # type: ignore[method-assign]
    pki = Pki.ensure(directory, AGENCY, lambda: datetime.now(UTC))
    Signer(pki, SigningOptions(agency=AGENCY)).sign(source, out, role=SignerRole.seal)


@pytest.fixture(scope="module")
def leftover(tmp_path_factory: pytest.TempPathFactory, pki: Pki, paper: bytes) -> bytes:
    """What a process left that died when the signature was complete, before the rename."""
    place = tmp_path_factory.mktemp("died")
    (place / "source.pdf").write_bytes(paper)
    child = multiprocessing.get_context("spawn").Process(
        target=_die_before_renaming,
        args=(pki.directory, place / "source.pdf", place / "out.pdf"),
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    assert not (place / "out.pdf").exists()
    return (place / "out.pdf.part").read_bytes()


@pytest.fixture
def left_behind(tmp_path: Path, leftover: bytes) -> Path:
    path = tmp_path / "out.pdf.part"
    path.write_bytes(leftover)
    return path


def test_a_complete_leftover_is_adopted_not_signed_again(
    source: Path, tmp_path: Path, signer: Signer, trust: Trust, left_behind: Path
) -> None:
    content = left_behind.read_bytes()
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    assert signed.adopted
    assert signed.path.read_bytes() == content
    assert not left_behind.exists()
    assert verify(signed.path, trust).verdict is Verdict.valid
    assert signer.recover(source, signed.path, role=SignerRole.seal) == signed


@pytest.mark.parametrize("harm", ["half", "last byte", "other source", "bit", "no time stamp"])
def test_an_incomplete_leftover_is_removed(
    source: Path,
    tmp_path: Path,
    signer: Signer,
    trust: Trust,
    left_behind: Path,
    drawn: Callable[..., bytes],
    harm: str,
) -> None:
    content = left_behind.read_bytes()
    length = source.stat().st_size
    if harm == "half":
        left_behind.write_bytes(content[: length + (len(content) - length) // 2])
    elif harm == "last byte":
        left_behind.write_bytes(content[:-20])
    elif harm == "other source":
        source.write_bytes(drawn(4))
    elif harm == "bit":
        left_behind.write_bytes(content[: length + 50] + b"\x01" + content[length + 51 :])
    else:
        end = content.rindex(b"%%EOF", 0, content.rindex(b"%%EOF"))
        left_behind.write_bytes(content[: end + 6])
    out = tmp_path / "out.pdf"
    assert signer.recover(source, out, role=SignerRole.seal) is None
    assert not left_behind.exists() and not out.exists()
    signed = signer.sign(source, out, role=SignerRole.seal)
    assert not signed.adopted
    assert verify(out, trust).verdict is Verdict.valid


def test_recover_without_anything_leaves_nothing(
    source: Path, tmp_path: Path, signer: Signer
) -> None:
    assert signer.recover(source, tmp_path / "out.pdf", role=SignerRole.seal) is None
    assert [path.name for path in tmp_path.iterdir()] == ["source.pdf"]


def test_one_process_at_a_time(source: Path, tmp_path: Path, signer: Signer) -> None:
    out = tmp_path / "out.pdf"
    with PartFile(out), pytest.raises(ServiceUnavailable) as caught:
        signer.sign(source, out, role=SignerRole.seal)
    assert caught.value.code == "signing.in_progress"
    assert not signer.sign(source, out, role=SignerRole.seal).adopted


async def test_it_can_be_called_beside_a_running_loop(
    source: Path, tmp_path: Path, signer: Signer, trust: Trust
) -> None:
    outs = [tmp_path / f"{number}.pdf" for number in range(4)]
    signed: list[SignedFile] = await asyncio.gather(
        *(asyncio.to_thread(signer.sign, source, out, role=SignerRole.clerk) for out in outs)
    )
    assert len({one.sha256 for one in signed}) == 4
    assert verify(signer.sign(source, outs[0], role=SignerRole.clerk).path, trust).verdict is (
        Verdict.valid
    )


def _encrypted(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda content, path: path.write_bytes(b""), "not_a_pdf"),
        (lambda content, path: path.write_bytes(b"<html>no</html>"), "not_a_pdf"),
        (lambda content, path: path.write_bytes(content[: len(content) // 2]), "not_a_pdf"),
        (_encrypted, "encrypted"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_a_sentence(
    paper: bytes,
    tmp_path: Path,
    signer: Signer,
    make: Callable[[bytes, Path], object],
    code: str,
) -> None:
    source = tmp_path / "source.pdf"
    make(paper, source)
    with pytest.raises(InputRejected) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    assert caught.value.code == f"signing.{code}"
    assert str(tmp_path) not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["source.pdf"]


def test_an_expired_certificate_does_not_sign(source: Path, tmp_path: Path, pki: Pki) -> None:
    later = Pki(pki.directory, lambda: datetime.now(UTC).replace(year=2045, day=1))
    signer = Signer(later, SigningOptions(agency=AGENCY))
    with pytest.raises(ConfigurationError) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    assert caught.value.code == "signing.certificate_expired"
    signer.close()


def test_a_failing_time_stamp_is_never_a_lower_level(
    source: Path, tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyhanko.sign.timestamps import TimestampRequestError

    from signing.creation.stamper import LocalTimeStamper

    async def refuse(self: object, request: object) -> object:
        raise TimestampRequestError("no answer")

    monkeypatch.setattr(LocalTimeStamper, "async_request_tsa_response", refuse)
    signer = Signer(pki, SigningOptions(agency=AGENCY))
    with pytest.raises(ServiceUnavailable) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    assert caught.value.code == "signing.time_stamp_unavailable"
    assert [path.name for path in tmp_path.iterdir()] == ["source.pdf"]
    signer.close()


def test_a_signature_costs_little(source: Path, tmp_path: Path, signer: Signer) -> None:
    signer.sign(source, tmp_path / "warm.pdf", role=SignerRole.seal)
    start = time.process_time()
    for number in range(10):
        signer.sign(source, tmp_path / f"{number}.pdf", role=SignerRole.seal)
    assert (time.process_time() - start) / 10 <= 0.2
