"""What every table of scores looks like: names and types of columns, one place for files, databases and clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from framing.table import columns

if TYPE_CHECKING:
    from framing.model import Model

NAMES = ("key", "title", "row")
"""The first columns. `key` is the relative path or the id; together `key` and `row` are unique."""

ALWAYS = ("status", "reason", "model")
"""Columns that no choice of columns leaves out."""

TEXTS = ("tone", "valence", "hedging", "frames", "language", "status", "reason", "model")
COUNTS = ("row", "words", "sentences")
SENTENCE_LABELS = ("hedged", "vague", "attributed", "loaded", "valence")


def scores(model: Model, chosen: Sequence[str] | None = None, kept: Sequence[str] = ()) -> Any:
    """The Arrow schema of a row for each input.

    Parameters
    ----------
    model : Model
    chosen : sequence of str, optional
        Those of `framing.table.columns` to have; all if None.
    kept : sequence of str
        Columns of the source to copy, as text, after `key`, `title`, `row`.
    """
    import pyarrow as pa

    wanted = [name for name in columns(model) if chosen is None or name in chosen or name in ALWAYS]
    texts = {*NAMES[:2], *TEXTS, *(name for name, head in model.trained.items() if head.level == "article")}
    named = [(name, _kind(name, texts)) for name in wanted]
    return pa.schema([(name, _kind(name, texts)) for name in NAMES] + [(name, pa.string()) for name in kept] + named)


def sentences() -> Any:
    """The Arrow schema of a row for each sentence: places in the text, voice, a label and its probability for each head."""
    import pyarrow as pa

    labels = [field for name in SENTENCE_LABELS for field in ((name, pa.string()), (f"{name}_probability", pa.float64()))]
    places = [("sentence", pa.int64()), ("start", pa.int64()), ("end", pa.int64())]
    return pa.schema([("key", pa.string()), ("row", pa.int64()), *places, ("text", pa.string()), ("voice", pa.string()), *labels])


def cues() -> Any:
    """The Arrow schema of a row for each cue."""
    import pyarrow as pa

    places = [("cue", pa.int64()), ("sentence", pa.int64()), ("start", pa.int64()), ("end", pa.int64())]
    told = [("text", pa.string()), ("type", pa.string()), ("probability", pa.float64()), ("voice", pa.string())]
    return pa.schema([("key", pa.string()), ("row", pa.int64()), *places, *told])


def table(schema: Any, rows: Sequence[Sequence[Any]]) -> Any:
    """Rows of values as an Arrow table; a lone surrogate, which Arrow cannot hold, becomes U+FFFD."""
    import pyarrow as pa

    from framing.corpus import cleaned

    values = list(zip(*rows, strict=True)) or [()] * len(schema)
    try:
        return pa.table([pa.array(column, field.type) for column, field in zip(values, schema, strict=True)], schema=schema)
    except UnicodeEncodeError:
        return table(schema, [cleaned(list(row)) for row in rows])


def _kind(name: str, texts: set[str]) -> Any:
    import pyarrow as pa

    if name in texts:
        return pa.string()
    return pa.int64() if name in COUNTS or name.startswith("cues_") else pa.float64()
