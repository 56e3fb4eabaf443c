"""A clerk hands a dossier in, in a real browser, and follows it to the queue, which keeps up."""

import re
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, errors_of, served, sign_in
from desk_office import HERE, DeskOffice, a_desk, waits
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from prepared import font_of

from schemas.dossier import Role, Stage
from storage import NewClaim, NewFile
from usecases.files import fingerprint

pytestmark = pytest.mark.needs("chromium")

CODE = "H17.9.3-261123-0009"
DROPPED = """async () => {
  const bytes = new Uint8Array([37, 80, 68, 70]);
  const scan = new File([bytes], "thêm.pdf", { type: "application/pdf" });
  const carried = new DataTransfer();
  carried.items.add(scan);
  const zone = document.getElementById("zone");
  const how = { dataTransfer: carried, bubbles: true, cancelable: true };
  zone.dispatchEvent(new DragEvent("drop", how));
}"""


def drawn(folder: Path) -> Path:
    """A dossier's folder with a small scan, a result, and what machines leave."""
    made = folder / CODE
    (made / "ket-qua").mkdir(parents=True)
    page = Image.new("L", (620, 877), 255)
    ImageDraw.Draw(page).text((80, 90), "TỜ KHAI", font=font_of(24), fill=0)
    page.save(made / "to-khai.png")
    page.save(made / "ket-qua" / "quyet-dinh.pdf")
    (made / "Thumbs.db").write_bytes(b"x")
    return made


def taken(desk: DeskOffice) -> None:
    """What the watcher and the reading do: the papers are registered, one waits for a person."""
    assert desk.options.inbox is not None
    folder = desk.options.inbox / HERE / CODE
    paths = sorted(one for one in folder.rglob("*") if one.is_file() and one.name != ".done")
    files = [
        NewFile(
            relative=one.name, name=one.name, role=Role.component,
            sha256=fingerprint(one)[0], bytes=fingerprint(one)[1],
        )
        for one in paths
    ]  # fmt: skip
    ledger = desk.rooms.ledger
    claim = NewClaim(
        claim_id="c", department=HERE, code=CODE, folder=CODE, files=tuple(files), actor="test"
    )
    for one in ledger.register(claim).documents:
        ledger.advance(
            one.id, Stage.received, Stage.digitised, actor="test", manifest_sha256="a" * 64,
            pdfa_sha256="b" * 64, pages=1, doubts=2,
        )  # fmt: skip
        ledger.advance(one.id, Stage.digitised, Stage.in_review, actor="test")


@pytest.mark.service
def test_a_clerk_hands_in_and_sees_it_arrive(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    with (
        a_desk(tmp_path, inbox=inbox) as desk,
        served(desk.app) as address,
        chromium() as browser,
    ):
        page = desk_page(browser)
        wrong = errors_of(page)
        sign_in(page, address, "lan", "/drop")
        expect(page.get_by_role("heading", name="Nộp hồ sơ")).to_be_visible()
        _hand_in(page, drawn(tmp_path / "desktop"))
        expect(page).to_have_url(re.compile(f"/drop/{CODE}"))
        expect(page.get_by_text("Đã nằm trong hộp thư")).to_be_visible()
        there = [one.relative_to(inbox / HERE / CODE) for one in inbox.rglob("*") if one.is_file()]
        assert {one.as_posix() for one in there} == {
            ".done", "to-khai.png", "thêm.pdf", "ket-qua/quyet-dinh.pdf",
        }  # fmt: skip
        taken(desk)
        expect(page.get_by_text("Đang chờ người rà soát")).to_be_visible()
        page.get_by_role("link", name="Xem hồ sơ").click()
        expect(page.get_by_role("heading", name=CODE)).to_be_visible()
        expect(page.get_by_text("Nhận giấy tờ từ hộp thư")).to_be_visible()
        page.get_by_role("link", name="Hàng đợi").click()
        expect(page.locator("tr[data-id]")).to_have_count(4)
        expect(page.get_by_text("Tự cập nhật")).to_be_visible()
        waits(desk.rooms.ledger, "H17-261123-0010", HERE)
        expect(page.locator("#news")).to_have_text("1 mới")
        expect(page.locator("tr[data-id]")).to_have_count(5)
        page.locator("tr[data-id] a").first.focus()
        waits(desk.rooms.ledger, "H17-261123-0011", HERE)
        update = page.get_by_role("button", name="Cập nhật danh sách")
        expect(update).to_be_visible()
        expect(page.locator("tr[data-id]")).to_have_count(5)
        update.click()
        expect(page.locator("tr[data-id]")).to_have_count(6)
        page.locator("summary").first.click()
        page.get_by_role("button", name="Đăng xuất", exact=True).click()
        expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        assert wrong == []


def _hand_in(page: Page, folder: Path) -> None:
    """The whole folder chosen, one more file dragged; one that is too much taken out again."""
    page.locator("#folder").set_input_files(folder)
    expect(page.locator("#code")).to_have_value(CODE)
    expect(page.locator("#chosen li")).to_have_count(2)
    expect(page.locator("#total")).to_contain_text("Bỏ qua 1 tệp hệ thống")
    page.evaluate(DROPPED)
    page.evaluate(DROPPED)
    expect(page.locator("#chosen li")).to_have_count(4)
    page.get_by_role("button", name="Bỏ thêm.pdf").last.click()
    expect(page.locator("#chosen li")).to_have_count(3)
    expect(page.locator("#chosen select >> nth=0")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Nộp hồ sơ").click()
