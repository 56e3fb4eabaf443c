"""Talking to the store: one signed request at a time, tried again while it may help.

minio-py has no argument for ``If-None-Match`` in its 7.2 line and reads a whole part into memory
before sending it, so that the upload here is our own request, signed with its signer.
"""

import base64
import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import BinaryIO, NamedTuple, TypeVar
from urllib.parse import quote, unquote, urlencode, urlunsplit
from xml.etree.ElementTree import ParseError

import certifi
import urllib3
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.signer import sign_v4_s3
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError, SSLError

from schemas.errors import (
    ConfigurationError,
    Conflict,
    NotFound,
    ServiceUnavailable,
    SohoaError,
)
from storage.options import StoreOptions

T = TypeVar("T")

CHUNK = 1 << 20
"""Bytes read, hashed and sent at a time."""

METADATA = "x-amz-meta-"

SKEW_REFUSED = timedelta(minutes=14)
"""S3 refuses what was signed more than 15 minutes away from its own clock."""

_LATER = frozenset(
    {
        "InternalError",
        "ServiceUnavailable",
        "SlowDown",
        "RequestTimeout",
        "OperationAborted",
        "ConditionalRequestConflict",
        "XMinioServerNotInitialized",
    }
)
"""S3 error codes after which the same request may succeed."""

_DENIED = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed"}
)
_CHANGED = frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest"})
_NO_OBJECT = frozenset({"NoSuchKey", "NoSuchVersion", "ResourceNotFound"})


class AlreadyThere(Exception):
    """Something stands under the key of an upload."""


class SourceChangedError(Exception):
    """The file being sent is not as long as it was, or cannot be read any more."""


