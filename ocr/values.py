"""What the reading room hands out besides :mod:`schemas.page`."""

from enum import StrEnum

from pydantic import Field as Describe

from schemas.manifest import PAGES_DIFFER, Source
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


class FormKind(StrEnum):
    """What an XFA form is, of whose pages the PDF may show nothing but a placeholder."""

    dynamic = "dynamic"
    """Its pages are made by the viewer; those of the file say "please wait"."""
    static = "static"
    """It has pages of its own."""
    unsure = "unsure"
    """It may be either."""


class Holding(Frozen):
    """What a PDF holds besides its pages."""

    portfolio: bool = False
    """It has a ``/Collection``: viewers show the files in it, not its pages."""
    files: int = 0
    """Files embedded in it, each once."""
    form: FormKind | None = None


class AttachedKind(StrEnum):
    """What a file inside a PDF is."""

    paper = "paper"
    """Something that is read: it was taken out."""
    data = "data"
    """XML or JSON beside the paper."""
    left = "left"
    """Something else, or damaged, or over a limit: it was left inside."""


class AttachedFile(Frozen):
    """One file inside a PDF. ``name``, ``sha256`` and ``bytes`` where it was taken out."""

    kind: AttachedKind
    name: str = Describe("", repr=False)
    sha256: str = ""
    bytes: int = 0


class Inspection(Frozen):
    """What is known of a file before its pages are read."""

    source: Source
    kind: FileKind
    pages: int
    signed: bool
    """A PDF with at least one signature field that has a value (``/V``)."""
    holding: Holding = Holding()


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
    differing: tuple[int, ...] = ()
    """Numbers of the pages that do not look as in the source, or were not compared with it."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of sentences about pages that are not shown as they came."""
        codes = {
            Shown.drawn: "reading.pages_drawn",
            Shown.recompressed: "reading.pages_recompressed",
            Shown.layered: "reading.pages_layered",
            Shown.missing: "reading.pages_missing",
        }
        differing = (PAGES_DIFFER,) if self.differing else ()
        return (*(code for shown, code in codes.items() if shown in self.shown), *differing)
