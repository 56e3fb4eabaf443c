"""A clerk asks for a page, a telephone takes it, the clerk sees it come and accepts: read again."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import PASSWORD
from harmed_files import at
from new_scans import photograph
from office_fixtures import keys, pool
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from stacks import CODE, StackOffice, stack

from portal.app import make_app
from portal.options import PortalOptions
from schemas.dossier import Stage
from storage import Document
from usecases import accounts
from usecases.caller import Duty, local_operator
from usecases.review_leases import LENGTH
from usecases.workspace import Workspace

__all__ = ["at", "keys", "pool"]

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service]

TELEPHONE = {"width": 390, "height": 844}


@dataclass
class Counter:
    """An office whose papers are really read, its desk, and a browser."""

    office: StackOffice
    address: str
    browser: Browser

    def read(self) -> None:
        """All steps that the service would take, beside the browser's own loop."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self.office.run()).result()

    @property
    def document(self) -> Document:
        dossier = self.office.ledger.dossier(CODE)
        assert dossier is not None
        return self.office.ledger.documents(dossier.id)[0]

    def words(self, page: int) -> str:
        """What the document's PDF/A says on a page."""
        folder = Workspace(self.office.work / str(self.document.id))
        pdf = folder.find_pdf(self.document.pdfa_sha256)
        assert pdf is not None
        with pypdfium2.PdfDocument(pdf) as opened:
            return str(opened[page - 1].get_textpage().get_text_range())


@pytest.fixture
def counter(at: StackOffice) -> Iterator[Counter]:
    at.drop(CODE, stack(at.root / "s.pdf", "more", "blank"))
    rooms = at.rooms
    for name in ("lan", "minh"):
        accounts.add(local_operator(), rooms, name, [Duty.clerk], ["mot-cua"], password=PASSWORD)
    app = make_app(rooms, PortalOptions())
    with served(app) as address, chromium() as browser:
        app.state.desk.options = PortalOptions(public=address)
        made = Counter(at, address, browser)
        made.read()
        yield made
    app.state.desk.close()


def _enter(counter: Counter, page: Page, name: str, then: str) -> None:
    """That person signs in and goes on; pictures are drawn meanwhile."""
    sign_in(page, counter.address, name, "/password")
    page.goto(f"{counter.address}{then}", wait_until="commit")


def scanned_address(page: Page, folder: Path) -> str:
    """What a telephone's camera finds in the code on the screen."""
    shot = folder / "code.png"
    page.locator(".qr").screenshot(path=shot)
    with Image.open(shot) as picture:
        (found,) = zxingcpp.read_barcodes(np.asarray(picture.convert("L")))
    return found.text


def test_a_telephone_brings_a_page_that_is_read(counter: Counter, tmp_path: Path) -> None:
    assert counter.document.stage is Stage.in_review
    assert "ghi nhận" not in counter.words(2)
    source = counter.document.source_sha256
    desk = desk_page(counter.browser)
    wrong = errors_of(desk)
    _enter(counter, desk, "lan", f"/review/{CODE}/1")
    desk.locator(".review-links summary").click()
    desk.get_by_role("link", name="Đề nghị quét lại…").click()
    act = desk.locator("details#rescan")
    expect(act).to_have_attribute("open", "")
    act.get_by_label("Quét lại", exact=True).select_option("2")
    act.get_by_label("Lý do").fill("Trang trắng, cần quét lại.")
    act.get_by_role("button").click()
    desk.wait_for_url(re.compile("/rescans/QL-"), wait_until="commit")
    expect(desk.locator("#state")).to_contain_text("Chưa có bản quét mới")
    desk.locator("#make-code").click()
    address = scanned_address(desk, tmp_path)
    assert address.startswith(f"{counter.address}/phone/")

    pocket = counter.browser.new_context(viewport=TELEPHONE, has_touch=True, is_mobile=True)
    phone = pocket.new_page()
    phone_wrong = errors_of(phone)
    phone.goto(address)
    expect(phone.locator("h1")).to_have_text("Chụp lại trang 2")
    assert CODE not in phone.content()
    phone.locator("#picture").set_input_files(photograph(tmp_path / "IMG_0001.jpg", turned=90))
    expect(phone.locator("#preview")).to_be_visible()
    phone.get_by_role("button").last.click()
    expect(phone.locator("#phone-state")).to_contain_text("Ảnh đã đến")

    arrived = desk.locator("#state img").first
    expect(arrived).to_be_visible()  # without a reload
    expect(arrived).to_have_js_property("complete", True)
    assert arrived.evaluate("one => one.naturalHeight > one.naturalWidth"), "it stands upright"
    assert counter.document.stage is Stage.in_review
    desk.get_by_role("button", name="Nhận bản quét này").click()
    desk.wait_for_url(re.compile(f"/dossiers/{CODE}"), wait_until="commit")
    expect(desk.locator(".notice-good").first).to_contain_text("Đã nhận bản quét mới")
    expect(phone.locator("#phone-gone")).to_be_visible()
    counter.read()
    assert counter.document.stage is Stage.in_review
    assert counter.document.source_sha256 == source
    assert "ghi nhận" in counter.words(2)
    desk.goto(f"{counter.address}/review/{CODE}/1")
    expect(desk.locator("#cards .doubt")).to_be_visible()
    assert wrong == []
    assert [one for one in phone_wrong if "404" not in one] == [], "that its address has ended"


