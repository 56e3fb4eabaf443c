"""How news are signed: HMAC-SHA256 as *Standard Webhooks* has it, so that receivers need no code.

Signed is ``<id>.<seconds>.<body>``; the headers are ``webhook-id`` (the same as
``Idempotency-Key``), ``webhook-timestamp`` and ``webhook-signature: v1,<base64>``. Secrets are
``whsec_`` and base64 (https://www.standardwebhooks.com, specification 1.0).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

MARK = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the specification has them."""
TOLERANCE = 300.0
"""Seconds that a receiver should let clocks differ: older news may be somebody's copy."""


def new_secret() -> str:
    """A new secret of 32 bytes."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_key(secret: str) -> bytes:
    """The key of a secret.

    Raises:
        ValueError: it is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(MARK), validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None
    if not secret.startswith(MARK) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("no secret")
    return key


def signed_headers(key: bytes, delivery: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one try.

    Args:
        key: of the system.
        delivery: the key of the delivery, the same at every try.
        at: when it is sent.
        body: as it is sent.
    """
    seconds = str(int(at.timestamp()))
    return {
        "Idempotency-Key": delivery,
        "webhook-id": delivery,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{_signature(key, delivery, seconds, body)}",
    }


def is_signed(key: bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether what came was signed with this key, lately: what a receiver does.

    Args:
        key: of the system.
        headers: by their names in small letters.
        body: as it came.
        now: the receiver's time.
    """
    delivery, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not seconds.isdecimal() or abs(now.timestamp() - int(seconds)) > TOLERANCE:
        return False
    expected = f"v1,{_signature(key, delivery, seconds, body)}"
    said = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), expected.encode()) for one in said)


def _signature(key: bytes, delivery: str, seconds: str, body: bytes) -> str:
    signed = f"{delivery}.{seconds}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
