"""Anybody checks a document: what the page says, what to guesses, and what it never says."""

import hashlib
import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from checked_desk import AGENCY, NAME, NUMBER, CheckedDesk, a_checked_desk
from fastapi.testclient import TestClient
from httpx import Response

from portal import slowing
from portal.pages import check
from schemas.public_code import fingerprint, grouped, new_code
from storage import Document
from usecases.caller import local_operator
from usecases.identity_pictures import accesses
from usecases.withdrawal import withdraw_named

CODE = "H17-261123-0001"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedDesk]:
    with a_checked_desk(tmp_path_factory.mktemp("checked")) as opened:
        yield opened


@pytest.fixture(scope="module")
def paper(office: CheckedDesk) -> Document:
    return office.published(CODE)


@pytest.fixture(autouse=True)
def _unhurried(office: CheckedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins as a stranger whom nobody has seen; what waits is tried by itself."""
    monkeypatch.setattr(office.desk.app.state.desk, "slowing", slowing.Slowing())


def stranger(office: CheckedDesk, peer: str = "203.0.113.9") -> TestClient:
    return TestClient(
        office.desk.app, base_url="http://127.0.0.1:8650", client=(peer, 50000),
        follow_redirects=False, raise_server_exceptions=False,
    )  # fmt: skip


def compared(
    browser: TestClient, content: bytes, code: str = "", *, sent: bool = False
) -> Response:
    """The form with the file's hash, as its script sends it, or with the file."""
    sha256 = "" if sent else hashlib.sha256(content).hexdigest()
    files = {"file": ("a.pdf", content if sent else b"", "application/pdf")}
    return browser.post("/check/file", data={"sha256": sha256, "code": code}, files=files)


def test_the_code_says_what_it_may(office: CheckedDesk, paper: Document) -> None:
    code = office.code_of(paper)
    browser = stranger(office)
    for typed in (code, grouped(code), grouped(code).lower(), code.replace("0", "o")):
        answer = browser.get("/check", params={"code": typed})
        assert answer.status_code == 200, typed
        for said in ("Có hiệu lực", AGENCY, "Giấy khai sinh", "<dd>2</dd>", "<time "):
            assert said in answer.text, said
        for never in (NAME, NUMBER, CODE, "001326"):
            assert never not in answer.text
    assert browser.get(f"/check/{code}").text == browser.get("/check", params={"code": code}).text
    assert not browser.cookies


def test_headers_and_logs_tell_nothing(
    office: CheckedDesk, paper: Document, caplog: pytest.LogCaptureFixture
) -> None:
    code, browser = office.code_of(paper), stranger(office)
    with caplog.at_level(logging.INFO):
        answers = [browser.get(path) for path in ("/check", f"/check/{code}", "/check/nothing")]
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"] and 'content="noindex' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    own = " ".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    assert "/check/{public:path}" in own and code not in own and "nothing" not in own


def test_whatever_is_not_found_is_one_answer(office: CheckedDesk, paper: Document) -> None:
    code = office.code_of(paper)
    waiting = office.ready("H17-261123-0044")  # it has a code, and is not published
    office.run(waiting, until=waiting.stage.signed)
    browser = stranger(office)

    def seen(answer: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
        return answer.status_code, answer.content, sorted(answer.headers.items())

    answers = {
        "unknown": browser.get(f"/check/{new_code()}"),
        "typed": browser.get("/check", params={"code": new_code()}),
        "one sign off": browser.get(f"/check/{code[:-1]}{'0' if code[-1] != '0' else '4'}"),
        "too long": browser.get(f"/check/{code}7"),
        "malformed": browser.get("/check/%00%ff<script>/%2e%2e/é?x=1"),
        "long": browser.get("/check/" + "A" * 5000),
        "not published": browser.get(f"/check/{office.code_of(waiting)}"),
        "file": compared(browser, b"another"),
        "file, sent": compared(browser, b"another", sent=True),
        "file of an unknown code": compared(browser, b"another", new_code()),
        "no hash": browser.post("/check/file", data={"sha256": "x'--"}, files={"file": b""}),
        "paper, other figures": browser.post(
            "/check/paper", data={"code": code, "figures": "004218"}
        ),
        "paper, no figures": browser.post("/check/paper", data={"code": code, "figures": "x"}),
        "paper, fewer figures": browser.post("/check/paper", data={"code": code, "figures": "217"}),
        "paper, unknown": browser.post(
            "/check/paper", data={"code": new_code(), "figures": NUMBER[-6:]}
        ),
    }
    first = seen(answers["unknown"])
    assert first[0] == 404
    for name, answer in answers.items():
        assert seen(answer) == first, name


def test_the_file(office: CheckedDesk, paper: Document) -> None:
    code, browser = office.code_of(paper), stranger(office)
    signed = office.signed(paper).read_bytes()
    for sent in (False, True):
        for own in ("", code):
            same = compared(browser, signed, own, sent=sent)
            assert same.status_code == 200 and "giống hệt" in same.text, (sent, own)
        other = compared(browser, signed + b"\n", code, sent=sent)
        assert other.status_code == 200 and "KHÁC" in other.text
        assert compared(browser, signed + b"\n", sent=sent).status_code == 404
    assert browser.post("/check/file", data={"sha256": ""}, files={"file": b""}).status_code == 400
    assert browser.post("/check/file", data={"sha256": "0" * 64}).status_code == 400
    large = browser.post("/check/file", files={"file": b"0" * (check.LARGEST + 200_000)})
    assert large.status_code == 413
    assert NAME not in same.text


def test_the_paper_is_seen_for_minutes_and_the_owner_is_told(
    office: CheckedDesk, paper: Document
) -> None:
    code, browser = office.code_of(paper), stranger(office)
    answer = browser.post("/check/paper", data={"code": code, "figures": NUMBER[-6:]})
    assert answer.status_code == 200
    pictures = re.findall('src="(/check/paper/[^"]+)"', answer.text)
    assert len(pictures) == 2
    shown = browser.get(pictures[0])
    assert shown.headers["content-type"] == "image/webp" and len(shown.content) > 10_000
    assert shown.headers["cache-control"] == "no-store"
    told = accesses(local_operator(), office.desk.rooms, CODE)
    assert [(one.who, one.kind, one.number) for one in told] == [("public", "paper_checked", 1)]
    assert "xem ảnh các trang bằng mã" in office.desk.signed_in("lan").get(f"/dossiers/{CODE}").text
    token = pictures[0].split("/")[3]
    for path in (f"/check/paper/{token}/3", f"/check/paper/{token}/0", "/check/paper/x/1",
                 f"/check/paper/{token[:-2]}AA/1"):  # fmt: skip
        assert browser.get(path).status_code == 404, path
    office.desk.clock.ahead += timedelta(minutes=11)
    try:
        assert browser.get(pictures[0]).status_code == 404
    finally:
        office.desk.clock.ahead -= timedelta(minutes=11)


def test_figures_cannot_be_tried_out(office: CheckedDesk) -> None:
    code = office.code_of(office.published("H17-261123-0002"))
    unknown = new_code()
    answers = {}
    for tried in (code, unknown):
        answers[tried] = [
            stranger(office, f"198.51.100.{turn}").post(
                "/check/paper", data={"code": tried, "figures": f"{turn:06d}"}
            )
            for turn in range(8)
        ]
    statuses = [one.status_code for one in answers[code]]
    assert statuses[:5] == [404] * 5 and statuses[-1] == 400
    assert [one.content for one in answers[code]] == [one.content for one in answers[unknown]]
    right = {"code": code, "figures": NUMBER[-6:]}
    assert stranger(office, "198.51.100.77").post("/check/paper", data=right).status_code == 400
    office.desk.clock.ahead += timedelta(minutes=20)
    try:
        assert stranger(office, "198.51.100.77").post("/check/paper", data=right).status_code == 200
    finally:
        office.desk.clock.ahead -= timedelta(minutes=20)


def test_identity_papers_are_shown_to_nobody(office: CheckedDesk) -> None:
    card = office.published("H17-261123-0003", kind="can_cuoc")
    code, browser = office.code_of(card), stranger(office)
    assert browser.get(f"/check/{code}").status_code == 200
    right = {"code": code, "figures": NUMBER[-6:]}
    assert browser.post("/check/paper", data=right).status_code == 404


def test_ten_thousand_guesses_hit_nothing(office: CheckedDesk, paper: Document) -> None:
    """Of codes of the right form: what is asked is the use case, as the page asks it."""
    rows = office.context.ledger.public_codes
    assert rows.look_up(fingerprint(office.code_of(paper))).hit
    hits = sum(rows.look_up(fingerprint(new_code())).hit for _ in range(10_000))
    assert hits == 0


def test_what_is_withdrawn_is_said_at_once(office: CheckedDesk) -> None:
    old = office.published("H17-261123-0005")
    new = office.published("H17-261123-0005", name="2")
    gone = office.published("H17-261123-0006")
    browser = stranger(office)
    ky, lan = office.desk.signed_in("ky"), office.desk.signed_in("lan")
    page = ky.get("/dossiers/H17-261123-0005").text
    assert "Thu hồi văn bản" in page
    assert "Thu hồi văn bản" not in lan.get("/dossiers/H17-261123-0005").text
    path = "/dossiers/H17-261123-0005/withdrawn"
    assert lan.form(path, number="1", reason="x").status_code == 403
    assert (
        ky.post(path, data={"number": "1", "reason": "x"}).status_code == 403
    )  # not from its own page
    assert ky.form(path, number="1", reason="  ").status_code == 400
    done = ky.form(path, number="1", reason="ghi sai ngày", by=f"H17-261123-0005/{new.number}")
    assert done.status_code == 303 and "done=superseded" in done.headers["location"]
    told = ky.get("/dossiers/H17-261123-0005").text
    assert "thay bằng H17-261123-0005/result-002" in told and "ghi sai ngày" in told
    answer = browser.get(f"/check/{office.code_of(old)}")
    assert "Đã được thay thế" in answer.text and "Giấy khai sinh, ký số ngày" in answer.text
    assert "ghi sai ngày" not in answer.text
    assert "Đã được thay thế" in compared(browser, office.signed(old).read_bytes()).text
    withdraw_named(local_operator(), office.desk.rooms, "H17-261123-0006", 1, "ban hành nhầm")
    answer = browser.get(f"/check/{office.code_of(gone)}")
    assert "Đã bị thu hồi" in answer.text and "Có hiệu lực" not in answer.text


def test_who_misses_often_is_slowed_down() -> None:
    now = [0.0]
    slow = slowing.Slowing(lambda: now[0])
    for _ in range(slowing.FREE):
        slow.missed("203.0.113.1")
    assert slow.wait("203.0.113.1") == 0
    slow.missed("203.0.113.1")
    first = slow.wait("203.0.113.1")
    for _ in range(20):
        slow.missed("203.0.113.1")
    assert first == slowing.FIRST and slow.wait("203.0.113.1") == slowing.LONGEST
    assert slow.wait("203.0.113.2") == 0
    for turn in range(slowing.FREE + 1):
        slow.missed(f"2001:db8:1:2::{turn:x}")
    assert slow.wait("2001:db8:1:2:ffff::1") > 0 and slow.wait("2001:db8:1:3::1") == 0
    now[0] += 2.5 * slowing.FORGOTTEN
    assert slow.wait("203.0.113.1") < slowing.LONGEST
    for turn in range(3 * slowing.MOST):
        slow.missed(f"10.{turn >> 16}.{turn >> 8 & 255}.{turn & 255}")
    assert slow.remembered == slowing.MOST


def test_a_forged_row_is_not_believed(office: CheckedDesk) -> None:
    """Who can write to the database cannot lead a code to another document."""
    one, other = office.published("H17-261123-0007"), office.published("H17-261123-0008")
    code = office.code_of(one)
    with office.context.ledger._database.write() as connection:
        for change in (
            "UPDATE public_code SET fingerprint = fingerprint || 'x' WHERE document_id = :one",
            "UPDATE public_code SET code = (SELECT code FROM public_code WHERE document_id = :one),"
            " fingerprint = (SELECT substr(fingerprint, 1, 64) FROM public_code"
            " WHERE document_id = :one) WHERE document_id = :other",
        ):
            given = {"one": one.id, "other": other.id}
            wanted = {name: given[name] for name in given if f":{name}" in change}
            connection.execute(sa.text(change), wanted)
    assert stranger(office).get(f"/check/{code}").status_code == 503
