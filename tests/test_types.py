"""Results: frozen, with offsets that hold, and back from JSON as they were."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import json

import pytest
from awkward import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

import framing
from framing import Analysis, FramingError, Model, types
from framing.types import CUE_TYPES, HEDGE_TYPES, Contribution, Prediction

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")


@settings(max_examples=100)
@given(TEXTS, st.sampled_from([None, "Jane Doe"]))
def test_dict_and_json_round_trip(text: str, target: str | None) -> None:
    analysis = framing.classify(text, target=target)
    assert Analysis.from_dict(analysis.to_dict()) == analysis
    pair = any("\ud800" <= a <= "\udbff" and "\udc00" <= b <= "\udfff" for a, b in itertools.pairwise(text))
    if not pair:  # JSON reads an escaped high and low surrogate as one character
        assert Analysis.from_dict(json.loads(analysis.to_json().encode("utf-8"))) == analysis


def test_whole_articles_round_trip(model: Model, articles: list[str]) -> None:
    for text in articles:
        analysis = model.classify(text)
        assert Analysis.from_dict(json.loads(analysis.to_json())) == analysis
        assert json.loads(analysis.to_json()) == analysis.to_dict()


def test_a_lone_surrogate_is_written_as_an_escape(model: Model) -> None:
    written = model.classify("He may \ud800 go.").to_json()
    assert "\\ud800" in written and written.encode("utf-8")


def test_dict_has_the_fields_in_order_and_only_plain_values(model: Model, article: str) -> None:
    record = model.classify(article).to_dict()
    assert list(record) == [field.name for field in dataclasses.fields(Analysis) if not field.name.startswith("_")]
    assert json.loads(json.dumps(record)) == record


def test_an_analysis_read_back_does_not_explain(model: Model, article: str) -> None:
    with pytest.raises(FramingError, match="read back"):
        Analysis.from_dict(model.classify(article).to_dict()).explain("tone")


RECORDS = [value for _, value in inspect.getmembers(types, inspect.isclass) if dataclasses.is_dataclass(value)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_are_frozen_slotted_and_documented(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(record) and (record.__doc__ or "").strip()


def test_hedge_types_lead_the_cue_types() -> None:
    assert CUE_TYPES[:5] == HEDGE_TYPES and len(set(CUE_TYPES)) == 8


def test_abstention_says_nothing_but_its_reason() -> None:
    assert Prediction.abstain("empty") == Prediction(None, None, {}, None, "empty")


def test_amount() -> None:
    assert Contribution("x", -2.0, 0.25).amount == -0.5
