"""The two ways out of the inbox."""

from pathlib import Path

from flows.disposition import NOTE_ENDING, finish_claim, reject_file, reject_folder
from flows.inbox import CLAIMED
from schemas.errors import InputRejected

REASON = InputRejected("reading.empty_file")


def claimed(inbox: Path, *names: str, claim: str = "c1") -> Path:
    folder = inbox / CLAIMED / claim / "mot-cua" / "H17-261123-0001"
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def test_a_rejected_file_stands_beside_its_note(tmp_path: Path) -> None:
    folder = claimed(tmp_path, "a.pdf", "b.pdf")
    reject_file(tmp_path, folder / "a.pdf", "mot-cua", "H17-261123-0001", REASON)
    home = tmp_path / "rejected" / "mot-cua" / "H17-261123-0001"
    assert (home / "a.pdf").read_bytes() == b"a.pdf"
    note = (home / ("a.pdf" + NOTE_ENDING)).read_text("utf-8")
    assert REASON.sentence("vi") in note
    assert REASON.sentence("en") in note
    assert (folder / "b.pdf").exists()


def test_rejecting_twice_is_rejecting_once(tmp_path: Path) -> None:
    folder = claimed(tmp_path, "a.pdf")
    for _ in range(2):
        reject_file(tmp_path, folder / "a.pdf", "mot-cua", "X", REASON)
    assert len(list((tmp_path / "rejected" / "mot-cua" / "X").iterdir())) == 2
    assert list((tmp_path / CLAIMED).iterdir()) == []


def test_an_interrupted_rejection_is_finished_without_a_second_note(tmp_path: Path) -> None:
    folder = claimed(tmp_path, "a.pdf")
    home = tmp_path / "rejected" / "mot-cua" / "X"
    home.mkdir(parents=True)
    (home / ("a.pdf" + NOTE_ENDING)).write_text("left by a killed run")
    reject_file(tmp_path, folder / "a.pdf", "mot-cua", "X", REASON)
    assert sorted(path.name for path in home.iterdir()) == ["a.pdf", "a.pdf" + NOTE_ENDING]


def test_two_rejected_files_of_one_name_both_stay(tmp_path: Path) -> None:
    for claim in ("c1", "c2"):
        folder = claimed(tmp_path, "a.pdf", claim=claim)
        reject_file(tmp_path, folder / "a.pdf", "mot-cua", "X", REASON)
    home = tmp_path / "rejected" / "mot-cua" / "X"
    assert {path.name for path in home.iterdir()} == {
        "a.pdf",
        "a.pdf" + NOTE_ENDING,
        "a-2.pdf",
        "a-2.pdf" + NOTE_ENDING,
    }


def test_the_longest_names_get_notes_too(tmp_path: Path) -> None:
    one, two = "ắ" * 83 + "1.pdf", "ắ" * 83 + "2.pdf"
    folder = claimed(tmp_path, one, two)
    for name in (one, two):
        reject_file(tmp_path, folder / name, "mot-cua", "X", REASON)
    home = tmp_path / "rejected" / "mot-cua" / "X"
    notes = [path for path in home.iterdir() if path.name.endswith(NOTE_ENDING)]
    assert len(notes) == 2
    assert (home / one).exists()


def test_a_finished_claim_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = claimed(tmp_path, "a.pdf", "ket-qua/kq.pdf", ".done")
    finish_claim(tmp_path, folder, "mot-cua", "H17-261123-0001")
    home = tmp_path / "done" / "mot-cua" / "H17-261123-0001"
    assert (home / "a.pdf").read_bytes() == b"a.pdf"
    assert (home / "ket-qua" / "kq.pdf").exists()
    assert list((tmp_path / CLAIMED).iterdir()) == []


def test_a_claim_cut_off_after_its_files_moved_is_finished(tmp_path: Path) -> None:
    folder = claimed(tmp_path, "a.pdf")
    finish_claim(tmp_path, folder, "mot-cua", "X")
    folder.parent.mkdir(parents=True)  # killed before the empty folders went
    finish_claim(tmp_path, folder, "mot-cua", "X")
    assert list((tmp_path / CLAIMED).iterdir()) == []
    assert [path.name for path in (tmp_path / "done" / "mot-cua" / "X").iterdir()] == ["a.pdf"]


def test_a_second_claim_joins_the_first_without_overwriting(tmp_path: Path) -> None:
    finish_claim(tmp_path, claimed(tmp_path, "a.pdf"), "mot-cua", "X")
    second = claimed(tmp_path, "a.pdf", claim="c2")
    (second / "a.pdf").write_bytes(b"other")
    finish_claim(tmp_path, second, "mot-cua", "X")
    home = tmp_path / "done" / "mot-cua" / "X"
    assert (home / "a.pdf").read_bytes() == b"a.pdf"
    assert (home / "a-2.pdf").read_bytes() == b"other"


def test_an_empty_dossier_gets_a_note(tmp_path: Path) -> None:
    folder = claimed(tmp_path, ".done")
    reject_folder(tmp_path, folder, "mot-cua", InputRejected("flow.empty_dossier"))
    home = tmp_path / "rejected" / "mot-cua"
    assert (home / "H17-261123-0001" / ".done").exists()
    assert (home / ("H17-261123-0001" + NOTE_ENDING)).exists()
