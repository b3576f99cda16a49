"""Cues: the right words in the right place, none overlapping, each with its type and voice."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from awkward import TEXTS
from hypothesis import given, settings

import framing
from framing import Analysis, Model
from framing.cues import GROUPS, candidates, context, shape
from framing.features import view
from framing.lexicon import Lexicon
from framing.types import CUE_TYPES, HEDGE_TYPES

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")
POLLS = (
    "Voters go to the polls in May 2024. May Smith walked around the park and asked about the plan. "
    "Police arrested the suspect, showing military might."
)
PREAMBLE = (
    "He has purportedly empowered aides, per reporting from the Daily Post, and may be planning a possibly less legal turn, "
    "according to two officials"
)


def hedges(analysis: Analysis) -> list[tuple[str, str]]:
    return [(cue.text, cue.type) for cue in analysis.cues if cue.type in HEDGE_TYPES]


def test_words_that_only_look_like_hedges(model: Model) -> None:
    analysis = model.classify(POLLS)
    assert hedges(analysis) == []
    assert [sentence.hedged.label for sentence in analysis.sentences if sentence.hedged] == ["plain"] * 3


def test_may_and_might(model: Model) -> None:
    analysis = model.classify("He may have lied, and might again.")
    assert hedges(analysis) == [("may", "epistemic"), ("might", "epistemic")]
    assert analysis.sentences[0].hedged and analysis.sentences[0].hedged.label == "hedged"


def test_the_sentence_of_the_preamble(model: Model) -> None:
    found = {cue.text: cue.type for cue in model.classify(PREAMBLE).cues}
    wanted = {
        "purportedly": "reportative",
        "may": "epistemic",
        "possibly": "epistemic",
        "per": "attribution",
        "according to": "attribution",
    }
    assert wanted.items() <= found.items()


def check(text: str, analysis: Analysis) -> None:
    assert all(a.end <= b.start for a, b in pairwise(analysis.cues))
    for cue in analysis.cues:
        inside = analysis.sentences[cue.sentence]
        assert text[cue.start : cue.end] == cue.text and cue.text
        assert inside.start <= cue.start < cue.end <= inside.end
        assert cue.type in CUE_TYPES and 0 <= cue.probability <= 1 and cue.voice in ("author", "quoted")
    hedged = {cue.sentence for cue in analysis.cues if cue.type in HEDGE_TYPES}
    if analysis.language in ("en", None):
        assert {n for n, s in enumerate(analysis.sentences) if s.hedged and s.hedged.label == "hedged"} == hedged


@settings(max_examples=200)
@given(TEXTS)
def test_cues_of_any_text(text: str) -> None:
    check(text, framing.classify(text))


def test_cues_of_articles(model: Model, articles: list[str]) -> None:
    for text in articles:
        analysis = model.classify(text)
        check(text, analysis)
        assert analysis.hedging
        counts = {kind: sum(cue.type == kind for cue in analysis.cues) for kind in CUE_TYPES}
        assert {kind: sum(voices.values()) for kind, voices in analysis.hedging.counts.items()} == counts


def test_voice_is_that_of_the_first_character(model: Model) -> None:
    text = "The plan may fail. “It may well fail,” she said."
    found = [cue.voice for cue in model.classify(text).cues if cue.text == "may"]
    assert found == ["author", "quoted"]


def test_the_longest_wins_its_place(model: Model) -> None:
    assert [cue.text for cue in model.classify("The deal is dead, according to two officials.").cues] == ["according to"]


def test_no_cue_in_another_language(model: Model) -> None:
    assert model.classify("Il dit que le mot may est anglais et que les autres ne sont pas dans la liste des mots.").cues == ()


def test_candidates_keep_to_their_sentence() -> None:
    seen = view("He may. Go on now. It is said to end.")
    found = [
        (c.term, c.sentence, c.types)
        for c in candidates(seen, Lexicon({"may": "epistemic", "may . go": "vague", "said to": "reportative;attribution"}))
    ]
    assert found == [("may", 0, ("epistemic",)), ("said to", 2, ("reportative", "attribution"))]


def test_context_knows_shape_and_neighbours() -> None:
    seen = view("In May the vote failed.")
    names = context(seen, next(candidates(seen, Lexicon({"may": "epistemic"})))).counts("context")
    assert {"w=may", "p1=in", "n1=the", "shape=may Xx later"} <= set(names)


@pytest.mark.parametrize(("word", "form"), [("May", "Xx"), ("may", "x"), ("MAY", "X"), ("1990s", "dx"), ("’", "’")])
def test_shape(word: str, form: str) -> None:
    assert shape(word) == form


def test_groups_share_out_the_types() -> None:
    assert [kind for types in GROUPS.values() for kind in types] == list(CUE_TYPES)


def test_hedged_is_as_probable_as_that_not_every_cue_is_mistaken(model: Model) -> None:
    analysis = model.classify("He may have lied, and might again.")
    hedged, (may, might) = analysis.sentences[0].hedged, analysis.cues
    assert hedged and hedged.probabilities["hedged"] == pytest.approx(1 - (1 - may.probability) * (1 - might.probability), abs=1e-12)
    (alone,) = model.classify("He may have lied.").sentences
    (cue,) = model.classify("He may have lied.").cues
    assert alone.hedged and alone.hedged.probabilities["hedged"] == pytest.approx(cue.probability, abs=1e-12)


def test_one_long_sentence_takes_linear_time(model: Model) -> None:
    """Four times the length takes about four times as long: processor time, since the machine may be busy."""
    once, four = (min(seconds(model, "may " * n) for _ in range(2)) for n in (2000, 8000))
    assert four < 6 * once, (once, four)


def seconds(model: Model, text: str) -> float:
    begun = time.process_time()
    assert len(model.classify(text).sentences) == 1
    return time.process_time() - begun
