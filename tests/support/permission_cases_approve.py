"""Who may ask for the contact sheet, the operators' page and the report; see permission_cases."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

from permission_cases import LOOKING, OPERATOR, SIGNER, Asked, Case

from ocr import ReaderPool, ReadingOptions
from usecases import contact_sheet, operating, pictures, report

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def _place(asked: Asked) -> Any:
    pool = ReaderPool(ReadingOptions(), 1)  # nothing is looked at, none is started
    return asyncio.run(
        pictures.signature_place(asked.caller, asked.rooms, pool, asked.code, 1, of="a" * 64)
    )


OF_APPROVAL: dict[str, Case] = {
    "contact_sheet.contact_sheet": Case(
        {SIGNER}, lambda a: contact_sheet.contact_sheet(a.caller, a.rooms)
    ),
    "contact_sheet.document_to_approve": Case(
        {SIGNER}, lambda a: contact_sheet.document_to_approve(a.caller, a.rooms, a.code, 1), True
    ),
    "contact_sheet.approve_shown": Case(
        {SIGNER}, lambda a: contact_sheet.approve_shown(a.caller, a.rooms, {}, {})
    ),
    "contact_sheet.approve_one": Case(
        {SIGNER},
        lambda a: contact_sheet.approve_one(a.caller, a.rooms, a.code, 1, seen="0"),
        True,
    ),
    "contact_sheet.refuse_one": Case(
        {SIGNER},
        lambda a: contact_sheet.refuse_one(a.caller, a.rooms, a.code, 1, "ảnh mờ", seen="0"),
        True,
    ),
    "pictures.signature_place": Case(LOOKING, _place, True),
    "operating.operating": Case({OPERATOR}, lambda a: operating.operating(a.caller, a.rooms)),
    "operating.retry_group": Case(
        {OPERATOR}, lambda a: operating.retry_group(a.caller, a.rooms, "flow.no_room")
    ),
    "report.report": Case(LOOKING, lambda a: report.report(a.caller, a.rooms, ZONE)),
}
