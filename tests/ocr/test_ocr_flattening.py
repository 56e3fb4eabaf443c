"""What forms and comments hold is drawn into the page, in every way in which programs leave it."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from drawn_pages import digital_pdf, stamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from ocr import ReadingOptions, annotations, compose, cut, inspect, read_page
from ocr.files.flattening import flatten

OPTIONS = ReadingOptions()
RECT = (100, 500, 400, 530)


def slashed(entries: dict[str, object]) -> Dictionary:
    return Dictionary({f"/{key}": value for key, value in entries.items()})


def with_annotations(
    *annotated: dict[str, object], form: dict[str, object] | None = None
) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    usual: dict[str, object] = {"Type": Name.Annot, "Rect": Array(RECT), "F": 4}
    made = [pdf.make_indirect(slashed(usual | one)) for one in annotated]
    pdf.pages[0].obj.Annots = Array(made)
    if form is not None:
        pdf.Root.AcroForm = slashed({"Fields": Array(made)} | form)
    return pdf


def shown(pdf: pikepdf.Pdf) -> tuple[str, np.ndarray]:
    """The text of page 1 and its picture, annotations not drawn by PDFium."""
    buffer = io.BytesIO()
    pdf.save(buffer)
    with pypdfium2.PdfDocument(buffer.getvalue()) as read:
        text = read[0].get_textpage().get_text_range().replace("\r\n", "\n").strip()
        picture = read[0].render(scale=1, draw_annots=False, may_draw_forms=False).to_numpy()
        return text, np.array(picture)


def field(**entries: object) -> dict[str, object]:
    return {"Subtype": Name.Widget, "FT": Name.Tx, "DA": String("/Helv 12 Tf 0 g")} | entries


def button(on: str | None, **entries: object) -> dict[str, object]:
    state = {} if on is None else {"AS": Name(on)}
    return {"Subtype": Name.Widget, "FT": Name.Btn} | state | entries


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        (field(V="Nguyễn Thị Phương Thảo"), "Nguyễn Thị Phương Thảo"),
        (field(V="Đỗ Đức Ơ", DA=String("/TiRo 0 Tf 0 0 1 rg")), "Đỗ Đức Ơ"),
        (field(V="036187004215", MaxLen=12, Ff=1 << 24), "036187004215"),
        (field(V="mật khẩu", Ff=1 << 13), "********"),
        (field(V="một\nhai", Ff=1 << 12), "một\nhai"),
        (field(V=" ".join(["dài"] * 40)), " ".join(["dài"] * 40)),
        (field(FT=Name.Ch, Ff=1 << 17, V="1", Opt=Array([Array(["1", "Hà Nội"])])), "Hà Nội"),
        (field(FT=Name.Ch, V="b", Opt=Array(["a", "b"])), "a\nb"),
        (button("/Yes"), "√"),
        (button(None, V=Name.Yes), "√"),
        (button("/1", Ff=1 << 15), "●"),
        (button("/Off", MK=Dictionary(BC=Array([0]))), ""),
        (button(None, Ff=1 << 16, MK=Dictionary(CA="In đơn")), "In đơn"),
    ],
)
def test_values_of_fields_are_seen(entries: dict[str, object], text: str) -> None:
    pdf = with_annotations(entries, form={})
    assert flatten(pdf) == frozenset()
    said, picture = shown(pdf)
    assert "".join(said.split()) == "".join(text.split())
    assert picture.min() < 200


def test_a_value_may_stand_in_a_parent() -> None:
    pdf = with_annotations({"Subtype": Name.Widget}, form={"DA": String("/Helv 12 Tf 0 g")})
    parent = Dictionary(FT=Name.Tx, T="a", V="Trần Văn Khánh")
    pdf.pages[0].obj.Annots[0].Parent = pdf.make_indirect(parent)
    flatten(pdf)
    assert shown(pdf)[0] == "Trần Văn Khánh"


def appearance(pdf: pikepdf.Pdf, content: bytes) -> Dictionary:
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    form = pdf.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 300, 30]),
        Resources=Dictionary(Font=Dictionary(F1=helvetica)),
    )
    return Dictionary(N=form)


OLD = b"/Tx BMC BT /F1 12 Tf 5 5 Td (OLD) Tj ET EMC"


@pytest.mark.parametrize(
    ("content", "anew", "said"),
    [
        (OLD, False, "OLD"),  # what a viewer shows
        (OLD, True, "NEW"),  # the file asks for it
        (b"/Tx BMC EMC", False, "NEW"),  # the program set the value only
    ],
)
def test_an_appearance_is_made_anew_where_the_file_asks_or_it_is_empty(
    content: bytes, anew: bool, said: str
) -> None:
    pdf = with_annotations(field(V="NEW"), form={"NeedAppearances": anew})
    pdf.pages[0].obj.Annots[0].AP = appearance(pdf, content)
    flatten(pdf)
    assert shown(pdf)[0] == said


def test_the_value_chooses_the_state_of_a_box_where_the_file_asks() -> None:
    for anew, said in ((True, "ON"), (False, "")):
        pdf = with_annotations(button("/Off", V=Name.Co), form={"NeedAppearances": anew})
        widget = pdf.pages[0].obj.Annots[0]
        on = appearance(pdf, b"BT /F1 12 Tf 5 5 Td (ON) Tj ET").N
        widget.AP = Dictionary(N=Dictionary(Co=on, Off=pdf.make_stream(b"", BBox=[0, 0, 9, 9])))
        flatten(pdf)
        assert shown(pdf)[0] == said


@pytest.mark.parametrize("flags", [2, 32, 2 | 4])
def test_what_is_hidden_stays_hidden(flags: int) -> None:
    pdf = with_annotations(field(V="KÍN", F=flags), form={"NeedAppearances": True})
    flatten(pdf)
    text, picture = shown(pdf)
    assert not text
    assert picture.min() == 255


def test_what_is_not_printed_is_still_seen() -> None:
    pdf = with_annotations(field(V="THẤY", F=0), form={})
    flatten(pdf)
    assert shown(pdf)[0] == "THẤY"


@pytest.mark.parametrize("off", [True, False])
def test_annotations_of_a_layer_that_is_off_stay_unseen(off: bool) -> None:
    pdf = with_annotations({"Subtype": Name.FreeText, "Contents": "LỚP"})
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="x"))
    pdf.pages[0].obj.Annots[0].OC = group
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([group]), D=Dictionary(OFF=Array([group] if off else []))
    )
    flatten(pdf)
    assert shown(pdf)[0] == ("" if off else "LỚP")


BAR = Array([100, 530, 400, 530, 100, 500, 400, 500])
MARKS: list[dict[str, object]] = [
    {"Subtype": Name.FreeText, "Contents": "ĐÃ TIẾP NHẬN", "DA": String("/Helv 14 Tf 1 0 0 rg")},
    {"Subtype": Name.FreeText, "Contents": "a", "C": Array([1, 1, 0]), "Border": Array([0, 0, 1])},
    {"Subtype": Name.Ink, "InkList": Array([Array([100, 500, 250, 530, 400, 500])])},
    {"Subtype": Name.Ink, "InkList": Array([Array([250, 515])]), "BS": Dictionary(W=4)},
    {"Subtype": Name.Highlight, "QuadPoints": BAR, "C": Array([1, 0.5, 0])},
    {"Subtype": Name.Underline, "QuadPoints": BAR},
    {"Subtype": Name.Squiggly, "QuadPoints": BAR},
    {"Subtype": Name.StrikeOut, "QuadPoints": BAR},
    {"Subtype": Name.Line, "L": Array([100, 500, 400, 530]), "LE": Array([Name.OpenArrow] * 2)},
    {"Subtype": Name.Polygon, "Vertices": Array([100, 500, 250, 530, 400, 500])},
    {"Subtype": Name.PolyLine, "Vertices": Array([100, 500, 250, 530, 400, 500])},
    {"Subtype": Name.Square, "IC": Array([0.5])},
    {"Subtype": Name.Circle, "C": Array([0, 0.2, 0.9])},
    {"Subtype": Name.Stamp, "Name": Name.NotApproved},
    {"Subtype": Name.Text, "Contents": "ghi chú"},
    {"Subtype": Name.Caret},
]  # fmt: skip


@pytest.mark.parametrize("entries", MARKS, ids=lambda entries: str(entries["Subtype"]))
def test_marks_without_appearance_are_drawn_where_they_stand(entries: dict[str, object]) -> None:
    pdf = with_annotations(entries)
    flatten(pdf)
    picture = shown(pdf)[1]
    picture = picture.min(axis=2) if picture.ndim == 3 else picture
    inked = picture < 250
    assert inked[842 - 532 : 842 - 488, 98:402].any()
    inked[842 - 545 : 842 - 485, 85:415] = False
    assert not inked.any()
    assert len(pdf.pages[0].obj.Annots) == 0


def test_a_highlight_lets_the_text_through() -> None:
    pdf = with_annotations({"Subtype": Name.Highlight, "C": Array([1, 1, 0])})
    pdf.pages[0].obj.Contents = pdf.make_stream(b"0 g 150 500 50 30 re f Q Q")
    flatten(pdf)
    picture = shown(pdf)[1]
    assert picture[842 - 515, 175].max() < 60
    assert picture[842 - 515, 300][0] < 60  # blue: the ground is yellow


def test_turned_fields_fill_their_rectangles() -> None:
    for turn in (0, 90, 180, 270):
        pdf = with_annotations(
            field(V="XOAY", MK=Dictionary(R=turn), Rect=Array([100, 400, 140, 600])), form={}
        )
        flatten(pdf)
        picture = shown(pdf)[1]
        rows, columns = np.nonzero(
            picture.min(axis=2) < 128 if picture.ndim == 3 else picture < 128
        )
        assert 842 - 600 <= rows.min() <= rows.max() <= 842 - 400
        assert 100 <= columns.min() <= columns.max() <= 140
        assert (np.ptp(rows) > np.ptp(columns)) == (turn in {90, 270})


def test_letters_that_no_font_has_are_said() -> None:
    assert flatten(with_annotations(field(V="木 Mộc"), form={})) == {1}


def test_nothing_to_draw_changes_nothing(tmp_path: Path) -> None:
    with pikepdf.open(digital_pdf(tmp_path / "a.pdf")) as pdf:
        assert flatten(pdf) is None
    signed = stamp(tmp_path / "a.pdf", tmp_path / "b.pdf", ("Người ký: A",))
    with pikepdf.open(signed) as pdf:
        assert flatten(pdf) is None  # stamps of signatures stay apart


def form_file(path: Path, change: Callable[[pikepdf.Pdf], None] = lambda pdf: None) -> Path:
    pdf = with_annotations(field(V="Nguyễn Thị Phương Thảo", T="a"), form={"NeedAppearances": True})
    change(pdf)
    pdf.save(path)
    return path


def test_a_form_is_read_and_kept_and_its_file_stays_as_it_came(tmp_path: Path) -> None:
    path = form_file(tmp_path / "a.pdf")
    before = path.read_bytes()
    reading = read_page(path, 1, OPTIONS)
    assert " ".join(word.text for word in reading.words) == "Nguyễn Thị Phương Thảo"
    assert [note.text for note in annotations(path)] == ["Nguyễn Thị Phương Thảo"]
    out = tmp_path / "out.pdf"
    composed = compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS)
    assert not composed.differing
    assert not composed.warnings
    with pikepdf.open(out) as made:
        assert "/AcroForm" not in made.Root
        assert shown(made)[0] == "Nguyễn Thị Phương Thảo"
    assert path.read_bytes() == before


def test_a_signed_file_shows_its_stamp_once_and_its_comments_too(tmp_path: Path) -> None:
    path = stamp(digital_pdf(tmp_path / "a.pdf"), tmp_path / "b.pdf", ("Người ký: A",))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        note = slashed(
            {"Type": Name.Annot, "Subtype": Name.FreeText, "Rect": Array(RECT), "F": 4,
             "Contents": "Đã nhận", "DA": String("/Helv 12 Tf 0 g")}
        )  # fmt: skip
        pdf.pages[0].obj.Annots.append(pdf.make_indirect(note))
        pdf.save(path)
    before = path.read_bytes()
    reading = read_page(path, 1, OPTIONS)
    said = " ".join(word.text for word in reading.words)
    assert said.count("Người ký: A") == said.count("Đã nhận") == 1
    out = tmp_path / "out.pdf"
    assert not compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS).differing
    with pypdfium2.PdfDocument(out) as made:
        kept = made[0].get_textpage().get_text_range()
    assert kept.count("Người ký") == kept.count("Đã nhận") == 1
    assert path.read_bytes() == before


def test_a_page_that_is_cut_out_keeps_its_values(tmp_path: Path) -> None:
    path = form_file(tmp_path / "a.pdf")
    cut(path, [1], tmp_path / "b.pdf")
    reading = read_page(tmp_path / "b.pdf", 1, OPTIONS)
    assert " ".join(word.text for word in reading.words) == "Nguyễn Thị Phương Thảo"


def test_a_form_under_an_owners_password_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with_annotations(field(V="BẢO VỆ"), form={}).save(
        path, encryption=pikepdf.Encryption(owner="x", user="")
    )
    assert [word.text for word in read_page(path, 1, OPTIONS).words] == ["BẢO", "VỆ"]


ODD = st.one_of(
    st.integers(-5, 5), st.booleans(), st.floats(-9, 9), st.binary(max_size=8).map(String),
    st.lists(st.integers(-9, 999), max_size=9).map(Array), st.just(Name.X),
    st.just(Dictionary()), st.just(Array([Array(), None, Name.X])),
)  # fmt: skip
KEYS = st.sampled_from(
    ["V", "DA", "Rect", "MK", "BS", "Opt", "Q", "Ff", "MaxLen", "AP", "AS", "InkList", "QuadPoints",
     "C", "CA", "Vertices", "L", "LE", "Contents", "DS", "RC", "F", "Parent", "FT", "Subtype", "RD",
     "CL", "OC", "Border"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from([field(V="a"), button("/On"), *MARKS]),
    odd=st.dictionaries(KEYS, ODD, max_size=4),
)
def test_annotations_that_are_not_what_they_should_be_stop_nothing(
    kind: dict[str, object], odd: dict[str, object]
) -> None:
    pdf = with_annotations(kind | odd, form={"NeedAppearances": True})
    flatten(pdf)
    shown(pdf)
