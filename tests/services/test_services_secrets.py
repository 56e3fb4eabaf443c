"""Generated secrets: private, whole, made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from sohoa.services import ensure_secrets
from sohoa.services.secrets import Secrets


def revealed(secrets: Secrets) -> list[str]:
    return [getattr(secrets, name).get_secret_value() for name in Secrets.model_fields]


def test_made_once_and_different_from_each_other(tmp_path: Path) -> None:
    first = revealed(ensure_secrets(tmp_path))
    assert revealed(ensure_secrets(tmp_path)) == first
    assert len(set(first)) == len(first)
    assert min(map(len, first)) >= 20


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    ensure_secrets(tmp_path)
    (folder / "s3_secret_key").chmod(0o644)
    ensure_secrets(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}


def test_whoever_comes_first_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _n: revealed(ensure_secrets(tmp_path)), range(24)))
    assert all(one == made[0] for one in made)
    assert not list((tmp_path / "secrets").glob(".*"))


def test_an_empty_file_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / "secrets" / "s3_secret_key").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        ensure_secrets(tmp_path)
    assert caught.value.code == "service.secrets_unusable"


def test_a_folder_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file")
    with pytest.raises(ConfigurationError):
        ensure_secrets(tmp_path)


def test_they_do_not_show_in_repr(tmp_path: Path) -> None:
    secrets = ensure_secrets(tmp_path)
    assert not any(value in repr(secrets) for value in revealed(secrets))
