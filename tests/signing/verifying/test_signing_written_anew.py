"""Entries that a program wrote anew: the same in another shape, or another thing in the same shape.

PDFBox and EU DSS make an object of every dictionary in an array that they write, give references to
nothing new numbers, and take the place of a waiting field that they do not draw. To pyHanko a name
is a string of the same letters, so that a signed string could come to life as a name.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pdf_attacks import appended, body_of, number_of, size_of
from pdf_signing import identity, sign
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from schemas.verdict import FileVerdict, Verdict
from signing import Pki
from signing.validation.written_anew import same_kinds

Judge = Callable[[bytes], FileVerdict]
Writer = IncrementalPdfFileWriter
Change = Callable[[Writer], None]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


def _prepared(content: bytes, prepare: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The paper as its author made it, all objects in the open."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        prepare(document)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _with_evidence(content: bytes, change: Change) -> bytes:
    """An update that brings a security store, and something else."""
    writer = Writer(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    held = writer.add_object(StreamObject(stream_data=b"0"))
    store = DictionaryObject({pdf_name("/Certs"): ArrayObject([held])})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _signed_with(content: bytes, pki: Pki, change: Change, *, field: str = "Second") -> bytes:
    """Signed by somebody else, whose program writes something along."""
    writer = Writer(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    fields = writer.root["/AcroForm"]["/Fields"] if "/AcroForm" in writer.root else []
    if field not in [one.get_object()["/T"] for one in fields]:
        append_signature_field(writer, SigFieldSpec(field))
    change(writer)
    out = BytesIO()
    metadata = PdfSignatureMetadata(field_name=field)
    PdfSigner(metadata, identity(pki, "leader").signer()).sign_pdf(writer, output=out)
    return out.getvalue()


def _page(writer: Writer) -> Any:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    writer.update_container(page)
    return page


# --- parts that become objects


def _inline(document: pikepdf.Pdf) -> None:
    root, page = document.Root, document.pages[0].obj
    there = Dictionary(D=Array([page, Name.Fit]))
    root.Names = Dictionary(Dests=Dictionary(Names=Array([String("a"), there])))
    root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D, St=1)]))
    page.PieceInfo = Dictionary(X=Dictionary(Private=Array([Dictionary(A=1)])))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([10, 10, 60, 30]))
    page.Annots = Array([link])


def _put_out(array: Any, at: int, writer: Writer, **more: Any) -> None:
    held = array[at]
    for key, value in more.items():
        held[pdf_name(f"/{key}")] = value
    array[at] = writer.add_object(held)


def _catalogue_put_out(**more: Any) -> Change:
    def change(writer: Writer) -> None:
        _put_out(writer.root["/Names"]["/Dests"]["/Names"], 1, writer, **more)
        _put_out(writer.root["/PageLabels"]["/Nums"], 1, writer)
        writer.update_root()

    return change


def _page_put_out(**more: Any) -> Change:
    def change(writer: Writer) -> None:
        page = _page(writer)
        _put_out(page["/PieceInfo"]["/X"]["/Private"], 0, writer)
        _put_out(page["/Annots"], 0, writer, **more)

    return change


def test_parts_of_arrays_may_become_objects(paper: bytes, pki: Pki, judge: Judge) -> None:
    """Of the catalogue, a page, and a page's list of annotations."""
    signed = sign(_prepared(paper, _inline), identity(pki))
    again = _with_evidence(signed, _catalogue_put_out())
    assert judge(again).verdict is Verdict.valid
    assert judge(_signed_with(again, pki, _page_put_out())).verdict is Verdict.valid


@pytest.mark.parametrize("entry", [{"D": ArrayObject([pdf_name("/Fit")])}, {"More": NullObject()}])
def test_parts_that_become_objects_say_what_they_said(
    paper: bytes, pki: Pki, judge: Judge, entry: dict[str, Any]
) -> None:
    signed = sign(_prepared(paper, _inline), identity(pki))
    assert judge(_with_evidence(signed, _catalogue_put_out(**entry))).verdict in REFUSED
    assert judge(_signed_with(signed, pki, _page_put_out(**entry))).verdict in REFUSED


