"""Every page for everybody: axe-core finds nothing serious, light or dark, in both languages."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_browser import chromium, served, sign_in
from desk_office import DeskOffice
from playwright.sync_api import Page

from portal.rules import RuledRoute
from usecases.caller import RIGHTS, Duty, Right

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

PEOPLE = {Duty.clerk: "lan", Duty.signer: "ky", Duty.operator: "van", Duty.reader: "doc"}
NO_PAGES = frozenset(
    {
        "/healthz",
        "/figures.csv",
        "/operate/now",
        "/prefect",
        "/sign-in/outside",
        "/sign-in/outside/back",
    }
)


def pages(desk: DeskOffice, duty: Duty) -> Iterator[str]:
    """The addresses of all pages without parameters that this duty may see."""
    for one in desk.app.routes:
        assert isinstance(one, RuledRoute)
        shown = "GET" in (one.methods or ()) and "{" not in one.path and not one.rule.api
        mine = not isinstance(one.rule.lets_in, Right) or one.rule.lets_in in RIGHTS[duty]
        if shown and mine and one.path not in NO_PAGES:
            yield one.path


def wrong(page: Page) -> list[str]:
    said = Axe().run(page).response
    assert len(said["passes"]) > 10, "it has looked"
    found = said["violations"]
    return [
        f"{page.url}: {one['id']} {one['nodes'][0]['html']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize(("scheme", "language"), [("light", "vi"), ("dark", "en")])
def test_nothing_serious(shared_desk: DeskOffice, scheme: str, language: str) -> None:
    """Each page once, as the first duty that may see it."""
    found: list[str] = []
    seen: set[str] = set()
    with served(shared_desk.app) as address, chromium() as browser:
        for duty, name in PEOPLE.items():
            context = browser.new_context(
                viewport={"width": 1366, "height": 768},
                color_scheme=scheme,  # type: ignore[arg-type]
                bypass_csp=True,  # axe brings a script of its own
            )
            page = context.new_page()
            page.goto(f"{address}/language/{language}?next=/sign-in")
            found += wrong(page)
            sign_in(page, address, name, "/")
            for path in {*pages(shared_desk, duty), "/nothing"} - seen:
                seen.add(path)
                page.goto(f"{address}{path}")
                for menu in page.locator("details.menu").all():
                    menu.locator("summary").click()
                found += wrong(page)
            context.close()
    assert found == []


def test_nobody_is_left_out(shared_desk: DeskOffice) -> None:
    assert set(PEOPLE) == set(Duty)
    assert {"/", "/queue", "/password"} <= set(pages(shared_desk, Duty.clerk))
