"""Every port of the embedded services, tried by another account of the machine.

Run as root, the tries are made as ``nobody``; else as this account without its keys, which on a
port is the same: only what is shown there tells callers apart.
"""

import base64
import itertools
import json
import multiprocessing
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from sohoa.services import endpoints
from sohoa.services.ports import Ports
from storage import Objects
from storage.seaweedfs import find_weed
from storage.seaweedfs_tls import WeedCertificate, ensure_certificate

pytestmark = pytest.mark.service

Supervised = Any
"""``conftest.Supervised``; conftest modules are not imported."""

NOBODY = 65534

MASTER = (
    "GET /",
    "GET /dir/assign",
    "GET /dir/assign?collection=results",
    "GET /dir/lookup?volumeId=1",
    "GET /dir/status",
    "GET /col/delete?collection=results",
    "POST /col/delete?collection=originals",
    "GET /vol/grow?count=1",
    "GET /vol/status",
    "GET /vol/vacuum",
    "POST /submit",
    "GET /cluster/status",
    "GET /cluster/raft/status",
    "GET /cluster/healthz",
    "GET /stats/health",
    "GET /stats/counter",
    "GET /stats/memory",
    "GET /metrics",
    "GET /debug/pprof/heap",
    "GET /1,01637037d6",
)
VOLUME = (
    "GET /",
    "GET /status",
    "GET /healthz",
    "GET /ui/index.html",
    "GET /1,01637037d6",
    "POST /1,01637037d6",
    "PUT /1,01637037d6",
    "DELETE /1,01637037d6",
    "GET /admin/assign_volume?volume=9",
    "GET /admin/delete_collection?collection=results",
    "GET /stats/disk",
    "GET /metrics",
)
FILER = (
    "GET /",
    "GET /healthz",
    "GET /buckets/?pretty=y",
    "GET /buckets/results/",
    "GET /buckets/results/trial/object.txt",
    "GET /buckets/results/trial/object.txt?metadata=true",
    "HEAD /buckets/results/trial/object.txt",
    "POST /buckets/results/trial/object.txt",
    "PUT /buckets/results/trial/object.txt",
    "PATCH /buckets/results/trial/object.txt",
    "DELETE /buckets/results/trial/object.txt",
    "DELETE /buckets/results/?recursive=true",
    "POST /buckets/results/trial/other.txt?mv.from=/buckets/results/trial/object.txt",
    "PUT /buckets/results/trial/object.txt?tagging",
    "OPTIONS /.tus/",
    "POST /.tus/buckets/results/x",
)
S3 = (
    "GET /",
    "GET /results",
    "GET /results?list-type=2",
    "GET /results?versions",
    "GET /results?policy",
    "PUT /results?policy",
    "DELETE /results?policy",
    "PUT /results?versioning",
    "PUT /results?object-lock",
    "DELETE /results",
    "PUT /strangers",
    "GET /results/trial/object.txt",
    "HEAD /results/trial/object.txt",
    "PUT /results/trial/object.txt",
    "PUT /results/trial/other.txt",
    "DELETE /results/trial/object.txt",
    "GET /results/trial/object.txt?retention",
    "PUT /results/trial/object.txt?retention",
    "PUT /results/trial/object.txt?tagging",
    "POST /results?delete",
    "POST /results/trial/object.txt?uploads",
    "POST /?Action=CreateUser&UserName=stranger",
    "POST /?Action=ListUsers",
    "POST /?Action=CreateAccessKey&UserName=sohoa",
)
DELETE = "collection.delete -collection results -apply"
ADMIN = ("GET /", "GET /api/cluster", "GET /maintenance", "POST /api/users", "GET /metrics")


def as_nobody(work: Callable[[], list[str]]) -> list[str]:
    """What ``work`` returns in a process of another account."""
    there, here = multiprocessing.get_context("fork").Pipe()

    def run() -> None:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            there.send(work())
        except BaseException as wrong:
            there.send([f"the try itself failed: {wrong!r}"])

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    said: list[str] = here.recv()
    process.join(30)
    return said


@pytest.fixture(scope="module")
def ports(supervised: Supervised) -> Ports:
    return Ports.model_validate_json((supervised.data / "run" / "ports.json").read_text())


