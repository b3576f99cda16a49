"""Cues: words that hedge, stay inexact or name a source, each judged in its context.

Candidates are the terms of the cue lexicon wherever they stand. A binary head says of each whether it is a cue here (one
head for the five hedging types, one each for approximator, vague and attribution), a second one which hedging type it
has. The longest candidate that is a cue wins its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import repeat
from math import prod
from typing import Generic, NamedTuple

from framing import sentences as cutting
from framing.features import Run, Stream, View, set_cues
from framing.heads import Head
from framing.joint import Joint, Part, part
from framing.lexicon import Lexicon
from framing.linear import sigmoid, softmax
from framing.patterns import pattern
from framing.tree import F, Named, Under
from framing.types import HEDGE_TYPES, Cue

GROUPS: dict[str, tuple[str, ...]] = {
    "hedge": HEDGE_TYPES,
    "approximator": ("approximator",),
    "vague": ("vague",),
    "attribution": ("attribution",),
}
"""The binary cue heads with the types they find."""

CONTEXT = "context"
"""The family of features of cue heads."""

# Words anywhere in the sentence that bear on a modal verb.
ELSEWHERE = frozenset(
    [
        *("if", "unless", "were", "had", "without", "otherwise", "provided", "until", "once"),
        *("would", "could", "might", "should", "will", "can", "may", "must"),
    ]
)
# The nearest of these on either side tells which clause a candidate stands in.
CLAUSE = frozenset(
    [
        "after", "although", "and", "as", "because", "before", "but", "how", "if", "or", "since", "so", "than", "that", "though",
        "unless", "until", "what", "when", "where", "whether", "which", "while", "who", "whom", "whose", "why",
    ]
)
# With words in -ed, whether a clause tells of the past, where "could" is ability and "would" habit.
PAST = frozenset(
    [
        "became", "began", "bought", "brought", "built", "came", "did", "felt", "found", "fell", "gave", "got", "had", "held", "kept",
        "knew", "left", "lost", "made", "met", "ran", "read", "rose", "said", "saw", "sent", "sold", "spent", "stood", "told", "took",
        "was", "went", "were", "won", "wrote",
    ]
)
PRESENT = frozenset(
    [
        "'s", "am", "are", "do", "does", "has", "is", "it's", "say", "says",
    ]
)
NUMERALS = frozenset(
    [
        "$", "£", "€", "billion", "dozen", "eight", "eighteen", "eighty", "eleven", "fifteen", "fifty", "five", "forty", "four",
        "fourteen", "half", "hundred", "million", "nine", "nineteen", "ninety", "one", "quarter", "seven", "seventeen", "seventy",
        "six", "sixteen", "sixty", "ten", "third", "thirteen", "thirty", "thousand", "three", "twelve", "twenty", "two",
    ]
)
# Quantifiers that make the noun after them vague: the cue reaches to that noun.
QUANTIFIERS = frozenset(["some", "many", "several", "most", "few", "numerous", "various", "countless", "certain", "other"])
NO_CUE = 0.002
"""Probability of hedged where a sentence holds no candidate at all: 1 in 500 such sentences of Szeged's Wikipedia is hedged."""

REACH = 4
FAR = 40
"""Words on either side that a candidate's context reaches to; a sentence of news has about 25."""
_LOWER, _UPPER, _DIGIT = pattern("[a-z]+"), pattern("[A-Z]+"), pattern(r"\d+")


class Candidate(NamedTuple):
    """Tokens first to end of sentence `sentence` that are a term of the lexicon, with the types it may have."""

    first: int
    end: int
    sentence: int
    term: str
    types: tuple[str, ...]


class Found(NamedTuple):
    """A candidate that was judged: its group, its type and the probability that it is a cue of it."""

    candidate: Candidate
    group: str
    type: str
    probability: float