def test_what_became_an_object_cannot_be_changed_next(paper: bytes, pki: Pki, judge: Judge) -> None:
    signed = sign(_prepared(paper, _inline), identity(pki))
    out = _with_evidence(signed, _catalogue_put_out())

    def change(writer: Writer) -> None:
        held = writer.root["/Names"]["/Dests"]["/Names"][1]
        held[pdf_name("/D")] = ArrayObject([pdf_name("/Fit")])
        writer.update_container(held)

    assert judge(_with_evidence(out, change)).verdict in REFUSED


# --- strings that become names


def _script(document: pikepdf.Pdf) -> None:
    script = Dictionary(S=String("/JavaScript"), JS=String("app.alert(1)"))
    document.Root.OpenAction = script
    document.pages[0].obj.AA = Dictionary(O=script)
    document.pages[0].obj.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=String("/Link"), Rect=Array([1, 1, 9, 9]))]
    )


def _opened(writer: Writer) -> None:
    writer.root["/OpenAction"][pdf_name("/S")] = pdf_name("/JavaScript")
    writer.update_root()


def _page_opened(writer: Writer) -> None:
    _page(writer)["/AA"]["/O"][pdf_name("/S")] = pdf_name("/JavaScript")


def _link_made(writer: Writer) -> None:
    _page(writer)["/Annots"][0][pdf_name("/Subtype")] = pdf_name("/Link")


def test_a_script_that_was_a_string_stays_one(paper: bytes, pki: Pki, judge: Judge) -> None:
    """No reader runs it when it is signed, and any would afterwards."""
    signed = sign(_prepared(paper, _script), identity(pki))
    assert judge(_with_evidence(signed, lambda writer: None)).verdict is Verdict.valid
    assert judge(_with_evidence(signed, _opened)).verdict in REFUSED
    assert judge(_signed_with(signed, pki, lambda writer: None)).verdict is Verdict.valid
    for change in (_opened, _page_opened, _link_made):
        assert judge(_signed_with(signed, pki, change)).verdict in REFUSED


def _named_fields(document: pikepdf.Pdf) -> None:
    field = Dictionary(FT=Name.Sig, T=String("Waiting"), TU=String("/Name"), Rect=[0, 0, 0, 0])
    field.Type, field.Subtype, field.F = Name.Annot, Name.Widget, 132
    field.P = document.pages[0].obj
    held = document.make_indirect(field)
    document.pages[0].obj.Annots = Array([held])
    form = Dictionary(Fields=Array([held]), SigFlags=0, CO=Array([String("/Name")]))
    document.Root.AcroForm = document.make_indirect(form)


@pytest.mark.parametrize("place", ["field", "form"])
def test_a_string_of_the_form_stays_one(paper: bytes, pki: Pki, judge: Judge, place: str) -> None:
    signed = sign(_prepared(paper, _named_fields), identity(pki))

    def change(writer: Writer) -> None:
        form = writer.root["/AcroForm"]
        if place == "form":
            form[pdf_name("/CO")] = ArrayObject([pdf_name("/Name")])
            writer.update_container(form)
        else:
            held = form["/Fields"][0]
            held[pdf_name("/TU")] = pdf_name("/Name")
            writer.update_container(held)

    kept = _signed_with(signed, pki, lambda writer: None, field="Waiting")
    assert judge(kept).verdict is Verdict.valid
    assert judge(_signed_with(signed, pki, change, field="Waiting")).verdict in REFUSED


def test_kinds_of_values() -> None:
    name, text = NameObject("/A"), TextStringObject("/A")
    for one, other in ((name, text), (ArrayObject([text]), ArrayObject([name]))):
        assert one == other  # to Python
        assert not same_kinds(one, other)
        assert same_kinds(one, one)
    assert same_kinds(NumberObject(1), FloatObject("1.0"))
    held = DictionaryObject({name: ArrayObject([text])})
    assert same_kinds(held, DictionaryObject({name: ArrayObject([text])}))
    assert not same_kinds(held, DictionaryObject({name: ArrayObject([name])}))


