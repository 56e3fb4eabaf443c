"""Scans that have arrived at a desk and wait for a person's word: files of this host, a
folder for each request.

Each was looked at in a process of its own before anybody hears of it: what kind it is, whether it
is whole, how large, and that it can be drawn.
"""

import asyncio
import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from ocr import tasks
from schemas.durable import fsync_folder
from schemas.errors import InputRejected
from schemas.views import PagePicture
from usecases.handing_in import Drop
from usecases.pictures import Drawer
from usecases.rooms import Rooms

FOLDER = "rescans"
LONGEST = 1400
"""Pixels of the longer side of what is shown of a scan."""
_LEFT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class ArrivedFile:
    """A scan that is kept."""

    sha256: str
    size: int
    media_type: str


async def arrived(
    rooms: Rooms, pool: Drawer, drop: Drop, code: str, *, one_page: bool, picture: bool = False
) -> ArrivedFile:
    """Look at the one file of ``drop`` and keep it beside what came before.

    Args:
        rooms: the work folder.
        pool: looks at it.
        drop: what came.
        code: of the request that it is for.
        one_page: files of several pages are refused.
        picture: PDFs are refused, too.

    Raises:
        InputRejected: there is not just one file, or as :func:`ocr.inspect`;
            ``usecase.one_page``, ``usecase.no_picture``.
    """
    files = [one for one in drop.folder.rglob("*") if one.is_file()]
    if len(files) != 1:
        raise InputRejected("usecase.one_file")
    (file,) = files
    inspection = await pool.inspect(file)
    media = inspection.source.media_type
    if picture and not media.startswith("image/"):
        raise InputRejected("usecase.no_picture")
    if one_page and inspection.pages != 1:
        raise InputRejected("usecase.one_page", pages=inspection.pages)
    if inspection.signed and one_page:
        raise InputRejected("usecase.signed_scan")
    shows = await pool.on_file(tasks.shown_file, file, LONGEST, pool.options, pages=1)
    sha256 = inspection.source.sha256
    await asyncio.to_thread(_keep, rooms, file, code, sha256, shows)
    return ArrivedFile(sha256, inspection.source.bytes, media)


def kept(rooms: Rooms, code: str, sha256: str) -> Path | None:
    """The scan with this hash; None where it is gone."""
    path = rooms.work / FOLDER / code / sha256
    return path if _is_hash(sha256) and path.is_file() else None


def preview(rooms: Rooms, code: str, sha256: str) -> PagePicture | None:
    """What is shown of it."""
    folder = rooms.work / FOLDER / code
    if not _is_hash(sha256):
        return None
    try:
        content = (folder / f"{sha256}.webp").read_bytes()
        size = json.loads((folder / f"{sha256}.json").read_bytes())
        return PagePicture(
            sha256=hashlib.sha256(content).hexdigest(),
            media_type="image/webp",
            width=int(size["width"]),
            height=int(size["height"]),
            content=content,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(rooms: Rooms, code: str, *, but: str | None = None) -> None:
    """What came for a request is in the store, or nobody wants it; ``but`` one that is wanted."""
    folder = rooms.work / FOLDER / code
    if but is None:
        rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir() if folder.is_dir() else ():
        if not path.name.startswith(but):
            path.unlink(missing_ok=True)


def _is_hash(text: str) -> bool:
    return len(text) == 64 and text.isascii() and text.isalnum()


def _keep(rooms: Rooms, file: Path, code: str, sha256: str, shows: PagePicture) -> None:
    """Under its hash, whole or not at all; what nobody decided on for a week goes."""
    folder = rooms.work / FOLDER / code
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.parent.iterdir():
        with suppress(OSError):
            if time.time() - old.lstat().st_mtime > _LEFT_SECONDS:
                rmtree(old)
    (folder / f"{sha256}.webp").write_bytes(shows.content)
    size = {"width": shows.width, "height": shows.height}
    (folder / f"{sha256}.json").write_text(json.dumps(size), encoding="ascii")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
    file.replace(folder / sha256)
    fsync_folder(folder)
