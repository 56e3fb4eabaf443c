"""Pages taken out of a file as they were scanned, and nothing of the others."""

import io
from pathlib import Path

import pikepdf
import pytest
from drawn_pages import draw_page, scan_pdf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from stacks import stack

from ocr import cut
from ocr.files.tiff import TiffError
from ocr.files.tiff_frames import copy_frames
from schemas.errors import InputRejected


def frames(path: Path, compression: str, count: int = 4, **more: object) -> Path:
    """A TIFF whose frames differ in size and content."""
    mode = "1" if compression == "group4" else "L"
    made = []
    for number in range(count):
        picture = Image.linear_gradient("L").resize((120 + number, 90)).rotate(90 * number)
        made.append(picture.convert(mode))
    made[0].save(
        path, save_all=True, append_images=made[1:], compression=compression, dpi=(200, 200), **more
    )
    return path


@pytest.mark.parametrize(
    "compression", ["raw", "group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits"]
)
@pytest.mark.parametrize("big", [False, True])
def test_frames_of_a_tiff_are_copied_as_they_are(
    tmp_path: Path, compression: str, big: bool
) -> None:
    source = frames(tmp_path / "a.tif", compression, big_tiff=big)
    cut(source, [2, 4], tmp_path / "b.tif")
    with Image.open(source) as before, Image.open(tmp_path / "b.tif") as after:
        assert after.n_frames == 2  # type: ignore[attr-defined]
        for at, number in enumerate((1, 3)):
            before.seek(number)
            after.seek(at)
            assert after.info["compression"] == compression
            assert after.info["dpi"] == (200, 200)
            assert after.size == before.size
            assert after.tobytes() == before.tobytes()
    data = source.read_bytes()
    if compression in {"group4", "jpeg"}:
        for chunk in chunks(tmp_path / "b.tif"):
            assert chunk in data


def chunks(path: Path) -> list[bytes]:
    """The compressed data of the first frame."""
    with Image.open(path) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        data = path.read_bytes()
        return [data[at : at + n] for at, n in zip(tags[273], tags[279], strict=True)]


def test_a_tiff_that_cannot_be_copied_is_compressed_without_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TiffError("odd")

    source = frames(tmp_path / "a.tif", "tiff_lzw")
    monkeypatch.setattr("ocr.files.cutting.copy_frames", refuse)
    cut(source, [3], tmp_path / "b.tif")
    with Image.open(source) as before, Image.open(tmp_path / "b.tif") as after:
        before.seek(2)
        assert after.tobytes() == before.tobytes()
    with pytest.raises(InputRejected, match="no such pages"):
        cut(source, [9], tmp_path / "c.tif")


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 2_000), change=st.integers(1, 255), length=st.integers(0, 2_600))
def test_a_damaged_tiff_is_refused_or_copied(
    tmp_path_factory: pytest.TempPathFactory, at: int, change: int, length: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    source = folder / "a.tif"
    if not source.exists():
        frames(source, "packbits", 3)
    data = bytearray(source.read_bytes())
    data[at % len(data)] ^= change
    out = io.BytesIO()
    try:
        copy_frames(io.BytesIO(bytes(data[: len(data) - length])), [1, 3], out)
    except TiffError:
        return
    assert out.getvalue()[:2] in {b"II", b"MM"}


def test_pages_of_a_pdf_keep_their_picture_and_nothing_else_comes_along(tmp_path: Path) -> None:
    with pikepdf.new() as whole:
        for number in range(3):
            one = scan_pdf(tmp_path / f"{number}.pdf", draw_page((f"Trang {number}",), 100).image)
            with pikepdf.open(one) as pdf:
                whole.pages.extend(pdf.pages)
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            Dest=[whole.pages[2].obj, pikepdf.Name.Fit],
        )
        whole.pages[1].obj.Annots = whole.make_indirect(pikepdf.Array([link]))
        with whole.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Trang bí mật", 2))
        whole.save(tmp_path / "a.pdf")
    cut(tmp_path / "a.pdf", [2], tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "a.pdf") as before, pikepdf.open(tmp_path / "b.pdf") as after:
        assert len(after.pages) == 1
        (kept,) = after.pages[0].get_images().values()
        assert kept.read_raw_bytes() == picture_of(before, 1)
        streams = {one.read_raw_bytes() for one in after.objects if isinstance(one, pikepdf.Stream)}
        assert picture_of(before, 0) not in streams
        assert picture_of(before, 2) not in streams
        assert "/Outlines" not in after.Root
    cut(tmp_path / "a.pdf", [2], tmp_path / "c.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == (tmp_path / "c.pdf").read_bytes()


def picture_of(pdf: pikepdf.Pdf, page: int) -> bytes:
    (found,) = pdf.pages[page].get_images().values()
    return found.read_raw_bytes()


@pytest.mark.parametrize("pages", [[], [4], [1, 9]])
def test_pages_that_are_not_there(tmp_path: Path, pages: list[int]) -> None:
    source = stack(tmp_path / "a.pdf", "more", "more")
    with pytest.raises(InputRejected) as caught:
        cut(source, pages, tmp_path / "b.pdf")
    assert caught.value.code == "reading.no_such_pages"
    picture = tmp_path / "a.png"
    Image.new("L", (9, 9)).save(picture)
    with pytest.raises(InputRejected):
        cut(picture, [*pages, 2], tmp_path / "b.png")
    cut(picture, [1], tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes() == picture.read_bytes()
