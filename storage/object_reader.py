"""Reading the store: whole and verified, or an error that says whose fault it is."""

import builtins
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from minio.commonconfig import ENABLED
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from schemas.durable import written_whole
from schemas.errors import ConfigurationError, Damaged
from storage.options import StoreOptions
from storage.records import ListedObject, ListedVersion, ObjectInfo, Sha256
from storage.s3 import S3, broke_off, decode_metadata

T = TypeVar("T")

_PATIENCE_OF_HEALTH = 5.0


class ObjectReader:
    """The part of :class:`storage.Objects` that changes nothing."""

    def __init__(
        self,
        options: StoreOptions,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.options = options
        self._clock = clock
        self._s3 = S3(options)

    def get(
        self,
        bucket: str,
        key: str,
        out: Path,
        *,
        version_id: str | None = None,
        sha256: str | None = None,
        durable: bool = True,
    ) -> ObjectInfo:
        """Fetch an object to ``out``, verified, whole or not at all.

        Verified against ``sha256``, else against the hash noted when it was put. Not ``durable``:
        ``out`` is not flushed to the disk.

        Raises:
            NotFound: no such object.
            Conflict: its bytes are not those of the hash; ``out`` is not touched.
            OSError: ``out`` cannot be written.
        """

        def fetch() -> ObjectInfo:
            computed = hashlib.sha256()
            with (
                self._s3.download(bucket, key, version_id) as (headers, chunks),
                written_whole(out, durable=durable) as stream,
            ):
                info = _info(bucket, key, headers)
                for chunk in chunks:
                    computed.update(chunk)
                    stream.write(chunk)
                if computed.hexdigest() != (sha256 or info.sha256 or computed.hexdigest()):
                    raise Damaged("storing.object_altered", bucket=bucket, key=key)
            return info.model_copy(update={"sha256": computed.hexdigest()})

        return self._whole(bucket, key, version_id, fetch)

    def presigned(self, bucket: str, key: str, lasts: timedelta) -> str:
        """An address by which anybody may GET an object for so long, past all that we ask."""
        return self._s3.client.presigned_get_object(bucket, key, expires=lasts)

    def check(self, bucket: str, key: str, *, version_id: str | None, sha256: Sha256) -> ObjectInfo:
        """Read an object to its end, keeping nothing, and compare its hash.

        Raises:
            NotFound: no such object or version.
            Damaged: its bytes are not those of the hash, or the store cannot give them whole.
        """

        def read() -> ObjectInfo:
            computed = hashlib.sha256()
            with self._s3.download(bucket, key, version_id) as (headers, chunks):
                for chunk in chunks:
                    computed.update(chunk)
            if computed.hexdigest() != sha256:
                raise Damaged("storing.object_altered", bucket=bucket, key=key)
            return _info(bucket, key, headers)

        return self._whole(bucket, key, version_id, read)

    def _whole(self, bucket: str, key: str, version_id: str | None, read: Callable[[], T]) -> T:
        """What ``read`` returns; bytes that the store has and cannot give are damaged, not away.

        SeaweedFS (4.48) answers 500, or breaks off, where the checksum of a chunk is wrong, after
        13 s of trying itself. What is merely restarting gives nothing of other objects either.
        """
        broken = 0

        def attempt() -> T:
            nonlocal broken
            try:
                return read()
            except (HTTPError, MinioException) as exc:
                if not broke_off(exc):
                    raise
                broken += 1
                if self._damaged(bucket, key, version_id, broken):
                    raise Damaged("storing.object_damaged", bucket=bucket, key=key) from exc
                raise

        return self._s3.attempt(attempt)

    def _damaged(self, bucket: str, key: str, version_id: str | None, broken: int) -> bool:
        """Whether the store works and only this object's bytes do not come.

        Sure at once where it gives another object; where there is none, when it fails twice. An
        outside store may have lost a part for a while, which is waited for a little longer.
        """
        hasty = self._hasty()
        try:
            hasty.client.stat_object(bucket, key, version_id=version_id)
            if self.options.data_dir is None:
                return broken > 2
            return broken > 1 or self._gives_another(hasty, bucket, key)
        except (HTTPError, MinioException):
            return False

    def _gives_another(self, hasty: S3, bucket: str, key: str) -> bool:
        """Whether one of a few other objects comes, from whichever bucket."""
        for place in (self.options.results_bucket, self.options.originals_bucket):
            others = hasty.client.list_objects(place, recursive=True)
            names = (one.object_name or "" for one in others)
            for name in islice((one for one in names if (place, one) != (bucket, key)), 3):
                try:
                    with hasty.download(place, name, None) as (_, chunks):
                        if next(chunks, None) is not None:
                            return True
                except (HTTPError, MinioException):
                    continue
        return False

    def held_until(self, bucket: str, key: str, version_id: str | None) -> datetime | None:
        """Until when nothing may delete the version; ``None`` where nothing holds it."""
        held = self._s3.attempt(
            lambda: self._s3.client.get_object_retention(bucket, key, version_id=version_id)
        )
        return None if held is None else whole_seconds(held.retain_until_date)

    def stat(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """What stands under a key, or ``None``."""

        def ask() -> ObjectInfo | None:
            try:
                found = self._s3.client.stat_object(bucket, key, version_id=version_id)
            except S3Error as exc:
                if exc.code in {"NoSuchKey", "NoSuchVersion"}:
                    return None
                raise
            headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
            return _info(bucket, key, headers)

        return self._s3.attempt(ask)

    def list(self, bucket: str, prefix: str = "") -> builtins.list[ListedObject]:
        """Newest versions of the objects under a prefix, in the order of their keys."""

        def ask() -> builtins.list[ListedObject]:
            found = self._s3.client.list_objects(bucket, prefix=prefix, recursive=True)
            return sorted(
                (
                    ListedObject(
                        bucket=bucket,
                        key=each.object_name or "",
                        bytes=each.size or 0,
                        modified=each.last_modified,
                    )
                    for each in found
                    if not each.is_dir
                ),
                key=lambda each: each.key,
            )

        return self._s3.attempt(ask)

    def versions(self, bucket: str, prefix: str) -> builtins.list[ListedVersion]:
        """Every version of the objects under a prefix, with the marks that hide deleted ones."""

        def ask() -> builtins.list[ListedVersion]:
            found = self._s3.client.list_objects(
                bucket, prefix=prefix, recursive=True, include_version=True
            )
            return [
                ListedVersion(
                    bucket=bucket,
                    key=one.object_name or "",
                    bytes=one.size or 0,
                    modified=one.last_modified,
                    version_id=one.version_id,
                    newest=one.is_latest in {"true", "True"},
                    deleted=one.is_delete_marker,
                )
                for one in found
                if not one.is_dir
            ]

        return self._s3.attempt(ask)

    def bucket_sound(self, bucket: str) -> None:
        """Ask once whether a bucket is there, keeps versions, and locks them.

        Raises:
            ConfigurationError: it is not there, or without versions or object lock; the store
                refuses the key, or its clock differs.
            ServiceUnavailable: the store does not answer.
        """
        hasty = self._hasty()

        def ask() -> None:
            # a GET: the answer to a HEAD has no body that would say why it was refused
            if hasty.client.get_bucket_versioning(bucket).status != ENABLED:
                raise ConfigurationError("storing.bucket_without_lock", bucket=bucket)
            try:
                lock = hasty.client.get_object_lock_config(bucket)
            except S3Error as exc:
                if exc.code != "ObjectLockConfigurationNotFoundError":
                    raise
                raise ConfigurationError("storing.bucket_without_lock", bucket=bucket) from exc
            if lock.mode is None:
                raise ConfigurationError("storing.bucket_without_lock", bucket=bucket)

        hasty.attempt(ask, once=True)

    def clock_difference(self) -> timedelta | None:
        """How far the store's clock is ahead of ours; ``None`` where it does not say.

        Raises:
            ServiceUnavailable: the store does not answer.
        """
        hasty = self._hasty()
        return hasty.attempt(hasty.clock_difference, once=True)

    def health(self) -> None:
        """Ask the store once, without trying again, with little patience.

        Raises:
            ServiceUnavailable: it does not answer.
            ConfigurationError: it refuses the credentials.
        """
        hasty = self._hasty()
        hasty.attempt(lambda: hasty.client.bucket_exists(self.options.results_bucket), once=True)

    def _hasty(self) -> S3:
        """A client with little patience."""
        return S3(
            self.options.model_copy(
                update={
                    "connect_seconds": min(self.options.connect_seconds, _PATIENCE_OF_HEALTH),
                    "read_seconds": min(self.options.read_seconds, _PATIENCE_OF_HEALTH),
                }
            )
        )


def _info(bucket: str, key: str, headers: dict[str, str]) -> ObjectInfo:
    """What the headers of an answer (names in lower case) say of an object."""
    metadata = decode_metadata(headers)
    modified = headers.get("last-modified")
    return ObjectInfo(
        bucket=bucket,
        key=key,
        bytes=int(headers.get("content-length", "0")),
        modified=parsedate_to_datetime(modified) if modified else None,
        version_id=headers.get("x-amz-version-id"),
        sha256=metadata.pop("sha256", None),
        media_type=headers.get("content-type"),
        metadata=metadata,
    )


def whole_seconds(time: datetime) -> datetime:
    """As the store keeps times."""
    return time.astimezone(UTC).replace(microsecond=0)
