from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from sklearn.calibration import _SigmoidCalibration
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from framing import calibrate
from framing.errors import InputError, TrainingError


def simulated(n: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = random.normal(0, 2, n)
    return scores, (random.random(n) < calibrate.sigmoid(slope * scores + intercept)).astype(int)


def test_sigmoid_softmax_and_logit_are_safe_and_inverse() -> None:
    x = np.array([-1e4, -800, -2.0, 0.0, 2.0, 800, 1e4])
    with np.errstate(all="raise", under="ignore"):
        p = calibrate.sigmoid(x)
        rows = calibrate.softmax([[1e4, 0.0, -1e4], [0.0, 0.0, 0.0]])
        ends = calibrate.logit([0.0, 1.0])
    assert p[0] == 0 and p[-1] == 1 and p[3] == 0.5
    assert np.allclose(calibrate.logit(p[2:5]), x[2:5])
    assert np.allclose(rows, [[1, 0, 0], [1 / 3] * 3])
    assert np.isfinite(ends).all()


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (3.0, -2.0), (-0.5, 1.0), (0.0, -3.0)])
def test_platt_is_sklearns_sigmoid_calibration(slope: float, intercept: float) -> None:
    scores, y = simulated(2000, slope, intercept)
    theirs = _SigmoidCalibration().fit(scores, y)
    assert calibrate.platt(scores, y) == pytest.approx((-theirs.a_, -theirs.b_), abs=2e-3)


def test_platt_finds_the_minimum_of_platts_loss() -> None:
    scores, y = simulated(60, 1.0, 0.5)
    n1, n0 = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    best = minimize(lambda t: np.mean(np.logaddexp(0, t[0] * scores + t[1]) - target * (t[0] * scores + t[1])), [0, 0], tol=1e-12)
    assert calibrate.platt(scores, y) == pytest.approx(best.x, abs=1e-5)


def test_platt_of_two_separable_rows_by_hand() -> None:
    # targets 2/3 and 1/3 at scores 1 and -1: slope log 2
    assert calibrate.platt([-1.0, 1.0], [0, 1]) == pytest.approx((np.log(2), 0), abs=1e-9)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_platt_keeps_its_probabilities_whatever_the_unit_of_scores(unit: float) -> None:
    scores, y = simulated(300, 1.0, 0.0)
    slope, intercept = calibrate.platt(scores * unit + 5 * unit, y)
    base = calibrate.platt(scores, y)
    assert (slope * unit, intercept + 5 * unit * slope) == pytest.approx(base, rel=1e-6)


def test_platt_of_constant_scores_is_the_smoothed_rate() -> None:
    slope, intercept = calibrate.platt([2.0] * 10, [1] * 3 + [0] * 7)
    assert slope == 0
    assert calibrate.sigmoid(intercept) == pytest.approx((3 * 4 / 5 + 7 / 9) / 10)


@pytest.mark.parametrize("truth", [0.5, 1.0, 4.0])
def test_temperature_recovers_what_logits_were_multiplied_by(truth: float) -> None:
    random = np.random.default_rng(3)
    logits = random.normal(0, 2, (20_000, 4))
    y = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    found = calibrate.temperature(logits * truth, y)
    theirs = minimize_scalar(lambda t: log_loss(y, calibrate.softmax(logits * truth / t)), bounds=(0.01, 20), method="bounded")
    assert found == pytest.approx(truth, rel=0.03)
    assert found == pytest.approx(theirs.x, rel=5e-3)  # smoothing weighs little in so many rows


def test_temperature_of_two_classes_is_platts_slope_by_hand() -> None:
    # logits +-1/2 differ by 1; smoothed targets 2/3: the difference must become log 2
    assert calibrate.temperature([[0.5, -0.5], [-0.5, 0.5]], [0, 1]) == pytest.approx(1 / np.log(2))


