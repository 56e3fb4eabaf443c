"""Finding in a real browser: a name, a mistake in it, a result's page, back again, a person."""

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import ELSEWHERE, HERE, DeskOffice
from published_results import NUMBER, OneFile, published

from storage import SearchText

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

OWN, OTHER, NAME = "H17-261123-0011", "H17-261123-0012", "Nguyễn Thị Mẫu"


@pytest.fixture
def office(desk: DeskOffice) -> DeskOffice:
    for code, unit in ((OWN, HERE), (OTHER, ELSEWHERE)):
        document = published(desk.rooms.ledger, code, unit)
        page = (
            f"QUYẾT ĐỊNH về việc đăng ký thường trú cho bà {NAME}, số định danh {NUMBER}, "
            "tại thửa đất số 12 đường Ví Dụ, phường Tân Mẫu; quyết định có hiệu lực từ ngày ký."
        )
        text = SearchText(values=(("doc_number", "12/QĐ-UBND"), ("full_name", NAME)), pages=(page,))
        desk.rooms.ledger.search.put(document.id, text)
    store = OneFile()
    object.__setattr__(desk.rooms, "objects", lambda: store)
    return desk


def test_a_result_is_found_seen_and_left_again(office: DeskOffice) -> None:
    with served(office.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "lan", "/results")
        page.fill("#question", "nguyen thi mao")  # mistyped, without accents
        page.keyboard.press("Enter")
        page.wait_for_url("**/results/found?search=*")
        assert "nguyen" not in page.url and page.input_value("#question") == "nguyen thi mao"
        assert page.locator("h2.fit").inner_text() == "Gần giống: có thể gõ nhầm"
        page.fill("#question", NAME)
        page.keyboard.press("Enter")
        page.wait_for_selector("mark")
        assert page.locator(".hits li").count() == 1
        assert page.locator(".hits mark").first.inner_text() == "Nguyễn"
        page.click(f"text={OWN}/1")
        page.wait_for_url(f"**/results/{OWN}/1*")
        assert page.locator("table.fields").inner_text().strip().endswith("12/QĐ-UBND")
        page.go_back()
        page.wait_for_selector("mark")
        assert page.input_value("#question") == NAME, "the way back asks nothing again"
        page.fill("#question", f"{NUMBER[:3]} {NUMBER[3:]}")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=1 hồ sơ, 1 tài liệu")
        assert NUMBER not in page.url and OTHER not in page.content()
        assert not wrong, wrong
