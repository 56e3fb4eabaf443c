"""A document of another store comes in with its metadata: a paper of a dossier like all others.

Its file goes through the inbox; what its sender says it is waits in the ledger for the document of
that file, and then counts for more than what was read.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic.alias_generators import to_pascal

from schemas.desk_views import HandInView
from schemas.errors import InputRejected
from schemas.shared_document import Description
from usecases.caller import Caller, Right, permit
from usecases.handing_in import Drop, hand_in, key_of
from usecases.rooms import Rooms

NAMES = tuple(to_pascal(name) for name in Description.model_fields)
"""What letter 7197 calls the metadata that a sender gives."""
REQUIRED = ("TypeName", "CodeNumber", "CodeNotation", "IssuedDate", "OrganName", "Subject")


def import_document(
    caller: Caller,
    rooms: Rooms,
    inbox: Path | None,
    drop: Drop,
    fields: Mapping[str, str],
    *,
    key: str,
) -> HandInView:
    """Put one file into the inbox, and keep what its sender says it is.

    The same again, by its key, is there once and answered alike; who was cut off in between sends
    it again.

    Args:
        caller: who sends it.
        rooms: the ledger.
        inbox: the folder; None where this host has none.
        drop: the file.
        fields: metadata under letter 7197's names, ``Department`` and ``Dossier``.
        key: names this import among those of the caller; without one ``DocCode`` does, by which its
            sender calls the document.

    Raises:
        NotAllowed: they hand nothing in.
        InputRejected: ``intake.one_import``, ``intake.bad_metadata``, or as
            :func:`usecases.handing_in.hand_in`.
        NotFound, Conflict, ConfigurationError: as there.
    """
    permit(caller, Right.submit)
    if drop.files != 1:
        raise InputRejected("intake.one_import")
    said = told(fields)
    named = key or fields.get("DocCode", "")
    made = hand_in(
        caller,
        rooms,
        inbox,
        drop,
        key=named,
        department=fields.get("Department", ""),
        code=fields.get("Dossier", ""),
    )
    rooms.ledger.doc_codes.describe_handed_in(
        key_of(caller, named), made.department, drop.hashes[0], said.said(), caller.name
    )
    return made


def told(fields: Mapping[str, str]) -> Description:
    """What a sender says a document is.

    Raises:
        InputRejected: ``intake.bad_metadata``: the first that is missing or cannot be; no value is
            repeated.
    """
    given = {name: fields[name].strip() for name in NAMES if fields.get(name, "").strip()}
    for name in REQUIRED:
        if name not in given:
            raise InputRejected("intake.bad_metadata", name=name)
    try:
        return Description.model_validate(given)
    except ValidationError as wrong:
        name = str(wrong.errors(include_input=False)[0]["loc"][0])
        raise InputRejected("intake.bad_metadata", name=name) from None
