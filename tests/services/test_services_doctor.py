"""The doctor: what is wrong is seen, named, and comes with advice in the reader's language."""

import sqlite3
import string
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from pydantic import SecretStr

from schemas.dossier import Role
from sohoa.doctor import EXAMINERS, examine
from sohoa.doctor.check import CheckResult, look
from sohoa.doctor.machine import file_system
from sohoa.services import ensure_secrets
from sohoa.settings import InboxSettings, StoreSettings, load_settings
from storage import Ledger, NewClaim, NewFile
from storage.proving import BROKEN, CONTRADICTS, SHORTENED
from usecases.fixity import HEAD, OF_OBJECTS

SENTENCES: dict[str, dict[str, str]] = yaml.safe_load(
    files("schemas.messages").joinpath("service.yaml").read_text("utf-8")
)


def finding(name: str, data: Path, **changes: object) -> CheckResult:
    settings = load_settings(data=data).model_copy(update=changes)
    return look(next(one for one in EXAMINERS if one.name == name), settings)


def test_everything_that_needs_no_service_works_here(tmp_path: Path) -> None:
    findings = examine(load_settings(data=tmp_path))
    needs_service = {"object-store", "prefect-api", "watcher", "desk"}
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


def test_a_ledger_whose_rows_were_changed_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.register(
            NewClaim(
                claim_id="c1",
                department="mot-cua",
                code="H17-251103-0001",
                folder="H17-251103-0001",
                files=(
                    NewFile(
                        relative="a.pdf",
                        name="a.pdf",
                        role=Role.component,
                        sha256="0" * 64,
                        bytes=1,
                    ),
                ),
                actor="sohoa",
            )
        )
    assert finding("ledger", tmp_path).works and finding("findings", tmp_path).works
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE document SET role = 'result'")
        connection.commit()
    seen = finding("ledger", tmp_path, language="en")
    assert not seen.works
    assert seen.advice and "sohoa ledger restore" in seen.advice
    assert finding("findings", tmp_path).version == "1"
    assert not finding("findings", tmp_path).works


def test_a_missing_inbox_is_seen(tmp_path: Path) -> None:
    assert finding("inbox", tmp_path / "new").works  # made at the first start
    seen = finding("inbox", tmp_path, inbox=tmp_path / "share" / "scans", language="en")
    assert (seen.found, seen.works) == (False, False)
    assert seen.advice == SENTENCES["doctor_inbox_missing"]["en"]
    Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}").close()
    assert not finding("inbox", tmp_path).works  # it was there once
    (tmp_path / "inbox").mkdir()
    assert finding("inbox", tmp_path).works


def test_a_disk_too_small_for_a_volume_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def free(megabytes: int) -> None:
        usage = SimpleNamespace(free=megabytes * 1024**2)
        monkeypatch.setattr("sohoa.doctor.machine.psutil.disk_usage", lambda _path: usage)

    free(500)
    seen = finding("disk", tmp_path, language="en")
    assert not seen.works and seen.advice == SENTENCES["doctor_disk_volume"]["en"]
    free(2000)
    assert finding("disk", tmp_path).works
    outside = StoreSettings(
        endpoint="https://s3.example.vn", access_key=SecretStr("a"), secret_key=SecretStr("b")
    )
    free(500)
    seen = finding("disk", tmp_path, store=outside, language="en")
    assert seen.advice == SENTENCES["doctor_disk"]["en"]


def test_every_finding_has_its_sentence() -> None:
    known = yaml.safe_load(files("schemas.messages").joinpath("finding.yaml").read_text("utf-8"))
    codes = {*OF_OBJECTS, HEAD, BROKEN, SHORTENED, CONTRADICTS}
    assert set(known) == codes
    assert all(
        set(one) == {"vi", "en"} and all("{place}" in text for text in one.values())
        for one in known.values()
    )


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
