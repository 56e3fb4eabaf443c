"""Fields on sheets of two pages are those of the same pages alone, at their places on the sheet."""

from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from stacks import stack

from ocr import ReadingOptions, extract, extract_sides, read_page
from ocr.sides import _in_user_space
from schemas.field import Field
from schemas.page import PageReading

OPTIONS = ReadingOptions()
WIDTH, HEIGHT = 595.28, 841.89
SIDES = ((0.0, 0.0, WIDTH, HEIGHT), (WIDTH, 0.0, 2 * WIDTH, HEIGHT))


def sheet(path: Path, left: Path, right: Path, turn: int) -> Path:
    """Both pages side by side; the sheet is scanned turned, and says so by its /Rotate."""
    size = (2 * WIDTH, HEIGHT) if turn % 180 == 0 else (HEIGHT, 2 * WIDTH)
    with pikepdf.new() as made, pikepdf.open(left) as one, pikepdf.open(right) as two:
        upright = made.add_blank_page(page_size=(2 * WIDTH, HEIGHT))
        upright.add_overlay(one.pages[0], pikepdf.Rectangle(0, 0, WIDTH, HEIGHT))
        upright.add_overlay(two.pages[0], pikepdf.Rectangle(WIDTH, 0, 2 * WIDTH, HEIGHT))
        upright.obj.Rotate = -turn % 360
        turned = made.add_blank_page(page_size=size)
        turned.add_overlay(upright, pikepdf.Rectangle(0, 0, *size))
        turned.obj.Rotate = turn
        del made.pages[0]
        made.save(path)
    return path


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_each_side_is_read_as_a_page(tmp_path: Path, turn: int) -> None:
    one = stack(tmp_path / "1.pdf", "QUYẾT ĐỊNH")
    two = stack(tmp_path / "2.pdf", "more")
    both = sheet(tmp_path / "sheet.pdf", one, two, turn)
    alone = extract(one, [read_page(one, 1, OPTIONS)], [], OPTIONS)
    page = as_sheet(read_page(both, 1, OPTIONS))
    found = extract_sides(both, [page], [], OPTIONS)
    assert found.document_type == alone.document_type == "quyet_dinh"
    assert values(found.fields) == values(alone.fields)
    number, before = found.fields["doc_number"], alone.fields["doc_number"]
    assert isinstance(number, Field) and isinstance(before, Field)
    assert number.page == 1
    assert number.box == pytest.approx(before.box, abs=1.0)
    for side, title in zip(SIDES, (True, False), strict=True):
        with pikepdf.open(both) as pdf:
            box = _in_user_space(pdf.pages[0], side, page)
        text = pdfium.PdfDocument(both)[0].get_textpage().get_text_bounded(*box)
        assert ("QUYẾT ĐỊNH" in text) is title


def test_what_stands_on_the_right_is_found_there(tmp_path: Path) -> None:
    one = stack(tmp_path / "1.pdf", "QUYẾT ĐỊNH")
    first = stack(tmp_path / "2.pdf", "more")
    both = sheet(tmp_path / "sheet.pdf", first, one, 0)
    alone = extract(one, [read_page(one, 1, OPTIONS)], [], OPTIONS)
    page = as_sheet(read_page(both, 1, OPTIONS)).model_copy(update={"number": 2})
    lead = read_page(first, 1, OPTIONS)
    with pikepdf.open(first) as whole, pikepdf.open(both) as pdf:
        whole.pages.extend(pdf.pages)
        whole.save(tmp_path / "all.pdf")
    swapped = page.model_copy(update={"halves": page.halves[::-1]})
    blank = lead.model_copy(update={"words": (), "blank": True})
    found = extract_sides(tmp_path / "all.pdf", [blank, swapped], [], OPTIONS)
    number, before = found.fields["doc_number"], alone.fields["doc_number"]
    assert isinstance(number, Field) and isinstance(before, Field)
    assert (number.value, number.page) == (before.value, 2)
    assert number.box is not None and before.box is not None
    assert number.box[0] == pytest.approx(before.box[0] + WIDTH, abs=2.0)


def as_sheet(page: PageReading) -> PageReading:
    """The page with its sides, which are looked for on scans only."""
    assert page.width == pytest.approx(2 * WIDTH, abs=0.1)
    return page.model_copy(
        update={"halves": ((0, 0, WIDTH, HEIGHT), (WIDTH, 0, 2 * WIDTH, HEIGHT))}
    )


def values(fields: object) -> dict[str, str | None]:
    assert isinstance(fields, dict)
    return {name: one.value for name, one in fields.items() if isinstance(one, Field)}
