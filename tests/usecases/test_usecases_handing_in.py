"""Handing in over the network: whole or not at all, once for each key, nothing hidden in names."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.department import Department
from schemas.desk_views import HandInView
from schemas.dossier import Role, Stage
from schemas.errors import ConfigurationError, Conflict, InputRejected, NotFound, SohoaError
from storage import Ledger, NewClaim, NewFile
from usecases import handing_in
from usecases.caller import Caller, Duty
from usecases.following import dossier_state
from usecases.handing_in import Drop, dropping, hand_in, usable_name
from usecases.rooms import Rooms

LAN = Caller("user:lan", frozenset({Duty.clerk}), frozenset({"mot-cua"}))
CODE = "H17.9.3-261123-0001"
KEY = "khoa-nop-0001"


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(tmp_path: Path, clock: Clock) -> Iterator[Rooms]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock) as ledger:
        ledger.add_department(Department(id="thue", name="Thuế"), "test")
        nothing: Any = None
        yield Rooms(ledger=ledger, work=tmp_path / "work", objects=lambda: nothing, clock=clock)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def put(drop: Drop, name: str, content: bytes, role: Role = Role.component) -> None:
    file = drop.add(name, role)
    file.write(content)
    file.close()


def handed(
    rooms: Rooms, inbox: Path, *contents: bytes, caller: Caller = LAN, **more: str
) -> HandInView:
    with dropping(caller, rooms) as drop:
        for content in contents or (b"trang",):
            put(drop, "don.pdf", content)
        return hand_in(caller, rooms, inbox, drop, **{"key": KEY, "code": CODE} | more)


def lies(inbox: Path) -> list[str]:
    """What lies in the inbox, without the marks that a folder is whole."""
    files = [one.relative_to(inbox).as_posix() for one in inbox.rglob("*") if one.is_file()]
    return sorted(one for one in files if not one.endswith("/.done"))


def test_it_lies_in_the_inbox_as_from_a_folder(rooms: Rooms, inbox: Path, tmp_path: Path) -> None:
    with dropping(LAN, rooms) as drop:
        put(drop, "đơn.pdf", b"1")
        put(drop, "đơn.pdf", b"2")
        put(drop, "quyết định.pdf", b"3", Role.result)
        assert {oct(one.stat().st_mode)[-3:] for one in drop.folder.rglob("*.pdf")} == {"600"}
        made = hand_in(LAN, rooms, inbox, drop, key=KEY, code=CODE)
    assert (made.dossier, made.department, made.files) == (CODE, "mot-cua", 3)
    home = f"mot-cua/{CODE}"
    assert lies(inbox) == [
        f"{home}/ket-qua/quyết định.pdf", f"{home}/đơn-2.pdf", f"{home}/đơn.pdf",
    ]  # fmt: skip
    assert (inbox / home / ".done").exists(), "it says that it is whole"
    assert list((rooms.work / handing_in.FOLDER).iterdir()) == [], "nothing is left"


def test_the_same_again_is_there_once(rooms: Rooms, inbox: Path) -> None:
    first = handed(rooms, inbox, code="")
    assert first.provisional and first.dossier.startswith("TAM-")
    assert handed(rooms, inbox, code="") == first
    shutil.rmtree(inbox / "mot-cua" / first.dossier)  # the watcher has taken it
    assert handed(rooms, inbox, code="") == first
    assert lies(inbox) == []


def test_a_key_is_of_one_sender(rooms: Rooms, inbox: Path) -> None:
    other = Caller("user:minh", LAN.duties, LAN.departments)
    assert handed(rooms, inbox, code="") != handed(rooms, inbox, caller=other, code="")


def test_other_papers_under_the_same_key_are_refused(rooms: Rooms, inbox: Path) -> None:
    handed(rooms, inbox)
    with pytest.raises(Conflict) as refused:
        handed(rooms, inbox, b"other")
    assert refused.value.code == "storing.hand_in_differs"
    assert len(lies(inbox)) == 1


def test_what_could_not_be_put_there_may_be_tried_again(rooms: Rooms, inbox: Path) -> None:
    handed(rooms, inbox)
    with pytest.raises(Conflict) as refused:
        handed(rooms, inbox, b"more", key="khoa-nop-0002")
    assert refused.value.code == "cli.inbox_name_taken"
    shutil.rmtree(inbox / "mot-cua" / CODE)
    handed(rooms, inbox, b"more", key="khoa-nop-0002")
    assert len(lies(inbox)) == 1


@pytest.mark.parametrize("where", ["before", "inbox", "claimed", "ledger"])
def test_whoever_died_over_it_left_it_there_once(
    rooms: Rooms, inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Killed before or after the papers came into the inbox: sent again, they are there once."""

    class Killed(BaseException):
        pass

    def killed(*_args: object, **_more: object) -> None:
        raise Killed

    step = "submit" if where == "before" else None
    with monkeypatch.context() as patch:
        if step:
            patch.setattr(handing_in, "submit", killed)
        else:
            patch.setattr("storage.hand_ins.HandIns.done", killed)
        with pytest.raises(Killed):
            handed(rooms, inbox)
    if where == "claimed":
        taken = inbox / ".claimed" / "20261123T080000-00000000" / "mot-cua"
        taken.mkdir(parents=True)
        (inbox / "mot-cua" / CODE).rename(taken / CODE)
    elif where == "ledger":
        _registered(rooms, inbox / "mot-cua" / CODE)
    with pytest.raises(Conflict) as refused:
        handed(rooms, inbox)
    assert refused.value.code == "intake.being_taken"
    clock.ahead += timedelta(minutes=6)
    assert handed(rooms, inbox).dossier == CODE
    there = lies(inbox)
    assert len(there) == (0 if where == "ledger" else 1), there


