"""Every explanation adds up to its score, and points into the text."""

from __future__ import annotations

import math

import pytest

from framing import Analysis, FramingError, Model
from framing.linear import sigmoid
from framing.types import HEDGE_TYPES, Cue, Explanation, Sentence

SPANISH = (
    "El presidente Pedro Sánchez dijo ayer que la ley no se puede aprobar sin el apoyo de los partidos, "
    "y María Gómez dijo que el gobierno no tiene más remedio que esperar hasta mañana."
)
HEADS = ("vague", "attributed", "loaded", "valence", "hedged")


def check(text: str, made: Explanation) -> None:
    assert math.fsum([made.intercept, *(part.amount for part in made)]) == pytest.approx(made.score, abs=1e-9)
    sizes = [abs(part.amount) for part in made]
    assert sizes == sorted(sizes, reverse=True) and len(made) == len({part.feature for part in made})
    for part in made:
        assert all(0 <= low < high <= len(text) for low, high in part.spans)


@pytest.fixture(scope="module")
def read(model: Model, articles: list[str]) -> list[tuple[str, Analysis]]:
    texts = [*articles[:3], "\ufeff" + articles[3].replace("\n", "\r\n").replace(" the ", " t\u00adhe ")]
    return [(text, model.classify(text)) for text in texts]


def test_article_heads(model: Model, read: list[tuple[str, Analysis]]) -> None:
    for text, analysis in read:
        assert analysis.tone
        made = analysis.explain("tone")
        check(text, made)
        assert made.score == pytest.approx(analysis.tone.score, abs=1e-9) and made.label == analysis.tone.label


def test_frames(model: Model, read: list[tuple[str, Analysis]]) -> None:
    for text, analysis in read:
        assert analysis.frames and analysis.frames.probabilities
        for name, chance in analysis.frames.probabilities.items():
            made = analysis.explain(name)
            check(text, made)
            assert sigmoid(made.score) == pytest.approx(chance, abs=1e-9) and made.label == name


def test_hedging(read: list[tuple[str, Analysis]]) -> None:
    for text, analysis in read:
        assert analysis.hedging
        made = analysis.explain("hedging")
        check(text, made)
        assert made.score == analysis.hedging.rate and made.intercept == 0
        spans = sorted(span for part in made for span in part.spans)
        assert [low for low, _ in spans] == [cue.start for cue in analysis.cues if cue.type in HEDGE_TYPES]


def test_valence(model: Model, read: list[tuple[str, Analysis]]) -> None:
    for text, analysis in read:
        if analysis.valence and analysis.valence.label:
            made = analysis.explain("valence")
            check(text, made)
            assert made.score == pytest.approx(analysis.valence.score, abs=1e-9) and made.label == analysis.valence.label
    assert any(analysis.valence and analysis.valence.label for _, analysis in read)


@pytest.mark.parametrize("head", HEADS)
def test_sentence_heads(head: str, read: list[tuple[str, Analysis]]) -> None:
    explained = 0
    for text, analysis in read:
        for sentence in analysis.sentences:
            prediction = getattr(sentence, head)
            if prediction is None or prediction.label is None:
                continue
            try:
                made = analysis.explain(head, sentence)
            except FramingError as error:
                assert head == "hedged" and "no word that can hedge" in str(error)
                continue
            explained += 1
            check(text, made)
            assert made.score == pytest.approx(prediction.score, abs=1e-9)
            assert all(sentence.start <= low < high <= sentence.end for part in made for low, high in part.spans)
    assert explained > 3


def test_two_cues_of_a_sentence_both_explain_it(model: Model) -> None:
    text = "The mayor may have lied, and perhaps the clerk lied too."
    sentence = (analysis := model.classify(text)).sentences[0]
    made = analysis.explain("hedged", sentence)
    check(text, made)
    assert sentence.hedged is not None and made.score == pytest.approx(sentence.hedged.score, abs=1e-9)
    further = [part for part in made if part.feature in ("epistemic=may", "epistemic=perhaps")]
    assert len(further) == 1 and further[0].amount > 0 and [text[low:high] for low, high in further[0].spans] in (["may"], ["perhaps"])


def test_cues(read: list[tuple[str, Analysis]]) -> None:
    for text, analysis in read:
        assert analysis.cues
        for cue in analysis.cues:
            made = analysis.explain(cue.type, cue)
            check(text, made)
            assert sigmoid(made.score) == pytest.approx(cue.probability, abs=1e-9) and made.label == cue.type


def test_spans_are_where_the_words_are(read: list[tuple[str, Analysis]]) -> None:
    text, analysis = read[0]
    words = [part for part in analysis.explain("tone") if part.feature.isalpha() and part.feature.isascii()]
    assert len(words) > 20
    for part in words:
        assert {text[low:high].lower() for low, high in part.spans} == {part.feature}


def test_valence_toward_a_target_in_a_short_text(model: Model) -> None:
    text = "The corrupt mayor Jane Doe lied."
    made = model.classify(text, target="Jane Doe").explain("valence")
    check(text, made)
    assert made.label == "negative"


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("Jane Doe lied to us.", "tone"),
        ("They say Jane Doe lied.", "valence"),
        ("Jane Doe lied to us.", "hedging"),
        ("", "tone"),
        (SPANISH, "tone"),
        (SPANISH, "valence"),
        (SPANISH, "economic"),
        ("the plan may help the town, " * 8, "no such head"),
        ("the plan may help the town, " * 8, "valence"),
        ("the plan may help the town, " * 8, "hedge"),
    ],
)
def test_nothing_to_explain_is_an_error(model: Model, text: str, head: str) -> None:
    with pytest.raises(FramingError):
        model.classify(text).explain(head)


@pytest.mark.parametrize("head", ["tone", "frames", "economic", "no such head", "valence", "hedged"])
def test_heads_that_say_nothing_of_a_sentence(model: Model, head: str) -> None:
    analysis = model.classify("Rain fell on the town.")
    with pytest.raises(FramingError):
        analysis.explain(head, analysis.sentences[0])


@pytest.mark.parametrize("head", HEADS)
def test_sentences_in_another_language(model: Model, head: str) -> None:
    analysis = model.classify(SPANISH)
    with pytest.raises(FramingError):
        analysis.explain(head, analysis.sentences[0])


def test_what_is_of_another_analysis(model: Model) -> None:
    analysis = model.classify("He may have lied.")
    with pytest.raises(FramingError, match="not of this analysis"):
        analysis.explain("epistemic", Cue("x", 90, 91, "epistemic", 0.5, "author", 0))
    with pytest.raises(FramingError, match="not of this analysis"):
        analysis.explain("loaded", Sentence("x", 90, 91, "author"))