def test_temperature_stays_within_its_limits() -> None:
    wrong = np.array([[9.0, 0.0], [0.0, 9.0]] * 5)
    assert calibrate.temperature(wrong, [1, 0] * 5) == pytest.approx(calibrate.HOTTEST)
    assert calibrate.temperature(np.zeros((4, 2)), [0, 1, 0, 1]) > 0
    assert calibrate.temperature_and_bias(wrong, [1, 0] * 5)[0] == pytest.approx(calibrate.HOTTEST)


def test_bias_mends_shifted_shares() -> None:
    random = np.random.default_rng(4)
    logits = random.normal(0, 1, (20_000, 3))
    shift = np.array([1.0, 0.0, -1.0])
    y = (logits + shift + random.gumbel(size=logits.shape)).argmax(axis=1)
    temperature, bias = calibrate.temperature_and_bias(2 * logits, y)
    assert temperature == pytest.approx(2, rel=0.05)
    assert bias == pytest.approx(shift, abs=0.06)
    assert bias.sum() == pytest.approx(0, abs=1e-12)
    given = calibrate.softmax(2 * logits / temperature + bias).mean(axis=0)
    assert given == pytest.approx(np.bincount(y) / len(y), abs=1e-3)


def test_bias_of_two_classes_is_platt() -> None:
    scores, y = simulated(500, 0.7, -1.0)
    temperature, bias = calibrate.temperature_and_bias(np.column_stack([np.zeros_like(scores), scores]), y)
    assert (1 / temperature, bias[1] - bias[0]) == pytest.approx(calibrate.platt(scores, y), abs=1e-6)


@pytest.mark.parametrize("measure", ["f1", "macro_f1"])
def test_threshold_is_the_best_of_all_cuts(measure: str) -> None:
    average = "binary" if measure == "f1" else "macro"
    for seed in range(12):
        random = np.random.default_rng(seed)
        p = random.random(40).round(1 if seed % 2 else 6)  # with and without ties
        y = (random.random(40) < p**2).astype(int)
        cut = calibrate.threshold(p, y, measure)  # type: ignore[arg-type]
        best = max(f1_score(y, p >= c, average=average) for c in [*p, 0.0])
        assert f1_score(y, p >= cut, average=average) == pytest.approx(best)


def test_threshold_stands_in_the_middle() -> None:
    assert calibrate.threshold([0.1, 0.2, 0.6, 0.9], [0, 0, 1, 1]) == pytest.approx(0.4)
    low = 0.5
    high = float(np.nextafter(low, 1))
    assert calibrate.threshold([low, high], [0, 1]) == high


def test_of_equally_good_cuts_the_middle_one_is_taken() -> None:
    # of 3 positives: 1 of 1 called, 2 of 5 and 3 of 9 all give F1 = .5; the cut below the fifth is the middle one
    p = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert calibrate.threshold(p, [1, 0, 0, 0, 1, 0, 0, 0, 1]) == pytest.approx(0.45)


def test_threshold_with_everything_positive_stays_within_zero_and_the_least() -> None:
    assert calibrate.threshold([0.3, 0.4, 0.5], [1, 0, 1]) == pytest.approx(0.15)
    assert calibrate.threshold([0.0, 0.4, 0.5], [1, 0, 1]) == 0.0
    assert calibrate.threshold([0.0, 0.0, 1.0], [0, 1, 1]) == 0.0


def test_of_cuts_that_are_nearly_as_good_the_middle_one_is_taken() -> None:
    p, y = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [1, 0, 0, 0, 1, 1, 1, 1]  # F1 .80 from .4 up, .89 from .5, .75 from .6
    assert calibrate.threshold(p, y) == pytest.approx(0.45)
    assert calibrate.threshold(p, y, slack=0.1) == pytest.approx(0.35)



def test_folds_test_every_row_once_and_keep_groups_and_shares() -> None:
    random = np.random.default_rng(0)
    groups = random.integers(0, 60, 400)
    y = np.where(random.random(400) < 0.3, "loaded", "plain")
    made = calibrate.folds(y, groups, 5, seed=1)
    assert len(made) == 5
    assert sorted(np.concatenate([test for _, test in made]).tolist()) == list(range(400))
    for train, test in made:
        assert not set(groups[train]) & set(groups[test])
        assert np.mean(y[test] == "loaded") == pytest.approx(np.mean(y == "loaded"), abs=0.1)
    again, other = calibrate.folds(y, groups, 5, seed=1), calibrate.folds(y, groups, 5, seed=2)
    assert all((a[1] == b[1]).all() for a, b in zip(made, again, strict=True))
    assert any(len(a[1]) != len(b[1]) or (a[1] != b[1]).any() for a, b in zip(made, other, strict=True))


