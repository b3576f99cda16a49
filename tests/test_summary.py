"""Groups of scores: means, intervals, differences, correction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from framing.archive.summary import differences, groups, holm
from framing.cli import main
from framing.errors import InputError


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    outlets = np.repeat(["A", "B", "C"], 60)
    loaded = random.normal(0.4, 0.1, 180) + (outlets == "C") * 0.2
    made = pd.DataFrame({"outlet": outlets, "date": ["2024-01-05", "2024-02-09"] * 90, "tone_loaded": loaded, "hedged_rate": 0.25})
    made.loc[0, "tone_loaded"] = np.nan
    return made


def test_means_with_intervals(frame: pd.DataFrame) -> None:
    made = groups(frame, "outlet").set_index(["measure", "group"])
    row = made.loc[("tone_loaded", "A")]
    values = frame["tone_loaded"][1:60]
    assert row["n"] == 59 and row["mean"] == pytest.approx(values.mean())
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * values.std() / 59**0.5, rel=0.15)  # what normal theory says
    assert row["low"] < row["mean"] < row["high"]
    pd.testing.assert_frame_equal(groups(frame, "outlet"), groups(frame, "outlet"))


def test_months(frame: pd.DataFrame) -> None:
    assert list(groups(frame, "date:month", ["tone_loaded"])["group"]) == ["2024-01", "2024-02"]


def test_differences_find_the_outlet_that_differs(frame: pd.DataFrame) -> None:
    made = differences(frame, "outlet").set_index(["measure", "group", "other"])
    sure = made.loc[("tone_loaded", "A", "C")]
    assert sure["difference"] == pytest.approx(-0.2, abs=0.05) and sure["high"] < 0
    assert -2.6 < sure["g"] < -1.4 and sure["p_holm"] < 1e-6
    assert made.loc[("tone_loaded", "A", "B"), "p_holm"] > 0.05
    assert np.isnan(made.loc[("hedged_rate", "A", "B"), "p"])  # nothing varies


def test_holm_by_hand() -> None:
    found = holm(np.array([0.01, np.nan, 0.04, 0.03]))
    np.testing.assert_allclose(found, [0.03, np.nan, 0.06, 0.06])


def test_effects_are_those_of_scipy(frame: pd.DataFrame) -> None:
    a, b = (frame.loc[frame["outlet"] == name, "tone_loaded"].dropna() for name in "AC")
    row = differences(frame, "outlet", ["tone_loaded"]).set_index(["group", "other"]).loc[("A", "C")]
    assert row["p"] == pytest.approx(ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9)
    pooled = np.sqrt((58 * a.var() + 59 * b.var()) / 117)
    assert row["g"] == pytest.approx((a.mean() - b.mean()) / pooled * (1 - 3 / (4 * 117 - 1)), rel=1e-12)


def test_a_group_of_one_article_has_no_interval() -> None:
    one = pd.DataFrame({"outlet": ["A", "B", "B"], "tone_loaded": [0.5, 0.1, 0.3]})
    made = groups(one, "outlet").set_index("group")
    assert made.loc["A", "mean"] == 0.5 and made.loc["A", ["low", "high"]].isna().all() and made.loc["B", "low"] == pytest.approx(0.1)
    assert differences(one, "outlet")[["low", "high", "g", "p", "p_holm"]].isna().all(axis=None)


def test_one_group_has_nothing_to_be_compared_with(frame: pd.DataFrame) -> None:
    assert len(differences(frame.assign(outlet="A"), "outlet")) == 0 and len(groups(frame.assign(outlet="A"), "outlet")) == 2


def test_a_group_without_a_value_and_infinite_values_are_left_out() -> None:
    some = pd.DataFrame({"outlet": ["A", "A", "B", "B"], "tone_loaded": [None, "inf", 0.25, 0.75]})
    made = groups(some, "outlet").set_index("group")
    assert list(made["n"]) == [0, 2] and np.isnan(made.loc["A", "mean"]) and made.loc["B", "mean"] == 0.5


def test_too_many_groups_are_refused(frame: pd.DataFrame) -> None:
    many = pd.concat([frame, frame], ignore_index=True)
    many["key"] = [f"k{n}" for n in range(len(many))]
    with pytest.raises(InputError, match=r"'key' makes 360 groups, and at most 200 .* key:month"):
        groups(many, "key")


@pytest.mark.parametrize("values", [["January 5", "2024-13-01"], [None, None], [20240105, 20240209]])
def test_months_of_what_holds_no_dates_are_refused(values: list[object]) -> None:
    with pytest.raises(InputError, match=r"No row has a date as 2024-01-31 in the column 'date'"):
        groups(pd.DataFrame({"date": values, "tone_loaded": [0.1, 0.2]}), "date:month")


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError):
        groups(pd.DataFrame({"outlet": [], "tone_loaded": []}), "outlet")


def test_a_missing_column_is_told(frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="paper"):
        groups(frame, "paper")


def test_the_command(frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame.to_csv(tmp_path / "s.csv", index=False)
    given = [str(tmp_path / "s.csv"), "--by", "outlet", "--out", str(tmp_path / "m.csv"), "--differences", str(tmp_path / "d.csv")]
    with pytest.raises(SystemExit) as ended:
        main(["summary", *given])
    assert not ended.value.code
    said = capsys.readouterr().out
    assert "tone_loaded" in said and "Holm over 6 comparisons" in said
    assert len(pd.read_csv(tmp_path / "m.csv")) == len(pd.read_csv(tmp_path / "d.csv")) == 6
