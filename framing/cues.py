"""Cues: words that hedge, stay inexact or name a source, each judged in its context.

Candidates are the terms of the cue lexicon wherever they stand. A binary head says of each whether it is a cue here (one
head for the five hedging types, one each for approximator, vague and attribution), a second one which hedging type it
has. The longest candidate that is a cue wins its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate, chain, repeat
from math import prod
from typing import Generic, NamedTuple

from framing import sentences as cutting
from framing.features import Run, Stream, View, set_cues
from framing.heads import Head
from framing.joint import Joint, Part, part
from framing.lexicon import Lexicon
from framing.linear import sigmoid, softmax
from framing.patterns import pattern
from framing.roles import ROLES
from framing.tree import NAMES, F, Under, Walk
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
# Modals of which the verb, and who does it, tell a permission or an ability from a possibility.
OPEN = frozenset(["may", "might", "could"])
AUXILIARIES = frozenset(["be", "been", "have"])
# Subjects that are a role by themselves.
PRONOUNS = frozenset(
    [
        "all", "any", "both", "each", "either", "he", "i", "it", "many", "neither", "none", "one", "she", "some", "that", "these",
        "they", "this", "those", "we", "which", "who", "you",
    ]
)
# Clause words that a subject does not stand before: "members who vote may".
STOPS = CLAUSE - {"and", "or", "that", "which", "who", "whose"}
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
        rows = [[part(nodes)] for nodes in _contexts(seen, places, list(map(self._look, places)), self.joint.branches)]
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
            self._places[key] = Places(self.joint.branches, *key)
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
    (names,) = _contexts(seen, [candidate], [_by_name(candidate.term, candidate.types)], NAMES)
    stream = Stream(seen.words[candidate.first : candidate.end], range(candidate.first, candidate.end))
    stream.set(CONTEXT, [Run(names, 1, [(0, candidate.end - candidate.first)] * len(names))])
    return stream


class Places(Generic[F]):
    """Where the features of a term's contexts stand: what is the same for all of its candidates."""

    def __init__(self, walk: Walk[F], term: str, types: Sequence[str]) -> None:
        words = term.split(" ")
        *self.first, self.last = words
        affixes = ("suffix=", *term[-3:].split(" ")), ("prefix=", *term[:4].split(" "))
        fixed = [("", "bias"), ("w=", *words), ("t=", ";".join(types)), *affixes]
        self.fixed = [walk.under(*path).get(last, 0) for *path, last in fixed]
        own = "shape=", "wn1=", "wn1s=", "wn1n2=", "w<", "w>", "clause<", "clause>", "tense<", "tense>", "tense=", "numeral=", "w~", "whas="
        self.own = [walk.under(name, *words) for name in own]
        told = "wtitle=", "then=", "deed=", "doer=", "does=", "frame="
        self.titled, self.then, self.deed, self.doer, self.does, self.frame = (walk.under(name, *words) for name in told)
        self.open = term in OPEN


@lru_cache(maxsize=1 << 13)
def _by_name(term: str, types: tuple[str, ...]) -> Places[str]:
    return Places(NAMES, term, types)


class _Beside(NamedTuple):
    """What stands beside candidates, a column of pieces each: the words before and after, the forms of the term, of words beside it."""

    before: list[list[str]]
    after: list[list[str]]
    form: list[str]
    first: list[str]
    p1form: list[str]
    n1form: list[str]
    near: list[list[str]]
    left: list[list[str]]
    right: list[list[str]]
    tenses: list[tuple[set[str], set[str]]]


def _beside(seen: View, asked: Sequence[Candidate]) -> _Beside:
    words = seen.words
    rows = [(one.first, one.end, *seen.bounds[one.sentence]) for one in asked]
    begin = min(first for _, _, first, _ in rows)
    tense = [""] * begin + list(map(_tense, words[begin : max(end for *_, end in rows)]))  # each word once
    return _Beside(
        before=[[words[low - k] if low - k >= first else "<s>" for low, _, first, _ in rows] for k in (1, 2, 3)],
        after=[[words[high + k] if high + k < end else "</s>" for _, high, _, end in rows] for k in (0, 1, 2)],
        form=[shape(seen.surface(low)) for low, _, _, _ in rows],
        first=["first" if low == first else "later" for low, _, first, _ in rows],
        p1form=[shape(seen.surface(low - 1)) if low > first else "" for low, _, first, _ in rows],
        n1form=[shape(seen.surface(high)) if high < end else "" for _, high, _, end in rows],
        near=[words[max(first, low - 5) : low] + words[high : min(end, high + 5)] for low, high, first, end in rows],
        left=[words[max(first, low - FAR) : low] for low, _, first, _ in rows],
        right=[words[high : min(end, high + FAR)] for _, high, _, end in rows],
        tenses=[(set(tense[max(first, low - FAR) : low]), set(tense[high : min(end, high + FAR)])) for low, high, first, end in rows],
    )


