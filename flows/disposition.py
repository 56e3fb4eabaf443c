"""The inbox's two ways out: ``done/`` for what is stored, ``rejected/`` for what cannot be read."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from flows.own_folders import DONE, REJECTED
from schemas.durable import fsync_folder
from schemas.errors import ConfigurationError, SohoaError
from schemas.messages import sentence
from usecases.files import fingerprint, fit_name, prune
from usecases.folders import make_like
from usecases.submission import CLAIMED

NOTE_ENDING = ".GHI-CHU.txt"
NOTE_PART = ".note.tmp"
"""How the name of a note ends while it is written."""


def reject_file(inbox: Path, source: Path, department: str, code: str, reason: SohoaError) -> None:
    """Move one claimed file to ``rejected/<department>/<code>/`` with a note beside it.

    The note is written first, so that no rejected file ever stands without its reason. Doing it
    twice is the same as once.
    """
    folder = _home(inbox, REJECTED) / department / code
    make_like(folder, inbox / REJECTED)
    if not os.path.lexists(source):
        return
    target = _free(folder / source.name)
    write_note(target, reason)
    source.rename(target)
    fsync_folder(folder)
    fsync_folder(source.parent)
    prune(source.parent, inbox / CLAIMED)


def was_rejected(inbox: Path, name: str, department: str, code: str, sha256: str) -> bool:
    """Whether a file with these bytes stands in ``rejected/`` under ``name``."""
    return fingerprint(inbox / REJECTED / department / code / name)[0] == sha256


def reject_folder(inbox: Path, source: Path, department: str, reason: SohoaError) -> None:
    """Move a whole claimed folder to ``rejected/<department>/``: there was nothing in it."""
    home = _home(inbox, REJECTED) / department
    make_like(home, inbox / REJECTED)
    target = _free(home / source.name)
    write_note(target, reason)
    source.rename(target)
    fsync_folder(home)
    prune(source.parent, inbox / CLAIMED)


def finish_claim(inbox: Path, folder: Path, department: str, code: str) -> None:
    """Move what is left of a claim to ``done/<department>/<code>/``.

    Files join those of earlier claims of the same dossier; a name that is taken gets a number.
    What a run that was cut off has moved already is not there any more.
    """
    home = _home(inbox, DONE) / department / code
    for path in list(_below(folder)) if folder.is_dir() else ():
        target = home / path.relative_to(folder)
        make_like(target.parent, inbox / DONE)
        path.rename(_free(target))
        fsync_folder(target.parent)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    prune(folder, inbox / CLAIMED)


def _home(inbox: Path, name: str) -> Path:
    """``done/`` or ``rejected/``, which :func:`flows.own_folders.prepare` has made.

    Raises:
        ConfigurationError: somebody has put a link in its place.
    """
    home = inbox / name
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.is_symlink():
        raise ConfigurationError("flow.own_folder_foreign", folder=name)
    return home


def _below(folder: Path) -> Iterator[Path]:
    """What is to be moved out of a claim, in name order.

    Folders of a claim are ours; one that is not was nested too deep, and is not walked.
    """
    with os.scandir(folder) as found:
        inside = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in inside:
        info = entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False) and info.st_uid == os.geteuid():
            yield from _below(Path(entry.path))
        else:
            yield Path(entry.path)


def write_note(target: Path, reason: SohoaError, title: str = "flow.note_title") -> None:
    """The note beside ``target``: why, and what to do, in Vietnamese and English.

    A note of that name can only be this one's, left by an interrupted run: it is replaced. Who may
    read the folder may read it.
    """
    lines = [
        line
        for language in ("vi", "en")
        for line in (
            sentence(title, language),
            reason.sentence(language),
            sentence("flow.note_keep", language),
            "",
        )
    ]
    note = target.with_name(fit_name(target.name, NOTE_ENDING))
    temporary = note.with_name(f".{secrets.token_hex(4)}{NOTE_PART}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        if note.parent.stat().st_mode & 0o040:
            os.fchmod(handle, 0o640)
        out.write("\n".join(lines))
        out.flush()
        os.fsync(handle)
    temporary.rename(note)


def _free(path: Path) -> Path:
    """``path``, or the first of ``name-2``, ``name-3`` … that does not exist."""
    original, number = path, 1
    while os.path.lexists(path):
        number += 1
        path = original.with_name(fit_name(original.stem, f"-{number}{original.suffix}"))
    return path
