"""Scoring on Spark: `score_partitions` under mapInArrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from framing.archive import schema
from framing.archive.cluster import score_partitions
from framing.errors import MissingExtra
from framing.persist import load


def score_with_spark(frame: Any, model: str = "news-en", **options: Any) -> Any:
    """The scores of a Spark DataFrame, as a Spark DataFrame: lazy, a row for each row.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
    model : str
        A model's name, or a folder that every worker sees.
    **options
        As for `score_partitions`. Name a `key`: `row` counts in Spark's batch only.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_schema
    except ImportError as error:
        raise MissingExtra(f"Spark needs {error.name}, which is not installed. Run: pip install 'framing-news[spark]'") from None

    def scored(batches: Iterable[Any]) -> Iterator[Any]:
        return (score_partitions(batch, model, **options) for batch in batches)

    return frame.mapInArrow(scored, from_arrow_schema(schema.scores(load(model), kept=options.get("keep", ()))))
