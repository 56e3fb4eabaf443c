"""A signer approves two of three and refuses one; an operator retries: in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import HERE, DeskOffice, a_desk
from desk_papers import awaiting, failed
from playwright.sync_api import expect

from schemas.dossier import Stage

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path) as opened:
        yield opened
        opened.app.state.desk.close()


def test_two_are_approved_by_keyboard_and_one_is_refused(desk: DeskOffice) -> None:
    papers = [
        awaiting(desk.rooms, f"H17-261123-001{number}", HERE, pages=number) for number in (1, 2, 3)
    ]
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "ky", "/approve")
        tiles = page.locator(".tile")
        expect(tiles).to_have_count(3)
        button = page.get_by_role("button", name="Phê duyệt các tài liệu đã chọn")
        expect(button).to_be_disabled()
        for picture in page.locator("img.paper").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", value=True)
            assert picture.evaluate("one => one.naturalWidth") > 500
        # the pages of all tiles are seen once they stood on the screen
        for paper, pages in zip(papers, ("1", "1,2", "1,3"), strict=True):
            expect(page.locator(f'input[name="shown"][value="{paper.id}:{pages}"]')).to_have_count(
                1
            )
        page.locator(f"#choose-{papers[0].id}").focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(page.locator("#count")).to_have_text("Đã chọn 2")
        page.keyboard.press("Control+Enter")
        report = page.get_by_role("status").filter(has_text="Kết quả phê duyệt")
        expect(report.locator("li")).to_have_count(2)
        expect(tiles).to_have_count(1)
        tiles.get_by_role("link", name="Xem toàn bộ").click()
        expect(page.get_by_role("heading", name="Giấy khai sinh")).to_be_visible()
        page.locator("img.paper").nth(1).scroll_into_view_if_needed()
        expect(page.locator("#progress")).to_have_text("Đã xem 3/3 trang")
        page.locator("summary", has_text="Trả lại").click()
        page.get_by_label("Lý do").fill("Trang 2 bị mờ, quét lại")
        page.get_by_role("button", name="Trả lại để rà soát").click()
        expect(page.get_by_text("Đã trả lại để rà soát, kèm lý do.")).to_be_visible()
        expect(page.get_by_text("Không có tài liệu nào chờ phê duyệt.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wrong == []
    stages = [desk.rooms.ledger.document(one.id).stage for one in papers]
    assert stages == [Stage.ready_to_sign, Stage.ready_to_sign, Stage.in_review]
    second = desk.rooms.ledger.events(papers[1].dossier_id)
    assert [one.data["pages_seen"] for one in second if one.kind == "approved"] == [[1, 2]]
    (reason,) = desk.rooms.ledger.reasons(papers[2].id)
    assert reason.text == "Trang 2 bị mờ, quét lại"


def test_an_operator_retries_and_the_page_renews_itself(desk: DeskOffice) -> None:
    one = failed(desk.rooms, "H17-261123-0011", HERE)
    other = failed(desk.rooms, "H17-261123-0012", HERE, "flow.source_damaged")
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "van", "/operate")
        expect(page.locator(".group")).to_have_count(2)
        group = page.locator(".group", has_text="Không ghi được tệp")
        group.get_by_role("button", name="Xử lý lại cả nhóm").click()
        expect(page.get_by_text(re.compile("Đã cho xử lý lại 1 tài liệu"))).to_be_visible()
        expect(page.locator(".group")).to_have_count(1)
        desk.rooms.ledger.retry(other.dossier_id, "test")
        expect(page.get_by_text("Không có tài liệu nào gặp lỗi.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wrong == []
    assert desk.rooms.ledger.document(one.id).stage is Stage.received
