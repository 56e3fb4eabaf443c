"""Every route, every duty, one's own dossier, another department's and none; signed out, run out,
disabled. Made from the router: a new route is in it by itself, with what ``OBJECTS`` says its
parameters name.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from desk_office import (
    ELSEWHERE,
    HERE,
    PASSWORD,
    PEOPLE,
    Browser,
    DeskOffice,
    a_desk,
)
from httpx import Response
from shared_office import ShelfStore, publish

from portal.rules import RuledRoute, Who
from portal.sessions import own_word
from usecases import accounts
from usecases.caller import RIGHTS, Duty, Right, local_operator
from usecases.doc_codes import codes_of

OWN, OTHER, NONE = "H17-261123-0001", "H17-261123-0002", "H17-261123-0009"
OBJECTS: dict[str, tuple[str, str, str]] = {
    "dossier": (OWN, OTHER, NONE),
    "number": ("1",) * 3,
    "rescan": ("QL-222222", "QL-333333", "QL-444444"),
    "token": ("t" * 32,) * 3,
    "page": ("1",) * 3,
    "sha256": ("b" * 64,) * 3,
    "sheet": ("0" * 32,) * 3,  # somebody's own, which none of these is
    "zone": ("1",) * 3,
    "name": ("none.css",) * 3,
    "version": ("0",) * 3,
    "code": ("vi",) * 3,  # of a language
    "component": ("declaration",) * 3,
    "rest": ("none",) * 3,
    "paper": ("receipt",) * 3,
    "DocCode": ("H00_QD_000001_V2", "H00_QD_000002_V2", "H00_QD_000009_V2"),
    "link": ("x" * 40,) * 3,
    "public": ("0" * 26,) * 3,  # a code that nothing has
}
"""What a route's parameters name: one's own, another department's, and what is not there."""
FORMS: dict[str, dict[str, str]] = {"/sign-in": {"username": "lan", "password": PASSWORD}}
FORMS |= {f"/rescans/{{rescan}}/{act}": {"seen": "a" * 64} for act in ("accept", "refuse")}
FORMS["/dossiers/{dossier}/withdrawn"] = {"number": "1", "reason": "nhầm"}
"""What a route's form needs to be understood, besides the session's own word."""
DUTIES = tuple(Duty)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    """Accounts of each duty in one department, in the other one, and in none."""
    with a_desk(tmp_path_factory.mktemp("matrix")) as desk:
        for duty in DUTIES:
            for name, units in (("thue", [ELSEWHERE]), ("none", [])):
                accounts.add(
                    local_operator(), desk.rooms, f"{duty}.{name}", [duty], units,
                    password=PASSWORD,
                )  # fmt: skip
        for number, code in ((1, "QL-222222"), (2, "QL-333333")):
            asked_for(desk, number, code)
        store = ShelfStore()
        object.__setattr__(desk.rooms, "objects", lambda: store)
        for code, unit in ((OWN, HERE), (OTHER, ELSEWHERE)):
            done = publish(desk.rooms.ledger, store, code, unit, content=code.encode())
            codes_of(desk.rooms.ledger, desk.rooms.coding, [done])
        yield desk


def asked_for(desk: DeskOffice, number: int, code: str) -> None:
    """A request of this code for the first document of a dossier."""
    ledger = desk.rooms.ledger
    asked = ledger.rescans.ask(number, 1, "mờ", "test", based_on="a" * 64).code
    with ledger._database.write() as connection:
        connection.execute(
            sa.text("UPDATE rescan SET code = :c WHERE code = :b"), {"c": code, "b": asked}
        )


def routes(desk: DeskOffice) -> list[RuledRoute]:
    return [one for one in desk.app.routes if isinstance(one, RuledRoute)]


def address(route: RuledRoute, which: int) -> str:
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    path = re.sub(r"{(\w+):\w+}", r"{\1}", route.path)
    return path.format_map({name: OBJECTS[name][which] for name in names})


