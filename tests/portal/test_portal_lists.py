"""Queue, dossiers and results: what is of one's own departments, page by page, and what changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_office import ELSEWHERE, HERE, Browser, DeskOffice, a_desk, waits
from published_results import OneFile, published

from portal import live, texts
from portal.at_once import TooManyAtOnce
from portal.visit import Visit
from schemas.dossier import Role, Stage
from storage import NewClaim, NewFile
from usecases.queue import SECONDS_A_DOUBT, minutes
from usecases.sign_in import entered

OWN, OTHER = "H17-261123-0001", "H17-261123-0002"
KINDS_OF_STAGES = {one.value for one in Stage}


# The queue


def test_the_queue_has_ones_own_with_an_estimate(desk: DeskOffice) -> None:
    waits(desk.rooms.ledger, "H17-261123-0003", HERE)
    page = desk.signed_in("lan").get("/queue").text
    assert OWN in page and OTHER not in page
    assert "2 tài liệu, 6 chỗ cần xem, khoảng 1 phút" in page
    assert f'href="/review/{OWN}/1"' in page
    assert "select" in page and 'name="department"' not in page, "there is one department alone"
    assert minutes(37) == 5 == -(-37 * SECONDS_A_DOUBT // 60) and minutes(0) == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True), ("type=ct01", False), ("procedure=1.004222", False), ("age=1", False),
        ("age=late", False), ("department=mot-cua", True), (f"department={ELSEWHERE}", False),
        ("stage=failed", False), ("type=&procedure=&age=&department=", True),
    ],
)  # fmt: skip
def test_the_queue_is_narrowed(shared_desk: DeskOffice, query: str, found: bool) -> None:
    answer = shared_desk.signed_in("lan").get(f"/queue?{query}")
    assert answer.status_code == 200
    assert (f"{OWN}</a>/1" in answer.text) is found
    assert OTHER not in answer.text


def test_what_waits_longer_is_found_by_age(desk: DeskOffice) -> None:
    desk.clock.ahead = timedelta(days=4)
    browser = desk.signed_in("lan")
    assert OWN in browser.get("/queue?age=3").text
    assert f"{OWN}</a>/1" not in browser.get("/queue?age=7").text


def test_rows_lead_to_what_one_may_do(shared_desk: DeskOffice) -> None:
    assert "/review/" in shared_desk.signed_in("ky").get("/queue").text
    page = shared_desk.signed_in("van").get("/queue").text
    assert "/review/" not in page and f'href="/dossiers/{OWN}"' in page


def test_counts_are_those_of_ones_own(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("lan")
    counts = {one["stage"]: one["documents"] for one in browser.get("/api/v1/queue/events").json()}
    assert counts == {"in_review": 1, "awaiting_approval": 0, "failed": 0}


def visit_of(desk: DeskOffice, browser: Browser) -> Visit:
    """As a handler gets it."""
    request: Any = type("Request", (), {"app": desk.app})()
    token = browser.token or ""
    person = entered(desk.rooms, token, desk.app.state.desk.lifetime)
    assert person is not None
    return Visit(desk.app.state.desk, request, "vi", person.caller, person, token)


async def heard(events: AsyncIterator[Any], kind: str) -> Any:
    """The data of the next event of that kind."""
    async with asyncio.timeout(10):
        async for one in events:
            if f"event: {kind}" in one:
                return json.loads(one.partition("data: ")[2])
    raise AssertionError("the stream ended")


async def test_a_change_is_told_and_the_stream_ends_with_the_session(
    desk: DeskOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(live, "LOOKED_AT_SECONDS", 0.05)
    browser = desk.signed_in("lan")
    visit = visit_of(desk, browser)
    events = live.stream(visit, every=0.01).body_iterator
    first = await heard(events, "waiting")
    assert first[0]["documents"] == 1
    waits(desk.rooms.ledger, "H17-261123-0009", ELSEWHERE)
    waits(desk.rooms.ledger, "H17-261123-0003", HERE)
    second = await heard(events, "waiting")
    assert second[0]["documents"] == 2 and second[0]["mark"] != first[0]["mark"]
    browser.form("/sign-out")
    assert await heard(events, "ended") == {}
    assert [one async for one in events] == []


async def test_listening_is_no_use_of_a_session(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    visit = visit_of(desk, browser)
    desk.clock.ahead += timedelta(minutes=20)
    assert live._still(visit) is not None
    desk.clock.ahead += timedelta(minutes=11)
    assert live._still(visit) is None, "31 minutes unused"


async def test_the_ledger_is_asked_once_for_all_who_listen() -> None:
    asked = 0

    def ask() -> int:
        nonlocal asked
        asked += 1
        return asked

    shared = live.Shared(ask, 60)
    await shared.answer()
    assert await asyncio.gather(*(shared.answer() for _ in range(50))) == [1] * 50
    assert asked == 1


async def test_a_session_has_few_streams_open(desk: DeskOffice) -> None:
    visit = visit_of(desk, desk.signed_in("lan"))
    streams = [
        live.stream(visit, every=0.01).body_iterator for _ in range(live.LISTENERS_OF_A_SESSION)
    ]
    for one in streams:
        await anext(one)
    with pytest.raises(TooManyAtOnce):
        live.stream(visit)
    for one in streams:
        await one.aclose()  # type: ignore[attr-defined]
    await live.stream(visit).body_iterator.aclose()  # type: ignore[attr-defined]


# Dossiers


def test_dossiers_are_found_page_by_page(desk: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.pages.dossiers.ON_A_PAGE", 2)
    for number in range(3, 6):
        waits(desk.rooms.ledger, f"H17-261123-{number:04d}", HERE)
    browser = desk.signed_in("lan")
    first = browser.get("/dossiers").text
    assert "0005</a>" in first and "0004</a>" in first and "0003</a>" not in first
    place = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = browser.get(place.replace("&amp;", "&")).text
    assert "0003</a>" in second and "0001</a>" in second and "0002" not in second
    assert "0005</a>" in browser.get("/dossiers?code=0005").text
    assert "0001</a>" not in browser.get("/dossiers?stage=published").text
    assert "0005</a>" in browser.get("/dossiers?stage=in_review&code=&department=").text
    assert OTHER not in browser.get(f"/dossiers?department={ELSEWHERE}").text


def test_anothers_dossier_is_as_one_that_is_not_there(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("lan")
    foreign, missing = browser.get(f"/dossiers/{OTHER}"), browser.get("/dossiers/H17-261123-0077")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(OTHER, "") == missing.text.replace("H17-261123-0077", "")
    assert browser.get(f"/dossiers/{OWN}?department={ELSEWHERE}").status_code == 404
    assert browser.get(f"/dossiers/{OWN}?document=7").status_code == 404


def test_a_dossier_tells_what_happened_in_words(desk: DeskOffice) -> None:
    ledger = desk.rooms.ledger
    ledger.note(1, None, "user:lan", "something_new")
    for _ in range(3):
        ledger.note(1, 1, "user:lan", "register_look_up")
    page = desk.signed_in("lan").get(f"/dossiers/{OWN}")
    assert page.status_code == 200
    for said in ("Mở hồ sơ", "Số hóa xong tài liệu 1", "Chuyển tài liệu 1 đi rà soát"):
        assert said in page.text
    assert "something_new: hồ sơ" in page.text, "what this version has no words for"
    assert "(3 lần)" in page.text
    english = desk.signed_in("lan")
    english.get("/language/en")
    assert "Digitised document 1" in english.get(f"/dossiers/{OWN}").text


@pytest.mark.parametrize("kind", sorted(KINDS_OF_STAGES | {
    "opened", "claimed", "claim_closed", "linked", "decided", "decision_undone", "reviewed",
    "reopened", "approved", "approval_refused", "due", "recoded", "object_stored", "warned",
    "register_look_up", "signature_set_aside", "signature_lost", "remade", "begun_again",
    "baseline", "found", "found_ended", "retried",
}))  # fmt: skip
def test_each_kind_of_event_has_a_sentence(kind: str) -> None:
    assert texts.known(f"timeline.{kind}")


def test_names_of_files_cannot_be_scripts(tmp_path: Path) -> None:
    name = '<script>alert("x")</script>.pdf'
    with a_desk(tmp_path) as desk:
        paper = NewFile(relative=name, name=name, role=Role.component, sha256="d" * 64, bytes=1)
        desk.rooms.ledger.register(
            NewClaim(
                claim_id="x", department=HERE, code="H17-261123-0005", folder="x", files=(paper,),
                actor="test",
            )
        )  # fmt: skip
        page = desk.signed_in("lan").get("/dossiers/H17-261123-0005").text
        assert "<script>alert" not in page and "&lt;script&gt;" in page


# Results


@pytest.fixture
def office(desk: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> DeskOffice:
    """A desk with a published result in two departments."""
    published(desk.rooms.ledger, "H17-261123-0011", HERE)
    published(desk.rooms.ledger, "H17-261123-0012", ELSEWHERE)
    store = OneFile()
    object.__setattr__(desk.rooms, "objects", lambda: store)
    return desk


def test_a_reader_finds_and_takes_what_was_published(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    page = browser.get("/results").text
    assert "H17-261123-0011" in page and "H17-261123-0012" not in page
    assert "Quyết định" in page and "Mẫu" not in page, "no person's name stands in a list"
    assert 'href="/dossiers/' not in page, "a reader may not look at dossiers"
    answer = browser.get("/results/H17-261123-0011/1/signed.pdf")
    assert answer.content == b"%PDF-1.7 signed"
    assert answer.headers["content-type"] == "application/pdf"
    said = answer.headers["content-disposition"]
    assert said == 'attachment; filename="H17-261123-0011-result-001.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/results/H17-261123-0011/1/manifest.json").status_code == 200
    noted = office.rooms.ledger.accesses.of(actor="user:doc")
    assert [one.kind for one in noted] == ["signed_in", "signed_taken", "manifest_taken"]
    assert noted[1].object == "c" * 64 and noted[1].dossier_id is not None
    assert list((office.rooms.work / "taken-away").iterdir()) == [], "nothing is left of it"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("code=0011", True), ("code=0099", False), ("type=quyet_dinh", True), ("type=ct01", False),
        ("role=result", True), ("role=component", False), ("since=2020-01-01", True),
        ("until=2020-01-01", False), (f"department={ELSEWHERE}", False), ("since=&until=", True),
    ],
)  # fmt: skip
def test_results_are_narrowed(office: DeskOffice, query: str, found: bool) -> None:
    page = office.signed_in("doc").get(f"/results?{query}")
    assert page.status_code == 200
    assert ("/1/signed.pdf" in page.text) is found


@pytest.mark.parametrize("file", ["1/signed.pdf", "1/manifest.json", "evidence.asice"])
def test_anothers_result_is_as_one_that_is_not_there(office: DeskOffice, file: str) -> None:
    browser = office.signed_in("doc")
    before = office.rooms.ledger.accesses.of(actor="user:doc")
    said = []
    for code in ("H17-261123-0012", "H17-261123-0099"):
        answer = browser.get(f"/results/{code}/{file}")
        assert answer.status_code == 404
        said.append(answer.text.replace(code, ""))
    assert said[0] == said[1]
    assert office.rooms.ledger.accesses.of(actor="user:doc") == before, "nothing was taken"


def test_what_is_not_published_is_not_given_out(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    assert browser.get(f"/results/{OWN}/1/signed.pdf").status_code == 404
    assert browser.get("/results/H17-261123-0011/2/signed.pdf").status_code == 404
    assert browser.get("/results/H17-261123-0011/x/signed.pdf").status_code == 422


@pytest.mark.parametrize("content", [None, b"%PDF-1.7 other"])
def test_damaged_bytes_are_not_given_out_and_are_found(
    office: DeskOffice, content: bytes | None
) -> None:
    store: Any = office.rooms.objects()
    store.content = content
    answer = office.signed_in("doc").get("/results/H17-261123-0011/1/signed.pdf")
    assert answer.status_code == 409 and b"%PDF" not in answer.content
    (found,) = office.rooms.ledger.findings()
    assert found.code == ("object_missing" if content is None else "object_damaged")
    assert len(office.rooms.ledger.accesses.of(actor="user:doc")) == 1


def test_evidence_needs_the_offices_keys(office: DeskOffice) -> None:
    answer = office.signed_in("doc").get("/results/H17-261123-0011/evidence.asice")
    assert answer.status_code == 409 and "khóa ký" in answer.text
