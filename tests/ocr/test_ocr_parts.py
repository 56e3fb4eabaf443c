"""Two pages on one sheet, and several documents in one file."""

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import LINES, draw_page, print_font, saved
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from stacks import CODE, OTHER, stack

from ocr import ReadingOptions, propose_parts, read_page
from ocr.cleaning.twoup import halves, in_order, rules_through
from ocr.parts import half
from schemas.manifest import Part, PartReason, cover_pages, pages_left_out
from schemas.page import Blankness, PageKind, PageReading, Word

OPTIONS = ReadingOptions()
NOWHERE = Path("nowhere.pdf")
PROSE = ("Thời hạn giải quyết là bảy ngày làm việc kể từ ngày nhận đủ hồ sơ.",) * 9
DECISION = (
    "ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "PHƯỜNG VÍ DỤ Độc lập - Tự do - Hạnh phúc",
    "QUYẾT ĐỊNH",
    *PROSE,
)
FORM = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ",
    *PROSE,
)


def words_of(lines: tuple[str, ...], left: float = 70, first: int = 0) -> list[Word]:
    """Lines set from ``left``, 6 points a letter; the heads of both boxes in their places."""
    words = []
    for row, line in enumerate(lines):
        x = left
        for index, text in enumerate(line.split()):
            if row < 2 and text in {"CỘNG", "Độc"} and index > 2:
                x = left + 170
            box = (x, 60.0 + 20 * row, x + 5.2 * len(text), 72.0 + 20 * row)
            words.append(Word(text=text, box=box, confidence=0.95, line=first + row))
            x = box[2] + 4
    return words


def page_of(
    number: int,
    lines: tuple[str, ...],
    width: float = 595,
    words: list[Word] | None = None,
    blankness: Blankness = Blankness.empty,
) -> PageReading:
    read = tuple(words_of(lines) if words is None else words)
    return PageReading(
        number=number, width=width, height=842 if width < 700 else 595, dpi=200, rotation=0, skew=0,
        blank=not read, blankness=None if read else blankness, kind=PageKind.digital, words=read,
        confidence=0.9 if read else 0,
    )  # fmt: skip


def proposed(*pages: PageReading) -> tuple[Part, ...]:
    return propose_parts(NOWHERE, pages, OPTIONS)


def pages_in(parts: tuple[Part, ...]) -> list[list[int]]:
    return [[region.page for region in part.regions] for part in parts]


def test_one_document_is_not_split() -> None:
    assert proposed(page_of(1, DECISION)) == ()
    assert proposed(page_of(1, DECISION), page_of(2, PROSE), page_of(3, ())) == ()


def test_a_document_begins_at_a_head() -> None:
    parts = proposed(
        page_of(1, DECISION), page_of(2, PROSE), page_of(3, FORM), page_of(4, ()), page_of(5, PROSE)
    )
    assert pages_in(parts) == [[1, 2], [3], [5]], "a blank page between documents is of none"
    assert [part.reason for part in parts] == [
        PartReason.first,
        PartReason.header,
        PartReason.separator,
    ]
    assert [part.document_type for part in parts] == ["quyet_dinh", "ct01", None]
    assert parts[0].confidence == 1
    assert parts[2].confidence < parts[1].confidence
    assert not any(part.sure for part in parts), "heads alone, and a blank page alone"


def test_a_blank_page_before_the_head_of_a_known_document_is_sure() -> None:
    pages = [page_of(1, DECISION), page_of(2, PROSE), page_of(3, ()), page_of(4, FORM)]
    assert [part.sure for part in proposed(*pages)] == [False, True]
    unknown = (*DECISION[:2], *PROSE)
    assert not any(p.sure for p in proposed(page_of(1, unknown), page_of(2, ()), page_of(3, FORM)))


