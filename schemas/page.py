"""Pages and words as they pass between the steps of reading.

Every length is in PDF points (1/72 inch) of the *upright visible page*: origin at the top left,
x to the right, y down, the page turned as a reader sees it. Pixels appear only where named so.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)`` in points of the upright visible page, ``x0 <= x1`` and ``y0 <= y1``."""

Confidence = Annotated[float, Field(ge=0.0, le=1.0)]


class Frozen(BaseModel):
    """A value passed between steps: immutable, and strict about names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PHOTOGRAPH = "reading.photograph"
"""The warning that a page came as a photograph: it was laid flat, and is shown so."""


class PageKind(StrEnum):
    """Where the words of a page come from."""

    scan = "scan"
    digital = "digital"
    mixed = "mixed"


class Shown(StrEnum):
    """What the PDF/A shows of a page."""

    kept = "kept"
    """What came in, unchanged."""
    drawn = "drawn"
    """A picture drawn of the page, which could not be kept as it was."""
    straightened = "straightened"
    """The sheet that a photograph shows, upright, flat and evenly lit."""
    recompressed = "recompressed"
    """The scan in another compression, with a little loss: its own is not one PDF knows."""
    layered = "layered"
    """A small picture in layers, by ``--compact``: text in 1 bit over a coarser background."""
    missing = "missing"
    """Nothing but a note: the page can neither be kept nor drawn."""


class Blankness(StrEnum):
    """Why a page counts as blank."""

    empty = "empty"
    """Certainly nothing stands on it. Only such a page parts documents, or is left out of them."""
    dirt = "dirt"
    """Nothing but traces of the scanner and of punches."""
    back = "back"
    """What stands on the other side of the sheet shines through: it was compared."""
    faint = "faint"
    """Pale or red marks that could not be read and may be writing: a person must look."""


class Word(Frozen):
    """One word as read: NFC text, where it stands, how sure the reader was."""

    text: str
    box: Box
    confidence: Confidence
    line: int = Field(ge=0, description="index of the text line on the page, in reading order")
    raw: str | None = Field(None, description="what was read, where ``text`` is a correction")


class PageReading(Frozen):
    """What was read on one page."""

    number: int = Field(ge=1, description="page in the source file, counted from 1")
    width: float = Field(gt=0, description="points, upright")
    height: float = Field(gt=0, description="points, upright")
    dpi: float = Field(ge=0, description="of the scanned image; 0 for born-digital pages")
    rotation: int = Field(description="degrees clockwise the page was turned to stand upright")
    skew: float = Field(description="degrees, positive where lines fall to the right")
    blank: bool
    kind: PageKind
    words: tuple[Word, ...]
    confidence: Confidence = Field(description="mean of the words; 0 without words")
    warnings: tuple[str, ...] = ()
    blankness: Blankness | None = Field(None, description="why it is blank; None where it is not")
    halves: tuple[Box, ...] = Field(
        (), description="the pages that lie side by side on this sheet, in reading order; or none"
    )
    problem: str | None = Field(
        None, description="code of the reason why the page was not read: it has no words then"
    )

    @property
    def photographed(self) -> bool:
        """Whether it came as a photograph, and is now the sheet that this shows, laid flat."""
        return PHOTOGRAPH in self.warnings

    @property
    def size_as_stored(self) -> tuple[float, float]:
        """Width and height in points before the page was turned to stand upright."""
        return (self.height, self.width) if self.rotation % 180 else (self.width, self.height)