def test_leaving_a_document_gives_it_to_the_next(counter: Counter) -> None:
    lan, minh = desk_page(counter.browser), desk_page(counter.browser)
    _enter(counter, lan, "lan", f"/review/{CODE}/1")
    expect(lan.locator("#cards .doubt")).to_be_visible()
    lan.reload()  # the page before it says that it was left after this one was opened
    expect(lan.locator("#cards .doubt")).to_be_visible()
    lan.locator(".review-links summary").click()
    lan.get_by_role("link", name="Xoay trang…").click()
    expect(lan.locator("details#turn")).to_have_attribute("open", "")
    _enter(counter, minh, "minh", f"/review/{CODE}/1")
    expect(minh.locator("#held")).to_contain_text("lan đang rà soát")
    expect(minh.locator(".looked-at img").first).to_be_visible()
    lan.goto(f"{counter.address}/queue")
    expect(lan.locator("tr[data-id]")).to_be_visible()
    minh.reload()
    expect(minh.locator("#cards .doubt")).to_be_visible()
    expect(lan.locator("body")).not_to_contain_text("đang xem từ")
    lan.goto(f"{counter.address}/review/{CODE}/1")
    lan.locator("#take-over").click()
    expect(lan.locator("#cards .doubt")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_for_everybody(counter: Counter, scheme: str) -> None:
    """axe-core finds nothing serious on pages that have parameters in their addresses."""
    context = counter.browser.new_context(
        viewport={"width": 1366, "height": 768},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,  # axe brings a script of its own
    )
    lan, found = context.new_page(), list[str]()

    def look(page: Page) -> None:
        said = Axe().run(page).response
        assert len(said["passes"]) > 10, "it has looked"
        serious = [one for one in said["violations"] if one["impact"] in {"serious", "critical"}]
        found.extend(f"{page.url}: {one['id']} {one['nodes'][0]['html']}" for one in serious)

    _enter(counter, lan, "lan", f"/review/{CODE}/1/change")
    for one in lan.locator("details.act").all():
        one.locator("summary").click()
    look(lan)
    lan.locator("#rescan select").select_option("2")
    lan.locator("#rescan input[name=reason]").fill("Mờ.")
    lan.locator("#rescan button").click()
    lan.locator("#make-code").click()
    expect(lan.locator(".qr svg")).to_be_visible()
    lan.locator("details.no-print summary").click()
    look(lan)
    lan.goto(f"{counter.address}/rescans")
    look(lan)
    lan.goto(f"{counter.address}/phone/nothing")
    look(lan)
    counter.office.ledger.review_leases.take_over(counter.document.id, "user:minh", LENGTH)
    lan.goto(f"{counter.address}/review/{CODE}/1")
    expect(lan.locator("#held")).to_be_visible()
    look(lan)
    assert found == []


@pytest.mark.parametrize("path", ["/rescans", f"/review/{CODE}/1/change", "/phone/nothing"])
def test_its_pages_are_small(counter: Counter, path: str) -> None:
    page = desk_page(counter.browser)
    sizes: dict[str, int] = {}
    page.on("response", lambda said: sizes.update({said.url: len(said.body())}))
    sign_in(page, counter.address, "lan", "/password")
    sizes.clear()
    page.goto(f"{counter.address}{path}")
    page.wait_for_load_state("networkidle")
    code = {url: size for url, size in sizes.items() if "/picture/" not in url}
    assert 0 < sum(code.values()) <= 60_000
    assert sum(size for url, size in code.items() if url.endswith(".js")) <= 25_000
