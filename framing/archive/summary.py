"""What a table of scores says of its groups: means with intervals, and differences with effect sizes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from framing.bootstrap import RESAMPLES, FloatArray, intervals, means
from framing.errors import InputError
from framing.table import RATES

if TYPE_CHECKING:
    import pandas as pd

IntArray: TypeAlias = npt.NDArray[np.int64]

MEASURES = ("tone_loaded", "valence_negative", "valence_positive", *RATES, "hedging_percentile")
MONTH = ":month"
MOST_GROUPS = 200

_MONTH = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2]))(?!\d)")
_PAIRS = 2000
_WILD = 1e100  # from here on a number is none: its square would be infinite


@dataclass(frozen=True, slots=True)
class Sampled:
    """The values of each group, with means of resamples.

    Attributes
    ----------
    measures, names : tuple of str
        Columns of numbers, and groups in order of their names.
    values : tuple of arrays (n, measures)
        Of each group; NaN where an article has no value.
    resamples : array (RESAMPLES, groups, measures)
        Means of resampled articles.
    """

    measures: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[FloatArray, ...]
    resamples: FloatArray

    def means(self) -> pd.DataFrame:
        """Columns measure, group, n, mean, low, high, as `groups` tells."""
        import pandas as pd

        counts, averages, _ = self._moments()
        bounds = intervals(self.resamples.reshape(RESAMPLES, -1)).reshape(*counts.shape, 2)
        rows = [
            (measure, group, counts[g, m], averages[g, m], *bounds[g, m])
            for m, measure in enumerate(self.measures)
            for g, group in enumerate(self.names)
        ]
        return pd.DataFrame(rows, columns=["measure", "group", "n", "mean", "low", "high"])

    def differences(self) -> pd.DataFrame:
        """Columns measure, group, other, difference, low, high, g, p, p_holm, as `differences` tells."""
        import pandas as pd

        one, other = np.triu_indices(len(self.names), 1)
        names = np.array(self.names, dtype=object)
        parts = [pd.DataFrame({"measure": m, "group": names[one], "other": names[other]}) for m in self.measures]
        made = pd.concat(parts, ignore_index=True)
        apart = [_apart(self.resamples[:, :, m], one, other) for m in range(len(self.measures))]
        counts, averages, variances = self._moments()
        with np.errstate(invalid="ignore", divide="ignore"):
            g, p = _effects(counts[one], counts[other], averages[one] - averages[other], variances[one], variances[other])
        made["difference"] = (averages[one] - averages[other]).T.ravel()
        made[["low", "high"]] = np.concatenate(apart)
        made["g"], made["p"] = g.T.ravel(), p.T.ravel()
        return made.assign(p_holm=holm(made["p"].to_numpy(dtype=float)))

    def _moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Numbers of values, their means and variances (n - 1), each (groups, measures)."""
        counts = np.array([(~np.isnan(values)).sum(axis=0) for values in self.values])
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.array([np.nansum(values, axis=0) for values in self.values]) / counts
            squares = [np.nansum((values - mean) ** 2, axis=0) for values, mean in zip(self.values, means, strict=True)]
            return counts, means, np.array(squares) / (counts - 1)


def groups(frame: pd.DataFrame, by: str, measures: Sequence[str] = (), seed: int = 0) -> pd.DataFrame:
    """The mean of each measure in each group.

    Parameters
    ----------
    frame : DataFrame
        Scores. Where a measure is missing (an article that failed or abstained) the row does not count for it.
    by : str
        A column, or `date:month` for the months of a column of dates (YYYY-MM-DD).
    measures : sequence of str
        Columns of numbers; those of the shipped model if empty.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Columns measure, group, n, mean, low, high: a 95% percentile bootstrap interval over articles, `RESAMPLES` resamples.
        NaN for a group of one article.
    """
    return sampled(frame, by, measures, seed).means()


def differences(frame: pd.DataFrame, by: str, measures: Sequence[str] = (), seed: int = 0) -> pd.DataFrame:
    """Every two groups compared, on each measure; the arguments are those of `groups`.

    Returns
    -------
    DataFrame
        Columns measure, group, other, difference (group minus other), low, high (bootstrap), g (Hedges' g: the difference in
        pooled standard deviations, corrected for small samples), p (Welch's t) and p_holm: p corrected for all rows of the
        table by Holm's method. NaN where a group has under two articles or nothing varies.
    """
    return sampled(frame, by, measures, seed).differences()


