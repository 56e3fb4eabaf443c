"""Sharing on the desk: what for is asked and told to the owner; it ends at once; no dead token."""

import re
from pathlib import Path

import pytest
from desk_office import HERE
from sharing_office import (
    DAY,
    JUSTICE,
    MISSING,
    ONE,
    PAPERS,
    SAID,
    TAX,
    TWO,
    Given,
    asked,
    caller,
    marks,
    sharing_office,
)

from portal.rules import RuledRoute
from schemas.errors import SohoaError
from schemas.sharing import Shared
from usecases import tokens
from usecases.caller import Duty, Right, local_operator
from usecases.fetch import fetch
from usecases.sharing import PurposeNeeded, whole_dossier

TYPE, DOSSIER = Shared.document_type, Shared.dossier


def test_it_counts_no_more_at_once(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        browser, ledger = desk.signed_in("reader.thue"), desk.rooms.ledger
        made = Given(TYPE, "ct01").enter(desk)
        paper = next(one for one in PAPERS if one.code == TWO)
        assert asked(browser, paper, "signed.pdf", headers=SAID).status_code == 200
        assert desk.signed_in(f"signer.{HERE}").form(f"/sharing/{made.id}/end").status_code == 303
        assert asked(browser, paper, "signed.pdf", headers=SAID).status_code == 404
        assert TWO not in browser.get("/results").text
        again = Given(TYPE, "ct01").enter(desk)
        assert asked(browser, paper, "signed.pdf").status_code == 200, "the purpose still counts"
        desk.clock.ahead += DAY
        browser = desk.signed_in("reader.thue")
        assert asked(browser, paper, "signed.pdf", headers=SAID).status_code == 404, "it is over"
        assert not again.stands(desk.clock())
        taken = [one.kind for one in ledger.accesses.of(actor="user:reader.thue")]
        assert taken.count("signed_taken") == 2


@pytest.mark.parametrize("gone", ["anonymous", "wrong", "ended", "expired"])
def test_no_token_that_does_not_count_opens_anything(tmp_path: Path, gone: str) -> None:
    """Of every route of the interface that asks who somebody is."""
    with sharing_office(tmp_path) as desk:
        Given(DOSSIER, ONE).enter(desk)
        made = tokens.add(local_operator(), desk.rooms, "may", [Duty.reader], [TAX], days=1)
        headers = {"Authorization": f"Bearer {made.token}"}
        browser = desk.browser()
        assert browser.get("/api/v1/me", headers=headers).status_code == 200
        if gone == "ended":
            tokens.end(local_operator(), desk.rooms, "may")
        elif gone == "expired":
            desk.clock.ahead += 2 * DAY
        elif gone == "wrong":
            headers = {"Authorization": f"Bearer {made.token[:-1]}x"}
        else:
            headers = {}
        refused = 0
        for route in desk.app.routes:
            if not isinstance(route, RuledRoute) or not isinstance(route.rule.lets_in, Right):
                continue
            path = re.sub(r"{(\w+):\w+}", r"{\1}", route.path)
            path = path.replace("{dossier}", ONE).replace("{number}", "3")
            path = re.sub(r"{\w+}", "1", path)
            (method,) = route.methods or ()
            answer = browser.request(method, path, headers=headers | SAID)
            assert answer.status_code in {303, 401, 403}, (route.path, answer.status_code)
            assert marks(answer.text) == set()
            refused += 1
        assert refused > 30
        assert desk.rooms.ledger.accesses.of(actor="system:may") == []


def test_what_is_read_is_seen_by_its_owner(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        Given(DOSSIER, ONE).enter(desk)
        browser = desk.signed_in("reader.thue")
        place = f"/results/{ONE}/3/signed.pdf?department={HERE}"
        page = browser.get(place)
        assert page.status_code == 428 and 'name="purpose"' in page.text
        for wrong in ("", "x" * 301):
            again = browser.form(f"/results/{ONE}/purpose", purpose=wrong, department=HERE)
            assert again.status_code in {400, 428} and 'name="purpose"' in again.text
        said = {"purpose": "đối chiếu nơi sinh", "department": HERE, "next": place}
        answer = browser.form(f"/results/{ONE}/purpose", **said)
        assert answer.status_code == 303 and answer.headers["location"] == place
        assert marks(browser.get(place).text) == {(HERE, ONE, 3)}
        assert marks(browser.get(place.replace("/3/", "/1/")).text) == {(HERE, ONE, 1)}
        with pytest.raises(PurposeNeeded):
            fetch(caller(Duty.clerk, TAX), desk.rooms, ONE, tmp_path, department=HERE)
        owner = desk.signed_in(f"clerk.{HERE}").get(f"/dossiers/{ONE}").text
        assert "của Thuế" in owner and "mục đích: đối chiếu nơi sinh" in owner
        elsewhere = browser.form(f"/results/{MISSING}/purpose", **said)
        assert elsewhere.status_code == 404
        events = str(desk.rooms.ledger.events())
        assert "đối chiếu" not in events, "what for stands in the access log alone"


def test_a_purpose_goes_on_within_the_site_alone(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        Given(DOSSIER, ONE).enter(desk)
        answer = desk.signed_in("reader.thue").form(
            f"/results/{ONE}/purpose", purpose="x", department=HERE, next="//else.example/"
        )
        assert answer.headers["location"] == "/"


def test_two_that_have_a_code_are_told_apart_as_far_as_they_are_reached(tmp_path: Path) -> None:
    with sharing_office(tmp_path) as desk:
        who = caller(Duty.reader, TAX)
        Given(DOSSIER, ONE).enter(desk)
        assert whole_dossier(who, Right.find, desk.rooms, ONE).department == HERE
        Given(DOSSIER, ONE, giver=JUSTICE).enter(desk)
        with pytest.raises(SohoaError) as refused:
            whole_dossier(who, Right.find, desk.rooms, ONE)
        assert refused.value.code == "storing.ambiguous_code"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"what": ""}, "Hãy chọn một thủ tục"), ({"what": "odd:ct01"}, "Hãy chọn một thủ tục"),
        ({"dossier": ONE}, "Hãy chọn một thủ tục"), ({"first": ""}, "Thời gian chia sẻ"),
        ({"last": "2020-01-01"}, "Thời gian chia sẻ"), ({"reason": ""}, "nêu lý do"),
        ({"what": "", "dossier": MISSING}, "hồ sơ"), ({"giver": TAX}, "đơn vị"),
        ({"receiver": ""}, "đơn vị"),
    ],
)  # fmt: skip
def test_what_cannot_be_shared_is_said_on_the_page(
    tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    with sharing_office(tmp_path) as desk:
        today = str(desk.clock().date())
        said = {
            "giver": HERE, "receiver": TAX, "what": "procedure:1.001193", "dossier": "",
            "first": today, "last": str((desk.clock() + DAY).date()), "reason": "phối hợp",
        }  # fmt: skip
        browser = desk.signed_in(f"signer.{HERE}")
        answer = browser.form("/sharing", **{**said, **wrong})
        assert answer.status_code == 400 and 'role="alert"' in answer.text
        assert told in answer.text.partition('role="alert"')[2].partition("</div>")[0]
        assert desk.rooms.ledger.grants.all() == []
        assert browser.form("/sharing", **said).headers["location"] == "/sharing?done=shared"
        assert "Đăng ký khai sinh" in browser.get("/sharing").text
        other = desk.signed_in(f"signer.{JUSTICE}")
        assert "phối hợp" not in other.get("/sharing").text
        assert other.form("/sharing/1/end").status_code == 404
        assert desk.rooms.ledger.grants.all()[0].ended_at is None
