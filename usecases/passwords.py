"""Passwords: hashed by argon2id (RFC 9106, the parameters for little memory), compared, made.

Unicode has several spellings of one Vietnamese letter, and input methods differ in which they
type: a password is brought to one (NFC) before it is hashed or compared.
"""

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from schemas.errors import InputRejected

LEAST, MOST = 10, 200
_FEW = 5
"""Different signs that a password has at least."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB: many that sign in at once wait for each other."""

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def nobodys() -> str:
    """What the password of an unknown name is compared with, so that it takes as long.

    Who serves people asks for it beforehand: the first to sign in must not wait for it.
    """
    return _HASHER.hash(secrets.token_hex(16))


def hashed(password: str) -> str:
    """The hash of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one of a hash; False, after as long, where there is none."""
    text = _normal(password)[:MOST]
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or nobodys(), text) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def acceptable(password: str, name: str) -> str:
    """The password, where it may be one.

    Raises:
        InputRejected: ``sign_in.weak_password``, shorter than ten signs or longer than 200, of
            very few different ones, or it holds the account's name.
    """
    text = _normal(password)
    few = len(set(text)) < _FEW
    if not LEAST <= len(text) <= MOST or few or name.casefold() in text.casefold():
        raise InputRejected("sign_in.weak_password", least=LEAST)
    return password


def one_time() -> str:
    """A password to be changed at the first sign-in: 79 random bits, easily typed."""
    signs = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(signs[at : at + 4]) for at in range(0, 16, 4))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)
