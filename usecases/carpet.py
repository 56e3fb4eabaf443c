"""Sheets of doubtful zones of one kind: what is wrong is marked, the rest is accepted.

Each field that is accepted is a decision of its own, made on the manifest from which the zone was
taken, as in a review (:func:`usecases.review.save_decision`). A document whose last doubt is
settled so still waits for somebody to say that its review is done: zones show little of a page.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from ocr import ReaderPool
from schemas.carpet_views import (
    CarpetView,
    SheetDone,
    SheetUndone,
    SheetView,
    SheetZoneView,
    ZoneKind,
)
from schemas.errors import Conflict, InputRejected, NotFound
from schemas.page import Box
from schemas.validators import FieldType
from schemas.views import PagePicture
from schemas.work import DecisionKind
from storage import NewDecision, NewZone, Sheet, SheetZone
from usecases.caller import Caller, Right, permit
from usecases.dossiers import reached
from usecases.doubts_shown import zone_of
from usecases.pictures import page_picture
from usecases.reading_compared import shown
from usecases.review import save_decision
from usecases.rooms import Rooms
from usecases.sheet_sources import free_zones, planted_zones, zones_of
from usecases.sheet_zones import (
    LOOKED_BACK,
    TEXT,
    Zone,
    kind_called,
    mixed,
    planted_count,
    sheet_size,
)

HELD = timedelta(minutes=20)
"""How long zones are nobody else's; looking at the sheet again prolongs it."""
UNDO_WITHIN = timedelta(hours=12)
REMEMBERED = 20 * LOOKED_BACK
"""Planted zones of a person of which is known whether they were found."""
AROUND, LEAST = (5.0, 4.0), (120.0, 22.0)
WIDE_AROUND, WIDE_LEAST = (40.0, 40.0), (560.0, 110.0)
"""Points of paper around a zone, and where a person asks for more of it."""

_CHANCE = random.SystemRandom()


def carpet(caller: Caller, rooms: Rooms) -> CarpetView:
    """The kinds of doubtful zones that wait in the caller's departments.

    Args:
        caller: who reviews.
        rooms: the ledger, the work folder, and the language of names.

    Raises:
        NotAllowed: they may not review.
    """
    permit(caller, Right.review)
    counted, labels = Counter[str](), dict[str, str]()
    for _, zone in free_zones(caller, rooms):
        counted[zone.kind] += 1
        labels.setdefault(zone.kind, zone.label)
    present = rooms.ledger.sheets.present(caller.name)
    return CarpetView(
        kinds=tuple(
            ZoneKind(key=kind, name=kind_called(kind, labels[kind], rooms.language), zones=zones)
            for kind, zones in counted.most_common()
        ),
        present=present.key if present else None,
        last=_undoable(caller, rooms),
    )


def open_sheet(
    caller: Caller, rooms: Rooms, kind: str, *, chance: random.Random = _CHANCE
) -> str | None:
    """A sheet of zones of a kind, which nobody else gets meanwhile; its key.

    Somebody has one sheet of a kind at a time: the one that is open is given again.

    Args:
        caller: who reviews; only zones of their departments are on it.
        rooms: the ledger and the work folder.
        kind: as :func:`carpet` says.
        chance: which values are planted, and where.

    Returns:
        None where no such zone is left.

    Raises:
        NotAllowed: they may not review.
    """
    permit(caller, Right.review)
    sheets = rooms.ledger.sheets
    present = sheets.present(caller.name)
    if present is not None and present.kind == kind:
        return present.key
    shown_before = sheets.planted_lately(caller.name, REMEMBERED)
    size = sheet_size(bool(one.wrong) for one in reversed(shown_before))
    found = (one for one in free_zones(caller, rooms) if one[1].kind == kind)
    of_kind = list(islice(found, size))
    wrong = planted_count(len(of_kind))
    again = {(one.document_id, one.path) for one in shown_before}
    others = {zone.value for _, zone in of_kind}
    planted = planted_zones(caller, rooms, kind, wrong, others, again, chance)
    doubtful = [
        NewZone(
            document_id=document.id,
            manifest_sha256=document.manifest_sha256 or "",
            path=zone.path,
        )
        for document, zone in of_kind[: size - len(planted)]
    ]
    made = sheets.open(kind, mixed(doubtful, planted, chance), caller.name, HELD)
    return made.key if made else None


def sheet(caller: Caller, rooms: Rooms, key: str) -> SheetView:
    """One's own sheet, with the values that are said to stand in its zones.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is none, it is somebody else's, or it is done.
    """
    permit(caller, Right.review)
    found = rooms.ledger.sheets.find(key, caller.name)
    if found.answered_at is not None:
        raise NotFound("storing.no_sheet")
    rooms.ledger.sheets.hold(key, HELD)
    views, label = [], ""
    for one in rooms.ledger.sheets.zones(key):
        zone = _zone(caller, rooms, one)
        if zone is None:
            continue  # its document went on: what is said of it is refused
        label = label or zone.label
        left, top, right, bottom = _part(zone, wide=False)
        views.append(
            SheetZoneView(
                number=one.number,
                label=zone.label,
                text=_written(zone, one.shown),
                width=right - left,
                height=bottom - top,
            )
        )
    return SheetView(
        key=key,
        kind=found.kind,
        name=kind_called(found.kind, label, rooms.language),
        zones=tuple(views),
        until=found.until,
        last=_undoable(caller, rooms),
    )


