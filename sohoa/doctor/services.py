"""The services: the ledger, the object store, Prefect, the watcher; and who can reach them."""

import base64
import ipaddress
import json
import urllib.request
from pathlib import Path

import psutil

from sohoa.doctor.finding import Examiner, Seen
from sohoa.services import (
    ensure_secrets,
    ledger_options,
    prefect_api_url,
    running,
    store_options,
)
from sohoa.settings import Settings


def _ledger(settings: Settings) -> Seen:
    from storage import Ledger  # noqa: PLC0415

    url = settings.database_url.get_secret_value()
    engine = url.partition(":")[0].partition("+")[0]
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return Seen(engine, found=False)  # made when the services start
    ledger = Ledger.open(ledger_options(settings))
    try:
        return Seen(engine, works=ledger.verify_chain().intact)
    finally:
        ledger.close()


def _store(settings: Settings) -> Seen:
    from storage import Objects  # noqa: PLC0415

    Objects(store_options(settings)).health()
    return Seen("embedded" if settings.embedded_store else "S3")


def _prefect(settings: Settings) -> Seen:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{prefect_api_url(settings)}/admin/version")  # noqa: S310
    if settings.embedded_prefect:
        own = ensure_secrets(settings.data).prefect_auth.get_secret_value()
        request.add_header("Authorization", f"Basic {base64.b64encode(own.encode()).decode()}")
    with opener.open(request, timeout=10) as answer:
        return Seen(str(json.load(answer)))


def _watcher(settings: Settings) -> Seen:
    facts = running(settings)
    watcher = facts.services.get("watcher") if facts else None
    return Seen(works=watcher is not None and watcher.ready, found=watcher is not None)


def _loopback(settings: Settings) -> Seen:
    """Whether the embedded services listen to this machine alone."""
    facts = running(settings)
    if facts is None:
        return Seen(found=False)
    open_to_others = 0
    for fact in facts.services.values():
        if fact.pid is not None:
            process = psutil.Process(fact.pid)
            for one in (process, *process.children(recursive=True)):
                open_to_others += _heard_outside(one)
    return Seen(works=open_to_others == 0)


def _heard_outside(process: psutil.Process) -> int:
    return sum(
        connection.status == psutil.CONN_LISTEN
        and not ipaddress.ip_address(connection.laddr.ip).is_loopback
        for connection in process.net_connections(kind="inet")
    )


SERVICES: tuple[Examiner, ...] = (
    Examiner("ledger", _ledger, "doctor_ledger"),
    Examiner("object-store", _store, "doctor_store"),
    Examiner("prefect-api", _prefect, "doctor_prefect_api"),
    Examiner("watcher", _watcher, "doctor_watcher"),
    Examiner("loopback-only", _loopback, "doctor_loopback"),
)
