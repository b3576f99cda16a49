"""The report on a table of scores: one file of HTML that holds all it shows, asks nobody for anything and runs no script."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.table import HAS_FRAME, LOADED, RATES
from framing.views import figures, methods, parts
from framing.views.html import legend, marked, safe, style

if TYPE_CHECKING:
    import pandas as pd

    from framing.archive.excerpts import Excerpt
    from framing.archive.findings import Findings

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
DRAWN, TOP_FRAMES, SUREST = 30, 5, 20
"""Groups and frames that a picture holds, and differences that are listed; the tables hold the rest."""

AXES = {
    "tone_loaded": "mean probability of a loaded tone",
    LOADED: "articles with a loaded tone",
    "hedged_rate": "hedged sentences",
    "vague_rate": "vague sentences",
    "attributed_rate": "attributed sentences",
    "hedging_percentile": "mean percentile of hedging in reference news",
}
_NUMBER = re.compile(r"-|<?[-+]?[\d,.]+%?( to [-+]?[\d,.]+%?)?")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a report is told besides its findings.

    Attributes
    ----------
    name : str
        Of the table of scores.
    by, time : str or None
        The columns of groups and dates.
    excerpts : mapping
        For the kinds hedged and loaded, by key and row: an `Excerpt`, or in words why there is none.
    missing : str
        Why there are no excerpts at all; empty where there are.
    card : str
        The card of the scores' model, Markdown; empty where it is not installed.
    """

    name: str
    by: str | None = None
    time: str | None = None
    excerpts: Mapping[str, Mapping[tuple[str, int], Excerpt | str]] = field(default_factory=dict)
    missing: str = ""
    card: str = ""


def page(findings: Findings, setting: Setting) -> str:
    """The whole report.

    Parameters
    ----------
    findings : Findings
        What `framing.archive.findings.find` found.
    setting : Setting

    Returns
    -------
    str
        HTML; the same arguments give the same bytes. Every text of the table, the source and the model is escaped.

    Raises
    ------
    MissingExtra
        Without matplotlib.
    """
    numbers = itertools.count(1)
    sections = [section for section in _sections(findings, setting, numbers) if section[2]]
    links = "".join(f'<li><a href="#{key}">{heading}</a></li>' for key, heading, _ in sections)
    bodies = "".join(f'<section id="{key}"><h2>{heading}</h2>{body}</section>' for key, heading, body in sections)
    title = f"How {safe(parts.one_line(setting.name))} says it"
    css = Path(__file__).with_name("templates").joinpath("report.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title><style>{css}{style(".text")}'
        f'{style(".key")}</style></head><body><header><span class="brand">framing report</span><h1>{title}</h1>'
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header><main>{_facts(findings, setting)}{bodies}</main>'
        f"<footer>{_foot(findings)}</footer></body></html>\n"
    )


def _sections(findings: Findings, setting: Setting, numbers: Iterator[int]) -> Iterator[tuple[str, str, str]]:
    """Id, heading and body of each section."""
    yield "tone", "Tone", _tone(findings, setting, numbers)
    yield "hedging", "Hedging", _hedging(findings, setting, numbers)
    yield "frames", "Frames", _frames(findings, setting, numbers)
    yield "more", "Further measures", _more(findings, setting, numbers)
    yield "differences", "Differences between groups", _differences(findings, setting)
    yield "hedged", "The most hedged articles", _extremes(findings, setting, "hedged")
    yield "loaded", "The most loaded articles", _extremes(findings, setting, "loaded")
    yield "methods", "Methods, to paste", f'<div class="paste">{_paragraphs(methods.told(findings, setting.by, setting.time))}</div>'
    yield "card", "The model's card, to paste", _card(findings, setting)
    yield "quarantine", "What has no label", _quarantine(findings)


def _facts(findings: Findings, setting: Setting) -> str:
    """The few numbers that stand first."""
    rows = [("Inputs", f"{findings.rows:,}", _counted(findings))]
    for measure, name in ((LOADED, "Loaded articles"), ("hedged_rate", "Hedged sentences"), ("attributed_rate", "Attributed")):
        if (found := _whole(findings, measure)) is not None:
            rows.append((name, _number(measure, found["mean"]), _span(measure, found)))
    if findings.period:
        rows.append(("Months", " to ".join(dict.fromkeys(findings.period)), _undated(findings)))
    cells = "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd><dd>{safe(note)}</dd></div>" for name, value, note in rows)
    return f'<dl class="facts">{cells}</dl>'


