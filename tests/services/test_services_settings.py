"""Settings: where they come from, what is refused, what is shown."""

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from schemas.errors import ConfigurationError
from signing.options import Level
from sohoa.settings import Settings, load_settings
from sohoa.shown_settings import describe, flat

PASSWORD = "mat-khau-rat-dai"


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("SOHOA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("sohoa.settings.SYSTEM_CONFIG", tmp_path / "etc.toml")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_defaults_lie_in_the_home_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data == tmp_path / "home/.local/share/sohoa"
    assert settings.inbox == settings.data / "inbox"
    assert settings.database_url.get_secret_value() == f"sqlite:///{settings.data}/ledger.sqlite"
    assert settings.embedded_store
    assert settings.embedded_prefect
    assert settings.language == "vi"


def test_xdg_data_home_moves_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert load_settings().data == Path("/somewhere/sohoa")


def test_the_argument_wins_over_the_environment_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path / "d/sohoa.toml", 'language = "en"\nworkers = 3\ninbox = "/from/file"\n')
    monkeypatch.setenv("SOHOA_WORKERS", "5")
    monkeypatch.setenv("SOHOA_INBOX", "/from/environment")
    settings = load_settings(data=tmp_path / "d", inbox=Path("/from/argument"))
    assert (settings.language, settings.workers) == ("en", 5)
    assert settings.inbox == Path("/from/argument")


def test_groups_merge_key_by_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = '[signing]\nlevel = "B-T"\nagency = "UBND XÃ MẪU"\n[taking]\npolling = true\n'
    write(tmp_path / "d/sohoa.toml", text)
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path / "d"))
    monkeypatch.setenv("SOHOA_SIGNING__AGENCY", "UBND XÃ KHÁC")
    settings = load_settings()
    assert settings.signing.level is Level.b_t
    assert settings.agency == "UBND XÃ KHÁC"
    assert settings.taking.polling
    assert settings.taking.settle_seconds == 5


