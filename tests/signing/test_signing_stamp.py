"""Stamps: where nothing is, letters complete and as wide as they should be."""

import unicodedata
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ConfigurationError, MissingDependency
from signing import Pki, Signer, SignerRole, SigningOptions, Trust, verify
from signing.appearance.placement import EDGE, first_page, free_box
from signing.appearance.stamp import lay_out, wrap
from signing.appearance.typeface import find_font, load, vietnamese_letters
from signing.profiles import shipped_profiles

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
LONG = "ỦY BAN NHÂN DÂN XÃ NGÔ ĐỒNG HUYỆN TRƯỜNG GIANG THÀNH PHỐ HOÀNG YẾN"
AT = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).replace(microsecond=0)


def _ink(content: bytes, *, stamps: bool, scale: float = 2.0) -> np.ndarray:
    document = pdfium.PdfDocument(content)
    if stamps:
        document.init_forms()
    grey = document[0].render(scale=scale, grayscale=True, draw_annots=stamps).to_numpy()
    return grey.reshape(grey.shape[:2]) < 128


def _stamp(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of the page below the stamp, and pixels that the stamp added."""
    before, after = _ink(content, stamps=False), _ink(content, stamps=True)
    return before, after & ~before


def test_the_copy_signature_says_what_the_decree_asks() -> None:
    lines = shipped_profiles()["sao-y"].lines(agency=AGENCY, signer="", time=AT)
    assert lines == ("SAO Y", AGENCY, AT.isoformat())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("box", [None, [100, 50, 695, 892]])
def test_it_stands_upright_at_the_top_right_and_covers_nothing(
    tmp_path: Path,
    signer: Signer,
    trust: Trust,
    drawn: Callable[..., bytes],
    rotation: int,
    box: list[int] | None,
) -> None:
    source = tmp_path / "source.pdf"
    with pikepdf.open(BytesIO(drawn(12, top=60))) as document:
        document.pages[0].Rotate = rotation
        if box is not None:
            document.pages[0].MediaBox = box
            document.pages[0].CropBox = [box[0] + 5, box[1] + 5, box[2] - 5, box[3] - 5]
        document.save(source)
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal, at=AT)
    content = signed.path.read_bytes()
    assert verify(signed.path, trust).signatures[0].intact
    before, added = _stamp(content)
    rows, columns = np.nonzero(added)
    height, width = added.shape
    assert columns.max() > width - (EDGE + 4) * 2 and columns.min() > width * 0.4
    assert rows.max() < height * 0.42
    assert not before[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].any()
    assert columns.max() - columns.min() > 2 * (rows.max() - rows.min())  # lines lie level


def test_it_moves_away_from_what_stands_in_the_corner(
    tmp_path: Path, signer: Signer, drawn: Callable[..., bytes]
) -> None:
    source = tmp_path / "source.pdf"
    with pikepdf.open(BytesIO(drawn(3, top=100))) as document:
        square = pikepdf.Stream(document, b"q 0.2 g 395 722 180 100 re f Q")
        document.pages[0].contents_add(square)
        document.save(source)
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    before, added = _stamp(signed.path.read_bytes())
    rows, columns = np.nonzero(added)
    assert rows.size > 300
    assert not before[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].any()


def test_a_long_name_takes_more_lines_not_smaller_letters(
    tmp_path: Path, drawn: Callable[..., bytes]
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(drawn(5, top=60))
    typeface = load(find_font(None), vietnamese_letters())
    stamp = lay_out(["SAO Y", LONG, AT.isoformat()], typeface, first_page(source))
    assert stamp is not None and stamp.size == 10
    assert " ".join(stamp.lines[1:-1]) == LONG


def test_lines_are_as_wide_as_times_new_roman(
    tmp_path: Path, signer: Signer, drawn: Callable[..., bytes]
) -> None:
    """Fonts of 2048 units an em come out twice too wide where they are not scaled."""
    source = tmp_path / "source.pdf"
    source.write_bytes(drawn(5, top=60))
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal, at=AT)
    typeface = load(find_font(None), vietnamese_letters())
    expected = typeface.width(AGENCY, 10)
    assert expected == pytest.approx(184.6, abs=1.5)  # Times New Roman, measured once
    _, added = _stamp(signed.path.read_bytes())
    _, columns = np.nonzero(added)
    assert (columns.max() - columns.min()) / 2 == pytest.approx(expected, abs=2)


def test_widths_are_those_of_times_new_roman() -> None:
    typeface = load(find_font(None), vietnamese_letters())
    known = {"S": 556, "A": 722, "O": 722, "Y": 722, " ": 250, "0": 500, "Ư": 775, "ể": 444}
    for letter, width in known.items():
        assert typeface.width(letter, 1000) == pytest.approx(width, abs=55)
    for letter in "SAOY 0":
        assert typeface.width(letter, 1000) == pytest.approx(known[letter], abs=1)


def test_every_vietnamese_letter_has_a_glyph_and_ink(tmp_path: Path) -> None:
    letters = vietnamese_letters()
    for base in "AĂÂEÊIOÔƠUƯY":
        for mark in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"):
            for letter in (base, base.lower()):
                assert unicodedata.normalize("NFC", letter + mark) in letters
    typeface = load(find_font(None), letters)
    assert typeface.covers(letters)
    codes = [typeface.encode(letter) for letter in letters]
    assert len(set(codes)) == len(letters) and b"<0000>" not in codes


def test_the_text_can_be_copied(
    tmp_path: Path, signer: Signer, drawn: Callable[..., bytes]
) -> None:
    """By the font's own map: the appearance is drawn as a page of its own."""
    source = tmp_path / "source.pdf"
    source.write_bytes(drawn(5, top=60))
    signed = signer.sign(source, tmp_path / "out.pdf", role=SignerRole.clerk, at=AT)
    with pikepdf.open(signed.path) as document, pikepdf.new() as alone:
        form = alone.copy_foreign(document.pages[0].Annots[0].AP.N)
        page = alone.add_blank_page(page_size=(300, 60))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(S=form))
        page.Contents = pikepdf.Stream(alone, b"/S Do")
        out = BytesIO()
        alone.save(out)
    text = pdfium.PdfDocument(out.getvalue())[0].get_textpage().get_text_bounded()
    assert text.split("\r\n") == [
        "Số hóa: Cán bộ số hóa (chứng thư thử nghiệm)",
        AGENCY,
        AT.isoformat(),
    ]


