"""The settings in force as people see them: secrets masked."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from sohoa.settings import Settings


def describe(settings: Settings) -> dict[str, Any]:
    """The settings as plain JSON values for ``sohoa config show``; secrets are masked."""
    shown: dict[str, Any] = settings.model_dump(mode="json")
    shown["database_url"] = _without_password(settings.database_url.get_secret_value())
    shown["store"] = {
        **shown["store"],
        "access_key": _masked(settings.store.access_key),
        "secret_key": _masked(settings.store.secret_key),
    }
    if settings.prefect_api_url is not None:
        shown["prefect_api_url"] = _without_password(settings.prefect_api_url)
    return shown


def flat(settings: Settings) -> Iterator[tuple[str, Any]]:
    """``describe`` as ``(dotted name, value)`` pairs, for a table."""
    return _flat("", describe(settings))


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _masked(secret: SecretStr | None) -> str | None:
    return None if secret is None else "********"


def _without_password(url: str) -> str:
    """``scheme://********@host/path``; a query may carry a password too, so it goes."""
    scheme = url.partition("://")[0]
    try:
        parts = urlsplit(url)
        ambiguous = url.count("@") != parts.netloc.count("@")
    except ValueError:
        ambiguous = True
    if ambiguous:  # not escaped: who knows where the password ends
        return f"{scheme}://********"
    _userinfo, at, host = parts.netloc.rpartition("@")
    return f"{scheme}://{'********@' if at else ''}{host}{parts.path}"
