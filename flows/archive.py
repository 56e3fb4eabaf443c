"""Keeping signatures provable: archive time stamps of files renewed before they run out."""

from pathlib import Path

from schemas.errors import ServiceUnavailable, SohoaError
from signing import Signer
from signing.making.renewal import Renewal, Renewed


def renew(path: Path, signer: Signer, *, days: int = 365) -> Renewed:
    """Renew the archive time stamp of one file; whatever goes wrong is an outcome.

    Args:
        path: a signed PDF; it is replaced as a whole or not at all.
        signer: whose time-stamp authority.
        days: how near the end of the last time stamp's certificate must be.
    """
    try:
        return signer.renew(path, days=days)
    except (ServiceUnavailable, OSError) as exc:
        code = exc.code if isinstance(exc, SohoaError) else "flow.no_room"
        return Renewed(outcome=Renewal.waiting, error=code)
    except SohoaError as exc:
        return Renewed(outcome=Renewal.refused, error=exc.code)


__all__ = ["Renewal", "Renewed", "renew"]
