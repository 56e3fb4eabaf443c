"""Review over HTTP: rules, departments, decisions that count once, pictures, what comes next."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desk_office import ELSEWHERE, Browser, DeskOffice, a_desk
from doubtful_desk import NAME, manifest, under_review
from stacks import stack

from portal import texts
from portal.sessions import own_word
from schemas.dossier import Stage
from schemas.field import Field, FieldStatus
from schemas.manifest import PageReport, Part, PartReason, Region
from schemas.work import DecisionKind
from storage import Document

CODE, FOREIGN = "H17-261124-0007", "H17-261124-0008"
SCRIPTS = Path(__file__).parents[2] / "portal" / "static"
LARGEST_PAGE, LARGEST_SCRIPTS = 60_000, 25_000
KEY = "k" * 32


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path, waiting=False) as opened:
        pdf = stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH")
        under_review(opened.rooms, manifest(), pdf, code=CODE, name=NAME)
        under_review(opened.rooms, manifest(), code=FOREIGN, department=ELSEWHERE)
        yield opened
        opened.app.state.desk.drawer.close()


def document(desk: DeskOffice, code: str = CODE) -> Document:
    dossier = desk.rooms.ledger.dossier(code)
    assert dossier is not None
    return desk.rooms.ledger.documents(dossier.id)[0]


def seen(desk: DeskOffice) -> str:
    return document(desk).manifest_sha256 or ""


def post(browser: Browser, what: str, body: dict[str, Any], code: str = CODE) -> Any:
    word = {"X-CSRF-Token": own_word(browser.token or "")}
    return browser.post(f"/api/v1/review/{code}/1/{what}", json=body, headers=word)


def said(desk: DeskOffice, path: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "kind": kind, "key": KEY, "seen": seen(desk), **more}


ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("decisions", {"path": "dob", "kind": "missing", "key": KEY, "seen": "0" * 64}),
    ("undo", {"ids": [1]}),
    ("done", {"seen": "0" * 64}),
    ("split", {"seen": "0" * 64, "ranges": ""}),
    ("try", {"path": "dob", "text": "1"}),
)
PAGES = ("/review/{}/1", "/api/v1/review/{}/1", "/review/{}/1/picture/1")


@pytest.mark.parametrize(("what", "body"), ASKED)
def test_who_may_not_review_changes_nothing(
    desk: DeskOffice, what: str, body: dict[str, Any]
) -> None:
    assert post(desk.browser(), what, body).status_code == 401
    for name in ("doc", "van"):
        assert post(desk.signed_in(name), what, body).status_code == 403
    clerk = desk.signed_in("lan")
    assert clerk.post(f"/api/v1/review/{CODE}/1/{what}", json=body).status_code == 403
    foreign = post(clerk, what, body, FOREIGN)
    nothing = post(clerk, what, body, "H17-261124-9999")
    assert (foreign.status_code, foreign.json()) == (404, nothing.json())
    assert desk.rooms.ledger.standing_decisions(document(desk)) == []


def test_pages_and_pictures_are_for_those_who_review(desk: DeskOffice) -> None:
    for path in PAGES:
        assert desk.browser().get(path.format(CODE)).status_code in {303, 401}
        for name in ("doc", "van"):
            assert desk.signed_in(name).get(path.format(CODE)).status_code == 403
        for name in ("lan", "ky"):
            answer = desk.signed_in(name).get(path.format(FOREIGN))
            assert answer.status_code == 404
            assert "Mẫu" not in answer.text


def test_the_page_has_what_is_doubtful_and_nothing_that_runs(desk: DeskOffice) -> None:
    page = desk.signed_in("lan").get(f"/review/{CODE}/1")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    found = re.search(r"data-review='([^']*)'", page.text)
    assert found is not None
    shown = json.loads(unescape(found[1]))
    assert [one["path"] for one in shown["asked"]] == [
        "full_name",
        "dob",
        "head_name",
        "members.0.relation",
    ], "in the form's order, and no field that was sure"
    name, born, head, relation = shown["asked"]
    assert (name["label"], name["text"]) == ("Họ, chữ đệm và tên", "Nguyễn Thị Mẫu")
    assert name["differences"] == [{"start": 12, "end": 13}]
    assert name["candidates"][0]["text"] == "Nguyễn Thị Mau"
    assert name["candidates"][0]["sources"] == [{"origin": "reader", "name": "Tesseract"}]
    assert name["zone"] == [190, 174, 550, 216]
    assert born["text"] == "02/01/1990"
    assert head["text"] == NAME
    assert (relation["label"], relation["group"]) == ("Quan hệ với chủ hộ", "dòng 1")
    assert "text" not in relation


def test_page_and_scripts_are_small(desk: DeskOffice) -> None:
    page = desk.signed_in("lan").get(f"/review/{CODE}/1")
    scripts, left = set[str](), set(re.findall(r"/(\w+\.js)\"", page.text))
    while left:
        name = left.pop()
        scripts.add(name)
        left |= set(re.findall(r'from "\./(\w+\.js)"', (SCRIPTS / name).read_text())) - scripts
    assert {"keys.js", "sending.js", "cards.js", "pictures.js", "lease.js"} < scripts
    code = sum((SCRIPTS / name).stat().st_size for name in scripts)
    styles = sum((SCRIPTS / name).stat().st_size for name in ("desk.css", "review.css"))
    assert code <= LARGEST_SCRIPTS
    assert code + styles + len(page.content) <= LARGEST_PAGE


def test_all_words_that_scripts_ask_for_are_there() -> None:
    given = {one.removeprefix("js_") for one in texts.catalogue("review") if one.startswith("js_")}
    script = "".join(
        (SCRIPTS / name).read_text() for name in ("review.js", "cards.js", "pictures.js")
    )
    asked = set(re.findall(r'word\("(\w+)"', script))
    asked |= {f"kind_{kind}" for kind in DecisionKind}
    assert "zone" in asked
    assert asked - given - {"left_none"} == set()


def test_a_decision_counts_once_and_can_be_taken_back(desk: DeskOffice) -> None:
    clerk = desk.signed_in("lan")
    new = said(desk, "full_name", "value", text="Nguyễn  Thị\u0020Mẫu Hai")
    first = post(clerk, "decisions", new)
    assert first.status_code == 200
    assert first.json() | {"id": 0, "at": ""} == {
        "id": 0, "kind": "value", "text": "Nguyễn Thị Mẫu Hai", "by": "lan", "own": True, "at": "",
        "rescan": None,
    }  # fmt: skip
    assert post(clerk, "decisions", new).json() == first.json(), "sent again, because it was lost"
    shown = clerk.get(f"/api/v1/review/{CODE}/1").json()
    assert shown["asked"][0]["standing"] == first.json()
    assert post(clerk, "undo", {"ids": [first.json()["id"]]}).status_code == 200
    assert post(clerk, "undo", {"ids": [first.json()["id"]]}).status_code == 200
    assert desk.rooms.ledger.standing_decisions(document(desk)) == []
    kinds = [one.kind for one in desk.rooms.ledger.events(document(desk).dossier_id)]
    assert (kinds.count("decided"), kinds.count("decision_undone")) == (1, 1)


def test_of_two_people_the_first_one_counts_and_the_other_sees_it(desk: DeskOffice) -> None:
    lan, ky = desk.signed_in("lan"), desk.signed_in("ky")
    first = post(lan, "decisions", said(desk, "dob", "missing")).json()
    other = said(desk, "dob", "confirmed") | {"key": "o" * 32}
    refused = post(ky, "decisions", other)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "storing.field_decided"
    assert refused.json()["error"]["sentence"].startswith("Người khác")
    standing = ky.get(f"/api/v1/review/{CODE}/1").json()["asked"][1]["standing"]
    assert (standing["by"], standing["own"], standing["kind"]) == ("lan", False, "missing")
    again = post(ky, "decisions", other | {"key": "p" * 32, "replaces": first["id"]})
    assert again.status_code == 200


def test_what_is_said_of_another_reading_is_refused(desk: DeskOffice) -> None:
    clerk = desk.signed_in("lan")
    stale = said(desk, "dob", "missing") | {"seen": "0" * 64}
    refused = post(clerk, "decisions", stale)
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        409,
        "storing.decided_before",
    )
    for wrong in (
        said(desk, "none", "missing"),
        said(desk, "dob", "value", text="31/02/1990"),
        said(desk, "parts", "together"),
    ):
        assert post(clerk, "decisions", wrong).status_code == 400
    for malformed in ({}, said(desk, "dob", "nonsense"), said(desk, "dob", "missing", more=1)):
        answer = post(clerk, "decisions", malformed)
        assert answer.status_code == 422
        assert "nonsense" not in answer.text


def test_rules_answer_for_a_value_that_is_not_kept(desk: DeskOffice) -> None:
    clerk = desk.signed_in("lan")
    wrong = post(clerk, "try", {"path": "dob", "text": "31/02/1990"}).json()
    assert not wrong["allowed"]
    assert wrong["sentences"] == ["Không phải một ngày có thật; hãy kiểm tra ngày, tháng, năm."]
    right = post(clerk, "try", {"path": "dob", "text": "5-3-1990"}).json()
    assert right == {"allowed": True, "text": "05/03/1990", "sentences": []}
    odd = post(clerk, "try", {"path": "full_name", "text": "trần văn thử"}).json()
    assert odd["allowed"] and odd["sentences"]
    assert post(clerk, "try", {"path": "none", "text": "x"}).status_code == 400
    assert desk.rooms.ledger.standing_decisions(document(desk)) == []


def test_a_document_is_done_when_all_is_said_and_the_next_one_comes(desk: DeskOffice) -> None:
    clerk = desk.signed_in("lan")
    under_review(desk.rooms, manifest(), code="H17-261124-0009")
    assert clerk.get("/review").headers["location"] == f"/review/{CODE}/1?department=mot-cua"
    later = clerk.get(f"/review?after={CODE}&number=1&department=mot-cua").headers["location"]
    assert later == "/review/H17-261124-0009/1?department=mot-cua"
    last = clerk.get("/review?after=H17-261124-0009&number=1").headers["location"]
    assert last.startswith(f"/review/{CODE}/1"), "round, from the last to the first"
    done = {"seen": seen(desk)}
    refused = post(clerk, "done", done)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "flow.still_doubtful")
    for number, path in enumerate(("full_name", "dob", "head_name", "members.0.relation")):
        kind = "missing" if path.startswith("members") else "confirmed"
        key = f"{number:032d}"
        assert post(clerk, "decisions", said(desk, path, kind) | {"key": key}).status_code == 200
    following = post(clerk, "done", done)
    assert following.json() == {
        "department": "mot-cua", "dossier": "H17-261124-0009", "number": 1, "waiting": 1,
    }  # fmt: skip
    assert post(clerk, "done", done).json() == following.json(), "its answer was lost"
    assert post(desk.signed_in("ky"), "done", done).status_code == 409, "others did not say so"
    assert document(desk).stage is Stage.ready_to_sign
    gone = clerk.get(f"/review/{CODE}/1")
    assert gone.status_code == 409
    assert "/review?after=" in gone.text
    other = post(clerk, "decisions", said(desk, "dob", "missing") | {"key": "q" * 32})
    assert other.status_code == 409


def test_nothing_waits(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    dossier = desk.rooms.ledger.dossier(CODE)
    assert dossier is not None
    desk.rooms.ledger.split(document(desk).id, (), "test", media_type="x", pages=1, left_out=(1,),
        manifest=b"{}", based_on=seen(desk), decision="x")  # fmt: skip
    page = browser.get("/review")
    assert page.status_code == 200
    assert "Không còn tài liệu nào" in page.text


def test_whole_document_parts_and_pages_are_asked_before_fields(desk: DeskOffice) -> None:
    pages = tuple(
        PageReport(
            number=number, width=595, height=842, dpi=0, rotation=0, skew=0, blank=False, words=0,
            confidence=0, problem="reading.page_timeout" if number == 2 else None,
        )
        for number in (1, 2, 3)
    )  # fmt: skip
    parts = (
        Part(regions=(Region(page=1), Region(page=2)), reason=PartReason.first, confidence=1),
        Part(regions=(Region(page=3),), reason=PartReason.header, confidence=1),
    )
    late = Field(value="x", status=FieldStatus.review, page=3)
    changed = manifest(
        document_type=None, form_version=None, pages=pages, parts=parts, fields={"subject": late}
    )
    code = "H17-261124-0010"
    under_review(desk.rooms, changed, code=code)
    clerk = desk.signed_in("lan")
    shown = clerk.get(f"/api/v1/review/{code}/1").json()
    assert [one["path"] for one in shown["asked"]] == [
        "parts", "fields.unknown_type", "pages.2", "subject",
    ]  # fmt: skip
    assert [one["pages"] for one in shown["asked"][0]["parts"]] == ["1-2", "3"]
    assert all(one["reasons"][0]["sentence"] for one in shown["asked"])
    body = {"seen": shown["manifest_sha256"], "ranges": "1,2,3"}
    assert post(clerk, "split", body | {"ranges": "1-9"}, code).status_code == 400
    assert post(clerk, "split", body | {"seen": "0" * 64}, code).status_code == 409
    assert post(clerk, "split", body, code).json()["dossier"] == CODE
    assert document(desk, code).split
    assert post(clerk, "split", body, code).status_code == 409


def test_pictures_are_kept_for_ever_under_the_hash_of_their_pdf(desk: DeskOffice) -> None:
    clerk = desk.signed_in("lan")
    pdf = (document(desk).pdfa_sha256 or "")[:16]
    page = f"/review/{CODE}/1/picture/1"
    whole = clerk.get(f"{page}?pdf={pdf}")
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "image/webp"
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    zone = clerk.get(f"{page}?pdf={pdf}&zone=60,40,300,90")
    assert zone.status_code == 200 and len(zone.content) < len(whole.content)
    assert clerk.get(page).headers["cache-control"] == "no-store"
    for wrong in ("pdf=" + "0" * 16, "zone=1,2,3", "zone=../../1", f"pdf={pdf}&zone=9,9,9,9"):
        assert clerk.get(f"{page}?{wrong}").status_code in {400, 404}, wrong
    assert clerk.get(f"{page}?pdf=a").status_code == 422
    assert clerk.get(f"/review/{CODE}/1/picture/2").status_code == 404


def test_what_the_office_typed_before_is_a_candidate_within_the_department(
    desk: DeskOffice,
) -> None:
    clerk = desk.signed_in("lan")
    asked = {"addressee": Field(value="Công an", status=FieldStatus.review, page=1)}
    for code in ("H17-261124-0011", "H17-261124-0012"):
        under_review(desk.rooms, manifest(fields=asked), code=code)
    under_review(desk.rooms, manifest(fields=asked), code="H17-261124-0013", department=ELSEWHERE)
    first = clerk.get("/api/v1/review/H17-261124-0011/1").json()
    new = {
        "path": "addressee", "kind": "value", "text": "Công an phường Hoa Sen", "key": KEY,
        "seen": first["manifest_sha256"],
    }  # fmt: skip
    assert post(clerk, "decisions", new, "H17-261124-0011").status_code == 200
    found = clerk.get("/api/v1/review/H17-261124-0012/1").json()["asked"][0]["candidates"]
    assert found[0]["text"] == "Công an phường Hoa Sen"
    assert found[0]["sources"][0]["origin"] == "before"
    assert desk.rooms.ledger.said_lately("ct01", ELSEWHERE) == []
    assert desk.rooms.ledger.said_lately("ct07", "mot-cua") == []
