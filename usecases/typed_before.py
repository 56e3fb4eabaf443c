"""What people typed before, where a document is reviewed: candidates for its values."""

from collections import defaultdict

from storage import Document, Dossier
from usecases.rooms import Rooms


def typed_lately(rooms: Rooms, dossier: Dossier, document: Document) -> dict[str, list[str]]:
    """What a department typed on papers of the document's type, by path, the last first."""
    found: dict[str, list[str]] = defaultdict(list)
    if document.document_type is not None:
        for path, value in rooms.ledger.said_lately(document.document_type, dossier.department):
            if value not in found[path]:
                found[path].append(value)
    return found


def said_before(rooms: Rooms, document: Document) -> dict[str, list[str]]:
    """What people typed in this document before it was read again, the last first."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in reversed(rooms.ledger.decisions(document.id)):
        if one.value and one.undone_at is None and one.manifest_sha256 != document.reading_sha256:
            found[one.path].append(one.value)
    return found