@pytest.mark.parametrize("kind", [Blankness.dirt, Blankness.back, Blankness.faint])
def test_a_page_that_is_not_surely_empty_parts_nothing_and_is_kept(kind: Blankness) -> None:
    def odd(number: int) -> PageReading:
        return page_of(number, (), blankness=kind)

    parts = proposed(page_of(1, DECISION), odd(2), page_of(3, FORM))
    assert pages_in(parts) == [[1, 2], [3]]
    assert not any(part.sure for part in parts)
    assert proposed(page_of(1, DECISION), odd(2), page_of(3, PROSE)) == ()
    parts = proposed(page_of(1, DECISION), odd(2), page_of(3, ()), odd(4), page_of(5, FORM))
    assert pages_in(parts) == [[1, 2, 3, 4], [5]]
    parts = proposed(odd(1), page_of(2, ()), page_of(3, DECISION), page_of(4, ()), page_of(5, FORM))
    assert pages_in(parts) == [[1, 3], [5]], "before the first document it is of that one"
    assert proposed(odd(1), odd(2)) == ()


blank_kinds = st.sampled_from([None, *Blankness])


@settings(deadline=None, max_examples=40)
@given(kinds=st.lists(st.tuples(blank_kinds, st.booleans()), min_size=1, max_size=9))
def test_every_page_is_in_one_part_or_empty(kinds: list[tuple[Blankness | None, bool]]) -> None:
    pages = []
    for number, (kind, heads) in enumerate(kinds, start=1):
        text = () if kind else DECISION if heads else PROSE
        pages.append(page_of(number, text, blankness=kind or Blankness.empty))
    parts = proposed(*pages)
    if parts:
        pages_left_out(pages_in(parts), pages, ())
    seen = [number for part in pages_in(parts) for number in part]
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("kind", "pages", "covers"),
    [
        ("back", [[3]], (1, 2)),
        ("dirt", [[2, 3]], (1,)),
        ("faint", [[2, 3]], (1,)),
        ("empty", [[3]], (1,)),
    ],
)
def test_the_back_of_a_cover_sheet(
    tmp_path: Path, kind: str, pages: list[list[int]], covers: tuple[int, ...]
) -> None:
    path = stack(tmp_path / "a.pdf", f"cover:{CODE}", "blank", "QUYẾT ĐỊNH", f"cover:{OTHER}")
    read = [read_page(path, number, OPTIONS) for number in range(1, 5)]
    assert read[1].blankness is Blankness.empty
    read[1] = read[1].model_copy(update={"blankness": Blankness(kind)})
    (part,) = propose_parts(path, read, OPTIONS)
    assert pages_in((part,)) == pages
    assert part.covers == (*covers, 4)
    assert (part.dossier_code, part.sure) == (CODE, True)
    left = {number for number in range(1, 5) if number not in pages[0]}
    assert set(pages_left_out(pages_in((part,)), read, cover_pages((part,)))) == left


def test_blank_backs_within_documents_part_nothing_by_themselves() -> None:
    pages = [
        page_of(1, DECISION), page_of(2, ()), page_of(3, ("3", *PROSE)), page_of(4, ()),
        page_of(5, FORM), page_of(6, ()),
    ]  # fmt: skip
    parts = proposed(*pages)
    assert pages_in(parts) == [[1, 2, 3], [5, 6]]
    assert not any(part.sure for part in parts)


def test_a_numbered_page_with_a_head_is_an_annex() -> None:
    annex = ("2", *FORM)
    assert proposed(page_of(1, DECISION), page_of(2, annex)) == ()
    assert proposed(page_of(1, DECISION), page_of(2, ("2", *PROSE)), page_of(3, ("3", *FORM))) == ()


def test_a_form_bears_the_number_of_its_page_in_the_circular() -> None:
    one, two = ("12", *FORM), ("13", *FORM)
    parts = proposed(page_of(1, one), page_of(2, one), page_of(3, two), page_of(4, DECISION))
    assert pages_in(parts) == [[1], [2], [3], [4]]


def proposed_in(path: Path, *pages: str) -> tuple[Part, ...]:
    stack(path, *pages)
    read = [read_page(path, number, OPTIONS) for number in range(1, len(pages) + 1)]
    return propose_parts(path, read, OPTIONS)


