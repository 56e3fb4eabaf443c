"""``sohoa target`` and ``sohoa outbox``."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.dossier import Role
from schemas.errors import ExitCode
from sohoa.bootstrap import open_ledger, target_secrets
from sohoa.cli import run
from sohoa.cli.output import Output
from sohoa.settings import load_settings
from storage import Failure, NewClaim, NewFile
from usecases.news_signing import new_secret, secret_key

URL = "https://dvc.example.vn/tin"


class Sohoa:
    """Commands of one data folder."""

    def __init__(self, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capture, patch
        self.out = self.err = ""

    def __call__(self, *arguments: str, stdin: str = "") -> int:
        self._patch.setattr("sys.argv", ["sohoa", *arguments])
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        self._patch.setattr(Output, "_current", None)
        code = run()
        self.out, self.err = self._capture.readouterr()
        return code

    def json(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        self(*arguments, "--json", stdin=stdin)
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def sohoa(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Sohoa:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    return Sohoa(capsys, monkeypatch)


def key_of(name: str) -> bytes | None:
    return target_secrets(load_settings()).of(name)


def test_a_system_is_added_listed_and_ended(sohoa: Sohoa) -> None:
    made = sohoa.json(
        "target", "add", "DVC", "--url", URL, "--department", "chung",
        "--events", "published", "--events", "in_review", "--adapter", "national-portal",
    )["target"]  # fmt: skip
    assert (made["departments"], made["events"]) == (["chung"], ["in_review", "published"])
    assert key_of("dvc") == secret_key(made["secret"])
    (line,) = sohoa.json("target", "list")["targets"]
    assert (line["adapter"], line["url"], line["waiting"]) == ("national-portal", URL, 0)
    assert made["secret"] not in sohoa.out
    assert sohoa("target", "list") == ExitCode.ok
    assert "DVC" in sohoa.out
    assert sohoa("target", "add", "dvc", "--url", URL) == ExitCode.bad_input
    assert sohoa("target", "end", "dvc") == ExitCode.ok
    assert sohoa.json("target", "list")["targets"][0]["ended_at"]


def test_a_secret_that_the_other_system_gave(sohoa: Sohoa) -> None:
    given = new_secret()
    assert sohoa("target", "add", "x", "--url", URL, "--secret-stdin", stdin=f"{given}\n") == 0
    assert key_of("x") == secret_key(given)
    assert sohoa("target", "add", "y", "--url", "http://dvc.example.vn/") == ExitCode.bad_input
    assert "--allow-plain" in sohoa.err
    assert sohoa("target", "add", "y", "--url", "http://dvc.example.vn/", "--allow-plain") == 0


def test_settings_may_hold_secrets(sohoa: Sohoa, monkeypatch: pytest.MonkeyPatch) -> None:
    given = new_secret()
    monkeypatch.setenv("SOHOA_DELIVERING__SECRETS", json.dumps({"DVC": given}))
    assert key_of("dvc") == secret_key(given)
    assert sohoa("config", "show") == ExitCode.ok
    assert given not in sohoa.out


def test_what_was_given_up_is_sent_again(sohoa: Sohoa) -> None:
    sohoa("target", "add", "dvc", "--url", URL, "--events", "received")
    with open_ledger(load_settings()) as ledger:
        paper = NewFile(relative="1", name="1", role=Role.component, sha256="a" * 64, bytes=1)
        ledger.register(
            NewClaim(
                claim_id="c", department="chung", code="H17-261123-0001", folder="c",
                files=(paper,), actor="test",
            )
        )  # fmt: skip
        (one,) = ledger.outbox.take("t", [1], together=1, seconds=9)
        why = Failure(code="delivering.refused", status=422, whole_target=False)
        ledger.outbox.failed(one, "t", why, one.at, dead=True)
    assert sohoa("outbox", "list", "--dead") == ExitCode.ok
    assert "H17-261123-0001/1" in sohoa.out and "422" in sohoa.out
    (line,) = sohoa.json("outbox", "list", "--target", "dvc")["deliveries"]
    assert (line["news"], line["dead"], line["attempts"]) == ("received", True, 1)
    assert sohoa("outbox", "retry", "dvc", "--number", "99") == ExitCode.not_found
    assert sohoa.json("outbox", "retry", "dvc") == {"target": "dvc", "count": 1}
    assert sohoa.json("outbox", "list", "--dead")["deliveries"] == []
    assert sohoa("outbox", "list", "--target", "khac") == ExitCode.not_found
