"""Both engines answer alike: the same labels, cues and places, scores to 1e-9."""

from __future__ import annotations

import math
import os
import pickle
import random
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from awkward import TEXTS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slices import rows_of

import framing
from framing.model import Model
from framing.native import extension
from framing.training import read_rows

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"

pytestmark = pytest.mark.skipif(extension() is None, reason="the kernel was not built here, or FRAMING_PURE is set")

NATIVE = framing.load() if extension() else None
PURE = replace(NATIVE, engine=None) if NATIVE else None
ODD = (
    "İstanbul",
    "ΣΑΣ ΟΔΟΣ",
    "straße",
    "cafe\u0301 may",
    "café may",
    "\U0001f600 may \U00010400",
    "x" * 100_000,
    "\ud800 may",
    "a\x00may",
    "may\r\nmight",
    "^_ ^ Jane ^",
    "q\u0323\u0307 and \u0301 may",
    "α-decay may, мay",
    "</p> may",
)


def same(left: Any, right: Any, where: str = "") -> None:
    """Equal in everything, numbers to 1e-9."""
    if isinstance(left, float) and isinstance(right, float):
        assert left == pytest.approx(right, abs=1e-9, rel=1e-9), where
    elif isinstance(left, dict) and isinstance(right, dict):
        assert list(left) == list(right), where
        for key in left:
            same(left[key], right[key], f"{where}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        assert len(left) == len(right), where
        for n, pair in enumerate(zip(left, right, strict=True)):
            same(*pair, f"{where}[{n}]")
    else:
        assert left == right and type(left) is type(right), where


def check(text: str, title: str | None = None, target: Any = None) -> None:
    assert NATIVE is not None and PURE is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same(NATIVE.classify(text, title, target).to_dict(), PURE.classify(text, title, target).to_dict(), repr(text[:80]))


def own() -> list[dict[str, Any]]:
    return rows_of("sentences.jsonl")


def articles() -> list[dict[str, Any]]:
    return rows_of("articles.jsonl")


def test_our_sentences_toward_their_targets() -> None:
    for row in own()[::9]:
        check(row["text"], None, (row["start"], row["end"]))
        check(row["text"], row["text"][:20], row["target"])


def test_our_articles_with_their_titles() -> None:
    for row in articles()[::6]:
        check(row["text"], row["title"])


@pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not here")
@pytest.mark.parametrize("path", sorted(CORPORA.glob("*/*.jsonl.gz")), ids=lambda path: path.name)
def test_corpora(path: Path) -> None:
    texts = [row["text"] for row in read_rows(path)]
    for text in texts[:: max(1, len(texts) // (12 if "hyperpartisan" in path.name or "narrative" in path.name else 80))]:
        check(text)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:24]))
def test_awkward_text(text: str) -> None:
    check(text)
    check(f"The mayor may resign, officials said. {text} And he might not, per the Post.")


@settings(max_examples=300, deadline=None)
@given(
    TEXTS
    | st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            ["may", ".", "“", "”", "'", '"', "said", "The", "if", "U.S.", "\n", "\n\n", "(", ")", "-", "12", "Mr.", "İ", "é", "some"]
        ),
        max_size=60,
    ).map(" ".join)
)
@example("He said ^ and ^_ was the target ^.")
@example("The α may be “q\u0323\u0307”, said Jane Doe.</p> And ру may be.")
def test_any_text(text: str) -> None:
    check(text)


@pytest.mark.parametrize("target", ["", "...", (5, 2), (0, 999), (0, 0), 7, "Nobody Atall"])
def test_a_target_is_refused_or_taken_alike(target: Any) -> None:
    answers = []
    for model in (NATIVE, PURE):
        assert model is not None
        try:
            answers.append(model.classify("Mayor Dana Pruitt lied to the town, and the town may not forgive her.", None, target).to_dict())
        except framing.FramingError as error:
            answers.append(str(error))
    same(answers[0], answers[1])


