"""The inbox: is it there, who may use it, does something wait in it, does its watcher last."""

import os
import stat
import time

from flows.held import held
from flows.inbox import CLAIMED
from flows.own_folders import SHOWN
from sohoa.bootstrap import open_inbox, open_ledger
from sohoa.doctor.check import Examiner, Observation
from sohoa.doctor.machine import file_system, nearest, writable
from sohoa.services import running, served_inbox
from sohoa.settings import Settings

MINUTES = 15
"""How far back ends of a service count."""
TOO_OFTEN = 3


def _inbox(settings: Settings) -> Observation:
    """There while it is served, and not the empty place where a share is not mounted."""
    inbox = served_inbox(settings)
    served = running(settings) is not None
    chosen = inbox != settings.data / "inbox"  # else it is made when the services start
    used = (settings.data / "ledger.sqlite").exists()  # it was there once
    if (served and not (inbox / CLAIMED).is_dir()) or ((chosen or used) and not inbox.is_dir()):
        return Observation(works=False, found=False, advice="doctor_inbox_missing")
    return writable(inbox)


def _events(settings: Settings) -> Observation:
    kind = file_system(nearest(served_inbox(settings)))
    return Observation(kind, works=not _blind(kind) or settings.taking.polling)


_REMOTE = ("nfs", "cifs", "smb", "fuse", "9p", "vboxsf", "vmhgfs", "virtiofs", "drvfs", "afs")
"""File systems whose changes made elsewhere inotify does not tell."""


def _blind(kind: str) -> bool:
    return kind.startswith(_REMOTE)


def _rights(settings: Settings) -> Observation:
    """Whether others could exchange the inbox's own folders, or look into them."""
    inbox = served_inbox(settings)
    own = [path for name in (CLAIMED, *SHOWN) if (path := inbox / name).is_dir()]
    if not own:
        return Observation(found=False)
    home = inbox.stat()
    steady = not home.st_mode & 0o022 or bool(home.st_mode & stat.S_ISVTX)
    closed = all(
        not path.is_symlink()
        and path.stat().st_uid in {os.geteuid(), home.st_uid}
        and not path.stat().st_mode & 0o027
        for path in own
    )
    return Observation(works=steady and closed)


def _access(settings: Settings) -> Observation:
    """Whether something lies in it that the service may not read, or not move."""
    if not (settings.data / "ledger.sqlite").exists():
        return Observation(found=False)
    with open_ledger(settings) as ledger:
        inbox = open_inbox(settings.model_copy(update={"inbox": served_inbox(settings)}), ledger)
        if not inbox.root.is_dir():
            return Observation(found=False)  # told above
        inbox.look(time.monotonic())
    return Observation(str(inbox.closed) if inbox.closed else None, works=inbox.closed == 0)


def _held(settings: Settings) -> Observation:
    """Nothing is wrong, but somebody waits for an answer."""
    inbox = served_inbox(settings)
    waiting = len(held(inbox)) if inbox.is_dir() else 0
    return Observation(str(waiting), advice="doctor_held" if waiting else None)


def _lasting(settings: Settings) -> Observation:
    """Whether a service ends and is started again, over and over."""
    facts = running(settings)
    if facts is None:
        return Observation(found=False)
    since = time.time() - MINUTES * 60
    often = {
        name: ends
        for name, fact in facts.services.items()
        if (ends := sum(end > since for end in fact.died_at)) >= TOO_OFTEN
    }
    told = ", ".join(f"{name}: {ends} × / {MINUTES} min" for name, ends in often.items())
    return Observation(told or None, works=not often)


INBOX: tuple[Examiner, ...] = (
    Examiner("inbox", _inbox, "doctor_not_writable"),
    Examiner("inbox-events", _events, "doctor_inbox_events"),
    Examiner("inbox-rights", _rights, "doctor_inbox_rights"),
    Examiner("inbox-access", _access, "doctor_inbox_closed"),
    Examiner("inbox-held", _held, "doctor_held"),
    Examiner("restarts", _lasting, "doctor_restarts"),
)
