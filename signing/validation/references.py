# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""What an object of a PDF refers to, read from its bytes.

To find the ways through a file every object in it must be asked what it refers to, and to make
objects of all of them with pyHanko took a third of the time of a verification. Here only references
are looked for, in objects that are written as ISO 32000-2, 7.3 has it. Whatever is written in
another way, is damaged or can be read in two ways is left to pyHanko. To be removed when a
verification with ``PdfFileReader.get_object`` alone takes no more than a tenth longer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

Found = list[tuple[int, int, bool]]
"""Number and generation of what is referred to, and whether it is more than the object's parent."""

_CHUNKS = (2048, 1 << 14, 1 << 18)  # bytes that an object takes without its stream
_HEAD = re.compile(rb"(\d{1,10}) (\d{1,5}) obj(?=[\t\n\r </\[(])")
_OPENED = re.compile(rb"stream(?:\r\n|\n)")
_CLOSED = re.compile(rb"[\t\n\x0c\r ]{0,4}endstream[\t\n\x0c\r ]+endobj")
_REFERENCE = rb"\d{1,7}[\t\n\r ]\d{1,5}[\t\n\r ]R(?![A-Za-z])"
_NUMBER = rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?=[\x00\t\n\x0c\r ()<>\[\]/])"
_TOKEN = re.compile(
    rb"[\x00\t\n\x0c\r ]*+(?:"
    rb"(?P<name>/[^\x00\t\n\x0c\r ()<>\[\]{}/%#]*+)|"
    rb"(?P<reference>" + _REFERENCE + rb")|"
    rb"(?P<numbers>(?:" + _NUMBER + rb"[\x00\t\n\x0c\r ]*+(?!" + _REFERENCE + rb"))++"
    rb"|" + _NUMBER + rb")|"
    rb"(?P<dictionary><<)|(?P<closed>>>)|(?P<array>\[)|(?P<ended>\])|"
    rb"(?P<plain>\((?:[^()\\]|\\[nrtbf()\\0-7])*+\)|<[0-9A-Fa-f\t\n\r ]*+>|"
    rb"(?:true|false|null)(?=[\x00\t\n\x0c\r ()<>\[\]/]))|"
    rb"(?P<end>endobj|stream)|(?P<other>[\s\S]))"
)


@dataclass
class _Open:
    """A dictionary or an array that is being read."""

    part: bool
    keys: set[bytes] | None = None
    """Those so far, of a dictionary; ``None``: an array."""
    key: bytes | None = None
    """Whose value comes next."""


def in_file(
    stream: IO[bytes], at: int, reference: tuple[int, int], length_of: Callable[[int, int], int]
) -> Found | None:
    """What the object refers to whose entry points at ``at``; ``None``: pyHanko is to read it.

    Args:
        stream: the file.
        at: where the object begins, without a blank before it.
        reference: its number and generation.
        length_of: the length of a stream that stands in another object.
    """
    for size in _CHUNKS:
        stream.seek(at)
        content = stream.read(size)
        head = _HEAD.match(content)
        if head is None or (int(head[1]), int(head[2])) != reference:
            return None
        scan = _Scan()
        if scan.read(content, head.end()):
            whole = content.startswith(b"endobj", scan.end) or _closed(
                stream, at + scan.end, scan.length, length_of
            )
            return scan.found if whole else None
        if len(content) < size:
            break
    return None


def in_stream(content: bytes, at: int) -> Found | None:
    """The same for an object at ``at`` in what an object stream holds."""
    scan = _Scan(packed=True)
    return scan.found if scan.read(content, at) else None


def _closed(
    stream: IO[bytes],
    at: int,
    told: bytes | tuple[int, int] | None,
    length_of: Callable[[int, int], int],
) -> bool:
    """Whether a stream whose keyword is at ``at`` is as long as its dictionary tells."""
    stream.seek(at)
    opened = _OPENED.match(stream.read(8))
    if opened is None or told is None:
        return False
    length = length_of(*told) if isinstance(told, tuple) else int(told)
    if length < 0:
        return False
    stream.seek(at + opened.end() + length)
    return _CLOSED.match(stream.read(32)) is not None


class _Scan:
    """One walk over the bytes of an object."""

    def __init__(self, *, packed: bool = False) -> None:
        """``packed``: it stands in an object stream, with nothing to close it."""
        self.found: Found = []
        self.end = -1
        """Where ``endobj`` or ``stream`` begins."""
        self.length: bytes | tuple[int, int] | None = None
        """The ``/Length`` of the outermost dictionary, or the object that tells it."""
        self._packed = packed
        self._open: list[_Open] = []
        self._values = 0

    def read(self, content: bytes, at: int) -> bool:
        """Whether it could be read to its end."""
        for token in _TOKEN.finditer(content, at):
            kind = token.lastgroup
            if kind == "end":
                self.end = token.start(kind)
                return not self._packed and not self._open and self._values == 1
            if kind == "other" or not self._take(str(kind), token):
                return False
            if self._packed and not self._open:
                return kind in {"closed", "ended"}
        return False

    def _take(self, kind: str, token: re.Match[bytes]) -> bool:
        """Take one token; ``False``: it should not be here."""
        inner = self._open[-1] if self._open else None
        if inner is not None and inner.keys is not None and inner.key is None:
            if kind == "closed":
                self._open.pop()
                return True
            name = token[kind]
            if kind != "name" or name in inner.keys:
                return False
            inner.keys.add(name)
            inner.key = name
            return True
        if kind in {"closed", "ended"}:
            if kind == "closed" or inner is None or inner.keys is not None:
                return False
            self._open.pop()
            return True
        return self._value(kind, token, inner)

    def _value(self, kind: str, token: re.Match[bytes], inner: _Open | None) -> bool:
        part = True
        if inner is None:
            self._values += 1
        else:
            part = inner.part and inner.key != b"/Parent"
            if inner.key == b"/Length" and len(self._open) == 1:
                self._note_length(kind, token)
        if kind in {"dictionary", "array"}:
            self._open.append(_Open(part, set() if kind == "dictionary" else None))
        elif kind == "reference":
            number, generation, _ = token[kind].split()
            self.found.append((int(number), int(generation), part))
        several = kind == "numbers" and len(token[kind].split()) > 1
        if several and (inner is None or inner.keys is not None):
            return False
        if inner is not None:
            inner.key = None
        return True

    def _note_length(self, kind: str, token: re.Match[bytes]) -> None:
        if kind == "reference":
            number, generation, _ = token[kind].split()
            self.length = int(number), int(generation)
        elif kind == "numbers" and token[kind].strip().isdigit():
            self.length = token[kind].strip()
