"""The shipped model and our own texts, which behaviour is tested on. Templates are allowed in this folder only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import framing
from framing import Model

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def _rows(name: str) -> list[dict[str, Any]]:
    with (DATASETS / name).open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.fixture(scope="session")
def model() -> Model:
    return framing.load()


@pytest.fixture(scope="session")
def wording(model: Model) -> Model:
    """The heads of tone and loaded alone: the same probabilities, sooner."""
    return replace(model, trained={name: model.trained[name] for name in ("tone", "loaded")}, cues=None)


@pytest.fixture(scope="session")
def articles() -> list[dict[str, Any]]:
    return _rows("articles.jsonl")


@pytest.fixture(scope="session")
def sentences() -> list[dict[str, Any]]:
    return _rows("sentences.jsonl")
