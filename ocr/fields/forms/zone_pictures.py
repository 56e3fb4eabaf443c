"""The pictures of a form's written lines, as the line model gets them, to learn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2

from ocr.fields.classify import classify
from ocr.fields.context import Context
from ocr.fields.forms.form import laid_out, zones_of_line, zones_of_table
from ocr.fields.forms.written import FIGURES, TAUGHT
from ocr.fields.forms.zones import Zone
from ocr.fields.zone_reader import Image
from ocr.options import ReadingOptions
from ocr.packed import PackedPages
from ocr.values import Annotation
from schemas.document_type import DocumentType, known_types
from schemas.page import PageReading

LESSONS = TAUGHT - FIGURES
"""Kinds whose lines are kept to learn from: words. Numbers of people are not."""


def zone_pictures(
    path: Path,
    pages: Sequence[PageReading],
    annotations: Sequence[Annotation],
    options: ReadingOptions,
    type_key: str,
) -> dict[str, bytes]:
    """The written lines of a form by the path of their field, as PNG.

    Only names and texts that stand in one zone: of a value over two lines nobody said which words
    stand on which.

    Args:
        path: the file.
        pages: its pages as they were read.
        annotations: what :func:`ocr.files.annotations` gave.
        options: the reading options.
        type_key: of the document's type, :attr:`schemas.document_type.DocumentType.key`.

    Returns:
        Nothing where the pages do not show that form.
    """
    context = Context(path, PackedPages.of(pages), annotations, options)
    known = [one for one in known_types(options.types) if one.key == type_key]
    found = classify(context, known)
    if found is None or found.type.geometry is None:
        return {}
    laid, blank = laid_out(context, found)
    if laid is None:
        return {}
    pictures: dict[str, bytes] = {}
    for field in found.type.fields:
        if field.type in LESSONS and field.zones and field.shape == "line" and not field.blocks:
            written = list(_written(zones_of_line(context, laid, found.type, field, blank)))
            if len(written) == 1:
                pictures[field.id] = _png(written[0])
        elif field.shape == "table" and not field.blocks:
            rows = zones_of_table(context, laid, field)
            pictures |= dict(_cells(found.type, field.id, rows))
    return pictures


def _cells(
    spec: DocumentType, name: str, rows: Sequence[Sequence[Zone]]
) -> Iterator[tuple[str, bytes]]:
    field = spec.field(name)
    for number, row in enumerate(rows):
        for column, zone in zip(field.columns if field else (), row, strict=False):
            if column.shown and column.type in LESSONS and zone.image is not None:
                yield f"{name}.{number}.{column.id}", _png(zone.image)


def _written(zones: Sequence[Zone]) -> Iterator[Image]:
    return (zone.image for zone in zones if zone.image is not None)


def _png(image: Image) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()
