"""Links that open one file for some minutes: signed by the office, good for their maker's right.

A link holds the DocCode, the number of who made it and until when, signed with a key that all hosts
of the ledger have (HMAC-SHA256); it names nobody, and nothing is kept of it. Whoever has it gets
what its maker may fetch at that moment, and the log names them: it ends with its minutes, their
account or token, and whatever gave them the right.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from schemas.errors import InputRejected, NotAllowed, NotFound
from schemas.shared_document import LinkView
from usecases.caller import Caller
from usecases.document_files import find_file
from usecases.rooms import Rooms
from usecases.sharing import note_reading, purpose_of
from usecases.sign_in import number_of, numbered_caller

PATH = "/api/v1/documents/links/"
MOST_MINUTES, MINUTES = 60, 15
_MEANT_FOR = b"sohoa-link-1\0"
"""What the key signs besides: a signature of something else is none of a link."""


def make_link(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    minutes: int = MINUTES,
    purpose: str | None = None,
) -> LinkView:
    """A link to the file that a DocCode names; that it was made is noted in the access log.

    Args:
        caller: a person or a system.
        rooms: the ledger has the key.
        code: the DocCode.
        minutes: how long it opens the file.
        purpose: what for, where the document is another department's.

    Raises:
        NotAllowed: they may fetch nothing, or sit at the machine: nobody could end such a link; or
            ``usecase.identity_hidden``.
        NotFound: ``usecase.no_doc_code``: there is none, or it does not reach them.
        InputRejected: ``usecase.link_minutes``, or as :func:`usecases.sharing.purpose_of`.
        Conflict, NotTrusted: as :func:`usecases.document_files.find_file`.
    """
    found = find_file(caller, rooms, code)
    number = number_of(rooms, caller)
    if number is None:
        raise NotAllowed("usecase.link_without_account")
    if not 0 < minutes <= MOST_MINUTES:
        raise InputRejected("usecase.link_minutes", most=MOST_MINUTES)
    purpose_of(caller, rooms, found.dossier, purpose)
    ends_at = (rooms.clock() + timedelta(minutes=minutes)).replace(microsecond=0)
    said = [code, number, int(ends_at.timestamp())]
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    link = f"{_text(payload)}.{_text(_signature(rooms, payload))}"
    note_reading(
        caller, rooms, found.dossier, "link_made", document=found.document, what=code,
        purpose=purpose,
    )  # fmt: skip
    return LinkView(link=PATH + link, doc_code=code, ends_at=ends_at)


def opened(rooms: Rooms, link: str) -> tuple[Caller, str]:
    """Whose right a link is, as they have it now, and the DocCode of the file that it opens.

    Raises:
        NotFound: ``usecase.link_over``: it is none, its minutes are over, or its maker is nobody
            any more; which of these is not said.
    """
    payload, _, signature = link.partition(".")
    try:
        content, signed = _bytes(payload), _bytes(signature)
    except (binascii.Error, ValueError):
        raise link_over() from None
    if not hmac.compare_digest(_signature(rooms, content), signed):
        raise link_over()
    code, number, ends = json.loads(content)
    maker = numbered_caller(rooms, number)
    if maker is None or rooms.clock() >= datetime.fromtimestamp(ends, UTC):
        raise link_over()
    return maker, code


def link_over() -> NotFound:
    """What whoever comes with a link is told that opens nothing."""
    return NotFound("usecase.link_over")


def _signature(rooms: Rooms, payload: bytes) -> bytes:
    key = rooms.ledger.doc_codes.link_key()
    return hmac.digest(key, _MEANT_FOR + payload, hashlib.sha256)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    if not text.isascii():
        raise ValueError("no sign of base64")
    made = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(made) != text:  # one link is spelled in one way
        raise ValueError("not as it was made")
    return made
