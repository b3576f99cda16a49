"""Where a report takes the texts of its articles from, and what it says where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.archive.destinations import refuse_own_output
from framing.archive.excerpts import Excerpt, Place, excerpt, from_source, from_tables
from framing.archive.findings import Findings, extremes_of
from framing.archive.sources import Choice
from framing.corpus import check_writable
from framing.documents import Columns, escape
from framing.errors import InputError

if TYPE_CHECKING:
    from framing.model import Model
    from framing.types import Analysis

Excerpts = dict[str, dict[Place, "Excerpt | str"]]

NO_TEXT = "The texts were not given, so the articles are listed without excerpts. Give --source or --sentences to have them."
GONE = "Its text was not found where the texts were looked for."
CHANGED = "Its text has changed since it was scored, so there is no excerpt."


def check(out: Path, source: str | None, sentences: str | None, cues: str | None) -> None:
    """Refuses, before any work, options that do not fit and a report that cannot be written."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out must end in .html. Got {escape(out.name)!r}.")
    if source is not None and sentences is not None:
        raise InputError("Give --source or --sentences, not both.")
    if cues is not None and sentences is None:
        raise InputError("--cues needs --sentences: the table that framing score --sentences wrote.")
    if source == "-":
        raise InputError("--source must be a folder, a table or a query; standard input was read when the articles were scored.")
    if source is not None:
        refuse_own_output(source, out)
    check_writable(out)


def excerpts(
    findings: Findings, model: Model | None, source: str | None, sentences: str | None, cues: str | None, columns: Columns
) -> tuple[Excerpts, str]:
    """For hedged and loaded the excerpt of each article, or why there is none; and why there are none at all."""
    wanted = set(extremes_of(findings))
    if source is not None and model is not None:
        texts = from_source(source, Choice(columns), model, wanted)
    elif sentences is not None:
        texts = from_tables(sentences, cues, wanted)
    else:
        return {}, NO_TEXT
    made: Excerpts = {}
    for kind, rows in findings.extremes.items():
        for row in rows:
            place = (row["key"], row["row"])
            made.setdefault(kind, {})[place] = _chosen(texts.get(place), row, kind)
    return made, "" if texts else f"None of the texts was found where they were looked for: {escape(source or sentences or '')}."


def _chosen(found: tuple[Analysis, str] | None, row: dict[str, Any], kind: str) -> Excerpt | str:
    if found is None:
        return GONE
    analysis, text = found
    rate = analysis.hedging.rate if analysis.hedging is not None else None
    scored = row.get("hedged_rate")
    if rate is not None and isinstance(scored, (int, float)) and abs(rate - scored) > 1e-6:
        return CHANGED
    return excerpt(analysis, text, kind)
