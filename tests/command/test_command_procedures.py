"""``sohoa types procedures``: the 25 essential services with their law, and one's dossier."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.errors import NotFound
from sohoa.cli import app


def _said(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    run = CliRunner().invoke(app, ["types", "procedures", *arguments, "--data", str(tmp_path)])
    return run.exit_code, run.output


def test_25_of_25_are_listed_with_their_law(tmp_path: Path) -> None:
    code, said = _said(tmp_path)
    assert code == 0
    assert "25/25 dịch vụ công thiết yếu có căn cứ pháp lý." in said
    assert "1.001193" in said
    run = CliRunner().invoke(app, ["types", "procedures", "--json", "--data", str(tmp_path)])
    found = json.loads(run.stdout)
    assert (found["essential"], found["with_legal_basis"]) == (25, 25)
    assert {one["essential"] for one in found["procedures"]} == set(range(1, 26))


@pytest.mark.parametrize("code", ["12", "1.001456", "1.001471"])
def test_one_says_what_its_dossier_holds(code: str, tmp_path: Path) -> None:
    _, said = _said(tmp_path, code)
    words = " ".join(said.replace("│", " ").split())
    for word in ("chưa đọc được mẫu", "TK01", "CSDL hộ tịch điện tử", "Điều 15", "Hộ chiếu"):
        assert word in words


def test_a_code_of_none_is_said(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["types", "procedures", "9.999999", "--data", str(tmp_path)])
    assert isinstance(run.exception, NotFound)
    assert run.exception.code == "types.no_such_procedure"
