"""What is told of documents that count, or count no longer; anybody is told nobody's name."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.dossier import Role
from schemas.page import Frozen


class Standing(StrEnum):
    """Whether a document counts."""

    valid = "valid"
    withdrawn = "withdrawn"
    superseded = "superseded"
    """Withdrawn, and another one took its place."""


class Likeness(StrEnum):
    """How a file compares with the signed one."""

    identical = "identical"
    different = "different"


class Successor(Frozen):
    """The document that took another one's place."""

    type_name: str | None
    signed_at: datetime | None


class CheckedDocument(Frozen):
    """What a public code says."""

    standing: Standing
    issuer: str = Field(description="the office, as its copy signatures name it")
    department: str
    role: Role
    type_name: str | None = Field(description="what the type is called; None: of no known type")
    signed_at: datetime | None
    pages: int | None
    signer_title: str | None = Field(description="of who signed the paper; None: the seal alone")
    withdrawn_at: datetime | None
    successor: Successor | None


class CheckedFile(Frozen):
    """What became of comparing a file."""

    likeness: Likeness
    document: CheckedDocument


class CheckedPaper(Frozen):
    """A document whose pages may be seen for some minutes."""

    document_id: int
    pages: int
    document: CheckedDocument


class NoLonger(Frozen):
    """A document of a dossier that counts no longer, to those whose dossier it is."""

    number: int
    withdrawn_at: datetime
    superseded_by: str | None = Field(description="as ``H17-261123-0001/result-002``")
    reason: str | None = Field(repr=False, description="in a person's words")
