"""Passwords and PINs: from a file only its owner can read, or asked of a person.

Never from an argument (process lists show those), never in a log, never in an error.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from schemas.errors import ConfigurationError

Ask = Callable[[str], str]
"""Asks a person for the secret of what is named (``leader``), without showing what is typed."""

_LONGEST = 4096


def read_secret(path: Path) -> str:
    """The first line of a file of mode 600 or less.

    Raises:
        ConfigurationError: it is missing, or others than its owner may read it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise ConfigurationError("signing.secret_missing")
            if info.st_mode & 0o077 or info.st_uid not in {os.geteuid(), 0}:
                raise ConfigurationError("signing.secret_open")
            content = stream.read(_LONGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError("signing.secret_missing") from exc
    secret = content.splitlines()[0] if content else ""
    if not secret:
        raise ConfigurationError("signing.secret_missing")
    return secret


def secret_of(role: str, path: Path | None, ask: Ask | None) -> str:
    """The secret of ``role``: from its file, or of a person where there is one to ask.

    Raises:
        ConfigurationError: neither is to be had.
    """
    if path is not None:
        return read_secret(path)
    if ask is None:
        raise ConfigurationError("signing.secret_needed", role=role)
    return ask(role)
