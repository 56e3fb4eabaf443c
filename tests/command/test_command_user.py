"""``sohoa user`` and ``sohoa token``; what the first start says."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ExitCode
from sohoa.bootstrap import open_rooms
from sohoa.cli import run
from sohoa.cli.output import Output
from sohoa.first_account import FILE, NAME, first_account
from sohoa.settings import load_settings
from usecases import accounts
from usecases.caller import local_operator
from usecases.sign_in import sign_in, system

PASSWORD = "mật khẩu dài 2026"


class Sohoa:
    """Commands of one data folder."""

    def __init__(self, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capture, patch
        self.err = ""

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
        self._patch.setattr("sys.argv", ["sohoa", *arguments, "--json"])
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        self._patch.setattr(Output, "_current", None)
        code = run()
        out, self.err = self._capture.readouterr()
        return code, json.loads(out)


@pytest.fixture
def sohoa(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Sohoa:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    return Sohoa(capsys, monkeypatch)


def lets_in(name: str, password: str) -> bool:
    with open_rooms(load_settings()) as rooms:
        try:
            return bool(sign_in(rooms, name, password, peer="127.0.0.1"))
        except Exception as error:
            assert getattr(error, "code", "") == "sign_in.refused"
            return False


def test_an_account_with_a_password_of_ones_own(sohoa: Sohoa) -> None:
    given = ("user", "add", "Lan", "--role", "clerk", "--role", "signer", "--password-stdin")
    code, said = sohoa(*given, "--department", "Một cửa", stdin=f"{PASSWORD}\nnot this\n")
    assert code == ExitCode.ok
    made = said["account"]
    assert (made["name"], made["duties"], made["departments"], made["password"]) == (
        "Lan", ["clerk", "signer"], ["mot-cua"], None,
    )  # fmt: skip
    assert not made["must_change"]
    assert lets_in("lan", PASSWORD)
    assert sohoa(*given, stdin=PASSWORD)[0] == ExitCode.bad_input, "there is one"
    assert PASSWORD not in sohoa.err


def test_an_account_with_a_one_time_password(sohoa: Sohoa) -> None:
    _, said = sohoa("user", "add", "ky", "--role", "signer")
    first = said["account"]["password"]
    assert said["account"]["must_change"] and said["account"]["departments"] is None
    assert first not in sohoa.err, "told once, where a script looks"
    assert lets_in("ky", first)
    _, again = sohoa("user", "reset", "KY")
    assert not lets_in("ky", first)
    assert lets_in("ky", again["account"]["password"])
    assert sohoa("user", "disable", "ky")[1]["account"]["disabled"]
    assert not lets_in("ky", again["account"]["password"])
    sohoa("user", "enable", "ky")
    assert lets_in("ky", again["account"]["password"])
    _, listed = sohoa("user", "list")
    assert [one["name"] for one in listed["accounts"]] == ["ky"]
    assert "password" not in listed["accounts"][0]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("user", "add", "lan"), "", ExitCode.usage),
        (("user", "add", "lan", "--role", "boss"), "", ExitCode.usage),
        (("user", "add", "a b", "--role", "clerk"), "", ExitCode.bad_input),
        (("user", "add", "lan", "--role", "clerk", "--password-stdin"), "", ExitCode.bad_input),
        (("user", "add", "lan", "--role", "clerk", "--department", "x"), "", ExitCode.not_found),
        (("user", "reset", "nobody"), "", ExitCode.not_found),
        (("token", "add", "dvc", "--role", "clerk", "--days", "0"), "", ExitCode.bad_input),
        (("token", "end", "dvc"), "", ExitCode.not_found),
    ],
)
def test_what_cannot_be(
    sohoa: Sohoa, arguments: tuple[str, ...], stdin: str, code: ExitCode
) -> None:
    found, said = sohoa(*arguments, stdin=stdin)
    assert found == code
    assert said["error"]["sentence"]
    assert sohoa("user", "list")[1] == {"accounts": []}


def test_a_token(sohoa: Sohoa) -> None:
    _, said = sohoa("token", "add", "dvc", "--role", "clerk", "--department", "mot-cua")
    token = said["token"]["token"]
    assert token.startswith("sohoa_") and token not in sohoa.err
    _, listed = sohoa("token", "list")
    assert [one["name"] for one in listed["tokens"]] == ["dvc"] and "token" not in str(
        listed["tokens"]
    )
    with open_rooms(load_settings()) as rooms:
        caller = system(rooms, token)
        assert caller is not None and caller.departments == {"mot-cua"}
    sohoa("token", "end", "dvc")
    with open_rooms(load_settings()) as rooms:
        assert system(rooms, token) is None


def test_the_first_start_makes_one_account(sohoa: Sohoa) -> None:
    settings = load_settings()
    made = first_account(settings)
    assert made is not None and made.file is not None and made.password is None
    assert made.file.stat().st_mode & 0o777 == 0o600
    name, password = made.file.read_text().split()
    assert name == NAME and lets_in(NAME, password)
    assert first_account(settings) is None
    assert made.file.exists(), "nobody has used it"
    with open_rooms(settings) as rooms:
        caller = local_operator().__class__(f"user:{NAME}", local_operator().duties)
        accounts.change_own_password(caller, rooms, password, PASSWORD)
    assert first_account(settings) is None
    assert not (settings.data / "secrets" / FILE).exists()


def test_a_terminal_is_told_the_password_and_no_file_has_it(
    sohoa: Sohoa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    settings = load_settings()
    made = first_account(settings)
    assert made is not None and made.password is not None and made.file is None
    assert not (settings.data / "secrets" / FILE).exists()
    assert lets_in(NAME, made.password)


def test_duties_departments_and_who_approves_for_whom(sohoa: Sohoa) -> None:
    for name in ("ky", "lan"):
        given = ("user", "add", name, "--role", "signer", "--department", "Một cửa")
        assert sohoa(*given)[0] == ExitCode.ok
    code, said = sohoa("user", "change", "lan", "--role", "clerk", "--role", "reader")
    assert code == ExitCode.ok
    assert said["account"]["duties"] == ["clerk", "reader"]
    assert said["account"]["departments"] == ["mot-cua"], "as before"
    assert sohoa("user", "change", "lan", "--everywhere")[1]["account"]["departments"] is None
    days = ("--from", "2999-01-01", "--to", "2999-01-05", "--reason", "đi họp")
    code, said = sohoa("user", "delegate", "add", "ky", "lan", *days)
    assert code == ExitCode.ok, said
    made = said["delegation"]
    assert (made["giver"], made["delegate"], made["stands"]) == ("ky", "lan", False)
    assert made["last"].startswith("2999-01-05T23:59:59") or "T16:59:59" in made["last"]
    assert sohoa("user", "delegate", "add", "lan", "ky", *days)[0] == ExitCode.bad_input
    number = str(made["number"])
    code, said = sohoa("user", "delegate", "end", number)
    assert code == ExitCode.ok and said["delegation"]["over"]
    assert [one["number"] for one in sohoa("user", "delegate", "list")[1]["delegations"]] == [1]
    assert sohoa("user", "delegate", "end", "9")[0] != ExitCode.ok
    assert sohoa("accesses", "H17-261123-0009")[0] != ExitCode.ok
