"""Make docs/pictures/report-*.png: a report on our own articles, in chromium. Run it after the report has changed, and look at each.

    python docs/make_report_pictures.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES, ARTICLES = ROOT / "docs" / "pictures", ROOT / "datasets" / "articles.jsonl"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]

# Name: the section it begins at, width, height, theme.
SHOTS = {
    "report-light": ("", 1200, 1180, "light"),
    "report-dark": ("#hedged", 1200, 900, "dark"),
    "report-phone": ("#frames", 360, 1100, "light"),
}


def write(folder: Path) -> Path:
    """The report that is shown."""
    command = [sys.executable, "-m", "framing.cli"]
    kept = ["--keep", "domain,outlet,date", "--quiet"]
    subprocess.run([*command, "score", str(ARTICLES), "--out", "articles.csv", *kept], cwd=folder, check=True)
    asked = ["--by", "domain", "--time", "date", "--source", str(ARTICLES), "--out", "report.html"]
    subprocess.run([*command, "report", "articles.csv", *asked], cwd=folder, check=True)
    return folder / "report.html"


def shoot(browser: Browser, report: Path, name: str) -> None:
    """One picture."""
    section, width, height, theme = SHOTS[name]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(report.as_uri() + section)
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


def main() -> None:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = write(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name in SHOTS:
            shoot(browser, report, name)
        browser.close()


if __name__ == "__main__":
    main()
