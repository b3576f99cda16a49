"""The native engine: a model's tables in the kernel (`framing._native`), asked for an `Analysis` or for rows.

The pure engine is the reference; this one gives the same labels and places, and scores to 1e-9. A text that
`framing.text.clean` would change is cleaned there first, and the kernel leads its offsets back by that cleaning's `Way`. What
the kernel does not know (a model's odd family, a wrong target) is left to the pure engine, which does it or says why not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from framing import cues, features
from framing.heads import frames
from framing.roles import ROLES
from framing.targets import words_of
from framing.text import MAX_CHARACTERS, Clean, Way, clean
from framing.types import CUE_TYPES, Analysis, Cue, Frames, Hedging, Prediction, Sentence

if TYPE_CHECKING:
    from framing.model import Model, Reading

Target: TypeAlias = "str | tuple[int, int] | None"
RATED = ("vague", "attributed")
"""Sentence heads whose rates an article has beside that of hedged."""


class Utf8(bytes):
    """A string as its UTF-8, as Arrow holds it: a value of type bytes is no text."""


@cache
def extension() -> Any:
    """The compiled module, or None where it was not built or `FRAMING_PURE` is set (to anything but 0)."""
    if os.environ.get("FRAMING_PURE", "0") not in ("", "0"):
        return None
    try:
        return import_module("framing._native")
    except ImportError:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """A model in the kernel.

    Attributes
    ----------
    kernel : framing._native.Kernel
    articles, sentences : tuple of str
        Names of the heads whose answers the kernel gives, in its order.
    frames, cuts : tuple of str, tuple of float
        Labels and thresholds of frames, if there is that head.
    outputs : dict of str to int
        How many scores each head has.
    parts : tuple
        The parts of the model that it was made with; a model with others must not use it.
    """

    kernel: Any
    articles: tuple[str, ...]
    sentences: tuple[str, ...]
    frames: tuple[str, ...]
    cuts: tuple[float, ...]
    outputs: dict[str, int]
    parts: tuple[Any, ...] = ()


def build(spec: Mapping[str, Any], tensors: Mapping[str, tuple[str, Any]]) -> Engine | None:
    """The model of a specification and its tensors (kind, buffer), or None where the kernel is missing or refuses it."""
    native = extension()
    if native is None:
        return None
    try:
        kernel = native.Kernel(spec, tensors, word_lists(), Prediction, Sentence, Cue)
    except (ValueError, LookupError, TypeError, SystemError):  # the pure engine names what is wrong, or scores it
        return None
    heads = {head["name"]: head for head in spec["heads"]}
    articles = tuple(name for name, head in heads.items() if head["level"] == "article")
    sentences = tuple(name for name in ("vague", "attributed", "loaded") if name in heads)
    aspects = heads.get("frames", {})
    outputs = {name: len(h["labels"]) if h["several"] or len(h["labels"]) > 2 else 1 for name, h in heads.items()}
    return Engine(kernel, articles, sentences, tuple(aspects.get("labels", ())), tuple(aspects.get("thresholds", ())), outputs)


def word_lists() -> dict[str, Any]:
    """The lists that the pure engine reads words by, as the kernel takes them."""
    named = {"opens": features.OPENS, "negations": features.NEGATIONS, "elsewhere": cues.ELSEWHERE, "clause": cues.CLAUSE}
    named |= {"past": cues.PAST, "present": cues.PRESENT, "numerals": cues.NUMERALS, "quantifiers": cues.QUANTIFIERS}
    named |= {"open": cues.OPEN, "auxiliaries": cues.AUXILIARIES, "pronouns": cues.PRONOUNS, "stops": cues.STOPS}
    roles = {role: sorted(ROLES[role]) for role in sorted(ROLES)}
    return {**{name: sorted(words) for name, words in named.items()}, "types": list(CUE_TYPES), "groups": cues.GROUPS, "roles": roles}


def analyse(engine: Engine, model: Model, text: str, title: str | None, target: Target) -> Analysis | None:
    """The analysis of a text; None where the pure engine must answer (or refuse) instead."""
    aim, headline = _aim(text, None, target), _headline(title)
    if aim is False:
        return None
    answer = engine.kernel.read(text, headline, aim)
    if answer is None:  # not clean
        cleaned = clean(text)
        aim, way = _aim(cleaned.text, cleaned, target), cleaned.way or Way()
        if aim is False:
            return None
        answer = engine.kernel.read(cleaned.text, headline, aim, text, way.places, way.offsets, way.widths)
    return _analysis(engine, model, answer, (text, title, target)) if answer else None


def _headline(title: str | None) -> list[str] | None:
    return features.headline(title) if title is not None else None


def _aim(text: str, cleaned: Clean | None, target: Target) -> Any:
    """A target as the kernel takes it: its words, or bytes of the text; False for one that it cannot take."""
    if target is None:
        return None
    if isinstance(target, str):
        return words_of(target) or False
    if not (isinstance(target, (tuple, list)) and len(target) == 2 and all(isinstance(n, int) for n in target)):
        return False
    if cleaned is None and not 0 <= target[0] < target[1] <= len(text):
        return False
    low, high = target if cleaned is None else cleaned.find(*target)
    try:
        return len(text[:low].encode()), len(text[:high].encode())
    except UnicodeEncodeError:  # a lone surrogate, which cleaning replaces
        return None


def _analysis(engine: Engine, model: Model, answer: Any, asked: tuple[str, str | None, Target]) -> Analysis:
    language, words, reason, articles, valence, hedging, sentences, cue_row = answer
    said = dict(zip(engine.articles, articles, strict=True))
    aspects = said.pop("frames", None)
    return Analysis(
        tone=said.pop("tone", None),
        valence=valence,
        hedging=_hedging(engine, hedging, reason) if model.cues else None,
        frames=_frames(engine, *aspects) if aspects is not None else None,
        labels=said,
        sentences=sentences,
        cues=cue_row,
        language=language,
        model=model.id,
        _text=asked[0],
        _words=words,
        _explain=Later(model, asked),
    )


@dataclass(frozen=True, slots=True)
class Later:
    """Explanations, for which the pure engine reads the text again, once, when the first is asked for."""

    model: Model
    asked: tuple[str, str | None, Target]
    _reading: list[Reading] = field(default_factory=list, repr=False, compare=False)

    def __call__(self, head: str, of: Sentence | Cue | None) -> Any:
        """The explanation of a head's label."""
        from framing.explain import explain

        if not self._reading:
            self._reading.append(self.model.read(*self.asked))
        return explain(self.model, self._reading[0], head, of)


