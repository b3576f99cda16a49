from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import framing
from framing import Model
from framing.archive import summary
from framing.errors import InputError, MissingExtra
from framing.evaluation import report

matplotlib = pytest.importorskip("matplotlib", reason="pictures need the extra plot: pip install -e '.[plot]'")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
MEANS = pd.DataFrame(
    [("hedged_rate", "Post", 12, 0.1, 0.05, 0.2), ("hedged_rate", "$un_$", 3, 0.3, 0.1, 0.5), ("vague_rate", "Post", 12, 0.2, 0.1, 0.3)],
    columns=["measure", "group", "n", "mean", "low", "high"],
)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pyplot.close("all")


def words(labels: Any) -> list[str]:
    return [label.get_text() for label in labels]


def drawn(ax: Any) -> None:
    """Everything is laid out and fits, or matplotlib would warn."""
    ax.figure.canvas.draw()


def test_import_is_light_and_the_name_is_known() -> None:
    check = "import framing, sys; assert 'matplotlib' not in sys.modules; framing.plot; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    with pytest.raises(AttributeError, match="no attribute 'plots'"):
        framing.plots  # type: ignore[attr-defined]  # noqa: B018


def test_a_missing_matplotlib_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"matplotlib.*pip install 'framing-news\[plot\]'"):
        framing.plot.groups(MEANS)


def test_every_function_draws_where_it_is_told_and_returns_that(model: Model, article: str) -> None:
    analysis = model.classify(article)
    _, axes = pyplot.subplots(5)
    calls = [
        lambda ax: framing.plot.profile(analysis, ax=ax),
        lambda ax: framing.plot.groups(MEANS, ax=ax),
        lambda ax: framing.plot.reliability(judged(), ax=ax),
        lambda ax: framing.plot.learning_curve(CURVE, ax=ax),
        lambda ax: framing.plot.features(analysis, ax=ax),
    ]
    assert all(call(ax) is ax and ax.has_data() for call, ax in zip(calls, axes, strict=True))


# The profile.


def test_the_profile_has_every_cue_in_its_row_and_sentence(model: Model, article: str) -> None:
    analysis = model.classify(article)
    ax = framing.plot.profile(analysis)
    drawn(ax)
    shown = words(ax.get_yticklabels())
    rows = dict(zip(shown, ax.get_yticks(), strict=True))
    points = [(x, y) for line in ax.lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]
    assert len(points) == len(analysis.cues) > 5
    assert sorted((round(x), y) for x, y in points) == sorted((round(x), y) for x, y in points if y in rows.values())
    for cue in analysis.cues:
        low, high = cue.sentence + 0.5, cue.sentence + 1.5
        assert any(low <= x <= high and y == rows[cue.type] for x, y in points)


def test_the_profile_counts_the_sentences_around(model: Model) -> None:
    text = "It may rain. It may snow. It rained. It snowed. It hailed. It is over. The day ended here, and no more came of it then."
    analysis = model.classify(text)
    assert [s.hedged.label for s in analysis.sentences if s.hedged][:4] == ["hedged", "hedged", "plain", "plain"]
    share = framing.plot.profile(analysis).patches[0].get_data().values / 1.5
    assert share[:5] == pytest.approx([2 / 3, 2 / 4, 2 / 5, 1 / 5, 0])


@pytest.mark.parametrize("text", ["", "Der Bürgermeister sagte am Montag, dass die Brücke wegen der langen Arbeiten geschlossen bleibt."])
def test_an_article_that_abstains_has_a_note(model: Model, text: str) -> None:
    ax = framing.plot.profile(model.classify(text))
    assert not ax.axison and words(ax.texts)[0].startswith("No answer: ")


def test_one_short_sentence_has_a_profile(model: Model) -> None:
    drawn(framing.plot.profile(model.classify("He may go.")))


def test_a_model_without_hedging_has_no_profile(tiny: Model) -> None:
    with pytest.raises(InputError, match="no hedging to draw"):
        framing.plot.profile(tiny.classify("calm quiet plain even sober " * 5))


@pytest.mark.parametrize("name", ["profile", "features"])
def test_a_text_is_no_analysis(name: str) -> None:
    with pytest.raises(InputError, match=r"got str. Make one first: framing.classify"):
        getattr(framing.plot, name)("He may go.")


# Groups.


