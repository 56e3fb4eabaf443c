"""The number and symbol of a document, ``15/QĐ-UBND``: printed, typed or written by pen."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from ocr.fields.context import Context
from ocr.fields.decree30.header import SYMBOL, Header, Strip, cleaned, number_strip, stamped
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.pen.pens import NOTHING_WRITTEN, beside_print, penned_number
from ocr.fields.sureness import TOLD
from ocr.fields.zone_reader import read_line
from ocr.recognition.line_reader import line_reader
from schemas.document_type import DocumentType
from schemas.errors import MissingDependency
from schemas.field import Check, Reading
from schemas.validators import (
    FieldType,
    folded,
    is_doc_number,
    is_legislation_number,
    type_abbreviation,
)

_TEXT = re.compile(
    rf"^(?P<label>\W*S\S{{0,2}}\s*[:.]*)?\s*(?P<number>.*?)\s*/?\s*(?P<symbol>{SYMBOL})\W*$"
)
_FIGURES = re.compile(r"[0-9]+(?:/[0-9]{4})?")

_LINE = re.compile(
    r"^(?P<label>\W{0,2}[Ss5]\S{0,2}\s*[:.;,]*\s*)?(?P<number>.*?)\s*"
    r"(?P<year>/\s*(?:19|20)[0-9]{2}\s*)?/?\s*"
    r"(?P<symbol>[A-ZĐ][A-Za-zĐđ&]{0,11}-?[A-ZĐ&][A-Za-zĐđ0-9&]*(?:-[A-ZĐ&][A-Za-zĐđ0-9&]*)*)\W*$"
)
"""The row as the line model reads it: hyphens may be lost, the number is anything."""


CERTAIN = frozenset({"UBND", "HĐND"})
"""Initials that every body of that name has; other offices may have others than their words'."""


class NumberLooks(NamedTuple):
    """What was read in the number's row."""

    figures: str
    proven: bool
    year: str
    """``/2025`` in numbers of legal texts, else empty."""
    symbols: tuple[tuple[str, str], ...]
    """Kind of reader and the symbol it read."""
    readings: tuple[Reading, ...]


def read_number(
    context: Context, header: Header, spec: DocumentType, issuer: str | None
) -> Evidence:
    """The field ``doc_number``.

    Args:
        context: the document.
        header: the head of its first page.
        spec: the type, whose abbreviation opens the symbol.
        issuer: the issuing body as read; its initials end the symbol.
    """
    row, strip, page = header.number, number_strip(context, header), header.page
    if row is None and strip is None:
        return nothing(FieldType.doc_number, required=True)
    seen = _seen(context, header, strip)
    symbol, agreed = _symbol(seen.symbols, spec, issuer)
    box = row.box if row is not None else strip.box if strip is not None else None
    figures, proven = seen.figures, seen.proven
    readings = list(seen.readings)
    if box is not None and symbol and (stamp := stamped(context, page, box)):
        figures, proven = stamp, True
        readings.append(Reading(reader="annotation", text=f"{stamp}/{symbol}", confidence=TOLD))
    value = f"{figures}{seen.year}/{symbol}" if symbol else None
    checks = [Check(name="readers_agree", passed=proven and agreed)]
    if value is not None:
        checks.append(symbol_check(symbol, spec, issuer))
        if not context.digital(page):
            checks += _issuer_check(symbol, spec, issuer)
        padded = f"0{value}" if figures and len(figures) == 1 else value
        legal = is_doc_number(padded) or is_legislation_number(padded)
        checks.append(Check(name="doc_number", passed=legal))
    raw = row.text if row is not None else None
    return Evidence(
        FieldType.doc_number,
        value,
        raw,
        tuple(readings),
        tuple(checks),
        required=True,
        page=page.number,
        box=box,
    )


def _seen(context: Context, header: Header, strip: Strip | None) -> NumberLooks:
    """Every look at the number: the page's words, the strip alone, the line model, its figures."""
    row, digital = header.number, context.digital(header.page)
    readings: list[Reading] = []
    symbols: list[tuple[str, str]] = []
    printed = ""
    looks: set[str] = set()
    if row is not None and (parts := number_text(row.text)):
        kind = "text-layer" if digital else "tesseract"
        sure = 1.0 if digital else row.confidence
        readings.append(Reading(reader=kind, text="/".join(parts), confidence=sure))
        symbols.append((kind, parts[1]))
        printed = parts[0]
        looks.add(parts[0])
    if strip is None:
        certain = digital and bool(printed)
        return NumberLooks(printed, certain, "", tuple(symbols), tuple(readings))
    second = read_line(strip.image, context.options)
    if parts := number_text(second.text):
        said = Reading(reader="tesseract-zone", text="/".join(parts), confidence=second.confidence)
        readings.append(said)
        symbols.append(("tesseract", parts[1]))
        printed = printed or parts[0]
        looks.add(parts[0])
    guess, year = NOTHING_WRITTEN, ""
    try:
        model = line_reader()
        line = model.look(strip.image)
    except MissingDependency:
        line = None
    text = "".join(letter.text for letter in line.letters()) if line is not None else ""
    if line is not None and (match := _LINE.match(text)):
        symbols.append(("line", match["symbol"]))
        year = "".join((match["year"] or "").split())
        guess = penned_number(model, line, strip.image, match.span("number"))
        for name, figures, share in guess.looks:
            text = f"{figures}{year}/{match['symbol']}"
            readings.append(Reading(reader=name, text=text, confidence=min(share, 1.0)))
    if not guess.text:
        return NumberLooks(printed, False, "", tuple(symbols), tuple(readings))
    if row is not None and (parts := number_text(row.text)):
        guess = beside_print(guess, parts[0].removesuffix(year), row.confidence)
    elif len(guess.text) == 1:  # a figure may be lost; Decree 30/2020 asks for two
        guess = guess._replace(proven=False)
    # a year in the number is typed: both kinds of readers must have it
    needed = bool(year) or not guess.whole or not _begun(symbols)
    proven = guess.proven and (not needed or f"{guess.text}{year}" in looks)
    return NumberLooks(guess.text, proven, year, tuple(symbols), tuple(readings))


