"""Tables: a row for each row, the same index, bad rows say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing import FramingError, Model
from framing.features import view
from framing.heads import Head
from framing.linear import Linear
from framing.table import analysed, columns, error_row, row
from framing.types import CUE_TYPES


@pytest.fixture(scope="module")
def scored(model: Model, articles: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    texts: list[Any] = [articles[0], None, "", articles[1], b"bytes", "Too short.", float("nan"), "a" * 1_000_001, "He may \ud800 go."]
    frame = pd.DataFrame({"text": texts, "other": range(len(texts))}, index=[7, 7, 3, "x", None, 2.5, "y", "z", "w"])
    return frame, model.score(frame)


def test_same_index_and_columns(model: Model, scored: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame, table = scored
    assert table.index.equals(frame.index)
    assert list(table.columns) == columns(model)


def test_status_of_each_row(scored: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, table = scored
    assert list(table["status"]) == ["ok", "error", "abstained", "ok", "error", "abstained", "error", "error", "abstained"]
    reasons = list(table["reason"])
    assert reasons[2] == "empty" and reasons[5] == "too_short" and "NoneType" in reasons[1] and reasons[7] == "too_long"
    errors = table[table["status"] == "error"].drop(columns=["status", "reason", "model"])
    assert errors.isna().to_numpy().all()


def test_rows_are_what_classify_says(model: Model, articles: list[str]) -> None:
    table = model.score(pd.DataFrame({"text": articles}))
    for text, (_, line) in zip(articles, table.iterrows(), strict=True):
        analysis = model.classify(text)
        assert analysis.tone and analysis.hedging and analysis.frames
        assert line["tone"] == analysis.tone.label and line["tone_loaded"] == analysis.tone.probabilities["loaded"]
        assert line["hedging"] == analysis.hedging.label and line["hedged_rate"] == analysis.hedging.rate
        assert line["frames"] == ";".join(analysis.frames.labels) and line["frame_health"] == analysis.frames.probabilities["health"]
        assert [line[f"cues_{kind}"] for kind in CUE_TYPES] == [sum(analysis.hedging.counts[kind].values()) for kind in CUE_TYPES]
        assert line["sentences"] == len(analysis.sentences) and line["model"] == model.id and line["status"] == "ok"
        assert line["words"] == sum(word[0].isalnum() for word in view(text).words)


def test_columns_in_the_order_of_the_design(model: Model) -> None:
    names = columns(model)
    assert names[:8] == [
        "tone",
        "tone_loaded",
        "valence",
        "valence_negative",
        "valence_neutral",
        "valence_positive",
        "hedging",
        "hedged_rate",
    ]
    assert names[-6:] == ["words", "sentences", "language", "status", "reason", "model"] and len(names) == len(set(names))


def test_no_row_holds_a_column_that_the_table_has_not(model: Model, article: str) -> None:
    assert set(row(model.classify(article))) <= set(columns(model))
    assert set(error_row(model, FramingError("x"))) <= set(columns(model))


def test_a_readers_own_head_has_its_columns() -> None:
    own = Head("mood", "article", ("fine", "poor"), ("words:1-1",), Linear({"rain": 0}, [1.0], [[2.0]], [0.0]))
    model = Model("mine", {"mood": own})
    table = model.score(pd.DataFrame({"text": ["there was rain on the town " * 5, "there was sun on the town " * 5]}))
    assert {"mood", "mood_fine", "mood_poor"} <= set(table.columns)
    assert table["mood"][0] == "poor" and pd.isna(table["mood"][1]) and list(table["status"]) == ["ok", "abstained"]
    assert table["reason"][1] == "unknown_words"


def test_targets_and_titles(model: Model) -> None:
    text = "Critics praised the brilliant Ann Lee. They loathed the corrupt, disgraced liar Bob Ray."
    frame = pd.DataFrame({"t": [text] * 3, "who": ["Ann Lee", "Bob Ray", np.nan], "head": ["A scandal", None, np.nan]})
    table = model.score(frame, text="t", title="head", target="who")
    assert table["valence_negative"][0] < table["valence_negative"][1]
    single = model.classify(text, title="A scandal", target="Ann Lee").valence
    assert single and table["valence_negative"][0] == single.probabilities["negative"]


def test_a_missing_column_is_named(model: Model) -> None:
    with pytest.raises(FramingError, match=r"'text'.*body"):
        model.score(pd.DataFrame({"body": ["a"]}))


def test_an_empty_table(model: Model) -> None:
    table = model.score(pd.DataFrame({"text": []}))
    assert len(table) == 0 and list(table.columns) == columns(model)


def test_a_bad_target_is_an_error_row(model: Model) -> None:
    found = analysed(model, "Jane Doe left.", target=(90, 95))
    assert isinstance(found, FramingError) and error_row(model, found)["status"] == "error"
