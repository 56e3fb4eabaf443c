"""Pictures of unusual depth, compression, orientation, masks: read and shown as they are."""

import io
import struct
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from drawn_pages import draw_page
from numpy.typing import NDArray
from pikepdf import pdfa
from PIL import Image

from ocr import ReadingOptions, compose, inspect, page_image
from ocr.pdfa.tiff_jpeg import joined
from schemas.page import PageKind, PageReading, Shown

OPTIONS = ReadingOptions()
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright picture is stored that an orientation sets upright again."""


@pytest.fixture(scope="module")
def page() -> Image.Image:
    grey = np.asarray(draw_page(dpi=100).image.convert("L"), np.float32)
    grain = np.random.default_rng(7).normal(-6, 2, grey.shape)
    return Image.fromarray(np.clip(grey + grain, 0, 255).astype(np.uint8))


def shown_and_read(
    path: Path, out: Path, *, compact: bool = False
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Shown]:
    """The page of the PDF/A and the picture that is read, both in grey at 100 dpi."""
    options = ReadingOptions(compact=compact)
    seen = page_image(path, 1, 0, 100, options)
    reading = PageReading(
        number=1, width=seen.shape[1] * 0.72, height=seen.shape[0] * 0.72, dpi=100, rotation=0,
        skew=0, blank=False, kind=PageKind.scan, words=(), confidence=1,
    )  # fmt: skip
    composed = compose(path, inspect(path, options), [reading], out, options)
    assert pdfa.validate_written(out, "2b").passed
    with pypdfium2.PdfDocument(out) as pdf:
        drawn = pdf[0].render(scale=100 / 72).to_pil().convert("L").resize(seen.shape[::-1])
    return np.asarray(drawn, np.uint8), seen, composed.shown[0]


def unlike(one: NDArray[np.uint8], other: NDArray[np.uint8] | Image.Image) -> float:
    return float(np.abs(one.astype(int) - np.asarray(other, np.uint8).astype(int)).mean())


@pytest.mark.parametrize(
    ("depth", "compact"),
    [("16", False), ("16", True), ("12 in 16", False), ("32", False), ("float of 1", True),
     ("float of 255", False), ("white 0", False), ("white 0", True)],
)  # fmt: skip
def test_deep_pictures_are_not_cut_off(
    tmp_path: Path, page: Image.Image, depth: str, compact: bool
) -> None:
    grey = np.asarray(page).astype(np.float32)
    deep = {
        "16": (grey * 257).astype(np.uint16),
        "12 in 16": (grey * 16).astype(np.uint16),
        "32": (grey * 257).astype(np.int32),
        "float of 1": grey / 255,
        "float of 255": grey,
        "white 0": 65_535 - (grey * 257).astype(np.uint16),
    }[depth]
    path = tmp_path / "a.tif"
    tags = {262: 0} if depth == "white 0" else {}
    Image.fromarray(deep).save(path, dpi=(100, 100), tiffinfo=tags)
    drawn, seen, shown = shown_and_read(path, tmp_path / "a.pdf", compact=compact)
    assert shown is (Shown.layered if compact else Shown.kept)
    assert unlike(seen, page) < 1
    assert unlike(drawn, page) < 4


@pytest.mark.parametrize("compact", [False, True])
def test_what_is_transparent_is_paper(tmp_path: Path, page: Image.Image, compact: bool) -> None:
    path = tmp_path / "a.png"
    ink = page.point([255 - value for value in range(256)])
    Image.merge("LA", [Image.new("L", page.size, 0), ink]).save(path, dpi=(100, 100))
    drawn, seen, _ = shown_and_read(path, tmp_path / "a.pdf", compact=compact)
    assert unlike(seen, page) < 1
    assert unlike(drawn, page) < 4


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize(
    ("orientation", "mode", "compression"),
    [(2, "L", "tiff_lzw"), (3, "I;16", "raw"), (6, "L", "raw"), (8, "RGB", "jpeg")],
)
def test_a_tiff_is_set_upright(
    tmp_path: Path, page: Image.Image, orientation: int, mode: str, compression: str, compact: bool
) -> None:
    stored = page.transpose(TURNS[orientation])
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(stored).astype(np.uint16) * 257)
    elif mode == "RGB":
        stored = stored.convert("RGB")
    path = tmp_path / "a.tif"
    stored.save(path, compression=compression, dpi=(100, 100), tiffinfo={274: orientation})
    drawn, seen, _ = shown_and_read(path, tmp_path / "a.pdf", compact=compact)
    assert unlike(seen, page) < 2
    assert unlike(drawn, page) < 5


@pytest.mark.parametrize("mode", ["L", "RGB", "YCbCr"])
def test_strips_of_a_jpeg_are_joined_and_not_encoded_anew(
    tmp_path: Path, page: Image.Image, mode: str
) -> None:
    path, out = tmp_path / "a.tif", tmp_path / "a.pdf"
    coloured = page.convert("RGB")
    coloured.paste((200, 30, 40), (300, 500, 420, 620))
    coloured.convert(mode).save(path, compression="jpeg", quality=80, dpi=(100, 100))
    with Image.open(path) as tiff:
        offsets, counts = tiff.tag_v2[273], tiff.tag_v2[279]  # type: ignore[attr-defined]
        upright = tiff.convert("RGB")
    drawn, _, shown = shown_and_read(path, out)
    assert shown is Shown.kept
    assert unlike(drawn, upright.convert("L")) < 4
    with pikepdf.open(out) as pdf:
        data = pdf.pages[0].obj.Resources.XObject.Page.read_raw_bytes()
    assert len(offsets) > 9
    whole = path.read_bytes()
    for offset, count in zip(offsets, counts, strict=True):
        strip = whole[offset : offset + count]
        scan = strip.index(b"\xff\xda") + 2
        assert strip[scan + int.from_bytes(strip[scan : scan + 2]) : -2] in data
    with Image.open(io.BytesIO(data)) as jpeg:
        assert jpeg.size == upright.size
        assert unlike(np.asarray(jpeg.convert("RGB")), upright) < 1


def test_strips_that_are_no_simple_jpegs_are_not_joined(page: Image.Image) -> None:
    def jpeg(height: int, **how: object) -> bytes:
        buffer = io.BytesIO()
        page.crop((0, 0, page.width, height)).save(buffer, "JPEG", **how)
        return buffer.getvalue()

    simple = jpeg(64)
    assert joined([simple, simple], b"", 128) is not None
    for strips in (
        [simple, jpeg(64, quality=20)],
        [jpeg(60), simple],
        [simple, simple, simple],
        [jpeg(64, progressive=True)],
        [simple[:40]],
        [b"", simple],
        [],
    ):
        assert joined(strips, b"", 128) is None
    assert joined([simple], b"\xff\xd8\xff\xdb\x00\x43\xff\xd9", 64) is None


def picture_page(path: Path, grey: Image.Image, before: bytes = b"", **keys: Image.Image) -> Path:
    """A page that is one picture of 100 dpi; ``keys`` are pictures in its dictionary."""
    with pikepdf.new() as pdf:

        def stream(image: Image.Image) -> pikepdf.Stream:
            kind = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=image.width,
                Height=image.height,
                BitsPerComponent=1 if image.mode == "1" else 8,
            )
            if image.mode == "1":
                kind.ImageMask = True
            else:
                kind.ColorSpace = pikepdf.Name.DeviceGray
            return pikepdf.Stream(pdf, image.tobytes(), kind)

        width, height = grey.width * 0.72, grey.height * 0.72
        pdf.add_blank_page(page_size=(width, height))
        picture = stream(grey)
        for name, image in keys.items():
            picture[f"/{name}"] = pdf.make_indirect(stream(image))
        sheet = pdf.pages[0].obj
        sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=picture))
        drawing = f"q {width} 0 0 {height} 0 0 cm /A Do Q".encode("ascii")
        sheet.Contents = pdf.make_stream(before + drawing)
        pdf.save(path)
    return path


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("mask", ["SMask", "Mask"])
def test_a_picture_seen_through_a_mask(
    tmp_path: Path, page: Image.Image, mask: str, compact: bool
) -> None:
    black = Image.new("L", page.size, 0)
    if mask == "SMask":
        path = picture_page(tmp_path / "a.pdf", black, SMask=page.point(lambda value: 255 - value))
        wanted = page
    else:
        bits = page.point(lambda value: 255 * (value > 128)).convert("1")
        path, wanted = picture_page(tmp_path / "a.pdf", black, Mask=bits), bits.convert("L")
    drawn, seen, _ = shown_and_read(path, tmp_path / "b.pdf", compact=compact)
    assert unlike(seen, wanted) < 4
    assert unlike(drawn, wanted) < 4


@pytest.mark.parametrize(
    ("clip", "hidden"),
    [(b"0 300 2000 2000 re W n ", True), (b"0 0 2000 2000 re W n ", False),
     (b"0 0 m 0 842 l 595 842 l h W n ", True)],
)  # fmt: skip
def test_what_is_clipped_off_a_picture_stays_hidden(
    tmp_path: Path, page: Image.Image, clip: bytes, hidden: bool
) -> None:
    marked = page.copy()
    marked.paste(0, (600, 900, 700, 1000))
    path = picture_page(tmp_path / "a.pdf", marked, clip)
    drawn, seen, _ = shown_and_read(path, tmp_path / "b.pdf")
    for picture in (drawn, seen):
        assert bool((picture[910:990, 610:690] < 128).any()) is not hidden


def test_keys_of_a_scanner_are_no_reason_to_draw_a_page(tmp_path: Path, page: Image.Image) -> None:
    lying = page.transpose(Image.Transpose.ROTATE_90)
    path, out = picture_page(tmp_path / "a.pdf", lying), tmp_path / "b.pdf"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        picture = pdf.pages[0].obj.Resources.XObject.A
        picture.Resolution, picture.Interpolate = pikepdf.Array([100, 100]), True
        pdf.pages[0].rotate(90, relative=False)
        pdf.save(path)
    drawn, seen, shown = shown_and_read(path, out)
    assert shown is Shown.kept
    assert unlike(seen, page) < 4
    assert unlike(drawn, page) < 4
    with pikepdf.open(out) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.A.read_bytes() == lying.tobytes()


@pytest.mark.parametrize("suffix", ["avif", "jp2", "j2k"])
def test_pictures_of_newer_kinds(tmp_path: Path, page: Image.Image, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    page.convert("RGB").save(path, **({"quality": 90} if suffix == "avif" else {}))
    drawn, seen, shown = shown_and_read(path, tmp_path / "a.pdf")
    assert shown is Shown.recompressed
    assert unlike(seen, page) < 3
    assert unlike(drawn, page) < 5


@pytest.mark.parametrize("value", [0, 9, 255, -1])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_an_orientation_that_there_is_not_is_upright(
    tmp_path: Path, page: Image.Image, suffix: str, value: object
) -> None:
    path, out = tmp_path / f"a.{suffix}", tmp_path / "a.pdf"
    exif = Image.Exif()
    exif[0x0112] = max(value, 6)
    data = exif.tobytes()
    entry = data.index(b"\x12\x01\x03\x00" if data[6:8] == b"II" else b"\x01\x12\x00\x03")
    order = "<" if data[6:8] == b"II" else ">"
    kind = 2 if value < 0 else 3  # as a text, too
    tag = struct.pack(f"{order}HHIHH", 0x0112, kind, 1, max(value, 0), 0)
    page.save(path, exif=data[:entry] + tag + data[entry + 12 :], dpi=(100, 100))
    drawn, seen, shown = shown_and_read(path, out)
    assert shown is Shown.kept
    assert unlike(seen, page) < 2
    assert unlike(drawn, page) < 5
    if suffix == "jpg":
        with pikepdf.open(out) as pdf:
            (picture,) = [thing for _, thing in pdf.pages[0].obj.Resources.XObject.items()]
            assert picture.read_raw_bytes() == path.read_bytes()


@pytest.mark.parametrize("value", [0, 9])
def test_an_orientation_that_there_is_not_in_a_tiff(
    tmp_path: Path, page: Image.Image, value: int
) -> None:
    path = tmp_path / "a.tif"
    page.save(path, compression="raw", dpi=(100, 100), tiffinfo={274: value})
    drawn, seen, shown = shown_and_read(path, tmp_path / "a.pdf")
    assert shown is Shown.kept
    assert unlike(seen, page) < 3
    assert unlike(drawn, page) < 5
