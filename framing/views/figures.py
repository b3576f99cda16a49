"""The pictures of a report as SVG that stands in the page: its colours follow the reader's ground, its text is text (extra `plot`)."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from framing.errors import MissingExtra
from framing.views import parts, plot

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WIDTH = 3.6
"""Inches: a picture is as wide as the smallest screen, and larger screens show several in a row."""

SHADES = ("#56b4e9", "#e69f00", "#d55e00")
_SHORT = 20
_LINES = {plot.INK: "currentColor", "#000000": "currentColor", plot.GRID: "var(--grid)"}
_TAG = re.compile(r"<[^<>]*>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<metadata>.*?(?:</metadata>|\Z)", re.DOTALL)
_ID = re.compile(r'(\bid="|url\(#|href="#)')
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "framing",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.color": plot.INK,
    "axes.edgecolor": plot.INK,
    "axes.labelcolor": plot.INK,
    "xtick.color": plot.INK,
    "ytick.color": plot.INK,
    "text.usetex": False,
}


def picture(draw: Callable[[Axes], Any], height: float, number: int, said: str) -> str:
    """What `draw` puts on a pair of axes, as an `<svg>` element.

    Parameters
    ----------
    draw : callable
        Given the axes.
    height : float
        Inches.
    number : int
        Of the picture in its page: its ids begin with it.
    said : str
        What it shows, for those who do not see it.
    """
    with _drawing() as figure_of:
        figure = figure_of(figsize=(WIDTH, height), layout="constrained", facecolor="none")
        axes = figure.subplots()
        axes.set_facecolor("none")
        draw(axes)
        stream = io.StringIO()
        none = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(stream, format="svg", metadata=none)
    return _inline(stream.getvalue(), number, said)


@contextmanager
def _drawing() -> Iterator[Any]:
    """matplotlib's class of figures, under our settings and without its warnings of letters that its own font lacks."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(f"A report needs {error.name}, which is not installed. Run: pip install 'framing-news[plot]'") from None
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("ignore")
        matplotlib.rcdefaults()  # a reader's own settings change no report
        for name, value in _SETTINGS.items():
            matplotlib.rcParams[name] = value  # type: ignore[index,unused-ignore]
        yield Figure


def _inline(svg: str, number: int, said: str) -> str:
    """SVG as a part of a page: no prologue, no comment, ids of its own, colours of the page."""
    from framing.views.html import safe

    drawn = _COMMENT.sub("", svg[svg.index("<svg") :])
    drawn = _TAG.sub(lambda tag: _ID.sub(rf"\g<1>f{number}-", tag[0]), drawn)
    for colour, named in _LINES.items():
        drawn = _TAG.sub(lambda tag, a=colour, b=named: tag[0].replace(f": {a}", f": {b}"), drawn)  # type: ignore[misc]
    size = re.search(r'viewBox="[^"]*"', drawn[:1000])
    head = f'<svg {size[0] if size else ""} role="img" aria-label="{safe(said)}">'
    return head + drawn[drawn.index(">") + 1 :].strip()


def short(names: Sequence[str]) -> list[str]:
    """Names as a narrow picture can hold them, each still another one."""
    made: list[str] = []
    for name in map(parts.one_line, names):
        cut = name if len(name) <= _SHORT else name[: _SHORT - 1] + "…"
        count = 2
        while cut in made:
            cut = f"{name[: _SHORT - 5]}… {count}"
            count += 1
        made.append(cut)
    return made


def _undollared(name: str) -> str:
    return name.replace("$", r"\$")


def means(ax: Axes, table: pd.DataFrame, measure: str, axis: str) -> None:
    """Means of groups with their intervals, a row for each group."""
    rows = table[table["measure"] == measure]
    plot.groups(rows.assign(group=short(list(rows["group"])), measure=axis), axis, ax)
    ax.set_xlabel("")  # the heading says it, in letters that fit
    ax.locator_params(axis="x", nbins=5)
    _shares(ax.xaxis, measure)


def lines(ax: Axes, table: pd.DataFrame, names: dict[str, str]) -> None:
    """Measures by month with their intervals as bands; a month without articles breaks the line."""
    for place, (measure, name) in enumerate(names.items()):
        rows = table[table["measure"] == measure]
        at = [12 * int(month[:4]) + int(month[5:7]) - 1 for month in rows["group"]]
        filled = rows.assign(at=at).set_index("at")
        filled = filled.reindex(range(min(at), max(at) + 1)) if max(at) - min(at) < 3000 else filled
        colour = plot.COLOURS[place % len(plot.COLOURS)]
        low, high, mean = (filled[column].astype(float) for column in ("low", "high", "mean"))
        ax.fill_between(filled.index, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(filled.index, mean, plot.MARKERS[place % len(plot.MARKERS)] + "-", color=colour, markersize=3, linewidth=1.2, label=name)
    months = [12 * int(month[:4]) + int(month[5:7]) - 1 for month in table["group"]]
    first, last = min(months), max(months)
    ticks = sorted({round(first + (last - first) * part / 3) for part in range(4)})
    ax.set_xticks(ticks, [f"{tick // 12:04d}-{tick % 12 + 1:02d}" for tick in ticks])
    ax.set_xlim(first - 0.5, last + 0.5)
    ax.set_ylim(bottom=0, top=max(1e-9, *table.loc[table["measure"].isin(names), ["high", "mean"]].max()) * 1.05)
    ax.grid(axis="y", color=plot.GRID, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    _shares(ax.yaxis, next(iter(names)))
    if len(names) > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize="small", handletextpad=0.4, borderaxespad=0.1)


def stacked(ax: Axes, table: pd.DataFrame, labels: Sequence[str]) -> None:
    """The shares of labels in each group, as parts of a bar."""
    names = [f"{_undollared(name)} ({n:,})" for name, n in zip(short(list(table["group"])), table["n"], strict=True)]
    rows, left = range(len(table)), [0.0] * len(table)
    for label, shade in zip(labels, SHADES if len(labels) > 2 else (SHADES[0], SHADES[2]), strict=False):
        ax.barh(rows, table[label], left=left, height=0.66, color=shade, label=label)
        left = [a + b for a, b in zip(left, table[label], strict=True)]
    ax.set_yticks(rows, names)
    ax.set(xlim=(0, 1), ylim=(len(table) - 0.4, -0.6))
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    _shares(ax.xaxis, "")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize="small", handlelength=1, borderaxespad=0.1)


def histogram(ax: Axes, counts: Sequence[int], top: float, axis: str) -> None:
    """How many articles stand in each twentieth of a range."""
    edges = [top * step / len(counts) for step in range(len(counts) + 1)]
    ax.stairs(counts, edges, fill=True, color=plot.COLOURS[0], alpha=0.6)
    ax.set(xlim=(0, top), xlabel=axis, ylabel="articles", ylim=(0, max(1, *counts) * 1.05))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.locator_params(axis="y", integer=True, nbins=5)
    ax.spines[["top", "right"]].set_visible(False)


def _shares(axis: Any, measure: str) -> None:
    """Percent, but for what is no share."""
    from matplotlib.ticker import PercentFormatter

    if measure not in ("tone_loaded", "hedging_percentile") or not measure:
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
