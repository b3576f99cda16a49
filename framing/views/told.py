"""What the page tells of one article, laid out for its template; and of two, side by side."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framing.documents import apart
from framing.errors import InputError
from framing.types import CUE_TYPES, Analysis, Contribution, Cue, Prediction
from framing.views import html, parts

if TYPE_CHECKING:
    from framing.model import Model

REASONED = 400
"""Cues of one article whose reasons are given; each takes half a millisecond."""

TOP = 7
"""Words shown for either side of a label."""

LONG = 100_000
"""Characters from which only the frames that are present are explained."""


@dataclass(frozen=True, slots=True)
class Side:
    """What drove a label one way: the label, and each word with its amount and its share of the largest."""

    label: str
    kind: str
    words: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A label as it is shown, and what drove it; `number` ties it to the words that are marked for it."""

    number: int
    kind: str
    heading: str
    said: str
    shares: dict[str, float]
    note: str = ""
    present: bool = True
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class CueRow:
    """A cue with its reasons."""

    cue: Cue
    words: str
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One article with everything that is shown of it."""

    side: str
    title: str
    analysis: Analysis
    article: str
    answers: tuple[Answer, ...]
    cues: tuple[CueRow, ...]
    loaded: tuple[tuple[str, float], ...]
    words: int
    notes: tuple[str, ...]

    @property
    def frames(self) -> list[Answer]:
        """The frames, present ones first, surest first."""
        return [answer for answer in self.answers if answer.kind == "frame"]

    def answer(self, kind: str) -> Answer | None:
        """The answer of that kind, if the model gives it."""
        return next((answer for answer in self.answers if answer.kind == kind), None)


def tell(model: Model, text: str, title: str, target: str | None, side: str) -> Told:
    """Analyse one article, and lay out what is said of it.

    Parameters
    ----------
    model : Model
    text, title : str
    target : str or None
    side : str
        A letter that sets its parts apart from those of another article on the same page.

    Raises
    ------
    FramingError
        If there is no text, or it cannot be analysed.
    """
    if not text.strip():
        raise InputError("There is no text. Paste one, or choose a file.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        analysis = model.classify(text, title=apart(title, text), target=target)
    answers, layers = [], []
    for answer, head, prediction in _answers(analysis, text, target):
        if answer.present or len(text) < LONG:
            sides, marks = _driven(analysis, text, head, prediction, answer.number)
            answer = replace(answer, sides=sides)
            layers += marks
        answers.append(answer)
    numbers = {(cue.start, cue.end): number for number, cue in enumerate(analysis.cues)}
    article = html.marked(analysis, text, layers, attributes=lambda cue: _focusable(side, numbers[cue.start, cue.end]))
    return Told(
        side=side,
        title=parts.one_line(title),
        analysis=analysis,
        article=article,
        answers=tuple(answers),
        cues=tuple(_cue_row(analysis, text, number, cue) for number, cue in enumerate(analysis.cues)),
        loaded=tuple(_loaded(analysis)),
        words=len(text.split()),
        notes=tuple(dict.fromkeys(str(warning.message) for warning in caught)),
    )


def _focusable(side: str, number: int) -> str:
    """A cue that takes the focus; the script shows its row of the list beside it."""
    return f' tabindex="0" data-cue="{side}-c{number}"'


def _answers(analysis: Analysis, text: str, target: str | None) -> Iterator[tuple[Answer, str, Prediction | None]]:
    """Every article label, with its head and what it predicted."""
    number = 0
    for kind, heading, head, prediction, note in _predictions(analysis, text, target):
        yield Answer(number, kind, heading, _said(prediction), prediction.probabilities, note), head, prediction
        number += 1
    if analysis.hedging is not None:
        hedging = analysis.hedging
        said = hedging.label or f"no answer: {parts.reason(hedging.reason)}"
        yield Answer(number, "hedging", "Hedging", said, hedging.rates), "hedging", None
        number += 1
    for name, chance, present in _frames(analysis):
        shown = parts.one_line(name).replace("_", " ")
        binary = Prediction(name, chance, {f"other than {shown}": 1 - chance, name: chance}, None)
        yield Answer(number, "frame", shown, f"{chance:.2f}", {name: chance}, present=present), name, binary
        number += 1


def _frames(analysis: Analysis) -> list[tuple[str, float, bool]]:
    """Each frame with its probability and whether it is present, present ones first, surest first."""
    if analysis.frames is None:
        return []
    rows = [(name, chance, name in analysis.frames.labels) for name, chance in analysis.frames.probabilities.items()]
    return sorted(rows, key=lambda row: (not row[2], -row[1]))


def _predictions(analysis: Analysis, text: str, target: str | None) -> Iterator[tuple[str, str, str, Prediction, str]]:
    if analysis.tone is not None:
        yield "tone", "Tone", "tone", analysis.tone, ""
    if analysis.valence is not None:
        toward = parts.one_line(target or _most_mentioned(text) or "")
        yield "valence", "Valence", "valence", analysis.valence, f"toward {toward}" if toward else ""
    for name, prediction in analysis.labels.items():
        yield "label", parts.one_line(name), name, prediction, ""


def _said(prediction: Prediction) -> str:
    return parts.one_line(prediction.label) if prediction.label is not None else f"no answer: {parts.reason(prediction.reason)}"


def _most_mentioned(text: str) -> str | None:
    """The name that valence is about where no target was given."""
    from framing.features import view
    from framing.targets import mentions

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = view(text)
    found = mentions(seen, None, len(text))
    longest = max(found.values(), key=lambda place: place[1] - place[0], default=None)
    return None if longest is None else text[slice(*seen.place(*longest))].removesuffix("’s").removesuffix("'s")


def _driven(
    analysis: Analysis, text: str, head: str, prediction: Prediction | None, number: int
) -> tuple[tuple[Side, ...], list[parts.Layer]]:
    """The strongest words on either side of a label, and where they stand."""
    made, layers = [], []
    found = list(_hedged(analysis)) if prediction is None else list(parts.sides(analysis, head, prediction, TOP))
    most = max((abs(part.amount) for _, ranked in found for part in ranked), default=1.0) or 1.0
    for label, ranked in found:
        kind = "t" if prediction is None or label == prediction.label else "f"
        words = tuple((_named(part, text, prediction), _amount(part, prediction), abs(part.amount) / most) for part in ranked)
        made.append(Side(parts.one_line(label).replace("_", " "), kind, words))
        layers.append(parts.layer([span for part in ranked for span in part.spans], f"{kind}{number}"))
    return tuple(made), layers


def _hedged(analysis: Analysis) -> Iterator[tuple[str, Sequence[Contribution]]]:
    """The cues that make sentences hedged, those of the most sentences first."""
    explained = parts.explained(analysis, "hedging")
    if explained is not None and explained.contributions:
        yield "hedged", explained.contributions[:TOP]


def _named(part: Contribution, text: str, prediction: Prediction | None) -> str:
    """A contribution in words; for hedging the cue with its type."""
    if prediction is not None:
        return parts.ground(part, text)
    kind, _, words = part.feature.partition("=")
    return f"{parts.one_line(words)} ({kind})"


def _amount(part: Contribution, prediction: Prediction | None) -> str:
    """What a word adds: to the log-odds of a label, or for hedging to the share of hedged sentences."""
    return f"{100 * part.amount:.0f}%" if prediction is None else f"{abs(part.amount):.2f}"


def _cue_row(analysis: Analysis, text: str, number: int, cue: Cue) -> CueRow:
    reasons = parts.reasons(analysis, cue, text) if number < REASONED else []
    return CueRow(cue, parts.one_line(cue.text), tuple(reasons))


def _loaded(analysis: Analysis) -> Iterator[tuple[str, float]]:
    for sentence in analysis.sentences:
        if sentence.loaded is not None and sentence.loaded.label == "loaded":
            yield parts.one_line(" ".join(sentence.text.split())), sentence.loaded.probability or 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of two articles: its name, what is said of each, and shares of 0 to 1 to draw."""

    name: str
    said: tuple[str, str]
    shares: tuple[float, float] | None = None


