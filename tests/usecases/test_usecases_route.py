"""Several signers in order: turns, counter-signature, delegation with dates, refusal."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from callers import person
from drawn_signatures import draw_paper
from pydantic import ValidationError

from schemas.errors import Conflict, InputRejected, NotFound, NotTrusted, ServiceUnavailable
from schemas.route import Delegation, Turn, TurnEnd
from schemas.verdict import Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, trust_store, verify
from storage import Ledger
from usecases import old_folders, signing_folders
from usecases.caller import SERVICE
from usecases.files import fingerprint
from usecases.route import begin, look, refuse, routes, show, take_turn

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
CLERK = Turn(person="Đào", profile="component", role=SignerRole.clerk)
LEADER = Turn(person="Bưởi", profile="leader", role=SignerRole.leader)
AGENCY = Turn(person="Văn thư", profile="agency", role=SignerRole.seal)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pki, Signer]]:
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signing.keys.pki.KEY_BITS", 2048)
        pki = Pki.ensure(folder / "pki", "ỦY BAN", lambda: datetime.now(UTC))
    signer = Signer(pki, SigningOptions(agency="ỦY BAN", level=Level.b_b))
    yield pki, signer
    signer.close()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_paper(tmp_path_factory.mktemp("paper") / "paper.pdf")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """No name, reason or folder may be in its log."""
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened
        log = "".join(one.model_dump_json() for one in opened.events())
        for word in ("Đào", "Bưởi", "Mít", "pháp lý", "UQ-UBND", str(tmp_path)):
            assert word not in log
        assert opened.verify_chain().intact


def test_each_in_turn_and_the_leader_again(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    pki, signer = keys
    folder = tmp_path / "route"
    begin(SERVICE, ledger, folder, paper, [CLERK, LEADER, CLERK, AGENCY])
    with pytest.raises(Conflict) as caught:
        take_turn(SERVICE, ledger, folder, signer, person="Bưởi", moment=NOON)
    assert caught.value.code == "signing.route_not_your_turn"
    for name in ("Đào", "Bưởi", "Đào", "Văn thư"):
        now = take_turn(SERVICE, ledger, folder, signer, person=name, moment=NOON)
    assert now.turn is None and not now.refused
    assert show(SERVICE, ledger, folder) == now
    assert now.current_sha256 == fingerprint(folder / "4.pdf")[0]
    verdict = verify(folder / "4.pdf", trust_store(pki))
    assert verdict.verdict is Verdict.valid
    assert [one.field for one in verdict.signatures] == ["Clerk1", "Leader1", "Clerk2", "Agency1"]
    with pytest.raises(Conflict) as caught:
        take_turn(SERVICE, ledger, folder, signer, person="Văn thư", moment=NOON)
    assert caught.value.code == "signing.route_over"
    told = [(one.kind, one.hash_before, one.hash_after) for one in ledger.events()]
    hashes = [fingerprint(folder / f"{number}.pdf")[0] for number in range(5)]
    assert told[0] == ("route_begun", hashes[0], None)
    assert told[1:] == [("turn_taken", hashes[at], hashes[at + 1]) for at in range(4)]


def test_a_refusal_ends_it_and_says_why(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "route"
    begin(SERVICE, ledger, folder, paper, [LEADER, AGENCY])
    with pytest.raises(InputRejected):
        refuse(SERVICE, ledger, folder, person="Bưởi", reason="  ", moment=NOON)
    why = "Sai căn cứ pháp lý"
    now = refuse(SERVICE, ledger, folder, person="Bưởi", reason=why, moment=NOON)
    assert now.refused and now.turn is None
    assert now.taken[0].end is TurnEnd.refused
    assert show(SERVICE, ledger, folder).taken[0].reason == why
    with pytest.raises(Conflict):
        take_turn(SERVICE, ledger, folder, keys[1], person="Văn thư", moment=NOON)
    assert not (folder / "1.pdf").exists()


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [((24, 11), (24, 11), True), ((25, 11), (30, 11), False), ((1, 11), (23, 11), False)],
)
def test_a_deputy_signs_only_in_the_days_of_the_delegation(
    tmp_path: Path,
    ledger: Ledger,
    keys: tuple[Pki, Signer],
    paper: Path,
    first: tuple[int, int],
    last: tuple[int, int],
    allowed: bool,
) -> None:
    folder = tmp_path / "route"
    delegation = Delegation(
        of="Bưởi",
        to="Mít",
        first=date(2026, first[1], first[0]),
        last=date(2026, last[1], last[0]),
        basis="12/UQ-UBND",
    )
    begin(SERVICE, ledger, folder, paper, [LEADER], [delegation])
    if allowed:
        now = take_turn(SERVICE, ledger, folder, keys[1], person="Mít", moment=NOON)
        assert now.taken[0].basis == "12/UQ-UBND" and now.taken[0].person == "Mít"
    else:
        with pytest.raises(Conflict):
            take_turn(SERVICE, ledger, folder, keys[1], person="Mít", moment=NOON)


def _gone(*_args: object, **_named: object) -> Any:
    raise ServiceUnavailable("storing.ledger_unavailable")


def test_a_crash_between_signature_and_ledger_signs_once(
    tmp_path: Path,
    ledger: Ledger,
    keys: tuple[Pki, Signer],
    paper: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "route"
    begin(SERVICE, ledger, folder, paper, [LEADER, AGENCY])
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "take_turn", _gone)
        with pytest.raises(ServiceUnavailable):
            take_turn(SERVICE, ledger, folder, keys[1], person="Bưởi", moment=NOON)
    content = (folder / "1.pdf").read_bytes()
    assert show(SERVICE, ledger, folder).turn == 1
    now = take_turn(SERVICE, ledger, folder, keys[1], person="Bưởi", moment=NOON)
    assert now.turn == 2 and (folder / "1.pdf").read_bytes() == content
    (folder / "1.pdf").write_bytes(content + b"%")
    with pytest.raises(Conflict) as caught:
        take_turn(SERVICE, ledger, folder, keys[1], person="Văn thư", moment=NOON)
    assert caught.value.code == "signing.route_damaged"


def test_what_makes_no_sense_is_refused(tmp_path: Path, ledger: Ledger, paper: Path) -> None:
    with pytest.raises(InputRejected) as caught:
        begin(SERVICE, ledger, tmp_path / "a", paper, [AGENCY, LEADER])
    assert caught.value.code == "signing.route_locked_early"
    begin(SERVICE, ledger, tmp_path / "b", paper, [LEADER])
    with pytest.raises(Conflict):
        begin(SERVICE, ledger, tmp_path / "b", paper, [LEADER])
    with pytest.raises(ValidationError):
        Delegation(of="A", to="B", first=date(2026, 2, 2), last=date(2026, 2, 1), basis="1")
    with pytest.raises(Conflict):
        show(SERVICE, ledger, tmp_path)


@pytest.mark.parametrize("moment", ["before the row", "after the row"])
def test_a_crash_while_it_is_begun_begins_one_route(
    tmp_path: Path, ledger: Ledger, paper: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    folder = tmp_path / "route"
    with monkeypatch.context() as patch:
        if moment == "before the row":
            patch.setattr(Ledger, "begin_route", _gone)
        else:
            patch.setattr(signing_folders.SigningFolder, "keep_key", _gone)
        with pytest.raises(ServiceUnavailable):
            begin(SERVICE, ledger, folder, paper, [LEADER])
    if moment == "after the row":
        other = draw_paper(tmp_path / "other.pdf")
        other.write_bytes(other.read_bytes() + b"%")
        with pytest.raises(Conflict) as caught:
            begin(SERVICE, ledger, folder, other, [LEADER])
        assert caught.value.code == "signing.route_exists"
    begun = begin(SERVICE, ledger, folder, paper, [LEADER])
    assert show(SERVICE, ledger, folder) == begun
    assert [one.key for one in routes(SERVICE, ledger).routes] == [begun.key]
    assert [one.kind for one in ledger.events()] == ["route_begun"]


def test_a_crash_while_it_is_begun_is_mended_by_whoever_looks(
    tmp_path: Path, ledger: Ledger, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(signing_folders.SigningFolder, "keep_key", _gone)
        with pytest.raises(ServiceUnavailable):
            begin(SERVICE, ledger, tmp_path / "route", paper, [LEADER])
    assert show(SERVICE, ledger, tmp_path / "route").turn == 1
    with pytest.raises(Conflict) as caught:
        begin(SERVICE, ledger, tmp_path / "route", paper, [LEADER])
    assert caught.value.code == "signing.route_exists"


def test_a_folder_that_was_moved_is_the_same_route(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    begun = begin(SERVICE, ledger, tmp_path / "a", paper, [LEADER])
    (tmp_path / "a").rename(tmp_path / "b")
    now = take_turn(SERVICE, ledger, tmp_path / "b", keys[1], person="Bưởi", moment=NOON)
    assert (now.key, now.turn) == (begun.key, None)


def test_another_ledger_does_not_know_it_and_says_so(
    tmp_path: Path, ledger: Ledger, paper: Path
) -> None:
    begin(SERVICE, ledger, tmp_path / "a", paper, [LEADER])
    with Ledger.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        with pytest.raises(Conflict) as caught:
            show(SERVICE, other, tmp_path / "a")
        assert caught.value.code == "signing.route_elsewhere"
        with pytest.raises(Conflict) as caught:
            begin(SERVICE, other, tmp_path / "a", paper, [LEADER])
        assert caught.value.code == "signing.route_exists"


def test_a_list_has_the_open_ones_and_ones_own(tmp_path: Path, ledger: Ledger, paper: Path) -> None:
    an, binh = person("user:an", of=frozenset({"mot-cua"})), person("user:binh")
    for number, who in enumerate((an, binh, an)):
        begin(who, ledger, tmp_path / str(number), paper, [LEADER])
    refuse(an, ledger, tmp_path / "2", person="Bưởi", reason="sai số", moment=NOON)
    folders = [Path(one.folder).name for one in routes(binh, ledger).routes]
    assert folders == ["2", "1", "0"]
    page = routes(binh, ledger, open_only=True, limit=1)
    assert [Path(one.folder).name for one in page.routes] == ["1"]
    page = routes(binh, ledger, open_only=True, limit=1, after=page.next)
    assert [Path(one.folder).name for one in page.routes] == ["0"] and page.next is None
    mine = routes(an, ledger).routes
    assert [Path(one.folder).name for one in mine] == ["2", "0"]
    assert look(an, ledger, mine[0].key) == look(binh, ledger, mine[0].key) == mine[0]
    for key in ("none", routes(binh, ledger).routes[1].key):
        with pytest.raises(NotFound):
            look(an, ledger, key)


def test_a_route_at_work_elsewhere_waits_and_one_that_died_here_does_not(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "route"
    key = begin(SERVICE, ledger, folder, paper, [LEADER, AGENCY]).key
    assert ledger.hold("route", key, "another-host:1:x", 60)
    with pytest.raises(ServiceUnavailable) as caught:
        take_turn(SERVICE, ledger, folder, keys[1], person="Bưởi", moment=NOON)
    assert caught.value.code == "signing.batch_in_progress"
    ledger.let_go("route", key, "another-host:1:x")
    assert ledger.hold("route", key, f"{signing_folders.socket.gethostname()}:1:x", 60)
    assert take_turn(SERVICE, ledger, folder, keys[1], person="Bưởi", moment=NOON).turn == 2


def test_nothing_is_signed_on_rows_that_were_changed(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "route"
    begin(SERVICE, ledger, folder, paper, [LEADER])
    with ledger._database.write() as connection:
        connection.exec_driver_sql("UPDATE route_turn SET person = 'Mít'")
    with pytest.raises(NotTrusted) as caught:
        take_turn(SERVICE, ledger, folder, keys[1], person="Mít", moment=NOON)
    assert caught.value.code == "storing.signing_unproven"
    assert not (folder / "1.pdf").exists()


# --- folders of version 0.1 -----------------------------------------------------------------------


def as_0_1_wrote_it(folder: Path, paper: Path, keys: tuple[Pki, Signer]) -> None:
    """A route of two, the first of whom has signed, and the cut-off line of a crash."""
    folder.mkdir()
    (folder / "0.pdf").write_bytes(paper.read_bytes())
    signed = keys[1].sign(
        folder / "0.pdf", folder / "1.pdf", role=SignerRole.clerk, profile="component",
        coming=["leader"],
    )  # fmt: skip
    turns = [one.model_dump(mode="json") for one in (CLERK, LEADER)]
    route = {"sha256": fingerprint(folder / "0.pdf")[0], "turns": turns, "delegations": []}
    (folder / old_folders.ROUTE).write_text(json.dumps(route))
    decision = {
        "turn": 1, "actor": "Đào", "action": "signed", "at": "2026-11-23T10:00:00+07:00",
        "sha256": signed.sha256, "reason": None, "basis": None,
    }  # fmt: skip
    line = json.dumps(decision)
    (folder / old_folders.DECISIONS).write_text(f"\n{line}\n\n{line[:-30]}\n")


def test_a_route_that_0_1_began_goes_on(
    tmp_path: Path, ledger: Ledger, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "old"
    as_0_1_wrote_it(folder, paper, keys)
    with pytest.raises(Conflict) as caught:
        begin(SERVICE, ledger, folder, paper, [LEADER])
    assert caught.value.code == "signing.route_exists"
    found = show(SERVICE, ledger, folder)
    assert found.turn == 2
    assert found.taken[0].at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    (folder / old_folders.DECISIONS).unlink()  # it has been read; the ledger counts from now on
    now = take_turn(SERVICE, ledger, folder, keys[1], person="Bưởi", moment=NOON)
    assert (now.key, now.turn) == (found.key, None)
    fields = [one.field for one in verify(folder / "2.pdf", trust_store(keys[0])).signatures]
    assert fields == ["Clerk1", "Leader1"]
    assert [one.kind for one in ledger.events()] == ["route_begun", "turn_taken", "turn_taken"]


@pytest.mark.parametrize("wrong", ["{}", "[", '{"sha256": "x", "turns": []}'])
def test_an_old_route_that_cannot_be_read_is_damaged(
    tmp_path: Path, ledger: Ledger, wrong: str
) -> None:
    (tmp_path / old_folders.ROUTE).write_text(wrong)
    with pytest.raises(Conflict) as caught:
        show(SERVICE, ledger, tmp_path)
    assert caught.value.code == "signing.route_damaged"
    assert ledger.events() == []
