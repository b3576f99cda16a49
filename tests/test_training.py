"""Training, from tables and from folders. Numbers in names are those of bad_inputs.md."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from slices import DATASETS, HERE, rows_of, write_small

from framing import cli, persist, regression, training
from framing.errors import FramingError, TrainingError
from framing.evaluation import Report
from framing.model import Model
from framing.text import FramingWarning
from framing.training import cross_validate, train, train_all

GOOD = ["a warm and lovely morning by the lake", "lovely people and warm bread", "what a lovely warm welcome", "warm words, lovely weather"]
BAD = [
    "a cold and dreadful night in the fog",
    "dreadful roads and cold soup",
    "what a dreadful cold reception",
    "cold looks, dreadful noise",
]


def table(copies: int = 1) -> pd.DataFrame:
    """Rows of two labels, no two of them alike."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    rows = [
        (f"{text} {words[n % 12]} {words[(n * 5 + k) % 12]} {n}", label, f"outlet {n % 6}")
        for n in range(copies)
        for label, texts in (("good", GOOD), ("bad", BAD))
        for k, text in enumerate(texts)
    ]
    return pd.DataFrame(rows, columns=["text", "label", "outlet"])


def groups_of(frame: pd.DataFrame, group: str | None = None) -> list[str]:
    return training._own_rows(frame, "text", "label", group)[0].groups


# Tables.


def test_two_rows_a_class_are_enough() -> None:
    with pytest.warns(FramingWarning, match="too few rows or groups to calibrate"):
        model = train(table().iloc[[0, 4, 1, 5]].assign(outlet="one"), group="outlet")
    assert model.heads == ("label",)
    assert model.classify(" ".join([*GOOD, *GOOD])).labels["label"].label == "good"
    assert model.classify(" ".join([*BAD, *BAD])).labels["label"].label == "bad"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert train(table().iloc[[0, 4, 1, 5]]).trained["label"].labels == ("bad", "good")


def test_the_head_has_the_name_of_the_column_and_the_model_its_own() -> None:
    model = train(table(8).rename(columns={"label": "mood", "text": "body"}), text="body", label="mood", name="moods")
    assert (model.name, model.heads) == ("moods", ("mood",))
    assert model.facts["corpora"] == {"table": 64}
    assert model.facts["heads"]["mood"]["calibrated"]
    scored = model.score(pd.DataFrame({"body": [" ".join(GOOD * 2), "x"]}), text="body")
    assert scored["mood"].tolist()[0] == "good"
    assert scored.loc[0, "mood_good"] > 0.5


def test_labels_that_are_numbers_are_named_by_them() -> None:
    model = train(table(8).assign(label=[n % 2 for n in range(64)]))
    assert model.trained["label"].labels == ("0", "1")


def test_three_labels() -> None:
    frame = table(6)
    frame.loc[frame.index[::3], "label"] = "so so"
    assert train(frame).trained["label"].labels == ("bad", "good", "so so")


def test_bad_input_55_one_class() -> None:
    with pytest.raises(TrainingError, match=r"two labels or more\. Got \{'good': 4\}"):
        train(pd.DataFrame({"text": GOOD, "label": "good"}))
    with pytest.raises(TrainingError, match="two labels"):
        cross_validate(pd.DataFrame({"text": GOOD, "label": "good"}))


def test_bad_input_55_no_rows() -> None:
    with pytest.raises(TrainingError, match="no rows"):
        train(pd.DataFrame({"text": [], "label": []}))


def test_bad_input_56_empty_vocabulary() -> None:
    with pytest.raises(TrainingError, match="No feature occurs"):
        train(pd.DataFrame({"text": ["", " ", "\t", "\n"], "label": ["a", "b", "a", "b"]}))


@pytest.mark.parametrize("missing", [None, float("nan"), "", pd.NA, pd.NaT])
def test_bad_input_57_missing_labels_with_the_first_five_rows(missing: Any) -> None:
    frame = table(2)
    frame["label"] = [missing if n in (1, 3, 5, 7, 9, 11) else label for n, label in enumerate(frame["label"])]
    with pytest.raises(TrainingError, match=r"6 rows have no label, the first at \[1, 3, 5, 7, 9\]"):
        train(frame)