def _registered(rooms: Rooms, folder: Path) -> None:
    """What the watcher does."""
    paper = folder / "don.pdf"
    sha256, size = handing_in.fingerprint(paper)
    file = NewFile(
        relative="don.pdf", name="don.pdf", role=Role.component, sha256=sha256, bytes=size
    )
    rooms.ledger.register(
        NewClaim(
            claim_id="c1", department="mot-cua", code=CODE, folder=CODE, files=(file,), actor="test"
        )
    )
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "name",
    ["", " ", "/etc/passwd", "../don.pdf", "a/b.pdf", "a\\b.pdf", ".an.pdf", "..", "Thumbs.db",
     "don\0.pdf", "don\n.pdf", "gpj.\u202efdp", "don\u200b.pdf", "\ud800.pdf", "é" * 101,
     "~$don.docx", "don.pdf:Zone.Identifier"],
)  # fmt: skip
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(InputRejected) as refused:
        usable_name(name)
    assert refused.value.code == "intake.bad_file_name"
    assert name.strip() == "" or name not in str(refused.value)


def test_names_are_in_one_spelling() -> None:
    assert usable_name("đơn xin.pdf") == "đơn xin.pdf"
    assert usable_name("to\u031b khai.pdf") == "tơ khai.pdf"


def test_too_much_is_refused(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "MOST_FILES", 2)
    monkeypatch.setattr(handing_in, "LARGEST_FILE", 10)
    monkeypatch.setattr(handing_in, "MOST_BYTES", 15)
    with dropping(LAN, rooms) as drop:
        with pytest.raises(InputRejected, match=r"intake\.file_too_large|MB"):
            put(drop, "a.pdf", b"x" * 11)
        with pytest.raises(InputRejected) as refused:
            put(drop, "b.pdf", b"x" * 5)
        assert refused.value.code == "intake.too_large"
        with pytest.raises(InputRejected) as refused:
            drop.add("c.pdf", Role.component)
        assert refused.value.code == "intake.too_many_files"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"code": "H17"}, "intake.bad_code"),
        ({"code": "../../x"}, "intake.bad_code"),
        ({"key": ""}, "intake.bad_key"),
        ({"key": "khóa dài lắm"}, "intake.bad_key"),
        ({"key": "k" * 201}, "intake.bad_key"),
        ({"department": "thue"}, "cli.no_department"),
        ({"department": "nơi-khác"}, "cli.no_department"),
    ],
)
def test_what_lacks_something_is_refused(
    rooms: Rooms, inbox: Path, more: dict[str, str], code: str
) -> None:
    with pytest.raises(SohoaError) as refused:
        handed(rooms, inbox, **more)
    assert refused.value.code == code
    assert lies(inbox) == []


def test_nothing_is_nothing(rooms: Rooms, inbox: Path) -> None:
    with dropping(LAN, rooms) as drop:
        with pytest.raises(InputRejected) as refused:
            hand_in(LAN, rooms, inbox, drop, key=KEY)
        assert refused.value.code == "intake.no_files"
        with pytest.raises(InputRejected) as refused:
            put(drop, "a.pdf", b"")
        assert refused.value.code == "intake.empty_file"
        with pytest.raises(ConfigurationError):
            hand_in(LAN, rooms, None, drop, key=KEY)


def test_who_has_several_departments_says_which(rooms: Rooms, inbox: Path) -> None:
    both = Caller("user:ba", LAN.duties, frozenset({"mot-cua", "thue"}))
    for caller in (both, Caller("user:ca", LAN.duties, None)):
        with pytest.raises(InputRejected) as refused:
            handed(rooms, inbox, caller=caller)
        assert refused.value.code == "intake.no_department"
    assert handed(rooms, inbox, caller=both, department="Thuế").department == "thue"


def test_one_sees_where_it_is(rooms: Rooms, inbox: Path) -> None:
    with pytest.raises(NotFound):
        dossier_state(LAN, rooms, CODE)
    handed(rooms, inbox)
    state = dossier_state(LAN, rooms, CODE)
    assert (state.stage, state.in_inbox, state.settled) == (None, True, False)
    elsewhere = Caller("user:ba", LAN.duties, frozenset({"thue"}))
    with pytest.raises(NotFound):
        dossier_state(elsewhere, rooms, CODE)
    _registered(rooms, inbox / "mot-cua" / CODE)
    state = dossier_state(LAN, rooms, CODE)
    assert (state.stage, state.in_inbox, state.settled) == (Stage.received, False, False)
    assert [one.label for one in state.documents] == ["component-001"]
    handed(rooms, inbox, b"more", key="khoa-nop-0002")
    assert dossier_state(LAN, rooms, CODE).in_inbox, "more of it came"


def test_what_a_killed_process_left_is_swept(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    left = rooms.work / handing_in.FOLDER / "left"
    left.mkdir(parents=True)
    with dropping(LAN, rooms):
        assert left.exists()
    monkeypatch.setattr(handing_in, "_LEFT_SECONDS", -1)
    with dropping(LAN, rooms):
        assert not left.exists()
