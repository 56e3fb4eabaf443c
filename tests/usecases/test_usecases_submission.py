"""Handing scans over to the inbox."""

from datetime import date
from pathlib import Path

import pytest

from flows.inbox import INCOMING
from schemas.dossier import PROVISIONAL_CODE
from schemas.errors import Conflict, InputRejected, NotFound
from usecases.caller import SERVICE
from usecases.submission import Submission, submissions, submit

CODE = "H17-261123-0001"
TODAY = date(2026, 11, 23)


def write(path: Path, content: bytes = b"scan") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_code_makes_all_paths_one_dossier(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.pdf"), write(tmp_path / "d" / "b.pdf").parent
    made = submissions([one, two], CODE, TODAY)
    assert [(submission.code, submission.provisional) for submission in made] == [(CODE, False)]
    assert submit(SERVICE, tmp_path / "inbox", "mot-cua", made[0]) == 2
    folder = tmp_path / "inbox" / "mot-cua" / CODE
    assert {path.name for path in folder.iterdir()} == {"a.pdf", "b.pdf", ".done"}
    assert list((tmp_path / "inbox" / INCOMING).iterdir()) == []


def test_without_a_code_each_folder_is_a_dossier(tmp_path: Path) -> None:
    write(tmp_path / CODE / "ket-qua" / "kq.pdf")
    write(tmp_path / "khác" / "a.pdf")
    loose = [write(tmp_path / "x.pdf"), write(tmp_path / "y.pdf")]
    made = submissions([tmp_path / CODE, tmp_path / "khác", *loose], None, TODAY)
    assert made[0].code == CODE
    assert all(PROVISIONAL_CODE.fullmatch(submission.code) for submission in made[1:])
    assert [len(submission.paths) for submission in made] == [1, 1, 2]
    submit(SERVICE, tmp_path / "inbox", "mot-cua", made[0])
    assert (tmp_path / "inbox" / "mot-cua" / CODE / "ket-qua" / "kq.pdf").exists()


@pytest.mark.parametrize("code", ["../../etc", "", "x" * 300, "H17", "H17-261123-0001/../.."])
def test_a_code_that_is_none_becomes_provisional(code: str, tmp_path: Path) -> None:
    (submission,) = submissions([write(tmp_path / "a.pdf")], code, TODAY)
    assert submission.provisional
    assert PROVISIONAL_CODE.fullmatch(submission.code)


def test_files_of_one_name_both_arrive(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1" / "a.pdf", b"1"), write(tmp_path / "2" / "a.pdf", b"2")
    submit(SERVICE, tmp_path / "inbox", "d", Submission(CODE, False, (one, two)))
    folder = tmp_path / "inbox" / "d" / CODE
    assert (folder / "a.pdf").read_bytes() == b"1"
    assert (folder / "a-2.pdf").read_bytes() == b"2"


def test_a_waiting_dossier_is_not_overwritten(tmp_path: Path) -> None:
    submission = Submission(CODE, False, (write(tmp_path / "a.pdf"),))
    submit(SERVICE, tmp_path / "inbox", "d", submission)
    with pytest.raises(Conflict):
        submit(SERVICE, tmp_path / "inbox", "d", submission)
    assert list((tmp_path / "inbox" / INCOMING).iterdir()) == []


def test_nothing_to_hand_over(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRejected):
        submit(SERVICE, tmp_path / "inbox", "d", Submission(CODE, False, (tmp_path / "empty",)))
    with pytest.raises(NotFound):
        submissions([tmp_path / "missing"], None, TODAY)
