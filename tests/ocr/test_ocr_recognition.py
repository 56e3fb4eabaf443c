"""Tesseract's line model outside of Tesseract: its file, its graph, its words, its boxes."""

import math
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from drawn_pages import LINES, Drawn, character_error, draw_page, print_font
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr import ReadingOptions
from ocr.recognition import UnfitModel
from ocr.recognition.cutting import cut
from ocr.recognition.decoding import words
from ocr.recognition.layout import Piece
from ocr.recognition.missed import in_order, missed
from ocr.recognition.network import Steps
from ocr.recognition.reader import PSM_BLOCK, SeenWord, TesserocrReader, reader
from ocr.recognition.traineddata import Layer, LineModel, load

OPTIONS = ReadingOptions()


def model_file(language: str = "vie") -> Path:
    return ReadingOptions(language=language).tessdata_folder() / f"{language}.traineddata"


def grey(page: Drawn) -> NDArray[np.uint8]:
    return np.asarray(page.image, dtype=np.uint8)


def joined(seen: list[SeenWord]) -> str:
    return " ".join(word.text for word in seen)


# --- the file


def test_the_model_of_the_language_is_understood() -> None:
    model = load(model_file())
    assert {"tổ", "quyền", "được"} <= model.words
    assert model.characters[0] == " "
    assert set("ađỗỪ9/“") <= set(model.characters)
    assert model.characters[model.blank] == ""
    kinds = [layer.kind for layer in model.network.inner]
    assert kinds[0] == "Input"
    assert kinds[-1] == "Softmax"
    assert model.network.inner[-1].weights[0].shape[0] == len(model.characters)


def test_a_file_of_another_kind_is_not(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"%PDF-1.7", bytes(400), b"\xff" * 400)):
        path = tmp_path / f"{number}.traineddata"
        path.write_bytes(data)
        with pytest.raises(UnfitModel):
            load(path)


@settings(max_examples=60, deadline=None)
@given(
    kept=st.integers(0, 600_000),
    changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=8),
)
def test_a_broken_model_is_said_to_be_unfit_or_read(
    tmp_path_factory: pytest.TempPathFactory, kept: int, changes: list[tuple[int, int]]
) -> None:
    broken = bytearray(model_file().read_bytes()[:kept])
    for place, value in changes:
        if place < len(broken):
            broken[place] = value
    path = tmp_path_factory.getbasetemp() / "broken.traineddata"
    path.write_bytes(broken)
    with suppress(UnfitModel):
        load(path)


def test_several_languages_are_left_to_tesseract() -> None:
    model_file("eng")
    both = TesserocrReader(ReadingOptions(language="vie+eng"))
    assert both._lines is None
    page = draw_page(LINES[3:5])
    assert character_error(joined(both.read(grey(page), 200)), page.text) < 0.05


# --- whole pages


def test_it_reads_as_tesseract_does_and_words_stand_at_the_same_places() -> None:
    page = draw_page()
    ours = reader(OPTIONS).read(grey(page), page.dpi)
    theirs = TesserocrReader(ReadingOptions(batch_lines=False)).read(grey(page), page.dpi)
    assert character_error(joined(ours), page.text) < 0.01
    assert joined(ours) == joined(theirs)
    off = np.abs(np.array([w.box for w in ours]) - np.array([w.box for w in theirs]))
    assert np.percentile(off, 95) <= 2
    assert [word.line for word in ours] == [word.line for word in theirs]
    assert np.mean([w.confidence for w in ours]) == pytest.approx(
        np.mean([w.confidence for w in theirs]), abs=0.04
    )


def test_what_is_no_text_has_no_confidence() -> None:
    page = draw_page()
    seen = reader(OPTIONS).read(np.ascontiguousarray(grey(page)[::-1, ::-1]), page.dpi)
    longer = [word.confidence for word in seen if len(word.text) > 2 and word.text.isalpha()]
    assert np.mean(longer) < 0.6


