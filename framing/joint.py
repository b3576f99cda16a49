"""Heads side by side: what a text holds is looked up once for all of them.

`Head.values` and `Linear` say what a score is, feature by feature, for training and for explanations. Here the same sums are
made for classifying: the terms of all heads are one tree, in which words are walked without writing their n-grams as
text; a feature is then a *node*, a number, and each head knows the rows of its weights by nodes. A `Sheet` holds the nodes
of a text; sentences are pieces of it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, repeat
from operator import itemgetter, mul
from typing import NamedTuple

from framing.features import OPENS, Stream, categories, windowed
from framing.heads import Head
from framing.lexicon import Lexicon
from framing.linear import Linear, LinearOfTree, Numbers
from framing.tree import Branches

REMEMBERED = 1 << 16
"""Features of which is remembered where they are."""


class Part(NamedTuple):
    """The nodes of the features of a family: those that occur once, and those that occur n times, with the square roots of n."""

    once: Sequence[int] = ()
    again: Sequence[int] = ()
    roots: Sequence[float] = ()


NOTHING = Part()


def part(found: Iterable[int]) -> Part:
    """The known ones among nodes, as often as they were found."""
    nodes = list(filter(None, found))
    if not nodes:
        return NOTHING
    if len(set(nodes)) == len(nodes):
        return Part(nodes)
    counts = Counter(nodes)
    often = [node for node, n in counts.items() if n > 1]
    return Part([node for node, n in counts.items() if n == 1], often, [math.sqrt(counts[node]) for node in often])


class Bags:
    """Features of several streams one behind another, each a list of parts, so that a head weighs all in a few steps."""

    def __init__(self, rows: Iterable[Sequence[Part]]) -> None:
        self.once = [0, 0]  # of two at the least an itemgetter gives a tuple
        self.again = [0, 0]
        self.roots = [0.0, 0.0]
        self.bounds: list[tuple[int, int, int, int]] = []
        for row in rows:
            low, least = len(self.once), len(self.again)
            for one in row:
                self.once += one.once
                self.again += one.again
                self.roots += one.roots
            self.bounds.append((low, len(self.once), least, len(self.again)))


class Weights:
    """The weights of a head by node; those that it does not know are led to noughts. What belongs to one lies together: memory is slow."""

    def __init__(self, numbers: Numbers, size: int) -> None:
        columns = [numbers.idf, *(map(mul, row, numbers.idf) for row in numbers.coef)]
        width = len(columns)
        table = memoryview(array("d", chain([0.0] * width, chain.from_iterable(zip(*columns, strict=True)))))
        self.place = array("i", [0]) * size
        for row, node in enumerate(numbers.nodes, 1):
            self.place[node] = row * width
        self.idf, *self.weights = (table[n:] for n in range(width))
        self.intercept = numbers.intercept

    def scores(self, bags: Bags) -> list[list[float] | None]:
        """The score of each label for each bag, or None where no feature is known: the sums of `Linear`, in the order of the text."""
        once = itemgetter(*itemgetter(*bags.once)(self.place))
        again = itemgetter(*itemgetter(*bags.again)(self.place))
        idf, more = once(self.idf), list(map(mul, bags.roots, again(self.idf)))
        lengths = [math.hypot(*idf[low:high], *more[least:most]) for low, high, least, most in bags.bounds]
        columns = []
        for row, base in zip(self.weights, self.intercept, strict=True):
            weights, more = once(row), list(map(mul, bags.roots, again(row)))
            sums = [sum(weights[low:high]) + sum(more[least:most]) for low, high, least, most in bags.bounds]
            columns.append([total / length + base if length else 0.0 for total, length in zip(sums, lengths, strict=True)])
        return [list(row) if length else None for length, row in zip(lengths, zip(*columns, strict=True), strict=True)]


class _Remembered(dict[str, int]):
    """What was found out about words; too many, and it is forgotten, all at once."""

    def __init__(self, find: Callable[[str], int]) -> None:
        self.find = find

    def __missing__(self, word: str) -> int:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[word] = self.find(word)
        return found


class Joint:
    """Heads over one tree of terms, made when it is first used."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self.heads = tuple(heads)
        self._categories: dict[tuple[str, str], list[int]] = {}

    @cached_property
    def branches(self) -> Branches:
        """The terms of all heads."""
        return self._whole[0]

    @cached_property
    def node(self) -> Callable[[str], int]:
        """The node of a feature by its name."""
        return _Remembered(self.branches.node).__getitem__

    @cached_property
    def weights(self) -> dict[str, Weights]:
        """The weights of each head by its name."""
        return {name: Weights(numbers, len(self.branches.children)) for name, numbers in self._whole[1].items()}

    @cached_property
    def _whole(self) -> tuple[Branches, dict[str, Numbers]]:
        named = {head.name: head.linear for head in self.heads}
        shared = [linear for linear in named.values() if isinstance(linear, LinearOfTree)]
        if shared and len(shared) == len(named) and all(linear.terms is shared[0].terms for linear in shared):
            return shared[0].terms.branches, {name: linear.numbers for name, linear in zip(named, shared, strict=True)}
        branches = Branches()
        return branches, {name: _planted(branches, linear) for name, linear in named.items()}

    def __reduce__(self) -> tuple[type[Joint], tuple[tuple[Head, ...]]]:
        """It is sent to other processes as its heads."""
        return Joint, (self.heads,)

    @cached_property
    def families(self) -> dict[str, list[tuple[str, str]]]:
        """The families of each head with their arguments, n-grams of words by their length."""
        return {head.name: [one for family in head.families for one in _apart(family)] for head in self.heads}

    def categories(self, lexicon: str, value: str) -> list[int]:
        """The nodes of a term's category and strength; a lexicon has few of them."""
        if (lexicon, value) not in self._categories:
            self._categories[lexicon, value] = [self.node(name) for name in categories(lexicon, value)]
        return self._categories[lexicon, value]

    @cached_property
    def prefixes(self) -> Mapping[str, int]:
        """The node of the beginning of each word that is long enough."""
        return _Remembered(lambda word: self.node("p=" + word[:4]) if len(word) > 4 else 0)

    @cached_property
    def suffixes(self) -> Mapping[str, int]:
        """The node of the ending of each word that is long enough."""
        return _Remembered(lambda word: self.node("s=" + word[-3:]) if len(word) > 4 else 0)

    def scores(self, head: Head, rows: Iterable[Sequence[Part]]) -> list[list[float] | None]:
        """The score of each label of a head for each row of parts, or None where no feature is known."""
        return self.weights[head.name].scores(Bags(rows))

    def decided(self, head: Head, rows: Iterable[Sequence[Part]]) -> list[list[float]]:
        """Likewise, but the bare intercepts where no feature is known."""
        return [list(head.linear.intercept) if scores is None else scores for scores in self.scores(head, rows)]


