"""Cues: words that hedge, stay inexact or name a source, each judged in its context.

Candidates are the terms of the cue lexicon wherever they stand. A binary head says of each whether it is a cue here (one
head for the five hedging types, one each for approximator, vague and attribution), a second one which hedging type it
has. The longest candidate that is a cue wins its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from framing import sentences as cutting
from framing.features import Run, Stream, View, set_cues
from framing.heads import Head
from framing.lexicon import Lexicon
from framing.linear import sigmoid, softmax
from framing.patterns import pattern
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """Tokens first to end of sentence `sentence` that are a term of the lexicon, with the types it may have."""

    first: int
    end: int
    sentence: int
    term: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that was judged: its group, its type and the probability that it is a cue of it."""

    candidate: Candidate
    group: str
    type: str
    probability: float


@dataclass(frozen=True, slots=True)
class CueModel:
    """The cue heads and their lexicon (term to its types, joined by semicolons)."""

    lexicon: Lexicon
    heads: Mapping[str, Head]

    def judge(self, seen: View) -> list[Found]:
        """Every candidate of the text under every group that knows it, in order of place."""
        found = []
        for candidate in candidates(seen, self.lexicon):
            stream = context(seen, candidate)
            for group in self.groups(candidate):
                head = self.heads[group]
                chance = sigmoid(head.linear.scores(head.values(stream))[0])
                found.append(self._typed(candidate, group, chance, stream))
        return found

    def groups(self, candidate: Candidate) -> list[str]:
        """The groups with a head that the candidate's types belong to."""
        return [group for group, types in GROUPS.items() if group in self.heads and any(t in types for t in candidate.types)]

    def _typed(self, candidate: Candidate, group: str, chance: float, stream: Stream) -> Found:
        head = self.heads.get("hedge_type") if group == "hedge" else None
        if head is None:
            return Found(candidate, group, next(t for t in candidate.types if t in GROUPS[group]), chance)
        allowed = [t for t in head.labels if t in candidate.types] or list(head.labels)
        if len(allowed) == 1:
            return Found(candidate, group, allowed[0], chance)
        scores = dict(zip(head.labels, head.linear.scores(head.values(stream)), strict=True))
        chances = dict(zip(allowed, softmax([scores[t] for t in allowed]), strict=True))
        best = max(allowed, key=chances.__getitem__)
        return Found(candidate, group, best, chance)

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
    for number, (first, end) in enumerate(seen.bounds):
        words = seen.words[first:end]
        for low, high, types in lexicon.matches(words):
            yield Candidate(first + low, first + high, number, " ".join(words[low:high]), tuple(types.split(";")))


@lru_cache(maxsize=1 << 16)
def shape(word: str) -> str:
    """A word with its letters and digits written as x, X and d."""
    return _DIGIT.sub("d", _LOWER.sub("x", _UPPER.sub("X", word)))[:6]


def context(seen: View, candidate: Candidate) -> Stream:
    """A little document about one candidate: the term, its shape, its neighbours, and words that bear on it."""
    first, end = seen.bounds[candidate.sentence]
    names = _context(seen, candidate, first, end)
    stream = Stream(seen.words[candidate.first : candidate.end], range(candidate.first, candidate.end))
    stream.set(CONTEXT, [Run(names, 1, [(0, candidate.end - candidate.first)] * len(names))])
    return stream


def _context(seen: View, candidate: Candidate, first: int, end: int) -> list[str]:
    words, low, high, w = seen.words, candidate.first, candidate.end, candidate.term
    before = [words[k] if k >= first else "<s>" for k in range(low - 1, low - 4, -1)]
    after = [words[k] if k < end else "</s>" for k in range(high, high + 3)]
    (p1, p2, _), (n1, n2, _) = before, after
    start = "first" if low == first else "later"
    names = [
        "bias",
        f"w={w}",
        f"t={';'.join(candidate.types)}",
        f"suffix={w[-3:]}",
        f"prefix={w[:4]}",
        f"shape={w} {shape(seen.surface(low))} {start}",
        f"p1={p1}",
        f"n1={n1}",
        f"p2={p2}",
        f"n2={n2}",
        f"p1w={p1} {w}",
        f"wn1={w} {n1}",
        f"p2p1={p2} {p1}",
        f"n1n2={n1} {n2}",
        f"p1wn1={p1} {w} {n1}",
        f"wn1n2={w} {n1} {n2}",
        f"p2p1w={p2} {p1} {w}",
        f"skip={p1} {n1}",
        f"n1s={n1[-3:]}",
        f"p1s={p1[-3:]}",
        f"wn1s={w} {n1[-3:]}",
        f"p1sw={p1[-3:]} {w}",
        f"n1shape={shape(seen.surface(high)) if high < end else ''}",
        f"p1shape={shape(seen.surface(low - 1)) if low > first else ''}",
    ]
    window = [*range(max(first, low - 5), low), *range(high, min(end, high + 5))]
    names += [f"near={words[k]}" for k in window]
    names += [f"w~{w} {words[k]}" for k in window]
    names += [f"w<{w} {word}" for word in before] + [f"w>{w} {word}" for word in after]
    first, end = max(first, low - FAR), min(end, high + FAR)
    others = ELSEWHERE.intersection([*words[first:low], *words[high:end]])
    names += [f"has={word}" for word in others] + [f"whas={w} {word}" for word in others]
    return names + _clause(words, w, first, low, high, end) + _numerals(words[high : min(end, high + 2)], w)


def _clause(words: Sequence[str], term: str, first: int, low: int, high: int, end: int) -> list[str]:
    """The nearest clause words, and the tense of the sentence before the term, after it, and of all."""
    left = next((words[k] for k in range(low - 1, first - 1, -1) if words[k] in CLAUSE), "<s>")
    right = next((words[k] for k in range(high, end) if words[k] in CLAUSE), "</s>")
    before, after = _tenses(words[first:low]), _tenses(words[high:end])
    tenses = [f"tense<{term} {''.join(sorted(before))}", f"tense>{term} {''.join(sorted(after))}"]
    return [f"clause<{left}", f"clause<{term} {left}", f"clause>{term} {right}", *tenses, f"tense={term} {''.join(sorted(before | after))}"]


def _tenses(words: Iterable[str]) -> set[str]:
    """Whether verbs of the past (-) or of the present (+) stand among the words."""
    signs = set()
    for word in words:
        if word in PAST or (len(word) > 4 and word.endswith("ed")):
            signs.add("-")
        elif word in PRESENT:
            signs.add("+")
    return signs


def _numerals(words: Sequence[str], term: str) -> list[str]:
    """Whether the two words after the term are numbers."""
    near = "".join("d" if word in NUMERALS or word[0].isdigit() else "x" for word in words)
    return [f"numeral={near[:1]}", f"numeral={term} {near}"]


def _sentence(item: Found) -> int:
    return item.candidate.sentence


def give_cues(stream: Stream, seen: View, chosen: Sequence[Found], number: int) -> None:
    """Tell a sentence's stream which cues stand in it."""
    first = seen.bounds[number][0]
    low = bisect_left(chosen, number, key=_sentence)
    here = chosen[low : bisect_right(chosen, number, lo=low, key=_sentence)]
    set_cues(stream, [item.type for item in here], [(item.candidate.first - first, item.candidate.end - first) for item in here])
