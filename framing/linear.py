"""TF-IDF and logistic regression over named features: the one formula behind every label.

A feature that occurs n times weighs sqrt(n) * idf; the weights of a text are scaled to length one; a label's score is
their dot product with its coefficients plus its intercept. The square root damps repetition as the usual 1 + log(n)
does, and doubling a text changes nothing at all. Sums are exact (`math.fsum`), so no order of features can change a bit; where a
text is only classified, `framing.joint` makes the same sums for all heads at once, in the order of the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import NamedTuple, TypeAlias

from framing.tree import Terms

Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Linear:
    """A vocabulary with its weights.

    Attributes
    ----------
    vocabulary : dict of str to int
        Feature to row, 0 to n - 1.
    idf : sequence of float, length n
        Inverse document frequencies, ``log((1 + documents) / (1 + frequency)) + 1``.
    coef : sequence of k sequences of float, each of length n
        Calibrated coefficients, one row for each label (a single row where there are two labels).
    intercept : sequence of float, length k
    """

    vocabulary: dict[str, int]
    idf: Sequence[float]
    coef: Sequence[Sequence[float]]
    intercept: Sequence[float]

    def values(self, counts: Iterable[Counts]) -> list[tuple[str, int, float]]:
        """Known features with their rows and their values, the latter of length one together."""
        row_of, idf = self.vocabulary.get, self.idf
        asked = ((part, map(row_of, part)) for part in counts)  # one look at a large dict for each: it lies in no cache
        found = [(feature, row, n) for part, rows in asked for (feature, n), row in zip(part.items(), rows, strict=True) if row is not None]
        weighed = [math.sqrt(n) * idf[row] for _, row, n in found]
        length = math.sqrt(math.fsum(map(mul, weighed, weighed)))
        return [(feature, row, value / length) for (feature, row, _), value in zip(found, weighed, strict=True)]

    def scores(self, values: Sequence[tuple[str, int, float]]) -> list[float]:
        """The score of each row of coefficients, in log-odds."""
        rows = [row for _, row, _ in values]
        parts = [value for _, _, value in values]
        return [
            math.fsum(map(mul, parts, map(weights.__getitem__, rows))) + base
            for weights, base in zip(self.coef, self.intercept, strict=True)
        ]


class Numbers(NamedTuple):
    """The weights of a head whose terms are nodes of a tree: the node of each row, and the rest as `Linear` has it."""

    nodes: Sequence[int]
    idf: Sequence[float]
    coef: Sequence[Sequence[float]]
    intercept: Sequence[float]


class LinearOfTree(Linear):
    """A vocabulary in the tree that heads of a file share. Numbers and words are read when they are first asked for."""

    def __init__(self, terms: Terms, read: Callable[[], Numbers]) -> None:
        self.__dict__.update(_terms=terms, _read=read)

    @property
    def terms(self) -> Terms:
        """The terms of all heads."""
        found: Terms = self.__dict__["_terms"]
        return found

    @cached_property
    def numbers(self) -> Numbers:
        """The weights by node."""
        found: Numbers = self.__dict__["_read"]()
        return found

    @cached_property
    def _words(self) -> dict[str, int]:
        texts = self.terms.texts
        return {texts[node]: row for row, node in enumerate(self.numbers.nodes)}

    vocabulary = property(lambda self: self._words)
    idf = property(lambda self: self.numbers.idf)
    coef = property(lambda self: self.numbers.coef)
    intercept = property(lambda self: self.numbers.intercept)

    def __reduce__(self) -> tuple[type[Linear], tuple[object, ...]]:
        """It is sent to other processes as what it reads."""
        return Linear, (self.vocabulary, self.idf, self.coef, self.intercept)

    def __eq__(self, other: object) -> bool:
        mine = (self.vocabulary, self.idf, self.coef, self.intercept)
        return isinstance(other, Linear) and mine == (other.vocabulary, other.idf, other.coef, other.intercept)

    def __hash__(self) -> int:
        return hash(tuple(self.intercept))


def sigmoid(score: float) -> float:
    """Probability of log-odds."""
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    odds = math.exp(max(score, -700.0))
    return odds / (1 + odds)


def softmax(scores: Sequence[float]) -> list[float]:
    """Probabilities that sum to 1."""
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def logit(probability: float) -> float:
    """Log-odds of a probability, kept within +-36."""
    kept = min(max(probability, 2e-16), 1 - 2e-16)
    return math.log(kept) - math.log1p(-kept)
