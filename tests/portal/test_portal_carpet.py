"""Review in bulk over HTTP: whose zones, what is decided, planted, undone, and by whom."""

import json
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk_office import ELSEWHERE, HERE, Browser, DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from stacks import stack

from portal import texts
from portal.sessions import own_word
from schemas.dossier import Stage
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest
from schemas.work import DecisionKind
from storage import Document, NewDecision
from usecases import carpet
from usecases.caller import Caller, Duty
from usecases.rooms import Rooms
from usecases.sheet_zones import SIZES

SCRIPTS = Path(__file__).parents[2] / "portal" / "static"
LAN = Caller("user:lan", frozenset({Duty.clerk}), frozenset({HERE}))
KY = Caller("user:ky", frozenset({Duty.signer}), frozenset({HERE}))


def form(number: int, **more: Any) -> Manifest:
    """A form on which a date is doubtful, another one on each."""
    doubt = {"status": FieldStatus.review, "page": 1, "confidence": 0.9}
    born = date(1990, 1, 1) + timedelta(days=number)
    dob = Field(value=born.isoformat(), box=(200, 220, 300, 240), **doubt)
    return manifest(fields={"dob": dob, **more})


def papers(
    desk: DeskOffice, count: int, *, first: int = 0, department: str = HERE, pdf: Path | None = None
) -> list[Document]:
    return [
        under_review(
            desk.rooms, form(number), pdf, code=f"H17-261124-{number:04}", department=department
        )
        for number in range(first, first + count)
    ]


def settled(desk: DeskOffice, *documents: Document, by: str = "user:ky") -> None:
    for one in documents:
        new = NewDecision(path="dob", kind=DecisionKind.confirmed)
        desk.rooms.ledger.decide(one.id, [new], by, based_on=one.manifest_sha256 or "")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path, waiting=False) as opened:
        yield opened
        opened.app.state.desk.drawer.close()


def opened(rooms: Rooms, caller: Caller = LAN, kind: str = "date", seed: int = 1) -> str:
    key = carpet.open_sheet(caller, rooms, kind, chance=random.Random(seed))
    assert key is not None
    return key


def texts_of(rooms: Rooms, key: str, caller: Caller = LAN) -> list[str]:
    return [one.text for one in carpet.sheet(caller, rooms, key).zones]


def post(browser: Browser, what: str, body: dict[str, Any] | None = None) -> Any:
    word = {"X-CSRF-Token": own_word(browser.token or "")}
    return browser.post(f"/api/v1/carpet/{what}", json=body or {}, headers=word)


def standing(desk: DeskOffice, *documents: Document) -> list[list[str]]:
    ledger = desk.rooms.ledger
    found = [ledger.standing_decisions(one) for one in documents]
    return [[one.made_by for one in said] for said in found]


# Whose zones


def test_zones_are_of_ones_own_departments_in_the_queues_order(desk: DeskOffice) -> None:
    papers(desk, 3)
    papers(desk, 2, first=10, department=ELSEWHERE)
    (kind,) = carpet.carpet(LAN, desk.rooms).kinds
    assert (kind.key, kind.name, kind.zones) == ("date", "Ngày tháng năm", 3)
    assert texts_of(desk.rooms, opened(desk.rooms)) == ["01/01/1990", "02/01/1990", "03/01/1990"]


def test_many_papers_take_no_more_statements_than_few(desk: DeskOffice) -> None:
    def asked() -> int:
        counted: list[str] = []

        def note(*given: Any) -> None:
            counted.append(given[2])

        engine = desk.rooms.ledger._database._engine
        sa.event.listen(engine, "before_cursor_execute", note)
        carpet.carpet(LAN, desk.rooms)
        sa.event.remove(engine, "before_cursor_execute", note)
        return sum(not one.startswith("BEGIN") for one in counted)

    settled(desk, *papers(desk, 1))
    few = asked()
    settled(desk, *papers(desk, 4, first=10))
    papers(desk, 8, first=20)
    assert asked() == few < 10


