"""Figures written by pen into printed lines, and black print from under red ink: drawn here."""

import cv2
import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw
from prepared import font_of

from ocr.fields.decree30.colour import black_ink, darker_ink, level_zone, red_ink
from ocr.fields.decree30.doc_number import _LINE
from ocr.fields.decree30.signer_names import name_place
from ocr.fields.pen.hand_figures import KINDS
from ocr.fields.pen.pen_figures import look_at_figures
from ocr.fields.pen.pens import NOTHING_WRITTEN, Guess, _wide, penned_day, penned_number
from ocr.fields.pen.rows import without_slashes
from ocr.fields.zone_reader import Image
from ocr.recognition.line_reader import line_reader
from training.drawn_figures import penned, ways


def figures(text: str, seed: int, tall: int = 44) -> list[Image]:
    """Figures as a pen writes them, each cut to its ink."""
    rng = np.random.default_rng(seed)
    drawn = []
    for figure in text:
        image = penned(figure, rng, ways(), alone=True)
        rows, columns = np.nonzero(image < 128)
        cut = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        wide = max(4, round(cut.shape[1] * tall / cut.shape[0]))
        drawn.append(np.asarray(cv2.resize(cut, (min(wide, tall), tall)), np.uint8))
    return drawn


def line(before: str, pen: list[Image], after: str) -> Image:
    """A printed line at 300 dpi with penned figures in its gap."""
    face = font_of(54)
    page = Picture.new("L", (1400, 110), 255)
    draw = ImageDraw.Draw(page)
    draw.text((20, 78), before, fill=20, font=face, anchor="ls")
    x = 20 + int(draw.textlength(before, font=face)) + 14
    for image in pen:
        page.paste(Picture.fromarray(image), (x, 80 - image.shape[0]))
        x += image.shape[1] + 12
    draw.text((x + 26, 78), after, fill=20, font=face, anchor="ls")
    return np.asarray(page, np.uint8)


def number(image: Image) -> Guess:
    reader = line_reader()
    seen = reader.look(image)
    assert seen is not None
    match = _LINE.match("".join(letter.text for letter in seen.letters()))
    assert match is not None
    return penned_number(reader, seen, image, match.span("number"))


def test_penned_numbers_are_read_and_never_proven_wrong() -> None:
    right = proven = 0
    wanted = ["27", "384", "508", "93", "265", "7062"]
    for seed, text in enumerate(wanted):
        guess = number(line("Số:", figures(text, seed), "/QĐ-UBND"))
        right += guess.text == text
        proven += guess.proven
        assert guess.text == text or not guess.proven
    assert right >= 4
    assert proven >= 2


def test_an_empty_gap_is_nothing_written() -> None:
    assert number(line("Số:", [np.full((44, 90), 255, np.uint8)], "/QĐ-UBND")) == NOTHING_WRITTEN


def test_a_day_is_one_the_month_has() -> None:
    image = line("ngày", figures("28", 3), "tháng 2 năm 2025")
    reader = line_reader()
    seen = reader.look(image)
    assert seen is not None
    text = "".join(letter.text for letter in seen.letters())
    start, end = text.index("y") + 1, text.index("th", 4)
    guess = penned_day(reader, seen, image, (start, end), range(1, 29))
    assert guess.text == "28"
    short = penned_day(reader, seen, image, (start, end), range(1, 20))
    assert short.text != "28"


def test_the_figure_reader_knows_flags_and_bars() -> None:
    rng = np.random.default_rng(11)
    known = ways()
    for figure in "147":
        for way in known[figure]:
            image = penned(figure, rng, {figure: [way]})
            shares = without_slashes(look_at_figures([image, *figures("0", 5)]))
            assert shares[0, int(figure)] > 0.1, (figure, way)
    assert look_at_figures([]).shape == (0, len(KINDS))


def test_black_print_comes_out_from_under_a_seal() -> None:
    page = Picture.new("RGB", (400, 120), (248, 246, 240))
    ImageDraw.Draw(page).text((30, 90), "Trần An", fill=(20, 20, 20), font=font_of(60), anchor="ls")
    black = np.asarray(page, np.float32)
    seal = np.zeros((120, 400), np.uint8)
    cv2.circle(seal, (60, 60), 50, (255,), 14)
    red = np.array([215, 35, 45], np.float32)
    over = black * (1 - seal[..., None] / 255) + black / 255 * red * (seal[..., None] / 255)
    pixels = np.asarray(over, np.uint8)
    alone, with_seal = black_ink(np.asarray(black, np.uint8)), black_ink(pixels)
    assert np.mean((alone < 128) != (with_seal < 128)) < 0.01
    stamp = red_ink(pixels) < 200
    assert np.mean(stamp[seal == 0]) < 0.02
    assert np.mean(stamp[(seal > 0) & (alone > 200)]) > 0.9


