"""What a killed write has left goes at the next start; what may hold a signature stays."""

import os
import time
from pathlib import Path

from sohoa.services.leftovers import HANDED_OVER_SECONDS, YOUNG_SECONDS, sweep
from sohoa.settings import load_settings

PARTS = (
    "data/.calibration.json.part",
    "data/learning/lines/.sohoa-00.part",
    "data/run/.services.json.abcd.part",
    "data/secrets/.s3_secret_key.abcd.part",
    "data/work/.index-7.json.part",
    "data/work/7/.manifest.json.part",
    "data/work/7/.manifest-reviewed.json.part",
    "data/work/7/.sohoa-0011223344556677.part",
    "data/work/7/reading.part",
    "data/work/7/pages.part",
    "data/work/7/.composing-0011223344556677-abcd/pictures.pdf",
    "data/inbox/rejected/mot-cua/H17-261123-0001/.0011aabb.note.tmp",
    "data/inbox/held/.0011aabb.note.tmp",
)
KEPT = (
    "data/work/7/signed.pdf.part",
    "data/work/7/document.pdf",
    "data/work/7/manifest.json",
    "data/inbox/mot-cua/H17-261123-0001/.a.pdf.part",
    "data/inbox/.claimed/c/mot-cua/x/.a.part",
)


def made(root: Path, name: str, age: float) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    moment = time.time() - age
    for one in (path, path.parent):
        os.utime(one, (moment, moment))
    return path


def test_half_written_files_are_removed(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data")
    gone = [made(tmp_path, name, YOUNG_SECONDS + 5) for name in PARTS]
    kept = [made(tmp_path, name, YOUNG_SECONDS + 5) for name in KEPT]
    young = made(tmp_path, "data/work/8/.manifest.json.part", 0)
    outside = made(tmp_path, "outside/.a.part", 1000)
    (tmp_path / "data" / "work" / "7" / ".link.part").symlink_to(outside)
    (tmp_path / "data" / "work" / "link").symlink_to(outside.parent)
    sweep(settings)
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert young.exists(), "a command may be writing it"
    assert outside.exists()


def test_what_ingest_has_left_goes_after_a_day(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data")
    name = "data/inbox/.incoming/{}/a.pdf"
    old = made(tmp_path, name.format("old"), HANDED_OVER_SECONDS + 60)
    new = made(tmp_path, name.format("new"), 3600)
    sweep(settings)
    assert not old.exists()
    assert new.exists()
