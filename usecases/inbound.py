"""What other systems tell us, in their own names: that they worked on news, or want to be told.

A system is known by its token, whose name is that of the target: it speaks of its own deliveries
and of dossiers that it is told of. The same key is answered alike and done once.
"""

import hashlib
from collections.abc import Mapping

from schemas.account import folded
from schemas.delivery import InboundAnswer, InboundKind
from schemas.dossier import MAX_CODE_LENGTH
from schemas.errors import InputRejected, NotFound
from schemas.record_names import Inbound, known_adapters
from storage import Target
from usecases.caller import Caller, Right, permit
from usecases.dossiers import find_dossier
from usecases.rooms import Rooms
from usecases.tokens import SYSTEM

LONGEST_KEY = 200


def tell(caller: Caller, rooms: Rooms, key: str, said: Mapping[str, object]) -> InboundAnswer:
    """Take an event of another system.

    Args:
        caller: the system.
        rooms: the ledger, and the adapters.
        key: that the system gave; the same event again has the same.
        said: the event, in the names of its adapter.

    Raises:
        NotAllowed: it may find nothing.
        NotFound: it is no target, the delivery was not its own, or there is no such dossier in
            its departments.
        InputRejected: ``delivering.bad_event``, ``delivering.no_key``.
        Conflict: the key named another dossier before, or several have that code.
    """
    permit(caller, Right.find)
    target = _target(caller, rooms)
    names = known_adapters(rooms.adapters).chosen(target.adapter).inbound
    kind = _kind(names, said)
    if not 0 < len(key) <= LONGEST_KEY:
        raise InputRejected("delivering.no_key")
    ledger = rooms.ledger
    if kind is InboundKind.acknowledged:
        done = ledger.deliveries.acknowledge(target.id, _text(said, names.delivery), caller.name)
    else:
        department = _text(said, names.department) if said.get(names.department) else None
        dossier = find_dossier(caller, Right.find, ledger, _text(said, names.dossier), department)
        if target.departments is not None and dossier.department not in target.departments:
            raise NotFound("cli.no_dossier")
        asked = hashlib.sha256(f"{target.folded}\0{key}".encode("utf-8", "replace")).hexdigest()
        done = ledger.deliveries.ask(target.id, dossier.id, asked, caller.name)
    return InboundAnswer(
        event=kind, delivery=done.key, dossier=ledger.dossier_by_id(done.dossier_id).code
    )


def _target(caller: Caller, rooms: Rooms) -> Target:
    """The system itself, as it is told."""
    name = caller.name.removeprefix(SYSTEM)
    found = rooms.ledger.targets.named(folded(name)) if caller.name.startswith(SYSTEM) else None
    if found is None or found.ended_at is not None:
        raise NotFound("delivering.not_a_target")
    return found


def _kind(names: Inbound, said: Mapping[str, object]) -> InboundKind:
    word = _text(said, names.event)
    for kind, its in names.events.items():
        if its == word:
            return kind
    raise InputRejected("delivering.bad_event")


def _text(said: Mapping[str, object], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_CODE_LENGTH:
        raise InputRejected("delivering.bad_event")
    if not found.isprintable():
        raise InputRejected("delivering.bad_event")
    return found
