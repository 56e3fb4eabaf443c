"""The inbox's two ways out: ``done/`` for what is stored, ``rejected/`` for what cannot be read."""

import os
from pathlib import Path

from flows.files import fit_name, fsync_folder, prune
from flows.inbox import CLAIMED, DONE, REJECTED
from schemas.errors import SohoaError
from schemas.messages import sentence

NOTE_ENDING = ".GHI-CHU.txt"


def reject_file(inbox: Path, source: Path, department: str, code: str, reason: SohoaError) -> None:
    """Move one claimed file to ``rejected/<department>/<code>/`` with a note beside it.

    The note is written first, so that no rejected file ever stands without its reason. Doing it
    twice is the same as once.
    """
    folder = inbox / REJECTED / department / code
    folder.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(source):
        return
    target = _free(folder / source.name)
    write_note(target, reason)
    source.rename(target)
    fsync_folder(folder)
    fsync_folder(source.parent)
    prune(source.parent, inbox / CLAIMED)


def reject_folder(inbox: Path, source: Path, department: str, reason: SohoaError) -> None:
    """Move a whole claimed folder to ``rejected/<department>/``: there was nothing in it."""
    home = inbox / REJECTED / department
    home.mkdir(parents=True, exist_ok=True)
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
    home = inbox / DONE / department / code
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        target = home / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(_free(target))
        fsync_folder(target.parent)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    prune(folder, inbox / CLAIMED)


def write_note(target: Path, reason: SohoaError) -> None:
    """The note beside ``target``: why, and what to do, in Vietnamese and English.

    A note of that name can only be this one's, left by an interrupted run: it is replaced.
    """
    lines = [
        line
        for language in ("vi", "en")
        for line in (
            sentence("flow.note_title", language),
            reason.sentence(language),
            sentence("flow.note_keep", language),
            "",
        )
    ]
    note = target.with_name(fit_name(target.name, NOTE_ENDING))
    temporary = note.with_name(f".{os.getpid()}.note.tmp")
    with temporary.open("w", encoding="utf-8") as out:
        out.write("\n".join(lines))
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(note)


def _free(path: Path) -> Path:
    """``path``, or the first of ``name-2``, ``name-3`` … that does not exist."""
    original, number = path, 1
    while os.path.lexists(path):
        number += 1
        path = original.with_name(fit_name(original.stem, f"-{number}{original.suffix}"))
    return path
