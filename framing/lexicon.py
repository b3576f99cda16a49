"""Word lists that come with a model: terms of one to a few words, each with its category, found in a row of tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from framing.text import TOKEN

Match: TypeAlias = tuple[int, int, str]
"""First token, one past the last token, category or term."""
Begins: TypeAlias = dict[str, tuple[str | None, dict[str, list[int]]]]


@dataclass(frozen=True)
class Lexicon:
    """Terms by their categories; a term is its lower-case tokens joined by single blanks.

    Parameters
    ----------
    terms : mapping of str to str
        Term to category, for example ``{"at long last": "sarcasm"}``.
    """

    terms: Mapping[str, str]

    @cached_property
    def _begins(self) -> Begins:
        return _begins(self.terms)

    def matches(self, tokens: Sequence[str]) -> list[Match]:
        """Every term that stands in the row of lower-case tokens, longer ones first at each place."""
        found = []
        terms = self.terms
        starts = [(start, begin) for start, begin in enumerate(map(self._begins.get, tokens)) if begin]
        for start, (category, longer) in starts:
            if longer and start + 1 < len(tokens):
                for length in longer.get(tokens[start + 1], ()):
                    long = terms.get(" ".join(tokens[start : start + length]))
                    if long is not None and start + length <= len(tokens):
                        found.append((start, start + length, long))
            if category is not None:
                found.append((start, start + 1, category))
        return found


class LexiconLater(Lexicon):
    """A lexicon that is read when it is first asked for."""

    def __init__(self, read: Callable[[], Mapping[str, str]]) -> None:
        object.__setattr__(self, "_read", read)

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """Term to category."""
        found: Mapping[str, str] = self.__dict__["_read"]()
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexicon) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(tuple(self.terms.items()))


def key(term: str) -> str:
    """A term as a lexicon holds it."""
    return " ".join(TOKEN.findall(term.lower().replace("’", "'")))


def _begins(terms: Mapping[str, str]) -> Begins:
    """First word to its category, if it is a term, and to the second words of longer terms with their lengths, longest first."""
    none: dict[str, list[int]] = {}
    begins: Begins = {term: (category, none) for term, category in terms.items() if " " not in term}
    for words in sorted((term.split(" ") for term in terms if " " in term), key=len, reverse=True):
        category, longer = begins.get(words[0], (None, none))
        if longer is none:
            begins[words[0]] = category, (longer := {})
        lengths = longer.setdefault(words[1], [])
        if lengths[-1:] != [len(words)]:
            lengths.append(len(words))
    return begins
