"""Fitting one head on counts."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from framing.errors import TrainingError
from framing.fit import Matrix, Recipe, Rows, Tally, fit, in_threads
from framing.regression import solve

BINARY = Recipe("own", "sentence", ("plain", "loud"), ("words:1-1",), 10.0)


def rows_of(n: int, seed: int = 0, labels: tuple[str, ...] = ("plain", "loud")) -> Rows:
    """Rows in which each label has a word of its own four times in five."""
    chance, rows = random.Random(seed), Rows()
    for k in range(n):
        label = labels[k % len(labels)]
        word = label if chance.random() < 0.8 else chance.choice(labels)
        rows.add([{word: 1, "the": 2, f"w{chance.randrange(8)}": 1}], label, f"g{k}")
    return rows


def test_a_binary_head_learns_its_words() -> None:
    fitted = fit(BINARY, rows_of(80))
    linear = fitted.head.linear
    row = linear.coef[0]
    assert row[linear.vocabulary["loud"]] > 0 > row[linear.vocabulary["plain"]]
    assert fitted.calibrated
    assert fitted.head.thresholds == (0.5,)


def test_held_out_probabilities_are_calibrated_and_of_rows_not_seen() -> None:
    rows = rows_of(400)
    rows.counts = [[{f"only{k}": 1, "the": 1, "a": 1 + k % 3}] for k in range(400)]
    held = fit(Recipe("own", "sentence", ("plain", "loud"), (), 10.0, 1), rows).held_out
    assert held.sum(axis=1) == pytest.approx(1)
    # nothing can be learned from words that stand in one row, so an honest answer is one half
    assert np.abs(held - 0.5).max() < 0.1
    good = fit(BINARY, rows_of(400)).held_out[:, 1]
    assert abs(good.mean() - 0.5) < 0.02


def test_a_quiet_head_gives_its_label_to_that_share_of_light_negative_rows() -> None:
    rows = rows_of(400)
    rows.weights = [1.0 if k < 200 else 0.2 for k in range(400)]
    fitted = fit(Recipe("own", "sentence", ("plain", "loud"), ("words:1-1",), 10.0, quiet=0.3), rows)
    light = [k for k in range(200, 400) if rows.labels[k] == "plain"]
    given = np.mean(fitted.held_out[light, 1] > fitted.head.thresholds[0])
    assert given == pytest.approx(0.3, abs=0.03)
    assert np.mean(fit(BINARY, rows).held_out[light, 1] > 0.5) < given - 0.05


def test_three_labels_are_centred() -> None:
    labels = ("a", "b", "c")
    head = fit(Recipe("own", "sentence", labels, (), 10.0), rows_of(90, labels=labels)).head
    assert np.sum(head.linear.coef, axis=0) == pytest.approx(0, abs=0.02)
    assert sum(head.linear.intercept) == pytest.approx(0, abs=1e-9)
    for k, label in enumerate(labels):
        assert np.argmax(head.linear.coef[k]) == head.linear.vocabulary[label]


def test_numbers_are_those_that_a_file_holds() -> None:
    linear = fit(BINARY, rows_of(80)).head.linear
    for numbers in (linear.idf, *linear.coef):
        assert list(np.float16(numbers).astype(float)) == list(numbers)


def test_the_matrix_is_what_linear_computes() -> None:
    rows = rows_of(40)
    matrix = Matrix.of(rows.counts, 2)
    linear = fit(BINARY, rows).head.linear
    assert matrix.vocabulary == linear.vocabulary
    for counts, values in zip(rows.counts, matrix.values, strict=True):
        ours = {row: value for _, row, value in linear.values(counts)}
        assert dict(zip(values.indices, values.data, strict=True)) == pytest.approx(ours, abs=1e-12)
    n = sum("loud" in row[0] for row in rows.counts)
    assert matrix.idf[matrix.vocabulary["loud"]] == pytest.approx(math.log(41 / (1 + n)) + 1, rel=1e-3)


def test_no_order_of_features_changes_a_bit() -> None:
    rows, other = rows_of(60), rows_of(60)
    other.counts = [[dict(reversed(part.items())) for part in row] for row in other.counts]
    assert fit(BINARY, rows).head == fit(BINARY, other).head


def test_weights_count() -> None:
    rows = rows_of(80)
    light = rows_of(80)
    light.weights = [1.0 if label == "loud" else 0.01 for label in light.labels]
    x = Matrix.of(rows.counts, 2).values
    y = np.array([int(label == "loud") for label in rows.labels])
    same, loud = (solve(x, y, np.array(weights)).weights[0, -1] for weights in (rows.weights, light.weights))
    assert loud > same + 1


def test_a_threshold_is_chosen_for_a_measure() -> None:
    rows = rows_of(200)
    rows.labels = ["loud" if label == "loud" and k % 3 == 0 else "plain" for k, label in enumerate(rows.labels)]
    (cut,) = fit(Recipe("own", "sentence", ("plain", "loud"), (), 10.0, 2, "f1"), rows).head.thresholds
    assert 0 < cut < 0.5


def several(answers: list[dict[str, bool]]) -> Rows:
    rows = Rows()
    for k, known in enumerate(answers):
        rows.add([{"the": 1, **{name: 1 for name, present in known.items() if present}}], known, f"g{k}")
    return rows


def test_several_labels_each_on_the_rows_that_know_it() -> None:
    recipe = Recipe("own", "article", ("x", "y", "never"), (), 10.0, 1, "f1", True)
    answers: list[dict[str, bool]] = [{"x": k % 2 == 0} for k in range(20)] + [{"y": k % 2 == 0, "never": False} for k in range(20)]
    fitted = fit(recipe, several(answers))
    assert fitted.head.labels == ("x", "y"), "a label that no row has cannot be learned"
    assert np.isnan(fitted.held_out[:20, 1]).all()
    assert not np.isnan(fitted.held_out[:20, 0]).any()
    words = fitted.head.linear.vocabulary
    assert [fitted.head.linear.coef[k][words[name]] > 0 for k, name in enumerate(("x", "y"))] == [True, True]


def test_several_labels_none_of_which_can_be_learned() -> None:
    recipe = Recipe("own", "article", ("x",), (), 10.0, 1, "", True)
    with pytest.raises(TrainingError, match="some rows have and others lack"):
        fit(recipe, several([{"x": False}] * 5))


def test_bad_input_55_one_label() -> None:
    rows = rows_of(10)
    rows.labels = ["plain"] * 10
    with pytest.raises(TrainingError, match=r"needs two labels or more\. Got \{'plain': 10\}"):
        fit(BINARY, rows)
    with pytest.raises(TrainingError, match="Got no rows"):
        fit(BINARY, Rows())


@pytest.mark.parametrize("counts", [{}, {"rare": 1}])
def test_bad_input_56_no_feature(counts: dict[str, Any]) -> None:
    rows = Rows()
    rows.add([{}], "plain", "a")
    rows.add([counts], "loud", "b")
    with pytest.raises(TrainingError, match="No feature occurs in 2 rows or more"):
        fit(BINARY, rows)


def test_too_few_groups_to_calibrate() -> None:
    rows = rows_of(20)
    rows.groups = ["one"] * 20
    fitted = fit(BINARY, rows)
    assert not fitted.calibrated
    assert fitted.head.thresholds == (0.5,)


def test_a_part_of_a_tally_is_the_tally_of_that_part() -> None:
    counts = rows_of(60).counts
    chosen = [3, 41, 7, 58, 0, 22]
    part, anew = Matrix.learn(Tally.of(counts).rows(chosen), 1), Matrix.of([counts[n] for n in chosen], 1)
    assert part.vocabulary == anew.vocabulary and list(part.idf) == list(anew.idf)
    assert (part.values != anew.values).nnz == 0
    rest = part.apply(Tally.of(counts).rows([30, 31]))
    for n, values in zip((30, 31), rest, strict=True):
        known = {part.vocabulary[term]: count for row in counts[n] for term, count in row.items() if term in part.vocabulary}
        assert set(values.indices) == set(known)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_head_does_not_depend_on_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(300, labels=("plain", "loud", "odd"))
    recipe = replace(BINARY, labels=("plain", "loud", "odd"))
    two = fit(recipe, rows)
    monkeypatch.setattr("framing.fit.THREADS", threads)
    other = fit(recipe, rows)
    assert other.head == two.head and np.array_equal(other.held_out, two.held_out)


def test_an_error_in_a_thread_is_raised_here() -> None:
    assert in_threads(lambda n: 6 // n, [3, 2, 1]) == [2, 3, 6]
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda n: 6 // n, [1, 0])


def test_what_begins_with_a_prefix_is_raised() -> None:
    counts = [[{"a=x": 1, "a=": 1, "b=a=x": 1, "a": 1, "a>": 1, "cue=may": 1, "cue=\U0010ffff": 1}]] * 2
    raised = (("a=", 3.0), ("cue=", 2.0), ("a=x", 0.5), ("none=", 9.0))
    plain, made = Matrix.of(counts, 1), Matrix.of(counts, 1, raised)
    assert made.vocabulary == plain.vocabulary
    for term, column in made.vocabulary.items():
        factor = math.prod(factor for prefix, factor in raised if term.startswith(prefix))
        assert made.idf[column] == pytest.approx(plain.idf[column] * factor, rel=1e-3), term
