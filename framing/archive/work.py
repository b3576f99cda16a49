"""One part's work: read, score, write its files. It runs in this process or in another."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from framing import native
from framing.archive import schema
from framing.archive.record import Done
from framing.corpus import Unread
from framing.documents import Document, Failure, apart
from framing.errors import OutputError, ReadError
from framing.table import analysed, columns, score_many
from framing.table import values as values_of
from framing.types import Analysis, Sentence

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
    titles = [apart(item.title, item.text) if isinstance(item, Document) else None for item in items]
    scored = columns(model)
    made: dict[str, list[Sequence[Any]]] = {}
    if wanted.sentences or wanted.cues:
        answers = _detailed(model, items, titles, scored)
        values: list[tuple[Any, ...]] = [answer[0] for answer in answers]
        details = {"sentences": wanted.sentences, "cues": wanted.cues}
        made = {kind: [row for answer in answers for row in answer[n]] for n, (kind, asked) in enumerate(details.items(), 1) if asked}
    else:
        texts = [item.text if isinstance(item, Document) else None for item in items]
        values = score_many(model, texts, titles, [None] * len(items), scored)
    places = {name: place for place, name in enumerate((*schema.NAMES, *wanted.kept, *scored))}
    chosen = [places[name] for name in names]
    whole = chosen == list(range(len(places)))
    rows = (_row(model, item, row, wanted.kept, scored) for item, row in zip(items, values, strict=True))
    made["scores"] = [row if whole else tuple([row[place] for place in chosen]) for row in rows]
    return made


def _row(model: Model, item: Document | Failure, row: tuple[Any, ...], kept: Sequence[str], scored: Sequence[str]) -> tuple[Any, ...]:
    """The columns of the input, those that are copied, and those of its scores."""
    if isinstance(item, Failure):
        return item.key, None, item.row, *[None] * len(kept), *values_of(model, ReadError(item.reason, item.message), scored)
    return item.key, item.title, item.row, *[_plain(item.extra.get(name)) for name in kept], *row


def _plain(value: Any) -> str | None:
    """A value of the source as text; lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (list, dict, bool)) else str(value)


def _detailed(
    model: Model, items: Sequence[Document | Failure], titles: Sequence[str | None], scored: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The values of each text's row, and the rows of its sentences and cues: by the kernel, or of its analysis where that must be had."""
    texts = [item.text if isinstance(item, Document) else None for item in items]
    found: list[tuple[Any, ...] | None] = [None] * len(items)
    if model.engine and not model.style:
        found = native.detailed_rows(model.engine, texts, titles, [(item.key, item.row) for item in items], len(scored) - 1)
    asked = zip(found, items, titles, strict=True)
    return [((*made[0], model.id), *made[1:]) if made is not None else _analysed(model, item, title, scored) for made, item, title in asked]


def _analysed(model: Model, item: Document | Failure, title: str | None, scored: Sequence[str]) -> tuple[Any, ...]:
    answer = analysed(model, item.text, title) if isinstance(item, Document) else ReadError(item.reason, item.message)
    row = values_of(model, answer, scored)
    if not isinstance(answer, Analysis):
        return row, (), ()
    cues = [(n, c.sentence, c.start, c.end, c.text, c.type, c.probability, c.voice) for n, c in enumerate(answer.cues)]
    sentences = [(n, s.start, s.end, s.text, s.voice, *_labels(s)) for n, s in enumerate(answer.sentences)]
    return row, [(item.key, item.row, *one) for one in sentences], [(item.key, item.row, *one) for one in cues]


def _labels(sentence: Sentence) -> Iterator[Any]:
    """Label and probability of each head, in the order of the schema."""
    for name in schema.SENTENCE_LABELS:
        said = getattr(sentence, name)
        yield from (None, None) if said is None else (said.label, said.probability)


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
