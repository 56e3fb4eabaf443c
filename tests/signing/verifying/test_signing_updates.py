"""What is appended to a signed file: attacks are told, honest updates stay valid."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import (
    Change,
    Entry,
    appended,
    appended_as_stream,
    body_of,
    last_startxref,
    number_of,
    size_of,
    updated,
)
from pdf_signing import identity, local_stamper, sign
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
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from schemas.verdict import FileVerdict, Verdict
from signing import Pki
from signing.validation import views

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
EVIL = b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"


def _replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    content = writer.add_object(StreamObject(stream_data=b"BT ET 0 0 300 300 re f"))
    page[pdf_name("/Contents")] = content
    writer.update_container(page)


def _annotate(writer: IncrementalPdfFileWriter) -> None:
    page_ref, _ = writer.find_page_for_modification(0)
    page = page_ref.get_object()
    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): ArrayObject([FloatObject(side) for side in (50, 500, 400, 700)]),
            pdf_name("/Contents"): pdf_string("Một triệu đồng"),
            pdf_name("/DA"): pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)


def _empty_visible_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Later", box=(50, 50, 500, 700)))


def _strip_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def _empty_form(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"][pdf_name("/Fields")] = ArrayObject()
    writer.update_container(writer.root["/AcroForm"])


def _unsign_field(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    del field["/V"]
    writer.update_container(field)


def _swap_pages(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    kids = pages["/Kids"]
    kids.append(kids.raw_get(0))
    writer.update_container(pages)


def _new_catalogue(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


@pytest.mark.parametrize(
    "change",
    [
        _replace_page,
        _annotate,
        _empty_visible_field,
        _strip_form,
        _empty_form,
        _unsign_field,
        _swap_pages,
        _new_catalogue,
    ],
)
@pytest.mark.parametrize("kind", ["sealed", "led"])
def test_incremental_updates_are_altered(
    sealed_bytes: bytes,
    led_bytes: bytes,
    judge: Callable[[bytes], FileVerdict],
    change: Callable[[IncrementalPdfFileWriter], None],
    kind: str,
) -> None:
    content = updated(sealed_bytes if kind == "sealed" else led_bytes, change)
    assert content.startswith(sealed_bytes if kind == "sealed" else led_bytes)
    assert judge(content).verdict is Verdict.altered


@pytest.mark.parametrize(
    "tail",
    [
        b"1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        b"%harmless comment\n",
        b"4 0 obj\n<< /Length 2 >>\nstream\nBT\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n",
    ],
)
@pytest.mark.parametrize("closing", ["none", "eof", "startxref"])
def test_bytes_appended_without_cross_references_are_altered(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict], tail: bytes, closing: str
) -> None:
    """Incremental saving without what a strict reader needs to see it."""
    last = re.findall(rb"startxref\s+(\d+)", sealed_bytes)[-1]
    content = sealed_bytes + tail
    if closing == "eof":
        content += b"%%EOF\n"
    elif closing == "startxref":
        content += b"startxref\n" + last + b"\n%%EOF\n"
    assert judge(content).verdict in {Verdict.altered, Verdict.unreadable}


def test_blank_bytes_at_the_end_are_no_change(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    assert judge(sealed_bytes + b"\r\n").verdict is Verdict.valid


def test_removing_the_last_revision_leaves_a_lower_level(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Taking the archive time stamp away is no forgery, and shows in the level."""
    end = sealed_bytes.rindex(b"%%EOF", 0, sealed_bytes.rindex(b"%%EOF"))
    verdict = judge(sealed_bytes[: end + 6])
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == "B-LT"


