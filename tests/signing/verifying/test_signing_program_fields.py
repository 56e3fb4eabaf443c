"""Pages, annotations and fields as programs that sign write them; see test_signing_programs."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pdf_attacks import number_of
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    IndirectObject,
    Reference,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from written_along import (
    box,
    dictionary,
    field_of,
    form_of,
    helvetica,
    nothing,
    page_of,
    page_with,
    signed_along,
)

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


LINK = (
    b"<< /Type /Annot /Subtype /Link /Rect [ 9 9 99 99 ] /Border [ 0 0 0 ]"
    b" /A << /S /URI /URI (x:) >> >>"
)


def test_links_may_be_written_into_the_page(open_paper: bytes, pki: Pki, judge: Judge) -> None:
    content = page_with(open_paper, b"/Annots [ " + LINK + b" ]")
    first = signed_along(content, pki, nothing, field="First", seen=True)
    second = signed_along(first, pki, nothing)
    assert judge(second).verdict is Verdict.valid

    def other(change: Callable[[ArrayObject], Any]) -> bytes:
        return signed_along(first, pki, lambda one: change(page_of(one)["/Annots"]))

    for evil in (
        lambda notes: notes[0].__setitem__(pdf_name("/Rect"), box(9, 9, 400, 400)),
        lambda notes: notes.pop(0),
        lambda notes: notes.append(dictionary(Subtype=pdf_name("/FreeText"))),
        lambda notes: notes.insert(0, notes.pop(1)),
    ):
        assert judge(other(evil)).verdict in REFUSED


def test_annotations_may_become_an_object_of_their_own(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    content = page_with(open_paper, b"/Annots [ " + LINK + b" ]")
    first = signed_along(content, pki, nothing, field="First")

    def apart(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        page[pdf_name("/Annots")] = writer.add_object(ArrayObject(page["/Annots"]))
        page[pdf_name("/LastModified")] = pdf_string("D:20261130080000Z")

    assert judge(signed_along(first, pki, apart)).verdict is Verdict.valid

    def cropped(writer: IncrementalPdfFileWriter) -> None:
        apart(writer)
        page_of(writer)[pdf_name("/CropBox")] = box(0, 0, 595, 400)

    assert judge(signed_along(first, pki, cropped)).verdict in REFUSED


@pytest.mark.parametrize("parted", [False, True])
def test_a_field_that_waits_may_be_signed(
    open_paper: bytes, pki: Pki, judge: Judge, parted: bool
) -> None:
    """In a tagged file, too, and where the widget is an object beside its field."""
    out = BytesIO()
    with pikepdf.open(BytesIO(open_paper)) as document:
        page = document.pages[0]
        widget = {
            "/Type": pikepdf.Name.Annot,
            "/Subtype": pikepdf.Name.Widget,
            "/Rect": [300, 750, 400, 800],
            "/F": 4,
            "/P": page.obj,
        }
        named = {"/FT": pikepdf.Name.Sig, "/T": "Second"}
        seen = document.make_indirect(pikepdf.Dictionary(widget | ({} if parted else named)))
        field = seen
        if parted:
            field = document.make_indirect(pikepdf.Dictionary(named | {"/Kids": [seen]}))
            seen.Parent = field
        page.Annots = pikepdf.Array([seen])
        document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(Fields=[field]))
        obj = pikepdf.Dictionary(Type=pikepdf.Name.OBJR, Obj=seen, Pg=page.obj)
        element = document.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Form, K=[obj])
        )
        document.Root.StructTreeRoot = document.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=[element])
        )
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    first = signed_along(out.getvalue(), pki, nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    assert judge(signed_along(first, pki, nothing)).verdict is Verdict.valid

    def moved(writer: IncrementalPdfFileWriter) -> None:
        held = field_of(writer, "Second")
        held = held["/Kids"][0].get_object() if parted else held
        held[pdf_name("/Rect")] = box(50, 50, 500, 700)
        writer.update_container(held)

    assert judge(signed_along(first, pki, moved)).verdict in REFUSED


@pytest.mark.parametrize("target", [b"Contents", b"Parent", b"Hidden"])
def test_a_new_field_cannot_take_what_was_there_for_its_widget(
    open_paper: bytes, pki: Pki, judge: Judge, target: bytes
) -> None:
    """The page's content, say, named as a kid of the field and written anew."""
    first = signed_along(open_paper, pki, nothing, field="First")
    number = number_of(open_paper, target)

    def change(writer: IncrementalPdfFileWriter) -> None:
        old = writer.get_object(Reference(number, 0, writer.prev))
        old[pdf_name("/Rect")] = box(0, 0, 0, 0)
        if isinstance(old, StreamObject):
            old._data, old._encoded_data = b"0 0 400 400 re f", None
        writer.update_container(old)
        held = field_of(writer, "Second")
        held[pdf_name("/Kids")] = ArrayObject([IndirectObject(number, 0, writer)])
        writer.update_container(held)

    assert judge(signed_along(first, pki, change)).verdict in REFUSED


def test_a_key_that_only_some_readers_know(open_paper: bytes, pki: Pki, judge: Judge) -> None:
    first = signed_along(open_paper, pki, nothing, field="First")

    def change(writer: IncrementalPdfFileWriter) -> None:
        held = field_of(writer, "Second")
        held[pdf_name("/#K1A")] = dictionary(Fo=dictionary(S=pdf_name("/JavaScript")))
        writer.update_container(held)

    assert judge(signed_along(first, pki, change)).verdict in REFUSED


@pytest.mark.parametrize("shared", [False, True])
def test_fonts_of_the_form_written_anew_in_their_place(
    open_paper: bytes, pki: Pki, judge: Judge, shared: bool
) -> None:
    """Where a page takes its fonts from there, they are not the form's to write."""

    def fonts(writer: IncrementalPdfFileWriter) -> None:
        held = writer.add_object(dictionary(Helv=writer.add_object(helvetica())))
        form_of(writer)[pdf_name("/DR")] = dictionary(Font=held)
        if shared:
            page_of(writer)[pdf_name("/More")] = held

    def more(writer: IncrementalPdfFileWriter) -> None:
        held = form_of(writer)["/DR"]["/Font"]
        held[pdf_name("/ZaDb")] = writer.add_object(helvetica())
        writer.update_container(held)

    first = signed_along(open_paper, pki, fonts, field="First")
    assert judge(first).verdict is Verdict.valid
    verdict = judge(signed_along(first, pki, more)).verdict
    assert verdict in REFUSED if shared else verdict is Verdict.valid
