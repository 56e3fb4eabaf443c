"""The objects: originals, signed artefacts, manifests and indexes in an S3 compatible store.

Nothing is ever overwritten; nothing is deleted but what is worked on, see
:class:`storage.work_objects.WorkObjects`. Methods block (call them in a thread from async code)
and may be called from several threads; each process makes its own :class:`Objects`.

Every method may raise:

- :class:`schemas.errors.ServiceUnavailable`: the store did not answer within ``retry_seconds``;
- :class:`schemas.errors.ConfigurationError`: it refuses the credentials or the request, has no
  such bucket, or its clock differs from ours.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig

from schemas.durable import sync_file_system
from schemas.errors import (
    ConfigurationError,
    Conflict,
    InputRejected,
    ServiceUnavailable,
)
from storage.object_reader import whole_seconds
from storage.open_store import open_to_strangers
from storage.records import Sha256, StoredObject
from storage.s3 import AlreadyThere, Upload, content_of, encode_metadata
from storage.work_objects import WorkObjects

MAX_KEY_BYTES = 1024
MAX_SEGMENT_BYTES = 255
"""SeaweedFS keeps a part between slashes as a file name."""

_TIME_TOLERANCE = timedelta(seconds=2)
"""Retention dates are kept in whole seconds."""


class Objects(WorkObjects):
    """The object store of ``options``. Connects on first use."""

    def ensure(self) -> None:
        """Create what is missing of the buckets: versioned, object-locked, closed to strangers.

        Originals and results have a default retention; what is worked on has none.

        Raises:
            ConfigurationError: a bucket stands there without object lock, or lets anybody in.
        """
        for bucket in (self.options.originals_bucket, self.options.results_bucket):
            self._s3.attempt(partial(self._ensure, bucket, retained=True))
        work = self.options.work_bucket
        self._s3.attempt(partial(self._ensure, work, retained=False))
        for bucket in (self.options.originals_bucket, self.options.results_bucket, work):
            self._s3.attempt(partial(self._see_closed, bucket))

    def _see_closed(self, bucket: str) -> None:
        may = open_to_strangers(self._s3.ask_as_stranger, bucket)
        if may is not None:
            raise ConfigurationError("storing.store_open", bucket=bucket, may=may)

    def _ensure(self, bucket: str, *, retained: bool) -> None:
        client = self._s3.client
        if not client.bucket_exists(bucket):
            try:
                client.make_bucket(bucket, object_lock=True)
            except S3Error as exc:
                # another process was faster
                if exc.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise
        if client.get_bucket_versioning(bucket).status != ENABLED:
            client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
        try:
            lock = client.get_object_lock_config(bucket)
        except S3Error as exc:
            if exc.code != "ObjectLockConfigurationNotFoundError":
                raise
            raise ConfigurationError("storing.bucket_without_lock", bucket=bucket) from exc
        if lock.mode is None and retained:
            mode = self.options.retention_mode.value
            client.set_object_lock_config(
                bucket, ObjectLockConfig(mode, self.options.retention_days, DAYS)
            )

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
        _check_key(key)
        until = whole_seconds(self._clock() + timedelta(days=self.options.retention_days))
        with path.open("rb") as stream:
            content = content_of(stream)
            headers = {
                **encode_metadata({**(metadata or {}), "sha256": content.sha256}),
                **content.headers(media_type),
                "x-amz-object-lock-mode": self.options.retention_mode.value,
                "x-amz-object-lock-retain-until-date": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            try:
                version = self._s3.attempt(
                    lambda: self._s3.upload(
                        bucket, key, Upload(stream, content.size), headers, content.sha256
                    )
                )
            except AlreadyThere:
                found = self.stat(bucket, key)
                version = found.version_id if found else None
                if found is not None and found.modified is not None:
                    until = found.modified + timedelta(days=self.options.retention_days)
        stands = self._whole(bucket, key, version, lambda: self._read_back(bucket, key, version))
        if stands != content.sha256:
            raise Conflict("storing.object_differs", bucket=bucket, key=key)
        return StoredObject(
            bucket=bucket,
            key=key,
            version_id=version,
            sha256=content.sha256,
            bytes=content.size,
            retain_until=self._s3.attempt(lambda: self._hold(bucket, key, version, until)),
        )

    def _read_back(self, bucket: str, key: str, version_id: str | None) -> Sha256:
        sha256 = hashlib.sha256()
        with self._s3.download(bucket, key, version_id) as (_, chunks):
            for chunk in chunks:
                sha256.update(chunk)
        return sha256.hexdigest()

    def _hold(self, bucket: str, key: str, version_id: str | None, until: datetime) -> datetime:
        """See that the version is kept until then, and say until when it is."""
        client = self._s3.client
        for again in (True, False):
            held = client.get_object_retention(bucket, key, version_id=version_id)
            if (
                held is not None
                and held.mode in {self.options.retention_mode.value, COMPLIANCE}
                and held.retain_until_date >= until - _TIME_TOLERANCE
            ):
                return whole_seconds(held.retain_until_date)
            if again:
                client.set_object_retention(
                    bucket,
                    key,
                    Retention(self.options.retention_mode.value, until),
                    version_id=version_id,
                )
        raise ConfigurationError("storing.no_retention", bucket=bucket)

    def sync(self) -> None:
        """Bring what was put onto the disk (``syncfs``), where the store is embedded.

        A store that fsyncs on its own account still loses everything unwritten in a power cut
        unless its whole file system is flushed. Does nothing for an outside store.

        Raises:
            ServiceUnavailable: the disk reported an error.
        """
        if self.options.data_dir is None:
            return
        try:
            sync_file_system(self.options.data_dir)
        except OSError as exc:
            raise ServiceUnavailable("storing.sync_failed") from exc


def _check_key(key: str) -> None:
    segments = key.split("/")
    if (
        len(key.encode()) > MAX_KEY_BYTES
        or any(segment in {"", ".", ".."} for segment in segments)
        or any(len(segment.encode()) > MAX_SEGMENT_BYTES for segment in segments)
        or not key.isprintable()
    ):
        raise InputRejected("storing.bad_key")
