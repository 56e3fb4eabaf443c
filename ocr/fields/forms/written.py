"""What the readers say of something written by hand or machine in a zone.

Readers that share nothing: Tesseract, the line model, and for figures that can be cut apart two
small networks. Each reads on its own, with the field's alphabet; who agrees with whom is for
:mod:`ocr.fields.weighing`. Of a pen's figures the networks are asked first, of printed ones last.
"""

import string
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from rapidfuzz import fuzz, process

from ocr.fields.forms.figures import row_of, said_by_networks
from ocr.fields.forms.text_lines import Again, likeliest, tidy
from ocr.fields.pen.rows import Row
from ocr.fields.plausible import plausibility
from ocr.fields.sureness import (
    FORCED,
    FORCED_NAME,
    OF_A_NAME,
    PROPOSING,
    SURE_NETWORKS,
    SURE_ROW,
    THERE,
    USUAL_ENDING,
)
from ocr.fields.vocabulary import (
    ended,
    endings,
    is_named,
    named,
    signed_once,
    snapped,
    with_levels,
)
from ocr.fields.weighing import SEXES
from ocr.fields.zone_reader import DIGITS, Image, ZoneText, read_line
from ocr.options import ReadingOptions
from ocr.recognition.adapter import adapters
from ocr.recognition.line_reader import MODEL_SHA256, Hypothesis, Line, LineReader, line_reader
from schemas.errors import MissingDependency
from schemas.field import Reading
from schemas.validators import FieldType, is_email, normalised

MAIL = DIGITS + string.ascii_lowercase + "@._-+"
"""Case means nothing in an address; without capitals, O is no nought and Q no @."""

ALPHABETS = {
    FieldType.date: DIGITS + "/",
    FieldType.personal_id: DIGITS,
    FieldType.phone: DIGITS + "+.",
    FieldType.email: MAIL,
}
"""What can occur in a field of a kind, for Tesseract too; other kinds take the whole language."""

FIGURES = frozenset({FieldType.date, FieldType.personal_id, FieldType.phone})
"""Kinds that are all figures."""

TAUGHT = frozenset({FieldType.name, FieldType.text, FieldType.sex}) | FIGURES
"""Kinds that the line model reads as it was taught where a pen wrote them."""

LOOKS = (("tesseract-300", 1.0), ("tesseract-200", 0.67))
"""Where there is no line model, Tesseract looks twice: where it guesses, it guesses otherwise at
another scale."""

PROPOSED = 6
"""Other readings that are kept for a person."""

NEAREST = 6
"""Usual values that are weighed against one another."""


class Asked(NamedTuple):
    """What is known of a zone before it is read."""

    kind: FieldType
    options: ReadingOptions
    alphabet: str | None = None
    words: tuple[str, ...] = ()
    joint: str = " "
    """What stands between the zones of one field."""
    counts: tuple[int, ...] = ()
    """How many figures each zone holds, where that is known."""
    names: tuple[str, ...] = ()
    """Persons the document names: addresses are often made of names."""
    by_pen: bool = False
    """Whether a pen may have written it."""


def second_reader() -> LineReader | None:
    """The line model, or None where it is not installed (``sohoa doctor`` says so)."""
    try:
        return line_reader()
    except MissingDependency:
        return None


def readings(images: Sequence[Image], asked: Asked, row: Row | None = None) -> list[Reading]:
    """What each reader says of the zones of one field, in order of reading.

    ``row``: figures that were cut apart and looked at before.
    """
    if not images:
        return []
    if asked.kind in FIGURES:
        seen = None if asked.by_pen else _seen_as_print(images, asked)
        if seen is not None and seen.agree:
            return [one for one in seen.both if one is not None]
        return _figures(images, asked, row or row_of(images, asked.kind, asked.joint), seen)
    model = second_reader()
    if model is None:
        return [_tesseract(images, asked, name, scale) for name, scale in LOOKS]
    first = _tesseract(images, asked, "tesseract", 1.0)
    said = _line_model(images, asked, model, first.text)
    return [first, *([said] if said else [])]


