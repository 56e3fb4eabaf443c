"""What a page looks like in the PDF/A when it is not kept byte for byte."""

import io
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
from drawn_pages import LINES, draw_page, saved, scan_pdf, stamp
from pikepdf import pdfa
from PIL import Image, ImageChops, ImageDraw

from ocr import Composed, ReadingOptions, compose, inspect, read_page
from schemas.page import PageReading, Shown

OPTIONS = ReadingOptions()
COMPACT = ReadingOptions(compact=True)


def colour_page(dpi: int = 200) -> Image.Image:
    """Black print, a red seal over a blue stroke, on paper with grain."""
    page = draw_page(dpi=dpi).image.convert("RGB")
    pen = ImageDraw.Draw(page)
    centre = [int(value * dpi) for value in (5.0, 8.0, 6.4, 9.4)]
    pen.line([int(4.6 * dpi), int(9 * dpi), int(7 * dpi), int(8.3 * dpi)], (30, 40, 160), dpi // 60)
    pen.ellipse(centre, outline=(200, 30, 40), width=dpi // 30)
    grain = np.random.default_rng(5).normal(0, 3, (page.height, page.width, 1))
    pixels = np.clip(np.asarray(page, np.float32) + grain, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def read_and_make(
    path: Path, out: Path, options: ReadingOptions
) -> tuple[list[PageReading], Composed]:
    inspection = inspect(path, options)
    readings = [read_page(path, number, options) for number in range(1, inspection.pages + 1)]
    composed = compose(path, inspection, readings, out, options)
    assert pdfa.validate_written(out, "2b").passed
    return readings, composed


def drawn(path: Path) -> Image.Image:
    with pypdfium2.PdfDocument(path) as pdf:
        return pdf[0].render(scale=100 / 72).to_pil().convert("RGB")


@pytest.mark.parametrize("kind", ["pdf", "jpg"])
def test_layers_are_small_and_look_the_same(tmp_path: Path, kind: str) -> None:
    page, path, out = colour_page(), tmp_path / f"a.{kind}", tmp_path / "out.pdf"
    if kind == "jpg":
        saved(page, path, quality=88)
    else:
        buffer = io.BytesIO()
        page.save(buffer, "JPEG", quality=88)
        with pikepdf.open(scan_pdf(tmp_path / "grey.pdf", page)) as pdf:
            picture = pdf.pages[0].obj.Resources.XObject.Im0
            picture.write(buffer.getvalue(), filter=pikepdf.Name.DCTDecode)
            picture.ColorSpace = pikepdf.Name.DeviceRGB
            pdf.save(path)
    (reading,), composed = read_and_make(path, out, COMPACT)
    assert composed.shown == (Shown.layered,)
    assert composed.warnings == ("reading.pages_layered",)
    assert out.stat().st_size < 0.35 * path.stat().st_size
    seen, truth = drawn(out), page.resize(drawn(out).size, Image.Resampling.BOX)
    assert float(np.asarray(ImageChops.difference(seen, truth)).mean()) < 4
    ring = np.asarray(seen)[870, 500:510].min(axis=0)
    assert ring[0] > ring[1] + 60, "the seal is red"
    with pdfplumber.open(out) as pdf:
        assert pdf.pages[0].extract_text().split() == [word.text for word in reading.words]


def test_signed_files_and_black_and_white_pages_stay_as_they_are(tmp_path: Path) -> None:
    page = draw_page(("Một dòng chữ",), dpi=100)
    plain = scan_pdf(tmp_path / "plain.pdf", page.image, dpi=100)
    signed = stamp(plain, tmp_path / "signed.pdf", ("Ký bởi: Đơn vị mẫu",))
    bits = saved(page.image.convert("1"), tmp_path / "bits.png", 100)
    for path in (signed, bits):
        _, composed = read_and_make(path, tmp_path / "out.pdf", COMPACT)
        assert composed.shown == (Shown.kept,)


@pytest.mark.parametrize("name", ["a.heic", "a.webp"])
def test_telephone_pictures_do_not_grow_without_bound(tmp_path: Path, name: str) -> None:
    page = colour_page(90)
    how = {"quality": 60}
    path, out = saved(page, tmp_path / name, 90, **how), tmp_path / "out.pdf"
    _, composed = read_and_make(path, out, OPTIONS)
    assert composed.shown == (Shown.recompressed,)
    assert composed.warnings == ("reading.pages_recompressed",)
    lossless = io.BytesIO()
    with Image.open(path) as original:
        rgb = original.convert("RGB")
    rgb.save(lossless, "PNG")
    assert out.stat().st_size < 0.7 * len(lossless.getvalue())
    with pikepdf.open(out) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        embedded = pikepdf.PdfImage(image).as_pil_image().convert("RGB")
    assert float(np.asarray(ImageChops.difference(embedded, rgb)).mean()) < 3


def test_a_jpeg_inside_a_tiff_is_taken_as_it_is(tmp_path: Path) -> None:
    page = draw_page(dpi=100).image
    path, out = tmp_path / "a.tif", tmp_path / "out.pdf"
    page.save(path, compression="jpeg", quality=70, dpi=(100, 100), tiffinfo={278: page.height})
    _, composed = read_and_make(path, out, OPTIONS)
    assert composed.shown == (Shown.kept,)
    with pikepdf.open(out) as pdf, Image.open(path) as original:
        (image,) = pdf.pages[0].get_images().values()
        assert image.Filter == pikepdf.Name.DCTDecode
        embedded = pikepdf.PdfImage(image).as_pil_image()
        assert np.array_equal(np.asarray(embedded), np.asarray(original))


@pytest.mark.parametrize("rotate", [0, 90])
def test_a_page_with_a_unit_of_its_own_has_its_true_size(tmp_path: Path, rotate: int) -> None:
    page = draw_page()
    path, out = tmp_path / "a.pdf", tmp_path / "out.pdf"
    image = page.image.rotate(rotate, expand=True)
    with pikepdf.open(scan_pdf(tmp_path / "small.pdf", image, dpi=800, rotate=rotate)) as pdf:
        pdf.pages[0].obj.UserUnit = 4
        pdf.save(path)
    (reading,), composed = read_and_make(path, out, OPTIONS)
    assert composed.shown == (Shown.kept,)
    assert (reading.width, reading.height) == pytest.approx((595.28, 841.89), abs=1)
    assert reading.dpi == pytest.approx(200, abs=1)
    assert " ".join(word.text for word in reading.words) == page.text
    with pdfplumber.open(out) as pdf:
        found = pdf.pages[0].extract_words()
    with pikepdf.open(out) as pdf:
        assert "/UserUnit" not in pdf.pages[0].obj
    assert [word["text"] for word in found] == [word.text for word in reading.words]
    first = reading.words[0].box
    assert (found[0]["x0"], found[0]["x1"]) == pytest.approx((first[0], first[2]), abs=2)
    shown = drawn(out)
    assert shown.size == pytest.approx((827, 1169), abs=2)
    truth = page.image.convert("RGB").resize(shown.size)
    assert float(np.asarray(ImageChops.difference(shown, truth)).mean()) < 3


def test_a_page_longer_than_pdfa_allows_is_made_smaller(tmp_path: Path) -> None:
    path, out = tmp_path / "a.pdf", tmp_path / "out.pdf"
    small = scan_pdf(tmp_path / "b.pdf", draw_page(LINES[:2], dpi=72).image, dpi=72)
    with pikepdf.open(small) as pdf:
        pdf.pages[0].obj.UserUnit = 30
        pdf.save(path)
    _, composed = read_and_make(path, out, OPTIONS)
    assert composed.shown == (Shown.kept,)
    with pikepdf.open(out) as pdf:
        assert max(float(value) for value in pdf.pages[0].obj.MediaBox) <= 14_400