def _counted(findings: Findings) -> str:
    counts = findings.counts
    return f"{counts['ok']:,} labelled, {counts['abstained']:,} without a label, {counts['error']:,} not read"


def _undated(findings: Findings) -> str:
    return f"{findings.undated:,} labelled articles have no date and are left out of what goes by month" if findings.undated else ""


def _whole(findings: Findings, measure: str) -> dict[str, Any] | None:
    rows = findings.overall[findings.overall["measure"] == measure].to_dict("records")
    return {str(name): value for name, value in rows[0].items()} if rows and rows[0]["n"] else None


def _tone(findings: Findings, setting: Setting, numbers: Iterator[int]) -> str:
    if "tone" not in findings.labels:
        return ""
    made = [
        _histogram(findings, numbers, "tone_loaded", 1.0, "How loaded", "probability of a loaded tone"),
        _by_month(findings, numbers, [LOADED], "Loaded articles by month"),
        _labels(findings, numbers, "tone", "Measured and loaded articles", setting),
        _by_group(findings, numbers, "tone_loaded", setting),
    ]
    return (
        "<p>A tone is <em>loaded</em> where the wording takes a side, else <em>measured</em>. It describes wording, "
        f"not truth or intent.</p>{_figures(made)}"
    )


def _hedging(findings: Findings, setting: Setting, numbers: Iterator[int]) -> str:
    if "hedging" not in findings.labels:
        return ""
    rates = [name for name in RATES if name in findings.measures]
    made = [
        _histogram(findings, numbers, "hedging_percentile", 100.0, "Beside reference news", "percentile of hedging"),
        _by_month(findings, numbers, rates, "Hedging by month"),
        _labels(findings, numbers, "hedging", "Plain, hedged and heavily hedged articles", setting),
        *(_by_group(findings, numbers, rate, setting) for rate in rates),
    ]
    return (
        "<p>A sentence is <em>hedged</em> where words withhold commitment (may, reportedly, if), <em>vague</em> where nobody in particular "
        "speaks (critics say), <em>attributed</em> where it passes on what a source said. The percentile is the share of reference news "
        f"that hedges less.</p>{_figures(made)}"
    )


def _frames(findings: Findings, setting: Setting, numbers: Iterator[int]) -> str:
    """All frames of all articles, their groups as a table, the strongest by month."""
    found = findings.overall[findings.overall["measure"].str.startswith(HAS_FRAME)]
    ranked = found.sort_values("mean", ascending=False, kind="stable")
    if not len(found):
        return ""
    names = [_name(measure) for measure in ranked["measure"]]
    rows = ranked.assign(group=names, measure="frame")
    said, axis = "share of articles in which each frame is present, 95% intervals", "articles with the frame"
    table, height = _means_table(rows, "frame", "Frame"), 0.9 + 0.27 * len(rows)
    overall = _figure(numbers, "Frames of all articles", said, lambda ax: figures.means(ax, rows, "frame", axis), height, table)
    months = [_by_month(findings, numbers, [name], f"{_name(name)} by month".capitalize()) for name in ranked["measure"][:TOP_FRAMES]]
    grid = _grid(findings, list(ranked["measure"]), setting)
    said = "A frame is an aspect through which an article mainly tells its issue; one may have several, or none."
    return f"<p>{said}</p>{_figures([overall, *months])}{grid}"


def _grid(findings: Findings, measures: Sequence[str], setting: Setting) -> str:
    """A row for each group, a column for each frame."""
    if not len(findings.means):
        return ""
    table = findings.means[findings.means["measure"].isin(measures)].pivot(index="group", columns="measure", values="mean")
    rows = [[group, *(_shaded(table.loc[group, measure]) for measure in measures)] for group in table.index]
    heading = f"<h3>Frames by {safe(_name(str(setting.by)))}</h3>"
    return heading + _table([_name(str(setting.by)), *map(_name, measures)], rows, "Share of articles in which each frame is present")


