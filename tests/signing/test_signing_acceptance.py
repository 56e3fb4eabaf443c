"""Every profile at every level, judged by programs that are not ours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn_signatures import draw_paper, draw_seal, draw_signature
from other_programs import (
    OpenSSL,
    mutool,
    pdfsig,
    pem_of,
    qpdf,
    trust_of_pdfsig,
)
from pikepdf import pdfa

from schemas.verdict import Verdict
from signing import (
    Level,
    Pki,
    Signer,
    SignerRole,
    SigningOptions,
    Trust,
    shipped_profiles,
    verify,
)
from signing.keys.pki import LABELS
from signing.options import PictureFile

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
STAMPS = {Level.b_b: 0, Level.b_t: 1, Level.b_lt: 1, Level.b_lta: 2}
"""Time stamps that come with one signature."""

MUPDF_ACCEPTS = re.compile("The signature is valid but|The document is unchanged since signing")

pytestmark = pytest.mark.needs("pdfsig", "certutil", "mutool", "openssl", "qpdf")


@pytest.fixture(scope="module")
def paper_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = draw_paper(tmp_path_factory.mktemp("accepted") / "paper.pdf")
    assert pdfa.validate_written(path, "2b").passed
    return path


@pytest.fixture(scope="module", params=list(Level))
def leveled(
    request: pytest.FixtureRequest, pki: Pki, paper_file: Path
) -> Iterator[tuple[Level, Signer]]:
    signature, seal = (paper_file.with_name(name) for name in ("signature.png", "seal.png"))
    if not seal.exists():
        draw_signature(signature)
        draw_seal(seal)
    pictures = {
        SignerRole.leader: PictureFile(file=signature),
        SignerRole.seal: PictureFile(file=seal),
    }
    signer = Signer(pki, SigningOptions(agency=AGENCY, level=request.param, pictures=pictures))
    yield request.param, signer
    signer.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> str:
    return trust_of_pdfsig(tmp_path_factory.mktemp("nss") / "store", pki.root_path)


@pytest.fixture
def openssl(tmp_path: Path, pki: Pki) -> OpenSSL:
    others = [pki.certificate(label).dump() for label in LABELS if label != "root"]
    return OpenSSL(tmp_path, pki.root_path, pem_of(others, tmp_path / "others.pem"))


@pytest.mark.parametrize("profile", [one for one in shipped_profiles() if one != "leader"])
def test_accepted_everywhere(
    paper_file: Path,
    tmp_path: Path,
    leveled: tuple[Level, Signer],
    profile: str,
    store: str,
    openssl: OpenSSL,
    trust: Trust,
) -> None:
    """The agency's signature comes after the leader's, so that both are looked at."""
    level, signer = leveled
    source, out, count = paper_file, tmp_path / "out.pdf", 1
    if profile == "agency":
        source, count = tmp_path / "led.pdf", 2
        signer.sign(paper_file, source, profile="leader")
    signer.sign(source, out, profile=profile, number="45/2026/QĐ-UBND")
    assert out.read_bytes().startswith(paper_file.read_bytes())  # the base revision is clean

    verdict = verify(out, trust)
    assert verdict.verdict is Verdict.valid
    assert [one.level for one in verdict.signatures] == [level] * count

    assert openssl.every(out) == (count, count * STAMPS[level])
    said = pdfsig(out, store)
    assert said.count("Signature is Valid.") == count
    assert said.count("Certificate is Trusted.") == count
    assert len(MUPDF_ACCEPTS.findall(mutool(out))) == count  # it knows no time stamps
    qpdf(out)
    findings = pdfa.validate_written(out, "2b").findings
    assert {finding.kind for finding in findings} == {"unsupported"}
    assert all("/AcroForm" in one.message or "/DSS" in one.message for one in findings)
