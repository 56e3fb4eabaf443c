"""Which systems are told of changes, and what operators do about news that do not arrive."""

from collections.abc import Collection

from pydantic import SecretStr

from schemas.account import AccountName, account_name, folded
from schemas.addresses import is_plain, is_web_address
from schemas.delivery import (
    USUAL,
    DeliveryView,
    News,
    NewTargetView,
    RetriedDeliveries,
    TargetView,
)
from schemas.errors import ConfigurationError, InputRejected, NotFound
from schemas.messages import sentence
from schemas.record_names import USUAL_ADAPTER, known_adapters
from storage import Backlog, ListedDelivery, NewTarget, Target
from usecases.caller import Caller, Right, permit
from usecases.dossiers import known_department
from usecases.given import within
from usecases.news_signing import new_secret, secret_key
from usecases.rooms import Rooms

NOTHING = Backlog()
SHOWN = 50


def targets(caller: Caller, rooms: Rooms) -> tuple[TargetView, ...]:
    """The systems within the caller's departments, by name; those that ended, too.

    Raises:
        NotAllowed: they operate nothing.
    """
    permit(caller, Right.operate)
    backlog = rooms.ledger.targets.backlog()
    return tuple(_shown(one, backlog.get(one.id, NOTHING)) for one in _known(caller, rooms))


def add(
    caller: Caller,
    rooms: Rooms,
    name: str,
    url: str,
    *,
    departments: Collection[str] | None = None,
    events: Collection[News] = USUAL,
    adapter: str = USUAL_ADAPTER,
    allow_plain: bool = False,
    secret: str | None = None,
) -> NewTargetView:
    """A system is told of what happens from now on.

    Its secret is answered once, and kept in a file of this host.

    Args:
        caller: who says so; nobody gives what is beyond their own departments.
        rooms: the ledger, the adapters and the secrets.
        name: of the system; a token of the same name may acknowledge what it got.
        url: where it is told, ``https://``.
        departments: whose dossiers, by identifier or name; None is all of the caller's.
        events: of what.
        adapter: in which names.
        allow_plain: let it be ``http://`` of another machine.
        secret: one that the system gave; None: a new one is made.

    Raises:
        NotAllowed: they operate nothing.
        NotFound: there is no such department or adapter, or it is not theirs.
        InputRejected: the name, address or secret cannot be one, or there is no event.
        Conflict: ``storing.target_known``.
        ConfigurationError: the secret cannot be kept here.
    """
    permit(caller, Right.operate)
    named = account_name(name)
    units = caller.departments
    if departments is not None:
        units = frozenset(
            known_department(caller, Right.operate, rooms.ledger, one) for one in departments
        )
    _see_address(url, allow_plain=allow_plain)
    if not events:
        raise InputRejected("delivering.no_events")
    known_adapters(rooms.adapters).chosen(adapter)
    given = _kept(rooms, named, secret or new_secret())
    made = rooms.ledger.targets.add(
        NewTarget(
            name=named.name,
            folded=named.folded,
            url=url,
            departments=units,
            events=frozenset(one.value for one in events),
            adapter=adapter,
            plain=is_plain(url),
        ),
        caller.name,
    )
    return NewTargetView(**dict(_shown(made, NOTHING)), secret=SecretStr(given))


def _see_address(url: str, *, allow_plain: bool) -> None:
    if not is_web_address(url):
        raise InputRejected("delivering.bad_url")
    if is_plain(url) and not allow_plain:
        raise InputRejected("delivering.plain_url")


def _kept(rooms: Rooms, named: AccountName, secret: str) -> str:
    """The secret, kept in a file of this host unless there is such a system already."""
    try:
        secret_key(secret)
    except ValueError:
        raise InputRejected("delivering.bad_secret_given") from None
    if rooms.target_secrets is None:
        raise ConfigurationError("delivering.no_secrets_here")
    if rooms.ledger.targets.named(named.folded) is None:  # else the ledger refuses it
        rooms.target_secrets.keep(named.name, secret)
    return secret


