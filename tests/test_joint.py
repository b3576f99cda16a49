"""Heads side by side: the same scores as feature by feature, whatever the families and the text."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing import features
from framing.cues import CONTEXT, CueModel, candidates, context
from framing.features import Stream, view
from framing.heads import Head
from framing.joint import REMEMBERED, Joint, Row, Sheet, _Remembered
from framing.lexicon import Lexicon
from framing.linear import Linear
from framing.model import Model

TEXT = (
    'The "shameless" council has once again betrayed the people, said the mayor of Springfield, and he may be very, very wrong. '
    '"We never praised it. It was the worst," she said. The mayor did not praise the council; the council is the council = worst. '
    "Mayors praise loudly - betrayed people, people betrayed. The end of the end."
)
RATED = Lexicon({"praise": "good:2", "very wrong": "bad", "the worst": "bad:1", "mayor of": "office"})
LEXICONS = {"L": RATED, "M": Lexicon({"council": "x"})}
FAMILIES = (
    *("words:1-1", "words:1-3", "words:2-4", "affixes", "chars:2-4", "quotes"),
    *("lexicon:L", "lexicon:M", "terms:L", "sides:L", "window:4"),
)


def streams(text: str) -> Iterator[Stream]:
    """Every kind of stream of a text."""
    seen = view(text)
    yield features.article(seen, (), LEXICONS)
    yield features.article(seen, features.headline("Mayor of Nowhere, betrayed"), LEXICONS)
    for number, (first, end) in enumerate(seen.bounds):
        yield features.sentence(seen, number, LEXICONS)
        yield features.author(seen, number, LEXICONS)
        yield features.around(seen, number, (first, first + 1), LEXICONS)
        yield features.around(seen, number, (end - 1, end), LEXICONS)


def known(families: tuple[str, ...], seed: int) -> Head:
    """A head that knows most features of `TEXT`, with weights by chance."""
    chance = random.Random(seed)
    names = sorted({name for stream in streams(TEXT) for family in families for name in stream.counts(family)})
    kept = [name for name in names if chance.random() < 0.8]
    weights = [[chance.uniform(-3, 3) for _ in kept] for _ in range(3)]
    linear = Linear({name: n for n, name in enumerate(kept)}, [chance.uniform(1, 9) for _ in kept], weights, [0.5, -0.25, 0.0])
    return Head("+".join(families), "article", ("a", "b", "c"), families, linear)


HEADS = [*(known((family,), n) for n, family in enumerate(FAMILIES)), known(FAMILIES, 99)]
JOINT = Joint(HEADS)


def scores(row: Row, head: Head) -> list[float] | None:
    """The scores of one row, which are those that it has among others."""
    joint = row.sheet.joint
    alone, *_ = joint.scores(head, [row.parts(head)])
    assert joint.scores(head, [[], row.parts(head), row.parts(head)]) == [None, alone, alone]
    return alone


def check(text: str) -> None:
    seen = view(text)
    sheet = Sheet(JOINT, seen.folded, seen.words, LEXICONS)
    for stream in streams(text):
        row = sheet.row(stream)
        for head in HEADS:
            values = head.values(stream)
            if values:
                assert scores(row, head) == pytest.approx(head.linear.scores(values), abs=1e-10)
            else:
                assert scores(row, head) is None and JOINT.decided(head, [row.parts(head)]) == [[0.5, -0.25, 0.0]]


def test_every_family_of_every_stream() -> None:
    check(TEXT)
    check(TEXT.replace('"', ""))


WORDS = st.sampled_from([*TEXT.split(" "), "unknown", ".", '"', "praise", "\n\n"])


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_text(text: str) -> None:
    check(text)


@pytest.fixture(scope="module")
def model() -> Model:
    return framing.load()


def test_a_tree_of_a_file_and_words_one_by_one_say_the_same(model: Model, articles: list[str]) -> None:
    """In a file all heads share a tree; a model that was trained just now has their words."""
    plain = [Head(h.name, h.level, h.labels, h.families, _plain(h.linear), h.thresholds, h.several) for h in model.trained.values()]
    joint = Joint(plain)
    for text in articles[:3]:
        reading = model.read(text)
        ours, theirs = model.sheet(reading), Sheet(joint, reading.seen.folded, reading.seen.words, model.lexicons)
        for head in plain:
            stream = model.article(reading) if head.level == "article" else features.sentence(reading.seen, 0, model.lexicons)
            stream.set("cues", [])
            assert scores(ours.row(stream), head) == scores(theirs.row(stream), head)


def _plain(linear: Linear) -> Linear:
    return Linear(linear.vocabulary, linear.idf, linear.coef, linear.intercept)


def test_contexts_have_the_features_that_their_names_say(model: Model, articles: list[str]) -> None:
    cues = model.cues
    assert cues is not None
    for text in articles[:4]:
        seen = view(text)
        for item in cues.judge(seen):
            head, stream = cues.heads[item.group], context(seen, item.candidate)
            score = head.linear.scores(head.values(stream))[0]
            assert framing.linear.sigmoid(score) == pytest.approx(item.probability, abs=1e-12)


def test_a_term_of_odd_words_has_its_context() -> None:
    seen = view("He may = be , it is said that = not so .")
    lexicon = Lexicon({"may =": "epistemic", "it is said that": "reportative", "=": "vague"})
    names = sorted({name for one in candidates(seen, lexicon) for name in context(seen, one).counts(CONTEXT)})
    linear = Linear({name: n for n, name in enumerate(names)}, [1.0] * len(names), [[1.0 + n for n in range(len(names))]], [0.0])
    heads = {name: Head(name, "cue", ("none", name), (CONTEXT,), linear) for name in ("hedge", "vague")}
    found = CueModel(lexicon, heads).judge(seen)
    assert [item.candidate.term for item in found] == ["may =", "=", "it is said that", "="]
    for item in found:
        score = linear.scores(heads[item.group].values(context(seen, item.candidate)))[0]
        assert item.probability == pytest.approx(framing.linear.sigmoid(score), abs=1e-12)


def test_a_cue_model_that_judged_is_sent_without_what_it_remembers(model: Model, article: str) -> None:
    assert model.cues is not None
    plain = CueModel(Lexicon(model.cues.lexicon.terms), model.cues.heads)
    found = plain.judge(view(article))
    assert pickle.loads(pickle.dumps(plain)).judge(view(article)) == found


def test_what_is_remembered_is_bounded() -> None:
    made = _Remembered(len)
    assert [made["ab"], made["ab"], made[""]] == [2, 2, 0]
    for n in range(REMEMBERED + 5):
        assert made[str(n)] == len(str(n))
    assert len(made) <= REMEMBERED


def test_it_is_sent_as_its_heads() -> None:
    again = pickle.loads(pickle.dumps(JOINT))
    stream = next(streams(TEXT))
    sheet = Sheet(again, stream.tokens, stream.plain, LEXICONS)
    ours = Sheet(JOINT, stream.tokens, stream.plain, LEXICONS)
    assert [scores(sheet.row(stream), head) for head in again.heads] == [scores(ours.row(stream), head) for head in HEADS]
