"""What every view shows: the pieces of a marked article, and answers put in words."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from framing.errors import FramingError
from framing.inert import UNSAFE
from framing.text import NAME_TOKEN, NUMBER_TOKEN, TOKEN, clean
from framing.types import CUE_TYPES, Analysis, Contribution, Cue, Explanation, Hedging, Prediction, Sentence

MEANINGS = {
    "epistemic": "possible, not certain",
    "doxastic": "somebody's belief",
    "condition": "holds if something else does",
    "investigation": "still being found out",
    "reportative": "on hearsay, with doubt",
    "approximator": "not exact",
    "vague": "nobody in particular",
    "attribution": "a source is named or pointed at",
}
"""A line of the legend for each cue type."""

REASONS = {
    "empty": "there is no text",
    "too_short": "too short: article labels need 20 words",
    "language": "not in English",
    "unknown_words": "none of its words are known to the model",
    "no_target": "the target is not mentioned",
}
"""Why a head abstains, in words."""

_ITSELF = frozenset(["bias", "w", "t", "suffix", "prefix", "shape"])
_BEFORE = frozenset(["p1", "p1s", "p1shape", "p1w", "p1sw", "p2p1", "p2p1w"])
_AFTER = frozenset(["n1", "n1s", "n1shape", "wn1", "wn1s", "n1n2", "wn1n2"])
_SAID = {
    **{"clause": "the clause it stands in", "tense": "the tense around it", "numeral": "whether a number follows"},
    **dict.fromkeys(("title", "wtitle"), "capitals around it"),
    **dict.fromkeys(("deed", "doer", "does"), "who does what"),
    **{"then": "the kind of thing that follows", "frame": "talk of a rule, a guess or the past"},
}
_KIND = re.compile(r"[a-z]+\d?[a-z0-9]*")
_EDGES = {"<s>": "start of the sentence", "</s>": "end of the sentence"}

_MASKS = {NAME_TOKEN: "(name)", NUMBER_TOKEN: "(number)"}

_EMPTY_LINES = re.compile(r"(?:\r?\n[^\S\r\n]*){2,}")
_LINE_ENDS = re.compile(r"[\r\n]+")
_CUT = 40
"""Characters from which a line may have been cut to a width."""
_STOPS = ".!?:;…\"'”’)]"



Layer: TypeAlias = "Sequence[tuple[int, int, Any]]"
"""Stretches of a text (start, end, what holds there) that do not overlap, in order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is shown in one way.

    Attributes
    ----------
    text : str
    cue : Cue or None
        The cue that it is of.
    quoted : bool
        Whether it stands inside quotation marks.
    sentence : Sentence or None
    layers : tuple
        Of each further layer that was asked for, what holds here, or None.
    """

    text: str
    cue: Cue | None
    quoted: bool
    sentence: Sentence | None = None
    layers: tuple[Any, ...] = ()


def printable(text: str) -> str:
    r"""Text that moves no cursor and turns no line: control characters as `\x1b`, tabs and carriage returns as blanks."""
    return UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    if match[0] in "\t\r":
        return " "
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def one_line(text: object) -> str:
    """`printable` without line breaks: titles, file names, features."""
    return printable(str(text)).replace("\n", "\\n")


def whole(analysis: Analysis, text: str) -> str:
    """The article, or where it was not kept (an analysis read back from JSON) its sentences in their places."""
    if text:
        return text
    made = ""
    for sentence in analysis.sentences:
        made = made.ljust(sentence.start) + sentence.text
    return made


def pieces(analysis: Analysis, text: str, layers: Sequence[Layer] = ()) -> Iterator[Piece]:
    """The text in order, cut wherever a cue, a quotation, a sentence or a stretch of a layer begins or ends."""
    cues = [(cue.start, cue.end, cue) for cue in _apart(analysis.cues)]
    quotations = [(start, end, True) for start, end in quoted(text)]
    sentences = [(sentence.start, sentence.end, sentence) for sentence in analysis.sentences]
    rows: list[Layer] = [cues, quotations, sentences, *layers]
    edges = {edge for row in rows for start, end, _ in row for edge in (start, end) if edge <= len(text)}
    lookups = [_lookup(row) for row in rows]
    for start, end in pairwise(sorted(edges | {0, len(text)})):
        cue, inside, sentence, *others = [found(start) for found in lookups]
        yield Piece(text[start:end], cue, bool(inside), sentence, tuple(others))


def _lookup(row: Layer) -> Callable[[int], Any]:
    """What of a layer holds at an offset."""
    starts = [start for start, _, _ in row]

    def at(offset: int) -> Any:
        place = bisect_right(starts, offset) - 1
        return row[place][2] if place >= 0 and offset < row[place][1] else None

    return at


def layer(spans: Sequence[tuple[int, int]], value: Any) -> Layer:
    """A layer of spans that may overlap and stand in any order."""
    made: list[tuple[int, int, Any]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]), value)
        else:
            made.append((start, end, value))
    return made


def paragraphs(text: str) -> Layer:
    """Where paragraphs stand: between empty lines, or where there are none, line by line, if the lines are no mere wrapping."""
    between = _EMPTY_LINES if _EMPTY_LINES.search(text.strip()) or _wrapped(text) else _LINE_ENDS
    made: list[tuple[int, int, int]] = []
    at = 0
    for gap in [*between.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[at:end].strip():
            made.append((at, end, len(made)))
        at = gap.end() if gap else end
    return made


def _wrapped(text: str) -> bool:
    """Whether most lines are long and break off inside a sentence, as in text that was cut to a width."""
    *lines, _ = _LINE_ENDS.split(text.strip())
    broken = [len(line) >= _CUT and line.rstrip()[-1:] not in _STOPS for line in lines]
    return sum(broken) * 2 > len(broken)


def quoted(text: str) -> list[tuple[int, int]]:
    """What stands inside quotation marks, as offsets of this very text."""
    from framing.sentences import quoted as quotations

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whoever classified the text was warned
        cleaned = clean(text)
    return sorted(cleaned.span(*span) for span in quotations(cleaned.text))


def _apart(cues: tuple[Cue, ...]) -> list[Cue]:
    """Cues by their place, without those that begin inside another."""
    kept: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: (cue.start, -cue.end)):
        if not kept or cue.start >= kept[-1].end:
            kept.append(cue)
    return kept


def reason(word: str | None) -> str:
    """The reason of an abstention in words."""
    return REASONS.get(word or "", one_line(word or "no reason given"))


def said(prediction: Prediction) -> str:
    """A label with its probability, or why there is none."""
    if prediction.label is None or prediction.probability is None:
        return f"no answer ({reason(prediction.reason)})"
    return f"{one_line(prediction.label)} (probability {prediction.probability:.2f})"


def percent(share: float | None) -> str:
    """A share from 0 to 1 as per cent."""
    return "unknown" if share is None else f"{100 * share:.0f}%"


def hedging_said(hedging: Hedging) -> str:
    """The label of hedging with its place in the reference news, or why there is none."""
    if hedging.label is None:
        return f"no answer ({reason(hedging.reason)})"
    if hedging.percentile is None:
        return one_line(hedging.label)
    share = "all" if hedging.percentile >= 100 else f"{int(hedging.percentile)}%"
    return f"{hedging.label} (hedges more than {share} of the reference news)"


def rates_said(analysis: Analysis) -> str:
    """The shares of sentences that are hedged, vague, attributed; empty without any."""
    hedging = analysis.hedging
    if hedging is None or not hedging.rates:
        return ""
    total = len(analysis.sentences)
    parts = [f"{name} {percent(rate)}" for name, rate in hedging.rates.items()]
    return f"of {total} {'sentence' if total == 1 else 'sentences'}: " + ", ".join(parts)


def counts(analysis: Analysis) -> list[tuple[str, int, int]]:
    """Type, cues in the author's words, cues inside quotations; of the types that the article has."""
    found = analysis.hedging.counts if analysis.hedging else {}
    rows = [(kind, found.get(kind, {}).get("author", 0), found.get(kind, {}).get("quoted", 0)) for kind in CUE_TYPES]
    return [row for row in rows if row[1] or row[2]]


