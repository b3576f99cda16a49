from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from framing import bootstrap
from framing import evaluation as evaluate
from framing.errors import InputError

BINARY = ("plain", "hedged")
THREE = ("negative", "neutral", "positive")


def answers(n: int, labels: tuple[str, ...], seed: int = 0, digits: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Labels and calibrated probabilities, some of them tied."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(len(labels)), n).round(digits)
    p[:, 0] = 1 - p[:, 1:].sum(axis=1)
    p = np.clip(p, 0, 1)
    y = [labels[random.choice(len(labels), p=row / row.sum())] for row in p]
    return np.array(y, dtype=object), p


def values(report: evaluate.Report) -> dict[str, float]:
    return dict(zip(report.metrics["metric"], report.metrics["value"], strict=True))


@pytest.mark.parametrize("digits", [1, 6])
def test_binary_measures_are_sklearns(digits: int) -> None:
    y, p = answers(300, BINARY, digits=digits)
    found = values(evaluate.report(y, p, BINARY, resamples=0))
    truth, called = y == "hedged", p[:, 1] > p[:, 0]
    assert list(found) == ["precision", "recall", "f1", "macro_f1", "accuracy", "auc", "brier", "ece"]
    assert found["precision"] == pytest.approx(sk.precision_score(truth, called))
    assert found["recall"] == pytest.approx(sk.recall_score(truth, called))
    assert found["f1"] == pytest.approx(sk.f1_score(truth, called))
    assert found["macro_f1"] == pytest.approx(sk.f1_score(truth, called, average="macro"))
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(truth, called))
    assert found["auc"] == pytest.approx(sk.roc_auc_score(truth, p[:, 1]))
    assert found["brier"] == pytest.approx(sk.brier_score_loss(truth, p[:, 1]))


@pytest.mark.parametrize("digits", [1, 6])
def test_measures_of_three_labels_are_sklearns(digits: int) -> None:
    y, p = answers(300, THREE, seed=1, digits=digits)
    found = values(evaluate.report(y, p, THREE, resamples=0))
    called = np.array(THREE, dtype=object)[p.argmax(axis=1)]
    precision, recall, f1, _ = sk.precision_recall_fscore_support(y, called, labels=THREE)
    for place, label in enumerate(THREE):
        got = found[f"precision_{label}"], found[f"recall_{label}"], found[f"f1_{label}"]
        assert got == pytest.approx((precision[place], recall[place], f1[place]))
    assert found["macro_f1"] == pytest.approx(f1.mean())
    assert found["accuracy"] == pytest.approx(np.mean(y == called))
    assert found["auc"] == pytest.approx(np.mean([sk.roc_auc_score(y == label, p[:, place]) for place, label in enumerate(THREE)]))
    onehot = np.array([[label == given for label in THREE] for given in y])
    assert found["brier"] == pytest.approx(((p - onehot) ** 2).sum(axis=1).mean())


def test_weights_of_a_resample_are_rows_that_stand_several_times() -> None:
    y, p = answers(80, THREE, seed=2, digits=1)
    rows = evaluate._rows(y, np.array(THREE)[p.argmax(axis=1)], THREE, p)
    weights = np.random.default_rng(0).integers(0, 4, 80)
    repeated = np.repeat(np.arange(80), weights)
    whole = values(evaluate.report(y[repeated], p[repeated], THREE, resamples=0))
    drawn = evaluate._measures(weights[None, :] @ evaluate._row_sums(rows), THREE)
    drawn["auc"] = evaluate._mean_auc(weights[None, :].astype(float), rows)
    assert {name: value[0] for name, value in drawn.items()} == pytest.approx(whole)


def test_ece_and_reliability_by_hand() -> None:
    p = np.array([0.0, 0.05, 0.1, 0.95, 1.0])
    y = ["plain", "hedged", "plain", "hedged", "plain"]
    made = evaluate.report(y, np.column_stack([1 - p, p]), BINARY, resamples=0)
    # bins: {0, .05} mean .025 rate .5; {.1} mean .1 rate 0; {.95, 1} mean .975 rate .5
    assert values(made)["ece"] == pytest.approx((2 * 0.475 + 1 * 0.1 + 2 * 0.475) / 5)
    table = made.reliability
    assert table["n"].tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert table["bin"].tolist()[:2] == ["0.0-0.1", "0.1-0.2"]
    assert table.loc[[0, 1, 9], "mean_probability"].tolist() == pytest.approx([0.025, 0.1, 0.975])
    assert table.loc[[0, 1, 9], "observed_rate"].tolist() == pytest.approx([0.5, 0, 0.5])
    assert table["observed_rate"].isna().sum() == 7


