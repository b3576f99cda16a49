"""What a report tells of a table of scores: counts, shares, means by group and month, the most hedged and loaded, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.archive.summary import MONTH, grouped, need, sampled
from framing.errors import InputError
from framing.table import HAS_FRAME, LOADED, RATES

if TYPE_CHECKING:
    import pandas as pd

ALL = "all articles"
MOST_MONTHS, MOST_QUARANTINED = 1200, 500
HEDGING_LABELS = ("plain", "hedged", "heavily hedged")
TONE_LABELS = ("measured", "loaded")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to tell.

    Attributes
    ----------
    by, time : str or None
        Columns of groups and of dates.
    measures : tuple of str
        Further columns of numbers.
    top : int
        How many of the most hedged and the most loaded articles.
    """

    by: str | None = None
    time: str | None = None
    measures: tuple[str, ...] = ()
    top: int = 10


@dataclass(frozen=True, slots=True)
class Findings:
    """All numbers of a report.

    Attributes
    ----------
    rows : int
    counts : dict of str to int
        Rows by status.
    reasons : DataFrame
        Columns status, reason, n; of the rows that are not ok.
    models : tuple of str
        Ids of the models that the scores are of.
    period : tuple of (first, last month) or None
    undated : int
        Articles with an answer and without a date, where dates were asked for.
    labels : dict of str to DataFrame
        For tone and hedging: a row for all and for each group, columns group, n, and the share of each label.
    histograms : dict of str to array (20,)
        Articles in each twentieth of the range of tone_loaded (0 to 1) and hedging_percentile (0 to 100).
    measures : tuple of str
        In the order of the tables.
    overall, means, months : DataFrame
        Columns measure, group, n, mean, low, high: for all articles, by group, by month; empty where not asked for.
    differences : DataFrame
        As `framing.archive.summary.differences`; empty without two groups.
    extremes : dict of str to list of dict
        For hedged and loaded: the rows of the scores, the most first.
    quarantine : list of dict
        The first of the inputs that failed: key, title, reason.
    """

    rows: int
    counts: dict[str, int]
    reasons: pd.DataFrame
    models: tuple[str, ...]
    period: tuple[str, str] | None
    undated: int
    labels: dict[str, pd.DataFrame]
    histograms: dict[str, Any]
    measures: tuple[str, ...]
    overall: pd.DataFrame
    means: pd.DataFrame
    months: pd.DataFrame
    differences: pd.DataFrame
    extremes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    quarantine: list[dict[str, Any]] = field(default_factory=list)


def find(scores: pd.DataFrame, asked: Asked) -> Findings:
    """Everything that a report tells of scores.

    Raises
    ------
    InputError
        If they are no scores, have no rows, lack a column that was asked for, or no article has a label.
    """
    frame = _checked(scores, asked)
    answered = _numbered(frame[frame["status"] == "ok"].reset_index(drop=True), asked)
    if not len(answered):
        raise InputError(f"No article has a label: {_told(frame)}. Look at the reasons in the scores; framing score tells what to do.")
    measures = tuple(name for name in answered.columns if name in _wanted(answered, asked))
    grouping = sampled(answered, asked.by, measures) if asked.by else None
    months = sampled(answered, asked.time + MONTH, measures, most=MOST_MONTHS).means() if asked.time else None
    overall = sampled(answered.assign(**{ALL: ALL}), ALL, measures).means()
    empty = overall.head(0)
    dates = [] if months is None else sorted(set(months["group"]))
    return Findings(
        rows=len(frame),
        counts={status: int((frame["status"] == status).sum()) for status in ("ok", "abstained", "error")},
        reasons=_reasons(frame),
        models=tuple(sorted({str(name) for name in frame["model"].dropna()})) if "model" in frame else (),
        period=(dates[0], dates[-1]) if dates else None,
        undated=int(grouped(answered, asked.time + MONTH, MOST_MONTHS).isna().sum()) if asked.time else 0,
        labels=_labels(answered, asked.by),
        histograms=_histograms(answered),
        measures=measures,
        overall=overall,
        means=empty if grouping is None else grouping.means(),
        months=empty if months is None else months,
        differences=empty if grouping is None else grouping.differences(),
        extremes=_extremes(answered, asked.top),
        quarantine=_quarantine(frame),
    )


