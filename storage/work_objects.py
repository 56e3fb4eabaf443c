"""What lies in the store until a dossier is published: the bucket ``work``.

Keys are ``<claim>/original/<sha256>`` for files as they came, held (S3 legal hold) until
:meth:`WorkObjects.drop`, and ``<claim>/made/<name>`` for what was made of them, not held. Nothing
is overwritten: of two processes that keep a file under one name one does, and both learn which
bytes stand there.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from minio.deleteobjects import DeleteObject

from schemas.errors import Damaged, NotFound, ServiceUnavailable
from storage.object_reader import ObjectReader
from storage.records import ListedVersion, Sha256
from storage.s3 import AlreadyThere, Content, Upload, content_of, encode_metadata

ORIGINAL, MADE = "original", "made"


class WorkObjects(ObjectReader):
    """The part of :class:`storage.Objects` that keeps what is worked on."""

    def keep_original(self, claim_id: str, path: Path, copy: Path) -> tuple[Sha256, int]:
        """Put a file as it came, held, and read it back; its hash and size in bytes.

        Not yet on disk when it returns: call :meth:`Objects.sync` before a stage says received.

        Args:
            claim_id: of what was taken in; no personal data.
            path: the file.
            copy: where what was read back is written.

        Raises:
            Conflict: the file changed while it was read, or other bytes came back.
            OSError: the file cannot be read, or ``copy`` not be written.
        """
        with path.open("rb") as stream:
            content = content_of(stream)
            key = f"{claim_id}/{ORIGINAL}/{content.sha256}"
            self._create(key, stream, content, {"x-amz-object-lock-legal-hold": "ON"})
        self.get_work(key, copy, sha256=content.sha256)
        return content.sha256, content.size

    def keep_made(self, claim_id: str, path: Path, name: str = "") -> Sha256:
        """Keep a file that was made, under its hash or a name; the hash of what stands there.

        The store compares the bytes with their hash as it takes them. Not on disk when it returns,
        and need not be: the file that was made is, in the folder it was made in.

        Raises:
            Conflict: the file changed while it was read.
            OSError: it cannot be read.
        """
        with path.open("rb") as stream:
            content = content_of(stream)
            key = f"{claim_id}/{MADE}/{name or content.sha256}"
            if self._create(key, stream, content, {}):
                return content.sha256
        return (self.made(claim_id, name) if name else None) or content.sha256

    def made(self, claim_id: str, name: str) -> Sha256 | None:
        """The hash of what was kept under a name; ``None`` where nothing was."""
        found = self.stat(self.options.work_bucket, f"{claim_id}/{MADE}/{name}")
        return found.sha256 if found else None

    def get_made(self, claim_id: str, name: str, out: Path, sha256: Sha256 | None = None) -> bool:
        """Fetch what was made to ``out``; whether it was there, and whole."""
        try:
            self.get_work(f"{claim_id}/{MADE}/{name}", out, sha256=sha256)
        except (NotFound, Damaged):
            return False
        return True

    def get_original(self, claim_id: str, sha256: Sha256, out: Path) -> None:
        """Fetch a file as it came to ``out``.

        Raises:
            NotFound: nothing is kept of it.
            Damaged: its bytes are not those that were put.
        """
        self.get_work(f"{claim_id}/{ORIGINAL}/{sha256}", out, sha256=sha256)

    def get_work(self, key: str, out: Path, *, sha256: Sha256 | None = None) -> None:
        """Fetch an object of the work bucket; see :meth:`get`, but nothing is flushed to disk."""
        self.get(self.options.work_bucket, key, out, sha256=sha256, durable=False)

    def originals_kept(self, claim_id: str) -> set[Sha256]:
        """The hashes of the files as they came that are kept of a claim."""
        prefix = f"{claim_id}/{ORIGINAL}/"
        return {one.key.removeprefix(prefix) for one in self.list(self.options.work_bucket, prefix)}

    def claims_kept(self) -> list[str]:
        """The claims of which anything is kept."""
        # every object: SeaweedFS goes on naming folders for a while after they were emptied
        kept = self.versions(self.options.work_bucket, "")
        return sorted({one.key.partition("/")[0] for one in kept})

    def drop(self, claim_id: str) -> None:
        """Delete all that is kept of a claim, holds lifted first. Repeating it changes nothing."""
        bucket, client = self.options.work_bucket, self._s3.client
        found = self.versions(bucket, f"{claim_id}/")
        for one in found:
            if one.key.startswith(f"{claim_id}/{ORIGINAL}/") and not one.deleted:
                lift = partial(client.disable_object_legal_hold, bucket, one.key, one.version_id)
                self._s3.attempt(lift)
        self._delete(found)

    def drop_made(self, claim_id: str, name: str) -> None:
        """Delete what was kept under a name, since it is damaged. Repeating it changes nothing."""
        key = f"{claim_id}/{MADE}/{name}"
        self._delete(
            [one for one in self.versions(self.options.work_bucket, key) if one.key == key]
        )

    def _delete(self, found: Sequence[ListedVersion]) -> None:
        bucket, client = self.options.work_bucket, self._s3.client
        wanted = [DeleteObject(one.key, one.version_id) for one in found]
        if any(self._s3.attempt(lambda: [*client.remove_objects(bucket, wanted)])):
            raise ServiceUnavailable("storing.store_unavailable", endpoint=self.options.endpoint)

    def _create(self, key: str, stream: BinaryIO, content: Content, more: dict[str, str]) -> bool:
        """Whether ``stream`` stands under ``key`` now; ``False`` where something stood there."""
        headers = {
            **encode_metadata({"sha256": content.sha256}),
            **content.headers("application/octet-stream"),
            **more,
        }
        bucket, size, sha256 = self.options.work_bucket, content.size, content.sha256
        try:
            self._s3.attempt(
                lambda: self._s3.upload(bucket, key, Upload(stream, size), headers, sha256)
            )
        except AlreadyThere:
            return False
        return True
