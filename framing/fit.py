"""Fitting one head: counts to weights, calibrated on folds that the weights did not see."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from framing import native
from framing.calibrate import folds, platt, sigmoid, softmax, temperature_and_bias, threshold
from framing.errors import TrainingError
from framing.heads import Head
from framing.linear import Counts, Linear
from framing.regression import ROUGHLY, Solution, solve

if TYPE_CHECKING:
    import numpy as np

A = TypeVar("A")
B = TypeVar("B")

THREADS = 2
"""Fits that are made at a time: each asks for memory of its own."""
SEED = 0
FLAT = 0.005
"""Cuts whose F1 on held-out rows is short of the best by no more are equally good, and the middle one is taken (`calibrate.threshold`)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a head is trained.

    Attributes
    ----------
    name, level, labels, families : as in `framing.heads.Head`
    strength : float
        Inverse of the L2 penalty (scikit-learn's C).
    least : int
        Documents that a feature must occur in.
    measure : str
        What the threshold maximises on held-out folds (f1, macro_f1), or "" for .5.
    several : bool
        Labels independent of one another.
    raised : tuple of (prefix, factor)
        Factors on the idf of features whose names begin so: a category stands for many words.
    quiet : float or None
        Share of the rows of less than full weight under the negative label that the positive one may be given. Scores are shifted
        so that it is; calibration on rows of full weight alone is sure of itself where those are clearer than real text.
    """

    name: str
    level: str
    labels: tuple[str, ...]
    families: tuple[str, ...]
    strength: float = 10.0
    least: int = 2
    measure: str = ""
    several: bool = False
    raised: tuple[tuple[str, float], ...] = ()
    quiet: float | None = None


@dataclass(slots=True)
class Rows:
    """Training rows: the counts of each family, a label, the group that must stay in one fold, a weight.

    A label of None is a row whose label is not known (of one of several labels). Where there is a `whole`, the counts of a row are
    the number of one of its rows.
    """

    counts: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    whole: Tally | None = None

    @property
    def tally(self) -> Tally:
        """The counts as numbers."""
        return Tally.of(self.counts) if self.whole is None else self.whole.rows(self.counts)

    def add(self, counts: Any, label: Any, group: str, weight: float = 1.0) -> None:
        """Append a row."""
        self.counts.append(counts)
        self.labels.append(label)
        self.groups.append(group)
        self.weights.append(weight)

    def some(self, chosen: Sequence[int]) -> Rows:
        """Rows of these numbers."""
        counts, labels = [self.counts[n] for n in chosen], [self.labels[n] for n in chosen]
        return Rows(counts, labels, [self.groups[n] for n in chosen], [self.weights[n] for n in chosen], self.whole)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, the calibrated probabilities of every training row from the fold that had not seen it, the objective of each regression."""

    head: Head
    held_out: Any
    calibrated: bool
    converged: bool
    objectives: tuple[float, ...] = ()


class _Regression(NamedTuple):
    """Coefficients and intercepts with calibration folded in, held-out probabilities, the threshold."""

    coef: Any
    base: Any
    held: Any
    cut: float
    calibrated: bool
    found: Solution


def fit(recipe: Recipe, rows: Rows, k: int = 5) -> Fitted:
    """Fit a head.

    Raises
    ------
    TrainingError
        If there are fewer than two labels, or no feature occurs often enough.
    """
    from threadpoolctl import threadpool_limits

    _two_labels(recipe, rows)
    with threadpool_limits(1):  # more threads in one sum add up in another order, and the file would have other bytes
        return _fit(recipe, rows, k)


def in_threads(call: Callable[[A], B], items: Iterable[A]) -> list[B]:
    """What a call gives of each item, in their order. The kernel works without Python's lock, so two are made at a time; else one."""
    from threadpoolctl import threadpool_limits

    if not native.extension():
        return list(map(call, items))
    # one limit around all: threads that set their own would undo each other's
    with threadpool_limits(1), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, items))


def _fit(recipe: Recipe, rows: Rows, k: int) -> Fitted:
    """The head of rows that hold two labels or more."""
    tally = rows.tally
    matrix = Matrix.learn(tally, recipe.least, recipe.raised)
    if recipe.several:
        return _several(recipe, rows, tally, matrix, k)
    made = _calibrated(recipe, rows, tally, matrix, rows.labels, recipe.labels, k)
    linear = Linear(matrix.vocabulary, _as_stored(matrix.idf), [_as_stored(row) for row in made.coef], [float(b) for b in made.base])
    head = Head(recipe.name, recipe.level, recipe.labels, recipe.families, linear, (made.cut,))
    return _fitted(head, made.held, [made])


