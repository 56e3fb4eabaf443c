"""What is claimed lies in folders of our own, under names that all can write."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from taking import taking

from flows import claims as claims_module
from flows.claims import CLAIMED, MAX_DEPTH, TAKEN, Claim, claimed_files, clean_name
from flows.inbox import Candidate, Inbox, Patience
from flows.intake import register
from schemas.errors import ConfigurationError
from storage import Ledger

CODE = "H17-261123-0001"
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "inbox", "chung", Patience(0, 0), lambda _path: True)
    made.prepare()
    return made


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is none of the clerk's."""
    path = tmp_path / "elsewhere" / "secret.pdf"
    path.parent.mkdir()
    path.write_bytes(b"nobody may read this")
    return path


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take(inbox: Inbox, path: Path, *, loose: bool = False) -> Claim:
    claim = inbox.claim(Candidate(path, "mot-cua", loose=loose), MOMENT)
    assert claim is not None
    return claim


def names(claim: Claim) -> dict[str, bytes]:
    found = [one.relative for one in claimed_files(claim)]
    return {name: (claim.path / name).read_bytes() for name in found}


@given(st.binary(min_size=1, max_size=255).filter(lambda raw: b"/" not in raw and b"\0" not in raw))
def test_every_name_becomes_one_that_can_be_written(raw: bytes) -> None:
    clean = clean_name(os.fsdecode(raw))
    assert 0 < len(clean.encode("utf-8", "strict")) <= 255
    assert not any(sign in clean for sign in "\n\r\t\x1b\x7f\u2028\u202e")
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    "name", ["tờ khai.pdf", "to\u031b\u0300 khai.pdf", "a\u00a0b.pdf", "📄.pdf"]
)
def test_a_sound_name_stays_byte_for_byte(name: str) -> None:
    assert clean_name(name) == name


def test_two_names_that_become_one_are_two_documents(inbox: Inbox, tmp_path: Path) -> None:
    folder = inbox.root / "mot-cua" / CODE
    for raw in (
        b"t\xe1.pdf",
        b"t\xe9.pdf",
        b"t\xe1/a.pdf",
        b"t\xe9/a.pdf",
        b"a\nb.pdf",
        b"a\tb.pdf",
    ):
        write(folder / os.fsdecode(raw), raw)
    claim = take(inbox, folder)
    assert sorted(names(claim).values()) == sorted(
        [b"t\xe1.pdf", b"t\xe9.pdf", b"t\xe1/a.pdf", b"t\xe9/a.pdf", b"a\nb.pdf", b"a\tb.pdf"]
    )
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        entered = register(inbox, taking(ledger, inbox.root.parent), claim)
    assert entered is not None
    assert len(entered.documents) == 6
    assert all(one.duplicate_of is None for one in entered.documents)


def test_twins_in_nfc_and_nfd_and_in_other_letters_are_two(inbox: Inbox) -> None:
    folder = inbox.root / "mot-cua" / CODE
    for name in ("ế.pdf", "e\u0302\u0301.pdf", "A.pdf", "a.pdf"):
        write(folder / name, name.encode())
    assert {name: content.decode() for name, content in names(take(inbox, folder)).items()} == {
        name: name for name in ("ế.pdf", "e\u0302\u0301.pdf", "A.pdf", "a.pdf")
    }


@pytest.mark.parametrize("raw", [b"h\xf4 s\xf3", b"a\nb", b"\xff" * 255, "ắ".encode() * 85])
def test_a_folder_of_any_name_is_entered(inbox: Inbox, tmp_path: Path, raw: bytes) -> None:
    folder = inbox.root / "mot-cua" / os.fsdecode(raw)
    write(folder / os.fsdecode(b"\xff" * 251 + b".pdf"), b"a")
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        entered = register(inbox, taking(ledger, inbox.root.parent), take(inbox, folder))
        assert entered is not None
        (claim,) = ledger.claims(entered.dossier.id)
    document = entered.documents[0]
    source = inbox.source(claim.claim_id, "mot-cua", claim.folder, document.relative)
    assert source.read_bytes() == b"a"


