"""What the page looks like: contrast, widths, themes, print; axe-core finds nothing to say."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from serving import Served

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PATHS = ["/", "/example", "/compare", "/compare/example"]
OPENED = "document.querySelectorAll('details').forEach(details => { details.removeAttribute('name'); details.open = true; })"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_violation(browser: Browser, server: Served, path: str, theme: Any, width: int) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.url + path)
    for state in ("", OPENED, "document.querySelector('mark[tabindex]')?.focus()"):
        page.evaluate(state or "0")
        assert violations(page) == [], state
    context.close()


def violations(page: Page) -> list[str]:
    """What axe-core has against a page: its rule, what it says, where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['any']}" for rule in found["violations"] for node in rule["nodes"]]


def test_axe_would_find_one(watched: Any) -> None:
    watched.page.goto(watched.url)
    watched.page.evaluate("document.documentElement.removeAttribute('lang')")
    assert [line.partition(":")[0] for line in violations(watched.page)] == ["html-has-lang"]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_sticks_out_at_any_width(watched: Any, path: str) -> None:
    watched.page.goto(watched.url + path)
    watched.page.evaluate(OPENED)
    for width in (320, 360, 768, 1000, 1280, 1920):
        watched.page.set_viewport_size({"width": width, "height": 800})
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_word_without_end_sticks_out_nowhere(browser: Browser, server: Served) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(server.url)
    endless = "x" * 3000
    page.locator("#text").fill(f"{endless} may {endless}\n\n" * 3)
    page.locator("#title").fill(endless)
    page.locator("#target").fill(endless)
    page.locator("form button").click()
    page.wait_for_selector(".text")
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_note_stays_in_the_window(browser: Browser, server: Served, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(f"{server.url}/example")
    for mark in page.locator(".text mark[tabindex]").all():
        mark.focus()
        box = page.locator("#tip").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, mark.inner_text()
    context.close()


def test_the_theme_follows_the_system(browser: Browser, server: Served) -> None:
    grounds = []
    for theme in ("light", "dark"):
        context = browser.new_context(color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(server.url)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(map(int, re.findall(r"\d+", colour))))
        context.close()
    assert grounds[0] > 700 and grounds[1] < 120


@pytest.mark.parametrize("media", [{"media": "print"}, {"forced_colors": "active"}])
def test_where_colours_are_taken_away_letters_name_the_type(browser: Browser, server: Served, media: dict[str, Any]) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.emulate_media(**media)
    page.goto(f"{server.url}/example")
    for kind in ("epistemic", "attribution", "vague"):
        after = page.locator(f".text mark.{kind}").first.evaluate("mark => getComputedStyle(mark, '::after').content")
        assert after.strip('" ') == kind[:3]
    context.close()


def test_lines_of_types_differ_without_colour(watched: Any) -> None:
    watched.page.goto(f"{watched.url}/compare/example")
    looks = watched.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.legend mark')].map(mark => {
            const style = getComputedStyle(mark);
            const grey = text => text.replace(/rgba?\\([^)]*\\)/g, 'ink');
            const line = [style.textDecorationLine, style.textDecorationStyle, style.textDecorationThickness, style.backgroundImage];
            return [mark.className, grey(line.join(' '))];
        }))"""
    )
    assert len(looks) == len(set(looks.values())) == 8, looks
