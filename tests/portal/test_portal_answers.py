"""What stands around every answer: headers, sentences without anything private, words, files."""

import asyncio
import re
from collections.abc import AsyncIterator
from importlib.resources import files

import httpx
import pytest
import yaml
from desk_office import DeskOffice, a_desk

from portal import texts
from portal.rules import SMALL, Pages, RuledRoute, Who
from portal.security import HEADERS
from portal.sessions import own_word
from portal.visit import AVisit
from schemas.dossier import Stage

LARGEST_PAGE, LARGEST_SCRIPTS = 60_000, 25_000
PAGES = ("/", "/queue", "/password", "/sign-in", "/nothing", "/healthz", "/api/v1/me", "/api/none")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_headers(shared_desk: DeskOffice, path: str) -> None:
    for browser in (shared_desk.browser(), shared_desk.signed_in("lan")):
        answer = browser.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_nothing_inline_and_nothing_from_elsewhere(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("van")
    for path in PAGES:
        page = browser.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|\sstyle=|<style", page), path
        assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", page), path


def test_a_page_is_small(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("van")
    for path in ("/", "/queue"):
        page = browser.get(path)
        needed = set(re.findall(r'"(/static/[^"]+)"', page.text))
        sizes = {one: len(browser.get(one).content) for one in needed}
        assert needed and min(sizes.values()) > 0
        assert len(page.content) + sum(sizes.values()) <= LARGEST_PAGE
        assert sum(size for one, size in sizes.items() if one.endswith(".js")) <= LARGEST_SCRIPTS


def test_files_are_kept_for_ever_under_their_hash(shared_desk: DeskOffice) -> None:
    browser = shared_desk.browser()
    answer = browser.get(shared_desk.app.state.desk.assets.url("desk.css"))
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    version = shared_desk.app.state.desk.assets.version
    for path in (
        "/static/0000000000000000/desk.css",
        f"/static/{version}/none.css",
        f"/static/{version}/..%2f..%2fapp.py",
        f"/static/{version}/%2e%2e/app.py",
        f"/static/{version}/__init__.py",
    ):
        assert browser.get(path).status_code == 404, path


def test_what_fails_is_a_sentence_without_anything_private(
    desk: DeskOffice, caplog: pytest.LogCaptureFixture
) -> None:
    pages = Pages()
    private = f"Trần Thị Ví Dụ {48099001234:012}"

    @pages.get("/breaks", Who.signed_in)
    def breaks(visit: AVisit) -> None:
        raise ValueError(private)

    desk.app.router.routes += pages.routes
    answer = desk.signed_in("lan").get("/breaks")
    assert answer.status_code == 500
    said = "\n".join(one.getMessage() for one in caplog.records)
    assert "ValueError" in said and "breaks" in said
    for text in (answer.text, said):
        assert "048099001234" not in text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/queue?stage=048099001234", "/queue?after=<script>alert(1)"])
def test_what_was_sent_is_not_repeated(shared_desk: DeskOffice, path: str) -> None:
    answer = shared_desk.signed_in("lan").get(path)
    assert answer.status_code in {400, 422}
    assert "<script>alert" not in answer.text
    assert "048099001234" not in re.sub(r'href="/language[^"]*"', "", answer.text)


def test_large_bodies_are_refused_before_they_are_read(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    large = {"csrf": own_word(browser.token or ""), "old": "x" * SMALL}
    assert browser.post("/password", data=large).status_code == 413
    assert desk.browser().post("/sign-in", data={"username": "x" * SMALL}).status_code == 413
    parts = (b"x" * 1024 for _ in range(2 * SMALL // 1024))
    chunked = browser.post(
        "/password", content=parts, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert chunked.status_code == 413


async def test_a_body_that_dribbles_is_given_up(
    shared_desk: DeskOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.rules.BODY_SECONDS", 0.3)

    async def dribble() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"username=l&"
            await asyncio.sleep(0.05)

    async def at_once() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"username=l&"

    kind = {"content-type": "application/x-www-form-urlencoded"}
    at = httpx.ASGITransport(app=shared_desk.app)
    async with httpx.AsyncClient(transport=at, base_url="http://127.0.0.1:8650") as client:
        slow = await client.post("/sign-in", content=dribble(), headers=kind)
        assert slow.status_code == 408
        assert slow.headers["connection"] == "close"
        assert "quá chậm" in slow.text
        answer = await client.post("/sign-in", content=at_once(), headers=kind)
        assert answer.status_code != 408


def test_another_name_for_this_machine_is_not_answered(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with a_desk(tmp_path_factory.mktemp("named"), hosts={"127.0.0.1", "localhost", "::1"}) as desk:
        browser = desk.browser()
        for host, status in (
            ("127.0.0.1:8650", 200), ("localhost", 200), ("[::1]:8650", 200), ("[::1", 421),
            ("attacker.example", 421), ("127.0.0.1.attacker.example:8650", 421), ("", 421),
        ):  # fmt: skip
            assert browser.get("/healthz", headers={"host": host}).status_code == status, host


def test_methods_that_are_not_there(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("lan")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
        assert browser.request(method, "/queue").status_code in {403, 405}
    assert browser.get("/docs").status_code == browser.get("/openapi.json").status_code == 404


def test_where_only_forms_are_sent_leads_to_their_page(shared_desk: DeskOffice) -> None:
    browser = shared_desk.signed_in("van")
    led = {
        path: browser.get(path, follow_redirects=False).headers.get("location")
        for path in ("/operate/retry", "/sign-out", "/queue")
    }
    assert led == {"/operate/retry": "/operate", "/sign-out": "/", "/queue": None}
    assert browser.get("/api/v1/dossiers").status_code == 405


# Words


def catalogues() -> list[str]:
    return sorted(
        one.name.removesuffix(".yaml")
        for one in files("portal.texts").iterdir()
        if one.name.endswith(".yaml")
    )


@pytest.mark.parametrize("name", catalogues())
def test_all_words_are_there_in_both_languages_with_the_same_parameters(name: str) -> None:
    loaded = yaml.safe_load(files("portal.texts").joinpath(f"{name}.yaml").read_text("utf-8"))
    for key, said in loaded.items():
        assert set(said) == set(texts.LANGUAGES), key
        parameters = {tuple(sorted(re.findall(r"{(\w+)}", text))) for text in said.values()}
        assert len(parameters) == 1, key
        assert all(text.strip() for text in said.values()), key


def test_all_words_that_pages_ask_for_are_there() -> None:
    asked: set[str] = set()
    for folder, pattern in (
        ("portal.templates", r"""\bt\(["']([\w.]+)["'](?!\s*~)"""),
        ("portal.pages", r"""\.text\(["']([\w.]+)["']"""),
        ("portal", r"""["'](base\.nav_\w+)["']"""),
    ):
        for one in files(folder).iterdir() if folder != "portal.templates" else _templates():
            if one.is_file() and one.name.endswith((".html", ".py")):
                asked |= set(re.findall(pattern, one.read_text("utf-8")))
    assert "base.sign_out" in asked and "base.nav_queue" in asked
    assert [one for one in asked if not texts.known(one)] == []
    assert all(texts.known(f"stage.{stage}") for stage in Stage)


def _templates():  # type: ignore[no-untyped-def]
    return files("portal").joinpath("templates").iterdir()


def test_a_language_is_remembered(desk: DeskOffice) -> None:
    browser = desk.browser()
    assert 'lang="vi"' in browser.get("/sign-in").text
    answer = browser.get("/language/en?next=/sign-in")
    assert answer.headers["location"] == "/sign-in"
    assert 'lang="en"' in browser.get("/sign-in").text
    assert browser.get("/language/en?next=//attacker.example").headers["location"] == "/"
    assert browser.get("/language/xx").status_code == 404


def test_routes_are_found_in_every_module(shared_desk: DeskOffice) -> None:
    paths = {one.path for one in shared_desk.app.routes if isinstance(one, RuledRoute)}
    assert {"/", "/queue", "/sign-in", "/password", "/healthz", "/api/v1/me"} <= paths
