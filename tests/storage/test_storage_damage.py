"""Bit rot in a real store: one flipped byte is named as that, and fast; clocks that differ, too."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import minio.time
import pytest
from minio.error import S3Error
from running_store import RunningStore
from urllib3.exceptions import IncompleteRead, ProtocolError

from schemas.errors import ConfigurationError, Damaged, ExitCode, NotFound
from storage import Objects, StoredObject
from storage.s3 import S3, broke_off

pytestmark = pytest.mark.service

PATIENCE = 30
"""Seconds: SeaweedFS itself tries for 13 s; before, it was 45 s more of our own."""


@pytest.fixture(scope="module")
def rotting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own, whose volume files are damaged."""
    store = RunningStore(tmp_path_factory.mktemp("rotting"))
    store.start()
    try:
        Objects(store.options()).ensure()
        yield store
    finally:
        store.kill()


def put(store: RunningStore, path: Path, size: int) -> tuple[StoredObject, bytes]:
    content = secrets.token_bytes(size)
    path.write_bytes(content)
    key = f"mot-cua/{secrets.token_hex(4)}/component-001.pdf"
    stored = Objects(store.options()).put("results", key, path, media_type="application/pdf")
    return stored, content


def flip(store: RunningStore, content: bytes) -> None:
    """One bit of one byte in the middle of ``content``, wherever the store keeps it."""
    mark = content[len(content) // 2 :][:40]
    for volume in store.data.rglob("*.dat"):
        at = volume.read_bytes().find(mark)
        if at >= 0:
            with volume.open("r+b") as file:
                file.seek(at)
                file.write(bytes([mark[0] ^ 1]))
                os.fsync(file.fileno())
            return
    raise AssertionError("not in any volume")


def restore(store: RunningStore, content: bytes) -> None:
    """The flipped bit back, as from a backup."""
    wrong = bytearray(content[len(content) // 2 :][:40])
    wrong[0] ^= 1
    for volume in store.data.rglob("*.dat"):
        at = volume.read_bytes().find(bytes(wrong))
        if at >= 0:
            with volume.open("r+b") as file:
                file.seek(at)
                file.write(bytes([wrong[0] ^ 1]))


@pytest.mark.parametrize("size", [3000, 9_000_000])
def test_a_flipped_byte_is_said_as_that(rotting: RunningStore, tmp_path: Path, size: int) -> None:
    objects = Objects(rotting.options())
    put(rotting, tmp_path / "sound", 500)
    stored, content = put(rotting, tmp_path / "a", size)
    flip(rotting, content)
    before, out = time.monotonic(), tmp_path / "out"
    with pytest.raises(Damaged) as caught:
        objects.get("results", stored.key, out, sha256=stored.sha256)
    assert time.monotonic() - before < PATIENCE
    assert not out.exists() and list(tmp_path.glob(".sohoa-*")) == []
    assert caught.value.exit_code is ExitCode.not_valid
    assert stored.key in str(caught.value) and "damaged" in str(caught.value)
    with pytest.raises(Damaged):
        objects.check("results", stored.key, version_id=stored.version_id, sha256=stored.sha256)
    restore(rotting, content)
    objects.check("results", stored.key, version_id=stored.version_id, sha256=stored.sha256)


def test_bytes_of_another_hash_are_damaged_too(rotting: RunningStore, tmp_path: Path) -> None:
    stored, _ = put(rotting, tmp_path / "a", 500)
    with pytest.raises(Damaged, match=stored.key):
        Objects(rotting.options()).check("results", stored.key, version_id=None, sha256="0" * 64)


def test_a_version_that_is_not_there_is_not_damaged(rotting: RunningStore) -> None:
    with pytest.raises(NotFound):
        Objects(rotting.options()).check(
            "results", "mot-cua/none/component-001.pdf", version_id=None, sha256="0" * 64
        )


def test_versions_and_locks_are_told(rotting: RunningStore, tmp_path: Path) -> None:
    objects = Objects(rotting.options())
    stored, _ = put(rotting, tmp_path / "a", 500)
    prefix = stored.key.rpartition("/")[0] + "/"
    (one,) = objects.versions("results", prefix)
    assert (one.key, one.version_id, one.newest, one.deleted) == (
        stored.key,
        stored.version_id,
        True,
        False,
    )
    assert objects.held_until("results", stored.key, stored.version_id) == stored.retain_until
    objects._s3.client.remove_object("results", stored.key)  # a mark: the version is locked
    found = {each.deleted: each.newest for each in objects.versions("results", prefix)}
    assert found == {True: True, False: False}


def test_a_bucket_that_is_not_there_is_named(rotting: RunningStore) -> None:
    objects = Objects(rotting.options())
    objects.bucket_sound("originals")
    with pytest.raises(ConfigurationError, match="none-such"):
        objects.bucket_sound("none-such")
    objects._s3.client.make_bucket("plain")
    with pytest.raises(ConfigurationError, match="plain"):
        objects.bucket_sound("plain")


def test_clocks_that_differ_are_said_as_that(
    rotting: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = Objects(rotting.options())
    apart = objects.clock_difference()
    assert apart is not None and abs(apart) < timedelta(seconds=30)
    real = minio.time.utcnow
    monkeypatch.setattr(minio.time, "utcnow", lambda: real() + timedelta(hours=3))
    for ask in (lambda: objects.bucket_sound("results"), objects.ensure):
        with pytest.raises(ConfigurationError) as caught:
            ask()
        assert caught.value.code in {"storing.clocks_differ", "storing.store_denied"}
    with pytest.raises(ConfigurationError) as caught:
        objects.bucket_sound("results")
    assert caught.value.code == "storing.clocks_differ"


def _s3_error(code: str, status: int, date: datetime) -> S3Error:
    response = SimpleNamespace(
        status=status, headers={"date": format_datetime(date, usegmt=True)}, data=b""
    )
    return S3Error(
        code=code,
        message="",
        resource="/results/x",
        request_id=None,
        host_id=None,
        response=response,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("hours", "code"), [(0.0, "store_denied"), (0.1, "store_denied"), (5.0, "clocks_differ")]
)
def test_a_denial_with_another_time_is_about_the_clocks(
    object_store: RunningStore, hours: float, code: str
) -> None:
    """SeaweedFS says AccessDenied to a HEAD whatever the cause: the ``Date`` tells."""
    s3 = S3(object_store.options())
    for sign in (-1, 1):
        moment = datetime.now(UTC) + sign * timedelta(hours=hours)
        with pytest.raises(ConfigurationError) as caught:
            s3.attempt(_raising(_s3_error("AccessDenied", 403, moment)))
        assert caught.value.code == f"storing.{code}"


def _raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_what_broke_off_and_what_never_came() -> None:
    now = datetime.now(UTC)
    assert broke_off(_s3_error("InternalError", 500, now))
    assert not broke_off(_s3_error("NoSuchKey", 404, now))
    half = IncompleteRead(10, 20)
    assert broke_off(ProtocolError("Connection broken", half))
    assert not broke_off(ProtocolError("Connection aborted", ConnectionResetError()))
