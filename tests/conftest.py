"""What every test may use: the default model, and articles of our own."""

from __future__ import annotations

import itertools
import signal
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from serving import Served, serving

import framing
from framing import Model
from framing.native import extension

ARTICLES = Path(__file__).resolve().parent.parent / "datasets" / "articles"

SCORING = ("test_model", "test_table", "test_targets", "test_types")
"""Modules whose tests of the default model run on both engines; tests/test_native.py compares the engines themselves."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's job in the background; the commands that are interrupted would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("framing", deadline=None, max_examples=60)
settings.load_profile("framing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both engines for the tests that score."""
    if metafunc.module.__name__ in SCORING and "model" in metafunc.fixturenames:
        metafunc.parametrize("model", ["pure", "native"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> Model:
    """The default model, on the engine that a test asks for."""
    wanted = getattr(request, "param", "any")
    if wanted == "native" and extension() is None:
        pytest.skip("the kernel was not built here, or FRAMING_PURE is set")
    loaded = framing.load()
    return replace(loaded, engine=None) if wanted == "pure" else loaded


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
