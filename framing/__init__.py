"""framing tells how a news text says what it says: its tone, its valence, its hedging and its frames.

Examples
--------
>>> import framing
>>> a = framing.classify("Officials may have misread the figures, two people familiar with the inquiry said.")
>>> [(cue.text, cue.type) for cue in a.cues]
[('may', 'epistemic'), ('said', 'attribution')]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing import types
from framing.errors import FramingError
from framing.model import Model, Target
from framing.types import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from framing.evaluation import Report
    from framing.views import plot as plot

__version__ = "0.1.0"
__all__ = [
    "Analysis",
    "FramingError",
    "Model",
    "classify",
    "classify_many",
    "engine",
    "evaluate",
    "load",
    "plot",
    "score_partitions",
    "train",
    "types",
]


if not TYPE_CHECKING:  # or every name would be known to a type checker

    def __getattr__(name: str) -> Any:
        """`framing.plot`, imported when it is first asked for."""
        if name != "plot":
            raise AttributeError(f"module 'framing' has no attribute {name!r}")
        from framing.views import plot

        return plot


@lru_cache(maxsize=1)
def _default() -> Model:
    return load()


def load(name: str | Path = "news-en", sha256: str | None = None) -> Model:
    """Load a model; the default one is read once and shared, as long as its file stays as it is.

    Parameters
    ----------
    name : str or Path
        A model's name, or a folder that holds `model.safetensors`.
    sha256 : str, optional
        Hash that the file must have.

    Returns
    -------
    Model

    Raises
    ------
    FramingError
        If there is no such model, or its file is not whole.
    """
    from framing import persist

    return persist.default() if sha256 is None and name == persist.DEFAULT else persist.load(name, sha256)


def classify(text: str, title: str | None = None, target: Target = None) -> Analysis:
    """Say how an English news text says what it says.

    Parameters
    ----------
    text : str
        An article or a sentence, at most a million characters. Every offset in the answer indexes this string.
    title : str, optional
        The headline, where it is apart from the text.
    target : str or (start, end), optional
        Whose portrayal `valence` is about; without it the name that the text mentions most.

    Returns
    -------
    Analysis

    Raises
    ------
    FramingError
        If the text is no string or too long, or the target no words of it.
    """
    return _default().classify(text, title, target)


def classify_many(
    texts: Iterable[str], titles: Sequence[str | None] | None = None, targets: Sequence[Target] | None = None
) -> list[Analysis]:
    """Analyse many texts; each answer is to the bit what a single call gives."""
    return _default().classify_many(texts, titles, targets)


def train(frame: pd.DataFrame, text: str = "text", label: str = "label", group: str | None = None, **options: Any) -> Model:
    """Train a model with one head on your own labels; see `framing.training.train`."""
    from framing.training import train

    return train(frame, text, label, group, **options)


def evaluate(model: Model, frame: pd.DataFrame, text: str = "text", label: str = "label", **options: Any) -> Report:
    """Measure a model on labelled rows; see `framing.measure.evaluate`."""
    from framing.measure import evaluate

    return evaluate(model, frame, text, label, **options)


def engine() -> str:
    """Which engine scores: "pure" or "native"."""
    from framing.native import extension

    return "native" if extension() else "pure"


def score_partitions(partition: Any, model: str = "news-en", **options: Any) -> Any:
    """Score a pandas or Arrow partition, on any worker of a cluster; see `framing.archive.cluster.score_partitions`."""
    from framing.archive.cluster import score_partitions

    return score_partitions(partition, model, **options)