def test_folds_are_fewer_where_groups_are_few() -> None:
    y = ["a"] * 6 + ["b"] * 6
    assert len(calibrate.folds(y, None, 5, seed=0)) == 5
    assert len(calibrate.folds(y, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], 5, seed=0)) == 3
    assert len(calibrate.folds(y, [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], 5, seed=0)) == 2
    assert calibrate.folds(y, ["x"] * 6 + ["y"] * 6, 5, seed=0) == []  # a training part would hold one label
    assert calibrate.folds(["a", "b", "b"], None, 5, seed=0) == []


def test_every_training_part_holds_every_label() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        groups, y = random.integers(0, 8, 40), random.integers(0, 3, 40)
        for train, test in calibrate.folds(y, groups, 4, seed):
            assert set(y[train]) == set(y) and len(test)


def sentence(random: np.random.Generator, words: int) -> list[str]:
    return [f"w{number}" for number in random.integers(0, 5000, words)]


def test_near_duplicates_fold_case_space_and_punctuation() -> None:
    texts = ["The vote, he said.", "the  VOTE he said", "The vote she said.", "“The vote” — he said!", "", "  ", "!!", "The vote, he"]
    assert calibrate.near_duplicates(texts).tolist() == [0, 0, 1, 0, 2, 2, 3, 4]


def test_near_duplicates_are_those_over_eighty_percent_of_shingles() -> None:
    random = np.random.default_rng(0)
    base = sentence(random, 104)  # 100 shingles
    rows = []
    for changed in (3, 4):  # each change in the middle breaks five shingles: 85 and 80 of 100 stay
        copy = list(base)
        for place in range(changed):
            copy[10 + 20 * place] = f"new{changed}{place}"
        rows.append(" ".join(copy))
    groups = calibrate.near_duplicates([" ".join(base), *rows])
    assert groups.tolist() == [0, 0, 1]


def test_an_excerpt_of_a_long_text_is_no_near_duplicate() -> None:
    base = sentence(np.random.default_rng(1), 200)
    assert calibrate.near_duplicates([" ".join(base), " ".join(base[:100])]).tolist() == [0, 1]
    assert calibrate.near_duplicates([" ".join(base), " ".join(base[:190])]).tolist() == [0, 0]


def test_near_duplicates_find_all_that_comparing_every_pair_finds() -> None:
    random = np.random.default_rng(2)
    texts = [sentence(random, int(random.integers(6, 80))) for _ in range(60)]
    for _ in range(60):
        copy = list(texts[random.integers(0, 60)])
        for _ in range(random.integers(1, 4)):
            copy[random.integers(0, len(copy))] = "changed"
        texts.append(copy)
    grams = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in texts]
    label = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            if texts[i] == texts[j] or 5 * len(grams[i] & grams[j]) > 4 * max(len(grams[i]), len(grams[j])):
                label = [label[j] if one == label[i] else one for one in label]
    found = calibrate.near_duplicates([" ".join(words) for words in texts])
    assert len(set(label)) < len(texts)
    assert len(set(zip(label, found.tolist(), strict=True))) == len(set(label)) == len(set(found.tolist()))


def test_near_duplicates_join_known_groups() -> None:
    texts = ["one two", "three four", "One two!", "five six"]
    assert calibrate.near_duplicates(texts, ["a", "b", "b", "c"]).tolist() == [0, 0, 0, 1]
    assert calibrate.near_duplicates([]).tolist() == []


