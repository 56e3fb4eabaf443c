"""Which document type a document is, by its printed signs, or unknown."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from ocr.fields.context import Context
from ocr.fields.lines import Found, Phrase, columns, find, height, lines, plain_texts
from ocr.fields.registration import Registration, likely_forms, register
from ocr.fields.sureness import BY_ADDRESSEE, BY_LABELS, BY_SIGN, CONTRADICTED
from ocr.fields.zone_reader import read_block
from schemas.document_type import DocumentType, Sign
from schemas.page import PageReading, Word
from schemas.validators import plain, type_abbreviation

TITLE_ZONE = 0.45
"""A heading stands in this upper part of the first page."""

TITLE_LEAST = 84.0
"""Likeness (0 to 100) from which a heading is taken for a title; tones are not compared."""

ENOUGH_LABELS = 10
"""So many ends of labels at their places are a form, even where its title was not read."""

DECIDED = 2.0
"""Signs of this weight tell versions apart without a second look: a circular's number."""

MOTTO_SHORTER = 0.22
"""The motto ends so much of its width before the national header above it, on either side."""

BESIDE = 10.0
"""A line of the left column ends at most so many points right of where the header begins."""

SAME_TITLE = 8.0
"""Of headings about as like a title, by so many points, the topmost is the document's."""

CORNER_NOTE = 0.19
"""The note that names the circular stands in this upper part of the page."""

LIKE_WORD = 0.6
"""Of each word of a title so much must stand: *khai sinh*, *kết hôn*, *giám hộ* are not alike."""

SHORT_WORD = 2
"""One word of so few letters may be another: a letter of it was read wrong."""

SURE_TITLE = 95.0
"""A title read so well has at most a letter wrong, in whichever word."""

HEADING_LETTERS = 5
"""A line with fewer capitals has no heading in it."""

CENTRED = 0.12
"""A heading's middle lies so near the page's, in parts of its width."""

_NUMBER = re.compile(r"[0-9]/(?P<symbol>[A-ZĐ][A-Za-zĐđ&]*-[A-ZĐ][A-Za-zĐđ0-9&-]*)")
_CIRCULAR = re.compile(r"[0-9]{1,3}/20[0-9]{2}/TT-")


class Classified(NamedTuple):
    """The type, how sure, and what it was told by."""

    type: DocumentType
    confidence: float
    version_known: bool
    title: Found | None
    laid: Registration | None = None
    """A form's geometry on the page, where it was found on the way."""


def classify(context: Context, types: Sequence[DocumentType]) -> Classified | None:
    """The type of a document from its first page that is not blank; None where none fits."""
    page = first_page(context)
    if page is None:
        return None
    phrases = lines(page)
    top = [p for p in phrases if p.box[1] < TITLE_ZONE * page.height]
    forms = [t for t in types if t.layout != "administrative"]
    if (form := _form(context, page, phrases, forms)) is not None:
        return form
    return _administrative(page, top, [t for t in types if t.layout == "administrative"])


def first_page(context: Context) -> PageReading | None:
    """The first page with words on it."""
    return next((page for page in context.pages if page.words and not page.blank), None)


def national_header(page: PageReading, document_type: DocumentType) -> Found | None:
    """The national header in the upper part of a page, which administrative documents have."""
    top = [p for p in lines(page) if p.box[1] < TITLE_ZONE * page.height]
    parts = [part for phrase in top for part in columns(phrase)]
    for text in document_type.vocabulary.get("national_header", ()):
        # first without the left column, whose last word may stand where one was lost
        if found := find(parts, text, least=80) or find(top, text, least=80):
            return found
    for motto in document_type.vocabulary.get("motto", ()):
        if found := find(parts, motto, least=80):
            return _over_motto(found)
    return None


def _over_motto(motto: Found) -> Found:
    """The place of the national header, which was not read, over the motto that was."""
    x0, y0, x1, _ = motto.phrase.box
    tall, more = height(motto.phrase.box), MOTTO_SHORTER * (x1 - x0)
    box = (x0 - more, y0 - 1.3 * tall, x1 + more, y0 - 0.3 * tall)
    word = Word(text=motto.phrase.text, box=box, confidence=0.0, line=0)
    return Found(Phrase((word,)), motto.score)


