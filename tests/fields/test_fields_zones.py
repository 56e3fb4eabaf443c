"""Dot leaders and figures: small pictures drawn here."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.binarisation import ink_of
from ocr.fields.forms.cells import side_by_side
from ocr.fields.forms.dot_leader_removal import ABOVE, BELOW, find_row, without_dot_leader
from ocr.fields.forms.written import Asked, readings
from ocr.fields.forms.zones import _written, ended, marks_whole
from ocr.fields.pen.digits import cut_apart, normal_figure
from ocr.fields.pen.rows import figures_of, looked_at, text_of
from ocr.fields.zone_reader import DIGITS, read_line
from ocr.options import ReadingOptions
from ocr.recognition.reader import PSM_BLOCK, reader, tesseract
from schemas.validators import FieldType
from sohoa.sheet import font_file

SCALE = 300 / 72
OPTIONS = ReadingOptions()


def strip(text: str, above: float = 4.2, dots: bool = True, width: float = 240) -> np.ndarray:
    """A line on a leader as the form reader cuts it; ``above`` points over the leader."""
    size = (round(width * SCALE), round((ABOVE + BELOW) * SCALE))
    canvas = Image.new("L", size, 245)
    draw = ImageDraw.Draw(canvas)
    y = ABOVE * SCALE
    if dots:
        for x in np.arange(6.0, size[0], 13.5):
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=20)
    font = ImageFont.truetype(str(font_file("Regular")), 12 * SCALE)
    draw.text((60, y - above * SCALE), text, fill=30, font=font, anchor="ls")
    return np.asarray(canvas)


def line(text: str, size: float = 13) -> np.ndarray:
    font = ImageFont.truetype(str(font_file("Regular")), size * SCALE)
    width = int(font.getlength(text)) + 40
    canvas = Image.new("L", (width, int(2 * size * SCALE)), 245)
    at = (20, int(1.5 * size * SCALE))
    ImageDraw.Draw(canvas).text(at, text, fill=20, font=font, anchor="ls")
    return np.asarray(canvas)


def test_a_leader_is_found_and_taken_away() -> None:
    empty = strip("")
    row = find_row(empty, ABOVE * SCALE)
    assert row is not None
    assert row.pitch == pytest.approx(13.5, abs=0.1)
    assert row.level == pytest.approx(ABOVE * SCALE, abs=1.5)
    assert not ink_of(without_dot_leader(empty, row, 0, empty.shape[1])).any()


@pytest.mark.parametrize("text", ["Phạm Ngọc Lan", "Đặng Thị Hạnh", "Lê Văn Đạt", "Con nuôi"])
def test_letters_keep_their_dots(text: str) -> None:
    written = strip(text)
    row = find_row(written, ABOVE * SCALE)
    assert row is not None
    cleaned = without_dot_leader(written, row, 0, written.shape[1])
    bare = ink_of(strip(text, dots=False)) > 0
    left = ink_of(cleaned) > 0
    assert (left & bare).sum() > 0.97 * bare.sum()
    assert (left & ~bare).sum() < 0.06 * bare.sum()
    assert read_line(cleaned, OPTIONS).text == text


@pytest.mark.parametrize(("above", "whole"), [(1.0, True), (4.2, True), (6.5, False), (7.5, False)])
def test_marks_cut_off_above_are_told(above: float, whole: bool) -> None:
    assert marks_whole(strip("Lê Thị Thử", above=above, dots=False)) is whole


@pytest.mark.parametrize(("width", "within"), [(240, True), (82, False), (84, False)])
def test_writing_that_runs_to_the_end_of_its_line_is_told(width: float, within: bool) -> None:
    assert ended(strip("Lê Thị Thử Nghiệm", dots=False, width=width)) is within


def test_small_letters_at_the_ends_are_not_cut_off() -> None:
    font = ImageFont.truetype(str(font_file("Regular")), 20)
    cell = np.full((80, 320), 245, np.uint8)
    canvas = Image.fromarray(cell)
    ImageDraw.Draw(canvas).text((40, 50), "Người cao xa", fill=30, font=font, anchor="ls")
    whole = np.asarray(canvas)
    columns = np.flatnonzero(ink_of(whole).any(axis=0))
    written = _written(whole)
    assert written is not None
    left = np.flatnonzero(ink_of(written).any(axis=0))
    assert left[-1] - left[0] == columns[-1] - columns[0]


def test_a_scanner_s_streak_is_no_letter() -> None:
    empty = np.full((90, 900), 240, np.uint8)
    for top, end in ((2, 30), (34, 60), (63, 88)):
        empty[top:end, 700:702] = 60
    assert _written(empty) is None
    written = _written(np.minimum(strip("Lê Thị Thử", dots=False)[:90, :900], empty))
    assert written is not None
    assert written.shape[1] < 500


def test_figures_have_no_dots_below() -> None:
    written = strip("16/06/1953", above=1.5).copy()
    row = find_row(written, ABOVE * SCALE)
    assert row is not None
    # a leader's dot that bled is no figure's
    written[round(row.level) - 2 : round(row.level) + 6, 151:158] = 20
    cleaned = without_dot_leader(written, row, 0, written.shape[1], dots_below=False)
    foot = ink_of(cleaned)[round(row.level) + 4 :]
    assert not foot.any()
    assert ink_of(without_dot_leader(written, row, 0, written.shape[1]))[
        round(row.level) + 4 :
    ].any()


def test_no_leader_is_seen_where_there_is_none() -> None:
    assert find_row(strip("Lê Thị Bích Hạnh", dots=False), ABOVE * SCALE) is None


@pytest.mark.parametrize("figures", ["048090175267", "0905033585", "1234567890"])
def test_figures_are_cut_apart_and_read(figures: str) -> None:
    apart = cut_apart(line(figures))
    assert len(apart) == len(figures)
    row = looked_at([figures_of(line(figures), (len(figures),))])
    for shares in (row.hands, row.pens):
        text, sure = text_of(shares)
        assert text == figures
        assert sure > 0.5
    again = read_line(side_by_side(apart), OPTIONS, "0123456789").text
    assert again.replace(" ", "") == figures


def test_two_readers_of_print_that_agree_need_nobody_else() -> None:
    said = readings([line("0905033585")], Asked(FieldType.phone, OPTIONS))
    assert [reading.reader for reading in said] == ["tesseract", "line"]
    assert {reading.text for reading in said} == {"0905033585"}


def test_figures_that_cannot_be_cut_are_left_to_the_others() -> None:
    blurred = cv2.GaussianBlur(line("0905033585"), (0, 0), 8)
    said = [reading.reader for reading in readings([blurred], Asked(FieldType.phone, OPTIONS))]
    assert "line" in said or "tesseract" in said


def test_figures_that_touch_are_not_cut() -> None:
    picture = line("88").copy()
    picture[picture.shape[0] // 2, 10:-10] = 0
    assert cut_apart(picture) == []


def test_nothing_is_read_from_nothing() -> None:
    assert not normal_figure(np.full((20, 20), 240, np.uint8)).any()


def test_pages_and_zones_share_one_engine_and_a_zone_leaves_no_trace() -> None:
    """What is read of a page must not depend on the zone that was read before."""
    pages = OPTIONS.model_copy(update={"batch_lines": False})
    engine = tesseract(OPTIONS.tessdata_folder(), OPTIONS.language)
    assert engine.GetVariableAsString("textord_all_prop") == "1"
    before = reader(pages).read(line("Ngày 12"), 300, PSM_BLOCK)
    assert read_line(line("Ngày 12"), OPTIONS, alphabet=DIGITS).text.replace(" ", "").isdecimal()
    assert engine.GetVariableAsString("tessedit_char_whitelist") == ""
    assert reader(pages).read(line("Ngày 12"), 300, PSM_BLOCK) == before
