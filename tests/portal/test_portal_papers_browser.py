"""A clerk prints a request for what is missing; a delegate approves: in a real browser."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import HERE, DeskOffice, a_desk
from desk_papers import awaiting, declared
from playwright.sync_api import Page, expect

from schemas.dossier import Stage

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

MINE = "H17-261123-0003"
PICTURES = os.environ.get("DESK_SCREENSHOTS")
"""A folder for what was seen, to be looked at."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path, office="Ủy ban nhân dân phường Ví Dụ") as opened:
        yield opened
        opened.app.state.desk.close()


def seen(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_a_request_is_printed_and_a_delegate_approves(desk: DeskOffice) -> None:
    paper = awaiting(desk.rooms, MINE, HERE)
    declared(desk.rooms, MINE, HERE)
    card = declared(desk.rooms, "H17-261123-0004", HERE, kind="can_cuoc")
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "lan", f"/dossiers/{MINE}")
        missing = page.locator(".ticks .lacks")
        expect(missing).to_contain_text("Giấy tờ chứng minh chỗ ở hợp pháp")
        seen(page, "papers-dossier")
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="Phiếu yêu cầu bổ sung").click()
        printed = opened.value
        expect(printed.get_by_role("heading")).to_have_text(
            "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"
        )
        expect(printed.locator("ol li").first).to_have_text("Giấy tờ chứng minh chỗ ở hợp pháp")
        expect(printed.get_by_role("button", name="In")).to_be_focused()
        printed.evaluate("window.print = () => { document.title = 'printed' }")
        printed.keyboard.press("Enter")
        expect(printed).to_have_title("printed")
        seen(printed, "papers-request")
        assert printed.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1, "one sheet"
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="Giấy tiếp nhận, hẹn trả").click()
        expect(opened.value.locator("svg.qr")).to_be_visible()
        seen(opened.value, "papers-receipt")
        assert opened.value.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        page.locator("summary", has_text="Thay bằng dữ liệu").press("Enter")
        page.get_by_label("Đã tra cứu tại").select_option("land")
        page.get_by_role("button", name="Xác nhận").press("Enter")
        expect(page.get_by_text("Đủ thành phần bắt buộc.")).to_be_visible()
        expect(page.locator(".ticks .data")).to_contain_text("CSDL đất đai · lan")
        seen(page, "papers-replaced")
        page.goto(f"{address}/dossiers/H17-261123-0004")
        page.locator("details.pages > summary").press("Enter")
        first = page.locator(".thumbs img").first
        expect(first).to_have_js_property("complete", value=True)
        assert first.evaluate("one => one.naturalWidth") > 500
        page.reload()
        expect(page.locator(".seen li").first).to_contain_text("lan · xem ảnh giấy tờ tùy thân")
        page.locator("details.pages > summary").press("Enter")
        seen(page, "papers-identity")

        signer = desk_page(browser)
        sign_in(signer, address, "ky", "/delegation")
        signer.get_by_label("Người được ủy quyền").select_option("lan")
        signer.get_by_label("Đến hết ngày").fill(str((desk.clock() + timedelta(days=3)).date()))
        signer.get_by_label("Lý do").fill("Đi công tác")
        signer.get_by_role("button", name="Ủy quyền", exact=True).press("Enter")
        expect(signer.get_by_text("Đã ủy quyền phê duyệt.")).to_be_visible()
        seen(signer, "delegation")

        page.goto(f"{address}/approve")
        page.locator(f"#choose-{paper.id}").press("Space")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status").filter(has_text=f"{MINE}/1")).to_be_visible()
        page.goto(f"{address}/dossiers/{MINE}")
        expect(page.locator(".timeline")).to_contain_text("thay ky theo ủy quyền")
        keeper = desk_page(browser)
        sign_in(keeper, address, "van", "/accounts")
        keeper.locator("summary", has_text="Thay đổi").nth(1).click()
        seen(keeper, "accounts")
        assert wrong == []
    assert desk.rooms.ledger.document(paper.id).stage is Stage.ready_to_sign
    (said,) = desk.rooms.ledger.approvals(paper.id)
    assert (said.made_by, said.made_for) == ("user:lan", "user:ky")
    assert desk.rooms.ledger.accesses.of(dossier_id=card.dossier_id) != []
