"""What lies in a folder that is no known department's: held, until somebody says whose it is.

::

    held/CHO-261123-7F3A2A9C.GHI-CHU.txt      why, and what to do, in Vietnamese and English
    held/CHO-261123-7F3A2A9C/<folder>/…       as it was (*chờ*: wait)

A clerk's folder may be called anything, a person's name and number too: none of it becomes the name
of a department, a run, an object or a log line. When the department is made known, or somebody
assigns the folder to one, the inbox finds its dossiers here (:func:`flows.inbox.candidates`).
"""

import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.claims import clean_name, files_below
from flows.disposition import NOTE_ENDING, write_note
from flows.own_folders import DONE, HELD
from schemas.department import Departments
from schemas.dossier import is_code
from schemas.durable import fsync_folder
from schemas.errors import InputRejected, NotFound
from usecases.folders import entries, exists, make_like, opened, opened_below
from usecases.system_files import is_system_file

PREFIX = "CHO"
UNKNOWN = InputRejected("flow.unknown_department")


@dataclass(frozen=True)
class HeldFolder:
    """One folder that waits, by its neutral code."""

    code: str
    files: int
    since: datetime


def hold(inbox: Path, folder: Path, moment: datetime) -> str | None:
    """Take a folder of nobody's to ``held/``; its code, or None where it is gone already.

    The note comes first, so that nothing is ever held without it.
    """
    with opened(inbox, (HELD,)):
        pass  # a folder, no link in its place
    code = f"{PREFIX}-{moment:%y%m%d}-{secrets.token_hex(4).upper()}"
    home = inbox / HELD / code
    make_like(home, inbox / HELD)
    write_note(home, UNKNOWN, title="flow.note_held")
    *above, name = folder.relative_to(inbox).parts
    try:
        with opened(inbox, above) as source, opened(inbox, (HELD, code)) as target:
            os.rename(name, clean_name(name), src_dir_fd=source, dst_dir_fd=target)
            os.fsync(target)
    except OSError as error:
        _forget(inbox, code)
        if isinstance(error, FileNotFoundError):
            return None
        raise
    fsync_folder(home.parent)
    fsync_folder(folder.parent)
    return code


def held(inbox: Path) -> list[HeldFolder]:
    """Everything that waits for its department to be named."""
    found = []
    with contextlib.suppress(OSError), opened(inbox, (HELD,)) as waiting:
        for entry in entries(waiting):
            if entry.is_folder and not is_system_file(entry.name):
                since = datetime.fromtimestamp(entry.info.st_ctime, UTC)
                found.append(HeldFolder(entry.name, _count(waiting, entry.name), since))
    return found


def _count(waiting: int, name: str) -> int:
    try:
        with opened_below(waiting, name) as folder:
            return sum(1 for _ in files_below(folder))
    except OSError:
        return 0


def assign(inbox: Path, code: str, department: str) -> None:
    """Say whose a held folder is; the watcher takes what is in it.

    A folder with dossiers in it, called by their codes, is like one of the department's; any other
    is one dossier.

    Raises:
        NotFound: nothing of that code waits.
    """
    if not code or "/" in code or is_system_file(code):
        raise NotFound("flow.not_held")
    with contextlib.ExitStack() as stack:
        try:
            home = stack.enter_context(opened(inbox, (HELD, code)))
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("flow.not_held") from None
        for entry in entries(home):
            if entry.is_folder and entry.name != department:
                _put(home, entry.name, department)
    announce(inbox)


def _put(home: int, name: str, department: str) -> None:
    """Let the folder ``name`` be the department's, or a dossier in it."""
    with opened_below(home, name) as folder:
        dossiers = any(one.is_folder and is_code(one.name) for one in entries(folder))
    if dossiers and not exists(home, department):
        os.rename(name, department, src_dir_fd=home, dst_dir_fd=home)
        return
    if not exists(home, department):
        os.mkdir(department, 0o700, dir_fd=home)
    with opened_below(home, department) as target:
        os.rename(name, name, src_dir_fd=home, dst_dir_fd=target)


def announce(inbox: Path) -> None:
    """Let a watcher that waits for news look again: departments have changed."""
    try:
        os.utime(inbox / HELD)
    except OSError:
        return  # nobody waits, or another user's: the next full look tells


def tidy(inbox: Path, known: Departments) -> None:
    """Move what is left of held folders whose papers were taken (thumbnails, say) to ``done/``."""
    with opened(inbox, (HELD,)) as waiting:
        codes = [one.name for one in entries(waiting) if one.is_folder]
        through = {code: _through(waiting, code, known) for code in codes}
    for code, department in through.items():
        if department is None:
            continue
        for folder in (inbox / HELD / code).iterdir():
            with contextlib.suppress(OSError):  # something is left in it
                folder.rmdir()
        if any((inbox / HELD / code).iterdir()):
            target = inbox / DONE / department
            make_like(target, inbox / DONE)
            (inbox / HELD / code).rename(target / code)
        _forget(inbox, code)


def _through(waiting: int, code: str, known: Departments) -> str | None:
    """The department that everything in a held folder was of; None where papers still wait."""
    department = None
    with opened_below(waiting, code) as home:
        for entry in entries(home):
            department = known.of(entry.name)
            if department is None or _count(home, entry.name):
                return None
    return department


def _forget(inbox: Path, code: str) -> None:
    """Remove a held folder that is empty, and the note beside it."""
    home = inbox / HELD / code
    with contextlib.suppress(OSError):
        home.rmdir()
    if not home.exists():
        home.with_name(code + NOTE_ENDING).unlink(missing_ok=True)


def sweep(inbox: Path) -> None:
    """Remove the empty folders, with their notes, of holdings that were cut off."""
    for note in (inbox / HELD).glob(f"{PREFIX}-*{NOTE_ENDING}"):
        _forget(inbox, note.name.removesuffix(NOTE_ENDING))
