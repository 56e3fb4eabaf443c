"""What machines leave in shared folders is no paper."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.own_folders import is_reserved
from usecases.system_files import is_system_file

MACHINES = (
    "@eaDir", "@EADIR", "#recycle", "#Recycle", "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER",
    "System Volume Information", "system volume information", "lost+found", "Lost+Found",
    "giấy.pdf:Zone.Identifier", "giấy.pdf\uf03aZone.Identifier", "a.pdf\uf022Zone.Identifier:$DATA",
    "a.pdf:AFP_AfpInfo", "a.pdf:com.apple.quarantine", "a.pdf:$DATA",
    "a.pdf@SynoEAStream", "a.pdf@SynoResource", "ehthumbs.db", "Thumbs.db", "THUMBS.DB",
    "Thumbs.db:encryptable", "desktop.ini", "Desktop.ini", ".Trash-1000", ".snapshot", ".Trashes",
    "@Recycle", "@Recently-Snapshot", ".AppleDouble", "._giấy.pdf", "__MACOSX", "Icon\r",
    "~$to khai.docx", "~WRL0001.tmp", ".~lock.a.odt#", "a.docx.sb-0a1b2c3d-XyZ123", "found.001",
    "@GMT-2026.11.23-08.00.00", "_NAS_Recycle_Public", "Network Trash Folder", "Recycle Bin",
    "trashbox", "~snapshot", "a.pdf.crdownload", "a.pdf.GHI-CHU.txt", "Thumbs.db ", ".nfs0001",
)  # fmt: skip
PAPERS = (
    "a.pdf", "tờ khai.jpg", "H17-261123-0001", "Một cửa", "done", "thumbs.pdf", "recycle.pdf",
    "@nguyen.pdf", "#1.pdf", "$100.pdf", "lost+found.pdf", "a:b.pdf", "…tiếp theo.pdf", "x~1.pdf",
    "System Volume.pdf", "download.pdf", "Đơn xin: bổ sung.pdf", "icon.pdf", "tạm.tmp.pdf",
)  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_machines_files_are_no_papers(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert is_system_file(unicodedata.normalize(form, name))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PAPERS)
def test_papers_are_papers(name: str) -> None:
    assert not is_system_file(name)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1), st.sampled_from([".pdf", ".jpg"]))
def test_a_word_with_a_scans_ending_is_always_a_paper(word: str, ending: str) -> None:
    assert not is_system_file(word + ending)


@pytest.mark.parametrize("name", ["done", "Done", "DONE", "REJECTED", "Rejected ", "held.", "Held"])
def test_own_folders_are_own_in_whatever_letters(name: str) -> None:
    assert is_reserved(name)
