"""The components that a procedure asks for, ticked off among the documents of a dossier."""

from collections.abc import Mapping, Sequence

from schemas.checklist_views import ChecklistItem, ChecklistView, Register, Replaced
from schemas.dossier import COVER_SHEET, Role, Stage
from schemas.procedure import Checklist, checklist
from storage import Document, Ledger

REPLACED, BACK = "component_replaced", "component_asked_again"
"""Kinds of events: data stand for a paper; they do so no longer. They alone say it."""


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


def replaced_by_data(ledger: Ledger, dossier_id: int) -> dict[str, Replaced]:
    """The components of a dossier for which data of a register stand now, by their id."""
    found: dict[str, Replaced] = {}
    for event in ledger.noted(dossier_id, (REPLACED, BACK)):
        component = str(event.data["component"])
        if event.kind == BACK:
            found.pop(component, None)
            continue
        register = Register(str(event.data["register"]))
        found[component] = Replaced(
            component=component, register_id=register, by=event.actor, at=event.at
        )
    return found


def ticked_off(
    documents: Sequence[Document], replaced: Mapping[str, Replaced]
) -> ChecklistView | None:
    """:func:`known_procedures` as people see it, names in Vietnamese.

    Args:
        documents: of one dossier.
        replaced: what :func:`replaced_by_data` says of it.
    """
    known = known_procedures(documents)
    if known is None:
        return None
    return ChecklistView(
        procedures=tuple(one.key for one in known.procedures),
        components=tuple(
            ChecklistItem(
                id=one.component.id,
                name=one.component.names.vi,
                required=one.component.required,
                present=one.present,
                replaced=replaced.get(one.component.id),
            )
            for one in known.components
        ),
    )


def checklist_of(ledger: Ledger, dossier_id: int) -> ChecklistView | None:
    """The components of a dossier ticked off; None where nothing tells the procedure."""
    return ticked_off(ledger.documents(dossier_id), replaced_by_data(ledger, dossier_id))