def _several(recipe: Recipe, rows: Rows, tally: Tally, matrix: Matrix, k: int) -> Fitted:
    """One regression a label, each on the rows where that label is known; one vocabulary."""
    import numpy as np

    labels = tuple(label for label in recipe.labels if {row[label] for row in rows.labels if label in row} == {True, False})
    if not labels:
        raise TrainingError(f"Training {recipe.name!r} needs a label that some rows have and others lack. Got none in {len(rows)} rows.")
    made = []
    held = np.full((len(rows), len(labels)), np.nan)
    for column, label in enumerate(labels):
        known = [n for n, value in enumerate(rows.labels) if label in value]
        answers = [("no", label)[rows.labels[n][label]] for n in known]
        made.append(_calibrated(recipe, rows.some(known), tally.rows(known), matrix.rows(known), answers, ("no", label), k))
        held[known, column] = made[-1].held[:, 1]
    coefs, bases = [_as_stored(one.coef[0]) for one in made], [float(one.base[0]) for one in made]
    linear = Linear(matrix.vocabulary, _as_stored(matrix.idf), coefs, bases)
    head = Head(recipe.name, recipe.level, labels, recipe.families, linear, tuple(one.cut for one in made), True)
    return _fitted(head, held, made)


def _fitted(head: Head, held: Any, made: Sequence[_Regression]) -> Fitted:
    found = [one.found for one in made]
    objectives = tuple(one.objective for one in found)
    return Fitted(head, held, all(one.calibrated for one in made), all(one.converged for one in found), objectives)


def _calibrated(
    recipe: Recipe, rows: Rows, tally: Tally, matrix: Matrix, labels: Sequence[str], names: tuple[str, ...], k: int
) -> _Regression:
    """A regression, calibrated on the scores of rows that were held out; rows of full weight calibrate and set the threshold."""
    import numpy as np

    y = np.array([names.index(label) for label in labels])
    weights = np.array(rows.weights)
    found = solve(matrix.values, y, recipe.strength * weights)
    coef, base = _centred(found)
    scores = np.zeros((len(y), len(base)))
    parts = folds(y, rows.groups, k, SEED)

    def held_out(part: tuple[Any, Any]) -> Any:
        train, test = part
        inner = Matrix.learn(tally.rows(train), recipe.least, recipe.raised) if len(y) <= 5000 else matrix.rows(train)
        near = found.weights[:, np.append(matrix.known[inner.known >= 0], -1)]  # a fold's optimum lies near that of all rows
        theirs, bias = _centred(solve(inner.values, y[train], recipe.strength * weights[train], near, ROUGHLY))
        return inner.apply(tally.rows(test)) @ theirs.T + bias

    for (_, test), theirs in zip(parts, in_threads(held_out, parts), strict=True):
        scores[test] = theirs
    if not parts:
        return _Regression(coef, base, _chances(matrix.values @ coef.T + base), 0.5, False, found)
    whole = weights >= 1 if (weights >= 1).any() else np.ones(len(y), bool)
    slope, shift = _calibration(scores[whole], y[whole])
    if recipe.quiet is not None and (light := ~whole & (y == 0)).any():
        shift = -slope * np.quantile(scores[light], 1 - recipe.quiet)
    held = _chances(scores * slope + shift)
    chosen = recipe.measure and len(names) == 2
    cut = threshold(held[whole, 1], y[whole], recipe.measure, FLAT) if chosen else 0.5  # type: ignore[arg-type]
    return _Regression(coef * slope, base * slope + shift, held, float(cut), True, found)


def _calibration(scores: Any, y: Any) -> tuple[float, Any]:
    """Slope and shift that make scores log-odds."""
    if scores.shape[1] == 1:
        return platt(scores[:, 0], y)
    heat, bias = temperature_and_bias(scores, y)
    return 1 / heat, bias - bias.mean()


def _chances(scores: Any) -> Any:
    import numpy as np

    if scores.shape[1] == 1:
        chance = sigmoid(scores[:, 0])
        return np.column_stack([1 - chance, chance])
    return softmax(scores)


