"""Pages of a hostile office in a real browser: nothing runs that is not the desk's own.

And the line is cut for a while; longer: ``LINE_CUT_SECONDS=60 python -m pytest
tests/portal/test_portal_attacks_browser.py``
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from hostile_office import BORN, CODE, MARK, SIGNED, Hostile, hostile_office
from playwright.sync_api import Page, expect

from schemas.work import DecisionKind

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service, pytest.mark.slow]

CUT_SECONDS = float(os.environ.get("LINE_CUT_SECONDS", "4"))
PAGES = (
    "/", "/queue", "/dossiers", f"/dossiers/{CODE}", f"/dossiers/{BORN}", f"/review/{CODE}/1",
    f"/review/{CODE}/1/change", "/approve", f"/approve/{SIGNED}/1", "/carpet", "/rescans",
    f"/drop/{CODE}", "/drop", "/results", "/operate", "/delegation", "/accounts", "/figures",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with hostile_office(tmp_path_factory.mktemp("hostile")) as opened:
        yield opened


def test_nothing_runs_on_any_page(hostile: Hostile) -> None:
    with served(hostile.desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        alerts: list[str] = []
        page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
        sign_in(page, address, "moi", "/password")
        wrong = errors_of(page)
        for path in PAGES:
            answer = page.goto(f"{address}{path}")
            assert answer is not None and answer.status == 200, path
            expect(page.locator("h1").first).to_be_visible()
            assert page.locator(MARK).count() == 0, path
            assert page.locator("main img[src='x'], b[onclick]").count() == 0, path
        page.goto(f"{address}/review/{BORN}/1")
        value = page.locator("#value")
        expect(value).to_be_focused()
        for _ in range(3):  # names that were read, and what a person says of them
            page.keyboard.press("End")
            page.keyboard.insert_text(f"<{MARK} onfocus=alert(9) autofocus tabindex=0>")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Escape")
            page.keyboard.press("F4")
            assert page.locator(MARK).count() == 0
        assert alerts == []
        assert wrong == []
        assert _policy_holds(page)
        assert alerts == []


def _policy_holds(page: Page) -> bool:
    """Where something did get in, the policy keeps it from running."""
    return bool(
        page.evaluate(
            """async () => {
              const told = [];
              document.addEventListener("securitypolicyviolation",
                (one) => told.push(one.effectiveDirective));
              const put = document.createElement("div");
              put.innerHTML = "<img src=x onerror='window.harmed = 1'>";
              const script = document.createElement("script");
              script.textContent = "window.harmed = 2";
              document.body.append(put, script);
              const other = document.createElement("img");
              other.src = "http://attacker.example/x.png";
              document.body.append(other);
              try { await fetch("http://attacker.example/"); } catch { told.push("fetch"); }
              await new Promise((done) => setTimeout(done, 500));
              return window.harmed === undefined && told.includes("fetch")
                && told.some((one) => one.startsWith("script-src"))
                && told.includes("img-src") && told.includes("connect-src");
            }"""
        )
    )


def test_a_line_that_is_cut_for_a_while_loses_nothing(tmp_path: Path) -> None:
    """The clerk goes on; all of it arrives once when the line is back."""
    with a_desk(tmp_path, waiting=False) as desk:
        document = under_review(desk.rooms, manifest())
        with served(desk.app) as address, chromium() as browser:
            page = desk_page(browser)
            sign_in(page, address, "lan", "/password")
            page.goto(f"{address}/review/H17-261124-0007/1")
            expect(page.locator("#value")).to_be_focused()
            page.keyboard.press("F4")
            expect(page.locator("#saving")).to_have_text(re.compile("Đã lưu"))
            page.context.set_offline(True)
            for name in ("Một", "Hai"):
                page.keyboard.press("Control+a")
                page.keyboard.insert_text(name)
                page.keyboard.press("F4")
            expect(page.locator("#saving")).to_contain_text("2 mục chưa lưu")
            page.wait_for_timeout(1000 * CUT_SECONDS)
            expect(page.locator("#saving")).to_contain_text("2 mục chưa lưu")
            assert len(desk.rooms.ledger.standing_decisions(document)) == 1
            page.context.set_offline(False)
            expect(page.locator("#saving")).to_have_text(re.compile("Đã lưu"), timeout=90_000)
            assert kinds(desk) == [DecisionKind.missing] * 3
            page.reload()
            expect(page.locator("#left")).to_have_text("Còn 1 trên 4 chỗ")
            events = [one.kind for one in desk.rooms.ledger.events(document.dossier_id)]
            assert events.count("decided") == 3
        desk.app.state.desk.close()


def kinds(desk: DeskOffice) -> list[DecisionKind]:
    dossier = desk.rooms.ledger.dossier("H17-261124-0007")
    assert dossier is not None
    (document,) = desk.rooms.ledger.documents(dossier.id)
    return [one.kind for one in desk.rooms.ledger.standing_decisions(document)]
