"""Who has a document open, and what may be done to it as a whole."""

from datetime import timedelta

import pytest
from desk_office import DeskOffice
from rescan_desk import CODE, FOREIGN, SECOND, desk, document, seen

from portal.sessions import own_word
from schemas.dossier import Stage

__all__ = ["desk"]


def test_who_has_a_document_open_is_shown_and_may_be_taken_over(desk: DeskOffice) -> None:
    lan, minh = desk.signed_in("lan"), desk.signed_in("minh")
    path = f"/review/{CODE}/1"
    assert 'id="cards"' in lan.get(path).text
    page = minh.get(path).text
    assert "lan đang rà soát" in page and 'id="cards"' not in page
    assert "lan đang xem" in minh.get("/queue").text
    assert "đang xem từ" not in lan.get("/queue").text
    assert minh.get("/review").headers["location"].startswith(f"/review/{SECOND}/1")
    assert minh.post(f"{path}/take-over").status_code == 403, "the page's own word is needed"
    assert minh.form(f"{path}/take-over").status_code == 303
    assert 'id="cards"' in minh.get(path).text
    word = {"x-csrf-token": own_word(lan.token or "")}
    held = lan.post(f"/api/v1{path}/lease", json={}, headers=word).json()
    assert (held["by"], held["own"]) == ("minh", False)
    events = desk.rooms.ledger.events(document(desk).dossier_id)
    (told,) = [one for one in events if one.kind == "review_taken_over"]
    assert (told.actor, told.data) == ("user:minh", {"before": "user:lan", "after": "user:minh"})
    lan.form(f"/api/v1{path}/leave")
    assert "minh đang rà soát" in lan.get(path).text, "somebody else's is not let go"
    assert minh.form(f"/api/v1{path}/leave").status_code == 204
    assert 'id="cards"' in lan.get(path).text


def test_a_page_that_is_not_heard_of_holds_nothing(desk: DeskOffice) -> None:
    lan, minh = desk.signed_in("lan"), desk.signed_in("minh")
    path = f"/review/{CODE}/1"
    lan.get(path)
    desk.clock.ahead += timedelta(minutes=4)
    word = {"x-csrf-token": own_word(lan.token or "")}
    assert lan.post(f"/api/v1{path}/lease", json={}, headers=word).json()["own"]
    desk.clock.ahead += timedelta(minutes=4)
    assert "lan đang rà soát" in minh.get(path).text, "it was renewed"
    desk.clock.ahead += timedelta(minutes=2)
    assert 'id="cards"' in minh.get(path).text
    assert lan.get(f"/review/{FOREIGN}/1").status_code == 404
    assert lan.form(f"/review/{FOREIGN}/1/take-over").status_code == 404


def test_other_acts_have_a_page_and_say_what_happens(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    page = lan.get(f"/review/{CODE}/1/change")
    assert page.status_code == 200
    for word in ("Đề nghị quét lại", "Tách hoặc giữ chung", "Xoay trang", "Đổi loại", "Từ chối"):
        assert word in page.text
    assert lan.get(f"/review/{FOREIGN}/1/change").status_code == 404
    here = f"/review/{CODE}/1"
    wrong = lan.form(f"{here}/turn", seen=seen(desk), page="9", degrees="90")
    assert wrong.status_code == 400 and 'id="turn" open' in wrong.text
    for act, said in {
        "turn": {"page": "2", "degrees": "90"},
        "type": {"document_type": "giay_khai_sinh"},
        "reject": {"reason": "Không thuộc hồ sơ."},
        "divide": {"ranges": "1,2"},
    }.items():
        assert lan.form(f"{here}/{act}", seen="0" * 64, **said).status_code == 409, act
        foreign = lan.form(f"/review/{FOREIGN}/1/{act}", seen=seen(desk, FOREIGN), **said)
        assert foreign.status_code == 404, act
        assert lan.post(f"{here}/{act}", data={"seen": seen(desk), **said}).status_code == 403
    assert document(desk).stage is Stage.in_review


@pytest.mark.parametrize(
    ("act", "said", "stage", "event"),
    [
        ("turn", {"page": "2", "degrees": "270"}, Stage.received, "page_turned"),
        ("type", {"document_type": "giay_khai_sinh"}, Stage.received, "type_changed"),
        ("reject", {"reason": "Không thuộc hồ sơ."}, Stage.rejected, "rejected"),
        ("divide", {"ranges": "1,2"}, Stage.split_up, "split"),
    ],
)
def test_each_act_is_one_event(
    desk: DeskOffice, act: str, said: dict[str, str], stage: Stage, event: str
) -> None:
    lan = desk.signed_in("lan")
    lan.get(f"/review/{CODE}/1")
    answer = lan.form(f"/review/{CODE}/1/{act}", seen=seen(desk), **said)
    assert answer.headers["location"].startswith("/review?done=")
    now = document(desk)
    assert now.stage is stage
    told = [one for one in desk.rooms.ledger.events(now.dossier_id) if one.kind == event]
    assert [(one.actor, one.data["from"]) for one in told] == [("user:lan", "in_review")]
    assert desk.rooms.ledger.prove(now.dossier_id)
    assert desk.rooms.ledger.review_leases.of([now.id]) == {} or act == "divide"
    following = lan.get(answer.headers["location"]).headers["location"]
    assert following.startswith(f"/review/{SECOND}/1") and "done=" in following
