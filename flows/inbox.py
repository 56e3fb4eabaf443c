"""The inbox folder: which dossiers stand in it, which are whole, and how one is claimed.

Layout, all on one file system so that every move is a rename::

    inbox/<department>/<dossier code>/…         a dossier; its sub-folder ket-qua/ holds results
    inbox/<department>/<file>                   a dossier of one
    inbox/<file>, inbox/<dossier code>/…        the same, for the default department
    inbox/<any other folder>/…                  of nobody: goes to held/, see flows.held
    inbox/.incoming/                            what `sohoa ingest` is still copying
    inbox/.claimed/…                            taken, until storage has it, see flows.claims
    inbox/done/…, inbox/rejected/…              the two ways out
    inbox/held/<code>/<folder>/…                waits for its department to be named

A file that is still being copied looks finished on a slow share, so a dossier is taken only when it
has been still for a while *and* each file is structurally whole, or when it says itself that it is,
by a ``.done`` file in it. A folder that was renamed in need not be still. (A stable, half-written
file on SMB has fooled others.)
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.claims import (
    MAX_DEPTH,
    Claim,
    ClaimedFile,
    Claims,
    claimed_files,
    files_below,
)
from flows.own_folders import DONE, HELD, REJECTED, is_reserved, prepare
from schemas.department import Departments, first_departments
from schemas.dossier import is_code
from schemas.errors import ServiceUnavailable
from usecases.folders import Entry, entries, exists, opened, opened_below, opened_file
from usecases.submission import CLAIMED, INCOMING, MARKER, RESULTS
from usecases.system_files import is_system_file

MOST_FOLDERS = 1000
"""Empty folders that are watched; the next full look finds what comes into any other."""
_TO_TAKE = os.R_OK | os.W_OK | os.X_OK
_SAME_MOMENT = 10_000_000
"""Nanoseconds: a rename stamps the folder and the one it comes into within a clock tick or two."""

Snapshot = dict[str, tuple[int, int]]
"""Relative path → (size in bytes, mtime in ns) of every file that counts."""

ignored = is_system_file


@dataclass(frozen=True)
class Candidate:
    """A folder or a loose file in the inbox that may become a dossier.

    Without a department it is a folder of nobody's, to be held.
    """

    path: Path
    department: str | None
    loose: bool

    @property
    def folder(self) -> str:
        """What the clerk called it; a loose file's name without its last ending."""
        return self.path.stem if self.loose else self.path.name


@dataclass(frozen=True)
class Patience:
    """How long the inbox waits, in seconds."""

    settle: float
    incomplete: float


@dataclass
class _Seen:
    snapshot: Snapshot
    since: float


def candidates(
    inbox: Path, default_department: str, departments: Departments | None = None
) -> Iterator[Candidate]:
    """Everything in the inbox that may become a dossier, in name order.

    Args:
        inbox: the folder.
        default_department: of what lies directly in it.
        departments: the known ones; else those of every office.
    """
    known = departments or first_departments(default_department)
    with opened(inbox) as root:
        for entry in entries(root):
            if ignored(entry.name) or is_reserved(entry.name):
                continue
            path = inbox / entry.name
            if not entry.is_folder:
                yield Candidate(path, default_department, loose=True)
            elif is_code(entry.name.strip()):
                yield Candidate(path, default_department, loose=False)
            elif (department := known.of(entry.name)) is not None:
                yield from _within(root, path, entry, department)
            else:
                yield Candidate(path, None, loose=False)
        yield from _released(inbox, root, known)


def _released(inbox: Path, root: int, known: Departments) -> list[Candidate]:
    """What was held and is of a department that is known by now."""
    found: list[Candidate] = []
    with contextlib.suppress(OSError), opened_below(root, HELD) as held:
        for one in entries(held):
            if not one.is_folder or ignored(one.name):
                continue
            with contextlib.suppress(OSError), opened_below(held, one.name) as waiting:
                for entry in entries(waiting):
                    department = known.of(entry.name) if entry.is_folder else None
                    if department is not None:
                        path = inbox / HELD / one.name / entry.name
                        found += _within(waiting, path, entry, department)
    return found