@given(
    words=st.lists(st.text(alphabet="ỦYBANhòÂ", min_size=1, max_size=12), min_size=1, max_size=12),
    width=st.floats(30, 300),
)
def test_wrapping_keeps_every_word(words: list[str], width: float) -> None:
    typeface = load(find_font(None), vietnamese_letters())
    lines = wrap(" ".join(words), typeface, 10, width)
    assert " ".join(lines).split() == words
    assert all(typeface.width(line, 10) <= width or " " not in line for line in lines)


def test_places_prefer_the_first_size(tmp_path: Path, drawn: Callable[..., bytes]) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(drawn(1, top=150))
    found = free_box(first_page(path), [(1000.0, 10.0), (100.0, 30.0), (50.0, 10.0)])
    assert found is not None and found[0] == 1
    box = found[1]
    assert box[1] == pytest.approx(EDGE, abs=1) and box[2] == pytest.approx(595.28 - EDGE, abs=1.5)


def test_a_font_that_will_not_do_is_named(tmp_path: Path, pki: Pki) -> None:
    with pytest.raises(MissingDependency):
        find_font(tmp_path / "none.ttf")
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(b"no font")
    for options in (
        SigningOptions(agency=AGENCY, font=bad),
        SigningOptions(agency="ỦY BAN \u4e2d"),
    ):
        with pytest.raises(ConfigurationError):
            Signer(pki, options)
