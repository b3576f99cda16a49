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
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

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
# Most of a text; none of these is odd. A look at a few ranges spares one at some hundred, soonest where an expression begins with it.
_COMMON = "\n -~¡-¬®-įı-ʯ‐-‧€"
_CURIOUS = pattern(f"[^{_COMMON}](?<=[{_ODD}\u0370-\u052f])")
_ODD_RUN = pattern(f"[^{_COMMON}](?<=[{_ODD}])(?:(?![{_COMMON}])[{_ODD}])*")
_DROPPED = pattern(f"[{ZERO_WIDTH}]")
_BLANKED = pattern(f"[{CONTROL}]")
_REPLACED = pattern(f"[{UNASSIGNED}{_SURROGATES}]")
SURROGATE = pattern(f"[{_SURROGATES}]")
_UNSEEN = pattern(f"[{ZERO_WIDTH}{CONTROL}{UNASSIGNED}{_SURROGATES}]")  # what is dropped, blanked or replaced
_LONG_MARKS = pattern(f"([{MARKS}]{{30}})[{MARKS}]+")  # 30 as in the Stream-Safe Text Format, UAX 15
_MIXED = pattern("[\u0370-\u052f](?:(?<=[A-Za-z].)|(?=[A-Za-z]))")  # it begins with what is rare, which is found quickest
_TAGS = pattern(r"</(?:p|div|html|body|span|a)>", re.IGNORECASE)

_Mended: TypeAlias = "tuple[str, list[tuple[int, int, int]]]"
"""What a run becomes, and the stretches (place, offset, width) that begin in it or behind it."""


class FramingWarning(UserWarning):
    """Something about an input that its owner would want to know."""


@dataclass(frozen=True, slots=True)
class Way:
    """From a cleaned text back to the caller's: where each stretch of it begins, and what it stands for.

    Attributes
    ----------
    places, offsets : array of int
        The first character of each stretch in the cleaned text and in the caller's.
    widths : array of int
        0 where the stretch has the caller's characters one by one; else how many of them all of it stands for.
    """

    places: array[int] = field(default_factory=lambda: array("I", [0]))
    offsets: array[int] = field(default_factory=lambda: array("I", [0]))
    widths: array[int] = field(default_factory=lambda: array("I", [0]))

    def add(self, place: int, offset: int, width: int) -> None:
        """Another stretch."""
        self.places.append(place)
        self.offsets.append(offset)
        self.widths.append(width)

    def start(self, place: int) -> int:
        """The caller's offset at which a character of the cleaned text begins."""
        at = bisect_right(self.places, place) - 1
        return self.offsets[at] if self.widths[at] else self.offsets[at] + place - self.places[at]

    def end(self, place: int) -> int:
        """The caller's offset at which it ends."""
        at = bisect_right(self.places, place) - 1
        return self.offsets[at] + (self.widths[at] or place - self.places[at] + 1)


class Clean(NamedTuple):
    """A cleaned text and, where cleaning changed anything, the way back."""

    text: str
    way: Way | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The caller's offsets of a stretch of the cleaned text."""
        if self.way is None or start >= end:
            return start, end
        return self.way.start(start), self.way.end(end - 1)

    def find(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the cleaned text that holds the caller's offsets."""
        if self.way is None:
            return start, end
        places = range(len(self.text))
        return bisect_left(places, start + 1, key=self.way.end), bisect_left(places, end, key=self.way.start)


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
    way = Way()
    mended: dict[str, _Mended] = {}  # the same few runs come again and again
    at = size = 0  # so far of the text, of what is made
    for found in _ODD_RUN.finditer(text):
        low = max(at, found.start() - 1)  # marks compose with what stands before
        run = text[low : found.end()]
        composed, stretches = mended[run] if run in mended else mended.setdefault(run, _mend(run))
        parts += text[at:low], composed
        size += low - at
        for place, offset, width in stretches:
            way.add(size + place, low + offset, width)
        size += len(composed)
        at = found.end()
    if SURROGATE.search(text):
        _warn("The text holds lone surrogates; each is read as U+FFFD.")
    return Clean("".join([*parts, text[at:]]), way)


def _mend(run: str) -> _Mended:
    """A run of odd characters, cleaned, and where it parts from the caller's: each character alone, or composed marks as one."""
    kept, places = _kept(run)
    composed = unicodedata.normalize("NFC", _LONG_MARKS.sub(r"\1", kept) if len(kept) > 30 else kept)
    composed = composed.replace(_DOTTED_I, "I")  # "I" and a dot compose to it
    if len(composed) != len(kept):
        return composed, [(0, 0, len(run)), (len(composed), len(run), 0)]
    shifts = [0, *(place - n for n, place in enumerate(places)), len(run) - len(kept)]
    return composed, [(n, n + new, 0) for n, (old, new) in enumerate(pairwise(shifts)) if new != old]


def _kept(run: str) -> tuple[str, Sequence[int]]:
    """What is seen of a run, and where each of its characters stands in it."""
    if not _UNSEEN.search(run):
        return run, range(len(run))
    replaced = _REPLACED.sub("\ufffd", _BLANKED.sub(" ", run))
    places = [n for n, char in enumerate(replaced) if not _DROPPED.match(char)]
    return "".join(replaced[n] for n in places), places


def _warn(message: str) -> None:
    warnings.warn(message, FramingWarning, stacklevel=4)


def fold(text: str) -> str:
    """A cleaned text as features see it: one quotation mark, names and numbers masked, lower case; token for token."""
    for char, plain in TYPOGRAPHY:
        text = text.replace(char, plain)
    text = NAME.sub(f" {NAME_TOKEN}", text)
    return NUMBER.sub(NUMBER_TOKEN, text).lower()
