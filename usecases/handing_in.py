"""Handing in over the network: papers come as a stream, and lie in the inbox whole or not at all.

What comes is written to a folder of our own (mode 700, files 600), never held in memory, and goes
into the inbox as :func:`usecases.submission.submit` puts it there. A key that its sender gave makes
sure that the same papers, sent again, are there once and are answered alike.
"""

import hashlib
import os
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

from schemas.department import Department
from schemas.desk_views import HandInView
from schemas.dossier import Role, is_code, is_dossier_code, provisional_code
from schemas.errors import ConfigurationError, Conflict, InputRejected, ServiceUnavailable
from storage import HandIn, NewHandIn
from usecases.caller import Caller, Right, permit
from usecases.dossiers import known_department, own_departments
from usecases.files import LARGEST_FILE, fingerprint
from usecases.rooms import Rooms
from usecases.submission import CLAIMED, MARKER, RESULTS, Submission, submit
from usecases.system_files import is_system_file

MOST_FILES = 200
MOST_BYTES = 1_000_000_000
"""Of all files together."""
LONGEST_NAME = 200
"""Bytes of a file's name."""

FOLDER = "handed-in"
_LEFT_SECONDS = 24 * 3600
_HELD = timedelta(minutes=5)
_FREE_BYTES = 2_000_000_000
"""What the disk must have besides: what is handed in is copied into the inbox."""


@dataclass
class Drop:
    """Files that are being handed in, in a folder of our own until all are there."""

    folder: Path
    files: int = 0
    size: int = 0
    hashes: list[str] = field(default_factory=list)

    def add(self, name: str, role: Role) -> "DroppedFile":
        """Begin a file.

        Args:
            name: what the sender calls it; no path.
            role: what it is in its dossier.

        Raises:
            InputRejected: there are too many, or its name cannot be used.
        """
        if self.files >= MOST_FILES:
            raise InputRejected("intake.too_many_files", most=MOST_FILES)
        name = usable_name(name)
        folder = self.folder if role is Role.component else self.folder / RESULTS
        folder.mkdir(mode=0o700, exist_ok=True)
        self.files += 1
        return DroppedFile(self, _new_file(folder, name))


@dataclass
class DroppedFile:
    """One of them, while it comes."""

    drop: Drop
    stream: BinaryIO
    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, content: bytes) -> None:
        """Write what came of it.

        Raises:
            InputRejected: it, or all of them together, became too large.
        """
        self.size += len(content)
        self.drop.size += len(content)
        if self.size > LARGEST_FILE:
            raise InputRejected("intake.file_too_large", most=LARGEST_FILE // 1_000_000)
        if self.drop.size > MOST_BYTES:
            raise InputRejected("intake.too_large", most=MOST_BYTES // 1_000_000)
        self.digest.update(content)
        self.stream.write(content)

    def close(self) -> None:
        """It is whole.

        Raises:
            InputRejected: there is nothing in it.
        """
        self.stream.close()
        if self.size == 0:
            raise InputRejected("intake.empty_file")
        self.drop.hashes.append(self.digest.hexdigest())


def usable_name(name: str) -> str:
    """A file's name as it is kept: NFC, one part of a path, nothing that hides.

    Raises:
        InputRejected: ``intake.bad_file_name``; the name is not repeated.
    """
    clean = unicodedata.normalize("NFC", name).strip()
    hidden = any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in clean)
    if (
        not clean
        or hidden
        or "/" in clean
        or "\\" in clean
        or is_system_file(clean)
        or len(os.fsencode(clean)) > LONGEST_NAME
    ):
        raise InputRejected("intake.bad_file_name", most=LONGEST_NAME)
    return clean


def _new_file(folder: Path, name: str) -> BinaryIO:
    """Two files of one name are two files."""
    path, number = folder / name, 1
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            number += 1
            stem, ending = Path(name).stem, Path(name).suffix
            path = folder / f"{stem}-{number}{ending}"
        else:
            return os.fdopen(handle, "wb")


@contextmanager
def dropping(caller: Caller, rooms: Rooms) -> Iterator[Drop]:
    """A folder for what is handed in; it is gone when the block ends, and with it what was cut off.

    Raises:
        NotAllowed: they hand nothing in.
        ServiceUnavailable: the disk is nearly full.
    """
    permit(caller, Right.submit)
    with receiving(rooms) as drop:
        yield drop


@contextmanager
def receiving(rooms: Rooms) -> Iterator[Drop]:
    """:func:`dropping` for who was let in otherwise.

    Raises:
        ServiceUnavailable: the disk is nearly full.
    """
    home = rooms.work / FOLDER
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(home).free < _FREE_BYTES:
        raise ServiceUnavailable("intake.no_space")
    _sweep(home)
    folder = home / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    try:
        yield Drop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path) -> None:
    """What a process left that was killed while somebody handed in."""
    for path in home.iterdir():
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def departments_to_hand_in_to(caller: Caller, rooms: Rooms) -> tuple[Department, ...]:
    """Whose dossiers the caller may hand in.

    Raises:
        NotAllowed: they hand nothing in.
    """
    return own_departments(caller, Right.submit, rooms.ledger)


