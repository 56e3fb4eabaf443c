"""A multipart body (RFC 7578) as it comes: no part of it is held in memory, or written twice.

The form parsers of web frameworks write files to the machine's temporary folder, which may be
memory, before anybody has said whether they are wanted. Here a handler takes each piece.
"""

import hashlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from schemas.dossier import Role
from schemas.errors import InputRejected
from usecases.handing_in import MOST_FILES, Drop, DroppedFile

KIND = "multipart/form-data"
LONGEST_FIELD = 4096
"""Bytes of what is no file."""
MOST_FIELDS = 20
_AT_ONCE = 1 << 20
"""Bytes that are written together: each time costs a change of thread."""


@dataclass(frozen=True)
class Begun:
    """A part begins: a file where it has a file's name, else a field."""

    name: str
    filename: str | None


Piece = Begun | bytes | None
"""What comes next: a part begins, some of it, it ended."""


def is_multipart(request: Request) -> bool:
    """Whether the body says that it is one."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == KIND


def upload_of(request: Request) -> "Upload":
    """The upload of a request, begun where it is not yet.

    Raises:
        InputRejected: it is none.
    """
    found: Upload | None = getattr(request.state, "upload", None)
    if found is None:
        found = request.state.upload = Upload(request)
    return found


class CutOff(InputRejected):
    """The body ended before its end, or is no multipart from some point on."""


class Upload:
    """A multipart body, piece by piece."""

    def __init__(self, request: Request) -> None:
        """Raises :class:`InputRejected` where the body is no multipart."""
        _, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary", b"")
        if not is_multipart(request) or not 0 < len(boundary) <= 256:
            raise InputRejected("service.bad_request")
        self._stream = request.stream().__aiter__()
        self._pieces: deque[Piece] = deque()
        self._field, self._value, self._disposition = b"", b"", b""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    async def first_field(self, name: str) -> str | None:
        """The value of the first part, where it is a field of that name; files wait behind it."""
        seen: list[Piece] = []
        taken, begun = bytearray(), False
        while (piece := await self._next()) is not None:
            seen.append(piece)
            if isinstance(piece, Begun):
                begun = piece.name == name and piece.filename is None
                if not begun:
                    break
            else:
                taken += piece
                if len(taken) > LONGEST_FIELD:
                    begun = False
                    break
        else:
            seen.append(None)
        self._pieces.extendleft(reversed(seen))
        return taken.decode("utf-8", "replace") if begun else None

    async def hashed(self) -> tuple[dict[str, str], str | None]:
        """The fields, and the SHA-256 of the first file in hexadecimal digits; no file is kept.

        Raises:
            InputRejected: it was cut off, or is no multipart.
        """
        fields: dict[str, str] = {}
        found: str | None = None
        parts = 0
        while not self._ended or self._pieces:
            begun = await self._next()
            if not isinstance(begun, Begun):
                continue
            parts += 1
            if parts > MOST_FIELDS:
                raise InputRejected("service.bad_request")
            if begun.filename is None:
                fields[begun.name] = await self._text()
                continue
            digest, size = hashlib.sha256(), 0
            async for piece in self._pieces_of_part():
                digest.update(piece)
                size += len(piece)
            if size and found is None:
                found = digest.hexdigest()
        return fields, found

    async def receive(self, drop: Drop) -> dict[str, str]:
        """Write the files to ``drop``; the fields. Parts called ``result`` are results.

        What is refused is refused after all of it came, since a browser hears nothing before.

        Raises:
            InputRejected: it was cut off, is no multipart, or a file is refused.
        """
        fields: dict[str, str] = {}
        refused: InputRejected | None = None
        parts = 0
        while not self._ended or self._pieces:
            begun = await self._next()
            if not isinstance(begun, Begun):
                continue
            parts += 1
            if parts > MOST_FILES + MOST_FIELDS:
                raise InputRejected("intake.too_many_files", most=MOST_FILES)
            try:
                if refused is None and begun.filename is not None:
                    await self._file(drop, begun)
                else:
                    fields[begun.name] = await self._text()
            except CutOff:
                raise
            except InputRejected as error:
                refused = error
        if refused is not None:
            raise refused
        return fields

    async def _file(self, drop: Drop, begun: Begun) -> None:
        if not begun.filename:  # a file field in which nothing was chosen
            await self._text()
            return
        role = Role.result if begun.name == Role.result.value else Role.component
        file: DroppedFile = await run_in_threadpool(drop.add, begun.filename, role)
        held = bytearray()
        try:
            async for piece in self._pieces_of_part():
                held += piece
                if len(held) >= _AT_ONCE:
                    await run_in_threadpool(file.write, bytes(held))
                    held.clear()
            if held:
                await run_in_threadpool(file.write, bytes(held))
        finally:
            file.stream.close()
        file.close()

    async def _text(self) -> str:
        taken = bytearray()
        async for piece in self._pieces_of_part():
            if len(taken) <= LONGEST_FIELD:
                taken += piece
        return taken[:LONGEST_FIELD].decode("utf-8", "replace")

    async def _pieces_of_part(self) -> AsyncIterator[bytes]:
        while True:
            piece = await self._next()
            if piece is None or isinstance(piece, Begun):
                return
            yield piece

    async def _next(self) -> Piece:
        while not self._pieces:
            if self._ended:
                return None
            try:
                chunk = await anext(self._stream, None)
                if chunk:
                    self._parser.write(chunk)
            except (ClientDisconnect, MultipartParseError):
                chunk = None
            if chunk is None and not self._ended:
                raise CutOff("intake.cut_off")
        return self._pieces.popleft()

    # What the parser tells

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        filename = options.get(b"filename")
        self._pieces.append(
            Begun(
                options.get(b"name", b"").decode("utf-8", "replace"),
                None if filename is None else filename.decode("utf-8", "surrogateescape"),
            )
        )

    def _on_data(self, data: Any, start: int, end: int) -> None:
        self._pieces.append(bytes(data[start:end]))

    def _on_part_end(self) -> None:
        self._pieces.append(None)

    def _on_end(self) -> None:
        self._ended = True
