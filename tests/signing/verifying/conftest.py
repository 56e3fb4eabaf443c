"""Verdicts on bytes, and strangers."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pdf_signing import identity, sign

from schemas.verdict import FileVerdict
from signing import Pki, Trust, verify


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def open_paper(paper: bytes) -> bytes:
    """The paper with all objects in the open, and one content stream that nothing shows."""
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        hidden = pikepdf.Stream(document, b"0 0 595 842 re f")
        document.Root.Hidden = document.make_indirect(hidden)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@pytest.fixture(scope="session")
def signed(open_paper: bytes, pki: Pki) -> bytes:
    """Signed by somebody trusted with a plain program, all objects in the open."""
    return sign(open_paper, identity(pki))
