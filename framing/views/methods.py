"""What a paper says of a table of scores: the paragraph of the methods section, and the model's card as HTML."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from framing.bootstrap import RESAMPLES
from framing.table import HAS_FRAME
from framing.views import parts
from framing.views.html import safe

if TYPE_CHECKING:
    from framing.archive.findings import Findings

_CODE = re.compile(r"`([^`]*)`")


def told(findings: Findings, by: str | None, time: str | None) -> list[str]:
    """The paragraphs, plain text."""
    return [_coded(findings), _defined(findings), _compared(findings, by, time)]


def _coded(findings: Findings) -> str:
    """What was labelled, by what, and what was left out."""
    from framing import __version__

    n, counts = findings.rows, findings.counts
    named = " and ".join(findings.models) or "a model of framing"
    when = f" of {findings.period[0]} to {findings.period[1]}" if findings.period else ""
    left = [f"{row.n:,} {parts.reason(str(row.reason))}" for row in findings.reasons.head(6).itertuples()]
    lost = n - counts["ok"]
    why = f" No label was given to {lost:,} ({100 * lost / n:.1f}%: {'; '.join(left)}); they are left out of all figures." if lost else ""
    return (
        f"We labelled the wording of {n:,} {'article' if n == 1 else 'articles'}{when} with framing {__version__} (model {named}): linear "
        f"classifiers on TF-IDF features (logistic regression, calibrated probabilities). {counts['ok']:,} have labels.{why}"
    )


def _defined(findings: Findings) -> str:
    """What the labels that occur mean."""
    made = []
    if "tone" in findings.labels:
        made.append("Tone is loaded where the article's wording takes a side, else measured.")
    if "hedging" in findings.labels:
        made.append(
            "A sentence is hedged if it holds a cue that withholds commitment (epistemic, doxastic, condition, investigation, "
            "reportative), vague if it rests on nobody in particular, attributed if it passes on what a source said; rates are shares of "
            "an article's sentences, and the percentile is the share of reference news with a lower hedged rate."
        )
    if any(name.startswith(HAS_FRAME) for name in findings.measures):
        made.append("A frame counts as present where its calibrated probability passes a threshold chosen on training data.")
    return " ".join(made) or "The measures are those of the model's heads."


def _compared(findings: Findings, by: str | None, time: str | None) -> str:
    """How intervals and differences were made."""
    made = f"Values are means over articles with 95% percentile bootstrap intervals ({RESAMPLES:,} resamples of articles; seed 0"
    made += "; in large groups the resampled means are drawn from the normal law that they follow)."
    if by and len(findings.differences):
        made += (
            f" Groups ({parts.one_line(by)}) were compared by differences of means with bootstrap intervals, Hedges' g, and Welch's t, "
            f"its p corrected by Holm's method over {len(findings.differences):,} comparisons."
        )
    if time:
        made += f" Months are those of the column {parts.one_line(time)}."
    return made + " Articles were taken as independent. [Say here how many articles you coded by hand, and how often you agreed.]"


def card(markdown: str) -> str:
    """A model's card as HTML: the headings, tables, lists and paragraphs that cards have."""
    made = []
    for kind, lines in groupby(markdown.splitlines(), key=_kind):
        found = list(lines)
        if kind == "heading":
            made += [f"<h3>{_inline(line.lstrip('# '))}</h3>" for line in found]
        elif kind == "table":
            made.append(_rows(found))
        elif kind == "item":
            made.append(f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in found)}</ul>")
        elif kind == "text":
            made.append(f"<p>{_inline(' '.join(found))}</p>")
    return "".join(made)


def _kind(line: str) -> str:
    start = line[:2].strip()
    return {"": "", "#": "heading", "##": "heading", "-": "item"}.get(start, "table" if start.startswith("|") else "text")


def _rows(lines: list[str]) -> str:
    """A Markdown table: the first row names the columns, the second is its line."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rows = [row for row in rows if set("".join(row)) - set("-: ")]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0]) if rows else ""
    body = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="Of the card: {_inline(rows[0][0]) if rows else ""}">{table}</div>'


def _inline(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", safe(text))