@pytest.fixture(scope="module")
def kept(supervised: Supervised, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """An object in the store; after all tries it must be there, alone and unchanged."""
    content = b"signed by nobody but us"
    file = tmp_path_factory.mktemp("kept") / "object.txt"
    file.write_bytes(content)
    objects = Objects(endpoints(supervised.settings).store)
    objects.ensure()
    bucket = objects.options.results_bucket
    objects.put(bucket, "trial/object.txt", file, media_type="text/plain")
    before = sorted(one.key for one in objects.list(bucket))
    yield content
    objects.get(bucket, "trial/object.txt", file)
    assert file.read_bytes() == content
    assert sorted(one.key for one in objects.list(bucket)) == before


@pytest.fixture(scope="module")
def forged() -> Iterator[WeedCertificate]:
    """A certificate as the store's own, of an authority that the stranger made."""
    folder = Path(tempfile.mkdtemp())
    made = ensure_certificate(folder)
    folder.chmod(0o755)
    for path in (made.authority, made.certificate, made.key):
        path.chmod(0o644)
    yield made
    shutil.rmtree(folder)


def contexts(forged: WeedCertificate) -> list[ssl.SSLContext | None]:
    """Without TLS; TLS without a certificate; TLS with a stranger's."""
    bare = ssl.create_default_context()
    bare.check_hostname = False
    bare.verify_mode = ssl.CERT_NONE
    shown = ssl.create_default_context()
    shown.check_hostname = False
    shown.verify_mode = ssl.CERT_NONE
    shown.load_cert_chain(forged.certificate, forged.key)
    return [None, bare, shown]


def asked(port: int, call: str, context: ssl.SSLContext | None) -> int:
    """The status of the answer; 0 when there is none."""
    method, path = call.split(" ", 1)
    connection: HTTPConnection = (
        HTTPConnection("127.0.0.1", port, timeout=20)
        if context is None
        else HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    )
    try:
        connection.request(method, path, body=b"<a/>" if method in {"PUT", "POST"} else None)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("part", "calls"),
    [("master", MASTER), ("volume", VOLUME), ("filer", FILER), ("s3", S3), ("admin", ADMIN)],
)
def test_no_verb_of_the_store_over_http(
    ports: Ports, kept: bytes, forged: WeedCertificate, part: str, calls: tuple[str, ...]
) -> None:
    port = ports.store_admin if part == "admin" else getattr(ports.store, part)

    def tries() -> list[str]:
        return [
            f"{call} -> {status}"
            for call, context in itertools.product(calls, contexts(forged))
            if 100 <= (status := asked(port, call, context)) < 400
        ]

    assert as_nobody(tries) == []


def test_no_grpc_port_takes_a_stranger(ports: Ports, kept: bytes, forged: WeedCertificate) -> None:
    parts = {name: port for name, port in ports.store.model_dump().items() if "grpc" in name}
    parts["admin_grpc"] = ports.store_admin + 10_000

    def tries() -> list[str]:
        return [
            f"{name}: {context and context.verify_mode}"
            for (name, port), context in itertools.product(parts.items(), contexts(forged))
            if speaks_http2(port, context)
        ]

    assert len(parts) == 5
    assert as_nobody(tries) == []


