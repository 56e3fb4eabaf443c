"""What a file's embedded signatures say of its fields: who signed, and when first."""

from collections.abc import Sequence
from datetime import date, timedelta, timezone
from typing import NamedTuple

from schemas.validators import folded
from schemas.verdict import SignatureReport

VIETNAM = timezone(timedelta(hours=7))
"""Days of issue are those of Vietnam; signing times come in any zone."""


class Signed(NamedTuple):
    """What intact signatures say; a signature that is broken says nothing."""

    names: tuple[str, ...] = ()
    """Common names of the certificates, in the order of the signatures."""
    first: date | None = None
    """The day of the earliest signature, in Vietnam."""

    @classmethod
    def of(cls, signatures: Sequence[SignatureReport]) -> "Signed":
        """What is known from a file's verification."""
        whole = [signature for signature in signatures if signature.intact]
        names = tuple(folded(s.signer) for s in whole if s.signer)
        days = [s.time.astimezone(VIETNAM).date() for s in whole if s.time is not None]
        return cls(names, min(days, default=None))
