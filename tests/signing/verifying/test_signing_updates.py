"""What is appended to a signed file: attacks are told, honest updates stay valid."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import (
    annotate,
    replace_page,
    updated,
)
from pdf_signing import identity, local_stamper, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


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
        replace_page,
        annotate,
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
    assert judge(updated(content, replace_page)).verdict in REFUSED
