"""Cases of the use cases for finding, and for one result."""

import asyncio
from typing import Any

from permission_cases import CLERK, OPERATOR, SIGNER, TAKING, Asked, Case

from ocr import ReaderPool, ReadingOptions
from usecases import finding, pictures, result_shown, search_index

NUMBER = "001203012345"


def _pool() -> ReaderPool:
    return ReaderPool(ReadingOptions(), 1)  # nothing is drawn, none is started


def _picture(asked: Asked) -> Any:
    return asyncio.run(
        pictures.result_picture(asked.caller, asked.rooms, _pool(), asked.code, 2, 1)
    )


def _signature(asked: Asked) -> Any:
    return asyncio.run(
        result_shown.signature_shown(asked.caller, asked.rooms, _pool(), asked.code, 2)
    )


FINDING: dict[str, Case] = {
    "finding.find_text": Case(
        TAKING, lambda a: finding.find_text(a.caller, a.rooms, "giấy khai sinh")
    ),
    "finding.find_person": Case(
        {CLERK, SIGNER}, lambda a: finding.find_person(a.caller, a.rooms, NUMBER)
    ),
    "pictures.result_picture": Case(TAKING, _picture, True),
    "result_shown.result_shown": Case(
        TAKING, lambda a: result_shown.result_shown(a.caller, a.rooms, a.code, 2), True
    ),
    "result_shown.signature_shown": Case(TAKING, _signature, True),
    "search_index.reindex": Case(
        {OPERATOR}, lambda a: search_index.reindex(a.caller, a.rooms, _pool())
    ),
}
