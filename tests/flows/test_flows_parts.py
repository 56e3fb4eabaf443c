"""The manifest proposes to part a file that holds two documents, and says which page is what."""

from pathlib import Path

import pytest
from drawn_pages import LINES, draw_page
from PIL import Image

from flows.digitise import digitise
from ocr import ReaderPool, ReadingOptions
from schemas.manifest import PartReason
from signing import Trust

HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


@pytest.mark.asyncio
async def test_a_second_document_in_a_file_is_proposed(tmp_path: Path) -> None:
    pages = [
        draw_page((*HEAD, *LINES[2:]), 150).image,
        Image.new("L", (1240, 1754), 250),
        draw_page((*HEAD, "GIẤY XÁC NHẬN", *LINES[4:]), 150).image,
    ]
    source, manifest = tmp_path / "a.tif", tmp_path / "a.json"
    pages[0].save(source, save_all=True, append_images=pages[1:], dpi=(150, 150))
    async with ReaderPool(ReadingOptions(), 1) as pool:
        made = await digitise(source, tmp_path / "a.pdf", manifest, pool=pool, trust=Trust())
    assert [[region.page for region in part.regions] for part in made.parts] == [[1], [3]]
    assert made.parts[1].reason is PartReason.header
    assert {"reading.several_documents", "reading.page_blank"} <= set(made.warnings)
    assert [page.warnings for page in made.pages] == [(), ("reading.page_blank",), ()]
    assert '"parts"' in manifest.read_text("utf-8")
