"""Telling other systems: the operators' page, the time line, and what these systems tell us."""

from datetime import timedelta
from typing import Any

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import ELSEWHERE, HERE, DeskOffice
from playwright.sync_api import expect

from schemas.delivery import News
from storage import Delivery, Failure, NewTarget, Target
from usecases import tokens
from usecases.caller import Duty, local_operator

CODE, FOREIGN = "H17-261123-0001", "H17-261123-0002"
REFUSED = Failure(code="delivering.refused", status=422, whole_target=False)
DOWN = Failure(code="delivering.no_answer")
SENDER = "sender@test"
KEY = {"idempotency-key": "k"}


def told(desk: DeskOffice, name: str, department: str = HERE, **more: Any) -> Target:
    """A system that is told of what is rejected: of the dossiers that are under review here."""
    new = {
        "url": "https://dvc.example.vn/tin", "departments": frozenset({department}),
        "events": frozenset({News.rejected.value}), "adapter": "sohoa", "plain": False,
    }  # fmt: skip
    return desk.rooms.ledger.targets.add(
        NewTarget(name=name, folded=name.casefold(), **(new | more)), "test"
    )


def taken(desk: DeskOffice, target: Target) -> Delivery:
    (one,) = desk.rooms.ledger.outbox.take(SENDER, [target.id], together=8, seconds=60)
    return one


def rejected(desk: DeskOffice, code: str = CODE) -> None:
    ledger = desk.rooms.ledger
    dossier = ledger.dossier(code)
    assert dossier is not None
    (document,) = ledger.documents(dossier.id)
    ledger.reject(document.id, "intake.empty_file", {}, "test")


def given_up(desk: DeskOffice, target: Target) -> None:
    rejected(desk)
    one = taken(desk, target)
    desk.rooms.ledger.outbox.failed(one, SENDER, REFUSED, one.at, dead=True)


def test_an_operator_sees_what_was_given_up_and_sends_it_again(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    assert "Báo cho hệ thống khác" not in van.get("/operate").text
    target = told(desk, "MCDT")
    told(desk, "thue", ELSEWHERE)
    ended = told(desk, "cu")
    desk.rooms.ledger.targets.end(ended.folded, "test")
    page = van.get("/operate").text
    assert "đã báo hết" in page and "chưa gửi tin nào" in page
    assert "<b>MCDT</b>" in page and "<b>thue</b>" not in page and "<b>cu</b>" not in page
    given_up(desk, target)
    part = van.get("/operate/now").text
    assert "1 tin không gửi được" in part and CODE in part and "mã 422" in part
    assert van.post("/operate/deliver", data={"target": "mcdt"}).status_code == 403, "no word"
    again = van.form("/operate/deliver", target="mcdt").text
    assert "Đang gửi lại 1 tin cho MCDT." in again and "không gửi được" not in again
    assert taken(desk, target).attempts == 0
    assert van.form("/operate/deliver", target="mcdt").status_code == 404
    assert van.form("/operate/deliver", target="thue").status_code == 404
    assert van.form("/operate/deliver").status_code == 404
    for nobody in ("lan", "ky", "doc"):
        assert desk.signed_in(nobody).form("/operate/deliver", target="mcdt").status_code == 403


def test_a_system_that_fails_is_told_of(desk: DeskOffice) -> None:
    target = told(desk, "mcdt")
    rejected(desk)
    one = taken(desk, target)
    soon = one.at + timedelta(hours=1)
    desk.rooms.ledger.outbox.failed(one, SENDER, DOWN, soon, dead=False)
    part = desk.signed_in("van").get("/operate/now").text
    assert "không gửi được từ" in part and "1 tin đang chờ" in part
    assert "Gửi lại" not in part


def test_the_time_line_says_who_was_told(desk: DeskOffice) -> None:
    target = told(desk, "mcdt")
    rejected(desk)
    desk.rooms.ledger.outbox.delivered(taken(desk, target), SENDER, 200)
    page = desk.signed_in("lan").get(f"/dossiers/{CODE}").text
    assert "Đã báo cho mcdt về tài liệu 1" in page
    assert "Phần mềm" in page


def bearer(desk: DeskOffice, name: str, unit: str = HERE) -> dict[str, str]:
    made = tokens.add(local_operator(), desk.rooms, name, [Duty.reader], [unit])
    return {"authorization": f"Bearer {made.token}"}


def test_a_system_acknowledges_and_asks_how_a_dossier_stands(desk: DeskOffice) -> None:
    target = told(desk, "mcdt")
    rejected(desk)
    one = taken(desk, target)
    desk.rooms.ledger.outbox.delivered(one, SENDER, 200)
    heads = bearer(desk, "MCDT") | {"idempotency-key": "k1"}
    system = desk.browser()
    said = {"event": "acknowledged", "delivery": one.key}
    for _ in range(2):
        answer = system.post("/api/v1/events", json=said, headers=heads)
        assert (answer.status_code, answer.json()["dossier"]) == (200, CODE)
    asks = {"event": "status_requested", "dossier": CODE}
    answers = {
        system.post("/api/v1/events", json=asks, headers=heads).json()["delivery"] for _ in range(2)
    }
    assert answers == {taken(desk, target).key}
    page = desk.signed_in("lan").get(f"/dossiers/{CODE}").text
    assert "mcdt xác nhận đã xử lý tin về tài liệu 1" in page
    assert "mcdt hỏi tình trạng hồ sơ" in page


@pytest.mark.parametrize(
    ("said", "how", "status"),
    [
        ({"event": "status_requested", "dossier": CODE}, {}, 400),
        ({"event": "status_requested", "dossier": FOREIGN}, KEY, 404),
        ({"event": "status_requested", "dossier": "H17-261123-0009"}, KEY, 404),
        ({"event": "gì"}, KEY, 400),
        ([], KEY, 422),
    ],
)  # fmt: skip
def test_what_is_not_theirs_or_no_event_is_refused(
    desk: DeskOffice, said: Any, how: dict[str, str], status: int
) -> None:
    told(desk, "mcdt", departments=None)
    heads = bearer(desk, "mcdt") | how
    answer = desk.browser().post("/api/v1/events", json=said, headers=heads)
    assert answer.status_code == status, answer.text
    assert desk.rooms.ledger.targets.backlog() == {}


def test_nobody_else_speaks_for_a_system(desk: DeskOffice) -> None:
    target = told(desk, "mcdt")
    rejected(desk)
    said = {"event": "acknowledged", "delivery": taken(desk, target).key}
    assert desk.browser().post("/api/v1/events", json=said, headers=KEY).status_code == 401
    other = bearer(desk, "khac")
    told(desk, "khac")
    answer = desk.browser().post("/api/v1/events", json=said, headers=other | KEY)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "storing.no_delivery"


@pytest.mark.needs("chromium")
@pytest.mark.service
def test_sending_again_in_a_browser(desk: DeskOffice) -> None:
    target = told(desk, "mcdt")
    told(desk, "dvcqg")
    given_up(desk, target)
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "van", "/operate")
        page.get_by_text("Các tin chưa gửi được").click()
        expect(page.get_by_text("Hệ thống kia không nhận tin này (mã 422)")).to_be_visible()
        page.get_by_role("button", name="Gửi lại mcdt").click()
        expect(page.get_by_text("Đang gửi lại 1 tin cho mcdt.")).to_be_visible()
        expect(page.get_by_role("button", name="Gửi lại mcdt")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wrong == []
