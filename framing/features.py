"""From texts to feature counts: the one seam behind which an engine stands.

A `View` is a text cut once: sentences, voices, tokens. A `Stream` is a row of its tokens that one head reads (the whole
article, a sentence, a sentence without what stands in quotation marks, the words around a target). A *family* names the
features that a head counts in its stream:

=============== ====================================================== ======================
family          features                                               example
=============== ====================================================== ======================
``words:1-3``   n-grams of folded tokens                               ``at long last``
``affixes``     first four, last three letters of words of five up     ``p=over``, ``s=ing``
``chars:3-5``   character n-grams inside a word and its edges          ``c= un``
``lexicon:L``   categories (and strengths) of lexicon L's terms        ``L=praise:2``
``terms:L``     the same, found in words whose names are not masked    ``L=health``
``sides:L``     categories of lexicon L by side of the target,         ``L=!blamed:ra``
                negation and distance
``window:6``    words and pairs by distance from the target            ``w-1=corrupt``
``quotes``      whether words are quoted, their share and number       ``q=share50``
=============== ====================================================== ======================
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import add
from typing import NamedTuple

from framing import sentences as cutting
from framing.lexicon import Lexicon
from framing.text import NAME_TOKEN, TOKEN, Clean, clean, fold
from framing.tree import F, Named, Under
from framing.types import Voice

TITLE_END = "¶"
"""Stands between the tokens of a title and those of its text."""

OPENS = frozenset('.!?:"([—-…')
"""Tokens after which a capital letter need not be a name, so that it is not masked."""

TARGET_TOKEN = "^"
"""Stands for the words of a target."""

QUOTED_SHARES = (25, 50, 75, 95)
"""Least percentages of a sentence's words inside quotation marks that are told apart."""

QUOTED_WORDS = (3, 6, 10)
"""Least numbers of words of its longest quotation that are told apart: one or two may be scare quotes."""
MARKS = frozenset("\"'`")
"""Tokens of which quotation marks consist."""
NEGATIONS = frozenset(["not", "no", "never", "neither", "nor", "without", "hardly", "barely", "cannot", "nobody", "nothing"])


class Run(NamedTuple):
    """Features of a family with the tokens they cover: feature k covers `width` tokens from k, or `spans[k]`."""

    names: Sequence[str]
    width: int = 1
    spans: Sequence[tuple[int, int]] | None = None

    def span(self, k: int) -> tuple[int, int]:
        """First token and one past the last token of feature k."""
        return self.spans[k] if self.spans is not None else (k, k + self.width)


@dataclass(slots=True)
class Stream:
    """A row of folded tokens with their places in the view, and what was counted in it so far.

    `plain` holds the same tokens with names and numbers as they are, in lower case (a title's stay masked).
    """

    tokens: Sequence[str]
    index: Sequence[int]
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)
    focus: tuple[int, int] | None = None
    voice: Voice = "author"
    plain: Sequence[str] = ()
    _runs: dict[str, list[Run]] = field(default_factory=dict, repr=False)
    _counts: dict[str, Counter[str]] = field(default_factory=dict, repr=False)

    def runs(self, family: str) -> list[Run]:
        """The features of a family in the order of the tokens."""
        if family not in self._runs:
            name, _, argument = family.partition(":")
            self._runs[family] = FAMILIES[name](self, argument)
        return self._runs[family]

    def set(self, family: str, runs: list[Run]) -> None:
        """Give the features of a family that is made elsewhere."""
        self._runs[family] = runs

    def parts(self, family: str) -> list[Counter[str]]:
        """How often each feature of a family occurs; n-grams of words by their length, so that heads share what they have in common."""
        name, _, argument = family.partition(":")
        if name != "words":
            return [self.counts(family)]
        low, high = (int(n) for n in argument.split("-"))
        return [self.counts(f"words:{n}-{n}") for n in range(low, high + 1)]

    def counts(self, family: str) -> Counter[str]:
        """How often each feature of a family occurs."""
        if family not in self._counts:
            counter: Counter[str] = Counter()
            for run in self.runs(family):
                counter.update(run.names)
            self._counts[family] = counter
        return self._counts[family]


