"""The index of a dossier in the store: what a department finds first."""

import itertools
import json
import tempfile
from pathlib import Path

from schemas.errors import Conflict
from storage import Dossier, ObjectKind
from usecases.context import ACTOR, AppContext
from usecases.find import index_of
from usecases.fixity import as_metadata


def put_index(context: AppContext, dossier: Dossier) -> None:
    """One more index of the dossier: indexes are never overwritten, the highest number counts.

    It carries the end of the event log as metadata: a log that is cut short or written anew does
    not hold what the store keeps under lock.

    Raises:
        NotTrusted: the ledger contradicts itself.
    """
    proven = context.ledger.prove(dossier.id)
    content = json.dumps(
        index_of(proven).model_dump(mode="json"), ensure_ascii=False, indent=2
    ).encode()
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
