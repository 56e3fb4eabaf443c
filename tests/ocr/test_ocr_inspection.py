"""What is taken and what is refused, by content, with a sentence that says what to do."""

import hashlib
import os
import struct
import zlib
from pathlib import Path

import pikepdf
import pillow_heif
import pytest
from drawn_pages import digital_pdf, draw_page, scan_pdf, stamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr import FileKind, ReadingOptions, inspect
from schemas.errors import InputRejected, NotFound, SohoaError

OPTIONS = ReadingOptions()


def refused(path: Path, options: ReadingOptions = OPTIONS) -> str:
    with pytest.raises(SohoaError) as caught:
        inspect(path, options)
    for language in ("vi", "en"):
        sentence = caught.value.sentence(language)
        assert sentence.endswith(".")
        assert path.name not in sentence
        assert "{" not in sentence
    return caught.value.code


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return draw_page(dpi=100).image


def picture_file(folder: Path, page: Image.Image, kind: FileKind) -> Path:
    path = folder / f"page.{kind.value}"
    if kind is FileKind.heic:
        pillow_heif.from_pillow(page.convert("RGB")).save(path, quality=60)
    elif kind is FileKind.tiff:
        page.save(path, save_all=True, append_images=[page.convert("1"), page])
    elif kind is FileKind.pdf:
        scan_pdf(path, page)
    else:
        page.save(path)
    return path


@pytest.mark.parametrize("kind", list(FileKind))
def test_each_kind_is_told_by_content_not_by_name(
    tmp_path: Path, page: Image.Image, kind: FileKind
) -> None:
    path = picture_file(tmp_path, page, kind)
    misnamed = path.rename(tmp_path / "bản quét (1).jpg")
    seen = inspect(misnamed, OPTIONS)
    assert seen.kind is kind
    assert seen.pages == (3 if kind is FileKind.tiff else 1)
    assert not seen.signed
    assert seen.source.name == "bản quét (1).jpg"
    assert seen.source.sha256 == hashlib.sha256(misnamed.read_bytes()).hexdigest()
    assert seen.source.bytes == misnamed.stat().st_size
    assert seen.source.media_type == kind.media_type


@pytest.mark.parametrize("kind", list(FileKind))
def test_a_file_cut_in_half_is_refused(tmp_path: Path, page: Image.Image, kind: FileKind) -> None:
    path = picture_file(tmp_path, page, kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert refused(path) == "reading.truncated"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n<!DOCTYPE html><html><body>404</body></html>", "html"),
        (b"<html><head></head></html>", "html"),
        (b"PK\x03\x04word/document.xml", "office_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 doc", "office_file"),
        (b"just words", "unknown_type"),
        (b"\x00" * 4096, "unknown_type"),
        (b"%PDF-1.7\nnothing in here\nstartxref\n9\n%%EOF\n", "broken"),
        (b"\xff\xd8\xff\xd9", "truncated"),
    ],
)
def test_other_content_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    assert refused(path) == f"reading.{code}"


def test_a_sparse_two_gigabyte_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(2 << 30)
    assert refused(path) == "reading.too_large"


