"""Number and date in the header of an administrative document, typed or penned."""

import re
from collections.abc import Callable, Sequence

from ocr.fields.context import Context
from ocr.fields.judge import Evidence, judge
from ocr.fields.lines import Phrase, middle
from ocr.fields.penned import look_at_date, look_at_number
from ocr.fields.zone_reader import Glyph, ZoneText, read_line
from schemas.field import Check, Field, Reading
from schemas.page import Box, PageReading
from schemas.validators import FieldType, folded, plain

_SYMBOL = r"[A-ZĐ][A-Za-zĐđ]*(?:-[A-ZĐ&][A-Za-zĐđ0-9&]*)+"
_NUMBER = re.compile(
    rf"^(?P<label>\W*S\S{{0,2}}\s*[:.]*)?\s*(?P<number>.*?)\s*/?\s*(?P<symbol>{_SYMBOL})\W*$"
)
_FIGURES = re.compile(r"[0-9]+(?:/[0-9]{4})?")
_DATE = re.compile(
    r"ng\w{0,2}y\W{0,2}(?P<day>.*?)\s*th\w{1,2}ng\s*(?P<month>.*?)\s*n\w{1,2}m\s*(?P<year>[0-9]{4})"
)
_SAME = str.maketrans({"⁄": "/", "∕": "/", "Ð": "Đ", "ð": "đ", "–": "-", "—": "-", "|": "/"})


def number_row(left: Sequence[Phrase]) -> Phrase | None:
    """The row ``Số: .../...`` of the header's left column."""
    for phrase in left:
        if re.match(r"\W*s[oóé]\s*[:.]", plain(phrase.text)):
            return phrase
    for phrase in left:
        if re.search(rf"/\s*{_SYMBOL}", _cleaned(phrase.text)):
            return phrase
    return None


def read_number(
    context: Context,
    page: PageReading,
    row: Phrase | None,
    symbol_check: Callable[[str], Check],
) -> Field:
    """The document's number and symbol, ``15/QĐ-UBND``."""
    if row is None:
        return judge(Evidence(FieldType.doc_number, (), required=True))
    readings: list[Reading] = []
    checks: list[Check] = []
    first = _number_parts(row.text)
    symbol = first[1] if first else ""
    if first:
        readings.append(_reading(context, page, "/".join(first), row.confidence))
    if not context.digital(page):
        image = context.cut(page, _strip(row.box))
        second = read_line(image, context.options)
        parts = _number_parts(second.text)
        if parts:
            symbol = symbol or parts[1]
            sure = _least([g for g in second.glyphs if g.text.isdigit()], second)
            readings.append(Reading(reader="tesseract-zone", text="/".join(parts), confidence=sure))
        looked = look_at_number(image, second)
        if looked.text and symbol:
            text = f"{looked.text}/{symbol}"
            readings.append(Reading(reader="figures", text=text, confidence=looked.confidence))
        checks.append(Check(name="typed", passed=looked.typed))
    if symbol and (stamped := _stamped(context, page, row.box)):
        readings.append(Reading(reader="annotation", text=f"{stamped}/{symbol}", confidence=0.99))
        checks = []
    # a look that saw no figures is no opinion on the number
    told = [r for r in readings if r.text[:1].isdigit()]
    readings = told or readings
    if symbol:
        checks.append(symbol_check(symbol))
    field = judge(
        Evidence(FieldType.doc_number, readings, True, page.number, row.box, checks=tuple(checks))
    )
    return field.model_copy(update={"raw": row.text})


def date_row(right: Sequence[Phrase]) -> Phrase | None:
    """The row ``place, ngày .. tháng .. năm ....`` of the header's right column."""
    for phrase in right:
        text = plain(phrase.text)
        if re.search(r"n\wm\s*[0-9]{4}", text) and re.search(r"th\w{1,2}ng", text):
            return phrase
    return None


