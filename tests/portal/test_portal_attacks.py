"""What people and files say may mean harm: it stands on pages as text, and opens nothing.

Other attacks: ``test_portal_rules`` (other sites), ``test_portal_sign_in`` (sessions),
``test_portal_drop`` and ``test_portal_rescans`` (names, bombs), ``test_portal_matrix``
(identifiers).
"""

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

import pytest
from desk_office import HERE, PASSWORD, PEOPLE, Browser, DeskOffice
from hostile_office import (
    BAD_CODE,
    BORN,
    CODE,
    FAILED,
    MARK,
    NAMED,
    PROBE,
    SIGNED,
    Hostile,
    Markup,
    hostile_office,
)  # fmt: skip

from portal import slowing
from portal.rules import RuledRoute, Who
from portal.security import POLICY
from portal.sessions import own_word
from usecases import accounts
from usecases.caller import Duty, local_operator

KNOWN = {
    "dossier": CODE,
    "number": "1", "page": "1", "zone": "1", "code": "vi", "component": "declaration",
    "paper": "receipt", "sha256": "b" * 64, "sheet": "0" * 32, "version": "0", "name": "desk.css",
    "token": "t" * 32, "rest": "x", "rescan": "QL-222222",
    "public": "0" * 26, "DocCode": "H00_QD_000001_V2", "link": "x" * 40, "question": "q" * 40,
}  # fmt: skip
ELSEWHERE_IN_FILES = (
    "..", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/app.py", "..%252f..%252fetc%252fpasswd",
    "..%5c..%5capp.py", "%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd", "desk.css%00.js", "%00",
    "%c0%ae%c0%ae%c0%af", "%ff", "a" * 5000, "%", "1%0a2", "'--",
)  # fmt: skip
NUMBERS = ("-1", "0", "9" * 12, "9" * 19, "9" * 40, "1e9", "1.0", "%d9%a1", "NaN")
"""``%d9%a1`` is the figure 1 of another script."""
HARMLESS = {"..", "%d9%a1", "1.0", "0"}
"""Addresses that browsers and servers shorten to another page, and other ways to write 1."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with hostile_office(tmp_path_factory.mktemp("hostile")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of wrong codes come from one address: each would be held back for seconds."""
    monkeypatch.setattr(slowing, "FREE", 1e9)


def routes(desk: DeskOffice, *methods: str) -> list[RuledRoute]:
    return [
        one
        for one in desk.app.routes
        if isinstance(one, RuledRoute) and one.methods and one.methods & set(methods)
    ]


def filled(path: str, **said: str) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", r"{\1}", path).format_map(KNOWN | said)


# Scripts in what is shown


def test_a_hostile_pdf_is_read_as_what_it_says(hostile: Hostile) -> None:
    """Else the other tests would show nothing."""
    subject = dict(hostile.read.walk())["subject"].value or ""
    assert "<script>alert(6)</script> <img src=x onerror=alert(7)>" in subject


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_shows_it_as_text(hostile: Hostile, language: str) -> None:
    browser = hostile.desk.signed_in("moi")
    browser.cookies.set("language", language, domain="127.0.0.1", path="/")
    asked = re.search(r"QL-\w{6}", browser.get("/rescans").text)
    assert asked is not None
    shown = set[str]()
    for one in routes(hostile.desk, "GET"):
        for code in (CODE, SIGNED, BORN, FAILED, quote(BAD_CODE, safe="")):
            answer = browser.get(filled(one.path, dossier=code, rescan=asked[0]))
            assert answer.status_code < 500 or one.path.startswith("/prefect"), one.path
            assert answer.headers["content-security-policy"] == POLICY or "prefect" in one.path
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Markup(answer.text).wrong == [], one.path
                if MARK in answer.text:
                    shown.add(one.path)
            if "{dossier}" not in one.path:
                break
    assert {"/queue", "/dossiers/{dossier}", "/review/{dossier}/{number}", "/approve"} <= shown
    page = browser.get(f"/dossiers/{CODE}").text
    assert escape(NAMED, quote=False) in page.replace("&#39;", "'").replace("&#34;", '"')
    assert f"&lt;{MARK}" in browser.get(f"/rescans/{asked[0]}").text, "the reason"
    assert f"&lt;{MARK}" in browser.get(f"/approve/{SIGNED}/1").text, "what was typed"
    assert f"&lt;{MARK}" in browser.get("/accounts").text, "a department's name"


def test_the_test_would_see_what_is_not_escaped() -> None:
    for page in (
        f'<input value="{PROBE}">', f"<p>{PROBE}", "<p onclick=x>", "<a href=' JavaScript:x'>",
        f"<textarea>{PROBE}</textarea>", f"<p data-x='{PROBE}'>", "<script>1</script>",
    ):  # fmt: skip
        assert Markup(page).wrong, page
    assert Markup(f'<p title="{escape(PROBE)}">{escape(PROBE)}</p>').wrong == []


