"""Pages as they look: what a second reader sees of every signed revision."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pdf_attacks import updated
from pdf_signing import identity, sign
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.stamp import StaticStampStyle, TextStampStyle

from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Trust, verify
from signing.verdicts import pictures
from signing.verdicts.pictures import Revision, differences

TEXT = (90, 600, 500, 780)
"""Where the paper's first lines stand."""
FREE = (300, 40, 550, 100)
"""Where nothing stands."""


def _painted(paint: bytes) -> StaticStampStyle:
    """A signature's picture drawn by hand; 400 points wide, 180 high."""
    picture = RawContent(paint, box=BoxConstraints(400, 180))
    return StaticStampStyle(background=picture, background_opacity=1.0, border_width=0)


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
