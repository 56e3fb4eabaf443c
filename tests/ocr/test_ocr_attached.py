"""What lies inside a PDF is found wherever it may be, told apart, and taken out within limits."""

import hashlib
import resource
from pathlib import Path

import pikepdf
import pytest
from held_files import bomb, holding, page_bytes, pinned, specification, xfa
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from ocr import AttachedKind, FormKind, ReadingOptions, inspect, take_out
from ocr.files.attached import LONGEST_NAME, _name
from ocr.files.holding import holding as look
from ocr.values import FileKind

LETTER = page_bytes("A letter")
PAPER = page_bytes("A paper")
XML = b'<?xml version="1.0" encoding="UTF-8"?><HDon><DLHDon/></HDon>'


def kinds(path: Path, folder: Path) -> list[str]:
    return [one.kind.value for one in take_out(path, folder, ReadingOptions())]


def test_a_portfolio_gives_its_papers_byte_for_byte(tmp_path: Path) -> None:
    other = page_bytes("Another")
    path = holding(tmp_path / "p.pdf", [("1.pdf", PAPER), ("2.pdf", other)], portfolio=True)
    held = inspect(path, ReadingOptions()).holding
    assert (held.portfolio, held.files, held.form) == (True, 2, None)
    for _ in range(2):
        found = take_out(path, tmp_path / "out", ReadingOptions())
        assert [one.name for one in found] == ["1.pdf", "2.pdf"]
        assert [(tmp_path / "out" / one.name).read_bytes() for one in found] == [PAPER, other]
        assert found[0].sha256 == hashlib.sha256(PAPER).hexdigest()
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["1.pdf", "2.pdf"]


def test_a_plain_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(LETTER)
    held = inspect(tmp_path / "a.pdf", ReadingOptions()).holding
    assert (held.portfolio, held.files, held.form) == (False, 0, None)
    assert kinds(tmp_path / "a.pdf", tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


def test_a_paper_clip_on_a_page(tmp_path: Path) -> None:
    path = pinned(tmp_path / "p.pdf", "kem.pdf", PAPER, base=LETTER)
    assert inspect(path, ReadingOptions()).holding.files == 1
    assert kinds(path, tmp_path / "out") == ["paper"]


@pytest.mark.parametrize("place", ["document", "page", "annotation", "rich media"])
def test_associated_files_and_assets(tmp_path: Path, place: str) -> None:
    (tmp_path / "a.pdf").write_bytes(LETTER)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        held = Array([specification(pdf, "kem.pdf", PAPER)])
        page = pdf.pages[0].obj
        note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]))
        if place == "document":
            pdf.Root.AF = held
        elif place == "page":
            page.AF = held
        elif place == "annotation":
            note.AF = held
            page.Annots = Array([note])
        else:
            assets = Dictionary(Names=Array([String("kem.pdf"), held[0]]))
            note.RichMediaContent = Dictionary(Assets=assets)
            page.Annots = Array([note])
        pdf.save(tmp_path / "b.pdf")
    assert kinds(tmp_path / "b.pdf", tmp_path / "out") == ["paper"]


def test_a_file_named_in_several_places_is_one(tmp_path: Path) -> None:
    holding(tmp_path / "a.pdf", [("1.pdf", PAPER)])
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        pdf.Root.AF = Array([pdf.Root.Names.EmbeddedFiles.Kids[0].Names[1]])
        pdf.save(tmp_path / "b.pdf")
    assert kinds(tmp_path / "b.pdf", tmp_path / "out") == ["paper"]


