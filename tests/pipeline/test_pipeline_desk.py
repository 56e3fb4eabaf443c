"""The whole journey at the desk, in a real browser: from a scan that is dropped to its result."""

import base64
import re
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of
from desk_office import PASSWORD
from doubtful_desk import poor_scan
from handed_in import TODAY, code, published
from playwright.sync_api import Browser, Page, expect
from running import Running

from schemas.dossier import Role
from schemas.errors import ExitCode
from sohoa.sample import draw_sample, draw_small
from storage import Document

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.service, pytest.mark.slow]

CODE, FAILS = code(41), code(42)
READ_MS, BUSY_MS = 400_000, 120_000
"""How long reading two pages and showing one may take on a machine that does other things, too."""
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "application/pdf" }));
  const how = { dataTransfer: carried, bubbles: true, cancelable: true };
  document.getElementById("zone").dispatchEvent(new DragEvent("drop", how));
}"""


def enter(serving: Running, browser: Browser, name: str, *options: str) -> Page:
    """Somebody whose account was just made, with a password of their own now."""
    made = serving.cli("user", "add", name, *options, "--json").json["account"]
    page = desk_page(browser)
    page.set_default_timeout(BUSY_MS)  # papers are being read on the same cores
    page.goto(f"{address(serving)}/sign-in")
    page.fill("#username", name)
    page.fill("#password", made["password"])
    page.keyboard.press("Enter")
    page.fill("#old", made["password"])
    page.fill("#new", PASSWORD)
    page.fill("#again", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Xin chào, {name}")).to_be_visible()
    return page


def address(serving: Running) -> str:
    return str(serving.facts()["services"]["portal"]["address"]).rstrip("/")


def drop(page: Page, scan: Path, result: Path) -> None:
    page.get_by_role("link", name="Nộp hồ sơ").first.click()
    page.fill("#code", CODE)
    page.evaluate(DROP, [scan.name, base64.b64encode(scan.read_bytes()).decode()])
    page.set_input_files("#result", result)
    expect(page.locator("#chosen li")).to_have_count(2)
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page).to_have_url(re.compile(f"/drop/{re.escape(CODE)}"))


def settle_all(page: Page, number: int) -> int:
    """Every doubt by keyboard: what was read is accepted, what is empty is not on the paper."""
    page.goto(page.url.split("/drop/")[0] + f"/review/{CODE}/{number}")
    left, value = page.locator("#left"), page.locator("#value")
    expect(page.locator("#cards .doubt")).to_be_visible()
    settled = 0
    while (before := left.inner_text()).startswith("Còn"):
        filled = value.count() == 0 or value.input_value() != ""
        page.keyboard.press("Enter" if filled else "F4")
        expect(left).not_to_have_text(before)
        settled += 1
    expect(page.locator("#saving")).to_have_text(re.compile("Đã lưu"))
    page.keyboard.press("Control+Enter")
    expect(page).not_to_have_url(re.compile(re.escape(CODE)))
    return settled


def approve(page: Page, document: Document) -> None:
    page.get_by_role("link", name="Phê duyệt").first.click()
    chosen = page.locator(f"#choose-{document.id}")
    chosen.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    report = page.get_by_role("status").filter(has_text="Kết quả phê duyệt")
    expect(report).to_contain_text(CODE)


def retry(page: Page) -> None:
    page.get_by_role("link", name="Vận hành", exact=True).click()
    group = page.locator(".group", has_text="Không ghi được tệp")
    group.locator("summary").click()
    expect(group).to_contain_text(FAILS)
    group.get_by_role("button", name="Xử lý lại cả nhóm").click()
    expect(page.get_by_text(re.compile("Đã cho xử lý lại 1 tài liệu"))).to_be_visible()


def sign_out(page: Page) -> None:
    """Whoever comes after sees nothing of what was open, though its address is known."""
    seen = page.url
    page.locator(".person summary").click()
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    page.goto(seen)
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def documents(serving: Running, wanted: str = CODE) -> dict[Role, Document]:
    """What is registered of a dossier."""
    with serving.ledger() as ledger:
        dossier = ledger.dossier(wanted)
        return {one.role: one for one in ledger.documents(dossier.id)} if dossier else {}


def fails(serving: Running, folder: Path) -> None:
    """A paper fails while it is read, as if the disk had been full."""
    (drawn,) = draw_small(folder, 1, TODAY, seed=8)
    here = ("--dossier", FAILS, "--department", "mot-cua")
    assert serving.cli("ingest", drawn, *here).code == ExitCode.ok
    serving.wait_for(lambda: bool(documents(serving, FAILS)), 60, "the paper that fails")
    with serving.ledger() as ledger:
        taken = documents(serving, FAILS)[Role.component]
        ledger.fail(taken.id, "flow.no_room", actor="test", params={"error": "ENOSPC"})


@pytest.mark.timeout(1800)
def test_from_a_dropped_scan_to_a_fetched_result(serving: Running, tmp_path: Path) -> None:
    """That the disk was full is planted; everything else happens."""
    scan = poor_scan(tmp_path / "to-khai.pdf")
    decision = draw_sample(tmp_path / "drawn", TODAY)[1]
    here = ("--department", "mot-cua")
    with chromium() as browser:
        lan = enter(serving, browser, "lan", "--role", "clerk", *here)
        wrong = errors_of(lan)
        drop(lan, scan, decision)
        expect(lan.get_by_text("Đang chờ người rà soát")).to_be_visible(timeout=READ_MS)
        waiting = lan.locator("tbody tr", has_text="Chờ phê duyệt")
        expect(waiting).to_have_count(1, timeout=READ_MS)

        taken = documents(serving)
        component = taken[Role.component]
        assert settle_all(lan, component.number) == component.doubts
        ky = enter(serving, browser, "ky", "--role", "signer", *here)
        approve(ky, taken[Role.result])

        lan.goto(f"{address(serving)}/drop/{CODE}?department=mot-cua")
        expect(lan.get_by_text("Đã công bố. Kết quả")).to_be_visible(timeout=READ_MS)
        lan.get_by_role("link", name="Kết quả", exact=True).click()
        for number in (1, 2):
            with lan.expect_download() as coming:
                lan.get_by_role("link", name=f"PDF đã ký {CODE}/{number}").click()
            fetched = tmp_path / f"{number}.pdf"
            coming.value.save_as(fetched)
            (verified,) = serving.cli("verify", fetched, "--json").json["files"]
            assert verified["verdict"] == "valid"

        fails(serving, tmp_path / "small")
        van = enter(serving, browser, "van", "--role", "operator")
        retry(van)
        published(serving, FAILS)
        for page in (lan, ky, van):
            sign_out(page)
        lan.go_back()
        expect(lan.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        assert wrong == []
