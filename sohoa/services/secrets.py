"""The secrets Sohoa makes for its own services: one file each, mode 600 in a folder of mode 700."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from schemas.errors import ConfigurationError
from schemas.page import Frozen
from sohoa.services.files import create_private
from storage.seaweedfs import S3Identity, WeedSecrets
from storage.seaweedfs_tls import AUTHORITY, WeedCertificate, ensure_certificate

FOLDER = "secrets"
PREFECT_USER = "sohoa"
_NAMES = (
    "s3_access_key",
    "s3_secret_key",
    "jwt_volume_write",
    "jwt_volume_read",
    "jwt_filer_write",
    "jwt_filer_read",
    "prefect_auth",
)


class Secrets(Frozen):
    """Keys of the embedded services.

    S3 credentials, what the store's parts sign calls with, and ``user:password`` of Prefect's page
    and API.
    """

    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    jwt_volume_write: SecretStr
    jwt_volume_read: SecretStr
    jwt_filer_write: SecretStr
    jwt_filer_read: SecretStr
    prefect_auth: SecretStr

    def between_parts(self) -> WeedSecrets:
        """Keys by which the store's own parts trust each other."""
        return WeedSecrets(
            filer_write=self.jwt_filer_write,
            filer_read=self.jwt_filer_read,
            volume_write=self.jwt_volume_write,
            volume_read=self.jwt_volume_read,
        )

    def administrator(self) -> S3Identity:
        """Sohoa's own identity in the store."""
        return S3Identity(
            name="sohoa",
            access_key=self.s3_access_key.get_secret_value(),
            secret_key=self.s3_secret_key,
        )


def ensure_secrets(data: Path) -> Secrets:
    """The secrets in ``<data>/secrets``, made where one is missing. Safe to call at once.

    Raises:
        ConfigurationError: the folder cannot be made, read or written, or a file is empty.
    """
    folder = data / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return Secrets(**{name: _ensure(folder / name) for name in _NAMES})
    except OSError as wrong:
        raise _unusable(folder, wrong) from wrong


def _ensure(path: Path) -> SecretStr:
    if not path.exists():
        create_private(path, _made(path.name) + "\n")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    value = path.read_text("ascii").strip()
    if not value:
        raise ConfigurationError("service.secrets_unusable", path=str(path), problem="empty file")
    return SecretStr(value)


def _made(name: str) -> str:
    """A new secret; SeaweedFS wants 16 bytes or more for its signing keys."""
    if name == "s3_access_key":
        return secrets.token_hex(10)
    if name == "prefect_auth":
        return f"{PREFECT_USER}:{secrets.token_hex(16)}"
    return secrets.token_hex(32)


def ensure_store_certificate(data: Path) -> WeedCertificate:
    """The certificate of the embedded store in ``<data>/secrets``, made or renewed where needed.

    To be called before the store starts.

    Raises:
        ConfigurationError: the folder cannot be made, read or written.
    """
    ensure_secrets(data)
    try:
        return ensure_certificate(data / FOLDER)
    except OSError as wrong:
        raise _unusable(data / FOLDER, wrong) from wrong


def store_authority(data: Path) -> Path:
    """Whom a client of the embedded store trusts."""
    return data / FOLDER / AUTHORITY


def prefect_auth_file(data: Path) -> Path:
    """What an operator types into Prefect's page: the content of this file."""
    return data / FOLDER / "prefect_auth"


def _unusable(folder: Path, wrong: OSError) -> ConfigurationError:
    return ConfigurationError(
        "service.secrets_unusable", path=str(folder), problem=os.strerror(wrong.errno or 0)
    )
