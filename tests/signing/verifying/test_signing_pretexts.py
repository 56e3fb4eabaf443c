"""Changes under the pretext of evidence or of a time stamp, which anybody may append."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from pdf_attacks import Change, appended, body_of, number_of, size_of, updated
from pdf_signing import identity, local_stamper, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NumberObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from schemas.verdict import FileVerdict, Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
SCRIPT = DictionaryObject(
    {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
)


def _with_evidence(change: Change) -> Change:
    """The same revision brings a certificate for the security store."""

    def both(writer: IncrementalPdfFileWriter) -> None:
        change(writer)
        held = writer.add_object(StreamObject(stream_data=b"0"))
        store = DictionaryObject({pdf_name("/Certs"): ArrayObject([held])})
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return both


def _stamped(content: bytes, pki: Pki, field: str | None = None) -> bytes:
    out = BytesIO()
    stamper = PdfTimeStamper(local_stamper(pki), **({} if field is None else {"field_name": field}))
    stamper.timestamp_pdf(IncrementalPdfFileWriter(BytesIO(content)), "sha256", output=out)
    return out.getvalue()


def _in_catalogue(key: str, value: object) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name(key)] = value
        writer.update_root()

    return change


def _on_page(key: str, value: object) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        page[pdf_name(key)] = value
        writer.update_container(page)

    return change


def _title(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(DictionaryObject({pdf_name("/Title"): pdf_string("Quyết định khác")}))


def _title_in_place(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer_view["/Info"]
    info[pdf_name("/Title")] = pdf_string("Quyết định khác")
    writer.update_container(info)


def _metadata(writer: IncrementalPdfFileWriter) -> None:
    held = writer.root["/Metadata"].data.replace(b"</rdf:RDF>", b"<rdf:Description/></rdf:RDF>")
    said = b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>x'
    stream = StreamObject(
        stream_data=held.replace(b"<rdf:Description/>", said + b"</dc:title></rdf:Description>")
    )
    stream[pdf_name("/Type")], stream[pdf_name("/Subtype")] = (
        pdf_name("/Metadata"),
        pdf_name("/XML"),
    )
    writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
    writer.update_root()


def _no_metadata(writer: IncrementalPdfFileWriter) -> None:
    stream = StreamObject(stream_data=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>')
    writer.root[pdf_name("/Metadata")] = writer.add_object(stream)
    writer.update_root()


def _field(writer: IncrementalPdfFileWriter, name: str) -> DictionaryObject:
    fields = (one.get_object() for one in writer.root["/AcroForm"]["/Fields"])
    found: DictionaryObject = next(one for one in fields if one["/T"] == name)
    return found


def _empty_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Evil"))


def _acting_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Evil"))
    field = _field(writer, "Evil")
    field[pdf_name("/AA")] = DictionaryObject({pdf_name("/PO"): SCRIPT})
    writer.update_container(field)


def _form_of_its_own(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/XFA")] = writer.add_object(StreamObject(stream_data=b"<xdp/>"))
    writer.update_container(form)


def _another_place(writer: IncrementalPdfFileWriter) -> None:
    field = _field(writer, "Other")
    field[pdf_name("/Rect")] = ArrayObject([FloatObject(one) for one in (0, 0, 500, 500)])
    writer.update_container(field)


CHANGES: dict[str, Change] = {
    "title": _title,
    "title in place": _title_in_place,
    "metadata": _metadata,
    "no metadata": _no_metadata,
    "marks": _in_catalogue("/MarkInfo", DictionaryObject({pdf_name("/M"): BooleanObject(False)})),
    "an older version": _in_catalogue("/Version", pdf_name("/1.0")),
    "a form of its own": _form_of_its_own,
    "an empty field": _empty_field,
    "a field that acts": _acting_field,
    "the signature moves": _another_place,
    "an action": _in_catalogue("/OpenAction", SCRIPT),
    "page labels": _in_catalogue("/PageLabels", DictionaryObject()),
    "files": _in_catalogue("/Names", DictionaryObject()),
    "language": _in_catalogue("/Lang", pdf_string("xx")),
    "preferences": _in_catalogue("/ViewerPreferences", DictionaryObject()),
    "rotation": _on_page("/Rotate", NumberObject(180)),
    "cropping": _on_page("/CropBox", ArrayObject([FloatObject(one) for one in (0, 0, 595, 400)])),
    "page actions": _on_page("/AA", DictionaryObject({pdf_name("/O"): SCRIPT})),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("pretext", ["evidence", "time stamp"])
def test_a_pretext_covers_nothing(
    signed: bytes, pki: Pki, judge: Judge, name: str, pretext: str
) -> None:
    if pretext == "evidence":
        content = updated(signed, _with_evidence(CHANGES[name]))
    else:
        content = _stamped(updated(signed, CHANGES[name]), pki)
    assert judge(content).verdict is Verdict.altered


PAINT = b"1 0 0 rg 0 0 400 60 re f"
BOX = (100, 40, 500, 100)


def _painted(writer: IncrementalPdfFileWriter, *, by_reference: bool) -> None:
    """A field that shows something, its corners written as references or not."""
    append_signature_field(writer, SigFieldSpec("Evil", box=BOX))
    field = _field(writer, "Evil")
    look = StreamObject(stream_data=PAINT)
    look[pdf_name("/Type")], look[pdf_name("/Subtype")] = pdf_name("/XObject"), pdf_name("/Form")
    look[pdf_name("/BBox")] = ArrayObject([FloatObject(one) for one in (0, 0, 400, 60)])
    field[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): writer.add_object(look)})
    if by_reference:
        field[pdf_name("/Rect")] = ArrayObject(writer.add_object(NumberObject(one)) for one in BOX)
    writer.update_container(field)


@pytest.mark.parametrize("by_reference", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_a_time_stamp_that_shows_something_is_an_attack(
    signed: bytes, pki: Pki, judge: Judge, by_reference: bool, together: bool
) -> None:
    """Anybody gets a time stamp, and PDF lets it have a place on a page."""
    if together:
        writer = IncrementalPdfFileWriter(BytesIO(signed))
        _painted(writer, by_reference=by_reference)
        out = BytesIO()
        stamper = PdfTimeStamper(local_stamper(pki), field_name="Evil")
        stamper.timestamp_pdf(writer, "sha256", output=out)
        content = out.getvalue()
    else:
        content = updated(signed, lambda writer: _painted(writer, by_reference=by_reference))
        content = _stamped(content, pki, "Evil")
    assert judge(content).verdict is Verdict.altered


def _naming_what_is_not_there(content: bytes, key: bytes) -> bytes:
    """Before signing: the page names object 900, which does not exist."""
    found = re.search(rb"/Kids \[ (\d+) 0 R", content)
    assert found is not None
    page = body_of(content, int(found[1])).rstrip()[:-2]
    if key == b"/Contents":
        old = number_of(content, b"Contents")
        page = page.replace(b"/Contents %d 0 R" % old, b"/Contents [ %d 0 R 900 0 R ]" % old)
        return appended(content, {int(found[1]): page + b">>"})
    return appended(content, {int(found[1]): page + key + b" 900 0 R >>"})


LATER = {
    b"/AA": b"<< /O << /S /JavaScript /JS (app.alert(1)) >> >>",
    b"/Contents": b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream",
    b"/AF": b"[ << /Type /Filespec /F (x) >> ]",
}


@pytest.mark.parametrize("key", LATER)
def test_what_the_signed_page_already_names_cannot_come_later(
    open_paper: bytes, pki: Pki, judge: Judge, key: bytes
) -> None:
    """A shadow attack by an object that is not there yet."""
    signed = sign(_naming_what_is_not_there(open_paper, key), identity(pki))
    assert judge(signed).verdict is Verdict.valid
    root, free = number_of(signed, b"Root"), max(size_of(signed), 901)
    store = {
        root: body_of(signed, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free,
        free: b"<< /Certs [ %d 0 R ] >>" % (free + 1),
        free + 1: b"<< /Length 1 >>\nstream\n0\nendstream",
    }
    assert judge(appended(signed, store)).verdict is Verdict.valid
    assert judge(appended(signed, store | {900: LATER[key]})).verdict is Verdict.altered


def _variants(body: bytes) -> Iterator[bytes]:
    """The same object with another key, or with nothing in it."""
    if body.endswith(b"endstream"):
        head, _, _ = body.partition(b"stream\n")
        plain = re.sub(rb"/Filter ?/\w+", b"", head)
        yield re.sub(rb"/Length \d+( 0 R)?", b"/Length 1", plain) + b"stream\n \nendstream"
    elif body.startswith(b"<<"):
        yield body.replace(b"<<", b"<< /Other true ", 1)
        yield b"<< >>"
    else:
        yield b"null"


def test_no_object_can_be_written_anew(signed: bytes, judge: Judge) -> None:
    """Each of the file's objects in turn, with evidence as the pretext."""
    root, free = number_of(signed, b"Root"), size_of(signed)
    numbers = {int(one) for one in re.findall(rb"(?:^|[\r\n])(\d+) 0 obj", signed)}
    assert len(numbers) > 10
    for number in numbers:
        for other in _variants(body_of(signed, number).strip()):
            objects = {root: body_of(signed, root), number: other}
            objects[root] = objects[root].rstrip()[:-2] + b"/DSS %d 0 R >>" % free
            objects[free] = b"<< /Certs [ %d 0 R ] >>" % (free + 1)
            objects[free + 1] = b"<< /Length 1 >>\nstream\n0\nendstream"
            content = appended(signed, objects)
            assert judge(content).verdict in REFUSED, (number, other[:60])


