"""Terms are found where they stand, the longest first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from framing.lexicon import Lexicon, key

LEXICON = Lexicon({"at long last": "relief", "at": "place", "long": "size", "last": "order"})
WORDS = st.lists(st.sampled_from(["at", "long", "last", "the"]), max_size=12)


def test_all_terms_longest_first() -> None:
    assert LEXICON.matches(["and", "at", "long", "last"]) == [(1, 4, "relief"), (1, 2, "place"), (2, 3, "size"), (3, 4, "order")]


def test_no_term_runs_over_the_end() -> None:
    assert LEXICON.matches(["at", "long"]) == [(0, 1, "place"), (1, 2, "size")]
    assert LEXICON.matches([]) == []


@given(WORDS)
def test_matches_are_every_stretch_that_is_a_term(words: list[str]) -> None:
    stretches = [(i, j) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    wanted = {(i, j, LEXICON.terms[" ".join(words[i:j])]) for i, j in stretches if " ".join(words[i:j]) in LEXICON.terms}
    found = LEXICON.matches(words)
    assert len(found) == len(set(found)) and set(found) == wanted


def test_keys_are_written_as_tokens() -> None:
    assert key("It’s  NOT, over") == "it's not , over"
    assert Lexicon({key("Don’t"): "no"}).matches(["don't"]) == [(0, 1, "no")]


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Lexicon({}).matches(["at"]) == []