def test_sohoa_config_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(tmp_path / "d/sohoa.toml", "workers = 3\n")
    monkeypatch.setenv("SOHOA_CONFIG", str(write(tmp_path / "other.toml", "workers = 7\n")))
    assert load_settings(data=tmp_path / "d").workers == 7
    monkeypatch.setenv("SOHOA_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.code == "service.no_config_file"


def test_the_file_of_the_readme_is_one_that_sohoa_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    text = readme.split("```toml\n")[1].split("```")[0]
    monkeypatch.setenv("SOHOA_CONFIG", str(write(tmp_path / "a.toml", text.replace("…", "x"))))
    settings = load_settings()
    assert settings.inbox == Path("/srv/scans")
    assert settings.reading.audit_share == 0.02
    assert settings.store.retention_days == 3650


def test_the_file_of_the_system_comes_last(tmp_path: Path) -> None:
    write(tmp_path / "etc.toml", "workers = 9\n")
    assert load_settings().workers == 9
    write(tmp_path / "d/sohoa.toml", "workers = 3\n")
    assert load_settings(data=tmp_path / "d").workers == 3


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("colour = 1\n", "colour"),
        ("[store]\nendpont = 'http://s3'\n", "store.endpont"),
        ("[reading]\ndpi = 300\n", "reading.dpi"),
        ("workers = 0\n", "workers"),
        ("[store]\nendpoint = 'http://s3.example/path'\n", "store.endpoint"),
        ("[store]\nendpoint = 'http://s3.example'\n", "store"),
        ("prefect_api_url = 'http://host:4200'\n", "prefect_api_url"),
        ("database_url = 'mysql://x'\n", "database_url"),
        ("department_default = 'Một cửa'\n", "department_default"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, setting: str) -> None:
    write(tmp_path / "d/sohoa.toml", text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(data=tmp_path / "d")
    assert caught.value.params["setting"] == setting
    for language in ("vi", "en"):
        assert setting in caught.value.sentence(language)


@pytest.mark.parametrize("name", ["SOHOA_COLOUR", "SOHOA_WORKERS__MAX", "SOHOA_STORES__ENDPOINT"])
def test_unknown_variables_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.params == {"name": name}


def test_a_misspelt_name_in_a_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_STORE__ENDPONT", "http://s3")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.params["setting"] == "store.endpont"


def test_errors_do_not_repeat_values(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOHOA_DATABASE_URL", f"mysql://u:{PASSWORD}@h/d")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert PASSWORD not in repr(caught.value) + caught.value.sentence("vi")
    monkeypatch.delenv("SOHOA_DATABASE_URL")
    monkeypatch.setenv("SOHOA_STORE", f"secret_key={PASSWORD}")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert PASSWORD not in repr(caught.value) + caught.value.sentence("vi")
    assert caught.value.params["setting"] == "store"


@pytest.mark.parametrize("content", [b"workers = ", b"\xff\xfe", b'a = "' + PASSWORD.encode()])
def test_a_broken_file_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sohoa.toml").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(data=tmp_path)
    assert caught.value.code == "service.bad_config_file"
    assert PASSWORD not in str(caught.value)


def outside(tmp_path: Path) -> Settings:
    text = f"""
    database_url = "postgresql://sohoa:{PASSWORD}@db.example/ledger?password={PASSWORD}"
    prefect_api_url = "https://sohoa:{PASSWORD}@prefect.example/api"
    [store]
    endpoint = "https://s3.example"
    access_key = "{PASSWORD}"
    secret_key = "{PASSWORD}"
    """
    write(tmp_path / "d/sohoa.toml", text)
    return load_settings(data=tmp_path / "d")


def test_describe_masks_every_secret(tmp_path: Path) -> None:
    settings = outside(tmp_path)
    shown = json.dumps(describe(settings)) + repr(list(flat(settings)))
    assert PASSWORD not in shown
    assert "db.example/ledger" in shown
    assert "s3.example" in shown
    assert dict(flat(settings))["store.secret_key"] == "********"


def test_settings_cross_process_borders(tmp_path: Path) -> None:
    settings = outside(tmp_path)
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert PASSWORD not in repr(settings.database_url)


@given(
    user=st.text("abcXYZ09._-", min_size=1),
    password=st.text(st.sampled_from("aA0@:/?#[]%& ạ"), min_size=1),
    host=st.text("abc.", min_size=1),
)
def test_no_password_of_any_shape_is_shown(user: str, password: str, host: str) -> None:
    hidden = f"<<{password}>>"
    url = f"postgresql://{user}:{hidden}@{host}/db"
    shown = describe(Settings(data=Path("/d"), database_url=SecretStr(url)))["database_url"]
    assert hidden not in shown
    assert "<<" not in shown


_KEYS = "access_key = 'a'\nsecret_key = 'b'\n"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        (f"[store]\nendpoint = 'http://s3.example.vn'\n{_KEYS}", "store.endpoint"),
        (f"[store]\nendpoint = 'http://10.0.0.7:9000'\n{_KEYS}", "store.endpoint"),
        (f"[store]\nendpoint = 'http://localhost.example.vn'\n{_KEYS}", "store.endpoint"),
        ("prefect_api_url = 'http://prefect.example.vn:4200/api'\n", "prefect_api_url"),
        (
            "[signing.keys.leader]\nkind = 'csc'\naddress = 'http://csc.example.vn'\n"
            "credential = 'c'\n",
            "signing.keys.leader.address",
        ),
        (
            "[signing.time_stamps]\naddress = 'http://tsa.example.vn'\nuser = 'office'\n",
            "signing.time_stamps.address",
        ),
    ],
)
def test_plain_http_to_another_machine_is_refused(tmp_path: Path, text: str, setting: str) -> None:
    write(tmp_path / "sohoa.toml", text)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(data=tmp_path)
    assert caught.value.code == "service.plain_http"
    assert setting in str(caught.value) and "allow_plain_http" in str(caught.value)
    write(tmp_path / "sohoa.toml", f"allow_plain_http = true\n{text}")
    assert load_settings(data=tmp_path).allow_plain_http


@pytest.mark.parametrize(
    "text",
    [
        f"[store]\nendpoint = 'http://127.0.0.1:9000'\n{_KEYS}",
        f"[store]\nendpoint = 'http://[::1]:9000'\n{_KEYS}",
        f"[store]\nendpoint = 'http://localhost:9000'\n{_KEYS}",
        f"[store]\nendpoint = 'https://s3.example.vn'\n{_KEYS}",
        "[signing.time_stamps]\naddress = 'http://tsa.example.vn'\n",  # what it says is signed
    ],
)
def test_what_stays_here_or_is_signed_itself_may_be_plain(tmp_path: Path, text: str) -> None:
    write(tmp_path / "sohoa.toml", text)
    load_settings(data=tmp_path)
