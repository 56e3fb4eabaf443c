"""Broken and hostile files, made from drawn ones: the same seed and number give the same file."""

import random
import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from training.benches.hostile_files import HOSTILE
from training.benches.whole_files import originals

_NUMBERS = (b"0", b"-1", b"1", b"65535", b"2147483647", b"4294967296", b"99999999999", b"0.0001")
_WORD = re.compile(rb"\d+")


class Mutant(NamedTuple):
    """A file to be digitised: how it was made, its name's ending, its bytes."""

    recipe: str
    ending: str
    data: bytes


def mutant(seed: int, number: int) -> Mutant:
    """File ``number`` of the series: one in four is built hostile, the others are damaged."""
    rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - repeatable on purpose
    if number % 4 == 0:
        name, make = HOSTILE[(number // 4) % len(HOSTILE)]
        return Mutant(f"hostile:{name}", "pdf" if name.startswith("pdf") else "bin", make(rng))
    names = sorted(originals())
    name = names[rng.randrange(len(names))]
    data = originals()[name]
    damages = [DAMAGES[rng.randrange(len(DAMAGES))] for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    for _, damage in damages:
        data = damage(rng, data)
    recipe = "+".join(label for label, _ in damages)
    return Mutant(f"{name}:{recipe}", name.partition("-")[2] or name, data)


def _truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 16, 64)) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwritten(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 2_000)
    filling = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length)))
    return data[:start] + filling + data[start + length :]


def _cut(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 500)
    return data[:start] + data[start + length :]


def _doubled(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 4_000)
    return data[:start] + data[start : start + length] * rng.choice((2, 3, 50)) + data[start:]


def _spliced(rng: random.Random, data: bytes) -> bytes:
    names = sorted(originals())
    other = originals()[names[rng.randrange(len(names))]]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


def _renumbered(rng: random.Random, data: bytes) -> bytes:
    """Decimal numbers exchanged: lengths, offsets, references, sizes of a PDF."""
    places = list(_WORD.finditer(data))
    for place in sorted(rng.sample(places, min(len(places), rng.choice((1, 2, 5)))), reverse=True,
                        key=lambda found: found.start()):  # fmt: skip
        data = data[: place.start()] + rng.choice(_NUMBERS) + data[place.end() :]
    return data


def _resized(rng: random.Random, data: bytes) -> bytes:
    """Big-endian and little-endian fields set to extreme values: sizes in pictures' headers."""
    changed = bytearray(data)
    for _ in range(3):
        at = rng.randrange(min(len(changed), 400) or 1)
        value = rng.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
        form = rng.choice((">I", "<I", ">H", "<H"))
        size = struct.calcsize(form)
        if at + size <= len(changed):
            struct.pack_into(form, changed, at, value & (0xFFFF if size == 2 else 0xFFFFFFFF))
    return bytes(changed)


Damage = Callable[[random.Random, bytes], bytes]
DAMAGES: tuple[tuple[str, Damage], ...] = (
    ("truncated", _truncated),
    ("flipped", _flipped),
    ("flipped", _flipped),
    ("overwritten", _overwritten),
    ("cut", _cut),
    ("doubled", _doubled),
    ("spliced", _spliced),
    ("renumbered", _renumbered),
    ("resized", _resized),
)