def test_a_claims_folders_are_its_own(inbox: Inbox) -> None:
    """Who holds a folder of the inbox open cannot exchange what was claimed out of it."""
    folder = inbox.root / "mot-cua" / CODE
    write(folder / "sub" / "a.pdf", b"a")
    held = os.open(folder / "sub", os.O_RDONLY)
    try:
        claim = take(inbox, folder)
        assert names(claim) == {"sub/a.pdf": b"a"}
        for path in (claim.path, claim.path / "sub"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        with pytest.raises(FileNotFoundError):
            os.symlink("/etc/hostname", "b.pdf", dir_fd=held)
        assert not os.path.samestat(os.fstat(held), (claim.path / "sub").stat())
    finally:
        os.close(held)


def test_links_are_moved_not_followed(inbox: Inbox, secret: Path, tmp_path: Path) -> None:
    folder = inbox.root / "mot-cua" / CODE
    write(folder / "a.pdf", b"a")
    (folder / "file.pdf").symlink_to(secret)
    (folder / "folder").symlink_to(secret.parent)
    os.mkfifo(folder / "pipe.pdf")
    claim = take(inbox, folder)
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        entered = register(inbox, taking(ledger, inbox.root.parent), claim)
    assert entered is not None
    sizes = {one.name: one.source_bytes for one in entered.documents}
    assert sizes == {"a.pdf": 1, "file.pdf": 0, "folder": 0, "pipe.pdf": 0}
    assert secret.read_bytes() == b"nobody may read this"


def test_a_hard_link_has_no_content(inbox: Inbox, secret: Path, tmp_path: Path) -> None:
    """It may be somebody else's file under a second name."""
    folder = inbox.root / "mot-cua" / CODE
    folder.mkdir(parents=True)
    (folder / "a.pdf").hardlink_to(secret)
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        entered = register(inbox, taking(ledger, inbox.root.parent), take(inbox, folder))
    assert entered is not None
    assert entered.documents[0].source_bytes == 0


@pytest.mark.parametrize("part", ["department", "folder"])
def test_a_folder_exchanged_for_a_link_after_the_look_is_not_followed(
    inbox: Inbox, secret: Path, part: str
) -> None:
    department = inbox.root / "mot-cua"
    write(department / "elsewhere" / "a.pdf", b"a")
    candidate = Candidate(department / "elsewhere", "mot-cua", loose=False)
    if part == "department":
        department.rename(inbox.root / "moved")
        department.symlink_to(secret.parent.parent)
        with pytest.raises(OSError):
            inbox.claim(candidate, MOMENT)
        assert list((inbox.root / CLAIMED).iterdir()) == []
    else:
        (department / "elsewhere").rename(department / "moved")
        (department / "elsewhere").symlink_to(secret.parent)
        claim = inbox.claim(candidate, MOMENT)
        assert claim is not None
        assert (claim.path / "elsewhere").is_symlink()
    assert secret.read_bytes() == b"nobody may read this"


@pytest.mark.parametrize("name", [CLAIMED, "done", "rejected", "held", ".incoming"])
def test_a_link_in_the_place_of_an_own_folder_is_refused(
    tmp_path: Path, secret: Path, name: str
) -> None:
    root = tmp_path / "inbox"
    root.mkdir()
    (root / name).symlink_to(secret.parent)
    with pytest.raises(ConfigurationError):
        Inbox(root, "chung", Patience(0, 0), lambda _path: True).prepare()


def test_what_is_nested_too_deep_is_one_thing(inbox: Inbox, tmp_path: Path) -> None:
    folder = inbox.root / "mot-cua" / CODE
    deep = folder.joinpath(*(str(level) for level in range(MAX_DEPTH + 3)))
    write(deep / "a.pdf", b"a")
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        entered = register(inbox, taking(ledger, inbox.root.parent), take(inbox, folder))
    assert entered is not None
    assert [one.source_bytes for one in entered.documents] == [0]


def test_a_claim_cut_off_while_its_files_move_goes_on(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = inbox.root / "mot-cua" / CODE
    for number in range(6):
        write(folder / "sub" / f"{number}.pdf", b"%d" % number)
    real: Callable[..., None] = os.rename
    moves = 0

    def killed(*arguments: object, **named: object) -> None:
        nonlocal moves
        moves += 1
        if moves > 3:
            raise KeyboardInterrupt
        real(*arguments, **named)

    monkeypatch.setattr(claims_module.os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        take(inbox, folder)
    monkeypatch.undo()
    inbox.sweep()
    (claim,) = inbox.claims()
    inbox.gather(claim)
    assert names(claim) == {f"sub/{number}.pdf": b"%d" % number for number in range(6)}
    assert not (claim.path.parent.parent / TAKEN).exists()


def test_what_comes_after_a_claim_was_entered_is_found(inbox: Inbox) -> None:
    folder = inbox.root / "mot-cua" / CODE
    write(folder / "a.pdf", b"a")
    claim = take(inbox, folder)
    home = claim.path.parent.parent
    write(home / TAKEN / CODE / "late.pdf", b"late")
    assert inbox.late(set(), inbox.claims()) == [], "it is the claim's own as long as that goes on"
    assert inbox.late({claim.claim_id}, inbox.claims()) == [home / TAKEN / CODE]
    (claim.path / "a.pdf").unlink()
    inbox.sweep()
    assert (home / TAKEN / CODE / "late.pdf").exists()


def test_another_users_bin_in_a_dossier_is_left(inbox: Inbox) -> None:
    folder = inbox.root / "mot-cua" / CODE
    write(folder / "a.pdf", b"a")
    write(folder / ".Trash-1000" / "files" / "gone.pdf", b"deleted")
    assert names(take(inbox, folder)) == {"a.pdf": b"a"}