def compared(told: Sequence[Told]) -> list[Row]:
    """Two articles by everything that can be compared."""
    rows = [_label(told, "tone", "Loaded tone", "loaded"), _label(told, "valence", "Negative valence", "negative")]
    rows += [_label(told, "hedging", f"{name.capitalize()} sentences", name, percent=True) for name in ("hedged", "vague", "attributed")]
    loaded = [len(one.loaded) / max(1, len(one.analysis.sentences)) for one in told]
    rows.append(_row("Loaded sentences", loaded, percent=True))
    for name in dict.fromkeys(frame.heading for one in told for frame in one.frames if frame.present):
        rows.append(_row(f"Frame: {name}", [_chance(one, name) for one in told]))
    return [row for row in rows if row is not None] + _cue_rates(told)


def _label(told: Sequence[Told], kind: str, name: str, label: str, percent: bool = False) -> Row | None:
    """A row of one label's probability or rate; None where neither article has it."""
    answers = [one.answer(kind) for one in told]
    shares = [answer.shares.get(label) if answer is not None else None for answer in answers]
    return None if shares == [None, None] else _row(name, shares, percent)


def _row(name: str, shares: Sequence[float | None], percent: bool = False) -> Row:
    said = ["no answer" if share is None else parts.percent(share) if percent else f"{share:.2f}" for share in shares]
    return Row(name, (said[0], said[1]), (shares[0] or 0.0, shares[1] or 0.0))


def _chance(one: Told, name: str) -> float | None:
    return next((share for frame in one.frames if frame.heading == name for share in frame.shares.values()), None)


def _cue_rates(told: Sequence[Told]) -> list[Row]:
    """Cues of each type for a thousand words."""
    first, second = ({kind: _per_thousand(one, kind) for kind in CUE_TYPES} for one in told)
    most = max(*first.values(), *second.values()) or 1.0
    present = [kind for kind in CUE_TYPES if first[kind] or second[kind]]
    return [Row(kind, (f"{first[kind]:.0f}", f"{second[kind]:.0f}"), (first[kind] / most, second[kind] / most)) for kind in present]


def _per_thousand(one: Told, kind: str) -> float:
    return 1000 * sum(row.cue.type == kind for row in one.cues) / max(1, one.words)
