"""From scores to probabilities and labels: Platt's scaling, temperature, thresholds, and the folds they are fitted on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from framing.errors import InputError, TrainingError

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Column: TypeAlias = Sequence[Hashable] | npt.NDArray[np.generic]
Loss: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]

HOTTEST = 100.0
"""Limit of a temperature: logits that tell nothing are divided by no more, certain ones by no less than 1 / HOTTEST."""

SHINGLE = 5
"""Words in a shingle of `near_duplicates`."""

_WORD = re.compile(r"\w+")
_BUCKET = 20  # rows kept for one shingle, and rows compared in full with one row: bounds the cost on boilerplate


def sigmoid(scores: npt.ArrayLike) -> FloatArray:
    """1 / (1 + exp(-score)), without overflow; of the shape of `scores`."""
    x = np.asarray(scores, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, small) / (1.0 + small))


def logit(probabilities: npt.ArrayLike) -> FloatArray:
    """Log-odds of probabilities; 0 and 1 are read as 1e-12 and 1 - 1e-12, so the answer is finite."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))


def softmax(logits: npt.ArrayLike) -> FloatArray:
    """exp(logit) / sum of exp(logit) over the last axis, without overflow."""
    x = np.asarray(logits, dtype=np.float64)
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def platt(scores: npt.ArrayLike, y: npt.ArrayLike) -> tuple[float, float]:
    """Platt's scaling: the line that turns held-out scores into log-odds.

    Parameters
    ----------
    scores : array of float, shape (n,)
        Scores of rows the model was not fitted on.
    y : array of 0 and 1, shape (n,)
        1 for the positive class.

    Returns
    -------
    slope, intercept : float
        `sigmoid(slope * score + intercept)` is the probability of the positive class.

    Raises
    ------
    InputError, TrainingError
        On unequal lengths, no rows or NaN; on one class.

    Notes
    -----
    The targets are (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) (Platt 1999), so separable scores have a finite answer;
    the minimum is found by Newton's method with backtracking (Lin, Lin & Weng 2007). The slope is negative
    where high scores mean the negative class.
    """
    x, positive = _two_classes(scores, y)
    n1 = int(positive.sum())
    n0 = len(x) - n1
    target = np.where(positive, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    middle, spread = x.mean(), x.std() or 1.0
    design = np.column_stack([(x - middle) / spread, np.ones_like(x)])
    slope, intercept = _newton(_logistic(design, target), np.array([0.0, np.log((n1 + 1) / (n0 + 1))]))
    return float(slope / spread), float(intercept - slope * middle / spread)


def temperature(logits: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """The temperature by which held-out logits are divided (Guo et al. 2017).

    Parameters
    ----------
    logits : array of float, shape (n, k)
        Logits of rows the model was not fitted on.
    y : array of int, shape (n,)
        True class of each row, 0 to k - 1.

    Returns
    -------
    float
        T such that `softmax(logits / T)` has the least log loss; between 1 / `HOTTEST` and `HOTTEST`.

    Raises
    ------
    InputError, TrainingError
        On unequal lengths, no rows, NaN or a class outside 0 to k - 1; on one class.

    Notes
    -----
    The targets are smoothed as Platt's are: (n_c + 1) / (n_c + k) for the true class, 1 / (n_c + k) for each other.
    The slope of the loss in 1 / T rises steadily (the loss is convex), so bisection finds its zero.
    """
    z, target = _many_classes(logits, y)
    wanted = float((target * z).sum())
    low, high = -np.log(HOTTEST), np.log(HOTTEST)
    for _ in range(60):
        middle = (low + high) / 2
        too_sharp = float((softmax(z * np.exp(middle)) * z).sum()) > wanted
        low, high = (low, middle) if too_sharp else (middle, high)
    return float(np.exp(-(low + high) / 2))


def temperature_and_bias(logits: npt.ArrayLike, y: npt.ArrayLike) -> tuple[float, FloatArray]:
    """A temperature and a bias for each class: Platt's scaling for several classes.

    Parameters
    ----------
    logits : array of float, shape (n, k)
        Logits of rows the model was not fitted on.
    y : array of int, shape (n,)
        True class of each row, 0 to k - 1.

    Returns
    -------
    temperature : float
        At most `HOTTEST`, which is also the answer where the logits tell nothing.
    bias : array, shape (k,)
        Sums to 0; `softmax(logits / temperature + bias)` are the probabilities. It mends shares that
        class weights shifted, which a temperature alone cannot.

    Raises
    ------
    InputError, TrainingError
        As for `temperature`.
    """
    z, target = _many_classes(logits, y)
    spread = z.std() or 1.0
    design = np.zeros((*z.shape, z.shape[1]))  # the scale, then all biases but the last, which stays 0
    design[:, :, 0] = z / spread
    design[:, :-1, 1:] = np.eye(z.shape[1] - 1)
    scale, *bias = _newton(_multinomial(design, target), np.zeros(z.shape[1]))
    cold = scale / spread
    free = np.array([*bias, 0.0])
    if cold < 1 / HOTTEST:
        cold, free = 1 / HOTTEST, np.log(target.mean(axis=0))
    return float(1 / cold), np.asarray(free - free.mean())


def threshold(probabilities: npt.ArrayLike, y: npt.ArrayLike, measure: Literal["f1", "macro_f1"] = "f1", slack: float = 1e-12) -> float:
    """The cut (positive from there up) with the best F1 on held-out rows.

    Parameters
    ----------
    probabilities : array of float, shape (n,)
        Out-of-fold probabilities of the positive class.
    y : array of 0 and 1, shape (n,)
        1 for the positive class.
    measure : {"f1", "macro_f1"}
        F1 of the positive class, or the mean of both classes' F1.
    slack : float
        Cuts whose measure is short of the best by no more count as equally good. Held-out F1 is nearly flat about its best, and
        which of its ripples is the highest is chance.

    Returns
    -------
    float
        Halfway between the two neighbouring probabilities; of several equally good cuts, the middle one.

    Raises
    ------
    InputError, TrainingError
        On unequal lengths, no rows, NaN, a probability outside 0 to 1 or an unknown measure; on one class.
    """
    if measure not in ("f1", "macro_f1"):
        raise InputError(f"The measure of a threshold must be 'f1' or 'macro_f1'. Got {measure!r} instead.")
    p, positive = _two_classes(probabilities, y)
    if p.min() < 0 or p.max() > 1:
        raise InputError(f"Probabilities must lie between 0 and 1. Got {p.min():.4g} to {p.max():.4g}; pass scores through sigmoid.")
    values, place = np.unique(p, return_inverse=True)
    hits = np.bincount(place, weights=positive)[::-1].cumsum()[::-1]  # positives from each value up
    called = np.bincount(place)[::-1].cumsum()[::-1]
    goodness = 2 * hits / (called + positive.sum())
    if measure == "macro_f1":
        rest, spared = len(p) - called, (~positive).sum() - (called - hits)
        goodness = (goodness + 2 * spared / (rest + (~positive).sum())) / 2
    best = np.flatnonzero(goodness >= goodness.max() - slack)
    cut = int(best[(len(best) - 1) // 2])
    below = values[cut - 1] if cut else 0.0
    # two neighbouring floats have no number between them: the upper one is the cut
    return float(min(max((below + values[cut]) / 2, np.nextafter(below, 1)), values[cut]))


def folds(y: Column, groups: Column | None, k: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Stratified folds that keep a group together, the same for the same seed.

    Parameters
    ----------
    y : sequence, length n
        Labels.
    groups : sequence, length n, or None
        Rows of one group (outlet, document, near-duplicates) never stand on both sides.
    k : int
        Folds wanted, 2 or more. Fewer are made where a label has fewer groups.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    list of (train, test)
        Row indices; every row is tested once, every training part holds every label. Empty where no
        two such folds exist: there are too few groups to calibrate on.

    Raises
    ------
    InputError, TrainingError
        On unequal lengths, no rows, missing values or k under 2; on one label.
    """
    labels = _codes(y, "labels")
    units = np.arange(len(labels), dtype=np.int64) if groups is None else _codes(groups, "groups")
    _same_length(len(labels), len(units), "labels", "groups")
    if k < 2:
        raise InputError(f"The number of folds must be 2 or more. Got {k} instead.")
    if labels.max() == 0:
        raise TrainingError(f"Training needs at least two labels. Got {len(labels)} rows, all of them {next(iter(y))!r}.")
    # a label in g groups can be split g ways at most
    pairs = np.unique(np.column_stack([labels, units]), axis=0)
    for parts in range(min(k, int(np.bincount(pairs[:, 0]).min())), 1, -1):
        made = _split(labels, units, parts, seed)
        if all(len(test) and len(np.unique(labels[train])) == labels.max() + 1 for train, test in made):
            return made
    return []


def near_duplicates(texts: Sequence[str], groups: Column | None = None) -> IntArray:
    """Groups of texts that are nearly the same, so that a split keeps them together.

    Two texts are joined if they have the same words but for case, white space and punctuation, or if each shares over
    80% of its distinct word 5-grams with the other; and so on from neighbour to neighbour.

    Parameters
    ----------
    texts : sequence of str, length n
        The texts.
    groups : sequence, length n, optional
        Groups known already (document, outlet): their rows are joined too.

    Returns
    -------
    array of int, shape (n,)
        Group of each text, numbered from 0 by first appearance.

    Raises
    ------
    InputError
        On unequal lengths, a missing group or a text that is not a str.

    Notes
    -----
    Only texts that share one of their rarest fifth of shingles can share over 80% (the prefix filter of Bayardo, Ma &
    Srikant 2007); rows are compared in full with at most 20 candidates each, so the cost stays near linear.
    """
    words = [_words(text, index) for index, text in enumerate(texts)]
    parent = list(range(len(words)))
    first: dict[tuple[str, ...], int] = {}
    for index, found in enumerate(words):
        _join(parent, first.setdefault(tuple(found), index), index)
    if groups is not None:
        _same_length(len(words), len(groups), "texts", "groups")
        seen: dict[int, int] = {}
        for index, group in enumerate(_codes(groups, "groups").tolist()):
            _join(parent, seen.setdefault(group, index), index)
    distinct = list(first.values())
    _join_similar(parent, distinct, _shingles([words[index] for index in distinct]))
    return _numbered([_root(parent, index) for index in range(len(words))])


def _newton(loss: Loss, start: FloatArray) -> FloatArray:
    """Minimum of a convex loss by Newton's method with backtracking (Lin, Lin & Weng 2007, algorithm 1)."""
    point, (value, slope, curve) = start, loss(start)
    for _ in range(100):
        step = np.linalg.solve(curve + 1e-12 * np.eye(len(point)), slope)
        size, gain = 1.0, float(slope @ step)
        if np.abs(slope).max() < 1e-11:
            break
        if gain < 1e-12 * value:  # the next loss is hardly told from this one; the step is right to the square of what is left
            return point - step
        while (trial := loss(point - size * step))[0] > value - 1e-4 * size * gain:
            size /= 2
            if size < 1e-10:  # no smaller loss can be told apart in floating point
                return point
        point, (value, slope, curve) = point - size * step, trial
    return point


def _logistic(design: FloatArray, target: FloatArray) -> Loss:
    """Mean log loss of two classes, its gradient and Hessian; design is (n, parameters)."""

    def loss(point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        u = design @ point
        p = sigmoid(u)
        curve = (design * (p * (1 - p))[:, None]).T @ design
        return float(np.mean(np.logaddexp(0, u) - target * u)), design.T @ (p - target) / len(u), curve / len(u)

    return loss


def _multinomial(design: FloatArray, target: FloatArray) -> Loss:
    """Mean log loss of k classes, its gradient and Hessian; design is (n, k, parameters)."""

    def loss(point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        u = design @ point
        p = softmax(u)
        top = u.max(axis=1)
        mean = np.einsum("nk,nkp->np", p, design)
        curve = np.einsum("nkp,nkq->pq", design * p[:, :, None], design) - mean.T @ mean
        value = float(np.mean(top + np.log(np.exp(u - top[:, None]).sum(axis=1)) - (target * u).sum(axis=1)))
        return value, np.einsum("nk,nkp->p", p - target, design) / len(u), curve / len(u)

    return loss


def _two_classes(values: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Scores and truth as checked arrays."""
    x, truth = np.asarray(values, dtype=np.float64), np.asarray(y, dtype=np.float64)
    _finite(x, truth, dimensions=1)
    if not np.isin(truth, (0, 1)).all():
        raise InputError(f"y must be 0 or 1 in every row. Got {sorted(set(truth.tolist()))[:5]} instead; pass y == positive_label.")
    positive = truth == 1
    if positive.all() or not positive.any():
        raise TrainingError(f"Calibration needs rows of both classes. Got {positive.sum()} positive and {(~positive).sum()} negative.")
    return x, positive


def _many_classes(logits: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Centred logits (n, k) and smoothed targets (n, k)."""
    z, truth = np.asarray(logits, dtype=np.float64), np.asarray(y, dtype=np.float64)
    _finite(z, truth, dimensions=2)
    k = z.shape[1]
    if not np.isin(truth, np.arange(k)).all():
        raise InputError(f"y must hold classes 0 to {k - 1}, the columns of the logits. Got {truth.min():g} to {truth.max():g} instead.")
    classes = truth.astype(np.int64)
    counts = np.bincount(classes, minlength=k)
    if (counts > 0).sum() < 2:
        raise TrainingError(f"Calibration needs rows of at least two classes. Got counts {counts.tolist()}.")
    target = np.repeat(1 / (counts[classes] + k), k).reshape(-1, k)
    target[np.arange(len(z)), classes] *= counts[classes] + 1
    return z - z.mean(axis=1, keepdims=True), target


def _finite(x: FloatArray, truth: FloatArray, dimensions: int) -> None:
    """Refuse arrays of a wrong shape, empty ones, NaN and infinity."""
    if x.ndim != dimensions or truth.ndim != 1:
        raise InputError(f"Scores must have {dimensions} dimension(s) and y one. Got shapes {x.shape} and {truth.shape}.")
    _same_length(len(x), len(truth), "scores", "y")
    if not (np.isfinite(x).all() and np.isfinite(truth).all()):
        raise InputError("Scores and y must be finite. Got NaN or infinity; drop those rows first.")


def _same_length(one: int, other: int, name: str, other_name: str) -> None:
    """Refuse unequal lengths and no rows."""
    if one != other:
        raise InputError(f"{name} and {other_name} must have the same length. Got {one} and {other}.")
    if not one:
        raise InputError(f"{name} must hold at least one row. Got none.")


def _codes(values: Column, name: str) -> IntArray:
    """Values as numbers from 0, by first appearance."""
    import pandas as pd

    plain = list(values)
    column = np.empty(len(plain), dtype=object)
    column[:] = plain
    missing = np.flatnonzero(pd.isna(column))
    if len(missing):
        raise InputError(f"{name} must have no missing values. Missing in rows {missing[:5].tolist()}; fill or drop them.")
    return _numbered(plain)


def _numbered(values: Sequence[Hashable]) -> IntArray:
    """Numbers from 0 by first appearance."""
    index: dict[Hashable, int] = {}
    return np.array([index.setdefault(value, len(index)) for value in values], dtype=np.int64)


def _split(labels: IntArray, units: IntArray, parts: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Scikit-learn's stratified folds; the grouped kind only where a group has two rows (it is slow)."""
    alone = units.max() + 1 == len(units)
    fold = _fold_of_each_row(labels, parts, seed) if alone else _fold_of_each_group(labels, units, parts, seed)[units]
    return [(np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in range(parts)]


def _fold_of_each_row(labels: IntArray, parts: int, seed: int) -> IntArray:
    """As scikit-learn's StratifiedKFold shuffles, whose import takes longer than many a fit.

    Rows are dealt in turn, label by label; which rows of a label go where is then shuffled.
    """
    chance, fold, dealt = np.random.RandomState(seed), np.empty(len(labels), np.int64), 0
    for label in range(labels.max() + 1):
        own = np.flatnonzero(labels == label)
        turns = np.sort(np.arange(dealt, dealt + len(own)) % parts)
        chance.shuffle(turns)
        fold[own], dealt = turns, dealt + len(own)
    return fold


def _fold_of_each_group(labels: IntArray, units: IntArray, parts: int, seed: int) -> IntArray:
    """As scikit-learn 1.9's StratifiedGroupKFold shuffles and deals, to the same folds, ten times as quickly.

    Groups are dealt from the most uneven on, each to the fold where it leaves the labels' shares of all folds most alike.
    """
    counts = np.zeros((units.max() + 1, labels.max() + 1))
    np.add.at(counts, (units, labels), 1.0)
    totals, order = counts.sum(axis=0), np.arange(len(counts))
    np.random.RandomState(seed).shuffle(order)
    dealt, fold = np.zeros((parts, len(totals))), np.empty(len(counts), np.int64)
    one_of_each = np.eye(parts)[:, :, None]
    for group in order[np.argsort(-counts[order].std(axis=1), kind="stable")].tolist():
        shares = (dealt + one_of_each * counts[group]) / totals  # in row n of the first axis the group is in fold n
        spread = shares - shares.sum(axis=1, keepdims=True) / parts
        uneven = np.sqrt((spread * spread).sum(axis=1) / parts).mean(axis=1)
        best = fold[group] = _least(uneven.tolist(), dealt.sum(axis=1).tolist())
        dealt[best] += counts[group]
    return fold


def _least(uneven: list[float], sizes: list[float]) -> int:
    """The most even fold; of some that are as even, the smallest."""
    best = 0
    for fold in range(1, len(uneven)):
        alike = abs(uneven[fold] - uneven[best]) <= 1e-8 + 1e-5 * abs(uneven[best])
        if uneven[fold] < uneven[best] or (alike and sizes[fold] < sizes[best]):
            best = fold
    return best


def _words(text: str, index: int) -> list[str]:
    """Words in lower case; a text without any is its own single word."""
    if not isinstance(text, str):
        raise InputError(f"Every text must be a str. Got {type(text).__name__} in row {index}.")
    return _WORD.findall(text.lower()) or ["".join(text.split())]


def _shingles(words: list[list[str]]) -> list[npt.NDArray[np.uint64]]:
    """The distinct hashed 5-grams of each text; none for a text of fewer words."""
    number: defaultdict[str, int] = defaultdict(lambda: len(number))
    factors = np.random.default_rng(0).integers(1, 2**63, SHINGLE, dtype=np.uint64) * 2 + 1
    made = []
    for found in words:
        ids = np.array([number[word] for word in found], dtype=np.uint64)
        count = max(0, len(ids) - SHINGLE + 1)
        hashed = np.zeros(count, dtype=np.uint64)
        for place, factor in enumerate(factors):
            hashed += ids[place : place + count] * factor  # wraps at 2**64, as a hash may
        made.append(np.unique(hashed))
    return made


def _join_similar(parent: list[int], rows: list[int], shingles: list[npt.NDArray[np.uint64]]) -> None:
    """Join rows that share over 80% of their shingles."""
    bucket: defaultdict[int, list[int]] = defaultdict(list)
    for here, rare in enumerate(_rarest(shingles)):
        shared = Counter(there for shingle in rare for there in bucket[shingle])
        for there, _ in shared.most_common(_BUCKET):
            apart = _root(parent, rows[here]) != _root(parent, rows[there])
            if apart and _overlap(shingles[here], shingles[there]):
                _join(parent, rows[there], rows[here])
        for shingle in rare:
            if len(bucket[shingle]) < _BUCKET:
                bucket[shingle].append(here)


def _rarest(shingles: list[npt.NDArray[np.uint64]]) -> Iterator[list[int]]:
    """The rarest fifth of each text's shingles, less those no other text has."""
    if not shingles:
        return
    values, counts = np.unique(np.concatenate(shingles), return_counts=True)
    for own in shingles:
        often = counts[np.searchsorted(values, own)]
        order = np.lexsort((own, often))[: len(own) - 4 * len(own) // 5]
        yield own[order[often[order] > 1]].tolist()


def _overlap(one: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]) -> bool:
    """Whether over 80% of the larger set stands in both."""
    return 5 * len(np.intersect1d(one, other, assume_unique=True)) > 4 * max(len(one), len(other))


def _root(parent: list[int], index: int) -> int:
    """The row that stands for a row's group."""
    while parent[index] != index:
        parent[index] = index = parent[parent[index]]
    return index


def _join(parent: list[int], one: int, other: int) -> None:
    """Make two groups one."""
    parent[_root(parent, other)] = _root(parent, one)
