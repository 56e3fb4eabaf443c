"""Several signers in order: turns, counter-signature, delegation with dates, refusal."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from drawn_signatures import draw_paper
from pydantic import ValidationError

from schemas.errors import Conflict, InputRejected
from schemas.verdict import Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, trust_store, verify
from usecases.caller import SERVICE
from usecases.route import DECISIONS, Action, Delegation, Turn, begin, refuse, sign, standing

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


def test_each_in_turn_and_the_leader_again(
    tmp_path: Path, keys: tuple[Pki, Signer], paper: Path
) -> None:
    pki, signer = keys
    folder = tmp_path / "route"
    begin(SERVICE, folder, paper, [CLERK, LEADER, CLERK, AGENCY])
    with pytest.raises(Conflict) as caught:
        sign(SERVICE, folder, signer, actor="Bưởi", moment=NOON)
    assert caught.value.code == "signing.route_not_your_turn"
    for actor in ("Đào", "Bưởi", "Đào", "Văn thư"):
        now = sign(SERVICE, folder, signer, actor=actor, moment=NOON)
    assert now.turn is None and not now.refused
    assert standing(SERVICE, folder) == now
    verdict = verify(folder / "4.pdf", trust_store(pki))
    assert verdict.verdict is Verdict.valid
    assert [one.field for one in verdict.signatures] == ["Clerk1", "Leader1", "Clerk2", "Agency1"]
    with pytest.raises(Conflict) as caught:
        sign(SERVICE, folder, signer, actor="Văn thư", moment=NOON)
    assert caught.value.code == "signing.route_over"


def test_a_refusal_ends_it_and_says_why(
    tmp_path: Path, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "route"
    begin(SERVICE, folder, paper, [LEADER, AGENCY])
    with pytest.raises(InputRejected):
        refuse(SERVICE, folder, actor="Bưởi", reason="  ", moment=NOON)
    now = refuse(SERVICE, folder, actor="Bưởi", reason="Sai căn cứ pháp lý", moment=NOON)
    assert now.refused and now.turn is None
    assert now.decisions[0].action is Action.refused
    assert standing(SERVICE, folder).decisions[0].reason == "Sai căn cứ pháp lý"
    with pytest.raises(Conflict):
        sign(SERVICE, folder, keys[1], actor="Văn thư", moment=NOON)
    assert not (folder / "1.pdf").exists()


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [((24, 11), (24, 11), True), ((25, 11), (30, 11), False), ((1, 11), (23, 11), False)],
)
def test_a_deputy_signs_only_in_the_days_of_the_delegation(
    tmp_path: Path,
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
    begin(SERVICE, folder, paper, [LEADER], [delegation])
    if allowed:
        now = sign(SERVICE, folder, keys[1], actor="Mít", moment=NOON)
        assert now.decisions[0].basis == "12/UQ-UBND" and now.decisions[0].actor == "Mít"
    else:
        with pytest.raises(Conflict):
            sign(SERVICE, folder, keys[1], actor="Mít", moment=NOON)


def test_a_crash_between_signature_and_decision_signs_once(
    tmp_path: Path, keys: tuple[Pki, Signer], paper: Path
) -> None:
    folder = tmp_path / "route"
    begin(SERVICE, folder, paper, [LEADER, AGENCY])
    sign(SERVICE, folder, keys[1], actor="Bưởi", moment=NOON)
    content = (folder / "1.pdf").read_bytes()
    journal = folder / DECISIONS
    journal.write_bytes(journal.read_bytes()[:-30])
    assert standing(SERVICE, folder).turn == 1
    now = sign(SERVICE, folder, keys[1], actor="Bưởi", moment=NOON)
    assert now.turn == 2 and (folder / "1.pdf").read_bytes() == content
    (folder / "1.pdf").write_bytes(content + b"%")
    with pytest.raises(Conflict) as caught:
        sign(SERVICE, folder, keys[1], actor="Văn thư", moment=NOON)
    assert caught.value.code == "signing.route_damaged"


def test_what_makes_no_sense_is_refused(tmp_path: Path, paper: Path) -> None:
    with pytest.raises(InputRejected) as caught:
        begin(SERVICE, tmp_path / "a", paper, [AGENCY, LEADER])
    assert caught.value.code == "signing.route_locked_early"
    begin(SERVICE, tmp_path / "b", paper, [LEADER])
    with pytest.raises(Conflict):
        begin(SERVICE, tmp_path / "b", paper, [LEADER])
    with pytest.raises(ValidationError):
        Delegation(of="A", to="B", first=date(2026, 2, 2), last=date(2026, 2, 1), basis="1")
    with pytest.raises(Conflict):
        standing(SERVICE, tmp_path)
