"""The objects: originals, signed artefacts, manifests and indexes in an S3 compatible store.

Nothing is ever overwritten or deleted here. Methods block (call them in a thread from async code)
and may be called from several threads; each process makes its own :class:`Objects`.

Every method may raise:

- :class:`schemas.errors.ServiceUnavailable`: the store did not answer within ``retry_seconds``;
- :class:`schemas.errors.ConfigurationError`: it refuses the credentials, or the clocks differ.
"""

from collections.abc import Mapping
from pathlib import Path

from storage.options import StoreOptions
from storage.records import ListedObject, ObjectInfo, StoredObject


class Objects:
    """The object store of ``options``. Connects on first use."""

    def __init__(self, options: StoreOptions) -> None:
        self.options = options

    def ensure(self) -> None:
        """Create what is missing of both buckets: versioned, object-locked, default retention.

        Raises:
            ConfigurationError: a bucket stands there without object lock.
        """
        raise NotImplementedError

    def put(
        self,
        bucket: str,
        key: str,
        path: Path,
        *,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """Store a file and prove it: read back by hash, retention read back.

        Where the same bytes stand under the key already, they are adopted. Streams; nothing is
        held in memory. Not yet on disk when it returns: call :meth:`sync` before a stage says
        stored.

        Raises:
            Conflict: other bytes stand under the key, or the file changed while it was read, or
                what came back is not what was sent.
            ConfigurationError: the store does not keep the retention, or the bucket is missing.
            InputRejected: a key S3 cannot carry (a segment over 255 bytes, a ``/`` at the end).
        """
        raise NotImplementedError

    def get(
        self,
        bucket: str,
        key: str,
        out: Path,
        *,
        version_id: str | None = None,
        sha256: str | None = None,
    ) -> StoredObject:
        """Fetch an object to ``out``, verified, whole or not at all.

        Verified against ``sha256``, else against the hash noted when it was put.

        Raises:
            NotFound: no such object.
            Conflict: its bytes are not those of the hash; ``out`` is not touched.
        """
        raise NotImplementedError

    def stat(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """What stands under a key, or ``None``."""
        raise NotImplementedError

    def list(self, bucket: str, prefix: str = "") -> list[ListedObject]:
        """Newest versions of the objects under a prefix, in the order of their keys."""
        raise NotImplementedError

    def sync(self) -> None:
        """Bring what was put onto the disk (``syncfs``), where the store is embedded.

        A store that fsyncs on its own account still loses everything unwritten in a power cut
        unless its whole file system is flushed. Does nothing for an outside store.

        Raises:
            ServiceUnavailable: the disk reported an error.
        """
        raise NotImplementedError

    def health(self) -> None:
        """Ask the store once, without trying again.

        Raises:
            ServiceUnavailable: it does not answer.
            ConfigurationError: it refuses the credentials.
        """
        raise NotImplementedError