def kinds(analysis: Analysis) -> list[str]:
    """Types of the cues that are marked, in the order of every legend."""
    present = {cue.type for cue in analysis.cues}
    return [kind for kind in CUE_TYPES if kind in present]


def explained(analysis: Analysis, head: str) -> Explanation | None:
    """The explanation of an article label; None where the analysis has none to give."""
    try:
        return analysis.explain(head)
    except FramingError:
        return None


def feature(name: str) -> str:
    """A feature as a person reads it: masked names and numbers by name, blanks at its edges visible."""
    shown = " ".join(_MASKS.get(token, token) for token in one_line(name).split(" "))
    return shown if shown and shown == shown.strip() else f"'{shown}'"


def ground(part: Contribution, text: str, most: int = 3) -> str:
    """A contribution as a person reads it: for a category of a lexicon, the words that stand in it."""
    kind, mark, category = part.feature.partition("=")
    if not (mark and kind.isalpha() and category and part.spans):
        return feature(part.feature)
    words = list(dict.fromkeys(one_line(" ".join(text[start:end].split())).lower() for start, end in part.spans))
    more = " ..." if len(words) > most else ""
    return f"{', '.join(words[:most])}{more} ({category.replace('_', ' ').replace(':', ', strength ')})"


def sides(analysis: Analysis, head: str, prediction: Prediction, top: int = 6) -> Iterator[tuple[str, list[Contribution]]]:
    """For either direction of a score the label it leads to and the strongest features that hold a word."""
    made = explained(analysis, head) if prediction.label is not None else None
    if made is None:
        return
    words = [part for part in made if any(character.isalpha() for character in part.feature)]
    names = list(prediction.probabilities)
    toward, away = (names[1], names[0]) if len(names) == 2 else (str(prediction.label), f"not {prediction.label}")
    if prediction.label == away:
        toward, away = away, toward
    sign = 1 if len(names) != 2 or toward == names[1] else -1
    for label, direction in ((toward, sign), (away, -sign)):
        ranked = sorted((part for part in words if part.amount * direction > 0), key=lambda part: -abs(part.amount))
        if ranked:
            yield label, ranked[:top]


