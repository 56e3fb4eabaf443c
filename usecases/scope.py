"""Which dossiers and documents a caller can reach."""

from schemas.errors import NotFound
from storage import Document, Dossier, Ledger
from usecases.caller import Caller, Right, permit


def permit_dossier(caller: Caller, right: Right, dossier: Dossier) -> None:
    """See that the caller may do this, and that the dossier is of their departments.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        NotFound: ``cli.no_dossier``; one of another department is answered like none.
    """
    permit(caller, right)
    if not caller.may(right, dossier.department):
        raise NotFound("cli.no_dossier")


def reached(
    caller: Caller, right: Right, ledger: Ledger, document_id: int
) -> tuple[Dossier, Document]:
    """The document and its dossier, where the caller may do this.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        NotFound: ``storing.no_document``; one of another department is answered like none.
    """
    permit(caller, right)
    document = ledger.document(document_id)
    dossier = ledger.dossier_by_id(document.dossier_id)
    if not caller.may(right, dossier.department):
        raise NotFound("storing.no_document")
    return dossier, document