def test_ece_of_three_labels_is_of_the_top_one() -> None:
    p = [[0.72, 0.2, 0.08], [0.1, 0.78, 0.12], [0.3, 0.3, 0.4]]
    made = evaluate.report(["negative", "negative", "positive"], p, THREE, resamples=0)
    assert values(made)["ece"] == pytest.approx((abs(1.5 - 1) + abs(0.4 - 1)) / 3)


def test_confusion_has_true_rows_and_predicted_columns() -> None:
    y, p = ["a", "a", "a", "b"], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.1, 0.9]]
    made = evaluate.report(y, p, ["a", "b"], resamples=0)
    assert made.confusion.loc["a", "b"] == 2 and made.confusion.loc["b", "a"] == 0
    assert (made.confusion.index.name, made.confusion.columns.name) == ("true", "predicted")
    other = evaluate.report(y, p, ["a", "b"], predicted=["a", "a", "a", "b"], resamples=0)
    assert values(other)["accuracy"] == 1 and values(other)["auc"] == values(made)["auc"]


def test_undefined_measures_are_nan_and_left_out_of_the_mean() -> None:
    y, p = ["negative", "neutral"] * 5, np.tile([0.6, 0.4, 0.0], (10, 1))
    found = values(evaluate.report(y, p, THREE, resamples=0))
    assert np.isnan(found["precision_neutral"]) and found["recall_neutral"] == 0
    assert np.isnan(found["f1_positive"])
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_intervals_are_those_of_a_plain_bootstrap() -> None:
    y, p = answers(200, BINARY, seed=5)
    made = evaluate.report(y, p, BINARY, resamples=4000).metrics.set_index("metric")
    random, truth, called = np.random.default_rng(9), y == "hedged", p[:, 1] > p[:, 0]
    plain = []
    for _ in range(500):
        rows = random.integers(0, 200, 200)
        plain.append((sk.f1_score(truth[rows], called[rows]), sk.roc_auc_score(truth[rows], p[rows, 1])))
    for name, drawn in zip(("f1", "auc"), np.transpose(plain), strict=True):
        assert made.loc[name, ["low", "high"]].tolist() == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.02)


def test_intervals_cover_the_truth() -> None:
    random, covered = np.random.default_rng(0), 0
    for trial in range(200):
        truth = random.random(150) < 0.5
        right = random.random(150) < 0.8  # true accuracy
        chance = np.where(truth == right, 0.7, 0.3)
        made = evaluate.report(np.where(truth, "hedged", "plain"), np.column_stack([1 - chance, chance]), BINARY, resamples=300, seed=trial)
        row = made.metrics.set_index("metric").loc["accuracy"]
        covered += row["low"] <= 0.8 <= row["high"]
    assert 0.90 <= covered / 200 <= 0.99


def test_intervals_by_group_cover_where_those_by_row_do_not() -> None:
    random, by_row, by_group = np.random.default_rng(1), 0, 0
    groups = np.repeat(np.arange(40), 20)
    for trial in range(100):
        right = np.repeat(random.beta(4, 1, 40), 20) > random.random(800)  # each outlet has its own accuracy, .8 on average
        truth = random.random(800) < 0.5
        y, called = np.where(truth, "b", "a"), np.where(truth == right, "b", "a")
        frame = pd.DataFrame({"label": y, "predicted": called, "outlet": groups, "all": "x"})
        for by in (None, "outlet"):
            row = evaluate.slices(frame, "all", ["a", "b"], groups=by, resamples=200, seed=trial).iloc[0]
            hit = row["accuracy_low"] <= 0.8 <= row["accuracy_high"]
            by_row, by_group = by_row + (hit and by is None), by_group + (hit and by is not None)
    assert by_group >= 86
    assert by_row <= 80


