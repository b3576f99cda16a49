"""Measuring a model on labelled rows."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from slices import rows_of, small_model

import framing
from framing import cli, measure
from framing.errors import InputError
from framing.measure import Answers, evaluate, probabilities
from framing.model import Model

LABELS = ("measured", "loaded")
WORDS = {"measured": "The board met and the clerk read the minutes of May.", "loaded": "What a shameful and pathetic farce this is!"}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rows = [(f"{WORDS[name]} Item {n}.", name, "ab"[n % 2], n) for name in LABELS for n in range(12)]
    return pd.DataFrame(rows, columns=["text", "label", "outlet", "event"])


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> Model:
    made: Model = framing.train(table, group="event", name="a")
    return made


def answers(predicted: list[str], labels: tuple[str, ...] = LABELS) -> Answers:
    truth = ["measured", "measured", "loaded", "loaded"] * 10
    chances = [[0.9, 0.1] if name == labels[0] else [0.1, 0.9] for name in predicted * 10]
    return Answers("tone", labels, truth, predicted * 10, chances, None)


def test_evaluate_is_the_report_of_the_answers(model: Model, table: pd.DataFrame) -> None:
    given = measure.answers(model, table, group="event")
    made = measure.evaluate(model, table, group="event")
    assert (given.head, given.labels, given.groups) == ("label", ("loaded", "measured"), list(table["event"]))
    assert made.to_json() == given.report().to_json() and made.n == 24


def test_a_better_model_wins() -> None:
    right, worse = answers(["measured", "measured", "loaded", "loaded"]), answers(["measured", "loaded", "loaded", "measured"])
    found = measure.compare(right, worse, resamples=200).set_index("measure")
    assert list(found.index) == list(measure.COMPARED)
    assert found.loc["accuracy", ["a", "b", "difference"]].tolist() == [1.0, 0.5, 0.5]
    assert found.loc["accuracy", "low"] > 0 and found.loc["accuracy", "p"] < 0.05
    assert found.loc["brier", "difference"] < 0
    assert "difference" in measure.comparison_text(found.reset_index())


def test_a_model_equals_itself() -> None:
    one = answers(["measured", "loaded", "loaded", "loaded"])
    found = measure.compare(one, one, resamples=100)
    assert (found["difference"] == 0).all() and (found["p"] == 1).all()


def test_order_of_labels_does_not_matter() -> None:
    one = answers(["measured", "loaded", "loaded", "loaded"])
    turned = Answers("tone", LABELS[::-1], one.truth, one.predicted, [row[::-1] for row in one.probabilities], None)
    assert (measure.compare(one, turned, resamples=50)["difference"] == 0).all()


def test_other_labels_do_not_compare() -> None:
    one = answers(["measured", "loaded", "loaded", "loaded"])
    with pytest.raises(InputError, match="same labels"):
        measure.compare(one, Answers("x", ("plain", "vague"), one.truth, one.predicted, one.probabilities, None))


def test_slices_by_column_length_and_voice(model: Model, table: pd.DataFrame) -> None:
    given = measure.answers(model, table)
    by_outlet = measure.sliced(given, table, "outlet", resamples=50)
    assert by_outlet["outlet"].tolist() == ["a", "b"] and by_outlet["n"].tolist() == [12, 12]
    assert measure.sliced(given, table, "length", resamples=50)["length"].tolist() == ["   0-14 words"]
    spoken = table.assign(text=["“" + text + "”" if n % 2 else text for n, text in enumerate(table["text"])])
    assert measure.sliced(given, spoken, "voice", resamples=50)["voice"].tolist() == ["author", "quoted"]
    assert max(map(len, measure.slices_text(by_outlet).splitlines())) <= 80
    with pytest.raises(InputError, match=r"No column 'city'.*length and voice"):
        measure.sliced(given, table, "city")


@pytest.mark.parametrize(
    ("words", "said"), [(0, "   0-14 words"), (15, "  15-29 words"), (999, " 500-999 words"), (1000, "1000 words or more")]
)
def test_classes_of_length(words: int, said: str) -> None:
    assert measure._length(words) == said


def test_the_command_compares_and_slices(
    model: Model, table: pd.DataFrame, tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = f"{tmp_path}/labelled.csv"
    table.to_csv(data, index=False)
    monkeypatch.setattr(cli, "_load", lambda name: model)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(["evaluate", *arguments])
        return int(left.value.code or 0), *capsys.readouterr()

    code, out, _ = run("a", data, "--against", "b", "--by", "outlet", "--json")
    record = json.loads(out)
    assert code == 0 and record["n"] == 24
    assert [row["difference"] for row in record["against"]] == [0.0] * 6 and [row["outlet"] for row in record["by"]] == ["a", "b"]
    code, out, _ = run("a", data, "--against", "b", "--by", "outlet")
    assert code == 0 and "a = a, b = b" in out and "by outlet" in out
    code, out, err = run("--cv", data, "--by", "outlet")
    assert (code, out) == (2, "") and "--by" in err


# Each head on our own rows.

SENTENCES = pd.DataFrame(rows_of("sentences.jsonl")[3::90])
SENTENCES["span"] = list(zip(SENTENCES["start"], SENTENCES["end"], strict=True))
ARTICLES = pd.DataFrame(rows_of("articles.jsonl")[::20])


@pytest.fixture
def small() -> Model:
    return small_model()


@pytest.mark.parametrize("head", ["hedged", "vague", "attributed", "loaded"])
def test_sentence_heads_take_zero_and_one(small: Model, head: str) -> None:
    made = evaluate(small, SENTENCES, label=head)
    values = made.metrics.set_index("metric")["value"]
    truth = SENTENCES[head].tolist()
    guess = [probabilities(small, head, text)[1] == head for text in SENTENCES["text"]]
    assert values["accuracy"] == pytest.approx(sum(a == b for a, b in zip(truth, guess, strict=True)) / len(truth))
    assert made.confusion.to_numpy().sum() == len(SENTENCES)


def test_names_of_labels_and_numbers_are_the_same(small: Model) -> None:
    named = SENTENCES.assign(label=[("plain", "hedged")[value] for value in SENTENCES["hedged"]])
    assert evaluate(small, named, head="hedged").metrics.equals(evaluate(small, SENTENCES, label="hedged").metrics)


def test_valence_toward_the_target(small: Model) -> None:
    made = evaluate(small, SENTENCES, label="valence", target="span")
    assert made.confusion.to_numpy().sum() == len(SENTENCES)
    text, span = SENTENCES["text"].iloc[0], SENTENCES["span"].iloc[0]
    chances, label = probabilities(small, "valence", text, None, span)
    assert label == max(chances, key=chances.__getitem__)
    assert sum(chances.values()) == pytest.approx(1)


def test_tone_with_titles_by_outlet(small: Model) -> None:
    made = evaluate(small, ARTICLES, label="tone", title="title", group="outlet")
    assert {"accuracy", "ece", "auc"} <= set(made.metrics["metric"])
    assert (made.metrics["low"] <= made.metrics["high"]).all()


def test_a_text_scored_alone_is_what_classify_says(small: Model) -> None:
    for text in ARTICLES["text"]:
        chances, label = probabilities(small, "tone", text)
        tone = small.classify(text).tone
        assert tone is not None
        assert tone.label == label and tone.probabilities == pytest.approx(chances, abs=1e-9)  # the engines may differ in the last digit


def test_it_never_abstains_for_length(small: Model) -> None:
    assert probabilities(small, "tone", "A shameless lie.")[1] in small.trained["tone"].labels
    assert probabilities(small, "frames", "A tax.")[1] in small.trained["frames"].labels


def test_the_head_of_a_model_with_one_is_not_asked_for(small: Model) -> None:
    one = Model("one", {"tone": small.trained["tone"]}, None, small.lexicons)
    frame = ARTICLES.rename(columns={"tone": "label"})
    assert evaluate(one, frame).metrics.equals(evaluate(one, frame, head="tone").metrics)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"head": "frames", "label": "tone"}, "No head 'frames' to evaluate.*tone.*hedged"),
    ({"label": "nothing", "head": "tone"}, "No column 'nothing'"),
    ({"label": "tone", "text": "body"}, "No column 'body'"),
    ({"label": "tone", "group": "who"}, "No column 'who'"),
    ({"label": "outlet", "head": "tone"}, "is no label of this head.*Its labels are measured, loaded"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_what_cannot_be_measured(small: Model, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(small, ARTICLES, **options)


def test_bad_input_57_unknown_labels_with_the_first_five_rows(small: Model) -> None:
    frame = pd.concat([ARTICLES.head(2)] * 8, ignore_index=True)
    frame.loc[1::2, "tone"] = "odd"
    with pytest.raises(InputError, match=r"'odd' is no label of this head. 8 rows have a label that .* first at \[1, 3, 5, 7, 9\]"):
        evaluate(small, frame, label="tone", head="tone")
    with pytest.raises(InputError, match=r"nan is no label of this head. One row has a label that .* first at \[1\]"):
        evaluate(small, ARTICLES.head(2).assign(tone=[ARTICLES["tone"].iloc[0], float("nan")]), label="tone", head="tone")
