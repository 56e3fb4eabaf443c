"""Verifying any PDF from anywhere: always a verdict, never an exception."""

from datetime import datetime
from pathlib import Path

from schemas.messages import Language
from schemas.verdict import FileVerdict
from signing.trust import Trust


def verify(
    path: Path, trust: Trust, *, language: Language = "vi", at: datetime | None = None
) -> FileVerdict:
    """The verdict on the file at ``path``. Never fetches anything from the network.

    ``signatures`` lists the signatures in order of signing; document time stamps show as the
    level (B-LTA) of the signatures they protect.
    """
    raise NotImplementedError
