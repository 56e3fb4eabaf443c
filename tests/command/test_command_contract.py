"""What scripts rely on: one JSON object on stdout, also on failure; exit codes; one sentence."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from drawn_pages import digital_pdf
from running import Running

from schemas.errors import ExitCode
from sohoa import cli
from sohoa.cli import engine
from sohoa.cli.output import Output
from sohoa.services.facts import write_facts
from sohoa.settings import load_settings


class Said:
    """A run of the command in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
        self._capture, self._patch = capture, monkeypatch
        self.code, self.out, self.err = 0, "", ""

    def run(self, *arguments: str | Path) -> "Said":
        self._patch.setattr(sys, "argv", ["sohoa", *map(str, arguments)])
        self._patch.setattr(Output, "_current", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        self.code = int(ended.value.code or 0)
        self.out, self.err = self._capture.readouterr()
        return self

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    return Said(capsys, monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["verify"], "usage_missing"),
        (["digitise", "scan.pdf"], "usage_missing"),
        (["verify", "--bogus", "x"], "usage_option"),
        ([], "usage_option"),
        (["nothing-known"], "usage"),
        (["results", "list", "--since", "31/12/2026"], "usage_value"),
        (["sign", "x.pdf", "--role", "nobody", "--out", "y.pdf"], "usage_value"),
    ],
)
def test_wrong_usage_is_one_sentence_and_one_object(
    said: Said, arguments: list[str], key: str
) -> None:
    said.run(*arguments, "--json")
    assert said.code == ExitCode.usage
    error = said.json["error"]
    assert (error["code"], error["exit_code"]) == (f"cli.{key}", ExitCode.usage)
    assert said.err.splitlines() == [error["sentence"]]
    assert "--help" in error["sentence"]


def test_without_a_command_the_help_is_shown(said: Said) -> None:
    assert "Usage" in said.run("results").out + said.err
    assert said.code == ExitCode.usage


def test_ctrl_c_is_told_as_such(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "_plan", interrupted)
    said.run("digitise", tmp_path / "x.pdf", "--out", tmp_path / "out", "--json")
    assert said.code == ExitCode.interrupted == said.json["error"]["exit_code"]


def test_a_traceback_comes_with_verbose_only(said: Said, tmp_path: Path) -> None:
    arguments = ["status", "H17-261128-0001", "--data", tmp_path]
    assert "Traceback" not in said.run(*arguments).err
    assert "Traceback" in said.run(*arguments, "--verbose").err
    assert said.code == ExitCode.not_found


def test_digitise_answers_for_each_input_in_order(said: Said, tmp_path: Path) -> None:
    missing, text = tmp_path / "missing.pdf", tmp_path / "note.txt"
    text.write_text("no scan")
    same = tmp_path / "other" / "note.txt"
    same.parent.mkdir()
    same.write_text("no scan either")
    long = tmp_path / ("x" * 250 + ".pdf")
    digital_pdf(long)
    inputs = [missing, text, same.parent, long]
    data = ["--data", tmp_path / "data"]
    said.run("digitise", *inputs, "--out", tmp_path / "out", "--json", *data)
    entries = said.json["files"]
    assert [one["file"] for one in entries] == [str(one) for one in [missing, text, same, long]]
    codes = [one["error"] and one["error"]["code"] for one in entries]
    assert codes == ["cli.no_such_path", "reading.unknown_type", "reading.unknown_type", None]
    assert Path(entries[3]["pdf"]).exists() and Path(entries[3]["manifest"]).exists()
    assert said.code == ExitCode.bad_input
    said.run("digitise", missing, "--out", tmp_path / "out", "--json", *data)
    assert said.code == ExitCode.not_found


