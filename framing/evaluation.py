"""How good a model is: measures with bootstrap intervals, comparisons, slices, agreement of coders, likely label errors."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from framing.bootstrap import FloatArray, draws, interval, of_sums
from framing.errors import InputError
from framing.inert import json_text

if TYPE_CHECKING:
    import pandas as pd

IntArray: TypeAlias = npt.NDArray[np.int64]
Column: TypeAlias = "Sequence[Hashable] | npt.NDArray[np.generic] | pd.Series[Any]"

BINS = 10
"""Equal-width bins of a probability, for the reliability table and ECE; a bin holds its lower edge, the last one 1 as well."""

_FROM_PROBABILITIES = ("auc", "brier", "ece")


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """How well a model's answers match the given labels.

    Attributes
    ----------
    metrics : DataFrame
        Columns metric, value, low, high (95% percentile bootstrap interval). Two labels: precision, recall and f1 of the
        second, positive one; more: of each, as `f1_<label>`. Then macro_f1, accuracy, auc (more than two labels: mean of
        one against the rest), brier (two labels: mean of (p - y)^2, 0 to 1; more: its sum over labels, 0 to 2) and ece.
        NaN where a measure is undefined (precision of a label that is never predicted). ece is biased upward in any
        sample and twice so in a resample: where it is near 0 its interval can lie above the value.
    confusion : DataFrame
        Counts; rows are the true labels, columns the predicted ones.
    reliability : DataFrame
        Columns bin, n, mean_probability, observed_rate: of the positive label, or with more labels of the most probable one.
    n : int
        Rows.
    labels : tuple of str
        Labels in the order of the probabilities' columns.
    """

    metrics: pd.DataFrame
    confusion: pd.DataFrame
    reliability: pd.DataFrame
    n: int
    labels: tuple[str, ...]

    def to_json(self) -> str:
        """The report as JSON text; undefined numbers are null."""
        record = {"n": self.n, "labels": list(self.labels), "metrics": _records(self.metrics), "reliability": _records(self.reliability)}
        return json_text(record | {"confusion": self.confusion.T.to_dict()})

    def to_text(self) -> str:
        """The report as aligned text of at most 80 columns."""
        return "\n\n".join([*_metric_lines(self), *_confusion_lines(self.confusion), *_reliability_lines(self.reliability)])

    def __str__(self) -> str:
        return self.to_text()


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired comparison of two models.

    Attributes
    ----------
    measure : str
        What is compared.
    a, b : float
        The measure of either model.
    difference, low, high : float
        a - b, with its 95% interval.
    p : float
        Two-sided bootstrap p value of no difference.
    """

    measure: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """A model's checked answers: indices into labels (n,), and probabilities (n, k) or None."""

    labels: tuple[str, ...]
    truth: IntArray
    predicted: IntArray
    probabilities: FloatArray | None


