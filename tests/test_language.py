"""Which language: the golden file, the rates that may not fall, and what any input gets."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.language import BLOCK, BLOCKS, FUNCTION_WORDS, SCRIPTS, STARTS, identify
from framing.text import TOKEN

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "golden" / "languages.jsonl").read_text(encoding="utf-8").split("\n") if line
]
ENGLISH = [row["text"] for row in ROWS if row["language"] == "en"]
FOREIGN = [row for row in ROWS if row["language"] not in ("en", None)]
NEWS = [row["text"] for row in ROWS if row["language"] == "en" and row["note"] == "paragraph"]


def language(text: str) -> str | None:
    return identify(TOKEN.findall(text.replace("’", "'").lower()), text)


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['language']}-{row['note']}-{row['text'][:20]}") for row in ROWS])
def test_languages_are_those_of_the_golden_file(row: dict[str, Any]) -> None:
    assert language(row["text"]) == row["language"]


def test_golden_file_is_large_enough() -> None:
    paragraphs = Counter(row["language"] for row in FOREIGN if row["note"] == "paragraph" and len(row["text"].split()) >= 24)
    assert sum(count >= 12 for count in paragraphs.values()) >= 10
    assert len(ENGLISH) >= 60


def test_english_of_any_length_is_refused_at_most_once_in_a_hundred() -> None:
    pieces = [" ".join(words[at : at + n]) for words in map(str.split, ENGLISH) for n in (3, 6, 12, 24) for at in range(0, len(words), n)]
    refused = [piece for piece in pieces if language(piece) not in ("en", None)]
    assert len(pieces) > 300
    assert len(refused) <= len(pieces) / 100, refused


def test_twenty_foreign_words_are_recognised_ninety_nine_times_in_a_hundred() -> None:
    texts = [row["text"].split() for row in FOREIGN if row["note"] == "paragraph" and row["language"] not in ("zh", "ja")]
    pieces = [" ".join(words[at : at + 20]) for words in texts for at in range(len(words) - 19)]
    accepted = [piece for piece in pieces if language(piece) == "en"]
    assert len(pieces) > 1000
    assert len(accepted) <= len(pieces) / 100, accepted


@pytest.mark.parametrize("other", ["es", "fr", "de", "pl", "ru", "zh"])
def test_a_mixed_text_is_of_its_majority(other: str) -> None:
    foreign = [row["text"] for row in FOREIGN if row["language"] == other and row["note"] == "paragraph"]
    assert language(" ".join([*NEWS, foreign[0]])) == "en"
    assert language(" ".join([NEWS[0], *(foreign * 6)[:12]])) == other


def test_a_long_text_is_read_all_over() -> None:
    spanish = [row["text"] for row in FOREIGN if row["language"] == "es" and row["note"] == "paragraph"]
    assert language(" ".join(spanish[:4] + NEWS * 3)) == "en"
    assert language(" ".join(NEWS[:4] + spanish * 3)) == "es"


def test_the_same_words_with_and_without_punctuation_are_of_one_language() -> None:
    for row in ROWS:
        words = [word for word in TOKEN.findall(row["text"].lower()) if len(word) > 1 or word.isalnum()]
        assert identify(words, row["text"]) == row["language"], row["text"]


def test_junk_of_twenty_words_is_undetermined() -> None:
    draw = random.Random(1)
    for _ in range(200):
        text = " ".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=12)) for _ in range(30))
        assert language(text) == "und", text


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_words_get_an_answer(words: list[str]) -> None:
    answer = identify(words, " ".join(words))
    assert answer is None or (answer.isalpha() and answer.islower() and len(answer) in (2, 3))


@pytest.mark.parametrize("text", ["a" * 1_000_000, "я" * 1_000_000, "1" * 1_000_000, "\ufffd" * 100])
def test_a_megabyte_without_a_space_is_quick(text: str) -> None:
    began = time.perf_counter()
    language(text)
    assert time.perf_counter() - began < 1


def test_an_article_is_quick() -> None:
    text = " ".join(NEWS * 4)
    words = TOKEN.findall(text.lower())[:800]
    assert len(words) == 800 > BLOCKS * BLOCK
    took = []
    for _ in range(50):
        began = time.perf_counter()
        identify(words, text)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.0003  # about 50 us on an idle machine


def test_tables_are_sound() -> None:
    assert sorted(STARTS) == STARTS
    assert len(set(STARTS)) == len(SCRIPTS)
    for code, words in FUNCTION_WORDS.items():
        assert words == words.lower(), code
        assert not [word for word in words.split() if not TOKEN.fullmatch(word) and word != "'n"], code
