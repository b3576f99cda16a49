"""Adding "allegedly" never lowers hedging: not the probability of the sentence, not the rate of the article."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from framing import Model

SUBJECTS = (
    *("The treasurer", "A former deputy", "Dana Whitcombe", "The company", "Two guards", "The suspect, a cousin of the mayor,"),
    *("They", "Police"),
)
ACTS = (
    "took the money in March",
    "may have warned the clerk",
    "said the valve was faulty",
    "sold 40 houses below their price",
    "would have paid if the bank had asked",
    "believed that the road was clear",
    "failed to report the spill",
    "tried to leave the country on a borrowed passport",
    "possibly misread the figures",
)
FRAMES = ("{subject} allegedly {act}.", "Allegedly, {subject} {act}.", "{subject}, allegedly, {act}.", "{subject} {act}, allegedly.")
AUXILIARY = re.compile(r"\b(was|were|is|are|has|had)\b (?=[a-z]+(?:ed|en|ing)\b)")
SMALL = 1e-9


def chance(model: Model, text: str) -> float:
    """Probability that a sentence is hedged."""
    (one,) = model.classify(text).sentences
    assert one.hedged is not None
    return one.hedged.probabilities["hedged"]


def lowered(model: Model, pairs: list[tuple[str, str]]) -> list[tuple[str, float, float]]:
    """The pairs (without, with) whose probability the word lowered."""
    chances = [(more, chance(model, one), chance(model, more)) for one, more in pairs]
    return [(text, before, after) for text, before, after in chances if after < before - SMALL]


def written() -> list[tuple[str, str]]:
    pairs = []
    for subject, act, frame in product(SUBJECTS, ACTS, FRAMES):
        inner = subject[0].lower() + subject[1:] if frame.startswith("Allegedly") and not subject.startswith("Dana") else subject
        pairs.append((f"{subject} {act}.", frame.format(subject=inner, act=act)))
    return pairs


def ours(sentences: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Our sentences with the word after an auxiliary."""
    found = [(row["text"], AUXILIARY.sub(r"\1 allegedly ", row["text"], count=1)) for row in sentences]
    return [(text, more) for text, more in found if more != text and not set(text) & set("“”\"")]


def test_of_templates(model: Model) -> None:
    pairs = written()
    assert len(pairs) == 288
    assert not (wrong := lowered(model, pairs)), f"{len(wrong)} of {len(pairs)}, the first: {wrong[:3]}"


def test_of_our_sentences(model: Model, sentences: list[dict[str, Any]]) -> None:
    pairs = [(one, more) for one, more in ours(sentences) if len(model.classify(one).sentences) == len(model.classify(more).sentences) == 1]
    assert len(pairs) >= 300
    assert not (wrong := lowered(model, pairs)), f"{len(wrong)} of {len(pairs)}, the first: {wrong[:3]}"


def test_the_word_hedges(model: Model) -> None:
    """Where nothing else does, a sentence with the word is hedged."""
    for subject, act in product(SUBJECTS, ("took the money in March", "failed to report the spill")):
        (one,) = model.classify(f"{subject} allegedly {act}.").sentences
        assert one.hedged is not None and one.hedged.label == "hedged", one


@pytest.mark.parametrize("times", [1, 3])
def test_rate_of_articles(model: Model, articles: list[dict[str, Any]], times: int) -> None:
    wrong = []
    for row in articles:
        more = AUXILIARY.sub(r"\1 allegedly ", row["text"], count=times)
        before, after = (model.classify(text).hedging for text in (row["text"], more))
        assert before is not None and after is not None and before.rate is not None and after.rate is not None
        if after.rate < before.rate:
            wrong.append((row["id"], before.rate, after.rate))
    assert not wrong, f"{len(wrong)} of {len(articles)}, the first: {wrong[:3]}"
