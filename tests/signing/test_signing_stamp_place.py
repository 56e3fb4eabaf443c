"""The place told before signing is where the stamp then stands; no key is needed to tell it."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF

from signing import Signer, SignerRole, SigningOptions, stamp_place

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"


@pytest.mark.parametrize("top", [25, 60])
def test_the_stamp_stands_where_it_was_told(
    tmp_path: Path, signer: Signer, drawn: Callable[..., bytes], top: int
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(drawn(12, top=top))
    at = signer.sign(source, tmp_path / "signed.pdf", role=SignerRole.seal).path
    with pikepdf.open(BytesIO(at.read_bytes())) as document:
        page = document.pages[0]
        width, height = (float(side) for side in page.mediabox[2:])
        fields = [one for one in page.Annots if one.get("/FT") == "/Sig"]
        boxes = [[float(side) for side in one.Rect] for one in fields]
    (x0, y0, x1, y1), *_ = [box for box in boxes if box[0] < box[2]]
    options = SigningOptions(agency=AGENCY)
    told = stamp_place(source, options, datetime.now(UTC))
    assert told is not None
    stands = (x0 / width, 1 - y1 / height, x1 / width, 1 - y0 / height)
    assert told == pytest.approx(stands, abs=0.01)


def test_nothing_is_told_where_nothing_is_free(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt", format=(300, 300))
    pdf.add_page()
    pdf.set_fill_color(0, 0, 0)
    pdf.rect(0, 0, 300, 300, style="F")
    (tmp_path / "black.pdf").write_bytes(bytes(pdf.output()))
    options = SigningOptions(agency=AGENCY)
    assert stamp_place(tmp_path / "black.pdf", options, datetime.now(UTC)) is None
