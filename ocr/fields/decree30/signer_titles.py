"""The lines of a signer's title: on whose behalf, acting for whom, what office.

Titles are a small vocabulary, data of the document type: a line
is taken for the entry both kinds of readers point at; one that goes on after a head's title is read
letter by letter.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz

from ocr.fields.sureness import TITLE_LIKE, TITLE_SURELY
from ocr.fields.voting import voted
from schemas.document_type import DocumentType
from schemas.validators import plain

ACTING = ("q", "o", "0")
"""What the Q of ``Q.`` is read as; anything else before a title is a seal's."""

RANKS = ("PHÓ ", "QUYỀN ")
"""What stands before the head's title: his deputy, who acts as head."""


DEPUTY = "THỨ "
"""What a minister's deputy begins with, who has no deputy himself."""


def title_line(
    line: str, looks: Sequence[str], spec: DocumentType, issuer: str | None
) -> tuple[str, bool] | None:
    """A line as the vocabulary has it, and whether it is proven; None where it is no title.

    Args:
        line: the line model's reading.
        looks: Tesseract's.
        spec: the type, for its vocabulary.
        issuer: the issuing body, which may stand after ``TM.``.
    """
    if not any(_capitals(text) for text in (line, *looks)):
        return None
    entries = _every_entry(spec, issuer)
    ranked = [_nearest(text, entries) for text in (line, *looks) if text]
    marks = tuple(spec.vocabulary.get("authorities", ()))
    best = max(
        ranked,
        key=lambda item: (item[1] >= TITLE_SURELY, item[0].startswith(marks), item[1]),
        default=("", 0.0),
    )
    if best[1] < TITLE_LIKE:
        free = voted(looks, line)
        heads = spec.vocabulary.get("signer_titles", ())
        starts = any(plain(head) in plain(free.text) for head in heads)
        if not starts or not _capitals(free.text):
            return None
        return (
            (free.text, True) if free.proven else (_end(looks, line, entries) or free.text, False)
        )
    if _longer((line, *looks), best[0]):  # TRƯỞNG PHÒNG NỘI VỤ is no TRƯỞNG PHÒNG
        free = voted(looks, line)
        known = plain(free.text).startswith(plain(best[0]))
        if not known and not free.proven:
            return _end(looks, line, entries) or free.text, False
        return best[0] + free.text[len(best[0]) :] if known else free.text, free.proven
    second = _nearest(line, entries) if line else ("", 0.0)
    agreed = second[0] == best[0] and second[1] >= TITLE_LIKE
    agreed &= any(
        n == best[0] and s >= TITLE_LIKE for n, s in (_nearest(t, entries) for t in looks)
    )
    led = bare_head(best[0], spec) and any(_led(text, best[0]) for text in (line, *looks))
    return best[0], agreed and not led


def _end(looks: Sequence[str], line: str, entries: Sequence[tuple[str, str]]) -> str:
    """The longest entry that a reading ends with, for a person to see: what stands before it in a
    line that is not proven is a seal's. Empty where there is none."""
    said = [_letters_of(text) for text in (line, *looks)]
    ends = [
        entry
        for entry, _ in entries
        if any(text.endswith(_letters_of(entry)) for text in said if text)
    ]
    return max(ends, key=len, default="")


def in_vocabulary(text: str, spec: DocumentType, issuer: str | None) -> bool:
    """Whether a line of a title is an entry, as it is: readers only had to tell which one."""
    return any(text == entry for entry, _ in _every_entry(spec, issuer))


def bare_head(text: str, spec: DocumentType) -> bool:
    """Whether a line of a title may have lost its beginning: ``CHỦ TỊCH`` of ``PHÓ CHỦ TỊCH``."""
    return not text.startswith((*spec.vocabulary.get("authorities", ()), *RANKS))


def _led(text: str, entry: str) -> bool:
    """Whether a reading has something else before the entry: what a seal left of a word."""
    said = "".join(c for c in plain(text) if c.isalnum())
    wanted = _letters_of(entry)
    return len(said) > len(wanted) and fuzz.ratio(said[-len(wanted) :], wanted) >= TITLE_SURELY


