"""A file as an answer: all of it or a range, never twice what its reader has (RFC 9110).

Its tag is the hash of its bytes. A range is counted in bytes; several of them, and what is no
range, are answered with the whole file, as the standard allows.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from schemas.errors import InputRejected
from usecases.taken_file import TakenFile

_RANGE = re.compile(r"bytes=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})\s*")


class NoSuchRange(InputRejected):
    """Nothing of the file lies in the range that was asked for."""

    def __init__(self, size: int) -> None:
        super().__init__("service.no_range", size=size)
        self.headers = {"Content-Range": f"bytes */{size}"}


def has_it(request: Request, sha256: str) -> bool:
    """Whether who asks has the file already: then its bytes need not be looked for."""
    said = request.headers.get("if-none-match", "")
    tags = {one.strip().removeprefix("W/") for one in said.split(",")}
    return "*" in tags or _tag(sha256) in tags


def not_modified(sha256: str) -> Response:
    """That they have it."""
    return Response(status_code=304, headers={"ETag": _tag(sha256)})


def headed(name: str, media_type: str, size: int, sha256: str) -> Response:
    """What a file is like, without its bytes."""
    headers = {**_headers(name, sha256), "Content-Length": str(size)}
    return Response(headers=headers, media_type=media_type)


def sent(file: TakenFile, request: Request | None = None) -> Response:
    """A file, to be saved, never opened as a page of this site.

    Args:
        file: it is closed when it was sent.
        request: asks for a range of it, perhaps; None, or a file without a hash: all is sent.

    Raises:
        NoSuchRange: the range begins behind its end.
    """
    headers = _headers(file.name, file.sha256)
    begin, end, status = 0, file.size, 200
    try:
        asked = asked_range(request.headers, file) if request is not None else None
    except NoSuchRange:
        file.stream.close()
        raise
    if asked is not None:
        (begin, end), status = asked, 206
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - begin)
    return StreamingResponse(
        file.blocks(begin, end), status_code=status, headers=headers, media_type=file.media_type
    )


def asked_range(headers: Mapping[str, str], file: TakenFile) -> tuple[int, int] | None:
    """The first byte that is asked for, and the one behind the last; None: all of them. Pure.

    Raises:
        NoSuchRange: it begins behind the end.
    """
    found = _RANGE.fullmatch(headers.get("range", ""))
    if found is None or file.sha256 is None or found[1] == found[2] == "":
        return None
    condition = headers.get("if-range")
    if condition is not None and condition.strip() != _tag(file.sha256):
        return None
    if found[1] == "":
        begin, end = max(0, file.size - int(found[2])), file.size
    else:
        begin = int(found[1])
        end = file.size if found[2] == "" else min(file.size, int(found[2]) + 1)
        if found[2] != "" and int(found[2]) < begin:
            return None  # no range at all
    if begin >= file.size:
        raise NoSuchRange(file.size)
    return begin, end


def _headers(name: str, sha256: str | None) -> dict[str, str]:
    plain = re.sub(r'[^ -~]|["\\]', "_", name)
    said = f'attachment; filename="{plain}"'
    if plain != name:
        said += f"; filename*=UTF-8''{quote(name, safe='')}"
    ranged = {} if sha256 is None else {"ETag": _tag(sha256), "Accept-Ranges": "bytes"}
    return {"Content-Disposition": said, **ranged}


def _tag(sha256: str) -> str:
    return f'"{sha256}"'
