"""The terms of all heads as one tree of pieces, as a model file holds them: both engines read it in one pass.

A term is a beginning (`p1=`, `w~`; nothing for words that follow one another) and a rest, which is cut at its blanks; each
of these is a piece, and terms that begin alike share a path. Node 0 is the top. Nodes are numbered level by level, the
children of one node side by side in the order of their pieces. Three tensors hold this:

- `terms/pieces`: the pieces in order, as lines;
- `terms/shape`: for each node a 1 for each child and then a 0, from the lowest bit of each byte on;
- `terms/steps`: for each node but the top how many pieces stand between its own and that of the sibling before it (the
  first of siblings: before its own), in seven bits a byte, low ones first, the eighth set if more follow (LEB128).

The terms of a head are a bit for each node, 1 for those that it knows: its weights are in that order.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, compress, repeat
from operator import lt
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from framing.patterns import pattern

Path = tuple[str, ...]

BEGINNING = pattern("[^=<>~ ]+[=<>~]|")
_ONES = pattern("1+")
LONGEST = 1 << 28
"""Characters of all terms together, about: a small file must not grow into all memory."""


def path_of(term: str) -> Path:
    """The pieces of a term."""
    beginning = BEGINNING.match(term)
    assert beginning is not None
    return (beginning[0], *term[beginning.end() :].split(" "))


class Tree(NamedTuple):
    """A tree as it is written: its three tensors, how many nodes it has, the node of each term."""

    pieces: list[str]
    shape: bytes
    steps: bytes
    size: int
    nodes: dict[str, int]

    def marks(self, terms: Iterable[str]) -> bytes:
        """A bit for each node, 1 for those of the terms."""
        bits = bytearray(b"0" * self.size)
        for term in terms:
            bits[self.nodes[term]] = ord("1")
        return _packed(bits.decode())


def plant(terms: Iterable[str]) -> Tree:
    """The tree of terms, whatever their order."""
    paths = {term: path_of(term) for term in dict.fromkeys(terms)}
    pieces = sorted({piece for path in paths.values() for piece in path})
    levels, nodes = _levels(paths, {piece: n for n, piece in enumerate(pieces)})
    below = [divmod(place, len(pieces)) for level in levels for place in level]  # the node above each node but the top, and its piece
    children = Counter(parent for parent, _ in below)
    shape = "".join("1" * children[node] + "0" for node in range(1 + len(below)))
    return Tree(pieces, _packed(shape), b"".join(map(_varint, _steps(below))), 1 + len(below), nodes)


def _levels(paths: Mapping[str, Path], number: Mapping[str, int]) -> tuple[list[list[int]], dict[str, int]]:
    """For each level its places in order, of a node above and a piece as one number; and the node of each term."""
    nodes, levels, first, depth = dict.fromkeys(paths, 0), [], 1, 0
    left = list(paths.items())
    while left:
        places = [nodes[term] * len(number) + number[path[depth]] for term, path in left]
        levels.append(sorted(set(places)))
        node = {place: n for n, place in enumerate(levels[-1], first)}
        nodes.update((term, node[place]) for (term, _), place in zip(left, places, strict=True))
        first, depth = first + len(node), depth + 1
        left = [(term, path) for term, path in left if len(path) > depth]
    return levels, nodes


def _steps(below: Iterable[tuple[int, int]]) -> Iterator[int]:
    last, before = -1, -1
    for parent, piece in below:
        if parent != last:
            last, before = parent, -1
        yield piece - before - 1
        before = piece


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


def grown(pieces: Sequence[str], shape: bytes | memoryview, steps: bytes | memoryview) -> tuple[list[str], int]:
    """The text that ends at each node, and the first node whose text is a term: those before are the top and beginnings.

    ValueError or LookupError where the three do not fit.
    """
    numbers = _numbers(steps)
    bits = _bits(shape, 2 * len(numbers) + 1)
    children = bits.split("0")[:-1]
    beginnings = len(children[0])
    terms, length = [""], 0
    for parent, ones in enumerate(children):
        if parent >= len(terms) or length > LONGEST:
            raise ValueError("a node has no parent, or terms are very long")
        start = terms[parent] + " " if parent > beginnings else terms[parent]
        at = -1
        for step in numbers[len(terms) - 1 : len(terms) - 1 + len(ones)]:
            at += step + 1
            terms.append(start + pieces[at])
        length += len(ones) * len(start)
    if not len(terms) == len(children) == len(numbers) + 1:
        raise ValueError("there are other branches than nodes")
    return terms, beginnings + 1


F = TypeVar("F", covariant=True)


class Under(Protocol[F]):
    """Features that begin alike, by their last piece: their names (`Named`), or their nodes (`Branches.under`)."""

    def get(self, piece: str, default: int, /) -> F:
        """The feature that ends so."""


class Named(str):
    """What names begin with: the name is that and the last piece."""

    __slots__ = ()

    def __new__(cls, beginning: str, *pieces: str) -> Self:
        """Pieces are parted by blanks."""
        return super().__new__(cls, beginning + "".join([piece + " " for piece in pieces]))

    def get(self, piece: str, _: int, /) -> str:
        """The name that ends so."""
        return self + piece


class Walk(Protocol[F]):
    """How features are come to, many side by side: by their names (`NAMES`) or their nodes (`Branches`)."""

    def under(self, beginning: str, /, *pieces: str) -> Under[F]:
        """What begins so."""

    def below(self, way: Any, pieces: Iterable[str], /) -> Under[F]:
        """What begins so and goes on with some pieces."""

    def down(self, ways: Iterable[Any], pieces: Iterable[str], /) -> Sequence[Under[F]]:
        """A piece further on each of some ways."""

    def ends(self, ways: Iterable[Any], pieces: Iterable[str], /) -> Sequence[F]:
        """The features in which ways end, each with its last piece."""


class _Names:
    """Ways as the names that grow on them."""

    under = staticmethod(Named)

    def below(self, way: str, pieces: Iterable[str], /) -> Named:
        return Named(way, *pieces)

    def down(self, ways: Iterable[str], pieces: Iterable[str], /) -> list[Under[str]]:
        return [Named(way, piece) for way, piece in zip(ways, pieces, strict=False)]

    def ends(self, ways: Iterable[str], pieces: Iterable[str], /) -> list[str]:
        return [way + piece for way, piece in zip(ways, pieces, strict=False)]


NAMES = _Names()


@dataclass(slots=True)
class Branches:
    """A tree in memory, to be walked from piece to piece: the node of each beginning, and for each node those of its next pieces.

    Node 0 stands for every term that is not there: nothing follows it.
    """

    beginnings: dict[str, int] = field(default_factory=dict)
    children: list[dict[str, int]] = field(default_factory=lambda: [{}])

    def under(self, beginning: str, *pieces: str) -> dict[str, int]:
        """What may follow a beginning and some pieces: the next piece to its node."""
        return self.below(self.children[self.beginnings.get(beginning, 0)], pieces)

    def below(self, way: dict[str, int], pieces: Iterable[str]) -> dict[str, int]:
        """What may follow some pieces more."""
        for piece in pieces:
            way = self.children[way.get(piece, 0)]
        return way

    def down(self, ways: Iterable[dict[str, int]], pieces: Iterable[str]) -> list[Under[int]]:
        """What may follow a piece on each of some ways."""
        return list(map(self.children.__getitem__, self.ends(ways, pieces)))

    def ends(self, ways: Iterable[dict[str, int]], pieces: Iterable[str]) -> list[int]:
        """The nodes of the last pieces of ways."""
        return list(map(dict.get, ways, pieces, repeat(0)))

    def node(self, term: str) -> int:
        """The node of a term."""
        *before, last = path_of(term)
        return self.under(*before).get(last, 0)

    def add(self, term: str) -> int:
        """The node of a term, which grows if it is not there."""
        beginning, *pieces = path_of(term)
        node = self._child(self.beginnings, beginning)
        for piece in pieces:
            if not self.children[node]:
                self.children[node] = {}  # until then it shares the empty one
            node = self._child(self.children[node], piece)
        return node

    def _child(self, children: dict[str, int], piece: str) -> int:
        if piece not in children:
            children[piece] = len(self.children)
            self.children.append(self.children[0])
        return children[piece]


class Terms:
    """The terms of a file: as branches, where the pure engine looks them up, and as texts, for explanations; each made when asked for."""

    def __init__(self, read: Callable[[], tuple[Sequence[str], bytes | memoryview, bytes | memoryview]]) -> None:
        self._read = read

    @cached_property
    def branches(self) -> Branches:
        """The tree in memory."""
        return branched(*self._read())

    @cached_property
    def texts(self) -> list[str]:
        """The text that ends at each node."""
        return grown(*self._read())[0]

    @property
    def nodes(self) -> Sequence[int]:
        """All nodes."""
        return range(len(self.branches.children))

    def known(self, marks: bytes | memoryview) -> Sequence[int]:
        """The nodes that are marked, as an array: in a list Python's collector would look at each, again and again."""
        return array("I", known(marks, self.nodes, len(self.branches.beginnings) + 1))


