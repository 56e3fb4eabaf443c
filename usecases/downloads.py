"""Taking one file away over the network: a signed PDF, its manifest, the evidence of a dossier.

A file is given out once its bytes are known to be those that the ledger names, and that somebody
took it is noted. It has no name in any folder while it is sent, so nothing is left of it.
"""

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from storage import Document, Dossier, KeptObject, ObjectKind, newest
from usecases.caller import Caller, Right
from usecases.dossiers import find_dossier
from usecases.evidence import export
from usecases.identity_pictures import see
from usecases.rooms import Rooms
from usecases.taken_file import TakenFile, place, taken, whole


def signed_file(
    caller: Caller, rooms: Rooms, code: str, number: int, *, department: str | None = None
) -> TakenFile:
    """The signed PDF of a published document, with its newest archive time stamp.

    Args:
        caller: who takes it.
        rooms: the ledger, the store, and the work folder, through which it goes.
        code: of the dossier.
        number: of the document in it.
        department: where several may have that code.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``.
        NotFound: there is no such dossier, it is not theirs, or no such document is published.
        Conflict: several of their departments have it.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the store has other bytes, or none; that is noted as a finding.
        ServiceUnavailable: the store does not answer.
    """
    kinds = {ObjectKind.signed, ObjectKind.renewed}
    document, kept, dossier = _kept(caller, rooms, code, number, kinds, department)
    see(caller, rooms, dossier, document, "file")
    name = f"{dossier.code}-{document.label}.pdf"
    return _taken(caller, rooms, document, kept, name, "application/pdf")


def manifest_file(
    caller: Caller, rooms: Rooms, code: str, number: int, *, department: str | None = None
) -> TakenFile:
    """The manifest of a published document: its fields, each with its evidence.

    Raises:
        NotAllowed, NotFound, Conflict, NotTrusted, Damaged, ServiceUnavailable: as
            :func:`signed_file`.
    """
    kinds = {ObjectKind.manifest}
    document, kept, dossier = _kept(caller, rooms, code, number, kinds, department)
    name = f"{dossier.code}-{document.label}.json"
    return _taken(caller, rooms, document, kept, name, "application/json")


def evidence_file(
    caller: Caller, rooms: Rooms, code: str, *, department: str | None = None
) -> TakenFile:
    """The evidence of a dossier as one file that anybody can check, signed by the office.

    Raises:
        NotAllowed, NotFound, Conflict, NotTrusted, ServiceUnavailable, ConfigurationError: as
            :func:`usecases.evidence.export`; or this face has no key to sign it with.
    """
    dossier = find_dossier(caller, Right.fetch, rooms.ledger, code, department)
    if rooms.signer is None:
        raise Conflict("usecase.no_signer")
    path = place(rooms)
    try:
        with rooms.signer() as signer:
            export(caller, rooms, dossier.code, path, signer, department=dossier.department)
        stream = path.open("rb")
    finally:
        path.unlink(missing_ok=True)
    rooms.ledger.accesses.note(caller.name, "evidence_taken", dossier_id=dossier.id)
    return taken(stream, f"{dossier.code}.asice", "application/vnd.etsi.asic-e+zip")


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
    dossier = find_dossier(caller, Right.fetch, ledger, code, department)
    proven = ledger.prove(dossier.id, alone=True)
    for document in proven.documents:
        wanted = document.number == number and not document.split
        if not wanted or document.stage is not Stage.published:
            continue
        own = [one for one in newest(proven.objects) if document.owns(one) and one.kind in kinds]
        if own:
            if own[-1].dossier_id != dossier.id:  # of the document that it is linked to
                ledger.prove(own[-1].dossier_id, alone=True)
            return document, own[-1], dossier
    raise NotFound("cli.nothing_published", dossier=dossier.code)


def _taken(
    caller: Caller, rooms: Rooms, document: Document, kept: KeptObject, name: str, media_type: str
) -> TakenFile:
    stream = whole(rooms, kept)
    rooms.ledger.accesses.note(
        caller.name,
        f"{kept.kind.value}_taken",
        dossier_id=document.dossier_id,
        document_id=document.id,
        what=kept.sha256,
    )
    return taken(stream, name, media_type, kept.sha256)
