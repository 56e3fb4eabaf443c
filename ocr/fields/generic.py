"""Fields of a document of no known type: what every paper may say, all of it for a person to see.

With a national header: the bodies, number, place, date and signer, as administrative documents have
them. On any paper: its heading. Nothing is accepted: what a field means depends on the type.
"""

from collections.abc import Sequence

from ocr.fields.classify import TITLE_ZONE, first_page
from ocr.fields.context import Context
from ocr.fields.decree30.administrative import read_head
from ocr.fields.decree30.printed import Paper, printed_evidence, read_printed
from ocr.fields.decree30.subject import shouts
from ocr.fields.evidence import TYPE_KNOWN, Evidence, with_checks
from ocr.fields.lines import Phrase, columns, lines, middle
from schemas.document_type import DocumentType
from schemas.field import Check
from schemas.page import PageReading

SHORTEST, LONGEST = 4, 80
"""Letters of a heading."""

CENTRED = 0.14
"""A heading's middle lies so near the page's, in parts of its width."""


def read_generic(context: Context, types: Sequence[DocumentType]) -> dict[str, Evidence]:
    """``title``, and the fields of a national header where there is one; all to be reviewed."""
    page = first_page(context)
    if page is None:
        return {}
    paper = Paper(context)
    fields: dict[str, Evidence] = {}
    below = 0.0
    spec = next((t for t in types if t.layout == "administrative"), None)
    if spec is not None and (head := read_head(paper, page, spec)) is not None:
        found, below = head
        fields.update(found)
    if (row := _heading(page, below)) is not None:
        bounds = (0.05 * page.width, 0.97 * page.width)
        read = read_printed(paper, page, row, bounds)
        fields = {"title": printed_evidence([read], page, digital=context.digital(page)), **fields}
    unknown = Check(name=TYPE_KNOWN, passed=False)
    return {name: with_checks(field, unknown) for name, field in fields.items() if field.value}


def _heading(page: PageReading, below: float) -> Phrase | None:
    """The first line in capitals in the middle of the page's upper part, under its header."""
    for row in lines(page):
        if not below < middle(row.box)[1] < TITLE_ZONE * page.height:
            continue
        for part in columns(row):
            letters = sum(c.isalpha() for c in part.text)
            centred = abs(middle(part.box)[0] - page.width / 2) < CENTRED * page.width
            if SHORTEST <= letters <= LONGEST and centred and shouts(part.text):
                return part
    return None