def branched(pieces: Sequence[str], shape: bytes | memoryview, steps: bytes | memoryview) -> Branches:
    """The tree of three tensors. ValueError or LookupError where they do not fit."""
    numbers = [step + 1 for step in _numbers(steps)]
    bits = _bits(shape, 2 * len(numbers) + 1)
    if " " in "".join(pieces) or not all(map(lt, pieces, pieces[1:])):
        raise ValueError("pieces are not in order, or hold blanks")
    nothing: dict[str, int] = {}
    children = [nothing] * (len(numbers) + 1)
    piece, end = ["", *pieces].__getitem__, 1
    for run in _ONES.finditer(bits):
        first, end = end, end + len(run[0])
        parent = run.start() - (first - 1)  # as many noughts stand before it
        if parent >= first:
            raise ValueError("a node has no parent")
        children[parent] = dict(zip(map(piece, accumulate(numbers[first - 1 : end - 1])), range(first, end), strict=True))
    if end != len(children) or bits.endswith("1"):
        raise ValueError("there are other branches than nodes")
    beginnings, children[0] = children[0], nothing
    if not all(map(BEGINNING.fullmatch, beginnings)):
        raise ValueError("a beginning is none")
    return Branches(beginnings, children)


T = TypeVar("T")


def known(marks: bytes | memoryview, terms: Sequence[T], first: int) -> list[T]:
    """The terms that are marked, of those that `grown` gives, or of their nodes."""
    bits = _bits(marks, len(terms))
    if "1" in bits[:first]:
        raise ValueError("a beginning is no term")
    return list(compress(terms, bits.encode().translate(bytes.maketrans(b"01", b"\0\1"))))


def _numbers(steps: bytes | memoryview) -> list[int]:
    numbers, low, shift = [], 0, 0
    for byte in steps:
        if byte < 128 and not shift:  # nearly all
            numbers.append(byte)
            continue
        low |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(low)
            low = shift = 0
        elif shift > 28:
            raise ValueError("a step is too long")
    if shift:
        raise ValueError("the last step is not whole")
    return numbers


def _packed(bits: str) -> bytes:
    """Noughts and ones as bytes, the first the lowest bit of the first."""
    return int(bits[::-1] or "0", 2).to_bytes((len(bits) + 7) // 8, "little")


def _bits(data: bytes | memoryview, count: int) -> str:
    """As many noughts and ones, in as many bytes as they need, with noughts behind."""
    bits = format(int.from_bytes(data, "little"), f"0{8 * len(data)}b")[::-1]
    if len(data) != (count + 7) // 8 or "1" in bits[count:]:
        raise ValueError("there are other bits than nodes")
    return bits[:count]
