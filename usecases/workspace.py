"""The folder of a document: its outputs until they are published, complete files only.

A cache of this host's: manifests are in the ledger, the other files in the store.

Manifests and PDF/As carry their hash in their names, the signed file the hash of what it signs: two
processes that work on one document write beside each other, and the ledger names the file that
counts. Folders of earlier versions have fixed names; these are found as well.
"""

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from ocr import PackedPages, pack
from schemas.durable import fsync_folder, write_durably
from schemas.errors import Conflict
from schemas.manifest import Manifest
from schemas.page import PageReading
from usecases.files import fingerprint

if TYPE_CHECKING:
    from storage import Document, Ledger

MANIFEST_LOST = "flow.manifest_lost"

LEFT_SECONDS = 48 * 3600.0
"""Age of an unfinished file that nobody makes any more."""

OLD_MANIFESTS = ("manifest-reviewed.json", "manifest.json")
OLD_PDF = "document.pdf"
OLD_SIGNED = "signed.pdf"
"""Names in folders of earlier versions."""


@contextmanager
def still_there(*paths: Path) -> Iterator[Callable[[], bool]]:
    """Whether all of these files and folders have stood since; one made anew is another one.

    A cache may be deleted at any time, and what a step found meanwhile tells nothing: a scan that
    vanishes while it is read looks like a damaged one.

    Raises:
        OSError: one is gone already.
    """
    with ExitStack() as stack:
        opened = []
        for path in paths:
            opened.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            stack.callback(os.close, opened[-1])
        yield lambda: all(os.fstat(one).st_nlink > 0 for one in opened)


@dataclass(frozen=True)
class Made:
    """What was made of a document: its manifest, and its PDF/A by its hash."""

    manifest: Manifest
    pdfa_sha256: str


@dataclass(frozen=True)
class Workspace:
    """The outputs of one document: complete files only, each renamed into place."""

    folder: Path

    def draft(self, ending: str = ".pdf") -> Path:
        """A name that no other process uses, for a file while it is made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"draft-{secrets.token_hex(8)}{ending}"

    def sweep(self, now: float) -> None:
        """Remove what runs left that were killed long ago; no run works on one file for so long.

        Args:
            now: seconds since 1970.
        """
        for path in self.folder.glob("*"):
            if path.name.startswith(("draft-", ".")) and path.suffix != ".json":
                with suppress(OSError):
                    if now - path.lstat().st_mtime > LEFT_SECONDS:
                        rmtree(path) if path.is_dir() else path.unlink()

    def keep_pdf(self, draft: Path) -> str:
        """Give a finished PDF/A, durable already, the name that it keeps; its hash."""
        sha256, _ = fingerprint(draft)
        draft.rename(self.pdf(sha256))
        fsync_folder(self.folder)
        return sha256

    def keep_manifest(self, manifest: Manifest) -> bytes:
        """Write a manifest under its hash; its bytes."""
        content = manifest.model_dump_json(indent=2).encode()
        self.keep_bytes(content)
        return content

    def keep_bytes(self, content: bytes) -> Path:
        """Write the bytes of a manifest under their hash; where."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"manifest-{hashlib.sha256(content).hexdigest()}.json"
        write_durably(path, content)
        return path

    def find_manifest(self, sha256: str | None) -> Path | None:
        """The whole manifest with this hash; None where it was lost or damaged."""
        return self._whole(sha256, f"manifest-{sha256}.json", *OLD_MANIFESTS)

    def find_pdf(self, sha256: str | None) -> Path | None:
        """The whole PDF/A with this hash; None where it was lost or damaged."""
        return self._whole(sha256, f"document-{sha256}.pdf", OLD_PDF)

    def pdf(self, sha256: str) -> Path:
        """Where the PDF/A with this hash lies, if it does."""
        return self.folder / f"document-{sha256}.pdf"

    def find_signed(self, pdfa_sha256: str | None, sha256: str | None) -> Path | None:
        """The whole signed file with this hash; None where it was lost or damaged."""
        return self._whole(sha256, f"signed-{pdfa_sha256}.pdf", OLD_SIGNED)

    def signed_beside(self, pdf: Path) -> Path:
        """Where the signed file of ``pdf``, which lies here, goes."""
        return pdf.with_name(
            OLD_SIGNED if pdf.name == OLD_PDF else pdf.name.replace("document-", "signed-", 1)
        )

    def _whole(self, sha256: str | None, *names: str) -> Path | None:
        paths = (self.folder / name for name in names)
        return next((path for path in paths if sha256 and fingerprint(path)[0] == sha256), None)

    def keep_made(self, made: Made) -> bytes:
        """Keep what was made of the document, so that a run that is cut off finds it again.

        Returns:
            The bytes of the manifest.
        """
        content = self.keep_manifest(made.manifest)
        noted = {"manifest": hashlib.sha256(content).hexdigest(), "pdfa": made.pdfa_sha256}
        write_durably(self.folder / "made.json", json.dumps(noted).encode())
        return content

    def made(self) -> Made | None:
        """What was made of the document, as noted and whole; or None."""
        try:
            noted = json.loads((self.folder / "made.json").read_bytes())
            path = self.find_manifest(noted["manifest"])
            if path is None or self.find_pdf(noted["pdfa"]) is None:
                return None
            return Made(Manifest.model_validate_json(path.read_bytes()), noted["pdfa"])
        except (OSError, ValueError, TypeError, KeyError):
            return None

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

    def keep_pages(self, pages: Sequence[PageReading]) -> None:
        """Keep what was read, so that nobody need read it again; not durably."""
        temporary = self.draft(".part")
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


def load_manifest(workspace: Workspace, document: "Document", ledger: "Ledger") -> Manifest:
    """The manifest the ledger names.

    Raises:
        Conflict: ``flow.manifest_lost``, as :func:`manifest_path`.
    """
    return Manifest.model_validate_json(manifest_path(workspace, document, ledger).read_bytes())


def manifest_path(workspace: Workspace, document: "Document", ledger: "Ledger") -> Path:
    """The manifest whose hash the ledger names; a file that was lost is written again from there.

    Raises:
        Conflict: ``flow.manifest_lost``: neither has it.
    """
    found = workspace.find_manifest(document.manifest_sha256)
    if found is not None:
        return found
    kept = ledger.manifest(document.id, document.manifest_sha256 or "")
    if kept is None:
        raise Conflict(MANIFEST_LOST, document=document.label)
    return workspace.keep_bytes(kept)


def kept_manifest(ledger: "Ledger", document: "Document") -> Manifest | None:
    """The manifest that the ledger keeps of a document at work; None where it has none.

    Such a document is not signed (``flow.manifest_lost``).
    """
    kept = ledger.manifest(document.id, document.manifest_sha256 or "")
    return None if kept is None else Manifest.model_validate_json(kept)