def _form(
    context: Context,
    page: PageReading,
    phrases: list[Phrase],
    types: list[DocumentType],
) -> Classified | None:
    """A form by its title, or by labels that lie where its geometry has them."""
    best = _titled(page, phrases, types)
    likely = likely_forms(page, types) if best is None else [t for t in types if t.id == best[0].id]
    laid = {t.key: register(page, t) for t in likely}
    if best is None:
        ranked = sorted(likely, key=lambda t: _inliers(laid[t.key]), reverse=True)
        if not ranked or _inliers(laid[ranked[0].key]) < ENOUGH_LABELS:
            return None
        first, sure, title = ranked[0], BY_LABELS, None
    else:
        first, sure, title = best[0], best[1].score / 100, best[1]
    versions = [t for t in types if t.id == first.id]
    spec, known = _version(context, page, phrases, versions, title)
    if not known:
        spec = max(versions, key=lambda t: _inliers(laid.get(t.key)))
    sure = sure if known else sure * CONTRADICTED
    return Classified(spec, sure, known, title, laid.get(spec.key))


def _titled(
    page: PageReading, phrases: list[Phrase], types: Sequence[DocumentType]
) -> tuple[DocumentType, Found] | None:
    """The type whose title stands on the page, and where.

    One title may be part of another: *Giấy xác nhận tình trạng hôn nhân* stands in *Tờ khai cấp
    Giấy xác nhận tình trạng hôn nhân*. The one that is more of its heading is taken; of types with
    one title, the one that needs more and has it.
    """
    best: tuple[float, int, DocumentType, Found] | None = None
    headings = [p for p in phrases if sum(c.isupper() for c in p.text) >= HEADING_LETTERS]
    upper: dict[float, tuple[list[Phrase], list[str]]] = {}
    for candidate in types:
        zone = candidate.recognise.zone
        if zone not in upper:
            top = [p for p in headings if p.box[1] < zone * page.height]
            upper[zone] = (top, plain_texts(top))
        top, plains = upper[zone]
        for text in candidate.recognise.titles:
            found = find(top, text, least=80, plains=plains)
            if found is None or not _is_heading(found.phrase):
                continue
            if found.score < SURE_TITLE and not _word_for_word(text, found.phrase.text):
                continue
            fit = (_fit(text, found, top), len(candidate.recognise.needs))
            if (best is None or fit > best[:2]) and has_needs(phrases, candidate):
                best = (*fit, candidate, found)
    return None if best is None else best[2:]


def _word_for_word(title: str, read: str) -> bool:
    """Whether each word of both is in the other, too, whatever spaces were read.

    Titles of one family differ in a word or two: *Tờ khai đăng ký giám hộ* is as a whole much like
    *Tờ khai đăng ký kết hôn*.
    """
    texts = plain(title), plain(read)
    same = [one for one in Indel.opcodes(*texts) if one.tag == "equal"]
    stand = (
        {at for one in same for at in range(one.src_start, one.src_end)},
        {at for one in same for at in range(one.dest_start, one.dest_end)},
    )
    odd = [
        [
            word[0]
            for word in re.finditer(r"\S+", text)
            if sum(at in found for at in range(*word.span())) < LIKE_WORD * len(word[0])
        ]
        for text, found in zip(texts, stand, strict=True)
    ]
    return all(not words or len("".join(words)) <= SHORT_WORD for words in odd)


def _fit(title: str, found: Found, phrases: Sequence[Phrase]) -> float:
    """How much a title is like the words it was found in, and like the whole heading (0 to 100)."""
    first = found.phrase.words[0]
    heading = next(
        part for phrase in phrases if first in phrase.words for part in columns(phrase)
        if first in part.words
    )  # fmt: skip
    return (found.score + fuzz.ratio(plain(title), plain(heading.text))) / 2


def has_needs(phrases: Sequence[Phrase], candidate: DocumentType) -> bool:
    """Whether each sign stands on the page without which the title is not enough."""
    needs = candidate.recognise.needs
    return all(any(_stands(phrases, text) for text in sign.texts) for sign in needs)


def _inliers(laid: Registration | None) -> int:
    return laid.inliers if laid else 0


def _version(
    context: Context,
    page: PageReading,
    phrases: list[Phrase],
    versions: list[DocumentType],
    title: Found | None,
) -> tuple[DocumentType, bool]:
    """Tells versions of one form apart; where the corner note was not read, it is read again."""
    if len(versions) == 1:
        return versions[0], not _of_another_circular(page, phrases, versions[0])
    scores = _signs(phrases, versions)
    if max(scores.values()) < DECIDED and not context.digital(page):
        foot = title.phrase.box[1] if title else CORNER_NOTE * page.height
        note = read_block(
            context.cut(page, (0.0, 0.0, page.width, max(foot, 60.0))), context.options
        )
        again = _signs([*phrases, *_phrases(note.text)], versions)
        scores = {key: max(scores[key], again[key]) for key in scores}
    ranked = sorted(versions, key=lambda t: scores[t.key], reverse=True)
    return ranked[0], scores[ranked[0].key] > scores[ranked[1].key]


