"""Real signed documents, where they are at hand (``SOHOA_SAMPLES``): counted, named, intact."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from schemas.verdict import Verdict
from signing import Signer, SignerRole, Trust, verify

SAMPLES = Path(os.environ.get("SOHOA_SAMPLES", "/nonexistent")) / "administrative"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="SOHOA_SAMPLES is not set")


def _labels() -> list[dict[str, object]]:
    path = SAMPLES / "labels.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("label", _labels(), ids=lambda label: str(label["file"])[:12])
def test_real_signatures(label: dict[str, object]) -> None:
    path = SAMPLES / str(label["file"])
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    verdict = verify(path, Trust())
    assert verdict.verdict is Verdict.intact_untrusted
    assert len(verdict.signatures) == label["signatures"]
    assert [report.signer for report in verdict.signatures] == label["signer_cns"]
    assert all(report.intact for report in verdict.signatures)
    assert verdict.signatures[-1].covers_whole_file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_our_seal_leaves_their_signatures_intact(
    tmp_path: Path, signer: Signer, trust: Trust
) -> None:
    label = next(label for label in _labels() if label["signatures"] == 5)
    source = SAMPLES / str(label["file"])
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    verdict = verify(signed.path, trust)
    assert verdict.verdict is Verdict.intact_untrusted
    assert [report.intact for report in verdict.signatures] == [True] * 6
    assert [report.trusted for report in verdict.signatures] == [False] * 5 + [True]
