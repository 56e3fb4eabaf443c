"""Prefect's page behind the desk: for operators, with credentials that their browser never has."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from desk_office import DeskOffice, a_desk
from pydantic import SecretStr

from portal.forwarding import POLICY
from portal.sessions import own_word
from schemas.operating import PrefectServer

SECRET = "sohoa:not-for-browsers"
BASIC = "Basic c29ob2E6bm90LWZvci1icm93c2Vycw=="


class Prefect(BaseHTTPRequestHandler):
    """Says what it was asked, and more than a browser should hear."""

    asked: list[tuple[str, str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append((self.command, self.path, told, body))
        self.send_response(307 if self.path.endswith("/elsewhere") else 200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Set-Cookie", "prefect=1")
        self.send_header("Content-Security-Policy", "default-src *")
        self.send_header("Location", "http://attacker.example/prefect/runs")
        self.end_headers()
        self.wfile.write(b"from prefect")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    Prefect.asked = []
    server = HTTPServer(("127.0.0.1", 0), Prefect)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    upstream = PrefectServer(
        address=f"http://127.0.0.1:{server.server_port}", auth=SecretStr(SECRET)
    )
    with a_desk(tmp_path) as opened:
        opened.app.state.desk.prefect = lambda: upstream
        yield opened
    server.shutdown()
    thread.join(10)


def test_requests_are_passed_on_with_credentials_of_the_desk(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    answer = van.get("/prefect/runs?page=2", headers={"authorization": "Basic eA=="})
    assert (answer.status_code, answer.text) == (200, "from prefect")
    assert answer.headers["content-security-policy"] == POLICY
    assert "set-cookie" not in answer.headers
    ((method, path, told, _),) = Prefect.asked
    assert (method, path, told["authorization"]) == ("GET", "/prefect/runs?page=2", BASIC)
    assert "cookie" not in told
    assert van.get("/prefect/elsewhere").headers["location"] == "/prefect/runs"
    assert van.get("/prefect").headers["location"] == "/prefect/"
    assert SECRET not in str(answer.headers) + van.get("/prefect/ui-settings").text


def test_its_page_is_told_where_it_is_and_which_word_changes_need(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    said = van.get("/prefect/ui-settings").json()
    assert (said["api_url"], said["auth"], said["csrf_enabled"]) == ("/prefect/api", None, True)
    given = van.get("/prefect/api/csrf-token?client=7").json()
    assert given["client"] == "7"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert van.request(method, "/prefect/api/flow_runs/filter", json={}).status_code == 403
        word = {"prefect-csrf-token": given["token"]}
        there = "/prefect/api/flow_runs/filter"
        assert van.request(method, there, json={"limit": 1}, headers=word).status_code == 200
        asked = Prefect.asked[-1]
        assert (asked[0], json.loads(asked[3])) == (method, {"limit": 1})
        strange = {**word, "origin": "http://attacker.example"}
        assert van.request(method, there, json={}, headers=strange).status_code == 403
        other = {"prefect-csrf-token": own_word(desk.signed_in("van").token or "")}
        assert van.request(method, there, json={}, headers=other).status_code == 403
    assert len(Prefect.asked) == 4


@pytest.mark.parametrize("name", ["lan", "ky", "doc"])
def test_nobody_else_is_passed_on(desk: DeskOffice, name: str) -> None:
    browser = desk.signed_in(name)
    word = {"prefect-csrf-token": own_word(browser.token or "")}
    for path in ("/prefect", "/prefect/", "/prefect/ui-settings", "/prefect/api/health"):
        assert browser.get(path).status_code == 403
        assert desk.browser().get(path).status_code == 303
    assert browser.post("/prefect/api/flow_runs/filter", headers=word).status_code == 403
    assert Prefect.asked == []


def test_the_link_is_made_when_the_page_is_drawn(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    link = 'href="/prefect/runs?flow-run-search=dossier-H17-261123-0001"'
    assert link in van.get("/dossiers/H17-261123-0001").text
    assert link not in desk.signed_in("lan").get("/dossiers/H17-261123-0001").text
    desk.app.state.desk.prefect = lambda: None
    assert "/prefect/" not in van.get("/dossiers/H17-261123-0001").text
    assert van.get("/prefect/runs").status_code == 404


def test_a_prefect_that_does_not_answer_is_said(desk: DeskOffice) -> None:
    gone = PrefectServer(address="http://127.0.0.1:9", auth=SecretStr("x"))
    desk.app.state.desk.prefect = lambda: gone
    answer = desk.signed_in("van").get("/prefect/runs")
    assert answer.status_code == 503 and "Prefect không trả lời" in answer.text