def test_a_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    holding(tmp_path / "a.pdf", [("1.pdf", PAPER)])
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        leaf = pdf.Root.Names.EmbeddedFiles.Kids[0]
        leaf.Kids = Array([leaf])
        pdf.save(tmp_path / "b.pdf")
    assert kinds(tmp_path / "b.pdf", tmp_path / "out") == ["paper"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PAPER, "paper"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "paper"),
        (XML, "data"),
        (b'{"total": 1}', "data"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "left"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "left"),
        (b"<!doctype html><p>", "left"),
        (b"PK\x03\x04" + bytes(40), "left"),
        (b"MZ" + bytes(40), "left"),
        (b"plain words", "left"),
        (b"", "left"),
    ],
    ids=[
        "pdf",
        "jpeg",
        "xml",
        "json",
        "svg",
        "office-xml",
        "html",
        "zip",
        "program",
        "words",
        "nothing",
    ],
)
def test_what_is_a_paper_what_is_data_and_what_is_left(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = holding(tmp_path / "a.pdf", [("hoa-don.xml", content)], base=LETTER)
    assert kinds(path, tmp_path / "out") == [kind]


def test_a_bomb_is_left_inside_and_costs_no_memory(tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.pdf", 300 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    options = ReadingOptions(max_bytes=10 << 20)
    (found,) = take_out(path, tmp_path / "out", options)
    assert found.kind is AttachedKind.left
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10
    assert list((tmp_path / "out").iterdir()) == []


def test_the_sizes_of_all_count_together(tmp_path: Path) -> None:
    files = [(f"{n}.pdf", page_bytes(f"{n}" * 9)) for n in range(4)]
    path = holding(tmp_path / "a.pdf", files)
    room = sum(len(content) for _, content in files[:2]) + 10
    found = take_out(path, tmp_path / "out", ReadingOptions(max_bytes=room))
    assert [one.kind.value for one in found] == ["paper", "paper", "left", "left"]


def test_too_many_files_are_said(tmp_path: Path) -> None:
    path = holding(tmp_path / "a.pdf", [(f"{n}.pdf", b"%PDF-1.7") for n in range(230)])
    found = take_out(path, tmp_path / "out", ReadingOptions())
    assert len(found) == 201
    assert found[-1].kind is AttachedKind.left


def test_names_that_differ_in_letter_case_only_are_two_files(tmp_path: Path) -> None:
    path = holding(tmp_path / "a.pdf", [("A.pdf", PAPER), ("a.PDF", LETTER)])
    found = take_out(path, tmp_path / "out", ReadingOptions())
    assert [one.name for one in found] == ["A.pdf", "a-2.PDF"]


@pytest.mark.parametrize(
    ("said", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\Đơn.pdf", "Đơn.pdf"),
        (".done", "done.pdf"),
        ("a\u202egpj.pdf", "a gpj.pdf"),
        ("scan.jpg", "scan.jpg.pdf"),
        ("", "dinh-kem-3.pdf"),
        ("..", "dinh-kem-3.pdf"),
        ("a\nb\0.pdf", "a b.pdf"),
    ],
)
def test_names_are_cleaned(said: str, clean: str) -> None:
    assert _name(Dictionary(UF=String(said)), 3, FileKind.pdf) == clean


@given(st.text(max_size=400))
def test_no_name_leaves_its_folder(said: str) -> None:
    name = _name(Dictionary(UF=String(said.encode("utf-8", "replace").decode())), 1, FileKind.png)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert name.lower().endswith(".png")
    assert len(name.encode()) <= LONGEST_NAME
    assert name.isprintable()


@pytest.mark.parametrize(
    ("needed", "config", "fields", "form"),
    [
        (True, b"", 3, FormKind.dynamic),
        (False, b"<dynamicRender>required</dynamicRender>", 3, FormKind.dynamic),
        (False, b"<dynamicRender>forbidden</dynamicRender>", 3, FormKind.static),
        (False, b"", 3, FormKind.static),
        (False, b"", 0, FormKind.unsure),
    ],
)
def test_forms(tmp_path: Path, needed: bool, config: bytes, fields: int, form: FormKind) -> None:
    path = xfa(tmp_path / "x.pdf", needed=needed, config=config, fields=fields, base=LETTER)
    assert inspect(path, ReadingOptions()).holding.form is form


def test_a_file_that_needs_rendering_without_a_form_is_not_sure(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(LETTER)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        pdf.Root.NeedsRendering = True
        pdf.save(tmp_path / "b.pdf")
    assert inspect(tmp_path / "b.pdf", ReadingOptions()).holding.form is FormKind.unsure


def odd_values() -> st.SearchStrategy[object]:
    """Whatever may stand where a dictionary or an array should."""
    keys = st.sampled_from(["/EF", "/F", "/UF", "/Kids", "/Names", "/FS", "/AF", "/Assets", "/XFA"])
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-9, 9),
        st.builds(lambda: Name.D),
        st.text(max_size=3).map(String),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(Array),
            st.dictionaries(keys, inner.filter(lambda one: one is not None), max_size=3).map(
                Dictionary
            ),
        ),
        max_leaves=8,
    )


@given(odd_values(), odd_values(), odd_values(), odd_values())
def test_odd_structures_are_no_failure(
    names: object, files: object, notes: object, form: object
) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        places = [
            (pdf.Root, "/Names", names),
            (pdf.Root, "/AF", files),
            (pdf.Root, "/AcroForm", form),
        ]
        for holder, key, value in [*places, (pdf.pages[0].obj, "/Annots", notes)]:
            if value is not None:
                holder[key] = value
        assert look(pdf).files == 0