class View(NamedTuple):
    """A text, cleaned and cut once for all heads.

    Attributes
    ----------
    clean : Clean
        The cleaned text with the way back to the caller's offsets.
    sentences : list of (start, end)
        Offsets in the cleaned text.
    voices : list of {"author", "quoted"}
        A voice a sentence.
    quoted : list of (start, end)
        What stands inside quotation marks.
    starts, ends : list of int
        Offsets of the tokens.
    words, folded : list of str
        The tokens in lower case, and folded (names and numbers masked).
    bounds : list of (first, end)
        Tokens of each sentence.
    """

    clean: Clean
    sentences: list[tuple[int, int]]
    voices: list[Voice]
    quoted: list[tuple[int, int]]
    starts: list[int]
    ends: list[int]
    words: list[str]
    folded: list[str]
    bounds: list[tuple[int, int]]

    def surface(self, token: int) -> str:
        """A token as it stands in the cleaned text."""
        return self.clean.text[self.starts[token] : self.ends[token]]

    def place(self, first: int, end: int) -> tuple[int, int]:
        """The caller's offsets of tokens first to end."""
        return self.clean.span(self.starts[first], self.ends[end - 1])


def view(text: str) -> View:
    """Cut a text.

    Raises
    ------
    InputError
        If it is not a string or too long.
    """
    cleaned = clean(text)
    spans = cutting.split(cleaned.text)
    quoted = cutting.quoted(cleaned.text)
    lower = cleaned.text.lower().replace("’", "'")  # as long as the text, which is clean
    starts = [match.start() for match in TOKEN.finditer(cleaned.text)]
    words = TOKEN.findall(lower)
    bounds = [(bisect_left(starts, low), bisect_left(starts, high)) for low, high in spans]
    return View(
        clean=cleaned,
        sentences=spans,
        voices=cutting.voices(cleaned.text, spans, quoted),
        quoted=quoted,
        starts=starts,
        ends=list(map(add, starts, map(len, words))),
        words=words,
        folded=TOKEN.findall(fold(cleaned.text)),
        bounds=bounds,
    )


def headline(title: str) -> list[str]:
    """The tokens of a title, as `article` takes them."""
    return TOKEN.findall(fold(clean(title).text))


def as_one(seen: View) -> View:
    """The view with all of its text as one sentence: corpora of sentences are cut already."""
    if len(seen.bounds) < 2:
        return seen
    span = (seen.sentences[0][0], seen.sentences[-1][1])
    return seen._replace(sentences=[span], voices=seen.voices[:1], bounds=[(seen.bounds[0][0], seen.bounds[-1][1])])


def article(seen: View, title: Sequence[str], lexicons: Mapping[str, Lexicon]) -> Stream:
    """The tokens of a whole text after those of its title."""
    if not title:
        return Stream(seen.folded, range(len(seen.folded)), lexicons, plain=seen.words)
    head = [*title, TITLE_END]
    return Stream(head + seen.folded, [-1] * len(head) + list(range(len(seen.folded))), lexicons, plain=head + seen.words)


def sentence(seen: View, number: int, lexicons: Mapping[str, Lexicon]) -> Stream:
    """The tokens of one sentence."""
    first, end = seen.bounds[number]
    return Stream(seen.folded[first:end], range(first, end), lexicons, voice=seen.voices[number])


def author(seen: View, number: int, lexicons: Mapping[str, Lexicon]) -> Stream:
    """The tokens of one sentence that stand outside quotation marks; the marks stay."""
    first, end = seen.bounds[number]
    if first < end and not cutting.meets((seen.starts[first], seen.starts[end - 1]), seen.quoted):
        return Stream(seen.folded[first:end], range(first, end), lexicons)
    voices = cutting.voices_at(seen.starts[first:end], seen.quoted)
    index = [token for token, voice in zip(range(first, end), voices, strict=True) if voice == "author"]
    return Stream([seen.folded[token] for token in index], index, lexicons)


