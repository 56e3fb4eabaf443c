"""The components that a procedure asks for, ticked off among the documents of a dossier."""

from collections.abc import Sequence

from schemas.dossier import COVER_SHEET, Role, Stage
from schemas.procedure import Checklist, checklist
from storage import Document


def ticked_off(documents: Sequence[Document]) -> Checklist | None:
    """What a dossier holds of what its procedure asks; None where nothing tells the procedure.

    Cover sheets, split scans, what was rejected and what was withdrawn are no components.
    """
    return checklist(
        [
            document.document_type
            for document in documents
            if document.role is Role.component
            and document.document_type != COVER_SHEET
            and document.stage not in {Stage.rejected, Stage.withdrawn}
            and not document.split
        ]
    )


def as_record(known: Checklist | None) -> dict[str, object] | None:
    """The list for an index or for JSON, names in Vietnamese."""
    if known is None:
        return None
    return {
        "procedures": [one.code for one in known.procedures],
        "components": [
            {
                "id": one.component.id,
                "name": one.component.names.vi,
                "required": one.component.required,
                "present": one.present,
            }
            for one in known.components
        ],
    }