@pytest.mark.slow
def test_what_is_asked_for_is_not_repeated_as_markup(hostile: Hostile) -> None:
    """Addresses, queries and forms of every route, as a link that is sent might have them."""
    said = (
        "q",
        "next",
        "after",
        "department",
        "stage",
        "done",
        "type",
        "reason",
        "seen",
        "text",
        "error",
        "state",
        "code",
        "username",
        "name",
        "key",
        "act",
        "from",
        "to",
        "component",
    )
    query = dict.fromkeys(said, PROBE)
    part = quote(PROBE, safe="")
    for who in (hostile.desk.signed_in("moi"), hostile.desk.browser()):
        for one in routes(hostile.desk, "GET"):
            for path in (filled(one.path), filled(one.path, dossier=part, rescan=part, name=part)):
                answer = who.get(path, params=query)
                assert answer.status_code < 500, one.path
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert Markup(answer.text).wrong == [], one.path
                assert "\n" not in answer.headers.get("location", "")
    for one in routes(hostile.desk, "POST"):
        if not one.path.startswith("/sign-out"):
            who = hostile.desk.signed_in("moi")
            answer = who.form(filled(one.path, dossier=CODE), **query)
            assert answer.status_code < 500, one.path
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Markup(answer.text).wrong == [], one.path


# Other sites


@pytest.mark.slow
def test_every_change_is_refused_without_the_sessions_word(hostile: Hostile) -> None:
    """By somebody who may do everything, so that nothing else refuses it; and heard with it."""
    desk = hostile.desk
    control = 0
    for one in routes(desk, "POST", "PUT", "PATCH", "DELETE"):
        (method,) = one.methods or ()
        if one.rule.lets_in is Who.anybody:
            continue
        path = filled(one.path)
        browser = desk.signed_in("moi")
        word = own_word(browser.token or "")
        files = {"component": ("a.pdf", b"%PDF-", "application/pdf")}
        for how in (
            {"data": {"csrf": "0" * 64}},
            {"data": {"csrf": word[:-1]}},
            {"params": {"csrf": word}},
            {"json": {"csrf": word}},
            {"content": f"csrf={word}", "headers": {"content-type": "text/plain"}},
            {"data": {"csrf": "0" * 64}, "files": files},
            {"files": files},
            {"data": {"csrf": word}, "headers": {"origin": "http://attacker.example"}},
            {"headers": {"x-csrf-token": word, "origin": "null"}},
            {"headers": {"x-csrf-token": word, "sec-fetch-site": "cross-site"}},
            {"headers": {"authorization": "Basic bW9pOng=", "x-csrf-token": ""}},
        ):
            answer = browser.request(method, path, **how)  # type: ignore[arg-type]
            assert answer.status_code == 403, (one.path, how)
        if not one.path.startswith("/sign-out"):
            answer = browser.request(method, path, headers={"x-csrf-token": word})
            assert answer.status_code != 403, one.path
            control += 1
    assert control > 20
    assert desk.signed_in("moi").get("/").status_code == 200


# Paths and identifiers


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "moi"])
def test_no_parameter_leads_elsewhere(hostile: Hostile, who: str) -> None:
    desk = hostile.desk
    browser = desk.browser() if who == "nobody" else desk.signed_in(who)
    version = desk.app.state.desk.assets.version
    for one in routes(desk, "GET"):
        for name in re.findall(r"{(\w+)", one.path):
            for wrong in (*ELSEWHERE_IN_FILES, *NUMBERS):
                said = {"dossier": CODE, "version": version, name: wrong}
                answer = browser.get(filled(one.path, **said))
                about = (one.path, name, wrong[:40])
                assert answer.status_code < 500, about
                assert not re.search(r"root:|^import |^def |\[project\]", answer.text, re.M), about
                assert not answer.is_success or wrong in HARMLESS, about


@pytest.mark.parametrize("said", [*NUMBERS, "\x00"])
def test_no_query_breaks_a_page(hostile: Hostile, said: str) -> None:
    browser = hostile.desk.signed_in("moi")
    for one in routes(hostile.desk, "GET"):
        path = filled(one.path, dossier=CODE)
        for name in (each.alias for each in one.dependant.query_params):
            assert browser.get(path, params={name: said}).status_code < 500, (one.path, name)


# Bombs


def edges(desk: DeskOffice) -> list[str]:
    return [one.path for one in routes(desk, "POST") if one.rule.streams]