def test_a_group_for_each_row_is_the_bootstrap_of_rows() -> None:
    y, p = answers(60, BINARY)
    one = evaluate.report(y, p, BINARY, resamples=50).metrics
    other = evaluate.report(y, p, BINARY, groups=[f"g{row}" for row in range(60)], resamples=50).metrics
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(evaluate.report(y, p, BINARY, resamples=50, seed=1).metrics)


def test_chunks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    y, p = answers(60, BINARY)
    whole = evaluate.report(y, p, BINARY, resamples=50).metrics
    monkeypatch.setattr(bootstrap, "_CHUNK", 60 * 7)
    pd.testing.assert_frame_equal(whole, evaluate.report(y, p, BINARY, resamples=50).metrics)


def test_one_group_leaves_intervals_nan() -> None:
    y, p = answers(60, BINARY)
    made = evaluate.report(y, p, BINARY, groups=["x"] * 60).metrics
    assert made[["low", "high"]].isna().all(axis=None) and made["value"].notna().all()


def test_json_and_text_say_what_the_tables_say() -> None:
    y, p = answers(100, BINARY)
    made = evaluate.report(y, p, BINARY, resamples=20)
    record = json.loads(made.to_json())
    assert record["n"] == 100 and record["labels"] == list(BINARY)
    assert record["metrics"][0] == made.metrics.iloc[0].to_dict()
    assert record["confusion"]["plain"]["hedged"] == made.confusion.loc["plain", "hedged"]
    text = str(made)
    for row in made.metrics.itertuples(index=False):
        assert f"{row.value:.3f}  {row.low:.3f} to {row.high:.3f}" in text
    assert "n = 100, positive label: hedged" in text and text == made.to_text()


def test_undefined_numbers_are_null_in_json() -> None:
    made = evaluate.report(["plain", "hedged"], [[0.9, 0.1], [0.8, 0.2]], BINARY, resamples=0)
    found = {row["metric"]: row for row in json.loads(made.to_json())["metrics"]}
    assert found["precision"] == {"metric": "precision", "value": None, "low": None, "high": None}


@pytest.mark.parametrize("k", [2, 3, 12, 15])
def test_text_stays_within_eighty_columns(k: int) -> None:
    labels = tuple(f"a_rather_long_name_of_a_frame_{place}" for place in range(k))
    y, p = answers(400, labels)
    assert max(map(len, evaluate.report(y, p, labels, resamples=5).to_text().split("\n"))) <= 80


def test_paired_difference_has_its_sign_interval_and_p() -> None:
    random = np.random.default_rng(0)
    y = np.where(random.random(400) < 0.5, "b", "a")
    good = np.where(random.random(400) < 0.9, y, "a")
    poor = np.where(random.random(400) < 0.6, y, "a")
    better = evaluate.paired(y, good, poor, ["a", "b"], measure="accuracy")
    assert better.difference == pytest.approx(np.mean(good == y) - np.mean(poor == y)) == better.a - better.b
    assert 0 < better.low < better.difference < better.high and better.p == pytest.approx(2 / 1001)
    worse = evaluate.paired(y, poor, good, ["a", "b"], measure="accuracy")
    assert (worse.difference, worse.low, worse.high, worse.p) == pytest.approx((-better.difference, -better.high, -better.low, better.p))
    same = evaluate.paired(y, good, good, ["a", "b"])
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_paired_p_values_of_equal_models_are_even() -> None:
    random, small = np.random.default_rng(2), 0
    for trial in range(150):
        y = np.where(random.random(150) < 0.5, "b", "a")
        a, b = (np.where(random.random(150) < 0.8, y, np.where(y == "a", "b", "a")) for _ in range(2))
        found = evaluate.paired(y, a, b, ["a", "b"], measure="accuracy", resamples=200, seed=trial)
        small += found.p <= 0.05
        assert (found.p <= 0.03) <= (not found.low < 0 < found.high)  # p and interval agree
    assert small / 150 <= 0.11


def test_paired_takes_measures_of_probabilities() -> None:
    y, p = answers(200, BINARY)
    called = np.array(BINARY)[p.argmax(axis=1)]
    flat = np.full_like(p, 0.5)
    found = evaluate.paired(y, called, called, BINARY, p, flat, measure="auc", resamples=100)
    assert found.a == pytest.approx(sk.roc_auc_score(y == "hedged", p[:, 1])) and found.b == 0.5
    assert evaluate.paired(y, called, called, BINARY, p, flat, measure="brier", resamples=100).difference < 0
    with pytest.raises(InputError, match="needs probabilities"):
        evaluate.paired(y, called, called, BINARY, measure="auc")
    with pytest.raises(InputError, match=r"one of precision, .*'kappa'"):
        evaluate.paired(y, called, called, BINARY, measure="kappa")
    with pytest.raises(InputError, match="at least one resample"):
        evaluate.paired(y, called, called, BINARY, resamples=0)


