"""Bad input 74: scripts in a text, a headline, a target, a file's name or a label are words like others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from payloads import PAYLOADS
from serving import Served, serving
from slices import small_model

from framing.linear import Linear

TEXT = "The mayor may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money and voters."

FILL = """([first, second, text]) => {
    const form = document.querySelector("form");
    [[first, ""], [second, "2"]].forEach(([payload, n]) => {
        form.elements[`text${n}`].value = `${payload} ${text} “${payload}” may ${payload}`;
        form.elements[`title${n}`].value = payload;
    });
    form.elements.target.value = first;
    form.requestSubmit();
}"""
DROP = """([first, second, data]) => {
    const form = document.querySelector("form");
    [[first, ""], [second, "2"]].forEach(([payload, n]) => {
        const all = new DataTransfer();
        all.items.add(new File([data], payload));
        form.elements[`text${n}`].value = "";
        form.elements[`file${n}`].files = all.files;
    });
    form.requestSubmit();
}"""
OPEN = """() => {
    document.querySelectorAll("details").forEach((one) => { one.removeAttribute("name"); one.open = true; });
    document.querySelectorAll(".text mark[tabindex]").forEach((mark) => mark.focus());
}"""
STRANGE = """() => {
    const ours = "A B BODY BUTTON CAPTION CIRCLE DETAILS DIV FIELDSET FOOTER FORM H1 H2 HEAD HEADER HTML I INPUT LABEL LEGEND LI LINE LINK "
        + "MAIN MARK META NAV OL P Q RECT SCRIPT SECTION SMALL SPAN SUMMARY SVG TABLE TBODY TD TEXTAREA TH THEAD TITLE TR UL";
    const known = new Set(ours.split(" "));
    const leads = (each) => ["href", "src", "action"].includes(each.name) && !/^[/#]/.test(each.value);
    const odd = (one) => !known.has(one.tagName.toUpperCase())
        || [...one.attributes].some((each) => each.name.startsWith("on") || leads(each) || (each.name === "style" && one.id !== "tip"))
        || (one.tagName === "SCRIPT" && one.getAttribute("src") !== "/page.js");
    return [...document.querySelectorAll("*")].filter(odd).map((one) => one.outerHTML);
}"""
"""Elements that are not of the page's kinds, or carry what runs or leads elsewhere."""


def nothing_ran(watched: Any) -> None:
    """Not a script, not a request, not an element of theirs, and nothing that only the policy had to stop."""
    page = watched.page
    page.evaluate(OPEN)
    assert page.evaluate("window.ran") is None
    assert page.evaluate(STRANGE) == []
    assert page.evaluate("document.title").endswith("framing")
    assert watched.foreign == []
    assert [line for line in watched.said if "422" not in line] == []


PAIRS = list(zip(PAYLOADS[::2], PAYLOADS[1::2], strict=True))


@pytest.mark.parametrize("part", range(4))
def test_bad_input_74_scripts_in_text_title_and_target_are_inert(watched: Any, part: int) -> None:
    page = watched.page
    page.goto(f"{watched.url}/compare")
    for pair in PAIRS[part::4]:
        with page.expect_navigation():
            page.evaluate(FILL, [*pair, TEXT])
        nothing_ran(watched)
        shown = page.locator(".text").all_inner_texts()
        assert len(shown) == 2 and all("The mayor may resign on Monday" in text for text in shown), pair


def test_bad_input_74_scripts_in_a_file_name_are_inert(watched: Any) -> None:
    page = watched.page
    page.goto(f"{watched.url}/compare")
    for first, second in PAIRS:
        with page.expect_navigation():
            page.evaluate(DROP, [f"{first}.csv", f"{second}.csv", "a,b"])  # a table is refused by its name
        nothing_ran(watched)
        assert "is a table" in page.get_by_role("alert").first.inner_text()
    watched.said.clear()


@pytest.fixture(scope="module")
def odd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page whose model has our payloads as the names of its labels and heads."""
    small = small_model()
    frames = small.trained["frames"]
    many = math.ceil(len(PAYLOADS) / len(frames.labels))
    old = frames.linear
    linear = Linear(old.vocabulary, old.idf, (tuple(old.coef) * many)[:200], (tuple(old.intercept) * many)[:200])
    tone = small.trained["tone"]
    named = "'\"><img src=x onerror=window.ran=1>"
    heads = {
        "tone": replace(tone, labels=("<script>window.ran=1</script>", named)),
        "frames": replace(frames, labels=PAYLOADS, linear=linear, thresholds=(0.0,) * 100 + (1.0,) * 100),
        named: replace(tone, name=named, labels=("no", "</summary><script>window.ran=1</script>")),
    }
    folder = tmp_path_factory.mktemp("models") / "odd"
    replace(small, trained={**small.trained, **heads}).save(folder)
    with serving("--workers", "1", "--model", str(folder)) as served:
        yield served


def test_bad_input_74_scripts_in_labels_are_inert(context: Any, odd_server: Served) -> None:
    from conftest import Watched

    watched = Watched(context.new_page(), odd_server.url)
    for path, texts in (("/", ["text"]), ("/compare", ["text", "text2"])):
        watched.page.goto(odd_server.url + path)
        for name in texts:
            watched.page.locator(f"#{name}").fill(f"{TEXT} {TEXT}")
        watched.page.locator("form button").click()
        watched.page.wait_for_selector(".text")
        nothing_ran(watched)
        assert watched.page.locator("details.frame").count() == 200 * len(texts)
        assert "<img src=x" in watched.page.locator(".answers").first.inner_text()


def test_a_script_would_be_noticed(watched: Any, tmp_path: Path) -> None:
    watched.page.goto(watched.url)
    watched.page.evaluate("document.body.append(Object.assign(document.createElement('img'), {src: 'http://192.0.2.1/x'}))")
    with pytest.raises(AssertionError):
        nothing_ran(watched)
    watched.page.wait_for_timeout(200)
    watched.foreign.clear()
    assert any("Content Security Policy" in line for line in watched.said)  # and the policy stopped it
    watched.said.clear()
