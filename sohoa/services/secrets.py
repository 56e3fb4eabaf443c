"""The secrets Sohoa makes for its own services: one file each, mode 600 in a folder of mode 700."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from schemas.errors import ConfigurationError
from schemas.page import Frozen
from sohoa.services.files import create_private
from storage.weed import S3Identity, WeedSecrets

FOLDER = "secrets"
_NAMES = (
    "s3_access_key",
    "s3_secret_key",
    "jwt_volume_write",
    "jwt_volume_read",
    "jwt_filer_write",
    "jwt_filer_read",
)


class Secrets(Frozen):
    """Keys of the embedded object store: S3 credentials, and what its parts sign calls with."""

    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    jwt_volume_write: SecretStr
    jwt_volume_read: SecretStr
    jwt_filer_write: SecretStr
    jwt_filer_read: SecretStr

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
        raise ConfigurationError(
            "service.secrets_unusable", path=str(folder), problem=os.strerror(wrong.errno or 0)
        ) from wrong


def _ensure(path: Path) -> SecretStr:
    if not path.exists():
        length = 10 if path.name.endswith("access_key") else 32
        create_private(path, secrets.token_hex(length) + "\n")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    value = path.read_text("ascii").strip()
    if not value:
        raise ConfigurationError("service.secrets_unusable", path=str(path), problem="empty file")
    return SecretStr(value)
