"""Word lists that come with a model: terms of one to a few words, each with its category, found in a row of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from framing.text import TOKEN

Match: TypeAlias = tuple[int, int, str]
"""First token, one past the last token, category or term."""


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
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        return _lengths(self.terms)

    def matches(self, tokens: Sequence[str]) -> list[Match]:
        """Every term that stands in the row of lower-case tokens, longer ones first at each place."""
        found = []
        terms = self.terms
        starts = [(start, lengths) for start, lengths in enumerate(map(self._lengths.get, tokens)) if lengths]
        for start, lengths in starts:
            for length in lengths:
                category = terms.get(" ".join(tokens[start : start + length]))
                if category is not None and start + length <= len(tokens):
                    found.append((start, start + length, category))
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


def _lengths(terms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First token to the lengths of the terms that begin with it, longest first."""
    by_first: dict[str, set[int]] = {}
    for term in terms:
        tokens = term.split(" ")
        by_first.setdefault(tokens[0], set()).add(len(tokens))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in by_first.items()}
