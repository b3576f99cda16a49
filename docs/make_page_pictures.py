"""Make docs/pictures/page-*.png: the page of `framing serve` in chromium. Run it after the page has changed, and look at each.

    python docs/make_page_pictures.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]

# Name: path, width, height, theme, whether the whole page.
SHOTS = {
    "page-form": ("/", 1200, 800, "light", False),
    "page-light": ("/example", 1200, 860, "light", False),
    "page-dark": ("/example", 1200, 860, "dark", False),
    "page-compare": ("/compare/example", 1200, 860, "light", True),
    "page-phone": ("/example", 360, 740, "light", True),
}


def shoot(browser: Browser, url: str, name: str) -> None:
    """One picture."""
    path, width, height, theme, whole = SHOTS[name]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url + path)
    if name in ("page-light", "page-dark"):
        _point(page, name)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    context.close()


def _point(page: Page, name: str) -> None:
    """A cue under the pointer, and in the dark a label that was opened."""
    if name == "page-dark":
        page.locator("details.answer summary").first.click()
    page.locator(".text mark", has_text="unclear").hover()
    page.wait_for_timeout(200)


def main() -> None:
    """All of them, from a server of their own."""
    command = [sys.executable, "-m", "framing.cli", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stderr is not None
        url = re.search(r"http://\S+", server.stderr.readline())[0]  # type: ignore[index]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name in SHOTS:
            shoot(browser, url, name)
        browser.close()
        server.terminate()


if __name__ == "__main__":
    main()
