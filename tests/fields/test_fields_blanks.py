"""Blanks of forms: given, learned, refused; their print erased, pages found by it."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

import ocr
from ocr.blanks import keep_given, keep_learned
from ocr.fields import extract
from ocr.fields.binarisation import ink_of
from ocr.fields.context import Context
from ocr.fields.forms.blanks import FEWEST, blank_path, common_print, find_blank
from ocr.fields.forms.by_print import known_by_print
from ocr.fields.forms.print_removal import WOBBLE, erased, erased_dot_leader, fitted
from ocr.fields.registration import register
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, document_type
from schemas.errors import ConfigurationError, InputRejected
from schemas.field import Field, FieldStatus, Table
from schemas.page import PageReading
from sohoa import sample, sheet
from sohoa.cli import app

TODAY = date(2026, 11, 23)
READING = ReadingOptions()
KEY = "ct01@66/2023"


def ct01(version: str = "66/2023") -> DocumentType:
    found = document_type("ct01", version)
    assert found is not None
    return found


def scanned(path: Path, answers: sample.Answers, seed: int, skew: float) -> Path:
    sheet = sample.draw_form(answers)
    sheet.scanned(np.random.default_rng(seed), skew).save(path, dpi=(300, 300))
    return path


def nobody(answers: sample.Answers) -> sample.Answers:
    return answers._replace(fields={name: "" for name in answers.fields}, members=())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "empty.png"
    return scanned(path, nobody(sample.sample_answers(TODAY)), 3, 0.4)


@pytest.fixture(scope="module")
def folder(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office's types folder with the blank, put there by the command."""
    data = tmp_path_factory.mktemp("office")
    said = CliRunner().invoke(app, ["types", "blank", KEY, str(empty), "--data", str(data)])
    assert said.exit_code == 0, said.output
    return data / "types"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PageReading]:
    path = tmp_path_factory.mktemp("filled") / "filled.png"
    scanned(path, sample.sample_answers(TODAY, seed=5), 11, -1.3)
    return path, ocr.read_page(path, 1, READING)


def test_a_given_blank_is_kept_on_the_reference_page(folder: Path) -> None:
    spec = ct01()
    path = blank_path(folder, spec)
    assert [p.name for p in path.parent.iterdir()] == ["ct01@66-2023.png"]
    blank = find_blank(ReadingOptions(types=folder), spec)
    assert blank is not None and spec.geometry is not None
    assert blank.picture.shape == (
        round(spec.geometry.height * 300 / 72),
        round(spec.geometry.width * 300 / 72),
    )
    # the leader of the name lies where the type says
    x0, x1, y = spec.field("full_name").zones[0]  # type: ignore[union-attr]
    row = blank.picture[:, round(x0 * 300 / 72) : round(x1 * 300 / 72)]
    darkest = int(
        np.argmin(row[round((y - 9) * 300 / 72) : round((y + 9) * 300 / 72)].mean(axis=1))
    )
    assert abs(darkest - 9 * 300 / 72) < 8
    assert find_blank(ReadingOptions(types=folder), ct01("53/2025")) is None
    assert find_blank(READING, spec) is None


def test_with_a_blank_every_field_is_read(folder: Path, filled: tuple[Path, PageReading]) -> None:
    path, page = filled
    answers = sample.sample_answers(TODAY, seed=5)
    found = extract(path, [page], (), ReadingOptions(types=folder))
    doubtful = 0
    for name, text in answers.fields.items():
        field = found.fields[name]
        assert isinstance(field, Field)
        if name != "dob":
            assert (name, field.value) == (name, text or None)
        doubtful += field.status is FieldStatus.review
    assert doubtful <= 2
    members = found.fields["members"]
    assert isinstance(members, Table)
    assert len(members.rows) == len(answers.members)


def test_a_page_whose_labels_were_lost_is_known_by_its_print(
    folder: Path, filled: tuple[Path, PageReading]
) -> None:
    path, page = filled
    options = ReadingOptions(types=folder)
    spec = ct01()
    bare = page.model_copy(update={"words": page.words[-3:]})
    assert register(bare, spec) is None
    known = known_by_print(Context(path, [bare], (), options), [spec])
    assert known is not None and known.laid is not None
    found = extract(path, [bare], (), options)
    assert (found.document_type, found.form_version) == ("ct01", "66/2023")
    assert isinstance(name := found.fields["full_name"], Field)
    assert name.value == sample.sample_answers(TODAY, seed=5).fields["full_name"]
    labels = register(page, spec)
    blank = find_blank(options, spec)
    assert labels is not None and blank is not None
    by_labels = fitted(Context(path, [page], (), options), labels, blank.picture, spec)
    corners = np.array([[60, 60, 1], [540, 60, 1], [60, 780, 1], [540, 780, 1]], float).T
    assert np.abs(known.laid.affine @ corners - by_labels.affine @ corners).max() < 0.7


