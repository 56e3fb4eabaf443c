"""The index of a dossier in the store: what a department finds first."""

import itertools
import json
import tempfile
from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Conflict
from storage import Dossier, ObjectKind, Proven
from usecases.components import as_record, ticked_off
from usecases.context import ACTOR, AppContext
from usecases.fixity import as_metadata


def put_index(context: AppContext, dossier: Dossier) -> None:
    """One more index of the dossier: indexes are never overwritten, the highest number counts.

    It carries the end of the event log as metadata: a log that is cut short or written anew does
    not hold what the store keeps under lock.

    Raises:
        NotTrusted: the ledger contradicts itself.
    """
    proven = context.ledger.prove(dossier.id)
    content = json.dumps(_index(proven), ensure_ascii=False, indent=2).encode()
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


def _index(proven: Proven) -> dict[str, object]:
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
                "objects": [
                    kept.model_dump(mode="json", include=kept_columns)
                    for kept in proven.objects
                    if document.owns(kept)
                ],
            }
            for document in proven.documents
            if document.stage in {Stage.stored, Stage.published} and not document.split
        ],
    }