def _more(findings: Findings, setting: Setting, numbers: Iterator[int]) -> str:
    """Measures that were asked for by name."""
    others = [name for name in findings.measures if name not in AXES and not name.startswith(HAS_FRAME)]
    rows = [[_name(name), *_row(name, found)] for name in others if (found := _whole(findings, name))]
    made = [_by_group(findings, numbers, name, setting) for name in others]
    made += [_by_month(findings, numbers, [name], f"{_name(name)} by month") for name in others]
    return (_table(["Measure", "n", "mean", "95% interval"], rows, "Means of all articles") + _figures(made)) if rows else ""


# ---- pictures, each with its table ----------------------------------------------------------------------------------


def _figures(made: Sequence[str]) -> str:
    return f'<div class="figures">{"".join(made)}</div>'


def _figure(numbers: Iterator[int], heading: str, said: str, draw: Any, height: float, table: str) -> str:
    svg = figures.picture(draw, height, next(numbers), f"{heading}: {said}. The table below it has the numbers.")
    details = f"<details><summary>Table: {safe(heading)}</summary>{table}</details>"
    return f"<figure><figcaption><b>{safe(heading)}</b>{safe(said)}</figcaption>{svg}{details}</figure>"


def _histogram(findings: Findings, numbers: Iterator[int], measure: str, top: float, heading: str, axis: str) -> str:
    if measure not in findings.histograms:
        return ""
    counts = [int(count) for count in findings.histograms[measure]]
    step, digits = top / len(counts), 2 if top <= 1 else 0
    rows = [[f"{k * step:.{digits}f} to {(k + 1) * step:.{digits}f}", f"{count:,}"] for k, count in enumerate(counts)]
    table = _table([axis, "articles"], rows, f"{heading}: all articles")
    return _figure(numbers, heading, f"all articles, by {axis}", lambda ax: figures.histogram(ax, counts, top, axis), 2.3, table)


def _labels(findings: Findings, numbers: Iterator[int], kind: str, heading: str, setting: Setting) -> str:
    table = findings.labels[kind]
    labels = [str(name) for name in table.columns if name not in ("group", "n")]
    shown, note = _shown(table, setting)
    rows = [[row["group"], f"{row['n']:,}", *(f"{100 * row[label]:.1f}%" for label in labels)] for row in table.to_dict("records")]
    listed = _table([_name(setting.by or "group"), "n", *labels], rows, heading)
    said = f"share of articles with each label{note}"
    return _figure(numbers, heading, said, lambda ax: figures.stacked(ax, shown, labels), 0.8 + 0.27 * len(shown), listed)


def _shown(table: pd.DataFrame, setting: Setting) -> tuple[pd.DataFrame, str]:
    """The groups that a picture holds, in the order of the table, and how they were chosen."""
    named = f", by {_name(setting.by)}" if setting.by else ""
    if len(table) <= DRAWN + 1:
        return table, named
    largest = table["n"].sort_values(ascending=False, kind="stable").index[: DRAWN + 1]
    return table.loc[sorted(largest)], f"{named}: the {DRAWN} with most articles"


def _by_group(findings: Findings, numbers: Iterator[int], measure: str, setting: Setting) -> str:
    rows = findings.means[findings.means["measure"] == measure]
    if not len(rows):
        return ""
    axis = AXES.get(measure, _name(measure))
    shown, note = _shown(rows.reset_index(drop=True), setting)
    heading = f"{axis[0].upper()}{axis[1:]} by {_name(str(setting.by))}"
    table = _means_table(rows, measure, _name(str(setting.by)))
    said = f"means with 95% intervals{note.partition(':')[1]}{note.partition(':')[2]}"
    return _figure(numbers, heading, said, lambda ax: figures.means(ax, shown, measure, axis), 0.8 + 0.27 * len(shown), table)


def _by_month(findings: Findings, numbers: Iterator[int], measures: Sequence[str], heading: str) -> str:
    present = [name for name in measures if len(findings.months) and name in findings.measures]
    table = findings.months[findings.months["measure"].isin(present) & (findings.months["n"] > 0)]
    present = [name for name in present if name in set(table["measure"])]
    if not present:
        return ""
    names = {measure: _axis(measure).removeprefix("mean ") for measure in present}
    named = ["Measure"] if len(names) > 1 else []
    rows = [[row["group"], *[names[row["measure"]] for _ in named], *_row(row["measure"], row)] for row in table.to_dict("records")]
    listed = _table(["Month", *named, "n", "mean", "95% interval"], rows, heading)
    said = f"{', '.join(names.values())}; {'bands are 95% intervals' if len(names) > 1 else 'the band is the 95% interval'}"
    return _figure(numbers, heading, said, lambda ax: figures.lines(ax, table, names), 2.2 if len(names) < 2 else 2.7, listed)