@pytest.mark.parametrize("column", ["text", "label", "group"])
def test_bad_input_57_missing_columns(column: str) -> None:
    with pytest.raises(TrainingError, match=r"No column 'nowhere'\. The table has: text, label, outlet"):
        train(table(), **{column: "nowhere"})


@pytest.mark.parametrize("text", [None, 3, float("nan"), ["a"]])
def test_bad_input_57_a_text_that_is_none(text: Any) -> None:
    frame = table()
    frame["text"] = [text, *frame["text"][1:]]
    with pytest.raises(FramingError, match="text"):
        train(frame)


def test_bad_input_58_near_duplicates_are_grouped() -> None:
    long = "the council met on monday to talk about the new bridge over the river and the budget for the coming year in the town"
    frame = table()
    frame.loc[0, "text"], frame.loc[5, "text"], frame.loc[6, "text"] = long, long + " hall", long.upper() + "!"
    groups = groups_of(frame)
    assert groups[0] == groups[5] == groups[6]
    assert len(set(groups)) == len(frame) - 2


def test_bad_input_58_near_duplicates_of_training_articles_are_grouped() -> None:
    rows = rows_of("articles.jsonl")[:4]
    data = training.Sources({"articles": [*rows, {**rows[0], "text": rows[0]["text"] + " More follows."}]}, {}, {})
    groups = training.tone_rows(data, {"loaded": training.Lexicon({"shameless": "moral:2"})}).groups
    assert groups[0] == groups[4]
    assert len(set(groups)) == 4


def test_bad_input_59_outlets_stay_on_one_side() -> None:
    frame = table(6)
    groups = groups_of(frame, "outlet")
    assert len(set(groups)) == 6
    assert all(len(set(pd.Series(groups)[frame["outlet"] == name])) == 1 for name in frame["outlet"].unique())


def test_bad_input_59_figures_by_outlet_know_what_leaks() -> None:
    frame = table(12)
    names = dict(zip(sorted(frame["outlet"].unique()), ("gazette", "herald", "courier", "tribune", "observer", "mirror"), strict=True))
    frame["label"] = [("good", "bad")[int(name[-1]) % 2] for name in frame["outlet"]]
    frame["text"] = [f"the {names[name]} {names[name]} {text}" for name, text in zip(frame["outlet"], frame["text"], strict=True)]
    leaking = cross_validate(frame).metrics.set_index("metric")["value"]["accuracy"]
    honest = cross_validate(frame, group="outlet").metrics.set_index("metric")["value"]["accuracy"]
    assert leaking > 0.9
    assert honest < 0.7


def test_bad_input_60_the_same_text_under_two_labels_is_reported() -> None:
    frame = pd.concat([table(8), table(8).iloc[[0, 1]].assign(label="bad")])
    with pytest.warns(FramingWarning, match="2 texts stand under two labels"):
        train(frame)


def test_bad_input_60_nothing_is_said_of_clean_tables() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(table(8))


def test_bad_input_61_not_converged_is_recorded_and_strict_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "MOST_STEPS", 1)
    with pytest.warns(FramingWarning, match="did not converge"):
        model = train(table(8))
    assert model.facts["heads"]["label"]["converged"] is False
    with pytest.raises(TrainingError, match="did not converge"):
        train(table(8), strict=True)


def test_bad_input_61_converged_is_recorded() -> None:
    assert train(table(8)).facts["heads"]["label"]["converged"] is True


def test_strict_fails_where_there_are_too_few_groups() -> None:
    with pytest.raises(TrainingError, match="too few rows or groups to calibrate"):
        train(table().assign(outlet="one"), group="outlet", strict=True)


