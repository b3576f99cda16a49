"""Analyses as rows of a table: one place for the names of columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from framing import native
from framing.errors import FramingError, InputError
from framing.types import CUE_TYPES, Analysis

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model

RATES = ("hedged_rate", "vague_rate", "attributed_rate")
"""Columns of the shares of an article's sentences."""

LOADED, HAS_FRAME = "loaded_articles", "has_frame_"
"""Measures that a report makes of the columns of labels: whether an article is loaded, or has a frame."""


def columns(model: Model) -> list[str]:
    """The columns of a scored table for the heads of a model, in order."""
    own = [name for name, head in model.trained.items() if head.level == "article" and name not in ("tone", "frames")]
    frames = model.trained["frames"].labels if "frames" in model.trained else ()
    return [
        *("tone", "tone_loaded"),
        *("valence", "valence_negative", "valence_neutral", "valence_positive"),
        *("hedging", *RATES, "hedging_percentile"),
        *(f"cues_{kind}" for kind in CUE_TYPES),
        *("frames", *(f"frame_{name}" for name in frames)),
        *(column for name in own for column in (name, *(f"{name}_{label}" for label in model.trained[name].labels))),
        *("words", "sentences", "language", "status", "reason", "model"),
    ]


def row(analysis: Analysis) -> dict[str, Any]:
    """One analysis as a flat row; what a head does not say is None."""
    tone, valence, hedging, frames = analysis.tone, analysis.valence, analysis.hedging, analysis.frames
    made: dict[str, Any] = {}
    if tone:
        made |= {"tone": tone.label, "tone_loaded": tone.probabilities.get("loaded")}
    if valence:
        made |= {"valence": valence.label, **{f"valence_{label}": p for label, p in valence.probabilities.items()}}
    if hedging:
        made |= {"hedging": hedging.label, **{f"{name}_rate": rate for name, rate in hedging.rates.items()}}
        made |= {"hedging_percentile": hedging.percentile}
        made |= {f"cues_{kind}": sum(voices.values()) for kind, voices in hedging.counts.items()}
    if frames:
        made |= {"frames": ";".join(frames.labels), **{f"frame_{name}": p for name, p in frames.probabilities.items()}}
    for name, label in analysis.labels.items():
        made |= {name: label.label, **{f"{name}_{value}": p for value, p in label.probabilities.items()}}
    reason = _reason(analysis)
    made |= {"words": analysis._words, "sentences": len(analysis.sentences), "language": analysis.language, "model": analysis.model}
    return made | {"status": "abstained" if reason else "ok", "reason": reason}


def error_row(model: Model, error: FramingError) -> dict[str, Any]:
    """The row of an input that could not be read."""
    return {"status": "error", "reason": getattr(error, "reason", None) or str(error), "model": model.id}


def _reason(analysis: Analysis) -> str | None:
    """Why the article's labels abstain, if they do."""
    said = [analysis.tone, analysis.hedging, analysis.frames, *analysis.labels.values()]
    return next((label.reason for label in said if label is not None and label.reason), None)


def score(model: Model, frame: pd.DataFrame, text: str, title: str | None, target: str | None) -> pd.DataFrame:
    """The table of `Model.score`."""
    import pandas as pd

    wanted = [column for column in (text, title, target) if column is not None]
    check_columns(frame, wanted, InputError, " Name it with text=, title=, target=.")
    texts = _texts(frame[text]) if model.engine else list(frame[text])
    titles = [value if isinstance(value, str) else None for value in frame[title]] if title else [None] * len(texts)
    targets = [value if isinstance(value, (str, tuple)) else None for value in frame[target]] if target else [None] * len(texts)
    names = columns(model)
    values = list(zip(*score_many(model, texts, titles, targets, names), strict=True)) or [()] * len(names)
    return pd.DataFrame(dict(zip(names, values, strict=True)), index=frame.index, columns=names)


def check_columns(frame: Any, wanted: Iterable[str], error: type[FramingError], remedy: str = "") -> None:
    """The error where there is no table, or it has not each column that is wanted once."""
    if not hasattr(frame, "columns"):
        raise error(f"The rows must be a pandas DataFrame, got {type(frame).__name__}.")
    names = list(frame.columns)
    for column in wanted:
        if column not in names:
            raise error(f"No column {column!r}. The table has: {', '.join(map(str, names))}.{remedy}")
        if names.count(column) > 1:
            raise error(f"There are {names.count(column)} columns {column!r}. Rename all but one.")


def _texts(column: pd.Series[Any]) -> list[Any]:
    """The values of a column; strings that Arrow holds as their UTF-8, which is what the kernel reads, and no string need be made of it."""
    if getattr(column.dtype, "storage", None) != "pyarrow":
        return list(column)
    import pyarrow as pa

    held: Any = pa.array(column)
    missing: Any = column.dtype.na_value  # type: ignore[union-attr]
    return [missing if value is None else native.Utf8(value) for value in held.cast(pa.large_binary()).to_pylist()]


def score_many(
    model: Model, texts: Sequence[Any], titles: Sequence[str | None], targets: Sequence[Any], names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Texts (str, or `native.Utf8`) as rows of values, in the order of `names` (those of `columns`); what a head does not say is None."""
    found: list[tuple[Any, ...] | None] = [None] * len(texts)
    if model.engine and not model.style:  # the kernel's rows know no style
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = native.rows(model.engine, texts, titles, targets, len(names) - 1)
    asked, name = zip(found, texts, titles, targets, strict=True), model.id
    return [(*row, name) if row is not None else values(model, analysed(model, *one), names) for row, *one in asked]


def analysed(model: Model, text: Any, title: str | None = None, target: Any = None) -> Analysis | FramingError:
    """One text's analysis, or why there is none."""
    if isinstance(text, native.Utf8):
        text = text.decode(errors="replace")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.classify(text, title, target)
    except FramingError as error:
        return error


def values(model: Model, answer: Analysis | FramingError, names: Sequence[str]) -> tuple[Any, ...]:
    """The values of one text's row; a text that cannot be read has a row that says so."""
    made = error_row(model, answer) if isinstance(answer, FramingError) else row(answer)
    return tuple(made.get(name) for name in names)

