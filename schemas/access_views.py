"""Who saw what: lines of the access log as the owner of a dossier sees them."""

from datetime import datetime

from pydantic import Field

from schemas.page import Frozen


class AccessView(Frozen):
    """That somebody saw or took something of a dossier, once or several times in a row."""

    at: datetime = Field(description="the last time")
    first_at: datetime
    who: str = Field(description="the account's name, or the system's")
    kind: str = Field(description="identity_seen, signed_taken, evidence_taken, ...")
    number: int | None = Field(description="of the document in its dossier")
    page: int | None = Field(description="of the document")
    zone: bool = Field(description="a part of the page alone")
    departments: tuple[str, ...] = Field(
        (), description="the reader's, where they are not of the one whose papers these are"
    )
    purpose: str | None = Field(None, repr=False, description="what for, in the reader's words")
    count: int = Field(1, ge=1)


class PagesView(Frozen):
    """The pages of a document, to be looked at."""

    pdf: str = Field(description="hash of the PDF that they are drawn of")
    count: int
    sensitive: bool = Field(description="each view is written down")
    hidden: bool = Field(description="who asks may not see them")
