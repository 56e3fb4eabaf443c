"""The reading room: from a file to pages with words, and to a searchable PDF/A.

The way of a page is :mod:`ocr.pipeline`; :class:`ReaderPool` runs the same functions in worker
processes that may be killed.
"""

from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from ocr.blanks import keep_given, keep_learned
    from ocr.calibration import audited
    from ocr.cleaning.ink import Ink
    from ocr.fields import extract, missing_labels
    from ocr.files.annotations import annotations
    from ocr.files.attached import take_out
    from ocr.files.cutting import cut
    from ocr.files.inspection import inspect
    from ocr.files.wholeness import complete
    from ocr.options import ReaderName, ReadingOptions
    from ocr.packed import PackedPages, pack
    from ocr.page_pictures import page_image
    from ocr.parts import propose_parts
    from ocr.pdfa.compose import compose
    from ocr.pdfa.fidelity import Likeness, likeness
    from ocr.pipeline import read_page
    from ocr.pool import ReaderPool
    from ocr.shown_pages import shown_page
    from ocr.sides import extract_sides
    from ocr.values import (
        Annotation,
        AttachedFile,
        AttachedKind,
        Composed,
        FileKind,
        FormKind,
        Holding,
        Inspection,
    )

__all__ = [
    "Annotation",
    "AttachedFile",
    "AttachedKind",
    "Composed",
    "FileKind",
    "FormKind",
    "Holding",
    "Ink",
    "Inspection",
    "Likeness",
    "PackedPages",
    "ReaderName",
    "ReaderPool",
    "ReadingOptions",
    "annotations",
    "audited",
    "complete",
    "compose",
    "cut",
    "extract",
    "extract_sides",
    "inspect",
    "keep_given",
    "keep_learned",
    "likeness",
    "missing_labels",
    "pack",
    "page_image",
    "propose_parts",
    "read_page",
    "shown_page",
    "take_out",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)
