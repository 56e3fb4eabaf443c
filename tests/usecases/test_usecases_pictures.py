"""Pictures of pages and zones: drawn once, kept by their hash, drawn again when lost."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from stacks import CODE, StackOffice, stack

from ocr import ReaderPool, shown_page
from schemas.dossier import Stage
from schemas.errors import InputRejected, NotFound
from schemas.views import PagePicture
from signing import Signer, Trust
from usecases import pictures
from usecases.caller import SERVICE
from usecases.review import settle


def pixels(picture: PagePicture) -> NDArray[np.uint8]:
    decoded = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert decoded.shape == (picture.height, picture.width)
    return np.asarray(decoded, np.uint8)


def test_a_zone_is_cut_from_the_upright_page(tmp_path: Path) -> None:
    path = stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH", "blank")
    page = shown_page(path, 1, 72)
    assert (page.width, page.height) == (596, 842)
    assert len(page.content) < 60_000
    title = shown_page(path, 1, 144, (200, 130, 400, 160))
    assert (title.width, title.height) == (400, 60)
    whole = pixels(shown_page(path, 1, 144))[260:320, 400:800]
    assert np.abs(whole.astype(int) - pixels(title).astype(int)).mean() < 4
    assert pixels(title).min() < 100, "the title stands there"
    assert pixels(shown_page(path, 2, 72)).min() > 200, "an empty page"
    assert shown_page(path, 1, 72) == page, "the same request, the same bytes"
    with pytest.raises(InputRejected):
        shown_page(path, 1, 72, (2000, 2000, 2100, 2100))
    with pytest.raises(InputRejected):
        shown_page(path, 3, 72)


async def test_pictures_are_drawn_once_and_outlive_the_work_files(
    tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]
) -> None:
    at = StackOffice(tmp_path, pool, *keys)
    at.drop(CODE, stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH", "more"))
    with pytest.raises(NotFound) as early:
        await pictures.page_picture(SERVICE, at.rooms, pool, CODE, 1, 1)
    assert early.value.code == "usecase.no_page"
    await at.run()
    if at.settled(CODE) == [Stage.in_review]:
        working = await pictures.page_picture(SERVICE, at.rooms, pool, CODE, 1, 2)
        assert working.width > 500
        dossier = at.ledger.dossier(CODE)
        assert dossier is not None
        settle(SERVICE, at.ledger, at.work, dossier, (), accept=True)
        await at.run()
    assert at.settled(CODE) == [Stage.published]
    first = await pictures.page_picture(SERVICE, at.rooms, pool, CODE, 1, 1)
    assert first.sha256 == hashlib.sha256(first.content).hexdigest()
    kept = next(path for path in (at.work / "pictures").iterdir() if first.sha256 in path.name)
    assert pictures.kept_picture(SERVICE, at.rooms, CODE, 1, first.sha256) == first

    kept.write_bytes(first.content[:-9])  # cut off by a crash
    with pytest.raises(NotFound):
        pictures.kept_picture(SERVICE, at.rooms, CODE, 1, first.sha256)
    assert await pictures.page_picture(SERVICE, at.rooms, pool, CODE, 1, 1) == first
    assert kept.read_bytes() == first.content

    for wrong in ("*", first.sha256[:-1] + "?", "0" * 64):
        with pytest.raises(NotFound):
            pictures.kept_picture(SERVICE, at.rooms, CODE, 1, wrong)
    for document, page in ((1, 0), (1, 3), (2, 1)):
        with pytest.raises(NotFound):
            await pictures.page_picture(SERVICE, at.rooms, pool, CODE, document, page)
    at.ledger.close()


def test_the_folder_of_pictures_does_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_KEPT", 6)
    drawn = PagePicture(
        sha256=hashlib.sha256(b"x").hexdigest(), media_type="image/webp", width=1, height=1,
        content=b"x",
    )  # fmt: skip
    for number in range(20):
        pictures._keep(tmp_path, f"{number}-key", drawn)
    left = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert "19" in left and len(left) <= 6