def test_slices_measure_each_value() -> None:
    frame = pd.DataFrame(
        {
            "label": ["a", "b", "b", "a", "a", "a", "b"],
            "predicted": ["a", "b", "a", "a", "a", "a", "b"],
            "outlet": ["x", "x", "x", "y", "y", "y", None],
            "year": [1, 1, 2, 1, 1, 1, 1],
        }
    )
    made = evaluate.slices(frame, "outlet", ["a", "b"], resamples=50)
    assert made["outlet"].tolist()[:2] == ["x", "y"] and made["n"].tolist() == [3, 3, 1]
    assert made["f1"].tolist()[0] == pytest.approx(2 / 3) and np.isnan(made["f1"][1])
    assert made["macro_f1"].tolist() == pytest.approx([2 / 3, 1, 1]) and made["accuracy"].tolist() == pytest.approx([2 / 3, 1, 1])
    assert made["accuracy_low"][0] < 2 / 3 < made["accuracy_high"][0] and np.isnan(made["accuracy_low"][2])
    two = evaluate.slices(frame, ["outlet", "year"], ["a", "b"], resamples=5)
    assert two["n"].tolist() == [2, 1, 3, 1] and list(two.columns[:3]) == ["outlet", "year", "n"]
    assert "f1" not in evaluate.slices(frame, "outlet", ["a", "b", "c"], resamples=5)


# Krippendorff (2011), Computing Krippendorff's alpha-reliability, examples B and C: four observers, twelve units.
OBSERVERS = (
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
)


def test_alpha_is_krippendorffs() -> None:
    assert evaluate.alpha(*OBSERVERS) == pytest.approx(0.743, abs=5e-4)
    assert evaluate.alpha(*OBSERVERS, level="interval") == pytest.approx(0.849, abs=5e-4)


def test_alpha_of_two_coders_by_hand() -> None:
    # Krippendorff (2011), example A: two observers, ten units, 4 mismatches, 14 zeros and 6 ones of 20 values
    one, other = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert evaluate.alpha(one, other) == pytest.approx(1 - 19 * (4 * 2) / (2 * 14 * 6)) == pytest.approx(0.095, abs=5e-4)
    assert evaluate.alpha(one, other, level="interval") == pytest.approx(evaluate.alpha(one, other))  # so for two values
    names = ["no", "yes"]
    assert evaluate.alpha([names[v] for v in one], np.array([names[v] for v in other])) == pytest.approx(evaluate.alpha(one, other))
    assert evaluate.alpha(["a", "b", "c"], ["a", "b", "c"]) == 1


def test_alpha_of_chance_is_near_zero_and_its_interval_holds_it() -> None:
    random = np.random.default_rng(0)
    one, other = random.integers(0, 3, (2, 2000))
    assert evaluate.alpha(one, other) == pytest.approx(0, abs=0.05)
    value, low, high = evaluate.alpha_interval(one, other, resamples=300)
    assert low < value < high and low < 0 < high and high - low < 0.15
    assert evaluate.alpha_interval(one, other, resamples=300) == (value, low, high)
    assert evaluate.alpha_interval(["a", "b"], ["a", "b"], resamples=50)[1:] == (1, 1)


def test_alpha_refuses_what_it_cannot_use() -> None:
    for coders, level, said in (
        (([1, 2],), "nominal", "at least two coders"),
        (([1, 2], [1]), "nominal", "Got 2 and 1"),
        (([], []), "nominal", "at least one row|units with values"),
        (([1, None], [None, 2]), "nominal", "Got none"),
        (([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]), "interval", "undefined"),
        ((["a", "a"], ["a", "a"]), "nominal", "undefined"),
        ((["a", "b"], ["a", "b"]), "interval", "must be numbers"),
        (([1, float("inf")], [1, 2]), "interval", "finite"),
        (([1, 2], [1, 2]), "ratio", "'ratio'"),
    ):
        with pytest.raises(InputError, match=said):
            evaluate.alpha(*coders, level=level)  # type: ignore[arg-type]


