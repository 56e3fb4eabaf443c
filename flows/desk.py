"""The desk of a document: its outputs until they are stored, complete files only."""

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
