"""What a table of scores says of its groups: means with intervals, and differences with effect sizes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from framing.archive.sources import Choice, address, open_source
from framing.corpus import read_table
from framing.documents import Document
from framing.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("tone_loaded", "valence_negative", "valence_positive", "hedged_rate", "vague_rate", "attributed_rate", "hedging_percentile")
RESAMPLES = 1000
MONTH = ":month"


def read_scores(source: str) -> pd.DataFrame:
    """Scores from wherever `framing score` writes: .csv, .jsonl, .parquet, a folder, `duckdb:FILE?TABLE`, `sqlite:FILE?TABLE`."""
    import pandas as pd

    if (named := address(source)) is not None:
        kind, path, table = named
        query = f"{kind}:{path}?SELECT *, '' AS body FROM {table}"  # a source must have a column of texts
        rows = [item.extra | {"key": item.key} for item in open_source(query, Choice()) if isinstance(item, Document)]
        return pd.DataFrame(rows)
    if Path(source).is_dir():
        files = sorted(Path(source).glob("part-*.parquet"))
        if not files:
            raise InputError(f"{source} has no part-*.parquet. Name a folder that framing score wrote.")
        return pd.concat([read_table(file) for file in files], ignore_index=True)
    return read_table(source)


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
    """
    import pandas as pd

    rows = []
    for measure, group, values in _samples(frame, by, measures):
        low, high = _interval(_means(values, seed))
        rows.append((measure, group, len(values), values.mean() if len(values) else np.nan, low, high))
    return pd.DataFrame(rows, columns=["measure", "group", "n", "mean", "low", "high"])


def differences(frame: pd.DataFrame, by: str, measures: Sequence[str] = (), seed: int = 0) -> pd.DataFrame:
    """Every two groups compared, on each measure; the arguments are those of `groups`.

    Returns
    -------
    DataFrame
        Columns measure, group, other, difference (group minus other), low, high (bootstrap), g (Hedges' g: the difference in
        pooled standard deviations, corrected for small samples), p (Welch's t) and p_holm: p corrected for all rows of the
        table by Holm's method. NaN where a group has under two articles or nothing varies.
    """
    import pandas as pd

    rows = []
    for measure, found in itertools.groupby(_samples(frame, by, measures), key=lambda sample: sample[0]):
        samples = [(group, values, _means(values, seed + n)) for n, (_, group, values) in enumerate(found)]
        for (group, a, means_a), (other, b, means_b) in itertools.combinations(samples, 2):
            low, high = _interval(means_a - means_b)
            rows.append((measure, group, other, np.mean(a) - np.mean(b) if len(a) and len(b) else np.nan, low, high, *_effect(a, b)))
    made = pd.DataFrame(rows, columns=["measure", "group", "other", "difference", "low", "high", "g", "p"])
    return made.assign(p_holm=holm(made["p"].to_numpy(dtype=float)))


def holm(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """p values corrected by Holm's step-down method (Holm 1979); NaN stays and does not count."""
    corrected = np.full(len(p), np.nan)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # NaN sorts last
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def _samples(frame: pd.DataFrame, by: str, measures: Sequence[str]) -> list[tuple[str, str, npt.NDArray[np.float64]]]:
    """Measure, group and the values that are there, measures first, groups in order of their names."""
    import pandas as pd

    chosen = list(measures) or [n for n in frame.columns if n in MEASURES or (n.startswith("frame_") and n != "frames")]
    column = by.removesuffix(MONTH)
    if missing := [name for name in (column, *chosen) if name not in frame.columns]:
        raise InputError(f"No column {missing[0]!r}. The scores have: {', '.join(map(str, frame.columns))}. See --keep of framing score.")
    named = frame[column].astype("object").map(lambda value: None if value is None or value != value else str(value))
    keys = named.map(lambda name: name[:7] if by.endswith(MONTH) and name else name)
    names = sorted(keys.dropna().unique())
    if not names or not chosen:
        raise InputError(f"There is nothing to sum up by {by!r}: no row has a value there, or there is no measure.")
    numbers = {name: pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in chosen}
    split = {name: (keys == name).to_numpy() for name in names}
    return [(m, g, (values := numbers[m][split[g]])[~np.isnan(values)]) for m in chosen for g in names]


def _means(values: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """Means of resamples."""
    if not len(values):
        return np.full(RESAMPLES, np.nan)
    random = np.random.default_rng(seed)
    return np.array([values[random.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])


def _interval(means: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(means, [2.5, 97.5])  # NaN of an empty group stays NaN
    return float(low), float(high)


def _effect(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Hedges' g and the p of Welch's t."""
    from scipy.stats import ttest_ind

    free = len(a) + len(b) - 2
    if min(len(a), len(b)) < 2:
        return np.nan, np.nan
    pooled = np.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / free)
    if pooled < 1e-12:
        return np.nan, np.nan
    g = (a.mean() - b.mean()) / pooled * (1 - 3 / (4 * free - 1))
    return float(g), float(ttest_ind(a, b, equal_var=False).pvalue)


def told(means: pd.DataFrame, compared: pd.DataFrame, shown: int = 20) -> str:
    """Both tables as text; of the differences those that are surest first."""
    first = _plain(means)
    surest = compared.sort_values(["p_holm", "measure"], kind="stable").head(shown)
    if not len(surest):
        return first
    more = f"\n... and {len(compared) - shown} more" if len(compared) > shown else ""
    return f"{first}\n\nDifferences (95% intervals; Hedges' g; Welch's p, Holm over {len(compared)} comparisons)\n{_plain(surest)}{more}"


def _plain(table: Any) -> str:
    text: str = table.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-")
    return text
