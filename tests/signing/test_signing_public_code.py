"""The public code on paper: for telephones and for people, over nothing that stands there."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp

from schemas.public_code import grouped
from schemas.verdict import Verdict
from signing import Pki, Signer, SigningOptions, Trust, qr_code, verify
from signing.appearance.check_marks import check_marks
from signing.profiles import shipped_profiles

CODE = "0123456789ABCDEFGHJKMNPQRS"
PAGE = "https://sohoa.hoasen.example/check/"
OTHER = "https://hotich.example/?so=1"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture(scope="module")
def checked(pki: Pki) -> Iterator[Signer]:
    made = Signer(pki, SigningOptions(agency="ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN", check_page=PAGE))
    yield made
    made.close()


def seen(path: Path) -> np.ndarray:
    """The first page as printed, at 300 dpi, grey."""
    document = pdfium.PdfDocument(path)
    document.init_forms()
    grey = document[0].render(scale=300 / 72, grayscale=True, may_draw_forms=True).to_numpy()
    document.close()
    return grey.reshape(grey.shape[:2]).copy()


def read(path: Path) -> set[str]:
    return {one.text for one in zxingcpp.read_barcodes(seen(path))}


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("apart", [False, True])
def test_it_is_beside_the_lines_or_where_there_is_room(
    checked: Signer,
    trust: Trust,
    tmp_path: Path,
    drawn: Callable[..., bytes],
    apart: bool,
    rotation: int,
) -> None:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    with pikepdf.open(BytesIO(drawn(12, top=90))) as document:
        other = qr_code(OTHER).operators(400.0, 40.0, 70.0)
        document.pages[0].contents_add(pikepdf.Stream(document, b"q 0 g " + other + b" Q"))
        if apart:  # a head that leaves two lines of room above
            head = b"230 600 348 198" if rotation == 0 else b"44 290 200 545"
            head = b"q 0 g " + head + b" re f Q"
            document.pages[0].contents_add(pikepdf.Stream(document, head))
        document.pages[0].Rotate = rotation
        document.save(source)
    checked.sign(source, out, reference="H17-261124-0001/result-001", public_code=CODE)
    assert verify(out, trust).verdict is Verdict.valid
    assert read(source) == {OTHER}
    assert read(out) == {OTHER, PAGE + CODE}
    before, after = seen(source), seen(out)
    assert (after[before < 128] < 128).all(), "nothing that stood there is gone"
    assert np.count_nonzero((after < 128) & (before >= 128)) > 5000
    with pikepdf.open(out) as document:
        kinds = [str(one.Subtype) for one in document.pages[0].Annots]
    assert kinds.count("/Stamp") == int(apart)


def test_without_a_code_or_a_page_nothing_leads_anywhere() -> None:
    profile = shipped_profiles()["sao-y"]
    plain = profile.lines(agency="A", signer="", time=AT)
    code, words = check_marks(profile, PAGE, CODE)
    assert code == qr_code(PAGE + CODE) and words is not None
    assert profile.lines(agency="A", signer="", time=AT, check=words) == (
        *plain, "Kiểm tra: sohoa.hoasen.example/check", f"Mã: {grouped(CODE)}"
    )  # fmt: skip
    assert check_marks(profile, None, CODE) == (None, None)
    assert check_marks(profile, PAGE, None, "x/1") == (qr_code(PAGE + "x%2F1"), None)
    assert check_marks(shipped_profiles()["component"], PAGE, CODE)[0] is None
    outside = check_marks(profile, "https://tra.example/vb?ma={reference}&x=1", CODE)
    assert outside[0] == qr_code(f"https://tra.example/vb?ma={CODE}&x=1")
    assert outside[1] is not None and outside[1].page == "tra.example/vb"
