"""Groups of scores: means, intervals, differences, correction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from framing import Model
from framing.archive.score import Options, score
from framing.archive.summary import differences, groups, holm, read_scores
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


def test_a_missing_column_is_told(frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="paper"):
        groups(frame, "paper")


@pytest.mark.parametrize("out", ["s.csv", "s.jsonl", "s.parquet", "dataset", "duckdb:s.db?scores", "sqlite:s.db?scores"])
def test_every_format_that_score_writes(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    monkeypatch.chdir(tmp_path)
    text = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."
    pd.DataFrame({"id": ["a", "b"], "text": [text, text], "outlet": ["A", "B"]}).to_csv("in.csv", index=False)
    score(model, "in.csv", out, Options(kept=("outlet",), workers=1))
    made = groups(read_scores(out), "outlet", ["hedged_rate"])
    assert list(made["group"]) == ["A", "B"] and list(made["n"]) == [1, 1] and list(made["mean"]) == [1.0, 1.0]


def test_the_command(frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame.to_csv(tmp_path / "s.csv", index=False)
    given = [str(tmp_path / "s.csv"), "--by", "outlet", "--out", str(tmp_path / "m.csv"), "--differences", str(tmp_path / "d.csv")]
    with pytest.raises(SystemExit) as ended:
        main(["summary", *given])
    assert not ended.value.code
    said = capsys.readouterr().out
    assert "tone_loaded" in said and "Holm over 6 comparisons" in said
    assert len(pd.read_csv(tmp_path / "m.csv")) == len(pd.read_csv(tmp_path / "d.csv")) == 6