def test_digitise_replaces_its_own_results_only(said: Said, tmp_path: Path) -> None:
    scan, out = tmp_path / "a.pdf", tmp_path / "out"
    digital_pdf(scan)
    call = ["digitise", scan, "--out", out, "--json", "--data", tmp_path / "data"]
    assert said.run(*call).code == said.run(*call).code == ExitCode.ok
    kept = (out / "a.pdf").read_bytes()
    digital_pdf(scan, pages=2)
    assert said.run(*call).code == ExitCode.bad_input
    assert said.json["files"][0]["error"]["code"] == "cli.output_taken"
    assert (out / "a.pdf").read_bytes() == kept
    (out / "a.json").unlink()
    assert said.run(*call).code == ExitCode.bad_input


def test_digitise_into_what_is_no_folder(said: Said, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    said.run("digitise", tmp_path, "--out", tmp_path / "out" / "in", "--json")
    assert said.code == ExitCode.configuration
    assert said.json["error"]["code"] == "cli.file_trouble"


def test_a_data_folder_that_cannot_be_made(said: Said, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    said.run("status", "--json", "--data", tmp_path / "data" / "in")
    assert said.code == ExitCode.configuration
    assert said.json["error"]["code"] == "service.data_unusable"


def test_verify_says_what_cannot_be_opened(said: Said, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    paths = [tmp_path / "missing.pdf", tmp_path, tmp_path / "pipe.pdf"]
    said.run("verify", *paths, "--json", "--data", tmp_path / "data")
    assert [one["verdict"] for one in said.json["files"]] == ["unreadable"] * 3
    assert all("đường dẫn" in one["sentence"] for one in said.json["files"])
    assert said.code == ExitCode.not_valid


def test_a_name_does_not_steer_the_terminal(said: Said, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\x07b.pdf").write_text("no scan")
    said.run("verify", next(tmp_path.iterdir()))
    assert "b.pdf" in said.out
    assert "\x1b" not in said.out and "\x07" not in said.out


def test_the_schema_into_a_file(said: Said, tmp_path: Path) -> None:
    said.run("schema", "--json", "--out", tmp_path / "schema.json")
    assert said.json == {"out": str(tmp_path / "schema.json")}
    assert json.loads((tmp_path / "schema.json").read_text())["additionalProperties"] is False


def test_ingest_finds_the_inbox_of_the_running_service(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sohoa up --inbox ELSEWHERE` was told another inbox than the settings have."""
    monkeypatch.delenv("SOHOA_INBOX", raising=False)
    elsewhere = Running(tmp_path / "data", tmp_path / "elsewhere")
    (elsewhere.data / "run").mkdir(parents=True)
    write_facts(elsewhere.settings(), {})
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-")
    said.run("ingest", tmp_path / "scan.pdf", "--json", "--data", elsewhere.data)
    assert said.code == ExitCode.ok
    code = said.json["dossiers"][0]["code"]
    assert (elsewhere.inbox / "chung" / code / "scan.pdf").exists()
    assert not load_settings(data=elsewhere.data).inbox.exists()


@pytest.mark.parametrize(
    ("raw", "clean"), [(b"b\xe0d.pdf", "b\ufffdd.pdf"), (b"a\nb.pdf", "a\ufffdb.pdf")]
)
def test_a_file_of_any_name_is_read_under_one_that_can_be_written(
    raw: bytes, clean: str, tmp_path: Path
) -> None:
    from sohoa.cli.engine import _plan, _under_clean_name

    for folder in (tmp_path, tmp_path / os.fsdecode(b"th\xf0 m\xf4c")):
        folder.mkdir(exist_ok=True)
        path = folder / os.fsdecode(raw)
        path.write_bytes(b"a scan")
        with _under_clean_name(path) as seen:
            assert (seen.name, seen.read_bytes()) == (clean, b"a scan")
            str(seen).encode("utf-8", "strict")
        (job,) = _plan([path], tmp_path / "out", split=False)
        assert job.pdf.name == clean
    sound = tmp_path / "tờ khai.pdf"
    with _under_clean_name(sound) as seen:
        assert seen == sound
