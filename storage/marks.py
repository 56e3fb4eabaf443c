"""Marks of private words: an event proves a row by them and tells nothing of what it says.

A mark is the SHA-256 of a random salt and the text. The salt stands in the row beside the text, so
that without the row nobody can try values out; a row that was changed no longer fits its event.
"""

import hashlib
import secrets


def new_salt() -> str:
    """128 random bits as hexadecimal digits."""
    return secrets.token_hex(16)


def mark(salt: str, text: str | None) -> str | None:
    """What an event says of ``text``; None where there is none."""
    if text is None:
        return None
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()
