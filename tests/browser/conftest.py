"""A real browser: Debian's chromium through Playwright, with a profile of its own for each run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from serving import Served

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def chromium() -> str:
    """Where the browser is; without one the tests are skipped, but where `FRAMING_BROWSER` says that it must be there."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("FRAMING_BROWSER") == "required":
        pytest.fail("FRAMING_BROWSER=required, but no chromium was found. Install it: apt-get install chromium")
    if found is None:
        pytest.skip("no chromium on this machine; on Debian or Ubuntu: sudo apt install chromium")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each module: Playwright keeps an event loop in this thread, and other tests run their own."""
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


class Watched:
    """A page with all that it asked for, said and complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.foreign: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: None if request.url.startswith(f"{url}/") else self.foreign.append(request.url))
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def watched(context: BrowserContext, server: Served) -> Iterator[Watched]:
    """A page on the server; whatever a test does, it asks no other host for anything and complains of nothing."""
    made = Watched(context.new_page(), server.url)
    yield made
    assert made.foreign == []
    assert made.said == []


@pytest.fixture
def page(watched: Watched) -> Page:
    watched.page.goto(watched.url)
    return watched.page


@pytest.fixture
def example(watched: Watched) -> Page:
    watched.page.goto(f"{watched.url}/example")
    return watched.page


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text and a web page."""
    folder = tmp_path_factory.mktemp("files")
    text = "The mayor may resign on Monday, officials said, though critics argue that the plan was reportedly about money and not voters."
    (folder / "news.txt").write_text(text, encoding="utf-8")
    html = f"<html><title>Mayor</title><nav>Menu</nav><article><h1>Mayor</h1><p>{text}</p><p>{text}</p></article></html>"
    (folder / "news.html").write_text(html, encoding="utf-8")
    return folder
