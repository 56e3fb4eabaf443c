"""Values that stand in a code: read without looking at ink, so that they need no second reader."""

from collections.abc import Callable
from datetime import date
from functools import partial

from ocr.codes import Code, card_of, mrz_of, read_codes
from ocr.fields.context import ZONE_DPI, Context
from ocr.fields.lines import lines
from ocr.fields.sureness import TOLD
from schemas.dossier import is_code, is_dossier_code
from schemas.field import Reading
from schemas.page import PageReading
from schemas.validators import CardQr, MrzCard

MOST_PAGES = 4
"""Codes are looked for on so many pages."""


def read_code(context: Context, part: str) -> Reading | None:
    """The part of a code that ``CodePart`` names; None where no page bears such a code."""
    if part in {"dossier_code", "cover"}:
        return _dossier(context, is_code if part == "cover" else is_dossier_code)
    name = part.split(".")[1]
    card = context.once("card", partial(_card, context))
    if card is not None and (value := _shown(getattr(card, name, None))):
        return Reading(reader="qr", text=value, confidence=TOLD)
    zone = context.once("mrz", partial(_zone, context))
    # the zone's name has lost its accents: it confirms a name but is none
    if zone is not None and name != "full_name" and (value := _shown(getattr(zone, name, None))):
        return Reading(reader="mrz", text=value, confidence=TOLD)
    return None


def _shown(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _pages(context: Context) -> list[PageReading]:
    return [context.pages[index] for index in range(min(len(context.pages), MOST_PAGES))]


def _codes(context: Context) -> tuple[Code, ...]:
    return tuple(
        code
        for page in _pages(context)
        if not page.blank
        for code in read_codes(context.image(page), ZONE_DPI)
    )


def _card(context: Context) -> CardQr | None:
    return card_of(context.once("codes", partial(_codes, context)))


def _zone(context: Context) -> MrzCard | None:
    for page in _pages(context):
        texts = [phrase.text for phrase in lines(page)]
        if (found := mrz_of(texts)) is not None:
            return found
    return None


def _dossier(context: Context, fits: Callable[[str], bool]) -> Reading | None:
    for code in context.once("codes", partial(_codes, context)):
        text = code.text.strip().rsplit("/", 1)[-1].rsplit("=", 1)[-1]
        if fits(text):
            return Reading(reader="qr", text=text, confidence=TOLD)
    return None
