"""Objects in a real store: SeaweedFS as it is embedded."""

import hashlib
import logging
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio.error import S3Error
from pydantic import SecretStr, ValidationError
from running_store import RunningStore

from schemas.errors import (
    ConfigurationError,
    Conflict,
    InputRejected,
    NotFound,
    ServiceUnavailable,
    SohoaError,
)
from storage import Objects, RetentionMode, StoreOptions
from storage.s3 import S3, Upload, decode_metadata, encode_metadata

pytestmark = pytest.mark.service
PDF = "application/pdf"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_there_and_back(objects: Objects, key: str, file: Path, tmp_path: Path) -> None:
    stored = objects.put("results", key, file, media_type=PDF)
    assert (stored.sha256, stored.bytes) == (sha256(file), 50_000)
    assert stored.version_id
    assert stored.retain_until is not None
    assert stored.retain_until > datetime.now(UTC) + timedelta(days=3649)
    objects.sync()
    out = tmp_path / "fetched.pdf"
    out.write_text("an older one")
    info = objects.get("results", key, out, version_id=stored.version_id, sha256=stored.sha256)
    assert out.read_bytes() == file.read_bytes()
    assert (info.sha256, info.media_type, info.metadata) == (stored.sha256, PDF, {})
    listed = objects.list("results", key.rsplit("/", 1)[0])
    assert [(each.key, each.bytes) for each in listed] == [(key, 50_000)]
    assert objects.list("results", "mot-cua/nobody/") == []


