"""The index of a dossier in the store: what a department finds first."""

import itertools
import json
import tempfile
from pathlib import Path
from typing import Protocol

from schemas.dossier import Stage
from schemas.errors import Conflict
from storage import Document, Dossier, Ledger, ObjectKind, Objects, Proven
from usecases.components import as_record, ticked_off
from usecases.context import ACTOR
from usecases.fixity import as_metadata

_LISTED = {Stage.stored, Stage.published, Stage.withdrawn}


class Shelf(Protocol):
    """What writing an index needs; the office at work has it."""

    @property
    def ledger(self) -> Ledger:
        """Says what is published."""
        ...

    @property
    def objects(self) -> Objects:
        """Where the index goes."""
        ...

    @property
    def work(self) -> Path:
        """A folder for what is being written."""
        ...


def put_index(context: Shelf, dossier: Dossier) -> None:
    """One more index of the dossier: indexes are never overwritten, the highest number counts.

    It carries the end of the event log as metadata: a log that is cut short or written anew does
    not hold what the store keeps under lock.

    Raises:
        NotTrusted: the ledger contradicts itself.
    """
    proven = context.ledger.prove(dossier.id)
    successors = {
        one.id: called(context.ledger, one.superseded_by)
        for one in proven.documents
        if one.superseded_by is not None
    }
    content = json.dumps(_index(proven, successors), ensure_ascii=False, indent=2).encode()
    noted = as_metadata(proven.head)
    bucket = context.objects.options.results_bucket
    known = sum(kept.kind is ObjectKind.index for kept in proven.objects)
    with tempfile.NamedTemporaryFile(dir=context.work, prefix=f"index-{dossier.id}-") as file:
        file.write(content)
        file.flush()
        for number in itertools.count(known + 1):
            key = f"{dossier.department}/{dossier.code}/index-{number:03d}.json"
            path = Path(file.name)
            try:
                stored = context.objects.put(
                    bucket, key, path, media_type="application/json", metadata=noted
                )
            except Conflict:
                if number > known + 100:
                    raise
                continue  # left by a run that was cut off before the ledger knew of it
            break
    context.objects.sync()
    context.ledger.record_object(stored, kind=ObjectKind.index, dossier_id=dossier.id, actor=ACTOR)


def called(ledger: Ledger, document_id: int) -> str:
    """How a document is called among all dossiers: ``H17-261123-0001/result-002``."""
    document = ledger.document(document_id)
    return f"{ledger.dossier_by_id(document.dossier_id).code}/{document.label}"


def _withdrawn(document: Document, successors: dict[int, str]) -> dict[str, str | None] | None:
    """What an index says of a document that counts no longer; None of any other."""
    if document.stage is not Stage.withdrawn:
        return None
    return {"at": document.updated_at.isoformat(), "superseded_by": successors.get(document.id)}


def _index(proven: Proven, successors: dict[int, str]) -> dict[str, object]:
    """What a department finds first. Made from the ledger only, so a repeat writes the same."""
    dossier = proven.dossier
    kept_columns = {"kind", "bucket", "key", "version_id", "sha256", "bytes"}
    return {
        "department": dossier.department,
        "dossier": dossier.code,
        "provisional": dossier.provisional,
        "checklist": as_record(ticked_off(list(proven.documents))),
        "documents": [
            {
                "number": document.number,
                "role": document.role,
                "name": document.name,
                "document_type": document.document_type,
                "pages": document.pages,
                "source_sha256": document.source_sha256,
                "source_pages": document.source_pages,
                "signed_sha256": document.signed_sha256,
                "withdrawn": _withdrawn(document, successors),
                "objects": [
                    kept.model_dump(mode="json", include=kept_columns)
                    for kept in proven.objects
                    if document.owns(kept)
                ],
            }
            for document in proven.documents
            if document.stage in {Stage.stored, Stage.published, Stage.withdrawn}
            and not document.split
        ],
    }
