"""What programs that sign write along: theirs to write, and no pretext for anything else.

PDFBox and EU DSS bring resources for the form, empty looks and Helvetica; Acrobat flags, dates and
numbers of free objects; iText and DocuSign the whole security store once more; LibreOffice keys of
the trailer. Each kind stands beside what an attacker would make of its being allowed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pdf_attacks import Change, Entry, appended, body_of, number_of, size_of
from pdf_signing import identity, local_stamper, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    Reference,
    StreamObject,
    pdf_date,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


def dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def stream(content: bytes, **entries: Any) -> StreamObject:
    held = StreamObject(stream_data=content)
    held.update(dictionary(**entries))
    return held


def box(*corners: int) -> ArrayObject:
    return ArrayObject(NumberObject(one) for one in corners)


def helvetica(**more: Any) -> DictionaryObject:
    names = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"}
    return dictionary(**{key: pdf_name(one) for key, one in names.items()}, **more)


def form_of(writer: IncrementalPdfFileWriter) -> Any:
    form = writer.root["/AcroForm"]
    writer.update_container(form)
    return form


def field_of(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = (one.get_object() for one in writer.root["/AcroForm"]["/Fields"])
    return next(one for one in fields if one["/T"] == name)


def _names(writer: IncrementalPdfFileWriter) -> set[str]:
    if "/AcroForm" not in writer.root:
        return set()
    return {str(one.get_object()["/T"]) for one in writer.root["/AcroForm"]["/Fields"]}


def page_of(writer: IncrementalPdfFileWriter) -> Any:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    writer.update_container(page)
    return page


def signed_along(
    content: bytes, pki: Pki, change: Change, *, field: str = "Second", seen: bool = False
) -> bytes:
    """Signed by another program, which writes something along in the same revision."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    place = (300, 750, 400, 800) if seen else None
    if field not in _names(writer):
        append_signature_field(writer, SigFieldSpec(field, box=place))
    change(writer)
    out = BytesIO()
    metadata = PdfSignatureMetadata(field_name=field)
    PdfSigner(metadata, identity(pki, "leader").signer()).sign_pdf(writer, output=out)
    return out.getvalue()


def stamped_along(content: bytes, pki: Pki, change: Change) -> bytes:
    """The same for a document time stamp, in the field ``Stamp``."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    append_signature_field(writer, SigFieldSpec("Stamp"))
    change(writer)
    out = BytesIO()
    stamper = PdfTimeStamper(local_stamper(pki), field_name="Stamp")
    stamper.timestamp_pdf(writer, "sha256", output=out)
    return out.getvalue()


def _nothing(writer: IncrementalPdfFileWriter) -> None:
    return None


def _resources(font: DictionaryObject | None = None, name: str = "Helv") -> Change:
    """As PDFBox does it: Helvetica as an object of its own, and a default appearance."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        form = form_of(writer)
        held = writer.add_object(font or helvetica())
        form[pdf_name("/DR")] = dictionary(Font=dictionary(**{name: held}))
        form[pdf_name("/DA")] = pdf_string("/Helv 0 Tf 0 g ")

    return change


def _resources_apart(writer: IncrementalPdfFileWriter) -> None:
    fonts = writer.add_object(dictionary(Helv=writer.add_object(helvetica())))
    form_of(writer)[pdf_name("/DR")] = writer.add_object(dictionary(Font=fonts))


def _frame(writer: IncrementalPdfFileWriter) -> None:
    """Into the form's resources goes what this signature shows, over what another one showed."""
    look = stream(b"q Q", Subtype=pdf_name("/Form"), BBox=box(0, 0, 100, 50))
    held = dictionary(FRM=writer.add_object(look))
    form_of(writer)[pdf_name("/DR")] = dictionary(XObject=held)