def test_disagreements_are_sorted_by_margin() -> None:
    p = [[0.9, 0.1], [0.4, 0.6], [0.05, 0.95], [0.5, 0.5], [0.8, 0.2]]
    assert evaluate.disagreements([1, 0, 0, 0, 0], p).tolist() == [2, 0, 1]
    assert evaluate.disagreements(["hedged", "plain", "plain", "plain", "plain"], p, BINARY).tolist() == [2, 0, 1]
    assert evaluate.disagreements([2, 0], [[0.5, 0.2, 0.3], [0.1, 0.2, 0.7]]).tolist() == [1, 0]


def test_disagreements_find_labels_that_were_flipped() -> None:
    _, p = answers(500, BINARY, seed=3)
    given = np.array(BINARY)[p.argmax(axis=1)]
    sure = np.argsort(-p.max(axis=1))[:20]
    given[sure] = np.where(given[sure] == "plain", "hedged", "plain")
    assert set(evaluate.disagreements(given, p, BINARY).tolist()) == set(sure.tolist())
    with pytest.raises(InputError, match="sum to 1"):
        evaluate.disagreements([0], [[0.5, 0.6]])
    with pytest.raises(InputError, match="Got 1 and 2"):
        evaluate.disagreements([0], [[0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("y", "p", "labels", "more", "said"),
    [
        (["a", "a"], [[0.5, 0.5]] * 2, "ab", {}, r"at least two labels. Got \{'a': 2, 'b': 0\}"),
        (["a"], [[0.5, 0.5]] * 2, "ab", {}, "Got 1 and 2"),
        ([], np.zeros((0, 2)), "ab", {}, "Got none"),
        (["a", "c"], [[0.5, 0.5]] * 2, "ab", {}, "row 1: 'c'"),
        (["a", None], [[0.5, 0.5]] * 2, "ab", {}, "row 1: None"),
        (["a", float("nan")], [[0.5, 0.5]] * 2, ["a", "nan"], {}, "row 1: nan"),
        (["a", "b"], [[0.5, np.nan]] * 2, "ab", {}, "Row 0 is"),
        (["a", "b"], [[0.5, 0.5], [0.5, 0.6]], "ab", {}, "Row 1 is"),
        (["a", "b"], [[1.5, -0.5]] * 2, "ab", {}, "from 0 to 1"),
        (["a", "b"], [0.5, 0.5], "ab", {}, r"Got shape \(2,\)"),
        (["a", "b"], [[0.5, 0.5]] * 2, "abc", {}, "each of 3 labels"),
        (["a", "b"], [[0.5, 0.5]] * 2, "aa", {}, "different names"),
        (["a", "b"], [[0.5, 0.5]] * 2, "ab", {"groups": [1]}, "Got 2 and 1"),
        (["a", "b"], [[0.5, 0.5]] * 2, "ab", {"groups": [1, None]}, "Row 1 has none"),
        (["a", "b"], [[0.5, 0.5]] * 2, "ab", {"predicted": ["a"]}, "Got 2 and 1"),
        (["a", "b"], [[0.5, 0.5]] * 2, "ab", {"predicted": ["a", "z"]}, "predicted must hold only a, b"),
    ],
)
def test_report_refuses_what_it_cannot_use(y, p, labels, more, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=said):
        evaluate.report(y, p, list(labels), **more)


def test_slices_refuse_what_they_cannot_use() -> None:
    frame = pd.DataFrame({"label": ["a", "b"], "predicted": ["a", "x"], "outlet": [1, 2]})
    with pytest.raises(InputError, match="no column 'topic'"):
        evaluate.slices(frame, "topic", ["a", "b"])
    with pytest.raises(InputError, match="row 1: 'x'"):
        evaluate.slices(frame, "outlet", ["a", "b"])
    with pytest.raises(InputError, match="Got none"):
        evaluate.slices(frame.iloc[:0], "outlet", ["a", "b"])


def test_labels_may_be_numbers_and_series() -> None:
    y = pd.Series([0, 1, 1], index=[7, 8, 9])
    made = evaluate.report(y, [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [0, 1], resamples=0)
    assert made.labels == ("0", "1") and values(made)["recall"] == 0.5
