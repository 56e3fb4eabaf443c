"""What can be a signer's name, and what stands before it: degrees, ranks, strokes of pens."""

from collections.abc import Sequence

from schemas.validators import plain

SIGNED_COPY = "da ky"
"""*Đã ký*, on copies, where the signature was."""


def bare_name(text: str, ranks: Sequence[str]) -> str:
    """A name without the degree or rank before it: ``TS. Lê Văn Thử``, ``Thượng tá Lê Văn Thử``.

    No syllable of a name has a point in it.
    """
    known = [plain(rank).split() for rank in ranks]
    words = text.split()
    while words and _scrawl(words[0]):
        words = words[1:]
    while len(words) > 2:
        start = [plain(word).strip(".,:;") for word in words[:2]]
        size = next((len(rank) for rank in known if start[: len(rank)] == rank), 0)
        if not size and not any(c in words[0][1:] for c in ".:"):
            break
        words = words[max(size, 1) :]
    # every word of a signer's name begins with a capital
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _scrawl(word: str) -> bool:
    """Whether a word before a name is what a signature's stroke was read as: ``\\_>``, ``C)``."""
    letters = [c for c in word if c.isalpha()]
    strange = any(not c.isalpha() and c not in ".,:'’-" for c in word)
    return not letters or strange or (len(letters) == 1 and word[0] not in "YHK")


def can_be_name(text: str) -> bool:
    """Whether a line has the form of a name: two to six words of letters, each with a capital."""
    words = text.split()
    letters = sum(c.isalpha() or c == " " for c in text)
    capitals = sum(word[0].isupper() for word in words)
    if plain(text).strip("().") == SIGNED_COPY:
        return False
    return 2 <= len(words) <= 6 and letters >= 0.9 * len(text) >= 5 and capitals == len(words)
