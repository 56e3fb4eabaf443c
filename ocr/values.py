"""What the reading room hands out besides :mod:`schemas.page`."""

from enum import StrEnum

from schemas.manifest import Source
from schemas.page import Box, Frozen, Shown


class FileKind(StrEnum):
    """The kinds of files that are read, told by their content."""

    pdf = "pdf"
    jpeg = "jpeg"
    png = "png"
    tiff = "tiff"
    heic = "heic"
    webp = "webp"
    avif = "avif"
    jp2 = "jp2"

    @property
    def media_type(self) -> str:
        """The registered media type."""
        return "application/pdf" if self is FileKind.pdf else f"image/{self.value}"


class Inspection(Frozen):
    """What is known of a file before its pages are read."""

    source: Source
    kind: FileKind
    pages: int
    signed: bool
    """A PDF with at least one signature field that has a value (``/V``)."""


class Annotation(Frozen):
    """The text that the appearance of an annotation shows, mostly a digital signature's stamp."""

    page: int
    box: Box
    """Points of the upright page as a viewer shows it (``/Rotate`` applied, nothing else)."""
    page_size: tuple[float, float] | None = None
    """Width and height of that page in points; None: as its reading has it."""
    text: str
    """NFC, lines parted by newlines, as drawn; never empty."""


class Composed(Frozen):
    """What became of the pages in the PDF/A."""

    shown: tuple[Shown, ...]
    """One for each page, in order."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of sentences about pages that are not shown as they came."""
        codes = {
            Shown.drawn: "reading.pages_drawn",
            Shown.recompressed: "reading.pages_recompressed",
            Shown.layered: "reading.pages_layered",
            Shown.missing: "reading.pages_missing",
        }
        return tuple(code for shown, code in codes.items() if shown in self.shown)
