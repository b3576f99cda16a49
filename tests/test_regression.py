"""The optimum of a regression, beside scikit-learn's solvers at their tightest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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


def test_a_rough_fit_is_as_near_as_it_says() -> None:
    x, y, cost = rows(3)
    best, rough = solve(x, y, cost), solve(x, y, cost, near=1.0)
    assert NEAR < rough.gradient <= 1.0
    assert best.objective <= rough.objective + NEAR**2 <= best.objective + 0.51


SIZES = [(2, 300, 60), (2, 3000, 1021), (3, 300, 3), (3, 1000, 515), (8, 300, 60), (9, 300, 60)]


@pytest.mark.parametrize(("classes", "n", "features"), SIZES)
def test_the_kernels_steps_are_numpys_to_the_last_bit(classes: int, n: int, features: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, cost = rows(classes, n, features)
    start = np.asfortranarray(np.random.default_rng(2).normal(size=(1 if classes == 2 else classes, features + 1)))
    kernel = [solve(x, y, cost), solve(x, y, cost, start, 1.0)]
    monkeypatch.setattr(regression.native, "extension", lambda: None)
    for one, other in zip(kernel, [solve(x, y, cost), solve(x, y, cost, start, 1.0)], strict=True):
        assert np.array_equal(one.weights, other.weights)
        assert one[1:] == other[1:]


def test_the_kernel_refuses_rows_that_are_none() -> None:
    extension = pytest.importorskip("framing._native", reason="The kernel is not built: pip install -e . with a C++ compiler builds it.")
    ends, places, values = np.array([0, 2, 3], np.int32), np.array([0, 1, 1], np.int32), np.ones(3)
    made = extension.Product(ends, places, values, 2)
    odd = [(ends[::-1].copy(), places, values, 2), (ends, places, values, 1), (ends, -places, values, 2), (ends[:2], places, values, 2)]
    for parts in (*odd, (ends[:0], places[:0], values[:0], 2)):
        with pytest.raises(ValueError, match="not those of sparse rows"):
            extension.Product(*parts)
    with pytest.raises(ValueError, match="numbers or the size"):
        extension.Product(ends.astype(np.int64), places, values, 2)
    wide, tall = np.zeros((2, 3)), np.zeros((2, 2))
    made.scores(2, wide, tall)
    made.sums(2, tall, False, wide)
    made.step(2, wide, wide, tall, tall, 0.0, 0.1, 10, wide.copy())
    for arrays in ((tall, tall), (wide, wide), (wide, wide.T), (wide.astype(np.float32), tall), (wide, tall.astype(np.int64))):
        with pytest.raises((ValueError, BufferError)):
            made.scores(2, *arrays)
    for arrays in ((wide, tall, tall, tall, wide), (wide, wide, tall, tall, tall), (wide, wide, tall.T, tall, wide)):
        with pytest.raises((ValueError, BufferError)):
            made.step(2, *arrays[:4], 0.0, 0.1, 10, arrays[4])
    for scores in (0, 9):
        with pytest.raises(ValueError, match="1 to 8 scores"):
            made.scores(scores, wide, tall)


@pytest.mark.parametrize("classes", [2, 4])
def test_threads_may_share_the_kernels_rows(classes: int) -> None:
    x, y, cost = rows(classes, 2000, 400)
    problem = Problem(x, y, cost)
    weights = np.random.default_rng(5).normal(size=(20, len(problem.truth), 401))
    alone = [problem.gradient(one, problem.chances(problem.scores(one))) for one in weights]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: problem.gradient(one, problem.chances(problem.scores(one))), weights))
    assert np.array_equal(alone, together)
