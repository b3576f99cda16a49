"""L2-penalised logistic regression, by Newton's method, to an optimum that is known to be one.

The penalty makes the objective curve by one or more in every direction, so it lies at most |gradient|^2 / 2 above its least
value, and no weight is further from the best than |gradient|. Each step is found by conjugate gradients, scaled by the
diagonal of the curvature: frequent features curve a thousand times as much as rare ones. docs/decisions/0010 tells what
scikit-learn's solvers gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from framing import native
from framing.calibrate import FloatArray, IntArray, sigmoid, softmax

NEAR = 1e-2
"""Length of the gradient at which a fit is done: the objective, in the thousands, is then within 0.00005 of the least."""

MOST_STEPS, MOST_TURNS = 100, 1000
"""Newton steps after which a fit stops, converged or not, and turns of conjugate gradients in one of them."""

MOST_TOGETHER = 8
"""Scores that the kernel takes at once; more are left to scipy."""

LEFT = 0.3
"""Share of the gradient that a step may leave; the nearer the optimum, the less of it."""


ROUGHLY = 0.3
"""The same for a fit that is only looked at by another: a fold's, whose scores calibrate the weights of all rows."""


class Solution(NamedTuple):
    """Weights, a row for each score with its intercept last; the objective there and the length of its gradient."""

    weights: FloatArray
    objective: float
    gradient: float

    @property
    def converged(self) -> bool:
        """Whether no better weights are worth looking for."""
        return self.gradient <= NEAR


@dataclass(frozen=True)
class Problem:
    """What is minimised: half the squared weights and the weighted log loss of the rows.

    Two classes have one score, whose intercept is penalised with its weights; more have one each, and free intercepts.

    Attributes
    ----------
    x : scipy.sparse.csr_matrix of shape (n, features)
    y : array of int, shape (n,)
        Classes, from 0.
    cost : array, shape (n,)
        What each row's loss weighs.
    """

    x: Any
    y: IntArray
    cost: FloatArray

    @cached_property
    def truth(self) -> FloatArray:
        """What each score's chance should be, of shape (scores, n)."""
        classes = int(self.y.max()) + 1
        return np.eye(classes)[:, self.y][1 if classes == 2 else 0 :]

    @cached_property
    def ridge(self) -> FloatArray:
        """The penalty of each weight."""
        return np.append(np.ones(self.x.shape[1]), 1.0 if len(self.truth) == 1 else 0.0)

    @cached_property
    def _squares(self) -> Any:
        return self.x.multiply(self.x).tocsr().T

    @cached_property
    def kernel(self) -> Any:
        """The rows in the kernel, which reads them once for several scores, and adds in the order of scipy and numpy; None without one."""
        extension, x = native.extension(), self.x
        if extension is None or len(self.truth) > MOST_TOGETHER or x.indices.dtype != np.int32:
            return None
        return extension.Product(x.indptr, x.indices, x.data, x.shape[1])

    def scores(self, weights: FloatArray) -> FloatArray:
        """The scores of every row, a score a row of the answer: products with one vector are the quickest in scipy."""
        if self.kernel is None:
            return np.stack([self.x @ row[:-1] + row[-1] for row in weights])
        made = np.empty((len(weights), len(self.y)))
        self.kernel.scores(len(weights), np.ascontiguousarray(weights), made)
        return made

    def _sums(self, rows: FloatArray, squared: bool = False) -> FloatArray:
        """Sums of each feature's values (or their squares) times numbers of the rows, and last that of the numbers."""
        made = np.empty((len(rows), self.x.shape[1] + 1))
        if self.kernel is None:
            columns = self._squares if squared else self.x.T
            for sums, row in zip(made, rows, strict=True):
                sums[:-1] = columns @ row
        else:
            rows = np.ascontiguousarray(rows)
            self.kernel.sums(len(rows), rows, squared, made)
        made[:, -1] = [row.sum() for row in rows]
        return made

    def objective(self, weights: FloatArray, scores: FloatArray) -> float:
        """What is minimised, at weights with these scores."""
        if len(scores) == 1:
            loss = np.logaddexp(0, scores[0])
        else:
            top = scores.max(axis=0)
            loss = top + np.log(np.exp(scores - top).sum(axis=0))
        return float((self.ridge * weights**2).sum() / 2 + self.cost @ (loss - (self.truth * scores).sum(axis=0)))

    def chances(self, scores: FloatArray) -> FloatArray:
        """The probabilities that scores stand for."""
        return sigmoid(scores) if len(scores) == 1 else softmax(scores.T).T

    def gradient(self, weights: FloatArray, chances: FloatArray) -> FloatArray:
        """The slope of the objective."""
        return self.ridge * weights + self._sums(self.cost * (chances - self.truth))

    def diagonal(self, chances: FloatArray) -> FloatArray:
        """The diagonal of the curvature."""
        return self.ridge + self._sums(self.cost * chances * (1 - chances), squared=True)

    def curved(self, weights: FloatArray, chances: FloatArray) -> FloatArray:
        """The curvature times some weights, where nearly all time goes."""
        scores = self.scores(weights)
        return self.ridge * weights + self._sums(self.cost * chances * (scores - (chances * scores).sum(axis=0)))


