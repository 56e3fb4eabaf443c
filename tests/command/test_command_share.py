"""``sohoa share``: given, listed, ended; what the settings make mandatory."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ExitCode
from sohoa.cli import run
from sohoa.cli.output import Output

GIVEN = ("share", "add", "Một cửa", "thue", "--from", "2026-01-01", "--to", "2099-01-01")


class Sohoa:
    """Commands of one data folder; the answer is JSON, the sentences go to ``err``."""

    def __init__(self, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capture, patch
        self.err = ""

    def __call__(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        self._patch.setattr("sys.argv", ["sohoa", *arguments, "--json"])
        self._patch.setattr("sys.stdin", io.StringIO())
        self._patch.setattr(Output, "_current", None)
        code = run()
        out, self.err = self._capture.readouterr()
        return code, json.loads(out)


@pytest.fixture
def sohoa(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Sohoa:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    made = Sohoa(capsys, monkeypatch)
    assert made("department", "add", "Thuế")[0] == ExitCode.ok
    return made


def until(last: str) -> tuple[str, ...]:
    return (*GIVEN[:-1], last)


def test_what_is_shared_is_listed_and_ended(sohoa: Sohoa) -> None:
    given = until("2028-01-01")
    code, said = sohoa(*given, "--type", "quyet_dinh", "--reason", "phối hợp")
    assert code == ExitCode.ok, sohoa.err
    assert said["grant"]["subject_name"] == "Quyết định" and said["grant"]["stands"]
    assert "Một cửa chia sẻ Quyết định với Thuế" in sohoa.err
    assert [one["number"] for one in sohoa("share", "list")[1]["grants"]] == [1]
    assert sohoa("share", "list", "--department", "nobody")[1]["grants"] == []
    assert sohoa("share", "end", "1")[1]["grant"]["over"] is True
    assert sohoa("share", "end", "9")[0] == ExitCode.not_found


@pytest.mark.parametrize(
    "named", [(), ("--type", "ct01", "--procedure", "1.001193"), ("--dossier", "")]
)
def test_one_thing_is_named(sohoa: Sohoa, named: tuple[str, ...]) -> None:
    code, said = sohoa(*GIVEN, *named, "--reason", "phối hợp")
    assert (code, said["error"]["code"]) == (ExitCode.bad_input, "cli.sharing_one_of")


def test_what_the_law_asks_for_stands_in_the_settings(sohoa: Sohoa, tmp_path: Path) -> None:
    (tmp_path / "data" / "sohoa.toml").write_text(
        '[[sharing.mandatory]]\nname = "nd278-ho-tich"\nbasis = "Nghị định 278/2025/NĐ-CP"\n'
        'givers = ["Một cửa"]\nreceivers = ["thue", "ndop"]\nprocedures = ["1.001193"]\n'
        "first = 2026-12-31\n",
        encoding="utf-8",
    )
    code, said = sohoa("share", "rules")
    assert code == ExitCode.ok and said["unknown"] == ["ndop"] and len(said["added"]) == 1
    assert "ndop" in sohoa.err
    code, refused = sohoa("share", "end", "1")
    assert refused["error"]["code"] == "usecase.shared_by_rule"
    (tmp_path / "data" / "sohoa.toml").write_text("")
    assert len(sohoa("share", "rules")[1]["ended"]) == 1
    (tmp_path / "data" / "sohoa.toml").write_text('[[sharing.mandatory]]\nname = "x"\n')
    assert sohoa("share", "rules")[0] == ExitCode.configuration