def test_another_paper_is_not_known_by_print(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.png"
    other = Image.new("L", (2480, 3508), 245)
    pen = ImageDraw.Draw(other)
    for y in range(300, 3200, 60):
        pen.line((200, y, 2200, y), fill=30, width=3)
    other.save(path, dpi=(300, 300))
    page = ocr.read_page(path, 1, READING)
    context = Context(path, [page], (), ReadingOptions(types=folder))
    assert known_by_print(context, [ct01()]) is None


@pytest.mark.parametrize("shift", [(0, 0), (2, -3), (-WOBBLE, WOBBLE)])
def test_print_is_erased_and_letters_stay(shift: tuple[int, int]) -> None:
    scale = 300 / 72
    blank = np.full((400, 1600), 250, np.uint8)
    page = np.full((400, 1600), 240, np.uint8)
    for x in range(100, 1500, 13):
        for y, x_, target in ((200, x, blank), (200 + shift[1], x + shift[0], page)):
            target[y - 3 : y + 3, x_ - 3 : x_ + 3] = 20
    letters = np.zeros(page.shape, bool)
    for x in range(300, 900, 60):
        letters[150:196, x : x + 8] = True
        letters[150:158, x : x + 40] = True
    page[letters] = 40
    box = (50 / scale, 100 / scale, 1550 / scale, 300 / scale)
    left = ink_of(erased(page[100:300, 50:1550], blank, box)) > 0
    wanted = letters[100:300, 50:1550]
    assert (left & wanted).sum() > 0.95 * wanted.sum()
    assert (left & ~wanted).sum() < 0.03 * wanted.sum()


def test_nothing_hangs_under_letters_that_a_leader_touched() -> None:
    scale = 300 / 72
    blank = np.full((400, 1600), 250, np.uint8)
    page = np.full((400, 1600), 240, np.uint8)
    for x in range(100, 1500, 13):
        blank[197:203, x - 3 : x + 3] = 20
        page[197:203, x - 3 : x + 3] = 20
    letters = np.zeros(page.shape, bool)
    for x in range(300, 900, 39):
        letters[150:197, x - 10 : x + 10] = True  # its foot stands on a dot
        letters[150:197, x + 17 : x + 22] = True  # and beside one
        letters[150:156, x - 4 : x + 22] = True
    letters[197:213, 534:545] = True  # one goes on below
    page[letters] = 40
    box = (50 / scale, 100 / scale, 1550 / scale, 300 / scale)
    left = ink_of(erased_dot_leader(page[100:300, 50:1550], blank, box)) > 0
    wanted = letters[100:300, 50:1550]
    assert (left & wanted).sum() > 0.95 * wanted.sum()
    assert not (left & ~wanted)[98:].any()


def test_what_few_wrote_is_not_print() -> None:
    rng = np.random.default_rng(1)
    pages = []
    for number in range(FEWEST):
        page = np.full((300, 400), 200 + 5 * number, np.uint8)
        page[50:60, 20:380] = 30
        # all write in the same place, each something else
        page[100:140, 100:300] = np.where(rng.random((40, 200)) < 0.3, 40, page[0, 0])
        pages.append(page)
    common = ink_of(common_print(pages)) > 0
    assert common[52:58, 30:370].all()
    assert common[100:140].mean() < 0.01


def test_a_blank_is_learned_from_filled_scans(empty: Path, tmp_path: Path) -> None:
    scale = 300 / 72
    x0, x1, y = ct01().field("full_name").zones[0]  # type: ignore[union-attr]
    font = ImageFont.truetype(str(sheet.font_file("Italic")), round(13 * scale))
    files = []
    for number in range(FEWEST):
        page = Image.open(empty)
        answers = sample.sample_answers(TODAY, seed=20 + number)
        at = ((x0 + 5 * number) * scale, (y - 2) * scale)
        ImageDraw.Draw(page).text(at, answers.fields["full_name"], 40, font, "ls")
        files.append(tmp_path / f"{number}.jpg")
        page.rotate(number / 4 - 1, fillcolor=245).save(files[-1], dpi=(300, 300), quality=85)
    types = tmp_path / "types"
    keep_learned(types, ct01(), files, ReadingOptions(ocr_dpi=130))
    blank = find_blank(ReadingOptions(types=types), ct01())
    assert blank is not None
    written = blank.picture[
        round((y - 11) * scale) : round((y - 4) * scale), round(x0 * scale) : round(x1 * scale)
    ]
    assert (ink_of(written) > 0).mean() < 0.03
    leader = blank.picture[
        round((y - 3) * scale) : round((y + 3) * scale), round(x0 * scale) : round(x1 * scale)
    ]
    assert (ink_of(leader) > 0).any(axis=0).mean() > 0.2


def test_few_scans_are_refused_and_the_same_one_counts_once(empty: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as refused:
        keep_learned(tmp_path, ct01(), [empty] * 20, READING)
    assert refused.value.code == "fields.blank_few_scans"
    assert refused.value.params["count"] == 1
    assert list(tmp_path.iterdir()) == []


def test_another_form_and_another_version_are_refused(empty: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.png"
    Image.new("L", (1240, 1754), 245).save(paper, dpi=(150, 150))
    for file, spec in ((paper, ct01()), (empty, ct01("53/2025"))):
        with pytest.raises(InputRejected) as refused:
            keep_given(tmp_path / "types", spec, file, READING)
        assert refused.value.code == "fields.blank_wrong_form"
        assert str(file.name) not in str(refused.value)
    with pytest.raises(ConfigurationError) as without:
        keep_given(tmp_path / "types", ct01("56/2021"), empty, READING)
    assert without.value.code == "fields.blank_no_geometry"
    assert not (tmp_path / "types").exists()


def test_a_damaged_blank_counts_as_none(folder: Path, tmp_path: Path) -> None:
    path = blank_path(tmp_path, ct01())
    path.parent.mkdir()
    path.write_bytes(blank_path(folder, ct01()).read_bytes()[:5000])
    assert find_blank(ReadingOptions(types=tmp_path), ct01()) is None


def test_which_version_is_asked(empty: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["types", "blank", "ct01", str(empty), "--data", str(tmp_path)])
    assert said.exit_code != 0
