"""What somebody reads another department's papers for (*mục đích sử dụng*), said before they do."""

from usecases.caller import Caller, Right
from usecases.rooms import Rooms
from usecases.sharing import PurposeNeeded, note_reading, reached_dossier

SAID = "purpose_said"
"""Kind of the line in the access log."""


def say_purpose(
    caller: Caller, rooms: Rooms, code: str, purpose: str, *, department: str | None = None
) -> None:
    """Say what a dossier is read for; it counts for the next hours, and its owner reads it.

    Args:
        caller: who will read.
        rooms: the ledger.
        code: of the dossier.
        purpose: in their words.
        department: whose it is, where several may have that code.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`usecases.sharing.reached_dossier`.
        PurposeNeeded: they said nothing.
        InputRejected: ``usecase.long_purpose``.
    """
    dossier, _ = reached_dossier(caller, Right.find, rooms, code, department)
    if not purpose.strip():
        raise PurposeNeeded
    note_reading(caller, rooms, dossier, SAID, purpose=purpose)