def test_cross_validation_scores_every_row_once() -> None:
    made = cross_validate(table(8), k=4)
    assert isinstance(made, Report)
    assert made.confusion.to_numpy().sum() == 64
    assert made.metrics.set_index("metric")["value"]["accuracy"] > 0.9
    with pytest.raises(TrainingError, match="too few groups for two folds"):
        cross_validate(table().assign(outlet="one"), group="outlet")


def test_cross_validation_of_noise_is_no_better_than_chance() -> None:
    frame = table(12)
    frame["label"] = [("x", "y")[int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2] for text in frame["text"]]
    assert cross_validate(frame).metrics.set_index("metric")["value"]["auc"] < 0.65


def test_a_csv_with_a_text_and_a_label_column_trains_a_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(8).to_csv(tmp_path / "labelled.csv", index=False)
    try:
        cli.main(["train", str(tmp_path / "labelled.csv"), "--out", str(tmp_path / "moods"), "--group", "outlet"])
    except SystemExit as done:
        assert not done.code
    assert "moods" in capsys.readouterr().out
    model = persist.load(tmp_path / "moods")
    assert (model.name, model.heads) == ("moods", ("label",))
    assert model.classify(" ".join(GOOD * 2)).labels["label"].label == "good"


# Folders.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Model, list[str]]:
    said: list[str] = []
    return train_all(folder, said.append, "little"), said


def test_every_head_is_trained_from_a_slice_of_our_own_data(trained: tuple[Model, list[str]]) -> None:
    model, said = trained
    assert list(model.trained) == ["tone", "frames", "vague", "attributed", "loaded", "valence"]
    assert model.cues is not None
    assert set(model.cues.heads) == {"hedge", "hedge_type", "approximator", "vague", "attribution"}
    assert all(any(line.startswith(f"{name}:") for line in said) for name in [*model.trained, "cues"])
    assert said[-1] == "reference news"
    assert model.facts["corpora"] == {"articles": 13, "sentences": len(rows_of("sentences.jsonl")[::75])}
    assert model.name in model.card
    assert 0 < len(model.reference) <= 13


def test_a_trained_model_is_saved_and_read(trained: tuple[Model, list[str]], tmp_path: Path) -> None:
    model, _ = trained
    again = persist.load(model.save(tmp_path))
    text = "The mayor may resign on Friday, her office said, and nobody in the shameless town hall seemed to be surprised by it at all."
    assert replace(again, engine=None).classify(text).to_dict() | {"model": ""} == model.classify(text).to_dict() | {"model": ""}


def test_the_same_bytes_in_fresh_processes_of_other_hash_seeds(trained: tuple[Model, list[str]], folder: Path) -> None:
    script = (
        "import sys, hashlib, pathlib; from framing import persist, training\n"
        "print(hashlib.sha256(persist.dump(training.train_all(pathlib.Path(sys.argv[1]), name='little'))).hexdigest())"
    )
    seen = {hashlib.sha256(persist.dump(trained[0])).hexdigest()}
    for seed in ("1", "2024"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parent)}
        done = subprocess.run([sys.executable, "-c", script, str(folder)], env=environment, capture_output=True, text=True, check=True)
        seen.add(done.stdout.strip())
    assert len(seen) == 1


