"""Whose keys the office's hosts sign with: the fingerprint of their root, as the ledger has it.

A host whose root is another one does not start. An office that changes its keys on purpose gives
them to each host and lets an operator replace what is on record.
"""

from schemas.errors import Conflict, InputRejected
from schemas.office import OfficeRoot
from usecases.caller import Caller, Right, permit
from usecases.rooms import Rooms

ROOT = "root_sha256"
"""Under what name the ledger has it."""
CONFIRMING = 16
"""Hexadecimal digits of a fingerprint that a person must repeat, at least."""


def root(caller: Caller, rooms: Rooms, own: str | None) -> OfficeRoot:
    """What is on record, beside this host's own.

    Args:
        caller: who asks.
        rooms: the ledger.
        own: SHA-256 of this host's root certificate, hex.

    Raises:
        NotAllowed: they do not keep the office running.
    """
    permit(caller, Right.operate)
    return OfficeRoot(recorded=rooms.ledger.known_common(ROOT), own=own)


def replace_root(
    caller: Caller, rooms: Rooms, own: str | None, *, confirmed: str, reason: str
) -> OfficeRoot:
    """This host's root is the office's from here on; the event ``office_replaced`` says so.

    Nothing is signed anew, and hosts that run with the former keys go on until they are started
    again. Signatures under the former root stay valid where it is among the trust anchors.

    Args:
        caller: who says so.
        rooms: the ledger.
        own: as for :func:`root`.
        confirmed: how its hexadecimal fingerprint begins, as the person repeated it.
        reason: kept in the ledger for ever; it must name nobody.

    Raises:
        NotAllowed: they do not keep the office running.
        InputRejected: ``usecase.no_reason``.
        Conflict: ``usecase.root_not_confirmed``, this host's root is another one, or it has none.
        NotFound: ``storing.nothing_common``, the ledger names no root.
    """
    permit(caller, Right.operate)
    words = " ".join(reason.split())
    if not words:
        raise InputRejected("usecase.no_reason")
    said = confirmed.replace(":", "").lower()
    if own is None or len(said) < CONFIRMING or not own.startswith(said):
        raise Conflict("usecase.root_not_confirmed", digits=CONFIRMING)
    rooms.ledger.replace_common(ROOT, own, words, caller.name)
    return root(caller, rooms, own)
