"""``sohoa report``: the figures' page on the command line."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_papers import entered

from schemas.errors import ExitCode
from sohoa.bootstrap import open_ledger
from sohoa.cli import run
from sohoa.machine import Machine
from sohoa.settings import load_settings


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    with open_ledger(load_settings()) as ledger:
        entered(ledger, "H17-261120-0001", "mot-cua")
        entered(ledger, "H17-261120-0002", "chung")
    return tmp_path / "data"


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    capsys.readouterr()
    monkeypatch.setattr("sys.argv", ["sohoa", "report", *arguments])
    code = run()
    return code, capsys.readouterr().out


def test_the_report_of_this_month(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data.is_dir()
    code, text = said(monkeypatch, capsys, "--json")
    found = json.loads(text)
    assert code == ExitCode.ok
    assert [one["department"] for one in found["lines"]] == ["chung", "mot-cua"]
    assert (found["total"]["received"], found["total"]["digitised_share"]) == (2, 0.0)
    code, text = said(monkeypatch, capsys, "--department", "Một cửa")
    assert code == ExitCode.ok
    assert "mot-cua" in text and "chung" not in text and "Tổng cộng" in text
    code, text = said(monkeypatch, capsys, "--csv", "--from", "2026-01-01")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["received"] for row in rows] == ["1", "1", "2"]


def test_what_cannot_be_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data.is_dir()
    backwards = ("--from", "2026-02-01", "--to", "2026-01-01")
    assert said(monkeypatch, capsys, *backwards)[0] == ExitCode.bad_input
    assert said(monkeypatch, capsys, "--department", "Không có")[0] == ExitCode.not_found
    assert said(monkeypatch, capsys, "--from", "hôm qua")[0] == ExitCode.usage


def test_the_machine_is_told_of_without_waiting_for_checks(data: Path) -> None:
    machine = Machine(load_settings(data=data))
    view = machine()
    assert (view.running, view.services, view.prefect_url) == (False, (), None)
    assert view.disk is not None and view.disk.total > 0
    machine.check()
    view = machine()
    checks = {one.name: one for one in view.checks}
    assert not checks["store"].works and checks["store"].advice
    assert checks["time-stamps"].works and checks["time-stamps"].detail == "embedded"
    assert view.checked_at is not None and view.checked_at <= datetime.now(UTC)
