"""What every test may use: the default model, and articles of our own."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from serving import Served, serving

import framing
from framing import Model

ARTICLES = Path(__file__).resolve().parent.parent / "datasets" / "articles"

settings.register_profile("framing", deadline=None, max_examples=60)
settings.load_profile("framing")


@pytest.fixture(scope="session")
def model() -> Model:
    """The default model."""
    return framing.load()


@pytest.fixture(scope="session")
def tiny() -> Model:
    """A model of one small head, for what is to be done very often."""
    words = {"calm": "calm quiet plain even sober", "loud": "shout rage fury noise uproar"}
    said = [(*two, label) for label, some in words.items() for two in itertools.pairwise(some.split())]
    rows = [(f"{word} {other} in town {n}", label) for word, other, label in said for n in range(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return framing.train(pd.DataFrame(rows, columns=["text", "label"]))


@pytest.fixture(scope="session")
def articles() -> list[str]:
    """The plain texts among our own articles, as they stand in their files."""
    return [path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*.txt"))]


@pytest.fixture(scope="session")
def article(articles: list[str]) -> str:
    """One of them."""
    return articles[0]


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    """A running page."""
    with serving("--workers", "1") as served:
        yield served
