"""Claims: what was taken out of the inbox, in folders of our own until storage has it.

::

    .claimed/<claim>/<department>/<folder>/…   the dossier: its files, below folders made here
    .claimed/<claim>/.taken/…                  what came out of the inbox by one rename, emptied

Whoever made a folder of the inbox may hold it open, and put a link in the place of a file between
two steps. So a claim moves each file into folders made by this process alone (mode 700), where
nobody can exchange it any more; its name is made fit for the ledger and for people on the way.
"""

import contextlib
import errno
import os
import secrets
import stat
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.dossier import DEPARTMENT_ID, Role, department_id
from schemas.durable import fsync_folder
from usecases.files import NAME_MAX, fit_name, prune
from usecases.folders import entries, exists, opened, opened_below
from usecases.submission import CLAIMED, RESULTS
from usecases.system_files import is_system_file

TAKEN = ".taken"
MAX_DEPTH = 8
"""A folder nested deeper is no dossier's: it is taken as one thing, and turned away."""
_STEERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows: ``fdp.exe`` that reads ``exe.pdf``."""


@dataclass(frozen=True)
class Claim:
    """A dossier taken out of the inbox. Its identity and content are in the path itself."""

    claim_id: str
    department: str
    path: Path

    @property
    def folder(self) -> str:
        """What the clerk called the dossier, see :func:`clean_name`."""
        return self.path.name


@dataclass(frozen=True)
class ClaimedFile:
    """One file of a claim: its path below the claim's folder and its role."""

    relative: str
    role: Role


def clean_name(name: str) -> str:
    """``name`` as every program can write it: UTF-8, without control signs, at most 255 bytes.

    A sound name stays as it is, byte for byte; whether in NFC or NFD is the clerk's matter.
    """
    text = os.fsencode(name).decode("utf-8", "replace")
    clean = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if sign in _STEERING or unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
        else sign
        for sign in text
    )
    if len(os.fsencode(clean)) <= NAME_MAX:
        return clean
    path = Path(clean)
    return fit_name(path.stem, path.suffix) if len(path.suffix) < 20 else fit_name(clean, "")


class Claims:
    """The claims of one inbox."""

    def __init__(self, root: Path) -> None:
        """``root`` is the inbox."""
        self.root = root

    def take(
        self, parts: Sequence[str], department: str, folder: str, moment: datetime
    ) -> Claim | None:
        """Take the folder or file ``parts`` below the inbox by one rename; None when it is gone.

        Raises:
            OSError: it may not be moved.
        """
        with opened(self.root, (CLAIMED,)):
            pass  # a folder, no link in its place
        claim_id = f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        home = self.root / CLAIMED / claim_id
        claim = Claim(claim_id, department, home / department / (clean_name(folder) or "-"))
        taken = home / TAKEN
        for made in (home, taken, home / department, claim.path):
            made.mkdir(mode=0o700)
        fsync_folder(home.parent)
        *above, name = parts
        try:
            with opened(self.root, above) as source, opened(taken) as target:
                os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)
                os.fsync(target)
                os.fsync(source)
        except OSError as error:
            for made in (claim.path, taken):
                prune(made, self.root / CLAIMED)
            if isinstance(error, FileNotFoundError):
                return None
            raise
        self.gather(claim)
        return claim

    def gather(self, claim: Claim) -> None:
        """Move what a claim has taken into folders of our own. Repeating it goes on.

        Raises:
            OSError: a file that counts may not be moved.
        """
        taken = self.root / CLAIMED / claim.claim_id / TAKEN
        if not taken.is_dir():
            return
        with opened(taken) as source, opened(claim.path) as target:
            for entry in entries(source):
                if entry.is_folder:
                    with opened_below(source, entry.name) as below:
                        _move_all(below, target, 1)
                    with contextlib.suppress(OSError):  # a bin of another user's is left in it
                        os.rmdir(entry.name, dir_fd=source)
                else:
                    _move(entry.name, source, target)
            os.fsync(target)
            if any(True for _ in files_below(source)):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with contextlib.suppress(OSError):
            taken.rmdir()

    def claims(self) -> list[Claim]:
        """Every claim that still has a folder, oldest first."""
        return [
            Claim(one.name, two.name, three)
            for one in _folders(self.root / CLAIMED)
            for two in _folders(one)
            if DEPARTMENT_ID.fullmatch(two.name)
            for three in _folders(two)
        ]

    def late(self, entered: Collection[str], claims: Collection[Claim]) -> list[Path]:
        """What was put into a folder after it had been taken and its claim entered in the ledger.

        Args:
            entered: identifiers of claims that the ledger knows.
            claims: those that still have a folder, see :meth:`claims`.
        """
        unentered = {one.claim_id for one in claims} - set(entered)
        found = []
        for one in _folders(self.root / CLAIMED):
            if one.name in unentered or not (one / TAKEN).is_dir():
                continue
            with contextlib.suppress(OSError), opened(one / TAKEN) as taken:
                for entry in entries(taken):
                    if not entry.is_folder:
                        found.append(one / TAKEN / entry.name)
                        continue
                    with opened_below(taken, entry.name) as below:
                        if any(True for _ in files_below(below)):
                            found.append(one / TAKEN / entry.name)
        return found

    def sweep(self) -> None:
        """Remove the empty folders of claims that were cut off before or after their files moved.

        Not while a claim is being made.
        """
        for one in _folders(self.root / CLAIMED):
            if _listed(one / TAKEN):
                continue  # its files have yet to move
            for two in (*_folders(one), one / TAKEN):
                for three in _folders(two):
                    prune(three, self.root / CLAIMED)
                prune(two, self.root / CLAIMED)
            prune(one, self.root / CLAIMED)

    def source(self, claim_id: str, department: str, folder: str, relative: str) -> Path:
        """Where a claimed file lies until it moves to ``done/`` or ``rejected/``."""
        return self.root / CLAIMED / claim_id / department / folder / relative


