"""The public code of a document: 128 random bits on its paper, by which anybody checks it.

Written with the 32 signs of Crockford's Base32 (no I, L, O, U), in groups of four. People may type
it in small letters, with other gaps or none, and with the letters that look like figures.
"""

import hashlib
import secrets

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 128
LENGTH = 26
"""Signs of a code: 26 times 5 bits hold 128."""
GROUP = 4
LONGEST = 200
"""Letters that are looked at of what somebody typed."""
_MEANT = str.maketrans("ILO", "110")


def new_code() -> str:
    """A code that nobody can guess, without gaps."""
    number = secrets.randbits(BITS)
    return "".join(SIGNS[number >> (5 * place) & 31] for place in reversed(range(LENGTH)))


def is_code(text: str) -> bool:
    """Whether a text is a code as it is made."""
    return len(text) == LENGTH and set(text) <= set(SIGNS)


def grouped(code: str) -> str:
    """A code as people read it: ``0123-4567-89AB-CDEF-GHJK-MNPQ-RS``."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def fingerprint(typed: str) -> str:
    """What the ledger looks a code up by: the SHA-256 of its signs, in hexadecimal digits.

    Whatever was typed has one: what is no code at all is looked up as an unknown one is. The hash
    keeps the time of the look-up from telling how a code begins.
    """
    signs = "".join(letter for letter in typed[:LONGEST].upper() if letter.isalnum())
    return hashlib.sha256(signs.translate(_MEANT).encode("utf-8", "replace")).hexdigest()
