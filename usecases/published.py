"""The manifests of what was published, read from the object store and verified by their hashes."""

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from storage import Document, Dossier, KeptObject, Ledger, ObjectKind, Objects
from usecases.caller import Caller, Right, permit
from usecases.dossiers import department_named, departments_of
from usecases.identity_pictures import is_hidden
from usecases.rooms import Rooms
from usecases.sharing import note_reading, purpose_of, reach


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
    purpose: str | None = None,
) -> Iterator[Published]:
    """Every published document, dossier by dossier; one manifest at a time is held.

    Args:
        caller: who asks; they get what is of their departments or shared with them, but for
            identity papers of others.
        rooms: the ledger says what was published, the manifests are in the store.
        department: of this one only; by identifier or as people call it.
        since: changed then or later.
        purpose: what for, where others share something of it.

    Raises:
        NotAllowed: they may fetch nothing.
        PurposeNeeded: something is shared by others, and they have not said what for.
        Conflict: ``cli.manifest_unreadable``; the hash is right but it is no manifest.
        NotTrusted: the ledger's rows of a dossier are not what its events say.
        ServiceUnavailable: the store does not answer.
    """
    permit(caller, Right.fetch)
    unit, objects = department_named(rooms.ledger, department), rooms.objects()
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        look = _Look(rooms.ledger, objects, Path(folder) / "manifest.json", since)
        for one in departments_of(caller, unit):
            for dossier in rooms.ledger.dossiers(department=one, since=since):
                yield from look.at(dossier)
        theirs = reach(caller, Right.fetch, rooms)
        shared = rooms.ledger.shared_documents(theirs, department=unit, since=since)
        for dossier, documents in shared:
            open_ones = {one.id for one in documents if not is_hidden(caller, rooms, dossier, one)}
            for found in look.at(dossier, open_ones):
                said = purpose_of(caller, rooms, dossier, purpose)
                kind = "manifest_taken"
                note_reading(caller, rooms, dossier, kind, document=found.document, purpose=said)
                yield found


@dataclass(frozen=True)
class _Look:
    """At one dossier after the other; ``path`` is where one manifest lies at a time."""

    ledger: Ledger
    objects: Objects
    path: Path
    since: datetime | None

    def at(self, dossier: Dossier, alone: Collection[int] | None = None) -> Iterator[Published]:
        """What is published of a dossier; ``alone``: ids of the only documents to look at."""
        proven = self.ledger.prove(dossier.id, alone=True)
        for document in proven.documents:
            if document.stage is not Stage.published or document.split:
                continue
            if self.since is not None and document.updated_at < self.since:
                continue
            if alone is not None and document.id not in alone:
                continue
            own = tuple(one for one in proven.objects if document.owns(one))
            its = next((one for one in own if one.kind is ObjectKind.manifest), None)
            if its is not None:
                yield Published(dossier, document, self._read(its, document), own)

    def _read(self, kept: KeptObject, document: Document) -> Manifest:
        self.path.unlink(missing_ok=True)
        self.objects.get(
            kept.bucket, kept.key, self.path, version_id=kept.version_id, sha256=kept.sha256
        )
        try:
            return Manifest.model_validate_json(self.path.read_bytes())
        except ValidationError as exc:
            raise Conflict("cli.manifest_unreadable", document=document.label) from exc
