"""What is published can be found, and the index can be made again from store and ledger alone."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest
from drawn_pages import digital_pdf
from stacks import CODE, StackOffice, stack

from ocr import ReaderPool
from ocr.page_texts import MOST_LETTERS, page_texts
from schemas.dossier import Stage
from schemas.errors import ServiceUnavailable
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Manifest, Source
from signing import Signer, Trust
from usecases import search_index
from usecases.caller import SERVICE, local_operator
from usecases.finding import find_text
from usecases.review import settle


def field(value: str | None) -> Field:
    return Field(value=value, confidence=0.9, status=FieldStatus.accepted)


def test_values_of_fields_and_tables_are_indexed() -> None:
    manifest = Manifest(
        source=Source(name="Tên người.pdf", sha256="0" * 64, bytes=1, media_type="x"),
        document_type="ct01", form_version=None, legal_basis=None, pages=(),
        fields={
            "full_name": field("Nguyễn Thị Mẫu"), "empty": field(None), "ticked": field("true"),
            "members": Table(rows=({"full_name": field("Trần Văn Mẫn")},)),
        },
    )  # fmt: skip
    assert search_index.text_of(manifest, ("một trang",)).values == (
        ("full_name", "Nguyễn Thị Mẫu"), ("members.0.full_name", "Trần Văn Mẫn"),
    )  # fmt: skip


async def test_what_is_published_is_found_and_the_index_is_made_again(
    tmp_path: Path,
    pool: ReaderPool,
    keys: tuple[Signer, Trust],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    at = StackOffice(tmp_path, pool, *keys)
    at.drop(CODE, stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH", "more"))

    async def published() -> None:
        await at.run()
        dossier = at.ledger.dossier(CODE)
        assert dossier is not None
        if at.settled(CODE) == [Stage.in_review]:
            settle(SERVICE, at.ledger, at.work, dossier, (), accept=True)
            await at.run()
        assert at.settled(CODE) == [Stage.published]

    async def away(*_asked: object) -> None:
        raise ServiceUnavailable("storing.store_unavailable", endpoint="x")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(search_index, "put_into_index", away)
        await published()  # all the same
    assert "not in the search index yet: storing.store_unavailable" in caplog.text
    assert find_text(SERVICE, at.rooms, "quyết định").results == ()
    shutil.rmtree(at.work)  # it is a cache

    def reindexed(*, everything: bool = False) -> tuple[int, int]:
        done = search_index.reindex(local_operator(), at.rooms, pool, everything=everything)
        return done.indexed, done.failed

    assert await asyncio.to_thread(reindexed) == (1, 0)
    for question in ("quyết định", "QUYET DINH", "quyet dihn", CODE):
        (found,) = find_text(SERVICE, at.rooms, question).results
        assert (found.dossier, found.number) == (CODE, 1)
    pieces = find_text(SERVICE, at.rooms, "quyết định").results[0].snippets[0].pieces
    assert [one.text.lower() for one in pieces if one.hit][:2] == ["quyết", "định"]
    assert await asyncio.to_thread(reindexed) == (0, 0), "nothing is missing"
    before = find_text(SERVICE, at.rooms, "quyet dinh").results
    assert await asyncio.to_thread(reindexed, everything=True) == (1, 0)
    assert find_text(SERVICE, at.rooms, "quyet dinh").results == before

    at.ledger.search.clear()
    with monkeypatch.context() as patch:
        patch.setattr(search_index, "put_into_index", away)
        assert await asyncio.to_thread(reindexed) == (0, 1)
    done = await search_index.index_missing(at.rooms, pool, stopped=lambda: True)
    assert done.indexed == 0 and len(at.ledger.search.missing()) == 1
    at.ledger.close()


async def test_a_published_document_is_in_the_index_at_once(
    tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]
) -> None:
    at = StackOffice(tmp_path, pool, *keys)
    dossier = at.drop(CODE, stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH"))
    await at.run()
    if at.settled(CODE) == [Stage.in_review]:
        settle(SERVICE, at.ledger, at.work, dossier, (), accept=True)
        await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.ledger.search.missing() == []
    assert len(find_text(SERVICE, at.rooms, "quyết định").results) == 1
    at.ledger.close()


def test_texts_of_pages_end_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = digital_pdf(tmp_path / "a.pdf", ("Quyết định về việc",), pages=2)
    first, second = page_texts(path, 2)
    assert "Quyết định về việc" in first and "việc 2" in second
    assert MOST_LETTERS > 100_000
    monkeypatch.setattr("ocr.page_texts.MOST_LETTERS", 5)
    assert page_texts(path, 2) == (first[:5], "")
