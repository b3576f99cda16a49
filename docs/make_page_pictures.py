"""Make docs/pictures/page-*.png, the page of `framing serve` in chromium, and notebook.png, an analysis as a notebook shows it.

    python docs/make_page_pictures.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
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


def notebook(browser: Browser) -> None:
    """The first two analyses of a notebook, as they are stored there."""
    cells = nbformat.read(PICTURES.parent / "notebooks" / "first_look.ipynb", as_version=4).cells
    shown = [output.data["text/html"] for cell in cells for output in cell.get("outputs", []) if "text/html" in output.get("data", {})]
    page = browser.new_page(viewport={"width": 820, "height": 400})
    page.set_content(f'<body style="font:15px sans-serif;margin:1.5em">{"<hr>".join(shown[:2])}')
    page.screenshot(path=PICTURES / "notebook.png", full_page=True)
    page.close()


def main() -> None:
    """All of them, from a server of their own."""
    command = [sys.executable, "-m", "framing.cli", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stderr is not None
        url = re.search(r"http://\S+", server.stderr.readline())[0]  # type: ignore[index]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name in SHOTS:
            shoot(browser, url, name)
        notebook(browser)
        browser.close()
        server.terminate()


if __name__ == "__main__":
    main()