def test_fields_filled_in_after_signing_are_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Shadow attacks by form fields hide behind what PDF would allow."""
    with_form = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="amount",
                V="1.000",
                Rect=[50, 50, 200, 80],
                F=4,
                P=document.pages[0].obj,
            )
        )
        document.pages[0].Annots = document.make_indirect(pikepdf.Array([field]))
        document.Root.AcroForm = document.make_indirect(
            pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        )
        document.save(with_form)
    signed = sign(with_form.getvalue(), identity(pki))
    assert judge(signed).verdict is Verdict.valid

    def fill(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            target = reference.get_object()
            if target["/T"] == "amount":
                target[pdf_name("/V")] = pdf_string("9.000.000")
                writer.update_container(target)

    assert judge(updated(signed, fill)).verdict is Verdict.altered


def test_numbers_of_objects_given_to_others_are_altered(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Shadow hide-and-replace: only a new cross-reference table, pointing to signed bytes."""
    plain = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        evil = document.make_indirect(pikepdf.Stream(document, b"0 0 595 842 re f"))
        document.Root.Hidden = evil
        document.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    signed = sign(plain.getvalue(), identity(pki))
    assert judge(signed).verdict is Verdict.valid
    with pikepdf.open(BytesIO(signed)) as document:
        contents = document.pages[0].Contents.objgen[0]
        hidden = document.Root.Hidden.objgen[0]
        size = int(document.trailer.Size)
        root = document.trailer.Root.objgen[0]
    offset = re.search(rb"(?<=\n)%d 0 obj" % hidden, signed)
    assert offset is not None
    previous = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    table = len(signed)
    update = b"xref\n%d 1\n%010d 00000 n \n" % (contents, offset.start())
    update += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, previous)
    update += b"startxref\n%d\n%%%%EOF\n" % table
    assert judge(signed + update).verdict in {Verdict.altered, Verdict.broken}


