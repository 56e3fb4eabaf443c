"""Handing in through the page and by other systems: streamed, once for each key, bombs refused."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_office import ELSEWHERE, HERE, Browser, DeskOffice, a_desk
from httpx import Response

from portal import handing_in as taking
from portal.sessions import own_word
from usecases import handing_in, tokens
from usecases.caller import Duty, local_operator

CODE = "H17.9.3-261123-0009"
EDGE = "x" * 20
PAPER = ("component", ("đơn.pdf", b"%PDF-1.4 one", "application/pdf"))
RESULT = ("result", ("quyết định.pdf", b"%PDF-1.4 two", "application/pdf"))
Files = list[tuple[str, tuple[str, bytes, str]]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path, inbox=tmp_path / "inbox") as desk:
        yield desk


def lies(desk: DeskOffice) -> list[str]:
    inbox = desk.options.inbox
    assert inbox is not None
    files = [one.relative_to(inbox).as_posix() for one in inbox.rglob("*") if one.is_file()]
    assert not [one for one in files if one.startswith(".incoming")]
    assert not list((desk.rooms.work / "handed-in").glob("*")), "nothing is left on the way"
    return sorted(one for one in files if not one.endswith("/.done"))


def token_of(desk: DeskOffice, *duties: Duty) -> dict[str, str]:
    made = tokens.add(local_operator(), desk.rooms, secrets.token_hex(4), duties, [HERE])
    return {"authorization": f"Bearer {made.token}"}


def posted(
    desk: DeskOffice, files: Files | None = None, /, *, key: str = "k" * 12,
    headers: dict[str, str] | None = None, **fields: str,
) -> Response:  # fmt: skip
    """By another system."""
    headers = token_of(desk, Duty.clerk) if headers is None else headers
    return desk.browser().post(
        "/api/v1/dossiers",
        files=[PAPER, RESULT] if files is None else files,
        data={"code": CODE} | fields,
        headers=headers | ({"Idempotency-Key": key} if key else {}),
    )


def raw(desk: DeskOffice, body: bytes, kind: str = f"multipart/form-data; boundary={EDGE}") -> Any:
    """A body as it is."""
    headers = token_of(desk, Duty.clerk) | {"Idempotency-Key": "k" * 12, "content-type": kind}
    return desk.browser().post("/api/v1/dossiers", content=body, headers=headers)


def part(disposition: str, content: bytes = b"x") -> bytes:
    head = f"--{EDGE}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + content + b"\r\n"


def test_another_system_hands_in_and_follows(office: DeskOffice) -> None:
    headers = token_of(office, Duty.clerk)
    answer = posted(office, headers=headers)
    assert answer.status_code == 202
    said = answer.json()
    assert (said["dossier"], said["department"], said["files"]) == (CODE, HERE, 2)
    assert lies(office) == [f"{HERE}/{CODE}/ket-qua/quyết định.pdf", f"{HERE}/{CODE}/đơn.pdf"]
    state = office.browser().get(answer.headers["location"], headers=headers)
    assert state.json()["in_inbox"] is True and state.json()["stage"] is None
    again = posted(office, headers=headers)
    assert (again.status_code, again.json()) == (202, said)
    assert len(lies(office)) == 2
    other = posted(office, [PAPER], headers=headers)
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "storing.hand_in_differs"


@pytest.mark.parametrize("duty", [Duty.reader, Duty.signer, Duty.operator])
def test_who_hands_nothing_in_is_not_heard(office: DeskOffice, duty: Duty) -> None:
    assert posted(office, headers=token_of(office, duty)).status_code == 403
    assert posted(office, headers={}).status_code == 401
    assert posted(office, headers={"authorization": "Bearer sohoa_none"}).status_code == 401
    assert lies(office) == []


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"key": ""}, 400, "intake.bad_key"),
        ({"key": "short"}, 400, "intake.bad_key"),
        ({"code": "../../etc"}, 400, "intake.bad_code"),
        ({"department": ELSEWHERE}, 404, "cli.no_department"),
    ],
)
def test_what_lacks_something_is_refused(
    office: DeskOffice, more: dict[str, str], status: int, code: str
) -> None:
    answer = posted(office, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert lies(office) == []


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x", "a/b.pdf", "a\\\\b.pdf", ".bashrc", "..", "don\u202e.pdf",
     "thumbs.db", "é" * 150, "don\x7f.pdf", " "],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(office: DeskOffice, name: str) -> None:
    body = part(f'name="component"; filename="{name}"') + f"--{EDGE}--\r\n".encode()
    answer = raw(office, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "intake.bad_file_name"
    assert lies(office) == []


def test_a_name_that_is_no_utf8_is_refused(office: DeskOffice) -> None:
    body = part('name="component"; filename="don\udcff.pdf"') + f"--{EDGE}--\r\n".encode()
    assert raw(office, body).status_code == 400
    assert lies(office) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing of the kind",
        part('name="component"; filename="a.pdf"'),  # without an end
        part('name="component"; filename="a.pdf"')[:-8],
        part('name="component"; filename="a.pdf"') + b"--" + EDGE.encode(),
        b"--" + EDGE.encode() + b"\r\n" + b"A" * 100_000,
        b"--" + EDGE.encode() + b"\r\n" + b"A: b\r\n" * 5_000 + b"\r\n",
    ],
)
def test_a_body_that_is_cut_off_hands_nothing_in(office: DeskOffice, body: bytes) -> None:
    answer = raw(office, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "intake.cut_off")
    assert lies(office) == []


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=", "x"]
)
def test_another_kind_of_body_is_refused(office: DeskOffice, kind: str) -> None:
    answer = raw(office, b"{}", kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "service.bad_request")


def test_bombs_are_refused(office: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "MOST_FILES", 5)
    monkeypatch.setattr(handing_in, "LARGEST_FILE", 1000)
    monkeypatch.setattr(handing_in, "MOST_BYTES", 1500)
    one = ("component", ("a.pdf", b"x" * 100, "application/pdf"))
    large = ("component", ("a.pdf", b"x" * 1001, "application/pdf"))
    half = ("component", ("a.pdf", b"x" * 800, "application/pdf"))
    empty = ("component", ("a.pdf", b"", "application/pdf"))
    for files, code in (
        ([one] * 6, "intake.too_many_files"), ([one] * 300, "intake.too_many_files"),
        ([large], "intake.file_too_large"), ([half, half], "intake.too_large"),
        ([one, empty], "intake.empty_file"),
    ):  # fmt: skip
        answer = posted(office, files)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert lies(office) == []
    nothing = part('name="code"', CODE.encode()) + f"--{EDGE}--\r\n".encode()
    assert raw(office, nothing).json()["error"]["code"] == "intake.no_files"
    assert posted(office, [one] * 5).status_code == 202


def test_a_body_that_says_it_is_too_large_is_not_read(office: DeskOffice) -> None:
    headers = token_of(office, Duty.clerk) | {
        "content-length": str(taking.LARGEST_BODY + 1),
        "content-type": f"multipart/form-data; boundary={EDGE}",
    }
    answer = office.browser().post("/api/v1/dossiers", content=b"", headers=headers)
    assert answer.status_code == 413


def test_what_is_no_form_with_files_may_not_be_large(office: DeskOffice) -> None:
    """A form of another kind would be held in memory."""
    browser = office.signed_in("lan")
    fields = {"csrf": own_word(browser.token or ""), "code": "x" * 100_000}
    assert browser.post("/drop", data=fields).status_code == 413


def test_only_so_much_at_once(office: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking.going, "_most", 0)
    answer = posted(office)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "intake.too_many_at_once")


def test_a_full_disk_takes_nothing(office: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "_FREE_BYTES", 1 << 60)
    answer = posted(office)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "intake.no_space")


# The page


def form(browser: Browser, *, word: str | None = None, **fields: str) -> Response:
    """As a browser without scripts sends it: the word is the first field."""
    said = own_word(browser.token or "") if word is None else word
    return browser.post("/drop", data={"csrf": said, "key": "k" * 12} | fields, files=[PAPER])


def test_the_form_works_without_scripts(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    page = browser.get("/drop").text
    assert 'enctype="multipart/form-data"' in page and "500 MB" in page
    assert page.index('name="csrf"') < page.index('type="file"'), "it comes before the files"
    answer = form(browser, code=CODE)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/drop/{CODE}?department={HERE}&done=handed_in"
    shown = browser.get(answer.headers["location"]).text
    assert CODE in shown and "Đã nộp vào hộp thư" in shown
    assert lies(office) == [f"{HERE}/{CODE}/đơn.pdf"]
    refused = form(browser, code="H17")
    assert refused.status_code == 400 and "Mã hồ sơ không đúng dạng" in refused.text


def test_a_strangers_form_is_not_heard_and_its_files_are_not_taken(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    for word in ("", "0" * 64, own_word(office.signed_in("lan").token or "")):
        assert form(browser, word=word).status_code == 403
    files_first = part('name="component"; filename="a.pdf"') + part(
        'name="csrf"', own_word(browser.token or "").encode()
    )
    answer = browser.post(
        "/drop",
        content=files_first + f"--{EDGE}--\r\n".encode(),
        headers={"content-type": f"multipart/form-data; boundary={EDGE}"},
    )
    assert answer.status_code == 403, "the word must be the first field"
    by_script = browser.post(
        "/api/v1/dossiers", files=[PAPER], headers={"Idempotency-Key": "k" * 12}
    )
    assert by_script.status_code == 403
    assert lies(office) == []


def test_a_script_of_the_page_hands_in(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    headers = {"x-csrf-token": own_word(browser.token or ""), "Idempotency-Key": "k" * 12}
    answer = browser.post("/api/v1/dossiers", files=[PAPER], headers=headers)
    assert answer.status_code == 202 and answer.json()["provisional"] is True


def test_the_state_of_anothers_is_as_of_what_is_not_there(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    for path in ("/drop/{}", "/api/v1/dossiers/{}"):
        foreign = browser.get(path.format("H17-261123-0002"))
        missing = browser.get(path.format("H17-261123-0077"))
        assert foreign.status_code == missing.status_code == 404
    assert browser.get("/api/v1/dossiers/H17-261123-0001").json()["stage"] == "in_review"
    assert "Đang chờ người" in browser.get("/drop/H17-261123-0001").text


def test_without_an_inbox_the_page_says_so(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    assert "không có hộp thư" in browser.get("/drop").text
    assert form(browser).status_code == 500


def test_a_session_that_ended_hands_nothing_in(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    office.clock.ahead = timedelta(minutes=31)
    assert form(browser).status_code == 401
    assert lies(office) == []
