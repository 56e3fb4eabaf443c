"""The inbox folder: what is a dossier, when it is whole, how it is claimed."""

import os
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.inbox import (
    CLAIMED,
    Candidate,
    Inbox,
    Patience,
    candidates,
    claimed_files,
    ignored,
    snapshot,
)
from schemas.department import ONE_STOP, Department, Departments
from schemas.dossier import Role
from schemas.errors import ServiceUnavailable

CODE = "H17-261123-0001"
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
PATIENCE = Patience(settle=5, incomplete=60)


def write(path: Path, content: bytes = b"whole") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def inbox(root: Path) -> Iterator[Inbox]:
    made = Inbox(root, "chung", PATIENCE, lambda path: path.read_bytes() != b"half")
    made.prepare()
    yield made


def names(found: Iterator[Candidate] | list[Candidate]) -> list[tuple[str | None, str, bool]]:
    return [(one.department, one.folder, one.loose) for one in found]


def test_a_folder_in_a_department_is_a_dossier(root: Path) -> None:
    write(root / "mot-cua" / CODE / "to-khai.pdf")
    assert names(candidates(root, "chung")) == [("mot-cua", CODE, False)]


def test_a_loose_file_is_a_dossier_of_one(root: Path) -> None:
    write(root / "mot-cua" / "to khai.pdf")
    write(root / "giay.pdf")
    assert names(candidates(root, "chung")) == [
        ("chung", "giay", True),
        ("mot-cua", "to khai", True),
    ]


def test_a_folder_called_by_a_code_directly_in_the_inbox_is_a_dossier(root: Path) -> None:
    write(root / CODE / "a.pdf")
    assert names(candidates(root, "chung")) == [("chung", CODE, False)]


def test_a_department_is_found_by_its_identifier_and_by_its_name(root: Path) -> None:
    known = Departments((Department(id="tu-phap", name="Tư pháp – Hộ tịch"), ONE_STOP))
    for folder in ("Một cửa", unicodedata.normalize("NFD", "Một Cửa"), "tu-phap", "MOT-CUA"):
        write(root / folder / CODE / "a.pdf")
    write(root / "Tư pháp - Hộ tịch" / CODE / "a.pdf")
    found = sorted(names(candidates(root, "chung", known)))
    assert found == sorted([("mot-cua", CODE, False)] * 3 + [("tu-phap", CODE, False)] * 2), (
        "whatever its folder is called, its identifier is what goes on"
    )


@pytest.mark.parametrize(
    "folder",
    ["NGUYỄN VĂN AN 048099001234", "Một cửa Đà Nẵng", "漢字", "mot-cua漢", "mot-cua\udce0", "???"],
)
def test_a_folder_of_no_known_department_is_nobodys(root: Path, folder: str) -> None:
    write(root / folder / CODE / "a.pdf")
    assert names(candidates(root, "chung")) == [(None, folder, False)]


def test_own_folders_and_hidden_files_are_no_dossiers(inbox: Inbox, root: Path) -> None:
    write(root / "done" / "mot-cua" / CODE / "a.pdf")
    write(root / "rejected" / "mot-cua" / CODE / "a.pdf")
    write(root / ".incoming" / "x" / CODE / "a.pdf")
    write(root / "mot-cua" / ".DS_Store")
    write(root / "Thumbs.db")
    assert names(candidates(root, "chung")) == []


@pytest.mark.parametrize("name", [".x", "~$a.docx", "Thumbs.db", "a.pdf.part", "b.CRDOWNLOAD"])
def test_ignored(name: str) -> None:
    assert ignored(name)


@pytest.mark.parametrize("name", ["a.pdf", "tệp.jpg", "part", "a.tmp.pdf"])
def test_not_ignored(name: str) -> None:
    assert not ignored(name)


def test_a_dossier_is_taken_when_still_and_whole(inbox: Inbox, root: Path) -> None:
    write(root / "mot-cua" / CODE / "a.pdf")
    assert inbox.look(0) == ([], True)
    assert inbox.look(4.9) == ([], True)
    ready, waiting = inbox.look(5.1)
    assert names(ready) == [("mot-cua", CODE, False)]
    assert not waiting


def test_a_growing_file_starts_the_wait_again(inbox: Inbox, root: Path) -> None:
    path = write(root / "mot-cua" / CODE / "a.pdf")
    inbox.look(0)
    path.write_bytes(b"whole and longer")
    inbox.look(4)
    assert inbox.look(8) == ([], True)
    assert inbox.look(9.5)[0]