def end(caller: Caller, rooms: Rooms, name: str) -> TargetView:
    """A system is told of nothing from now on, nor of what is on its way.

    Raises:
        NotAllowed: they operate nothing.
        NotFound: ``storing.no_target``, or it is beyond their departments.
    """
    found = _found(caller, rooms, name)
    return _shown(rooms.ledger.targets.end(found.folded, caller.name), NOTHING)


def deliveries(
    caller: Caller,
    rooms: Rooms,
    *,
    target: str | None = None,
    dead: bool | None = None,
    limit: int = SHOWN,
) -> tuple[DeliveryView, ...]:
    """What is on its way to systems within the caller's departments, in its order.

    Args:
        caller: who asks.
        rooms: the ledger, and the language of sentences.
        target: to this system alone.
        dead: those alone that wait for a person, or do not.
        limit: how many at most.

    Raises:
        NotAllowed: they operate nothing.
        NotFound: ``storing.no_target``, or it is beyond their departments.
    """
    permit(caller, Right.operate)
    asked = _known(caller, rooms) if target is None else [_found(caller, rooms, target)]
    ids = [one.id for one in asked if one.ended_at is None]
    found = rooms.ledger.deliveries.listed(ids, dead=dead, limit=limit)
    return tuple(_listed(rooms, one) for one in found)


def retry_deliveries(
    caller: Caller, rooms: Rooms, target: str, *, number: int | None = None
) -> RetriedDeliveries:
    """What was given up is sent again, and what waits behind it.

    Args:
        caller: who says so.
        rooms: the ledger.
        target: to which system.
        number: this one alone; None: all of them.

    Raises:
        NotAllowed: they may try nothing again.
        NotFound: there is no such system, it is beyond their departments, or nothing waits.
    """
    permit(caller, Right.retry)
    found = _found(caller, rooms, target)
    numbers = None if number is None else [number]
    count = rooms.ledger.deliveries.retry(found.id, caller.name, numbers=numbers)
    if count == 0:
        raise NotFound(
            "delivering.nothing_dead" if number is None else "delivering.no_such_delivery"
        )
    return RetriedDeliveries(target=found.name, count=count)


def _known(caller: Caller, rooms: Rooms) -> list[Target]:
    return [one for one in rooms.ledger.targets.all() if within(caller, one.departments)]


def _found(caller: Caller, rooms: Rooms, name: str) -> Target:
    permit(caller, Right.operate)
    found = rooms.ledger.targets.named(folded(name))
    if found is None or not within(caller, found.departments):
        raise NotFound("storing.no_target")
    return found


def _shown(one: Target, backlog: Backlog) -> TargetView:
    counts = one.ended_at is None
    return TargetView(
        name=one.name,
        url=one.url,
        departments=None if one.departments is None else tuple(sorted(one.departments)),
        events=tuple(news for news in News if news.value in one.events),
        adapter=one.adapter,
        made_at=one.made_at,
        ended_at=one.ended_at,
        waiting=backlog.waiting if counts else 0,
        oldest=backlog.oldest if counts else None,
        dead=backlog.dead if counts else 0,
        failing_since=one.failing_since,
        retry_at=one.retry_at,
        last_delivered_at=one.last_delivered_at,
    )


def _listed(rooms: Rooms, found: ListedDelivery) -> DeliveryView:
    one = found.one
    error = None
    if one.error is not None:
        try:
            error = sentence(one.error, rooms.language, status=one.status or 0)
        except KeyError:  # of another version of Sohoa
            error = one.error
    return DeliveryView(
        number=one.id,
        target=found.target,
        key=one.key,
        dossier=found.dossier,
        department=found.department,
        document=found.document,
        news=one.news,
        at=one.at,
        attempts=one.attempts,
        retry_at=one.retry_at,
        dead=one.dead_at is not None,
        error=error,
        delivered_at=one.delivered_at,
        acknowledged_at=one.acknowledged_at,
    )