def hand_in(
    caller: Caller,
    rooms: Rooms,
    inbox: Path | None,
    drop: Drop,
    *,
    key: str,
    department: str = "",
    code: str = "",
) -> HandInView:
    """Put what was dropped into the inbox, once for each key.

    Args:
        caller: who hands it in.
        rooms: the ledger keeps the key.
        inbox: the folder; None where this host has none.
        drop: all of the files.
        key: names this hand-in among those of the caller, 8 to 200 ASCII signs.
        department: by identifier or as people call it; may be left out by who has one alone.
        code: of the dossier; without one it gets a provisional one.

    Raises:
        NotAllowed: they hand nothing in.
        NotFound: there is no such department, or it is not theirs.
        InputRejected: there is no file, the code is none, or the key is missing.
        Conflict: a dossier of this code lies in the inbox, not yet taken; the key names other
            papers; or they are just being put there.
        ConfigurationError: ``intake.no_inbox``.
    """
    permit(caller, Right.submit)
    if inbox is None:
        raise ConfigurationError("intake.no_inbox")
    unit = known_department(caller, Right.submit, rooms.ledger, _named(caller, department))
    if drop.files == 0:
        raise InputRejected("intake.no_files")
    new = NewHandIn(
        key=key_of(caller, key),
        department=unit,
        code=_code(code, rooms.clock().date()),
        provisional=not is_dossier_code(code.strip()),
        files=drop.files,
        content=_content(drop.hashes),
        made_by=caller.name,
    )
    known = _put(caller, rooms, inbox, drop, new)
    return HandInView(
        dossier=known.code,
        department=known.department,
        provisional=known.provisional,
        files=known.files,
        handed_in_at=known.made_at,
    )


def _put(caller: Caller, rooms: Rooms, inbox: Path, drop: Drop, new: NewHandIn) -> HandIn:
    """Put it into the inbox, unless that was done before."""
    hand_ins = rooms.ledger.hand_ins
    known, ours = hand_ins.begin(new, _HELD)
    if not ours:
        if known.done_at is None:
            raise Conflict("intake.being_taken")
        return known
    if not _arrived(rooms, inbox, known):
        papers = Submission(known.code, known.provisional, (drop.folder,))
        try:
            submit(caller, inbox, known.department, papers)
        except Exception:
            hand_ins.give_up(known.key)
            raise
    return hand_ins.done(known.key)


def _named(caller: Caller, department: str) -> str:
    """The department that was named, or the only one that is theirs."""
    if department.strip():
        return department
    own = caller.departments or frozenset()
    if len(own) != 1:
        raise InputRejected("intake.no_department")
    return next(iter(own))


def _code(wanted: str, today: date) -> str:
    code = wanted.strip()
    if not code:
        return provisional_code(today)
    if not is_code(code):
        raise InputRejected("intake.bad_code")
    return code


def key_of(caller: Caller, key: str) -> str:
    """What the ledger keeps of a key; somebody else's of the same letters is another one.

    Raises:
        InputRejected: ``intake.bad_key``.
    """
    if not 8 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InputRejected("intake.bad_key")
    return hashlib.sha256(f"{caller.name}\0{key}".encode()).hexdigest()


def _content(hashes: list[str]) -> str:
    """The same for the same files, in whatever order and under whatever names."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def _arrived(rooms: Rooms, inbox: Path, known: HandIn) -> bool:
    """Whether papers whose sender was cut off lie in the inbox, or were taken out of it."""
    if rooms.clock() - known.made_at < _HELD:
        return False
    claimed = (inbox / CLAIMED).glob(f"*/{known.department}/{known.code}")
    folders = (inbox / known.department / known.code, *claimed)
    if any(_content_of(folder) == known.content for folder in folders):
        return True
    dossier = rooms.ledger.dossier(known.code, known.department)
    claims = rooms.ledger.claims(dossier.id) if dossier else []
    for claim in claims:
        if claim.created_at >= known.made_at:
            papers = rooms.ledger.claimed(claim.claim_id)
            own = [one for one in papers if one.part_of is None and one.attached_to is None]
            if _content([one.source_sha256 for one in own]) == known.content:
                return True
    return False


def _content_of(folder: Path) -> str | None:
    if folder.is_symlink() or not folder.is_dir():
        return None
    files = (one for one in folder.rglob("*") if one.is_file() and one.name != MARKER)
    return _content([fingerprint(one)[0] for one in files])