def _within(above: int, path: Path, entry: Entry, department: str) -> Iterator[Candidate]:
    """The dossiers in a department's folder; none where it may not be opened."""
    try:
        with opened_below(above, entry.name) as folder:
            found = [one for one in entries(folder) if not ignored(one.name)]
    except OSError:
        return
    for one in found:
        yield Candidate(path / one.name, department, loose=not one.is_folder)


def snapshot(path: Path, *, loose: bool) -> Snapshot:
    """Sizes and times of the files that count below ``path``; links are not followed."""
    with opened(path.parent) as above:
        return _snapshot(above, path.name, loose=loose)


def _snapshot(above: int, name: str, *, loose: bool) -> Snapshot:
    if loose:
        info = os.stat(name, dir_fd=above, follow_symlinks=False)
        return {name: (info.st_size, info.st_mtime_ns)}
    with opened_below(above, name) as folder:
        return {
            relative: (info.st_size, info.st_mtime_ns) for relative, info in files_below(folder)
        }


class Inbox(Claims):
    """Decides which candidates are whole. Keeps what it saw between two looks.

    Args:
        root: the inbox folder.
        default_department: for what lies directly in the inbox.
        patience: how long to wait for stillness, and for a file that stays incomplete.
        complete: whether a file is structurally whole, cheaply (``ocr.complete``).
        departments: gives the departments known now; else those of every office.
        name: under which its claims are entered; no other host's inbox has it.
    """

    def __init__(
        self,
        root: Path,
        default_department: str,
        patience: Patience,
        complete: Callable[[Path], bool],
        departments: Callable[[], Departments] | None = None,
        name: str = "inbox",
    ) -> None:
        super().__init__(root)
        self.name = name
        self._department = default_department
        self._patience = patience
        self._complete = complete
        self._departments = departments or (lambda: first_departments(default_department))
        self._seen: dict[Path, _Seen] = {}
        self.folders: list[Path] = []
        """Folders in which something may appear that the last look saw no candidate in."""
        self.closed = 0
        """Folders and files that this user may not read, or not take, at the last look."""

    def prepare(self) -> None:
        """Make the folders the inbox needs.

        Raises:
            ConfigurationError: one of them is a link, or another user's.
        """
        prepare(self.root)

    def known(self) -> Departments:
        """The departments known now."""
        return self._departments()

    def look(self, now: float) -> tuple[list[Candidate], bool]:
        """The dossiers that are whole at ``now`` (monotonic seconds), and whether others wait.

        Raises:
            ServiceUnavailable: the inbox is not there, or may not be read.
        """
        ready: list[Candidate] = []
        seen: dict[Path, _Seen] = {}
        known = self.known()
        try:
            found = list(candidates(self.root, self._department, known))
            self.folders = self._places(known)
            self.closed = sum(not os.access(one, _TO_TAKE) for one in self.folders)
        except OSError as error:
            raise ServiceUnavailable("flow.no_inbox") from error
        for candidate in found:
            try:
                with opened(self.root, candidate.path.relative_to(self.root).parts[:-1]) as above:
                    self._look_at(candidate, above, now, seen, ready)
            except PermissionError:
                self.closed += 1
            except OSError:
                continue  # went away, or cannot be read yet; the next look tells
        self._seen = seen
        return ready, len(seen) > len(ready)

    def _look_at(
        self,
        candidate: Candidate,
        above: int,
        now: float,
        seen: dict[Path, _Seen],
        ready: list[Candidate],
    ) -> None:
        name = candidate.path.name
        current = _snapshot(above, name, loose=candidate.loose)
        marked = False
        if not candidate.loose:
            with opened_below(above, name) as folder:
                _expect_movable(folder)
                marked = exists(folder, MARKER) and candidate.department is not None
        if not current and not marked:
            self._watch_empty(candidate, above)
            return
        before = self._seen.get(candidate.path)
        since = before.since if before and before.snapshot == current else now
        seen[candidate.path] = _Seen(current, since)
        if marked or self._whole(candidate, above, current, now - since):
            ready.append(candidate)

    def _watch_empty(self, candidate: Candidate, above: int) -> None:
        """Papers may come into it, or into the folders that are in it already."""
        with opened_below(above, candidate.path.name) as folder:
            below = [entry.name for entry in entries(folder) if entry.is_folder]
        found = [candidate.path, *(candidate.path / one for one in below if not ignored(one))]
        self.folders += found[: max(0, MOST_FOLDERS - len(self.folders))]

    def _places(self, known: Departments) -> list[Path]:
        """The inbox, the folders of its departments, and ``held/``."""
        with opened(self.root) as root:
            return [self.root] + [
                self.root / entry.name
                for entry in entries(root)
                if entry.is_folder
                and (entry.name == HELD or (known.of(entry.name) and not is_code(entry.name)))
            ]

    def _whole(self, candidate: Candidate, above: int, current: Snapshot, still: float) -> bool:
        if still >= self._patience.incomplete:
            return True
        name = candidate.path.name
        if candidate.loose:
            return still >= self._patience.settle and self._complete_or_odd(above, name)
        with opened_below(above, name) as folder:
            if still < self._patience.settle and not _renamed_in(above, folder):
                return False
            return all(self._complete_or_odd(folder, relative) for relative in current)

    def _complete_or_odd(self, folder: int, relative: str) -> bool:
        """Links, pipes and devices are never opened: they are taken, and then rejected."""
        *above, name = relative.split("/")
        if above:
            with opened_below(folder, above[0]) as below:
                return self._complete_or_odd(below, "/".join([*above[1:], name]))
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return True
        try:
            with opened_file(folder, name) as handle:
                return self._complete(Path(f"/proc/self/fd/{handle}"))
        except OSError:
            return False

    def claim(self, candidate: Candidate, moment: datetime) -> Claim | None:
        """Take ``candidate`` out of the inbox by one rename; None when it is gone already.

        Raises:
            ValueError: it is a folder of nobody's.
        """
        if candidate.department is None:
            raise ValueError("a folder of no department is held, not claimed")
        parts = candidate.path.relative_to(self.root).parts
        return self.take(parts, candidate.department, candidate.folder, moment)