def _of_another_circular(page: PageReading, phrases: list[Phrase], only: DocumentType) -> bool:
    """Whether the corner note names a circular, and not the one of the only version known."""
    if only.form_version is None or not only.recognise.signs:
        return False
    note = [p for p in phrases if p.box[1] < CORNER_NOTE * page.height]
    named = any(_CIRCULAR.search(p.text.replace(" ", "")) for p in note)
    return named and not any(_signs(phrases, [only]).values())


def _phrases(text: str) -> list[Phrase]:
    """Lines of text as phrases, for looking words up; where they stand is not known."""
    nowhere = (0.0, 0.0, 0.0, 0.0)
    return [
        Phrase(tuple(Word(text=w, box=nowhere, confidence=0.0, line=0) for w in line.split()))
        for line in text.splitlines()
        if line.strip()
    ]


def _signs(phrases: Sequence[Phrase], versions: Sequence[DocumentType]) -> dict[str, float]:
    """For each version, the weight of its signs that stand on the page."""
    return {
        t.key: sum(
            sign.weight
            for sign in t.recognise.signs
            if any(_stands(phrases, x) for x in sign.texts)
        )
        for t in versions
    }


def _stands(phrases: Sequence[Phrase], sign: str) -> bool:
    """Signs with figures must stand as they are: 66/2023 and 56/2021 look alike to a ratio."""
    if any(c.isdigit() for c in sign):
        wanted = plain(sign).replace(" ", "")
        return any(wanted in plain(phrase.text).replace(" ", "") for phrase in phrases)
    return find(phrases, sign, least=90) is not None


def _administrative(
    page: PageReading, top: list[Phrase], types: list[DocumentType]
) -> Classified | None:
    if not types:
        return None
    header = national_header(page, types[0])
    if header is None:
        return None
    parts = [part for phrase in top for part in columns(phrase)]
    below = [part for part in parts if part.box[1] > header.phrase.box[3]]
    titled = [
        (fuzz.ratio(plain(title), plain(part.text)), t, part)
        for t in types
        for title in t.recognise.titles
        for part in below
        if _is_heading(part)
    ]
    letters = [
        (letter, part)
        for letter in types
        if not letter.recognise.titles
        for part in below
        if part.box[0] < header.phrase.box[0] and opens_letter(part, letter.recognise.signs)
    ]
    if titled:
        best = max(score for score, _, _ in titled)
        same = [item for item in titled if item[0] >= max(TITLE_LEAST, best - SAME_TITLE)]
        if best >= TITLE_LEAST:
            upper = min(part.box[1] for _, _, part in same)
            first = [item for item in same if item[2].box[1] - upper < height(item[2].box)]
            score, found, part = max(first, key=lambda item: item[0])
            # a letter's own V/v stands in the left column, over whatever its text may quote
            column = [said for _, said in letters if said.box[2] < header.phrase.box[0] + BESIDE]
            if not any(said.box[3] < part.box[1] for said in column):
                return Classified(found, score / 100, True, Found(part, score))
    if letters:
        return Classified(letters[0][0], BY_SIGN, True, None)
    letter = next((t for t in types if not t.recognise.titles), None)
    addressed = letter is not None and _addressed(page, below, header.phrase.box[0], letter)
    return (
        Classified(letter, BY_ADDRESSEE, True, None) if letter is not None and addressed else None
    )


def _addressed(
    page: PageReading, below: Sequence[Phrase], edge: float, letter: DocumentType
) -> bool:
    """Whether a page whose *V/v* was not read is a letter all the same: it has an addressee and a
    number that names no type, and no heading stands between them."""
    to = [find(below, text, least=88) for text in letter.vocabulary.get("addressees", ())]
    levels = [found.phrase.box[1] for found in to if found is not None]
    number = next(
        (
            match
            for part in below
            if part.box[0] < edge and (match := _NUMBER.search(part.text.replace(" ", "")))
        ),
        None,
    )
    if not levels or number is None or type_abbreviation(number["symbol"]) is not None:
        return False
    return not any(
        _is_heading(part)
        and part.box[1] < min(levels)
        and abs((part.box[0] + part.box[2]) / 2 - page.width / 2) < CENTRED * page.width
        for part in below
    )


def _is_heading(part: Phrase) -> bool:
    letters = [c for c in part.text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def opens_letter(part: Phrase, signs: Sequence[Sign]) -> bool:
    """A left-hand line that begins with a sign: ``V/v ...``; small, it may be read ``V/``."""
    text = plain(part.text)
    starts = [plain(t).partition("/") for sign in signs for t in sign.texts]
    return any(text.startswith(before + slash) for before, slash, _ in starts)