def around(seen: View, number: int, target: tuple[int, int], lexicons: Mapping[str, Lexicon]) -> Stream:
    """The tokens of one sentence with a target (first, end: tokens of the view) as one masked token."""
    first, end = seen.bounds[number]
    low, high = max(first, target[0]), min(end, target[1])
    tokens = [*seen.folded[first:low], TARGET_TOKEN, *seen.folded[high:end]]
    index = [*range(first, low), low, *range(high, end)]
    return Stream(tokens, index, lexicons, focus=(low - first, low - first + 1))


def _words(stream: Stream, argument: str) -> list[Run]:
    low, high = (int(n) for n in argument.split("-"))
    return [Run(ngrams(stream.tokens, n), n) for n in range(low, high + 1)]


def ngrams(tokens: Sequence[str], n: int) -> Sequence[str]:
    """The n-grams of a row of tokens, joined by blanks."""
    if n == 1:
        return tokens
    return [" ".join(gram) for gram in zip(*(tokens[k:] for k in range(n)), strict=False)]


def _affixes(stream: Stream, _: str) -> list[Run]:
    tokens = stream.tokens
    # The first word of a sentence may be a name: its letters would say who, not how.
    long = [(k, token) for k, token in enumerate(tokens) if len(token) > 4 and k and tokens[k - 1] not in OPENS]
    spans = [(k, k + 1) for k, _ in long]
    return [Run(["p=" + token[:4] for _, token in long], 1, spans), Run(["s=" + token[-3:] for _, token in long], 1, spans)]


def _chars(stream: Stream, argument: str) -> list[Run]:
    low, high = (int(n) for n in argument.split("-"))
    names, spans = [], []
    for k, token in enumerate(stream.tokens):
        edged = f" {token} "
        for n in range(low, min(high, len(edged)) + 1):
            grams = [f"c={edged[i : i + n]}" for i in range(len(edged) - n + 1)]
            names += grams
            spans += [(k, k + 1)] * len(grams)
    return [Run(names, 1, spans)]


def _lexicon(stream: Stream, argument: str) -> list[Run]:
    return _found(stream, argument, stream.tokens)


def _terms(stream: Stream, argument: str) -> list[Run]:
    return _found(stream, argument, stream.plain)


def _found(stream: Stream, argument: str, tokens: Sequence[str]) -> list[Run]:
    found = [(name, span[:2]) for span in stream.lexicons[argument].matches(tokens) for name in categories(argument, span[2])]
    return [Run([name for name, _ in found], 1, [(low, high) for _, (low, high) in found])]


def categories(lexicon: str, value: str) -> list[str]:
    """The features of a term: its category, and its category with its strength (`praise:2`) if it has one."""
    category, strength, _ = value.partition(":")
    return [f"{lexicon}={category}", f"{lexicon}={value}"] if strength else [f"{lexicon}={category}"]


def _sides(stream: Stream, argument: str) -> list[Run]:
    """Categories as they are; with negation and side; with negation, side and distance."""
    if stream.focus is None:
        return []
    names, spans = [], []
    for start, end, category in stream.lexicons[argument].matches(stream.tokens):
        before = end <= stream.focus[0]
        gap = stream.focus[0] - end if before else start - stream.focus[1]
        sided = f"{argument}={'!' * _negated(stream.tokens, start)}{category}:{'l' if before else 'r'}"
        names += [f"{argument}={category}", sided, sided + ("a" if gap < 3 else "b" if gap < 7 else "c")]
        spans += [(start, end)] * 3
    return [Run(names, 1, spans)]


def _negated(tokens: Sequence[str], start: int) -> bool:
    """Whether one of the three tokens before a term negates it."""
    return any(token in NEGATIONS or token.endswith("n't") for token in tokens[max(0, start - 3) : start])


