"""What is worked on lies in the store: held where it is an original, gone when its claim ends."""

import hashlib
from pathlib import Path

import pytest
from minio.deleteobjects import DeleteObject

from schemas.errors import Damaged, NotFound
from storage import Objects

pytestmark = pytest.mark.service

CLAIM = "20261123T081500-{:08x}"


def a_file(folder: Path, content: bytes = b"paper") -> Path:
    path = folder / "a.pdf"
    path.write_bytes(content)
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_an_original_is_held_and_read_back(objects: Objects, tmp_path: Path) -> None:
    claim, copy = CLAIM.format(1), tmp_path / "copy"
    for _ in range(2):
        kept = objects.keep_original(claim, a_file(tmp_path), copy)
        assert kept == (sha256(b"paper"), 5)
        assert copy.read_bytes() == b"paper"
    assert objects.originals_kept(claim) == {sha256(b"paper")}
    bucket = objects.options.work_bucket
    (version,) = objects.versions(bucket, claim)
    wanted = [DeleteObject(version.key, version.version_id)]
    assert [*objects._s3.client.remove_objects(bucket, wanted)], "the store refuses to delete it"
    out = tmp_path / "out"
    objects.get_original(claim, sha256(b"paper"), out)
    assert out.read_bytes() == b"paper"
    with pytest.raises(NotFound):
        objects.get_original(claim, sha256(b"other"), out)


def test_of_two_that_keep_under_one_name_the_first_counts(objects: Objects, tmp_path: Path) -> None:
    claim = CLAIM.format(2)
    assert objects.made(claim, "signed") is None
    assert objects.keep_made(claim, a_file(tmp_path, b"one"), "signed") == sha256(b"one")
    assert objects.keep_made(claim, a_file(tmp_path, b"two"), "signed") == sha256(b"one")
    assert objects.made(claim, "signed") == sha256(b"one")
    assert objects.keep_made(claim, a_file(tmp_path, b"two")) == sha256(b"two")
    out = tmp_path / "out"
    assert objects.get_made(claim, "signed", out, sha256(b"one"))
    assert objects.get_made(claim, sha256(b"two"), out)
    assert out.read_bytes() == b"two"
    assert not objects.get_made(claim, "signed", out, sha256(b"two")), "other bytes"
    assert not objects.get_made(claim, "nothing", out)
    assert out.read_bytes() == b"two"


def test_a_claim_that_ends_takes_everything_with_it(objects: Objects, tmp_path: Path) -> None:
    gone, stays = CLAIM.format(3), CLAIM.format(4)
    for claim in (gone, stays):
        objects.keep_original(claim, a_file(tmp_path), tmp_path / "copy")
        objects.keep_made(claim, a_file(tmp_path, b"made"))
    for _ in range(2):
        objects.drop(gone)
        assert objects.versions(objects.options.work_bucket, gone) == []
        assert gone not in objects.claims_kept()
    assert stays in objects.claims_kept()
    assert objects.originals_kept(stays) == {sha256(b"paper")}


def test_damaged_bytes_are_told_from_missing_ones(objects: Objects, tmp_path: Path) -> None:
    claim = CLAIM.format(5)
    objects.keep_made(claim, a_file(tmp_path, b"other"), "x")
    with pytest.raises(Damaged):
        objects.get_work(f"{claim}/made/x", tmp_path / "out", sha256=sha256(b"paper"))
