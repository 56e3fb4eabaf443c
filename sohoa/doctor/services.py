"""The services: the ledger, the object store, Prefect, the watcher; and who can reach them."""

import base64
import ipaddress
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from schemas.errors import Damaged, NotFound, NotTrusted
from schemas.record_names import known_adapters
from sohoa.bootstrap import open_objects, target_secrets, work_folder
from sohoa.doctor.check import Examiner, Observation
from sohoa.services import (
    ensure_secrets,
    ledger_options,
    prefect_api_url,
    running,
)
from sohoa.services.facts import PORTAL
from sohoa.settings import Settings
from storage import Ledger, Objects
from usecases.fixity import FOLDER, last_look, note_damage, note_missing

ROWS = 2000
"""Dossiers whose rows are compared with their events: the last ones; ``--deep`` compares all."""
OBJECTS, LARGEST = 5, 64 << 20
"""How many objects of each bucket are read, and of how many bytes at most."""
APART = timedelta(minutes=1)
LONG_AGO = timedelta(days=31)
UNANSWERED = timedelta(hours=1)
"""How long a system may not answer until an operator is told."""


def made_later(settings: Settings) -> bool:
    """Whether the ledger is a file that the first start will make."""
    url = settings.database_url.get_secret_value()
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()


def _ledger(settings: Settings) -> Observation:
    """Every hash of the event log, and the newest dossiers' rows against their events."""
    engine = settings.database_url.get_secret_value().partition(":")[0].partition("+")[0]
    if made_later(settings):
        return Observation(engine, found=False)
    with Ledger.open(ledger_options(settings)) as ledger:
        ledger.examine(newest=ROWS)
        wrong = [one for one in ledger.findings() if one.stops]
    if wrong:
        raise NotTrusted("storing.ledger_doubted", what=wrong[0].code, place=wrong[0].place)
    return Observation(engine)


def _store(settings: Settings) -> Observation:
    """Both buckets are there, keep versions and lock them; something of each is read."""
    objects = open_objects(settings)
    buckets = (objects.options.originals_bucket, objects.options.results_bucket)
    for bucket in buckets:
        objects.bucket_sound(bucket)
    if not made_later(settings):
        _read_some(settings, objects, buckets)
    apart = objects.clock_difference()
    advice = "doctor_store_clock" if apart is not None and abs(apart) > APART else None
    engine = "embedded" if settings.embedded_store else "S3"
    return Observation(engine, works=advice is None, advice=advice)


def _read_some(settings: Settings, objects: Objects, buckets: tuple[str, ...]) -> None:
    """Read a few objects of each bucket to their end; what is wrong is written down, too.

    Raises:
        Damaged: the bytes are not those that were put, or the object is gone.
    """
    with Ledger.open(ledger_options(settings)) as ledger:
        for bucket in buckets:
            for kept in ledger.some_objects(bucket, OBJECTS, LARGEST):
                where = (kept.bucket, kept.key)
                try:
                    objects.check(*where, version_id=kept.version_id, sha256=kept.sha256)
                except Damaged:
                    note_damage(ledger, kept)
                    raise
                except NotFound as gone:
                    raise note_missing(ledger, kept) from gone


def _findings(settings: Settings) -> Observation:
    """What earlier looks found in ledger and store, and nobody has mended."""
    if made_later(settings):
        return Observation(found=False)
    with Ledger.open(ledger_options(settings)) as ledger:
        count = len(ledger.findings())
    return Observation(str(count), works=count == 0)


def _store_check(settings: Settings) -> Observation:
    """When the whole store was last looked through."""
    looks = [last_look(work_folder(settings) / FOLDER, name) for name in ("night", "operator")]
    ended = [look.ended_at for look in looks if look is not None and look.ended_at is not None]
    begun = [look.started_at for look in looks if look is not None]
    now = datetime.now(UTC)
    late = not any(now - moment < LONG_AGO for moment in (*ended, *begun)) and bool(begun)
    return Observation(
        f"{max(ended):%Y-%m-%d}" if ended else None,
        found=bool(begun),
        advice="doctor_store_check" if late else None,
    )


def _other_systems(settings: Settings) -> Observation:
    """Whether systems that are told of changes answer, and this host has their secrets."""
    known_adapters(settings.record_names)
    if made_later(settings):
        return Observation(found=False)
    with Ledger.open(ledger_options(settings)) as ledger:
        told = [one for one in ledger.targets.all() if one.ended_at is None]
        backlog = ledger.targets.backlog()
    now, secrets = datetime.now(UTC), target_secrets(settings)
    advice = None
    if any(secrets.of(one.name) is None for one in told):
        advice = "doctor_no_secret"
    if any(one.failing_since and now - one.failing_since > UNANSWERED for one in told):
        advice = "doctor_other_systems"
    if any(one.id in backlog and backlog[one.id].dead for one in told):
        advice = "doctor_given_up"
    return Observation(str(len(told)) if told else "-", works=advice is None, advice=advice)


def _prefect(settings: Settings) -> Observation:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{prefect_api_url(settings)}/admin/version")  # noqa: S310
    if settings.embedded_prefect:
        own = ensure_secrets(settings.data).prefect_auth.get_secret_value()
        request.add_header("Authorization", f"Basic {base64.b64encode(own.encode()).decode()}")
    with opener.open(request, timeout=10) as answer:
        return Observation(str(json.load(answer)))


def _watcher(settings: Settings) -> Observation:
    facts = running(settings)
    watcher = facts.services.get("watcher") if facts else None
    return Observation(works=watcher is not None and watcher.ready, found=watcher is not None)


def _portal(settings: Settings) -> Observation:
    facts = running(settings)
    desk = facts.services.get(PORTAL) if facts else None
    return Observation(works=desk is not None and desk.ready, found=desk is not None)


def _loopback(settings: Settings) -> Observation:
    """Whether the embedded services listen to this machine alone; the desk may be opened."""
    facts = running(settings)
    if facts is None:
        return Observation(found=False)
    open_to_others = 0
    opened = {PORTAL} if not settings.portal.on_loopback else set[str]()
    for name, fact in facts.services.items():
        if fact.pid is not None and name not in opened:
            process = psutil.Process(fact.pid)
            for one in (process, *process.children(recursive=True)):
                open_to_others += _heard_outside(one)
    return Observation(works=open_to_others == 0)


def _heard_outside(process: psutil.Process) -> int:
    return sum(
        connection.status == psutil.CONN_LISTEN
        and not ipaddress.ip_address(connection.laddr.ip).is_loopback
        for connection in process.net_connections(kind="inet")
    )


SERVICES: tuple[Examiner, ...] = (
    Examiner("ledger", _ledger, "doctor_ledger"),
    Examiner("object-store", _store, "doctor_store"),
    Examiner("findings", _findings, "doctor_findings"),
    Examiner("store-check", _store_check, "doctor_store_check"),
    Examiner("other-systems", _other_systems, "doctor_other_systems"),
    Examiner("prefect-api", _prefect, "doctor_prefect_api"),
    Examiner("watcher", _watcher, "doctor_watcher"),
    Examiner("desk", _portal, "doctor_desk"),
    Examiner("loopback-only", _loopback, "doctor_loopback"),
)
