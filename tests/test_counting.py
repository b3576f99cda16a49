"""Both engines count the same: the same terms, numbers and rows, in every family and on any text."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from awkward import TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from slices import rows_of, write_small

from framing import counting, native, persist, training
from framing.counting import Counting, Judge, Native, Pure
from framing.errors import InputError, TrainingError
from framing.features import view
from framing.fit import Recipe, Rows, Tally
from framing.lexicon import Lexicon

pytest.importorskip("framing._native", reason="The kernel is not built: pip install -e . with a C++ compiler builds it.")
pytestmark = [
    pytest.mark.filterwarnings("ignore::framing.text.FramingWarning"),
    pytest.mark.skipif(native.extension() is None, reason="FRAMING_PURE asks for the pure engine alone"),
]

LEXICONS = {
    "loaded": Lexicon({"shameless": "moral:2", "at long last": "sarcasm", "long last": "sarcasm:1", "may": "moral", "é": "odd"}),
    "frames": Lexicon({"jane doe": "conflict", "some": "health", "20": "economic", "allegedly": "conflict"}),
    "polarity": Lexicon({"blamed": "blamed", "not allegedly": "praised", "may": "praised", "he": "blamed", "said some": "praised"}),
}
CUES = Lexicon(
    {"may": "epistemic", "might": "epistemic;condition", "some experts": "vague", "according to": "attribution", "if": "condition"}
)
FAMILIES = (
    *("words:1-1", "words:1-2", "words:2-3", "words:1-5", "affixes", "chars:1-2", "chars:3-5", "quotes", "window:1", "window:6"),
    *("lexicon:loaded", "lexicon:polarity", "terms:frames", "sides:polarity", "sides:frames"),
)
PROSE = (
    '“May I?” he asked. Some experts say it may, if at long last 20 shameless people might -- "not allegedly" -- go; Jane Doe blamed him.',
    "The man may not; May didn't. He said some, he said some. According to Doe's 1,200 'experts', may may may!",
    "(Shameless) and ``quoted'' or not allegedly blamed",
    *("", " ", ".", "may", "naïve é É élan", "one two three four five six seven eight nine ten " * 9),
)


def engines(families: Sequence[str], cues: Lexicon | None = None) -> tuple[Pure, Native]:
    recipe = Recipe("own", "article", ("a", "b"), tuple(families), least=1)
    kernel = counting.counter(recipe, {} if cues else LEXICONS, cues)
    assert isinstance(kernel, Native)
    return Pure(recipe.families, {} if cues else LEXICONS, cues), kernel


def both(families: Sequence[str], count: Callable[[Counting, Rows], None], cues: Lexicon | None = None) -> Tally:
    """The tally of what is counted, the same on both engines."""
    tallies = []
    for engine in engines(families, cues):
        rows = Rows()
        count(engine, rows)
        tallies.append(engine.told(rows).tally)
    one, other = tallies
    assert one.terms == other.terms
    for part in ("ends", "columns", "numbers"):
        assert np.array_equal(getattr(one, part), getattr(other, part)), part
    return other


def every_row(texts: Sequence[str]) -> Callable[[Counting, Rows], None]:
    """Rows of articles with and without titles, of sentences, of the author's words, around the first and the last characters."""

    def count(engine: Counting, rows: Rows) -> None:
        for text in texts:
            found = [engine.article(text), engine.article("And so.", text), engine.sentence(text), engine.sentence(text, True)]
            length = len(text)
            for span in ((0, 12), (length // 2, length // 2 + 5), (length - 3, length)):
                found.append(engine.around(text, span) if 0 <= span[0] < span[1] <= length and holds_word(text, span) else None)
            for row in found:
                if row is not None:
                    rows.add(row, "a", "")

    return count


def holds_word(text: str, span: tuple[int, int]) -> bool:
    seen = view(text)
    low, high = seen.clean.find(*span)
    return bool(seen.bounds) and any(end > low and start < high for start, end in zip(seen.starts, seen.ends, strict=True))


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family(family: str) -> None:
    assert both([family], every_row(PROSE)).terms, "nothing was counted"


def test_families_side_by_side_share_terms_and_keep_their_entries_apart() -> None:
    tally = both(["lexicon:polarity", "sides:polarity", "terms:polarity"], every_row(PROSE))
    assert "polarity=praised" in tally.terms
    assert max(np.bincount(tally.columns[: tally.ends[1]])) == 2, "lexicon and terms find it in an article, an entry each"


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=4, unique=True))
def test_awkward_texts(text: str, families: list[str]) -> None:
    both(families, every_row([text, "It may.", text + " may"]))


def every_candidate(texts: Sequence[str]) -> Callable[[Counting, Rows], None]:
    def count(engine: Counting, rows: Rows) -> None:
        for text in texts:
            cleaned, places = engine.candidates(text)
            for place in places:
                assert counting.CONTEXT and place.term in CUES.terms
                assert re.sub(r"\W+", " ", cleaned.text[place.start : place.end].lower()) == place.term
                rows.add(engine.context(place), (place.start, place.end, place.term), "")

    return count


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_contexts_of_cues(text: str) -> None:
    both([], every_candidate([text, text + "may " + text, "He may " + text + " if some experts might."]), CUES)