def titles_known(texts: Sequence[str], spec: DocumentType) -> bool:
    """Whether a signer's title is whole and made of known words only.

    ``TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH``: a line with ``TM.``, ``KT.``, ``TL.`` or
    ``TUQ.`` says for whom; who signs must stand below it. Nobody acts for himself: ``KT. CHỦ TỊCH
    / CHỦ TỊCH`` has lost a word.
    """
    if list(texts) != deputised(texts) or any(
        not _is_deputy(below, above) for above, below in pairwise(texts)
    ):
        return False
    heads = spec.vocabulary.get("signer_titles", ())
    bodies = (
        *spec.vocabulary.get("organisation_heads", ()),
        *spec.vocabulary.get("signing_bodies", ()),
    )
    last_is_person = False
    for text in texts:
        mark = next((m for m in spec.vocabulary.get("authorities", ()) if text.startswith(m)), "")
        name = text.removeprefix(mark).strip()
        for rank in RANKS:
            name = name.removeprefix(rank)
        person = any(name == head or name.startswith(head + " ") for head in heads)
        if not person and not any(name == b or name.startswith(b + " ") for b in bodies):
            return False
        last_is_person = person and mark in {"", "Q."}
    return last_is_person


def deputised(texts: Sequence[str]) -> list[str]:
    """The lines of a title that was not read whole, for a person to see: who signs for a head
    (``KT. CHỦ TỊCH``) is the deputy, whose line a seal or a signature hides."""
    found: list[str] = []
    for text in texts:
        head = found[-1].removeprefix("KT. ") if found and found[-1].startswith("KT. ") else ""
        hidden = bool(head) and text.endswith(head) and text != _deputy(head)
        found.append(_deputy(head) if hidden else text)
    if found and found[-1].startswith("KT. "):
        found.append(_deputy(found[-1].removeprefix("KT. ")))
    return found


def _is_deputy(below: str, above: str) -> bool:
    """Whether under ``KT. CHỦ TỊCH`` stands his deputy, with more words or fewer; under any other
    line anybody may."""
    if not above.startswith("KT. "):
        return True
    deputy = _deputy(above.removeprefix("KT. "))
    return below.startswith(deputy) or deputy.startswith(below)


def _deputy(head: str) -> str:
    return "THỨ TRƯỞNG" if head == "BỘ TRƯỞNG" else f"PHÓ {head}"


def _longer(readings: Sequence[str], entry: str) -> bool:
    """Whether all readings have at least two letters more than the entry behind it."""
    size = len(_letters_of(entry))
    looks = [_letters_of(text) for text in readings if text]
    alike = [fuzz.ratio(text[:size], _letters_of(entry)) >= TITLE_LIKE for text in looks]
    return len(looks) > 1 and all(alike) and min(len(text) for text in looks) >= size + 2


def _letters_of(text: str) -> str:
    return "".join(c for c in plain(text) if c.isalpha())


def _every_entry(spec: DocumentType, issuer: str | None) -> tuple[tuple[str, str], ...]:
    return _entries(
        spec.vocabulary.get("signer_titles", ()),
        (*spec.vocabulary.get("signing_bodies", ()), *((issuer,) if issuer else ())),
        spec.vocabulary.get("authorities", ()),
    )


@cache
def _entries(
    people: tuple[str, ...], bodies: tuple[str, ...], marks: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Every line a title may have: as printed, and plain."""
    heads = [person for person in people if not person.startswith(DEPUTY)]
    persons = [*people, *(f"{rank}{person}" for rank in RANKS for person in heads)]
    texts = [*persons, *(f"TM. {body}" for body in bodies)]
    texts += [f"{mark} {person}" for mark in marks if mark != "TM." for person in persons]
    return tuple((text, plain(text)) for text in dict.fromkeys(texts))


def _nearest(text: str, entries: Sequence[tuple[str, str]]) -> tuple[str, float]:
    """The entry most like a line, and how much, 0 to 100; a clear lead is asked for."""
    wanted = plain(text).replace(",", ".")
    acting = wanted.lstrip(" .'-")[:1] in ACTING
    offered = ((entry, form) for entry, form in entries if acting or not form.startswith("q."))
    scored = sorted(((fuzz.ratio(wanted, form), entry) for entry, form in offered), reverse=True)
    scored = scored[:2]
    if len(scored) > 1 and scored[0][0] - scored[1][0] < 2.0:
        return scored[0][1], 0.0
    return (scored[0][1], scored[0][0]) if scored else ("", 0.0)


def _capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 3 and sum(c.isupper() for c in letters) >= 0.8 * len(letters)
