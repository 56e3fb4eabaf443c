"""Taking one file away over the network: a signed PDF, its manifest, the evidence of a dossier.

A file is given out once its bytes are known to be those that the ledger names, and that somebody
took it is noted. It has no name in any folder while it is sent, so nothing is left of it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from schemas.dossier import Stage
from schemas.errors import Conflict, Damaged, NotFound
from storage import Document, Dossier, KeptObject, ObjectKind, newest
from usecases.caller import Caller, Right
from usecases.evidence import export
from usecases.fixity import note_damage, note_missing
from usecases.identity_pictures import see
from usecases.rooms import Rooms
from usecases.sharing import (
    is_shared,
    note_reading,
    note_taken,
    purpose_of,
    reached_document,
    whole_dossier,
)

FOLDER = "taken-away"
_BLOCK = 1 << 18


@dataclass(frozen=True)
class TakenFile:
    """A file that was found whole, open for reading.

    Attributes:
        size: bytes.
        name: what it is called where it is saved: without a person's name.
        sha256: of all of it; None where nothing names one.
    """

    stream: BinaryIO
    name: str
    media_type: str
    size: int
    sha256: str | None

    def blocks(self) -> Iterator[bytes]:
        """All of it, piece by piece; then it is closed, and gone."""
        with self.stream:
            while block := self.stream.read(_BLOCK):
                yield block


def signed_file(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> TakenFile:
    """The signed PDF of a published document, with its newest archive time stamp.

    Args:
        caller: who takes it.
        rooms: the ledger, the store, and the work folder, through which it goes.
        code: of the dossier.
        number: of the document in it.
        department: whose it is, where several may have that code.
        purpose: what for, where another department shares it.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``.
        NotFound: there is no such dossier, it is neither theirs nor shared, or no such document is
            published.
        PurposeNeeded: another department shares it, and they have not said what for.
        Conflict: several departments that reach them have it.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the store has other bytes, or none; that is noted as a finding.
        ServiceUnavailable: the store does not answer.
    """
    kinds = {ObjectKind.signed, ObjectKind.renewed}
    document, kept, dossier = _kept(caller, rooms, code, number, kinds, department)
    see(caller, rooms, dossier, document, "file")
    purpose = purpose_of(caller, rooms, dossier, purpose)
    stream = _fetched(rooms, kept)
    note_taken(caller, rooms, dossier, document, kept, purpose)
    return _open(stream, f"{dossier.code}-{document.label}.pdf", "application/pdf", kept.sha256)


def manifest_file(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> TakenFile:
    """The manifest of a published document: its fields, each with its evidence.

    Raises:
        NotAllowed, NotFound, PurposeNeeded, Conflict, NotTrusted, Damaged, ServiceUnavailable: as
            :func:`signed_file`.
    """
    kinds = {ObjectKind.manifest}
    document, kept, dossier = _kept(caller, rooms, code, number, kinds, department)
    if is_shared(caller, dossier):  # what an identity paper says is no more theirs than its picture
        see(caller, rooms, dossier, document, "file")
    purpose = purpose_of(caller, rooms, dossier, purpose)
    stream = _fetched(rooms, kept)
    note_taken(caller, rooms, dossier, document, kept, purpose)
    return _open(stream, f"{dossier.code}-{document.label}.json", "application/json", kept.sha256)


def evidence_file(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> TakenFile:
    """The evidence of a dossier as one file that anybody can check, signed by the office.

    Raises:
        NotAllowed, NotFound, Conflict, NotTrusted, ServiceUnavailable, ConfigurationError: as
            :func:`usecases.evidence.export`; or this face has no key to sign it with.
        PurposeNeeded: another department shares it, and they have not said what for.
    """
    dossier = whole_dossier(caller, Right.fetch, rooms, code, department)
    purpose = purpose_of(caller, rooms, dossier, purpose)
    if rooms.signer is None:
        raise Conflict("usecase.no_signer")
    path = _place(rooms)
    try:
        with rooms.signer() as signer:
            export(caller, rooms, dossier.code, path, signer, department=dossier.department)
        stream = path.open("rb")
    finally:
        path.unlink(missing_ok=True)
    note_reading(caller, rooms, dossier, "evidence_taken", purpose=purpose)
    return _open(stream, f"{dossier.code}.asice", "application/vnd.etsi.asic-e+zip", None)


def _kept(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    kinds: set[ObjectKind],
    department: str | None,
) -> tuple[Document, KeptObject, Dossier]:
    """The published document, its object of these kinds, and its dossier."""
    ledger = rooms.ledger
    dossier, reached = reached_document(caller, Right.fetch, rooms, code, number, department)
    proven = ledger.prove(dossier.id, alone=True)
    for document in proven.documents:
        if document.id != reached.id or document.stage is not Stage.published:
            continue
        own = [one for one in newest(proven.objects) if document.owns(one) and one.kind in kinds]
        if own:
            if own[-1].dossier_id != dossier.id:  # of the document that it is linked to
                ledger.prove(own[-1].dossier_id, alone=True)
            return document, own[-1], dossier
    raise NotFound("cli.nothing_published", dossier=dossier.code)


def _fetched(rooms: Rooms, kept: KeptObject) -> BinaryIO:
    """The bytes of an object as the ledger names them, open for reading."""
    path = _place(rooms)
    try:
        rooms.objects().get(
            kept.bucket, kept.key, path, version_id=kept.version_id, sha256=kept.sha256
        )
        return path.open("rb")
    except Damaged:
        note_damage(rooms.ledger, kept)
        raise
    except NotFound:
        raise note_missing(rooms.ledger, kept) from None
    finally:
        path.unlink(missing_ok=True)


def _place(rooms: Rooms) -> Path:
    folder = rooms.work / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / secrets.token_hex(8)


def _open(stream: BinaryIO, name: str, media_type: str, sha256: str | None) -> TakenFile:
    size = stream.seek(0, 2)
    stream.seek(0)
    return TakenFile(stream, name, media_type, size, sha256)
