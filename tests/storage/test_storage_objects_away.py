"""A store that refuses the keys, is another one, is away or hangs: a sentence each."""

import http.server
import signal
import socketserver
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from running_store import RunningStore

from schemas.errors import (
    ConfigurationError,
    NotFound,
    ServiceUnavailable,
)
from storage import Objects
from storage.seaweedfs_tls import ensure_certificate

pytestmark = pytest.mark.service
PDF = "application/pdf"


@pytest.mark.parametrize("change", ["access_key", "secret_key"])
def test_wrong_credentials(object_store: RunningStore, key: str, file: Path, change: str) -> None:
    wrong = SecretStr("wrong") if change == "secret_key" else "wrong"
    objects = Objects(object_store.options(**{change: wrong}))
    for act in (
        objects.health,
        objects.ensure,
        lambda: objects.put("results", key, file, media_type=PDF),
        lambda: objects.list("results"),
        lambda: objects.stat("results", key),
    ):
        with pytest.raises(ConfigurationError, match="refuses the access key"):
            act()


def test_no_such_bucket(objects: Objects, key: str, file: Path) -> None:
    with pytest.raises(ConfigurationError, match="bucket"):
        objects.put("nowhere", key, file, media_type=PDF)


def test_tls_where_there_is_none(object_store: RunningStore) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        plain = f"127.0.0.1:{server.server_address[1]}"
        with pytest.raises(ConfigurationError, match="TLS"):
            Objects(object_store.options(endpoint=plain)).health()
        server.shutdown()


def test_no_tls_where_there_is_some(object_store: RunningStore) -> None:
    with pytest.raises(ConfigurationError):
        Objects(object_store.options(secure=False, ca_file=None)).health()


def test_a_server_that_only_took_the_stores_port(
    object_store: RunningStore, tmp_path: Path
) -> None:
    """It cannot show the store's certificate, and is sent nothing."""
    stranger = ensure_certificate(tmp_path)
    with pytest.raises(ConfigurationError, match="TLS"):
        Objects(object_store.options(ca_file=stranger.authority)).health()


def test_a_store_that_is_down(object_store: RunningStore, key: str, file: Path) -> None:
    patient = Objects(object_store.options(endpoint="127.0.0.1:9", retry_seconds=600))
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        patient.health()  # at once, whatever the patience of the others
    objects = Objects(object_store.options(endpoint="127.0.0.1:9", retry_seconds=0.5))
    for act in (
        objects.ensure,
        lambda: objects.put("results", key, file, media_type=PDF),
        lambda: objects.stat("results", key),
    ):
        with pytest.raises(ServiceUnavailable):
            act()


def test_a_store_that_hangs(object_store: RunningStore, key: str) -> None:
    objects = Objects(object_store.options(read_seconds=0.3, retry_seconds=0.5))
    assert object_store.process
    object_store.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(ServiceUnavailable):
            objects.stat("results", key)
    finally:
        object_store.process.send_signal(signal.SIGCONT)


def test_something_else_answers(object_store: RunningStore, file: Path, key: str) -> None:
    """The filer's port instead of that of S3: a sentence, no traceback of a parser."""
    objects = Objects(
        object_store.options(endpoint=f"127.0.0.1:{object_store.ports.filer}", retry_seconds=0.5)
    )
    for act in (
        lambda: objects.put("results", key, file, media_type=PDF),
        lambda: objects.list("results"),
    ):
        with pytest.raises((ConfigurationError, ServiceUnavailable, NotFound)):
            act()