class Upload:
    """The body of an upload: exactly ``size`` bytes of a file, from its start."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        stream.seek(0)
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as a file gives them.

        Raises:
            SourceChangedError: the file ends too early or fails.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        if wanted == 0:
            return b""
        try:
            data = self._stream.read(wanted)
        except OSError as exc:
            raise SourceChangedError from exc
        if not data:
            raise SourceChangedError
        self._left -= len(data)
        return data


class Content(NamedTuple):
    """Length and hashes of a file; MD5 only because S3 wants it beside a retention or hold."""

    size: int
    sha256: str
    md5: str

    def headers(self, media_type: str) -> dict[str, str]:
        """What an upload says of its body."""
        return {
            "Content-Type": media_type,
            "Content-Length": str(self.size),
            "Content-MD5": self.md5,
        }


def content_of(stream: BinaryIO) -> Content:
    """Read ``stream`` to its end, once for all hashes."""
    sha256 = hashlib.sha256()
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    while chunk := stream.read(CHUNK):
        sha256.update(chunk)
        md5.update(chunk)
        size += len(chunk)
    return Content(size, sha256.hexdigest(), base64.b64encode(md5.digest()).decode())


class S3:
    """A client of one store, with our patience and our errors. Safe to use from threads."""

    def __init__(self, options: StoreOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        self.options = options
        self._sleep = sleep
        self._pool = urllib3.PoolManager(
            maxsize=32,  # more threads than that would make urllib3 log a warning
            retries=False,
            timeout=urllib3.Timeout(connect=options.connect_seconds, read=options.read_seconds),
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where() if options.ca_file is None else str(options.ca_file),
            blocksize=CHUNK,
        )
        self.client = Minio(
            options.endpoint,
            access_key=options.access_key,
            secret_key=options.secret_key.get_secret_value(),
            secure=options.secure,
            region=options.region,
            http_client=self._pool,
        )

    def attempt(self, action: Callable[[], T], *, once: bool = False) -> T:
        """What ``action`` returns, calling it again while the store does not answer.

        Raises:
            SohoaError: see :class:`storage.objects.Objects`.
        """
        deadline = time.monotonic() + (0 if once else self.options.retry_seconds)
        pause = 0.1
        while True:
            try:
                return action()
            except SourceChangedError as exc:
                raise Conflict("storing.source_changed") from exc
            except (HTTPError, MinioException, ParseError) as exc:
                final = self._final(exc)
                if final is not None:
                    raise final from exc
                if time.monotonic() + pause > deadline:
                    raise self._unavailable() from exc
            self._sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret
            pause = min(pause * 2, 3.0)

    def upload(
        self, bucket: str, key: str, body: Upload, headers: dict[str, str], sha256: str
    ) -> str | None:
        """One ``PUT`` that creates and never replaces; the version's id.

        ``headers`` must have the length and MD5 of the body; ``sha256`` is signed with the rest.

        Raises:
            AlreadyThere: something stands under the key.
            HTTPError, MinioException: as the client's own methods.
        """
        now = datetime.now(UTC)
        url = self.client._base_url.build(  # no public way to it
            method="PUT", region=self.options.region, bucket_name=bucket, object_name=key
        )
        signed = sign_v4_s3(
            method="PUT",
            url=url,
            region=self.options.region,
            headers={
                **headers,
                "Host": url.netloc,
                "If-None-Match": "*",
                "x-amz-content-sha256": sha256,
                "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
            },
            credentials=Credentials(
                self.options.access_key, self.options.secret_key.get_secret_value()
            ),
            content_sha256=sha256,
            date=now,
        )
        response = self._pool.urlopen("PUT", urlunsplit(url), body=body, headers=signed)
        if response.status == 200:
            return response.headers.get("x-amz-version-id")
        if response.status == 412:
            raise AlreadyThere
        if response.data and "xml" in response.headers.get("content-type", ""):
            raise S3Error.fromxml(response)
        raise InvalidResponseError(response.status, response.headers.get("content-type"), None)

    @contextmanager
    def download(
        self, bucket: str, key: str, version_id: str | None
    ) -> Iterator[tuple[dict[str, str], Iterator[bytes]]]:
        """The headers of an object, with names in lower case, and its bytes."""
        response = self.client.get_object(bucket, key, version_id=version_id)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            yield headers, response.stream(CHUNK)
            response.release_conn()  # for the next request; only what was read to the end is
        finally:
            response.close()

    def clock_difference(self) -> timedelta | None:
        """How far the store's clock is ahead of ours, asked without a key.

        Raises:
            HTTPError: the store does not answer.
        """
        scheme = "https" if self.options.secure else "http"
        answer = self._pool.request("GET", f"{scheme}://{self.options.endpoint}/")
        return clock_difference(answer.headers)

    def ask_as_stranger(self, method: str, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        """The status and the body that somebody without a key gets.

        Raises:
            HTTPError: the store does not answer.
        """
        scheme = "https" if self.options.secure else "http"
        address = f"{scheme}://{self.options.endpoint}/{path}?{urlencode(query)}".rstrip("?")
        answer = self._pool.request(method, address, redirect=False)
        if answer.status >= 500:
            raise ProtocolError(f"status {answer.status}")
        return answer.status, answer.data

    def _unavailable(self) -> ServiceUnavailable:
        return ServiceUnavailable("storing.store_unavailable", endpoint=self.options.endpoint)

    def _final(self, exc: HTTPError | MinioException | ParseError) -> SohoaError | None:
        """Our error for a failure that trying again does not mend."""
        if isinstance(exc, SSLError):
            return ConfigurationError("storing.store_tls", endpoint=self.options.endpoint)
        if isinstance(exc, HTTPError | ParseError):
            return None
        if isinstance(exc, ServerError):
            return None if exc.status_code >= 500 else self._refused(str(exc.status_code))
        if isinstance(exc, InvalidResponseError):
            status = int(exc._code)  # has no public name
            return None if status >= 500 or status == 429 else self._refused(str(status))
        if not isinstance(exc, S3Error):
            return self._refused(type(exc).__name__)
        code = exc.code or ""
        if code in _LATER or exc.response.status >= 500:
            return None
        if code in _CHANGED:
            return Conflict("storing.source_changed")
        if code in _NO_OBJECT:
            return NotFound("storing.no_object")
        if code in _DENIED or code == "RequestTimeTooSkewed":
            # SeaweedFS 4.48 answers a HEAD with AccessDenied whatever the cause: the clock tells
            apart = clock_difference(exc.response.headers)
            if code == "RequestTimeTooSkewed" or (apart and abs(apart) >= SKEW_REFUSED):
                minutes = max(15, round(abs(apart or SKEW_REFUSED) / timedelta(minutes=1)))
                return ConfigurationError("storing.clocks_differ", minutes=minutes)
            return ConfigurationError("storing.store_denied", endpoint=self.options.endpoint)
        if code == "NoSuchBucket":
            return ConfigurationError("storing.no_bucket", bucket=bucket_of(exc))
        return self._refused(code)

    def _refused(self, code: str) -> ConfigurationError:
        return ConfigurationError(
            "storing.store_refused", endpoint=self.options.endpoint, answer=code
        )


def clock_difference(headers: Mapping[str, str]) -> timedelta | None:
    """How far the clock of who answered is ahead of ours, by its ``Date``; whole seconds."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    ours = datetime.now(UTC)
    return (theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs) - ours


def bucket_of(exc: S3Error) -> str:
    """The bucket a request was about."""
    return exc.bucket_name or (exc.resource or "").strip("/").partition("/")[0] or "?"


def broke_off(exc: BaseException) -> bool:
    """Whether the store answered and then could not give the bytes."""
    if isinstance(exc, S3Error):
        return exc.response.status >= 500
    if isinstance(exc, ServerError):
        return exc.status_code >= 500
    return isinstance(exc, ProtocolError) and any(
        isinstance(part, IncompleteRead) for part in (exc, *exc.args, exc.__cause__)
    )


def encode_metadata(metadata: dict[str, str]) -> dict[str, str]:
    """User metadata as headers; values percent-encoded, since a header carries ASCII only."""
    return {METADATA + name.lower(): quote(value, safe="/:,") for name, value in metadata.items()}


def decode_metadata(headers: dict[str, str]) -> dict[str, str]:
    """The user metadata in an answer's headers, which are in lower case."""
    return {
        name.removeprefix(METADATA): unquote(value)
        for name, value in headers.items()
        if name.startswith(METADATA)
    }
