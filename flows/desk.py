"""The desk of a document: its outputs until they are stored, complete files only."""

import json
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.files import fingerprint
from ocr import PackedPages, pack
from schemas.errors import Conflict
from schemas.manifest import Manifest
from schemas.page import PageReading
from storage import Document


@dataclass(frozen=True)
class Desk:
    """The outputs of one document: complete files only, each renamed into place."""

    folder: Path

    @property
    def pdf(self) -> Path:
        """The searchable PDF/A, unsigned."""
        return self.folder / "document.pdf"

    @property
    def signed(self) -> Path:
        """The signed PDF/A."""
        return self.folder / "signed.pdf"

    @property
    def manifest(self) -> Path:
        """The manifest as it was read."""
        return self.folder / "manifest.json"

    @property
    def reading(self) -> Path:
        """How many pages have been read, while they are."""
        return self.folder / "reading.json"

    def note(self, done: int, total: int) -> None:
        """Write how many pages have been read; not durably, nothing depends on it."""
        temporary = self.reading.with_suffix(".part")
        with suppress(OSError):
            temporary.write_text(json.dumps([done, total]), encoding="ascii")
            temporary.replace(self.reading)

    def noted(self) -> tuple[int, int] | None:
        """Pages read and pages in all, as last noted."""
        try:
            done, total = json.loads(self.reading.read_text("ascii"))
            return int(done), int(total)
        except (OSError, ValueError, TypeError):
            return None

    @property
    def pages(self) -> Path:
        """The pages as read, of a scan that holds several documents."""
        return self.folder / "pages.bin"

    def cut(self, ending: str) -> Path:
        """The pages of a scan that are this document, as a file while it is read."""
        return self.folder / f"cut{ending}"

    def keep_pages(self, pages: Sequence[PageReading]) -> None:
        """Keep what was read, so that nobody need read it again; not durably."""
        temporary = self.pages.with_suffix(".part")
        with suppress(OSError):
            with temporary.open("wb") as out:
                for packed in map(pack, pages):
                    out.write(len(packed).to_bytes(4) + packed)
            temporary.replace(self.pages)

    def kept_pages(self, numbers: Sequence[int] = ()) -> PackedPages | None:
        """Those of the kept pages, or all, numbered from 1; None where they were not kept."""
        packed = []
        try:
            with self.pages.open("rb") as kept:
                while size := int.from_bytes(kept.read(4)):
                    packed.append(kept.read(size))
            every = PackedPages(packed)
            numbers = numbers or range(1, len(packed) + 1)
            return PackedPages(
                pack(every[number - 1].model_copy(update={"number": at}))
                for at, number in enumerate(numbers, start=1)
            )
        except (OSError, IndexError, ValueError, zlib.error):
            return None

    @property
    def reviewed(self) -> Path:
        """The manifest as a person settled it."""
        return self.folder / "manifest-reviewed.json"


def load_manifest(desk: Desk, document: Document) -> Manifest:
    """The manifest the ledger knows."""
    return Manifest.model_validate_json(manifest_path(desk, document).read_bytes())


def manifest_path(desk: Desk, document: Document) -> Path:
    """The manifest file whose hash is in the ledger: the reviewed one, or the one as read.

    Raises:
        Conflict: neither matches.
    """
    for path in (desk.reviewed, desk.manifest):
        if path.exists() and fingerprint(path)[0] == document.manifest_sha256:
            return path
    raise Conflict("flow.output_damaged", document=document.label)
