"""Signed files damaged at random: the same seed and number give the same file."""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pdf_attacks import appended, appended_as_stream, body_of, gaps, number_of, size_of

_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"/[A-Za-z]+")
_VALUES = (b"0", b"-1", b"1", b"65535", b"2147483648", b"99999999999", b"0.5", b"null", b"[]")


class Mutant(NamedTuple):
    """A damaged file, how it was made, and whether what was signed is not what it was."""

    recipe: str
    content: bytes
    signed_changed: bool


def mutant(files: Sequence[bytes], seed: int, number: int) -> Mutant:
    """File ``number`` of the series, made from one of the signed ``files``."""
    chance = random.Random(seed * 1_000_003 + number)
    file = chance.randrange(len(files))
    content = files[file]
    name, damage = _DAMAGES[number % len(_DAMAGES)]
    changed = damage(chance, content)
    return Mutant(f"{file}:{name}", changed, _signed(content) != _signed_part(content, changed))


def _signed(content: bytes) -> bytes:
    """The bytes up to the file's end without what stands in the holes."""
    return _signed_part(content, content)


def _signed_part(content: bytes, changed: bytes) -> bytes:
    parts, at = [], 0
    for start, end in gaps(content):
        parts.append(changed[at:start])
        at = end
    return b"".join([*parts, changed[at : len(content.rstrip())]])


def _somewhere(chance: random.Random, content: bytes) -> int:
    return chance.randrange(1, len(content))


def _bit(chance: random.Random, content: bytes) -> bytes:
    at = _somewhere(chance, content)
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _noise(chance: random.Random, content: bytes) -> bytes:
    at, length = _somewhere(chance, content), chance.randrange(1, 200)
    return content[:at] + chance.randbytes(length) + content[at + length :]


def _insertion(chance: random.Random, content: bytes) -> bytes:
    at = _somewhere(chance, content)
    return content[:at] + chance.randbytes(chance.randrange(1, 60)) + content[at:]


def _cut(chance: random.Random, content: bytes) -> bytes:
    at = _somewhere(chance, content)
    return content[:at] + content[at + chance.randrange(1, 300) :]


def _end_cut(chance: random.Random, content: bytes) -> bytes:
    return content[: _somewhere(chance, content)]


def _doubled(chance: random.Random, content: bytes) -> bytes:
    at, to = _somewhere(chance, content), _somewhere(chance, content)
    return content[:to] + content[at : at + chance.randrange(1, 2000)] + content[to:]


def _in(pattern: re.Pattern[bytes], chance: random.Random, content: bytes, value: bytes) -> bytes:
    begin = _somewhere(chance, content)
    found = pattern.search(content, begin) or pattern.search(content)
    assert found is not None
    return content[: found.start()] + value + content[found.end() :]


def _number(chance: random.Random, content: bytes) -> bytes:
    return _in(_NUMBER, chance, content, chance.choice(_VALUES))


def _name(chance: random.Random, content: bytes) -> bytes:
    names = _NAME.findall(content)
    return _in(_NAME, chance, content, chance.choice(names))


def _hole(chance: random.Random, content: bytes) -> bytes:
    """Other digits where a signature stands."""
    start, end = chance.choice(gaps(content))
    at = chance.randrange(start + 1, min(end - 9, start + 6000))
    return content[:at] + chance.randbytes(4).hex().encode() + content[at + 8 :]


def _body(chance: random.Random, content: bytes) -> tuple[int, bytes]:
    """One of the objects that stand openly, changed."""
    number = int(chance.choice(re.findall(rb"[\r\n](\d+) 0 obj", content)))
    body = body_of(content, number)
    return number, chance.choice((_number, _name, _bit, _cut))(chance, body + b" 0 /N ")


def _revision(chance: random.Random, content: bytes) -> bytes:
    """An update that writes an object anew, with or without evidence as the pretext."""
    number, body = _body(chance, content)
    objects = {number: body}
    root, free = number_of(content, b"Root"), size_of(content)
    if chance.random() < 0.5 and root != number and b"/DSS" not in body_of(content, root):
        objects[root] = body_of(content, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free
        objects[free] = b"<< /Certs [ %d 0 R ] >>" % (free + 1)
        objects[free + 1] = b"<< /Length 1 >>\nstream\n0\nendstream"
    write = chance.choice((appended, appended_as_stream))
    return write(content, objects)  # type: ignore[operator, no-any-return]


_DAMAGES: list[tuple[str, Callable[[random.Random, bytes], bytes]]] = [
    ("bit", _bit),
    ("noise", _noise),
    ("insertion", _insertion),
    ("cut", _cut),
    ("end cut", _end_cut),
    ("doubled", _doubled),
    ("number", _number),
    ("name", _name),
    ("hole", _hole),
    ("revision", _revision),
    ("revision again", _revision),
]