def test_contexts_in_prose() -> None:
    tally = both([], every_candidate([*PROSE, "May", "may " * 100, "if " + "word " * 60 + "might have said, was and is"]), CUES)
    assert {"bias", "w=may", "p1=<s>", "n1=</s>", "tense>if -"} <= set(tally.terms)


WORDS = [
    *("may", "might", "may", "be", "been", "have", "not", "keep", "kept", "rise", "tenants", "prices", "they", "who", "because", "Lund"),
    *("rules", "fear", "of"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_contexts_of_who_does_what(text: str) -> None:
    both([], every_candidate([text, "Tenants may " + text]), CUES)


def test_candidates_are_the_same_places() -> None:
    pure, kernel = engines([], CUES)
    for text in (*PROSE, "Some exp\u00aderts may. Ma\u0301y might\x00if"):
        (one, first), (other, second) = pure.candidates(text), kernel.candidates(text)
        assert one.text == other.text
        assert [(p.start, p.end, p.term) for p in first] == [(p.start, p.end, p.term) for p in second]


def test_titles_and_rows_without_a_sentence() -> None:
    for engine in engines(["words:1-2"]):
        assert engine.sentence("  ") is None
        with pytest.raises(InputError, match="holds no word"):
            engine.around("It may be.   ", (10, 12))
        with pytest.raises(InputError, match="must be str"):
            engine.article(None)  # type: ignore[arg-type]
    tally = both(["words:1-2", "terms:frames"], lambda engine, rows: rows.add(engine.article("Go.", "Jane Doe said Jane Doe"), "a", ""))
    assert "¶ go" in tally.terms and "frames=conflict" not in tally.terms, "a title's names are masked"


def test_our_datasets() -> None:
    texts = [row["text"] for row in rows_of("sentences.jsonl")[::9]] + [row["text"] for row in rows_of("articles.jsonl")[::20]]
    for head in ("tone", "frames", "loaded", "valence"):
        both(training.RECIPES[head].families, every_row(texts))


def test_only_frequent_terms_are_told_and_no_fit_misses_the_rest() -> None:
    pure, kernel = engines(["words:1-2"])
    rows = {}
    for engine in (pure, replace(kernel, least=2)):
        made = Rows()
        every_row(PROSE[:3])(engine, made)
        rows[type(engine)] = engine.told(made).tally
    often = np.bincount(rows[Pure].columns, minlength=len(rows[Pure].terms)) >= 2
    assert rows[Native].terms == [term for term, kept in zip(rows[Pure].terms, often, strict=True) if kept]
    without = rows[Pure].without(lambda term: term not in rows[Native].terms)
    assert without.terms == rows[Native].terms
    for part in ("ends", "columns", "numbers"):
        assert np.array_equal(getattr(without, part), getattr(rows[Native], part))


@pytest.mark.parametrize("family", ["words:1-9999", "window:x", "sides:nothing", "letters"])
def test_what_the_kernel_does_not_count_is_left_to_the_pure_engine(family: str) -> None:
    assert isinstance(counting.counter(Recipe("own", "article", ("a", "b"), (family,)), LEXICONS), Pure)


@pytest.mark.parametrize("terms", [{"a " * 70: "x"}, {"x": "!blamed"}, {"x": "up:l"}])
def test_odd_lexicons_are_left_to_the_pure_engine(terms: dict[str, str]) -> None:
    made = counting.counter(Recipe("own", "article", ("a", "b"), ("sides:odd",)), {"odd": Lexicon(terms)})
    assert isinstance(made, Pure)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("corpora"))


def trained(folder: Path, monkeypatch: pytest.MonkeyPatch, engine: Any) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(native, "extension", lambda: engine)
        return persist.dump(training.train_all(folder))


def test_both_engines_train_the_same_bytes(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained(small, monkeypatch, None) == trained(small, monkeypatch, native.extension())


def test_a_judge_finds_what_its_cue_model_finds(small: Path) -> None:
    data = training.sources(small)
    cues, _ = training.train_cues(training.marked(data), data.cue_terms, lambda line: None)
    judge, pure = Judge.of(cues), Judge(training.Model("cues", {}, cues))
    assert judge.model.engine is not None and pure.model.engine is None
    found = 0
    for text in [row["text"] for row in data["articles"]] + list(PROSE):
        seen = counting.view(text)
        assert seen == view(text)
        one, other = judge.found(seen), pure.found(seen)
        assert [item[:2] for item in one] == [item[:2] for item in other]
        assert [item[2] for item in one] == pytest.approx([item[2] for item in other], abs=1e-9)
        found += len(one)
    assert found


def test_judges_that_share_a_tree_find_what_they_find_alone(small: Path) -> None:
    data = training.sources(small)
    rows = training.marked(data)
    cues = [training.train_cues(rows[part::2], data.cue_terms, lambda line: None)[0] for part in (0, 1)]
    for one, judge in zip(cues, Judge.of_each(cues), strict=True):
        alone = Judge.of(one)
        texts = [counting.view(row["text"]) for row in data["articles"]]
        assert [judge.found(seen) for seen in texts] == [alone.found(seen) for seen in texts]
        assert any(judge.found(seen) for seen in texts)


def test_training_looks_for_cycles_again_when_it_is_done(small: Path) -> None:
    training.train_all(small)
    assert gc.isenabled()
    with pytest.raises(TrainingError):
        training.train_all(small / "none")
    assert gc.isenabled()