def _window(stream: Stream, argument: str) -> list[Run]:
    names, places = windowed(stream.tokens, stream.focus, int(argument), Named)
    return [Run(names, 1, [(k, k + 1) for k in places])]


def windowed(tokens: Sequence[str], focus: tuple[int, int] | None, reach: int, under: Callable[..., Under[F]]) -> tuple[list[F], list[int]]:
    """On either side of the focus words by distance, words, and pairs; and the token of each."""
    if focus is None:
        return [], []
    found, places = [], []
    left, right = range(focus[0] - 1, max(-1, focus[0] - 1 - reach), -1), range(focus[1], min(len(tokens), focus[1] + reach))
    for side, row in (("l", left), ("r", right)):
        pairs = [k for k in row if k + 1 < len(tokens)]
        found += [under(f"{side}{n}=").get(tokens[k], 0) for n, k in enumerate(row, 1)]
        found += map(under(f"{side}=").get, [tokens[k] for k in row], repeat(0))
        found += [under(f"{side}2=", tokens[k]).get(tokens[k + 1], 0) for k in pairs]
        places += [*row, *row, *pairs]
    return found, places


def _quotes(stream: Stream, _: str) -> list[Run]:
    tokens = stream.tokens
    spans = quotations(tokens)
    if not spans and tokens and stream.voice == "quoted":  # single marks, or a quotation that runs on from another sentence
        spans = [(0, len(tokens))]
    if not spans:
        return []
    words = [token[0].isalnum() or token == NAME_TOKEN for token in tokens]
    lengths = [sum(words[low:high]) for low, high in spans]
    names = ["q=any"]
    names += [f"q=share{percent}" for percent in QUOTED_SHARES if 100 * sum(lengths) >= percent * sum(words)]
    names += [f"q=words{least}" for least in QUOTED_WORDS if max(lengths) >= least]
    return [Run(names, 1, [(0, len(tokens))] * len(names))]


def quotations(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Tokens inside double marks or doubled single ones (``); a mark without a partner opens or closes the sentence's quotation."""
    marks: list[int] = []
    if not MARKS.intersection(tokens):
        return []
    for k, token in enumerate(tokens):
        double = token == '"' or (token in ("'", "`") and tokens[k + 1 : k + 2] == [token])
        if double and marks[-1:] != [k - 1]:
            marks.append(k)
    if len(marks) % 2:
        closing = marks[0] > 0 and tokens[marks[0] - 1] in ",.!?"
        marks = [0, *marks] if closing else [*marks, len(tokens)]
    return list(zip(marks[::2], marks[1::2], strict=True))


FAMILIES: dict[str, Callable[[Stream, str], list[Run]]] = {
    "words": _words,
    "affixes": _affixes,
    "chars": _chars,
    "lexicon": _lexicon,
    "terms": _terms,
    "sides": _sides,
    "window": _window,
    "quotes": _quotes,
}


def is_family(family: str, lexicons: Container[str]) -> bool:
    """Whether a stream can count a family of features: one of `FAMILIES` with an argument that it takes."""
    name, _, argument = family.partition(":")
    if name in ("lexicon", "terms", "sides"):
        return argument in lexicons
    if name in ("words", "chars"):
        low, dash, high = argument.partition("-")
        return dash == "-" and all(_is_number(number, 2) and number[0] != "0" for number in (low, high))
    return _is_number(argument, 3) if name == "window" else family in FAMILIES


def _is_number(text: str, digits: int) -> bool:
    return 1 <= len(text) <= digits and text.isascii() and text.isdigit()


def set_cues(stream: Stream, types: Sequence[str], spans: Sequence[tuple[int, int]]) -> None:
    """Give the family `cues`: the types of the cues that stand in the stream, with their tokens."""
    stream.set("cues", [Run([f"cue={kind}" for kind in types], 1, list(spans))])