def test_words_of_a_page_on_its_side_stand_on_end() -> None:
    page = draw_page()
    seen = reader(OPTIONS).read(np.ascontiguousarray(np.rot90(grey(page))), page.dpi)
    longer = [word for word in seen if len(word.text) > 3]
    standing = [word for word in longer if word.box[3] - word.box[1] > word.box[2] - word.box[0]]
    assert len(standing) > 0.9 * len(longer)
    assert len(longer) > 20
    word = next(word for word in seen if word.text == "nghị")
    height = page.image.size[0]
    _, (_, top, _, bottom) = next(line for line in page.lines if "nghị" in line[0])
    assert word.box[0] * 72 / page.dpi == pytest.approx(top, abs=5)
    assert word.box[2] * 72 / page.dpi == pytest.approx(bottom, abs=5)
    assert 0 <= word.box[1] < word.box[3] <= height


def test_nothing_comes_of_an_empty_or_tiny_picture() -> None:
    for shape in ((1, 1), (3, 400), (200, 200)):
        assert reader(OPTIONS).read(np.full(shape, 255, np.uint8), 200) == []


def test_rules_are_not_read() -> None:
    page = draw_page()
    pen = ImageDraw.Draw(page.image)
    for y in (60, 2200, 2210):
        pen.line([(150, y), (1500, y + 2)], fill=20, width=3)
    pen.line([(60, 100), (60, 2200)], fill=20, width=3)
    assert joined(reader(OPTIONS).read(grey(page), page.dpi)) == page.text


# --- words that layout analysis lost


def _piece(x0: int, y0: int, x1: int, y1: int, line: int = 0) -> Piece:
    return Piece((x0, y0, x1, y1), (x0, y0, x1, y1), line)


def _pieces_of(page: Drawn, left_out: set[int]) -> list[Piece]:
    scale = page.dpi / 72
    return [
        _piece(*(round(value * scale) for value in box), line=number)
        for number, (_, box) in enumerate(page.lines)
        if number not in left_out
    ]


def test_ink_without_a_piece_is_found_and_only_that() -> None:
    page = draw_page()
    assert missed(grey(page), _pieces_of(page, set()), page.dpi) == []
    (lost,) = missed(grey(page), _pieces_of(page, {2}), page.dpi)
    _, box = page.lines[2]
    assert np.array(lost.ink) * 72 / page.dpi == pytest.approx(np.array(box), abs=2.5)


def test_a_lost_line_is_read_where_it_belongs() -> None:
    page = draw_page()
    lines = TesserocrReader(OPTIONS)._lines
    assert lines is not None
    kept = _pieces_of(page, {0, 4, 9})
    read = list(lines.read(grey(page), kept, page.dpi))
    assert " ".join(word.text for word in read) == page.text
    assert sorted({word.line for word in read}) == list(range(len(LINES)))
    without = list(lines.read(grey(page), kept, page.dpi, lost=False))
    assert LINES[4].split()[0] not in {word.text for word in without}


def test_a_lost_half_of_a_line_joins_the_other() -> None:
    found = [_piece(100, 100, 400, 140, 0), _piece(100, 200, 900, 240, 1)]
    extra = [_piece(430, 102, 800, 141), _piece(100, 150, 900, 190), _piece(100, 300, 500, 340)]
    order = in_order(found, extra)
    assert order == [(0, 0), (2, 0), (3, 1), (1, 2), (4, 3)]


def test_specks_shades_and_pictures_are_not_lost_words() -> None:
    rng = np.random.default_rng(5)
    page = np.full((2339, 1654), 250, np.uint8)
    for y, x in rng.integers(60, 1500, (80, 2)):
        page[y : y + 3, x : x + 3] = 20
    page[1700:2100, 400:1200] = rng.integers(60, 200, (400, 800))
    lines = TesserocrReader(OPTIONS)._lines
    assert lines is not None
    assert list(lines.read(page, [], 200)) == []


def test_a_block_of_text_is_not_searched_for_losses() -> None:
    page = draw_page(LINES[:3])
    seen = reader(OPTIONS).read(grey(page), page.dpi, PSM_BLOCK)
    assert character_error(joined(seen), page.text) < 0.02


# --- from steps to words

