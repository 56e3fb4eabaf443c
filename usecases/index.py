"""The index of a dossier in the store: what a department finds first."""

import itertools
import json
import tempfile
from pathlib import Path

from schemas.errors import Conflict
from storage import Dossier, Ledger, ObjectKind, Objects
from usecases.components import replaced_by_data
from usecases.context import ACTOR
from usecases.dossiers import called
from usecases.find import index_of
from usecases.fixity import as_metadata


def put_index(ledger: Ledger, objects: Objects, work: Path, dossier: Dossier) -> None:
    """One more index of the dossier: indexes are never overwritten, the highest number counts.

    It carries the end of the event log as metadata: a log that is cut short or written anew does
    not hold what the store keeps under lock.

    Args:
        ledger: says what is published.
        objects: where the index goes.
        work: a folder for what is being written.
        dossier: whose index.

    Raises:
        NotTrusted: the ledger contradicts itself.
    """
    proven = ledger.prove(dossier.id)
    successors = {
        one.id: called(ledger, one.superseded_by)
        for one in proven.documents
        if one.superseded_by is not None
    }
    replaced = replaced_by_data(ledger, dossier.id)
    content = json.dumps(
        index_of(proven, successors, replaced).model_dump(mode="json"),
        ensure_ascii=False,
        indent=2,
    ).encode()
    noted = as_metadata(proven.head)
    bucket = objects.options.results_bucket
    known = sum(kept.kind is ObjectKind.index for kept in proven.objects)
    with tempfile.NamedTemporaryFile(dir=work, prefix=f"index-{dossier.id}-") as file:
        file.write(content)
        file.flush()
        for number in itertools.count(known + 1):
            key = f"{dossier.department}/{dossier.code}/index-{number:03d}.json"
            path = Path(file.name)
            try:
                stored = objects.put(
                    bucket, key, path, media_type="application/json", metadata=noted
                )
            except Conflict:
                if number > known + 100:
                    raise
                continue  # left by a run that was cut off before the ledger knew of it
            break
    objects.sync()
    ledger.record_object(stored, kind=ObjectKind.index, dossier_id=dossier.id, actor=ACTOR)