def test_a_folder_of_corpora_alone_is_read_with_our_own_data(tmp_path: Path) -> None:
    row = {"text": "It may rain.", "weasel": 0}
    (tmp_path / "conll2010_wiki_train.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    data = training.sources(tmp_path)
    assert data["conll2010_wiki_train"] == [row]
    assert len(data["sentences"]) == len(rows_of("sentences.jsonl"))
    assert data.lexicon and data.cue_terms
    assert data["szeged_wiki"] == []


def test_no_such_folder() -> None:
    with pytest.raises(TrainingError, match="no folder nowhere"):
        train_all(Path("nowhere"))


def test_bad_input_62_interrupted_training_leaves_no_half_model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train_cues", interrupted)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        cli.main(["train", str(folder), "--out", str(tmp_path / "out")])
    assert not list(tmp_path.rglob("*.safetensors"))
    assert not list(tmp_path.rglob("README.md"))


# Cues.


def test_szeged_words_of_hearsay_are_reportative() -> None:
    text = "He allegedly left and may return."
    cues = [{"start": 3, "end": 12, "type": "doxastic"}, {"start": 22, "end": 25, "type": "epistemic"}]
    (row,) = training.marked(training.Sources({"szeged_wiki": [{"text": text, "cues": cues, "doc": "d"}]}, {}, {}))
    assert row.cues == ((3, 12, "reportative"), (22, 25, "epistemic"))
    assert row.groups == ("hedge",)


def _mark(start: int, end: int, kind: str, second: str = "", row: str = "7") -> dict[str, str]:
    """A mark in the second sentence of row 7 of hyperpartisan_train."""
    return {"corpus": "hyperpartisan_train", "row": row, "first": "15", "last": "51", "type": kind, "second": second} | {
        "start": str(start),
        "end": str(end),
    }


MARKED_ARTICLE = {"id": 7, "text": "He may resign. She may vote, and might, or may not."}


def test_judged_words_come_by_sentence_with_their_places() -> None:
    marks = [_mark(19, 22, "none"), _mark(33, 38, "epistemic")]
    (row,) = training.judged(training.Sources({"hyperpartisan_train": [MARKED_ARTICLE]}, {}, {}, marks=marks))
    assert row.text == MARKED_ARTICLE["text"][15:51]
    assert [row.text[start:end] for start, end in row.only or ()] == ["may", "might"]
    assert [(row.text[start:end], kind) for start, end, kind in row.cues] == [("might", "epistemic")]
    assert row.hearsay and row.groups == training.MARKED_GROUPS and row.doc == "hyperpartisan_train 7"


def test_words_judged_in_two_ways_or_in_absent_text_are_left_out() -> None:
    marks = [_mark(19, 22, "none", "epistemic"), _mark(33, 38, "epistemic", "epistemic"), _mark(19, 22, "none", row="8")]
    (row,) = training.judged(training.Sources({"hyperpartisan_train": [MARKED_ARTICLE]}, {}, {}, marks=marks))
    assert [span[:2] for span in row.cues] == list(row.only or ()) == [(18, 23)]
    assert training.judged(training.Sources({}, {}, {}, marks=marks)) == []


def test_only_judged_words_train(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = [_mark(19, 22, "none"), _mark(33, 38, "epistemic")]
    rows = training.judged(training.Sources({"hyperpartisan_train": [MARKED_ARTICLE]}, {}, {}, marks=marks))
    fitted: dict[str, list[str]] = {}
    monkeypatch.setattr(training, "fit", lambda recipe, rows: fitted.setdefault(recipe.name, rows.labels) and None)
    with pytest.raises(AttributeError):  # there is no head to put into a model
        training.train_cues(rows, {"may": "epistemic", "might": "epistemic"}, lambda line: None)
    assert fitted == {"cue_hedge": ["none", "hedge"]}  # and not the second "may"


def test_the_lexicon_holds_reviewed_terms_and_words_that_were_marked() -> None:
    text = "It may well seem so to them."
    row = training.Marked(text, ((3, 6, "epistemic"), (12, 19, "epistemic")), ("hedge",), "d")
    lexicon = training.cue_lexicon([row], {"some say": "vague", "may": "condition"})
    assert lexicon.terms == {"may": "condition;epistemic", "some say": "vague"}, "several words marked once are no term"


def test_a_word_that_is_hardly_ever_a_cue_is_no_candidate() -> None:
    cue = training.Marked("It can be.", ((3, 6, "epistemic"),), ("hedge",), "d")
    rows = [training.Marked("You can go.", (), ("hedge",), "d")] * 250 + [cue]
    lexicon = training.cue_lexicon(rows, {})
    total = Counter({"can": 251})
    assert training._frequent(lexicon, rows, {}, total).terms == {}
    assert training._frequent(lexicon, rows, {"can": "epistemic"}, total).terms == {"can": "epistemic"}


def test_datasets_are_beside_the_checkout() -> None:
    assert training.datasets() == DATASETS
