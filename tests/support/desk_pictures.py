"""Takes the pictures of ``docs/screenshots/desk-*.png``: each page of the desk, as it runs.

``python tests/support/desk_pictures.py docs/screenshots``; ``make screenshots`` does it. Everything
that is seen is drawn and invented.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import zxingcpp
from desk_browser import chromium, desk_page, sign_in
from pictured_office import PUBLIC, PicturedOffice, enter_twice, pictured_office
from PIL import Image
from playwright.sync_api import Browser, Page

from sohoa.sample import draw_sample

PHONE = {"width": 390, "height": 700}
GREYS, STEPS = 16, 4
CSS = Path(__file__).parents[2] / "portal" / "static" / "desk.css"
PAINTED = """[...document.images].every(one =>
    one.complete || one.getBoundingClientRect().top > window.innerHeight)"""


@dataclass
class Pictures:
    """Where pictures are taken and put; ``scheme``: of colours, light or dark."""

    office: PicturedOffice
    browser: Browser
    out: Path
    scheme: Literal["light", "dark"] = "light"

    def page(self, name: str | None = None) -> Page:
        """The page of a person who has signed in."""
        page = desk_page(self.browser)
        page.emulate_media(color_scheme=self.scheme)
        if name is not None:
            sign_in(page, self.office.address, name, "/password")
        return page

    def take(self, page: Page, name: str, path: str | None = None) -> None:
        """A small PNG of what the window shows, once its pictures are there."""
        if path is not None:
            page.goto(f"{self.office.address}{path}")
        page.wait_for_timeout(300)
        while not page.evaluate(PAINTED):
            page.wait_for_timeout(100)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            print(f"{name} is {width} px too wide", file=sys.stderr)
        with Image.open(io.BytesIO(page.screenshot())) as shot:
            few = _few_colours(shot.convert("RGB"), own=name != "prefect")
        few.save(self.out / f"desk-{name}.png", optimize=True)


def _few_colours(shot: Image.Image, *, own: bool) -> Image.Image:
    """As a palette: of the desk's own colours, blends of them and greys; or whatever is there."""
    if not own:
        return shot.quantize(64, dither=Image.Dither.NONE)
    found = re.findall(r"--[\w-]+: #([0-9a-f]{6})", CSS.read_text("utf-8"))
    tokens = [tuple(bytes.fromhex(one)) for one in dict.fromkeys(found)]
    greys = [(one * 255 // (GREYS - 1),) * 3 for one in range(GREYS)]
    pale = [
        tuple((one * step + 255 * (STEPS - step)) // STEPS for one in token)
        for step in range(1, STEPS)
        for token in tokens
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for one in (*tokens, *greys, *pale)[:256] for part in one])
    return shot.quantize(palette=palette, dither=Image.Dither.NONE)


def entrance(at: Pictures) -> None:
    at.take(at.page(), "sign-in", "/sign-in")
    ky = at.page("ky")
    at.take(ky, "start", "/")


def lists(at: Pictures) -> None:
    lan = at.page("lan")
    at.take(lan, "queue", "/queue")
    at.take(lan, "dossiers", "/dossiers")
    at.take(lan, "results", "/results")
    lan.goto(f"{at.office.address}/drop")
    with tempfile.TemporaryDirectory() as folder:
        scans = Path(folder) / at.office.code(40)
        draw_sample(scans, at.office.today, 9)
        lan.locator("#folder").set_input_files(scans)
        lan.locator("#chosen li").nth(1).wait_for()
        at.take(lan, "drop")


def dossier(at: Pictures) -> None:
    lan = at.page("lan")
    at.take(lan, "dossier", f"/dossiers/{at.office.published}?department=mot-cua")
    for kind, called in (("request", "Phiếu yêu cầu bổ sung"), ("receipt", "Giấy tiếp nhận")):
        with lan.context.expect_page() as opened:
            lan.get_by_role("button", name=called).click()
        printed = opened.value
        printed.emulate_media(color_scheme=at.scheme)
        printed.wait_for_load_state()
        at.take(printed, f"paper-{kind}")
        printed.close()


def review(at: Pictures) -> None:
    lan = at.page("lan")
    lan.goto(f"{at.office.address}/review/{at.office.doubtful}/1")
    lan.locator("#cards .doubt").wait_for()
    at.take(lan, "review")
    lan.keyboard.press("F2")
    at.take(lan, "review-page")
    lan.keyboard.press("Escape")
    lan.goto(f"{at.office.address}/review/{at.office.doubtful}/1/change#turn")
    lan.evaluate("window.scrollTo(0, 0)")
    at.take(lan, "changes")


def carpet(at: Pictures) -> None:
    minh = at.page("minh")
    at.take(minh, "carpet-kinds", "/carpet")
    minh.locator(".kind").first.click()
    minh.locator(".zone:focus").wait_for()
    for key in ("ArrowRight", "Space", "ArrowRight"):
        minh.keyboard.press(key)
    at.take(minh, "carpet")


def rescan(at: Pictures) -> None:
    """A request with its code, and what the telephone that reads the code sees."""
    hoa = at.page("hoa")
    hoa.goto(f"{at.office.address}/review/{at.office.code(12)}/1/change#rescan")
    act = hoa.locator("#rescan")
    act.get_by_label("Lý do").fill("Ảnh mờ, không đọc được số định danh.")
    act.locator("button").click()
    hoa.locator("#make-code").click()
    hoa.locator(".qr svg").wait_for()
    at.take(hoa, "rescan")
    with Image.open(io.BytesIO(hoa.locator(".qr").screenshot())) as shot:
        (found,) = zxingcpp.read_barcodes(np.asarray(shot.convert("L")))
    phone = at.browser.new_context(viewport=PHONE, locale="vi-VN").new_page()  # type: ignore[arg-type]
    phone.emulate_media(color_scheme=at.scheme)
    at.take(phone, "phone", found.text.removeprefix(PUBLIC))


def approve(at: Pictures) -> None:
    ky = at.page("ky")
    at.take(ky, "approve", "/approve")
    ky.get_by_role("link", name="Xem toàn bộ").first.click()
    at.take(ky, "approve-document")
    ky.goto(f"{at.office.address}/delegation")
    ky.select_option("#to", "lan")
    for name in ("first", "last"):
        ky.fill(f"#{name}", at.office.today.isoformat())
    ky.fill("#reason", "Đi công tác")
    ky.get_by_role("button", name="Ủy quyền").click()
    at.take(ky, "delegation")


def operate(at: Pictures) -> None:
    van = at.page("van")
    at.take(van, "accounts", "/accounts")
    at.take(van, "operate", "/operate")
    at.take(van, "figures", "/figures")
    van.goto(f"{at.office.address}/prefect/runs")
    van.get_by_text(f"dossier-{at.office.published}").first.wait_for(timeout=120_000)
    at.take(van, "prefect")


def third_person(at: Pictures) -> None:
    enter_twice(at.office)
    lan = at.page("lan")
    lan.goto(f"{at.office.address}/review/{at.office.twice}/1")
    lan.locator("#cards .doubt").wait_for()
    at.take(lan, "double-entry")


PAGES: tuple[Callable[[Pictures], None], ...] = (
    entrance, lists, dossier, review, carpet, rescan, approve, third_person, operate,
)  # fmt: skip


def main(out: Path) -> None:
    """Start an office, take a picture of each page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pictured_office(Path(folder), datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()) as office,
        chromium() as browser,
    ):
        for one in PAGES:
            one(Pictures(office, browser, out))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
