"""Who shares what with whom: what can be given, by whom it is ended, and what rules ask for."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk_office import HERE, DeskOffice
from pydantic import ValidationError
from sharing_office import BIRTH, JUSTICE, MISSING, ONE, TAX, THREE, Given, caller, sharing_office

from schemas.errors import Conflict, NotFound, SohoaError
from schemas.sharing import Shared, SharingOptions, SharingRule
from schemas.sharing_views import GrantView
from usecases import grants
from usecases.caller import SERVICE, Duty

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SIGNER = caller(Duty.signer, HERE)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    with sharing_office(tmp_path_factory.mktemp("grants")) as desk:
        yield desk


def today(desk: DeskOffice, later: int = 0) -> date:
    return desk.clock().astimezone(ZONE).date() + timedelta(days=later)


def share(desk: DeskOffice, **said: Any) -> GrantView:
    given: dict[str, Any] = {
        "giver": HERE, "receiver": TAX, "kind": Shared.procedure, "subject": BIRTH, "first": 0,
        "last": 5, "reason": "phối hợp", "caller": SIGNER, **said,
    }  # fmt: skip
    return grants.share(
        given["caller"], desk.rooms, given["giver"], given["receiver"], given["kind"],
        given["subject"], today(desk, given["first"]), today(desk, given["last"]), given["reason"],
        zone=ZONE,
    )  # fmt: skip


def test_it_is_shown_as_people_call_it(office: DeskOffice) -> None:
    made = share(office, giver="Một cửa", receiver="THUẾ", reason=" phối \n hợp ")
    assert (made.giver, made.receiver, made.giver_name) == (HERE, TAX, "Một cửa")
    assert (made.subject_name, made.reason) == ("Đăng ký khai sinh", "phối hợp")
    assert made.stands and made.given and made.may_end and not made.over
    assert share(office).number == made.number, "the same again"
    assert share(office, last=6).number != made.number
    assert share(office, kind=Shared.document_type, subject="ct01").subject_name is not None
    one = share(office, kind=Shared.dossier, subject=ONE.lower())
    assert (one.subject, one.subject_name) == (ONE, None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"receiver": HERE}, "usecase.share_with_oneself"),
        ({"receiver": "nobody"}, "cli.no_department"),
        ({"giver": TAX}, "cli.no_department"),
        ({"giver": "nobody"}, "cli.no_department"),
        ({"last": -1}, "usecase.sharing_days"),
        ({"first": 2, "last": 1}, "usecase.sharing_days"),
        ({"last": 4000}, "usecase.sharing_days"),
        ({"reason": " "}, "usecase.no_reason"),
        ({"reason": "x" * 501}, "usecase.long_reason"),
        ({"subject": "1.000000"}, "usecase.no_procedure"),
        ({"kind": Shared.document_type, "subject": "none"}, "usecase.no_type"),
        ({"kind": Shared.dossier, "subject": MISSING}, "cli.no_dossier"),
        ({"kind": Shared.dossier, "subject": THREE}, "cli.no_dossier"),
        ({"caller": caller(Duty.clerk, HERE)}, "usecase.not_allowed"),
        ({"caller": caller(Duty.operator, HERE)}, "usecase.not_allowed"),
    ],
)
def test_what_cannot_be_shared_is_said(
    office: DeskOffice, wrong: dict[str, Any], code: str
) -> None:
    before = office.rooms.ledger.grants.all()
    with pytest.raises(SohoaError) as refused:
        share(office, **wrong)
    assert refused.value.code == code
    assert office.rooms.ledger.grants.all() == before


def test_each_side_sees_it_and_the_giver_ends_it(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        made = share(desk)
        theirs, strangers = caller(Duty.signer, TAX), caller(Duty.signer, JUSTICE)
        ours = grants.sharing(SIGNER, desk.rooms)
        assert [one.number for one in ours.given] == [made.number] and ours.received == ()
        (got,) = grants.sharing(theirs, desk.rooms).received
        assert not got.given and not got.may_end
        assert grants.sharing(strangers, desk.rooms).grants == ()
        assert grants.sharing(SERVICE, desk.rooms, department="Tư pháp").grants == ()
        for who, number in ((theirs, made.number), (strangers, made.number), (SIGNER, 99)):
            with pytest.raises(NotFound) as refused:
                grants.end_sharing(who, desk.rooms, number)
            assert refused.value.code == "storing.no_grant"
        for _ in range(2):
            assert grants.end_sharing(SIGNER, desk.rooms, made.number).over
        assert share(desk).number != made.number, "what was ended is given anew"
        desk.clock.ahead += timedelta(days=6)
        (newest, _) = grants.sharing(SIGNER, desk.rooms).grants
        assert newest.over and not newest.stands and not newest.may_end


def rule(**said: Any) -> SharingRule:
    given = {
        "name": "nd278-ho-tich", "basis": "Nghị định 278/2025/NĐ-CP", "givers": ("Một cửa",),
        "receivers": (TAX, JUSTICE), "procedures": (BIRTH,), "first": date(2026, 1, 1),
    }  # fmt: skip
    return SharingRule(**{**given, **said})


def test_rules_are_entered_once_and_end_with_them(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:

        def enter(*rules: SharingRule) -> tuple[int, int, int]:
            done = grants.enter_rules(SERVICE, desk.rooms, rules, zone=ZONE)
            return len(done.added), len(done.ended), done.standing

        by_hand = share(desk)
        assert enter(rule()) == (2, 0, 2)
        assert enter(rule()) == (0, 0, 2), "the same again"
        first = grants.sharing(SIGNER, desk.rooms).given[0]
        assert first.rule == "nd278-ho-tich" and first.last is None and not first.may_end
        with pytest.raises(Conflict) as refused:
            grants.end_sharing(SIGNER, desk.rooms, first.number)
        assert refused.value.code == "usecase.shared_by_rule"
        assert enter(rule(receivers=(TAX,), document_types=("ct01",))) == (1, 1, 2)
        assert enter(rule(receivers=(TAX,), basis="Nghị định khác")) == (1, 2, 1)
        assert enter() == (0, 1, 0)
        standing = [one for one in grants.sharing(SIGNER, desk.rooms).given if one.stands]
        assert [one.number for one in standing] == [by_hand.number], "people's are left alone"
        kinds = [one.kind for one in desk.rooms.ledger.events()]
        assert kinds.count("grant_added") == 5 and kinds.count("grant_ended") == 4


def test_names_nobody_knows_are_told_and_share_nothing(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        odd = rule(receivers=("ndop", HERE), document_types=("none",), procedures=("1.0",))
        done = grants.enter_rules(SERVICE, desk.rooms, [odd], zone=ZONE)
        assert (done.added, done.unknown) == ((), ("1.0", "ndop", "none"))
        tax = caller(Duty.operator, TAX)
        done = grants.enter_rules(tax, desk.rooms, [rule()], zone=ZONE)
        assert done.added == (), "another department's are not theirs to enter"
        Given(Shared.procedure, BIRTH).enter(desk)
        assert grants.enter_rules(tax, desk.rooms, (), zone=ZONE).ended == ()


@pytest.mark.parametrize(
    "wrong",
    [{"procedures": ()}, {"givers": ()}, {"receivers": ()}, {"name": "Nghị định"}, {"basis": ""},
     {"last": date(2025, 1, 1)}, {"until": date(2027, 1, 1)}],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**wrong)
    with pytest.raises(ValidationError):
        SharingOptions(mandatory=(rule(), rule()))
