"""Looking through the store: what is found, what ends, where a look goes on, what it proves."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pikepdf
import pytest

from schemas.dossier import Role
from schemas.errors import Damaged, NotFound, NotTrusted, ServiceUnavailable
from signing import trust_store
from storage import (
    KeptObject,
    Ledger,
    ListedVersion,
    NewClaim,
    NewFile,
    ObjectInfo,
    ObjectKind,
    Objects,
    StoredObject,
)
from usecases.fixity import Archive, FixityProgress, as_metadata, head_in, last_look, look_through

NOW = datetime(2026, 11, 30, 22, 47, tzinfo=UTC)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Shelf:
    """What a look needs of a store, in memory, to be tampered with."""

    content: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    held: dict[str, datetime | None] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    away: bool = False
    reads: int = 0

    def check(self, bucket: str, key: str, *, version_id: str | None, sha256: str) -> ObjectInfo:
        self.reads += 1
        if self.away:
            raise ServiceUnavailable("storing.store_unavailable", endpoint="here")
        if key not in self.content:
            raise NotFound("storing.no_object")
        if sha(self.content[key]) != sha256:
            raise Damaged("storing.object_altered", bucket=bucket, key=key)
        return ObjectInfo(
            bucket=bucket,
            key=key,
            bytes=len(self.content[key]),
            modified=NOW,
            version_id="v1",
            sha256=sha256,
            media_type=None,
            metadata=self.metadata.get(key, {}),
        )

    def get(
        self, bucket: str, key: str, out: Path, *, version_id: str | None, sha256: str
    ) -> ObjectInfo:
        info = self.check(bucket, key, version_id=version_id, sha256=sha256)
        out.write_bytes(self.content[key])
        return info

    def held_until(self, _bucket: str, key: str, _version: str | None) -> datetime | None:
        return self.held[key]

    def versions(self, bucket: str, prefix: str) -> list[ListedVersion]:
        return [
            ListedVersion(
                bucket=bucket,
                key=key,
                bytes=1,
                modified=NOW,
                version_id=self.newest.get(key, "v1"),
                newest=True,
                deleted=key in self.marked,
            )
            for key in self.content
            if key.startswith(prefix)
        ]


@dataclass
class Kept:
    """An archive of ``count`` dossiers with an original and an index each."""

    ledger: Ledger
    shelf: Shelf
    archive: Archive

    def put(self, key: str, content: bytes, kind: ObjectKind, dossier_id: int) -> KeptObject:
        until = NOW + timedelta(days=30)
        self.shelf.content[key] = content
        self.shelf.held[key] = until
        stored = StoredObject(
            bucket="results",
            key=key,
            version_id="v1",
            sha256=sha(content),
            bytes=len(content),
            retain_until=until,
        )
        return self.ledger.record_object(stored, kind=kind, dossier_id=dossier_id, actor="sohoa")

    def look(self, **more: Any) -> FixityProgress:
        return look_through(self.archive, **more)

    def found(self) -> list[str]:
        return [f"{one.code} {one.place}" for one in self.ledger.findings()]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    shelf = Shelf()
    archive = Archive(
        ledger=ledger,
        objects=cast(Objects, shelf),
        trust=trust_store(None, ()),
        folder=tmp_path / "fixity",
        clock=lambda: NOW,
    )
    made = Kept(ledger, shelf, archive)
    for number in range(1, 4):
        code = f"H17-261130-000{number}"
        file = NewFile(
            relative="a.pdf", name="a.pdf", role=Role.component, sha256=sha(b"%d" % number), bytes=1
        )
        done = ledger.register(
            NewClaim(
                claim_id=f"c{number}",
                department="mot-cua",
                code=code,
                folder=code,
                files=(file,),
                actor="sohoa",
            )
        )
        key = f"mot-cua/{code}"
        made.put(f"{key}/component-001.bin", b"%d" % number, ObjectKind.original, done.dossier.id)
        head = ledger.prove(done.dossier.id).head
        made.put(f"{key}/index-001.json", b"{}%d" % number, ObjectKind.index, done.dossier.id)
        shelf.metadata[f"{key}/index-001.json"] = as_metadata(head)
    return made


ORIGINAL = "mot-cua/H17-261130-0002/component-001.bin"


def test_what_is_sound_is_counted_and_nothing_is_found(kept: Kept) -> None:
    kept.shelf.content["mot-cua/H17-261130-0002/index-007.json"] = b"left by a cut-off run"
    told: list[tuple[int, int]] = []
    looked = kept.look(seen=lambda state, total: told.append((state.dossiers, total)))
    assert (looked.dossiers, looked.objects, looked.wrong, looked.unrecorded) == (3, 6, 0, 1)
    assert looked.ended_at == NOW and told == [(1, 3), (2, 3), (3, 3)]
    assert kept.found() == []
    assert last_look(kept.archive.folder) == looked


def _rot(shelf: Shelf) -> None:
    shelf.content[ORIGINAL] = b"3"


def _lose(shelf: Shelf) -> None:
    del shelf.content[ORIGINAL]


def _mark(shelf: Shelf) -> None:
    shelf.marked.add(ORIGINAL)


def _lay_over(shelf: Shelf) -> None:
    shelf.newest[ORIGINAL] = "v2"


def _unlock(shelf: Shelf) -> None:
    shelf.held[ORIGINAL] = None


def _shorten(shelf: Shelf) -> None:
    shelf.held[ORIGINAL] = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_rot, "object_damaged"),
        (_lose, "object_missing"),
        (_mark, "object_hidden"),
        (_lay_over, "object_overwritten"),
        (_unlock, "object_unlocked"),
        (_shorten, "object_unlocked"),
    ],
)
def test_each_harm_is_found_once_and_ends_when_mended(
    kept: Kept, harm: Callable[[Shelf], None], code: str
) -> None:
    sound = Shelf(dict(kept.shelf.content), kept.shelf.metadata, dict(kept.shelf.held), {}, set())
    harm(kept.shelf)
    for _ in range(2):
        assert kept.look().wrong == 1
        assert kept.found() == [f"{code} results/{ORIGINAL}"]
    (finding,) = kept.ledger.findings()
    assert (finding.dossier_id, finding.stops) == (2, False)
    kept.ledger.prove(1)  # the store's harm stops no signing
    kept.shelf.__dict__.update(sound.__dict__)
    assert kept.look().wrong == 0
    assert kept.found() == []


def test_a_signed_file_without_its_signature_is_found(kept: Kept, tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "unsigned.pdf")
    content = (tmp_path / "unsigned.pdf").read_bytes()
    kept.put("mot-cua/H17-261130-0001/component-001.pdf", content, ObjectKind.signed, 1)
    looked = kept.look()
    assert (looked.signatures, looked.wrong) == (1, 1)
    assert kept.found() == ["signature_not_valid results/mot-cua/H17-261130-0001/component-001.pdf"]
    assert list(kept.archive.folder.glob("*.pdf")) == []


def test_a_look_goes_on_where_it_stopped(kept: Kept) -> None:
    left = [3]

    def stopped() -> bool:
        left[0] -= 1
        return left[0] < 0

    first = kept.look(stopped=stopped)
    assert first.dossiers == 1 and first.ended_at is None
    reads = kept.shelf.reads
    second = kept.look()
    assert second.dossiers == 3 and second.ended_at == NOW
    assert kept.shelf.reads - reads == 4  # of the two other dossiers
    assert kept.look().dossiers == 3  # and begins anew
    assert kept.look(name="operator").dossiers == 3


def test_a_look_ends_in_time_and_when_the_store_goes_away(kept: Kept) -> None:
    assert kept.look(until=NOW).dossiers == 0
    kept.shelf.away = True
    with pytest.raises(ServiceUnavailable):
        kept.look()
    assert kept.found() == []  # away is not damaged
    kept.shelf.away = False
    assert kept.look().dossiers == 3


def test_two_do_not_look_at_once(kept: Kept) -> None:
    def seen(_state: FixityProgress, _total: int) -> None:
        with pytest.raises(ServiceUnavailable):
            kept.look()

    kept.look(seen=seen)


def test_a_log_written_anew_is_found_by_what_the_store_holds(kept: Kept) -> None:
    key = "mot-cua/H17-261130-0003/index-001.json"
    said = kept.shelf.metadata[key]
    kept.shelf.metadata[key] = said | {"ledger-hash": sha(b"another log")}
    kept.look()
    assert kept.found() == [f"head_not_in_ledger results/{key}"]
    with pytest.raises(NotTrusted):
        kept.ledger.prove(1)
    kept.ledger.accept("a backup was restored", "cli:operator")
    kept.look()
    assert kept.found() == []
    kept.ledger.prove(1)


def test_the_end_of_the_log_as_metadata(kept: Kept) -> None:
    head = kept.ledger.prove(1).head
    assert head_in(as_metadata(head)) == head
    assert head_in({}) is None
    assert head_in(as_metadata(head) | {"ledger-seq": "many"}) is None
