"""Where the zones of a sheet come from: documents that wait, and what people have settled."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from schemas.messages import Language
from storage import Document, NewZone, SettledZone
from usecases.caller import Caller
from usecases.dossiers import narrowed
from usecases.double_entry import may_be_entered_twice
from usecases.queue import queue
from usecases.rooms import Rooms
from usecases.sheet_zones import Zone, wrong_value, zones_in
from usecases.workspace import Workspace, manifest_path

LOOKED_THROUGH = 300
"""Documents of the queue in which zones are looked for."""
A_PAGE = 100
SETTLED = 400
"""Fields that people settled lately, of which some are shown again with a wrong value."""

Found = tuple[Document, Zone]


def free_zones(caller: Caller, rooms: Rooms) -> Iterator[Found]:
    """The doubtful zones of the documents that wait first, which are for a sheet."""
    taken = rooms.ledger.sheets.taken()
    for document in _waiting(caller, rooms):
        decided = {one.path for one in rooms.ledger.standing_decisions(document)}
        for zone in zones_of(rooms, document):
            place = (document.id, document.manifest_sha256 or "", zone.path)
            open_still = zone.doubtful and zone.path not in decided and place not in taken
            if open_still and not may_be_entered_twice(
                rooms.types, document.document_type, zone.path
            ):
                yield document, zone


def _waiting(caller: Caller, rooms: Rooms) -> Iterator[Document]:
    """The documents under review in their order, the first ones."""
    after: str | None = None
    for _ in range(LOOKED_THROUGH // A_PAGE):
        page = queue(caller, rooms.ledger, Stage.in_review, after=after, limit=A_PAGE)
        for entry in page.entries:
            if entry.doubts is None or entry.doubts > entry.decided:
                yield rooms.ledger.document(entry.document_id)
        after = page.next
        if after is None:
            return


def zones_of(rooms: Rooms, document: Document) -> tuple[Zone, ...]:
    """The short values of a document; none where its manifest is not at hand."""
    with suppress(Conflict, OSError, ValueError):  # lost, or of another version
        path = manifest_path(Workspace(rooms.work / str(document.id)), document, rooms.ledger)
        return _read(path, rooms.types, rooms.language)
    return ()


@lru_cache(maxsize=2000)
def _read(path: Path, types: Path | None, language: Language) -> tuple[Zone, ...]:
    """Manifests are called by their hash: one that was read stays the same."""
    manifest = Manifest.model_validate_json(path.read_bytes())
    if manifest.undecided():
        return ()  # the file may be several documents, which are read again
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    return zones_in(manifest, known, language)


def planted_zones(
    caller: Caller,
    rooms: Rooms,
    kind: str,
    wanted: int,
    others: set[str],
    again: set[tuple[int, str]],
    chance: random.Random,
) -> list[NewZone]:
    """Zones that people have settled, each with a value that is known to be wrong."""
    if not wanted:
        return []
    units = narrowed(caller, rooms.ledger, None)
    settled = rooms.ledger.sheets.settled_lately(units, SETTLED)
    known = [one for one in _of_kind(rooms, settled, kind) if one[:2] not in again]
    values = others | {truth for _, _, _, truth in known}
    chance.shuffle(known)
    planted: list[NewZone] = []
    for document_id, path, sha256, truth in known:
        value = wrong_value(kind, truth, values, chance)
        if value is not None and len(planted) < wanted:
            planted.append(
                NewZone(
                    document_id=document_id,
                    manifest_sha256=sha256,
                    path=path,
                    planted=True,
                    shown=value,
                )
            )
    return planted


def _of_kind(
    rooms: Rooms, settled: Sequence[SettledZone], kind: str
) -> Iterator[tuple[int, str, str, str]]:
    """Document, path, manifest and value of the settled zones of a kind."""
    for one in settled:
        document = rooms.ledger.document(one.document_id)
        for zone in zones_of(rooms, document):
            if (zone.path, zone.kind) == (one.path, kind):
                yield document.id, one.path, document.manifest_sha256 or "", one.value or zone.value
