"""A word stamped in red, aslant and in a frame, is found and read; drawn here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from prepared import font_of

from ocr.fields.acceptance import Policy, decide
from ocr.fields.calibration import load
from ocr.fields.context import Context
from ocr.fields.decree30.printed import Paper
from ocr.fields.decree30.stamps import _unframed, read_marks
from ocr.options import ReadingOptions
from schemas.document_type import document_type
from schemas.field import Field, FieldStatus
from schemas.page import PageKind, PageReading, Word


def page_with(path: Path, text: str, angle: float, colour: tuple[int, int, int]) -> PageReading:
    face = font_of(66, "Tinos-Bold.ttf")
    sheet = Image.new("RGB", (2480, 1400), (250, 248, 244))
    ink = Image.new("L", sheet.size, 0)
    draw = ImageDraw.Draw(ink)
    wide = draw.textlength(text, font=face)
    draw.rectangle([300, 700, 360 + wide, 810], outline=255, width=7)
    draw.text((330, 790), text, fill=255, font=face, anchor="ls")
    ink = ink.rotate(angle, center=(450, 755))
    sheet.paste(colour, (0, 0), ink)
    noise = np.random.default_rng(1).normal(0, 3, (1400, 2480, 3))
    Image.fromarray(np.clip(np.asarray(sheet) + noise, 0, 255).astype(np.uint8)).save(
        path, "JPEG", quality=85, dpi=(300, 300)
    )
    word = Word(text="x", box=(300, 30, 305, 40), confidence=0.9, line=0)
    return PageReading(
        number=1,
        width=2480 * 72 / 300,
        height=1400 * 72 / 300,
        dpi=300,
        rotation=0,
        skew=0.0,
        blank=False,
        kind=PageKind.scan,
        words=(word,),
        confidence=0.9,
    )


def marks(path: Path, page: PageReading) -> dict[str, Field]:
    spec = document_type("cong_van")
    assert spec is not None
    found = read_marks(Paper(Context(path, [page], (), ReadingOptions())), page, spec)
    policy = Policy(load().of("administrative"), 0.005)
    return {name: decide(one, policy, spec.field(name)) for name, one in found.items()}


@pytest.mark.parametrize(("text", "angle"), [("HỎA TỐC", 31.0), ("THƯỢNG KHẨN", -6.0)])
def test_a_red_stamp(tmp_path: Path, text: str, angle: float) -> None:
    path = tmp_path / "p.jpg"
    page = page_with(path, text, angle, (205, 30, 45))
    fields = marks(path, page)
    assert fields["urgency"].value == text
    assert fields["urgency"].box is not None
    assert fields["secrecy"].status is FieldStatus.missing


def test_a_stamp_in_a_scan_without_colours_is_found_by_its_frame(tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    page = page_with(path, "HỎA TỐC", 28.0, (105, 105, 105))
    Image.open(path).convert("L").save(path, "JPEG", quality=85, dpi=(300, 300))
    fields = marks(path, page)
    assert fields["urgency"].value == "HỎA TỐC"
    assert fields["urgency"].status is FieldStatus.accepted


def test_a_frame_around_no_row_of_letters_is_no_stamp() -> None:
    patch = np.full((200, 300), 255, np.uint8)
    patch[4:44, 20:60] = patch[150:190, 200:240] = 0
    assert (_unframed(patch) == patch).all()


def test_other_red_ink_is_no_stamp_of_urgency(tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    page = page_with(path, "CÔNG VĂN ĐẾN", 0.0, (205, 30, 45))
    fields = marks(path, page)
    assert {field.status for field in fields.values()} == {FieldStatus.missing}
