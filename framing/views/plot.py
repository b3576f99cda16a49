"""Pictures with matplotlib, reached as `framing.plot`: each function draws on one pair of axes and returns it (extra `plot`).

Colours are those of Okabe & Ito (2008), which colour-blind readers tell apart; what a colour says, a shape, a place or a word says too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from framing.errors import InputError, MissingExtra
from framing.model import Model
from framing.types import Analysis, Explanation, Prediction
from framing.views import parts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from framing.evaluation import Report

INK, FAINT, GRID = "#222222", "#767676", "#d9d9d9"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "s", "D", "^", "v", "P")
AROUND = 2
"""Sentences on either side that the share of hedged sentences counts in."""
MOST_GROUPS, MOST_MEASURES, LONGEST = 100, len(COLOURS), 48


def profile(analysis: Analysis, ax: Axes | None = None) -> Axes:
    """How an article hedges along its way: the share of hedged sentences around each, and below it every cue in its place.

    Parameters
    ----------
    analysis : Analysis
        Of one article.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        x: sentences, counted from 1. Cues inside quotation marks are hollow. An article that abstained has a note instead.

    Raises
    ------
    InputError
        If the model of the analysis has no hedging.
    MissingExtra
        Without matplotlib.
    """
    _must(analysis, (Analysis,), "profile")
    if analysis.hedging is None or any(sentence.hedged is None for sentence in analysis.sentences):
        raise InputError(f"The model {analysis.model} has no hedging to draw. Classify the article with one that has, such as news-en.")
    kinds = parts.kinds(analysis)
    ax = _axes(ax, 7.2, 2.0 + 0.26 * len(kinds))
    if not analysis.sentences or analysis.hedging.reason == "language":
        return _note(ax, parts.reason(analysis.hedging.reason))
    _share(ax, [sentence.hedged is not None and sentence.hedged.label == "hedged" for sentence in analysis.sentences])
    _cues(ax, analysis, kinds)
    ax.set_yticks([0, 0.75, 1.5, *(-0.6 - row for row in range(len(kinds)))], ["0%", "50%", "100%", *kinds])
    ax.set(xlim=(0.4, len(analysis.sentences) + 0.6), ylim=(-0.3 - len(kinds), 1.6), xlabel="sentence")
    ax.locator_params(axis="x", integer=True)
    return ax


def groups(table: pd.DataFrame, measures: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Means of groups with their intervals, a row for each group in the order of the table.

    Parameters
    ----------
    table : DataFrame
        Columns measure, group, n, mean, low, high, as `framing.archive.summary.groups` gives and `framing summary --out` writes.
    measures : str or sequence of str, optional
        Which to draw, at most six; by default all.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        x: the mean and its interval, percent where every measure is a rate. A group without articles has no point.

    Raises
    ------
    InputError
        On a missing column, an unknown measure, or more groups or measures than a picture can hold.
    MissingExtra
        Without matplotlib.
    """
    _columns(table, ("measure", "group", "n", "mean", "low", "high"))
    chosen = _measures(table, measures)
    names = list(dict.fromkeys(table.loc[table["measure"].isin(chosen), "group"]))
    if len(names) > MOST_GROUPS:
        raise InputError(f"A picture holds {MOST_GROUPS} groups, got {len(names)}. Choose some: table[table['group'].isin([...])].")
    ax = _axes(ax, 6.4, 1.0 + max(0.32, 0.19 * len(chosen)) * len(names))
    for place, measure in enumerate(chosen):
        rows = table[table["measure"] == measure].set_index("group").reindex(names)
        apart = (place - (len(chosen) - 1) / 2) * 0.7 / len(chosen)
        _spans(ax, rows, [row + apart for row in range(len(names))], place, _title(measure))
    counts = table[table["measure"] == chosen[0]].groupby("group", sort=False)["n"].first()
    ax.set_yticks(range(len(names)), [f"{_plain(name)} ({counts.get(name, 0):,})" for name in names])
    ax.set(ylim=(len(names) - 0.4, -0.6), xlabel=_title(chosen[0]) if len(chosen) == 1 else "mean, 95% interval")
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    _percents(ax.xaxis, chosen)
    if len(chosen) > 1:
        _above(ax)
    return ax


