"""The optimum of a regression, beside scikit-learn's solvers at their tightest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array
from sklearn.linear_model import LogisticRegression

from framing import regression
from framing.regression import NEAR, Problem, solve


def rows(classes: int, n: int = 300, features: int = 60) -> tuple[Any, Any, Any]:
    """Sparse rows whose classes some features tell, with costs."""
    chance = np.random.default_rng(classes)
    x = csr_matrix(random_array((n, features), density=0.1, rng=chance))
    signal = x @ chance.normal(size=(features, classes)) + chance.normal(size=(n, classes)) / 3
    return x, signal.argmax(axis=1), chance.uniform(0.5, 20, n)


def scikit_learns(x: Any, y: Any, cost: Any) -> tuple[Any, Any]:
    solver = "liblinear" if y.max() == 1 else "lbfgs"
    made = LogisticRegression(C=1.0, solver=solver, tol=1e-10, max_iter=100_000).fit(x, y, sample_weight=cost)
    return made.coef_, made.intercept_


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_optimum_is_scikit_learns_at_its_tightest(classes: int) -> None:
    x, y, cost = rows(classes)
    found = solve(x, y, cost)
    coef, base = scikit_learns(x, y, cost)
    weights = found.weights - (found.weights.mean(axis=0) if classes > 2 else 0)
    assert weights[:, :-1] == pytest.approx(coef, abs=1e-4)
    assert weights[:, -1] == pytest.approx(base - (base.mean() if classes > 2 else 0), abs=1e-3)


@pytest.mark.parametrize("classes", [2, 4])
def test_no_weights_have_a_lower_objective_than_the_gradient_allows(classes: int) -> None:
    x, y, cost = rows(classes)
    found, problem = solve(x, y, cost), Problem(x, y, cost)
    assert found.converged and 0 <= found.gradient <= NEAR
    chance = np.random.default_rng(7)
    for size in (1e-4, 1e-2, 1.0):
        other = found.weights + size * chance.normal(size=found.weights.shape)
        assert problem.objective(other, problem.scores(other)) > found.objective - NEAR**2 / 2


@pytest.mark.parametrize("classes", [2, 3])
def test_gradient_and_curvature_are_those_of_the_objective(classes: int) -> None:
    x, y, cost = rows(classes, 40, 8)
    problem, chance = Problem(x, y, cost), np.random.default_rng(1)
    weights, way = chance.normal(size=(2, len(problem.truth), 9))

    def at(point: Any) -> tuple[float, Any]:
        scores = problem.scores(point)
        return problem.objective(point, scores), problem.gradient(point, problem.chances(scores))

    (low, before), (high, after) = at(weights - 1e-5 * way), at(weights + 1e-5 * way)
    chances = problem.chances(problem.scores(weights))
    assert (high - low) / 2e-5 == pytest.approx((problem.gradient(weights, chances) * way).sum(), rel=1e-6)
    assert (after - before) / 2e-5 == pytest.approx(problem.curved(way, chances), rel=1e-5, abs=1e-6)
    for k in range(9):
        one = np.zeros_like(weights)
        one[0, k] = 1
        assert problem.curved(one, chances)[0, k] == pytest.approx(problem.diagonal(chances)[0, k])


@pytest.mark.parametrize("classes", [2, 3])
def test_wherever_it_starts_it_ends_in_one_place(classes: int) -> None:
    x, y, cost = rows(classes)
    one = solve(x, y, cost)
    other = solve(x, y, cost, np.random.default_rng(3).normal(size=one.weights.shape))
    assert other.objective == pytest.approx(one.objective, abs=NEAR**2)
    again = solve(x, y, cost, one.weights)
    assert np.array_equal(again.weights, one.weights), "nothing is left to do at the optimum"


def test_separable_rows_have_an_optimum() -> None:
    x = csr_matrix(np.repeat(np.eye(2), 50, axis=0))
    found = solve(x, np.repeat([0, 1], 50), np.full(100, 1e4))
    assert found.converged and found.weights[0, 1] > 5 > -5 > found.weights[0, 0]


def test_too_few_steps_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "MOST_STEPS", 1)
    assert not solve(*rows(2)).converged
