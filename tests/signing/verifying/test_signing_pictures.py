"""Pages as they look: what a second reader sees of every signed revision."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pdf_attacks import updated
from pdf_signing import identity, sign
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import (
    AxisAlignment,
    BoxConstraints,
    InnerScaling,
    SimpleBoxLayoutRule,
)
from pyhanko.stamp import StaticStampStyle, TextStampStyle

from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify
from signing.validation import pictures
from signing.validation.drawing import PROCESS
from signing.validation.pictures import Revision, differences

TEXT = (90, 600, 500, 780)
"""Where the paper's first lines stand."""
FREE = (300, 40, 550, 100)
"""Where nothing stands."""


def _painted(paint: bytes) -> StaticStampStyle:
    """A signature's picture drawn by hand; it fills the field."""
    picture = RawContent(paint, box=BoxConstraints(400, 180))
    whole = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID,
        y_align=AxisAlignment.ALIGN_MID,
        inner_content_scaling=InnerScaling.STRETCH_FILL,
    )
    return StaticStampStyle(
        background=picture, background_opacity=1.0, border_width=0, background_layout=whole
    )


def _shown(path: Path, *revisions: Revision) -> tuple[str, ...]:
    with path.open("rb") as stream:
        return differences(stream, revisions)


def _blacken(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(StreamObject(stream_data=b"0 0 9 9 re f"))
    writer.update_container(page)


def test_a_page_that_changed_is_seen(open_paper: bytes, pki: Pki, tmp_path: Path) -> None:
    signed = sign(open_paper, identity(pki))
    path = tmp_path / "file.pdf"
    path.write_bytes(updated(signed, _blacken))
    assert _shown(path, Revision(len(signed), ())) == ("looks_different",)
    path.write_bytes(sign(signed, identity(pki), field="Second"))
    assert _shown(path, Revision(len(signed), ())) == ()


def test_a_later_picture_is_taken_only_where_its_field_is(
    open_paper: bytes, pki: Pki, tmp_path: Path
) -> None:
    signed = sign(open_paper, identity(pki))
    path = tmp_path / "file.pdf"
    path.write_bytes(sign(signed, identity(pki), field="Số 2", box=FREE))
    assert _shown(path, Revision(len(signed), ("Số 2",))) == ()
    assert _shown(path, Revision(len(signed), ("Other",))) == ("looks_different",)


@pytest.mark.parametrize("paint", [b"1 g 0 0 400 180 re f", b"0 g 0 0 400 180 re f"])
def test_a_trusted_signer_may_not_cover_the_page(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], paint: bytes
) -> None:
    """Sneaky signature attack by somebody with a good certificate, after an approval."""
    signed = sign(open_paper, identity(pki))
    style = _painted(paint)
    over = sign(signed, identity(pki, "leader"), field="B", box=TEXT, style=style)
    verdict = judge(over)
    assert verdict.verdict is Verdict.altered
    assert "covers_page" in verdict.signatures[0].findings
    beside = sign(signed, identity(pki, "leader"), field="B", box=FREE, style=style)
    assert judge(beside).verdict is Verdict.valid


