"""Hands scans over to the inbox: copied beside it, then renamed in, so never seen half."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.dossier import is_dossier_code, provisional_code
from schemas.durable import fsync_folder
from schemas.errors import Conflict, InputRejected, NotFound
from usecases.caller import Caller, Right, permit
from usecases.folders import opened
from usecases.system_files import is_system_file

INCOMING = ".incoming"
"""The folder of the inbox in which a submission is put together."""

MARKER = ".done"
"""A file that says of the folder it is in that it is whole."""

CLAIMED = ".claimed"
"""The folder of the inbox with what the watcher has taken, a folder for each claim."""

RESULTS = "ket-qua"
"""The folder of a dossier in which results of the procedure lie (*kết quả*)."""


@dataclass(frozen=True)
class Submission:
    """Paths that become one dossier."""

    code: str
    provisional: bool
    paths: tuple[Path, ...]


def submissions(paths: Sequence[Path], code: str | None, today: date) -> list[Submission]:
    """How ``paths`` become dossiers.

    With a ``code`` all are one dossier. Without, each folder is one (its name is the code where it
    is valid), and the loose files together are one more.

    Raises:
        NotFound: a path does not exist.
        InputRejected: there is no file in them.
    """
    if any(not path.exists() for path in paths):
        raise NotFound("cli.no_such_path")
    if code is not None:
        return [_named(code, tuple(paths), today)]
    folders = [path for path in paths if path.is_dir()]
    loose = tuple(path for path in paths if not path.is_dir())
    made = [_named(folder.resolve().name, (folder,), today) for folder in folders]
    if loose:
        made.append(_named("", loose, today))
    return made


def _named(wanted: str, paths: tuple[Path, ...], today: date) -> Submission:
    if is_dossier_code(wanted):
        return Submission(wanted, False, paths)
    return Submission(provisional_code(today), True, paths)


def submit(caller: Caller, inbox: Path, department: str, submission: Submission) -> int:
    """Put a submission into the inbox; how many files it has. Whole, or not at all.

    Args:
        caller: who hands it in.
        inbox: the folder.
        department: the identifier of one of theirs; see
            :func:`usecases.dossiers.known_department`.
        submission: what is handed in.

    Raises:
        NotAllowed: they hand nothing in, or not there.
        InputRejected: there is no file in it.
        Conflict: a dossier of this code lies in the inbox, not yet taken.
        OSError: somebody has put a link in the place of a folder of the inbox.
    """
    permit(caller, Right.submit, department)
    inbox.mkdir(mode=0o750, parents=True, exist_ok=True)
    for name in (INCOMING, department):
        with contextlib.suppress(FileExistsError):
            (inbox / name).mkdir()
        with opened(inbox, (name,)):
            pass
    target = inbox / department / submission.code
    staging = inbox / INCOMING / secrets.token_hex(8)
    folder = staging / submission.code
    folder.mkdir(parents=True)
    try:
        count = sum(_copy(path, folder) for path in submission.paths)
        if count == 0:
            raise InputRejected("cli.nothing_to_ingest")
        (folder / MARKER).touch()
        fsync_folder(folder)
        with opened(inbox, (department,)) as home:
            if os.path.lexists(target):
                raise Conflict("cli.inbox_name_taken", code=submission.code)
            os.rename(folder, submission.code, dst_dir_fd=home)
            os.fsync(home)
        return count
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _copy(path: Path, folder: Path) -> int:
    """Copy a file, or what is in a folder; how many files.

    Raises:
        InputRejected: there is a link, a pipe or the like in it: it may name what is another's.
    """
    if path.is_dir() and not path.is_symlink():
        count = 0
        for item in sorted(path.iterdir()):
            if is_system_file(item.name):
                continue
            if item.is_symlink() or not (item.is_dir() or item.is_file()):
                raise InputRejected("flow.not_a_file")
            if item.is_dir():
                below = folder / item.name
                below.mkdir(exist_ok=True)
                count += _copy(item, below)
            else:
                count += _copy(item, folder)
        return count
    if not path.is_file():
        return 0
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    with path.open("rb") as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    return 1
