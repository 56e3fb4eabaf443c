"""Who may ask for new scans, change documents, hold them open; see :mod:`permission_cases`."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from permission_cases import LOOKING, Asked, Case

from ocr import ReaderPool, ReadingOptions
from usecases import changing, rescanning, review_leases
from usecases.caller import Duty
from usecases.handing_in import receiving

REVIEWERS = {Duty.clerk, Duty.signer}
SEEN = "0" * 64
Call = Callable[[Asked, str], Any]


def _request(asked: Asked) -> str:
    """The code of a request for the document that is asked about."""
    rooms = asked.rooms
    dossier = rooms.ledger.dossier(asked.code, asked.department)
    if dossier is None:
        return "QL-222222"
    document = rooms.ledger.documents(dossier.id)[0]
    manifest = document.manifest_sha256 or ""
    made = rooms.ledger.rescans.ask(document.id, None, "mờ", "test", based_on=manifest)
    return made.code


def _of(call: Call) -> Case:
    return Case(REVIEWERS, lambda a: call(a, _request(a)), True)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _pool() -> ReaderPool:
    return ReaderPool(ReadingOptions(), 1)  # nothing is looked at, none is started


def _bring(asked: Asked, code: str) -> Any:
    with receiving(asked.rooms) as drop:
        return _run(rescanning.bring(asked.caller, asked.rooms, _pool(), code, drop))


OF_RESCAN: dict[str, Case] = {
    "rescanning.ask": Case(
        REVIEWERS,
        lambda a: rescanning.ask(a.caller, a.rooms, a.code, 1, None, "mờ", seen=SEEN),
        True,
    ),
    "rescanning.waiting": Case(LOOKING, lambda a: rescanning.waiting(a.caller, a.rooms)),
    "rescanning.rescans_now": Case(LOOKING, lambda a: rescanning.rescans_now(a.caller, [])),
    "rescanning.open_of": Case(
        LOOKING, lambda a: rescanning.open_of(a.caller, a.rooms, a.code), True
    ),
    "rescanning.rescan": _of(lambda a, code: rescanning.rescan(a.caller, a.rooms, code)),
    "rescanning.reached": _of(lambda a, code: rescanning.reached(a.caller, a.rooms, code)),
    "rescanning.phone_link": _of(
        lambda a, code: _run(
            rescanning.phone_link(a.caller, a.rooms, _pool(), f"{code}-", "https://x")
        )
    ),
    "rescanning.bring": _of(_bring),
    "rescanning.picture": _of(lambda a, code: rescanning.picture(a.caller, a.rooms, code, SEEN)),
    "rescanning.refuse": _of(lambda a, code: rescanning.refuse(a.caller, a.rooms, code, seen=SEEN)),
    "rescanning.give_up": _of(lambda a, code: rescanning.give_up(a.caller, a.rooms, code)),
    "rescanning.accept": _of(lambda a, code: rescanning.accept(a.caller, a.rooms, code, seen=SEEN)),
    "changing.to_change": Case(
        REVIEWERS, lambda a: changing.to_change(a.caller, a.rooms, a.code, 1), True
    ),
    "changing.turn_page": Case(
        REVIEWERS,
        lambda a: changing.turn_page(a.caller, a.rooms, a.code, 1, 1, 90, seen=SEEN),
        True,
    ),
    "changing.change_type": Case(
        REVIEWERS,
        lambda a: changing.change_type(a.caller, a.rooms, a.code, 1, "ct01", seen=SEEN),
        True,
    ),
    "changing.reject": Case(
        REVIEWERS, lambda a: changing.reject(a.caller, a.rooms, a.code, 1, "mờ", seen=SEEN), True
    ),
    "changing.keep_together": Case(
        REVIEWERS, lambda a: changing.keep_together(a.caller, a.rooms, a.code, 1, seen=SEEN), True
    ),
    "review_leases.hold": Case(
        REVIEWERS, lambda a: review_leases.hold(a.caller, a.rooms, a.code, 1), True
    ),
    "review_leases.let_go": Case(
        REVIEWERS, lambda a: review_leases.let_go(a.caller, a.rooms, a.code, 1), True
    ),
    "review_leases.held": Case(LOOKING, lambda a: review_leases.held(a.caller, a.rooms, [1])),
}
