"""What the head of a form says of it: title, number of the form, the circular and its day."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ocr.drafting.runs import Run
from schemas.page import Box
from schemas.validators import plain

TITLE_ZONE = 0.5
"""A title stands in this upper part of the first page."""

CENTRED = 0.2
"""Its middle lies so near that of the page, in parts of its width."""

TITLE_LINES = 18.0
"""Points between the lines of one title."""

NATIONAL = (
    "cong hoa xa hoi chu nghia",
    "hoa xa hoi chu nghia",
    "doc lap",
    "xa hoi chu nghia viet nam",
)

_BASIS = re.compile(
    r"(?P<kind>Thông tư|Nghị định|Quyết định|Luật|Thông tư liên tịch)\s*(số)?\s*:?\s*"
    r"(?P<number>\d{1,4})\s*/\s*(?P<year>\d{4})\s*/\s*(?P<who>[A-ZĐ][A-ZĐ0-9-]+)"
)
_DAY = re.compile(r"(?P<day>\d{1,2}/\d{1,2}/\d{4})")
_FORM = re.compile(r"[Mm](ẫu|au|âu)\s*(số)?\s*:?\s*(?P<form>[A-ZĐ]{1,4}[\s.-]?\d{1,3}[a-zđ]?)\b")


class Heading(NamedTuple):
    """A form's title, and what tells its versions apart."""

    title: str
    title_box: Box | None
    form: str | None
    """``CT01``"""
    basis: str | None
    """``Thông tư 66/2023/TT-BCA``"""
    version: str | None
    """``66/2023``"""
    signs: tuple[str, ...]


def heading_of(runs: Sequence[Run], width: float, height: float) -> Heading:
    """What the first page's runs say."""
    text = " ".join(run.text for run in runs)
    basis = _BASIS.search(text)
    form = _FORM.search(text)
    title, box = _title(runs, width, height)
    signs: list[str] = []
    if basis is not None:
        number = f"{basis['number']}/{basis['year']}"
        signs = [f"{number}/{basis['who']}", f"số {number}"]
        if day := _DAY.search(text, basis.end()):
            signs.append(day["day"])
    return Heading(
        title,
        box,
        re.sub(r"[\s.-]", "", form["form"]) if form else None,
        f"{basis['kind']} {signs[0]}" if basis else None,
        f"{basis['number']}/{basis['year']}" if basis else None,
        tuple(signs),
    )


def _title(runs: Sequence[Run], width: float, height: float) -> tuple[str, Box | None]:
    """The first lines of capitals in the middle, below the national header."""
    lines: list[Run] = []
    header = [r.base for r in runs if is_national(r.text)]
    start = max(header, default=0.0)
    for run in runs:
        centred = abs((run.box[0] + run.box[2]) / 2 - width / 2) < CENTRED * width
        if not run.is_capitals or not centred or run.base > TITLE_ZONE * height:
            continue
        if run.base <= start or is_national(run.text):
            continue
        if lines and run.base - lines[-1].base > TITLE_LINES:
            break
        lines.append(run)
    if not lines:
        return "", None
    boxes = [r.box for r in lines]
    box = (
        min(b[0] for b in boxes),
        boxes[0][1],
        max(b[2] for b in boxes),
        boxes[-1][3],
    )
    return " ".join(r.text.strip(" .:") for r in lines), box


def is_national(text: str) -> bool:
    """Whether a text is part of the national header or its motto."""
    said = plain(text)
    return any(part in said for part in NATIONAL)
