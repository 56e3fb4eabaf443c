"""The manifest proposes to part a file that holds two documents, and says which page is what."""

from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from drawn_pages import LINES, draw_page
from PIL import Image

from ocr import ReaderPool, ReadingOptions
from schemas.manifest import PartReason
from signing import Trust
from usecases.digitise import digitise_parts, make_document, read_file

HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


@pytest.mark.asyncio
async def test_a_second_document_in_a_file_is_proposed(tmp_path: Path) -> None:
    pages = [
        draw_page((*HEAD, *LINES[2:]), 150).image,
        Image.new("L", (1240, 1754), 250),
        draw_page((*HEAD, "GIẤY XÁC NHẬN", *LINES[4:]), 150).image,
    ]
    source = tmp_path / "a.tif"
    pages[0].save(source, save_all=True, append_images=pages[1:], dpi=(150, 150))
    rooms: dict[str, Any] = {"pool": ReaderPool(ReadingOptions(), 1), "trust": Trust()}
    async with rooms["pool"]:
        read = await read_file(source, pool=rooms["pool"])
        made = await make_document(read, tmp_path / "a.pdf", **rooms)
        parts = await digitise_parts(read, tmp_path / "a", **rooms)
    assert [[region.page for region in part.regions] for part in made.parts] == [[1], [3]]
    assert made.parts[1].reason is PartReason.header
    assert {"reading.several_documents", "reading.page_blank"} <= set(made.warnings)
    assert [page.warnings for page in made.pages] == [(), ("reading.page_blank",), ()]
    assert '"parts"' in made.model_dump_json()

    assert [part.source.pages for part in parts] == [(1,), (3,)]
    assert {part.source.sha256 for part in parts} == {made.source.sha256}
    written = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert written == ["1.json", "1.pdf", "2.json", "2.pdf"]
    with pdfplumber.open(tmp_path / "a" / "2.pdf") as pdf:
        (page,) = pdf.pages
        assert "GIẤY XÁC NHẬN" in page.extract_text()
