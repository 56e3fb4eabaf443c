"""Every department, every kind of grant, every way to a paper: what comes is theirs or shared.

The scenarios are held against a rule in plain Python; what does not reach somebody is answered,
byte for byte, as what is not there, and leaves no line in the access log.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_office import HERE, PASSWORD, Browser, DeskOffice
from httpx import Response
from sharing_office import (
    BIRTH,
    CARD,
    DEPARTMENTS,
    JUSTICE,
    LIVING,
    MISSING,
    ONE,
    PAPERS,
    SAID,
    STAYING,
    TAX,
    TWO,
    Given,
    Paper,
    Reading,
    asked,
    caller,
    marks,
    reaches,
    sharing_office,
)

from portal.rules import RuledRoute
from schemas.dossier import Stage
from schemas.errors import NotFound
from schemas.sharing import Shared
from usecases import accounts, find
from usecases.caller import Caller, Duty, Right, local_operator
from usecases.fetch import fetch
from usecases.identity_pictures import accesses
from usecases.published import published
from usecases.sharing import whole_dossier
from usecases.withdrawal import withdrawn, withdrawn_since

TYPE, PROCEDURE, DOSSIER = Shared.document_type, Shared.procedure, Shared.dossier
SCENARIOS: dict[str, tuple[Given, ...]] = {
    "nothing": (),
    "a type": (Given(TYPE, "ct01"),),
    "a type with a withdrawn one": (Given(TYPE, "quyet_dinh"),),
    "identity cards": (Given(TYPE, CARD),),
    "a procedure": (Given(PROCEDURE, BIRTH),),
    "one procedure of two": (Given(PROCEDURE, LIVING),),
    "both procedures": (Given(PROCEDURE, LIVING), Given(PROCEDURE, STAYING)),
    "both, to different ones": (
        Given(PROCEDURE, LIVING), Given(PROCEDURE, STAYING, receiver=JUSTICE),
    ),
    "a dossier": (Given(DOSSIER, ONE),),
    "a dossier that others' code is, too": (
        Given(DOSSIER, ONE, giver=JUSTICE), Given(TYPE, "giay_khai_sinh"),
    ),
    "to come": (Given(DOSSIER, ONE, first=1, last=2), Given(TYPE, "ct01", first=1, last=2)),
    "over": (Given(DOSSIER, ONE, first=-3, last=-1), Given(PROCEDURE, BIRTH, first=-3, last=0)),
    "ended": (Given(DOSSIER, ONE, ended=True), Given(TYPE, "ct01", ended=True)),
    "the other way": (Given(TYPE, "quyet_dinh", giver=TAX, receiver=HERE),),
    "not passed on": (
        Given(TYPE, "ct01", receiver=JUSTICE), Given(TYPE, "ct01", giver=JUSTICE),
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DeskOffice, tuple[Given, ...]]]:
    given = SCENARIOS[request.param]
    with sharing_office(tmp_path_factory.mktemp("sharing")) as desk:
        for one in given:
            one.enter(desk)
        yield desk, given
        assert desk.rooms.ledger.examine() == ()


def expected(department: str, given: tuple[Given, ...], *stages: Stage) -> set[Reading]:
    return {
        tuple(one[:3]) for one in PAPERS if one.stage in stages and reaches(one, department, given)
    }


def hidden(department: str) -> set[Reading]:
    """Identity papers of others, which a grant does not open."""
    return {one[:3] for one in PAPERS if one.kind == CARD and one.department != department}


# Ways that name what they give


def listed(answer: Response, own: str) -> set[Reading]:
    """The lines of a list; where there may be several departments, each names its own."""
    names = {"Một cửa": HERE, "Thuế": TAX, "Tư pháp": JUSTICE}
    found: set[Reading] = set()
    for row in answer.text.partition("<tbody>")[2].split("</tr>")[:-1]:
        text = re.sub(r"<[^>]+>", " ", row)
        code, number = re.findall(r"(H17-\d+-\d+)\s*/(\d+)", text)[0]
        units = {unit for name, unit in names.items() if f" {name} " in text}
        assert len(units) < 2, text
        found.add((units.pop() if units else own, code, int(number)))
    return found


def by_page(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    (own,) = who.departments or ()
    return listed(browser.get("/results"), own)


def by_page_of_each_department(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    (own,) = who.departments or ()
    found: set[Reading] = set()
    for unit in DEPARTMENTS:
        got = listed(browser.get(f"/results?department={unit}"), own)
        assert {one[0] for one in got} <= {unit}
        found |= got
    return found


def by_page_of_each_code(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    (own,) = who.departments or ()
    pages = (browser.get(f"/results?code={code}") for code in (ONE, TWO, "0013", MISSING))
    return set().union(*(listed(page, own) for page in pages))


def by_page_of_each_type(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    (own,) = who.departments or ()
    kinds = {one.kind for one in PAPERS}
    return set().union(
        *(listed(browser.get(f"/results?type={kind}&role=result"), own) for kind in kinds)
    )


def by_list(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    found = find.results(who, desk.rooms)
    (own,) = who.departments or ()
    for one in found:
        kinds = {each.kind for each in one.objects}
        assert ("original" in kinds) is (one.department == own), "a scan may hold other papers"
    return {(one.department, one.dossier, one.number) for one in found}


def by_list_of_each_code(desk: DeskOffice, browser: Browser, who: Caller) -> set[Reading]:
    return {
        (one.department, one.dossier, one.number)
        for code in (*{one.code for one in PAPERS}, MISSING)
        for one in find.results(who, desk.rooms, code=code)
    }


@pytest.mark.parametrize("department", DEPARTMENTS)
@pytest.mark.parametrize(
    "way",
    [by_page, by_page_of_each_department, by_page_of_each_code, by_page_of_each_type, by_list,
     by_list_of_each_code],
)  # fmt: skip
def test_lists_hold_what_reaches_them(
    scenario: tuple[DeskOffice, tuple[Given, ...]],
    way: Callable[[DeskOffice, Browser, Caller], set[Reading]],
    department: str,
) -> None:
    desk, given = scenario
    browser = desk.signed_in(f"reader.{department}")
    found = way(desk, browser, caller(Duty.reader, department))
    assert found == expected(department, given, Stage.published)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_list_names_departments_that_share(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str
) -> None:
    desk, given = scenario
    page = find.result_page(caller(Duty.reader, department), desk.rooms)
    givers = {one.giver for one in given if one.stands() and one.receiver == department}
    assert {one.id for one in page.departments} == givers | {department}
    assert all(one.shared is (one.department != department) for one in page.results)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_what_was_withdrawn_is_told_to_whom_it_reached(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str
) -> None:
    desk, given = scenario
    who = caller(Duty.reader, department)
    wanted = expected(department, given, Stage.withdrawn)
    found = withdrawn_since(who, desk.rooms)
    assert {(one.department, one.dossier, one.number) for one in found} == wanted
    try:
        told = withdrawn(who, desk.rooms, ONE, department=HERE)
    except NotFound:
        told = []
    assert {(one.department, one.dossier, one.number) for one in told} == wanted


# Ways that give files


@pytest.mark.parametrize("file", ["signed.pdf", "manifest.json"])
@pytest.mark.parametrize("department", DEPARTMENTS)
def test_files_are_given_to_whom_they_reach_and_say_what_for(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str, file: str
) -> None:
    desk, given = scenario
    name, ledger = f"{file.partition('.')[0]}.{department}", desk.rooms.ledger
    accounts.add(local_operator(), desk.rooms, name, [Duty.reader], [department], password=PASSWORD)
    browser = desk.signed_in(name)
    wanted = expected(department, given, Stage.published) - hidden(department)
    if file == "signed.pdf":  # a reader sees no picture of one's own department's either
        wanted -= {one[:3] for one in PAPERS if one.kind == CARD}
    said: set[str] = set()
    for paper in PAPERS:
        foreign = paper.department != department
        before = len(ledger.accesses.of(actor=f"user:{name}"))
        first = asked(browser, paper, file)
        if foreign and paper.department + paper.code not in said:
            assert marks(first.text) == set(), paper
            assert len(ledger.accesses.of(actor=f"user:{name}")) == before
            reached = paper[:3] in expected(department, given, Stage.published)
            reached = reached and paper.kind != CARD
            assert (first.status_code == 428) is reached, "asked what for, before it is read"
        answer = asked(browser, paper, file, headers=SAID)
        got = marks(answer.text)
        assert got == ({paper[:3]} if paper[:3] in wanted else set()), paper
        lines = ledger.accesses.of(actor=f"user:{name}")[before:]
        for line in lines:
            assert bool(line.departments) is foreign is bool(line.purpose and foreign)
        if paper[:3] in wanted:
            assert lines and lines[-1].kind.endswith("_taken")
            said.add(paper.department + paper.code)
        else:
            assert [one for one in lines if one.kind.endswith("_taken")] == []
            assert answer.status_code in {403, 404}
            if answer.status_code == 404 and not any(
                reaches(one, department, given) and one.stage is not Stage.in_review
                for one in PAPERS
                if (one.department, one.code) == (paper.department, paper.code)
            ):
                nothing = browser.get(
                    f"/results/{MISSING}/1/{file}?department={paper.department}", headers=SAID
                )
                told = (one.text.replace(paper.code, MISSING) for one in (answer, nothing))
                assert len({re.sub(r"/\d+/", "/1/", text) for text in told}) == 1


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_fetching_and_exporting_give_what_reaches_them(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str, tmp_path: Path
) -> None:
    desk, given = scenario
    who = caller(Duty.reader, department)
    wanted = expected(department, given, Stage.published) - hidden(department)
    exported = {
        (one.dossier.department, one.dossier.code, one.document.number)
        for one in published(who, desk.rooms, purpose="đối chiếu")
    }
    assert exported == wanted
    clerk = caller(Duty.clerk, department)  # who sees their own identity papers
    fetched: set[Reading] = set()
    for unit, code in {(one.department, one.code) for one in PAPERS} | {(HERE, MISSING)}:
        out = tmp_path / f"{unit}-{code}"
        try:
            fetch(clerk, desk.rooms, code, out, department=unit, purpose="đối chiếu")
        except NotFound:
            assert not [one for one in out.rglob("*") if one.is_file()]
        originals = [one for one in out.rglob("originals/*") if one.is_file()]
        assert not originals or unit == department
        for one in out.rglob("*"):
            fetched |= marks(one.read_text()) if one.is_file() else set()
    assert fetched == wanted


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_evidence_needs_all_of_a_dossier(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str
) -> None:
    desk, given = scenario
    for unit, code in {(one.department, one.code) for one in PAPERS}:
        its = [one for one in PAPERS if (one.department, one.code) == (unit, code)]
        whole = all(reaches(one, department, given) for one in its)
        try:
            found = whole_dossier(
                caller(Duty.reader, department), Right.fetch, desk.rooms, code, unit
            )
        except NotFound as error:
            assert not whole and error.code == "cli.no_dossier"
        else:
            assert whole and (found.department, found.code) == (unit, code)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_the_log_is_its_owners(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str
) -> None:
    """A grant opens no page of another's dossier, nor its log."""
    desk, _ = scenario
    browser = desk.signed_in(f"clerk.{department}")
    for unit, code in {(one.department, one.code) for one in PAPERS} - {(department, ONE)}:
        if unit == department:
            continue
        with pytest.raises(NotFound):
            accesses(caller(Duty.clerk, department), desk.rooms, code, department=unit)
        assert browser.get(f"/dossiers/{code}?department={unit}").status_code == 404
        assert browser.get(f"/dossiers/{code}/1/pages/1?department={unit}").status_code == 404


