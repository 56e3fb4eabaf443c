"""Shadow attacks, and what may be filled into certified documents."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import (
    Change,
    annotate,
    appended,
    body_of,
    replace_page,
    size_of,
    updated,
)
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NumberObject,
    PdfObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


def _hide(writer: IncrementalPdfFileWriter) -> None:
    """Shadow hide: the overlay that was signed becomes nothing."""
    overlay = writer.root["/Pages"]["/Kids"][0].get_object()["/Resources"]["/XObject"]["/Over"]
    overlay._data = b" "
    overlay._encoded_data = None
    writer.update_container(overlay)


def _replace_font(writer: IncrementalPdfFileWriter) -> None:
    """Shadow replace: a font defined anew shows other letters for the same text."""
    fonts = writer.root["/Pages"]["/Kids"][0].get_object()["/Resources"]["/Font"]
    font = next(iter(fonts.values())).get_object()
    font[pdf_name("/BaseFont")] = pdf_name("/Symbol")
    writer.update_container(font)


def _switch_layer(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OCProperties")] = DictionaryObject(
        {pdf_name("/OCGs"): ArrayObject(), pdf_name("/D"): DictionaryObject()}
    )
    writer.update_root()


def _abuse_store(writer: IncrementalPdfFileWriter) -> None:
    """Evidence as the pretext: the page changes in the same revision."""
    store = DictionaryObject({pdf_name("/Certs"): ArrayObject()})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()
    replace_page(writer)


def _store_with_more(writer: IncrementalPdfFileWriter) -> None:
    store = DictionaryObject({pdf_name("/Kids"): ArrayObject()})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()


def _rename(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(DictionaryObject({pdf_name("/Title"): pdf_string("Quyết định khác")}))


@pytest.fixture(scope="module")
def shadow(paper: bytes) -> bytes:
    """A file prepared for shadow attacks: an overlay over the text, a form field with a value."""
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        page = document.pages[0]
        over = pikepdf.Stream(document, b"1 g 60 600 400 100 re f")
        over.Type, over.Subtype, over.BBox = (
            pikepdf.Name.XObject,
            pikepdf.Name.Form,
            [0, 0, 595, 842],
        )
        page.Resources.XObject = pikepdf.Dictionary(Over=document.make_indirect(over))
        page.contents_add(b"/Over Do")
        look = pikepdf.Stream(document, b"BT /F1 12 Tf 2 4 Td (1.000) Tj ET")
        look.Type, look.Subtype, look.BBox = (
            pikepdf.Name.XObject,
            pikepdf.Name.Form,
            [0, 0, 150, 30],
        )
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="amount",
                V="1.000",
                DA="/Helv 12 Tf 0 g",
                Rect=[50, 50, 200, 80],
                F=4,
                P=page.obj,
                AP=pikepdf.Dictionary(N=document.make_indirect(look)),
            )
        )
        page.Annots = document.make_indirect(pikepdf.Array([field]))
        document.Root.AcroForm = document.make_indirect(
            pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        )
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _fill(value: str, *, flags: int | None = None, paint: bytes | None = None) -> Change:
    """Fill the field in; with ``paint`` it looks otherwise than its value says."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field.get("/T") != "amount":
                continue
            field[pdf_name("/V")] = pdf_string(value)
            look = StreamObject(stream_data=paint or b"BT /Helv 12 Tf (%s) Tj ET" % value.encode())
            look[pdf_name("/Type")] = pdf_name("/XObject")
            look[pdf_name("/Subtype")] = pdf_name("/Form")
            look[pdf_name("/BBox")] = ArrayObject([FloatObject(x) for x in (0, 0, 150, 30)])
            field[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): writer.add_object(look)})
            if flags is not None:
                field[pdf_name("/F")] = FloatObject(flags)
            writer.update_container(field)

    return change


def _new_text_field(writer: IncrementalPdfFileWriter) -> None:
    page_ref, _ = writer.find_page_for_modification(0)
    page = page_ref.get_object()
    field = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): pdf_string("more"),
            pdf_name("/V"): pdf_string("9.000.000"),
            pdf_name("/Rect"): ArrayObject([FloatObject(side) for side in (50, 500, 400, 700)]),
        }
    )
    reference = writer.add_object(field)
    page["/Annots"].append(reference)
    writer.update_container(page["/Annots"])
    writer.root["/AcroForm"]["/Fields"].append(reference)
    writer.update_container(writer.root["/AcroForm"]["/Fields"])


