"""What may be done to a document under review as a whole."""

from pydantic import Field

from schemas.desk_views import Choice
from schemas.page import Frozen
from schemas.rescan_views import RescanView


class ChangeView(Frozen):
    """A document under review, and what a person may do to it as a whole."""

    department: str
    dossier: str
    number: int
    type_id: str | None
    type_name: str | None
    types: tuple[Choice, ...]
    manifest_sha256: str
    pdf: str = Field(description="how the hash of its PDF/A begins")
    pages: tuple[int, ...]
    proposed: str = Field(description="the documents it seems to hold, as ``1-2,3``; empty: one")
    signed: bool = Field(description="its file is signed: its pages stay together as they are")
    rescans: tuple[RescanView, ...]
