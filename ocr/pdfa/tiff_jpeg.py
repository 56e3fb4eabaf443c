"""The JPEG of a TIFF frame as one JPEG, its data as they are.

A TIFF keeps the tables apart and may cut a picture into strips, each a JPEG of its own (TIFF
Technical Note 2). Between two strips a JPEG decoder starts afresh, which is just what it does at a
restart marker (ISO/IEC 10918-1, F.1.1.5): strips with restart markers between them are one JPEG.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_BASELINE, _SOS, _DRI, _RESTART = {0xC0, 0xC1}, 0xDA, 0xDD, 0xD0
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JFIF = 0xE0
_ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""The APP14 segment for colours that are not transformed."""
_MOST_UNITS = 65_535
"""Of a restart interval."""


@dataclass(frozen=True)
class _Strip:
    """A JPEG taken apart: tables and the like, its frame, its scan; only one scan is known."""

    segments: tuple[bytes, ...]
    frame: bytes
    scan: bytes
    data: bytes

    @property
    def height(self) -> int:
        return int(struct.unpack(">H", self.frame[5:7])[0])

    @property
    def width(self) -> int:
        return int(struct.unpack(">H", self.frame[7:9])[0])

    @property
    def unit(self) -> tuple[int, int]:
        """Width and height of a coding unit in pixels."""
        if self.frame[9] == 1:
            return 8, 8
        factors = self.frame[11::3]
        return 8 * max(one >> 4 for one in factors), 8 * max(one & 15 for one in factors)

    def of_height(self, height: int) -> "_Strip":
        return replace(self, frame=self.frame[:5] + struct.pack(">H", height) + self.frame[7:])


def joined(
    strips: Sequence[bytes], tables: bytes, height: int, *, rgb: bool = False
) -> bytes | None:
    """One JPEG of ``height`` rows from the strips of a frame and its ``JPEGTables``, if any.

    ``rgb`` says that its colours are red, green and blue; a mark for that is put in, for a JPEG by
    itself is taken to hold brightness and differences of colour.

    None where that is not possible: progressive strips, restart markers of their own, tables that
    change on the way, strips that end inside a coding unit.
    """
    try:
        shared = _segments(tables[2:-2]) if tables else ()
        parts = [_taken_apart(strip) for strip in strips]
        first = parts[0]
        across, down = first.unit
        rows = [-(-part.height // down) for part in parts]
    except (IndexError, ValueError, struct.error, ZeroDivisionError):
        return None
    same = all(_alike(part, first) for part in parts)
    even = all(part.height == first.height and not part.height % down for part in parts[:-1])
    units = rows[0] * -(-first.width // across)
    if not (same and even and sum(rows) == -(-height // down) and units <= _MOST_UNITS):
        return None
    interval = [struct.pack(">BBHH", 0xFF, _DRI, 4, units)] if len(parts) > 1 else []
    if rgb and any(segment[1] == _JFIF for segment in (*shared, *first.segments)):
        return None
    colours = [_ADOBE_RGB] if rgb else []
    frame = first.of_height(height).frame
    head = (*colours, *shared, *first.segments, frame, *interval, first.scan)
    data = [part.data for part in parts]
    marks = [bytes((0xFF, _RESTART + index % 8)) for index in range(len(data) - 1)]
    body = [piece for pair in zip(data, [*marks, _EOI], strict=True) for piece in pair]
    return b"".join((_SOI, *head, *body))


def _alike(part: _Strip, first: _Strip) -> bool:
    """Whether nothing but the height of a strip is another."""
    frames = part.of_height(0).frame == first.of_height(0).frame
    return frames and part.scan == first.scan and set(part.segments) <= set(first.segments)


def _taken_apart(strip: bytes) -> _Strip:
    if not strip.startswith(_SOI):
        raise ValueError("no JPEG")
    end = strip.rindex(_EOI)
    segments = _segments(strip[2:end])
    frame, scan = segments[-2], segments[-1]
    data = strip[2 + sum(len(segment) for segment in segments) : end]
    if scan[1] != _SOS or frame[1] not in _BASELINE:
        raise ValueError("not a simple JPEG")
    if any(segment[1] in _FRAMES or segment[1] == _DRI for segment in segments[:-2]):
        raise ValueError("not a simple JPEG")
    return _Strip(segments[:-2], frame, scan, data)


def _segments(data: bytes) -> tuple[bytes, ...]:
    """The segments up to the first scan and its header, the frame moved to the end before it."""
    found: list[bytes] = []
    position = 0
    while position + 4 <= len(data):
        lead, marker, length = struct.unpack(">BBH", data[position : position + 4])
        if lead != 0xFF or length < 2 or position + 2 + length > len(data):
            raise ValueError("no segment")
        found.append(data[position : position + 2 + length])
        position += 2 + length
        if marker == _SOS:
            break
    frames = [segment for segment in found if segment[1] in _FRAMES]
    others = [segment for segment in found if segment[1] not in _FRAMES]
    return (*others[:-1], *frames, *others[-1:])