def claimed_files(claim: Claim) -> list[ClaimedFile]:
    """The files of a claim in name order; those below ``ket-qua/`` are results."""
    with opened(claim.path) as folder:
        return [
            ClaimedFile(relative, _role(relative))
            for relative, _ in files_below(folder)
            if relative
        ]


def _role(relative: str) -> Role:
    *above, _ = relative.split("/")
    return Role.result if any(department_id(part) == RESULTS for part in above) else Role.component


def files_below(
    folder: int, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, os.stat_result]]:
    """The things that count below an open folder: relative path and what each is itself.

    Folders are walked, not given, but for those nested too deep.
    """
    for entry in entries(folder):
        if is_system_file(entry.name):
            continue
        if entry.is_folder and depth < MAX_DEPTH:
            with opened_below(folder, entry.name) as below:
                yield from files_below(below, f"{prefix}{entry.name}/", depth + 1)
        else:
            yield prefix + entry.name, entry.info


def _move_all(source: int, target: int, depth: int) -> None:
    """Move what is in ``source`` into ``target``; its folders are made anew.

    What may not be opened or moved stays; :meth:`Claims.gather` says whether that matters.
    """
    for entry in entries(source):
        if not entry.is_folder or depth > MAX_DEPTH:
            _move(entry.name, source, target)
            continue
        name = clean_name(entry.name)
        if exists(target, name) and not _is_folder(target, name):
            name = _free_name(target, name)
        with contextlib.suppress(PermissionError), opened_below(source, entry.name) as from_:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=target)
            with opened_below(target, name) as to:
                _move_all(from_, to, depth + 1)
                os.fsync(to)
            with contextlib.suppress(OSError):
                os.rmdir(entry.name, dir_fd=source)


def _move(name: str, source: int, target: int) -> None:
    """Two names that become one are two files."""
    free = _free_name(target, clean_name(name))
    with contextlib.suppress(FileNotFoundError, PermissionError):
        os.rename(name, free, src_dir_fd=source, dst_dir_fd=target)


def _free_name(folder: int, name: str) -> str:
    path, number, free = Path(name), 1, name
    while exists(folder, free):
        number += 1
        free = fit_name(path.stem, f"-{number}{path.suffix}")
    return free


def _is_folder(folder: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _listed(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return sorted(found, key=lambda entry: os.fsencode(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _folders(path: Path) -> list[Path]:
    return [Path(one.path) for one in _listed(path) if one.is_dir(follow_symlinks=False)]
