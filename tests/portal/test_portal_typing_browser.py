"""Vietnamese words typed by Telex and VNI arrive whole in the field of the review page.

By both kinds of input method: one that composes (IBus and Fcitx), and one that sends Backspaces and
letters of its own (Unikey, EVKey). A longer trial: ``TYPED_WORDS=500 python -m pytest
tests/portal/test_portal_typing_browser.py``
"""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from desk_browser import chromium, desk_page, served, sign_in
from desk_office import DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from playwright.sync_api import CDPSession, Page, expect
from vietnamese_keys import METHODS, keys, shown, words

from schemas.work import DecisionKind
from storage import Document

WORDS = int(os.environ.get("TYPED_WORDS", "60"))
AT_ONCE = 20
COMPOSING, PACKET, BACKSPACE = 229, 231, 8
"""Virtual key codes: an input method has the key; a letter that a program sends; Backspace."""


@pytest.fixture(scope="module")
def typing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[DeskOffice, Document, Page, str]]:
    with a_desk(tmp_path_factory.mktemp("typing"), waiting=False) as desk:
        document = under_review(desk.rooms, manifest())
        with served(desk.app) as address, chromium() as browser:
            page = desk_page(browser)
            sign_in(page, address, "lan", "/password")
            yield desk, document, page, f"{address}/review/H17-261124-0007/1"
        desk.app.state.desk.close()


def key(devtools: CDPSession, kind: str, name: str, code: int, **more: str) -> None:
    said = {"type": kind, "key": name, "windowsVirtualKeyCode": code, **more}
    devtools.send("Input.dispatchKeyEvent", said)


def plainly(devtools: CDPSession, letter: str, code: int) -> None:
    key(devtools, "keyDown", letter, code, text=letter)
    key(devtools, "keyUp", letter, code)


def composing(devtools: CDPSession, word: str, method: int) -> None:
    """The word is underlined and written anew with every key, until a blank ends it."""
    for _, text in shown(word, method):
        key(devtools, "rawKeyDown", "Process", COMPOSING)
        devtools.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
        key(devtools, "keyUp", "Process", COMPOSING)
    key(devtools, "rawKeyDown", "Enter", COMPOSING)  # ends the word, and is no Enter of the page
    devtools.send("Input.insertText", {"text": word})


def sending_backspaces(devtools: CDPSession, word: str, method: int) -> None:
    """What fits no more is taken away by Backspaces, and written by letters without a key."""
    before = ""
    for pressed, text in shown(word, method):
        if text == before + pressed:
            plainly(devtools, pressed, ord(pressed.upper()) if pressed.isascii() else PACKET)
        else:
            same = next(at for at in range(len(text) + 1) if text[: at + 1] != before[: at + 1])
            for _ in before[same:]:
                key(devtools, "rawKeyDown", "Backspace", BACKSPACE)
                key(devtools, "keyUp", "Backspace", BACKSPACE)
            for letter in text[same:]:
                plainly(devtools, letter, PACKET)
        before = text


@pytest.mark.needs("chromium")
@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(300 + 2 * WORDS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("way", [composing, sending_backspaces])
def test_every_word_arrives_whole_and_no_key_is_a_command(
    typing: tuple[DeskOffice, Document, Page, str],
    way: Callable[[CDPSession, str, int], None],
    method: str,
) -> None:
    desk, document, page, address = typing
    page.goto(address)
    value = page.locator("#value")
    expect(value).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    devtools = page.context.new_cdp_session(page)
    known = words(WORDS)
    before = desk.rooms.ledger.standing_decisions(document)
    for first in range(0, WORDS, AT_ONCE):
        some = known[first : first + AT_ONCE]
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        for number, word in enumerate(some):
            if number:
                plainly(devtools, " ", 32)
            way(devtools, word, METHODS[method])
        expect(value).to_have_value(" ".join(some))
    expect(value).to_be_focused()
    assert not [one for one in asked if re.search(r"/(decisions|undo|done)\b", one)]
    assert desk.rooms.ledger.standing_decisions(document) == before
    devtools.detach()
    page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_have_text(re.compile("Đã lưu"))
    (said,) = desk.rooms.ledger.standing_decisions(document)
    assert (said.kind, said.value) == (DecisionKind.value, " ".join(some))
    page.keyboard.press("F9")
    expect(value).to_be_focused()
    expect(page.locator("#saving")).to_have_text(re.compile("Đã lưu"))


def test_the_words_are_what_they_are_said_to_be() -> None:
    known = words(500)
    assert len({unicodedata.normalize("NFC", one) for one in known}) == 500
    marks = set(unicodedata.normalize("NFD", "".join(known).lower())) - set(map(chr, range(128)))
    assert marks == set("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323đ"), "all of them"
    for word in known:
        for method in METHODS.values():
            steps = list(shown(word, method))
            assert steps[-1][1] == word
            assert "".join(pressed for pressed, _ in steps) == keys(word, method)
    assert [keys("Nguyễn", one) for one in METHODS.values()] == ["Nguyeenx", "Nguye6n4"]
    assert [keys("ĐƯỜNG", one) for one in METHODS.values()] == ["DDUWOWNGF", "D9U7O7NG2"]
