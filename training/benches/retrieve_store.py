"""A store of its own for a benchmark, and published documents in it with a ledger that says so."""

import hashlib
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from schemas.doc_code import DEFAULT_CODING
from schemas.dossier import Role, Stage
from schemas.errors import ServiceUnavailable
from storage import Ledger, NewClaim, NewFile, ObjectKind, Objects, StoreOptions
from storage.seaweedfs import (
    S3Identity,
    WeedPorts,
    WeedSecrets,
    find_weed,
    weed_command,
    weed_environment,
    write_s3_config,
)
from storage.seaweedfs_tls import SECURITY, ensure_certificate, write_security
from usecases.doc_codes import codes_of

DEPARTMENT = "mot-cua"
_START_SECONDS = 60


@contextmanager
def store_running(folder: Path) -> Iterator[StoreOptions]:
    """A SeaweedFS as Sohoa embeds it, with its buckets, for as long as the block lasts.

    Raises:
        MissingDependency: there is no ``weed``.
        ServiceUnavailable: it does not start.
    """
    folder.mkdir(mode=0o700)
    (folder / "data").mkdir()
    ports = WeedPorts.of(_free_ports(len(WeedPorts.model_fields)))
    key = S3Identity(
        name="sohoa",
        access_key=secrets.token_hex(8),
        secret_key=SecretStr(secrets.token_hex(20)),
    )
    write_s3_config(folder / "s3.json", [key])
    certificate = ensure_certificate(folder)
    write_security(folder / SECURITY, certificate)
    parts = WeedSecrets(
        **{name: SecretStr(secrets.token_hex(16)) for name in WeedSecrets.model_fields}
    )
    options = StoreOptions(
        endpoint=f"127.0.0.1:{ports.s3}",
        access_key=key.access_key,
        secret_key=key.secret_key,
        ca_file=certificate.authority,
        data_dir=folder / "data",
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            weed_command(find_weed(), folder / "data", ports, folder / "s3.json", certificate),
            env={**os.environ, **weed_environment(parts)},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _ensured(options)
        yield options
    finally:
        process.kill()
        process.wait()


def _ensured(options: StoreOptions) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            Objects(options).ensure()
        except ServiceUnavailable:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def published(ledger: Ledger, objects: Objects, folder: Path, number: int, size: int) -> str:
    """Publish a document of random bytes; the key of its signed file."""
    code = f"H17.1-261123-{number:04d}"
    content = os.urandom(size)
    paper = NewFile(
        relative="1.pdf",
        name="1.pdf",
        role=Role.result,
        sha256=hashlib.sha256(b"scan" + content).hexdigest(),
        bytes=size,
    )
    claim = NewClaim(
        claim_id=code,
        department=DEPARTMENT,
        code=code,
        folder=code,
        files=(paper,),
        actor="bench",
    )
    (document,) = ledger.register(claim).documents
    path = folder / "signed.pdf"
    path.write_bytes(content)
    key = f"{DEPARTMENT}/{code}/{document.label}.pdf"
    stored = objects.put(objects.options.results_bucket, key, path, media_type="application/pdf")
    told: dict[Stage, dict[str, str]] = {
        Stage.digitised: {"manifest_sha256": "b" * 64, "document_type": "quyet_dinh"},
        Stage.signed: {"signed_sha256": stored.sha256},
    }
    way = [Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored]
    for one, to in zip(way, [*way[1:], Stage.published], strict=True):
        ledger.advance(document.id, one, to, actor="bench", **told.get(to, {}))  # type: ignore[arg-type]
    ledger.record_object(
        stored,
        kind=ObjectKind.signed,
        dossier_id=document.dossier_id,
        document_id=document.id,
        actor="bench",
    )
    codes_of(ledger, DEFAULT_CODING, [document])
    ledger.doc_codes.note_read(document.id, {"type_name": "Quyết định"})
    return key