def _contexts(seen: View, asked: Sequence[Candidate], places: Sequence[Places[F]], walk: Walk[F]) -> list[list[F]]:
    """The features of each candidate's context. They are found in columns, one feature of all candidates after another."""
    if not asked:
        return []
    beside = _beside(seen, asked)
    *own, window, has = zip(*[place.own for place in places], strict=True)
    others = [sorted(ELSEWHERE.intersection([*left, *right])) for left, right in zip(beside.left, beside.right, strict=True)]
    columns = [*_neighbours(beside, places, own[:6], walk), *_around(beside, own[6:], walk)]
    many = [_each(walk, name, own, pieces) for name, own, pieces in (("near=", window, beside.near), ("has=", has, others))]
    rows = zip(places, zip(*columns, strict=True), *many, _told(seen, asked, places, walk), strict=True)
    return [[*place.fixed, *row, *near, *bearing, *told] for place, row, near, bearing, told in rows]


def _each(walk: Walk[F], beginning: str, own: Sequence[Under[F]], pieces: Sequence[Sequence[str]]) -> Iterator[list[F]]:
    """Several pieces of each candidate, alone and with the term."""
    flat = list(chain.from_iterable(pieces))
    alone = walk.ends(repeat(walk.under(beginning)), flat)
    owned = walk.ends(chain.from_iterable(map(repeat, own, map(len, pieces))), flat)
    for end, n in zip(accumulate(map(len, pieces)), map(len, pieces), strict=True):
        yield [*alone[end - n : end], *owned[end - n : end]]


def _neighbours(beside: _Beside, places: Sequence[Places[F]], own: Sequence[Sequence[Under[F]]], walk: Walk[F]) -> Iterator[Sequence[F]]:
    """The shape of the term, and the words beside it: alone, with one another and with the term."""
    (p1, p2, _), (n1, n2, _) = beside.before, beside.after
    shaped, wn1, wn1s, wn1n2, before, after = own
    p1s, n1s = [word[-3:] for word in p1], [word[-3:] for word in n1]
    alone = ("p1=", p1), ("n1=", n1), ("p2=", p2), ("n2=", n2), ("n1s=", n1s), ("p1s=", p1s)
    pairs = ("p2p1=", p2, p1), ("n1n2=", n1, n2), ("skip=", p1, n1)
    last = [place.last for place in places]
    forms = ("n1shape=", beside.n1form), ("p1shape=", beside.p1form)
    yield from (walk.ends(repeat(walk.under(name)), pieces) for name, pieces in (*alone, *forms))
    yield from (walk.ends(walk.down(repeat(walk.under(name)), one), other) for name, one, other in pairs)
    yield walk.ends(walk.down(shaped, beside.form), beside.first)
    yield walk.ends(wn1, n1)
    yield walk.ends(wn1s, n1s)
    yield walk.ends(walk.down(wn1n2, n1), n2)
    yield from (walk.ends(before, column) for column in beside.before)
    yield from (walk.ends(after, column) for column in beside.after)
    for name, *pieces in (("p1w=", p1), ("p1sw=", p1s), ("p2p1w=", p2, p1), ("p1wn1=", p1)):
        ways: Iterable[Under[F]] = repeat(walk.under(name))
        for column in pieces:
            ways = walk.down(ways, column)
        ways = [walk.below(way, place.first) for way, place in zip(ways, places, strict=False)]
        yield walk.ends(walk.down(ways, last), n1) if name == "p1wn1=" else walk.ends(ways, last)


def _around(beside: _Beside, own: Sequence[Sequence[Under[F]]], walk: Walk[F]) -> Iterator[Sequence[F]]:
    """The nearest clause words, the tense of the sentence before the term, after it and of all, numbers."""
    clause_left, clause_right, past, future, tense, numeral = own
    lefts = [next(filter(CLAUSE.__contains__, reversed(left)), "<s>") for left in beside.left]
    rights = [next(filter(CLAUSE.__contains__, right), "</s>") for right in beside.right]
    numbers = ["".join("d" if word in NUMERALS or word[0].isdigit() else "x" for word in right[:2]) for right in beside.right]
    yield walk.ends(repeat(walk.under("clause<")), lefts)
    yield walk.ends(clause_left, lefts)
    yield walk.ends(clause_right, rights)
    yield walk.ends(past, ["".join(sorted(before)) for before, _ in beside.tenses])
    yield walk.ends(future, ["".join(sorted(after)) for _, after in beside.tenses])
    yield walk.ends(tense, ["".join(sorted(before | after)) for before, after in beside.tenses])
    yield walk.ends(repeat(walk.under("numeral=")), [number[:1] for number in numbers])
    yield walk.ends(numeral, numbers)


@lru_cache(maxsize=1 << 16)
def _tense(word: str) -> str:
    """Whether a word is a verb of the past (-) or of the present (+)."""
    if word in PAST or (len(word) > 4 and word.endswith("ed")):
        return "-"
    return "+" if word in PRESENT else ""


