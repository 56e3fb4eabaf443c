"""A person at the desk, in a real browser: signs in, looks at the queue, goes."""

import re
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served
from desk_office import PASSWORD, DeskOffice
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.service
def test_a_person_signs_in_sees_the_queue_and_goes(desk: DeskOffice, tmp_path: Path) -> None:
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(_host(request)))
        page.goto(f"{address}/queue")
        expect(page).to_have_url(re.compile(r"/sign-in\?next="))
        expect(page.locator("#username")).to_be_focused()
        _look(page, tmp_path, "sign-in")
        page.keyboard.type("lan")
        page.keyboard.press("Tab")
        page.keyboard.insert_text(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Hàng đợi")).to_be_visible()
        expect(page.get_by_text("H17-261123-0001/1")).to_be_visible()
        expect(page.get_by_text("H17-261123-0002/1")).to_have_count(0)
        _look(page, tmp_path, "queue")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("link", name="Sohoa").click()
        expect(page.get_by_role("heading", name="Good day, lan")).to_be_visible()
        _look(page, tmp_path, "start")
        page.locator("summary").click()
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(f"{address}/queue")
        expect(page).to_have_url(re.compile("/sign-in"))
        assert wrong == []
        assert set(asked) == {address.removeprefix("http://")}, "nothing leaves the machine"


def _host(request: Request) -> str:
    return request.url.split("/")[2]


def _look(page: Page, folder: Path, name: str) -> None:
    """A picture to be looked at; and nothing is wider than the screen."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