# --- numbers of nothing, places of nothing, versions


def _streams(number: int) -> bytes:
    return b"/AdditionalStreams [ /application#2Fvnd.oasis.opendocument.text %d 0 R ]" % number


def test_a_trailer_may_give_up_what_it_named_in_vain(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    """PDFBox writes a new number into each trailer and gives the old one to its next object."""
    root = number_of(open_paper, b"Root")
    content = appended(open_paper, {root: body_of(open_paper, root)}, trailer=_streams(977))
    signed = sign(content, identity(pki))
    for trailer, fine in ((_streams(1977), True), (_streams(977), False), (b"", False)):
        store = {
            root: body_of(signed, root).rstrip()[:-2] + b"/DSS 977 0 R >>",
            977: b"<< /Certs [ %d 0 R ] >>" % size_of(signed),
            size_of(signed): b"<< /Length 1 >>\nstream\n0\nendstream",
        }
        verdict = judge(appended(signed, store, trailer=trailer)).verdict
        assert verdict is Verdict.valid if fine else verdict in REFUSED


@pytest.mark.parametrize(
    ("looks", "corners", "honest"),
    [(False, (0, 0, 0, 0), True), (True, (0, 0, 0, 0), False), (False, (90, 700, 200, 750), False)],
)
def test_a_waiting_field_may_lose_its_place(
    paper: bytes, pki: Pki, judge: Judge, looks: bool, corners: tuple[int, ...], honest: bool
) -> None:
    """Where nothing was to be seen; one that covered something uncovers it."""

    def waiting(document: pikepdf.Pdf) -> None:
        page = document.pages[0].obj
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("Second"))
        field.Rect, field.F, field.P = Array([90, 700, 300, 760]), 4, page
        if looks:
            look = document.make_stream(b"1 g 0 0 210 60 re f")
            look.Subtype, look.BBox = Name.Form, Array([0, 0, 210, 60])
            field.AP = Dictionary(N=look)
        held = document.make_indirect(field)
        page.Annots = Array([held])
        document.Root.AcroForm = Dictionary(Fields=Array([held]), SigFlags=0)

    def change(writer: Writer) -> None:
        held = writer.root["/AcroForm"]["/Fields"][0]
        held[pdf_name("/Rect")] = ArrayObject(NumberObject(one) for one in corners)
        writer.update_container(held)

    signed = sign(_prepared(paper, waiting), identity(pki), field="First")
    verdict = judge(_signed_with(signed, pki, change)).verdict
    assert verdict is Verdict.valid if honest else verdict in REFUSED


def test_a_version_may_go_back_to_that_of_the_header(paper: bytes, pki: Pki, judge: Judge) -> None:
    """One program raises it in the catalogue, the next one writes what the file begins with."""

    def version(name: str) -> Change:
        def change(writer: Writer) -> None:
            writer.root[pdf_name("/Version")] = pdf_name(name)
            writer.update_root()

        return change

    header = paper[5:8].decode()
    signed = sign(paper, identity(pki))
    raised = _with_evidence(signed, version("/2.0"))
    assert judge(raised).verdict is Verdict.valid
    stamped = _signed_with(raised, pki, lambda writer: None)
    assert judge(_with_evidence(stamped, version(f"/{header}"))).verdict is Verdict.valid
    assert judge(_with_evidence(stamped, version("/1.2"))).verdict in REFUSED


def test_text_of_the_same_letters_is_no_change(paper: bytes, pki: Pki, judge: Judge) -> None:
    """However a string is written."""

    def entry(document: pikepdf.Pdf) -> None:
        document.Root.Lang = String("vi-VN")

    def change(writer: Writer) -> None:
        writer.root[pdf_name("/Lang")] = pdf_string("vi-VN")
        writer.update_root()

    signed = sign(_prepared(paper, entry), identity(pki))
    assert judge(_with_evidence(signed, change)).verdict is Verdict.valid
