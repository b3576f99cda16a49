"""The tree of terms in a model file."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing import tree

TERMS = ["bias", "may", "may be", "may be a", "the", "p1=the", "p1=", "w~at least the", "c= th", "l2=a b", "<s>", "= b", "a=b c", "", " "]
ANY_TERM = st.text(st.sampled_from("ab é=<>~") | st.characters(exclude_categories=["Cs"]), max_size=9)


def read(made: tree.Tree) -> tuple[list[str], int]:
    return tree.grown(made.pieces, made.shape, made.steps)


def test_a_term_is_a_beginning_and_its_pieces() -> None:
    assert [tree.path_of(term) for term in ("may be", "p1=the", "w~at least the", "<s>", "c= th", "bias")] == [
        ("", "may", "be"),
        ("p1=", "the"),
        ("w~", "at", "least", "the"),
        ("", "<s>"),
        ("c=", "", "th"),
        ("", "bias"),
    ]


def test_a_small_tree_bit_by_bit() -> None:
    made = tree.plant(["b", "a c", "a b"])
    assert (made.pieces, made.size, made.nodes) == (["", "a", "b", "c"], 6, {"b": 3, "a b": 4, "a c": 5})
    # the top has one child (the beginning ""), that two ("a", "b"), "a" two ("b", "c"), the rest none
    assert made.shape == bytes([0b01101101, 0b000])
    assert made.steps == bytes([0, 1, 0, 2, 0])


@given(st.lists(ANY_TERM, max_size=40))
def test_terms_survive_whatever_they_are(terms: list[str]) -> None:
    made = tree.plant(terms)
    grown, first = read(made)
    assert {term: grown[node] for term, node in made.nodes.items()} == {term: term for term in terms}
    assert sorted(tree.known(made.marks(terms[::2]), grown, first)) == sorted(set(terms[::2]))


def test_the_order_of_terms_changes_no_byte() -> None:
    shuffled = TERMS * 2
    random.Random(1).shuffle(shuffled)
    assert tree.plant(shuffled) == tree.plant(TERMS)


def test_far_pieces_take_more_bytes() -> None:
    terms = [f"w{n:05}" for n in range(40_000)] + ["w00001 w00300", "w00001 w39999"]
    assert read(tree.plant(terms))[0][-2:] == terms[-2:]


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ([0b01101101, 0b100], [0, 1, 0, 2, 0]),  # a bit behind the last
        ([0b01101101], [0, 1, 0, 2, 0]),  # bits are missing
        ([0b01101101, 0, 0], [0, 1, 0, 2, 0]),  # and too many
        ([0b10110110, 0b001], [0, 1, 0, 2, 0]),  # the top has no child
        ([0b01101101, 0], [0, 1, 0, 3, 0]),  # a piece that is not there
        ([0b01101101, 0], [0, 1, 0, 0x82, 0]),  # a step less, by one that runs on
        ([0b01101101, 0], [0, 1, 0, 2, 0x80]),  # the last runs on
        ([0b01101101, 0], [0, 1, 0, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),  # a step without end
    ],
)
def test_what_is_no_tree_is_refused(shape: list[int], steps: list[int]) -> None:
    with pytest.raises((ValueError, LookupError)):
        tree.grown(["", "a", "b", "c"], bytes(shape), bytes(steps))


def test_beginnings_are_no_terms() -> None:
    made = tree.plant(["b"])
    grown, first = read(made)
    for bits in (1, 2):
        with pytest.raises(ValueError, match="a beginning is no term"):
            tree.known(bytes([bits]), grown, first)


def test_a_small_file_does_not_fill_the_memory() -> None:
    deep = "10" * 100_000 + "0"  # a node below the other, each with a longer term
    with pytest.raises(ValueError, match="very long"):
        tree.grown(["a" * 100], tree._packed(deep), bytes(100_000))
