"""The machine: Python, folders, disk, clock."""

import ctypes
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import psutil

from sohoa.doctor.check import Examiner, Observation
from sohoa.settings import Settings
from storage.seaweedfs import VOLUME_SIZE_MB

ENOUGH_DISK = 5_000_000_000
LITTLE_DISK = 1_000_000_000
VOLUMES = 2
"""The embedded store has one volume a bucket at least."""
ENOUGH_MEMORY = 3_500_000_000
_BUILT = 1_760_000_000
"""A moment before this was written: a clock that shows less is wrong."""
_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)


def _python(_settings: Settings) -> Observation:
    return Observation(platform.python_version(), works=(3, 11) <= sys.version_info < (3, 14))


def _memory(_settings: Settings) -> Observation:
    total = psutil.virtual_memory().total
    return Observation(f"{total / 1e9:.1f} GB", works=total >= ENOUGH_MEMORY)


def _disk(settings: Settings) -> Observation:
    free = psutil.disk_usage(str(nearest(settings.data))).free
    if settings.embedded_store:
        there = psutil.disk_usage(str(nearest(settings.data / "store"))).free
        if there < VOLUMES * VOLUME_SIZE_MB * 1024**2:
            return Observation(f"{there / 1e9:.1f} GB", works=False, advice="doctor_disk_volume")
    advice = "doctor_disk" if free < ENOUGH_DISK else None
    return Observation(f"{free / 1e9:.1f} GB", works=free >= LITTLE_DISK, advice=advice)


def _data(settings: Settings) -> Observation:
    return writable(settings.data)


def writable(folder: Path) -> Observation:
    """Whether files can be made in ``folder``, or where it would be made."""
    place = nearest(folder)
    with tempfile.TemporaryFile(dir=place):
        return Observation(found=place == folder)


def file_system(path: Path) -> str:
    """The type of the file system ``path`` lies on: that of the longest mount point above it."""
    mounts = [
        (partition.mountpoint, partition.fstype) for partition in psutil.disk_partitions(all=True)
    ]
    above = [(point, kind) for point, kind in mounts if path.is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]), default=("/", "unknown"))[1]


def nearest(path: Path) -> Path:
    """``path``, or the nearest folder above it that there is."""
    return next(place for place in (path, *path.parents) if place.is_dir())


def _clock(_settings: Settings) -> Observation:
    now = time.gmtime()
    shown = time.strftime("%Y-%m-%d %H:%M:%SZ", now)
    sure = _synchronised()
    return Observation(
        shown, works=time.time() > _BUILT, advice=None if sure else "doctor_clock_unsynchronised"
    )


def _synchronised() -> bool:
    """What the kernel believes of its clock; true where it cannot be asked."""
    state = ctypes.create_string_buffer(512)  # struct timex, zeroed: read only
    if ctypes.CDLL(None, use_errno=True).adjtimex(state) < 0:
        return True
    status_at = 4 * ctypes.sizeof(ctypes.c_long) + ctypes.sizeof(ctypes.c_long)
    status = ctypes.c_int.from_buffer(state, status_at).value
    return not status & _UNSYNCHRONISED


def _secrets(settings: Settings) -> Observation:
    folder = settings.data / "secrets"
    if not folder.is_dir():
        return Observation(found=False)
    private = all(
        not path.stat().st_mode & 0o077 and path.stat().st_uid == os.geteuid()
        for path in (folder, *folder.iterdir())
    )
    return Observation(works=private)


MACHINE: tuple[Examiner, ...] = (
    Examiner("python", _python, "doctor_python"),
    Examiner("memory", _memory, "doctor_memory"),
    Examiner("disk", _disk, "doctor_disk"),
    Examiner("clock", _clock, "doctor_clock"),
    Examiner("data", _data, "doctor_not_writable"),
    Examiner("secrets", _secrets, "doctor_secrets"),
)
