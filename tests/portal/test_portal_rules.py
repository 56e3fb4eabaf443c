"""Whom each route lets in; that none is without a rule; what a stranger's page cannot do."""

import re
from collections import defaultdict

import pytest
from desk_office import PASSWORD, PEOPLE, DeskOffice
from fastapi.routing import APIRoute

from portal.navigation import PLACES
from portal.rules import Pages, RuledRoute, Who
from portal.sessions import own_word, path_within
from usecases.caller import RIGHTS, Duty, Right

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PARAMETERS: dict[str, str] = defaultdict(lambda: "1")
"""Anything: nothing is looked up before the rule is asked."""


def address(route: RuledRoute) -> str:
    return re.sub(r"{(\w+):\w+}", r"{\1}", route.path).format_map(PARAMETERS)


def routes(desk: DeskOffice) -> list[RuledRoute]:
    return [one for one in desk.app.routes if isinstance(one, RuledRoute)]


def test_every_route_has_a_rule(shared_desk: DeskOffice) -> None:
    assert [one for one in shared_desk.app.routes if not isinstance(one, RuledRoute)] == []
    for one in routes(shared_desk):
        assert isinstance(one.rule.lets_in, Right | Who), one.path
        assert one.methods is not None and len(one.methods) == 1
        changes = one.methods & UNSAFE
        assert not (changes and one.rule.lets_in is Who.open), f"{one.path} changes, for anybody"


def test_a_route_cannot_be_made_without_one() -> None:
    with pytest.raises(TypeError):
        Pages().get("/nothing")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        RuledRoute("/nothing", lambda: None, method="GET")  # type: ignore[call-arg]


def test_the_test_would_see_a_route_without_one(desk: DeskOffice) -> None:
    desk.app.router.routes.append(APIRoute("/open", lambda: None))
    with pytest.raises(AssertionError):
        test_every_route_has_a_rule(desk)


def test_paths_are_told_once(shared_desk: DeskOffice) -> None:
    told = [(one.path, *(one.methods or ())) for one in routes(shared_desk)]
    assert len(set(told)) == len(told)


def test_who_has_not_signed_in_sees_nothing(shared_desk: DeskOffice) -> None:
    for one in routes(shared_desk):
        if one.rule.lets_in in {Who.open, Who.anybody}:
            continue
        (method,) = one.methods or ()
        answer = shared_desk.browser().request(method, address(one))
        if method == "GET" and not one.rule.api:
            assert answer.status_code == 303, one.path
            assert answer.headers["location"].startswith("/sign-in?next="), one.path
        else:
            assert answer.status_code == 401, one.path


@pytest.mark.parametrize("name", PEOPLE)
def test_a_right_is_asked_for_before_anything_else(shared_desk: DeskOffice, name: str) -> None:
    browser = shared_desk.signed_in(name)
    mine = RIGHTS[PEOPLE[name]]
    for one in routes(shared_desk):
        if isinstance(one.rule.lets_in, Right):
            (method,) = one.methods or ()
            path = address(one)
            said = {"csrf": own_word(browser.token or "")} if method in UNSAFE else None
            answer = browser.request(method, path, data=said)
            assert (answer.status_code == 403) is (one.rule.lets_in not in mine), one.path


def test_the_navigation_names_what_one_may(shared_desk: DeskOffice) -> None:
    there = {one.path for one in routes(shared_desk)}
    for name, duty in PEOPLE.items():
        page = shared_desk.signed_in(name).get("/").text
        for place in PLACES:
            shown = place.path in there and place.right in RIGHTS[duty]
            assert (f'<a href="{place.path}"' in page) is shown, (name, place)


def test_what_changes_something_needs_the_sessions_own_word(desk: DeskOffice) -> None:
    for one in routes(desk):
        (method,) = one.methods or ()
        if method not in UNSAFE or one.rule.lets_in is Who.anybody:
            continue
        path = address(one)
        browser = desk.signed_in("van")
        other = desk.signed_in("van").token or ""
        for said in ({}, {"csrf": ""}, {"csrf": own_word(other)}, {"csrf": "é"}):
            assert browser.request(method, path, data=said).status_code == 403, path
        word = own_word(browser.token or "")
        assert browser.request(method, path, headers={"x-csrf-token": other}).status_code == 403
        for header, value in (
            ("origin", "http://attacker.example"),
            ("origin", "null"),
            ("origin", "https://127.0.0.1:8650"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ):
            answer = browser.request(method, path, data={"csrf": word}, headers={header: value})
            assert answer.status_code == 403, (path, header, value)
    assert desk.signed_in("van").get("/").status_code == 200


def test_a_page_of_this_site_is_heard(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    said = {"csrf": own_word(browser.token or "")}
    here = {"origin": "http://127.0.0.1:8650", "sec-fetch-site": "same-origin"}
    assert browser.post("/sign-out", data=said, headers=here).status_code == 303


def test_nobody_is_signed_in_by_a_strangers_page(desk: DeskOffice) -> None:
    browser = desk.browser()
    said = {"username": "lan", "password": PASSWORD}
    for header in ({"origin": "http://attacker.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.post("/sign-in", data=said, headers=header).status_code == 403
    assert browser.token is None


@pytest.mark.parametrize(
    "wanted",
    ["//attacker.example", "/\\attacker.example", "https://attacker.example", "javascript:alert(1)",
     "attacker.example", "/a\nb", "/\t/attacker.example", "", None, "\\\\attacker.example"],
)  # fmt: skip
def test_one_goes_on_to_this_site_alone(wanted: str | None) -> None:
    assert path_within(wanted) == "/"


def test_one_goes_on_to_where_one_wanted(desk: DeskOffice) -> None:
    browser = desk.browser()
    said = {"username": "lan", "password": PASSWORD, "next": "/queue?stage=failed"}
    assert browser.post("/sign-in", data=said).headers["location"] == "/queue?stage=failed"
    away = desk.browser().sign_in("lan", PASSWORD, next="//attacker.example")
    assert away.headers["location"] == "/"
    assert set(Duty) == set(PEOPLE.values())
