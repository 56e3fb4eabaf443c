"""The desk served by a real server, in a real browser."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from desk_office import PASSWORD
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000
"""How long a page may take: tests share the machine with services that start."""

expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the desk is served, for as long as the block lasts."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        end = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    program = next(found for name in NAMES if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


def desk_page(browser: Browser) -> Page:
    """A page of a browser of its own, as wide as an office's screen."""
    return browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN").new_page()


def errors_of(page: Page) -> list[str]:
    """What the page's scripts and its console say of errors from now on."""
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


def sign_in(page: Page, address: str, name: str, then: str) -> None:
    """That person signs in and goes on to the path ``then``.

    The fields are filled, not typed into: a key pressed before the page has its focus is lost.
    """
    page.goto(f"{address}/sign-in?next={then}")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}{then}")
