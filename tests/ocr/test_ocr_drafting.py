"""A form's type drafted from its blank, and a filled form read with it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from drawn_forms import DrawnForm, draw_form
from PIL import Image, ImageDraw

from ocr import ReadingOptions, drafts, extract, read_page
from ocr.drafting.drafted import Draft
from ocr.drafting.leaders import leaders
from ocr.drafting.ruled import ruled
from ocr.fields.context import POINT
from ocr.fields.forms.blanks import find_blank
from ocr.fields.forms.ticks import read_ticks
from schemas.document_type import Choice, DocumentType, FieldSpec
from schemas.errors import Conflict
from schemas.field import Field, FieldStatus
from schemas.type_check import check_type
from schemas.type_file import written
from schemas.validators import FieldType
from usecases.caller import local_operator
from usecases.drafting import draft_type


class Paper:
    """White paper at 300 dpi to draw ink on, places in points."""

    def __init__(self, wide: float = 300, tall: float = 120) -> None:
        self.image = Image.new("L", (round(wide * POINT), round(tall * POINT)), 255)
        self.pen = ImageDraw.Draw(self.image)

    def box(self, x0: float, y0: float, x1: float, y1: float, wide: int = 3) -> None:
        self.pen.rectangle([round(v * POINT) for v in (x0, y0, x1, y1)], outline=0, width=wide)

    def line(self, *points: float, wide: int = 3) -> None:
        self.pen.line([round(v * POINT) for v in points], fill=0, width=wide)

    def dots(self, x0: float, x1: float, y: float) -> None:
        for x in np.arange(x0, x1, 3.2):
            self.pen.ellipse([round(v * POINT) for v in (x, y - 0.6, x + 1.2, y + 0.6)], fill=0)

    @property
    def ink(self) -> np.ndarray:
        return np.where(np.asarray(self.image) < 128, 255, 0).astype(np.uint8)


def test_dots_are_leaders_and_strokes_part_them() -> None:
    paper = Paper()
    paper.dots(20, 100, 50)
    paper.line(104, 51, 107, 42)
    paper.dots(110, 200, 50)
    found, _ = leaders(paper.ink)
    assert [(round(one.x0), round(one.x1)) for one in found] == [(20, 98), (110, 201)]
    assert all(abs(one.y - 50) < 0.5 for one in found)


def test_the_foot_of_a_colon_is_no_dot() -> None:
    paper = Paper()
    paper.dots(50, 150, 50)
    paper.dots(47, 48, 50)  # the colon's foot
    paper.dots(47, 48, 46)
    (one,), _ = leaders(paper.ink)
    assert 49 < one.x0 < 51


def test_even_boxes_are_cells_and_uneven_ones_a_table() -> None:
    paper = Paper(420, 200)
    for k in range(13):
        paper.line(20 + k * 20, 20, 20 + k * 20, 44)
    paper.line(20, 20, 260, 20)
    paper.line(20, 44, 260, 44)
    for x in (20, 60, 220, 400):
        paper.line(x, 80, x, 160)
    for y in (80, 110, 135, 160):
        paper.line(20, y, 400, y)
    found = ruled(paper.ink)
    (cells,), (table,) = found.cells, found.tables
    assert len(cells.uprights) == 13
    assert (len(table.uprights), len(table.levels)) == (4, 4)
    assert np.allclose(table.box, (20, 80, 400, 160), atol=1)


def test_a_small_empty_square_is_ticked_and_a_letter_is_not() -> None:
    paper = Paper()
    paper.box(40, 40, 49, 49)
    paper.box(80, 40, 89, 49)
    paper.line(82, 42, 87, 47, wide=5)  # already marked: not blank
    paper.line(120, 40, 120, 49)
    paper.line(120, 40, 129, 40)
    assert len(ruled(paper.ink).ticks) == 1


class _Lying(NamedTuple):
    """A page that lies as its reference does."""

    paper: np.ndarray

    @property
    def page(self) -> "_Lying":
        return self

    number = 1

    def cut(self, _context: object, box: tuple[float, float, float, float]) -> np.ndarray:
        x0, y0, x1, y1 = (round(v * POINT) for v in box)
        return self.paper[y0:y1, x0:x1]

    def onto_page(self, box: tuple[float, float, float, float]) -> tuple[float, ...]:
        return box


MARKS = {
    "cross": [(40, 40, 49, 49), (49, 40, 40, 49)],
    "small cross": [(42, 42, 47, 47), (47, 42, 42, 47)],
    "tick": [(41, 45, 44, 48), (44, 48, 52, 37)],
    "upright": [(44.5, 41, 44.5, 48)],
    "level": [(41, 44.5, 48, 44.5)],
    "stroke": [(41, 48, 48, 41)],
    "scribble": [(41, 42, 48, 43), (48, 43, 41, 45), (41, 45, 48, 47)],
}


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_in_a_box_is_a_tick(name: str) -> None:
    value, clear = _ticked(*MARKS[name])
    assert (value, clear) == ("Có", True)


def test_no_mark_is_no_tick_and_a_stroke_through_all_is_for_a_person() -> None:
    assert _ticked() == (None, True)
    _, clear = _ticked((20, 44, 75, 45))
    assert not clear


def _ticked(*strokes: tuple[float, float, float, float]) -> tuple[str | None, bool]:
    paper = Paper()
    paper.box(40, 40, 49, 49)
    for stroke in strokes:
        paper.line(*stroke, wide=4)
    field = FieldSpec(id="x", shape="ticks", choices=(Choice(text="Có", box=(40, 40, 49, 49)),))
    found = read_ticks(None, _Lying(np.asarray(paper.image)), field)  # type: ignore[arg-type]
    return found.value, all(check.passed for check in found.checks)


@pytest.fixture(scope="module")
def form() -> DrawnForm:
    return draw_form()


@pytest.fixture(scope="module")
def drafted(form: DrawnForm, tmp_path_factory: pytest.TempPathFactory) -> Draft:
    path = form.saved(tmp_path_factory.mktemp("blank") / "blank.png")
    return drafts.draft(path, ReadingOptions())


def test_labels_become_fields_with_their_places(drafted: Draft, form: DrawnForm) -> None:
    spec = drafted.type
    assert (spec.key, spec.title) == ("dn07@12/2031", "ĐƠN XIN NGHỈ PHÉP NĂM")
    assert spec.legal_basis == "Thông tư 12/2031/TT-BNV"
    kinds = {field.id: (field.type.value, field.shape) for field in spec.fields}
    assert kinds == {
        "addressee": ("text", "line"),
        "full_name": ("name", "line"),
        "dob": ("date", "date_parts"),
        "sex": ("sex", "line"),
        "personal_id": ("personal_id", "cells"),
        "reason": ("text", "line"),
        "nhan_ket_qua": ("text", "ticks"),
        "members": ("text", "table"),
        "mau_son_ua_thich": ("text", "line"),
        "signatures": ("text", "table"),
    }
    for field in spec.fields:
        for label in field.labels:
            if label.text in form.zones:
                drawn = form.zones[label.text]
                assert len(field.zones) == len(drawn)
                for zone, there in zip(field.zones, drawn, strict=True):
                    assert abs(zone[0] - there[0]) < 4
                    assert zone[1] < there[1] + 1
                    assert abs(zone[2] - there[2]) < 2
    assert np.allclose(_one(spec, "members").box or (), form.boxes["table"], atol=1.5)


def test_what_nobody_has_named_is_a_guess_and_the_check_lists_it(drafted: Draft) -> None:
    spec = drafted.type
    assert {f.id for f in spec.fields if f.guessed} == {
        "nhan_ket_qua",
        "members",  # a column
        "mau_son_ua_thich",
    }
    checked = check_type(written(spec))
    assert checked.type == spec
    said = [one.params.get("id") for one in checked.findings if one.code == "types.guessed_field"]
    assert said == ["nhan_ket_qua", "members", "mau_son_ua_thich"]


def test_a_filled_form_is_read_with_its_draft(
    drafted: Draft, form: DrawnForm, tmp_path: Path
) -> None:
    said = {
        "Kính gửi": ["Công an phường Hải Châu"],
        "1. Họ, chữ đệm và tên": ["Trần Thị Thử"],
        "2. Ngày, tháng, năm sinh": ["05", "03", "1990"],
        "3. Giới tính": ["Nữ"],
        "5. Lý do": ["việc gia đình, xin nghỉ ba ngày", "kể từ ngày mai"],
    }
    page = form.filled(said)
    box = _one(drafted.type, "nhan_ket_qua").choices[1].box
    pen = ImageDraw.Draw(page)
    x0, y0, x1, y1 = (round(v * 200 / 72) for v in box)
    pen.line((x0 + 3, y0 + 3, x1 - 3, y1 - 3), fill=20, width=3)
    pen.line((x0 + 3, y1 - 3, x1 - 3, y0 + 3), fill=20, width=3)
    path = form.saved(tmp_path / "filled.png", page.rotate(0.6, fillcolor=252))
    options = ReadingOptions()
    found = extract(path, [read_page(path, 1, options)], (), options, (drafted.type,))
    assert found.document_type == "dn07"
    values = {k: f.value for k, f in found.fields.items() if isinstance(f, Field)}
    assert values["full_name"] == "Trần Thị Thử"
    assert values["dob"] == "1990-03-05"
    assert values["sex"] == "Nữ"
    assert values["reason"] == "việc gia đình, xin nghỉ ba ngày kể từ ngày mai"
    ticked = found.fields["nhan_ket_qua"]
    assert isinstance(ticked, Field)
    assert (ticked.value, ticked.status) == ("Bản điện tử", FieldStatus.accepted)


def _one(spec: DocumentType, field_id: str) -> FieldSpec:
    found = spec.field(field_id)
    assert found is not None
    return found


def test_the_command_writes_the_type_beside_its_picture_and_keeps_the_blank(
    form: DrawnForm, drafted: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "draft", lambda *_: drafted)  # drawn once
    types = tmp_path / "types"
    types.mkdir()
    reading = ReadingOptions(types=types)
    blank = form.saved(tmp_path / "blank.png")
    made = draft_type(local_operator(), reading, blank, types / "dn07.yaml")
    assert check_type((types / "dn07.yaml").read_text("utf-8")).type == drafted.type
    assert [field.id for field in made.fields if field.guessed]
    assert Image.open(made.pictures[0]).size[1] > 1000
    kept = find_blank(reading, drafted.type)
    assert kept is not None
    assert np.array_equal(kept.picture[:2000, :2000], drafted.pages[0][:2000, :2000])
    with pytest.raises(Conflict, match="already"):
        draft_type(local_operator(), reading, blank, types / "dn07.yaml")


def test_a_form_of_two_pages_is_read_page_by_page(
    drafted: Draft, form: DrawnForm, tmp_path: Path
) -> None:
    fields = drafted.type.fields
    second = tuple(
        f.model_copy(update={"page": 2, "id": f"{f.id}_two"}) for f in fields if f.id == "full_name"
    )
    assert drafted.type.geometry is not None
    anchors = drafted.type.geometry.anchors
    both = drafted.type.geometry.model_copy(
        update={"anchors": (*anchors, *(a.model_copy(update={"page": 2}) for a in anchors))}
    )
    spec = drafted.type.model_copy(
        update={"fields": (*fields[:2], *second), "geometry": both, "rules": ()}
    )
    options = ReadingOptions()
    pages = []
    for name in ("Trần Thị Thử", "Lê Văn Bình"):
        pages.append(form.filled({"1. Họ, chữ đệm và tên": [name]}))
    path = tmp_path / "two.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200)
    read = [read_page(path, number, options) for number in (1, 2)]
    found = extract(path, read, (), options, (spec,))
    values = {k: (f.value, f.page) for k, f in found.fields.items() if isinstance(f, Field)}
    assert values["full_name"] == ("Trần Thị Thử", 1)
    assert values["full_name_two"] == ("Lê Văn Bình", 2)
    alone = extract(path, read[:1], (), options, (spec,))
    assert alone.warnings == ("fields.page_not_found",)
    missing = alone.fields["full_name_two"]
    assert isinstance(missing, Field)
    assert (missing.value, missing.status) == (None, FieldStatus.review)


def test_a_value_that_runs_out_of_its_line_is_for_a_person(
    drafted: Draft, form: DrawnForm, tmp_path: Path
) -> None:
    (x0, _, y), *_ = _one(drafted.type, "addressee").zones
    short = _one(drafted.type, "addressee").model_copy(
        update={"type": FieldType.organisation, "zones": ((x0, x0 + 80, y),), "words": ()}
    )
    others = tuple(f for f in drafted.type.fields if f.id in {"full_name", "dob", "sex"})
    spec = drafted.type.model_copy(update={"fields": (short, *others), "rules": ()})
    page = form.filled({"Kính gửi": ["Công an phường Hải Châu"]})
    path = form.saved(tmp_path / "long.png", page)
    options = ReadingOptions()
    found = extract(path, [read_page(path, 1, options)], (), options, (spec,))
    field = found.fields["addressee"]
    assert isinstance(field, Field)
    assert field.status is FieldStatus.review