@pytest.mark.parametrize("blue", [(40, 60, 190), (25, 30, 110)])
def test_a_blue_pen_is_no_black_print(blue: tuple[int, int, int]) -> None:
    page = np.full((60, 200, 3), 250, np.uint8)
    cv2.line(page, (10, 30), (190, 30), blue, 5)
    assert black_ink(page).min() > 200


def test_figures_that_touch_are_no_single_day() -> None:
    """A wide piece may be two figures: the figure reader says nothing of it."""
    one, two = figures("8", 2)[0], np.full((44, 40), 255, np.uint8)
    cv2.circle(two, (10, 30), 8, (0,), 4)
    cv2.line(two, (12, 24), (34, 6), (0,), 4)
    cv2.line(two, (34, 6), (32, 40), (0,), 4)
    for image, wide in ((one[:, : int(0.7 * one.shape[0])], False), (two, True)):
        framed = cv2.copyMakeBorder(image, 8, 8, 20, 20, cv2.BORDER_CONSTANT, value=(255,))
        assert _wide(np.asarray(framed, np.uint8)) is wide


def test_a_zone_is_cut_level() -> None:
    page = np.full((600, 900, 3), 255, np.uint8)
    cv2.line(page, (0, 280), (900, 280 + int(900 * np.tan(np.radians(3)))), (0, 0, 0), 4)
    zone = level_zone(page, (24.0, 60.0, 190.0, 90.0), 3.0, 300.0)
    rows = np.nonzero(zone[:, :, 0] < 128)[0]
    assert rows.size
    assert np.ptp(rows) < 12


def test_a_grey_seal_is_told_from_darker_print() -> None:
    page = Picture.new("L", (900, 240), 250)
    draw = ImageDraw.Draw(page)
    for y in (90, 200):
        draw.text((30, y), "PHÓ CHỦ TỊCH NƯỚC", fill=15, font=font_of(64), anchor="ls")
    print_ = np.asarray(page, np.uint8)
    seal = np.full_like(print_, 250)
    for radius in (30, 60, 90, 115):
        cv2.circle(seal, (200, 120), radius, (95,), 9)
    both = np.minimum(print_, seal)
    zone = np.repeat(both[:, :, None], 3, axis=2)
    dark = darker_ink(zone, black_ink(zone))
    wanted = black_ink(np.repeat(print_[:, :, None], 3, axis=2))
    assert np.mean((dark < 128) != (wanted < 128)) < 0.02
    assert np.mean((black_ink(zone) < 128) != (wanted < 128)) > 0.05


def test_one_ink_and_colours_are_left_as_they_are() -> None:
    page = Picture.new("L", (900, 140), 250)
    ImageDraw.Draw(page).text((30, 90), "PHÓ CHỦ TỊCH", fill=15, font=font_of(64), anchor="ls")
    grey = np.repeat(np.asarray(page, np.uint8)[:, :, None], 3, axis=2)
    black = black_ink(grey)
    assert darker_ink(grey, black) is black
    coloured = grey.copy()
    coloured[100:120, 600:700] = (215, 40, 50)
    black = black_ink(coloured)
    assert darker_ink(coloured, black) is black


def test_a_name_is_found_under_a_signature() -> None:
    page = Picture.new("L", (1100, 420), 255)
    draw = ImageDraw.Draw(page)
    draw.text((550, 50), "GIÁM ĐỐC", fill=15, font=font_of(56), anchor="ms")
    draw.text((550, 330), "Trần Thị Thử Nghiệm", fill=15, font=font_of(56), anchor="ms")
    image = np.asarray(page, np.uint8).copy()
    strokes = np.array([(300, 150), (420, 340), (520, 180), (640, 350), (800, 160)], np.int32)
    cv2.polylines(image, [strokes], False, (15,), 9)
    place = name_place(image, (550.0, 52.0), 46.0)
    assert place is not None
    x0, y0, x1, y1 = place
    assert y0 < 300 < 325 < y1
    assert x0 < 330
    assert x1 > 770
    blank = np.full((420, 1100), 255, np.uint8)
    assert name_place(blank, (550.0, 52.0), 46.0) is None
    cv2.polylines(blank, [strokes], False, (15,), 9)
    assert name_place(blank, (550.0, 52.0), 46.0) is None