def _expect_movable(folder: int) -> None:
    """See that an open folder may be taken: a rename to another place writes into it, too.

    Raises:
        PermissionError: it is another user's, and closed.
    """
    if not os.access(f"/proc/self/fd/{folder}", _TO_TAKE):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _renamed_in(above: int, folder: int) -> bool:
    """Whether the open ``folder`` came into ``above`` whole, by one rename.

    Linux sets a folder's ctime at a rename, its mtime only when an entry is added or removed; the
    folder that it comes into gets a new mtime at the same moment. A change of mode, owner or
    attributes sets the ctime, too, but leaves the folder above as it was when this one was made,
    and everything in it is younger than that. Where the file system keeps no reliable times, or
    something else came in a moment later, stillness tells.
    """
    info, home = os.fstat(folder), os.fstat(above)
    if info.st_ctime_ns <= info.st_mtime_ns:
        return False
    if abs(home.st_mtime_ns - info.st_ctime_ns) > _SAME_MOMENT:
        return False
    came = min(info.st_ctime_ns, home.st_mtime_ns)
    return all(max(below.st_mtime_ns, below.st_ctime_ns) < came for below in _all_below(folder))


def _all_below(folder: int, depth: int = 0) -> Iterator[os.stat_result]:
    """Every file that counts and every folder below an open one, each itself."""
    for entry in entries(folder):
        if ignored(entry.name):
            continue
        yield entry.info
        if entry.is_folder and depth < MAX_DEPTH:
            with opened_below(folder, entry.name) as below:
                yield from _all_below(below, depth + 1)


__all__ = [
    "CLAIMED", "DONE", "HELD", "INCOMING", "MARKER", "REJECTED", "RESULTS",
    "Candidate", "Claim", "ClaimedFile", "Inbox", "Patience", "Snapshot",
    "candidates", "claimed_files", "ignored", "snapshot",
]  # fmt: skip
