"""Cases of the use cases by which an office's line reader learns, and its forms are drafted."""

import asyncio

from permission_cases import OPERATOR, Asked, Case

from ocr import ReadingOptions
from schemas.learning import LearningOptions
from usecases import drafting, learning, teaching_sheets
from usecases.learning import School


def _school(asked: Asked) -> School:
    reading = ReadingOptions(adapters=asked.folder / "adapters")
    return School(asked.folder, reading, LearningOptions(), asked.rooms.clock)


OF_LEARNING: dict[str, Case] = {
    "learning.add_lines": Case(
        {OPERATOR}, lambda a: learning.add_lines(a.caller, _school(a), a.folder / "none")
    ),
    "teaching_sheets.sheets": Case(
        {OPERATOR}, lambda a: teaching_sheets.sheets(a.caller, _school(a), 1)
    ),
    "teaching_sheets.add_scans": Case(
        {OPERATOR}, lambda a: asyncio.run(teaching_sheets.add_scans(a.caller, _school(a), []))
    ),
    "learning.learn": Case({OPERATOR}, lambda a: learning.learn(a.caller, _school(a))),
    "learning.state": Case({OPERATOR}, lambda a: learning.state(a.caller, _school(a))),
    "learning.back": Case({OPERATOR}, lambda a: learning.back(a.caller, _school(a))),
    "learning.forget": Case({OPERATOR}, lambda a: learning.forget(a.caller, _school(a))),
    "drafting.draft_type": Case(
        {OPERATOR},
        lambda a: drafting.draft_type(a.caller, ReadingOptions(), a.folder / "none.pdf"),
    ),
}
