"""A real object store for the tests: SeaweedFS, as it is embedded."""

import os
import secrets
import socket
import subprocess
from pathlib import Path

from pydantic import SecretStr

from storage import StoreOptions
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


class RunningStore:
    """A ``weed mini`` of our own on free ports of the loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.ports = WeedPorts.of(_free_ports(8))
        self.administrator = S3Identity(
            name="sohoa",
            access_key=secrets.token_hex(8),
            secret_key=SecretStr(secrets.token_hex(20)),
        )
        self.department = S3Identity(
            name="mot-cua",
            access_key=secrets.token_hex(8),
            secret_key=SecretStr(secrets.token_hex(20)),
            actions=("Read:results/mot-cua/*", "List:results/mot-cua/*"),
        )
        write_s3_config(folder / "s3.json", [self.administrator, self.department])
        self.certificate = ensure_certificate(folder)
        write_security(folder / SECURITY, self.certificate)
        self.environment = weed_environment(
            WeedSecrets(
                filer_write=SecretStr(secrets.token_hex(16)),
                filer_read=SecretStr(secrets.token_hex(16)),
                volume_write=SecretStr(secrets.token_hex(16)),
                volume_read=SecretStr(secrets.token_hex(16)),
            )
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                weed_command(
                    find_weed(),
                    self.data,
                    self.ports,
                    self.folder / "s3.json",
                    self.certificate,
                ),
                env={**os.environ, **self.environment},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def options(self, identity: S3Identity | None = None, **changes: object) -> StoreOptions:
        who = identity or self.administrator
        return StoreOptions(
            **{
                "endpoint": f"127.0.0.1:{self.ports.s3}",
                "access_key": who.access_key,
                "secret_key": who.secret_key,
                "ca_file": self.certificate.authority,
                "data_dir": self.data,
                **changes,
            }
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