def sampled(frame: pd.DataFrame, by: str, measures: Sequence[str] = (), seed: int = 0, most: int = MOST_GROUPS) -> Sampled:
    """The values by group and their resamples, for `means` and `differences` alike; the arguments are those of `groups`.

    Raises
    ------
    InputError
        If there is no such column, no group, no measure, or more than `most` groups.
    """
    import pandas as pd

    chosen = list(measures) or [n for n in frame.columns if n in MEASURES or (n.startswith("frame_") and n != "frames")]
    keys = grouped(frame, by, most)
    need(frame, chosen)
    if not chosen or not len(frame):
        raise InputError("The scores have no rows, or no measure: columns of numbers such as tone_loaded. Name one with --measures.")
    codes, names = pd.factorize(keys, sort=True)
    columns = [pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in chosen]
    table = np.column_stack(columns)
    table[~(np.abs(table) < _WILD)] = np.nan
    values = tuple(table[codes == code] for code in range(len(names)))
    resamples = np.stack([means(part, (seed, code)) for code, part in enumerate(values)], axis=1)
    return Sampled(tuple(chosen), tuple(names), values, resamples)


def grouped(frame: pd.DataFrame, by: str, most: int = MOST_GROUPS) -> pd.Series[Any]:
    """The group of each row, as text; missing where it has none. For `column:month` the months of its dates.

    Raises
    ------
    InputError
        If there is no such column, no row has a value (or date), or there are more than `most` groups.
    """
    column = by.removesuffix(MONTH)
    need(frame, [column])
    named = frame[column].astype("object").map(lambda value: None if value is None or value != value else str(value))
    keys = named.astype("str").str.extract(_MONTH, expand=False) if by.endswith(MONTH) else named
    if not keys.notna().any():
        seen = next((repr(value)[:40] for value in named.dropna()), "no value")
        asked = "a date as 2024-01-31" if by.endswith(MONTH) else "a value"
        raise InputError(f"No row has {asked} in the column {column!r}. Got {seen}. Choose another column.")
    if (found := keys.nunique()) > most:
        hint = f"Choose a column with fewer values; for dates {column}:month"
        raise InputError(f"The column {column!r} makes {found:,} groups, and at most {most} can be compared. {hint}.")
    return keys


def need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """`InputError` if the scores lack a column."""
    if missing := [name for name in columns if name not in frame.columns]:
        known = ", ".join(map(str, frame.columns))
        raise InputError(f"No column {missing[0]!r}. The scores have: {known}. See --keep of framing score.")


def holm(p: FloatArray) -> FloatArray:
    """p values corrected by Holm's step-down method (Holm 1979); NaN stays and does not count."""
    corrected = np.full(len(p), np.nan)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # NaN sorts last
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def _apart(resamples: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """Intervals of the differences of pairs, a few thousand pairs at a time."""
    cuts = range(0, max(1, len(one)), _PAIRS)
    return np.concatenate([intervals(resamples[:, one[k : k + _PAIRS]] - resamples[:, other[k : k + _PAIRS]]) for k in cuts])


def _effects(n: FloatArray, k: FloatArray, apart: FloatArray, v: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hedges' g and the p of Welch's t, of numbers of articles n and k, a difference of means, and variances v and w."""
    from scipy.special import stdtr

    free = n + k - 2
    pooled = np.sqrt(((n - 1) * v + (k - 1) * w) / free)
    a, b = v / n, w / k
    t = apart / np.sqrt(a + b)
    p = 2 * stdtr((a + b) ** 2 / (a**2 / (n - 1) + b**2 / (k - 1)), -np.abs(t))
    told = (np.minimum(n, k) >= 2) & (pooled >= 1e-12)
    return np.where(told, apart / pooled * (1 - 3 / (4 * free - 1)), np.nan), np.where(told, p, np.nan)


def told(means: pd.DataFrame, compared: pd.DataFrame, shown: int = 20) -> str:
    """Both tables as text; of the differences those that are surest first."""
    first = _plain(means)
    surest = compared.sort_values(["p_holm", "measure"], kind="stable").head(shown)
    if not len(surest):
        return first
    more = f"\n... and {len(compared) - shown} more" if len(compared) > shown else ""
    return f"{first}\n\nDifferences (95% intervals; Hedges' g; Welch's p, Holm over {len(compared)} comparisons)\n{_plain(surest)}{more}"


def _plain(table: Any) -> str:
    text: str = table.to_string(index=False, float_format=lambda value: f"{round(value, 3) + 0.0:.3f}", na_rep="-")
    return text
