"""Papers drawn from their own document type: its title, its labels, invented values after them."""

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from schemas.document_type import DocumentType, FieldSpec
from sohoa.sample import Sheet

LEFT, RIGHT, HALF = 85.0, 540.0, 305.0


def draw_type(
    spec: DocumentType,
    values: Mapping[str, Any],
    *,
    top: Sequence[str] = (),
    dpi: int = 300,
    size: float = 13.0,
) -> Sheet:
    """A page in the order of the type's fields: ``label value``, tables as rows of dicts.

    ``top`` are lines over the title (header, number, circular). Fields of one side stand in their
    half of the page. Sections are printed before their first field.
    """
    sheet = Sheet((595.28, 841.89), dpi)
    y = 60.0
    for line in top:
        sheet.text(LEFT, y, line, size)
        y += 1.4 * size
    y += 10
    for title in spec.recognise.titles[:1]:
        sheet.text(HALF + 10, y, title, size + 1, "Bold", "middle")
        y += 2.2 * size
    labels = {label.text for field in spec.fields for label in field.labels}
    said: set[str] = set()
    heights: dict[str, float] = {}
    for field in spec.fields:
        if field.id not in values:
            continue
        if field.section and field.section not in said | labels:
            sheet.text(LEFT, y, field.section + ":", size)
            said.add(field.section)
            y += 1.6 * size
        if field.side:
            x0, x1 = (LEFT - 30, HALF - 8) if field.side == "left" else (HALF + 8, RIGHT + 25)
            heights = heights or {"left": y, "right": y}
            at = heights[field.side]
            heights[field.side] = _written(sheet, field, values[field.id], x0, x1, at, size - 1)
            y = max(heights.values())
        elif field.shape == "table":
            y = _table(sheet, field, values[field.id], y, size - 2)
        elif field.where == "below":
            sheet.text(430, y + 20, field.labels[0].text, size, "Bold", "middle")
            sheet.text(430, y + 110, values[field.id], size, "Bold", "middle")
        else:
            y = _written(sheet, field, values[field.id], LEFT, RIGHT, y, size)
    return sheet


def _written(
    sheet: Sheet, field: FieldSpec, value: str, x0: float, x1: float, y: float, size: float
) -> float:
    label = field.labels[0].text if field.labels else ""
    words = f"{label} {value}".split()
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if sheet.length(longer, size) > x1 - x0:
            sheet.text(x0, y, line, size)
            y, line = y + 1.35 * size, word
        else:
            line = longer
    sheet.text(x0, y, line, size)
    return y + 1.7 * size


def _table(
    sheet: Sheet, field: FieldSpec, rows: Sequence[Mapping[str, str]], y: float, size: float
) -> float:
    if field.labels:
        sheet.text(LEFT, y, field.labels[0].text, size + 1)
        y += 1.6 * size
    weights = [0.4 if not column.shown else 1.0 for column in field.columns]
    step = (RIGHT - LEFT) / sum(weights)
    edges = [LEFT + step * sum(weights[:index]) for index in range(len(weights) + 1)]
    levels = [y, y + 2 * size, *(y + 2 * size * (n + 2) for n in range(len(rows)))]
    for level in levels:
        sheet.rule(LEFT, level, RIGHT, level)
    for edge in edges:
        sheet.rule(edge, levels[0], edge, levels[-1])
    for index, column in enumerate(field.columns):
        middle = (edges[index] + edges[index + 1]) / 2
        sheet.text(middle, y + 1.4 * size, column.labels[0], size - 1, "Bold", "middle")
        for number, row in enumerate(rows):
            text = str(number + 1) if not column.shown else row.get(column.id, "")
            small = min(
                size,
                size * (edges[index + 1] - edges[index] - 6) / max(sheet.length(text, size), 1),
            )
            sheet.text(middle, levels[number + 1] + 1.4 * size, text, small, "Regular", "middle")
    return levels[-1] + 2 * size


def scanned(sheet: Sheet, seed: int = 1, skew: float = 0.4) -> Image.Image:
    """The sheet as a scanner sees it."""
    import numpy as np

    return sheet.scanned(np.random.default_rng(seed), skew)
