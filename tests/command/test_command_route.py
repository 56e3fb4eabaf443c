"""``sohoa route``: several signers from the terminal, each in turn."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from drawn_signatures import draw_paper, draw_seal, draw_signature
from typer.testing import CliRunner, Result

from schemas.errors import Conflict
from schemas.verdict import Verdict
from signing import trust_store, verify
from sohoa.cli import app
from sohoa.keys import open_pki
from sohoa.settings import load_settings


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose leader and seal have pictures; keys of 2048 bits are quicker made."""
    monkeypatch.setattr("signing.keys.pki.KEY_BITS", 2048)
    data = tmp_path / "data"
    data.mkdir()
    (data / "sohoa.toml").write_text(
        "[signing]\nlevel = 'B-B'\n"
        f"[signing.pictures.leader]\nfile = '{draw_signature(tmp_path / 'leader.png')}'\n"
        f"[signing.pictures.seal]\nfile = '{draw_seal(tmp_path / 'seal.png')}'\n"
    )
    return data


def _run(office: Path, *words: str, code: int = 0) -> Result:
    told = CliRunner().invoke(app, ["route", *words, "--json", "--data", str(office)])
    assert told.exit_code == code, told.output
    return told


def test_a_clerk_a_deputy_and_the_agency(office: Path, tmp_path: Path) -> None:
    """The first signature makes the places ready for the leader's picture and the seal."""
    folder, paper = str(tmp_path / "route"), str(draw_paper(tmp_path / "paper.pdf"))
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    days = f"{today - timedelta(days=1)},{today + timedelta(days=1)}"
    turns = ("--turn", "component=dao", "--turn", "leader=buoi", "--turn", "agency=van-thu")
    delegation = f"buoi,mit,{days},12/QĐ-UBND, khoản 2"
    _run(office, "begin", folder, paper, *turns, "--delegation", delegation)
    _run(office, "sign", folder, "--as", "dao")
    assert json.loads(_run(office, "show", folder).stdout)["turn"] == 2
    other = _run(office, "sign", folder, "--as", "na", code=1)
    assert isinstance(other.exception, Conflict)
    _run(office, "sign", folder, "--as", "mit")
    told = json.loads(_run(office, "sign", folder, "--as", "van-thu").stdout)
    assert told["turn"] is None and told["decisions"][1]["basis"] == "12/QĐ-UBND, khoản 2"

    out = tmp_path / "route" / "3.pdf"
    assert verify(out, trust_store(open_pki(load_settings(data=office)))).verdict is Verdict.valid
    with pikepdf.open(out) as document:
        shown = {str(one.T) for one in document.pages[-1].Annots if "/AP" in one}
    assert {"Clerk1", "Leader1", "Agency1"} <= shown


def test_a_refusal_and_what_makes_no_sense(office: Path, tmp_path: Path) -> None:
    folder, paper = str(tmp_path / "route"), str(draw_paper(tmp_path / "paper.pdf"))
    _run(office, "begin", folder, paper, "--turn", "king=x", code=2)
    _run(office, "begin", folder, paper, "--turn", "leader=x", "--delegation", "x,y,z", code=2)
    _run(office, "begin", folder, paper, "--turn", "leader=buoi")
    told = json.loads(_run(office, "refuse", folder, "--as", "buoi", "--reason", "sai số").stdout)
    assert told["refused"] and told["turn"] is None
    people = CliRunner().invoke(app, ["route", "show", folder, "--data", str(office)])
    assert "sai số" in people.stdout