@dataclass(frozen=True)
class CueModel:
    """The cue heads and their lexicon (term to its types, joined by semicolons)."""

    lexicon: Lexicon
    heads: Mapping[str, Head]

    def __reduce__(self) -> tuple[type[CueModel], tuple[Lexicon, Mapping[str, Head]]]:
        """It is sent to other processes without what it remembers: nodes are others there."""
        return CueModel, (self.lexicon, self.heads)

    @cached_property
    def joint(self) -> Joint:
        """The heads side by side."""
        return Joint(self.heads.values())

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], list[str]]:
        return {}

    @cached_property
    def _places(self) -> dict[tuple[str, tuple[str, ...]], Places[int]]:
        return {}

    def judge(self, seen: View) -> list[Found]:
        """Every candidate of the text under every group that knows it, in order of place."""
        places = list(candidates(seen, self.lexicon))
        rows = [[part(_context(seen, one, self._look(one)))] for one in places]
        answers: dict[tuple[int, str], Found] = {}
        for group in GROUPS:
            asked = [n for n, one in enumerate(places) if group in self.groups(one.types)]
            if asked:
                scores = self.joint.decided(self.heads[group], [rows[n] for n in asked])
                kinds = self._kinds(group, [places[n] for n in asked], [rows[n] for n in asked])
                judged = zip(asked, kinds, scores, strict=True)
                answers |= {(n, group): Found(places[n], group, kind, sigmoid(score[0])) for n, kind, score in judged}
        return [answers[n, group] for n, one in enumerate(places) for group in self.groups(one.types)]

    def _look(self, candidate: Candidate) -> Places[int]:
        key = candidate.term, candidate.types
        if key not in self._places:
            self._places[key] = Places(self.joint.branches.under, *key)
        return self._places[key]

    def groups(self, types: tuple[str, ...]) -> list[str]:
        """The groups with a head that a candidate's types belong to."""
        if types not in self._groups:
            self._groups[types] = [group for group, own in GROUPS.items() if group in self.heads and any(t in own for t in types)]
        return self._groups[types]

    def _kinds(self, group: str, places: Sequence[Candidate], rows: Sequence[Sequence[Part]]) -> list[str]:
        """The type of each candidate as a cue of a group."""
        head = self.heads.get("hedge_type") if group == "hedge" else None
        if head is None:
            return [next(t for t in one.types if t in GROUPS[group]) for one in places]
        allowed = [[t for t in head.labels if t in one.types] or list(head.labels) for one in places]
        unsure = [n for n, types in enumerate(allowed) if len(types) > 1]
        answers = [types[0] for types in allowed]
        for n, row in zip(unsure, self.joint.decided(head, [rows[n] for n in unsure]), strict=True):
            scores = dict(zip(head.labels, row, strict=True))
            chances = dict(zip(allowed[n], softmax([scores[t] for t in allowed[n]]), strict=True))
            answers[n] = max(allowed[n], key=chances.__getitem__)
        return answers

    def select(self, found: Iterable[Found]) -> list[Found]:
        """The cues: over their group's threshold, none overlapping, the longest first and then the surest."""
        sure = [item for item in found if item.probability >= self.heads[item.group].thresholds[0]]
        sure.sort(key=lambda item: (item.candidate.first - item.candidate.end, -item.probability, item.candidate.first))
        taken: set[int] = set()
        chosen = []
        for item in sure:
            tokens = range(item.candidate.first, item.candidate.end)
            if taken.isdisjoint(tokens):
                taken.update(tokens)
                chosen.append(item)
        return sorted(chosen, key=lambda item: item.candidate.first)


def together(chances: Iterable[float]) -> float:
    """The probability that not every one is mistaken: one cue more never lowers it."""
    return 1 - prod(1 - chance for chance in chances)


def hedges(found: Iterable[Found], chosen: Iterable[Found]) -> float:
    """How probable it is that a sentence is hedged, from its candidates and its cues: as its cues together, or as its surest candidate."""
    surest = max((item.probability for item in found if item.group == "hedge"), default=NO_CUE)
    return max(surest, together(item.probability for item in chosen if item.group == "hedge"))