def reliability(report: Report | pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How often what a head holds probable is so: the share observed in each bin against the mean probability given.

    Parameters
    ----------
    report : Report or DataFrame
        What `framing.evaluate` answers, or its `.reliability` (columns n, mean_probability, observed_rate).
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Points with Wilson's 95% intervals; on the dashed line a head is right as often as it says. Bars above count the rows
        of each bin, their height the square root. Of a Report, n and ECE with its interval stand in the corner.

    Raises
    ------
    InputError
        On a missing column, or where no bin holds a row.
    MissingExtra
        Without matplotlib.
    """
    from framing.evaluation import Report

    table = report.reliability if isinstance(report, Report) else report
    _columns(table, ("n", "mean_probability", "observed_rate"))
    bins = table.loc[table["n"] > 0]
    if not len(bins):
        raise InputError("There is nothing to draw: no bin holds a row. Evaluate on labelled rows first.")
    ax = _axes(ax, 4.2, 4.6)
    ax.plot([0, 1], [0, 1], "--", color=FAINT, linewidth=1)
    bounds = [wilson(rate, n) for rate, n in zip(bins["observed_rate"], bins["n"], strict=True)]
    ax.vlines(bins["mean_probability"], [low for low, _ in bounds], [high for _, high in bounds], color=COLOURS[0])
    ax.plot(bins["mean_probability"], bins["observed_rate"], "o", color=COLOURS[0])
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability given", ylabel="share that is so", aspect="equal")
    ax.grid(color=GRID, linewidth=0.6)
    _counts(ax, bins)
    if isinstance(report, Report):
        ax.text(0.97, 0.03, _ece(report), ha="right", va="bottom", color=FAINT, fontsize="small")
    return ax


def learning_curve(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What more training rows give: each measure over the rows, whose axis is logarithmic.

    Parameters
    ----------
    table : DataFrame
        Columns rows, measure, value, and where they are known low and high.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        A line for each measure, at most six, with the intervals as bars.

    Raises
    ------
    InputError
        On a missing column or more measures than a picture can hold.
    MissingExtra
        Without matplotlib.
    """
    _columns(table, ("rows", "measure", "value"))
    chosen = _measures(table, None)
    ax = _axes(ax, 5.2, 3.6)
    for place, measure in enumerate(chosen):
        rows = table[table["measure"] == measure].sort_values("rows")
        shift = 1 + 0.025 * (place - (len(chosen) - 1) / 2)  # so that intervals stand beside each other
        x, colour = rows["rows"] * shift, COLOURS[place]
        ax.plot(x, rows["value"], f"{MARKERS[place]}-", color=colour, label=f"{_title(measure)}, at last {rows['value'].iloc[-1]:.3f}")
        if {"low", "high"} <= set(table.columns):
            ax.vlines(x, rows["low"], rows["high"], color=colour, alpha=0.6)
    sizes = sorted(set(table["rows"]))
    ax.set(xscale="log", xlabel="training rows, logarithmic", ylabel="measure")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
    ax.set_xticks([], minor=True)
    ax.grid(color=GRID, linewidth=0.6)
    ax.legend(loc="lower right", fontsize="small")
    return ax


def features(
    source: Explanation | Analysis | Model, head: str = "tone", label: str | None = None, top: int = 12, ax: Axes | None = None
) -> Axes:
    """The strongest features of a score, or of a head.

    Parameters
    ----------
    source : Analysis, Explanation or Model
        An analysis or an explanation: what each feature adds to the score of this text. A model: the weights of its head.
    head : str
        Of an analysis or a model; an explanation is of one head already.
    label : str, optional
        Of a model's head with more than two labels, or of frames: which label.
    top : int
        How many features.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        x: contribution in log-odds, or weight; bars to the right raise the score (of two labels, that of the second).

    Raises
    ------
    InputError
        If there is no such head or label, or the head abstained.
    MissingExtra
        Without matplotlib.
    """
    _must(source, (Analysis, Explanation, Model), "features")
    found, said = _weights(source, head, label) if isinstance(source, Model) else _contributions(source, head)
    strongest = sorted(found, key=lambda item: (-abs(item[1]), item[0]))[:top]
    rows, amounts = range(len(strongest)), [amount for _, amount in strongest]
    ax = _axes(ax, 6.4, 1.0 + 0.26 * len(strongest))
    ax.barh(rows, amounts, color=[COLOURS[1] if amount > 0 else COLOURS[0] for amount in amounts], height=0.7)
    ax.set_yticks(rows, [_plain(feature) for feature, _ in strongest])
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set(ylim=(len(strongest) - 0.4, -0.6), xlabel=said)
    ax.grid(axis="x", color=GRID, linewidth=0.6)
    return ax


def wilson(rate: float, n: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share (Wilson 1927)."""
    z2 = 1.96**2
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = 1.96 * float(rate * (1 - rate) / n + z2 / (4 * n * n)) ** 0.5 / (1 + z2 / n)
    return middle - half, middle + half


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes given, or those of a new figure (inches); grid below, no frame."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtra(f"Pictures need {error.name}, which is not installed. Run: pip install 'framing-news[plot]'") from None
    if ax is None:
        ax = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    assert ax is not None
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _share(ax: Axes, hedged: Sequence[bool]) -> None:
    """The share of hedged sentences around each, on the band from 0 to 1.5."""
    n = len(hedged)
    around = [hedged[max(0, k - AROUND) : k + AROUND + 1] for k in range(n)]
    heights = [1.5 * sum(window) / len(window) for window in around]
    ax.hlines([0, 0.75, 1.5], 0.4, n + 0.6, color=GRID, linewidth=0.6)
    ax.stairs(heights, [k + 0.5 for k in range(n + 1)], fill=True, color=COLOURS[0], alpha=0.35)
    ax.stairs(heights, [k + 0.5 for k in range(n + 1)], color=COLOURS[0], label=f"hedged, of {2 * AROUND + 1} sentences around")


def _cues(ax: Axes, analysis: Analysis, kinds: Sequence[str]) -> None:
    """Each cue at its place in its sentence, in the row of its type."""
    ax.hlines([-0.6 - row for row in range(len(kinds))], 0.4, len(analysis.sentences) + 0.6, color=GRID, linewidth=0.6)
    for voice, fill, label in (("author", COLOURS[1], "cue"), ("quoted", "white", "cue in quoted speech")):
        found = [cue for cue in analysis.cues if cue.voice == voice]
        x = [_place(analysis, cue.sentence, cue.start) for cue in found]
        y = [-0.6 - kinds.index(cue.type) for cue in found]
        if found:
            ax.plot(x, y, "o", markersize=5, markerfacecolor=fill, markeredgecolor=COLOURS[1], label=label)
    _above(ax)


def _above(ax: Axes) -> None:
    """The legend above the axes, where it covers nothing."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize="small", handletextpad=0.4, borderaxespad=0.1)


def _place(analysis: Analysis, number: int, start: int) -> float:
    sentence = analysis.sentences[number]
    return number + 0.5 + (start - sentence.start) / max(1, sentence.end - sentence.start)


def _spans(ax: Axes, rows: pd.DataFrame, y: Sequence[float], place: int, label: str) -> None:
    """Means and their intervals of one measure."""
    ax.hlines(y, rows["low"], rows["high"], color=COLOURS[place], linewidth=1.8)
    ax.plot(rows["mean"], y, MARKERS[place], color=COLOURS[place], label=label)


def _counts(ax: Axes, bins: pd.DataFrame) -> None:
    """Bars that count the rows of each bin, above the axes; square roots, so that small bins show."""
    above = ax.inset_axes((0, 1.01, 1, 0.16), sharex=ax)
    middles = [min(9, int(p * 10)) / 10 + 0.05 for p in bins["mean_probability"]]
    tall = [(n / bins["n"].max()) ** 0.5 for n in bins["n"]]
    above.bar(middles, tall, width=0.09, color=COLOURS[0], alpha=0.35)
    for x, y, n in zip(middles, tall, bins["n"], strict=True):
        above.text(x, y + 0.05, f"{n:,}", ha="center", va="bottom", fontsize=7, color=FAINT)
    above.set(ylim=(0, 1.3))
    above.axis("off")


def _ece(report: Report) -> str:
    metrics = report.metrics.set_index("metric")
    value, low, high = metrics.loc["ece", ["value", "low", "high"]]
    return f"n {report.n:,}\nECE {value:.3f} ({low:.3f} to {high:.3f})"


def _contributions(source: Analysis | Explanation, head: str) -> tuple[list[tuple[str, float]], str]:
    """Features with what they add to the score of a text, and what that is called."""
    if isinstance(source, Explanation):
        return [(parts.feature(part.feature), part.amount) for part in source], f"adds to the score of {_title(source.head)}"
    text, made = parts.whole(source, ""), source.explain(head)
    answer = getattr(source, head, None) or source.labels.get(head)
    labels = list(answer.probabilities) if isinstance(answer, Prediction) else []
    toward = labels[1] if len(labels) == 2 else made.label or head
    unit = "share of" if head == "hedging" else "log-odds of"
    return [(parts.ground(part, text, 2), part.amount) for part in made], f"adds to the {unit} {_title(toward)}"


def _weights(model: Model, head: str, label: str | None) -> tuple[list[tuple[str, float]], str]:
    """Features with their weights toward one label of a head, and what that is called."""
    frames = model.trained.get("frames")
    if head not in model.trained and frames is not None and head in frames.labels:
        head, label = "frames", head
    if head not in model.trained:
        raise InputError(f"No head {head!r} with weights. This model has: {', '.join(model.trained)}.")
    linear, labels = model.trained[head].linear, model.trained[head].labels
    rows = {labels[-1]: 0} if len(linear.coef) == 1 else {name: row for row, name in enumerate(labels)}
    label = next(iter(rows)) if label is None and len(rows) == 1 else label
    if label not in rows:
        raise InputError(f"{head} has weights for: {', '.join(rows)}. Name one as label=. Got {label!r}.")
    coef = linear.coef[rows[label]]
    return [(_learned(feature), float(coef[row])) for feature, row in linear.vocabulary.items()], f"weight toward {_title(label)}"


def _learned(feature: str) -> str:
    """A feature of a head, apart from any text: beginnings and endings of words as such, lists by their name."""
    kind, mark, rest = feature.partition("=")
    if kind in ("p", "s") and rest:
        return f"{rest}..." if kind == "p" else f"...{rest}"
    return f"list {kind}: {rest.replace('_', ' ')}" if mark and rest and kind.isalpha() else parts.feature(feature)


def _must(source: object, kinds: tuple[type, ...], name: str) -> None:
    if not isinstance(source, kinds):
        known = " or ".join(kind.__name__ for kind in kinds)
        raise InputError(f"{name} draws {known}, got {type(source).__name__}. Make one first: framing.classify(text).")


def _columns(table: Any, names: Sequence[str]) -> None:
    if missing := [name for name in names if name not in table.columns]:
        raise InputError(f"No column {missing[0]!r}. The table must have {', '.join(names)}; it has {', '.join(map(str, table.columns))}.")


def _measures(table: pd.DataFrame, wanted: str | Sequence[str] | None) -> list[str]:
    """The measures to draw."""
    known = list(dict.fromkeys(table["measure"]))
    chosen = known if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted)
    if odd := [name for name in chosen if name not in known]:
        raise InputError(f"No measure {odd[0]!r}. The table has: {', '.join(map(str, known))}.")
    if not 1 <= len(chosen) <= MOST_MEASURES:
        raise InputError(f"A picture holds 1 to {MOST_MEASURES} measures, got {len(chosen)}. Name some of: {', '.join(map(str, known))}.")
    return chosen


def _percents(axis: Any, measures: Sequence[str]) -> None:
    if all(name.endswith("_rate") for name in measures):
        from matplotlib.ticker import PercentFormatter

        axis.set_major_formatter(PercentFormatter(1, decimals=0))


def _note(ax: Axes, why: str) -> Axes:
    """Axes that say why there is nothing on them."""
    ax.text(0.5, 0.5, f"No answer: {why}.", ha="center", va="center", transform=ax.transAxes, color=FAINT)
    ax.set_axis_off()
    return ax


def _title(name: Any) -> str:
    return _plain(name).replace("_", " ")


def _plain(name: Any) -> str:
    """A name as matplotlib is to show it: one line, not too long, its dollars no mathematics."""
    shown = parts.one_line(name)
    return (shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…").replace("$", r"\$")