def _form_setting(key: str, value: PdfObject) -> Change:
    """A setting of the form changes what its fields show; evidence is the pretext."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]
        form[pdf_name(key)] = value
        writer.update_container(form)
        held = writer.add_object(StreamObject(stream_data=b"0"))
        store = DictionaryObject({pdf_name("/Certs"): ArrayObject([held])})
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return change


SHADOWS: dict[str, Change] = {
    "appearances made anew": _form_setting("/NeedAppearances", BooleanObject(True)),
    "another default appearance": _form_setting("/DA", pdf_string("/Helv 40 Tf 1 g")),
    "another alignment": _form_setting("/Q", NumberObject(2)),
    "hide": _hide,
    "replace a font": _replace_font,
    "replace by form": _fill("9.000.000"),
    "layers": _switch_layer,
    "store and page": _abuse_store,
    "store with more in it": _store_with_more,
    "new text field": _new_text_field,
    "annotation": annotate,
    "title": _rename,
}


@pytest.mark.parametrize(
    "certified", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE]
)
def test_shadow_attacks_are_told(
    shadow: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    certified: MDPPerm | None,
) -> None:
    """Also on certified documents, evil annotations (DocMDP 3) among them."""
    signed = sign(shadow, identity(pki), certify=certified)
    assert judge(signed).verdict is Verdict.valid
    for name, change in SHADOWS.items():
        if name == "replace by form" and certified in {MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE}:
            continue  # an honest entry
        assert judge(updated(signed, change)).verdict in REFUSED, name


def test_a_certified_form_may_be_filled_in(
    shadow: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    signed = sign(shadow, identity(pki), certify=MDPPerm.FILL_FORMS)
    verdict = judge(updated(signed, _fill("9.000.000")))
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].findings == ("filled_in",)
    assert not verdict.signatures[0].covers_whole_file
    again = sign(updated(signed, _fill("9.000.000")), identity(pki), field="Second")
    assert judge(again).verdict is Verdict.valid


@pytest.mark.parametrize(
    "change",
    [
        _fill("1.000", paint=b"0 0 150 30 re f"),  # the same value, another look
        _fill("9.000.000", flags=2),  # hidden now
    ],
)
def test_a_certified_form_that_only_looks_otherwise_is_altered(
    shadow: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], change: Change
) -> None:
    signed = sign(shadow, identity(pki), certify=MDPPerm.FILL_FORMS)
    assert judge(updated(signed, change)).verdict is Verdict.altered


def test_a_button_of_a_certified_form_holds_no_value(
    shadow: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """What is called its value is the pretext for another look."""
    number = size_of(shadow)
    button = b"<< /Type /Annot /Subtype /Widget /FT /Btn /Ff 65536 /T (push) /F 4"
    objects = {number: button + b" /Rect [ 300 50 400 80 ] >>"}
    for key in (b"/Fields", b"/Annots"):
        found = re.search(rb"(\d+) 0 obj\s(?:(?!endobj)[\s\S])*?%s (?:\[|(\d+) 0 R)" % key, shadow)
        assert found is not None
        held = int(found[2] or found[1])
        body = body_of(shadow, held)
        objects[held] = body.replace(b"[", b"[ %d 0 R" % number, 1)
    signed = sign(appended(shadow, objects), identity(pki), certify=MDPPerm.FILL_FORMS)
    assert judge(signed).verdict is Verdict.valid

    def push(writer: IncrementalPdfFileWriter) -> None:
        fields = (one.get_object() for one in writer.root["/AcroForm"]["/Fields"])
        field = next(one for one in fields if one["/T"] == "push")
        look = StreamObject(stream_data=b"0 0 100 30 re f")
        look[pdf_name("/Subtype")] = pdf_name("/Form")
        look[pdf_name("/BBox")] = ArrayObject([FloatObject(x) for x in (0, 0, 100, 30)])
        field[pdf_name("/V")] = pdf_string("x")
        field[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): writer.add_object(look)})
        writer.update_container(field)

    assert judge(updated(signed, push)).verdict is Verdict.altered


def test_a_visible_signature_on_a_certified_document_is_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Sneaky signature attack: the picture of a second signature covers the page."""
    signed = sign(paper, identity(pki), certify=MDPPerm.FILL_FORMS)
    again = sign(signed, identity(pki), field="Second", box=(50, 50, 500, 700))
    assert judge(again).verdict is Verdict.altered
