"""Sentences, quotations and voice: golden cases, properties on any string, and what a stray mark may do."""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.sentences import NEVER, SOMETIMES, STARTERS, quoted, split, voices, voices_at

GOLDEN = Path(__file__).parent / "golden"
PIECES = st.lists(
    st.sampled_from(
        [*"aAsI1 .!?…\n\t\"'“”‘’()[]-–•:,/@&", "\u00a0", "\u2028", "Mr", "U.S.", "a.m.", "Inc.", "The ", "said ", "1. ", "...", "[1]"]
    ),
    max_size=60,
).map("".join)
TEXTS = st.one_of(st.text(max_size=80), PIECES)
ARTICLE = [
    "The council met on Tuesday. It voted to close the library.",
    "“We lost,” she said. “We will be back,” she added, and left.",
    "He called it \"a joke\" and the 'plan' of fools. Nobody laughed.",
    "‘It isn’t over,’ he said. The Smiths’ house burned in the ’90s.",
    "The trial begins in May.",
]


def golden(name: str) -> list[Any]:
    rows = [json.loads(line) for line in (GOLDEN / name).read_text(encoding="utf-8").split("\n") if line]
    return [pytest.param(row, id=row["note"]) for row in rows]


def pieces(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize("case", golden("sentences.jsonl"))
def test_sentences_are_those_of_the_golden_file(case: dict[str, Any]) -> None:
    assert pieces(case["text"], split(case["text"])) == case["sentences"]


@pytest.mark.parametrize("case", golden("quotes.jsonl"))
def test_quotations_and_voices_are_those_of_the_golden_file(case: dict[str, Any]) -> None:
    text = case["text"]
    spans = quoted(text)
    assert pieces(text, spans) == case["quoted"]
    assert voices(text, split(text), spans) == case["voices"]


def test_golden_files_are_large_enough() -> None:
    assert len(golden("sentences.jsonl")) >= 170
    assert len(golden("quotes.jsonl")) >= 40


def test_abbreviation_lists_are_apart() -> None:
    assert not NEVER & SOMETIMES
    assert all(word.isalpha() and word[0].isupper() for word in STARTERS)


@pytest.mark.parametrize("case", golden("sentences.jsonl"))
def test_a_sentence_alone_is_one_sentence(case: dict[str, Any]) -> None:
    for sentence in case["sentences"]:
        assert split(sentence) == [(0, len(sentence))]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_sentences_cover_all_that_is_not_blank(text: str) -> None:
    spans = split(text)
    for start, end in spans:
        assert start < end
        assert text[start:end] == text[start:end].strip()
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert "".join("".join(pieces(text, spans)).split()) == "".join(text.split())
    assert bool(spans) == bool(text.strip())


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_a_blank_line_parts_two_texts(one: str, two: str) -> None:
    one += "a"
    shift = len(one) + 2
    assert split(one + "\n\n" + two) == split(one) + [(start + shift, end + shift) for start, end in split(two)]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_quotations_are_apart_and_stand_behind_a_mark(text: str) -> None:
    spans = quoted(text)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""
        assert text[:start].rstrip()[-1:] in tuple("\"'“‘")
        assert "\n\n" not in text[start:end]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_voice_is_the_majority_of_word_characters(text: str) -> None:
    sentences, quotations = split(text), quoted(text)
    inside = {place for start, end in quotations for place in range(start, end)}
    for (start, end), voice in zip(sentences, voices(text, sentences, quotations), strict=True):
        words = [place for place in range(start, end) if re.match(r"\w", text[place])]
        assert (voice == "quoted") == (2 * sum(place in inside for place in words) > len(words))
    everywhere = range(len(text))
    assert voices_at(everywhere, quotations) == ["quoted" if place in inside else "author" for place in everywhere]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@settings(max_examples=200, deadline=None)
@given(mark=st.sampled_from("\"“”'‘’"), paragraph=st.integers(0, 4), place=st.integers(0, 60))
def test_a_stray_mark_stays_in_its_paragraph(gap: str, mark: str, paragraph: int, place: int) -> None:
    lines = list(ARTICLE)
    lines[paragraph] = lines[paragraph][:place] + mark + lines[paragraph][place:]
    text = gap.join(lines)
    start = sum(len(line) + len(gap) for line in lines[:paragraph])
    end = start + len(lines[paragraph])
    others = [text[a:b] for a, b in quoted(text) if b <= start or a > end]
    expected = [piece for index, line in enumerate(ARTICLE) if index != paragraph for piece in pieces(line, quoted(line))]
    assert others == expected
    assert all(start <= a and b <= end for a, b in quoted(text) if not (b <= start or a > end))


def test_an_unclosed_mark_in_a_text_without_line_breaks_ends_somewhere() -> None:
    text = "He said: “It is over. " + "The council met on Tuesday. " * 200
    assert quoted(text)[0][1] < 2100
    assert quoted(text + "They said “no” again.")[-1] == (len(text) + 11, len(text) + 13)


def test_voice_of_nothing() -> None:
    assert voices("", [], []) == []
    assert voices("...", [(0, 3)], []) == ["author"]
    assert voices_at([0, 5], []) == ["author", "author"]


def test_voice_of_a_cue_goes_by_its_first_character() -> None:
    text = "He “may go” perhaps."
    assert voices_at([text.index("may"), text.index("perhaps"), text.index("“")], quoted(text)) == ["quoted", "author", "author"]


UNITS = [
    "a",
    ".",
    '"',
    "“",
    "”",
    "'",
    "‘",
    "s’ a ",
    " ",
    "\n",
    "a\n",
    "A. ",
    "Mr. ",
    '. " a',
    "- ",
    ".[1]",
    "? Aa Aa ",
    "“a\n",
    "‘“a”’ ",
    "\u2028\n",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("opening", ["", "“", "‘", '"'])
def test_time_is_bounded_on_adversarial_text(unit: str, opening: str) -> None:
    """A quadratic rule takes minutes here; the bound is generous because machines are shared."""
    text = opening + unit * (300_000 // len(unit))
    begin = time.process_time()
    spans, quotations = split(text), quoted(text)
    assert len(voices(text, spans, quotations)) == len(spans)
    assert time.process_time() - begin < 6
