"""Telling other systems of changes: what the outbox holds is sent until it was answered well.

The first try fixes what is said, a lease keeps other hosts from it, a failure waits longer each
time, for days; then it is dead and waits for a person. A receiver gets everything at least once,
in the order of its dossier, and applies it once by its key.
"""

import asyncio
import json
import logging
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus

import aiohttp

from schemas.delivery import DeliveringOptions
from schemas.doc_code import SIGNED
from schemas.errors import ConfigurationError, NotFound, SohoaError
from schemas.record_names import known_adapters
from storage import Delivery, Failure, Target
from usecases.dossiers import called
from usecases.named_records import Change, Told, record_of
from usecases.news_signing import signed_headers
from usecases.overview import manifest_of
from usecases.rooms import Rooms
from usecases.target_secrets import TargetSecrets

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks for what is to be sent."""
MOST_AT_ONCE = 64
LARGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer, so that the connection can be used again."""
LONGEST_ASKED = 3600.0
"""Seconds; a receiver's wish for a longer pause (``Retry-After``) is not heeded."""
AGENT = "Sohoa"
REMEMBERED = timedelta(days=90)
"""How long the outbox knows of what was delivered; its event stays."""

_NO_ANSWER = Failure(code="delivering.no_answer")
_NO_RECORD = Failure(code="delivering.no_record", whole_target=False)


@dataclass(frozen=True)
class Sender:
    """What sends from this host.

    Attributes:
        rooms: the ledger, and where manifests are for adapters that ask for fields.
        secrets: of the systems; those without one are left to other hosts.
        zone: of the times in records.
        owner: in leases; the same at each start, so that what was being sent goes on at once.
        tls: whom to believe.
        chance: between 0 and 1, spreads tries.
    """

    rooms: Rooms
    secrets: TargetSecrets
    options: DeliveringOptions
    zone: tzinfo
    owner: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    chance: Callable[[], float] = random.random


async def deliver(sender: Sender, *, idle: bool = False) -> int:
    """Send what there is, until cancelled.

    Args:
        sender: what sends.
        idle: end when nothing is left that may be sent at once.

    Returns:
        How many tries were made.
    """
    outbox = sender.rooms.ledger.outbox
    await asyncio.to_thread(outbox.end_leases, sender.owner)
    running: set[asyncio.Task[None]] = set()
    tries = 0
    timeout = aiohttp.ClientTimeout(total=sender.options.seconds)
    connector = aiohttp.TCPConnector(limit=0, ssl=sender.tls)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as web:
        try:
            while True:
                try:
                    taken = await asyncio.to_thread(_taken, sender, MOST_AT_ONCE - len(running))
                except SohoaError as error:
                    log.error("%s", error)
                    taken = []
                tries += len(taken)
                running |= {asyncio.create_task(_send(sender, web, *one)) for one in taken}
                if running:
                    _, running = await asyncio.wait(
                        running, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED
                    )
                elif idle:
                    return tries
                else:
                    await asyncio.sleep(LOOK)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


Addressed = tuple[Delivery, Target, bytes]
"""What is sent: the delivery with its body, the system, and its key."""


def _taken(sender: Sender, most: int) -> list[Addressed]:
    """What is to be sent now, with what is said."""
    ledger = sender.rooms.ledger
    targets, keys = _reachable(sender)
    if most <= 0 or not targets or not ledger.outbox.waits(list(targets)):
        return []
    options = sender.options
    found = ledger.outbox.take(
        sender.owner,
        list(targets),
        together=min(options.together, most),
        seconds=options.lease_seconds,
    )
    bodies: dict[int, str] = {}
    made: list[Addressed] = []
    for one in found:
        target = targets[one.target_id]
        body = one.body or _body(sender, one, target)
        if body is None:
            _failed(sender, one, _NO_RECORD)
            continue
        if one.body is None:
            bodies[one.id] = body
        made.append((one.model_copy(update={"body": body}), target, keys[target.id]))
    ledger.outbox.keep_bodies(bodies, sender.owner)
    return made


