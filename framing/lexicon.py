"""Word lists that come with a model: terms of one to a few words, each with its category, found in a row of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from framing.text import TOKEN

Match: TypeAlias = tuple[int, int, str]
"""First token, one past the last token, category or term."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Terms by their categories; a term is its lower-case tokens joined by single blanks.

    Parameters
    ----------
    terms : mapping of str to str
        Term to category, for example ``{"at long last": "sarcasm"}``.
    """

    terms: Mapping[str, str]
    _lengths: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", _lengths(self.terms))

    def matches(self, tokens: Sequence[str]) -> list[Match]:
        """Every term that stands in the row of lower-case tokens, longer ones first at each place."""
        found = []
        lengths, terms = self._lengths, self.terms
        for start, token in enumerate(tokens):
            for length in lengths.get(token, ()):
                category = terms.get(" ".join(tokens[start : start + length]))
                if category is not None and start + length <= len(tokens):
                    found.append((start, start + length, category))
        return found


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