def test_a_picture_that_lets_the_text_through_is_no_attack(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """As most programs draw signatures, and as a seal lies over a line."""
    signed = sign(open_paper, identity(pki))
    style = TextStampStyle(background=None)
    assert (
        judge(sign(signed, identity(pki, "leader"), field="B", box=TEXT, style=style)).verdict
        is Verdict.valid
    )


FIGURES = b"""q BT /Fz 12 Tf 300 100 Td (1.000.000) Tj 0 -30 Td 0.6 g (not before May) Tj
0 g 0 -20 Td /Fz 8 Tf (1000) Tj ET Q"""


@pytest.fixture(scope="module")
def figures(open_paper: bytes, pki: Pki) -> bytes:
    """Signed: an amount, something pale, and something small."""
    out = BytesIO()
    with pikepdf.open(BytesIO(open_paper)) as document:
        page = document.pages[0]
        page.contents_add(FIGURES)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        names = {key: pikepdf.Name(value) for key, value in font.items()}
        page.Resources.Font[pikepdf.Name("/Fz")] = document.make_indirect(pikepdf.Dictionary(names))
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return sign(out.getvalue(), identity(pki))


@pytest.mark.parametrize(
    "box",
    [(306, 98, 310, 103), (298, 66, 390, 82), (300, 48, 305, 57), (314, 98, 321, 110)],
    ids=["a full stop", "what is pale", "a small figure", "a figure"],
)
@pytest.mark.parametrize("paint", [b"1 g 0 0 400 180 re f", b"0.9 0.95 1 rg 0 0 400 180 re f"])
def test_not_even_a_full_stop_may_be_erased(
    figures: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    box: tuple[int, int, int, int],
    paint: bytes,
) -> None:
    over = sign(figures, identity(pki, "leader"), field="B", box=box, style=_painted(paint))
    assert judge(over).verdict is Verdict.altered


def test_nor_what_an_earlier_signature_shows(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    signed = sign(open_paper, identity(pki), box=FREE, style=TextStampStyle(background=None))
    white = _painted(b"1 g 0 0 400 180 re f")
    over = sign(signed, identity(pki, "leader"), field="B", box=FREE, style=white)
    assert judge(over).verdict is Verdict.altered


@pytest.mark.parametrize(
    "paint",
    [
        b"0.9 0 0 RG 6 w 20 20 360 140 re S 0 90 m 400 90 l S",
        b"0 0 1 RG 12 w 0 0 m 400 180 l S 0 180 m 400 0 l S",
    ],
    ids=["a red seal", "a blue pen"],
)
def test_strokes_over_letters_erase_nothing(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict], paint: bytes
) -> None:
    """Though they hide full stops and the marks of letters."""
    signed = sign(open_paper, identity(pki))
    over = sign(signed, identity(pki, "leader"), field="B", box=TEXT, style=_painted(paint))
    assert judge(over).verdict is Verdict.valid


@pytest.mark.parametrize("limit", ["MEMORY", "SECONDS"])
def test_what_cannot_be_compared_is_not_valid(
    sealed_bytes: bytes,
    tmp_path: Path,
    trust: Trust,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    monkeypatch.setattr(pictures, limit, 20 << 20 if limit == "MEMORY" else 0)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    verdict = verify(path, trust)
    assert verdict.verdict is Verdict.intact_untrusted
    assert "not_compared" in verdict.signatures[0].findings


def test_what_harms_one_file_harms_no_other(
    sealed_bytes: bytes, tmp_path: Path, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process draws all of them, in copies; it is started again where it was killed."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    assert verify(path, trust).verdict is Verdict.valid
    first = PROCESS._process
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "MEMORY", 20 << 20)
        assert "not_compared" in verify(path, trust).signatures[0].findings
    assert verify(path, trust).verdict is Verdict.valid
    assert first is not None and PROCESS._process is first
    first.kill()
    first.wait()
    assert verify(path, trust).verdict is Verdict.valid
    assert PROCESS._process is not first


def test_a_copy_of_the_asking_process_has_its_own(
    sealed_bytes: bytes, tmp_path: Path, trust: Trust
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    assert verify(path, trust).verdict is Verdict.valid
    answered, answer = os.pipe()
    if not (child := os.fork()):
        try:
            known = PROCESS._process is None and verify(path, trust).verdict is Verdict.valid
            os.write(answer, b"1" if known else b"0")
            PROCESS.close()
        finally:
            os._exit(0)
    os.close(answer)
    with os.fdopen(answered, "rb") as pipe:
        assert pipe.read() == b"1"
    os.waitpid(child, 0)
    assert verify(path, trust).verdict is Verdict.valid


def test_a_long_document_is_compared_in_part(
    sealed_bytes: bytes,
    open_paper: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Enough where only evidence follows the signature, not where others signed after it."""
    monkeypatch.setattr(pictures, "PAGES", 0)
    verdict = judge(sealed_bytes)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].findings == ("partly_compared",)
    twice = sign(sign(open_paper, identity(pki)), identity(pki), field="B", box=FREE)
    assert judge(twice).verdict is Verdict.intact_untrusted


def test_the_whole_file_signed_needs_no_pictures(
    open_paper: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "MEMORY", 1)
    assert judge(sign(open_paper, identity(pki))).verdict is Verdict.valid