def report(
    y_true: Column,
    probabilities: npt.ArrayLike,
    labels: Sequence[Hashable],
    groups: Column | None = None,
    predicted: Column | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Report:
    """Measures with intervals, confusion and reliability of one head's answers.

    Parameters
    ----------
    y_true : sequence of labels, length n
        The given labels.
    probabilities : array of float, shape (n, k)
        Probability of each label; a row sums to 1.
    labels : sequence, length k
        Names of the columns of `probabilities`. Of two, the second is the positive one.
    groups : sequence, length n, optional
        The bootstrap draws whole groups (document, outlet). Without it, rows. A handful of groups gives intervals that are too short.
    predicted : sequence of labels, length n, optional
        The labels the model gave, where it does not take the most probable one.
    resamples : int
        Bootstrap resamples; 0 leaves the intervals NaN.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        On unequal lengths, no rows, missing or unknown labels, one true label only, or numbers that are no probabilities.
    """
    p = _probabilities(probabilities, len(labels))
    names = _names(labels)
    given = np.array(names, dtype=object)[p.argmax(axis=1)] if predicted is None else predicted
    rows = _rows(y_true, given, names, p)
    _two_labels(rows)
    return Report(_metric_table(_resampled(rows, groups, resamples, seed)), _confusion(rows), _reliability(rows), len(p), names)


def paired(
    y_true: Column,
    predicted_a: Column,
    predicted_b: Column,
    labels: Sequence[Hashable],
    probabilities_a: npt.ArrayLike | None = None,
    probabilities_b: npt.ArrayLike | None = None,
    groups: Column | None = None,
    measure: str = "macro_f1",
    resamples: int = 1000,
    seed: int = 0,
) -> Difference:
    """Paired bootstrap of two models' answers on the same rows.

    Parameters
    ----------
    y_true, predicted_a, predicted_b : sequence of labels, length n
        The given labels and those of either model.
    labels : sequence, length k
        All labels. Of two, the second is the positive one.
    probabilities_a, probabilities_b : array of float, shape (n, k), optional
        Needed for auc, brier and ece.
    groups : sequence, length n, optional
        Draw whole groups.
    measure : str
        Any metric of `Report`. Of brier and ece, less is better.
    resamples, seed : int
        As for `report`; at least one resample.

    Returns
    -------
    Difference
        p is twice the smaller share of resamples whose difference is <= 0 or >= 0, with one added to counts (at most 1), so
        it agrees with the interval and is never 0.

    Raises
    ------
    InputError
        As for `report`; on an unknown measure or missing probabilities.
    """
    names = _names(labels)
    if measure in _FROM_PROBABILITIES and (probabilities_a is None or probabilities_b is None):
        raise InputError(f"The measure {measure!r} needs probabilities. Pass probabilities_a and probabilities_b.")
    if resamples < 1:
        raise InputError(f"paired needs at least one resample. Got {resamples}.")
    values = []
    for predicted, given in ((predicted_a, probabilities_a), (predicted_b, probabilities_b)):
        p = _probabilities(given, len(names)) if measure in _FROM_PROBABILITIES else None
        rows = _rows(y_true, predicted, names, p)
        _two_labels(rows)
        values.append(_chosen(_resampled(rows, groups, resamples, seed), measure))
    a, b = values  # the same seed draws the same resamples for both
    return _difference(measure, a, b)


def slices(
    frame: pd.DataFrame,
    by: str | list[str],
    labels: Sequence[Hashable],
    true: str = "label",
    predicted: str = "predicted",
    groups: str | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Measures for each value of a column (outlet, topic, year).

    Parameters
    ----------
    frame : DataFrame
        A row for each text, with its given and predicted label.
    by : str or list of str
        Column or columns whose values make the slices; rows without a value are a slice too.
    labels : sequence
        All labels. Of two, the second is the positive one.
    true, predicted : str
        Columns of the given and the predicted labels.
    groups : str, optional
        Column of groups that the bootstrap draws whole.
    resamples, seed : int
        As for `report`.

    Returns
    -------
    DataFrame
        The columns of `by`, n, then f1 (two labels only), macro_f1, accuracy, each followed by its `_low` and `_high`.
        NaN where undefined: f1 in a slice without the positive label, intervals of a single row or group. macro_f1 is
        over the labels that occur in the slice, given or predicted.

    Raises
    ------
    InputError
        On a missing column, no rows, missing or unknown labels.
    """
    import pandas as pd

    keys = [by] if isinstance(by, str) else list(by)
    names = _names(labels)
    wanted = [*keys, true, predicted, *([groups] if groups else [])]
    if absent := [column for column in wanted if column not in frame.columns]:
        raise InputError(f"The frame has no column {absent[0]!r}. Its columns are {list(frame.columns)}.")
    _rows(frame[true], frame[predicted], names, None)  # errors name rows of the frame, not of a slice
    made = []
    for key, part in frame.groupby(keys, dropna=False, sort=True, observed=True):
        rows = _rows(part[true], part[predicted], names, None)
        values = _resampled(rows, part[groups] if groups else None, resamples, seed)
        made.append(dict(zip(keys, key, strict=True)) | {"n": len(part)} | _slice_row(values))
    return pd.DataFrame(made)


def alpha(*coders: Column, level: Literal["nominal", "interval"] = "nominal") -> float:
    """Krippendorff's alpha of two or more coders.

    Parameters
    ----------
    *coders : sequence, length n
        The values each coder gave to the same n units; None or NaN where a coder gave none.
    level : {"nominal", "interval"}
        Whether values are names or numbers whose differences count.

    Returns
    -------
    float
        1 for full agreement, 0 for that of chance, below 0 for less.

    Raises
    ------
    InputError
        On one coder, unequal lengths, no unit with two values, or no variation (then alpha is undefined).

    Notes
    -----
    1 - observed / expected disagreement (Krippendorff 2004, chapter 11). Both are sums of squared distances, where names
    are the corners of a simplex.
    """
    sums = _agreement_sums(coders, level)
    value = float(_alpha(sums.sum(axis=0, keepdims=True))[0])
    if np.isnan(value):
        raise InputError("alpha is undefined where all values are the same. Code units that differ, or report plain agreement.")
    return value


def alpha_interval(
    *coders: Column, level: Literal["nominal", "interval"] = "nominal", resamples: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """`alpha` with its 95% percentile bootstrap interval over units.

    Parameters
    ----------
    *coders : sequence, length n
        As for `alpha`.
    level : {"nominal", "interval"}
        As for `alpha`.
    resamples, seed : int
        Bootstrap resamples and their seed.

    Returns
    -------
    value, low, high : float

    Raises
    ------
    InputError
        As for `alpha`.
    """
    alpha(*coders, level=level)  # raises where it is undefined
    return of_sums(_alpha, _agreement_sums(coders, level), resamples, seed)


def disagreements(y: Column, probabilities: npt.ArrayLike, labels: Sequence[Hashable] | None = None) -> IntArray:
    """Rows whose given label is likely wrong, the surest first.

    Parameters
    ----------
    y : sequence, length n
        Given labels; without `labels`, column numbers of `probabilities`.
    probabilities : array of float, shape (n, k)
        Out-of-fold probabilities: of models that were not fitted on the row.
    labels : sequence, length k, optional
        Names of the columns.

    Returns
    -------
    array of int
        Indices of the rows where another label is more probable than the given one, by falling difference of the
        two probabilities (the margin of Northcutt, Jiang & Chuang 2021).

    Raises
    ------
    InputError
        As for `report`, but one label is enough.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    names = _names(range(table.shape[-1]) if labels is None else labels)
    p = _probabilities(table, len(names)).copy()
    truth = _encode(y, names, "y")
    _same_length(len(truth), len(p), "y", "probabilities")
    own = p[np.arange(len(p)), truth]
    p[np.arange(len(p)), truth] = -1
    margin = p.max(axis=1) - own
    order = np.argsort(-margin, kind="stable")
    return np.asarray(order[margin[order] > 0], dtype=np.int64)


# Every measure but AUC is a function of sums over rows, so that `draws` of the bootstrap give all resamples as one product.


def _resampled(rows: _Rows, groups: Column | None, resamples: int, seed: int) -> dict[str, FloatArray]:
    """Each measure of the sample itself (first) and of every resample."""
    units = np.arange(len(rows.truth)) if groups is None else _units(groups, len(rows.truth))
    order = np.argsort(units, kind="stable")
    starts = np.flatnonzero(np.diff(units[order], prepend=-1))
    sums = np.add.reduceat(_row_sums(rows)[order], starts, axis=0)
    parts = []
    for weights in draws(len(sums), resamples, seed):
        parts.append(_measures(weights @ sums, rows.labels))
        if rows.probabilities is not None:
            parts[-1]["auc"] = _mean_auc(weights if groups is None else weights[:, units], rows)
    return {name: np.concatenate([part[name] for part in parts]) for name in sorted(parts[0], key=_place)}


def _place(name: str) -> int:
    """Order of the metrics: those of a label as they come, then the rest."""
    last = ("macro_f1", "accuracy", "auc", "brier", "ece")
    return last.index(name) if name in last else -1


def _row_sums(rows: _Rows) -> FloatArray:
    """What each row adds: its cell of the confusion table, then Brier and for each bin its count, probability and hits."""
    k = len(rows.labels)
    cells: FloatArray = np.eye(k * k)[rows.truth * k + rows.predicted]
    if rows.probabilities is None:
        return cells
    squares = ((rows.probabilities - np.eye(k)[rows.truth]) ** 2).sum(axis=1) / (2 if k == 2 else 1)
    p, hit = _binned(rows)
    bins = np.eye(BINS)[_bin(p)]
    return np.hstack([cells, squares[:, None], bins, bins * p[:, None], bins * hit[:, None]])


def _measures(sums: FloatArray, labels: tuple[str, ...]) -> dict[str, FloatArray]:
    """Measures of each resample from its sums (r, columns)."""
    k = len(labels)
    cells = sums[:, : k * k].reshape(-1, k, k)
    n = cells.sum(axis=(1, 2))
    hits, true, called = np.diagonal(cells, axis1=1, axis2=2), cells.sum(axis=2), cells.sum(axis=1)
    f1 = _ratio(2 * hits, true + called)
    each = {"precision": _ratio(hits, called), "recall": _ratio(hits, true), "f1": f1}
    shown = [(1, "")] if k == 2 else [(index, f"_{label}") for index, label in enumerate(labels)]
    values = {name + suffix: value[:, index] for index, suffix in shown for name, value in each.items()}
    values |= {"macro_f1": _mean(f1), "accuracy": hits.sum(axis=1) / n}
    if sums.shape[1] > k * k:
        _, p, hit = (sums[:, k * k + 1 :][:, BINS * part : BINS * (part + 1)] for part in range(3))
        values |= {"brier": sums[:, k * k] / n, "ece": np.abs(p - hit).sum(axis=1) / n}
    return values


def _mean_auc(weights: FloatArray, rows: _Rows) -> FloatArray:
    """AUC of the positive label, or the mean of one against the rest, under each row of weights (r, n)."""
    assert rows.probabilities is not None
    k = len(rows.labels)
    each = [_auc(weights, rows.probabilities[:, c], rows.truth == c) for c in ([1] if k == 2 else range(k))]
    return _mean(np.column_stack(each))


def _auc(weights: FloatArray, scores: FloatArray, positive: npt.NDArray[np.bool_]) -> FloatArray:
    """Mann and Whitney's form: the weight that stands below the positives (ties by half), less what is positive itself."""
    order = np.argsort(scores, kind="stable")
    ranked, weights = scores[order], np.take(weights, order, axis=1)
    standing = np.zeros((len(weights), len(order) + 1))
    np.cumsum(weights, axis=1, out=standing[:, 1:])
    own = np.flatnonzero(positive[order])
    first, last = (np.searchsorted(ranked, ranked[own], side) for side in ("left", "right"))
    w = weights[:, own]
    below = np.take(standing, first, axis=1) + np.take(standing, last, axis=1)
    total = w.sum(axis=1)
    return _ratio((np.einsum("rn,rn->r", w, below) - total**2) / 2, total * (standing[:, -1] - total))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """above / below; NaN where nothing is below."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0))


def _mean(columns: FloatArray) -> FloatArray:
    """Mean of the defined columns of each row."""
    return _ratio(np.nansum(columns, axis=1), (~np.isnan(columns)).sum(axis=1).astype(np.float64))


def _difference(measure: str, a: FloatArray, b: FloatArray) -> Difference:
    """The comparison of two measures over the same resamples."""
    apart = (a - b)[1:]
    defined = apart[~np.isnan(apart)]
    fewer = min((defined <= 0).sum(), (defined >= 0).sum())
    low, high = interval(apart)
    p = min(1.0, 2 * (1 + float(fewer)) / (1 + len(defined))) if len(defined) else float("nan")
    return Difference(measure, float(a[0]), float(b[0]), float(a[0] - b[0]), low, high, p)


def _chosen(values: dict[str, FloatArray], measure: str) -> FloatArray:
    """One measure out of all."""
    if measure not in values:
        known = list(dict.fromkeys([*values, *_FROM_PROBABILITIES]))
        raise InputError(f"The measure must be one of {', '.join(known)}. Got {measure!r} instead.")
    return values[measure]


# Tables.


def _metric_table(values: dict[str, FloatArray]) -> pd.DataFrame:
    import pandas as pd

    rows = [(name, float(value[0]), *interval(value[1:])) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["metric", "value", "low", "high"])


def _slice_row(values: dict[str, FloatArray]) -> dict[str, float]:
    """The measures of one slice with their intervals."""
    made: dict[str, float] = {}
    for name in ("f1", "macro_f1", "accuracy"):
        if name in values:
            low, high = interval(values[name][1:])
            made |= {name: float(values[name][0]), f"{name}_low": low, f"{name}_high": high}
    return made


def _confusion(rows: _Rows) -> pd.DataFrame:
    import pandas as pd

    k = len(rows.labels)
    counts = np.bincount(rows.truth * k + rows.predicted, minlength=k * k).reshape(k, k)
    return pd.DataFrame(counts, pd.Index(rows.labels, name="true"), pd.Index(rows.labels, name="predicted"))


def _binned(rows: _Rows) -> tuple[FloatArray, FloatArray]:
    """The probability that is binned and whether it came true: the positive label's, or the top label's."""
    assert rows.probabilities is not None
    if len(rows.labels) == 2:
        return rows.probabilities[:, 1], (rows.truth == 1).astype(np.float64)
    top = rows.probabilities.argmax(axis=1)
    return rows.probabilities.max(axis=1), (rows.truth == top).astype(np.float64)


def _bin(p: FloatArray) -> IntArray:
    """Bin of each probability."""
    return np.asarray(np.minimum((p * BINS).astype(np.int64), BINS - 1))


def _reliability(rows: _Rows) -> pd.DataFrame:
    import pandas as pd

    p, hit = _binned(rows)
    counts, mass, came = (np.bincount(_bin(p), weights, BINS).astype(np.float64) for weights in (None, p, hit))
    names = [f"{b / BINS:.1f}-{(b + 1) / BINS:.1f}" for b in range(BINS)]
    rates = {"mean_probability": _ratio(mass, counts), "observed_rate": _ratio(came, counts)}
    return pd.DataFrame({"bin": names, "n": counts.astype(int)} | rates)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts of plain values, NaN as None."""
    return [{str(k): None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]


def _metric_lines(made: Report) -> list[str]:
    names = [_short(name, 40) for name in made.metrics["metric"]]
    width = max(len(name) for name in names)
    lines = [f"{'metric':<{width}}  value  95% interval"]
    for name, row in zip(names, made.metrics.itertuples(index=False), strict=True):
        lines.append(f"{name:<{width}}  {row.value:5.3f}  {row.low:5.3f} to {row.high:5.3f}")
    positive = f", positive label: {_short(made.labels[1], 40)}" if len(made.labels) == 2 else ""
    return [f"n = {made.n}{positive}", "\n".join(lines)]


def _confusion_lines(confusion: pd.DataFrame) -> list[str]:
    """The confusion table; columns are numbered where their names do not fit. Past twelve labels it does not fit at all."""
    labels = [str(label) for label in confusion.index]
    if len(labels) > 12:
        return [f"confusion of {len(labels)} labels: see .confusion"]
    heads, counts = labels, confusion.to_numpy().tolist()
    if sum(max(len(label), 5) + 2 for label in labels) > 60:
        heads = [str(place) for place in range(1, len(labels) + 1)]
        labels = [f"{place} {label}" for place, label in zip(heads, labels, strict=True)]
    first = max(4, min(18, max(map(len, labels))))
    each = min(max(len(str(np.max(counts))), *map(len, heads)) + 2, (80 - first) // len(labels))
    lines = [f"{'true':<{first}}  predicted", " " * first + "".join(f"{head:>{each}}" for head in heads)]
    for label, row in zip(labels, counts, strict=True):
        lines.append(f"{_short(label, first):<{first}}" + "".join(f"{count:>{each}}" for count in row))
    return ["\n".join(lines)]


def _reliability_lines(table: pd.DataFrame) -> list[str]:
    """The bins that hold rows."""
    lines = ["probability      n   mean  observed"]
    for row in table[table["n"] > 0].itertuples(index=False):
        lines.append(f"{row.bin:<11} {row.n:>6}  {row.mean_probability:5.3f}     {row.observed_rate:5.3f}")
    return ["\n".join(lines)]


def _short(name: str, width: int) -> str:
    """A name cut to a width."""
    return name if len(name) <= width else name[: width - 1] + "…"


# Agreement.


def _agreement_sums(coders: Sequence[Column], level: str) -> FloatArray:
    """For each unit with two values or more: its observed disagreement, values, squares, and sum of each coordinate."""
    import pandas as pd

    if level not in ("nominal", "interval"):
        raise InputError(f"The level must be 'nominal' or 'interval'. Got {level!r} instead.")
    if len(coders) < 2:
        raise InputError(f"alpha needs at least two coders. Got {len(coders)}; pass each coder's values as one argument.")
    for coder in coders[1:]:
        _same_length(len(coders[0]), len(coder), "the first coder's values", "another's")
    table = np.column_stack([_objects(coder) for coder in coders])
    given = ~pd.isna(table)
    pairable = given.sum(axis=1) > 1
    if not pairable.any():
        raise InputError("alpha needs units with values of at least two coders. Got none.")
    table, given = table[pairable], given[pairable]
    places = _coordinates(table[given], level)
    unit, m = np.nonzero(given)[0], given.sum(axis=1).astype(np.float64)
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    total = np.add.reduceat(places, starts, axis=0)
    squares = np.add.reduceat((places**2).sum(axis=1), starts)
    observed = (m * squares - (total**2).sum(axis=1)) / (m - 1)
    return np.column_stack([observed, m, squares, total])


def _coordinates(values: npt.NDArray[np.object_], level: str) -> FloatArray:
    """Values as points (n, d): numbers on a line around their mean, names on the corners of a simplex."""
    if level == "nominal":
        index: dict[Hashable, int] = {}
        codes = [index.setdefault(value, len(index)) for value in values.tolist()]
        return np.eye(len(index))[codes]
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"Values at the interval level must be numbers ({error}). Use level='nominal' for names.") from None
    if not np.isfinite(numbers).all():
        raise InputError("Values at the interval level must be finite. Got infinity; pass None where a coder gave no value.")
    return np.asarray(numbers - numbers.mean())[:, None]


def _alpha(sums: FloatArray) -> FloatArray:
    """alpha of each row of summed units; NaN without variation."""
    observed, n, squares, total = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    expected = (n * squares - (total**2).sum(axis=1)) / (n - 1)
    expected[expected <= 1e-12 * n * squares] = 0  # what rounding leaves of no variation
    return 1 - _ratio(observed, expected)


# Checks.


def _rows(y_true: Column, predicted: Column, labels: tuple[str, ...], probabilities: FloatArray | None) -> _Rows:
    """Checked answers."""
    truth, given = _encode(y_true, labels, "y_true"), _encode(predicted, labels, "predicted")
    _same_length(len(truth), len(given), "y_true", "predicted")
    if probabilities is not None:
        _same_length(len(truth), len(probabilities), "y_true", "probabilities")
    return _Rows(labels, truth, given, probabilities)


def _names(labels: Sequence[Hashable]) -> tuple[str, ...]:
    """Labels as distinct strings, two or more."""
    names = tuple(str(label) for label in labels)
    if len(set(names)) < max(2, len(names)):
        raise InputError(f"labels must be two or more different names. Got {list(labels)} instead.")
    return names


def _objects(values: Column) -> npt.NDArray[np.object_]:
    """A column of plain Python values."""
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    column = np.empty(len(plain), dtype=object)
    column[:] = plain
    return column


def _encode(values: Column, names: tuple[str, ...], what: str) -> IntArray:
    """Labels as indices into names."""
    import pandas as pd

    column = _objects(values)
    missing = pd.isna(column)
    index = {name: place for place, name in enumerate(names)}
    codes = np.array([index.get(str(value), -1) for value in column], dtype=np.int64)
    codes[missing] = -1
    if (wrong := np.flatnonzero(codes < 0)).size:
        shown = ", ".join(f"row {row}: {column[row]!r}" for row in wrong[:5])
        raise InputError(f"{what} must hold only {', '.join(names)}. Got {len(wrong)} other or missing values ({shown}).")
    return codes


def _probabilities(values: npt.ArrayLike | None, k: int) -> FloatArray:
    """A table (n, k) of probabilities whose rows sum to 1."""
    p = np.asarray(values, dtype=np.float64)
    if p.ndim != 2 or p.shape[1] != k:
        raise InputError(f"probabilities must have a row for each text and a column for each of {k} labels. Got shape {p.shape} instead.")
    wrong = np.flatnonzero(~(np.isfinite(p).all(axis=1) & (p >= 0).all(axis=1) & (np.abs(p.sum(axis=1) - 1) < 1e-3)))
    if len(wrong):
        raise InputError(f"Each row of probabilities must be numbers from 0 to 1 that sum to 1. Row {wrong[0]} is {p[wrong[0]].tolist()}.")
    return p


def _units(groups: Column, n: int) -> IntArray:
    """Groups as numbers from 0."""
    import pandas as pd

    column = _objects(groups)
    _same_length(n, len(column), "y_true", "groups")
    if pd.isna(column).any():
        row = int(np.flatnonzero(pd.isna(column))[0])
        raise InputError(f"groups must have no missing values. Row {row} has none; give each such row a group of its own.")
    return np.asarray(pd.factorize(column)[0], dtype=np.int64)


def _two_labels(rows: _Rows) -> None:
    """Refuse a truth of one label only."""
    counts = np.bincount(rows.truth, minlength=len(rows.labels))
    if (counts > 0).sum() < 2:
        raise InputError(f"y_true must hold at least two labels. Got {dict(zip(rows.labels, counts.tolist(), strict=True))}.")


def _same_length(one: int, other: int, name: str, other_name: str) -> None:
    """Refuse unequal lengths and no rows."""
    if one != other:
        raise InputError(f"{name} and {other_name} must have the same length. Got {one} and {other}.")
    if not one:
        raise InputError(f"{name} must hold at least one row. Got none.")