def _apart(family: str) -> list[tuple[str, str]]:
    kind, _, argument = family.partition(":")
    if kind != "words":
        return [(kind, argument)]
    low, high = map(int, argument.split("-"))
    return [(kind, str(n)) for n in range(low, high + 1)]


def _planted(branches: Branches, linear: Linear) -> Numbers:
    rows = sorted(linear.vocabulary.items(), key=itemgetter(1))
    return Numbers([branches.add(term) for term, _ in rows], linear.idf, linear.coef, linear.intercept)


class Sheet:
    """A row of tokens as nodes of a joint: what streams that are pieces of it share."""

    def __init__(self, joint: Joint, tokens: Sequence[str], plain: Sequence[str], lexicons: Mapping[str, Lexicon]) -> None:
        self.joint, self.tokens, self.plain, self.lexicons = joint, tokens, plain, lexicons
        self._grams = [list(map(joint.branches.under("").get, tokens, repeat(0)))]
        self._found: dict[tuple[str, str], tuple[list[int], list[tuple[int, list[int]]]]] = {}

    def row(self, stream: Stream) -> Row:
        """A stream's nodes."""
        return self.rows([stream])[0]

    def rows(self, streams: Iterable[Stream]) -> list[Row]:
        """The nodes of streams: those of this sheet where one is a piece of it; all others share a sheet, one behind another."""
        asked = [(stream, self._place(stream)) for stream in streams]
        others = [stream for stream, place in asked if place is None]
        tokens = list(chain.from_iterable(stream.tokens for stream in others))
        plain = list(chain.from_iterable(stream.plain or stream.tokens for stream in others))
        beside = Sheet(self.joint, tokens, plain, self.lexicons) if others else self
        ends = accumulate(len(stream.tokens) for stream in others)
        rows = (Row(beside, stream, end - len(stream.tokens), end) for stream, end in zip(others, ends, strict=True))
        return [Row(self, stream, place.start, place.stop) if place is not None else next(rows) for stream, place in asked]

    def _place(self, stream: Stream) -> range | None:
        return stream.index if isinstance(stream.index, range) and stream.index.stop <= len(self.tokens) else None

    def grams(self, n: int) -> list[int]:
        """The n-gram that begins at each token."""
        grams, after = self._grams, self.joint.branches.children.__getitem__
        while len(grams) < n:
            grams.append(list(map(dict.get, map(after, grams[-1]), self.tokens[len(grams) :], repeat(0))))
        return grams[n - 1]

    @cached_property
    def affixes(self) -> tuple[list[int], list[int]]:
        """The beginning and the ending of each token that `features` takes them of."""
        begin, end = self.joint.prefixes, self.joint.suffixes
        tokens = ["" if before in OPENS else token for before, token in zip(["", *self.tokens], self.tokens, strict=False)]
        return list(map(begin.__getitem__, tokens)), list(map(end.__getitem__, tokens))

    def found(self, kind: str, lexicon: str) -> tuple[list[int], list[tuple[int, list[int]]]]:
        """Where the terms of a lexicon begin; where each ends, and the nodes of its categories."""
        key = kind, lexicon
        if key not in self._found:
            matches = self.lexicons[lexicon].matches(self.plain if kind == "terms" else self.tokens)
            ends = [(end, self.joint.categories(lexicon, value)) for _, end, value in matches]
            self._found[key] = [start for start, _, _ in matches], ends
        return self._found[key]


