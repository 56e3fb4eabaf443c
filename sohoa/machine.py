"""How this host is, for the operators' page: services, disk, certificates, what was checked.

Services are what the supervisor last wrote. Checks ask other processes and may take seconds, so
they are made beside the page, once a minute while somebody looks, and the page shows the last ones.
"""

import socket
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psutil
from cryptography import x509

from schemas.operating import (
    CertificateState,
    CheckState,
    DiskState,
    MachineView,
    ServiceState,
)
from sohoa.bootstrap import open_objects
from sohoa.doctor.check import Examiner, Observation, look
from sohoa.doctor.machine import ENOUGH_DISK, MACHINE, nearest
from sohoa.doctor.services import SERVICES
from sohoa.keys import pki_folder
from sohoa.services import prefect_page, running
from sohoa.settings import Settings

RENEWED = 60.0
"""Seconds after which checks are made again."""
SOON = timedelta(days=60)
"""How long before its end a certificate is told as one that ends soon."""
REACHED_IN = 3.0
_KEPT = {"memory", "clock", "data", "findings", "store-check", "other-systems", "prefect-api"}


def _store(settings: Settings) -> Observation:
    """Both buckets are there, with versions and locks; nothing is read of them."""
    objects = open_objects(settings)
    for bucket in (objects.options.originals_bucket, objects.options.results_bucket):
        objects.bucket_sound(bucket)
    return Observation("embedded" if settings.embedded_store else "S3")


def _time_stamps(settings: Settings) -> Observation:
    """Whether the time-stamp service's host takes a connection; no time stamp is asked for."""
    service = settings.signing.time_stamps
    if service is None:
        return Observation("embedded")
    address = urlsplit(service.address)
    port = address.port or (443 if address.scheme == "https" else 80)
    socket.create_connection((address.hostname or "", port), REACHED_IN).close()
    return Observation(address.hostname)


EXAMINERS: tuple[Examiner, ...] = (
    Examiner("store", _store, "doctor_store"),
    Examiner("time-stamps", _time_stamps, "doctor_time_stamps"),
    *(one for one in (*SERVICES, *MACHINE) if one.name in _KEPT),
)


class Machine:
    """Tells how this host is, at once; call it from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._checks: tuple[CheckState, ...] = ()
        self._checked_at: datetime | None = None
        self._begun = -RENEWED

    def __call__(self) -> MachineView:
        """What is known now; old checks are made again meanwhile."""
        self._renew()
        facts = running(self._settings)
        services = facts.services.items() if facts else ()
        return MachineView(
            running=facts is not None,
            services=tuple(
                ServiceState(
                    name=name,
                    ready=one.ready,
                    restarts=one.restarts,
                    last_end=_moment(max(one.died_at, default=None)),
                )
                for name, one in services
            ),
            disk=self._disk(),
            certificates=tuple(self._certificates()),
            checks=self._checks,
            checked_at=self._checked_at,
            prefect_url=prefect_page(self._settings),
        )

    def _renew(self) -> None:
        with self._lock:
            if time.monotonic() - self._begun < RENEWED:
                return
            self._begun = time.monotonic()
        threading.Thread(target=self.check, name="machine-checks", daemon=True).start()

    def check(self) -> None:
        """Make every check now; none raises."""
        found = [look(one, self._settings) for one in EXAMINERS]
        self._checks = tuple(
            CheckState(
                name=one.name,
                works=one.works,
                detail=one.version,
                advice=one.advice,
            )
            for one in found
        )
        self._checked_at = datetime.now(UTC)

    def _disk(self) -> DiskState:
        usage = psutil.disk_usage(str(nearest(self._settings.data)))
        return DiskState(free=usage.free, total=usage.total, low=usage.free < ENOUGH_DISK)

    def _certificates(self) -> Iterable[CertificateState]:
        """Of the office's own keys, and the anchors that it was told; first to end first."""
        own = sorted(pki_folder(self._settings).glob("*.pem"))
        paths = [one for one in own if not one.name.endswith(".key.pem")]
        paths += [one for one in self._settings.signing.trust_anchors if one.is_file()]
        now, found = datetime.now(UTC), []
        for path in paths:
            try:
                ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
            except (OSError, ValueError):
                continue  # the check of signing says so
            found.append(CertificateState(name=path.stem, ends_at=ends, soon=ends - now < SOON))
        return sorted(found, key=lambda one: one.ends_at)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