def read_date(context: Context, page: PageReading, row: Phrase | None) -> dict[str, Field]:
    """``issue_date`` and ``issue_place``."""
    if row is None:
        absent = judge(Evidence(FieldType.date, (), required=True))
        return {"issue_place": judge(Evidence(FieldType.text, ())), "issue_date": absent}
    dates: list[Reading] = []
    places: list[Reading] = []
    checks: list[Check] = []
    first = _date_parts(row.text)
    month_year = first[2:] if first else ("", "")
    if first:
        reading = _reading(context, page, _figures(first), row.confidence)
        dates.append(reading)
        places.append(reading.model_copy(update={"text": first[0], "confidence": _sure(row)}))
    if not context.digital(page):
        image = context.cut(page, _strip(row.box))
        second = read_line(image, context.options)
        if parts := _date_parts(second.text):
            month_year = month_year if month_year[0].isdigit() else parts[2:]
            figures = _least([g for g in second.glyphs if g.text.isdigit()], second)
            dates.append(Reading(reader="tesseract-zone", text=_figures(parts), confidence=figures))
            letters = _least(second.glyphs[: len(parts[0].replace(" ", ""))], second)
            places.append(Reading(reader="tesseract-zone", text=parts[0], confidence=letters))
        looked = look_at_date(image, second)
        if looked.text:
            dates.append(Reading(reader="figures", text=looked.text, confidence=looked.confidence))
        checks.append(Check(name="typed", passed=looked.typed))
    if (stamped := _stamped(context, page, row.box)) and month_year[0].isdigit():
        text = f"{int(stamped):02d}/{month_year[0]}/{month_year[1]}"
        dates.append(Reading(reader="annotation", text=text, confidence=0.99))
        checks = []
    date = judge(
        Evidence(FieldType.date, dates, True, page.number, row.box, checks=tuple(checks))
    ).model_copy(update={"raw": row.text})
    place = judge(Evidence(FieldType.text, places, False, page.number, row.box))
    return {"issue_place": place, "issue_date": _partial(date, month_year)}


def _partial(date: Field, month_year: Sequence[str]) -> Field:
    """Where only the day is unread, what is known stays: ``2025-01`` (ISO 8601, a month)."""
    if date.value is not None or not (month_year[0].isdigit() and 1 <= int(month_year[0]) <= 12):
        return date
    return date.model_copy(
        update={"value": f"{month_year[1]}-{int(month_year[0]):02d}", "confidence": 0.0}
    )


def _reading(context: Context, page: PageReading, text: str, confidence: float) -> Reading:
    if context.digital(page):
        return Reading(reader="text-layer", text=text, confidence=1.0)
    return Reading(reader="tesseract", text=text, confidence=confidence)


def _sure(row: Phrase) -> float:
    """Confidence of the words before *ngày*: the place."""
    before: list[float] = []
    for word in row.words:
        if plain(word.text).startswith("ng") and "y" in plain(word.text) and before:
            break
        before.append(word.confidence)
    return min(before, default=0.0)


def _strip(box: Box) -> Box:
    return (box[0] - 4, box[1] - 4, box[2] + 5, box[3] + 4)


def _cleaned(text: str) -> str:
    return folded(text).translate(_SAME).replace("ĐĐ", "Đ")


def _number_parts(text: str) -> tuple[str, str] | None:
    """Number and symbol; the number is empty where it cannot be read as figures."""
    match = _NUMBER.match(_cleaned(text))
    if match is None:
        return None
    number = match["number"].replace(" ", "").strip("./")
    return (number if _FIGURES.fullmatch(number) else "", match["symbol"])


def _date_parts(text: str) -> tuple[str, str, str, str] | None:
    """Place, day, month, year as read."""
    cleaned = folded(text)
    match = _DATE.search(cleaned)
    if match is None:
        return None
    place = cleaned[: match.start()].strip(" ,.;'`‘’-_~")
    return (place, match["day"].strip(" .,"), match["month"].strip(" .,"), match["year"])


def _figures(parts: tuple[str, str, str, str]) -> str:
    return "/".join(parts[1:])


def _stamped(context: Context, page: PageReading, row: Box) -> str | None:
    """Figures that a signature's appearance puts into a row: the number, or the day."""
    for annotation in context.annotations:
        text = folded(annotation.text).replace(" ", "")
        _, y = middle(annotation.box)
        # the stamp's box is larger than its text, whose line is its bottom or its middle
        near = row[1] - 16 <= y <= row[3] + 16
        beside = annotation.page == page.number and row[0] <= annotation.box[0] <= row[2]
        if near and beside and re.fullmatch(r"[0-9]{1,6}", text):
            return text
    return None


def _least(glyphs: Sequence[Glyph], read: ZoneText) -> float:
    """The least sure of some characters; of the whole line where characters are not known.

    Whole words are no measure here: slashes and symbols pull them down, and the grammar and the
    type's abbreviation check those.
    """
    return min((g.confidence for g in glyphs), default=read.confidence)
