"""The doctor: what is wrong is seen, named, and comes with advice in the reader's language."""

import string
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from sohoa.doctor import EXAMINERS, examine
from sohoa.doctor.finding import Finding, look
from sohoa.doctor.machine import file_system
from sohoa.services import ensure_secrets
from sohoa.settings import InboxSettings, load_settings
from storage import Ledger

SENTENCES: dict[str, dict[str, str]] = yaml.safe_load(
    files("schemas.messages").joinpath("service.yaml").read_text("utf-8")
)


def finding(name: str, data: Path, **changes: object) -> Finding:
    settings = load_settings(data=data).model_copy(update=changes)
    return look(next(one for one in EXAMINERS if one.name == name), settings)


def test_everything_that_needs_no_service_works_here(tmp_path: Path) -> None:
    findings = examine(load_settings(data=tmp_path))
    needs_service = {"object-store", "prefect-api", "watcher"}
    broken = {one.name for one in findings if not one.works}
    assert broken == needs_service
    assert all(one.advice for one in findings if not one.works)
    assert len({one.name for one in findings}) == len(findings)
    for one in findings:
        if one.name in {"tesserocr", "pdf-a", "signing", "seaweedfs", "prefect", "python"}:
            assert one.version


def test_advice_comes_in_the_readers_language(tmp_path: Path) -> None:
    advice = {
        language: finding("watcher", tmp_path, language=language).advice
        for language in ("vi", "en")
    }
    assert advice == {language: SENTENCES["doctor_watcher"][language] for language in ("vi", "en")}


def test_secrets_that_others_can_read_are_seen(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    assert finding("secrets", tmp_path).works
    (tmp_path / "secrets" / "s3_secret_key").chmod(0o640)
    assert not finding("secrets", tmp_path).works


def test_a_font_that_is_not_there_is_seen(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    signing = settings.signing.model_copy(update={"font": tmp_path / "none.ttf"})
    seen = finding("font", tmp_path, signing=signing)
    assert not seen.works
    assert seen.advice


def test_a_font_that_is_no_font_is_seen(tmp_path: Path) -> None:
    (tmp_path / "none.ttf").write_bytes(b"not a font")
    settings = load_settings(data=tmp_path)
    signing = settings.signing.model_copy(update={"font": tmp_path / "none.ttf"})
    assert not finding("font", tmp_path, signing=signing).works


def test_a_ledger_that_does_not_open_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    assert not finding("ledger", tmp_path).found
    Ledger.open(f"sqlite:///{path}").close()
    assert finding("ledger", tmp_path).works
    path.write_bytes(b"no database at all, by any reading of the word" * 100)
    assert not finding("ledger", tmp_path).works


def test_a_share_without_events_needs_polling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sohoa.doctor.inbox.file_system", lambda _path: "nfs4")
    assert not finding("inbox-events", tmp_path).works
    assert finding("inbox-events", tmp_path, taking=InboxSettings(polling=True)).works


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    assert file_system(Path("/proc/self")) == "proc"


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_each_sentence_is_in_both_languages_with_the_same_parameters(key: str) -> None:
    given = SENTENCES[key]
    assert set(given) == {"vi", "en"}
    parameters = [
        {name for _text, name, _spec, _conversion in string.Formatter().parse(given[one]) if name}
        for one in ("vi", "en")
    ]
    assert parameters[0] == parameters[1]
    assert all(len(text) > 30 and text.endswith(".") for text in given.values())


def test_advice_of_every_examiner_is_in_the_catalogue() -> None:
    assert {one.advice for one in EXAMINERS} <= set(SENTENCES)
