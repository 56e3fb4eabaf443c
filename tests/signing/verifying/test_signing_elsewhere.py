"""Our signatures at every level, checked part by part by openssl and as a whole by others."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms
from pdf_attacks import gaps

from schemas.verdict import Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, Trust, verify

pytestmark = pytest.mark.needs("openssl", "pdfsig", "mutool", "qpdf", "certutil")


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> str:
    """A certificate database that has the root and nothing else."""
    folder = tmp_path_factory.mktemp("nss")
    where = f"sql:{folder}"
    _run("certutil", "-N", "--empty-password", "-d", where)
    _run("certutil", "-A", "-d", where, "-n", "root", "-t", "CT,C,C", "-i", pki.root_path)
    return where


def _parts(content: bytes) -> list[tuple[bytes, bytes]]:
    """What each signature signed, and the signature without its padding."""
    found = []
    for first, second in gaps(content):
        length = int(re.findall(rb"0 %d %d (\d+)" % (first, second), content)[0])
        held = bytes.fromhex(content[first + 1 : second - 1].decode())
        signature = cms.ContentInfo.load(held)
        found.append((content[:first] + content[second : second + length], signature.dump()))
    return found


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_accepted_elsewhere(
    level: Level, source: Path, tmp_path: Path, pki: Pki, trust: Trust, trusting: str
) -> None:
    signer = Signer(pki, SigningOptions(agency="CƠ QUAN", level=level))
    try:
        path = signer.sign(source, tmp_path / "signed.pdf", role=SignerRole.seal).path
    finally:
        signer.close()
    verdict = verify(path, trust)
    assert verdict.verdict is Verdict.valid and verdict.signatures[0].level == level
    _run("qpdf", "--check", path)
    assert "Signature is Valid" in _run("pdfsig", "-nssdir", trusting, path)
    assert "Certificate is Trusted" in _run("pdfsig", "-nssdir", trusting, path)
    _run("mutool", "sign", "-v", path)

    (signed, signature), *stamps = _parts(path.read_bytes())
    data, held = tmp_path / "data", tmp_path / "signature"
    data.write_bytes(signed)
    held.write_bytes(signature)
    checking = ["-inform", "DER", "-in", held, "-content", data, "-CAfile", pki.root_path]
    _run("openssl", "cms", "-verify", "-binary", *checking, "-purpose", "any", "-out", "/dev/null")
    info = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    tokens = [
        value.dump()
        for attribute in info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]
    assert len(tokens) == (0 if level is Level.b_b else 1)
    assert len(stamps) == (1 if level is Level.b_lta else 0)
    for token, content in [
        *((token, info["signature"].native) for token in tokens),
        *((token, content) for content, token in stamps),
    ]:
        held.write_bytes(token)
        digest = hashlib.sha256(content).hexdigest()
        checking = ["-token_in", "-in", held, "-digest", digest, "-CAfile", pki.root_path]
        assert "OK" in _run("openssl", "ts", "-verify", *checking)
