"""Many files signed with one approval (*đợt ký*): what was approved, what became of each file."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.page import Frozen


class ItemEnd(StrEnum):
    """What became of a file."""

    waiting = "waiting"
    """It is not signed yet: its turn has not come, or a service is away."""
    signed = "signed"
    refused = "refused"


class NewBatchItem(Frozen):
    """One file of a batch, as it was approved."""

    source: str = Field(repr=False, description="absolute path")
    sha256: str
    out: str = Field(repr=False, description="name of the signed file in the batch's folder")


class BatchItem(NewBatchItem):
    """One file of a batch, and what became of it."""

    number: int = Field(ge=1, description="its place in the batch")
    end: ItemEnd = ItemEnd.waiting
    signed_sha256: str | None = None
    adopted: bool = Field(False, description="the signed file was left whole by an earlier run")
    error: str | None = Field(None, description="code of the sentence that says why not")
    attempts: int = 0


class NewBatch(Frozen):
    """What one person approved at one moment."""

    key: str = Field(min_length=1, max_length=40, description="unique; stands in every signature")
    folder: str = Field(repr=False, description="where the signed files go")
    approved_by: str = Field(repr=False)
    approved_at: datetime
    profile: str = Field(description="name of the signing profile")
    role: str = Field(description="which of the office's keys: a ``SignerRole``")
    number: str | None = Field(None, repr=False, description="the documents' own number")


class ApprovedBatch(NewBatch):
    """What was approved, file by file."""

    items: tuple[NewBatchItem, ...]


class Batch(NewBatch):
    """A batch, as it stands."""

    items: tuple[BatchItem, ...]

    def count(self, end: ItemEnd) -> int:
        """How many files came out so."""
        return sum(one.end is end for one in self.items)


class BatchSummary(NewBatch):
    """A batch as a line of a list."""

    signed: int
    waiting: int
    refused: int


class BatchPage(Frozen):
    """Some batches, the newest first, and where the next ones begin."""

    batches: tuple[BatchSummary, ...]
    next: int | None = Field(description="for the page after this; None where there is none")
