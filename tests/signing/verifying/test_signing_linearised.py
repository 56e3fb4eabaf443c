"""Linearised files: two cross-reference sections that are one revision (ISO 32000-2, annex F)."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from crafted_cms import crafted
from linearised_files import first_section, linearised, prepared_whole, second_section
from pdf_attacks import appended, body_of, number_of, updated
from pdf_signing import identity, local_stamper, sign
from pyhanko.pdf_utils.generic import StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore

from schemas.verdict import FileVerdict, Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, Trust, verify
from signing.validation.opening import open_pdf

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
EVIL = b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"


def _replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(StreamObject(stream_data=b"0 0 300 300 re f"))
    writer.update_container(page)


@pytest.fixture(scope="module", params=[False, True], ids=["tables", "streams"])
def form(request: pytest.FixtureRequest, paper: bytes) -> bytes:
    return linearised(paper, streams=request.param)


def test_both_sections_are_one_revision(form: bytes) -> None:
    assert first_section(form) < second_section(form)
    reader = open_pdf(BytesIO(form))
    assert reader.xrefs.total_revisions == 1
    info = reader.xrefs.get_xref_container_info(0)
    assert info.declared_startxref == first_section(form) < second_section(form) < info.end_location
    assert reader.get_historical_root(0)["/Pages"]["/Count"] == 1


def test_unsigned_and_signed_and_signed_again(form: bytes, pki: Pki, judge: Judge) -> None:
    """Evidence and a time stamp come after; a page that is replaced is told at each step."""
    assert judge(form).verdict is Verdict.unsigned
    once = sign(form, identity(pki))
    twice = sign(once, identity(pki, "leader"), field="Second", box=(300, 750, 400, 800))
    stream, out = BytesIO(twice), BytesIO()
    DocumentSecurityStore.add_dss(stream, sig_contents=None, certs=[pki.certificate("issuing")])
    stamper = PdfTimeStamper(local_stamper(pki))
    stamper.timestamp_pdf(IncrementalPdfFileWriter(stream), "sha256", output=out)
    for content in (once, twice, stream.getvalue(), out.getvalue()):
        verdict = judge(content)
        assert verdict.verdict is Verdict.valid
        assert all(one.intact for one in verdict.signatures)
        assert judge(updated(content, _replace_page)).verdict in REFUSED


@pytest.mark.parametrize("level", [Level.b_b, Level.b_lta])
def test_what_we_sign_is_valid(
    form: bytes, pki: Pki, trust: Trust, tmp_path: Path, level: Level
) -> None:
    (tmp_path / "form.pdf").write_bytes(form)
    signer = Signer(pki, SigningOptions(agency="CƠ QUAN", level=level))
    try:
        made = signer.sign(tmp_path / "form.pdf", tmp_path / "signed.pdf", role=SignerRole.seal)
    finally:
        signer.close()
    assert verify(made.path, trust).verdict is Verdict.valid


def test_signed_in_one_piece(paper: bytes, pki: Pki, judge: Judge) -> None:
    """The signature covers every byte; what comes after it is held against all of it."""
    whole = crafted(paper, identity(pki), prepare=prepared_whole)
    verdict = judge(whole)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].covers_whole_file
    again = judge(sign(whole, identity(pki, "leader"), field="Second"))
    assert again.verdict is Verdict.valid
    assert [one.intact for one in again.signatures] == [True, True]
    assert judge(updated(whole, _replace_page)).verdict in REFUSED
    page = re.search(rb"/Contents (\d+) 0 R", whole)
    assert page is not None
    for previous in (first_section(whole), second_section(whole)):
        evil = appended(whole, {int(page[1]): EVIL}, previous=previous)
        assert judge(evil).verdict in REFUSED


def test_what_covers_every_byte_is_not_altered(paper: bytes, pki: Pki, judge: Judge) -> None:
    """In whatever order the sections stand; and what follows is not cleared by that."""

    def prepare(content: bytes, kind: str) -> bytes:
        return prepared_whole(content, kind).replace(b"/Linearized 1", b"/Linearised 1")

    whole = crafted(paper, identity(pki), prepare=prepare)
    assert open_pdf(BytesIO(whole)).xrefs.total_revisions == 2
    assert judge(whole).verdict is Verdict.valid
    assert judge(updated(whole, _replace_page)).verdict in REFUSED


def test_an_update_that_passes_over_one_of_the_sections(
    form: bytes, pki: Pki, judge: Judge
) -> None:
    """What names the main section alone, or the first one, has not seen the signature."""
    signed = sign(form, identity(pki))
    number = number_of(body_of(signed, _page(signed)), b"Contents")
    for previous in (first_section(form), second_section(form)):
        evil = appended(signed, {number: EVIL}, previous=previous)
        assert judge(evil).verdict in REFUSED


def _page(signed: bytes) -> int:
    """The page, which the signature's field wrote anew in the open."""
    return number_of(signed, b"P")


def test_the_order_of_sections_alone_makes_none(paper: bytes) -> None:
    """A ``/Prev`` that leads forward is linearisation only where the file says so."""
    without = linearised(paper).replace(b"/Linearized 1", b"/Linearised 1")
    assert open_pdf(BytesIO(without)).xrefs.total_revisions == 2


def test_a_later_revision_is_not_taken_into_a_linearised_one(
    form: bytes, pki: Pki, judge: Judge
) -> None:
    """The word is signed, so an attacker has it; the sections behind it stay revisions."""
    signed = sign(form, identity(pki))
    reader = open_pdf(BytesIO(appended(signed, {number_of(signed, b"P"): b"<< >>"})))
    assert reader.xrefs.total_revisions == 3
