"""What the terminal and the notebook both show: the pieces of a marked article, and answers put in words."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from framing.errors import FramingError
from framing.text import NAME_TOKEN, NUMBER_TOKEN, clean
from framing.types import CUE_TYPES, Analysis, Contribution, Cue, Explanation, Hedging, Prediction

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

_MASKS = {NAME_TOKEN: "(name)", NUMBER_TOKEN: "(number)"}

# Control characters but the line break, marks that turn the reading direction, line separators, lone surrogates.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is shown in one way."""

    text: str
    cue: Cue | None
    quoted: bool


def printable(text: str) -> str:
    r"""Text that moves no cursor and turns no line: control characters as `\x1b`, tabs and carriage returns as blanks."""
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


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


def pieces(analysis: Analysis, text: str) -> Iterator[Piece]:
    """The text in order, cut where a cue or a quotation begins or ends."""
    cues = _apart(analysis.cues)
    quotations = quoted(text)
    edges = {0, len(text), *(edge for cue in cues for edge in (cue.start, cue.end)), *(edge for span in quotations for edge in span)}
    cuts = sorted(edges)
    at_cue, at_quote = 0, 0
    for start, end in pairwise(cuts):
        while at_cue < len(cues) and cues[at_cue].end <= start:
            at_cue += 1
        while at_quote < len(quotations) and quotations[at_quote][1] <= start:
            at_quote += 1
        cue = cues[at_cue] if at_cue < len(cues) and cues[at_cue].start <= start else None
        yield Piece(text[start:end], cue, at_quote < len(quotations) and quotations[at_quote][0] <= start)


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
    return f"{hedging.label} (hedges more than {hedging.percentile:.0f}% of the reference news)"


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
    words = list(dict.fromkeys(one_line(text[start:end]).lower() for start, end in part.spans))
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
