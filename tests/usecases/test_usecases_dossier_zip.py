"""A dossier as one archive: whole, with evidence for its own department, without for others."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from office_fixtures import keys
from shared_office import ShelfStore, publish

from schemas.errors import Conflict, Damaged, NotFound
from schemas.sharing import Shared
from signing import Signer, Trust
from storage import Ledger, NewGrant
from usecases import evidence
from usecases.caller import Caller, Duty
from usecases.dossier_zip import dossier_zip
from usecases.rooms import Rooms
from usecases.sharing import PurposeNeeded
from usecases.taken_file import TakenFile

__all__ = ["keys"]

HERE, ELSEWHERE, CODE = "mot-cua", "thue", "H17-261123-0011"
READER = Caller("user:doc", frozenset({Duty.reader}), frozenset({HERE}))
OTHER = Caller("user:thue", frozenset({Duty.reader}), frozenset({ELSEWHERE}))


@pytest.fixture
def store() -> ShelfStore:
    return ShelfStore()


@pytest.fixture
def rooms(tmp_path: Path, store: ShelfStore, keys: tuple[Signer, Trust]) -> Iterator[Rooms]:
    shelf: Any = store
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        publish(ledger, store, CODE, HERE, content=b"%PDF signed one")
        yield Rooms(
            ledger=ledger, work=tmp_path / "work", objects=lambda: shelf,
            signer=lambda: nullcontext(keys[0]),
        )  # fmt: skip


def opened(file: TakenFile) -> zipfile.ZipFile:
    content = b"".join(file.blocks())
    assert len(content) == file.size
    made = zipfile.ZipFile(io.BytesIO(content))
    assert made.testzip() is None
    return made


def test_it_has_files_data_and_evidence_that_anybody_can_check(
    rooms: Rooms, keys: tuple[Signer, Trust], tmp_path: Path
) -> None:
    file = dossier_zip(READER, rooms, CODE)
    assert (file.name, file.media_type) == (f"{CODE}.zip", "application/zip")
    made = opened(file)
    assert sorted(made.namelist()) == [
        f"{CODE}/evidence.asice", f"{CODE}/result-001.json", f"{CODE}/result-001.pdf",
    ]  # fmt: skip
    assert made.read(f"{CODE}/result-001.pdf") == b"%PDF signed one"
    checked = tmp_path / "evidence.asice"
    checked.write_bytes(made.read(f"{CODE}/evidence.asice"))
    assert evidence.check(checked, keys[1]).dossier == CODE
    assert list((rooms.work / "taken-away").iterdir()) == [], "nothing is left of it"
    noted = rooms.ledger.accesses.of(actor=READER.name)
    assert [one.kind for one in noted] == ["zip_taken"]


def test_others_get_what_is_shared_and_no_evidence(rooms: Rooms, store: ShelfStore) -> None:
    publish(rooms.ledger, store, CODE, HERE, content=b"%PDF theirs", document_type="cong_van")
    with pytest.raises(NotFound):
        dossier_zip(OTHER, rooms, CODE)
    new = NewGrant(
        giver=HERE, receiver=ELSEWHERE, kind=Shared.document_type, subject="quyet_dinh",
        begins_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=None, reason="phối hợp",
    )  # fmt: skip
    grant = rooms.ledger.grants.add(new, "test")
    with pytest.raises(PurposeNeeded):
        dossier_zip(OTHER, rooms, CODE)
    made = opened(dossier_zip(OTHER, rooms, CODE, purpose="tra cứu thuế"))
    assert sorted(made.namelist()) == [f"{CODE}/result-001.json", f"{CODE}/result-001.pdf"]
    (noted,) = rooms.ledger.accesses.of(actor=OTHER.name)
    assert (noted.kind, noted.purpose) == ("zip_taken", "tra cứu thuế")
    rooms.ledger.grants.end(grant.id, "test")
    with pytest.raises(NotFound):
        dossier_zip(OTHER, rooms, CODE)


def test_nothing_is_given_where_a_file_is_not_whole(rooms: Rooms, store: ShelfStore) -> None:
    store.shelf["results", f"{HERE}/{CODE}/result-001.pdf"] = b"%PDF other"
    with pytest.raises(Damaged):
        dossier_zip(READER, rooms, CODE)
    assert list((rooms.work / "taken-away").iterdir()) == []
    assert rooms.ledger.accesses.of(actor=READER.name) == []


def test_a_face_without_keys_says_so(rooms: Rooms) -> None:
    with pytest.raises(Conflict):
        dossier_zip(READER, replace(rooms, signer=None), CODE)
    assert list((rooms.work / "taken-away").iterdir()) == []


def test_memory_holds_a_block_of_it(rooms: Rooms, store: ShelfStore) -> None:
    """Not the file: what is laid into the store, and the store itself, are not counted."""
    publish(rooms.ledger, store, "H17-261123-0012", HERE, content=bytes(40_000_000))
    other = Caller("user:thue", frozenset({Duty.reader}), frozenset({ELSEWHERE}))
    rooms.ledger.grants.add(
        NewGrant(
            giver=HERE, receiver=ELSEWHERE, kind=Shared.document_type, subject="quyet_dinh",
            begins_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=None, reason="phối hợp",
        ),
        "test",
    )  # fmt: skip
    tracemalloc.start()
    file = dossier_zip(other, rooms, "H17-261123-0012", purpose="tra cứu")
    size = sum(len(block) for block in file.blocks())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 40_000_000
    assert most < 8_000_000