def test_rows_of_a_table_are_those_of_the_pure_engine() -> None:
    import pandas as pd

    assert NATIVE is not None and PURE is not None
    texts = [
        *(row["text"] for row in own()[:60]),
        None,
        "",
        "x" * 1_000_001,
        "Le maire a dit que la ville ne serait pas vendue cette année.",
    ]
    texts += [row["text"] for row in articles()[:8]]
    frame = pd.DataFrame({"text": texts, "title": [None, "Mayor may quit"] * (len(texts) // 2)}, index=range(5, 5 + len(texts)))
    quick, slow = NATIVE.score(frame, title="title"), PURE.score(frame, title="title")
    pd.testing.assert_frame_equal(quick, slow, rtol=1e-9, atol=1e-9)


def test_threads_share_a_model_and_change_nothing() -> None:
    assert NATIVE is not None
    texts = [row["text"] for row in own()[:200]]
    alone = [NATIVE.classify(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(NATIVE.classify, texts * 4))
    assert together == alone * 4


def test_other_threads_run_while_a_long_text_is_scored() -> None:
    import threading
    import time

    assert NATIVE is not None
    text = " ".join(row["text"] for row in own())[:900_000]
    worker = threading.Thread(target=NATIVE.classify, args=(text,))
    worker.start()
    turns = 0
    while worker.is_alive():
        time.sleep(0)
        turns += 1
    assert turns > 1


def test_an_explanation_is_that_of_the_pure_engine() -> None:
    assert NATIVE is not None and PURE is not None
    text = own()[1]["text"] + " He may have lied, and the shameless council might again, officials said. " * 3
    quick, slow = NATIVE.classify(text), PURE.classify(text)
    assert quick.explain("tone") == slow.explain("tone")
    assert quick.explain("", quick.cues[0]) == slow.explain("", slow.cues[0])
    assert quick.explain("tone").score == pytest.approx(quick.tone.score, abs=1e-9)  # type: ignore[union-attr]


def test_a_model_and_its_answers_can_be_sent() -> None:
    assert NATIVE is not None
    sent: Model = pickle.loads(pickle.dumps(NATIVE))
    assert sent.engine is not None and sent.id == NATIVE.id
    answer = NATIVE.classify("The mayor may resign, officials said.")
    assert sent.classify("The mayor may resign, officials said.") == answer == pickle.loads(pickle.dumps(answer))


@pytest.mark.parametrize(("pure", "engine"), [("1", "pure"), ("0", "native"), ("", "native")])
def test_framing_pure_forces_the_pure_engine(pure: str, engine: str) -> None:
    command = [sys.executable, "-c", "import framing; print(framing.engine(), framing.classify('He may have lied.').cues[0].text)"]
    done = subprocess.run(command, env={**os.environ, "FRAMING_PURE": pure}, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == [engine, "may"]


def test_a_model_that_was_changed_is_scored_as_it_is_now() -> None:
    assert NATIVE is not None
    without = replace(NATIVE, trained={name: head for name, head in NATIVE.trained.items() if name != "tone"})
    assert without.classify("The mayor may resign, officials said.").tone is None


def test_a_text_is_read_once_for_all_its_explanations(article: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, reads = Model.read, []
    monkeypatch.setattr(Model, "read", lambda self, *asked: reads.append(asked) or read(self, *asked))
    assert NATIVE is not None
    analysis = NATIVE.classify(article)
    assert analysis.explain("tone") == analysis.explain("tone")
    assert all(analysis.explain(cue.type, cue).contributions for cue in analysis.cues)
    assert len(reads) == 1


def test_a_sentence_with_more_features_than_are_compared_one_by_one() -> None:
    check("the minister and the mayor and the board may, perhaps, say that it could " * 60)
    check(" ".join(f"word{n % 97} of the {n}th part" for n in range(900)) + " may be false")


def test_a_word_that_an_article_repeats_a_thousand_times() -> None:
    check("The plan may fail. " * 300 + "It was a disgraceful, shameful lie. " * 260)


def test_a_head_of_words_alone_needs_no_more_and_says_the_same(tmp_path: Path) -> None:
    rows = [row["text"] for row in articles()][:24]
    labels = ["a" if n % 2 else "b" for n in range(len(rows))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = framing.train(pd.DataFrame({"text": rows, "label": labels}), text="text", label="label")
    model = framing.load(made.save(tmp_path))
    assert model.engine is not None
    pure = replace(model, engine=None)
    for text in [*rows, *ODD[:7], "_ _private __init__ may _", "Straße “quoted” _x"]:
        same(model.classify(text, title="A title").to_dict(), pure.classify(text, title="A title").to_dict(), text[:60])
    table = pd.DataFrame({"text": [*rows, "_ _private", ""]})
    pd.testing.assert_frame_equal(model.score(table), pure.score(table), rtol=0, atol=1e-9)


def test_strings_that_arrow_holds_are_read_like_others() -> None:
    assert NATIVE is not None
    values = [articles()[0]["text"], "Café “may” fall.", "A\u00a0blank\u200b may hide.", "", None, own()[3]["text"]]
    held, plain = pd.Series(values, dtype=pd.StringDtype("pyarrow", na_value=float("nan"))), pd.Series(values, dtype=object)
    left, right = (NATIVE.score(pd.DataFrame({"text": column.where(column.notna(), float("nan"))})) for column in (held, plain))
    pd.testing.assert_frame_equal(left, right)
    assert list(left["status"])[4] == "error"
    assert NATIVE.score(pd.DataFrame({"text": [b"bytes are no text"]}))["status"][0] == "error"


@pytest.mark.parametrize("text", ["q\u0323\u0307 may \u0301", "α-decay may, мay be", "</p> may", "soon\x00may", "\ud800 may"], ids=ascii)
def test_odd_texts_need_no_pure_engine(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a hundred times as slow: who sends such texts would slow a whole job down."""

    def no_reading(*_: Any) -> None:
        raise AssertionError("the pure engine was asked")

    monkeypatch.setattr(type(NATIVE), "read", no_reading)
    assert NATIVE is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert [cue.text for cue in NATIVE.classify(f"It {text} rain.").cues]
        assert NATIVE.score(pd.DataFrame({"text": pd.Series([f"It {text} rain."], dtype=object)}))["words"][0] > 2


def of_many_sentences(total: int, words: int) -> str:
    """Short sentences, some alike and some not, some about Jane."""
    chance = random.Random(7)
    known = re.findall(r"\S+", "Jane may say war if so the old liar said “no” it is a good law we all fear")
    return " ".join(f"{' '.join(chance.choices(known, k=chance.randint(1, words)))}." for _ in range(total))


def test_many_short_sentences_are_answered_alike() -> None:
    check(of_many_sentences(2000, 4), target="Jane")


@pytest.mark.parametrize("engine", [NATIVE, PURE], ids=["native", "pure"])
def test_sentences_of_which_a_head_says_the_same_share_it(engine: Model) -> None:
    made = engine.classify("Go! " * 200 + "The mayor may resign. " * 200, target="mayor").sentences
    for head in ("hedged", "vague", "attributed", "loaded", "valence"):
        assert len({id(getattr(sentence, head)) for sentence in made}) <= 4, head
        assert len({id(getattr(sentence, head)) for sentence in (made[100], made[300])}) == 2, head


def test_each_answer_is_that_of_its_own_sentence_where_many_are_kept() -> None:
    """Whatever stood in its place before: thousands of answers of this text meet another where they are kept."""
    assert NATIVE is not None
    made = NATIVE.classify(of_many_sentences(44_000, 9)).sentences
    assert len({sentence.loaded.score for sentence in made if sentence.loaded}) > 10_000
    for sentence in made:
        for head in ("vague", "attributed", "loaded"):
            said = getattr(sentence, head)
            assert said.probabilities[said.label] == said.probability
            assert said.probabilities[head] == pytest.approx(1 / (1 + math.exp(-said.score)), abs=1e-12)