def streamed(browser: Browser, path: str, parts: list[tuple[str, str | None, bytes]]) -> int:
    """Each part: its name, a file's name or none, what it holds; the session's word comes first."""
    said = [("csrf", None, own_word(browser.token or "").encode()), *parts]
    body = b"".join(
        b"--x\r\n"
        + f'Content-Disposition: form-data; name="{name}"'.encode()
        + (b"" if filename is None else f'; filename="{filename}"'.encode("utf-8", "replace"))
        + b"\r\n\r\n" + content + b"\r\n"
        for name, filename, content in said
    )  # fmt: skip
    answer = browser.post(
        path, content=body + b"--x--\r\n",
        headers={"content-type": "multipart/form-data; boundary=x", "idempotency-key": "k" * 12},
    )  # fmt: skip
    return answer.status_code


def test_bombs_are_refused_wherever_files_come_in(hostile: Hostile) -> None:
    desk = hostile.desk
    assert set(edges(desk)) == {
        "/drop", "/api/v1/dossiers", "/phone/{token}", "/rescans/{rescan}/file",
        "/api/v1/documents/import", "/check/file",
    }, "a new way in has its line here"  # fmt: skip
    browser = desk.signed_in("moi")
    found = re.search(r"QL-\w{6}", browser.get("/rescans").text)
    assert found is not None
    code = found[0]
    one = ("component", "a.pdf", b"%PDF-1.4 x")
    ways = ("/drop", "/api/v1/dossiers", "/api/v1/documents/import", "/check/file")
    for path in (*ways, f"/rescans/{code}/file"):
        for parts in (
            [one] * 300,
            [("x", None, b"y")] * 5000,
            [("n" * 10_000, None, b"v" * 100_000)] * 3,
            [("component", "../" * 50 + "x.pdf", b"x")],
            [("component", "a/" * 200 + "x.pdf", b"x")],
            [("component", "C:\\x\\y.pdf", b"x")],
            [("component", "é" * 3000 + ".pdf", b"x")],
            [("component", "a.pdf\x00.exe", b"x")],
        ):
            assert 400 <= streamed(browser, path, parts) < 500, (path, parts[0][1])
        for declared in ("999999999999999999999999", "-1", "1e9", "0x10", "+5"):
            headers = {
                "content-length": declared,
                "content-type": "multipart/form-data; boundary=x",
            }
            answer = browser.post(path, content=b"", headers=headers)
            assert answer.status_code == 413, (path, declared)
    work, inbox = desk.rooms.work, desk.options.inbox
    assert inbox is not None
    assert list((work / "handed-in").glob("*")) == []
    assert not inbox.exists() or [one for one in inbox.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    "body",
    [b"[" * 60_000, b'{"a":' * 10_000, b'{"ids":[' + b"9" * 5000 + b"]}", b"\xff\xfe", b"",
     b'{"path":"\\ud800","text":"x"}', b'{"path":"dob","text":"\\u0000"}', b"NaN",
     b'{"wrong":[1e400]}', b'{"ids":[99999999999999999999]}', b'{"wrong":[99999999999999999999]}',
     b'{"path":"dob","kind":"value","text":"\\ud800","key":"kkkkkkkkkkkkkkkk","seen":"x"}'],
)  # fmt: skip
def test_no_json_breaks_an_answer(hostile: Hostile, body: bytes) -> None:
    browser = hostile.desk.signed_in("moi")
    headers = {"x-csrf-token": own_word(browser.token or ""), "content-type": "application/json"}
    for one in routes(hostile.desk, "POST"):
        if one.rule.api:
            answer = browser.post(filled(one.path, dossier=CODE), content=body, headers=headers)
            assert answer.status_code < 500, one.path


# Sessions


def test_old_cookies_open_nothing(hostile: Hostile) -> None:
    """Neither the one before signing in anew, nor those before another password."""
    desk = hostile.desk
    accounts.add(local_operator(), desk.rooms, "cũ", [Duty.clerk], [HERE], password=PASSWORD)
    browser = desk.signed_in("cũ")
    first = browser.token or ""
    browser.sign_in("cũ", PASSWORD)
    second = browser.token or ""
    other = desk.signed_in("cũ").token or ""
    new = "một mật khẩu khác 2027"
    assert browser.form("/password", old=PASSWORD, new=new, again=new).status_code == 303
    third = browser.token or ""
    assert len({first, second, third, other}) >= 3
    for old in {first, second, other} - {third}:
        assert desk.browser(cookies={"sohoa": old}).get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").status_code == 200
    browser.form("/sign-out")
    for old in (first, second, third, other):
        assert desk.browser(cookies={"sohoa": old}).get("/api/v1/me").status_code == 401


def test_only_the_right_cookie_is_a_session(hostile: Hostile) -> None:
    token = hostile.desk.signed_in("moi").token or ""
    for cookie in (
        token[:-1], token + "x", token.upper(), token.lower(), "", "%00", "a" * 8000, "'--",
    ):  # fmt: skip
        answer = hostile.desk.browser(headers={"cookie": f"sohoa={cookie}"}).get("/api/v1/me")
        assert answer.status_code == 401, cookie[:20]
    assert set(PEOPLE.values()) == set(Duty)