def as_cues(seen: View, chosen: Sequence[Found], text: str) -> list[Cue]:
    """Cues with the caller's offsets and the voice of their first character."""
    ends = _reaches(seen, chosen)
    voices = cutting.voices_at([seen.starts[item.candidate.first] for item in chosen], seen.quoted)
    cues = []
    for item, stop, voice in zip(chosen, ends, voices, strict=True):
        start, end = seen.place(item.candidate.first, stop)
        cues.append(Cue(text[start:end], start, end, item.type, item.probability, voice, item.candidate.sentence))
    return cues


def _reaches(seen: View, chosen: Sequence[Found]) -> list[int]:
    """Where each cue ends: a vague quantifier reaches to its noun, unless another cue stands there."""
    starts = [item.candidate.first for item in chosen]  # in order of place
    ends = []
    for item, following in zip(chosen, [*starts[1:], len(seen.words)], strict=False):
        end = item.candidate.end
        if item.type == "vague" and seen.words[end - 1] in QUANTIFIERS:
            limit = min(seen.bounds[item.candidate.sentence][1], end + REACH, following)
            end = next((k + 1 for k in range(end, limit) if _plural(seen.words[k])), end)
        ends.append(end)
    return ends


def _plural(word: str) -> bool:
    return word in {"people", "others"} or (len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")))


def candidates(seen: View, lexicon: Lexicon) -> Iterator[Candidate]:
    """Every term of the lexicon in the text, sentence by sentence."""
    sentences = enumerate(seen.bounds)
    number, stop = -1, 0
    for low, high, types in lexicon.matches(seen.words):
        while low >= stop:
            number, (_, stop) = next(sentences)
        if high <= stop:
            yield Candidate(low, high, number, " ".join(seen.words[low:high]), _types(types))


@cache
def _types(types: str) -> tuple[str, ...]:
    """Types that are joined by semicolons: few differ."""
    return tuple(types.split(";"))


@lru_cache(maxsize=1 << 16)
def shape(word: str) -> str:
    """A word with its letters and digits written as x, X and d."""
    return _DIGIT.sub("d", _LOWER.sub("x", _UPPER.sub("X", word)))[:6]


def context(seen: View, candidate: Candidate) -> Stream:
    """A little document about one candidate: the term, its shape, its neighbours, and words that bear on it."""
    names = _context(seen, candidate, _by_name(candidate.term, candidate.types))
    stream = Stream(seen.words[candidate.first : candidate.end], range(candidate.first, candidate.end))
    stream.set(CONTEXT, [Run(names, 1, [(0, candidate.end - candidate.first)] * len(names))])
    return stream


class Places(Generic[F]):
    """Where the features of a term's contexts stand: what is the same for all of its candidates."""

    def __init__(self, under: Callable[..., Under[F]], term: str, types: Sequence[str]) -> None:
        self.under = under
        self.words = words = term.split(" ")
        *self.first, self.last = words
        affixes = ("suffix=", *term[-3:].split(" ")), ("prefix=", *term[:4].split(" "))
        fixed = [("", "bias"), ("w=", *words), ("t=", ";".join(types)), *affixes]
        self.fixed = [under(*path).get(last, 0) for *path, last in fixed]
        self.p1, self.p2, self.p1s, self.p1shape = map(under, ("p1=", "p2=", "p1s=", "p1shape="))
        self.n1, self.n2, self.n1s, self.n1shape = map(under, ("n1=", "n2=", "n1s=", "n1shape="))
        self.near, self.has, self.clause, self.number = map(under, ("near=", "has=", "clause<", "numeral="))
        own = [under(name, *words) for name in ("w~", "w<", "w>", "wn1=", "wn1s=", "whas=", "numeral=")]
        self.window, self.before, self.after, self.wn1, self.wn1s, self.whas, self.numeral = own
        self.left, self.right = under("clause<", *words), under("clause>", *words)
        self.past, self.future, self.tense = (under(name, *words) for name in ("tense<", "tense>", "tense="))


@lru_cache(maxsize=1 << 13)
def _by_name(term: str, types: tuple[str, ...]) -> Places[str]:
    return Places(Named, term, types)


def _context(seen: View, candidate: Candidate, place: Places[F]) -> list[F]:
    """The features of a candidate's context."""
    first, end = seen.bounds[candidate.sentence]
    words, low, high = seen.words, candidate.first, candidate.end
    before = [words[k] if k >= first else "<s>" for k in range(low - 1, low - 4, -1)]
    after = [words[k] if k < end else "</s>" for k in range(high, high + 3)]
    form = shape(seen.surface(low)), "first" if low == first else "later"
    n1form = shape(seen.surface(high)) if high < end else ""
    p1form = shape(seen.surface(low - 1)) if low > first else ""
    window = words[max(first, low - 5) : low] + words[high : min(end, high + 5)]
    return [
        *place.fixed,
        *_neighbours(place, before, after, form),
        place.n1shape.get(n1form, 0),
        place.p1shape.get(p1form, 0),
        *map(place.near.get, window, repeat(0)),
        *map(place.window.get, window, repeat(0)),
        *map(place.before.get, before, repeat(0)),
        *map(place.after.get, after, repeat(0)),
        *_around(place, words[max(first, low - FAR) : low], words[high : min(end, high + FAR)]),
    ]


def _neighbours(place: Places[F], before: Sequence[str], after: Sequence[str], form: tuple[str, str]) -> list[F]:
    """The shape of the term (`form`), and the words beside it: alone, with one another and with the term."""
    under, w, start, last = place.under, place.words, place.first, place.last
    (p1, p2, _), (n1, n2, _) = before, after
    return [
        under("shape=", *w, form[0]).get(form[1], 0),
        place.p1.get(p1, 0),
        place.n1.get(n1, 0),
        place.p2.get(p2, 0),
        place.n2.get(n2, 0),
        under("p1w=", p1, *start).get(last, 0),
        place.wn1.get(n1, 0),
        under("p2p1=", p2).get(p1, 0),
        under("n1n2=", n1).get(n2, 0),
        under("p1wn1=", p1, *w).get(n1, 0),
        under("wn1n2=", *w, n1).get(n2, 0),
        under("p2p1w=", p2, p1, *start).get(last, 0),
        under("skip=", p1).get(n1, 0),
        place.n1s.get(n1[-3:], 0),
        place.p1s.get(p1[-3:], 0),
        place.wn1s.get(n1[-3:], 0),
        under("p1sw=", p1[-3:], *start).get(last, 0),
    ]


def _around(place: Places[F], left: Sequence[str], right: Sequence[str]) -> list[F]:
    """Words that bear on a modal, the nearest clause words, the tense of the sentence before the term, after it and of all, numbers."""
    others = sorted(ELSEWHERE.intersection([*left, *right]))
    clause_left = next(filter(CLAUSE.__contains__, reversed(left)), "<s>")
    clause_right = next(filter(CLAUSE.__contains__, right), "</s>")
    before, after = set(map(_tense, left)), set(map(_tense, right))
    near = "".join("d" if word in NUMERALS or word[0].isdigit() else "x" for word in right[:2])
    return [
        *map(place.has.get, others, repeat(0)),
        *map(place.whas.get, others, repeat(0)),
        place.clause.get(clause_left, 0),
        place.left.get(clause_left, 0),
        place.right.get(clause_right, 0),
        place.past.get("".join(sorted(before)), 0),
        place.future.get("".join(sorted(after)), 0),
        place.tense.get("".join(sorted(before | after)), 0),
        place.number.get(near[:1], 0),
        place.numeral.get(near, 0),
    ]


@lru_cache(maxsize=1 << 16)
def _tense(word: str) -> str:
    """Whether a word is a verb of the past (-) or of the present (+)."""
    if word in PAST or (len(word) > 4 and word.endswith("ed")):
        return "-"
    return "+" if word in PRESENT else ""


def _sentence(item: Found) -> int:
    return item.candidate.sentence


def give_cues(stream: Stream, seen: View, chosen: Sequence[Found], number: int) -> None:
    """Tell a sentence's stream which cues stand in it."""
    first = seen.bounds[number][0]
    low = bisect_left(chosen, number, key=_sentence)
    here = chosen[low : bisect_right(chosen, number, lo=low, key=_sentence)]
    set_cues(stream, [item.type for item in here], [(item.candidate.first - first, item.candidate.end - first) for item in here])
