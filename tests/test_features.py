"""Views and streams: tokens that line up, families that count what they say."""

from __future__ import annotations

import pytest
from awkward import TEXTS
from hypothesis import given

from framing import features
from framing.features import FAMILIES, TARGET_TOKEN, TITLE_END, Stream, around, article, as_one, author, ngrams, sentence, view
from framing.lexicon import Lexicon

pytestmark = pytest.mark.filterwarnings("ignore::framing.text.FramingWarning")
LEXICONS = {"L": Lexicon({"at last": "praise:2"})}


def counts(tokens: list[str], family: str, focus: tuple[int, int] | None = None) -> dict[str, int]:
    return dict(Stream(tokens, range(len(tokens)), LEXICONS, focus).counts(family))


@given(TEXTS)
def test_a_view_lines_up(text: str) -> None:
    seen = view(text)
    assert len(seen.starts) == len(seen.ends) == len(seen.words) == len(seen.folded)
    assert len(seen.sentences) == len(seen.voices) == len(seen.bounds)
    assert [token for first, end in seen.bounds for token in range(first, end)] == list(range(len(seen.words)))
    for token, word in enumerate(seen.words):
        assert len(seen.surface(token)) == len(word)
        start, end = seen.place(token, token + 1)
        assert 0 <= start < end <= len(text)


@given(TEXTS)
def test_every_family_covers_tokens_of_its_stream(text: str) -> None:
    seen = view(text)
    stream = article(seen, ("the", "title"), LEXICONS)
    stream.focus = (0, 1)
    for family in ("words:1-3", "affixes", "chars:3-5", "lexicon:L", "terms:L", "sides:L", "window:4", "quotes"):
        for run in stream.runs(family):
            assert all(0 <= run.span(k)[0] < run.span(k)[1] <= len(stream.tokens) for k in range(len(run.names)))
        assert sum(stream.counts(family).values()) == sum(len(run.names) for run in stream.runs(family))


def test_words() -> None:
    assert counts(["a", "b", "a", "b"], "words:1-2") == {"a": 2, "b": 2, "a b": 2, "b a": 1}
    assert counts(["a"], "words:2-3") == {}
    assert list(ngrams(["a", "b", "c"], 3)) == ["a b c"]


def test_affixes_are_of_words_from_five_letters() -> None:
    assert counts(["they", "overturned", "the"], "affixes") == {"p=over": 1, "s=ned": 1}


def test_affixes_leave_out_first_words_that_may_be_names() -> None:
    assert counts(["baker", "left", ".", "sullivan", "left"], "affixes") == {}
    assert counts(["it", "left", ",", "baker", "ran"], "affixes") == {"p=bake": 1, "s=ker": 1}


def test_chars_stay_inside_a_word_and_its_edges() -> None:
    assert counts(["ab", "c"], "chars:3-4") == {"c= ab": 1, "c=ab ": 1, "c= ab ": 1, "c= c ": 1}


def test_lexicon_counts_category_and_strength() -> None:
    assert counts(["at", "last"], "lexicon:L") == {"L=praise": 1, "L=praise:2": 1}


def test_terms_are_found_in_words_whose_names_are_not_masked() -> None:
    seen = view("Yesterday the Federal Reserve met.")
    stream = article(seen, (), {"L": Lexicon({"federal reserve": "economic"})})
    assert "federal" not in stream.tokens and not stream.counts("lexicon:L")
    (run,) = stream.runs("terms:L")
    assert run.names == ["L=economic"] and run.span(0) == (2, 4)


def test_terms_behind_a_title_keep_their_places() -> None:
    (run,) = article(view("It came at last."), ("big", "storm"), LEXICONS).runs("terms:L")
    assert run.names == ["L=praise", "L=praise:2"] and [run.span(k) for k in range(2)] == [(5, 7)] * 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("vile X", {"L=bad", "L=bad:l", "L=bad:la"}),
        ("X was vile", {"L=bad", "L=bad:r", "L=bad:ra"}),
        ("X was not vile", {"L=bad", "L=!bad:r", "L=!bad:ra"}),
        ("X isn't so vile", {"L=bad", "L=!bad:r", "L=!bad:ra"}),
        ("vile no more is X", {"L=bad", "L=bad:l", "L=bad:lb"}),
        ("never did we call the X of so many old tales told in here vile", {"L=bad", "L=bad:r", "L=bad:rc"}),
    ],
)
def test_sides_tell_side_negation_and_distance(text: str, names: set[str]) -> None:
    tokens = text.split()
    focus = tokens.index("X")
    stream = Stream(tokens, range(len(tokens)), {"L": Lexicon({"vile": "bad"})}, (focus, focus + 1))
    assert set(stream.counts("sides:L")) == names
    (run,) = stream.runs("sides:L")
    assert {run.span(k) for k in range(len(run.names))} == {(tokens.index("vile"), tokens.index("vile") + 1)}


def test_sides_without_a_target_are_none() -> None:
    assert counts(["at", "last"], "sides:L") == {}


def test_window_names_sides_and_distances() -> None:
    found = counts(["a", "b", "X", "c"], "window:2", (2, 3))
    assert {"l1=b", "l2=a", "r1=c", "l=a", "l=b", "r=c"} <= found.keys()
    assert counts(["a", "b"], "window:2") == {}


def test_title_stands_before_the_text() -> None:
    stream = article(view("Rain fell."), ("big", "storm"), {})
    assert list(stream.tokens) == ["big", "storm", TITLE_END, "rain", "fell", "."]
    assert list(stream.index) == [-1, -1, -1, 0, 1, 2]


def test_author_reads_no_quotation() -> None:
    seen = view("He called it “a shameless lie” on Monday.")
    assert "shameless" in sentence(seen, 0, {}).tokens
    assert "shameless" not in author(seen, 0, {}).tokens and "called" in author(seen, 0, {}).tokens


def test_around_masks_the_target() -> None:
    seen = view("Yesterday the corrupt Jane Doe lied.")
    stream = around(seen, 0, (3, 5), {})
    assert list(stream.tokens) == ["yesterday", "the", "corrupt", TARGET_TOKEN, "lied", "."] and stream.focus == (3, 4)


def test_as_one_joins_sentences() -> None:
    seen = as_one(view("One is here. Two is there."))
    assert len(seen.sentences) == len(seen.voices) == 1 and seen.bounds == [(0, 8)]


def test_the_families_are_those_of_the_docstring() -> None:
    said = {
        line.strip("` ").partition("``")[0].partition(":")[0] for line in (features.__doc__ or "").splitlines() if line.startswith("``")
    }
    assert said == set(FAMILIES)
