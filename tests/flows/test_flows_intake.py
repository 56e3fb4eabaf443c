"""From a claim to the ledger."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from taking import taking

from flows.inbox import Candidate, Claim, Inbox, Patience
from flows.intake import register
from schemas.dossier import PROVISIONAL_CODE, Role
from storage import Ledger
from usecases.files import NO_CONTENT, fingerprint
from usecases.originals import TOO_LARGE

CODE = "H17-261123-0001"
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "inbox", "chung", Patience(0, 0), lambda _path: True)
    made.prepare()
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        yield opened


def claim(inbox: Inbox, folder: str, *files: str) -> Claim:
    path = inbox.root / "mot-cua" / folder
    path.mkdir(parents=True)
    for name in files:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(os.fsencode(name))
    taken = inbox.claim(Candidate(path, "mot-cua", loose=False), MOMENT)
    assert taken is not None
    return taken


def test_every_file_is_hashed_and_entered(inbox: Inbox, ledger: Ledger) -> None:
    entered = register(
        inbox, taking(ledger, inbox.root.parent), claim(inbox, CODE, "a.pdf", "ket-qua/b.pdf")
    )
    assert entered is not None
    assert (entered.dossier.code, entered.dossier.provisional) == (CODE, False)
    assert [(one.relative, one.role) for one in entered.documents] == [
        ("a.pdf", Role.component),
        ("ket-qua/b.pdf", Role.result),
    ]
    assert entered.documents[0].source_sha256 == fingerprint_of(b"a.pdf")


def fingerprint_of(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def test_an_invalid_code_gets_a_provisional_one_and_a_warning(inbox: Inbox, ledger: Ledger) -> None:
    entered = register(
        inbox, taking(ledger, inbox.root.parent), claim(inbox, "hồ sơ ông A", "a.pdf")
    )
    assert entered is not None
    assert PROVISIONAL_CODE.fullmatch(entered.dossier.code)
    assert entered.dossier.provisional
    assert entered.dossier.code in entered.dossier.warnings[0]


def test_entering_a_claim_twice_is_entering_it_once(inbox: Inbox, ledger: Ledger) -> None:
    taken = claim(inbox, "không có mã", "a.pdf")
    first = register(inbox, taking(ledger, inbox.root.parent), taken)
    again = register(inbox, taking(ledger, inbox.root.parent), taken)
    assert first is not None
    assert again is not None
    assert first.dossier.code == again.dossier.code
    assert len(ledger.documents(first.dossier.id)) == 1


def test_a_dossier_without_files_is_turned_away_with_a_note(inbox: Inbox, ledger: Ledger) -> None:
    assert register(inbox, taking(ledger, inbox.root.parent), claim(inbox, CODE, ".done")) is None
    assert ledger.dossiers() == []
    assert (inbox.root / "rejected" / "mot-cua" / CODE).is_dir()


def test_a_name_that_is_not_utf8_becomes_one(inbox: Inbox, ledger: Ledger) -> None:
    name = os.fsdecode(b"t\xf5 khai.pdf")
    entered = register(inbox, taking(ledger, inbox.root.parent), claim(inbox, CODE, name))
    assert entered is not None
    document = entered.documents[0]
    assert document.relative.encode() == document.relative.encode("utf-8", "strict")
    assert inbox.source(inbox.claims()[0].claim_id, "mot-cua", CODE, document.relative).exists()


def test_the_same_bytes_in_one_dossier_are_linked(inbox: Inbox, ledger: Ledger) -> None:
    taken = claim(inbox, CODE, "a.pdf", "b.pdf")
    (taken.path / "b.pdf").write_bytes(b"a.pdf")
    entered = register(inbox, taking(ledger, inbox.root.parent), taken)
    assert entered is not None
    first, second = entered.documents
    assert second.duplicate_of == first.id


def test_what_has_no_content_is_no_duplicate(inbox: Inbox, ledger: Ledger) -> None:
    """An empty file, a link and a file without permission are refused for different reasons."""
    taken = claim(inbox, CODE, "a.pdf", "b.pdf")
    for name in ("a.pdf", "b.pdf"):
        (taken.path / name).write_bytes(b"")
    (taken.path / "link.pdf").symlink_to("/etc/hostname")
    entered = register(inbox, taking(ledger, inbox.root.parent), taken)
    assert entered is not None
    assert [one.duplicate_of for one in entered.documents] == [None, None, None]


def test_what_cannot_be_opened_has_no_content(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "folder", "missing"):
        assert fingerprint(tmp_path / name) == (NO_CONTENT, 0)


def test_a_file_that_is_too_large_is_neither_read_nor_kept(
    inbox: Inbox, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.intake.LARGEST_FILE", 4)
    context = taking(ledger, inbox.root.parent)
    taken = claim(inbox, CODE, "a.pdf", "b")
    entered = register(inbox, context, taken)
    assert entered is not None
    large, small = entered.documents
    assert (large.media_type, large.source_bytes, large.source_sha256) == (TOO_LARGE, 0, NO_CONTENT)
    assert small.source_bytes == 1
    assert context.objects.originals_kept(taken.claim_id) == {small.source_sha256}
    assert (taken.path / "a.pdf").read_bytes() == b"a.pdf", "untouched"