@pytest.mark.parametrize("fit", [calibrate.platt, calibrate.threshold])
def test_two_class_fits_refuse_what_they_cannot_use(fit) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TrainingError, match="3 positive and 0 negative"):
        fit([0.1, 0.2, 0.3], [1, 1, 1])
    for scores, y, said in (
        ([0.1, 0.2], [1], "Got 2 and 1"),
        ([], [], "Got none"),
        ([0.1, float("nan")], [0, 1], "NaN"),
        ([0.1, 0.2], [0, float("nan")], "NaN"),
        ([0.1, 0.2], [1, 2], "0 or 1"),
        ([[0.1], [0.2]], [0, 1], "shapes"),
    ):
        with pytest.raises(InputError, match=said):
            fit(scores, y)


@pytest.mark.parametrize("fit", [calibrate.temperature, calibrate.temperature_and_bias])
def test_multinomial_fits_refuse_what_they_cannot_use(fit) -> None:  # type: ignore[no-untyped-def]
    table = [[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]]
    with pytest.raises(TrainingError, match=r"\[2, 0, 0\]"):
        fit(table, [0, 0])
    for logits, y, said in (
        (table, [0], "Got 2 and 1"),
        (np.zeros((0, 3)), [], "Got none"),
        ([[np.nan, 0.0], [0.0, 1.0]], [0, 1], "NaN"),
        (table, [0, 3], "classes 0 to 2"),
        ([0.0, 1.0], [0, 1], "shapes"),
    ):
        with pytest.raises(InputError, match=said):
            fit(logits, y)


def test_threshold_refuses_scores_and_unknown_measures() -> None:
    with pytest.raises(InputError, match="sigmoid"):
        calibrate.threshold([-2.0, 2.0], [0, 1])
    with pytest.raises(InputError, match="'accuracy'"):
        calibrate.threshold([0.2, 0.8], [0, 1], "accuracy")  # type: ignore[arg-type]


def test_folds_and_near_duplicates_refuse_what_they_cannot_use() -> None:
    with pytest.raises(TrainingError, match="3 rows, all of them 'a'"):
        calibrate.folds(["a", "a", "a"], None, 2, 0)
    for y, groups, k, said in (
        (["a", "b"], [1], 2, "Got 2 and 1"),
        ([], None, 2, "Got none"),
        (["a", None], None, 2, r"rows \[1\]"),
        (["a", "b"], [1.0, float("nan")], 2, "groups must have no missing"),
        (["a", "b"], None, 1, "2 or more"),
    ):
        with pytest.raises((InputError, TrainingError), match=said):
            calibrate.folds(y, groups, k, 0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="NoneType in row 1"):
        calibrate.near_duplicates(["a", None])  # type: ignore[list-item]
    with pytest.raises(InputError, match="Got 1 and 2"):
        calibrate.near_duplicates(["a"], [1, 2])


@pytest.mark.parametrize(("classes", "parts"), [(2, 2), (2, 5), (3, 5), (5, 4)])
def test_folds_of_rows_are_scikit_learns(classes: int, parts: int) -> None:
    for seed in range(10):
        labels = np.random.default_rng(seed).integers(classes, size=100 + seed)
        theirs = StratifiedKFold(parts, shuffle=True, random_state=seed).split(labels, labels)
        for ours, other in zip(calibrate.folds(labels, None, parts, seed), theirs, strict=True):
            assert np.array_equal(ours[0], other[0]) and np.array_equal(ours[1], other[1])


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("parts", [2, 5, 10])
def test_folds_of_groups_are_scikit_learns(classes: int, parts: int) -> None:
    for seed in range(4):
        chance = np.random.default_rng(seed)
        labels = np.concatenate([np.arange(classes), chance.choice(classes, 800, p=chance.dirichlet(np.ones(classes)))])
        units = calibrate._numbered(chance.integers(0, (40, 300, 600, 12)[seed], len(labels)).tolist())
        theirs = StratifiedGroupKFold(parts, shuffle=True, random_state=seed).split(labels, labels, units)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a label with fewer rows than there are folds
            for ours, (train, test) in zip(calibrate._split(labels, units, parts, seed), theirs, strict=True):
                assert np.array_equal(ours[0], train) and np.array_equal(ours[1], test)