class _AsPrint(NamedTuple):
    """What the readers of print say of figures."""

    both: tuple[Reading, Reading | None]
    """Tesseract, and the line model where it sees anything."""
    agree: bool
    """Whether both say the same value."""


def _seen_as_print(images: Sequence[Image], asked: Asked) -> _AsPrint | None:
    """Printed figures, as Tesseract and the line model have them; None where there is no model."""
    model = second_reader()
    if model is None:
        return None
    both = (_tesseract(images, asked, "tesseract", 1.0), _line_model(images, asked, model))
    values = {normalised(asked.kind, one.text) if one else None for one in both}
    return _AsPrint(both, len(values) == 1 and None not in values)


def _figures(
    images: Sequence[Image], asked: Asked, row: Row | None, seen: _AsPrint | None
) -> list[Reading]:
    """Figures, the cheap readers first: two networks; where they differ or guess, the line model;
    Tesseract, who reads pens worst, where nobody agrees with another. ``seen``: what the last two
    said already."""
    between = asked.joint if asked.kind is FieldType.date else ""
    found: list[Reading] = []
    if row is not None:
        found = said_by_networks(row, asked.kind, between, pen=asked.by_pen)
    if _settled(asked, found):
        return found
    model = second_reader()
    if model is None:
        return [*found, *(_tesseract(images, asked, name, scale) for name, scale in LOOKS)]
    if said := seen.both[1] if seen else _line_model(images, asked, model):
        values = [normalised(asked.kind, r.text) for r in found if r.reader not in PROPOSING]
        found.append(said)
        if normalised(asked.kind, said.text) in [value for value in values if value is not None]:
            return found
    return [*found, seen.both[0] if seen else _tesseract(images, asked, "tesseract", 1.0)]


def _settled(asked: Asked, found: Sequence[Reading]) -> bool:
    """Whether the networks say the same value and neither guesses; by a pen, whether together they
    are so sure of the whole row."""
    own = [reading for reading in found if reading.reader not in PROPOSING]
    values = {normalised(asked.kind, reading.text) for reading in own}
    sure = all(reading.confidence >= SURE_NETWORKS for reading in own)
    if asked.by_pen:
        sure = all(r.confidence >= SURE_ROW for r in found if r.reader in PROPOSING)
    return sure and len(own) == 2 and len(values) == 1 and None not in values


def _tesseract(images: Sequence[Image], asked: Asked, name: str, scale: float) -> Reading:
    allowed = asked.alphabet or ALPHABETS.get(asked.kind)
    parts = [read_line(_scaled(image, scale), asked.options, allowed) for image in images]
    text = asked.joint.join(tidy(part.text, asked.kind) for part in parts)
    sure = min(_sure(part, asked.kind) for part in parts)
    return Reading(reader=name, text=repaired(text, asked), confidence=sure)


def repaired(text: str, asked: Asked) -> str:
    """The text with its usual beginning or ending set right."""
    if asked.kind is FieldType.email:
        return signed_once(ended(text, asked.words))
    return snapped(text, asked.words)


def _line_model(
    images: Sequence[Image], asked: Asked, model: LineReader, agreed: str = ""
) -> Reading | None:
    """What the line model says; ``agreed``: what another reader says of all zones together.

    Only what a pen wrote is read as it was taught, in several looks, and with lists of words.
    """
    lessons = asked.by_pen and asked.kind in TAUGHT
    taught = adapters(asked.options.adapters, MODEL_SHA256) if lessons else ()
    lines = [line for image in images if (line := model.look(image, taught)) is not None]
    if len(lines) != len(images):
        return None
    alone = agreed if len(lines) == 1 else ""
    best = [
        _best(line, index, asked, Again(image, model, taught, alone) if asked.by_pen else None)
        for index, (line, image) in enumerate(zip(lines, images, strict=True))
    ]
    if not all(best):
        return None
    text, *others = _joined(best, asked)
    sure = min(candidates[0].confidence for candidates in best)
    return Reading(
        reader="line", text=text, confidence=min(sure, 1.0), others=tuple(others[:PROPOSED])
    )


