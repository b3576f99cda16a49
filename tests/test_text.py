"""Cleaning keeps the way back to the caller's string; folding keeps the tokens."""

from __future__ import annotations

import re
import sys
import time
import unicodedata
import warnings

import pytest
from awkward import PIECES, TEXTS
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import InputError, TextTooLong
from framing.text import MAX_CHARACTERS, TOKEN, FramingWarning, check_text, clean, fold

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


@given(TEXTS)
def test_every_character_keeps_its_way_back(text: str) -> None:
    cleaned = clean(text)
    spans = [cleaned.span(i, i + 1) for i in range(len(cleaned.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    for char, (start, end) in zip(cleaned.text, spans, strict=True):
        if char.isascii() and char not in " I":
            assert char in unicodedata.normalize("NFC", text[start:end]) or char in text[start:end]


@given(TEXTS)
def test_characters_in_the_text_are_found_again(text: str) -> None:
    cleaned = clean(text)
    for i in range(len(cleaned.text)):
        low, high = cleaned.find(*cleaned.span(i, i + 1))
        assert low <= i < high


def listed(text: str) -> list[tuple[str, int, int]]:
    """Every character of the cleaned text with its offsets, each run of odd characters cleaned as a text of its own."""
    made: list[tuple[str, int, int]] = []
    at = 0
    for run in [*ODD.finditer(text), None]:
        low, high = (max(at, run.start() - 1), run.end()) if run else (len(text), len(text))
        made += [(text[n], n, n + 1) for n in range(at, low)]
        kept = [n for n, char in enumerate(text[low:high]) if unicodedata.category(char) != "Cf"]
        mended = clean(text[low:high]).text
        if len(mended) == len(kept):
            made += [(char, low + n, low + n + 1) for char, n in zip(mended, kept, strict=True)]
        else:
            made += [(char, low, high) for char in mended]
        at = high
    return made


ODD = re.compile("[\u0000-\u0008\u0300-\u0345\u00ad\u200b-\u200f\ufeff\ud800-\udfffİ\u212b]+")
ODD_TEXTS = st.text(st.sampled_from("aeIо .\n“é\U0001f600\x00\x07\u0301\u0307\u0344\u00ad\u200b\ufeff\ud800İ\u212b"), max_size=40)


@given(ODD_TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_the_way_back_is_that_of_a_list_of_all_offsets(text: str, low: int, high: int) -> None:
    cleaned, wanted = clean(text), listed(text)
    assert cleaned.text == "".join(char for char, _, _ in wanted)
    assert [cleaned.span(n, n + 1) for n in range(len(wanted))] == [(start, end) for _, start, end in wanted]
    if cleaned.way is not None:
        first = sum(end <= low for _, _, end in wanted)
        assert cleaned.find(low, high) == (first, sum(start < high for _, start, _ in wanted))


@pytest.mark.parametrize("run", ["e\u0301 \u200b", "\u0301a", "\x00a", "a\u200b"])
def test_a_text_of_nothing_but_odd_runs_takes_less_than_its_seconds(run: str) -> None:
    text = run * (MAX_CHARACTERS // len(run))
    began = time.process_time()
    clean(text)
    assert time.process_time() - began < 2


@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once


@given(TEXTS)
def test_lower_case_and_fold_keep_tokens_one_to_one(text: str) -> None:
    cleaned = clean(text).text
    assert len(cleaned.lower()) == len(cleaned)
    assert len(tokens(cleaned)) == len(tokens(cleaned.lower().replace("’", "'"))) == len(tokens(fold(cleaned)))


def test_lower_case_keeps_the_length_of_every_character_there_is() -> None:
    alone = [clean(chr(point)).text for point in range(sys.maxunicode + 1)]
    assert [char for char in alone if len(char.lower()) != len(char)] == []
    assert [char for char in alone if len(tokens(char)) != len(tokens(char.lower()))] == []


@given(st.lists(st.sampled_from([piece for piece in PIECES if piece.isprintable()]), max_size=30).map("".join))
def test_open_accents_are_closed(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)).text == clean(unicodedata.normalize("NFC", text)).text


@pytest.mark.parametrize("mark", ["\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u2066", "\u2069", "\u200e", "\u061c"])
def test_invisible_characters_go_and_offsets_stay(mark: str) -> None:
    cleaned = clean(f"{mark}he m{mark}ay go")
    assert cleaned.text == "he may go"
    assert cleaned.span(3, 6) == (4, 8)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\x00b\x07c", "a b c"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("İstanbul", "Istanbul"),
        ("cafe\u0301", "café"),
        ("a\r\nb", "a\r\nb"),
        ("a😀b", "a😀b"),
    ],
)
def test_what_is_replaced(text: str, wanted: str) -> None:
    assert clean(text).text == wanted


def test_a_clean_text_is_not_copied() -> None:
    text = "Nothing odd “here” – café."
    cleaned = clean(text)
    assert cleaned.text is text and cleaned.way is None


def test_long_runs_of_marks_are_cut() -> None:
    assert len(clean("a" + "\u0301" * 1000 + "b").text) < 40


def test_fold_masks_names_and_numbers_and_levels_marks() -> None:
    assert fold("Yesterday Mary Smith-Jones’s 3 dogs – “bad” – bit I and O'Neill") == 'yesterday _ _ 0 dogs — "bad" — bit i and _'
    assert fold("It was I, not I’m") == "it was i, not i'm"
    assert fold("Stop. The end") == "stop. the end"


@pytest.mark.parametrize("value", [None, 3, float("nan"), ["a"], b"a", bytearray(b"a")])
def test_only_strings_are_texts(value: object) -> None:
    with pytest.raises(InputError, match=rf"text must be str, got {type(value).__name__}"):
        check_text(value)


def test_the_longest_text() -> None:
    assert check_text("a" * MAX_CHARACTERS)
    with pytest.raises(TextTooLong, match="1,000,000"):
        check_text("a" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [("<p>Hello</p>", "HTML"), ("a p\u0430ypal link", "mix Latin"), ("a\ud800", "surrogate")],
    ids=["tags", "mixed", "surrogate"],
)
def test_warnings(text: str, said: str) -> None:
    with pytest.warns(FramingWarning, match=said):
        clean(text)


@pytest.mark.parametrize("text", ["a < b and c > d", "Владимир Putin", "café 😀 İ"])
def test_no_warning_without_a_cause(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clean(text)
