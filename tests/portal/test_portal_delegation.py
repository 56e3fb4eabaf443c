"""Approving in a signer's stead: within the days, in common departments, once a person."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk_office import ELSEWHERE, HERE, PASSWORD, Browser, DeskOffice, a_desk
from desk_papers import awaiting

from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.work import ApprovalOptions, ApprovalRule
from storage import Document
from usecases import accounts, approval, delegations
from usecases.caller import Caller, Duty, local_operator
from usecases.sign_in import Lifetime, entered, sign_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MINE, FOREIGN = "H17-261123-0003", "H17-261123-0004"
FOUR_EYES = ApprovalOptions(results=ApprovalRule.four_eyes)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path) as opened:
        accounts.add(
            local_operator(), opened.rooms, "mai", [Duty.clerk], [HERE, ELSEWHERE],
            password=PASSWORD,
        )  # fmt: skip
        yield opened
        opened.app.state.desk.close()


def today(desk: DeskOffice, later: int = 0) -> date:
    return desk.clock().astimezone(ZONE).date() + timedelta(days=later)


def delegated(desk: DeskOffice, to: str = "mai", first: int = 0, last: int = 1) -> str:
    said = {"to": to, "first": str(today(desk, first)), "last": str(today(desk, last))}
    answer = desk.signed_in("ky").form("/delegation", **said, reason="đi họp")
    assert answer.status_code == 303, answer.text
    (one, *_) = delegations.delegations(local_operator(), desk.rooms)
    return str(one.number)


def approved(browser: Browser, one: Document) -> int:
    answer = browser.form("/approve", chosen=f"{one.id}:{one.manifest_sha256}")
    return answer.status_code


def stage_of(desk: DeskOffice, document: Document) -> Stage:
    return desk.rooms.ledger.document(document.id).stage


def test_a_delegate_approves_in_the_signers_stead_within_the_days(desk: DeskOffice) -> None:
    one, two = (awaiting(desk.rooms, code, HERE) for code in (MINE, "H17-261123-0005"))
    foreign = awaiting(desk.rooms, FOREIGN, ELSEWHERE)
    mai = desk.signed_in("mai")
    assert mai.get("/approve").status_code == approved(mai, one) == 403
    delegated(desk, first=1, last=2)
    assert mai.get("/approve").status_code == 403, "not yet"
    desk.clock.ahead += timedelta(days=1)
    mai = desk.signed_in("mai")
    page = mai.get("/approve").text
    assert MINE in page and FOREIGN not in page, "the signer is of one department"
    assert approved(mai, foreign) == 200 and stage_of(desk, foreign) is Stage.awaiting_approval
    assert mai.get(f"/approve/{FOREIGN}/1").status_code == 404
    assert approved(mai, one) == 200 and stage_of(desk, one) is Stage.ready_to_sign
    (said,) = desk.rooms.ledger.approvals(one.id)
    assert (said.made_by, said.made_for) == ("user:mai", "user:ky")
    desk.rooms.ledger.prove(one.dossier_id)
    assert "thay ky theo ủy quyền" in mai.get(f"/dossiers/{MINE}").text
    desk.clock.ahead += timedelta(days=2)
    assert desk.signed_in("mai").get("/approve").status_code == 403, "over"
    assert stage_of(desk, two) is Stage.awaiting_approval


def test_it_ends_early_and_at_once(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE)
    number = delegated(desk)
    mai, ky = desk.signed_in("mai"), desk.signed_in("ky")
    assert mai.get("/approve").status_code == 200
    assert f'action="/delegation/{number}/end"' in ky.get("/delegation").text
    assert ky.form(f"/delegation/{number}/end").status_code == 303
    assert mai.get("/approve").status_code == approved(mai, one) == 403
    kinds = [event.kind for event in desk.rooms.ledger.events()]
    assert kinds.count("delegation_added") == kinds.count("delegation_ended") == 1
    assert all("đi họp" not in str(event.data) for event in desk.rooms.ledger.events())


@pytest.mark.parametrize("gone", ["disabled", "no signer", "moved"])
def test_what_the_signer_may_no_longer_the_delegate_may_no_longer(
    desk: DeskOffice, gone: str
) -> None:
    one = awaiting(desk.rooms, MINE, HERE)
    delegated(desk)
    mai = desk.signed_in("mai")
    rooms, keeper = desk.rooms, local_operator()
    who = entered(rooms, mai.token or "", Lifetime())
    assert who is not None and who.caller.acting_for
    if gone == "disabled":
        accounts.disable(keeper, rooms, "ky")
    elif gone == "no signer":
        accounts.change(keeper, rooms, "ky", duties=[Duty.clerk])
    else:
        accounts.change(keeper, rooms, "ky", departments=[ELSEWHERE])
    with pytest.raises(Conflict) as refused:  # whoever asked just before
        approval.approve(who.caller, rooms.ledger, one.id, seen=one.manifest_sha256 or "")
    assert refused.value.code == "storing.delegation_over"
    now = entered(rooms, mai.token or "", Lifetime())
    assert now is not None and not now.caller.may(approval.Right.approve, HERE)
    assert stage_of(desk, one) is Stage.awaiting_approval


def caller(desk: DeskOffice, name: str) -> Caller:
    token = sign_in(desk.rooms, name, PASSWORD, peer="test")
    who = entered(desk.rooms, token, Lifetime())
    assert who is not None
    return who.caller


def test_four_eyes_are_two_people_and_two_voices(desk: DeskOffice) -> None:
    accounts.add(local_operator(), desk.rooms, "hai", [Duty.signer], [HERE], password=PASSWORD)
    one = awaiting(desk.rooms, MINE, HERE)
    delegated(desk)
    seen = one.manifest_sha256 or ""

    def say(name: str) -> Stage:
        return approval.approve(
            caller(desk, name), desk.rooms.ledger, one.id, seen=seen, options=FOUR_EYES
        ).stage

    assert say("mai") is Stage.awaiting_approval
    assert say("mai") is Stage.awaiting_approval, "twice is once"
    assert say("ky") is Stage.awaiting_approval, "the same voice"
    assert say("hai") is Stage.ready_to_sign


def test_who_reviewed_lends_no_eyes(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE)  # lan has reviewed it
    delegated(desk, to="lan")
    with pytest.raises(Conflict) as refused:
        approval.approve(
            caller(desk, "lan"), desk.rooms.ledger, one.id, seen=one.manifest_sha256 or "",
            options=FOUR_EYES,
        )  # fmt: skip
    assert refused.value.code == "storing.approver_reviewed"


def test_nobody_passes_on_what_was_lent(desk: DeskOffice) -> None:
    delegated(desk)
    mai = desk.signed_in("mai")
    assert 'name="to"' not in mai.get("/delegation").text
    said = {"to": "lan", "first": str(today(desk)), "last": str(today(desk)), "reason": "x"}
    assert mai.form("/delegation", **said).status_code == 400
    with pytest.raises(InputRejected):
        delegations.delegate(
            local_operator(), desk.rooms, "lan", today(desk), today(desk), "x", zone=ZONE,
            giver="mai",
        )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"last": -1}, {"first": 2, "last": 1}, {"last": 400}, {"to": "doc"}, {"to": "van"},
     {"to": "ky"}, {"to": "nobody"}, {"reason": " "}, {"to": "thu"}],
)  # fmt: skip
def test_what_cannot_be_delegated_is_said(desk: DeskOffice, wrong: dict[str, object]) -> None:
    accounts.add(local_operator(), desk.rooms, "thu", [Duty.signer], [ELSEWHERE], password=PASSWORD)
    said = {"to": "mai", "first": 0, "last": 1, "reason": "đi họp", **wrong}
    days = {name: str(today(desk, int(str(said[name])))) for name in ("first", "last")}
    fields = {**{name: str(value) for name, value in said.items()}, **days}
    answer = desk.signed_in("ky").form("/delegation", **fields)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert delegations.delegations(local_operator(), desk.rooms) == ()


def test_one_sees_and_ends_ones_own(desk: DeskOffice) -> None:
    accounts.add(local_operator(), desk.rooms, "hai", [Duty.signer], [HERE], password=PASSWORD)
    number = delegated(desk)
    hai = desk.signed_in("hai")
    assert "đi họp" not in hai.get("/delegation").text
    assert hai.form(f"/delegation/{number}/end").status_code == 404
    mai = desk.signed_in("mai")
    assert "Hôm nay bạn phê duyệt thay ky" in mai.get("/delegation").text
    assert mai.form(f"/delegation/{number}/end").status_code == 303


def test_duties_and_departments_change_at_once(desk: DeskOffice) -> None:
    accounts.add(local_operator(), desk.rooms, "chu", list(Duty), password=PASSWORD)
    chu, lan = desk.signed_in("chu"), desk.signed_in("lan")
    assert lan.get("/approve").status_code == 403
    page = chu.get("/accounts").text
    assert re.search(r'name="name" value="lan"', page)
    answer = chu.form("/accounts", name="lan", role="signer", department=HERE)
    assert answer.headers["location"] == "/accounts?done=account_changed"
    assert lan.get("/approve").status_code == 200, "the same session"
    assert lan.get("/drop").status_code == 403
    chu.form("/accounts", name="lan", role="signer", department=ELSEWHERE)
    assert lan.get("/dossiers/H17-261123-0001").status_code == 404
    assert [one.kind for one in desk.rooms.ledger.events()].count("account_changed") == 2
    assert chu.form("/accounts", name="lan", department=HERE).status_code == 400, "no duty"
    assert desk.signed_in("van").form("/accounts", name="chu", role="clerk").status_code == 404


def test_the_last_operator_stays_one(desk: DeskOffice) -> None:
    keeper, rooms = local_operator(), desk.rooms
    accounts.add(keeper, rooms, "chu", list(Duty), password=PASSWORD)
    chu = desk.signed_in("chu")
    answer = chu.form("/accounts", name="chu", role="clerk", everywhere="true")
    assert answer.status_code == 400 and "tài khoản vận hành cuối cùng" in answer.text
    with pytest.raises(Conflict):
        accounts.change(keeper, rooms, "chu", departments=[HERE])
    with pytest.raises(Conflict) as refused:
        accounts.disable(keeper, rooms, "chu")
    assert refused.value.code == "sign_in.last_operator"
    assert chu.get("/").status_code == 200, "its sessions stand"
    accounts.add(keeper, rooms, "hai", [Duty.operator], password=PASSWORD)
    assert accounts.change(keeper, rooms, "chu", duties=[Duty.clerk]).duties == ("clerk",)
    assert accounts.disable(keeper, rooms, "chu").disabled