def test_an_earlier_signature_taken_out_of_a_later_revision_is_told(
    led_bytes: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Swapped revisions: the first signature is unhooked, then someone signs again."""
    assert judge(sign(updated(led_bytes, _unsign_field), identity(pki))).verdict is Verdict.altered


# --- cross-references by hand


@pytest.fixture(scope="module")
def signed(open_paper: bytes, pki: Pki) -> bytes:
    """Signed by somebody trusted with a plain program, all objects in the open."""
    return sign(open_paper, identity(pki))


def _with_key_twice(signed: bytes) -> bytes:
    """pyHanko takes the first value of a key, PDFium the last."""
    root, new = number_of(signed, b"Root"), size_of(signed)
    twice = body_of(signed, root)[:-2] + b"/Pages %d 0 R >>" % new
    return appended(signed, {root: twice, new: b"<< /Type /Pages /Kids [] /Count 0 >>"})


def _with_root_twice(signed: bytes) -> bytes:
    root, new = number_of(signed, b"Root"), size_of(signed)
    return appended(signed, {new: body_of(signed, root)}, trailer=b"/Root %d 0 R" % new)


def _with_generation(signed: bytes) -> bytes:
    """PDFium pays no heed to generations: object n 1 stands for n 0."""
    number = number_of(signed, b"Contents")
    start = len(signed)
    written = signed + b"%d 1 obj\n%s\nendobj\n" % (number, EVIL)
    return appended(written, {}, extra={number: Entry(start, 1)}, previous=last_startxref(signed))


def _into_signed_bytes(signed: bytes) -> bytes:
    """Shadow hide-and-replace: nothing but a table that points to signed bytes."""
    hidden = re.search(rb"\n%d 0 obj" % number_of(signed, b"Hidden"), signed)
    assert hidden is not None
    entry = Entry(hidden.start() + 1)
    return appended(signed, {}, extra={number_of(signed, b"Contents"): entry})


def _hybrid(signed: bytes) -> bytes:
    """A table for old readers, a stream for new ones (ISO 32000-1, 7.5.8.4)."""
    number, stream = number_of(signed, b"Contents"), size_of(signed)
    row = b"\x01" + len(signed).to_bytes(4, "big") + b"\0\0"
    written = signed + b"%d 0 obj\n%s\nendobj\n" % (number, EVIL)
    place = len(written)
    written += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%d 1] /Size %d /Root %d 0 R" % (
        stream,
        number,
        stream + 1,
        number_of(signed, b"Root"),
    )
    written += b" /Length 7 >>\nstream\n" + row + b"\nendstream\nendobj\n"
    return appended(
        written,
        {},
        extra={0: Entry(0, 65535, free=True)},
        trailer=b"/XRefStm %d" % place,
        previous=last_startxref(signed),
    )


def _packed(signed: bytes) -> bytes:
    """A page redefined in an object stream."""
    page, new = number_of(signed, b"P"), size_of(signed) + 5
    body = body_of(signed, page)
    other = re.sub(rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % new, body)
    return appended_as_stream(signed, {new: EVIL}, packed={page: other})


def _of(number: Callable[[bytes], int], **options: object) -> Callable[[bytes], bytes]:
    def attack(signed: bytes) -> bytes:
        return appended(signed, {number(signed): EVIL}, **options)  # type: ignore[arg-type]

    return attack


def _content(signed: bytes) -> int:
    return number_of(signed, b"Contents")


BY_HAND: dict[str, Callable[[bytes], bytes]] = {
    "content replaced": _of(_content),
    "content replaced, with a stream": lambda s: appended_as_stream(s, {_content(s): EVIL}),
    "a key twice": _with_key_twice,
    "the root twice": _with_root_twice,
    "another generation": _with_generation,
    "into signed bytes": _into_signed_bytes,
    "hybrid references": _hybrid,
    "object stream": _packed,
    "freed": lambda s: appended(s, {}, extra={_content(s): Entry(0, 1, free=True)}),
    "freed for good": lambda s: appended(s, {}, extra={_content(s): Entry(0, 0, free=True)}),
    "entry into nothing": lambda s: appended(s, {}, extra={_content(s): Entry(10)}),
    "loop": lambda s: appended(s, {_content(s): EVIL}, previous=len(s)),
    "loop over itself": lambda s: appended(s, {_content(s): EVIL}, previous=len(s) + 74),
    "previous is the beginning": _of(_content, previous=0),
    "old table named again": lambda s: appended(
        s, {_content(s): EVIL}, startxref=last_startxref(s)
    ),
    "table in the future": lambda s: appended(s, {_content(s): EVIL}, startxref=10**9),
    "unused object": _of(size_of),
    "the same once more": lambda s: appended(s, {_content(s): body_of(s, _content(s))}),
    "encryption": lambda s: appended(
        s, {}, extra={0: Entry(0, 65535, free=True)}, trailer=b"/Encrypt << /Filter /X >>"
    ),
    "junk": lambda s: s + b"junk",
    "a second end": lambda s: s + b"%%EOF\n",
    "a second startxref": lambda s: s + b"startxref\n%d\n%%%%EOF\n" % last_startxref(s),
    "a whole file behind": lambda s: s + s,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_updates_by_hand_are_refused(
    signed: bytes, judge: Callable[[bytes], FileVerdict], name: str
) -> None:
    content = BY_HAND[name](signed)
    assert content.startswith(signed) and len(content) > len(signed)
    assert judge(content).verdict in REFUSED


def test_more_revisions_than_can_be_looked_through_end_at_once(
    signed: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = signed
    for _ in range(500):
        content = appended(content, {size_of(content): b"null"})
    verdict = judge(content)
    assert verdict.verdict is Verdict.unreadable and "thời gian" in verdict.sentence


def _evidence(writer: IncrementalPdfFileWriter) -> None:
    held = writer.add_object(StreamObject(stream_data=b"0"))
    store = DictionaryObject({pdf_name("/Certs"): ArrayObject([held])})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()


def test_a_long_chain_of_bookmarks_is_no_change(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """What takes a walk longer than Python's stack was called altered."""
    out = BytesIO()
    with pikepdf.open(BytesIO(open_paper)) as document:
        with document.open_outline() as outline:
            outline.root += [pikepdf.OutlineItem(f"Mục {one}", 0) for one in range(600)]
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    signed = sign(out.getvalue(), identity(pki))
    assert judge(updated(signed, _evidence)).verdict is Verdict.valid
    assert judge(updated(signed, _replace_page)).verdict is Verdict.altered


def _doubling(writer: IncrementalPdfFileWriter) -> None:
    """Forty objects, each of which leads to the next one twice."""
    last = writer.add_object(DictionaryObject({pdf_name("/X"): NumberObject(1)}))
    for _ in range(40):
        last = writer.add_object(DictionaryObject({pdf_name("/A"): last, pdf_name("/B"): last}))
    writer.root[pdf_name("/PieceInfo")] = last
    writer.update_root()


def test_objects_that_lead_to_each_other_in_many_ways(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Walking all of them took for ever, although none leads to what was written anew."""
    signed = sign(updated(open_paper, _doubling), identity(pki))
    assert judge(updated(signed, _evidence)).verdict is Verdict.valid
    assert judge(updated(signed, _replace_page)).verdict is Verdict.altered


def test_walks_without_an_end_are_too_much(
    open_paper: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "LOOKUPS", 3)
    verdict = judge(sign(open_paper, identity(pki)))
    assert verdict.verdict is Verdict.unreadable and "thời gian" in verdict.sentence


@pytest.mark.parametrize(
    ("index", "tells"),
    [
        (b"/Index [0 2000000000]", True),
        (b"/Ind#65x [0%\n2000000000]", True),
        (b"", True),
        (b"/Index [0 -1999999999 1 2000000000]", False),
    ],
)
def test_a_cross_reference_stream_without_an_end_is_too_much(
    signed: bytes, judge: Callable[[bytes], FileVerdict], index: bytes, tells: bool
) -> None:
    number, here = size_of(signed), len(signed)
    entries = b"/W [0 0 0] " + index
    said = b"/Type /XRef %s /Size %d /Root %d 0 R /Prev %d /Length 0" % (
        entries,
        number + 1 if index else 2_000_000_000,
        number_of(signed, b"Root"),
        last_startxref(signed),
    )
    update = b"%d 0 obj\n<< %s >>\nstream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
    verdict = judge(signed + update % (number, said, here))
    assert verdict.verdict is Verdict.unreadable
    assert not tells or "thời gian" in verdict.sentence


def test_a_table_that_passes_over_the_signature_does_not_hide_it(
    open_paper: bytes, signed: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """No reader sees a signature in it, yet the bytes of one are there."""
    content = appended(signed, {_content(signed): EVIL}, previous=last_startxref(open_paper))
    assert judge(content).verdict is Verdict.altered


# --- shadow attacks and certified documents


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
    _replace_page(writer)


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
    "annotation": _annotate,
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


# --- honest updates


def test_honest_updates_stay_valid(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Second signature, document time stamp, evidence; one after the other."""
    content = sign(open_paper, identity(pki), box=(300, 750, 400, 800))
    content = sign(content, identity(pki, "leader"), field="Second", box=(450, 750, 550, 800))
    assert judge(content).verdict is Verdict.valid
    stream, out = BytesIO(content), BytesIO()
    DocumentSecurityStore.add_dss(stream, sig_contents=None, certs=[pki.certificate("issuing")])
    with_store = stream.getvalue()
    assert len(with_store) > len(content)
    assert judge(with_store).verdict is Verdict.valid
    PdfTimeStamper(local_stamper(pki)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(with_store)), "sha256", output=out
    )
    verdict = judge(out.getvalue())
    assert verdict.verdict is Verdict.valid
    assert [report.intact for report in verdict.signatures] == [True, True]


def test_a_linearised_file_signed_twice_is_valid(
    paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper)) as document:
        document.save(out, linearize=True)
    content = sign(sign(out.getvalue(), identity(pki)), identity(pki, "leader"), field="Second")
    assert judge(content).verdict is Verdict.valid
    assert judge(updated(content, _replace_page)).verdict in REFUSED
