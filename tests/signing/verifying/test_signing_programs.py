"""What programs that sign write along: theirs to write, and no pretext for anything else.

PDFBox and EU DSS bring resources for the form, empty looks and Helvetica; Acrobat flags, dates and
numbers of free objects; iText and DocuSign the whole security store once more; LibreOffice keys of
the trailer. Each kind stands beside what an attacker would make of its being allowed.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import Change, appended, body_of, number_of
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NumberObject,
    pdf_date,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm
from written_along import (
    box,
    dictionary,
    field_of,
    form_of,
    helvetica,
    new_evidence,
    nothing,
    signed_along,
    stamped_along,
    stream,
)

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


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
    "nothing": nothing,
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
    first = signed_along(open_paper, pki, nothing, field="First")
    low = first.replace(b"/SigFlags 3", b"/SigFlags 1")
    assert low != first and judge(low).verdict is Verdict.altered  # it was signed
    evidence = new_evidence(first)
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
    first = signed_along(with_text, pki, nothing, field="First")
    assert judge(first).verdict is Verdict.valid
    verdict = judge(signed_along(first, pki, change)).verdict
    assert verdict is Verdict.valid if honest else verdict in REFUSED
