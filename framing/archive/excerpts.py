"""The texts of a few articles of a table of scores, with their marks: from the source, or from the tables of sentences and cues."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from framing.archive import schema
from framing.archive.sources import Choice, open_source
from framing.archive.tables import rows_of
from framing.corpus import Unread
from framing.documents import Document, apart
from framing.errors import InputError
from framing.types import CUE_TYPES, Analysis, Cue, Prediction, Sentence

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model

Place: TypeAlias = tuple[str, int]
"""Key and row of an article."""

LENGTH, SENTENCES = 1200, 4
"""Most characters and sentences of an excerpt."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some sentences of an article: `within` are their offsets in `text`, of which the analysis was made."""

    analysis: Analysis
    text: str
    within: tuple[int, int]


def from_source(source: str, choice: Choice, model: Model, wanted: Collection[Place]) -> dict[Place, tuple[Analysis, str]]:
    """Analyses and texts of some articles, by key and row; those that the source no longer has are missing."""
    made: dict[Place, tuple[Analysis, str]] = {}
    for item in open_source(source, choice):
        place = (item.key, item.row)
        if place not in wanted:
            continue
        document = item.read() if isinstance(item, Unread) else item
        if isinstance(document, Document):
            made[place] = (model.classify(document.text, title=apart(document.title, document.text)), document.text)
        if len(made) == len(wanted):
            break
    return made


def from_tables(sentences: str, cues: str | None, wanted: Collection[Place]) -> dict[Place, tuple[Analysis, str]]:
    """Analyses and texts of some articles as `framing score --sentences` and `--cues` wrote them; sentences stand a blank apart."""
    keys = sorted({key for key, _ in wanted})
    lines = _by_place(_checked(rows_of(sentences, keys), sentences, schema.sentences().names), "sentence")
    marks = _by_place(_checked(rows_of(cues, keys), cues, schema.cues().names), "start") if cues else {}
    return {place: _analysis(lines[place], marks.get(place, [])) for place in wanted if place in lines}


def _checked(table: pd.DataFrame, name: str, columns: Sequence[str]) -> pd.DataFrame:
    if missing := [column for column in columns if column not in table.columns and not column.endswith("_probability")]:
        raise InputError(f"{name} has no column {missing[0]!r}. Give what framing score --sentences (or --cues) wrote.")
    return table


def _by_place(table: pd.DataFrame, order: str) -> dict[Place, list[dict[str, Any]]]:
    """The rows of each article, in order; those whose numbers are none are left out."""
    import pandas as pd

    numbers = [name for name in ("row", "sentence", "start", "end") if name in table.columns]
    table = table.assign(**{name: pd.to_numeric(table[name], errors="coerce") for name in numbers}).dropna(subset=[*numbers, "text"])
    made: dict[Place, list[dict[str, Any]]] = {}
    for row in table.sort_values(order, kind="stable").to_dict("records"):
        made.setdefault((str(row["key"]), int(row["row"])), []).append({str(name): value for name, value in row.items()})
    return made


def _analysis(lines: Sequence[Mapping[str, Any]], marks: Sequence[Mapping[str, Any]]) -> tuple[Analysis, str]:
    """Sentences in their order, each cue at its place in its sentence; cues that do not fit are left out."""
    sentences: list[Sentence] = []
    cues: list[Cue] = []
    at = 0
    for number, line in enumerate(lines):
        text = str(line["text"])
        labels = {name: _label(line, name) for name in schema.SENTENCE_LABELS}
        sentences.append(Sentence(text, at, at + len(text), _voice(line), **labels))
        for mark in (mark for mark in marks if mark["sentence"] == line["sentence"] and mark["type"] in CUE_TYPES):
            words, start = str(mark["text"]), at + int(mark["start"] - line["start"])
            if start >= at and text.startswith(words, start - at):
                cues.append(Cue(words, start, start + len(words), mark["type"], _number(mark["probability"]), _voice(mark), number))
        at += len(text) + 1
    return Analysis(None, None, None, None, {}, tuple(sentences), tuple(cues), None, ""), " ".join(one.text for one in sentences)


def _label(line: Mapping[str, Any], name: str) -> Prediction | None:
    value = line[name]
    return Prediction(value, _number(line.get(f"{name}_probability")), {}, None) if isinstance(value, str) else None


def _voice(row: Mapping[str, Any]) -> Any:
    return "quoted" if row["voice"] == "quoted" else "author"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value <= 1 else 0.0


def excerpt(analysis: Analysis, text: str, kind: str) -> Excerpt:
    """The few sentences in a row that are hedged or loaded most."""
    weights = [_weight(analysis, number, kind) for number in range(len(analysis.sentences))]
    if not weights:
        return Excerpt(analysis, text, (0, min(len(text), LENGTH)))
    spans = [(first, _last(analysis, first)) for first in range(len(weights))]
    first, last = max(spans, key=lambda span: (sum(weights[span[0] : span[1]]), -span[0]))
    while first < last - 1 and not weights[first]:
        first += 1
    start = analysis.sentences[first].start
    return Excerpt(analysis, text, (start, min(analysis.sentences[last - 1].end, start + LENGTH)))


def _weight(analysis: Analysis, number: int, kind: str) -> float:
    """What a sentence shows of being hedged or loaded."""
    label = getattr(analysis.sentences[number], kind)
    return (label.probability or 0.5) if label is not None and label.label == kind else 0.0


def _last(analysis: Analysis, first: int) -> int:
    """Where an excerpt that begins with a sentence ends, within `SENTENCES` and `LENGTH`."""
    start, last = analysis.sentences[first].start, first + 1
    while last < min(len(analysis.sentences), first + SENTENCES) and analysis.sentences[last].end - start <= LENGTH:
        last += 1
    return last
