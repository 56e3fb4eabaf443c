"""What people said of a document's pages before it was read again: turned, scanned anew, its type.

Nothing of this touches a file as it came. Pages are those of the scan, so that the documents that
a scan is split into inherit what was said of their pages.
"""

from pydantic import Field

from schemas.page import Frozen


class NewPage(Frozen):
    """A page that was scanned again."""

    document: int = Field(description="id of the document that keeps the new scan as it came")
    sha256: str = Field(description="of that scan")


class Changes(Frozen):
    """What holds when the document is read."""

    document_type: str | None = Field(None, description="what it is, as a person says")
    turned: dict[int, int] = Field(
        default_factory=dict,
        description="page of the scan → degrees clockwise that set it upright, as a person says",
    )
    pages: dict[int, NewPage] = Field(
        default_factory=dict, description="page of the scan → what is read in its place"
    )

    def turn(self, page: int, degrees: int) -> "Changes":
        """These, with a page that stands upright when it is turned by ``degrees``."""
        return self.model_copy(update={"turned": {**self.turned, page: degrees % 360}})

    def replace(self, page: int, by: NewPage) -> "Changes":
        """These, with a page that was scanned again; how the old one lay says nothing of it."""
        turned = {number: by for number, by in self.turned.items() if number != page}
        return self.model_copy(update={"turned": turned, "pages": {**self.pages, page: by}})

    def as_kind(self, document_type: str) -> "Changes":
        """These, of a document of this type."""
        return self.model_copy(update={"document_type": document_type})

    @property
    def of_pages(self) -> bool:
        """Whether pages look otherwise than in the scan."""
        return bool(self.turned or self.pages)

    def inherited(self) -> "Changes | None":
        """What holds for the documents that the pages are parted into; None where nothing does."""
        kept = self.model_copy(update={"document_type": None})
        return kept if kept.of_pages else None


NO_CHANGES = Changes()
