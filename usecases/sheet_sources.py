"""Where the zones of a sheet come from: documents that wait, and what people have settled."""

import random
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from schemas.document_type import document_type, known_types
from schemas.dossier import Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from schemas.messages import Language
from storage import Document, NewZone
from usecases.caller import Caller
from usecases.dossiers import narrowed
from usecases.queue import queue
from usecases.rooms import Rooms
from usecases.sheet_zones import Zone, wrong_value, zones_in
from usecases.workspace import Workspace, load_manifest

LOOKED_THROUGH = 300
"""Documents of the queue in which zones are looked for."""
SETTLED = 400
"""Fields that people settled lately, of which some are shown again with a wrong value."""

Found = tuple[Document, Zone]


def free_zones(caller: Caller, rooms: Rooms) -> Iterator[Found]:
    """The doubtful zones of the documents that wait first, which are for a sheet."""
    taken = rooms.ledger.sheets.taken()
    documents = _waiting(caller, rooms)
    decided = rooms.ledger.decided_among([one.id for one in documents])
    twice = [one for one in known_types(rooms.types) if one.double_entry]
    stamp = stamp_of(rooms.types)
    for document in documents:
        read = document.reading_sha256 or document.manifest_sha256 or ""
        by_two = [one for one in twice if one.id == document.document_type]
        for zone in zones_of(rooms, document, stamp):
            place = (document.id, document.manifest_sha256 or "", zone.path)
            if (
                zone.doubtful
                and (document.id, read, zone.path) not in decided
                and place not in taken
                and not any(one.is_entered_twice(zone.path) for one in by_two)
            ):
                yield document, zone


def _waiting(caller: Caller, rooms: Rooms) -> list[Document]:
    """The first documents under review that have an open doubt."""
    page = queue(caller, rooms.ledger, Stage.in_review, limit=LOOKED_THROUGH)
    return rooms.ledger.documents_among(
        [one.document_id for one in page.entries if one.doubts is None or one.doubts > one.decided]
    )


Stamp = tuple[tuple[str, int], ...]


def stamp_of(types: Path | None) -> Stamp:
    """Changes with the office's own types."""
    if types is None or not types.is_dir():
        return ()
    return tuple(sorted((one.name, one.stat().st_mtime_ns) for one in types.glob("*.yaml")))


def zones_of(rooms: Rooms, document: Document, stamp: Stamp | None = None) -> tuple[Zone, ...]:
    """The short values of a document; none where its manifest is not at hand.

    Args:
        rooms: the ledger, the work folder, the types, and the language of labels.
        document: of which.
        stamp: of the types, where it was looked up already.
    """
    if stamp is None:
        stamp = stamp_of(rooms.types)
    known = _Known(document.manifest_sha256 or "", partial(_manifest, rooms, document))
    with suppress(Conflict, OSError, ValueError):  # lost, or of another version
        return _read(known, rooms.types, rooms.language, stamp)
    return ()


@dataclass(frozen=True)
class _Known:
    """A manifest by its hash: one that was read stays the same, wherever it lies now."""

    sha256: str
    load: Callable[[], Manifest] = field(compare=False)


def _manifest(rooms: Rooms, document: Document) -> Manifest:
    return load_manifest(Workspace(rooms.work / str(document.id)), document, rooms.ledger)


@lru_cache(maxsize=2000)
def _read(known: _Known, types: Path | None, language: Language, _stamp: Stamp) -> tuple[Zone, ...]:
    manifest = known.load()
    if manifest.undecided():
        return ()  # the file may be several documents, which are read again
    of_type = document_type(manifest.document_type or "", manifest.form_version, types)
    return zones_in(manifest, of_type, language)


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
    stamp = stamp_of(rooms.types)
    known = {
        one.id: one
        for one in rooms.ledger.documents_among(sorted({one.document_id for one in settled}))
    }
    for one in settled:
        if len(planted) == wanted:
            break
        document = known[one.document_id]
        zones = zones_of(rooms, document, stamp)
        zone = next((zone for zone in zones if zone.path == one.path), None)
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
