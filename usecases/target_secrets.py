"""The secrets by which news are signed: one file each, mode 600, on every host that sends.

The ledger has none of them. A host that has no secret of a system leaves its news to others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from schemas.account import folded
from schemas.durable import write_durably
from schemas.errors import ConfigurationError
from usecases.news_signing import secret_key


@dataclass(frozen=True)
class TargetSecrets:
    """Where they are.

    Attributes:
        folder: of the files, mode 700.
        given: by the settings, by name; these count before files.
    """

    folder: Path
    given: Mapping[str, SecretStr] = field(default_factory=dict)

    def of(self, name: str) -> bytes | None:
        """The key of the system of this name; None where this host has none.

        Raises:
            ConfigurationError: ``delivering.bad_secret``, it cannot be read, is none, or others
                may read its file.
        """
        for known, secret in self.given.items():
            if folded(known) == folded(name):
                return secret_key(secret.get_secret_value())
        path = self._path(name)
        try:
            if path.stat().st_mode & 0o077:
                raise ConfigurationError("delivering.bad_secret", name=name)
            return secret_key(path.read_text("ascii").strip())
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError("delivering.bad_secret", name=name) from None
        except ValueError:
            raise ConfigurationError("delivering.bad_secret", name=name) from None

    def keep(self, name: str, secret: str) -> None:
        """Keep the secret of a system in a file.

        Raises:
            ConfigurationError: ``delivering.secret_not_kept``.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._path(name), f"{secret}\n".encode("ascii"), 0o600)
        except OSError as wrong:
            raise ConfigurationError("delivering.secret_not_kept") from wrong

    def _path(self, name: str) -> Path:
        return self.folder / f"{folded(name)}.secret"
