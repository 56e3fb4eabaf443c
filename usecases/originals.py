"""Files as they came: in the store from before the ledger knows of them, a copy in ``work/``.

The copy is a cache of this host's. Whichever host takes a step has it fetched here: from the bucket
of what is worked on, and when that has been emptied, from that of the originals.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from schemas.errors import Conflict, Damaged, NotFound, ServiceUnavailable
from storage import Document, Ledger, ObjectKind, Objects
from usecases.files import fingerprint, prune

FOLDER = "originals"
"""In the folder ``work/``; a document's own outputs lie in folders called by its number."""

ORIGINAL_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/jp2": ".jp2",
}

SPECIAL = "inode/x-special"
"""Media type of what is no file of its own (a link, a pipe): it has no content to keep."""
TOO_LARGE = "inode/x-too-large"
"""Media type of a file that nobody takes in: its content is neither read nor kept."""


@dataclass(frozen=True)
class Originals:
    """The files of claims that are worked on. ``work`` is the folder of caches."""

    ledger: Ledger
    objects: Objects
    work: Path

    def keep(self, claim_id: str, path: Path) -> tuple[str, int]:
        """Put a file into the store and read it back; its hash and its size in bytes.

        It is on the store's disk after ``objects.sync()``. Twice is the same as once.

        Raises:
            ServiceUnavailable: the store does not answer.
            Conflict: the file changed meanwhile.
            OSError: it cannot be read.
        """
        folder = self._folder(claim_id)
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / f".{path.stat().st_ino:x}.read-back"
        sha256, size = self.objects.keep_original(claim_id, path, copy)
        copy.replace(folder / sha256)
        return sha256, size

    def path(self, document: Document) -> Path:
        """The file of a document, or its scan, whole; fetched where this host has no whole copy.

        Raises:
            NotFound: ``flow.source_missing``: the store does not have it, either.
            Conflict: ``flow.source_damaged``: what it has are other bytes.
            ServiceUnavailable: the store does not answer, or the host that took it in has not put
                it there yet.
        """
        copy = self._folder(document.claim_id) / document.source_sha256
        if fingerprint(copy)[0] == document.source_sha256 and copy.is_file():
            return copy
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        if document.source_bytes == 0:
            copy.touch()
        else:
            self._fetch(document, copy)
        return copy

    def _fetch(self, document: Document, out: Path) -> None:
        claim_id, sha256, damaged = document.claim_id, document.source_sha256, False
        try:
            self.objects.get_original(claim_id, sha256, out)
            return
        except NotFound:
            pass
        except Damaged:
            damaged = True
        for kept in self.ledger.objects(document.dossier_id):
            if kept.kind is ObjectKind.original and kept.sha256 == sha256:
                where = (kept.bucket, kept.key, out)
                with suppress(NotFound, Damaged):
                    self.objects.get(*where, version_id=kept.version_id, sha256=sha256)
                    return
        if damaged:
            raise Conflict("flow.source_damaged", document=document.label)
        if self.ledger.claim(claim_id).inbox is None:
            raise ServiceUnavailable("flow.source_elsewhere", document=document.label)
        raise NotFound("flow.source_missing", document=document.label)

    def forget(self, claim_id: str) -> None:
        """Remove what is kept of a claim that is through, here and in the store.

        Raises:
            ServiceUnavailable: the store does not answer; what is left goes another night.
        """
        rmtree(self._folder(claim_id), ignore_errors=True)
        prune(self.work / FOLDER, self.work)
        for document in self.ledger.claimed(claim_id):
            rmtree(self.work / str(document.id), ignore_errors=True)
        self.objects.drop(claim_id)

    def _folder(self, claim_id: str) -> Path:
        return self.work / FOLDER / claim_id
