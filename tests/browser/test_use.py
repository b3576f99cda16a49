"""The page as it is used: by mouse, by keyboard, by a screen reader, without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import Served

TEXT = (
    "The mayor may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money "
    "and not about the voters of the city. “The plan may fail,” she said."
)


def type_and_send(page: Page) -> None:
    page.get_by_role("textbox", name="Article").fill(TEXT)
    page.get_by_label("Headline").fill("Mayor under fire")
    page.get_by_role("button", name="Read it").click()


def test_a_pasted_article_comes_back_marked(page: Page) -> None:
    type_and_send(page)
    expect(page.get_by_role("heading", name="Mayor under fire")).to_be_visible()
    expect(page.locator(".text mark.epistemic").first).to_have_text("may")
    answers = page.get_by_role("region", name="Answers")
    for label in ("Tone", "Hedging", "Valence", "Frames"):
        expect(answers.get_by_text(label, exact=True)).to_be_visible()
    page.get_by_text("Change the text or its target").click()
    expect(page.get_by_role("textbox", name="Article")).to_have_value(TEXT)
    expect(page.get_by_label("Headline")).to_have_value("Mayor under fire")


def test_a_cue_tells_its_type_probability_and_reasons_under_the_pointer(example: Page) -> None:
    tip = example.locator("#tip")
    expect(tip).to_be_hidden()
    example.locator(".text mark", has_text="unclear").hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("epistemic, possible, not certain")
    expect(tip).to_contain_text(re.compile(r"probability 0\.\d\d"))
    expect(tip).to_contain_text(re.compile(r"the word itself [+−-]\d"))
    assert not overlap(example, "#tip", ".text mark:hover")
    tip.hover()  # WCAG 1.4.13: one may go there, to read or to select
    example.wait_for_timeout(400)
    expect(tip).to_be_visible()
    example.locator("header").hover()
    expect(tip).to_be_hidden()


def overlap(page: Page, first: str, second: str) -> bool:
    a, b = (page.locator(each).bounding_box() for each in (first, second))
    assert a is not None and b is not None
    return a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"] and a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]


def test_a_cue_tells_the_same_to_the_keyboard_and_escape_closes_it(example: Page) -> None:
    cues = example.locator(".text mark[tabindex]")
    example.locator(".legend input").last.focus()
    tip = example.locator("#tip")
    for number in range(3):
        example.keyboard.press("Tab")
        expect(cues.nth(number)).to_be_focused()
        expect(tip).to_contain_text(cues.nth(number).inner_text())
    example.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(cues.nth(2)).to_be_focused()


def described(page: Page, selector: str) -> dict[str, str]:
    """What the browser tells a screen reader of an element."""
    session = page.context.new_cdp_session(page)
    handle = session.send("Runtime.evaluate", {"expression": f"document.querySelector({selector!r})"})["result"]["objectId"]
    tree: Any = session.send("Accessibility.getPartialAXTree", {"objectId": handle, "fetchRelatives": False})
    node = tree["nodes"][0]
    return {name: str(node.get(name, {}).get("value", "")) for name in ("role", "name", "description")}


def test_a_screen_reader_is_told_what_a_cue_is(example: Page) -> None:
    example.locator(".text mark.epistemic").first.focus()
    found = described(example, ".text mark.epistemic")
    assert found["role"] == "mark"
    assert re.match(r"could epistemic, possible, not certain probability 0\.\d\d .*the word itself \+", found["description"]), found


def test_the_accessibility_tree_reads_as_the_page_does(example: Page) -> None:
    tree = example.locator("body").aria_snapshot()
    for part in (
        'link "framing"',
        'navigation "Pages"',
        'link "One text"',
        'group "Marks: choose which are shown"',
        'region "Article"',
        'region "Answers: Council backs toll on harbour bridge, with details to come"',
        'heading "Council backs toll on harbour bridge, with details to come" [level=2]',
        'heading "Frames" [level=2]',
    ):
        assert part in tree, f"{part}\n{tree}"
    assert re.search(r'checkbox "epistemic \d possible, not certain" \[checked\]', tree), tree


def test_the_legend_filters(example: Page) -> None:
    mark = example.locator(".text mark.epistemic").first

    def line() -> str:
        return str(mark.evaluate("mark => getComputedStyle(mark).textDecorationColor"))

    drawn = line()
    example.get_by_role("checkbox", name=re.compile("^epistemic")).uncheck()
    assert line() == "rgba(0, 0, 0, 0)" != drawn
    vague = example.locator(".text mark.vague").first
    assert "gradient" in str(vague.evaluate("mark => getComputedStyle(mark).backgroundImage"))
    example.get_by_role("checkbox", name=re.compile("^vague")).press("Space")
    assert vague.evaluate("mark => getComputedStyle(mark).backgroundImage") == "none"
    example.get_by_role("checkbox", name=re.compile("^epistemic")).check()
    assert line() == drawn
    quoted = example.locator(".text q").first
    toned = quoted.evaluate("q => getComputedStyle(q).color")
    example.get_by_role("checkbox", name=re.compile("^quoted speech")).uncheck()
    assert quoted.evaluate("q => getComputedStyle(q).color") != toned


def test_loaded_sentences_are_shaded_and_the_shade_can_be_taken_off(watched: Any) -> None:
    watched.page.goto(f"{watched.url}/compare/example")
    shade = watched.page.locator(".text .loaded").first
    assert "232, 163, 23" in shade.evaluate("span => getComputedStyle(span).backgroundColor")
    watched.page.get_by_role("checkbox", name=re.compile("^loaded sentence")).uncheck()
    assert shade.evaluate("span => getComputedStyle(span).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_a_label_opened_shows_the_words_that_drove_it_in_the_text_too(example: Page) -> None:
    count = "() => [...document.querySelectorAll('.text span')].filter(span => {}).length"
    lit = count.replace("{}", "getComputedStyle(span).backgroundColor !== 'rgba(0, 0, 0, 0)'")
    assert example.evaluate(lit) == 0
    tone = example.locator("details.answer").first
    tone.locator("summary").click()
    expect(tone.locator(".side").first).to_contain_text("Toward measured")
    expect(tone.locator(".side.t li").first).to_be_visible()
    assert example.evaluate(lit) > 0
    assert example.evaluate(count.replace("{}", "getComputedStyle(span).outlineStyle === 'dashed'")) > 0
    frame = example.locator("details.frame").first
    frame.locator("summary").press("Enter")
    expect(frame.locator(".side").first).to_be_visible()
    expect(tone.locator(".side").first).to_be_hidden()  # one label at a time
    frame.locator("summary").press("Space")
    assert example.evaluate(lit) == 0


def test_two_articles_are_compared(watched: Any) -> None:
    page = watched.page
    page.goto(watched.url)
    page.get_by_role("link", name="Two, side by side").click()
    page.get_by_label("First article").fill(TEXT)
    page.get_by_label("Second article").fill("They lied, of course, and the shameless council should be ashamed. " * 4)
    page.get_by_role("button", name="Compare").click()
    table = page.get_by_role("table")
    expect(table.get_by_role("row", name=re.compile("Loaded tone"))).to_be_visible()
    expect(table.get_by_role("row")).not_to_have_count(0)
    sections = page.locator("section.told")
    expect(sections).to_have_count(2)
    first, second = (sections.nth(n).locator(".body").bounding_box() for n in (0, 1))
    assert abs(first["y"] - second["y"]) < 1 and second["x"] > first["x"] + first["width"] - 1


@pytest.mark.parametrize("name", ["news.txt", "news.html"])
def test_a_chosen_file_is_read(page: Page, files: Path, name: str) -> None:
    page.get_by_label("Or a file").set_input_files(files / name)
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".text mark.epistemic").first).to_have_text("may")
    expect(page.locator(".text")).not_to_contain_text("Menu")


@pytest.mark.parametrize("name", ["news.txt", "news.html"])
def test_a_dropped_file_is_read(page: Page, files: Path, name: str) -> None:
    drop(page, ".draft", (files / name).read_text(encoding="utf-8"), name)
    expect(page.locator(".text mark.epistemic").first).to_have_text("may")
    expect(page.locator(".text")).not_to_contain_text("Menu")


def drop(page: Page, selector: str, content: str, name: str) -> None:
    made = "([content, name]) => { const all = new DataTransfer(); all.items.add(new File([content], name)); return all; }"
    page.dispatch_event(selector, "drop", {"dataTransfer": page.evaluate_handle(made, [content, name])})


def test_too_much_is_said_before_it_is_sent(page: Page) -> None:
    page.get_by_label("Article", exact=True).fill("word " * 250_000)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_contain_text("over 1 MiB")
    expect(page.get_by_role("button", name="Read it")).to_be_enabled()


def test_an_empty_form_is_answered_with_what_to_do(page: Page, watched: Any) -> None:
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is no text. Paste one, or choose a file.")
    (said,) = watched.said  # the browser notes the status
    assert "422" in said
    watched.said.clear()


def test_everything_goes_by_keyboard_alone(watched: Any) -> None:
    page = watched.page
    page.goto(watched.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the form")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text(TEXT)
    with page.expect_navigation(wait_until="load"):  # a key pressed into a page that is still coming moves no focus
        page.keyboard.press("Control+Enter")
    expect(page.locator(".text mark.epistemic").first).to_have_text("may")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the answers")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#answers-a$"))
    page.keyboard.press("Tab")
    expect(page.locator("details.answer summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("details.answer").first.locator(".side").first).to_be_visible()


def test_without_javascript_the_answer_its_reasons_and_the_filter_are_there(browser: Browser, server: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    type_and_send(page)
    expect(page.locator(".text mark.epistemic").first).to_be_visible()
    page.locator("details.answer summary").first.click()
    expect(page.locator("details.answer .side").first).to_be_visible()
    page.get_by_text("cues with their reasons").click()
    expect(page.locator(".list li").first).to_contain_text("the word itself")
    page.get_by_role("checkbox", name=re.compile("^epistemic")).uncheck()
    expect(page.locator(".text mark.epistemic").first).to_have_css("text-decoration-color", "rgba(0, 0, 0, 0)")
    context.close()