def bomb_png(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def bomb_jpeg(page: Image.Image, folder: Path, side: int) -> bytes:
    path = folder / "small.jpg"
    page.save(path)
    data = bytearray(path.read_bytes())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def bomb_tiff(page: Image.Image, folder: Path, side: int) -> bytes:
    path = folder / "small.tif"
    page.convert("1").save(path)
    data = bytearray(path.read_bytes())
    first = struct.unpack("<I", data[4:8])[0]
    for tag in range(struct.unpack("<H", data[first : first + 2])[0]):
        at = first + 2 + tag * 12
        if struct.unpack("<H", data[at : at + 2])[0] in {256, 257}:
            data[at : at + 12] = data[at : at + 2] + struct.pack("<HII", 4, 1, side)
    return bytes(data)


def test_headers_that_promise_too_many_pixels(tmp_path: Path, page: Image.Image) -> None:
    bombs = [
        bomb_png(60_000),
        bomb_jpeg(page, tmp_path, 60_000),
        bomb_tiff(page, tmp_path, 60_000),
    ]
    for number, data in enumerate(bombs):
        path = tmp_path / f"bomb{number}"
        path.write_bytes(data)
        assert refused(path) == "reading.too_many_pixels"


def test_limits_are_settings(tmp_path: Path, page: Image.Image) -> None:
    tiff = picture_file(tmp_path, page, FileKind.tiff)
    assert refused(tiff, ReadingOptions(max_pages=2)) == "reading.too_many_pages"
    assert refused(tiff, ReadingOptions(max_pixels=1_000)) == "reading.too_many_pixels"
    assert refused(tiff, ReadingOptions(max_bytes=1_000)) == "reading.too_large"
    pdf = digital_pdf(tmp_path / "three.pdf", pages=3)
    assert inspect(pdf, ReadingOptions(max_pages=3)).pages == 3
    assert refused(pdf, ReadingOptions(max_pages=2)) == "reading.too_many_pages"


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == "reading.not_a_file"
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "reading.not_a_file"
    with pytest.raises(NotFound, match="not there"):
        inspect(tmp_path / "gone.pdf", OPTIONS)


def test_a_loop_of_links_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "loop-1").symlink_to(tmp_path / "loop-2")
    (tmp_path / "loop-2").symlink_to(tmp_path / "loop-1")
    assert refused(tmp_path / "loop-1") == "reading.unreadable"


def test_encryption(tmp_path: Path, page: Image.Image) -> None:
    source = scan_pdf(tmp_path / "plain.pdf", page)
    for user, name in (("", "owner.pdf"), ("secret", "user.pdf")):
        with pikepdf.open(source) as pdf:
            pdf.save(tmp_path / name, encryption=pikepdf.Encryption(owner="boss", user=user))
    assert inspect(tmp_path / "owner.pdf", OPTIONS).pages == 1
    assert refused(tmp_path / "user.pdf") == "reading.encrypted"


def test_signatures_are_seen_and_empty_fields_are_not(tmp_path: Path, page: Image.Image) -> None:
    source = scan_pdf(tmp_path / "plain.pdf", page)
    signed = stamp(source, tmp_path / "signed.pdf", ("Ký bởi: Đơn vị mẫu",))
    empty = stamp(source, tmp_path / "empty.pdf", ("Chờ ký",), signature=False)
    assert inspect(signed, OPTIONS).signed
    assert not inspect(empty, OPTIONS).signed


def test_a_cyclic_tree_of_fields_ends(tmp_path: Path, page: Image.Image) -> None:
    path = tmp_path / "cyclic.pdf"
    with pikepdf.open(scan_pdf(tmp_path / "plain.pdf", page)) as pdf:
        field = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("a")))
        other = pdf.make_indirect(pikepdf.Dictionary(Kids=pikepdf.Array([field])))
        field.Kids = pikepdf.Array([other])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        pdf.save(path)
    assert not inspect(path, OPTIONS).signed


def test_a_cyclic_chain_of_tiff_directories_ends(tmp_path: Path, page: Image.Image) -> None:
    path = tmp_path / "cyclic.tif"
    page.convert("1").save(path)
    data = bytearray(path.read_bytes())
    first = struct.unpack("<I", data[4:8])[0]
    tags = struct.unpack("<H", data[first : first + 2])[0]
    data[first + 2 + tags * 12 : first + 6 + tags * 12] = struct.pack("<I", first)
    path.write_bytes(data)
    assert refused(path) == "reading.truncated"


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[FileKind, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    small = draw_page(("Một dòng",), dpi=100).image.resize((200, 280))
    return {kind: picture_file(folder, small, kind).read_bytes() for kind in FileKind}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(list(FileKind)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    keep=st.floats(0.01, 1),
)
def test_mangled_files_end_as_outcomes(
    tmp_path: Path,
    originals: dict[FileKind, bytes],
    kind: FileKind,
    changes: list[tuple[float, int]],
    keep: float,
) -> None:
    data = bytearray(originals[kind])
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    path = tmp_path / "mangled"
    path.write_bytes(data[: max(1, int(keep * len(data)))])
    try:
        assert inspect(path, OPTIONS).pages >= 1
    except InputRejected as exc:
        assert exc.code.startswith("reading.")
