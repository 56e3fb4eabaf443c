"""A real browser checks a document by its code, its file and on paper, with scripts and without."""

from collections.abc import Iterator

import pytest
from checked_desk import NUMBER, CheckedDesk, a_checked_desk
from desk_browser import chromium, desk_page, errors_of, served
from playwright.sync_api import Browser, Page, expect

from schemas.public_code import grouped
from storage import Document

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedDesk]:
    with a_checked_desk(tmp_path_factory.mktemp("checked")) as opened:
        yield opened


def test_code_file_and_paper(office: CheckedDesk) -> None:
    paper = office.published("H17-261123-0001")
    with served(office.desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sent: list[int] = []
        page.on("request", lambda one: sent.append(len(one.post_data_buffer or b"")))
        _journey(page, address, office, paper)
        assert max(sent) < 2000, "the file itself was not sent"
        assert wrong == []
        assert page.context.cookies() == []
        _without_scripts(browser, address, office, paper)


def _journey(page: Page, address: str, office: CheckedDesk, paper: Document) -> None:
    page.goto(f"{address}/check")
    page.get_by_label("Mã kiểm tra").first.fill(grouped(office.code_of(paper)).lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Có hiệu lực")).to_be_visible()
    expect(page.get_by_text("Tệp được so ngay trên máy của bạn")).to_be_visible()
    _compare(page, office, paper)
    page.get_by_label("6 số cuối").fill(NUMBER[-6:])
    with page.expect_response(lambda one: one.url.endswith("/1")) as told:
        page.get_by_role("button", name="Xem các trang").click()
    assert told.value.headers["content-type"] == "image/webp"
    expect(page.get_by_alt_text("Trang 1")).to_be_visible()


def _compare(page: Page, office: CheckedDesk, paper: Document) -> None:
    """The file as it was signed, then another one."""
    signed = office.signed(paper)
    page.get_by_label("Tệp PDF đã nhận").set_input_files(signed)
    page.get_by_role("button", name="So tệp").click()
    expect(page.get_by_text("giống hệt")).to_be_visible()
    other = signed.with_name("other.pdf")
    other.write_bytes(signed.read_bytes() + b"\n")
    page.get_by_label("Tệp PDF đã nhận").set_input_files(other)
    page.get_by_role("button", name="So tệp").click()
    expect(page.get_by_text("Tệp này KHÁC")).to_be_visible()


def _without_scripts(browser: Browser, address: str, office: CheckedDesk, paper: Document) -> None:
    page = browser.new_context(java_script_enabled=False, locale="vi-VN").new_page()
    page.goto(f"{address}/check/{office.code_of(paper)}")
    expect(page.get_by_text("Tệp được gửi lên để so")).to_be_visible()
    _compare(page, office, paper)
    page.get_by_label("6 số cuối").fill("000000")
    page.get_by_role("button", name="Xem các trang").click()
    expect(page.get_by_text("Không tìm thấy văn bản nào khớp")).to_be_visible()
