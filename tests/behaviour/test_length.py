"""An article that repeats itself says what it said: labels and rates stay, scores move by no more than the seam does."""

from __future__ import annotations

from typing import Any

import pytest

from framing import Model
from framing.types import Analysis

SEAM = 0.05
"""How far log-odds may move: the n-grams across the seam are new, nothing else is."""


@pytest.fixture(scope="module")
def doubled(model: Model, articles: list[dict[str, Any]]) -> list[tuple[str, Analysis, Analysis]]:
    return [(row["id"], model.classify(row["text"]), model.classify(f"{row['text']}\n\n{row['text']}")) for row in articles]


def labels(made: Analysis) -> tuple[Any, ...]:
    assert made.tone and made.valence and made.hedging and made.frames
    return made.tone.label, made.valence.label, made.hedging.label, set(made.frames.labels)


def test_labels_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    moved = [(name, labels(once), labels(twice)) for name, once, twice in doubled if labels(once) != labels(twice)]
    assert not moved, f"{len(moved)} of {len(doubled)}, the first: {moved[:3]}"


def test_rates_and_percentile_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        assert once.hedging and twice.hedging and (once.hedging.rate, once.hedging.percentile) == (twice.hedging.rate, twice.hedging.percentile), name
        assert once.hedging.rates == twice.hedging.rates, name


def test_sentences_and_cues_come_twice(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        assert [(one.text, one.hedged, one.vague, one.attributed, one.loaded) for one in once.sentences] * 2 == [
            (one.text, one.hedged, one.vague, one.attributed, one.loaded) for one in twice.sentences
        ], name
        assert [(cue.text, cue.type, cue.probability) for cue in once.cues] * 2 == [(c.text, c.type, c.probability) for c in twice.cues], name


def test_scores_stay(doubled: list[tuple[str, Analysis, Analysis]]) -> None:
    for name, once, twice in doubled:
        for head in ("tone", "valence"):
            one, two = getattr(once, head), getattr(twice, head)
            assert all(abs(one.probabilities[k] - two.probabilities[k]) <= SEAM / 4 for k in one.probabilities), (name, head, one, two)
        assert once.frames and twice.frames
        chances = once.frames.probabilities
        assert all(abs(chances[k] - twice.frames.probabilities[k]) <= SEAM / 4 for k in chances), name