def speaks_http2(port: int, context: ssl.SSLContext | None) -> bool:
    """Whether a gRPC server answers our HTTP/2 preface with its settings and a ping's echo."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
    ping = bytes((0, 0, 8, 6, 0, 0, 0, 0, 0)) + b"sohoa-01"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as bare:
            stream: socket.socket = bare
            if context is not None:
                context.set_alpn_protocols(["h2"])
                stream = context.wrap_socket(bare, server_hostname="127.0.0.1")
            stream.sendall(preface + ping)
            seen = b""
            while b"sohoa-01" not in seen:
                got = stream.recv(4096)
                if not got:
                    return False
                seen += got
            return True
    except OSError:
        return False


def test_the_probe_would_see_an_open_grpc_port(ports: Ports, supervised: Supervised) -> None:
    def own() -> ssl.SSLContext:
        secrets = supervised.data / "secrets"
        context = ssl.create_default_context(cafile=secrets / "store-authority.pem")
        context.load_cert_chain(secrets / "store-certificate.pem", secrets / "store-key.pem")
        return context

    assert speaks_http2(ports.store.master_grpc, own())
    assert asked(ports.store.master, "GET /dir/status", own()) == 200


def test_the_stores_own_tools_do_nothing_for_a_stranger(ports: Ports, kept: bytes) -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    weed = folder / "weed"
    shutil.copyfile(find_weed(), weed)
    weed.chmod(0o755)
    master = f"127.0.0.1:{ports.store.master}.{ports.store.master_grpc}"
    filer = f"127.0.0.1:{ports.store.filer}.{ports.store.filer_grpc}"

    def tries() -> list[str]:
        os.chdir(folder)
        found = []
        for command, words in (
            (["shell", f"-master={master}", f"-filer={filer}"], "fs.ls /buckets/results\n"),
            (
                ["shell", f"-master={master}"],
                "lock\ncollection.delete -collection results -apply\n",
            ),
            (["shell", f"-master={master}"], "volume.list\n"),
            (["backup", f"-master={master}", f"-dir={folder}", "-volumeId=1"], ""),
        ):
            try:
                done = subprocess.run(
                    [weed, *command],
                    input=words,
                    capture_output=True,
                    text=True,
                    timeout=4,
                    check=False,
                    env={"HOME": str(folder), "PATH": os.defpath},
                )
                said = done.stdout
            except subprocess.TimeoutExpired as late:  # it keeps trying to connect
                said = (late.stdout or b"").decode()
            found += [f"{command[0]}: {said}"] if "trial" in said or "volume id" in said else []
        return found + [one.name for one in folder.glob("*.dat")]

    try:
        assert as_nobody(tries) == []
    finally:
        shutil.rmtree(folder)


def test_no_verb_of_prefect(supervised: Supervised, ports: Ports) -> None:
    def call(method: str, path: str, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", ports.prefect, timeout=20)
        try:
            headers |= {"Content-Type": "application/json"}
            connection.request(method, path, body=b"{}", headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    own = (supervised.data / "secrets" / "prefect_auth").read_text().strip()
    key = f"Basic {base64.b64encode(own.encode()).decode()}"
    assert call("POST", "/api/flow_runs/count", Authorization=key)[0] == 200
    _, described = call("GET", "/openapi.json", Authorization=key)
    routes = [
        (method.upper(), "/api" + path.replace("{", "").replace("}", ""))
        for path, methods in json.loads(described)["paths"].items()
        for method in methods
    ]
    harmless = {"/api/health", "/api/ready"}
    wrong = f"Basic {base64.b64encode(b'sohoa:wrong').decode()}"

    def tries() -> list[str]:
        return [
            f"{method} {path} -> {status}"
            for method, path in routes
            if path not in harmless
            for headers in ({}, {"Authorization": wrong}, {"Authorization": "Bearer x"})
            if (status := call(method, path, **headers)[0]) != 401
        ]

    assert len(routes) > 150
    assert as_nobody(tries) == []


@pytest.mark.parametrize(
    "path",
    ["events/in", "events/out", "logs/out", "task_runs/subscriptions/scheduled"],
)
def test_no_socket_of_prefect(ports: Ports, path: str) -> None:
    def tries() -> list[str]:
        address = f"ws://127.0.0.1:{ports.prefect}/api/{path}"
        opened = []
        for protocol, token in ((None, ""), ("prefect", ""), ("prefect", "sohoa:wrong")):
            try:
                with connect(address, subprotocols=protocol and [protocol]) as stream:
                    stream.send(json.dumps({"type": "auth", "token": token}))
                    said = json.loads(stream.recv(10))
                    opened += [str(said)] if said.get("type") == "auth_success" else []
            except (OSError, WebSocketException):
                continue
        return opened

    assert as_nobody(tries) == []


def test_no_file_of_the_services(supervised: Supervised) -> None:
    """As root by trying; else by the modes, since the account of the tests owns them."""

    def tries() -> list[str]:
        return [name for name in names if os.access(supervised.data / name, os.R_OK)]

    names = ("secrets", "secrets/store-key.pem", "secrets/prefect_auth", "store", "run/s3.json")
    if os.getuid() == 0:
        assert as_nobody(tries) == []
    assert [name for name in names if (supervised.data / name).stat().st_mode & 0o077] == []