def test_a_planted_value_is_of_ones_own_departments(desk: DeskOffice) -> None:
    settled(desk, *papers(desk, 20, first=10, department=ELSEWHERE))
    papers(desk, 10)
    key = opened(desk.rooms)
    assert not any(one.planted for one in desk.rooms.ledger.sheets.zones(key))
    assert len(texts_of(desk.rooms, key)) == 10


def test_two_at_once_get_different_zones(desk: DeskOffice) -> None:
    papers(desk, 50)
    mine = set(texts_of(desk.rooms, opened(desk.rooms)))
    theirs = set(texts_of(desk.rooms, opened(desk.rooms, KY), KY))
    assert (len(mine), len(theirs)) == (SIZES[0], 10)
    assert not mine & theirs
    assert carpet.open_sheet(KY, desk.rooms, "sex") is None


def test_the_sheet_that_is_open_is_given_again_and_ends(desk: DeskOffice) -> None:
    papers(desk, 3)
    key = opened(desk.rooms)
    assert opened(desk.rooms) == key
    assert carpet.carpet(LAN, desk.rooms).present == key
    assert carpet.carpet(KY, desk.rooms).kinds == ()
    desk.clock.ahead += carpet.HELD
    assert carpet.carpet(KY, desk.rooms).kinds[0].zones == 3
    assert opened(desk.rooms) != key


@pytest.mark.parametrize("what", ["", "/picture/1", "accept", "undo"])
def test_a_sheet_is_nobody_elses(desk: DeskOffice, what: str) -> None:
    papers(desk, 2)
    key = opened(desk.rooms)
    for name, status in (("ky", 404), ("van", 403), ("doc", 403)):
        browser = desk.signed_in(name)
        if what in {"accept", "undo"}:
            assert post(browser, f"{key}/{what}").status_code == status
        else:
            assert browser.get(f"/carpet/{key}{what}").status_code == status
    clerk = desk.signed_in("lan")
    if what in {"accept", "undo"}:  # without the word of its own page
        assert clerk.post(f"/api/v1/carpet/{key}/{what}", json={}).status_code == 403
    assert clerk.post("/carpet", data={"kind": "date"}).status_code == 403


# What is decided


def test_what_is_not_marked_is_decided_one_event_a_field(desk: DeskOffice) -> None:
    documents = papers(desk, 3)
    key = opened(desk.rooms)
    answer = post(desk.signed_in("lan"), f"{key}/accept", {"wrong": [2]}).json()
    wanted = {"accepted": 2, "left": 1, "refused": 0, "planted": 0, "found": 0, "waiting": 0}
    assert answer == wanted
    assert standing(desk, *documents) == [["user:lan"], [], ["user:lan"]]
    events = [one for one in desk.rooms.ledger.events() if one.kind == "decided"]
    assert [len(one.data["decided"]) for one in events] == [1, 1]  # type: ignore[arg-type]
    stages = {desk.rooms.ledger.document(one.id).stage for one in documents}
    assert stages == {Stage.in_review}, "a person still says that a document is done"
    assert carpet.open_sheet(LAN, desk.rooms, "date") is None, "what was marked is for its review"


def test_said_again_it_is_said_once(desk: DeskOffice) -> None:
    documents = papers(desk, 2)
    key = opened(desk.rooms)
    first = carpet.accept(LAN, desk.rooms, key, [1])
    assert carpet.accept(LAN, desk.rooms, key, []) == first
    assert standing(desk, *documents) == [[], ["user:lan"]]


def test_cut_off_in_between_it_goes_on(desk: DeskOffice) -> None:
    documents = papers(desk, 3)
    key = opened(desk.rooms)
    desk.rooms.ledger.sheets.answer(key, [1])
    zone = desk.rooms.ledger.sheets.zones(key)[1]
    new = NewDecision(path="dob", kind=DecisionKind.confirmed, key=f"{key}-2")
    desk.rooms.ledger.decide(zone.document_id, [new], LAN.name, based_on=zone.manifest_sha256)
    assert carpet.accept(LAN, desk.rooms, key, []).accepted == 2
    assert [len(one) for one in standing(desk, *documents)] == [0, 1, 1]


