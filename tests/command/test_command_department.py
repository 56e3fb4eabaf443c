"""``sohoa department``: added, renamed, listed; a held folder is given to one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.held import hold
from flows.own_folders import prepare
from schemas.errors import ExitCode
from sohoa.bootstrap import open_inbox, open_ledger
from sohoa.cli import run
from sohoa.settings import load_settings

PERSON = "TRẦN THỊ VÍ DỤ 048099001234"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SOHOA_TAKING__SETTLE_SECONDS", "0")
    return tmp_path / "data"


def sohoa(
    *arguments: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    monkeypatch.setattr("sys.argv", ["sohoa", *arguments, "--json"])
    code = run()
    out = capsys.readouterr().out
    answer: dict[str, Any] = json.loads(out) if out else {}
    return code, answer


def test_departments(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        return sohoa(*arguments, capsys=capsys, monkeypatch=monkeypatch)

    code, said = run("department", "list")
    assert code == ExitCode.ok
    assert [one["id"] for one in said["departments"]] == ["chung", "mot-cua"]
    code, said = run("department", "add", "Tư pháp")
    assert said == {"department": {"id": "tu-phap", "name": "Tư pháp"}}
    code, said = run("department", "rename", "tu-phap", "Hộ tịch")
    assert said == {"department": {"id": "tu-phap", "name": "Hộ tịch"}}
    assert run("department", "rename", "Hộ tịch", "Tư pháp")[1]["department"]["id"] == "tu-phap"
    assert run("department", "add", PERSON)[0] == ExitCode.bad_input
    assert run("department", "rename", "khac", "Khác")[0] == ExitCode.not_found
    assert run("department", "add", "Một cửa", "--id", "mc")[0] != ExitCode.ok
    assert run("department", "assign", "CHO-261123-00000000", "mot-cua")[0] == ExitCode.not_found


def test_scans_are_handed_to_known_departments_only(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        return sohoa(*arguments, capsys=capsys, monkeypatch=monkeypatch)

    scan = tmp_path / "a.pdf"
    scan.write_bytes(b"a")
    code, _ = run("ingest", str(scan), "--department", PERSON)
    assert code == ExitCode.not_found
    assert not list((data / "inbox").glob("*")) if (data / "inbox").exists() else True
    _, said = run("ingest", str(scan), "--department", "Một cửa")
    assert said["dossiers"][0]["department"] == "mot-cua"
    _, said = run("ingest", str(scan))
    assert said["dossiers"][0]["department"] == "chung"


def test_a_held_folder_is_listed_by_its_code_and_given_away(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        return sohoa(*arguments, capsys=capsys, monkeypatch=monkeypatch)

    settings = load_settings(data=data)
    prepare(settings.inbox)
    folder = settings.inbox / PERSON
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.4 %%EOF startxref")
    held = hold(settings.inbox, folder, datetime.now(UTC))
    assert held is not None
    _, said = run("department", "list")
    assert [(one["code"], one["files"]) for one in said["held"]] == [(held, 1)]
    assert PERSON not in json.dumps(said, ensure_ascii=False)
    code, _ = run("department", "assign", held, "mot-cua")
    assert code == ExitCode.ok
    with open_ledger(settings) as ledger:
        ready, _ = open_inbox(settings, ledger).look(0)
        assert PERSON not in json.dumps([one.data for one in ledger.events()], ensure_ascii=False)
    assert [(one.department, one.folder) for one in ready] == [("mot-cua", PERSON)]


def test_links_in_a_folder_that_is_handed_over_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scans").mkdir()
    (tmp_path / "secret.pdf").write_bytes(b"nobody may read this")
    (tmp_path / "scans" / "a.pdf").symlink_to(tmp_path / "secret.pdf")
    code, _ = sohoa("ingest", str(tmp_path / "scans"), capsys=capsys, monkeypatch=monkeypatch)
    assert code == ExitCode.bad_input
    assert not list((data / "inbox").rglob("*.pdf"))