def _reachable(sender: Sender) -> tuple[dict[int, Target], dict[int, bytes]]:
    """The systems that this host has a secret for, by their ids; and the keys."""
    targets: dict[int, Target] = {}
    keys: dict[int, bytes] = {}
    for one in sender.rooms.ledger.targets.all():
        if one.ended_at is not None:
            continue
        try:
            key = sender.secrets.of(one.name)
        except ConfigurationError as error:
            log.error("%s", error)
            continue
        if key is not None:
            targets[one.id], keys[one.id] = one, key
    return targets, keys


def _body(sender: Sender, one: Delivery, target: Target) -> str | None:
    """What is said, in the names of the system; None where this host does not know them."""
    try:
        adapter = known_adapters(sender.rooms.adapters).chosen(target.adapter)
    except (ConfigurationError, NotFound) as error:
        log.error("%s", error)
        return None
    told = told_of(sender.rooms, one, sender.zone)
    content = record_of(told, adapter.news) | record_of(told, adapter.record)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()  # names of files may have any bytes


def told_of(rooms: Rooms, one: Delivery, zone: tzinfo) -> Told:
    """The dossier of a delivery, as it stands now, and the change."""
    ledger = rooms.ledger
    documents = ledger.documents(one.dossier_id)
    codes = ledger.doc_codes.of([document.id for document in documents])
    return Told(
        dossier=ledger.dossier_by_id(one.dossier_id),
        documents=documents,
        codes={number: known.series.version(SIGNED) for number, known in codes.items()},
        objects=ledger.objects(one.dossier_id),
        zone=zone,
        manifest_of=lambda document: manifest_of(rooms, document),
        names={unit.id: unit.name for unit in ledger.departments()},
        successor=lambda document: called(ledger, document),
        types=rooms.types,
        change=Change(one.key, one.news, one.seq, one.at, one.document_id),
    )


async def _send(
    sender: Sender, web: aiohttp.ClientSession, one: Delivery, target: Target, key: bytes
) -> None:
    """One try, and what came of it into the ledger; a ledger that is away costs a repeat."""
    body = (one.body or "").encode()
    now = sender.rooms.clock()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        **signed_headers(key, one.key, now, body),
    }
    asked: float | None = None
    try:
        async with web.post(
            target.url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            await answer.content.read(LARGEST_ANSWER)
            why = _what_failed(answer.status)
            status, asked = answer.status, _asked_pause(answer.headers.get("Retry-After"))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        why, status = _NO_ANSWER, 0
    try:
        if why is None:
            await asyncio.to_thread(sender.rooms.ledger.outbox.delivered, one, sender.owner, status)
        else:
            await asyncio.to_thread(_failed, sender, one, why, asked)
    except SohoaError as error:
        log.error("%s", error)


def _what_failed(status: int) -> Failure | None:
    """What an answer with this status comes to; None: it was delivered."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Failure(code="delivering.redirected", status=status)
    busy = status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    if status >= 500 or busy:
        return Failure(code="delivering.server_failed", status=status)
    return Failure(code="delivering.refused", status=status, whole_target=False)


def _asked_pause(header: str | None) -> float | None:
    return min(float(header), LONGEST_ASKED) if header and header.isdecimal() else None


def _failed(sender: Sender, one: Delivery, why: Failure, asked: float | None = None) -> None:
    """Note a failure: when it is tried again, or that it is not."""
    now, options = sender.rooms.clock(), sender.options
    dead = now - one.since >= options.patience
    if sender.rooms.ledger.outbox.failed(
        one, sender.owner, why, retry_at(now, one, options, sender.chance(), asked), dead=dead
    ):
        log.warning("delivery %d: %s%s", one.id, why.code, ", given up" if dead else "")


def retry_at(
    now: datetime,
    one: Delivery,
    options: DeliveringOptions,
    chance: float,
    asked: float | None = None,
) -> datetime:
    """When a delivery that failed is tried again: 1, 2, 4, ... seconds, a part of it by chance.

    Args:
        now: when it failed.
        one: with the tries before.
        options: the first pause, and the longest.
        chance: between 0 and 1, so that many do not come at once.
        asked: seconds that the receiver asked for.
    """
    pause = min(options.longest_pause, options.first_pause * 2.0 ** min(one.attempts, 20))
    return now + timedelta(seconds=max(pause * (0.5 + chance / 2), asked or 0.0))
