"""What pages show of what is to be scanned again.

Reasons are people's words: they are left out of ``repr``.
"""

from pydantic import Field

from schemas.page import Frozen
from schemas.views import Moment


class RescanView(Frozen):
    """A page, or a document, that is to be scanned again."""

    code: str
    department: str
    dossier: str
    number: int
    page: int | None = Field(description="None: the whole document")
    reason: str = Field(repr=False)
    asked_by: str
    asked_at: Moment
    open: bool
    reading: bool = Field(description="the document is just being read; nothing is accepted yet")
    accepted: bool
    picture: str | None = Field(description="SHA-256 of the scan that has arrived")
    picture_by: str | None = Field(description="None: a telephone")
    picture_at: Moment | None
    link_until: Moment | None = Field(description="so long the address for a telephone opens")

    @property
    def mark(self) -> str:
        """Changes whenever what a page shows of it does."""
        return f"{self.open} {self.reading} {self.picture} {self.picture_at}"


class RescansNow(Frozen):
    """How much is to be scanned again; another ``mark`` says that something of it changed."""

    count: int
    mark: str


class LinkView(Frozen):
    """A one-time address for a telephone."""

    address: str = Field(repr=False)
    svg: str = Field(repr=False, description="the address as a QR code")
    until: Moment


class PhoneView(Frozen):
    """What a telephone that nobody has signed in with is shown: nothing that names a person."""

    code: str
    page: int | None
    arrived: bool
    until: Moment


class SentOn(Frozen):
    """What became of a document: where the work goes on."""

    department: str
    dossier: str
    number: int