def solve(x: Any, y: IntArray, cost: FloatArray, start: FloatArray | None = None, near: float = NEAR) -> Solution:
    """The weights with the least objective of `Problem`, looked for from `start` on, to a gradient of the length `near`."""
    problem = Problem(x, y, cost)
    weights = np.zeros((len(problem.truth), x.shape[1] + 1)) if start is None else np.ascontiguousarray(start)
    scores = problem.scores(weights)
    value, first = problem.objective(weights, scores), 0.0
    for _ in range(MOST_STEPS):
        chances = problem.chances(scores)
        slope = problem.gradient(weights, chances)
        length = float(np.sqrt((slope**2).sum()))
        first = first or length
        if length <= near:
            break
        step = _step(problem, slope, chances, min(LEFT, (length / first) ** 0.5))
        before = value
        weights, scores, value = _walked(problem, weights, scores, value, step, float((slope * step).sum()))
        if value == before:  # no lower objective can be told apart in floating point
            break
    return Solution(weights, value, length)


def _step(problem: Problem, slope: FloatArray, chances: FloatArray, left: float) -> FloatArray:
    """A step that leaves a share of the slope, by preconditioned conjugate gradients; the kernel's has the same bits."""
    scale = 1 / problem.diagonal(chances)
    if problem.kernel is not None:
        step, flat = np.empty_like(slope), np.ascontiguousarray(chances)
        free = float(problem.ridge[-1])
        problem.kernel.step(len(slope), slope, scale, flat, problem.cost * flat, free, left**2, MOST_TURNS, step)
        return step
    step, rest = np.zeros_like(slope), -slope
    way = scale * rest
    near, room = np.empty_like(way), np.empty_like(way)  # large arrays, made once
    size = float((rest * way).sum())
    goal = left**2 * size
    for _ in range(MOST_TURNS):
        bent = problem.curved(way, chances)
        far = size / float(np.multiply(way, bent, out=room).sum())
        step += np.multiply(way, far, out=room)
        rest -= np.multiply(bent, far, out=room)
        np.multiply(scale, rest, out=near)
        before, size = size, float(np.multiply(rest, near, out=room).sum())
        if size <= goal:
            break
        way *= size / before
        way += near
    return step


def _walked(
    problem: Problem, weights: FloatArray, scores: FloatArray, value: float, step: FloatArray, gain: float
) -> tuple[FloatArray, FloatArray, float]:
    """Weights after a step, halved until the objective falls as its slope promises, with their scores and objective."""
    moved, size = problem.scores(step), 1.0
    while size > 1e-10:
        there, seen = weights + size * step, scores + size * moved
        found = problem.objective(there, seen)
        if found <= value + 1e-4 * size * gain:
            return there, seen, found
        size /= 2
    return weights, scores, value