async def zone_picture(
    caller: Caller, rooms: Rooms, pool: ReaderPool, key: str, number: int, *, wide: bool = False
) -> PagePicture:
    """The picture of a zone on one's own sheet; ``wide``: with more of the paper around it.

    Its address names no dossier, so that planted zones look like all others.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such zone, or it cannot be shown any more.
        InputRejected, ServiceUnavailable: as :func:`usecases.pictures.page_picture`.
    """
    permit(caller, Right.review)
    rooms.ledger.sheets.find(key, caller.name)
    found = [one for one in rooms.ledger.sheets.zones(key) if one.number == number]
    zone = _zone(caller, rooms, found[0]) if found else None
    if zone is None:
        raise NotFound("usecase.no_page")
    dossier, document = reached(caller, Right.review, rooms.ledger, found[0].document_id)
    return await page_picture(
        caller,
        rooms,
        pool,
        dossier.code,
        document.number,
        zone.page,
        zone=_part(zone, wide=wide),
        department=dossier.department,
    )


def accept(caller: Caller, rooms: Rooms, key: str, wrong: Sequence[int]) -> SheetDone:
    """What was marked is wrong, and all other values of a sheet stand on the paper.

    One decision a field. Said again it changes nothing, whatever is marked then; cut off in
    between, it goes on. What others decided meanwhile stays as it is.

    Args:
        caller: whose sheet it is.
        rooms: the ledger and the work folder.
        key: of the sheet.
        wrong: numbers of the zones that were marked.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such sheet, or it is somebody else's.
    """
    permit(caller, Right.review)
    sheets = rooms.ledger.sheets
    found = sheets.find(key, caller.name)
    zones = sheets.answer(key, wrong)
    if found.closed_at is None:
        made = {}
        for one in zones:
            if not one.planted and not one.wrong:
                decision_id = _decided(caller, rooms, key, one)
                if decision_id is not None:
                    made[one.number] = decision_id
        sheets.close(key, made)
        zones = sheets.zones(key)
    return _done(caller, rooms, found, zones)


def undo_sheet(caller: Caller, rooms: Rooms, key: str) -> SheetUndone:
    """Take back all that was decided by a sheet, all or none, while its documents wait.

    Raises:
        Conflict: one of its documents went on.
        NotAllowed: they may not review.
        NotFound: there is no such sheet, or it is somebody else's, or a document is theirs no more.
    """
    permit(caller, Right.review)
    found = rooms.ledger.sheets.find(key, caller.name)
    if found.undone_at is not None or found.closed_at is None:
        return SheetUndone(decisions=0)
    for document_id in {one.document_id for one in rooms.ledger.sheets.zones(key)}:
        reached(caller, Right.review, rooms.ledger, document_id)
    return SheetUndone(decisions=rooms.ledger.undo_sheet(key, caller.name))


def _decided(caller: Caller, rooms: Rooms, key: str, zone: SheetZone) -> int | None:
    """The decision that what was read stands there; None where others were first."""
    new = NewDecision(path=zone.path, kind=DecisionKind.confirmed, key=f"{key}-{zone.number}")
    try:
        saved = save_decision(
            caller,
            rooms.ledger,
            rooms.work,
            zone.document_id,
            new,
            seen=zone.manifest_sha256,
            types=rooms.types,
        )
    except (Conflict, NotFound, InputRejected):
        return None
    return saved.id if saved.key == new.key else None


def _done(caller: Caller, rooms: Rooms, found: Sheet, zones: Sequence[SheetZone]) -> SheetDone:
    real = [one for one in zones if not one.planted]
    planted = [one for one in zones if one.planted]
    accepted = sum(one.decision_id is not None for one in real)
    left = sum(bool(one.wrong) for one in real)
    return SheetDone(
        accepted=accepted,
        left=left,
        refused=len(real) - accepted - left,
        planted=len(planted),
        found=sum(bool(one.wrong) for one in planted),
        waiting=sum(zone.kind == found.kind for _, zone in free_zones(caller, rooms)),
    )


def _undoable(caller: Caller, rooms: Rooms) -> str | None:
    last = rooms.ledger.sheets.last(caller.name, rooms.clock() - UNDO_WITHIN)
    return last.key if last else None


def _zone(caller: Caller, rooms: Rooms, one: SheetZone) -> Zone | None:
    """A zone of a sheet as its document has it, where that still is the caller's."""
    try:
        _, document = reached(caller, Right.review, rooms.ledger, one.document_id)
    except NotFound:
        return None
    if not one.planted and document.manifest_sha256 != one.manifest_sha256:
        return None
    return next((zone for zone in zones_of(rooms, document) if zone.path == one.path), None)


def _part(zone: Zone, *, wide: bool) -> Box:
    """The part of the page that is shown of a zone."""
    around, least = (WIDE_AROUND, WIDE_LEAST) if wide else (AROUND, LEAST)
    return zone_of(zone.box, zone.size, around=around, least=least)


def _written(zone: Zone, value: str | None) -> str:
    """The value of a zone, or another one, as people write it."""
    kind = None if zone.kind.startswith(TEXT) else FieldType(zone.kind)
    return shown(kind, value or zone.value)