def _joined(best: Sequence[Sequence[Hypothesis]], asked: Asked) -> list[str]:
    """The texts of all zones: of each its likeliest, then with another candidate of one of them."""
    firsts = [candidates[0] for candidates in best]
    ways = [firsts]
    for index, candidates in enumerate(best):
        ways += [[*firsts[:index], one, *firsts[index + 1 :]] for one in candidates[1:]]
    texts = [asked.joint.join(tidy(one.text, asked.kind) for one in way) for way in ways]
    if asked.kind is not FieldType.email:
        texts = [snapped(text, asked.words) for text in texts]
    return list(dict.fromkeys(text for text in texts if text.strip())) or [""]


def _best(line: Line, index: int, asked: Asked, again: Again | None) -> Sequence[Hypothesis]:
    """The candidates that fit what is known of the field, the best first."""
    if asked.kind is FieldType.sex:
        return _all_of(_chosen(line, SEXES, asked.by_pen) or _first(line.read()))
    if asked.kind is FieldType.email:
        return _all_of(_mail(line, asked))
    if asked.kind in FIGURES:
        alphabet = asked.alphabet or (ALPHABETS[asked.kind] if asked.joint != "/" else DIGITS)
        if asked.counts:
            placed = line.read(places=[alphabet] * asked.counts[index])
            return placed or line.read(alphabet)
        return line.read(alphabet)
    whole = tuple(word for word in asked.words if len(word.split()) < 4)
    if whole and (usual := _chosen(line, whole)) is not None:
        return [usual]
    return likeliest(line, asked.kind, asked.alphabet, again)


def _all_of(candidate: Hypothesis | None) -> list[Hypothesis]:
    return [candidate] if candidate is not None else []


def _first(candidates: Sequence[Hypothesis]) -> Hypothesis | None:
    return candidates[0] if candidates else None


def _chosen(line: Line, texts: Sequence[str], one_of_them: bool = False) -> Hypothesis | None:
    """The usual value that stands there, among the few that look like what is read freely; the
    likeliest of all, however little it is like that, if it must be ``one_of_them``."""
    free = " ".join(word.text for word in line.words())
    near = process.extract(free, texts, scorer=fuzz.ratio, limit=NEAREST, score_cutoff=30)
    if not near and not one_of_them:
        return None
    best = line.choose(texts if one_of_them else [text for text, _, _ in near])[0]
    if best.support < THERE and not one_of_them:
        return None
    return best._replace(confidence=best.confidence * best.support**FORCED)


def _mail(line: Line, asked: Asked) -> Hypothesis | None:
    """An address whose ending may be a usual one, its beginning a name: all that could stand
    there, weighed."""
    read = line.read(MAIL, best=6)
    offered: dict[str, float] = {}
    for candidate in read:
        text = candidate.text.replace(" ", "")
        for form in dict.fromkeys((with_levels(text), text, *endings(text, asked.words)[:3])):
            local, _, domain = form.partition("@")
            for start in dict.fromkeys((local, *named(local, asked.names))):
                whole = f"{start}@{domain}"
                if is_email(whole) and whole not in offered:
                    offered[whole] = _expected(whole, asked)
    if not offered:
        return _first(read)
    ranked = line.choose(offered)
    shares = [candidate.confidence * offered[candidate.text] for candidate in ranked]
    at = max(range(len(shares)), key=shares.__getitem__)
    likely = shares[at] / max(sum(shares), 1e-12)
    own = is_named(ranked[at].text.partition("@")[0], asked.names)
    forced = ranked[at].support ** (FORCED_NAME if own else FORCED)
    return ranked[at]._replace(confidence=likely * forced)


def _expected(address: str, asked: Asked) -> float:
    """How likely an address is before it is looked at, beside others."""
    usual = USUAL_ENDING if address.endswith(asked.words) else 1.0
    if with_levels(address) != address:  # no domain is called *dtuedu.vn*
        usual /= OF_A_NAME
    own = OF_A_NAME if is_named(address.partition("@")[0], asked.names) else 1.0
    return usual * own * plausibility(FieldType.email, address)


def _sure(read: ZoneText, kind: FieldType) -> float:
    """The least sure character of figures; the least sure word of text."""
    if kind in ALPHABETS and read.glyphs:
        return min(glyph.confidence for glyph in read.glyphs)
    return read.confidence


def _scaled(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