# ---- tables and numbers ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with a bar behind its number."""

    text: str
    share: float


def _shaded(share: float) -> _Cell | str:
    return "-" if share != share else _Cell(f"{100 * share:.1f}%", float(share))


def _table(headings: Sequence[str], rows: Sequence[Sequence[_Cell | str]], caption: str) -> str:
    """A table whose first column names the rows; columns of numbers stand to the right. All of it is escaped."""
    if not rows:
        return ""
    right = [k > 0 and all(isinstance(row[k], _Cell) or _is_number(str(row[k])) for row in rows) for k in range(len(headings))]
    head = "".join(f"<th scope=\"col\"{_class(r)}>{safe(parts.one_line(name))}</th>" for name, r in zip(headings, right, strict=True))
    body = "".join(f"<tr>{''.join(_cell(cell, k, right[k]) for k, cell in enumerate(row))}</tr>" for row in rows)
    shown = safe(parts.one_line(caption))
    table = f'<table aria-label="{shown}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{shown}">{table}</div>'


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _class(right: bool) -> str:
    return ' class="number"' if right else ""


def _cell(cell: _Cell | str, place: int, right: bool) -> str:
    if isinstance(cell, _Cell):
        return f'<td class="number share" style="--part:{100 * min(1.0, max(0.0, cell.share)):.1f}%">{safe(cell.text)}</td>'
    text = safe(parts.one_line(cell))
    return f'<th scope="row">{text}</th>' if place == 0 else f"<td{_class(right)}>{text}</td>"


def _means_table(rows: pd.DataFrame, measure: str, name: str) -> str:
    listed = [[row["group"], *_row(measure, row)] for row in rows.to_dict("records")]
    return _table([name, "n", "mean", "95% interval"], listed, f"{AXES.get(measure, _name(measure))} by {name}")


def _row(measure: str, row: Mapping[Any, Any]) -> list[str]:
    return [f"{row['n']:,}", _number(measure, row["mean"]), _span(measure, row)]


def _axis(measure: str) -> str:
    """A measure as an axis or a table names it."""
    return AXES.get(measure, f"articles with the frame {_name(measure)}" if measure.startswith(HAS_FRAME) else _name(measure))


def _number(measure: str, value: float) -> str:
    """A mean as it is said: shares as per cent."""
    if value != value:
        return "-"
    if measure == "frame" or measure.startswith(HAS_FRAME) or measure.endswith("_rate") or measure == LOADED:
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if measure == "hedging_percentile" else f"{value:.3f}"


def _span(measure: str, row: Mapping[Any, Any]) -> str:
    return "-" if row["low"] != row["low"] else f"{_number(measure, row['low'])} to {_number(measure, row['high'])}"


def _name(column: str) -> str:
    return parts.one_line(column.removeprefix(HAS_FRAME)).replace("_", " ")


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{safe(text)}</p>" for text in texts)


# ---- differences, articles, methods, quarantine ----------------------------------------------------------------------


def _differences(findings: Findings, setting: Setting) -> str:
    table = findings.differences
    if not len(table):
        return ""
    surest = table.sort_values(["p_holm", "measure", "group", "other"], kind="stable").head(SUREST)
    rows = [_compared(row) for row in surest.to_dict("records")]
    headings = ["Measure", _name(str(setting.by)), "beside", "difference", "95% interval", "Hedges' g", "p (Holm)"]
    said = (
        f"Of {len(table):,} comparisons the {len(rows)} that are surest; shares differ by percentage points. p is Welch's, corrected by "
        "Holm's method for all of them. framing summary writes whole tables."
    )
    return f"<p>{safe(said)}</p>{_table(headings, rows, 'Differences between groups')}"


def _compared(row: Mapping[Any, Any]) -> list[str]:
    """Two groups beside each other, as a row of the table."""
    measure, g = row["measure"], "-" if row["g"] != row["g"] else f"{row['g']:+.2f}"
    names = [AXES.get(measure, _name(measure)), row["group"], row["other"]]
    return [*names, _signed(measure, row["difference"]), _apart(row), g, _p(row["p_holm"])]