def test_nothing_that_others_decided_is_overwritten_or_undone(desk: DeskOffice) -> None:
    documents = papers(desk, 4)
    key = opened(desk.rooms)
    ledger = desk.rooms.ledger
    typed = NewDecision(path="dob", kind=DecisionKind.value, value="2001-01-01")
    ledger.decide(documents[0].id, [typed], KY.name, based_on=documents[0].manifest_sha256 or "")
    settled(desk, documents[1])
    ledger.reject(documents[2].id, "flow.rejected", {}, "test")
    done = carpet.accept(LAN, desk.rooms, key, [])
    assert (done.accepted, done.refused) == (1, 3)
    carpet.undo_sheet(LAN, desk.rooms, key)
    assert standing(desk, *documents) == [["user:ky"], ["user:ky"], [], []]


def test_a_sheet_is_undone_as_a_whole_while_its_documents_wait(desk: DeskOffice) -> None:
    documents = papers(desk, 3)
    key = opened(desk.rooms)
    assert carpet.carpet(LAN, desk.rooms).last is None
    carpet.accept(LAN, desk.rooms, key, [2])
    assert carpet.carpet(LAN, desk.rooms).last == key
    assert post(desk.signed_in("lan"), f"{key}/undo").json() == {"decisions": 2}
    assert standing(desk, *documents) == [[], [], []]
    assert carpet.undo_sheet(LAN, desk.rooms, key).decisions == 0
    assert carpet.carpet(LAN, desk.rooms).last is None
    assert carpet.carpet(LAN, desk.rooms).kinds[0].zones == 3, "what was marked, too"


def test_what_went_on_is_not_undone(desk: DeskOffice) -> None:
    documents = papers(desk, 2)
    key = opened(desk.rooms)
    carpet.accept(LAN, desk.rooms, key, [])
    first = documents[0]
    desk.rooms.ledger.settle(first.id, "c" * 64, KY.name, based_on=first.manifest_sha256 or "")
    assert post(desk.signed_in("lan"), f"{key}/undo").status_code == 409
    assert standing(desk, documents[1]) == [["user:lan"]]


# What is planted


def test_planted_ones_look_alike_and_decide_nothing(desk: DeskOffice, tmp_path: Path) -> None:
    pdf = stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH")
    known = papers(desk, 12, first=10, pdf=pdf)
    settled(desk, *known)
    papers(desk, 20, first=30, pdf=pdf)
    key = opened(desk.rooms)
    zones = desk.rooms.ledger.sheets.zones(key)
    (planted, *more) = [one for one in zones if one.planted]
    assert len(more) == 1 and len(zones) == 22
    browser = desk.signed_in("lan")
    page = browser.get(f"/carpet/{key}").text
    assert "H17-26" not in page, "no dossier is named"
    assert "planted" not in re.sub(r"data-words='[^']*'", "", page)
    parts = re.findall(r'<button type="button" class="zone".*?</button>', page, re.S)
    blank = {re.sub(r"\d+", "", re.sub(r'tabindex="-?\d"', "", one)) for one in parts}
    assert len(blank) == 1, "nothing but numbers and values is different"
    shown = carpet.sheet(LAN, desk.rooms, key).zones[planted.number - 1].text
    truth = {document.id: n + 11 for n, document in enumerate(known)}[planted.document_id]
    assert shown != f"{truth:02}/01/1990"
    picture = browser.get(f"/carpet/{key}/picture/{planted.number}")
    assert picture.headers["content-type"] == "image/webp"
    ledger = desk.rooms.ledger
    missed = ledger.document(more[0].document_id)
    ledger.undo(missed.id, [ledger.standing_decisions(missed)[0].id], KY.name)
    before = standing(desk, *known)
    done = carpet.accept(LAN, desk.rooms, key, [planted.number])
    assert (done.planted, done.found, done.accepted) == (2, 1, 20)
    assert standing(desk, *known) == before
    assert standing(desk, missed) == [[]], "what was missed is no decision"