def _hedging(engine: Engine, answer: Any, reason: Any) -> Hedging:
    label, rate, percentile, rates, counts = answer
    by_type = {kind: {"author": author, "quoted": quoted} for kind, (author, quoted) in zip(CUE_TYPES, counts, strict=True)}
    if reason:
        return Hedging(None, None, None, {}, by_type, reason)
    named = dict(zip(engine.sentences, rates, strict=True))
    return Hedging(label, rate, percentile, {"hedged": rate, **{name: named[name] for name in RATED if name in named}}, by_type)


def _frames(engine: Engine, reason: Any, chances: Sequence[float]) -> Frames:
    if reason:
        return Frames((), {}, reason)
    return frames(engine.frames, engine.cuts, dict(zip(engine.frames, chances, strict=True)))


def rows(
    engine: Engine, texts: Sequence[Any], titles: Sequence[str | None], targets: Sequence[Any], width: int
) -> list[tuple[Any, ...] | None]:
    """The values of each text's row but the last column, the model's; None where the pure engine must answer."""
    made = _rows(engine, [_asked(*row) for row in zip(texts, titles, targets, strict=True)], width, False)
    unclean = [n for n, (row, text) in enumerate(zip(made, texts, strict=True)) if row is None and isinstance(text, (str, Utf8))]
    again = _rows(engine, [_asked(texts[n], titles[n], targets[n], careful=True) for n in unclean], width, True)
    for n, row in zip(unclean, again, strict=True):
        made[n] = row
    return made


def detailed_rows(
    engine: Engine, texts: Sequence[Any], titles: Sequence[str | None], places: Sequence[tuple[str, int]], width: int
) -> list[tuple[Any, ...] | None]:
    """As `rows`, with rows of its sentences and cues, which begin with its place: (row, sentences, cues); None for unclean texts too."""
    asked = [_asked(text, title, None) for text, title in zip(texts, titles, strict=True)]
    return _rows(engine, asked, width, False, list(places))


def _rows(
    engine: Engine, asked: Sequence[tuple[Any, ...]], width: int, cleaned: bool, places: list[tuple[str, int]] | None = None
) -> list[tuple[Any, ...] | None]:
    if not asked:
        return []
    made: list[tuple[Any, ...] | None] = engine.kernel.rows(*map(list, zip(*asked, strict=True)), width, engine.cuts, cleaned, places)
    return made


def _asked(text: Any, title: str | None, target: Any, careful: bool = False) -> tuple[str | Utf8 | None, list[str] | None, Any]:
    """A row as the kernel takes it, its text cleaned first if asked for; no text where the pure engine must answer."""
    if target is None and title is None and not careful and isinstance(text, (str, Utf8)) and len(text) <= MAX_CHARACTERS:
        return text, None, None
    if isinstance(text, Utf8):
        text = text.decode(errors="replace")
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS or (title is not None and len(title) > MAX_CHARACTERS):
        return None, None, None
    cleaned = clean(text) if careful else None
    aim = _aim(cleaned.text if cleaned else text, cleaned, target)
    return (None, None, None) if aim is False else (cleaned.text if cleaned else text, _headline(title), aim)


def golden(engine: Engine, model: Model, texts: Sequence[str]) -> list[float]:
    """As `framing.persist.golden`: scores of the texts under every head, in the model's order."""
    scores: list[float] = []
    for text in texts:
        article, sentence, valence, found = engine.kernel.scores(text, (0, len(text[:12].encode())))
        named = _apart(engine, engine.articles, article) | _apart(engine, engine.sentences, sentence) | {"valence": list(valence)}
        scores += [score for name in model.trained for score in named[name]] + list(found)
    return scores


def _apart(engine: Engine, names: Sequence[str], scores: Sequence[float]) -> dict[str, Sequence[float]]:
    """A row of scores by head."""
    ends = list(accumulate(engine.outputs[name] for name in names))
    return {name: scores[end - engine.outputs[name] : end] for name, end in zip(names, ends, strict=True)}