def _signed(measure: str, value: float) -> str:
    shown = _number(measure, value).rstrip("%")
    return f"+{shown}" if value > 0 else shown


def _apart(row: Mapping[Any, Any]) -> str:
    if row["low"] != row["low"]:
        return "-"
    return f"{_signed(row['measure'], row['low'])} to {_signed(row['measure'], row['high'])}"


def _p(value: float) -> str:
    return "-" if value != value else "<0.001" if value < 0.001 else f"{value:.3f}"


def _extremes(findings: Findings, setting: Setting, kind: str) -> str:
    rows = findings.extremes.get(kind, [])
    if not rows:
        return ""
    note = f"<p>{safe(setting.missing)}</p>" if setting.missing else ""
    shown = [_article(row, kind, setting) for row in rows]
    return f"{note}{_key(setting, kind)}<div class=\"articles\">{''.join(shown)}</div>"


def _article(row: Mapping[str, Any], kind: str, setting: Setting) -> str:
    """An article by its headline, with what is known of it and some of its sentences."""
    key = row["key"]
    title = parts.one_line(row.get("title") or key)
    told = [f"{100 * row['hedged_rate']:.0f}% hedged" if kind == "hedged" else f"probability of a loaded tone {row['tone_loaded']:.2f}"]
    told += [f"{row['words']:,.0f} words" if isinstance(row.get("words"), (int, float)) else ""]
    told += [str(row[name]) for name in (setting.by, setting.time) if name and row.get(name) is not None]
    about = " · ".join(parts.one_line(part) for part in [*told, key if key != title else ""] if part)
    found = setting.excerpts.get(kind, {}).get((key, row["row"]))
    return f'<article><h3>{safe(title)}</h3><p class="about">{safe(about)}</p>{_excerpt(found)}</article>'


def _excerpt(found: Excerpt | str | None) -> str:
    if found is None or isinstance(found, str):
        return f'<p class="quiet">{safe(found)}</p>' if found else ""
    start, end = found.within
    before, after = ("… " if start > 0 else ""), (" …" if end < len(found.text.rstrip()) else "")
    shown = marked(found.analysis, found.text, within=found.within)
    return f'<div class="text">{shown.replace("<p>", f"<p>{before}", 1)[: -len("</p>")]}{after}</p></div>' if shown else ""


def _key(setting: Setting, kind: str) -> str:
    """The legend of the marks that occur in these excerpts."""
    from dataclasses import replace

    found = [one for one in setting.excerpts.get(kind, {}).values() if not isinstance(one, str)]
    if not found:
        return ""
    inside = [cue for one in found for cue in one.analysis.cues if one.within[0] <= cue.start < one.within[1]]
    sentences = [line for one in found for line in one.analysis.sentences if one.within[0] <= line.start < one.within[1]]
    return f'<div class="key">{legend(replace(found[0].analysis, cues=tuple(inside), sentences=tuple(sentences)))}</div>'


def _card(findings: Findings, setting: Setting) -> str:
    if not setting.card:
        named = ", ".join(findings.models) or "a model that the scores do not name"
        return f"<p>{safe(f'The scores are of {named}, which is not installed here. Name its folder with --model to have its card.')}</p>"
    return f'<div class="paste">{methods.card(setting.card)}</div>'


def _quarantine(findings: Findings) -> str:
    if not len(findings.reasons):
        return "<p>Every input has a label.</p>"
    rows = [[parts.reason(row["reason"]), row["status"], f"{row['n']:,}"] for row in findings.reasons.head(100).to_dict("records")]
    made = f"<p>{safe(_counted(findings))}.</p>" + _table(["Reason", "status", "inputs"], rows, "Reasons")
    listed = [[str(row.get("key")), str(row.get("title") or "-"), str(row.get("reason") or "-")] for row in findings.quarantine]
    if not listed:
        return made
    more = findings.counts["error"] - len(listed)
    note = f"<p>{more:,} more are in the scores: rows with status error.</p>" if more > 0 else ""
    heading = "Inputs that could not be read"
    return f"{made}<h3>{heading}</h3>{_table(['Input', 'title', 'reason'], listed, heading)}{note}"


def _foot(findings: Findings) -> str:
    from framing import __version__

    return safe(f"Made by framing {__version__} from scores of {', '.join(findings.models) or 'a model without a name'}.")
