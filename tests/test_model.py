"""The heart: offsets, abstentions, batches, and the bad inputs of the list by their numbers."""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
import os
import subprocess
import sys
import time
import unicodedata
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from awkward import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

import framing
from framing import Analysis, FramingError, Model
from framing.errors import InputError, TextTooLong
from framing.features import article as article_stream
from framing.features import view
from framing.heads import Head
from framing.linear import Linear
from framing.text import MAX_CHARACTERS, FramingWarning
from framing.types import CUE_TYPES

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")
ROOT = Path(__file__).resolve().parent.parent
SPANISH = (
    "El presidente dijo ayer que la ley no se puede aprobar sin el apoyo de los partidos y que el gobierno tiene que esperar hasta mañana."
)
INVISIBLE = "\u200b\u200d\u00ad\u2060\u202e\u2066\u200e\ufeff"


def numbers(value: Any) -> Any:
    """An analysis without its places and words: labels, probabilities, scores, and how many there are of each."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items() if key not in ("text", "start", "end")}
    return [numbers(item) for item in value] if isinstance(value, list) else value


def scores(analysis: Analysis) -> Any:
    return numbers(analysis.to_dict())


def in_process(texts: list[str]) -> list[str]:
    return [analysis.to_json() for analysis in framing.classify_many(texts)]


# Offsets


@settings(max_examples=200)
@given(TEXTS)
def test_offsets_index_the_callers_string(text: str) -> None:
    analysis = framing.classify(text)
    for found in (*analysis.sentences, *analysis.cues):
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
    assert all(a.end <= b.start for a, b in zip(analysis.sentences, analysis.sentences[1:], strict=False))


def test_offsets_in_articles_with_odd_characters(model: Model, articles: list[str]) -> None:
    for text in articles:
        odd = "\ufeff" + unicodedata.normalize("NFD", text).replace("a", "a\u00ad").replace("\n", "\r\n") + "\u2028İ 😀"
        analysis = model.classify(odd)
        assert analysis.cues
        assert all(odd[found.start : found.end] == found.text for found in (*analysis.sentences, *analysis.cues))


# What does not change a score


def test_nfd_and_invisible_characters_in_articles(model: Model, articles: list[str]) -> None:
    for text in articles[:4]:
        cafe = text.replace("e", "é", 3)
        wanted = scores(model.classify(cafe))
        assert scores(model.classify(unicodedata.normalize("NFD", cafe))) == wanted
        assert scores(model.classify("".join(char + INVISIBLE[n % 8] for n, char in enumerate(cafe)))) == wanted


@given(TEXTS, st.integers(0, 200), st.sampled_from(INVISIBLE))
def test_an_invisible_character_changes_no_score(text: str, at: int, mark: str) -> None:
    assert scores(framing.classify(text[:at] + mark + text[at:])) == scores(framing.classify(text))


def test_doubling_an_article_changes_nothing_but_its_seam(model: Model, article: str) -> None:
    """The last word is unknown, so that no pair across the seam is a feature: what is left is rounding."""
    text = article.rstrip() + " qxzvk"
    once, twice = model.classify(text), model.classify(f"{text}\n\n{text}")
    assert once.tone and twice.tone and once.frames and twice.frames and once.hedging and twice.hedging and once.valence and twice.valence
    assert twice.tone.score == pytest.approx(once.tone.score, abs=1e-9)
    assert twice.frames.probabilities == pytest.approx(once.frames.probabilities, abs=1e-9)
    assert twice.hedging.rates == once.hedging.rates and twice.hedging.percentile == once.hedging.percentile
    assert twice.valence.probabilities == pytest.approx(once.valence.probabilities, abs=1e-9)
    assert len(twice.sentences) == 2 * len(once.sentences) and len(twice.cues) == 2 * len(once.cues)


def test_doubling_moves_a_score_by_the_seam_alone(model: Model, articles: list[str]) -> None:
    """A pair at the seam adds at most its idf to a vector that long: the score moves at most by twice their ratio times |coef|."""
    linear = model.trained["tone"].linear
    for text in articles:
        stream = article_stream(view(text), (), model.lexicons)
        known = [
            math.sqrt(stream.counts("words:1-2")[f]) * linear.idf[linear.vocabulary[f]]
            for f in stream.counts("words:1-2")
            if f in linear.vocabulary
        ]
        bound = 2 * max(linear.idf) / math.hypot(*known) * max(abs(weight) for weight in linear.coef[0])
        once, twice = model.classify(text).tone, model.classify(f"{text}\n\n{text}").tone
        assert once and twice and once.score is not None and twice.score is not None
        assert abs(once.score - twice.score) <= min(bound, 0.5)


# Single, batch, order, processes


def test_single_is_batch_is_any_order(model: Model, articles: list[str]) -> None:
    texts = [*articles[:5], "", "He may go.", SPANISH]
    single = [model.classify(text).to_json() for text in texts]
    assert [analysis.to_json() for analysis in model.classify_many(texts)] == single
    assert [analysis.to_json() for analysis in model.classify_many(texts[::-1])] == single[::-1]
    assert [analysis.to_json() for analysis in model.classify_many(iter(texts))] == single


@pytest.mark.parametrize("processes", [1, 2])
def test_processes_give_the_same_bits(processes: int, articles: list[str]) -> None:
    parts = [articles[:2], articles[2:4]]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        assert pool.map(in_process, parts) == [in_process(part) for part in parts]


def test_hash_seeds_give_the_same_bits(articles: list[str]) -> None:
    code = "import framing, hashlib, sys; text = sys.stdin.buffer.read().decode(); a = framing.classify(text)\n"
    code += "heads = [a.explain(head) for head in ('tone', 'hedging', 'economic', 'valence')]\n"
    code += "said = a.to_json() + repr(heads + [a.explain(cue.type, cue) for cue in a.cues])\n"
    code += "print(hashlib.sha256(said.encode()).hexdigest())"
    digests = set()
    for seed in ("0", "1", "12345"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], input=articles[0].encode(), env=environment, capture_output=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1 and len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_titles_and_targets_go_with_their_texts(model: Model, articles: list[str]) -> None:
    texts, titles, targets = articles[:2], ["A shameful lie", None], [None, (0, 5)]
    wanted = [model.classify(*one) for one in zip(texts, titles, targets, strict=True)]
    assert model.classify_many(texts, titles, targets) == wanted
    first, alone = wanted[0].tone, model.classify(texts[0]).tone
    assert first and alone and first.score != alone.score and wanted[0].sentences == model.classify(texts[0]).sentences


@pytest.mark.parametrize(
    "arguments", [("one text",), (None,), (3,), (b"a",), (["a"], ["t", "u"]), (["a"], "t"), (["a"], 3), (["a"], None, [])], ids=repr
)
def test_wrong_batches_are_errors(model: Model, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match=r"texts|titles|targets"):
        model.classify_many(*arguments)


# What is predicted


def test_predictions_are_probabilities(model: Model, articles: list[str]) -> None:
    for text in articles:
        analysis = model.classify(text)
        heads = [
            analysis.tone,
            analysis.valence,
            *(p for s in analysis.sentences for p in (s.hedged, s.vague, s.attributed, s.loaded, s.valence)),
        ]
        for prediction in heads:
            if prediction and prediction.label:
                assert math.fsum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-9)
                assert prediction.probability == prediction.probabilities[prediction.label]
        assert analysis.hedging and analysis.hedging.rate is not None and 0 <= analysis.hedging.rate <= 1
        assert analysis.hedging.percentile is not None and 0 <= analysis.hedging.percentile <= 100
        assert analysis.frames and list(analysis.frames.labels) == sorted(
            analysis.frames.labels, key=lambda name: -analysis.frames.probabilities[name]
        )


def test_hedging_label_follows_the_percentile(model: Model) -> None:
    plain = "The council met on Monday and voted to close the old library on Main Street. The vote was nine to two. The doors shut in June."
    hedged = "The council may possibly close the library, which might perhaps reopen. "
    hedged += "Officials suspect it could allegedly be sold if nobody objects, it seems."
    low, high = model.classify(plain).hedging, model.classify(hedged).hedging
    assert low and high and low.label == "plain" and low.rate == 0 and low.percentile == 0
    assert high.label == "heavily hedged" and high.rate == 1


def test_a_head_that_is_absent_is_none() -> None:
    model = Model("bare", {"mood": Head("mood", "article", ("a", "b"), ("words:1-1",), Linear({"the": 0}, [1.0], [[1.0]], [0.0]))})
    analysis = model.classify(
        "The rain fell on the town and the people of the town were glad of it, since the fields had been dry for months."
    )
    assert (analysis.tone, analysis.valence, analysis.hedging, analysis.frames, analysis.cues) == (None, None, None, None, ())
    assert {(s.hedged, s.vague, s.attributed, s.loaded, s.valence) for s in analysis.sentences} == {(None,) * 5}
    assert analysis.labels["mood"].label == "b" and analysis.model == "bare" and model.heads == ("mood",)


def abstains(analysis: Analysis, reason: str) -> None:
    assert analysis.tone and analysis.hedging and analysis.frames and analysis.valence
    for said in (analysis.tone, analysis.valence):
        assert (said.label, said.probability, said.probabilities, said.score, said.reason) == (None, None, {}, None, reason)
    assert (analysis.hedging.label, analysis.hedging.rate, analysis.hedging.percentile, analysis.hedging.rates) == (None, None, None, {})
    assert analysis.hedging.reason == analysis.frames.reason == reason
    assert analysis.frames.labels == () and analysis.frames.probabilities == {} and set(analysis.hedging.counts) == set(CUE_TYPES)


def test_no_target(model: Model) -> None:
    text = "the rain fell on the town and the people of the town were glad of it, since the fields had been dry for months."
    for target in (None, "Jane Doe"):
        valence = model.classify(text, target=target).valence
        assert valence and valence.label is None and valence.reason == "no_target"


def test_valence_toward_a_given_target_never_abstains_for_length(model: Model) -> None:
    given_target, without = (model.classify("Jane Doe lied.", target=target).valence for target in ("Jane Doe", None))
    assert given_target and given_target.label and without and without.reason == "too_short"


# shared/bad_inputs.md, 1 to 20


@pytest.mark.parametrize("value", [None, 3, float("nan"), ["a"], {"a": 1}], ids=repr)
def test_bad_input_01_no_string(model: Model, value: Any) -> None:
    with pytest.raises(InputError, match=f"text must be str, got {type(value).__name__}"):
        model.classify(value)


@pytest.mark.parametrize("value", [b"He may go.", bytearray(b"a")])
def test_bad_input_02_bytes(model: Model, value: Any) -> None:
    with pytest.raises(InputError, match="decode"):
        model.classify(value)


@pytest.mark.parametrize("value", [3, 0, float("nan"), b"a", ["a"], False], ids=repr)
def test_a_title_that_is_no_string(model: Model, value: Any) -> None:
    with pytest.raises(InputError, match=f"title must be str, got {type(value).__name__}"):
        model.classify("He may go.", title=value)


@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0\u2028", "\u200b\ufeff", "\x00\x00", "... !"])
def test_bad_input_03_blank(model: Model, text: str) -> None:
    abstains(model.classify(text), "empty")


def test_bad_input_04_short(model: Model) -> None:
    analysis = model.classify("He may have lied, the two officials said.")
    abstains(analysis, "too_short")
    assert [cue.text for cue in analysis.cues][:1] == ["may"]
    twenty = "the rain fell on the old town and all of the people there were glad of it on that day."
    assert len(twenty.split()) == 20
    tone, less = model.classify(twenty).tone, model.classify(twenty.replace("old ", "")).tone
    assert tone and tone.label and less and less.reason == "too_short"


def test_bad_input_05_unknown_words() -> None:
    head = Head("tone", "article", ("measured", "loaded"), ("words:1-1",), Linear({"quux": 0}, [1.0], [[1.0]], [3.0]))
    frames = Head(
        "frames", "article", ("a", "b", "c"), ("words:1-1",), Linear({"quux": 0}, [1.0], [[1.0]] * 3, [3.0] * 3), (0.5,) * 3, True
    )
    analysis = Model("bare", {"tone": head, "frames": frames}).classify("the rain fell on the town and on all of its people " * 3)
    assert analysis.tone and analysis.tone.reason == "unknown_words" and analysis.tone.label is None
    assert analysis.frames and analysis.frames.reason == "unknown_words" and analysis.frames.labels == ()


def test_bad_input_06_another_language(model: Model) -> None:
    analysis = model.classify(SPANISH)
    abstains(analysis, "language")
    assert analysis.language == "es" and analysis.cues == ()
    sentence = analysis.sentences[0]
    for said in (sentence.hedged, sentence.vague, sentence.attributed, sentence.loaded):
        assert said and said.label is None and said.reason == "language"


def test_bad_input_07_lone_surrogate(model: Model, article: str) -> None:
    odd = article.replace(" the ", " \ud800 ", 1)
    with pytest.warns(FramingWarning, match="surrogate"):
        analysis = model.classify(odd)
    assert scores(analysis) == scores(model.classify(article.replace(" the ", " \ufffd ", 1)))
    assert analysis.to_json().encode("utf-8")


def test_bad_input_08_control_characters(model: Model, article: str) -> None:
    odd = article.replace(" the ", "\x00the\x07")
    assert odd != article and scores(model.classify(odd)) == scores(model.classify(article))


def test_bad_input_09_byte_order_mark(model: Model, article: str) -> None:
    analysis = model.classify("\ufeff" + article)
    assert scores(analysis) == scores(model.classify(article)) and analysis.sentences[0].start == 1


@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: f"{ord(mark):04x}")
def test_bad_input_10_invisible(model: Model, article: str, mark: str) -> None:
    assert scores(model.classify(mark.join(article))) == scores(model.classify(article))


def test_bad_input_11_nfd(model: Model, article: str) -> None:
    text = article.replace("a", "å", 20).replace("I", "İ", 1) + " Ệ İ"
    nfc, nfd = (model.classify(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert scores(nfc) == scores(nfd)
    assert [unicodedata.normalize("NFC", s.text) for s in nfd.sentences] == [s.text for s in nfc.sentences]


def test_bad_input_12_mixed_scripts(model: Model) -> None:
    with pytest.warns(FramingWarning, match="mix"):
        model.classify("He m\u0430y go.")


@pytest.mark.parametrize(
    "emoji", ["😀", "\U0001f469\u200d\U0001f4bb", "❤\ufe0f", "\U0001f1ec\U0001f1e7", "\U0001f44d\U0001f3fd"], ids=ascii
)
def test_bad_input_13_emoji(model: Model, emoji: str) -> None:
    text = f"He may have lied {emoji} again. She won {emoji}\nSo it ends. {emoji}"
    analysis = model.classify(text)
    assert sum(sentence.text.count(emoji) for sentence in analysis.sentences) == 3
    assert [cue.text for cue in analysis.cues] == ["may"]


def test_bad_input_14_dotted_i(model: Model) -> None:
    text = "İİİ İstanbul may fall. İ! He might go, İ."
    analysis = model.classify(text)
    assert [text[cue.start : cue.end] for cue in analysis.cues] == ["may", "might"]


def test_bad_input_15_too_long(model: Model) -> None:
    with pytest.raises(TextTooLong, match="1,000,000"):
        model.classify("a" * (MAX_CHARACTERS + 1))


def check_linear(model: Model, piece: str) -> None:
    """The longest text takes seconds, and about twice as long as one half as long: processor time, since the machine may be busy."""
    half, whole = (seconds(model, "a" + piece * (n // len(piece) - 1)) for n in (MAX_CHARACTERS // 2, MAX_CHARACTERS))
    assert whole < 15 and whole < 3.5 * half + 0.5


def seconds(model: Model, text: str) -> float:
    begun = time.process_time()
    model.classify(text)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", ["a", "a.", "😀", "’", "中", "\ud800", "-a"], ids=ascii)
def test_bad_input_16_a_megabyte_without_a_space(model: Model, piece: str) -> None:
    check_linear(model, piece)


@pytest.mark.parametrize("piece", ["\u0301", "\u0301\u0327", "\u0f71", "\u200b"], ids=ascii)
def test_bad_input_17_a_million_marks(model: Model, piece: str) -> None:
    check_linear(model, piece)


def test_bad_input_18_tags(model: Model) -> None:
    with pytest.warns(FramingWarning, match="HTML"):
        model.classify("<p>He may go.</p>")


@pytest.mark.parametrize("at", [0, 2])
def test_bad_input_19_an_item_in_a_list(model: Model, at: int) -> None:
    texts: list[Any] = ["He may go."] * 3
    texts[at] = None
    with pytest.raises(InputError, match=f"Item {at}: text must be str"):
        model.classify_many(texts)
    with pytest.raises(TextTooLong, match="Item 1: "):
        model.classify_many(["a", "a" * (MAX_CHARACTERS + 1)])


def test_bad_input_20_threads(model: Model, articles: list[str]) -> None:
    texts = articles[:4] * 3
    with ThreadPoolExecutor(8) as pool:
        assert [a.to_json() for a in pool.map(model.classify, texts)] == [a.to_json() for a in model.classify_many(texts)]


# The package's face


def test_the_names_of_the_package() -> None:
    assert len(framing.__all__) <= 12 and len(set(framing.__all__)) == len(framing.__all__)
    assert framing.__all__ == sorted(framing.__all__)
    for name in framing.__all__:
        assert (getattr(framing, name).__doc__ or "").strip(), f"framing.{name} has no docstring"


def test_engine() -> None:
    assert framing.engine() in ("pure", "native")


def test_the_package_delegates_to_the_default_model(article: str) -> None:
    model = framing.load()
    assert framing.classify(article) == model.classify(article) == framing.classify_many([article])[0]
    assert framing.load().id == model.id == json.loads(framing.classify(article).to_json())["model"]
    assert {"tone", "frames", "vague", "attributed", "loaded", "valence"} <= set(model.heads)


def test_clean_text_warns_of_nothing(model: Model, articles: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.classify_many(articles)


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(FramingError, match="no-such-model"):
        framing.load("no-such-model")
