"""Cases of the use cases by which documents are fetched, described and imported."""

from permission_cases import CLERK, SIGNER, TAKING, Asked, Case

from schemas.shared_document import Description
from usecases import dossier_zip, importing, links, shared_documents
from usecases.caller import Right
from usecases.doc_codes import codes_of
from usecases.document_files import find_file
from usecases.handing_in import Drop


def _code(asked: Asked) -> str:
    """The DocCode of the signed file of the dossier's published document."""
    if asked.dossier is None:
        return "H00_VB_999999_V2"
    ledger = asked.rooms.ledger
    done = ledger.documents(asked.dossier.id)[1]
    return codes_of(ledger, asked.rooms.coding, [done])[done.id].series.version(2)


OF_FETCHING: dict[str, Case] = {
    "shared_documents.shared_page": Case(
        TAKING, lambda a: shared_documents.shared_page(a.caller, a.rooms)
    ),
    "shared_documents.shared_document": Case(
        TAKING, lambda a: shared_documents.shared_document(a.caller, a.rooms, _code(a)), True
    ),
    "shared_documents.reached_by_code": Case(
        TAKING,
        lambda a: shared_documents.reached_by_code(a.caller, Right.find, a.rooms, _code(a)),
        True,
    ),
    "shared_documents.code_of": Case(
        TAKING, lambda a: shared_documents.code_of(a.caller, a.rooms, a.code, 2), True
    ),
    "shared_documents.describe": Case(
        {CLERK, SIGNER},
        lambda a: shared_documents.describe(a.caller, a.rooms, _code(a), Description()),
        True,
    ),
    "document_files.find_file": Case(
        TAKING, lambda a: find_file(a.caller, a.rooms, _code(a)), True
    ),
    "dossier_zip.dossier_zip": Case(
        TAKING, lambda a: dossier_zip.dossier_zip(a.caller, a.rooms, a.code), True
    ),
    "importing.import_document": Case(
        {CLERK},
        lambda a: importing.import_document(
            a.caller, a.rooms, a.folder, Drop(a.folder), {}, key="k" * 8
        ),
    ),
    "links.make_link": Case(TAKING, lambda a: links.make_link(a.caller, a.rooms, _code(a)), True),
}
