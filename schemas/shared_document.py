"""A document of the shared store under the names of official letter 7197/BKHCN-CĐSQG.

Lengths the letter leaves open are those of circular 02/2019/TT-BNV, whose names it takes over.
"""

from datetime import date, datetime

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_pascal

from schemas.page import Frozen

PASCAL = ConfigDict(frozen=True, extra="forbid", alias_generator=to_pascal, populate_by_name=True)
DOC_CODE = r"^[A-Z][0-9]{2}(\.[0-9]{2}){0,3}_[A-Z0-9]{1,5}_[0-9]{6,8}_V[1-9][0-9]?$"


class Description(Frozen):
    """What a document is, as people find it: what was read, or what a person says instead.

    What is not said is null.
    """

    model_config = PASCAL

    type_name: str | None = Field(None, max_length=100, description="kind: Quyết định")
    code_number: str | None = Field(None, max_length=11, description="number: 21")
    code_notation: str | None = Field(None, max_length=30, description="symbol: QĐ-UBND")
    issued_date: date | None = Field(None, description="the day that stands on it")
    organ_name: str | None = Field(None, max_length=200, description="who issued it")
    subject: str | None = Field(None, max_length=500, description="what it is about")
    language: str | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=500)
    infor_sign: str | None = Field(None, max_length=30, description="mark of the information")
    keyword: str | None = Field(None, max_length=100)
    mode: str | None = Field(None, max_length=20, description="how it may be used")
    confidence_level: str | None = Field(
        None, max_length=30, description="Gốc điện tử, Số hóa, or Hỗn hợp"
    )

    def over(self, other: "Description") -> "Description":
        """This one, and where it says nothing the other."""
        said = self.model_dump(exclude_none=True)
        return other.model_copy(update=said)

    def said(self) -> dict[str, str]:
        """What it says, as a ledger keeps it."""
        return {name: str(value) for name, value in self.model_dump(exclude_none=True).items()}


class SharedDocument(Description):
    """A published document: its metadata, and where it stands."""

    doc_code: str = Field(max_length=30, description="of the newest version, or of the asked one")
    page_amount: int | None = None
    format: str = Field(max_length=50, description="of the file: PDF/A-2b")
    dossier: str
    department: str
    number: int = Field(description="within the dossier")
    published_at: datetime
    withdrawn: bool = Field(False, description="it counts no longer; the files stay")
    superseded_by: str | None = Field(None, description="DocCode of what takes its place")


class FileVersion(Frozen):
    """One version of a document's file."""

    model_config = PASCAL

    doc_code: str
    file_name: str = Field(description="CODE_YYYYMMDD_DESC.EXT")
    media_type: str
    sha256: str
    bytes: int


class SharedDocumentView(SharedDocument):
    """A published document with the versions of its file, the oldest first."""

    versions: tuple[FileVersion, ...] = ()


class SharedDocumentPage(Frozen):
    """A page of published documents, the last published first."""

    model_config = PASCAL

    documents: tuple[SharedDocument, ...]
    next: str | None = Field(None, description="to be sent as `after` for the page that follows")


class LinkView(Frozen):
    """A link that opens one file for some minutes, to whoever has it."""

    model_config = PASCAL

    link: str = Field(description="path below the desk's address")
    doc_code: str
    ends_at: datetime
