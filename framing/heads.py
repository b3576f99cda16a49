"""A head: which stream it reads, which families of features it counts there, its weights, its labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framing.features import Stream, View
from framing.linear import Linear, logit, sigmoid, softmax
from framing.types import Contribution, Explanation, Frames, Prediction

LEVELS = ("article", "sentence", "author", "target", "cue")
"""What a head reads: an article; a sentence; a sentence outside quotation marks; a sentence around a target; a cue's context."""


@dataclass(frozen=True, slots=True)
class Head:
    """One trained classifier.

    Attributes
    ----------
    name : str
    level : str
        One of `LEVELS`.
    labels : tuple of str
        Of two labels the second is the positive one.
    families : tuple of str
        Families of features, as `framing.features` names them.
    linear : Linear
    thresholds : tuple of float
        Least probability of the positive label (two labels) or of each label (`several`).
    several : bool
        Whether labels are present independently of one another (frames).
    """

    name: str
    level: str
    labels: tuple[str, ...]
    families: tuple[str, ...]
    linear: Linear
    thresholds: tuple[float, ...] = (0.5,)
    several: bool = False

    def values(self, stream: Stream) -> list[tuple[str, int, float]]:
        """Known features of the stream with rows and values."""
        return self.linear.values([part for family in self.families for part in stream.parts(family)])

    def predict(self, stream: Stream) -> Prediction:
        """The label of a stream; abstains where no feature is known."""
        values = self.values(stream)
        return self.answer(self.linear.scores(values) if values else None)

    def answer(self, scores: Sequence[float] | None) -> Prediction:
        """The label that these scores mean, of which there are none where no feature is known."""
        return Prediction.abstain("unknown_words") if scores is None else self.decide(scores)

    def decide(self, scores: Sequence[float]) -> Prediction:
        """The label that these scores mean."""
        if len(self.labels) == 2:
            chance = sigmoid(scores[0])
            positive = chance >= self.thresholds[0]
            label = self.labels[positive]
            both = dict(zip(self.labels, (1 - chance, chance), strict=True))
            return Prediction(label, both[label], both, scores[0])
        chances = softmax(scores)
        best = max(range(len(chances)), key=chances.__getitem__)
        return Prediction(self.labels[best], chances[best], dict(zip(self.labels, chances, strict=True)), scores[best])

    def chances(self, scores: Sequence[float] | None) -> dict[str, float]:
        """Probability of each label of a head with several labels; empty where no feature is known, and there are no scores."""
        return {label: sigmoid(score) for label, score in zip(self.labels, scores or (), strict=scores is not None)}

    def explain(self, stream: Stream, seen: View, label: str | None) -> Explanation:
        """What each feature adds to the score of a label, largest first."""
        row = 0 if len(self.linear.coef) == 1 or label is None else self.labels.index(label)
        weights, values = self.linear.coef[row], self.values(stream)
        spans = self._spans(stream, seen)
        parts = [Contribution(feature, weights[at], value, tuple(spans[feature])) for feature, at, value in values]
        parts.sort(key=lambda part: (-abs(part.amount), part.feature))
        return Explanation(self.name, label, tuple(parts), self.linear.intercept[row], self.linear.scores(values)[row])

    def _spans(self, stream: Stream, seen: View) -> dict[str, list[tuple[int, int]]]:
        """The caller's offsets of every feature."""
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for family in self.families:
            for run in stream.runs(family):
                for k, name in enumerate(run.names):
                    first, end = run.span(k)
                    low, high = stream.index[first], stream.index[end - 1]
                    if low >= 0:
                        places[name].append(seen.place(low, high + 1))
        return places


def frames(labels: Sequence[str], thresholds: Sequence[float], chances: Mapping[str, float]) -> Frames:
    """The frames that are present, surest first, and the chance of each."""
    present = [name for name, least in zip(labels, thresholds, strict=True) if chances[name] >= least]
    return Frames(tuple(sorted(present, key=lambda name: -chances[name])), dict(chances))


def binary(name: str, positive: bool, chance: float) -> Prediction:
    """The label of a sentence that is `name` or plain, and the chance that it is `name`."""
    label = name if positive else "plain"
    return Prediction(label, chance if positive else 1 - chance, {"plain": 1 - chance, name: chance}, logit(chance))