class Row:
    """A stream's features as nodes, family by family."""

    def __init__(self, sheet: Sheet, stream: Stream, first: int, end: int) -> None:
        self.sheet, self.stream, self.first, self.end = sheet, stream, first, end
        self._parts: dict[tuple[str, str], Part] = {}

    def parts(self, head: Head) -> list[Part]:
        """The parts of a head's families."""
        families, made = self.sheet.joint.families[head.name], self._parts
        for family in families:
            if family not in made:
                made[family] = part(self._nodes(*family))
        return [made[family] for family in families]

    def _nodes(self, kind: str, argument: str) -> Iterable[int]:
        """The nodes of a family, as `features.FAMILIES` has it."""
        first, end = self.first, self.end
        if kind == "words":
            return self.sheet.grams(int(argument))[first : max(first, end - int(argument) + 1)]
        if kind == "affixes":
            return [node for nodes in self.sheet.affixes for node in nodes[first + 1 : end]]
        if kind in ("lexicon", "terms") and (kind == "lexicon" or self.stream.plain):
            starts, found = self.sheet.found(kind, argument)
            inside = found[bisect_left(starts, first) : bisect_left(starts, end)]
            return [node for stop, nodes in inside if stop <= end for node in nodes]
        if kind == "window":
            return windowed(self.stream.tokens, self.stream.focus, int(argument), self.sheet.joint.branches.under)[0]
        names = (name for run in self.stream.runs(f"{kind}:{argument}" if argument else kind) for name in run.names)
        return map(self.sheet.joint.node, names)