def _look(content: bytes, *corners: int, field: str = "Stamp") -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        look = stream(content, Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"))
        look[pdf_name("/BBox")] = box(*corners)
        held = field_of(writer, field)
        held[pdf_name("/AP")] = writer.add_object(dictionary(N=writer.add_object(look)))
        writer.update_container(held)

    return change


def _borders(writer: IncrementalPdfFileWriter) -> None:
    held = field_of(writer, "Stamp")
    held[pdf_name("/MK")] = writer.add_object(DictionaryObject())
    held[pdf_name("/BS")] = writer.add_object(dictionary(W=NumberObject(0)))
    held[pdf_name("/TU")] = pdf_string("Timestamp")
    writer.update_container(held)


STAMPED: dict[str, Change] = {
    "resources": _resources(),
    "resources apart": _resources_apart,
    "empty look": _look(b"\r\n", 0, 0, 0, 0),
    "blank look": _look(b"% DSBlank\nq\nQ\n", 0, 0, 100, 100),
    "look without room": _look(b"0 0 9 9 re f", 0, 0, 0, 0),
    "borders": _borders,
}


@pytest.mark.parametrize("certified", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
@pytest.mark.parametrize("name", STAMPED)
def test_a_time_stamp_may_bring_what_shows_nothing(
    paper: bytes, pki: Pki, judge: Judge, name: str, certified: MDPPerm | None
) -> None:
    signed = sign(paper, identity(pki), certify=certified)
    verdict = judge(stamped_along(signed, pki, STAMPED[name]))
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].covers_whole_file


@pytest.mark.parametrize("name", STAMPED)
def test_the_same_where_all_fields_are_locked(
    sealed_bytes: bytes, pki: Pki, judge: Judge, name: str
) -> None:
    """A final seal lets nothing come but evidence, and this is."""
    assert judge(stamped_along(sealed_bytes, pki, STAMPED[name])).verdict is Verdict.valid


@pytest.mark.parametrize(
    "change", [_look(b"0 0 9 9 re f", 0, 0, 9, 9), _look(b"/X Do", -9, -9, 9, 9)]
)
def test_a_time_stamp_that_draws_is_no_evidence(
    paper: bytes, pki: Pki, judge: Judge, change: Change
) -> None:
    assert judge(stamped_along(sign(paper, identity(pki)), pki, change)).verdict in REFUSED


SIGNED_ALONG: dict[str, Change] = {
    "nothing": _nothing,
    "helvetica again": _resources(),
    "helvetica in another encoding": _resources(helvetica(Encoding=pdf_name("/WinAnsiEncoding"))),
    "a frame": _frame,
    "no appearances anew": lambda writer: form_of(writer).__setitem__(
        pdf_name("/NeedAppearances"), BooleanObject(False)
    ),
    "a date of the annotation": lambda writer: _dated(writer, "First"),
}


def _dated(writer: IncrementalPdfFileWriter, name: str) -> None:
    held = field_of(writer, name)
    held[pdf_name("/M")] = pdf_date(datetime.now(UTC))
    writer.update_container(held)


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("name", SIGNED_ALONG)
def test_a_second_signature_may_bring_its_resources(
    paper: bytes, pki: Pki, judge: Judge, name: str, seen: bool
) -> None:
    first = signed_along(paper, pki, lambda one: (_resources()(one), _frame(one)), field="First")
    assert judge(first).verdict is Verdict.valid
    second = judge(signed_along(first, pki, SIGNED_ALONG[name], seen=seen))
    assert second.verdict is Verdict.valid
    assert [one.intact for one in second.signatures] == [True, True]


def test_flags_of_a_form_only_grow(open_paper: bytes, pki: Pki, judge: Judge) -> None:
    """The first signer says that there is a signature, the next that files only grow as well."""
    first = signed_along(open_paper, pki, _nothing, field="First")
    low = first.replace(b"/SigFlags 3", b"/SigFlags 1")
    assert low != first and judge(low).verdict is Verdict.altered  # it was signed
    evidence = _evidence(first)
    form = number_of(first, b"AcroForm")
    body = body_of(first, form)
    for flags, honest in ((7, True), (3, True), (1, False), (0, False)):
        said = body.replace(b"/SigFlags 3", b"/SigFlags %d" % flags)
        verdict = judge(appended(first, evidence | {form: said})).verdict
        assert verdict is Verdict.valid if honest else verdict in REFUSED, flags


@pytest.fixture(scope="module")
def with_text(paper: bytes) -> bytes:
    """A form with a text field that shows its value in the form's Helvetica."""
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        page = document.pages[0]
        look = pikepdf.Stream(document, b"BT /Helv 12 Tf 2 4 Td (1.000) Tj ET")
        look.Subtype, look.BBox = pikepdf.Name.Form, [0, 0, 150, 30]
        font = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="amount",
                V="1.000",
                Rect=[50, 50, 200, 80],
                F=4,
                P=page.obj,
                AP=pikepdf.Dictionary(N=document.make_indirect(look)),
            )
        )
        page.Annots = document.make_indirect(pikepdf.Array([field]))
        document.Root.AcroForm = document.make_indirect(
            pikepdf.Dictionary(
                Fields=pikepdf.Array([field]), DR={"/Font": {"/Helv": font}}, SigFlags=0
            )
        )
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


NINES = dictionary(Differences=ArrayObject([NumberObject(49), pdf_name("/nine")]))
ANOTHER = helvetica(Encoding=NINES)


