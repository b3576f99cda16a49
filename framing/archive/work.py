"""One part's work: read, score, write its files. It runs in this process or in another."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from framing.archive import schema
from framing.archive.record import Done
from framing.corpus import Unread
from framing.documents import Document, Failure, apart
from framing.errors import FramingError, OutputError
from framing.table import analysed, columns, score_many
from framing.table import values as values_of
from framing.types import Analysis

if TYPE_CHECKING:
    from framing.archive.parts import Part
    from framing.model import Model

BATCH = 128
"""Inputs scored at once; the progress of a small run moves as often. 32 cost 5% of the time, 1,000 gain nothing."""

SHOWN = 10
"""Failures of which a record keeps what to do."""

Advance: TypeAlias = Callable[[int, int], object]
"""Told how many inputs are done, and how many of them failed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run writes.

    Attributes
    ----------
    chosen : tuple of str or None
        Columns of the scores; all if None.
    kept : tuple of str
        Columns of the source that are copied.
    sentences, cues : bool
        Whether these have rows too.
    """

    chosen: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    sentences: bool = False
    cues: bool = False

    def schemas(self, model: Model) -> dict[str, Any]:
        """The schema of each kind of rows that is wanted."""
        made = {"scores": schema.scores(model, self.chosen, self.kept)}
        made |= {"sentences": schema.sentences()} if self.sentences else {}
        return made | ({"cues": schema.cues()} if self.cues else {})


def do(model: Model, wanted: Wanted, part: Part, files: Mapping[str, str], advance: Advance = lambda n, failed: None) -> Done:
    """Scores a part and writes a Parquet file for each kind of rows, on disk when this returns.

    Raises
    ------
    OutputError
        If a file cannot be written; none is left behind then.
    """
    schemas = wanted.schemas(model)
    rows: dict[str, list[Sequence[Any]]] = {kind: [] for kind in schemas}
    failures: list[Failure] = []
    for start in range(0, len(part.inputs), BATCH):
        items = [item.read() if isinstance(item, Unread) else item for item in part.inputs[start : start + BATCH]]
        failed = [item for item in items if isinstance(item, Failure)]
        failures += failed
        for kind, more in score(model, wanted, items, schemas["scores"].names).items():
            rows[kind] += more
        advance(len(items), len(failed))
    place = schemas["scores"].names.index
    counts, reasons = _counted(rows["scores"], place("status"), place("reason"))
    sizes = _write({kind: schema.table(schemas[kind], rows[kind]) for kind in schemas}, files)
    told = [[item.key, item.reason, item.message] for item in failures[:SHOWN]]
    return Done(part.number, part.stamp, counts, reasons, told, sizes)


def score(model: Model, wanted: Wanted, items: Sequence[Document | Failure], names: Sequence[str]) -> dict[str, list[Sequence[Any]]]:
    """The rows of some inputs by kind; an input without a text is a bad row with its own reason."""
    texts = [item.text if isinstance(item, Document) else None for item in items]
    titles = [apart(item.title, item.text) if isinstance(item, Document) else None for item in items]
    scored = columns(model)
    made: dict[str, list[Sequence[Any]]] = {}
    if wanted.sentences or wanted.cues:
        answers = [analysed(model, *one) for one in zip(texts, titles, strict=True)]
        values = [values_of(model, answer, scored) for answer in answers]
        made = _details(wanted, zip(items, answers, strict=True))
    else:
        values = score_many(model, texts, titles, [None] * len(items), scored)
    made["scores"] = [_row(item, dict(zip(scored, row, strict=True)), wanted, names) for item, row in zip(items, values, strict=True)]
    return made


def _row(item: Document | Failure, scored: dict[str, Any], wanted: Wanted, names: Sequence[str]) -> tuple[Any, ...]:
    named = {"key": item.key, "title": None, "row": item.row}
    if isinstance(item, Failure):
        scored |= {"status": "error", "reason": item.reason}
    else:
        named["title"] = item.title
        named |= {name: _plain(item.extra.get(name)) for name in wanted.kept}
    scored |= named
    return tuple(scored.get(name) for name in names)


def _plain(value: Any) -> str | None:
    """A value of the source as text; lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict, bool)) else str(value)


def _details(wanted: Wanted, answers: Iterable[tuple[Document | Failure, Analysis | FramingError]]) -> dict[str, list[Sequence[Any]]]:
    """The rows of sentences and cues; an input without an analysis has none."""
    made: dict[str, list[Sequence[Any]]] = {kind: [] for kind in ("sentences", "cues") if getattr(wanted, kind)}
    for item, analysis in answers:
        if not isinstance(analysis, Analysis):
            continue
        if wanted.sentences:
            for number, part in enumerate(analysis.sentences):
                labels = [value for name in schema.SENTENCE_LABELS for value in _label(getattr(part, name))]
                made["sentences"].append((item.key, item.row, number, part.start, part.end, part.text, part.voice, *labels))
        if wanted.cues:
            for number, cue in enumerate(analysis.cues):
                place = (number, cue.sentence, cue.start, cue.end)
                made["cues"].append((item.key, item.row, *place, cue.text, cue.type, cue.probability, cue.voice))
    return made


def _label(prediction: Any) -> tuple[str | None, float | None]:
    return (None, None) if prediction is None else (prediction.label, prediction.probability)


def _counted(rows: Sequence[Sequence[Any]], status: int, reason: int) -> tuple[dict[str, int], dict[str, int]]:
    found = Counter(row[status] for row in rows)
    reasons = Counter(f"{row[reason]:.60}" for row in rows if row[status] == "error")
    return {name: found[name] for name in ("ok", "abstained", "error")}, dict(sorted(reasons.items()))


def _write(tables: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, int]:
    import pyarrow.parquet as pq

    try:
        with _undone(files.values()):
            for kind, table in tables.items():
                with Path(files[kind]).open("wb") as stream:
                    pq.write_table(table, stream, compression="zstd")
                    stream.flush()
                    os.fsync(stream.fileno())
            return {kind: Path(files[kind]).stat().st_size for kind in tables}
    except OSError as error:
        raise OutputError(f"The scores cannot be written: {error.strerror or error}. Make room, and run the same command again.") from None


@contextlib.contextmanager
def _undone(files: Any) -> Iterator[None]:
    """Takes half-written files away where the block fails."""
    try:
        yield
    except BaseException:
        for file in files:
            with contextlib.suppress(OSError):
                Path(file).unlink(missing_ok=True)
        raise