def _checked(scores: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    if not len(scores):
        raise InputError("The scores have no rows. Check that it is the right table.")
    if "status" not in scores.columns:
        raise InputError(f"This is no table of scores: it has no column status, but {_named(scores)}. Give what framing score wrote.")
    need(scores, [name for name in (asked.by, asked.time, *asked.measures) if name])
    return scores


def _named(scores: pd.DataFrame) -> str:
    return ", ".join(map(repr, map(str, scores.columns[:20])))[:400]


def _told(frame: pd.DataFrame) -> str:
    """The reasons of rows without a label, the most frequent first."""
    found = _reasons(frame).sort_values("n", ascending=False, kind="stable").head(5)
    return ", ".join(f"{row.n} {row.status} ({str(row.reason)[:60]})" for row in found.itertuples())


def _numbered(answered: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Answers with the measures that are made of labels."""
    import pandas as pd

    made: dict[str, Any] = {}
    if "tone" in answered:
        made[LOADED] = (answered["tone"] == "loaded").astype(float).where(answered["tone"].notna())
    if "frames" in answered:
        present = answered["frames"].astype("object").where(answered["frames"].notna(), "")
        known = [name.removeprefix("frame_") for name in answered.columns if str(name).startswith("frame_")]
        padded = ";" + present.astype(str) + ";"
        for name in known:
            there = answered[f"frame_{name}"].notna()
            made[HAS_FRAME + name] = padded.str.contains(f";{name};", regex=False).astype(float).where(there)
    return pd.concat([answered, pd.DataFrame(made, index=answered.index)], axis=1)


def _wanted(answered: pd.DataFrame, asked: Asked) -> set[str]:
    """The measures of a report: those of tone, hedging and frames that the scores have, and those named."""
    known = {"tone_loaded", "hedging_percentile", *RATES, LOADED, *asked.measures}
    return {name for name in map(str, answered.columns) if name in known or name.startswith(HAS_FRAME)}


def _reasons(frame: pd.DataFrame) -> pd.DataFrame:
    """How many rows have no label, by status and reason."""
    failed = frame[frame["status"] != "ok"]
    reason = failed["reason"].fillna("no reason given") if "reason" in failed else failed["status"]
    made = failed.assign(status=failed["status"].astype(str), reason=reason.astype(str).str[:200])
    counted = made.groupby(["status", "reason"], sort=True).size().reset_index(name="n")
    return counted.sort_values(["status", "n", "reason"], ascending=[True, False, True], kind="stable", ignore_index=True)


def _labels(answered: pd.DataFrame, by: str | None) -> dict[str, pd.DataFrame]:
    """The shares of tone's and hedging's labels, for all and by group."""
    import pandas as pd

    made = {}
    for column, labels in (("tone", TONE_LABELS), ("hedging", HEDGING_LABELS)):
        if column not in answered or not answered[column].notna().any():
            continue
        hits = pd.DataFrame({label: (answered[column] == label).astype(float) for label in labels})[answered[column].notna()]
        rows = [{"group": ALL, "n": len(hits)} | hits.mean().to_dict()]
        if by:
            found = hits.groupby(grouped(answered, by).reindex(hits.index), sort=True)
            rows += [{"group": name, "n": len(part)} | part.mean().to_dict() for name, part in found]
        made[column] = pd.DataFrame(rows)
    return made


def _histograms(answered: pd.DataFrame) -> dict[str, Any]:
    import pandas as pd

    made = {}
    for column, top in (("tone_loaded", 1.0), ("hedging_percentile", 100.0)):
        if column in answered:
            values = pd.to_numeric(answered[column], errors="coerce").dropna()
            made[column] = np.histogram(values, bins=20, range=(0, top))[0]
    return made


def _extremes(answered: pd.DataFrame, top: int) -> dict[str, list[dict[str, Any]]]:
    """The rows with the highest shares of hedged sentences and probabilities of loaded tone; ties by words, then key."""
    import pandas as pd

    made = {}
    for kind, column in (("hedged", "hedged_rate"), ("loaded", "tone_loaded")):
        if column not in answered:
            continue
        numbers = {name: pd.to_numeric(answered[name], errors="coerce") for name in (column, "words") if name in answered}
        ranked = answered.assign(**numbers).sort_values(list(numbers), ascending=False, kind="stable", na_position="last")
        made[kind] = [_placed(row) for row in _records(ranked.head(top)) if row[column] is not None and row[column] > 0]
    return made


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its key as text and its number as a number, by which its text is found."""
    number = row.get("row")
    whole = isinstance(number, (int, float)) and abs(number) < 1 << 53 and number == int(number)
    return row | {"key": str(row.get("key")), "row": int(number or 0) if whole else 0}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts; missing values are None."""
    return [{str(name): None if value != value else value for name, value in row.items()} for row in frame.to_dict("records")]


def _quarantine(frame: pd.DataFrame) -> list[dict[str, Any]]:
    wanted = [name for name in ("key", "title", "reason") if name in frame]
    return _records(frame.loc[frame["status"] == "error", wanted].head(MOST_QUARANTINED))


def extremes_of(findings: Findings) -> Sequence[tuple[str, int]]:
    """Key and row of every article whose text a report shows."""
    return sorted({(row["key"], row["row"]) for rows in findings.extremes.values() for row in rows})