@cache
def _roles(kind: str) -> dict[str, tuple[str, ...]]:
    """The roles of one kind that each word has, without their kind."""
    roles: dict[str, tuple[str, ...]] = {}
    for role in sorted(ROLES):
        if role[0] == kind:
            roles |= {word: (*roles.get(word, ()), role[2:]) for word in ROLES[role]}
    return roles


def _capital(seen: View, token: int) -> bool:
    return "A" <= seen.clean.text[seen.starts[token]] <= "Z"


def _told(seen: View, asked: Sequence[Candidate], places: Sequence[Places[F]], walk: Walk[F]) -> Iterator[list[F]]:
    """Whether each candidate may stand in a title, what stands behind it, and who does what."""
    title = walk.under("title=")
    for one, place in zip(asked, places, strict=True):
        first, end = seen.bounds[one.sentence]
        form, beside = _title(seen, one, first, end)
        told = [title.get(form + beside, 0), title.get(form, 0), place.titled.get(form, 0)]
        told += [place.then.get(role, 0) for role in _then(seen, one.end, min(end, one.end + 4))]
        yield told + _who_does_what(place, seen, one, walk) if place.open else told


def _title(seen: View, candidate: Candidate, first: int, end: int) -> tuple[str, str]:
    """Whether a term has a capital, begins the sentence, has capitals around it; and what is behind it and before it."""
    low, high = candidate.first, candidate.end
    capitals = [_capital(seen, token) for token in range(max(first, low - 5), min(end, high + 5))]
    form = f"{_capital(seen, low):d}{low == first:d}{10 * sum(capitals) > 7 * len(capitals):d}"
    return form, f"{high < end and _capital(seen, high):d}{low > first and _capital(seen, low - 1):d}"


def _then(seen: View, low: int, high: int) -> list[str]:
    """The roles of nouns behind a term, up to a clause word, and whether a name stands there; in one order whatever the hash seed."""
    roles: set[str] = set()
    for token in range(low, high):
        if token > low and seen.words[token] in CLAUSE:
            break
        roles.update(_roles("n").get(seen.words[token], ()))
        if _capital(seen, token):
            roles.add("name")
    return sorted(roles)


def _who_does_what(place: Places[F], seen: View, candidate: Candidate, walk: Walk[F]) -> list[F]:
    """The roles of the verb behind a modal, of the subject before it, of both, and of words that set a frame."""
    first, end = seen.bounds[candidate.sentence]
    low, high = candidate.first, candidate.end
    deeds, doers = _deed(seen.words[high : min(end, high + 6)]), _doer(seen, first, low)
    left = _framed(seen.words[max(first, low - FAR) : low])
    right = _framed(seen.words[high : min(end, high + FAR)])
    return [
        *map(place.deed.get, deeds, repeat(0)),
        *map(place.doer.get, doers, repeat(0)),
        *(way.get(deed, 0) for way in walk.down(repeat(place.does), doers) for deed in deeds),
        *map(place.frame.get, [*sorted({*left, *right}), *(role + "<" for role in left), *(role + ">" for role in right)], repeat(0)),
    ]


def _deed(words: Sequence[str]) -> Sequence[str]:
    """The roles of the verb among the words behind a modal; with a plus of a participle after "be" or "have"."""
    helped, verbs, participles = -1, _roles("v"), _roles("p")
    for k, word in enumerate(words):
        if word in AUXILIARIES:
            helped = k
        elif helped >= 0 and word in participles:
            return [role + "+" for role in participles[word]]
        elif helped < 0 and k < 4 and word in verbs:
            return verbs[word]
    return ("none",) if helped < 0 else ("state",)


def _doer(seen: View, first: int, low: int) -> Sequence[str]:
    """The roles of the subject before a modal: of the nearest noun that has any, up to a name or another clause."""
    if low == first or seen.words[low - 1] in PRONOUNS:
        return ("start",) if low == first else (seen.words[low - 1],)
    nouns = _roles("n")
    for token in range(low - 1, max(first, low - 12) - 1, -1):
        word = seen.words[token]
        if word in nouns:
            return nouns[word]
        if word in STOPS:
            break
        if token > first and _capital(seen, token):
            return ("name",)
    return ("none",)


def _framed(words: Iterable[str]) -> list[str]:
    """The roles of words that set a frame."""
    frames = _roles("f")
    return sorted({role for word in words for role in frames.get(word, ())})


def _sentence(item: Found) -> int:
    return item.candidate.sentence


def give_cues(stream: Stream, seen: View, chosen: Sequence[Found], number: int) -> None:
    """Tell a sentence's stream which cues stand in it."""
    first = seen.bounds[number][0]
    low = bisect_left(chosen, number, key=_sentence)
    here = chosen[low : bisect_right(chosen, number, lo=low, key=_sentence)]
    set_cues(stream, [item.type for item in here], [(item.candidate.first - first, item.candidate.end - first) for item in here])
