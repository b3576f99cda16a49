"""A sentence's own cues are found wherever it stands: first, in the middle, last, in a paragraph of its own."""

from __future__ import annotations

from typing import Any

import pytest

from framing import Model

BEFORE = "The council met on Monday in the old mill. Nine members came, and the session lasted three hours."
AFTER = "The library opens at ten on Friday. It lends books, maps and tools to people who live in the county."
PLACES = {
    "first": "{}" + f" {BEFORE}",
    "middle": f"{BEFORE} " + "{}" + f" {AFTER}",
    "last": f"{AFTER} " + "{}",
    "a paragraph": f"{BEFORE}\n\n" + "{}" + f"\n\n{AFTER}",
    "after a quotation": "“We meet on Friday,” the clerk said. {}" + f" {AFTER}",
}

Found = list[tuple[int, str, str]]


def cues(model: Model, text: str, start: int, end: int) -> Found:
    """The cues of a stretch of text, counted from its start."""
    return [(cue.start - start, cue.text, cue.type) for cue in model.classify(text).cues if start <= cue.start < end]


@pytest.fixture(scope="module")
def alone(model: Model, sentences: list[dict[str, Any]]) -> list[tuple[str, Found]]:
    """Our sentences without quotation marks that hold a cue by themselves."""
    texts = [row["text"] for row in sentences if row["cues"] and not set(row["text"]) & set("“”\"‘’")][::4]
    return [(text, found) for text in texts if (found := cues(model, text, 0, len(text)))]


def test_the_surroundings_hold_no_cue(model: Model) -> None:
    assert not [cue for text in (BEFORE, AFTER) for cue in model.classify(text).cues]


@pytest.mark.parametrize("place", PLACES)
def test_cues_are_found_wherever_a_sentence_stands(model: Model, alone: list[tuple[str, Found]], place: str) -> None:
    assert len(alone) >= 300
    wrong = []
    for text, found in alone:
        if "{} " in PLACES[place] and not text.endswith((".", "!", "?")):
            continue  # a headline has no stop: on one line it and what follows are one sentence
        whole = PLACES[place].format(text)
        at = whole.index(text)
        if (now := cues(model, whole, at, at + len(text))) != found:
            wrong.append((text, found, now))
    assert not wrong, f"{len(wrong)} of {len(alone)}, the first: {wrong[:3]}"


def test_in_a_long_article(model: Model, articles: list[dict[str, Any]], alone: list[tuple[str, Found]]) -> None:
    """Between the paragraphs of real articles."""
    wrong = []
    for row, (text, found) in zip(articles, alone, strict=False):
        paragraphs = row["text"].split("\n\n")
        half = len(paragraphs) // 2
        before = "\n\n".join(paragraphs[:half])
        whole = "\n\n".join([before, text, *paragraphs[half:]])
        at = len(before) + 2
        if (now := cues(model, whole, at, at + len(text))) != found:
            wrong.append((row["id"], text, found, now))
    assert not wrong, f"{len(wrong)} of {len(articles)}, the first: {wrong[:3]}"