def test_a_still_but_incomplete_file_waits_longer(inbox: Inbox, root: Path) -> None:
    write(root / "mot-cua" / CODE / "a.pdf")
    write(root / "mot-cua" / CODE / "b.pdf", b"half")
    inbox.look(0)
    assert inbox.look(30) == ([], True)
    assert inbox.look(60.1)[0], "after that it is taken, to be rejected with its reason"


def test_a_done_marker_takes_it_at_once(inbox: Inbox, root: Path) -> None:
    write(root / "mot-cua" / CODE / "a.pdf", b"half")
    write(root / "mot-cua" / CODE / ".done", b"")
    assert inbox.look(0)[0]


def test_a_folder_renamed_in_is_taken_at_once(inbox: Inbox, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / CODE
    write(outside / "a.pdf")
    write(outside / "ket-qua" / "b.pdf")
    time.sleep(0.02)
    (root / "mot-cua").mkdir()
    outside.rename(root / "mot-cua" / CODE)
    assert inbox.look(0)[0]


def test_a_folder_that_is_being_filled_is_not_taken_for_renamed(inbox: Inbox, root: Path) -> None:
    folder = root / "mot-cua" / CODE
    write(folder / "a.pdf")
    time.sleep(0.02)
    folder.chmod(0o755)  # a later ctime ...
    time.sleep(0.02)
    write(folder / "b.pdf")  # ... but then an entry is added
    assert inbox.look(0) == ([], True)


def test_a_file_written_after_the_folder_changed_is_not_taken(inbox: Inbox, root: Path) -> None:
    folder = root / "mot-cua" / CODE
    path = write(folder / "a.pdf")
    time.sleep(0.02)
    folder.chmod(0o755)
    time.sleep(0.02)
    path.write_bytes(b"whole, still being written")
    assert inbox.look(0) == ([], True)


CHANGES: dict[str, Callable[[Path], None]] = {
    "mode": lambda folder: folder.chmod(0o2775),
    "owner": lambda folder: os.chown(folder, -1, os.getgid()),
    "times": lambda folder: os.utime(folder, (1, 1)),
    "attributes": lambda folder: os.setxattr(folder, "user.DOSATTRIB", b"0x10"),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
@pytest.mark.parametrize("pause", [0.0, 0.03])
def test_a_folder_that_only_changes_has_not_come(
    inbox: Inbox, root: Path, change: str, pause: float
) -> None:
    """More files are still to be copied into it; those that are there are whole already."""
    folder = root / "mot-cua" / CODE
    write(folder / "a.pdf")
    time.sleep(pause)
    with suppress(OSError):  # a file system without attributes leaves the folder as it came
        CHANGES[change](folder)
    assert inbox.look(0) == ([], True)
    assert inbox.look(5.1)[0], "stillness tells"


def test_a_folder_renamed_in_half_copied_is_not_taken(
    inbox: Inbox, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside" / CODE
    write(outside / "a.pdf")
    write(outside / "b.pdf", b"half")
    time.sleep(0.02)
    (root / "mot-cua").mkdir()
    outside.rename(root / "mot-cua" / CODE)
    assert inbox.look(0) == ([], True)
    assert inbox.look(6) == ([], True)


def test_machines_folders_are_never_looked_into(inbox: Inbox, root: Path) -> None:
    write(root / "#recycle" / "mot-cua" / CODE / "deleted.pdf")
    write(root / "$RECYCLE.BIN" / "S-1-5-21" / "$R1.pdf")
    write(root / "mot-cua" / "@eaDir" / CODE / "a.pdf@SynoEAStream")
    write(root / "mot-cua" / ".Trash-1000" / "files" / "deleted.pdf")
    write(root / "Done" / "mot-cua" / CODE / "a.pdf")
    write(root / "mot-cua" / CODE / "@eaDir" / "a.pdf" / "SYNOPHOTO_THUMB_M.jpg")
    write(root / "mot-cua" / CODE / "a.pdf:Zone.Identifier")
    assert inbox.look(0) == ([], False)


def test_only_folders_where_something_may_come_are_watched(inbox: Inbox, root: Path) -> None:
    for number in range(20):
        write(root / "done" / "mot-cua" / f"H17-261123-{number:04d}" / "a.pdf")
    write(root / "mot-cua" / CODE / "a.pdf")
    (root / "mot-cua" / "H17-261123-0002" / "ket-qua").mkdir(parents=True)
    inbox.look(0)
    empty = root / "mot-cua" / "H17-261123-0002"
    assert inbox.folders == [root, root / "held", root / "mot-cua", empty, empty / "ket-qua"]


def test_a_missing_inbox_is_said(inbox: Inbox, root: Path) -> None:
    shutil.rmtree(root)
    with pytest.raises(ServiceUnavailable):
        inbox.look(0)


def test_a_file_exchanged_for_a_pipe_does_not_hold_up_the_look(root: Path, tmp_path: Path) -> None:
    path = root / "mot-cua" / CODE / "a.pdf"

    def exchanged(seen: Path) -> bool:
        path.unlink()
        os.mkfifo(path)
        return seen.read_bytes() == b"whole"

    inbox = Inbox(root, "chung", Patience(0, 60), exchanged)
    inbox.prepare()
    write(path)
    assert inbox.look(0)[0], "what was opened is what is looked at"


def test_own_folders_are_closed_to_everybody_else(tmp_path: Path) -> None:
    root = tmp_path / "inbox"
    root.mkdir()
    root.chmod(0o770)
    (root / "done").mkdir(mode=0o755)
    Inbox(root, "chung", PATIENCE, lambda _path: True).prepare()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in root.iterdir()}
    shown = {"done": 0o2750, "rejected": 0o2750, "held": 0o2750}
    assert modes == shown | {".claimed": 0o700, ".incoming": 0o700}
    assert stat.S_IMODE(root.stat().st_mode) == 0o1770, "nobody may exchange them"


def test_an_empty_folder_is_left_alone(inbox: Inbox, root: Path) -> None:
    (root / "mot-cua" / CODE).mkdir(parents=True)
    assert inbox.look(0) == ([], False)


def test_links_and_pipes_are_never_opened(inbox: Inbox, root: Path, tmp_path: Path) -> None:
    folder = root / "mot-cua" / CODE
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.pdf")
    (folder / "link.pdf").symlink_to(tmp_path / "nowhere")
    inbox.look(0)
    assert inbox.look(6)[0]


def test_a_claim_is_one_rename_and_tells_everything(inbox: Inbox, root: Path) -> None:
    write(root / "mot-cua" / CODE / "a.pdf")
    write(root / "mot-cua" / CODE / "ket-qua" / "kq.pdf")
    claim = inbox.claim(Candidate(root / "mot-cua" / CODE, "mot-cua", loose=False), MOMENT)
    assert claim is not None
    assert claim.folder == CODE
    assert not (root / "mot-cua" / CODE).exists()
    assert inbox.claims() == [claim]
    files = {file.relative: file.role for file in claimed_files(claim)}
    assert files == {"a.pdf": Role.component, "ket-qua/kq.pdf": Role.result}


def test_results_folder_in_vietnamese(inbox: Inbox, root: Path) -> None:
    write(root / "mot-cua" / CODE / "Kết quả" / "kq.pdf")
    claim = inbox.claim(Candidate(root / "mot-cua" / CODE, "mot-cua", loose=False), MOMENT)
    assert claim is not None
    assert [file.role for file in claimed_files(claim)] == [Role.result]


def test_two_claimers_get_one_claim(inbox: Inbox, root: Path) -> None:
    candidate = Candidate(write(root / "mot-cua" / "a.pdf"), "mot-cua", loose=True)
    assert inbox.claim(candidate, MOMENT) is not None
    assert inbox.claim(candidate, MOMENT) is None
    assert len(inbox.claims()) == 1


def test_a_very_long_name_can_be_claimed(inbox: Inbox, root: Path) -> None:
    name = "ắ" * 83 + ".pdf"  # 253 bytes
    candidate = Candidate(write(root / "mot-cua" / name), "mot-cua", loose=True)
    claim = inbox.claim(candidate, MOMENT)
    assert claim is not None
    assert (claim.path / name).exists()


def test_snapshot_counts_sub_folders(root: Path) -> None:
    write(root / "d" / "a", b"12")
    write(root / "d" / "sub" / "b", b"1")
    assert {name: size for name, (size, _) in snapshot(root / "d", loose=False).items()} == {
        "a": 2,
        "sub/b": 1,
    }


def test_empty_folders_of_claims_that_were_cut_off_are_swept(inbox: Inbox, root: Path) -> None:
    (root / CLAIMED / "c1" / "mot-cua").mkdir(parents=True)
    (root / CLAIMED / "c2").mkdir()
    kept = root / CLAIMED / "c3" / "mot-cua" / "H17-261123-0001" / "a.pdf"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a")
    inbox.sweep()
    assert [path.name for path in (root / CLAIMED).iterdir()] == ["c3"]
    assert kept.exists()