def test_cover_sheets_name_the_dossier_of_what_follows(tmp_path: Path) -> None:
    parts = proposed_in(
        tmp_path / "a.pdf",
        *("QUYẾT ĐỊNH", "more", f"cover:{CODE}", "blank", "more", "THÔNG BÁO"),
        *(f"cover:{OTHER}", f"cover:{CODE}", "BÁO CÁO"),
    )
    assert pages_in(parts) == [[1, 2], [5], [6], [9]], "an empty cover sheet covers nothing"
    assert [part.dossier_code for part in parts] == [None, CODE, CODE, CODE]
    assert [part.reason for part in parts] == [
        PartReason.first, PartReason.cover, PartReason.header, PartReason.cover,
    ]  # fmt: skip
    assert [part.sure for part in parts] == [False, True, False, True]


@pytest.mark.parametrize(
    ("sheet", "code", "sure"),
    [
        (f"title:{CODE}", CODE, True),
        (f"title:{CODE}|{CODE}", CODE, True),
        (f"title:{CODE}|{OTHER}", None, False),
        ("title:https://example.invalid/0001", None, False),
        ("title:001090012345;;Nguyễn Thị Mẫu", None, False),
        (f"qr:{CODE}", CODE, False),
    ],
)
def test_how_sure_a_cover_sheet_is(
    tmp_path: Path, sheet: str, code: str | None, sure: bool
) -> None:
    (one,) = proposed_in(tmp_path / "a.pdf", sheet, "QUYẾT ĐỊNH")
    assert (one.reason, one.dossier_code, one.sure) == (PartReason.cover, code, sure)
    assert pages_in((one,)) == [[2]]


def test_a_code_that_names_no_dossier_covers_nothing(tmp_path: Path) -> None:
    assert proposed_in(tmp_path / "a.pdf", "qr:https://example.invalid/x", "more") == ()
    assert proposed_in(tmp_path / "b.pdf", f"cover:{CODE}", "blank") == ()


def test_a_numbered_page_after_a_blank_one_goes_on() -> None:
    parts = proposed(page_of(1, DECISION), page_of(2, ()), page_of(3, ("3", *PROSE)))
    assert parts == ()


