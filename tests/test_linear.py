"""The formula: square roots, length one, exact sums."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.linear import Linear, logit, sigmoid, softmax

LINEAR = Linear({"a": 0, "b": 1, "c": 2}, [1.0, 2.0, 1.5], [[3.0, -1.0, 0.5], [-3.0, 1.0, 0.25]], [0.5, -0.25])
COUNTS = st.dictionaries(st.sampled_from("abcxyz"), st.integers(1, 50))
SCORES = st.floats(-1000, 1000)


def test_by_hand() -> None:
    values = {feature: value for feature, _, value in LINEAR.values([{"a": 9, "b": 4, "unknown": 7}])}
    assert values == pytest.approx({"a": 3 / 5, "b": 4 / 5})
    assert LINEAR.scores([("a", 0, 0.6), ("b", 1, 0.8)]) == pytest.approx([0.5 + 1.8 - 0.8, -0.25 - 1.8 + 0.8])


@given(COUNTS)
def test_known_features_have_length_one(counts: dict[str, int]) -> None:
    values = LINEAR.values([counts])
    assert {feature for feature, _, _ in values} == counts.keys() & LINEAR.vocabulary.keys()
    if values:
        assert math.hypot(*(value for _, _, value in values)) == pytest.approx(1, abs=1e-12)


@given(COUNTS, st.integers(2, 9))
def test_repetition_changes_nothing(counts: dict[str, int], times: int) -> None:
    again = {feature: n * times for feature, n in counts.items()}
    assert LINEAR.scores(LINEAR.values([again])) == pytest.approx(LINEAR.scores(LINEAR.values([counts])), abs=1e-12)


@given(COUNTS)
def test_order_changes_no_bit(counts: dict[str, int]) -> None:
    backwards = dict(reversed(list(counts.items())))
    assert LINEAR.scores(LINEAR.values([backwards])) == LINEAR.scores(LINEAR.values([counts]))
    assert LINEAR.scores(LINEAR.values([counts])[::-1]) == LINEAR.scores(LINEAR.values([counts]))


def test_nothing_known_is_the_intercept() -> None:
    assert LINEAR.values([{"unknown": 3}]) == []
    assert LINEAR.scores([]) == [0.5, -0.25]


@given(SCORES)
def test_sigmoid_is_a_probability_and_symmetric(score: float) -> None:
    assert 0 <= sigmoid(score) <= 1
    assert sigmoid(score) + sigmoid(-score) == pytest.approx(1, abs=1e-12)


@given(st.floats(-12, 12))
def test_logit_undoes_sigmoid(score: float) -> None:
    assert logit(sigmoid(score)) == pytest.approx(score, abs=1e-9)


def test_ends_are_finite() -> None:
    assert sigmoid(0) == 0.5 and math.isfinite(logit(0.0)) and math.isfinite(logit(1.0))
    assert logit(0.0) < -30 and logit(1.0) > 30 and logit(0.5) == 0


@given(st.lists(SCORES, min_size=1, max_size=6), st.floats(-50, 50))
def test_softmax_sums_to_one_and_keeps_the_order(scores: list[float], shift: float) -> None:
    chances = softmax(scores)
    assert sum(chances) == pytest.approx(1, abs=1e-12)
    assert chances[scores.index(max(scores))] == max(chances)
    assert softmax([score + shift for score in scores]) == pytest.approx(chances, abs=1e-9)
