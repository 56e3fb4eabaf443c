"""A PKI, a signer and PDFs to sign, all made here; every name is invented."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from external_services import Behaviour, Outside
from fpdf import FPDF
from pikepdf import pdfa

from signing import Pki, Signer, SignerRole, SigningOptions, Trust, trust_store
from signing.appearance.typeface import find_font

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"


def draw(lines: int = 20, *, pages: int = 1, top: float = 25.0, width: int = 60) -> bytes:
    """An A4 PDF/A-2b with lines of text, ``top`` millimetres from the top of the page."""
    paper = FPDF(format="A4")
    paper.set_margins(30, top, 15)
    paper.add_font("body", fname=str(find_font(None)))
    for number in range(pages):
        paper.add_page()
        paper.set_font("body", size=13)
        paper.cell(
            0, 8, f"Quyết định số {number + 1}: ngày 24 tháng 11", new_x="LMARGIN", new_y="NEXT"
        )
        for line in range(lines - 1):
            paper.cell(
                0, 8, f"Điều {line + 1}. " + "việc " * (width // 5), new_x="LMARGIN", new_y="NEXT"
            )
    out = BytesIO()
    with pikepdf.open(BytesIO(bytes(paper.output()))) as document:
        del document.Root.OpenAction
        pdfa.save(document, out, "2b")
    return out.getvalue()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.ensure(tmp_path_factory.mktemp("keys") / "pki", AGENCY, lambda: datetime.now(UTC))


@pytest.fixture(scope="session")
def trust(pki: Pki) -> Trust:
    return trust_store(pki)


@pytest.fixture(scope="session")
def signer(pki: Pki) -> Signer:
    return Signer(pki, SigningOptions(agency=AGENCY))


@pytest.fixture(scope="session")
def paper() -> bytes:
    return draw()


@pytest.fixture
def source(tmp_path: Path, paper: bytes) -> Path:
    path = tmp_path / "source.pdf"
    path.write_bytes(paper)
    return path


@pytest.fixture(scope="session")
def sealed_bytes(tmp_path_factory: pytest.TempPathFactory, signer: Signer, paper: bytes) -> bytes:
    """A sealed file, B-LTA, to be attacked."""
    place = tmp_path_factory.mktemp("sealed")
    (place / "source.pdf").write_bytes(paper)
    signer.sign(place / "source.pdf", place / "sealed.pdf", role=SignerRole.seal)
    return (place / "sealed.pdf").read_bytes()


@pytest.fixture(scope="session")
def led_bytes(tmp_path_factory: pytest.TempPathFactory, signer: Signer, paper: bytes) -> bytes:
    """A file signed by the leader, not locked, to be attacked."""
    place = tmp_path_factory.mktemp("led")
    (place / "source.pdf").write_bytes(paper)
    signer.sign(place / "source.pdf", place / "led.pdf", role=SignerRole.leader)
    return (place / "led.pdf").read_bytes()


@pytest.fixture
def drawn() -> Callable[..., bytes]:
    return draw


@pytest.fixture(scope="session")
def outside_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Authorities and services that are not ours, on a port of this machine."""
    services = Outside(tmp_path_factory.mktemp("outside"))
    yield services
    services.close()


@pytest.fixture
def outside(outside_running: Outside) -> Outside:
    """The same, behaving."""
    outside_running.behaviour = Behaviour()
    return outside_running
