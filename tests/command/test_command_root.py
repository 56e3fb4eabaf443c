"""``sohoa ledger root``: whose keys the hosts of an office sign with, and how that is changed."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from pydantic import SecretStr

from schemas.errors import ConfigurationError, ExitCode
from sohoa.bootstrap import open_ledger, see_the_same_office
from sohoa.cli import run
from sohoa.keys import open_pki, own_root, pki_folder
from sohoa.settings import Settings, load_settings

Said = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    return load_settings()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["sohoa", "ledger", "root", *arguments, "--json"])
        code = run()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, answer

    return call


def shared(settings: Settings) -> Settings:
    """The same, as if other hosts worked with the ledger, too."""
    return settings.model_copy(update={"database_url": SecretStr("postgresql://elsewhere")})


def test_an_office_changes_its_keys_on_purpose(settings: Settings, said: Said) -> None:
    open_pki(settings)
    first = own_root(settings)
    with open_ledger(settings) as ledger:
        see_the_same_office(shared(settings), ledger)
    assert said() == (ExitCode.ok, {"recorded": first, "own": first, "agrees": True})

    rmtree(pki_folder(settings))
    assert said() == (ExitCode.ok, {"recorded": first, "own": None, "agrees": False})
    open_pki(settings)
    new = own_root(settings)
    assert new and first and new != first
    with open_ledger(settings) as ledger, pytest.raises(ConfigurationError) as refused:
        see_the_same_office(shared(settings), ledger)
    assert refused.value.code == "service.other_root"

    for wrong in (first, new[:15], "0" * 64):
        code, answer = said("--replace", wrong, "--reason", "khóa cũ bị lộ")
        assert answer["error"]["code"] == "usecase.root_not_confirmed"
        assert code == ExitCode.bad_input
    assert said("--replace", new)[1]["error"]["code"] == "usecase.no_reason"
    with open_ledger(settings) as ledger:
        assert ledger.known_common("root_sha256") == first

    code, answer = said("--replace", new[:16].upper(), "--reason", "khóa cũ bị lộ")
    assert (code, answer) == (ExitCode.ok, {"recorded": new, "own": new, "agrees": True})
    with open_ledger(settings) as ledger:
        see_the_same_office(shared(settings), ledger)
        (event,) = [one for one in ledger.events() if one.kind == "office_replaced"]
    assert event.actor.startswith("cli:")
    assert (event.data["before"], event.data["reason"]) == (first, "khóa cũ bị lộ")


def test_a_ledger_of_one_host_names_no_root(settings: Settings, said: Said) -> None:
    open_pki(settings)
    own = own_root(settings) or ""
    assert said() == (ExitCode.ok, {"recorded": None, "own": own, "agrees": True})
    code, answer = said("--replace", own, "--reason", "x")
    assert (code, answer["error"]["code"]) == (ExitCode.not_found, "storing.nothing_common")
