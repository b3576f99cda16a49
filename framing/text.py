"""From the caller's string to tokens, with the way back: every place found maps to an offset of that very string.

A text is *cleaned* first: control characters become spaces, invisible characters go, accents are composed (NFC), lone
surrogates and characters newer than the pinned Unicode 14.0 become U+FFFD. A cleaned text has three properties the rest
relies on: `\\w` and `str.lower` mean the same on every Python, lower case has the same length, and most texts are
clean already, so nothing is copied.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from framing.errors import InputError, TextTooLong
from framing.patterns import pattern
from framing.unicode14 import COMPOSING, CONTROL, MARKS, UNASSIGNED, ZERO_WIDTH

MAX_CHARACTERS = 1_000_000
"""Longest text that is read, in characters; an article has about 5,000."""

WORD = r"\w+(?:['’-]\w+)*"
"""A word: contractions and hyphenated compounds are one."""

TOKEN = pattern(rf"{WORD}|[^\w\s]")
"""A word or one punctuation character."""

# Replaced before tokens become features, so that type-setting does not become style.
TYPOGRAPHY = (("’", "'"), ("‘", '"'), ("“", '"'), ("”", '"'), ("–", "—"))
# A capitalised word inside a sentence (after a word, comma or semicolon and one space) is a name, but for "I".
NAME = pattern(r" [A-Z](?<=[\w,;] .)(?!(?<= I)(?:'\w+)?(?![\w-]))\w*(?:['-]\w+)*")
NUMBER = pattern(r"\d+")
NAME_TOKEN, NUMBER_TOKEN = "_", "0"

_SURROGATES = "\\ud800-\\udfff"
_DOTTED_I = "İ"
_ODD = f"{CONTROL}{ZERO_WIDTH}{UNASSIGNED}{COMPOSING}{_SURROGATES}{_DOTTED_I}"
# Most of a text; none of these is odd. A look at a few ranges spares one at some hundred.
_COMMON = "\n -~¡-¬®-įı-ʯ‐-‧€"
_CURIOUS = pattern(f"(?![{_COMMON}])[{_ODD}\u0370-\u03ff\u0400-\u052f]")
_ODD_RUN = pattern(f"(?:(?![{_COMMON}])[{_ODD}])+")
_DROPPED = pattern(f"[{ZERO_WIDTH}]")
_BLANKED = pattern(f"[{CONTROL}]")
_REPLACED = pattern(f"[{UNASSIGNED}{_SURROGATES}]")
_LONG_MARKS = pattern(f"([{MARKS}]{{30}})[{MARKS}]+")  # 30 as in the Stream-Safe Text Format, UAX 15
_MIXED = pattern("[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z]")
_TAGS = pattern(r"</(?:p|div|html|body|span|a)>", re.IGNORECASE)


class FramingWarning(UserWarning):
    """Something about an input that its owner would want to know."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A cleaned text and, where cleaning moved anything, the caller's offsets of each of its characters."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The caller's offsets of a stretch of the cleaned text."""
        if self.starts is None or self.ends is None or start >= end:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def find(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the cleaned text that holds the caller's offsets."""
        if self.starts is None or self.ends is None:
            return start, end
        return bisect_left(self.ends, start + 1), bisect_left(self.starts, end)


def clean(text: str) -> Clean:
    """Clean a text.

    Raises
    ------
    InputError
        If it is not a string.
    TextTooLong
        If it has over `MAX_CHARACTERS` characters.
    """
    _check(text)
    if "<" in text and _TAGS.search(text):
        _warn("The text holds HTML tags; they are read as words. Extract the article first: framing reads .html files itself.")
    if (text.isascii() and text.isprintable()) or not _CURIOUS.search(text):
        return Clean(text)
    if _MIXED.search(text):
        _warn("The text holds words that mix Latin with Greek or Cyrillic letters; they match no known word.")
    return _careful(text)


def check_text(value: Any, name: str = "text") -> str:
    """The value if it is a string of a length that is read, else the error that tells why not."""
    _check(value, name)
    return str(value)


def _check(text: Any, name: str = "text") -> None:
    if isinstance(text, (bytes, bytearray)):
        raise InputError(f"{name} must be str, got {type(text).__name__}. Decode it first: {name}.decode('utf-8').")
    if not isinstance(text, str):
        raise InputError(f"{name} must be str, got {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise TextTooLong(f"A text may have {MAX_CHARACTERS:,} characters, got {len(text):,}. Split it into articles.")


def _careful(text: str) -> Clean:
    """Rebuild a text that holds odd characters, run by run, keeping the way back."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for run in [*_ODD_RUN.finditer(text), None]:
        low, high = (max(at, run.start() - 1), run.end()) if run else (len(text), len(text))  # marks compose with what stands before
        parts.append(text[at:low])
        starts.extend(range(at, low))
        ends.extend(range(at + 1, low + 1))
        if run:
            _mend(text[low:high], low, parts, starts, ends)
        at = high
    if _SURROGATE.search(text):
        _warn("The text holds lone surrogates; each is read as U+FFFD.")
    return Clean("".join(parts), starts, ends)


_SURROGATE = pattern(f"[{_SURROGATES}]")


def _mend(run: str, low: int, parts: list[str], starts: list[int], ends: list[int]) -> None:
    """Append one run of odd characters, cleaned: each character alone, or composed marks as one."""
    kept = _REPLACED.sub("\ufffd", _BLANKED.sub(" ", run))
    places = [i for i, char in enumerate(kept) if not _DROPPED.match(char)]
    visible = "".join(kept[i] for i in places)
    composed = unicodedata.normalize("NFC", _LONG_MARKS.sub(r"\1", visible)).replace(_DOTTED_I, "I")  # "I" and a dot compose to it
    if len(composed) == len(places):
        starts.extend(low + i for i in places)
        ends.extend(low + i + 1 for i in places)
    else:
        starts.extend(low for _ in composed)
        ends.extend(low + len(run) for _ in composed)
    parts.append(composed)


def _warn(message: str) -> None:
    warnings.warn(message, FramingWarning, stacklevel=4)


def fold(text: str) -> str:
    """A cleaned text as features see it: one quotation mark, names and numbers masked, lower case; token for token."""
    for char, plain in TYPOGRAPHY:
        text = text.replace(char, plain)
    text = NAME.sub(f" {NAME_TOKEN}", text)
    return NUMBER.sub(NUMBER_TOKEN, text).lower()
