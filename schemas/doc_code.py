"""DocCode: how official letter 7197/BKHCN-CĐSQG calls a document in the shared store.

``G06.01_CV_000021_V1``: the agency's code (decision 20/2020/QĐ-TTg), the field, a serial number
within both, and the version of the file: 1 is the raw scan, 2 and above are corrected or signed.
"""

import re
import unicodedata
from typing import Annotated, NamedTuple

from pydantic import Field

from schemas.page import Frozen

LONGEST = 30
"""Signs of a DocCode at most, as the letter says."""
SCAN, SIGNED = 1, 2
"""The versions of the raw scan, and of the file as it was signed first."""
NO_TYPE = "VB"
"""The field of documents of no known type (*văn bản*)."""

_AGENCY = r"[A-Z][0-9]{2}(?:\.[0-9]{2}){0,3}"
_FIELD = r"[A-Z0-9]{1,5}"
_CODE = re.compile(rf"({_AGENCY})_({_FIELD})_([0-9]{{6,8}})_V([1-9][0-9]?)")


class CodingOptions(Frozen):
    """What DocCodes of this office begin with."""

    agency: str = Field(
        "H00",
        pattern=rf"^{_AGENCY}$",
        description="the agency's code by decision 20/2020/QĐ-TTg, H17.01 for example; no agency's"
        " where nobody says it. Codes that were given stay",
    )
    fields: dict[str, Annotated[str, Field(pattern=rf"^{_FIELD}$")]] = Field(
        default_factory=dict,
        description="document type → field, five letters or figures at most; else the first letters"
        " of the type's words: cong_van → CV",
    )


DEFAULT_CODING = CodingOptions()


class DocSeries(NamedTuple):
    """A document's place in the shared store, whatever the version of its file."""

    agency: str
    field: str
    serial: int

    def version(self, number: int) -> str:
        """The DocCode of a version."""
        return f"{self}_V{number}"

    def __str__(self) -> str:
        """The code without the version."""
        return f"{self.agency}_{self.field}_{self.serial:06}"


def parsed(code: str) -> tuple[DocSeries, int] | None:
    """A DocCode's series and version; None where it is none."""
    found = _CODE.fullmatch(code)
    if found is None or len(code) > LONGEST:
        return None
    series = DocSeries(found[1], found[2], int(found[3]))
    return (series, int(found[4])) if series.version(int(found[4])) == code else None


def field_of(options: CodingOptions, document_type: str | None) -> str:
    """The field of documents of a type."""
    said = options.fields.get(document_type or "")
    if said is not None:
        return said
    plain = unicodedata.normalize("NFD", (document_type or "").upper().replace("Đ", "D"))
    words = re.findall(
        r"[A-Z0-9]+",
        "".join(one for one in plain if not unicodedata.combining(one)).replace("_", " "),
    )
    letters = words[0] if len(words) == 1 else "".join(word[0] for word in words)
    return letters[:5] or NO_TYPE
