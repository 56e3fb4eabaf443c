"""A signer shares a dossier; a reader elsewhere says what for, takes it; the owner reads that."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import HERE, DeskOffice
from playwright.sync_api import Page, expect
from sharing_office import DAY, ONE, Given, sharing_office

from schemas.sharing import Shared

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

PICTURES = os.environ.get("DESK_SCREENSHOTS")
"""A folder for what was seen, to be looked at."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with sharing_office(tmp_path, office="Ủy ban nhân dân phường Ví Dụ") as opened:
        yield opened
        opened.app.state.desk.close()


def seen(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_a_dossier_is_shared_read_with_a_purpose_and_the_owner_sees_it(desk: DeskOffice) -> None:
    Given(Shared.document_type, "quyet_dinh", giver="tu-phap", receiver=HERE).enter(desk)
    Given(Shared.procedure, "1.004194", receiver="tu-phap", first=-9, last=-2).enter(desk)
    with served(desk.app) as address, chromium() as browser:
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, f"signer.{HERE}", f"/dossiers/{ONE}")
        page.get_by_role("link", name="Chia sẻ hồ sơ").click()
        expect(page.get_by_label("hoặc chỉ một hồ sơ")).to_have_value(ONE)
        page.get_by_label("Đơn vị nhận").select_option("thue")
        page.get_by_label("Lý do, căn cứ").fill("Quy chế phối hợp số 12/QCPH")
        seen(page, "sharing-new")
        page.get_by_role("button", name="Chia sẻ", exact=True).click()
        expect(page.get_by_role("status")).to_have_text("Đã chia sẻ.")
        expect(page.get_by_text("Quy chế phối hợp số 12/QCPH")).to_be_visible()
        seen(page, "sharing")

        reader = desk_page(browser)
        sign_in(reader, address, "reader.thue", "/results")
        expect(reader.get_by_text("Một cửa chia sẻ").first).to_be_visible()
        seen(reader, "results-shared")
        reader.get_by_role("link", name=f"PDF đã ký {ONE}/3").click()
        seen(reader, "purpose")
        reader.get_by_label("Xem, tải giấy tờ này để làm gì?").fill("đối chiếu nơi sinh")
        with reader.expect_download() as taken:
            reader.get_by_role("button", name="Ghi lại và tiếp tục").click()
        assert taken.value.suggested_filename == f"{ONE}-result-003.pdf"

        page.goto(f"{address}/dossiers/{ONE}")
        expect(page.locator(".seen")).to_contain_text("mục đích: đối chiếu nơi sinh")
        page.locator(".seen").scroll_into_view_if_needed()
        seen(page, "sharing-owner")
        page.goto(f"{address}/sharing")
        page.get_by_role("button", name="Chấm dứt chia sẻ").first.click()
        expect(page.get_by_role("status")).to_contain_text("có hiệu lực ngay")
        reader.goto(f"{address}/results")
        expect(reader.get_by_text("Một cửa chia sẻ")).to_have_count(0)
        assert [one for one in wrong if "428" not in one] == []
        assert desk.clock() + DAY > desk.clock()
