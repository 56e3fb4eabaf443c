"""Whom connections to outside services trust."""

import ssl
from pathlib import Path

from schemas.errors import ConfigurationError


def trusting(ca_file: Path | None) -> ssl.SSLContext | bool:
    """The TLS settings for a service: public authorities, or the one in ``ca_file`` alone.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as exc:
        raise ConfigurationError("signing.anchor_unreadable") from exc