def _produced(writer: IncrementalPdfFileWriter) -> None:
    """What programs tell of themselves when they append."""
    said = {pdf_name("/Producer"): pdf_string("A program"), pdf_name("/ModDate"): pdf_string("D:1")}
    info = writer.trailer_view["/Info"] if "/Info" in writer.trailer_view else DictionaryObject()
    writer.set_info(DictionaryObject({**info, **said}))


def _newer(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/Version")] = pdf_name("/2.0")
    writer.update_root()


@pytest.mark.parametrize("change", [_produced, _newer])
def test_what_programs_write_of_themselves_is_no_change(
    signed: bytes, judge: Judge, change: Change
) -> None:
    assert judge(updated(signed, _with_evidence(change))).verdict is Verdict.valid


SAID = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:RDF>%s</rdf:RDF></x:xmpmeta>"""
ELEMENTS = b"""<rdf:Description rdf:about=""><xmp:CreateDate>2024-03-05T08:00:00Z</xmp:CreateDate>
</rdf:Description><rdf:Description rdf:about=""><dc:format>application/pdf</dc:format>
</rdf:Description>"""
ATTRIBUTES = b"""<rdf:Description rdf:about="" xmp:CreateDate="%s+07:00"
 dc:format="application/pdf">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
</rdf:Description>"""


def _signed_by_another(content: bytes, pki: Pki) -> bytes:
    """By a program that leaves metadata as they are."""
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    metadata = PdfSignatureMetadata(field_name="Other")
    PdfSigner(metadata, identity(pki).signer()).sign_pdf(writer, output=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("time", "title", "verdict"),
    [
        (b"2024-03-05T15:00:00", b"Old", Verdict.valid),
        (b"2024-03-05T15:00:00", b"New", Verdict.altered),
        (b"2024-03-06T15:00:00", b"Old", Verdict.altered),
    ],
)
def test_metadata_may_say_the_same_in_another_way(
    open_paper: bytes, pki: Pki, judge: Judge, time: bytes, title: bytes, verdict: Verdict
) -> None:
    """A second program writes attributes for elements, other zones, and the title of old."""
    number = number_of(open_paper, b"Metadata")

    def body(what: bytes) -> bytes:
        data = SAID % what
        return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (
            len(data),
            data,
        )

    info = size_of(open_paper)
    first = appended(
        open_paper,
        {info: b"<< /Title (Old) >>", number: body(ELEMENTS)},
        trailer=b"/Info %d 0 R" % info,
    )
    made = _signed_by_another(first, pki)
    assert judge(made).verdict is Verdict.valid
    root, free = number_of(made, b"Root"), size_of(made)
    objects = {
        root: body_of(made, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free,
        free: b"<< /Certs [ %d 0 R ] >>" % (free + 1),
        free + 1: b"<< /Length 1 >>\nstream\n0\nendstream",
        number: body(ATTRIBUTES % (time, title)),
    }
    judged = judge(appended(made, objects, trailer=b"/Info %d 0 R" % info))
    assert judged.verdict is verdict


@pytest.mark.parametrize(
    ("level", "role"), list(zip(Level, [SignerRole.seal, SignerRole.leader] * 2, strict=True))
)
def test_evidence_and_time_stamps_may_come_at_every_level(
    paper: bytes,
    pki: Pki,
    stranger: Pki,
    judge: Judge,
    tmp_path_factory: pytest.TempPathFactory,
    level: Level,
    role: SignerRole,
) -> None:
    place = tmp_path_factory.mktemp("level")
    (place / "source.pdf").write_bytes(paper)
    signer = Signer(pki, SigningOptions(agency="CƠ QUAN", level=level))
    try:
        path = signer.sign(place / "source.pdf", place / "signed.pdf", role=role).path
    finally:
        signer.close()
    content = path.read_bytes()
    more = BytesIO(content)
    DocumentSecurityStore.add_dss(more, sig_contents=None, certs=[stranger.certificate("root")])
    assert judge(more.getvalue()).verdict is Verdict.valid
    stamped = judge(_stamped(content, pki))
    assert stamped.verdict is Verdict.valid
    assert (stamped.signatures[0].level == "B-LTA") is (level not in {Level.b_b, Level.b_t})


def test_rights_of_use_are_no_signature_taken_away(
    open_paper: bytes, pki: Pki, judge: Judge
) -> None:
    """Acrobat's signature in no field, which lets its Reader save a form."""
    rights = b"<< /Type /Sig /ByteRange [ 0 %010d %010d 10 ] /Contents <00> /Reference [ %s ] >>"
    method = b"<< /Type /SigRef /TransformMethod /UR3 >>"
    root, free = number_of(open_paper, b"Root"), size_of(open_paper)
    catalogue = body_of(open_paper, root).rstrip()[:-2] + b"/Perms << /UR3 %d 0 R >> >>" % free
    first = appended(open_paper, {root: catalogue, free: rights % (0, 0, method)})
    at = first.index(b"/Contents <00>") + 10
    content = first.replace(b"[ 0 0000000000 0000000000", b"[ 0 %010d %010d" % (at, at + 4))
    assert judge(content).verdict is Verdict.unsigned
    assert judge(content.replace(b"/UR3", b"/XX3")).verdict is Verdict.altered
    assert judge(sign(content, identity(pki))).verdict is Verdict.valid
