"""Asking for a new scan, and a telephone without sign-in that brings it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from desk_office import HERE, Browser, DeskOffice
from httpx import Response
from new_scans import bomb, broken_jpeg, small_jpeg
from rescan_desk import CODE, FOREIGN, PUBLIC, asked, desk, document, seen
from stacks import stack

from portal.sessions import own_word
from schemas.dossier import Stage
from sohoa.portal_settings import PortalSettings
from storage.rescans import MOST_TRIES
from usecases import rescanning
from usecases.caller import Caller, Duty
from usecases.rescanning import LINK_LASTS

__all__ = ["desk"]


def linked(desk: DeskOffice, code: str) -> str:
    """The path of a new address for a telephone."""
    rooms, drawer = desk.rooms, desk.app.state.desk.drawer
    lan = desk.signed_in("lan")
    assert lan.get(f"/rescans/{code}").status_code == 200
    who = Caller("user:lan", frozenset({Duty.clerk}), frozenset({HERE}))
    made = asyncio.run(rescanning.phone_link(who, rooms, drawer, code, PUBLIC))
    assert made.svg.startswith("<svg")
    return made.address.removeprefix(PUBLIC)


def sent(browser: Browser, path: str, content: bytes, name: str = "image.jpg") -> Response:
    """A telephone sends a file."""
    return browser.post(path, files={"picture": (name, content, "image/jpeg")})


def brought(browser: Browser, code: str, content: bytes, name: str = "a.jpg") -> Response:
    """A clerk brings a file."""
    word = own_word(browser.token or "")
    return browser.post(
        f"/rescans/{code}/file", data={"csrf": word}, files={"file": (name, content, "image/jpeg")}
    )


def test_a_request_is_listed_and_is_an_event(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    assert asked(desk, lan) == code
    for path in ("/rescans", f"/rescans/{code}", f"/dossiers/{CODE}", f"/review/{CODE}/1"):
        page = lan.get(path).text
        assert code in page, path
        assert "<b>mờ" not in page, path
    assert "chờ quét lại" in lan.get("/queue").text
    events = desk.rooms.ledger.events(document(desk).dossier_id)
    (told,) = [one for one in events if one.kind == "rescan_asked"]
    assert (told.actor, told.data["rescan"], told.data["page"]) == ("user:lan", code, 2)
    assert "mờ" not in str(told.data), "a person's words stay out of the log"
    assert desk.rooms.ledger.prove(document(desk).dossier_id)


def test_what_cannot_be_asked_for(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    path = f"/review/{CODE}/1/rescan"
    for said in (
        {"seen": seen(desk), "page": "3", "reason": "x"},
        {"seen": seen(desk), "page": "1", "reason": "  "},
    ):
        assert lan.form(path, **said).status_code == 400
    assert lan.form(path, seen="0" * 64, page="1", reason="x").status_code == 409
    assert lan.form(path.replace(CODE, FOREIGN), seen="0", page="1", reason="x").status_code == 404
    assert lan.post(path, data={"seen": seen(desk), "page": "1", "reason": "x"}).status_code == 403
    assert desk.rooms.ledger.rescans.open(None) == []


def test_another_departments_request_is_as_one_that_is_not_there(desk: DeskOffice) -> None:
    foreign = desk.rooms.ledger.rescans.ask(
        document(desk, FOREIGN).id, 1, "x", "test", based_on=seen(desk, FOREIGN)
    ).code
    lan = desk.signed_in("lan")
    assert foreign not in lan.get("/rescans").text
    for act in ("qr", "accept", "refuse", "give-up"):
        answers = [
            lan.form(f"/rescans/{code}/{act}", seen="0" * 64) for code in (foreign, "QL-222222")
        ]
        assert {one.status_code for one in answers} == {404}, act
    assert brought(lan, foreign, small_jpeg()).status_code == 404
    assert lan.get(f"/api/v1/rescans/{foreign}/events").status_code == 404
    assert desk.rooms.ledger.rescans.named(foreign).open


def test_unreadable_asks_for_the_page_once_and_undone_takes_it_back(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    api = f"/api/v1/review/{CODE}/1"
    word = {"x-csrf-token": own_word(lan.token or "")}
    ids = []
    for number, path in enumerate(("full_name", "dob")):
        said = {"path": path, "kind": "unreadable", "key": f"{number}" * 32, "seen": seen(desk)}
        answer = lan.post(f"{api}/decisions", json=said, headers=word)
        assert answer.status_code == 200, answer.text
        ids.append(answer.json()["id"])
    (request,) = desk.rooms.ledger.rescans.open(None)
    assert request.page == 1 and "Họ" in request.reason
    done = lan.post(f"{api}/done", json={"seen": seen(desk)}, headers=word)
    assert done.status_code == 409
    assert request.code in done.json()["error"]["sentence"]
    lan.post(f"{api}/undo", json={"ids": ids[:1]}, headers=word)
    assert len(desk.rooms.ledger.rescans.open(None)) == 1, "the other one needs it still"
    lan.post(f"{api}/undo", json={"ids": ids[1:]}, headers=word)
    assert desk.rooms.ledger.rescans.open(None) == []


def test_what_somebody_asked_for_stays_when_a_decision_is_undone(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan, "1")
    word = {"x-csrf-token": own_word(lan.token or "")}
    api = f"/api/v1/review/{CODE}/1"
    said = {"path": "dob", "kind": "unreadable", "key": "k" * 32, "seen": seen(desk)}
    made = lan.post(f"{api}/decisions", json=said, headers=word).json()
    lan.post(f"{api}/undo", json={"ids": [made["id"]]}, headers=word)
    assert [one.code for one in desk.rooms.ledger.rescans.open(None)] == [code]


@pytest.mark.slow
def test_a_telephone_sends_a_picture_that_a_clerk_accepts(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    before = lan.get(f"/api/v1/rescans/{code}/events").json()
    path = linked(desk, code)
    phone = desk.browser()
    page = phone.get(path)
    assert page.status_code == 200
    for private in (CODE, HERE, "user:lan", "to-khai", "&lt;b&gt;", "Nguyễn", "/queue"):
        assert private not in page.text, private
    assert code in page.text and "trang 2" in page.text
    assert 'capture="environment"' in page.text
    assert sent(phone, path, small_jpeg(100)).status_code == 303
    first = desk.rooms.ledger.rescans.named(code).picture_sha256 or ""
    assert sent(phone, path, small_jpeg(200)).status_code == 303
    second = desk.rooms.ledger.rescans.named(code).picture_sha256 or ""
    assert first != second
    assert lan.get(f"/api/v1/rescans/{code}/events").json() != before
    shown = lan.get(f"/rescans/{code}/picture/{second}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert lan.get(f"/rescans/{code}/picture/{first}").status_code == 404
    assert lan.form(f"/rescans/{code}/accept", seen=first).status_code == 409, "not what was seen"
    assert document(desk).stage is Stage.in_review
    source = document(desk).source_sha256
    answer = lan.form(f"/rescans/{code}/accept", seen=second)
    assert answer.headers["location"].startswith(f"/dossiers/{CODE}?")
    now = document(desk)
    assert (now.stage, now.source_sha256) == (Stage.received, source)
    assert now.changes is not None and now.changes.pages[2].sha256 == second
    assert lan.form(f"/rescans/{code}/accept", seen=second).status_code == 303
    assert document(desk, number=2).source_sha256 == second
    assert len(desk.rooms.ledger.documents(now.dossier_id)) == 2
    assert phone.get(path).status_code == 404, "it opens nothing any more"
    assert sent(phone, path, small_jpeg()).status_code == 404
    assert list((desk.rooms.work / "rescans").iterdir()) == []
    assert desk.rooms.ledger.prove(now.dossier_id)


@pytest.mark.slow
def test_pictures_that_mean_harm_change_nothing(desk: DeskOffice, tmp_path: Path) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    path = linked(desk, code)
    phone = desk.browser()
    pdf = stack(tmp_path / "two.pdf", "blank", "blank").read_bytes()
    for name, content in {
        "a.jpg": b"<html><script>alert(1)</script></html>",
        "b.jpg": bomb(),
        "c.jpg": broken_jpeg(),
        "d.jpg": small_jpeg()[:-40],
        "e.jpg": pdf,
        "../f.jpg": small_jpeg(),
        "g.jpg": b"",
        "h.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    }.items():
        answer = sent(phone, path, content, name)
        assert answer.status_code in {400, 409}, (name, answer.status_code)
        assert "<script>alert" not in answer.text and "f.jpg" not in answer.text
    both = phone.post(
        path, files=[("picture", ("a.jpg", small_jpeg())), ("picture", ("b.jpg", small_jpeg(9)))]
    )
    assert both.status_code == 400
    assert phone.post(path, data={"picture": "none"}).status_code == 400
    too_large = phone.post(path, content=b"x", headers={"content-length": str(10**9)})
    assert too_large.status_code == 413
    assert desk.rooms.ledger.rescans.named(code).picture_sha256 is None
    assert [one for one in desk.rooms.work.rglob("*") if one.suffix in {".jpg", ".svg"}] == []
    assert brought(lan, code, pdf, "two.pdf").status_code == 400, "one page is wanted"


def test_addresses_that_open_nothing(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    phone = desk.browser()
    for path in ("/phone/" + "x" * 32, "/phone/%00", "/phone/..%2frescans"):
        assert phone.get(path).status_code == 404
        assert sent(phone, path, small_jpeg()).status_code == 404
    first = linked(desk, code)
    second = linked(desk, code)
    assert phone.get(first).status_code == 404, "there is a newer one"
    assert phone.get(second).status_code == 200
    other_site = {"origin": "http://attacker.example"}
    assert phone.post(second, headers=other_site).status_code == 403
    desk.clock.ahead += LINK_LASTS + timedelta(seconds=1)
    assert phone.get(second).status_code == 404, "it has run out"
    assert sent(phone, second, small_jpeg()).status_code == 404
    desk.clock.ahead = timedelta()
    assert phone.get(second).status_code == 200
    with desk.rooms.ledger._database.write() as connection:
        connection.exec_driver_sql(f"UPDATE rescan SET link_tries = {MOST_TRIES}")
    assert sent(phone, second, small_jpeg()).status_code == 409
    assert lan.form(f"/rescans/{code}/give-up").status_code == 303
    assert phone.get(second).status_code == 404
    stored = desk.rooms.ledger._database
    with stored.read() as connection:
        row = connection.exec_driver_sql("SELECT * FROM rescan").mappings().one()
    assert second.rpartition("/")[2] not in str(dict(row)), "its hash alone is kept"


def test_where_telephones_do_not_reach_the_desk_it_says_so(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    inside = desk.app.state.desk.options.model_copy(update={"public": None})
    desk.app.state.desk.options = inside
    page = lan.get(f"/rescans/{code}").text
    assert "public_url" in page and "make-code" not in page
    assert "<svg" not in lan.form(f"/rescans/{code}/qr").text
    assert desk.rooms.ledger.rescans.named(code).link_until is None


@pytest.mark.slow
def test_a_scan_of_no_use_is_refused_and_a_request_given_up(desk: DeskOffice) -> None:
    lan = desk.signed_in("lan")
    code = asked(desk, lan)
    assert brought(lan, code, small_jpeg()).status_code == 303
    picture = desk.rooms.ledger.rescans.named(code).picture_sha256 or ""
    assert "Nhận bản quét này" in lan.get(f"/rescans/{code}").text
    assert lan.form(f"/rescans/{code}/refuse", seen="0" * 64).status_code == 409
    assert lan.form(f"/rescans/{code}/refuse", seen=picture).status_code == 303
    assert desk.rooms.ledger.rescans.named(code).picture_sha256 is None
    assert lan.form(f"/rescans/{code}/accept", seen=picture).status_code == 409
    assert lan.form(f"/rescans/{code}/give-up").status_code == 303
    assert lan.get("/rescans").text.count(code) == 0
    assert "không còn chờ" in lan.get(f"/rescans/{code}").text
    assert brought(lan, code, small_jpeg()).status_code == 409
    kinds = [one.kind for one in desk.rooms.ledger.events(document(desk).dossier_id)][-4:]
    assert kinds == ["rescan_asked", "rescan_arrived", "rescan_refused", "rescan_given_up"]


@pytest.mark.parametrize(
    ("said", "public"),
    [
        ({}, None),
        ({"address": "192.0.2.7", "behind_proxy": "192.0.2.1"}, None),
        ({"address": "192.0.2.7", "certificate": "c", "key": "k"}, "https://192.0.2.7:8650"),
        (
            {"address": "192.0.2.7", "port": 443, "certificate": "c", "key": "k"},
            "https://192.0.2.7",
        ),
        ({"public_url": "https://sohoa.example.vn"}, "https://sohoa.example.vn"),
    ],
)
def test_how_telephones_reach_the_desk(said: dict[str, object], public: str | None) -> None:
    assert PortalSettings.model_validate(said).public == public


@pytest.mark.parametrize(
    "wrong", ["http://sohoa.example.vn", "https://x/path", "sohoa", "https://"]
)
def test_pictures_of_papers_go_by_tls_alone(wrong: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        PortalSettings(public_url=wrong)
