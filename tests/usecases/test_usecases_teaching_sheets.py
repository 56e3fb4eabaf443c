"""Sheets are printed, written (here: drawn), scanned askew, and read back by their codes."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr import ReadingOptions, lessons
from ocr.learning.sheets import DPI, box_of, sheet_lines
from ocr.recognition.line_reader import line_reader
from schemas.errors import NotAllowed
from schemas.learning import LearningOptions
from usecases.caller import Caller, Duty
from usecases.learning import School
from usecases.teaching_sheets import SHEETS, add_scans, sheets
from usecases.tinos import font_file

OPERATOR = Caller("user:test", frozenset({Duty.operator}))
CLERK = Caller("user:clerk", frozenset({Duty.clerk}))
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def school(folder: Path) -> School:
    return School(folder, ReadingOptions(), LearningOptions(), lambda: NOW)


def written(pdf: bytes, rows: dict[int, str]) -> Image.Image:
    """The sheet at 300 dpi with these rows filled in."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72).to_pil().convert("L")
    font = ImageFont.truetype(str(font_file("Italic")), 60)
    for row, text in rows.items():
        left, top, _, _ = (side * DPI / 72 for side in box_of(row))
        ImageDraw.Draw(page).text((left + 40, top + 25), text, font=font, fill=60)
    return page


def scanned(page: Image.Image, path: Path, *, degrees: float = 0, tilt: float = 0) -> Path:
    wide, tall = page.size
    grey = np.asarray(page.rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC))
    seen = np.array([[0, 0], [wide, 0], [0, tall], [wide, tall]], np.float32)
    moved = seen + np.array([[tilt, 0], [-tilt, 0], [0, 0], [0, -tilt]], np.float32)
    laid = cv2.warpPerspective(
        grey, cv2.getPerspectiveTransform(seen, moved), (wide, tall), borderValue=(255,)
    )
    Image.fromarray(laid).save(path, dpi=(DPI, DPI))
    return path


@pytest.mark.parametrize(("degrees", "tilt"), [(0, 0), (1.5, 0), (180, 0), (-1, 40)])
def test_what_was_written_is_cut_under_its_row(tmp_path: Path, degrees: float, tilt: float) -> None:
    pdf = sheets(OPERATOR, school(tmp_path), 1, seed=5)
    rows = {0: "Trần Minh Hoa", 13: "12 Lê Lợi"}
    path = scanned(written(pdf, rows), tmp_path / "scan.png", degrees=degrees, tilt=tilt)
    found = sheet_lines(path, 1, ReadingOptions())
    assert found is not None and set(found.lines) == set(rows)
    for row, text in rows.items():
        image = cv2.imdecode(np.frombuffer(found.lines[row], np.uint8), 0)
        assert line_reader().read(image)[0].text == text


def test_a_page_that_is_no_sheet_is_none(tmp_path: Path) -> None:
    Image.new("L", (1240, 1754), 250).save(tmp_path / "blank.png", dpi=(150, 150))
    assert sheet_lines(tmp_path / "blank.png", 1, ReadingOptions()) is None


async def test_sheets_that_are_written_become_lines(tmp_path: Path) -> None:
    made = school(tmp_path / "learning")
    pdf = sheets(OPERATOR, made, 1, seed=5)
    (record,) = (made.folder / SHEETS).glob("*.json")
    texts = [row["text"] for row in json.loads(record.read_text())["rows"]]
    path = scanned(written(pdf, {0: "x", 1: "y"}), tmp_path / "scan.png")
    blank = tmp_path / "blank.png"
    Image.new("L", (1240, 1754), 250).save(blank, dpi=(150, 150))
    added = await add_scans(OPERATOR, made, [path, blank])
    assert (added.kept, added.sheets, added.unread) == (2, 1, 1)
    kept = lessons.kept(made.lines)
    assert {one.line.text for one in kept} == set(texts[:2])
    assert {one.line.source for one in kept} == {lessons.Source.sheet}
    record.unlink()
    again = await add_scans(OPERATOR, made, [path])
    assert (again.kept, again.unread) == (0, 1)


async def test_sheets_are_of_their_seed_and_operators_alone_may(tmp_path: Path) -> None:
    made = school(tmp_path)
    pdf = sheets(OPERATOR, made, 2, seed=1)
    assert len(pypdfium2.PdfDocument(io.BytesIO(pdf))) == 2
    sheets(OPERATOR, made, 2, seed=1)
    assert len(list((tmp_path / SHEETS).glob("*.json"))) == 2
    sheets(OPERATOR, made, 2)
    assert len(list((tmp_path / SHEETS).glob("*.json"))) == 4
    with pytest.raises(NotAllowed):
        sheets(CLERK, made, 1)
    with pytest.raises(NotAllowed):
        await add_scans(CLERK, made, [])
