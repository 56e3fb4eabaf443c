"""A clerk settles the doubts of a scan that really was read, by keyboard alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk_browser import chromium, desk_page, served, sign_in
from desk_office import DeskOffice, a_desk
from doubtful_desk import manifest, read_once, under_review
from playwright.sync_api import Browser, CDPSession, Page, Route, expect

from schemas.dossier import Stage
from schemas.field import FieldStatus
from schemas.work import DecisionKind
from storage import Document
from usecases.composing import doubts_of
from usecases.workspace import Workspace, load_manifest

pytestmark = pytest.mark.needs("chromium")

WORDS = ("Nguyễn", "Đặng", "Thuở", "khuỷu", "ngoằn", "ƯỚC", "Trịnh", "đường", "nghiêng", "Yến")
TELEX = {"Đặng": "DDawngj", "đường": "dduwowngf", "Nguyễn": "Nguyeenx"}
KEYS = ("Enter", "ArrowDown", "PageUp", "PageDown", "F2", "F4", "F8", "F9", "Escape")


@dataclass
class Seated:
    """A clerk before a document."""

    desk: DeskOffice
    page: Page
    address: str
    document: Document
    wrong: list[str]

    def sit_down(self) -> None:
        self.page.goto(f"{self.address}/review/H17-261124-0007/1")
        expect(self.page.locator("#cards .doubt")).to_be_visible()

    def saved(self) -> None:
        expect(self.page.locator("#saving")).to_have_text(re.compile("Đã lưu"))

    def decisions(self) -> dict[str, tuple[DecisionKind, str | None]]:
        standing = self.desk.rooms.ledger.standing_decisions(self.document)
        return {one.path: (one.kind, one.value) for one in standing}


@pytest.fixture
def seated(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seated]:
    read, pdf = read_once(tmp_path_factory.getbasetemp() / "read-once")
    assert len(read.doubtful()) >= 3
    with a_desk(tmp_path, waiting=False) as desk:
        document = under_review(desk.rooms, read, pdf)
        with served(desk.app) as address, chromium() as browser:
            page = _enter(browser, address, "lan")
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            yield Seated(desk, page, address, document, wrong)
            assert wrong == []
        desk.app.state.desk.drawer.close()


@pytest.mark.service
def test_all_doubts_are_settled_by_keyboard_and_the_document_goes_on(seated: Seated) -> None:
    page, document = seated.page, seated.document
    page.goto(f"{seated.address}/review")
    expect(page).to_have_url(re.compile("/review/H17-261124-0007/1"))
    value = page.locator("#value")
    expect(value).to_be_focused()
    expect(page.locator(".zone img")).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('.zone img').naturalWidth") > 100
    expect(page.locator(".lit")).to_be_visible()
    before = load_manifest(
        Workspace(seated.desk.rooms.work / str(document.id)), document, seated.desk.rooms.ledger
    )
    asked = list(doubts_of(before))
    page.keyboard.press("End")
    page.keyboard.insert_text("x")
    page.keyboard.press("Enter")
    page.keyboard.press("F8")
    page.keyboard.press("F9")  # the second one is open again
    seated.saved()
    assert [kind for kind, _ in seated.decisions().values()] == [DecisionKind.value]
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_have_text(f"Còn {len(asked) - 1} chỗ chưa xem.")
    for _ in range(len(asked) - 1):
        page.keyboard.press("F4")
    expect(page.get_by_role("button", name="Xong tài liệu, sang")).to_be_focused()
    seated.saved()
    page.reload()
    expect(page.get_by_role("button", name="Xong tài liệu, sang")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(value).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(f"{seated.address}/review")
    expect(page.get_by_text("Không còn tài liệu nào")).to_be_visible()
    after = seated.desk.rooms.ledger.document(document.id)
    assert after.stage is Stage.ready_to_sign
    done = load_manifest(
        Workspace(seated.desk.rooms.work / str(document.id)), after, seated.desk.rooms.ledger
    )
    states = {path: field.status for path, field in done.walk() if path in asked}
    assert set(states.values()) == {FieldStatus.accepted, FieldStatus.missing}


@pytest.mark.service
def test_candidates_are_a_key_away_and_come_with_their_origin(seated: Seated) -> None:
    seated.sit_down()
    page = seated.page
    for _ in range(20):
        if page.locator("#choices li").count():
            break
        page.keyboard.press("F4")
    page.keyboard.press("ArrowDown")
    first = page.locator("#choices li").first
    expect(first).to_be_visible()
    expect(first).to_have_attribute("aria-selected", "true")
    assert first.locator(".choice-from").inner_text().strip()
    wanted = first.locator(".choice-text").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#value")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#value")).to_have_value(wanted)
    expect(page.locator("#value")).to_be_focused()


@pytest.mark.service
def test_what_is_said_while_the_line_is_cut_arrives_once(seated: Seated) -> None:
    seated.sit_down()
    page = seated.page
    asked: list[str] = []

    def lose_the_answer(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) == 1:
            route.abort()
        elif len(asked) == 2:
            route.fetch()  # it arrives, and the answer is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/decisions*", lose_the_answer)
    page.keyboard.press("F4")
    expect(page.locator("#saving")).to_contain_text("1 mục chưa lưu")
    page.keyboard.press("F8")
    seated.saved()
    assert asked[0] == asked[1] == asked[2]
    kinds = [kind for kind, _ in seated.decisions().values()]
    assert sorted(kinds) == [DecisionKind.missing, DecisionKind.unreadable]
    events = seated.desk.rooms.ledger.events(seated.document.dossier_id)
    assert [one.kind for one in events].count("decided") == 2


@pytest.mark.service
def test_what_is_to_be_scanned_again_shows_at_once(seated: Seated) -> None:
    seated.sit_down()
    page, counter = seated.page, seated.page.context.new_page()
    counter.goto(f"{seated.address}/rescans")
    expect(counter.locator("#live")).to_be_visible()
    page.bring_to_front()
    page.keyboard.press("F8")
    request = page.locator("#requests a")
    expect(request).to_contain_text("Chờ quét lại: QL-")
    code = request.get_attribute("id") or ""
    counter.bring_to_front()
    expect(counter.locator("#rows")).to_contain_text(code)
    expect(counter.locator("#rescans-wait .count")).to_have_text("1")
    page.bring_to_front()
    page.keyboard.press("F9")
    expect(request).to_have_count(0)
    counter.bring_to_front()
    expect(counter.locator("#rows")).not_to_contain_text(code)


@pytest.mark.service
def test_a_session_that_ended_loses_nothing(seated: Seated) -> None:
    seated.sit_down()
    page = seated.page
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("F4")
    expect(page.locator("#saving")).to_contain_text("Phiên làm việc đã hết")
    other = page.context.new_page()
    sign_in(other, seated.address, "ky", "/password")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#saving")).to_contain_text("Người khác đã đăng nhập")
    assert seated.decisions() == {}
    page.context.add_cookies(
        [{"name": one["name"], "value": one["value"], "url": seated.address} for one in cookies]
    )
    page.evaluate("window.dispatchEvent(new Event('online'))")
    seated.saved()
    assert len(seated.decisions()) == 1


@pytest.mark.service
def test_two_people_on_one_document_overwrite_nothing(tmp_path: Path) -> None:
    with a_desk(tmp_path, waiting=False) as desk:
        document = under_review(desk.rooms, manifest())
        with served(desk.app) as address, chromium() as browser:
            lan, ky = (_enter(browser, address, name) for name in ("lan", "ky"))
            for page in (lan, ky):
                page.goto(f"{address}/review/H17-261124-0007/1")
                if page is ky:  # lan has it open, and goes on with it all the same
                    ky.locator("#take-over").click()
                expect(page.locator("#value")).to_be_focused()
            assert ky.locator("text=<script>alert").count() == 1, "shown as text"
            lan.keyboard.press("F4")
            expect(lan.locator("#saving")).to_have_text(re.compile("Đã lưu"))
            ky.keyboard.press("End")
            ky.keyboard.insert_text(" Hai")
            ky.keyboard.press("Enter")
            expect(ky.locator("#cards .line-bad")).to_have_count(1)
            expect(ky.locator("#told")).to_contain_text("lan vừa quyết định mục này")
            ky.keyboard.press("Shift+Enter")
            expect(ky.locator("#verdict")).to_contain_text("Không có trên giấy")
            expect(ky.locator("#value")).to_have_value("")
            ky.keyboard.press("ArrowDown")
            expect(ky.locator("#choices li").first).to_contain_text("bạn vừa nhập")
            ky.keyboard.press("Escape")
            ky.keyboard.press("Enter")  # theirs stands
            expect(ky.locator("#left")).to_have_text("Còn 3 trên 4 chỗ")
            (standing,) = desk.rooms.ledger.standing_decisions(document)
            assert (standing.made_by, standing.kind) == ("user:lan", DecisionKind.missing)
            for _ in range(3):
                ky.keyboard.press("F4")
            ky.keyboard.press("Control+Enter")
            expect(ky).to_have_url(f"{address}/review")
            lan.keyboard.press("F4")  # it is gone
            expect(lan.get_by_role("heading", name="Không rà soát được")).to_be_visible()
        desk.app.state.desk.drawer.close()


def _enter(browser: Browser, address: str, name: str) -> Page:
    """The page of a person who has signed in."""
    page = desk_page(browser)
    sign_in(page, address, name, "/password")
    return page


@pytest.mark.service
def test_vietnamese_typing_arrives_whole_and_is_no_command(seated: Seated) -> None:
    seated.sit_down()
    page = seated.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    devtools = page.context.new_cdp_session(page)
    value = page.locator("#value")
    for way in (_composed, _with_backspaces):
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        for number, word in enumerate(WORDS):
            if number:
                page.keyboard.insert_text(" ")
            way(devtools, word)
        expect(value).to_have_value(" ".join(WORDS))
    assert not [one for one in asked if "/decisions" in one or "/undo" in one]
    page.keyboard.press("Enter")
    seated.saved()
    assert (DecisionKind.value, " ".join(WORDS)) in seated.decisions().values()


def _composed(devtools: CDPSession, word: str) -> None:
    """An input method that composes: the whole word is rewritten with every key (229)."""
    typed = TELEX.get(word, word)
    for end in range(1, len(typed) + 1):
        for kind in ("rawKeyDown", "keyUp"):
            devtools.send(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": "Process", "windowsVirtualKeyCode": 229},
            )
        shown = word if end == len(typed) else typed[:end]
        devtools.send(
            "Input.imeSetComposition",
            {"text": shown, "selectionStart": len(shown), "selectionEnd": len(shown)},
        )
    # Enter that ends the composition is the input method's own
    devtools.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229},
    )
    devtools.send("Input.insertText", {"text": word})


def _with_backspaces(devtools: CDPSession, word: str) -> None:
    """Unikey and EVKey: the letter as typed, then Backspace and the letter with its mark."""
    for letter in word:
        plain = {"ễ": "ê", "Đ": "D", "đ": "d", "ặ": "ă", "ở": "ơ", "ỷ": "y"}.get(letter)
        if plain is not None:
            devtools.send("Input.insertText", {"text": plain})
            for kind in ("rawKeyDown", "keyUp"):
                devtools.send(
                    "Input.dispatchKeyEvent",
                    {"type": kind, "key": "Backspace", "windowsVirtualKeyCode": 8},
                )
        for kind in ("keyDown", "keyUp"):
            devtools.send(
                "Input.dispatchKeyEvent",
                {
                    "type": kind, "key": letter, "windowsVirtualKeyCode": 231,
                    **({"text": letter} if kind == "keyDown" else {}),
                },
            )  # fmt: skip


@pytest.mark.service
def test_no_letter_figure_or_backspace_is_a_command(seated: Seated) -> None:
    seated.sit_down()
    address = seated.desk.app.state.desk.assets.url("keys.js")
    found = seated.page.evaluate(
        """async ([address, keys]) => {
          const { command } = await import(address);
          const told = (how) => keys.filter((key) => command({ key, ...how }));
          const ways = [{}, { shiftKey: true }, { ctrlKey: true }, { altKey: true },
            { ctrlKey: true, shiftKey: true }, { isComposing: true }, { keyCode: 229 }];
          return ways.map(told);
        }""",
        [address, [*map(chr, range(32, 127)), "Backspace", "đ", "Process", "Unidentified", *KEYS]],
    )
    plain, shift, ctrl, *others = found
    assert plain == list(KEYS)
    assert (shift, ctrl) == (["Enter"], ["Enter"])
    assert others == [[], [], [], []]