def test_a_head_that_is_only_spoken_of_begins_nothing() -> None:
    low = (*PROSE, *PROSE, *PROSE, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert proposed(page_of(1, DECISION), page_of(2, low)) == ()
    said = ("Luật này đã được Quốc hội nước Cộng hòa xã hội chủ nghĩa Việt Nam thông qua.", *PROSE)
    assert proposed(page_of(1, DECISION), page_of(2, said)) == ()


@given(
    left=st.lists(st.integers(0, 11), min_size=6, max_size=12),
    right=st.lists(st.integers(0, 11), min_size=6, max_size=12),
    merged=st.booleans(),
)
def test_no_word_is_lost_between_two_pages(left: list[int], right: list[int], merged: bool) -> None:
    text = "Thời hạn giải quyết là bảy ngày"
    one = words_of((text,) * len(left), 40)
    two = words_of((text,) * len(right), 460, 0 if merged else 50)
    words = sorted([*one, *two], key=lambda word: word.line)
    sides = halves(words, 842, 595)
    assert sides is not None
    assert sides[0][2] == sides[1][0]
    ordered = in_order(words, sides)
    assert sorted(w.box for w in ordered) == sorted(w.box for w in words)
    assert [w.line for w in ordered] == sorted(w.line for w in ordered)
    middle = sides[0][2]
    assert [w.box[0] < middle for w in ordered] == [True] * len(one) + [False] * len(two)


def test_a_wide_page_with_a_title_across_is_one_page() -> None:
    words = [*words_of(PROSE, 40), *words_of(PROSE, 480)]
    title = Word(text="DANH SÁCH TỔNG HỢP", box=(380, 30, 470, 42), confidence=0.9, line=99)
    assert halves([*words, title], 900, 595) is None
    assert halves(words, 900, 595) is not None
    assert halves(words, 600, 842) is None


NAMES = ("Nguyễn Văn Bình", "Trần Thị Hoa", "Lê Minh Quân", "Phạm Thu Hà", "Đỗ Văn Khánh")
COLUMNS = (100, 190, 640, 900, 1230, 1560, 1900)
"""Where the columns of a drawn list begin, pixels at 200 dpi."""


def drawn_list(path: Path, rules: str, *, title: bool = False) -> Path:
    """A wide list of 16 rows, ruled ``across``, ``down``, ``both`` or not at all."""
    sheet = Image.new("L", (2339, 1654), 250)
    pen = ImageDraw.Draw(sheet)
    font = print_font(11, 200)
    for row in range(16):
        y = 260 + 72 * row
        cells = (
            str(row + 1), NAMES[row % 5], f"{row + 10}/08/19{60 + row}",
            f"0{row}8090123{row + 100}", f"{row * 37 + 100},5 m2", f"{row * 1379 + 1200}.000",
            "Đã nhận đủ",
        )  # fmt: skip
        for x, cell in zip(COLUMNS, cells, strict=True):
            pen.text((x, y), cell, font=font, fill=20)
        if rules in {"across", "both"}:
            pen.line((80, y - 14, 2250, y - 14), fill=40, width=3)
    if rules == "both":
        for x in (*COLUMNS, 2270):
            pen.line((x - 20, 246, x - 20, 246 + 72 * 16), fill=40, width=3)
    return saved(sheet, path, 200)


@pytest.mark.parametrize("rules", ["across", "both", "none"])
def test_a_wide_list_is_one_page_and_its_rows_are_whole(tmp_path: Path, rules: str) -> None:
    reading = read_page(drawn_list(tmp_path / "a.png", rules), 1, OPTIONS)
    assert reading.halves == ()
    assert "reading.two_up" not in reading.warnings
    if rules == "none":  # the reader may take its columns one by one
        return
    lines = [[w.text for w in reading.words if w.line == n] for n in range(60)]
    whole = [line for line in lines if "Nguyễn" in line and "Đã" in line]
    assert len(whole) == 4


def test_lists_on_two_pages_of_a_sheet_are_two_pages(tmp_path: Path) -> None:
    """Their rules end before the gutter, which is wider than the gaps between their columns."""
    with Image.open(drawn_list(tmp_path / "a.png", "across")) as whole:
        side = whole.crop((60, 0, 1120, 1654))
    sheet = Image.new("L", (2339, 1654), 250)
    for x in (20, 1270):
        sheet.paste(side, (x, 0))
    reading = read_page(saved(sheet, tmp_path / "b.png", 200), 1, OPTIONS)
    assert len(reading.halves) == 2


@pytest.mark.parametrize(("count", "slant"), [(0, 0), (2, 0), (5, 0), (5, 3)])
def test_rules_through_a_gutter_are_counted(count: int, slant: int) -> None:
    sheet = Image.fromarray(np.random.default_rng(3).integers(225, 250, (1654, 2339), np.uint8))
    pen = ImageDraw.Draw(sheet)
    for row in range(count):
        pen.line((100, 300 + 80 * row, 2200, 300 + 80 * row + slant), fill=60, width=3)
    pen.rectangle((1150, 900, 1200, 1100), fill=30)  # a seal
    assert rules_through(np.asarray(sheet), 200, 400, 450) == count


@pytest.mark.parametrize("turn", [0, 90])
def test_two_pages_on_a_sheet_are_read_one_after_the_other(tmp_path: Path, turn: int) -> None:
    left, right = LINES, (*DECISION[2:3], *LINES[::-1])
    sheet = Image.new("L", (2339, 1654), 250)
    for index, lines in enumerate((left, right)):
        page = draw_page(lines, 200, 10).image
        sheet.paste(page.crop((100, 100, 1240, 1500)), (20 + index * 1150, 100))
    path = saved(sheet.rotate(turn, expand=True), tmp_path / "a.png", 200)
    reading = read_page(path, 1, OPTIONS)
    assert reading.rotation == turn
    assert "reading.two_up" in reading.warnings
    assert len(reading.halves) == 2
    text = " ".join(word.text for word in reading.words)
    assert text.startswith("ỦY BAN NHÂN DÂN XÃ HÒA BÌNH Số: 27")
    assert text.index("Nơi nhận") < text.index("QUYẾT ĐỊNH")
    second = half(reading, reading.halves[1])
    assert second.width < 450
    assert all(0 <= word.box[0] < second.width for word in second.words)
    (part,) = propose_parts(path, [reading], OPTIONS)
    assert [region.box for region in part.regions] == list(reading.halves)