def _begun(symbols: Sequence[tuple[str, str]]) -> bool:
    """Whether both kinds see the symbol's beginning: a figure written over it may be lost."""
    line = next((symbol for kind, symbol in symbols if kind == "line"), "")
    others = [symbol for kind, symbol in symbols if kind != "line"]
    return not others or any(symbol[:2] == line[:2] for symbol in others)


def symbol_check(symbol: str, spec: DocumentType, issuer: str | None) -> Check:
    """The type's abbreviation opens the symbol; official letters have none.

    A letter's symbol opens with its issuer's initials, which may be some type's abbreviation:
    ``CT`` of *Cục Thuế* and *Chỉ thị*.
    """
    wanted = spec.recognise.symbols
    abbreviation = type_abbreviation(symbol)
    if wanted:
        passed = abbreviation in wanted
    else:
        passed = abbreviation is None or abbreviation == initials(issuer)
    return Check(name="symbol_fits_type", passed=passed)


def _issuer_check(symbol: str, spec: DocumentType, issuer: str | None) -> list[Check]:
    """The issuer's initials end the symbol (``QĐ-UBND``), or open a letter's (``UBND-VX``).

    Some offices have a symbol of their own; one a letter beside a committee's is misread.
    """
    wanted = initials(issuer)
    parts = symbol.split("-")
    said = (parts[-1] if spec.recognise.symbols else parts[0]).replace("&", "")
    if not wanted:
        return []
    near = wanted in CERTAIN and Levenshtein.distance(said, wanted) == 1
    return [Check(name="symbol_fits_issuer", passed=said == wanted, blocking=near)]


def _symbol(
    said: Sequence[tuple[str, str]], spec: DocumentType, issuer: str | None
) -> tuple[str, bool]:
    """The symbol and whether it is proven.

    Proven where readers of two kinds have the same letters, or one has what type and issuer make
    together (``QĐ-UBND``). The line model loses hyphens; the form with most of them is taken.
    """
    if not said:
        return "", False
    expected = {
        f"{abbreviation}-{initials(issuer)}"
        for abbreviation in spec.recognise.symbols
        if initials(issuer)
    }
    for _, symbol in said:
        for full in expected:
            if symbol.casefold() == full.casefold():
                return full, True
    if initials(issuer) in CERTAIN:
        for _, symbol in said:
            if full := _repaired(symbol, expected, initials(issuer)):
                return full, False
    for _, one in said:
        same = [(kind, s) for kind, s in said if s.replace("-", "") == one.replace("-", "")]
        kinds = {kind for kind, _ in same}
        best = max((symbol for _, symbol in same), key=lambda s: s.count("-"))
        if "-" in best and (len(kinds) > 1 or "text-layer" in kinds):
            return best, True
    fits = [s for _, s in said if "-" in s and symbol_check(s, spec, issuer).passed]
    return (fits or [symbol for _, symbol in said])[0], False


def _repaired(symbol: str, expected: Collection[str], wanted: str) -> str:
    """What a symbol that differs in one letter must be, where a committee issued it; else empty."""
    near = [full for full in expected if Levenshtein.distance(full, symbol) == 1]
    if near:
        return near[0]
    first, hyphen, rest = symbol.partition("-")
    fits = not expected and Levenshtein.distance(first, wanted) == 1
    return f"{wanted}{hyphen}{rest}" if fits and rest else ""


def initials(issuer: str | None) -> str:
    """How a body's name ends a symbol: ``UBND``; ``STC`` of *Sở Tài chính*; empty if unknown."""
    words = [w for w in folded(issuer or "").upper().split() if w not in {"VÀ", "-", "CỦA", "&"}]
    if words[1:4] == ["BAN", "NHÂN", "DÂN"]:
        return "UBND"
    if words[:4] == ["HỘI", "ĐỒNG", "NHÂN", "DÂN"]:
        return "HĐND"
    return "".join(word[0] for word in words)


def number_text(text: str) -> tuple[str, str] | None:
    """Number and symbol; the number is empty where it cannot be read as figures."""
    match = _TEXT.match(cleaned(text))
    if match is None:
        return None
    number = match["number"].replace(" ", "").strip("./")
    return (number if _FIGURES.fullmatch(number) else "", match["symbol"])
