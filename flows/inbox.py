"""The inbox folder: which dossiers stand in it, which are whole, and how one is claimed.

Layout, all on one file system so that every move is a rename::

    inbox/<department>/<dossier code>/…         a dossier; its sub-folder ket-qua/ holds results
    inbox/<department>/<file>                   a dossier of one
    inbox/<file>, inbox/<dossier code>/…        the same, for the default department
    inbox/.incoming/                            what `sohoa ingest` is still copying
    inbox/.claimed/<claim>/<department>/<folder>/…   taken, until storage has it
    inbox/done/…, inbox/rejected/…              the two ways out

A file that is still being copied looks finished on a slow share, so a dossier is taken only when it
has been still for a while *and* each file is structurally whole, or when it says itself that it is:
renamed in, or a ``.done`` file in it. (A stable, half-written file on SMB has fooled others.)
"""

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.files import fsync_folder, prune
from schemas.dossier import Role, department_id, is_code

CLAIMED = ".claimed"
INCOMING = ".incoming"
DONE = "done"
REJECTED = "rejected"
MARKER = ".done"
RESULTS = "ket-qua"
MAX_DEPTH = 8
_RESERVED = {DONE, REJECTED}
_IGNORED_NAMES = {"thumbs.db", "desktop.ini"}
_IGNORED_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".filepart")

Snapshot = dict[str, tuple[int, int]]
"""Relative path → (size in bytes, mtime in ns) of every file that counts."""


@dataclass(frozen=True)
class Candidate:
    """A folder or a loose file in the inbox that may become a dossier."""

    path: Path
    department: str
    loose: bool

    @property
    def folder(self) -> str:
        """What the clerk called it; a loose file's name without its last ending."""
        return self.path.stem if self.loose else self.path.name


@dataclass(frozen=True)
class Claim:
    """A dossier taken out of the inbox. Its identity and content are in the path itself."""

    claim_id: str
    department: str
    path: Path

    @property
    def folder(self) -> str:
        """What the clerk called the dossier."""
        return self.path.name


@dataclass(frozen=True)
class ClaimedFile:
    """One file of a claim: its path below the claim's folder and its role."""

    relative: str
    role: Role


@dataclass(frozen=True)
class Patience:
    """How long the inbox waits, in seconds."""

    settle: float
    incomplete: float


@dataclass
class _Seen:
    snapshot: Snapshot
    since: float


def ignored(name: str) -> bool:
    """Files that no clerk means: hidden ones, thumbnails, half-made downloads, Office locks."""
    low = name.lower()
    return name.startswith((".", "~$")) or low in _IGNORED_NAMES or low.endswith(_IGNORED_ENDINGS)


def candidates(inbox: Path, default_department: str) -> Iterator[Candidate]:
    """Everything in the inbox that may become a dossier, in name order."""
    for entry in _entries(inbox):
        if ignored(entry.name) or entry.name in _RESERVED:
            continue
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            yield Candidate(path, default_department, loose=True)
        elif is_code(entry.name):
            yield Candidate(path, default_department, loose=False)
        else:
            department = department_id(entry.name)
            for inner in _entries(path):
                if not ignored(inner.name):
                    loose = not inner.is_dir(follow_symlinks=False)
                    yield Candidate(Path(inner.path), department, loose=loose)


def snapshot(path: Path, *, loose: bool) -> Snapshot:
    """Sizes and times of the files that count below ``path``; links are not followed."""
    if loose:
        info = path.lstat()
        return {path.name: (info.st_size, info.st_mtime_ns)}
    return {
        str(file.relative_to(path)): (info.st_size, info.st_mtime_ns) for file, info in _walk(path)
    }