ALPHABET = (" ", "t", "ổ", "ô", "d", "đ", "i", "")
TINY = LineModel(Layer("Series", 1, 8), ALPHABET, 7, frozenset({"tổ", "di"}))


def steps(*choices: dict[str, float]) -> Steps:
    """Steps whose three likeliest characters are given; ``-`` is the blank."""
    labels, chances = [], []
    for choice in choices:
        full = {**choice}
        for other in ("-", "t", "i", "ô"):
            if len(full) < 3:
                full.setdefault(other, 1e-6)
        ranked = sorted(full.items(), key=lambda pair: -pair[1])[:3]
        labels.append([7 if char == "-" else ALPHABET.index(char) for char, _ in ranked])
        chances.append([chance for _, chance in ranked])
    return Steps(np.array(labels), np.array(chances, np.float32))


def test_runs_blanks_and_spaces_make_words() -> None:
    sure = [{char: 0.999} for char in ("t", "t", "-", "t", " ", "-", "d", "i", "-")]
    read = words(steps(*sure), TINY)
    assert [(word.text, word.first, word.end) for word in read] == [("tt", 0, 4), ("di", 6, 8)]
    assert all(word.confidence > 0.93 for word in read)


def test_a_word_of_the_list_wins_over_a_little_likelier_one() -> None:
    (word,) = words(steps({"t": 0.99}, {"ô": 0.6, "ổ": 0.39}, {"-": 0.99}), TINY)
    assert word.text == "tổ"
    (sure,) = words(steps({"t": 0.99}, {"ô": 0.98, "ổ": 0.001}, {"-": 0.99}), TINY)
    assert sure.text == "tô"
    assert word.confidence < sure.confidence


def test_a_character_that_flickers_is_one() -> None:
    (word,) = words(steps({"t": 0.99}, {"ổ": 0.6, "ô": 0.4}, {"ô": 0.5, "ổ": 0.45}), TINY)
    assert word.text == "tổ"


def test_when_a_character_begins_is_no_doubt() -> None:
    (word,) = words(steps({"-": 0.5, "t": 0.5}, {"t": 0.99}, {"t": 0.5, "-": 0.499}), TINY)
    assert word.text == "t"
    assert word.confidence > 0.9


@settings(max_examples=100, deadline=None)
@given(
    labels=st.lists(st.permutations(range(8)), min_size=1, max_size=40),
    data=st.data(),
)
def test_any_steps_make_words(labels: list[list[int]], data: st.DataObject) -> None:
    chances = [
        sorted(data.draw(st.tuples(*[st.floats(0, 1, width=32)] * 3)), reverse=True) for _ in labels
    ]
    seen = Steps(np.array(labels)[:, :3], np.array(chances, np.float32))
    read = words(seen, TINY)
    assert all(word.text and " " not in word.text for word in read)
    assert all(0 <= word.confidence <= 1 and math.isfinite(word.confidence) for word in read)
    places = [place for word in read for place in (word.first, word.end)]
    assert places == sorted(places)
    assert not places or places[-1] <= len(labels)


# --- cutting


@settings(max_examples=60, deadline=None)
@given(
    box=st.tuples(*[st.integers(-20, 130)] * 4),
    shade=st.integers(0, 255),
)
def test_any_piece_of_a_page_is_cut_or_left(box: tuple[int, int, int, int], shade: int) -> None:
    page = np.full((100, 120), shade, np.uint8)
    made = cut(page, box, 36)
    if made is not None:
        assert made.picture.shape[0] == 36
        assert made.picture.shape[1] >= 3
        assert np.isfinite(made.picture).all()
        assert np.abs(made.picture).max() <= 1


def test_a_faint_line_becomes_as_black_as_a_dark_one() -> None:
    font = print_font(13, 200)
    pictures = []
    for ink in (20, 140):
        image = Image.new("L", (600, 60), 235)
        ImageDraw.Draw(image).text((10, 8), "Đăng ký thường trú", font=font, fill=ink)
        made = cut(np.asarray(image, dtype=np.uint8), (5, 5, 595, 55), 36)
        assert made is not None
        pictures.append(made.picture)
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.05
