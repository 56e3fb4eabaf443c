"""A PDF/A that shows something else than its source is drawn anew, or put to a person."""

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import digital_pdf, draw_page, scan_pdf

from ocr import Composed, ReadingOptions, compose, inspect, likeness, read_page
from ocr.pdfa import compose as composing
from ocr.pdfa import fidelity
from ocr.pdfa.drawing import draw_sheet
from ocr.pdfa.sheets import OutputPage, keep_sheet
from schemas.manifest import PAGES_DIFFER, Manifest, Source
from schemas.page import Shown

OPTIONS = ReadingOptions()


def paper() -> np.ndarray:
    return np.full((421, 298, 3), 250, np.uint8)  # A4 at 36 dpi


def lined(*rows: int) -> np.ndarray:
    """Small print: lines of grey as print is at this resolution."""
    picture = paper()
    for row in rows:
        picture[row : row + 3, 40:250] = 190
    return picture


def test_the_same_is_alike() -> None:
    assert fidelity.compare(lined(50, 60), lined(50, 60), 36).alike
    softer = np.clip(lined(50, 60).astype(int) + 2, 0, 255).astype(np.uint8)
    assert fidelity.compare(lined(50, 60), softer, 36).alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lined(50, 60, 70), lined(50, 70)),  # a line is lost
        (lined(50, 70), lined(50, 60, 70)),  # a line is added
        (lined(50), lined(55)),  # a line is moved
        (paper(), np.full((421, 298, 3), 240, np.uint8)),  # another ground
        (paper(), paper()[:, ::-1, ::-1][:200]),  # another shape
    ],
)
def test_what_differs_is_found(one: np.ndarray, other: np.ndarray) -> None:
    assert not fidelity.compare(one, other, 36).alike


def test_colours_count() -> None:
    red, blue = paper(), paper()
    red[100:120, 100:120], blue[100:120, 100:120] = (200, 60, 60), (60, 60, 200)
    assert not fidelity.compare(red, blue, 36).alike


def losing(sheet: OutputPage | None) -> OutputPage | None:
    """The sheet without what it shows."""
    return None if sheet is None else OutputPage(
        media=sheet.media, rotation=sheet.rotation, content=b"", words=sheet.words,
        resources=sheet.resources, images=sheet.images, shown=sheet.shown,
    )  # fmt: skip


def composed(path: Path, out: Path, *, careful: bool = False) -> Composed:
    reading = read_page(path, 1, OPTIONS)
    return compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS, careful)


@pytest.fixture
def digital(tmp_path: Path) -> Path:
    return digital_pdf(tmp_path / "a.pdf")


def test_a_kept_page_that_lost_something_is_drawn(
    digital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "keep_sheet", lambda *a, **k: losing(keep_sheet(*a, **k)))
    made = composed(digital, tmp_path / "out.pdf")
    assert made == Composed(shown=(Shown.drawn,))
    assert likeness(digital, tmp_path / "out.pdf", read_page(digital, 1, OPTIONS)).alike


def test_a_page_that_cannot_be_shown_as_it_is_calls_a_person(
    digital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "keep_sheet", lambda *a, **k: losing(keep_sheet(*a, **k)))
    monkeypatch.setattr(composing, "draw_sheet", lambda *a, **k: losing(draw_sheet(*a, **k)))
    made = composed(digital, tmp_path / "out.pdf")
    assert made.differing == (1,)
    assert PAGES_DIFFER in made.warnings
    source = Source(name="a", sha256="0", bytes=1, media_type="application/pdf")
    manifest = Manifest(
        source=source, document_type=None, form_version=None, legal_basis=None, pages=(),
        fields={}, warnings=made.warnings,
    )  # fmt: skip
    assert manifest.needs_person()


def test_pages_that_nothing_was_drawn_of_call_a_person(digital: Path, tmp_path: Path) -> None:
    assert composed(digital, tmp_path / "out.pdf", careful=True).differing == (1,)


def test_a_scan_that_is_kept_is_not_drawn_to_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("compared")

    monkeypatch.setattr(fidelity, "_likeness", never)
    path = scan_pdf(tmp_path / "a.pdf", draw_page().image)
    assert composed(path, tmp_path / "out.pdf") == Composed(shown=(Shown.kept,))


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page_is_compared_as_it_is_seen(tmp_path: Path, rotate: int) -> None:
    path = scan_pdf(tmp_path / "a.pdf", draw_page().image, rotate=rotate, extra=b"0 0 90 9 re f")
    made = composed(path, tmp_path / "out.pdf")
    assert made == Composed(shown=(Shown.kept,))