# Every route, whatever it gives


def of_dossiers(desk: DeskOffice) -> list[str]:
    """Paths of the routes that name a dossier and change nothing."""
    return [
        re.sub(r"{(\w+):\w+}", r"{\1}", one.path)
        for one in desk.app.routes
        if isinstance(one, RuledRoute) and "{dossier}" in one.path and "GET" in (one.methods or ())
    ]


@pytest.mark.parametrize("department", [TAX, JUSTICE])
def test_no_route_tells_what_does_not_reach_them(
    scenario: tuple[DeskOffice, tuple[Given, ...]], department: str
) -> None:
    """Made from the router: a route that is added is tried by itself, in every scenario."""
    desk, given = scenario
    browser = desk.signed_in(f"all.{department}")
    names = {"number": "1", "page": "1", "component": "declaration", "paper": "receipt"}
    known: dict[str, Response] = {}

    def answer(path: str, code: str, paper: Paper) -> Response:
        values = names | {"number": str(paper.number), "dossier": code}
        address = f"{path.format_map(values)}?department={paper.department}"
        if address not in known:
            known[address] = browser.get(address, headers=SAID)
        return known[address]

    reached = {one[:2] for one in PAPERS if reaches(one, department, given)}
    for path in of_dossiers(desk):
        if not set(re.findall(r"{(\w+)}", path)) <= {"dossier", *names}:
            continue
        for paper in PAPERS:
            if paper[:2] in reached:  # of these the ways above tell
                continue
            one, none = (answer(path, code, paper) for code in (paper.code, MISSING))
            assert one.status_code == none.status_code, path
            assert one.text.replace(paper.code, "") == none.text.replace(MISSING, ""), path
