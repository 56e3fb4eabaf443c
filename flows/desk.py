"""The desk of a document: its outputs until they are stored, complete files only."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.files import fingerprint
from schemas.errors import Conflict
from schemas.manifest import Manifest
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
