"""Where the zones of a sheet come from: documents that wait, and what people have settled."""

import random
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from schemas.messages import Language
from storage import Document, NewZone
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
    for document, some_decided in _waiting(caller, rooms):
        standing = rooms.ledger.standing_decisions(document) if some_decided else []
        decided = {one.path for one in standing}
        for zone in zones_of(rooms, document):
            place = (document.id, document.manifest_sha256 or "", zone.path)
            open_still = zone.doubtful and zone.path not in decided and place not in taken
            if open_still and not may_be_entered_twice(
                rooms.types, document.document_type, zone.path
            ):
                yield document, zone


def _waiting(caller: Caller, rooms: Rooms) -> Iterator[tuple[Document, bool]]:
    """The first documents under review, and whether anything is decided of them."""
    after: str | None = None
    for _ in range(LOOKED_THROUGH // A_PAGE):
        page = queue(caller, rooms.ledger, Stage.in_review, after=after, limit=A_PAGE)
        for entry in page.entries:
            if entry.doubts is None or entry.doubts > entry.decided:
                yield rooms.ledger.document(entry.document_id), entry.decided > 0
        after = page.next
        if after is None:
            return


def zones_of(rooms: Rooms, document: Document) -> tuple[Zone, ...]:
    """The short values of a document; none where its manifest is not at hand."""
    with suppress(Conflict, OSError, ValueError):  # lost, or of another version
        path = manifest_path(Workspace(rooms.work / str(document.id)), document, rooms.ledger)
        return _read(path, rooms.types, rooms.language, _stamp(rooms.types))
    return ()


Stamp = tuple[tuple[str, int], ...]


def _stamp(types: Path | None) -> Stamp:
    """Changes with the office's own types."""
    if types is None or not types.is_dir():
        return ()
    return tuple(sorted((one.name, one.stat().st_mtime_ns) for one in types.glob("*.yaml")))


@lru_cache(maxsize=2000)
def _read(path: Path, types: Path | None, language: Language, _stamp: Stamp) -> tuple[Zone, ...]:
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
    others: Collection[str],
    again: Collection[tuple[int, str]],
    chance: random.Random,
) -> list[NewZone]:
    """Zones that people have settled, each with a value that is known to be wrong.

    Args:
        caller: only zones of their departments are taken.
        rooms: the ledger and the work folder.
        kind: of values.
        wanted: how many at most.
        others: values of that kind, which may stand elsewhere.
        again: document and path of zones that were planted for this person before.
        chance: which ones, and what is wrong with them.
    """
    units = narrowed(caller, rooms.ledger, None)
    settled = rooms.ledger.sheets.settled_lately(units, SETTLED) if wanted else []
    chance.shuffle(settled)
    planted: list[NewZone] = []
    for one in settled:
        if len(planted) == wanted:
            break
        document = rooms.ledger.document(one.document_id)
        zone = next((zone for zone in zones_of(rooms, document) if zone.path == one.path), None)
        if zone is None or zone.kind != kind or (document.id, one.path) in again:
            continue
        value = wrong_value(kind, one.value or zone.value, others, chance)
        if value is not None:
            planted.append(
                NewZone(
                    document_id=document.id,
                    manifest_sha256=document.manifest_sha256 or "",
                    path=one.path,
                    planted=True,
                    shown=value,
                )
            )
    return planted
