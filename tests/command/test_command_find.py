"""``sohoa results find`` and ``sohoa ledger reindex``."""

import io
import json
from pathlib import Path

import pytest
from published_results import NUMBER, published

from schemas.errors import ExitCode
from sohoa.bootstrap import open_ledger
from sohoa.cli import run
from sohoa.settings import load_settings
from storage import SearchText

NAME = "Nguyễn Thị Mẫu"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    with open_ledger(load_settings()) as ledger:
        for number in (1, 2):
            document = published(ledger, f"H17-261123-000{number}", "chung")
            text = SearchText(values=(("full_name", NAME), ("personal_id", NUMBER)))
            ledger.search.put(document.id, text)
        published(ledger, "H17-261123-0003", "chung")
    return tmp_path / "data"


def said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    typed: str = "",
) -> tuple[int, str]:
    capsys.readouterr()
    monkeypatch.setattr("sys.argv", ["sohoa", *arguments])
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code = run()
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.usefixtures("data")
def test_results_are_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, "results", "find", "nguyen thi mau", "--json")
    assert code == ExitCode.ok
    found = json.loads(text)
    assert [(one["dossier"][-1], one["fit"]) for one in found["results"]] == [
        ("2", "plain"), ("1", "plain")
    ]  # fmt: skip
    code, text = said(
        monkeypatch, capsys, "results", "find", "--limit", "1", "--json", typed=f"{NAME}\n"
    )
    after = json.loads(text)["next"]
    code, text = said(
        monkeypatch, capsys, "results", "find", NAME, "--limit", "1", "--after", after, "--json"
    )
    assert [one["dossier"][-1] for one in json.loads(text)["results"]] == ["1"]
    code, text = said(monkeypatch, capsys, "results", "find", NAME)
    assert code == ExitCode.ok and "Mẫu" in text and "0002" in text
    assert "Không tìm thấy" in said(monkeypatch, capsys, "results", "find", "khong co gi")[1]


@pytest.mark.usefixtures("data")
def test_a_person_is_found_by_a_number_that_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = ("results", "find", "--person")
    code, text = said(monkeypatch, capsys, *find, "--json", typed=f"{NUMBER}\n")
    assert code == ExitCode.ok
    held = json.loads(text)
    assert [one["dossier"][-1] for one in held["dossiers"]] == ["2", "1"]
    assert NUMBER not in text
    code, text = said(monkeypatch, capsys, *find, typed=NUMBER)
    assert "2 hồ sơ, 2 tài liệu" in text
    assert said(monkeypatch, capsys, *find, typed="123")[0] == ExitCode.bad_input
    assert said(monkeypatch, capsys, *find, NUMBER)[0] == ExitCode.usage, "not as an argument"
    assert said(monkeypatch, capsys, "results", "find", NUMBER)[0] == ExitCode.bad_input
    with open_ledger(load_settings()) as ledger:
        noted = {one.object for one in ledger.accesses.of()}
        assert noted == {ledger.search.fingerprint(NUMBER)}


@pytest.mark.usefixtures("data")
def test_the_index_is_filled_as_far_as_the_store_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, "ledger", "reindex", "--json")
    assert code == ExitCode.service_unavailable, "one is missing, and no store runs"
    assert '"indexed": 0' in text and '"failed": 1' in text
    said(monkeypatch, capsys, "ledger", "reindex", "--all")
    _, text = said(monkeypatch, capsys, "results", "find", NAME, "--json")
    assert json.loads(text)["results"] == []
