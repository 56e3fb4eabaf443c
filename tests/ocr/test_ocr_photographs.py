"""Photographs of papers: told from scans, found on any desk, laid flat, and said to be no good."""

import io
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from drawn_pages import A4, draw_page, saved, skewed
from numpy.typing import NDArray
from PIL import Image

from ocr import ReadingOptions, compose, inspect, read_page
from ocr.files.open_pages import open_page
from ocr.files.pdfpages import makeup
from ocr.files.photographed import pdf_page, picture_page
from ocr.photographs.light import light_of
from ocr.photographs.recognised import Said, glance, recognised
from ocr.values import FileKind
from schemas.manifest import TAKE_AGAIN
from schemas.page import PHOTOGRAPH, Shown
from training.benches.camera import Shot, corners, jpeg, photographed

OPTIONS = ReadingOptions()
Colour = NDArray[np.uint8]


@pytest.fixture(scope="module")
def page() -> Colour:
    """A drawn page in colours, 200 dpi."""
    return np.asarray(draw_page().image.convert("RGB"), np.uint8)[:, :, ::-1].copy()


def taken(path: Path, page: Colour, shot: Shot, seed: int = 1) -> Path:
    path.write_bytes(jpeg(photographed(page, shot, seed)))
    return path


DESKS = {
    "brown": (70, 95, 130),
    "grey": (150, 150, 150),
    "dark": (40, 45, 50),
    "bright": (205, 205, 205),
}
VIEWS = {
    "above": Shot(longer=1000),
    "below": Shot(longer=1000, tilt=24, side=-9, roll=5),
    "side": Shot(longer=1000, tilt=-6, side=20, roll=-4),
    "held": Shot(longer=1000, tilt=8, finger=True, beneath=True, roll=2),
}


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("view", VIEWS)
def test_the_sheet_is_found_on_any_desk(page: Colour, view: str, desk: str) -> None:
    shot = Shot(**{**vars(VIEWS[view]), "desk": DESKS[desk]})
    found = recognised(photographed(page, shot, 2), Said())
    assert found is not None and found.outline is not None and found.outline.whole
    assert np.abs(found.outline.corners - corners(210 / 297, shot)).max() < 0.01
    assert found.sheet.height / found.sheet.width == pytest.approx(297 / 210, rel=0.01)


def scans(page: Colour) -> dict[str, Colour]:
    """What a flatbed makes of it: askew, with the lid open, of old paper, with a dark gutter."""
    grey = Image.fromarray(page[:, :, 0])
    askew = np.asarray(skewed(grey, 3.0), np.uint8)
    bordered = np.full((page.shape[0] + 160, page.shape[1] + 120), 12, np.uint8)
    bordered[40:-120, 30:-90] = page[:, :, 0]
    lying = cv2.getRotationMatrix2D((bordered.shape[1] / 2, bordered.shape[0] / 2), 2.5, 1.0)
    wedged = cv2.warpAffine(bordered, lying, bordered.shape[::-1], borderValue=(12,))
    lid = np.full_like(bordered, 190)
    lid[40:-120, 30:-90] = page[:, :, 0]
    old = (page.astype(np.float32) * (0.72, 0.88, 0.95)).astype(np.uint8)
    across = np.linspace(0, 1, page.shape[1])[None, :, None]
    gutter = page * (1 - 0.5 * np.exp(-across * 25))
    lamp = page * (1 - 0.1 * across)
    grain = np.random.default_rng(1).normal(0, 5, page.shape)
    return {
        "plain": page,
        "askew": askew,
        "bordered": bordered,
        "wedged": np.asarray(wedged, np.uint8),
        "grey lid": lid,
        "old paper": old,
        "gutter": gutter.astype(np.uint8),
        "weak lamp": np.clip(lamp + grain, 0, 255).astype(np.uint8),
        "half a picture": np.vstack([page[:1200], (page[1200:] * 0.55).astype(np.uint8)]),
        "empty": np.full_like(page, 250),
    }


def test_a_scan_is_never_taken_for_a_photograph(page: Colour) -> None:
    for name, scan in scans(page).items():
        assert not glance(scan, Said()) or recognised(scan, Said()) is None, name


def test_a_scan_goes_through_untouched(tmp_path: Path) -> None:
    path = saved(draw_page().image, tmp_path / "scan.png")
    scan = picture_page(path, FileKind.png, 1, 200, OPTIONS)
    assert not scan.warnings
    assert np.array_equal(scan.grey, np.asarray(draw_page().image))


@pytest.mark.parametrize(
    ("make", "exposed", "told"),
    [("Apple", None, True), ("", 0.01, True), ("Canon", None, False), ("EPSON", None, False)],
)
def test_the_camera_is_told_by_what_scanners_do_not_write(
    tmp_path: Path, make: str, exposed: float | None, told: bool
) -> None:
    image = draw_page().image.convert("RGB")
    exif = image.getexif()
    exif[0x010F] = make
    if exposed is not None:
        exif.get_ifd(0x8769)[0x829A] = exposed
    image.save(tmp_path / "a.jpg", exif=exif)
    scan = picture_page(tmp_path / "a.jpg", FileKind.jpeg, 1, 200, OPTIONS)
    assert scan.photographed is told