def test_groups_stand_in_the_order_of_the_table_with_their_numbers() -> None:
    ax = framing.plot.groups(MEANS, "hedged_rate")
    drawn(ax)
    assert words(ax.get_yticklabels()) == ["Post (12)", r"\$un_\$ (3)"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first group stands on top"
    assert [list(line.get_xdata()) for line in ax.lines] == [[0.1, 0.3]]
    assert ax.get_xlabel() == "hedged rate" and ax.get_xticklabels()[1].get_text().endswith("%")
    assert ax.get_legend() is None


def test_several_measures_differ_by_mark_and_name() -> None:
    ax = framing.plot.groups(MEANS)
    assert words(ax.get_legend().get_texts()) == ["hedged rate", "vague rate"]
    first, second = ax.lines
    assert first.get_marker() != second.get_marker() and first.get_color() != second.get_color()


def test_what_summary_gives_is_drawn_a_group_without_articles_too() -> None:
    scores = pd.DataFrame({"outlet": ["a", "a", "b"], "hedged_rate": [0.1, 0.3, None], "tone_loaded": [0.5, 0.6, None]})
    ax = framing.plot.groups(summary.groups(scores, "outlet"))
    drawn(ax)
    assert words(ax.get_yticklabels()) == ["a (2)", "b (0)"]


def test_groups_that_cannot_be_drawn_are_told() -> None:
    with pytest.raises(InputError, match="No column 'measure'"):
        framing.plot.groups(pd.DataFrame({"outlet": ["a"]}))
    with pytest.raises(InputError, match=r"No measure 'tone'\. The table has: hedged_rate, vague_rate"):
        framing.plot.groups(MEANS, "tone")
    many = pd.DataFrame({"measure": "m", "group": [str(n) for n in range(101)], "n": 1, "mean": 0.0, "low": 0.0, "high": 0.0})
    with pytest.raises(InputError, match="holds 100 groups, got 101"):
        framing.plot.groups(many)
    with pytest.raises(InputError, match="1 to 6 measures, got 7"):
        framing.plot.groups(many.head(7).assign(measure=list("abcdefg")))


# Reliability.


def judged(n: int = 400) -> framing.evaluation.Report:  # type: ignore[name-defined]
    p = np.random.default_rng(0).uniform(0, 1, n)
    given = np.where(np.random.default_rng(1).uniform(0, 1, n) < p, "yes", "no")
    return report(list(given), np.column_stack([1 - p, p]), ("no", "yes"), resamples=50)


def test_reliability_draws_each_bin_with_its_interval() -> None:
    made = judged()
    ax = framing.plot.reliability(made)
    drawn(ax)
    points = ax.lines[1]
    assert list(points.get_xdata()) == list(made.reliability["mean_probability"])
    for (low, high), rate in zip(spans(ax), made.reliability["observed_rate"], strict=True):
        assert 0 <= low < rate < high <= 1
    assert words(ax.texts)[0].startswith("n 400\nECE 0.0")
    assert sorted(int(t) for t in words(ax.child_axes[0].texts)) == sorted(made.reliability["n"])
    assert not framing.plot.reliability(made.reliability).texts


def spans(ax: Any) -> list[tuple[float, float]]:
    return [(path.vertices[0][1], path.vertices[1][1]) for path in ax.collections[0].get_paths()]


def test_a_bin_without_rows_is_left_out_and_none_is_told() -> None:
    table = pd.DataFrame({"n": [0, 5], "mean_probability": [np.nan, 0.9], "observed_rate": [np.nan, 0.8]})
    assert list(framing.plot.reliability(table).lines[1].get_xdata()) == [0.9]
    with pytest.raises(InputError, match="no bin holds a row"):
        framing.plot.reliability(table.head(1))


def test_wilson_is_that_of_the_textbook() -> None:
    assert framing.plot.wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert framing.plot.wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


# The learning curve.

CURVE = pd.DataFrame(
    [(100, "f1", 0.6, 0.5, 0.7), (50, "f1", 0.5, 0.4, 0.6), (50, "accuracy", 0.7, 0.6, 0.8)],
    columns=["rows", "measure", "value", "low", "high"],
)


def test_the_learning_curve_is_in_order_of_rows() -> None:
    ax = framing.plot.learning_curve(CURVE)
    drawn(ax)
    assert list(ax.lines[0].get_ydata()) == [0.5, 0.6] and ax.get_xscale() == "log"
    assert words(ax.get_xticklabels()) == ["50", "100"]
    assert words(ax.get_legend().get_texts()) == ["f1, at last 0.600", "accuracy, at last 0.700"]
    assert not framing.plot.learning_curve(CURVE.drop(columns=["low", "high"])).collections


# Features.


def test_features_of_an_analysis_are_its_explanation(model: Model, article: str) -> None:
    analysis = model.classify(article)
    ax = framing.plot.features(analysis, "tone", top=5)
    drawn(ax)
    amounts = sorted((part.amount for part in analysis.explain("tone")), key=abs, reverse=True)[:5]
    assert [abs(bar.get_width()) for bar in ax.patches] == pytest.approx([abs(a) for a in amounts])
    assert ax.get_xlabel() == "adds to the log-odds of loaded"
    assert framing.plot.features(analysis.explain("tone"), top=5).get_xlabel() == "adds to the score of tone"
    assert framing.plot.features(analysis, "economic").get_xlabel() == "adds to the log-odds of economic"
    assert framing.plot.features(analysis, "hedging").get_xlabel() == "adds to the share of hedging"


def test_features_of_a_model_are_its_strongest_weights(tiny: Model) -> None:
    ax = framing.plot.features(tiny, "label", top=4)
    weights = sorted((abs(w) for w in tiny.trained["label"].linear.coef[0]), reverse=True)[:4]
    assert [abs(bar.get_width()) for bar in ax.patches] == pytest.approx(weights)
    assert ax.get_xlabel() == "weight toward loud"
    for bar, word in zip(ax.patches, words(ax.get_yticklabels()), strict=True):
        assert (bar.get_width() > 0) == any(w in "shout rage fury noise uproar" for w in word.split())


def test_a_head_of_many_labels_wants_one_named(model: Model) -> None:
    assert framing.plot.features(model, "economic").get_xlabel() == "weight toward economic"
    assert any(word.startswith("list frames: ") for word in words(framing.plot.features(model, "economic").get_yticklabels()))
    with pytest.raises(InputError, match="valence has weights for: negative, neutral, positive"):
        framing.plot.features(model, "valence")
    with pytest.raises(InputError, match="No head 'mood'"):
        framing.plot.features(model, "mood")


def test_no_name_is_taken_for_mathematics(model: Model, article: str) -> None:
    analysis = replace(model.classify(article), labels={})
    explained = replace(analysis.explain("tone"), contributions=(framing.types.Contribution("$x^2$\x1b[31m", 1.0, 1.0),))
    ax = framing.plot.features(explained)
    drawn(ax)
    assert words(ax.get_yticklabels()) == [r"\$x^2\$\x1b[31m"]
