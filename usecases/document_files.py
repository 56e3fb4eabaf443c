"""The file of a published document by its DocCode: what it is, and then its bytes."""

from dataclasses import dataclass

from schemas.dossier import Stage
from schemas.errors import Conflict, NotAllowed, NotFound
from schemas.shared_document import FileVersion
from storage import Document, Dossier, KeptObject
from usecases.caller import Caller, Right
from usecases.doc_codes import codes_of, versions_of
from usecases.identity_pictures import HIDDEN, is_hidden, see
from usecases.rooms import Rooms
from usecases.shared_documents import descriptions, reached_by_code, read_again, version_of
from usecases.sharing import is_shared, note_reading, purpose_of
from usecases.taken_file import TakenFile, taken, whole


@dataclass(frozen=True)
class FoundFile:
    """A file that its caller may take, as the ledger proves it; the store was not asked yet."""

    caller: Caller
    rooms: Rooms
    dossier: Dossier
    document: Document
    kept: KeptObject
    version: FileVersion

    def take(
        self, *, purpose: str | None = None, by_link: bool = False, ranged: bool = False
    ) -> TakenFile:
        """Its bytes, once they are known to be whole; the access is noted.

        Args:
            purpose: what for, where it is another department's.
            by_link: somebody has it by a link that the caller made.
            ranged: a part of it is asked for, and others will be: it is kept at hand a moment,
                unless it is an identity paper.

        Raises:
            NotAllowed: ``usecase.identity_hidden``.
            PurposeNeeded: as :func:`usecases.sharing.purpose_of`.
            Damaged: the store has other bytes, or none; that is noted as a finding.
            ServiceUnavailable: the store does not answer.
        """
        caller, rooms, dossier, document = self.caller, self.rooms, self.dossier, self.document
        purpose_of(caller, rooms, dossier, purpose)
        sensitive = see(caller, rooms, dossier, document, "file")
        stream = rooms.at_hand.again(self.kept.sha256) if ranged else None
        if stream is None:
            stream = whole(rooms, self.kept)
            if ranged and not sensitive:
                rooms.at_hand.keep(self.kept.sha256, stream)
        kind = f"{self.kept.kind.value}_taken{'_by_link' if by_link else ''}"
        sha256 = self.kept.sha256
        note_reading(caller, rooms, dossier, kind, document=document, what=sha256, purpose=purpose)
        return taken(stream, self.version.file_name, self.version.media_type, sha256)


def find_file(caller: Caller, rooms: Rooms, code: str) -> FoundFile:
    """The file that a DocCode names: name, size, hash. Nobody has read anything of it yet.

    Args:
        caller: who asks.
        rooms: the ledger.
        code: the DocCode.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``.
        NotFound: ``usecase.no_doc_code``: there is none, or it does not reach them.
        Conflict: ``usecase.document_withdrawn``.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
    """
    number, dossier, document = reached_by_code(caller, Right.fetch, rooms, code)
    proven = rooms.ledger.prove(dossier.id, alone=True)
    document = next((one for one in proven.documents if one.id == document.id), document)
    if document.stage is Stage.withdrawn:
        raise Conflict("usecase.document_withdrawn")
    own = not is_shared(caller, dossier)
    kept = versions_of(document, proven.objects, own=own).get(number)
    if kept is None:
        raise NotFound("usecase.no_doc_code")
    if kept.dossier_id != dossier.id:  # of the document that it is linked to
        rooms.ledger.prove(kept.dossier_id, alone=True)
    if is_hidden(caller, rooms, dossier, document):
        raise NotAllowed(HIDDEN)
    given = read_again(
        rooms, document, codes_of(rooms.ledger, rooms.coding, [document])[document.id]
    )
    said = descriptions(rooms, [(dossier, document)], {document.id: given})[document.id]
    version = version_of(given.series, number, kept, said, document)
    return FoundFile(caller, rooms, dossier, document, kept, version)