class Inbox:
    """Decides which candidates are whole. Keeps what it saw between two looks.

    Args:
        root: the inbox folder.
        default_department: for what lies directly in the inbox.
        patience: how long to wait for stillness, and for a file that stays incomplete.
        complete: whether a file is structurally whole, cheaply (``ocr.complete``).
    """

    def __init__(
        self,
        root: Path,
        default_department: str,
        patience: Patience,
        complete: Callable[[Path], bool],
    ) -> None:
        self.root = root
        self._department = default_department
        self._patience = patience
        self._complete = complete
        self._seen: dict[Path, _Seen] = {}

    def prepare(self) -> None:
        """Make the folders the inbox needs."""
        for name in (CLAIMED, INCOMING, DONE, REJECTED):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def look(self, now: float) -> tuple[list[Candidate], bool]:
        """The dossiers that are whole at ``now`` (monotonic seconds), and whether others wait."""
        ready: list[Candidate] = []
        seen: dict[Path, _Seen] = {}
        for candidate in candidates(self.root, self._department):
            try:
                current = snapshot(candidate.path, loose=candidate.loose)
                marked = not candidate.loose and (candidate.path / MARKER).exists()
                if not current and not marked:
                    continue
                before = self._seen.get(candidate.path)
                since = before.since if before and before.snapshot == current else now
                seen[candidate.path] = _Seen(current, since)
                if marked or self._whole(candidate, current, now - since):
                    ready.append(candidate)
            except OSError:
                continue  # went away, or cannot be read yet; the next look tells
        self._seen = seen
        return ready, len(seen) > len(ready)

    def _whole(self, candidate: Candidate, current: Snapshot, still: float) -> bool:
        if not candidate.loose and _renamed_in(candidate.path, current):
            return True
        if still >= self._patience.incomplete:
            return True
        if still < self._patience.settle:
            return False
        base = candidate.path.parent if candidate.loose else candidate.path
        return all(self._complete_or_odd(base / name) for name in current)

    def _complete_or_odd(self, path: Path) -> bool:
        """Links, pipes and devices are never opened: they are taken, and then rejected."""
        return not stat.S_ISREG(path.lstat().st_mode) or self._complete(path)

    def claim(self, candidate: Candidate, moment: datetime) -> Claim | None:
        """Take ``candidate`` out of the inbox by one rename; None when it is gone already."""
        claim_id = f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        home = self.root / CLAIMED / claim_id / candidate.department
        target = home / candidate.folder
        try:
            (target if candidate.loose else home).mkdir(parents=True)
            fsync_folder(home.parent.parent)
            candidate.path.rename(target / candidate.path.name if candidate.loose else target)
        except FileNotFoundError:
            prune(target, self.root / CLAIMED)
            return None
        fsync_folder(home)
        fsync_folder(candidate.path.parent)
        return Claim(claim_id, candidate.department, target)

    def claims(self) -> list[Claim]:
        """Every claim that still has a folder, oldest first."""
        return [
            Claim(Path(one.path).name, Path(two.path).name, Path(three.path))
            for one in _entries(self.root / CLAIMED)
            for two in _entries(Path(one.path))
            for three in _entries(Path(two.path))
        ]

    def sweep(self) -> None:
        """Remove the empty folders of claims that were cut off before or after their files moved.

        Not while a claim is being made.
        """
        for one in _entries(self.root / CLAIMED):
            for two in _entries(Path(one.path)):
                prune(Path(two.path), self.root / CLAIMED)
            prune(Path(one.path), self.root / CLAIMED)

    def source(self, claim_id: str, department: str, folder: str, relative: str) -> Path:
        """Where a claimed file lies until it moves to ``done/`` or ``rejected/``."""
        return self.root / CLAIMED / claim_id / department / folder / relative


def claimed_files(claim: Claim) -> list[ClaimedFile]:
    """The files of a claim in name order; those below ``ket-qua/`` are results."""
    found = []
    for path, _ in _walk(claim.path):
        relative = path.relative_to(claim.path)
        result = any(department_id(part) == RESULTS for part in relative.parts[:-1])
        role = Role.result if result else Role.component
        found.append(ClaimedFile(str(relative), role))
    return found


def _renamed_in(folder: Path, current: Snapshot) -> bool:
    """Whether the folder came here whole, by one rename.

    Linux sets a folder's ctime at a rename, its mtime only when an entry is added or removed. A
    folder that is being filled has both alike; one renamed in has a later ctime, and every file in
    it is older. A file system that keeps no honest ctime falls back to stillness.
    """
    info = folder.lstat()
    if info.st_ctime_ns <= info.st_mtime_ns:
        return False
    for name in current:
        below = folder / name
        file_info = below.lstat()
        if max(file_info.st_mtime_ns, file_info.st_ctime_ns) >= info.st_ctime_ns:
            return False
        if below.parent != folder and below.parent.lstat().st_ctime_ns >= info.st_ctime_ns:
            return False
    return True


def _walk(folder: Path, depth: int = 0) -> Iterator[tuple[Path, os.stat_result]]:
    for entry in _entries(folder):
        if ignored(entry.name):
            continue
        info = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(info.st_mode) and depth < MAX_DEPTH:
            yield from _walk(Path(entry.path), depth + 1)
        else:
            yield Path(entry.path), info


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: os.fsencode(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return []
