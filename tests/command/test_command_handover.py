"""Handing scans over to the inbox."""

from datetime import date
from pathlib import Path

import pytest

from flows.inbox import INCOMING
from schemas.dossier import PROVISIONAL_CODE
from schemas.errors import Conflict, InputRejected, NotFound
from sohoa.handover import Parcel, hand_over, parcels

CODE = "H17-261123-0001"
TODAY = date(2026, 11, 23)


def write(path: Path, content: bytes = b"scan") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_code_makes_all_paths_one_dossier(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.pdf"), write(tmp_path / "d" / "b.pdf").parent
    made = parcels([one, two], CODE, TODAY)
    assert [(parcel.code, parcel.provisional) for parcel in made] == [(CODE, False)]
    assert hand_over(tmp_path / "inbox", "mot-cua", made[0]) == 2
    folder = tmp_path / "inbox" / "mot-cua" / CODE
    assert {path.name for path in folder.iterdir()} == {"a.pdf", "b.pdf", ".done"}
    assert list((tmp_path / "inbox" / INCOMING).iterdir()) == []


def test_without_a_code_each_folder_is_a_dossier(tmp_path: Path) -> None:
    write(tmp_path / CODE / "ket-qua" / "kq.pdf")
    write(tmp_path / "khác" / "a.pdf")
    loose = [write(tmp_path / "x.pdf"), write(tmp_path / "y.pdf")]
    made = parcels([tmp_path / CODE, tmp_path / "khác", *loose], None, TODAY)
    assert made[0].code == CODE
    assert all(PROVISIONAL_CODE.fullmatch(parcel.code) for parcel in made[1:])
    assert [len(parcel.paths) for parcel in made] == [1, 1, 2]
    hand_over(tmp_path / "inbox", "mot-cua", made[0])
    assert (tmp_path / "inbox" / "mot-cua" / CODE / "ket-qua" / "kq.pdf").exists()


@pytest.mark.parametrize("code", ["../../etc", "", "x" * 300, "H17", "H17-261123-0001/../.."])
def test_a_code_that_is_none_becomes_provisional(code: str, tmp_path: Path) -> None:
    (parcel,) = parcels([write(tmp_path / "a.pdf")], code, TODAY)
    assert parcel.provisional
    assert PROVISIONAL_CODE.fullmatch(parcel.code)


def test_files_of_one_name_both_arrive(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1" / "a.pdf", b"1"), write(tmp_path / "2" / "a.pdf", b"2")
    hand_over(tmp_path / "inbox", "d", Parcel(CODE, False, (one, two)))
    folder = tmp_path / "inbox" / "d" / CODE
    assert (folder / "a.pdf").read_bytes() == b"1"
    assert (folder / "a-2.pdf").read_bytes() == b"2"


def test_a_waiting_dossier_is_not_overwritten(tmp_path: Path) -> None:
    parcel = Parcel(CODE, False, (write(tmp_path / "a.pdf"),))
    hand_over(tmp_path / "inbox", "d", parcel)
    with pytest.raises(Conflict):
        hand_over(tmp_path / "inbox", "d", parcel)
    assert list((tmp_path / "inbox" / INCOMING).iterdir()) == []


def test_nothing_to_hand_over(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRejected):
        hand_over(tmp_path / "inbox", "d", Parcel(CODE, False, (tmp_path / "empty",)))
    with pytest.raises(NotFound):
        parcels([tmp_path / "missing"], None, TODAY)
