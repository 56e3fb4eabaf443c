"""What a pool's workers do, by name: who hands a task to a worker does not import what it needs.

Half of what starting costs is importing (OpenCV, pikepdf, fontTools), and the process that commands
the workers uses none of it.
"""

from typing import TYPE_CHECKING

from schemas.door import Named

if TYPE_CHECKING:
    from ocr.calibration import audited
    from ocr.fields import extract
    from ocr.fields.forms.zone_pictures import zone_pictures
    from ocr.files.annotations import annotations
    from ocr.files.attached import take_out
    from ocr.files.cutting import cut
    from ocr.files.inspection import inspect
    from ocr.files.unread import size_of
    from ocr.learning.sheets import sheet_lines
    from ocr.page_texts import page_texts
    from ocr.parts import propose_parts
    from ocr.pdfa.compose import compose
    from ocr.pdfa.replacing import with_new_pages
    from ocr.pipeline import read_page
    from ocr.shown_pages import shown_file, shown_page
    from ocr.sides import extract_sides
else:
    audited = Named("ocr.calibration", "audited")
    extract = Named("ocr.fields", "extract")
    sheet_lines = Named("ocr.learning.sheets", "sheet_lines")
    zone_pictures = Named("ocr.fields.forms.zone_pictures", "zone_pictures")
    annotations = Named("ocr.files.annotations", "annotations")
    take_out = Named("ocr.files.attached", "take_out")
    cut = Named("ocr.files.cutting", "cut")
    inspect = Named("ocr.files.inspection", "inspect")
    size_of = Named("ocr.files.unread", "size_of")
    page_texts = Named("ocr.page_texts", "page_texts")
    propose_parts = Named("ocr.parts", "propose_parts")
    compose = Named("ocr.pdfa.compose", "compose")
    read_page = Named("ocr.pipeline", "read_page")
    shown_file = Named("ocr.shown_pages", "shown_file")
    shown_page = Named("ocr.shown_pages", "shown_page")
    with_new_pages = Named("ocr.pdfa.replacing", "with_new_pages")
    extract_sides = Named("ocr.sides", "extract_sides")

__all__ = [
    "annotations",
    "audited",
    "compose",
    "cut",
    "extract",
    "extract_sides",
    "inspect",
    "page_texts",
    "propose_parts",
    "read_page",
    "sheet_lines",
    "shown_file",
    "shown_page",
    "size_of",
    "take_out",
    "with_new_pages",
    "zone_pictures",
]
