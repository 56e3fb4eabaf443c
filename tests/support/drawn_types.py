"""Papers drawn from their own document type: its title, its labels, invented values after them."""

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from schemas.document_type import DocumentType, FieldSpec, document_type
from schemas.page import PageKind, PageReading, Word
from sohoa.sheet import Anchor, Face, Sheet

LEFT, RIGHT, HALF = 85.0, 540.0, 305.0

HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
STREET = "Số 12 đường Thử Nghiệm, phường Ví Dụ, thành phố Đà Nẵng"
COUNCIL = "Ủy ban nhân dân phường Ví Dụ"
KINH = {"ethnicity": "Kinh", "nationality": "Việt Nam"}
PERSON = {
    "full_name": "Lê Thị Thử",
    "dob": "15/03/1996",
    "sex": "Nữ",
    "personal_id": "048196000123",
}
"""People and places are invented."""


def type_of(key: str) -> DocumentType:
    """The shipped type of that key: ``ct01@66/2023``."""
    type_id, _, version = key.partition("@")
    spec = document_type(type_id, version or None)
    assert spec is not None
    return spec


def page_of(*lines: str) -> PageReading:
    """A page with these lines of words on it."""
    words = [
        Word(text=text, box=(60.0 + 40 * x, 100 + 20 * y, 95.0 + 40 * x, 112 + 20 * y),
             confidence=0.9, line=y)
        for y, line in enumerate(lines)
        for x, text in enumerate(line.split())
    ]  # fmt: skip
    return PageReading(
        number=1, width=595, height=842, dpi=0, rotation=0, skew=0, blank=False,
        kind=PageKind.digital, words=tuple(words), confidence=0.9,
    )  # fmt: skip


class WrittenSheet(Sheet):
    """A sheet that also keeps its words, as a born-digital page has them."""

    def __init__(self, size: tuple[float, float], dpi: int) -> None:
        super().__init__(size, dpi)
        self.size = size
        self.words: list[Word] = []

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        size: float = 13,
        face: Face = "Regular",
        anchor: Anchor = "left",
    ) -> None:
        """One line of text, drawn and kept."""
        super().text(x, baseline, text, size, face, anchor)
        part = {"left": 0.0, "middle": 0.5, "right": 1.0}[anchor]
        left = x - part * self.length(text, size, face)
        line = self.words[-1].line + 1 if self.words else 0
        for index, word in enumerate(text.split()):
            before = " ".join(text.split()[:index]) + " " * bool(index)
            x0 = left + self.length(before, size, face)
            x1 = x0 + self.length(word, size, face)
            box = (x0, baseline - 0.7 * size, x1, baseline + 0.2 * size)
            self.words.append(Word(text=word, box=box, confidence=1.0, line=line))

    def page(self) -> PageReading:
        """The page as its text layer is read."""
        return PageReading(
            number=1, width=self.size[0], height=self.size[1], dpi=0, rotation=0, skew=0,
            blank=False, kind=PageKind.digital, words=tuple(self.words), confidence=1.0,
        )  # fmt: skip


def draw_type(
    spec: DocumentType,
    values: Mapping[str, Any],
    *,
    top: Sequence[str] = (),
    dpi: int = 300,
    size: float = 13.0,
) -> WrittenSheet:
    """A page in the order of the type's fields: ``label value``, tables as rows of dicts.

    ``top`` are lines over the title (header, number, circular). Fields of one side stand in their
    half of the page. Sections are printed before their first field.
    """
    sheet = WrittenSheet((595.28, 841.89), dpi)
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


def draw_on_blank(spec: DocumentType, values: Mapping[str, Any], note: str = "") -> Sheet:
    """The official blank as the type's geometry has it, filled in: labels at their places, dotted
    leaders, boxes for figures, a ruled table."""
    assert spec.geometry is not None
    sheet = Sheet((spec.geometry.width, spec.geometry.height), 300)
    sheet.text(spec.geometry.width / 2, 75, note, 12, "Regular", "middle")
    for printed in (*spec.geometry.anchors, *(f.labels[0] for f in spec.fields if f.labels)):
        if printed.box is not None:
            x0, _, x1, foot = printed.box
            sheet.text(
                x0, foot - 2.4, printed.text, 12 * (x1 - x0) / sheet.length(printed.text, 12)
            )
    y = 700.0
    for field in spec.fields:
        value = values.get(field.id)
        for x0, x1, leader in field.zones:
            sheet.leader(x0, x1, leader)
        if field.shape == "cells" and field.box:
            _cells(sheet, field, value or "")
        elif field.shape == "table" and field.box:
            _ruled(sheet, field, value or ())
        elif field.zones:
            dated = value and field.shape == "date_parts"
            parts = value.split("/") if dated else _wrapped(sheet, value or "", field)
            for part, (x0, _, leader) in zip(parts, field.zones, strict=False):
                sheet.text(x0 + 8, leader - 4.2, part, 12.5)
        elif value and field.labels and field.labels[0].box:
            sheet.text(field.labels[0].box[2] + 6, field.labels[0].box[3] - 2.4, value, 12.5)
        elif value and field.labels:
            y += 18
            sheet.text(LEFT, y, f"{field.labels[0].text} {value}", 12)
    return sheet


def _wrapped(sheet: Sheet, value: str, field: FieldSpec) -> list[str]:
    """The value over the field's lines, as many words on each as fit."""
    lines = [""]
    for word in value.split():
        x0, x1, _ = field.zones[min(len(lines), len(field.zones)) - 1]
        longer = f"{lines[-1]} {word}".strip()
        if sheet.length(longer, 12.5) > x1 - x0 - 16:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _cells(sheet: Sheet, field: FieldSpec, figures: str) -> None:
    x0, y0, x1, y1 = field.box or (0.0, 0.0, 0.0, 0.0)
    step = (x1 - x0) / field.cells
    for y in (y0, y1):
        sheet.rule(x0, y, x1, y, 1)
    for index in range(field.cells + 1):
        sheet.rule(x0 + index * step, y0, x0 + index * step, y1, 1)
    for index, figure in enumerate(figures):
        middle = x0 + (index + 0.5) * step
        sheet.text(middle, (y0 + y1) / 2 + 4.5, figure, 13, "Regular", "middle")


def _ruled(sheet: Sheet, field: FieldSpec, rows: Sequence[Mapping[str, str]]) -> None:
    x0, y0, x1, _ = field.box or (0.0, 0.0, 0.0, 0.0)
    step = 22.0
    levels = [y0, y0 + field.head, *(y0 + field.head + step * (n + 1) for n in range(5))]
    for level in levels:
        sheet.rule(x0, level, x1, level, 1)
    sheet.rule(x1, y0, x1, levels[-1], 1)
    for column in field.columns:
        left, right = column.x or (x0, x1)
        sheet.rule(left, y0, left, levels[-1], 1)
        sheet.text((left + right) / 2, y0 + 20, column.labels[0], 10.5, "Bold", "middle")
        for number, row in enumerate(rows):
            text = row.get(column.id, "") if column.shown else str(number + 1)
            sheet.text(left + 4, levels[number + 2] - 6, text, 11.5)