def test_a_photograph_becomes_an_even_page_of_its_paper(tmp_path: Path, page: Colour) -> None:
    shot = Shot(longer=1700, tilt=20, side=8, roll=-3, shadow=0.5, desk=(60, 60, 60))
    path = taken(tmp_path / "a.jpg", page, shot)
    scan = picture_page(path, FileKind.jpeg, 1, 120, OPTIONS)
    assert scan.photographed
    assert (scan.width, scan.height) == pytest.approx(A4, rel=0.01)
    coloured = np.repeat(scan.grey[:, :, None], 3, axis=2)
    assert light_of(coloured).fall < 0.05
    truth = cv2.resize(page[:, :, 0], scan.grey.shape[::-1])
    inked, known = scan.grey < 150, truth < 150
    within = round(2 * 1.4 / 25.4 * scan.dpi) | 1  # millimetres, to either side
    near = cv2.dilate(known.astype(np.uint8), np.ones((within, within), np.uint8)) > 0
    assert (inked & near).sum() > 0.93 * inked.sum()


def test_words_fields_and_people_see_one_page(tmp_path: Path, page: Colour) -> None:
    """The sheet lies at one place, whatever the resolution asked for, upright as EXIF says."""
    shot = Shot(longer=1600, tilt=15, roll=3)
    turned = np.rot90(photographed(page, shot, 1))
    image = Image.fromarray(np.ascontiguousarray(turned[:, :, ::-1]))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif, quality=85)
    low = picture_page(tmp_path / "a.jpg", FileKind.jpeg, 1, 150, OPTIONS)
    size = (low.width, low.height)
    high = picture_page(tmp_path / "a.jpg", FileKind.jpeg, 1, 300, OPTIONS, size, True)
    assert low.height > low.width and (high.width, high.height) == size
    small = cv2.resize(high.grey, low.grey.shape[::-1], interpolation=cv2.INTER_AREA)
    assert float(cv2.absdiff(small, low.grey).mean()) < 4


def test_it_is_read_and_shown_straightened(tmp_path: Path, page: Colour) -> None:
    path = taken(tmp_path / "a.jpg", page, Shot(longer=2600, tilt=16, side=-7, roll=3))
    reading = read_page(path, 1, OPTIONS)
    assert PHOTOGRAPH in reading.warnings and not set(TAKE_AGAIN) & set(reading.warnings)
    text = " ".join(word.text for word in reading.words)
    assert "Thời hạn giải quyết là bảy ngày làm việc" in text
    made = compose(path, inspect(path, OPTIONS), [reading], tmp_path / "a.pdf", OPTIONS)
    assert made.shown == (Shown.straightened,) and not made.differing
    with pdfium.PdfDocument(tmp_path / "a.pdf") as pdf:
        drawn = np.asarray(pdf[0].render(scale=1).to_pil().convert("L"))
    word = next(word for word in reading.words if word.text == "Thời")
    x0, y0, x1, y1 = (round(value) for value in word.box)
    assert drawn[y0:y1, x0:x1].min() < 150 < drawn[y0 - 9 : y0 - 5, x0:x1].min()


def test_a_photograph_in_a_pdf_is_one_as_well(tmp_path: Path, page: Colour) -> None:
    image = Image.open(io.BytesIO(jpeg(photographed(page, Shot(longer=1400, tilt=12), 1))))
    image.save(tmp_path / "a.pdf", resolution=150)
    with open_page(tmp_path / "a.pdf", 1) as opened:
        scan = pdf_page(opened, makeup(opened, OPTIONS), 150, OPTIONS)
    assert scan.photographed and (scan.width, scan.height) == pytest.approx(A4, rel=0.01)
    reading = read_page(tmp_path / "a.pdf", 1, OPTIONS)
    inspection = inspect(tmp_path / "a.pdf", OPTIONS)
    made = compose(tmp_path / "a.pdf", inspection, [reading], tmp_path / "b.pdf", OPTIONS)
    assert made.shown == (Shown.straightened,) and not made.differing
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert [float(v) for v in pdf.pages[0].mediabox[2:]] == pytest.approx(A4, rel=0.01)


FAULTS = {
    "dark": Shot(longer=1600, light=0.16, noise=4),
    "blurred": Shot(longer=1600, blur=4.0),
    "cut_off": Shot(longer=1600, fill=1.45),
    "small": Shot(longer=1000),
}


@pytest.mark.parametrize("fault", [*FAULTS, None])
def test_what_is_wrong_with_a_photograph_is_said(
    tmp_path: Path, page: Colour, fault: str | None
) -> None:
    shot = FAULTS[fault] if fault else Shot(longer=1800, tilt=10)
    path = taken(tmp_path / "a.jpg", page, shot)
    scan = picture_page(path, FileKind.jpeg, 1, 200, OPTIONS)
    said = set(scan.warnings) & set(TAKE_AGAIN)
    assert scan.photographed
    assert (f"reading.photograph_{fault}" in said) if fault else not said
