"""How resamples are drawn, and the intervals that they give."""

from __future__ import annotations

import numpy as np
import pytest

from framing import bootstrap
from framing.bootstrap import LARGE, RESAMPLES, draws, interval, intervals, means


def test_the_first_row_of_weights_is_the_sample_and_each_row_draws_all_units() -> None:
    weights = np.concatenate(list(draws(7, 50)))
    assert weights.shape == (51, 7) and (weights[0] == 1).all() and (weights.sum(axis=1) == 7).all()
    assert len({tuple(row) for row in weights}) > 45


def test_intervals_are_those_of_each_column() -> None:
    values = np.random.default_rng(0).normal(size=(200, 3))
    values[:50, 1], values[:, 2] = np.nan, np.nan
    np.testing.assert_array_equal(intervals(values), [interval(column) for column in values.T])
    assert np.isnan(intervals(np.empty((0, 2)))).all()


def test_means_leave_missing_values_out_and_need_two() -> None:
    values = np.random.default_rng(1).random((40, 3))
    values[:20, 1], values[1:, 2] = np.nan, np.nan
    made = means(values)
    assert made.shape == (RESAMPLES, 3) and np.isnan(made[:, 2]).all()
    assert np.nanstd(made[:, 1]) == pytest.approx(np.nanstd(values[:, 1]) / 20**0.5, rel=0.15)
    assert np.isnan(means(values[:1])).all() and np.isnan(means(values[:0])).all()


def test_the_normal_law_of_large_samples_gives_the_same_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    values = np.column_stack([random.beta(0.3, 3, 2 * LARGE), random.random(2 * LARGE) < 0.1, random.random(2 * LARGE)])
    values[: LARGE - 1, 2] = np.nan
    quick = intervals(means(values))
    monkeypatch.setattr(bootstrap, "LARGE", 2 * LARGE + 1)
    drawn = intervals(means(values))
    width = drawn[:, 1] - drawn[:, 0]
    assert (np.abs(quick - drawn) < 0.07 * width[:, None]).all()  # the error of 1000 resamples is .022 of the width, at either end


def test_skewed_values_are_resampled_however_many_they_are() -> None:
    values = np.zeros((4 * LARGE, 2))
    values[:3, 0], values[::2, 1] = 1.0, 1.0
    made = means(values)
    assert (made[:, 0] * 4 * LARGE % 1 < 1e-9).all() and made[:, 0].min() == 0  # sums of whole articles, none below 0
    assert (made[:, 1] * 4 * LARGE % 1 > 1e-9).any()


def test_values_that_are_all_the_same_have_an_interval_without_width() -> None:
    assert intervals(means(np.full((2 * LARGE, 1), 0.25))).tolist() == [[pytest.approx(0.25)] * 2]


def test_seeds_make_the_draws() -> None:
    values = np.random.default_rng(3).random((30, 1))
    np.testing.assert_array_equal(means(values, (0, 1)), means(values, (0, 1)))
    assert (means(values, (0, 1)) != means(values, (0, 2))).any()
