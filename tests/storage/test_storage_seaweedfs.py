"""The embedded store's command line and access file."""

import json
import os
import stat
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from running_store import RunningStore

from schemas.errors import ConfigurationError, MissingDependency
from storage import Objects, seaweedfs

IDENTITY = seaweedfs.S3Identity(name="sohoa", access_key="a", secret_key=SecretStr("b"))


def test_the_access_file_is_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "s3.json"
    path.write_text("old")
    path.chmod(0o644)
    seaweedfs.write_s3_config(path, [IDENTITY])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [identity] = json.loads(path.read_text())["identities"]
    assert identity["credentials"] == [{"accessKey": "a", "secretKey": "b"}]
    assert "Admin" in identity["actions"]
    assert [each.name for each in tmp_path.iterdir()] == ["s3.json"]


def test_no_identity_would_open_the_store_to_everybody(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        seaweedfs.write_s3_config(tmp_path / "s3.json", [])
    assert list(tmp_path.iterdir()) == []


def test_ports_need_all_eight() -> None:
    assert seaweedfs.WeedPorts.of(range(1, 9)).s3 == 7
    with pytest.raises(ValueError, match="zip"):
        seaweedfs.WeedPorts.of(range(1, 8))


def test_secrets_are_in_the_environment_and_not_in_the_command(
    object_store: RunningStore,
) -> None:
    assert object_store.process
    command = " ".join(psutil.Process(object_store.process.pid).cmdline())
    for secret in (
        *object_store.environment.values(),
        object_store.administrator.secret_key.get_secret_value(),
    ):
        assert len(secret) < 10 or secret not in command


@pytest.mark.service
def test_it_listens_on_the_loopback_only(object_store: RunningStore) -> None:
    assert object_store.process
    listening = [
        each.laddr.ip
        for each in psutil.Process(object_store.process.pid).net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 8
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.service
def test_nobody_enters_without_a_key(object_store: RunningStore) -> None:
    import urllib3

    address = f"https://127.0.0.1:{object_store.ports.s3}/results?list-type=2"
    pool = urllib3.PoolManager(ca_certs=str(object_store.certificate.authority))
    assert pool.request("GET", address, retries=False).status == 403


@pytest.mark.service
def test_a_new_identity_is_taken_up_on_hangup(object_store: RunningStore, wait_until) -> None:
    import signal

    new = seaweedfs.S3Identity(name="new", access_key="new-key", secret_key=SecretStr("new-secret"))
    objects = Objects(object_store.options(new))
    with pytest.raises(ConfigurationError):
        objects.health()
    everybody = [object_store.administrator, object_store.department, new]
    seaweedfs.write_s3_config(object_store.folder / "s3.json", everybody)
    assert object_store.process
    object_store.process.send_signal(signal.SIGHUP)

    def taken_up() -> bool:
        try:
            objects.health()
        except ConfigurationError:
            return False
        return True

    wait_until(taken_up)


def test_no_binary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert os.access(seaweedfs.find_weed(), os.X_OK)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency):
        seaweedfs.find_weed()