def asked(browser: Browser, route: RuledRoute, which: int) -> Response:
    (method,) = route.methods or ()
    if method == "GET":
        return browser.get(address(route, which))
    said = {"csrf": own_word(browser.token or ""), **FORMS.get(route.path, {})}
    return browser.request(method, address(route, which), data=said)


def said(answer: Response, *codes: str) -> str:
    """What an answer says, but for the address that it was asked under, the session's word, and how
    many scans the person is waiting for, which what they asked before may have changed."""
    text = re.sub(r'href="/language[^"]*"', "", answer.text)
    text = re.sub(r'<a href="/rescans" id="rescans-wait".*?</a>', "", text)
    text = re.sub(r"[0-9a-f]{64}", "", text)
    for code in codes:
        text = text.replace(code, "CODE")
    return text


def person(desk: DeskOffice, duty: Duty, department: str) -> Callable[[], Browser]:
    mine = next(name for name, one in PEOPLE.items() if one is duty)
    name = {HERE: mine, ELSEWHERE: f"{duty}.thue", "": f"{duty}.none"}[department]
    return lambda: desk.signed_in(name)


def test_every_parameter_is_known_here(office: DeskOffice) -> None:
    """A route with a new parameter says in ``OBJECTS`` what it names."""
    for route in routes(office):
        assert set(re.findall(r"{(\w+)", route.path)) <= set(OBJECTS), route.path


@pytest.mark.parametrize("department", [HERE, ELSEWHERE, ""])
@pytest.mark.parametrize("duty", DUTIES)
def test_duties_and_departments(office: DeskOffice, duty: Duty, department: str) -> None:
    signed_in = person(office, duty, department)
    browser = signed_in()
    foreign = {HERE: [OTHER], ELSEWHERE: [OWN], "": [OWN, OTHER]}[department]
    for route in routes(office):
        changes = "GET" not in (route.methods or ())
        answers = {}
        for which, code in enumerate((OWN, OTHER, NONE)):
            browser = signed_in() if changes else browser
            answer = answers[code] = asked(browser, route, which)
            assert answer.status_code < 500, (route.path, code)
            if isinstance(route.rule.lets_in, Right):
                may = route.rule.lets_in in RIGHTS[duty]
                assert (answer.status_code == 403) is not may, (route.path, code)
        missing = said(answers[NONE], NONE)
        for code in foreign:
            assert answers[code].status_code == answers[NONE].status_code, route.path
            if address(route, 0) != address(route, 2):
                assert said(answers[code], code) == missing, route.path
            else:
                assert code not in said(answers[code]), f"{route.path} lists what is not theirs"


def signed_out(desk: DeskOffice) -> Browser:
    browser = desk.signed_in("van")
    copied = desk.browser(cookies={"sohoa": browser.token or ""})
    browser.form("/sign-out")
    return copied


def run_out(desk: DeskOffice) -> Browser:
    browser = desk.signed_in("van")
    desk.clock.ahead += timedelta(hours=13)
    return browser


def disabled(desk: DeskOffice) -> Browser:
    accounts.add(local_operator(), desk.rooms, "weg", list(Duty), [HERE], password=PASSWORD)
    browser = desk.signed_in("weg")
    accounts.disable(local_operator(), desk.rooms, "weg")
    return browser


def forged(desk: DeskOffice) -> Browser:
    return desk.browser(cookies={"sohoa": "x" * 43})


@pytest.mark.parametrize("gone", [signed_out, run_out, disabled, forged])
def test_who_is_in_no_longer_is_as_one_who_never_was(
    desk: DeskOffice, gone: Callable[[DeskOffice], Browser]
) -> None:
    browser, nobody = gone(desk), desk.browser()
    for route in routes(desk):
        if route.rule.lets_in in {Who.open, Who.anybody}:
            continue
        for which, code in enumerate((OWN, OTHER, NONE)):
            answer, same = asked(browser, route, which), asked(nobody, route, which)
            assert answer.status_code == same.status_code, route.path
            assert answer.status_code in {303, 401}, route.path
            assert said(answer, code) == said(same, code), route.path