def _centred(found: Solution) -> tuple[Any, Any]:
    """Coefficients and intercepts; those of several classes are centred, so that scores stand for log-odds against the mean."""
    weights = found.weights if len(found.weights) == 1 else found.weights - found.weights.mean(axis=0)
    return weights[:, :-1], weights[:, -1]


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of rows as numbers: terms are looked up once, however many folds read them.

    Attributes
    ----------
    terms : list of str
        In order.
    columns, numbers, ends : array of int
        The term and the count of each entry, row by row, in a row by term; where each row's entries end, after a first 0.
    """

    terms: list[str]
    columns: Any
    numbers: Any
    ends: Any

    @classmethod
    def of(cls, counts: Iterable[Sequence[Counts]]) -> Tally:
        """Number the terms of these rows."""
        import numpy as np

        ids: dict[str, int] = {}
        columns: list[int] = []
        numbers: list[int] = []
        ends = [0]
        for row in counts:
            for part in row:
                columns += [ids.setdefault(term, len(ids)) for term in part]
                numbers += part.values()
            ends.append(len(columns))
        terms = sorted(ids)
        place = np.empty(len(terms), np.int64)
        place[[ids[term] for term in terms]] = np.arange(len(terms))
        column, number = place[np.array(columns, np.int64)], np.array(numbers, np.int64)
        order = np.lexsort((number, column, np.repeat(np.arange(len(ends) - 1), np.diff(ends))))
        return cls(terms, column[order], number[order], np.array(ends))

    def rows(self, chosen: Sequence[int] | np.ndarray[Any, Any]) -> Tally:
        """Some of the rows, with the same terms."""
        import numpy as np

        numbers = np.asarray(chosen, np.int64)
        lengths = np.diff(self.ends)[numbers]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.arange(ends[-1]) + np.repeat(self.ends[numbers] - ends[:-1], lengths)
        return Tally(self.terms, self.columns[entries], self.numbers[entries], ends)

    def without(self, dropped: Callable[[str], bool]) -> Tally:
        """The rows without some terms."""
        import numpy as np

        kept = np.array([not dropped(term) for term in self.terms], bool)
        entries, place = kept[self.columns], np.cumsum(kept) - 1
        ends = np.concatenate([[0], np.cumsum(entries)])[self.ends]
        return Tally([self.terms[k] for k in np.flatnonzero(kept).tolist()], place[self.columns[entries]], self.numbers[entries], ends)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of TF-IDF values of length one (scipy CSR).

    `known` tells the column of each of the `terms` of the tally that it was learned from, -1 for none.
    """

    terms: Sequence[str]
    idf: Any
    values: Any
    known: Any

    @property
    def vocabulary(self) -> dict[str, int]:
        """The column of each term that has one."""
        return {term: column for term, column in zip(self.terms, self.known.tolist(), strict=True) if column >= 0}

    @classmethod
    def of(cls, counts: Sequence[Sequence[Counts]], least: int, raised: Sequence[tuple[str, float]] = ()) -> Matrix:
        """Learn the vocabulary and idf of these rows."""
        return cls.learn(Tally.of(counts), least, raised)

    @classmethod
    def learn(cls, tally: Tally, least: int, raised: Sequence[tuple[str, float]] = ()) -> Matrix:
        """Learn the vocabulary and idf of a tally's rows."""
        import numpy as np

        frequency = np.bincount(tally.columns, minlength=len(tally.terms))
        kept = np.flatnonzero(frequency >= max(least, 1))
        if not len(kept):
            raise TrainingError(f"No feature occurs in {least} rows or more, so nothing can be learned. Give more or longer texts.")
        known = np.full(len(tally.terms), -1)
        known[kept] = np.arange(len(kept))
        factors = _factors(tally.terms, raised)[kept]
        idf = np.float16((np.log(len(tally.ends) / (1 + frequency[kept])) + 1) * factors).astype(np.float64)
        return cls(tally.terms, idf, cls(tally.terms, idf, None, known).apply(tally), known)

    def apply(self, tally: Tally) -> Any:
        """Rows of values of length one."""
        import numpy as np
        from scipy.sparse import csr_matrix

        columns = self.known[tally.columns]
        kept = columns >= 0
        columns, ends = columns[kept], np.concatenate([[0], np.cumsum(kept)])[tally.ends]
        row = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        values = np.sqrt(tally.numbers[kept]) * self.idf[columns]
        lengths = np.sqrt(np.bincount(row, values * values, len(ends) - 1))
        values /= lengths[row]
        return csr_matrix((values, columns, ends), shape=(len(ends) - 1, len(self.idf)))

    def rows(self, chosen: Sequence[int] | np.ndarray[Any, Any]) -> Matrix:
        """Some of the rows, with the same vocabulary."""
        return Matrix(self.terms, self.idf, self.values[chosen], self.known)


def _factors(terms: Sequence[str], raised: Sequence[tuple[str, float]]) -> Any:
    """The factor on the idf of each term; the terms are in order, so those that begin alike stand together."""
    import numpy as np

    factors = np.ones(len(terms))
    for prefix, factor in raised:
        factors[bisect_left(terms, prefix) : bisect_right(terms, prefix, key=lambda term: term[: len(prefix)])] *= factor
    return factors


def scores(head: Head, rows: Rows) -> list[list[float]]:
    """The scores of rows under a head that may not have seen them."""
    import numpy as np

    tally, linear = rows.tally, head.linear
    known = np.array([linear.vocabulary.get(term, -1) for term in tally.terms])
    values = Matrix(tally.terms, np.array(linear.idf), None, known).apply(tally)
    made: list[list[float]] = (values @ np.array(linear.coef).T + np.array(linear.intercept)).tolist()
    return made


def _as_stored(values: Any) -> list[float]:
    """Numbers in half precision, as the file holds them: a score moves by a thousandth."""
    import numpy as np

    rounded: list[float] = np.asarray(values, dtype=np.float16).astype(np.float64).tolist()
    return rounded


def _two_labels(recipe: Recipe, rows: Rows) -> None:
    counts = Counter(str(label) for label in rows.labels)
    if not recipe.several and len(counts) < 2:
        raise TrainingError(f"Training {recipe.name!r} needs two labels or more. Got {dict(counts) or 'no rows'}.")
