"""Blocks at a form's foot: empty ones, a sentence, a signature, a name, a date."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import ocr
from ocr.fields import extract
from ocr.fields.forms.consents import NO, YES, without_words
from ocr.options import ReadingOptions
from schemas.document_type import document_type
from schemas.field import Field, FieldStatus, Table
from sohoa import sample, sheet

TODAY = date(2026, 11, 23)
SCALE = 300 / 72


def consents(path: Path) -> list[dict[str, Field]]:
    options = ReadingOptions()
    found = extract(path, [ocr.read_page(path, 1, options)], (), options).fields["consents"]
    assert isinstance(found, Table)
    return list(found.rows)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Field]]:
    """The owner agrees in words, signs, writes the name; the declarant only signs."""
    page = sample.draw_form(sample.sample_answers(TODAY)).scanned(np.random.default_rng(4), 0.0)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(sheet.font_file("Italic")), round(12 * SCALE))

    def put(x: float, y: float, text: str) -> None:
        pen.text((x * SCALE, y * SCALE), text, 40, font, "ls")

    def sign(x: float, y: float) -> None:
        dots = [
            ((x + 4 * n) * SCALE, (y + 9 * np.sin(1.9 * n) * (n % 3)) * SCALE) for n in range(11)
        ]
        pen.line(dots, fill=40, width=5)

    put(195, 692, "Tôi đồng ý cho đăng ký")
    sign(220, 711)
    put(200, 734, "Nguyễn Văn Bình")
    sign(500, 720)
    path = tmp_path_factory.mktemp("consents") / "form.png"
    page.save(path, dpi=(300, 300))
    return consents(path)


def test_there_is_a_row_for_every_block(rows: list[dict[str, Field]]) -> None:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    field = spec.field("consents")
    assert field is not None
    assert len(rows) == len(field.blocks) == 4
    assert all(list(row) == [column.id for column in field.columns] for row in rows)


def test_an_empty_block_asks_nobody(rows: list[dict[str, Field]]) -> None:
    for row in (rows[0], rows[2]):
        assert row["signed"].value == NO
        assert row["signed"].status is FieldStatus.accepted
        assert {row[k].status for k in ("text", "date", "name", "pid")} == {FieldStatus.missing}


def test_a_filled_block_says_what_and_who(rows: list[dict[str, Field]]) -> None:
    assert rows[1]["text"].value == "Tôi đồng ý cho đăng ký"
    assert rows[1]["name"].value == "Nguyễn Văn Bình"
    assert rows[1]["signed"].value == YES


def test_a_signature_alone_is_no_text(rows: list[dict[str, Field]]) -> None:
    assert rows[3]["signed"].value == YES
    assert rows[3]["text"].value is None
    assert rows[3]["name"].value is None


def test_dirt_is_no_signature(tmp_path: Path) -> None:
    page = sample.draw_form(sample.sample_answers(TODAY)).scanned(np.random.default_rng(5), 0.6)
    pen = ImageDraw.Draw(page)
    for x, y in ((80, 700), (120, 735), (240, 700), (400, 720), (520, 740)):
        pen.ellipse((x * SCALE, y * SCALE, x * SCALE + 5, y * SCALE + 5), fill=60)
    path = tmp_path / "form.png"
    Image.fromarray(np.asarray(page)).save(path, dpi=(300, 300))
    assert [row["signed"].value for row in consents(path)] == [NO] * 4


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("..,ngày.06.tháng 11 năm.2025", "06/11/2025"),
        (",ngày27.tháng04năm. 2025", "27/04/2025"),
        ("....ngày. 2tháng. Năm. 202", "....ngày. 2tháng. Năm. 202"),
        ("ngày tháng năm", "ngày tháng năm"),
        ("1 ngày 2 tháng 3 năm 2025", "1 ngày 2 tháng 3 năm 2025"),
    ],
)
def test_the_words_of_a_date_line_are_print(read: str, meant: str) -> None:
    assert without_words(read) == meant
