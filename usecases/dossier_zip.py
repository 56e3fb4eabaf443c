"""The published documents of a dossier in one archive, with the evidence that anybody can check."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from storage import Document, Dossier, KeptObject, ObjectKind, newest
from usecases.caller import Caller, Right
from usecases.evidence import export
from usecases.identity_pictures import is_hidden, see
from usecases.rooms import Rooms
from usecases.sharing import is_shared, note_reading, purpose_of, reached_dossier, whole_dossier
from usecases.taken_file import BLOCK, TakenFile, place, taken, whole

EVIDENCE = "evidence.asice"
_ENDINGS = {ObjectKind.signed: ".pdf", ObjectKind.renewed: ".pdf", ObjectKind.manifest: ".json"}


def dossier_zip(
    caller: Caller,
    rooms: Rooms,
    code: str,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> TakenFile:
    """Signed files and manifests of a dossier, and its evidence, as one ZIP archive.

    It is whole before any of it is given out; memory holds a block of it. Of another department's
    dossier it has the documents that are shared and not hidden from the caller; and the evidence,
    which tells of all of them, where all are.

    Args:
        caller: who takes it.
        rooms: the ledger, the store, the office's keys, and the work folder, through which it goes.
        code: of the dossier.
        department: where several may have that code.
        purpose: what for, where it is another department's.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``, a paper is one.
        NotFound: there is no such dossier, it does not reach them, or nothing of it is published.
        Conflict: several departments have it; or this face has no key to sign the evidence with.
        PurposeNeeded: as :func:`usecases.sharing.purpose_of`.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the store has other bytes, or none; that is noted as a finding.
        ServiceUnavailable: the store does not answer.
    """
    dossier, reached = reached_dossier(caller, Right.fetch, rooms, code, department)
    mine = {one.id for one in reached}
    proven = rooms.ledger.prove(dossier.id, alone=True)
    shared = is_shared(caller, dossier)
    documents = [
        one
        for one in proven.documents
        if one.id in mine and one.stage is Stage.published and not one.split
        and not (shared and is_hidden(caller, rooms, dossier, one))
    ]  # fmt: skip
    if not documents:
        raise NotFound("cli.nothing_published", dossier=dossier.code)
    purpose_of(caller, rooms, dossier, purpose)
    for one in documents:
        see(caller, rooms, dossier, one, "file")
    for elsewhere in {one.dossier_id for one in proven.objects} - {dossier.id}:
        rooms.ledger.prove(elsewhere, alone=True)  # of linked documents
    path = place(rooms)
    try:
        with path.open("xb") as made:
            _write(made, rooms, dossier, documents, newest(proven.objects))
        if not shared or _whole(caller, rooms, dossier):
            _add_evidence(caller, rooms, dossier, path)
        stream = path.open("rb")
    finally:
        path.unlink(missing_ok=True)
    note_reading(caller, rooms, dossier, "zip_taken", purpose=purpose)
    return taken(stream, f"{dossier.code}.zip", "application/zip")


def _whole(caller: Caller, rooms: Rooms, dossier: Dossier) -> bool:
    """Whether all of another department's dossier is shared, and nothing of it hidden."""
    try:
        whole_dossier(caller, Right.fetch, rooms, dossier.code, dossier.department)
    except NotFound:
        return False
    documents = rooms.ledger.documents(dossier.id)
    return not any(is_hidden(caller, rooms, dossier, one) for one in documents)


def _write(
    made: BinaryIO,
    rooms: Rooms,
    dossier: Dossier,
    documents: Sequence[Document],
    kept: Sequence[KeptObject],
) -> None:
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for document in documents:
            for one in kept:
                if document.owns(one) and one.kind in _ENDINGS:
                    name = f"{dossier.code}/{document.label}{_ENDINGS[one.kind]}"
                    with whole(rooms, one) as stream:
                        _add(archive, name, stream, document)


def _add_evidence(caller: Caller, rooms: Rooms, dossier: Dossier, archive: Path) -> None:
    if rooms.signer is None:
        raise Conflict("usecase.no_signer")
    path = place(rooms)
    try:
        with rooms.signer() as signer:
            export(caller, rooms, dossier.code, path, signer, department=dossier.department)
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_STORED) as made:
            made.write(path, f"{dossier.code}/{EVIDENCE}")
    finally:
        path.unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, name: str, stream: BinaryIO, document: Document) -> None:
    """A file with the moment of its publication, and no rights of this machine's."""
    about = zipfile.ZipInfo(name, document.updated_at.timetuple()[:6])
    about.external_attr = 0o600 << 16
    about.file_size = stream.seek(0, 2)
    stream.seek(0)
    with archive.open(about, "w") as target:
        shutil.copyfileobj(stream, target, BLOCK)
