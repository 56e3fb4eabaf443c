"""The folder of caches is deleted while a step works: what was found meanwhile does not count."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from harmed_files import Case
from stacks import CODE, stack

from schemas.dossier import Stage
from schemas.errors import ServiceUnavailable
from storage import Document
from usecases import steps
from usecases.workspace import load_manifest, still_there


def deleting(at: Case, monkeypatch: pytest.MonkeyPatch, name: str) -> Callable[[], None]:
    """Have ``work/`` deleted once, just before the pool's method ``name`` looks at the file."""
    asked = getattr(at.office.pool, name)
    left = [True]

    async def first_deletes(*given: Any, **named: Any) -> Any:
        if left:
            left.clear()
            rmtree(at.work)
        return await asked(*given, **named)

    monkeypatch.setattr(at.office.pool, name, first_deletes)
    return lambda: monkeypatch.setattr(at.office.pool, name, asked)


@pytest.mark.parametrize("name", ["inspect", "read_page", "compose"])
async def test_a_scan_that_vanishes_while_it_is_read_is_not_rejected(
    at: Case, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "QUYẾT ĐỊNH"))
    again = deleting(at, monkeypatch, name)
    with pytest.raises(ServiceUnavailable) as refused:
        await steps.read(at.office, at.dossier)
    assert refused.value.code in {"flow.work_lost", "flow.no_room"}
    assert at.document.stage is Stage.received
    again()
    await steps.read(at.office, at.dossier)
    assert at.document.stage is Stage.digitised
    manifest = load_manifest(at.office.workspace(at.document), at.document, at.ledger)
    assert all(page.words for page in manifest.pages)


async def test_a_failure_of_a_step_whose_folder_was_deleted_is_a_passing_one(at: Case) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "QUYẾT ĐỊNH"))

    async def act(_document: Document) -> None:
        rmtree(at.work)
        raise RuntimeError

    with pytest.raises(ServiceUnavailable, match=r"A1|1") as refused:
        await steps.each(at.office, at.dossier, Stage.received, act)
    assert refused.value.code == "flow.work_lost"
    assert at.document.stage is Stage.received


def test_a_file_made_anew_is_another_one(tmp_path: Path) -> None:
    file, folder = tmp_path / "a", tmp_path / "folder"
    file.touch()
    folder.mkdir()
    with still_there(file, folder) as stands:
        assert stands()
        file.unlink()
        file.touch()
        assert not stands()
    with still_there(folder) as stands:
        folder.rmdir()
        folder.mkdir()
        assert not stands()
    with pytest.raises(FileNotFoundError), still_there(tmp_path / "none"):
        pass
