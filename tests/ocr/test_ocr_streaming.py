"""Long documents take no more memory than short ones, and cost no more a page."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from drawn_pages import digital_pdf, draw_page, scan_pdf

import ocr.pdfa.assembly
from ocr import PackedPages, ReadingOptions, compose, extract, inspect, pack, read_page
from ocr.pdfa.compose import _prefix
from ocr.pdfa.spool import PageImage, Spool
from schemas.page import PageKind, PageReading, Shown, Word

OPTIONS = ReadingOptions()

COMPOSING = """
    import random, sys
    from pathlib import Path
    from PIL import Image, TiffImagePlugin
    from ocr import PackedPages, ReadingOptions, compose, inspect, pack
    from schemas.page import PageKind, PageReading, Word

    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    path = folder / f"{count}.tif"
    noise = [random.Random(n).randbytes(1_000 * 1_000) for n in range(3)]
    with TiffImagePlugin.AppendingTiffWriter(str(path), True) as writer:
        for number in range(count):
            page = Image.frombytes("L", (1_000, 1_000), noise[number % 3])
            page.save(writer, "TIFF")
            writer.newFrame()
    word = Word(text="chu", box=(9, 9, 30, 20), confidence=1, line=0)
    pages = PackedPages(
        pack(PageReading(
            number=n, width=595, height=842, dpi=100, rotation=0, skew=0, blank=False,
            kind=PageKind.scan, words=(word,), confidence=1,
        ))
        for n in range(1, count + 1)
    )
    options = ReadingOptions()
    compose(path, inspect(path, options), pages, folder / f"{count}.pdf", options)
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def composing_peak(folder: Path, pages: int) -> float:
    """Megabytes of a process that composes so many pages of 1 MB, which do not compress."""
    program = textwrap.dedent(COMPOSING)
    command = [sys.executable, "-c", program, str(folder), str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return int(done.stdout) / 1_000


def test_composing_sixty_pages_takes_the_memory_of_ten(tmp_path: Path) -> None:
    few, many = composing_peak(tmp_path, 10), composing_peak(tmp_path, 60)
    assert (tmp_path / "60.pdf").stat().st_size > 59_000_000
    assert many < 1.2 * few


def page_of(number: int, text: str) -> PageReading:
    words = tuple(
        Word(text=word, box=(40 + 60 * at, 60, 90 + 60 * at, 72), confidence=0.9, line=0)
        for at, word in enumerate(text.split())
    )
    return PageReading(
        number=number, width=595.28, height=841.89, dpi=200, rotation=0, skew=0, blank=False,
        kind=PageKind.scan, words=words, confidence=0.9,
    )  # fmt: skip


def test_packed_pages_are_the_same_pages() -> None:
    pages = [page_of(n, f"trang số {n}") for n in range(1, 6)]
    packed = PackedPages.of(pages)
    assert list(packed) == pages
    assert packed[-1] == pages[-1]
    assert list(packed[1:3]) == pages[1:3]
    assert list(reversed(packed)) == pages[::-1]
    assert PackedPages.of(packed) is packed
    blank = packed.changed(lambda page: page.model_copy(update={"words": ()}))
    twice = blank.changed(lambda page: page.model_copy(update={"blank": not page.words}))
    assert [page.blank for page in twice] == [True] * 5
    assert list(packed) == pages
    with pytest.raises(IndexError):
        packed[5]
    assert len(pack(pages[0])) < 400


def test_fields_take_packed_pages(tmp_path: Path) -> None:
    path = digital_pdf(tmp_path / "a.pdf")
    reading = read_page(path, 1, OPTIONS)
    packed, plain = PackedPages.of([reading]), [reading]
    assert extract(path, packed, (), OPTIONS) == extract(path, plain, (), OPTIONS)


@pytest.mark.parametrize("in_memory", [0, 1 << 30])
def test_drawn_pages_stand_between_kept_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    """Copied into the file where they are few, merged on disk where they are many."""
    import pdfplumber
    import pikepdf

    monkeypatch.setattr(ocr.pdfa.assembly, "IN_MEMORY", in_memory)
    path = tmp_path / "a.pdf"
    with pikepdf.open(digital_pdf(tmp_path / "four.pdf", pages=4)) as pdf:
        for index in (1, 3):
            pdf.pages[index].obj.Resources.Font = pikepdf.Dictionary(
                F1=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.Type1,
                    BaseFont=pikepdf.Name.Helvetica,
                )
            )
            text = f"BT /F1 14 Tf 72 700 Td (Page {index} is drawn) Tj ET".encode()
            pdf.pages[index].obj.Contents = pdf.make_stream(text)
        pdf.save(path)
    out = tmp_path / "out.pdf"
    readings = [read_page(path, number, OPTIONS) for number in range(1, 5)]
    composed = compose(path, inspect(path, OPTIONS), readings, out, OPTIONS)
    assert composed.shown == (Shown.kept, Shown.drawn, Shown.kept, Shown.drawn)
    assert composed.warnings == ("reading.pages_drawn",)
    with pdfplumber.open(out) as made:
        texts = [page.extract_text() for page in made.pages]
        pictures = [len(page.images) for page in made.pages]
    assert texts[1] == "Page 1 is drawn"
    assert texts[3] == "Page 3 is drawn"
    assert texts[2].split() == [word.text for word in readings[2].words]
    assert pictures == [0, 1, 0, 1]
    assert {one.name for one in tmp_path.iterdir()} == {"a.pdf", "four.pdf", "out.pdf"}


def test_leftovers_of_a_killed_composing_go_at_the_next(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", draw_page(("Một dòng",), dpi=72).image, dpi=72)
    out = tmp_path / "out.pdf"
    mine = tmp_path / (_prefix(out) + "killed")
    other = tmp_path / (_prefix(tmp_path / "other.pdf") + "at-work")
    for folder in (mine, other):
        folder.mkdir()
        (folder / "whole.pdf").write_bytes(b"half")
    compose(path, inspect(path, OPTIONS), [page_of(1, "Một dòng")], out, OPTIONS)
    assert not mine.exists()
    assert other.exists()


def test_a_spool_is_a_pdf_of_its_images(tmp_path: Path) -> None:
    import pikepdf

    spool = Spool(tmp_path / "a.pdf")
    stencil = PageImage(b"\xf0", (8, 1), bits=1, stencil=True)
    first = spool.add({"/Page": PageImage(b"abcd", (2, 2)), "/Ink": PageImage(b"x", (1, 1))})
    second = spool.add({"/Page": PageImage(b"y", (1, 1), mask=stencil)})
    spool.finish()
    assert (first, second) == (0, 1)
    assert spool.bytes == 7
    with pikepdf.open(spool.path) as pdf:
        assert pdf.check_pdf_syntax() == []
        objects = [page.obj.Resources.XObject for page in pdf.pages]
        assert objects[0].Page.read_raw_bytes() == b"abcd"
        assert objects[0].Ink.Width == 1
        assert objects[1].Page.Mask.ImageMask
