"""The report in a browser: nothing runs, nothing is asked for, axe-core has nothing to say, it fits every screen."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import scores
from payloads import PAYLOADS
from playwright.sync_api import Browser, Page

import framing
from framing.archive.excerpts import excerpt
from framing.archive.findings import Asked, find
from framing.views.report import Setting, page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TEXT = "The shameful mayor may resign, officials said. Critics argue that it was reportedly about money, if so. “It might be,” she said."


def report(frame: pd.DataFrame, text: str = TEXT) -> str:
    found = find(frame, Asked("outlet", "date", top=3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the text holds tags
        one = excerpt(framing.classify(text), text, "hedged")
    excerpts = {kind: {(str(row["key"]), row["row"]): one for row in rows} for kind, rows in found.extremes.items()}
    return page(found, Setting("scores.csv", "outlet", "date", excerpts, "", framing.load().card))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(scores.made()), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    """Opens a file, and keeps what the page asks for or says."""
    contexts, said = [], []

    def show(path: Path, theme: Any = "light", width: int = 1280) -> tuple[Page, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
        contexts.append(context)
        made = context.new_page()
        made.on("request", lambda request: said.append(request.url) if request.url != path.as_uri() else None)
        made.on("console", lambda message: said.append(message.text))
        made.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        made.goto(path.as_uri())
        made.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        return made, said

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_axe_finds_no_violation(usual: Path, opened: Any, theme: str, width: int) -> None:
    shown, said = opened(usual, theme, width)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.evaluate(AXE)
    found = shown.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert said == []


def test_letters_of_pictures_can_be_read_on_a_phone(usual: Path, opened: Any) -> None:
    shown, _ = opened(usual, width=360)
    tall = shown.evaluate("Math.min(...[...document.querySelectorAll('svg text')].map((one) => one.getBoundingClientRect().height))")
    assert tall >= 9


def test_in_print_it_fits_a_page_and_has_the_tables_that_are_open(usual: Path, opened: Any) -> None:
    shown, _ = opened(usual, width=672)  # what A4 leaves between its margins
    shown.evaluate("document.querySelectorAll('details').forEach((one, number) => { one.open = number < 2; })")
    shown.emulate_media(media="print")
    tall = shown.evaluate("[...document.querySelectorAll('details table')].map((one) => one.getBoundingClientRect().height)")
    assert min(tall[:2]) > 20 and not any(tall[2:])
    assert shown.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert shown.evaluate("document.documentElement.scrollWidth") <= 672


@pytest.mark.parametrize("part", range(2))
def test_bad_input_74_scripts_in_a_table_do_not_run(tmp_path: Path, opened: Any, part: int) -> None:
    payloads = list(PAYLOADS)[part::2]
    frame = scores.made(len(payloads), outlets=30)
    outlets = {name: payloads[k] for k, name in enumerate(sorted(set(frame["outlet"])))}
    frame = frame.assign(key=payloads, title=payloads[::-1], reason=payloads, outlet=frame["outlet"].map(outlets))
    path = tmp_path / "report.html"
    path.write_text(report(frame, " may ".join(payloads)), encoding="utf-8", errors="replace")
    shown, said = opened(path)
    assert shown.evaluate("window.ran") is None and said == []
    assert shown.evaluate("document.querySelectorAll('script, img, iframe, object, embed, link, form, input, base').length") == 0
