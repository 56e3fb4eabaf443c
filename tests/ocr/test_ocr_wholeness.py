"""Whether a file has arrived: any cut is seen, whole files are whole."""

import io
from pathlib import Path

import pillow_heif
import pytest
from drawn_pages import draw_page, scan_pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr import FileKind, ReadingOptions, complete, compose, inspect, read_page


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> dict[FileKind, bytes]:
    page = draw_page(("Một dòng chữ",), dpi=72).image
    files = {}
    for kind, name in (
        (FileKind.jpeg, "JPEG"),
        (FileKind.png, "PNG"),
        (FileKind.webp, "WEBP"),
        (FileKind.tiff, "TIFF"),
        (FileKind.avif, "AVIF"),
        (FileKind.jp2, "JPEG2000"),
    ):
        buffer = io.BytesIO()
        page.save(buffer, name)
        files[kind] = buffer.getvalue()
    buffer = io.BytesIO()
    pillow_heif.from_pillow(page.convert("RGB")).save(buffer, quality=60)
    files[FileKind.heic] = buffer.getvalue()
    files[FileKind.pdf] = scan_pdf(tmp_path_factory.mktemp("whole") / "a.pdf", page).read_bytes()
    return files


@pytest.mark.parametrize("kind", list(FileKind))
def test_whole_files(tmp_path: Path, whole_files: dict[FileKind, bytes], kind: FileKind) -> None:
    path = tmp_path / "file"
    path.write_bytes(whole_files[kind])
    assert complete(path)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(list(FileKind)), share=st.floats(0, 0.995))
def test_any_cut_is_seen(
    tmp_path: Path, whole_files: dict[FileKind, bytes], kind: FileKind, share: float
) -> None:
    data = whole_files[kind]
    cut = data[: int(share * len(data))]
    path = tmp_path / "file"
    path.write_bytes(cut)
    # the first bytes do not tell a kind yet, and there is nothing to wait for in an unknown one
    assert not complete(path) or len(cut) < 64


def test_a_heic_cut_between_two_boxes_is_seen(
    tmp_path: Path, whole_files: dict[FileKind, bytes]
) -> None:
    data = whole_files[FileKind.heic]
    path = tmp_path / "file"
    path.write_bytes(data[: data.index(b"mdat") - 4])
    assert not complete(path)


def test_a_jpeg_with_a_thumbnail_is_not_whole_at_the_thumbnails_end(tmp_path: Path) -> None:
    small, large = io.BytesIO(), io.BytesIO()
    Image.new("L", (16, 16), 128).save(small, "JPEG")
    draw_page(("Một dòng",), dpi=72).image.save(large, "JPEG")
    data = large.getvalue()
    app1 = b"Exif\0\0" + small.getvalue()
    with_thumbnail = data[:2] + b"\xff\xe1" + (len(app1) + 2).to_bytes(2, "big") + app1 + data[2:]
    path = tmp_path / "photo.jpg"
    path.write_bytes(with_thumbnail)
    assert complete(path)
    path.write_bytes(with_thumbnail[: len(with_thumbnail) - 200])
    assert not complete(path)


def test_what_gateways_append_does_not_matter(
    tmp_path: Path, whole_files: dict[FileKind, bytes]
) -> None:
    path = tmp_path / "mail.pdf"
    path.write_bytes(whole_files[FileKind.pdf] + b"\r\n" * 300)
    assert complete(path)


@pytest.mark.parametrize("kind", list(FileKind))
@pytest.mark.parametrize("fill", [b"\0", b"\xff", b" ", b"\r\n", b"\x1a"])
def test_what_fills_a_file_up_does_not_matter(
    tmp_path: Path, whole_files: dict[FileKind, bytes], kind: FileKind, fill: bytes
) -> None:
    path = tmp_path / "file"
    for length in (1, 8_192, 300_000):
        path.write_bytes(whole_files[kind] + fill * (length // len(fill)))
        assert complete(path)


def test_a_pdf_with_zeros_behind_its_end_is_read(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", draw_page().image)
    path.write_bytes(path.read_bytes() + bytes(1 << 16))
    seen = inspect(path, ReadingOptions())
    reading = read_page(path, 1, ReadingOptions())
    compose(path, seen, [reading], tmp_path / "out.pdf", ReadingOptions())
    assert seen.pages == 1
    assert reading.words


@given(cut=st.integers(1, 3_000))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_room_set_aside_for_a_file_is_not_its_end(
    tmp_path: Path, whole_files: dict[FileKind, bytes], cut: int
) -> None:
    """A copy under way whose target has its full length already; an earlier revision is whole."""
    first = whole_files[FileKind.pdf]
    data = first + b"7 0 obj\n<< /A 1 >>\nendobj\n" * 100 + first[first.rindex(b"xref") :]
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    assert complete(path)
    path.write_bytes(data[:-cut] + bytes(cut + 9_000))
    kept = data[:-cut].rstrip(b"\0\r\n ")
    assert complete(path) is kept.endswith(b"%%EOF")


def test_nothing_unknown_and_missing(tmp_path: Path) -> None:
    empty, odd = tmp_path / "empty", tmp_path / "odd"
    empty.touch()
    odd.write_bytes(b"no scan at all")
    assert not complete(empty)
    assert complete(odd)
    assert not complete(tmp_path / "missing")
    assert not complete(tmp_path)
