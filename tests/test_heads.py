"""Heads by hand: labels, thresholds, abstention, and explanations that are the score."""

from __future__ import annotations

import math

import pytest

from framing.features import Stream, article, view
from framing.heads import Head
from framing.linear import Linear, sigmoid

LINEAR = Linear({"bad": 0, "good": 1, "very bad": 2}, [1.0, 1.0, 1.0], [[2.0, -1.0, 0.5]], [0.25])
HEAD = Head("mood", "article", ("fine", "poor"), ("words:1-2",), LINEAR)
THREE = Head("way", "article", ("a", "b", "c"), ("words:1-1",), Linear({"x": 0}, [1.0], [[1.0], [2.0], [-3.0]], [0.0, 0.0, 0.0]))
SEVERAL = Head("frames", "article", ("a", "b"), ("words:1-1",), Linear({"x": 0}, [1.0], [[1.0], [-1.0]], [0.0, 0.0]), (0.5, 0.5), True)


def stream(*tokens: str) -> Stream:
    return Stream(tokens, range(len(tokens)))


def test_two_labels() -> None:
    prediction = HEAD.predict(stream("bad"))
    assert prediction.label == "poor" and prediction.score == 2.25 and prediction.probability == sigmoid(2.25)
    assert list(prediction.probabilities) == ["fine", "poor"] and sum(prediction.probabilities.values()) == pytest.approx(1)
    low = HEAD.predict(stream("good"))
    assert low.label == "fine" and low.score == -0.75 and low.probability == low.probabilities["fine"]


@pytest.mark.parametrize(("threshold", "label"), [(0.3, "poor"), (0.32, "poor"), (0.33, "fine"), (0.9, "fine")])
def test_the_threshold_decides_and_moves_no_probability(threshold: float, label: str) -> None:
    head = Head("mood", "article", ("fine", "poor"), ("words:1-2",), LINEAR, (threshold,))
    prediction = head.decide([-0.75])
    assert prediction.label == label and prediction.probabilities["poor"] == sigmoid(-0.75)


def test_three_labels() -> None:
    prediction = THREE.predict(stream("x", "x"))
    assert prediction.label == "b" and prediction.score == 2.0
    assert prediction.probabilities["b"] == pytest.approx(math.exp(2) / (math.exp(1) + math.exp(2) + math.exp(-3)))


def test_nothing_known_abstains() -> None:
    assert HEAD.predict(stream("so", "so")).reason == "unknown_words"
    assert HEAD.predict(stream()).label is None
    assert SEVERAL.values(stream("so")) == [] and SEVERAL.chances(None) == {}


def test_several_labels_are_independent() -> None:
    assert SEVERAL.chances(SEVERAL.linear.scores(SEVERAL.values(stream("x")))) == {"a": sigmoid(1.0), "b": sigmoid(-1.0)}


@pytest.mark.parametrize("head", [HEAD, THREE, SEVERAL], ids=lambda head: head.name)
def test_explanations_are_the_score(head: Head) -> None:
    text = "Very bad, x bad, a good x."
    seen = view(text)
    found = article(seen, (), {})
    for number, label in enumerate(head.labels[-1:] if len(head.labels) == 2 and not head.several else head.labels):
        made = head.explain(found, seen, label)
        score = head.linear.scores(head.values(found))[0 if len(head.labels) == 2 and not head.several else number]
        assert made.score == score
        assert math.fsum([made.intercept, *(part.amount for part in made)]) == pytest.approx(score, abs=1e-9)
        for part in made:
            assert part.spans and {text[low:high].lower() for low, high in part.spans} == {part.feature}
        sizes = [abs(part.amount) for part in made]
        assert sizes == sorted(sizes, reverse=True)


def test_a_title_has_no_place_in_the_text() -> None:
    seen = view("A good day.")
    made = HEAD.explain(article(seen, ("bad",), {}), seen, "poor")
    assert {part.feature: part.spans for part in made} == {"bad": (), "good": ((2, 6),)}
