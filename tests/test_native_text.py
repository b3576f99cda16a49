"""The kernel's text layer is the pure engine's, to the last character."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from awkward import PIECES, TEXTS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from framing import features, language
from framing.text import _CURIOUS, clean
from framing.training import read_rows

native = pytest.importorskip("framing._native", reason="The kernel is not built: pip install -e . with a C++ compiler builds it.")

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
PARTS = ("sentences", "voices", "quoted", "tokens", "words", "folded", "bounds", "language")
INVALID, UNCLEAN, TOO_LONG = 1, 2, 4
MUTATIONS = int(os.environ.get("FRAMING_MUTATIONS", "3000"))
"""How many changed texts are compared; docs/measurements.md tells how many were once."""

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")

MARKS = (
    *"aAsI1 .!?…\n\t\"'“”‘’()[]-–—•:,;/@&%<>{}*_+=0٣²Σσςʰˑ·ⒶKȺẞǅ½",
    *("\u00a0", "\u2028", "\x85", "\x1c", "\n\n", " \n ", "\n- ", "\na) ", "1. ", "[1]", " . ", "...", "day, M"),
    *("Mr", "U.S.", "a.m.", "Inc.", "Sept.", "No.", ".com", "www.", "The ", "said ", "iPhone", "al-Shabab", "'90s", "’em"),
    *(
        "May 1, 2024",
        "\nSept. 12, 2021",
        ": b. ",
        "U.S.Sen. ",
        "[12]",
        "[1234]",
        "5 P.M. ",
        "Yahoo! ",
        "... I ",
        "a@b",
        "//",
        "/x.y/z",
        "By J",
    ),
    *(
        "\n\u00a0",
        "Jo Lee Ann Mc’X said ",
        "Abcdefghijklmnopqrstuv asked ",
        "Don. ",
        "Jan. 3 ",
        "co. The ",
        "X. The ",
        "s' ",
        "in' ",
        " 'x",
    ),
    *("Tuesday, M", "a plain line of words\n", "word" * 30, " \n\n", "\n1. ", ".Next ", ".Com ", "Ph.D. ", "é. ", "’s ", "“\n"),
    *(" I ", " I'm ", " I’ve ", " I-5 ", "ΣΑΣ ", " Aʰ'Σ", "٣٤"),
)
"""What rules of sentences, quotations and folding look at."""


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(text: str) -> None:
    cleaned = clean(text).text
    seen = features.view(text)
    places = list(zip(seen.starts, seen.ends, strict=True))
    voices = [int(voice == "quoted") for voice in seen.voices]
    tongue = language.identify(seen.words, cleaned)
    expected = (seen.sentences, voices, seen.quoted, places, seen.words, seen.folded, seen.bounds, tongue)
    found = native.view(cleaned.encode())[1:]
    for part, one, other in zip(PARTS, found, expected, strict=True):
        assert one == other, (part, cleaned)


def real_texts() -> Iterator[str]:
    """Golden cases, and what we wrote ourselves, whole and row by row."""
    for path in sorted((ROOT / "tests" / "golden").glob("*.jsonl")):
        yield from (row["text"] for row in read_rows(path))
    for path in sorted((ROOT / "datasets").rglob("*.*")):
        yield path.read_text(encoding="utf-8")[:100_000]


def mutated(chance: random.Random, text: str) -> str:
    """A piece of a text with some characters changed."""
    start = chance.randrange(max(len(text) - 300, 1))
    piece = list(text[start : start + chance.randrange(20, 400)])
    for _ in range(chance.choice((1, 1, 2, 4, 8, 20))):
        place, end = sorted((chance.randrange(len(piece) + 1), chance.randrange(len(piece) + 1)))
        change: Any = chance.randrange(6)
        if change == 0:
            piece[place:place] = chance.choice((MARKS, PIECES))[chance.randrange(len(MARKS)) % len(PIECES)]
        elif change == 1:
            piece[place : place + 1] = chance.choice(MARKS)
        elif change == 2:
            piece[place : place + 1] = [char.swapcase() for char in piece[place : place + 1]]
        elif change == 3:
            piece[place : min(end, place + 5)] = []
        elif change == 4:
            piece[end:end] = piece[place : min(end, place + 20)]
        else:
            marks = [i for i, char in enumerate(piece) if char in " .!?…\n\"'“”‘’,;:-"]
            piece[chance.choice(marks or [0])] = chance.choice((*" .!?…\n\"'“”‘’", "\n\n", "  ", ". ", ' "', "' "))
    return "".join(piece)


def test_word_lists_of_the_kernel_are_those_of_the_modules() -> None:
    make = script("make_word_lists")
    assert make.TARGET.read_text(encoding="ascii") == make.header(), "Run scripts/make_word_lists.py."


def test_every_character_is_read_alike() -> None:
    known = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) not in ("Cn", "Co", "Cs")]
    for low in range(0, len(known), 20_000):
        compare(" ".join(known[low : low + 20_000]))
        compare("".join(f"{char}A’Σ\n" for char in known[low : low + 20_000 : 7]))


def test_texts_that_cleaning_may_change_are_told() -> None:
    for point in (*range(0xD800), *range(0xE000, 0x32000), *range(0x32000, sys.maxunicode + 1, 61), *range(0xE0000, 0xE0200)):
        char = chr(point)
        assert bool(native.view(char.encode())[0] & UNCLEAN) == bool(_CURIOUS.search(char)), hex(point)
    assert [native.view(text)[0] for text in (b"a < b", b"<p>", b"</p>", b"x" * 63 + b"</p>")] == [0, 0, UNCLEAN, UNCLEAN]


@pytest.mark.parametrize(
    "data", [b"\xff", b"caf\xe9", b"a\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x80", b"\xe2\x80\x99\x99"]
)
def test_what_is_no_utf8_is_refused(data: bytes) -> None:
    assert native.view(data) == (INVALID, [], [], [], [], [], [], [], None)


def test_a_text_of_over_64_megabytes_is_refused() -> None:
    assert native.view(bytes(2**26 + 1)) == (TOO_LONG, [], [], [], [], [], [], [], None)


def test_texts_of_the_project_are_read_alike() -> None:
    for text in real_texts():
        compare(text)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="The corpora lie beside a developer's checkout only.")
def test_corpora_are_read_alike() -> None:
    for path in sorted(CORPORA.glob("*/*.jsonl.gz")):
        for row in read_rows(path)[::40]:
            compare(row["text"])


@settings(max_examples=600)
@given(st.one_of(TEXTS, st.lists(st.sampled_from(MARKS), max_size=60).map("".join)))
@example(" Aʰ’’Σ")
@example("a‘Σ")
@example("said Jane’’Σ. Σ’ Σ")
@example("x" * 63 + "’" + "y" * 64 + "-")
def test_any_text_is_read_alike(text: str) -> None:
    compare(text)


def test_changed_texts_are_read_alike() -> None:
    chance = random.Random(4)
    texts = [text for text in real_texts() if len(text) > 10]
    for _ in range(MUTATIONS):
        compare(mutated(chance, chance.choice(texts)))


def test_mixed_languages_are_told_alike() -> None:
    chance = random.Random(7)
    pools = [words.split() for words in language.FUNCTION_WORDS.values()]
    pools += [
        [word for pool in pools for word in pool],
        sorted(language.PARTICLES),
        ["中文", "かな", "한국어", "ру", "ўзд", "12", "٣٤", "x" * 45],
    ]
    for _ in range(300):
        some = [chance.choice(pools) for _ in range(chance.choice((1, 2, 3)))]
        compare(" ".join(chance.choice(chance.choice(some)) for _ in range(chance.choice((1, 3, 8, 19, 20, 40, 400, 450)))))


@pytest.mark.parametrize(
    "piece", ["a", " ", "\n", ".", '"', "“", "'", " '", "‘", "\u0301", "a\n", ". ", ' " ', "’Σ", "[1]", ". -", "“x. ", ".'", "A."]
)
def test_a_megabyte_of_anything_takes_linear_time(piece: str) -> None:
    compare(piece * (20_000 // len(piece)))
    data = (piece * (1_000_000 // len(piece))).encode()
    before = time.perf_counter()
    native.view(data)
    assert time.perf_counter() - before < 10
