"""An article that repeats itself says what it said: labels and rates stay, probabilities move by no more than the seam does."""

from __future__ import annotations

from typing import Any

import pytest

from framing import Model
from framing.types import Analysis

SEAM = 0.0125
"""How far a probability may move: the n-grams across the seam are new, nothing else is."""


@pytest.fixture(scope="module")
def doubled(model: Model, articles: list[dict[str, Any]]) -> list[tuple[str, Analysis, Analysis]]:
    return [(row["id"], model.classify(row["text"]), model.classify(f"{row['text']}\n\n{row['text']}")) for row in articles]


def labels(made: Analysis) -> tuple[Any, ...]:
    assert made.tone and made.valence and made.hedging and made.frames
    return made.tone.label, made.valence.label, made.hedging.label, set(made.frames.labels)


def said(made: Analysis) -> list[tuple[Any, ...]]:
    return [(one.text, one.hedged, one.vague, one.attributed, one.loaded) for one in made.sentences]


def found(made: Analysis) -> list[tuple[Any, ...]]:
    return [(cue.text, cue.type, cue.probability) for cue in made.cues]


def test_labels_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    moved = [(name, labels(once), labels(twice)) for name, once, twice in doubled if labels(once) != labels(twice)]
    assert not moved, f"{len(moved)} of {len(doubled)}, the first: {moved[:3]}"


def test_rates_and_percentile_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        assert once.hedging and twice.hedging, name
        assert once.hedging.rates == twice.hedging.rates, name
        assert (once.hedging.rate, once.hedging.percentile) == (twice.hedging.rate, twice.hedging.percentile), name


def test_sentences_and_cues_come_twice(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        assert said(once) * 2 == said(twice), name
        assert found(once) * 2 == found(twice), name


def test_scores_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        for head in ("tone", "valence"):
            one, two = getattr(once, head), getattr(twice, head)
            assert all(abs(one.probabilities[k] - two.probabilities[k]) <= SEAM for k in one.probabilities), (name, head, one, two)
        assert once.frames and twice.frames
        chances = once.frames.probabilities
        assert all(abs(chances[k] - twice.frames.probabilities[k]) <= SEAM for k in chances), name
