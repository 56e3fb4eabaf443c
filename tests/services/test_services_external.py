"""Services somebody else runs: taken from the settings, checked, never started."""

import threading
from pathlib import Path

import pytest

from schemas.errors import ServiceUnavailable
from sohoa.services import Change, endpoints, supervise
from sohoa.services.plans import watcher_plan
from sohoa.settings import load_settings

CONFIGURATION = """
database_url = "postgresql://db.example/ledger"
prefect_api_url = "https://prefect.example/api"
[store]
endpoint = "{endpoint}"
access_key = "key"
secret_key = "secret"
bucket_prefix = "xa-mau-"
retention_days = 30
retry_seconds = 0.5
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "sohoa.toml").write_text(CONFIGURATION.format(endpoint="https://s3.example:9000"))
    return tmp_path


def test_they_need_nothing_of_ours_running(data: Path) -> None:
    found = endpoints(load_settings(data=data))
    assert (found.store.endpoint, found.store.secure) == ("s3.example:9000", True)
    assert found.store.secret_key.get_secret_value() == "secret"
    assert found.store.results_bucket == "xa-mau-results"
    assert (found.store.retention_days, found.store.retry_seconds) == (30, 0.5)
    assert found.store.data_dir is None
    assert found.prefect_api_url == "https://prefect.example/api"
    assert found.ledger.url.get_secret_value() == "postgresql://db.example/ledger"
    assert not (data / "secrets").exists()


def test_a_store_that_is_away_is_said_so_and_nothing_is_started(data: Path) -> None:
    (data / "sohoa.toml").write_text(CONFIGURATION.format(endpoint="http://127.0.0.1:9"))
    changes: list[Change] = []
    with pytest.raises(ServiceUnavailable) as caught:
        supervise(load_settings(data=data), on_change=changes.append, stop=threading.Event())
    assert caught.value.code.startswith("storing.")
    assert changes == []


def test_the_watcher_gets_the_outside_prefect_and_the_same_settings(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "key-of-the-outside-server")
    settings = load_settings(data=data, inbox=data / "in")
    environment = watcher_plan(settings, "https://prefect.example/api").environment
    assert environment["PREFECT_API_URL"] == "https://prefect.example/api"
    assert environment["PREFECT_API_KEY"] == "key-of-the-outside-server"
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_settings_of_somebody_elses_prefect_do_not_reach_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "key-of-another-server")
    monkeypatch.setenv("PREFECT_HOME", "/elsewhere")
    settings = load_settings(data=tmp_path)
    environment = watcher_plan(settings, "http://127.0.0.1:1/api").environment
    assert "PREFECT_API_KEY" not in environment
    assert environment["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert environment["DO_NOT_TRACK"] == "1"
