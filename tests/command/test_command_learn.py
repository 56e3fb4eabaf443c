"""``sohoa learn``: sheets made, lines given and forgotten, and what it says without any."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from drawn_lines import drawn_line

from schemas.errors import ExitCode
from sohoa.cli import run
from sohoa.settings import load_settings

Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def sohoa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))

    def called(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["sohoa", "learn", *arguments, "--json"])
        code = run()
        return code, json.loads(capsys.readouterr().out)

    return called


def test_what_is_kept_and_what_is_said_of_it(tmp_path: Path, sohoa: Command) -> None:
    given = tmp_path / "given"
    given.mkdir()
    cv2.imwrite(str(given / "1.png"), drawn_line("Trần Minh Hoa"))
    (given / "truth.jsonl").write_text('{"file": "1.png", "text": "Trần Minh Hoa"}\n')
    assert sohoa("lines", str(given)) == (ExitCode.ok, {"kept": 1})
    code, state = sohoa("status")
    assert code == ExitCode.ok
    assert (state["lines"], state["in_use"], state["last"]) == ({"given": 1}, [], None)
    code, said = sohoa()
    assert (code, said["error"]["code"]) == (ExitCode.bad_input, "learning.few_lines")
    code, said = sohoa("back")
    assert (code, said["error"]["code"]) == (ExitCode.not_found, "learning.nothing_before")
    assert sohoa("forget", "--all") == (ExitCode.ok, {"forgotten": 1})


def test_sheets_are_made_and_missing_scans_are_said(tmp_path: Path, sohoa: Command) -> None:
    out = tmp_path / "sheets.pdf"
    assert sohoa("sheet", "--pages", "2", "--out", str(out))[0] == ExitCode.ok
    assert out.read_bytes().startswith(b"%PDF")
    code, said = sohoa("add", str(tmp_path / "none.pdf"))
    assert (code, said["error"]["code"]) == (ExitCode.not_found, "cli.no_such_path")


def test_nothing_is_collected_until_an_office_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path))
    settings = load_settings()
    assert not settings.learning.collect and not settings.learning.nightly
    assert settings.reading.adapters == tmp_path / "learning" / "adapters"
