"""Model cards."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from slices import small_model

import framing
from framing.card import CORPORA, make_card, with_figures
from framing.model import Model
from framing.text import FramingWarning


@pytest.fixture
def small() -> Model:
    return small_model()


def test_the_card_says_what_the_run_saw(small: Model) -> None:
    card = make_card(small)
    for name, rows in small.facts["corpora"].items():
        assert f"| {name} | {rows:,} | {CORPORA[name]} |" in card
    for name, facts in small.facts["heads"].items():
        assert f"| {name} |" in card
        assert f"{facts['features']:,}" in card
    assert "`{digest}`" in card
    assert "CC BY-SA" in card


def test_every_head_of_the_shipped_model_is_on_its_card() -> None:
    model = framing.load()
    on_card = {line.split("|")[1].strip() for line in model.card.splitlines() if line.startswith("| ")}
    assert model.cues is not None
    assert set(model.trained) | {f"cue_{name}" for name in model.cues.heads} <= on_card
    assert model.digest in model.card
    assert set(model.facts["corpora"]) <= on_card


def test_uncalibrated_heads_say_no() -> None:
    frame = pd.DataFrame({"text": ["a fine day", "a sad day"] * 2, "label": ["good", "bad"] * 2})
    with pytest.warns(FramingWarning):
        card = framing.train(frame).card
    line = next(line for line in card.splitlines() if line.startswith("| label "))
    assert "| no |" in line
    assert "| table | 4 | a reader's own table |" in card


def test_an_unknown_corpus_is_called_unknown(small: Model) -> None:
    assert "| brand_new | 3 | unknown |" in make_card(replace(small, facts={"corpora": {"brand_new": 3}, "heads": {}}))


@pytest.mark.parametrize("heading", ["Trained on", "Heads", "Limits", "Measured"])
def test_headings(small: Model, heading: str) -> None:
    assert f"## {heading}" in make_card(small)


def test_a_card_takes_figures_in_place_of_older_ones() -> None:
    card = "# m\n\n## Measured\n\nnothing yet\n"
    once = with_figures(card, "m@1", {"tone": {"accuracy": (0.5, 0.4, 0.6)}})
    card = with_figures(once, "m@2", {"tone": {"accuracy": (0.75, 0.7, 0.8), "auc": (0.9, float("nan"), float("nan"))}})
    assert card.startswith("# m\n\n## Measured\n\nSeen with `m@2`")
    assert "| tone | accuracy | 0.750 | 0.700 to 0.800 |\n| tone | auc | 0.900 |  |\n" in card
    assert "0.500" not in card and "m@1" not in card


def test_the_figures_on_the_shipped_card_are_of_the_shipped_model() -> None:
    model = framing.load()
    assert f"Seen with `{model.id}`" in model.card
    measures = ("szeged", "tone", "vague", "attributed", "babe", "checkthat", "valence", "frames", "traps")
    assert all(f"| {measure} |" in model.card for measure in measures)
