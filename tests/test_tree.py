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


def test_a_beginning_ends_at_its_first_sign_and_holds_no_blank() -> None:
    for sign in "=<>~":
        assert tree.path_of(f"a{sign}b") == (f"a{sign}", "b")
        assert tree.path_of(f"{sign}b") == ("", f"{sign}b")
        assert tree.path_of(f"a b{sign}c") == ("", "a", f"b{sign}c")
        for other in "=<>~":
            assert tree.path_of(f"a{sign}b{other}c") == (f"a{sign}", f"b{other}c")


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


@given(st.lists(ANY_TERM, max_size=40), ANY_TERM)
def test_terms_are_found_by_walking(terms: list[str], other: str) -> None:
    made = tree.plant(terms)
    read_once = tree.Terms(lambda: (made.pieces, made.shape, made.steps))
    branches = read_once.branches
    assert {term: branches.node(term) for term in terms} == made.nodes
    assert branches.node(other) == made.nodes.get(other, branches.node(other) if any(is_under(other, term) for term in terms) else 0)
    assert (read_once.texts, read_once.nodes) == (read(made)[0], range(made.size))
    assert list(read_once.known(made.marks(terms[::2]))) == sorted({made.nodes[term] for term in terms[::2]})
    again = tree.Branches()
    assert [again.add(term) for term in terms] == [again.node(term) for term in terms] == [again.add(term) for term in terms]
    assert again.children[0] == {} == branches.children[0] and len(again.children) == made.size
    assert len({again.node(term) for term in terms}) == len(set(terms))


def is_under(term: str, other: str) -> bool:
    """Whether a term stands on the way to another."""
    path = tree.path_of(term)
    return tree.path_of(other)[: len(path)] == path


def test_branches_that_grow_are_numbered_as_they_come() -> None:
    branches = tree.Branches()
    assert [branches.add(term) for term in ("may be", "p1=the", "may", "may be a")] == [3, 5, 2, 6]
    assert branches.beginnings == {"": 1, "p1=": 4}
    assert branches.under("") == {"may": 2} and branches.under("", "may") == {"be": 3} and branches.under("p1=", "no", "the") == {}
    assert branches.children[6] is branches.children[0]


def test_the_order_of_terms_changes_no_byte() -> None:
    shuffled = TERMS * 2
    random.Random(1).shuffle(shuffled)
    assert tree.plant(shuffled) == tree.plant(TERMS)


def test_far_pieces_take_more_bytes() -> None:
    terms = [f"w{n:05}" for n in range(40_000)] + ["w00001 w00300", "w00001 w39999"]
    made = tree.plant(terms)
    assert read(made)[0][-2:] == terms[-2:]
    assert tree.branched(made.pieces, made.shape, made.steps).node(terms[-1]) == made.nodes[terms[-1]]


def test_a_step_has_seven_bits_a_byte() -> None:
    lengths = {0: 1, 1: 1, 127: 1, 128: 2, 129: 2, 16_383: 2, 16_384: 3, 1 << 28: 5, (1 << 35) - 1: 5}
    for number, length in lengths.items():
        written = tree._varint(number)
        assert (len(written), tree._numbers(written), tree._numbers(b"\x05" + written + b"\x07")) == (length, [number], [5, number, 7])
    for wrong in (tree._varint(1 << 35), b"\x80", b"\x01\xff"):
        with pytest.raises(ValueError, match="step"):
            tree._numbers(wrong)


def test_bits_lie_from_the_lowest_on() -> None:
    assert [tree._packed(bits) for bits in ("", "1", "01", "000000001", "11111111")] == [b"", b"\1", b"\2", b"\0\1", b"\xff"]
    assert [tree._bits(b"\5\1", count) for count in (9, 10)] == ["101000001", "1010000010"]
    for data, count in ((b"\5", 2), (b"\5", 9), (b"\5\0", 8), (b"", 1)):
        with pytest.raises(ValueError, match="other bits"):
            tree._bits(data, count)


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
    for reader in (tree.grown, tree.branched):
        with pytest.raises((ValueError, LookupError)):
            reader(["", "a", "b", "c"], bytes(shape), bytes(steps))


@pytest.mark.parametrize("pieces", [["", "b", "a", "c"], ["", "a", "a", "c"], ["", "a", "b", "c d"], ["a", "b", "c", "d"]])
def test_pieces_are_in_order_without_blanks_and_the_first_may_begin(pieces: list[str]) -> None:
    with pytest.raises(ValueError, match=r"pieces are not in order|a beginning is none"):
        tree.branched(pieces, bytes([0b01101101, 0]), bytes([0, 1, 0, 2, 0]))


def test_every_node_has_a_parent_before_it() -> None:
    assert tree.branched(["", "a"], tree._packed("10100"), bytes([0, 1])).node("a") == 2
    for shape in ("01100", "10010", "10101", "10000"):  # the top has no child; a node comes before its parent; a child too many; too few
        for reader in (tree.grown, tree.branched):
            with pytest.raises((ValueError, LookupError)):
                reader(["", "a"], tree._packed(shape), bytes([0, 0]))


def test_beginnings_are_no_terms() -> None:
    made = tree.plant(["b"])
    grown, first = read(made)
    terms = tree.Terms(lambda: (made.pieces, made.shape, made.steps))
    for bits in (1, 2):
        with pytest.raises(ValueError, match="a beginning is no term"):
            tree.known(bytes([bits]), grown, first)
        with pytest.raises(ValueError, match="a beginning is no term"):
            terms.known(bytes([bits]))


def test_a_small_file_does_not_fill_the_memory() -> None:
    deep = "10" * 100_000 + "0"  # a node below the other, each with a longer term
    with pytest.raises(ValueError, match="very long"):
        tree.grown(["a" * 100], tree._packed(deep), bytes(100_000))
