"""Folders of nobody's: held under a neutral code, and let go by a person's word."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.disposition import NOTE_ENDING
from flows.held import assign, held, hold, sweep, tidy
from flows.inbox import Inbox, Patience
from schemas.department import ONE_STOP, Department, Departments
from schemas.errors import NotFound, SohoaError

CODE = "H17-261123-0001"
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
PERSON = "TRẦN THỊ VÍ DỤ 048099001234"


@pytest.fixture
def known() -> list[Department]:
    return [Department(id="chung", name="chung"), ONE_STOP]


@pytest.fixture
def inbox(tmp_path: Path, known: list[Department]) -> Inbox:
    made = Inbox(
        tmp_path / "inbox", "chung", Patience(0, 0), lambda _path: True, lambda: Departments(known)
    )
    made.prepare()
    return made


def write(path: Path, content: bytes = b"a") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def held_one(inbox: Inbox, folder: str = PERSON) -> str:
    (candidate,) = inbox.look(0)[0]
    assert candidate.department is None
    assert candidate.path.name == folder
    code = hold(inbox.root, candidate.path, MOMENT)
    assert code is not None
    return code


def found(inbox: Inbox) -> list[tuple[str | None, str, bool]]:
    return [(one.department, one.folder, one.loose) for one in inbox.look(0)[0]]


def test_a_folder_of_nobodys_is_held_with_a_note(inbox: Inbox) -> None:
    write(inbox.root / PERSON / "giấy khai sinh.pdf")
    code = held_one(inbox)
    assert code.startswith("CHO-261123-")
    assert not (inbox.root / PERSON).exists()
    assert (inbox.root / "held" / code / PERSON / "giấy khai sinh.pdf").exists()
    note = (inbox.root / "held" / (code + NOTE_ENDING)).read_text("utf-8")
    assert "sohoa department assign" in note
    assert PERSON not in note
    assert [(one.code, one.files) for one in held(inbox.root)] == [(code, 1)]
    assert found(inbox) == []


def test_a_name_that_is_not_utf8_is_held_too(inbox: Inbox) -> None:
    raw = os.fsdecode(b"M\xe1t c\xfaa")
    write(inbox.root / raw / CODE / "a.pdf")
    held_one(inbox, raw)
    assert held(inbox.root)[0].files == 1


def test_what_is_held_goes_on_when_its_department_is_known(
    inbox: Inbox, known: list[Department]
) -> None:
    write(inbox.root / "Tư pháp" / CODE / "a.pdf")
    write(inbox.root / "Tư pháp" / "b.pdf")
    write(inbox.root / "Tư pháp" / "Thumbs.db")
    code = held_one(inbox, "Tư pháp")
    known.append(Department(id="tu-phap", name="Tư pháp"))
    assert found(inbox) == [("tu-phap", CODE, False), ("tu-phap", "b", True)]
    for candidate in inbox.look(0)[0]:
        assert inbox.claim(candidate, MOMENT) is not None
        tidy(inbox.root, inbox.known())
    assert held(inbox.root) == []
    assert list((inbox.root / "held").iterdir()) == []
    assert (inbox.root / "done" / "tu-phap" / code / "Tư pháp" / "Thumbs.db").exists()


def test_a_persons_folder_becomes_one_dossier_of_the_department_it_is_given_to(
    inbox: Inbox,
) -> None:
    write(inbox.root / PERSON / "1.pdf")
    write(inbox.root / PERSON / "2.pdf")
    assign(inbox.root, held_one(inbox), "mot-cua")
    assert found(inbox) == [("mot-cua", PERSON, False)]
    (candidate,) = inbox.look(0)[0]
    claim = inbox.claim(candidate, MOMENT)
    assert claim is not None
    assert claim.department == "mot-cua"
    tidy(inbox.root, inbox.known())
    assert list((inbox.root / "held").iterdir()) == []


def test_a_mistyped_department_is_given_with_its_dossiers(inbox: Inbox) -> None:
    write(inbox.root / "Mot cuaa" / CODE / "a.pdf")
    write(inbox.root / "Mot cuaa" / "H17-261123-0002" / "a.pdf")
    code = held_one(inbox, "Mot cuaa")
    assign(inbox.root, code, "mot-cua")
    assert [name for _, name, _ in found(inbox)] == [CODE, "H17-261123-0002"]
    assign(inbox.root, code, "mot-cua")
    assert len(found(inbox)) == 2, "saying it twice is saying it once"


@pytest.mark.parametrize("code", ["CHO-261123-00000000", "..", "../done", "a/b", ""])
def test_what_is_not_held_cannot_be_given(inbox: Inbox, code: str) -> None:
    with pytest.raises(NotFound):
        assign(inbox.root, code, "mot-cua")


def test_a_holding_that_was_cut_off_leaves_no_note(inbox: Inbox) -> None:
    home = inbox.root / "held" / "CHO-261123-00000000"
    home.mkdir()
    home.with_name(home.name + NOTE_ENDING).write_text("left by a killed run")
    kept = write(inbox.root / "held" / "CHO-261123-00000001" / PERSON / "a.pdf")
    kept.parent.parent.with_name("CHO-261123-00000001" + NOTE_ENDING).write_text("a note")
    sweep(inbox.root)
    assert {path.name for path in (inbox.root / "held").iterdir()} == {
        "CHO-261123-00000001",
        "CHO-261123-00000001" + NOTE_ENDING,
    }


def test_a_link_in_the_place_of_held_harms_nobody(inbox: Inbox, tmp_path: Path) -> None:
    write(inbox.root / "mot-cua" / CODE / "a.pdf")
    write(inbox.root / PERSON / "a.pdf")
    elsewhere = write(tmp_path / "elsewhere" / "CHO-1" / "mot-cua" / "a.pdf").parent
    (inbox.root / "held").rmdir()
    (inbox.root / "held").symlink_to(elsewhere.parent.parent)
    assert sorted(found(inbox), key=str) == [("mot-cua", CODE, False), (None, PERSON, False)]
    assert held(inbox.root) == []
    with pytest.raises((OSError, SohoaError)):
        hold(inbox.root, inbox.root / PERSON, MOMENT)
    assert (elsewhere / "a.pdf").exists()
    assert (inbox.root / PERSON / "a.pdf").exists()
