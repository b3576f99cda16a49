"""The bootstrap: one place for how resamples are drawn and how an interval is taken from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

RESAMPLES = 1000

LARGE, SKEWED = 1000, 0.12
"""Means of so many rows, whose skewness is below `SKEWED` x the root of their number, follow a normal law, and are drawn from it.

A skewness g moves the ends of a 95% interval by about 0.47 g / sqrt(n) standard errors (Hall 1992): here at most 0.057, which is
less than the error of the ends that 1,000 resamples give, 0.085.
"""

_CHUNK = 1_000_000  # weights drawn at once: bounds memory, whatever the number of units


def draws(units: int, resamples: int = RESAMPLES, seed: int | Sequence[int] = 0) -> Iterator[FloatArray]:
    """Weights of the units in chunks of resamples (r, units); the very first row is the sample itself.

    A measure that is made of sums over units takes a thousand resamples as one product: weights @ sums of each unit. A single
    unit has no resamples, and its intervals are NaN.
    """
    yield np.ones((1, units))
    random = np.random.default_rng(seed)
    size = max(1, _CHUNK // max(1, units))
    for start in range(0, resamples if units > 1 else 0, size):
        count = min(size, resamples - start)
        drawn = random.integers(0, units, (count, units)) + units * np.arange(count)[:, None]
        yield np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units).astype(np.float64)


def means(values: FloatArray, seed: int | Sequence[int] = 0) -> FloatArray:
    """Means of resampled rows (RESAMPLES, k) of values (n, k); NaN does not count, and a column with under two values gives NaN."""
    there = ~np.isnan(values)
    counts, filled = there.sum(axis=0), np.where(there, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=0) / counts
        apart = np.where(there, values - mean, 0.0)
        deviation = np.sqrt((apart**2).sum(axis=0) / counts)
        skewness = (apart**3).sum(axis=0) / counts / deviation**3
        made: FloatArray = mean + deviation / np.sqrt(counts) * np.random.default_rng(seed).standard_normal((RESAMPLES, len(counts)))
        skewed = ~((counts >= LARGE) & (np.abs(skewness) < SKEWED * np.sqrt(counts)))
        if skewed.any() and len(values) > 1:
            sums = np.hstack([filled[:, skewed], there[:, skewed]])
            totals = np.concatenate([weights @ sums for weights in draws(len(values), seed=seed)])[1:]
            made[:, skewed] = totals[:, : skewed.sum()] / totals[:, skewed.sum() :]
    made[:, counts < 2] = np.nan
    return made


def of_sums(
    measure: Callable[[FloatArray], FloatArray], sums: FloatArray, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float, float]:
    """A measure of the sums of units (n, k), with its interval; `measure` takes rows of sums, a resample each, to a value each."""
    values = np.concatenate([measure(weights @ sums) for weights in draws(len(sums), resamples, seed)])
    return float(values[0]), *interval(values[1:])


def interval(values: FloatArray) -> tuple[float, float]:
    """The middle 95% of the resamples in which a measure is defined; NaN where it is in none."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def intervals(values: FloatArray) -> FloatArray:
    """`interval` of each column of resamples (r, k), as rows (k, 2)."""
    if not len(values):
        return np.full((values.shape[1], 2), np.nan)
    found: FloatArray = np.percentile(values, [2.5, 97.5], axis=0).T
    for column in np.flatnonzero(np.isnan(values).any(axis=0)):
        found[column] = interval(values[:, column])
    return found
