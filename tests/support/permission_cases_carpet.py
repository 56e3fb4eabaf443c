"""Who may look at sheets of zones, for :mod:`permission_cases`."""

import asyncio
from typing import Any

from permission_cases import Asked, Case

from ocr import ReaderPool, ReadingOptions
from usecases import carpet
from usecases.caller import Duty

REVIEWERS = {Duty.clerk, Duty.signer}
KEY = "0" * 32


def _picture(asked: Asked) -> Any:
    pool = ReaderPool(ReadingOptions(), 1)  # nothing is looked at, none is started
    return asyncio.run(carpet.zone_picture(asked.caller, asked.rooms, pool, KEY, 1))


OF_SHEETS: dict[str, Case] = {
    "carpet.carpet": Case(REVIEWERS, lambda a: carpet.carpet(a.caller, a.rooms)),
    "carpet.open_sheet": Case(REVIEWERS, lambda a: carpet.open_sheet(a.caller, a.rooms, "date")),
    "carpet.sheet": Case(REVIEWERS, lambda a: carpet.sheet(a.caller, a.rooms, KEY)),
    "carpet.zone_picture": Case(REVIEWERS, _picture),
    "carpet.accept": Case(REVIEWERS, lambda a: carpet.accept(a.caller, a.rooms, KEY, [])),
    "carpet.undo_sheet": Case(REVIEWERS, lambda a: carpet.undo_sheet(a.caller, a.rooms, KEY)),
}
