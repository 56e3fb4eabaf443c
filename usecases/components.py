"""The components that a procedure asks for, ticked off among the documents of a dossier."""

from collections.abc import Sequence

from schemas.dossier import COVER_SHEET, Role, Stage
from schemas.procedure import Checklist, checklist
from schemas.views import ChecklistItem, ChecklistView
from storage import Document


def known_procedures(documents: Sequence[Document]) -> Checklist | None:
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


def ticked_off(documents: Sequence[Document]) -> ChecklistView | None:
    """:func:`known_procedures` as people see it, names in Vietnamese."""
    known = known_procedures(documents)
    if known is None:
        return None
    return ChecklistView(
        procedures=tuple(one.code for one in known.procedures),
        components=tuple(
            ChecklistItem(
                id=one.component.id,
                name=one.component.names.vi,
                required=one.component.required,
                present=one.present,
            )
            for one in known.components
        ),
    )
