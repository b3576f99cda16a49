"""What every test may use: the default model, and articles of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
