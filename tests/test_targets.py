"""Whom a text is about: words, a surname, a span, or the name mentioned most."""

from __future__ import annotations

import time
from typing import Any

import pytest

from framing import FramingError, Model
from framing.errors import InputError
from framing.features import view
from framing.targets import mentions, sentence_of

TEXT = "The mayor met Jane Doe on Monday. Doe was late. A doe ran past. The crowd liked Jane Doe’s hat, and Smith left."


def found(target: Any, text: str = TEXT) -> dict[int, str]:
    seen = view(text)
    places = {number: seen.place(*place) for number, place in mentions(seen, target).items()}
    return {number: text[low:high] for number, (low, high) in places.items()}


def test_by_name_then_by_surname_where_it_is_a_name() -> None:
    assert found("Jane Doe") == {0: "Jane Doe", 1: "Doe", 3: "Jane Doe’s"}


def test_by_surname_alone_where_the_full_name_is_absent() -> None:
    assert found("Robert Smith") == {3: "Smith"}


def test_case_and_apostrophes_do_not_matter() -> None:
    assert found("jane doe") == found("JANE DOE") == found("Jane Doe")


def test_by_span() -> None:
    assert found((14, 22)) == {0: "Jane Doe"}
    assert found([14, 22]) == {0: "Jane Doe"}
    assert found((15, 16)) == {0: "Jane"}, "a span inside a word means the word"


def test_by_span_behind_moved_characters() -> None:
    text = "\ufeffCafe\u0301\u200b owner Jane\u00ad Doe left."
    start = text.index("Jane")
    assert found((start, start + 9), text) == {0: "Jane\u00ad Doe"}


def test_without_target_the_name_mentioned_most() -> None:
    assert found(None, "Then Ann Lee spoke. Later Bob Ray spoke. Both met Bob Ray’s aide.") == {1: "Bob Ray", 2: "Bob Ray’s"}
    assert found(None, "Then Ann Lee met Bob Ray.") == {0: "Ann Lee"}, "of equals the earliest"
    assert found(None, "Nobody is named here.") == {}


def test_absent_target() -> None:
    assert found("Zoe Quux") == {}


@pytest.mark.parametrize(
    "target",
    [
        *((14, len(TEXT) + 1), (5, 5), (9, 3), (-4, 3), (9000, 9010), (3, 4), (1,), (1, 2, 3)),
        *(("a", "b"), (1.0, 4.0), 7, "", " \n", "\u200b"),
    ],
)
def test_wrong_targets_are_errors(target: Any, model: Model) -> None:
    with pytest.raises(FramingError, match="target"):
        model.classify(TEXT, target=target)


def test_a_span_may_reach_the_end_of_the_callers_text_and_no_further(model: Model) -> None:
    text = "They loathed the corrupt liar Bob Ray\u200b\u200b"
    start = text.index("Bob")
    whole = model.classify(text, target=(start, len(text))).valence
    assert whole and whole == model.classify(text, target="Bob Ray").valence
    with pytest.raises(InputError, match=r"target span .* ends after the text of 39 characters"):
        model.classify(text, target=(start, len(text) + 1))


def test_valence_toward_each_target(model: Model) -> None:
    text = "Critics praised the brilliant and generous Ann Lee. They loathed the corrupt, disgraced liar Bob Ray."
    ann, bob = (model.classify(text, target=name).valence for name in ("Ann Lee", "Bob Ray"))
    assert ann and bob and ann.probabilities["negative"] < bob.probabilities["negative"]
    start = text.index("Bob Ray")
    assert model.classify(text, target=(start, start + 7)).valence == bob
    ray = model.classify(text, target="Ray").valence
    assert ray and ray.label == bob.label


def test_sentences_without_the_target_abstain(model: Model) -> None:
    analysis = model.classify(TEXT, target="Jane Doe")
    reasons = [sentence.valence.reason for sentence in analysis.sentences if sentence.valence]
    assert reasons == [None, None, "no_target", None]


def test_sentence_of() -> None:
    seen = view(TEXT)
    for number, (first, end) in enumerate(seen.bounds):
        assert {sentence_of(seen, token) for token in range(first, end)} == {number}


def test_many_mentions_take_linear_time() -> None:
    seen = view("So Jane Doe left. " * 4000)
    begun = time.perf_counter()
    assert len(mentions(seen, "Jane Doe")) == 4000
    assert time.perf_counter() - begun < 2