def test_an_empty_object(objects: Objects, key: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert objects.put("results", key, tmp_path / "empty", media_type=PDF).bytes == 0
    objects.get("results", key, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b""


def test_metadata_of_any_letters(objects: Objects, key: str, file: Path) -> None:
    metadata = {"note": "Đơn 100% của  tổ\n5 🖋", "step": "a+b=c&d"}
    objects.put("results", key, file, media_type=PDF, metadata=metadata)
    info = objects.stat("results", key)
    assert info is not None
    assert (info.metadata, info.sha256, info.bytes) == (metadata, sha256(file), 50_000)
    assert decode_metadata(encode_metadata(metadata)) == metadata


def test_vietnamese_keys(objects: Objects, file: Path, tmp_path: Path) -> None:
    key = "một cửa/Hồ sơ 100%+/văn bản (1).pdf"
    objects.put("results", key, file, media_type=PDF)
    assert [each.key for each in objects.list("results", "một cửa/")] == [key]
    objects.get("results", key, tmp_path / "out", sha256=sha256(file))


def test_the_same_bytes_are_adopted_and_others_refused(
    objects: Objects, key: str, file: Path, tmp_path: Path
) -> None:
    first = objects.put("results", key, file, media_type=PDF)
    assert objects.put("results", key, file, media_type=PDF) == first
    other = tmp_path / "other"
    other.write_bytes(b"other")
    with pytest.raises(Conflict, match="nothing was overwritten"):
        objects.put("results", key, other, media_type=PDF)
    info = objects.stat("results", key)
    assert info is not None
    assert (info.version_id, info.sha256) == (first.version_id, sha256(file))


def test_of_eight_writers_one_wins(objects: Objects, key: str, tmp_path: Path) -> None:
    outcomes: list[str] = []

    def write(number: int) -> None:
        path = tmp_path / str(number)
        path.write_bytes(f"writer {number}".encode() * 100)
        try:
            outcomes.append(objects.put("results", key, path, media_type=PDF).sha256)
        except SohoaError as exc:
            outcomes.append(exc.code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("storing.object_differs") == 7
    [winner] = set(outcomes) - {"storing.object_differs"}
    info = objects.stat("results", key)
    assert info is not None
    assert info.sha256 == winner


def test_what_is_kept_cannot_be_deleted_or_shortened(
    object_store: RunningStore, key: str, file: Path
) -> None:
    options = object_store.options(retention_mode=RetentionMode.compliance, retention_days=30)
    objects = Objects(options)
    stored = objects.put("results", key, file, media_type=PDF)
    assert stored.retain_until is not None
    assert stored.retain_until < datetime.now(UTC) + timedelta(days=31)
    client = S3(options).client
    with pytest.raises(S3Error):
        client.remove_object("results", key, version_id=stored.version_id)
    assert objects.stat("results", key, version_id=stored.version_id)
    longer = Objects(options.model_copy(update={"retention_days": 60}))
    extended = longer.put("results", key, file, media_type=PDF)
    assert extended.version_id == stored.version_id
    assert extended.retain_until is not None
    assert extended.retain_until > stored.retain_until


def test_a_hidden_object_is_put_again_as_a_new_version(
    objects: Objects, object_store: RunningStore, key: str, file: Path, tmp_path: Path
) -> None:
    first = objects.put("results", key, file, media_type=PDF)
    S3(object_store.options()).client.remove_object("results", key)  # leaves a delete marker
    assert objects.stat("results", key) is None
    second = objects.put("results", key, file, media_type=PDF)
    assert second.version_id != first.version_id
    objects.get("results", key, tmp_path / "out", version_id=first.version_id)


def test_a_bucket_without_lock_fails_closed(
    object_store: RunningStore, key: str, file: Path
) -> None:
    options = object_store.options(bucket_prefix="plain-")
    S3(options).client.make_bucket(options.results_bucket)
    objects = Objects(options)
    with pytest.raises(ConfigurationError, match="object lock"):
        objects.ensure()
    with pytest.raises(SohoaError):
        objects.put(options.results_bucket, key, file, media_type=PDF)


def test_ensuring_twice_and_at_once(object_store: RunningStore) -> None:
    options = object_store.options(bucket_prefix="new-", retention_days=7)
    failures: list[BaseException] = []

    def ensure() -> None:
        try:
            Objects(options).ensure()
        except SohoaError as exc:
            failures.append(exc)

    threads = [threading.Thread(target=ensure) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ensure()
    assert failures == []
    client = S3(options).client
    assert client.get_bucket_versioning("new-originals").status == "Enabled"
    lock = client.get_object_lock_config("new-results")
    assert (lock.mode, lock.duration, lock.duration_unit) == ("GOVERNANCE", 7, "Days")


def test_a_file_that_changes_while_it_is_sent_is_not_stored(
    objects: Objects, object_store: RunningStore, key: str, file: Path
) -> None:
    s3 = S3(object_store.options())
    headers = {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==", "Content-Length": "50000"}
    for size in (50_000, 60_000):  # other bytes; fewer bytes
        headers["Content-Length"] = str(size)
        with file.open("rb") as stream, pytest.raises(Conflict, match="nothing was stored"):
            body = Upload(stream, size)
            s3.attempt(
                lambda body=body: s3.upload("results", key, body, headers, sha256(file)),
                once=True,
            )
    assert objects.stat("results", key) is None


def test_fetching_what_is_not_what_was_said(
    objects: Objects, key: str, file: Path, tmp_path: Path
) -> None:
    objects.put("results", key, file, media_type=PDF)
    out = tmp_path / "out"
    out.write_text("an older one")
    with pytest.raises(Conflict, match="do not match"):
        objects.get("results", key, out, sha256="0" * 64)
    with pytest.raises(NotFound):
        objects.get("results", "mot-cua/nobody.pdf", out)
    assert out.read_text() == "an older one"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "signed.pdf"}


@pytest.mark.parametrize(
    "bad", ["", "a/", "/a", "a//b", "a/../b", "x" * 256, "ơ" * 128, "a/" * 600 + "a", "a\nb"]
)
def test_keys_that_cannot_be(objects: Objects, file: Path, bad: str) -> None:
    with pytest.raises(InputRejected):
        objects.put("results", bad, file, media_type=PDF)


def test_a_department_reads_its_own_results_only(
    objects: Objects, object_store: RunningStore, key: str, file: Path, tmp_path: Path
) -> None:
    theirs = key.replace("mot-cua", "cong-an")
    for each in (key, theirs):
        objects.put("results", each, file, media_type=PDF)
    department = Objects(object_store.options(object_store.department))
    department.get("results", key, tmp_path / "out", sha256=sha256(file))
    for act in (
        lambda: department.get("results", theirs, tmp_path / "out2"),
        lambda: department.put("results", key + "2", file, media_type=PDF),
        lambda: department.list("originals"),
    ):
        with pytest.raises(ConfigurationError):
            act()


def test_killed_while_it_is_written_to(
    object_store: RunningStore, key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's patience carries it over; nothing acknowledged is lost."""
    caplog.set_level(logging.INFO)
    objects = Objects(object_store.options())
    stored: list[tuple[str, str, str | None]] = []
    failures: list[Exception] = []
    go_on = threading.Event()
    go_on.set()

    def write(writer: int) -> None:
        number = 0
        while go_on.is_set():
            number += 1
            path = tmp_path / f"{writer}-{number}"
            path.write_bytes(os.urandom(20_000))
            try:
                done = objects.put("results", f"{key}/{writer}-{number}", path, media_type=PDF)
                stored.append((done.key, done.sha256, done.version_id))
            except SohoaError as exc:
                failures.append(exc)
                return

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(2)]
    for thread in threads:
        thread.start()

    def more() -> None:
        before, end = len(stored), time.monotonic() + 120
        while len(stored) < before + 4 and not failures and time.monotonic() < end:
            time.sleep(0.02)
        assert len(stored) >= before + 4, failures

    for _ in range(2):
        more()
        object_store.kill()
        object_store.start()
    more()
    go_on.clear()
    for thread in threads:
        thread.join()
    assert failures == []
    for each, digest, version in stored:
        objects.get("results", each, tmp_path / "out", version_id=version, sha256=digest)
    assert [record for record in caplog.records if record.name.startswith("urllib3")] == []


def test_a_large_file_is_not_held_in_memory(objects: Objects, key: str, tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "big"
    with path.open("wb") as stream:
        block = os.urandom(1 << 20)
        for _ in range(40):
            stream.write(block)
    tracemalloc.start()
    try:
        stored = objects.put("originals", key, path, media_type=PDF)
        objects.get("originals", key, tmp_path / "out", sha256=stored.sha256)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored.bytes == 40 << 20
    assert peak < 12 << 20


def test_syncing(object_store: RunningStore, tmp_path: Path) -> None:
    Objects(object_store.options(data_dir=None)).sync()
    with pytest.raises(ServiceUnavailable, match="disk"):
        Objects(object_store.options(data_dir=tmp_path / "missing")).sync()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "", "me:secret@host", "host/path"])
def test_endpoints_that_cannot_be(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        StoreOptions(endpoint=endpoint, access_key="a", secret_key=SecretStr("b"))


def test_secrets_are_not_shown(object_store: RunningStore) -> None:
    options = object_store.options()
    assert options.secret_key.get_secret_value() not in repr(options)
    assert options.secret_key.get_secret_value() not in options.model_dump_json()
