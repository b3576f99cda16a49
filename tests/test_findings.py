"""What a report tells of a table of scores, by hand."""

from __future__ import annotations

import pandas as pd
import pytest
import scores

from framing.archive.findings import ALL, MOST_QUARANTINED, Asked, extremes_of, find
from framing.errors import InputError

FRAME = scores.made()


def test_counts_add_up_and_reasons_are_listed() -> None:
    found = find(FRAME, Asked())
    assert found.rows == 120 and found.counts == {"ok": 117, "abstained": 2, "error": 1}
    assert found.reasons.to_dict("records") == [
        {"status": "abstained", "reason": "language", "n": 1},
        {"status": "abstained", "reason": "too_short", "n": 1},
        {"status": "error", "reason": "binary", "n": 1},
    ]
    assert found.quarantine == [{"key": "a002", "title": "Headline 2", "reason": "binary"}] and found.models == ("small@01234567",)


def test_shares_of_labels_are_those_of_the_labelled() -> None:
    found, fine = find(FRAME, Asked("outlet")), FRAME[FRAME["status"] == "ok"]
    shares = found.labels["tone"].set_index("group")
    assert shares.loc[ALL, "loaded"] == pytest.approx((fine["tone"] == "loaded").mean()) and shares.loc[ALL, "n"] == 117
    one = fine[fine["outlet"] == "Outlet 1"]
    assert shares.loc["Outlet 1", "loaded"] == pytest.approx((one["tone"] == "loaded").mean())
    assert found.labels["hedging"][["plain", "hedged", "heavily hedged"]].sum(axis=1).tolist() == pytest.approx([1.0] * 4)


def test_frames_count_where_they_are_present() -> None:
    found, fine = find(FRAME, Asked("outlet")), FRAME[FRAME["status"] == "ok"]
    row = found.overall.set_index("measure").loc["has_frame_morality"]
    assert row["mean"] == pytest.approx(fine["frames"].str.contains("morality").mean()) and row["low"] < row["mean"] < row["high"]
    assert not found.means.empty and not found.differences.empty and found.months.empty


def test_months_and_those_without_a_date() -> None:
    frame = FRAME.astype({"date": object})
    frame.loc[5:9, "date"] = [None, "", "soon", "2024-13-01", 7]
    found = find(frame, Asked(time="date"))
    assert found.period == ("2024-01", "2024-06") and found.undated == 5
    assert found.months.groupby("measure")["n"].sum().loc["tone_loaded"] == 112


def test_extremes_are_the_highest() -> None:
    found, fine = find(FRAME, Asked(top=3)), FRAME[FRAME["status"] == "ok"]
    assert [row["key"] for row in found.extremes["loaded"]] == list(fine.nlargest(3, "tone_loaded")["key"])
    assert [row["key"] for row in found.extremes["hedged"]] == list(fine.nlargest(3, "hedged_rate")["key"])
    assert len(extremes_of(found)) <= 6 and find(FRAME, Asked(top=0)).extremes == {"hedged": [], "loaded": []}


def test_histograms_count_every_article() -> None:
    found = find(FRAME, Asked())
    assert [int(counts.sum()) for counts in found.histograms.values()] == [117, 117] and list(found.histograms) == [
        "tone_loaded",
        "hedging_percentile",
    ]


def test_a_table_of_one_head_says_what_it_has() -> None:
    found = find(FRAME[["key", "row", "status", "reason", "model", "tone", "tone_loaded"]], Asked())
    assert list(found.labels) == ["tone"] and list(found.extremes) == ["loaded"] and "hedged_rate" not in found.measures


def test_one_group_and_one_article() -> None:
    one = find(FRAME.iloc[[5]], Asked("outlet", "date"))
    assert one.rows == 1 and one.differences.empty and one.overall[["low", "high"]].isna().all(axis=None)


ODD = [float("nan"), float("inf"), -1e300, 10**30, "x", "", True, None, [1], pd.Timestamp("2024-03-01"), "\ufffd"]
COLUMNS = ["row", "key", "title", "date", "tone", "tone_loaded", "hedged_rate", "frames", "words", "reason", "model"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("column", COLUMNS)
def test_odd_values_end_nothing(column: str, odd: object) -> None:
    frame = FRAME.tail(12).astype({column: object}).reset_index(drop=True)
    frame.loc[3, column] = [odd] if isinstance(odd, list) else odd
    found = find(frame, Asked("outlet", "date"))
    assert found.rows == 12 and found.counts["ok"] == 12
    assert all(isinstance(key, str) and isinstance(row, int) for key, row in extremes_of(found))


def test_the_quarantine_is_cut() -> None:
    failed = pd.concat([FRAME, pd.concat([FRAME.iloc[[2]]] * 600)], ignore_index=True)
    found = find(failed, Asked())
    assert len(found.quarantine) == MOST_QUARANTINED and found.counts["error"] == 601


@pytest.mark.parametrize(
    ("frame", "asked", "said"),
    [
        (FRAME.head(0), Asked(), "no rows"),
        (FRAME.drop(columns="status"), Asked(), "no table of scores"),
        (FRAME.head(3), Asked(), r"No article has a label: 1 abstained \(language\)"),
        (FRAME, Asked("paper"), "No column 'paper'.*--keep"),
        (FRAME, Asked(time="published"), "No column 'published'"),
        (FRAME, Asked(time="title"), "No row has a date"),
        (FRAME, Asked(measures=("nothing",)), "No column 'nothing'"),
        (pd.concat([FRAME] * 3).assign(key=range(360)), Asked("key"), "360 groups|351 groups"),
    ],
    ids=["no rows", "no scores", "all without a label", "no group column", "no date column", "no dates", "no measure", "too many groups"],
)
def test_what_cannot_be_told_is_refused(frame: pd.DataFrame, asked: Asked, said: str) -> None:
    with pytest.raises(InputError, match=said):
        find(frame, asked)
