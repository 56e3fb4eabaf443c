"""How far pages are read is told now and then, and never in the way of the work."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from flows.progress import FEW, PageCounter
from storage import Document
from usecases.workspace import Workspace


def document(number: int) -> Document:
    return cast(Document, SimpleNamespace(id=number))


def pages_in(folder: Path) -> PageCounter:
    def workspace(one: Document) -> Workspace:
        made = Workspace(folder / str(one.id))
        made.folder.mkdir(parents=True, exist_ok=True)
        return made

    return PageCounter(workspace)


async def test_pages_of_all_documents_are_summed_and_noted(tmp_path: Path) -> None:
    pages, told = pages_in(tmp_path), list[tuple[int, int]]()

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    async with pages.told(tell, every=0.01):
        first, second = pages.of(document(1)), pages.of(document(2))
        first(3, 40)
        second(1, 2)
        while (4, 42) not in told:
            await asyncio.sleep(0.01)
        assert Workspace(tmp_path / "1").noted() == (3, 40)
        first(40, 40)
        second(2, 2)
    assert told[-1] == (42, 42)
    assert len(told) == len(set(told)), "nothing is told twice"
    assert Workspace(tmp_path / "1").noted() == (40, 40)


async def test_short_dossiers_cost_nothing(tmp_path: Path) -> None:
    pages, told = pages_in(tmp_path), list[tuple[int, int]]()

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    async with pages.told(tell, every=0.01):
        progress = pages.of(document(1))
        for done in range(1, FEW + 1):
            progress(done, FEW)
            await asyncio.sleep(0.02)
    assert told == []
    assert list((tmp_path / "1").iterdir()) == []


async def test_a_listener_that_fails_stops_nothing(tmp_path: Path) -> None:
    pages = pages_in(tmp_path)

    async def tell(_done: int, _total: int) -> None:
        raise ConnectionError

    async with pages.told(tell, every=0.01):
        pages.of(document(1))(9, 10)
        await asyncio.sleep(0.05)
    assert Workspace(tmp_path / "1").noted() == (9, 10)


async def test_a_work_that_fails_is_not_hidden(tmp_path: Path) -> None:
    async def tell(_done: int, _total: int) -> None:
        return

    try:
        async with pages_in(tmp_path).told(tell):
            raise LookupError
    except LookupError:
        return
    raise AssertionError


def test_what_was_not_noted_or_cut_off_is_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.noted() is None
    workspace.reading.write_text("[3,")
    assert workspace.noted() is None
    Workspace(tmp_path / "gone").note(1, 2)
