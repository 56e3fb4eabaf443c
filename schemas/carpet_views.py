"""What the page of sheets shows, and what it sends back: one frozen model for each thing.

Values of fields are personal data: they are left out of ``repr``.
"""

from pydantic import Field

from schemas.page import Frozen
from schemas.views import Moment

A_WORD = 260.0
"""Points: a wider zone is a line of writing."""


class ZoneKind(Frozen):
    """Doubtful zones that may be looked at together."""

    key: str
    name: str = Field(description="what people call such values")
    zones: int = Field(description="that nobody looks at now, of the documents that wait first")


class CarpetView(Frozen):
    """What may be looked at by sheets, and the sheet that one has before oneself."""

    kinds: tuple[ZoneKind, ...] = Field(description="most zones first")
    present: str | None = Field(description="key of the sheet that is open")
    last: str | None = Field(description="key of the sheet that may be undone")


class SheetZoneView(Frozen):
    """A zone on a sheet: a picture, and the value that is said to stand there."""

    number: int
    label: str = Field(description="how people call the field")
    text: str = Field(repr=False, description="as people write it")
    width: float = Field(description="of its picture, points")
    height: float


class SheetView(Frozen):
    """A sheet; which of its zones are planted is said nowhere."""

    key: str
    kind: str
    name: str
    zones: tuple[SheetZoneView, ...]
    until: Moment = Field(description="nobody else gets these zones before")
    last: str | None = Field(description="key of the sheet before, which may be undone")

    @property
    def wide(self) -> bool:
        """Whether its pictures are lines rather than words."""
        return any(one.width > A_WORD for one in self.zones)


class SheetDone(Frozen):
    """What came of a sheet; what is said of planted values is for this person alone."""

    accepted: int = Field(description="fields decided by it: what was read stands there")
    left: int = Field(description="marked as wrong: they wait for their document's review")
    refused: int = Field(description="others had decided meanwhile; nothing was overwritten")
    planted: int = Field(description="values that were known to be wrong")
    found: int = Field(description="of these")
    waiting: int = Field(description="zones of this kind that are left")


class SheetUndone(Frozen):
    """A sheet was undone."""

    decisions: int = Field(description="that stand no longer")


class SaidSheet(Frozen):
    """What a person says of a sheet."""

    wrong: tuple[int, ...] = Field((), max_length=100, description="numbers of zones")
