"""TIFF files as programs write them: thumbnails, masks, compressions that few read."""

import contextlib
import io
import struct
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from drawn_pages import LINES, character_error, draw_page
from pikepdf import pdfa
from PIL import Image, TiffImagePlugin

from ocr import ReadingOptions, complete, compose, cut, inspect, read_page
from ocr.files.tiff import TiffFrame, pages
from ocr.files.unread import size_of
from schemas.errors import InputRejected
from schemas.page import Shown

OPTIONS = ReadingOptions()
NEW_SUBFILE, OLD_SUBFILE = 254, 255


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return draw_page(dpi=200).image


def written(path: Path, frames: Sequence[tuple[Image.Image, dict[int, int]]]) -> Path:
    with TiffImagePlugin.AppendingTiffWriter(path, new=True) as writer:
        for image, tags in frames:
            image.save(writer, "TIFF", tiffinfo={282: 200, 283: 200, 296: 2, **tags})
            writer.newFrame()
    return path


def mask_of(page: Image.Image) -> Image.Image:
    return page.convert("1")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("tags", [{NEW_SUBFILE: 1}, {OLD_SUBFILE: 2}, {NEW_SUBFILE: 4}])
def test_thumbnails_and_masks_are_no_pages(
    tmp_path: Path, page: Image.Image, tags: dict[int, int], before: bool
) -> None:
    other = mask_of(page) if tags == {NEW_SUBFILE: 4} else page.resize((120, 170))
    frames = [(page, {}), (other, tags)]
    path = written(tmp_path / "a.tif", frames[::-1] if before else frames)
    assert inspect(path, OPTIONS).pages == 1
    reading = read_page(path, 1, OPTIONS)
    assert character_error(" ".join(w.text for w in reading.words), " ".join(LINES)) < 0.02
    assert size_of(path, 1) == pytest.approx((595, 842), rel=0.01)
    compose(path, inspect(path, OPTIONS), [reading], tmp_path / "a.pdf", OPTIONS)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as pdf:
        assert len(pdf) == 1
        assert pdf[0].render(scale=1).to_pil().convert("L").getextrema()[0] < 100


def test_the_pages_between_thumbnails_are_cut_out(tmp_path: Path, page: Image.Image) -> None:
    small, tags = page.resize((120, 170)), {NEW_SUBFILE: 1}
    shades = [Image.new("L", (1654, 2338), 40 * n) for n in range(1, 4)]
    frames = [frame for shade in shades for frame in ((small, tags), (shade, {NEW_SUBFILE: 2}))]
    path = written(tmp_path / "a.tif", frames)
    assert inspect(path, OPTIONS).pages == 3
    cut(path, [2, 3], tmp_path / "cut.tif")
    with Image.open(tmp_path / "cut.tif") as made:
        assert made.n_frames == 2  # type: ignore[attr-defined]
        assert made.getpixel((5, 5)) == 80
    with pytest.raises(InputRejected):
        cut(path, [4], tmp_path / "none.tif")


def frame(width: int, height: int, **more: bool) -> TiffFrame:
    return TiffFrame(width, height, 0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frames", "kept"),
    [
        ([frame(100, 140, reduced=True)], 1),  # all there is
        ([frame(1654, 2338), frame(1654, 2338, reduced=True)], 2),  # as large: a page
        ([frame(1654, 2338), frame(827, 1169, reduced=True)], 1),  # of a pyramid
        ([frame(1654, 2338), frame(1600, 1000, reduced=True)], 2),  # another shape
        ([frame(1654, 2338), frame(160, 160, reduced=True)], 1),
        ([frame(1654, 2338), frame(100, 140)], 2),  # nobody says that it is a copy
        ([frame(100, 140, reduced=True), frame(1654, 2338, mask=True)], 2),
    ],
)
def test_no_page_is_lost_to_a_mark(frames: list[TiffFrame], kept: int) -> None:
    assert len(pages(frames)) == kept


def strip(image: Image.Image, codec: str) -> bytes:
    buffer = io.BytesIO()
    more = {"no_jp2": True} if codec == "JPEG2000" else {"quality": 90}
    image.save(buffer, codec, **more)
    return buffer.getvalue()


def in_strips(path: Path, image: Image.Image, codec: str, number: int, rows: int) -> Path:
    """A TIFF whose strips are pictures of their own, which Pillow does not write."""
    parts = [
        strip(image.crop((0, y, image.width, min(y + rows, image.height))), codec)
        for y in range(0, image.height, rows)
    ]
    at, starts = 8, []
    for part in parts:
        starts.append(at)
        at += len(part) + len(part) % 2
    lists = at
    channels = len(image.getbands())
    body = b"".join(part + b"\0" * (len(part) % 2) for part in parts)
    body += struct.pack(f"<{len(parts)}I", *starts)
    body += struct.pack(f"<{len(parts)}I", *map(len, parts))
    ratio = lists + 8 * len(parts)
    body += struct.pack("<II", 200, 1)
    many = len(parts) > 1
    tags = [
        (256, 4, 1, image.width), (257, 4, 1, image.height), (259, 4, 1, number),
        (262, 4, 1, 2 if channels == 3 else 1),
        (273, 4, len(parts), lists if many else starts[0]), (277, 4, 1, channels),
        (278, 4, 1, rows),
        (279, 4, len(parts), lists + 4 * len(parts) if many else len(parts[0])),
        (282, 5, 1, ratio), (283, 5, 1, ratio), (296, 4, 1, 2),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<I", ratio + 8)
    path.write_bytes(head + body + directory + bytes(4))
    return path


@pytest.mark.parametrize(
    ("codec", "number", "mode", "rows"),
    [("JPEG2000", 34712, "L", 4_000), ("JPEG2000", 33005, "RGB", 600), ("WEBP", 50001, "RGB", 512)],
)
def test_jpeg_2000_and_webp_in_a_tiff_are_read(
    tmp_path: Path, page: Image.Image, codec: str, number: int, mode: str, rows: int
) -> None:
    rows = min(rows, page.height)
    path = in_strips(tmp_path / "a.tif", page.convert(mode), codec, number, rows)
    assert complete(path)
    reading = read_page(path, 1, OPTIONS)
    assert character_error(" ".join(w.text for w in reading.words), " ".join(LINES)) < 0.02
    assert (reading.width, reading.height) == pytest.approx((595, 842), rel=0.01)
    made = compose(path, inspect(path, OPTIONS), [reading], tmp_path / "a.pdf", OPTIONS)
    assert made.shown == (Shown.recompressed,)
    assert pdfa.validate_written(tmp_path / "a.pdf", "2b").passed
    with pytest.raises(InputRejected, match="pixels"):
        inspect(path, ReadingOptions(max_pixels=1_000_000))


@pytest.mark.parametrize("number", [34887, 40_000, 65_000])
def test_another_compression_is_named(tmp_path: Path, page: Image.Image, number: int) -> None:
    path = in_strips(tmp_path / "a.tif", page, "JPEG2000", number, page.height)
    with pytest.raises(InputRejected) as caught:
        inspect(path, OPTIONS)
    assert caught.value.code == "reading.tiff_compression"
    assert str(number) in str(caught.value)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_cut_strip_is_an_outcome(tmp_path: Path, page: Image.Image, share: float) -> None:
    path = in_strips(tmp_path / "a.tif", page.convert("RGB"), "WEBP", 50001, 512)
    data = bytearray(path.read_bytes())
    at = int(share * len(data))
    data[at : at + 300] = bytes(300)
    path.write_bytes(data)
    with contextlib.suppress(InputRejected):
        read_page(path, 1, OPTIONS)
