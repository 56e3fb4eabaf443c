"""Trailers, numbers of objects and metadata as programs that sign write them."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import Entry, appended, body_of, number_of, size_of
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from written_along import (
    dictionary,
    field_of,
    form_of,
    new_evidence,
    nothing,
    page_with,
    signed_along,
    stamped_along,
    stream,
)

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


STREAMS = b"/AdditionalStreams [ /application#2Fvnd.oasis.opendocument.text 977 0 R ]"


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
    assert judge(stamped_along(signed, pki, nothing)).verdict is Verdict.valid
    assert judge(sign(signed, identity(pki, "leader"), field="Second")).verdict is Verdict.valid
    more = new_evidence(signed) | {977: b"<< /S /JavaScript /JS (app.alert(1)) >>"}
    assert judge(appended(signed, more, trailer=STREAMS)).verdict in REFUSED


@pytest.mark.parametrize("as_what", ["field", "font", "look", "store"])
def test_what_a_page_names_cannot_come_as_part_of_a_signature(
    open_paper: bytes, pki: Pki, judge: Judge, as_what: str
) -> None:
    """The page opens with object 900, which is not there; the next signer brings it as his own."""
    first = signed_along(page_with(open_paper, b"/AA 900 0 R"), pki, nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    assert judge(signed_along(first, pki, nothing)).verdict is Verdict.valid
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
    store = new_evidence(signed)
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
    update = appended(signed, new_evidence(signed))
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
    signed = signed_along(out.getvalue(), pki, nothing, field="First")
    objects, info = new_evidence(signed), size_of(signed) + 5
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
    signed = signed_along(appended(open_paper, {number: broken}), pki, nothing, field="First")
    assert judge(signed).verdict is Verdict.valid
    assert judge(appended(signed, new_evidence(signed))).verdict is Verdict.valid
    evil = new_evidence(signed) | {number: broken.replace(b"<x:xmpmet", b"<y:xmpmet")}
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
    signed = signed_along(appended(open_paper, fields | {root: body}), pki, nothing, field="First")
    assert judge(signed).verdict is Verdict.valid
    verdict = judge(appended(signed, new_evidence(signed)))
    assert verdict.verdict is Verdict.intact_untrusted
    assert "not_understood" in verdict.signatures[0].findings
    assert verdict.signatures[0].intact
    content = number_of(open_paper, b"Contents")
    evil = new_evidence(signed) | {
        content: b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"
    }
    assert judge(appended(signed, evil)).verdict in REFUSED
