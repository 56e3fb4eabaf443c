"""What an office's line reader learned, as its files keep it and people see it; what is allowed."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.page import Frozen


class LearningOptions(Frozen):
    """Whether and how the line reader learns from what people decided."""

    collect: bool = Field(
        False, description="keep pictures and texts of values that people confirmed or typed"
    )
    keep_days: int = Field(
        90, ge=1, le=3650, description="lines are removed so many days after they were kept"
    )
    nightly: bool = Field(False, description="learn every night from the lines that are kept")


class Errors(Frozen):
    """How lines were read that nothing was fitted on."""

    lines: int = Field(ge=0)
    characters: float = Field(ge=0, description="character error, 0 to 1 and more")
    exact: float = Field(ge=0, le=1, description="share of lines without any error")


class Card(Frozen):
    """What an adapter was taught with, and what that changed."""

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    model: str = Field(description="SHA-256 of the line model it stands behind")
    narrowing: float = Field(gt=0.3, lt=3, description="lines are set so much narrower or wider")
    made_at: datetime
    lines: int = Field(ge=0, description="taught with")
    sources: dict[str, int] = Field({}, description="of these, by where they come from")
    before: Errors | None = Field(None, description="lines held back, as read without it")
    after: Errors | None = Field(None, description="the same lines, read with it")
    begun_from: str | None = Field(None, description="the adapter whose weights it began with")
    seconds: float = Field(0.0, ge=0, description="of processor that it took")
    data: str = Field("", description="a sentence for people: what lines, under what licence")


class Accepted(Frozen):
    """What became of values read from lines that were held back."""

    values: int = Field(ge=0)
    accepted: int = Field(ge=0, description="without a person")
    wrong: int = Field(ge=0, description="of these, other than what is written")


class Learned(Frozen):
    """What came of a lesson, and whether it was taken."""

    card: Card
    before: Accepted
    after: Accepted
    taken: bool
    at: datetime


class SheetsAdded(Frozen):
    """What came of scans of sheets that people wrote."""

    kept: int = Field(description="lines that were not kept before")
    sheets: int = Field(description="pages that were read")
    unread: int = Field(description="pages that are no sheet of this office, or hide their codes")


class LearningState(Frozen):
    """How it stands with what is kept and learned."""

    lines: dict[str, int] = Field(description="kept, by where they come from")
    oldest: datetime | None
    keep_days: int
    collecting: bool
    in_use: tuple[str, ...] = Field(description="adapters of the office that count")
    adapters: tuple[Card, ...] = Field(description="all that are kept, oldest first")
    last: Learned | None
