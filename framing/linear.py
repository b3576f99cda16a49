"""TF-IDF and logistic regression over named features: the one formula behind every label.

A feature that occurs n times weighs sqrt(n) * idf; the weights of a text are scaled to length one; a label's score is
their dot product with its coefficients plus its intercept. The square root damps repetition as the usual 1 + log(n)
does, and doubling a text changes nothing at all. Sums are exact (`math.fsum`), so no order of features can change a bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import TypeAlias

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


class LinearLater(Linear):
    """A vocabulary that is read when it is first asked for."""

    def __init__(self, read: Callable[[], Linear]) -> None:
        object.__setattr__(self, "_read", read)

    @cached_property
    def _whole(self) -> Linear:
        found: Linear = self.__dict__["_read"]()
        return found

    vocabulary = property(lambda self: self._whole.vocabulary)
    idf = property(lambda self: self._whole.idf)
    coef = property(lambda self: self._whole.coef)
    intercept = property(lambda self: self._whole.intercept)

    def __reduce__(self) -> tuple[type[Linear], tuple[object, ...]]:
        """It is sent to other processes as what it reads."""
        return Linear, (self.vocabulary, self.idf, self.coef, self.intercept)

    def __eq__(self, other: object) -> bool:
        return self._whole == (other._whole if isinstance(other, LinearLater) else other)

    def __hash__(self) -> int:
        return hash(self._whole)


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
