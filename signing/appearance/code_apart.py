# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""A QR code that stands apart from the stamp, where the page is free: an annotation of its own.

Decree 30/2020 wants the lines of a copy in the upper right corner, which on most papers has no room
for a code of 15 mm besides. The annotation is written together with the signature's field, before
anything is signed, so that the signature covers it.
"""

from dataclasses import dataclass, replace

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from schemas.page import Box
from signing.appearance.placement import GAP, FirstPage, free_box
from signing.appearance.qr import QrCode
from signing.appearance.stamp import CODE_SIDE, form_xobject

_PRINTED, _READ_ONLY, _LOCKED = 1 << 2, 1 << 6, 1 << 7
"""Flags of annotations (ISO 32000-2, table 167); PDF/A asks for the first."""


@dataclass(frozen=True)
class CodeApart:
    """A QR code and where it goes on the first page, in PDF user space."""

    code: QrCode
    rectangle: tuple[float, float, float, float]
    rotation: int

    def add_to(self, writer: IncrementalPdfFileWriter) -> None:
        """Put it on the page, in what is about to be signed."""
        form = form_xobject(
            (CODE_SIDE, CODE_SIDE),
            self.rotation,
            generic.DictionaryObject(),
            b"q 0 g\n" + self.code.operators(0.0, 0.0, CODE_SIDE) + b"\nQ",
        )
        drawn = writer.add_object(form)
        page = writer.find_page_for_modification(0)[0]
        number = generic.FloatObject
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Stamp"),
                pdf_name("/Rect"): generic.ArrayObject(
                    [number(round(side, 2)) for side in self.rectangle]
                ),
                pdf_name("/F"): generic.NumberObject(_PRINTED | _READ_ONLY | _LOCKED),
                pdf_name("/P"): page,
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): drawn}),
            }
        )
        writer.register_annotation(page, writer.add_object(note))


def place_apart(page: FirstPage, code: QrCode, taken: Box) -> CodeApart | None:
    """The free place for a code that is nearest to the upper right corner; None where none is.

    Args:
        page: the whole of it.
        code: what goes there.
        taken: where the stamp's lines will stand, on the upright page.
    """
    left, top, right, bottom = (round(side) for side in taken)
    gap, noted = round(GAP), page.noted.copy()
    noted[max(0, top - gap) : bottom + gap, max(0, left - gap) : right + gap] = True
    found = free_box(replace(page, noted=noted), [(CODE_SIDE, CODE_SIDE)])
    if found is None:
        return None
    return CodeApart(code, page.to_user_space(found[1]), page.rotation)
