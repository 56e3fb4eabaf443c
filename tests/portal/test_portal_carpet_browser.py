"""A clerk goes through a sheet of zones by keyboard alone, in a real browser."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from playwright.sync_api import Page, Route, expect
from stacks import stack

from schemas.field import Field, FieldStatus
from schemas.work import DecisionKind
from storage import Document

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

ZONES = 12


def papers(desk: DeskOffice, pdf: Path) -> Iterator[Document]:
    """A doubtful date on each."""
    for number in range(ZONES):
        dob = Field(
            value=(date(1990, 1, 1) + timedelta(days=number)).isoformat(),
            box=(200, 220, 300, 240), page=1, confidence=0.9, status=FieldStatus.review,
        )  # fmt: skip
        read = manifest(fields={"dob": dob})
        yield under_review(desk.rooms, read, pdf, code=f"H17-261124-{number:04}")


def mark_one(page: Page) -> int:
    """Arrows, Space, F2; the place of the zone that is marked then, less one."""
    zones = page.locator(".zone")
    across = page.evaluate(
        "getComputedStyle(document.getElementById('zones')).gridTemplateColumns.split(' ').length"
    )
    page.keyboard.press("ArrowLeft")
    expect(zones.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(zones.nth(across)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    marked = zones.nth(across + 1)
    expect(marked).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    page.keyboard.press("Space")
    page.keyboard.press("Space")  # a slip, taken back
    expect(zones.nth(ZONES - 1)).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#marked")).to_have_text("1 ô đánh dấu sai")
    page.keyboard.press("F2")
    expect(page.locator("#wide")).to_be_visible()
    expect(page.locator("#wide-picture")).to_have_js_property("complete", True)
    page.keyboard.press("Escape")
    expect(zones.nth(ZONES - 1)).to_be_focused()
    page.keyboard.press("F9")
    expect(page.locator("#saving")).to_have_text("Không có bảng nào để hoàn tác.")
    return int(across)


def test_a_sheet_is_gone_through_by_keyboard_alone(tmp_path: Path) -> None:
    pdf = stack(tmp_path / "a.pdf", "QUYẾT ĐỊNH")
    with a_desk(tmp_path, waiting=False) as desk:
        ledger, documents = desk.rooms.ledger, list(papers(desk, pdf))

        def decided() -> list[list[DecisionKind]]:
            found = [ledger.standing_decisions(one) for one in documents]
            return [[one.kind for one in said] for said in found]

        lost: list[str] = []

        def lose_the_first_answer(route: Route) -> None:
            lost.append(route.request.url)
            if len(lost) == 1:
                route.fetch()  # it arrives, and the answer is lost
                route.abort()
            else:
                route.continue_()

        with served(desk.app) as address, chromium() as browser:
            page = desk_page(browser)
            wrong = errors_of(page)
            page.route("**/accept", lose_the_first_answer)  # before anything can be asked for
            sign_in(page, address, "lan", "/carpet")
            expect(page.get_by_role("button", name=f"Ngày tháng năm: {ZONES} ô")).to_be_focused()
            page.keyboard.press("Enter")
            zones = page.locator(".zone")
            expect(zones).to_have_count(ZONES)
            expect(zones.nth(0)).to_be_focused()
            for image in zones.locator("img").all():
                expect(image).to_have_js_property("complete", True)
            assert zones.nth(3).locator("img").evaluate("one => one.naturalWidth") > 100

            across = mark_one(page)

            page.keyboard.press("Enter")
            expect(page.locator("#told")).to_contain_text(f"Đã nhận {ZONES - 1} ô.")
            expect(page.locator("#told")).to_contain_text("1 ô đánh dấu sai được để lại")
            assert len(lost) == 2
            assert decided().count([DecisionKind.confirmed]) == ZONES - 1
            assert decided()[across + 1] == []

            expect(page.get_by_role("button", name="Bảng tiếp theo")).to_be_focused()
            page.keyboard.press("F9")
            expect(page.locator("#told")).to_contain_text(f"{ZONES - 1} quyết định được rút lại")
            assert decided() == [[]] * ZONES
            page.keyboard.press("Enter")
            expect(zones.nth(0)).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("#told")).to_contain_text(f"Đã nhận {ZONES} ô.")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Loại này không còn ô nào cần xem.")).to_be_visible()
            expect(page.get_by_role("link", name="Sang trang Rà soát")).to_be_focused()
            assert [one for one in wrong if "ERR_FAILED" not in one] == []
        desk.app.state.desk.drawer.close()