def test_who_misses_gets_smaller_sheets(desk: DeskOffice) -> None:
    settled(desk, *papers(desk, 28, first=100))
    papers(desk, 28)
    papers(desk, 28, first=200)
    sizes = []
    for _ in range(3):
        key = opened(desk.rooms)
        zones = desk.rooms.ledger.sheets.zones(key)
        sizes.append(len(zones))
        carpet.accept(LAN, desk.rooms, key, [])
    assert sizes[0] == SIZES[0]
    assert sizes[1] < SIZES[0]
    assert len(texts_of(desk.rooms, opened(desk.rooms, KY), KY)) <= SIZES[0]


def test_the_same_planted_zone_is_not_shown_twice(desk: DeskOffice) -> None:
    settled(desk, *papers(desk, 3, first=100))
    papers(desk, 28)
    seen = []
    for seed in range(3):
        key = opened(desk.rooms, seed=seed)
        zones = desk.rooms.ledger.sheets.zones(key)
        seen += [one.document_id for one in zones if one.planted]
        real = [one.number for one in zones if not one.planted]
        carpet.accept(LAN, desk.rooms, key, real)
        carpet.undo_sheet(LAN, desk.rooms, key)
    assert len(seen) == len(set(seen)) > 0


def test_what_two_enter_is_on_no_sheet(desk: DeskOffice, tmp_path: Path) -> None:
    papers(desk, 2)
    (tmp_path / "own.yaml").write_text("extends: ct01-66-2023\ndouble_entry: [dob]\n")
    rooms = Rooms(**{**vars(desk.rooms), "types": tmp_path})
    assert carpet.carpet(LAN, desk.rooms).kinds
    assert carpet.carpet(LAN, rooms).kinds == ()


# Pages


def test_pages_by_form(desk: DeskOffice) -> None:
    papers(desk, 3)
    browser = desk.signed_in("lan")
    page = browser.get("/carpet").text
    assert "Ngày tháng năm" in page and "3 ô" in page
    answer = browser.form("/carpet", kind="date")
    assert answer.status_code == 303
    sheet = browser.get(answer.headers["location"])
    assert sheet.status_code == 200 and "01/01/1990" in sheet.text
    assert browser.form("/carpet", kind="sex").headers["location"] == "/carpet?done=no_zones"
    words = json.loads(unescape(re.search(r"data-words='([^']*)'", sheet.text)[1]))  # type: ignore[index]
    script = (SCRIPTS / "carpet.js").read_text()
    asked = set(re.findall(r'(?:word|some)\("(\w+)"', script))
    assert asked | {"saved", "saving", "lost", "signed_out", "other_person"} == set(words)
    assert set(words) == {
        one.removeprefix("js_") for one in texts.catalogue("carpet") if one.startswith("js_")
    }


def test_forty_zones_are_a_small_page(desk: DeskOffice) -> None:
    papers(desk, 40)
    page = desk.signed_in("lan").get(f"/carpet/{opened(desk.rooms)}")
    scripts = ("desk.js", "carpet.js", "keys.js", "sending.js")
    code = sum((SCRIPTS / name).stat().st_size for name in scripts)
    styles = sum((SCRIPTS / name).stat().st_size for name in ("desk.css", "carpet.css"))
    assert page.text.count('class="zone"') == 40
    assert code <= 25_000
    assert code + styles + len(page.content) <= 60_000


def test_who_lost_a_department_sees_its_zones_no_more(desk: DeskOffice) -> None:
    papers(desk, 2)
    papers(desk, 1, first=10, department=ELSEWHERE)
    both = Caller(LAN.name, LAN.duties, frozenset({HERE, ELSEWHERE}))
    key = opened(desk.rooms, both)
    assert len(texts_of(desk.rooms, key, both)) == 3
    assert len(texts_of(desk.rooms, key)) == 2
    done = carpet.accept(LAN, desk.rooms, key, [])
    assert (done.accepted, done.refused) == (2, 1)


def test_a_sheet_of_yesterday_is_not_undone_by_a_key(desk: DeskOffice) -> None:
    papers(desk, 2)
    key = opened(desk.rooms)
    carpet.accept(LAN, desk.rooms, key, [])
    desk.clock.ahead += timedelta(days=1)
    assert carpet.carpet(LAN, desk.rooms).last is None
