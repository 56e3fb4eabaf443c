"""The manifests of what was published, read from the object store and verified by their hashes."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from storage import Document, Dossier, KeptObject, ObjectKind, Objects
from usecases.caller import Caller, Right, permit
from usecases.dossiers import department_named, departments_of
from usecases.rooms import Rooms


class Published(NamedTuple):
    """One published document, with its manifest and all its objects."""

    dossier: Dossier
    document: Document
    manifest: Manifest
    objects: tuple[KeptObject, ...]


def published(
    caller: Caller,
    rooms: Rooms,
    *,
    department: str | None = None,
    since: datetime | None = None,
) -> Iterator[Published]:
    """Every published document, dossier by dossier; one manifest at a time is held.

    Args:
        caller: who asks; they get what is of their departments.
        rooms: the ledger says what was published, the manifests are in the store.
        department: of this one only; by identifier or as people call it.
        since: changed then or later.

    Raises:
        NotAllowed: they may fetch nothing.
        Conflict: ``cli.manifest_unreadable``; the hash is right but it is no manifest.
        NotTrusted: the ledger's rows of a dossier are not what its events say.
        ServiceUnavailable: the store does not answer.
    """
    permit(caller, Right.fetch)
    ledger, objects = rooms.ledger, rooms.objects()
    units = departments_of(caller, department_named(ledger, department))
    found = (one for unit in units for one in ledger.dossiers(department=unit, since=since))
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        path = Path(folder) / "manifest.json"
        for dossier in found:
            proven = ledger.prove(dossier.id, alone=True)
            kept = proven.objects
            for document in proven.documents:
                if document.stage is not Stage.published or document.split:
                    continue
                if since is not None and document.updated_at < since:
                    continue
                own = tuple(one for one in kept if document.owns(one))
                its = next((one for one in own if one.kind is ObjectKind.manifest), None)
                if its is not None:
                    manifest = _read(objects, its, path, document)
                    yield Published(dossier, document, manifest, own)


def _read(objects: Objects, kept: KeptObject, path: Path, document: Document) -> Manifest:
    path.unlink(missing_ok=True)
    objects.get(kept.bucket, kept.key, path, version_id=kept.version_id, sha256=kept.sha256)
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        raise Conflict("cli.manifest_unreadable", document=document.label) from exc