def reasons(analysis: Analysis, cue: Cue, text: str, most: int = 4) -> list[tuple[str, float]]:
    """What in a cue's context made it a cue, strongest first: words, and what they add to its log-odds.

    Many features tell of one word (its ending, its pairs); they are summed, so that all of them and the intercept are the score.
    """
    try:
        made = analysis.explain(cue.type, cue)
    except FramingError:
        return []
    before, after = _neighbours(analysis, cue, text)
    amounts: dict[str, float] = {}
    for part in made:
        about = _about(part.feature, before, after)
        amounts[about] = amounts.get(about, 0.0) + part.amount
    return sorted(amounts.items(), key=lambda item: (-abs(item[1]), item[0]))[:most]


def _neighbours(analysis: Analysis, cue: Cue, text: str) -> tuple[str, str]:
    """The word before a cue and the word after it, within its sentence."""
    sentence = analysis.sentences[cue.sentence]
    before = TOKEN.findall(text[max(sentence.start, cue.start - 100) : cue.start].lower())
    after = TOKEN.search(text[cue.end : sentence.end].lower())
    return (before[-1] if before else "<s>"), (after[0] if after else "</s>")


def _about(feature: str, before: str, after: str) -> str:
    """Which word of a cue's context a feature of `framing.cues.context` tells of."""
    found = _KIND.match(feature)
    kind, last = found[0] if found else "", feature.split(" ")[-1]
    if kind in _ITSELF and "=" in feature:
        return "the word itself"
    if kind in _SAID:
        return _SAID[kind]
    if kind in ("skip", "p1wn1"):
        return f"{_word(before)} ... {_word(after)}"
    if kind in _BEFORE or kind in _AFTER:
        return _word(before if kind in _BEFORE else after)
    return _word(last.partition("=")[2] or last)  # near=word, and pairs that end in the word


def _word(token: str) -> str:
    """A context word in quotation marks; a sign without."""
    shown = one_line(token)
    return _EDGES.get(token) or (f"“{shown}”" if any(character.isalnum() for character in shown) else f"the sign {shown}")


def frames_said(analysis: Analysis) -> str:
    """The frames that are present, or why none is given."""
    frames: Any = analysis.frames
    if frames.reason:
        return f"no answer ({reason(frames.reason)})"
    present = [f"{one_line(name).replace('_', ' ')} ({frames.probabilities[name]:.2f})" for name in frames.labels]
    return ", ".join(present) or "none stands out"


def answers(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """Heading and answer of every article head, in the order they are shown."""
    if analysis.tone is not None:
        yield "Tone", said(analysis.tone)
    if analysis.valence is not None:
        yield "Valence", said(analysis.valence)
    for name, prediction in analysis.labels.items():
        yield one_line(name).capitalize(), said(prediction)
    if analysis.frames is not None:
        yield "Frames", frames_said(analysis)
    if analysis.hedging is not None:
        yield "Hedging", hedging_said(analysis.hedging)
        if rates := rates_said(analysis):
            yield "Rates", rates


def absent(analysis: Analysis) -> list[str]:
    """Heads of the codebook that this model has not learned."""
    return [name for name in ("tone", "valence", "frames", "hedging") if getattr(analysis, name) is None]