@pytest.mark.parametrize(
    ("change", "honest"),
    [
        (_resources(), True),  # the same font as another object, and what Acrobat writes
        (_resources(ANOTHER), False),  # under the same name the letters of another font
        (_resources(name="Other"), False),  # the font is gone
        (
            lambda one: form_of(one).__setitem__(pdf_name("/DA"), pdf_string("/Helv 0 Tf 1 g")),
            False,
        ),
        (lambda one: form_of(one).__setitem__(pdf_name("/Q"), NumberObject(2)), False),
    ],
)
def test_the_settings_of_a_form_that_shows_text(
    with_text: bytes, pki: Pki, judge: Judge, change: Change, honest: bool
) -> None:
    first = signed_along(with_text, pki, _nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    verdict = judge(signed_along(first, pki, change)).verdict
    assert verdict is Verdict.valid if honest else verdict in REFUSED


# --- pages and fields as others write them


def _page_with(content: bytes, entries: bytes) -> bytes:
    found = re.search(rb"/Kids \[ (\d+) 0 R", content)
    assert found is not None
    number = int(found[1])
    return appended(content, {number: body_of(content, number).rstrip()[:-2] + entries + b" >>"})


LINK = (
    b"<< /Type /Annot /Subtype /Link /Rect [ 9 9 99 99 ] /Border [ 0 0 0 ]"
    b" /A << /S /URI /URI (x:) >> >>"
)


def test_links_may_be_written_into_the_page(open_paper: bytes, pki: Pki, judge: Judge) -> None:
    content = _page_with(open_paper, b"/Annots [ " + LINK + b" ]")
    first = signed_along(content, pki, _nothing, field="First", seen=True)
    second = signed_along(first, pki, _nothing)
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
    content = _page_with(open_paper, b"/Annots [ " + LINK + b" ]")
    first = signed_along(content, pki, _nothing, field="First")

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
    first = signed_along(out.getvalue(), pki, _nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    assert judge(signed_along(first, pki, _nothing)).verdict is Verdict.valid

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
    first = signed_along(open_paper, pki, _nothing, field="First")
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
    first = signed_along(open_paper, pki, _nothing, field="First")

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


# --- trailers, numbers, tables

STREAMS = b"/AdditionalStreams [ /application#2Fvnd.oasis.opendocument.text 977 0 R ]"


def _evidence(signed: bytes) -> dict[int, bytes]:
    root, free = number_of(signed, b"Root"), size_of(signed)
    return {
        root: body_of(signed, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free,
        free: b"<< /Certs [ %d 0 R ] >>" % (free + 1),
        free + 1: b"<< /Length 1 >>\nstream\n0\nendstream",
    }


@pytest.mark.parametrize("where", [b"trailer", b"catalogue"])
def test_what_is_named_need_not_exist(
    open_paper: bytes, pki: Pki, judge: Judge, where: bytes
) -> None:
    root = number_of(open_paper, b"Root")
    body = body_of(open_paper, root).rstrip()
    if where == b"trailer":
        content = appended(open_paper, {root: body}, trailer=STREAMS)
    else:
        content = appended(open_paper, {root: body[:-2] + b"/Missing 977 0 R >>"})
    signed = sign(content, identity(pki))
    assert judge(signed).verdict is Verdict.valid
    assert judge(stamped_along(signed, pki, _nothing)).verdict is Verdict.valid
    assert judge(sign(signed, identity(pki, "leader"), field="Second")).verdict is Verdict.valid
    more = _evidence(signed) | {977: b"<< /S /JavaScript /JS (app.alert(1)) >>"}
    assert judge(appended(signed, more, trailer=STREAMS)).verdict in REFUSED


@pytest.mark.parametrize("as_what", ["field", "font", "look", "store"])
def test_what_a_page_names_cannot_come_as_part_of_a_signature(
    open_paper: bytes, pki: Pki, judge: Judge, as_what: str
) -> None:
    """The page opens with object 900, which is not there; the next signer brings it as his own."""
    first = signed_along(_page_with(open_paper, b"/AA 900 0 R"), pki, _nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    assert judge(signed_along(first, pki, _nothing)).verdict is Verdict.valid
    script = dictionary(S=pdf_name("/JavaScript"), JS=pdf_string("app.alert(1)"))

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer._lastobj_id = 899
        if as_what == "field":
            append_signature_field(writer, SigFieldSpec("Evil"))
            evil = field_of(writer, "Evil")
            evil[pdf_name("/O")] = script
            evil[pdf_name("/V")] = writer.add_object(dictionary(Type=pdf_name("/Sig")))
            assert writer.root["/AcroForm"]["/Fields"].raw_get(-1).idnum == 900
            return
        held = writer.add_object(
            stream(b"0", O=script, Type=pdf_name("/Font"), Subtype=pdf_name("/Type1"))
        )
        assert held.idnum == 900
        if as_what == "font":
            form_of(writer)[pdf_name("/DR")] = dictionary(Font=dictionary(F=held))
        elif as_what == "look":
            field = field_of(writer, "Second")
            field[pdf_name("/AP")] = dictionary(N=held)
            writer.update_container(field)
        else:
            writer.root[pdf_name("/DSS")] = dictionary(Certs=ArrayObject([held]))
            writer.update_root()

    assert judge(signed_along(first, pki, change)).verdict in REFUSED


def test_numbers_that_were_free_may_be_given_away(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    """Acrobat does; a number that a page names stays what it is, nothing."""
    size = size_of(open_paper)
    free = {size: Entry(0, 1, free=True), 0: Entry(size, 65535, free=True)}
    root = number_of(open_paper, b"Root")
    content = appended(open_paper, {size + 1: b"null", root: body_of(open_paper, root)}, extra=free)
    signed = sign(content, identity(pki))
    store = _evidence(signed)
    number = max(store)
    moved = {(size if one == number else one): body for one, body in store.items()}
    moved[number - 1] = b"<< /Certs [ %d 0 R ] >>" % size
    assert judge(appended(signed, moved)).verdict is Verdict.valid
    assert judge(appended(signed, store, extra=free)).verdict is Verdict.valid
    gone = {number_of(signed, b"Contents"): Entry(0, 1, free=True)}
    assert judge(appended(signed, store, extra=gone)).verdict in REFUSED


@pytest.mark.parametrize("end", [b"\n", b"\r", b" \r\n"])
def test_entries_have_20_bytes(open_paper: bytes, pki: Pki, judge: Judge, end: bytes) -> None:
    """PDFium cannot read others, and looks through the file for whatever objects it has."""
    signed = sign(open_paper, identity(pki))
    update = appended(signed, _evidence(signed))
    table = update.rindex(b"\nxref\n")
    changed = update[:table] + update[table:].replace(b" \n", end)
    assert judge(update).verdict is Verdict.valid
    assert judge(changed).verdict in REFUSED


@pytest.mark.parametrize(
    ("said", "honest"),
    [
        (b"/Producer (P) /ModDate (D:2026) /Author () /Keywords <>", True),
        (b"/Producer (P) /CreationDate (D:2026) /Creator (C)", True),
        (b"/Producer (P) /Title (Other)", False),
        (b"/Producer (P) /Author (Other)", False),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_what_programs_say_of_the_document(
    open_paper: bytes, pki: Pki, judge: Judge, said: bytes, honest: bool, apart: bool
) -> None:
    """In an object of its own, or, by mistake, in the trailer itself."""
    out = BytesIO()
    with pikepdf.open(BytesIO(open_paper)) as document:
        document.trailer.Info = document.make_indirect(pikepdf.Dictionary(Subject="S"))
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    signed = signed_along(out.getvalue(), pki, _nothing, field="First")
    objects, info = _evidence(signed), size_of(signed) + 5
    held = b"<< /Subject (S) " + said + b" >>"
    if apart:
        objects[info] = held
    trailer = b"/Info " + (b"%d 0 R" % info if apart else held)
    verdict = judge(appended(signed, objects, trailer=trailer)).verdict
    assert verdict is Verdict.valid if honest else verdict in REFUSED


def test_metadata_that_were_never_sound_are_no_change(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    """As long as nobody touches them."""
    broken = b"<< /Type /Metadata /Subtype /XML /Length 9 >>\nstream\n<x:xmpmet\nendstream"
    number = number_of(open_paper, b"Metadata")
    signed = signed_along(appended(open_paper, {number: broken}), pki, _nothing, field="First")
    assert judge(signed).verdict is Verdict.valid
    assert judge(appended(signed, _evidence(signed))).verdict is Verdict.valid
    evil = _evidence(signed) | {number: broken.replace(b"<x:xmpmet", b"<y:xmpmet")}
    assert judge(appended(signed, evil)).verdict in REFUSED


def test_what_cannot_be_understood_is_said_as_that(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    """Two fields of one name in the signed form: no change can be named, nor excluded."""
    number, root = size_of(open_paper), number_of(open_paper, b"Root")
    fields = {
        number + one: b"<< /FT /Tx /T (twice) /V (%d) /Subtype /Widget /Rect [ 0 0 0 0 ] >>" % one
        for one in (0, 1)
    }
    form = b"/AcroForm << /Fields [ %d 0 R %d 0 R ] >> >>" % (number, number + 1)
    body = body_of(open_paper, root).rstrip()[:-2] + form
    signed = signed_along(appended(open_paper, fields | {root: body}), pki, _nothing, field="First")
    assert judge(signed).verdict is Verdict.valid
    verdict = judge(appended(signed, _evidence(signed)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert "not_understood" in verdict.signatures[0].findings
    assert verdict.signatures[0].intact
    content = number_of(open_paper, b"Contents")
    evil = _evidence(signed) | {
        content: b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"
    }
    assert judge(appended(signed, evil)).verdict in REFUSED
