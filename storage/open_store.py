"""Whether a store lets strangers in: asked as one, without a key.

Sohoa shares by its own rule; a bucket that anybody may list, read or write knows no such rule. An
upload is begun and given up at once, so that nothing is left where it is let in.
"""

import re
from typing import Protocol

PROBE = "sohoa-probe"
"""A key under which nothing stands: who may read is told so, who may not is refused."""
_LET_IN = frozenset({200, 204, 206, 404})
_UPLOAD = re.compile(rb"<UploadId>([^<]+)</UploadId>")


class Asks(Protocol):
    """Sends a request without a key: its status and its body."""

    def __call__(self, method: str, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        """Send it."""


def open_to_strangers(ask: Asks, bucket: str) -> str | None:
    """What anybody may do in a bucket that is there: ``list``, ``read``, ``write``; None: nothing.

    Args:
        ask: sends a request without a key.
        bucket: which.
    """
    if ask("GET", bucket, {"list-type": "2", "max-keys": "1"})[0] in _LET_IN:
        return "list"
    if ask("GET", f"{bucket}/{PROBE}", {})[0] in _LET_IN:
        return "read"
    status, body = ask("POST", f"{bucket}/{PROBE}", {"uploads": ""})
    if status not in _LET_IN:
        return None
    begun = _UPLOAD.search(body)
    if begun:
        ask("DELETE", f"{bucket}/{PROBE}", {"uploadId": begun[1].decode("ascii", "replace")})
    return "write"
