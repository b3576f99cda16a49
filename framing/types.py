"""What `classify` answers: frozen records, each offset an index into the caller's own string."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeAlias

from framing.errors import InputError
from framing.inert import json_text

Voice: TypeAlias = Literal["author", "quoted"]
Reason: TypeAlias = Literal["empty", "too_short", "language", "unknown_words", "no_target"]

HEDGE_TYPES = ("epistemic", "doxastic", "condition", "investigation", "reportative")
"""The cue types that make a sentence hedged."""

CUE_TYPES = (*HEDGE_TYPES, "approximator", "vague", "attribution")
"""All cue types, in the order of every table and legend."""

FRAME_NAMES = (
    "economic",
    "morality",
    "fairness",
    "legality_crime",
    "policy_political",
    "security",
    "health",
    "cultural_identity",
    "public_opinion",
    "conflict",
    "human_interest",
    "resolution",
)
"""The frames of the codebook (after Boydstun et al., Policy Frames Codebook, and Semetko & Valkenburg 2000)."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One label with its calibrated probability, or an abstention.

    Attributes
    ----------
    label : str or None
        The label; None where the head abstains.
    probability : float or None
        Calibrated probability of `label`, 0 to 1.
    probabilities : dict of str to float
        Probability of every label; sums to 1. Empty where the head abstains. Only to be read: sentences of one text of which a head says
        the same share one `Prediction`, so what is written here stands in the others too. For a copy: `dict(p.probabilities)`.
    score : float or None
        Calibrated log-odds (natural logarithm): of the positive class where there are two labels, of `label`
        against the geometric mean of all labels where there are more.
    reason : str or None
        Why it abstains: empty, too_short, language, unknown_words or no_target.
    """

    label: str | None
    probability: float | None
    probabilities: dict[str, float]
    score: float | None
    reason: Reason | None = None

    @classmethod
    def abstain(cls, reason: Reason) -> Prediction:
        """The answer of a head that has none to give."""
        return cls(None, None, {}, None, reason)


@dataclass(frozen=True, slots=True)
class Hedging:
    """How much an article hedges.

    Attributes
    ----------
    label : str or None
        plain, hedged or heavily hedged, by the percentile; None where it abstains.
    rate : float or None
        Hedged sentences / sentences, 0 to 1.
    percentile : float or None
        Share of the reference news that hedges less, 0 to 100.
    rates : dict of str to float
        Shares of sentences that are hedged, vague, attributed.
    counts : dict of str to dict of str to int
        Cues by type, then by voice (author, quoted).
    reason : str or None
        Why it abstains.
    """

    label: str | None
    rate: float | None
    percentile: float | None
    rates: dict[str, float]
    counts: dict[str, dict[str, int]]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """The aspects through which an article tells its issue (Entman 1993).

    Attributes
    ----------
    labels : tuple of str
        Frames that are present, surest first.
    probabilities : dict of str to float
        Calibrated probability of each frame; they do not sum to 1.
    reason : str or None
        Why it abstains.
    """

    labels: tuple[str, ...]
    probabilities: dict[str, float]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that withhold commitment, stay inexact or name a source.

    Attributes
    ----------
    text, start, end : str, int, int
        The words and their place: `article[start:end] == text`.
    type : str
        One of `CUE_TYPES`.
    probability : float
        Calibrated probability that these words are a cue of this type here.
    voice : {"author", "quoted"}
        Whose words they are.
    sentence : int
        Index of the sentence in `Analysis.sentences`.
    """

    text: str
    start: int
    end: int
    type: str
    probability: float
    voice: Voice
    sentence: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its place, its voice and the labels of its heads (None without the head)."""

    text: str
    start: int
    end: int
    voice: Voice
    hedged: Prediction | None = None
    vague: Prediction | None = None
    attributed: Prediction | None = None
    loaded: Prediction | None = None
    valence: Prediction | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's part in a score: `weight * value`, and where it stands in the text (spans of start, end)."""

    feature: str
    weight: float
    value: float
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def amount(self) -> float:
        """What the feature adds to the score, in log-odds."""
        return self.weight * self.value


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a score is what it is: the contributions plus the intercept are the score."""

    head: str
    label: str | None
    contributions: tuple[Contribution, ...]
    intercept: float
    score: float

    def __iter__(self) -> Iterator[Contribution]:
        return iter(self.contributions)

    def __len__(self) -> int:
        return len(self.contributions)


Explain: TypeAlias = Callable[[str, "Sentence | Cue | None"], Explanation]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything `classify` says of one article. An attribute is None where the model has no such head."""

    tone: Prediction | None
    valence: Prediction | None
    hedging: Hedging | None
    frames: Frames | None
    labels: dict[str, Prediction]
    sentences: tuple[Sentence, ...]
    cues: tuple[Cue, ...]
    language: str | None
    model: str
    _text: str = field(default="", repr=False, compare=False)
    _words: int = field(default=0, repr=False, compare=False)
    _explain: Explain | None = field(default=None, repr=False, compare=False)

    def explain(self, head: str, of: Sentence | Cue | None = None) -> Explanation:
        """The contributions behind a label.

        Parameters
        ----------
        head : str
            An article head (`tone`, `valence`, `hedging`, a frame's name, a reader's own head), or with `of` a sentence head or a cue type.
        of : Sentence or Cue, optional
            The sentence or cue of this analysis whose label is asked about.

        Returns
        -------
        Explanation
            Sorted by size of contribution; their sum plus `.intercept` is `.score` (log-odds; for `hedging` the rate).

        Raises
        ------
        InputError
            If there is no such head, it abstained, or the analysis was read back from JSON.
        """
        if self._explain is None:
            raise InputError("This analysis was read back from a file and holds no model. Call framing.classify(text) and explain that.")
        return self._explain(head, of)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, the fields in the order of the class."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain

    def to_json(self) -> str:
        """`to_dict` as JSON text: UTF-8 characters as they are, lone surrogates and what would move a cursor escaped."""
        return json_text(self.to_dict())

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Analysis:
        """The analysis that `to_dict` wrote; it cannot `explain`."""
        return cls(
            tone=_prediction(record["tone"]),
            valence=_prediction(record["valence"]),
            hedging=None if record["hedging"] is None else Hedging(**record["hedging"]),
            frames=None if record["frames"] is None else _frames(record["frames"]),
            labels={name: Prediction(**p) for name, p in record["labels"].items()},
            sentences=tuple(_sentence(s) for s in record["sentences"]),
            cues=tuple(Cue(**c) for c in record["cues"]),
            language=record["language"],
            model=record["model"],
        )

    def _repr_html_(self) -> str:
        from framing.views.html import notebook

        return notebook(self, self._text)


def _plain(value: Any) -> Any:
    """Records to dicts, tuples to lists; private fields stay out."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if not f.name.startswith("_")}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _prediction(record: Mapping[str, Any] | None) -> Prediction | None:
    return None if record is None else Prediction(**record)


def _frames(record: Mapping[str, Any]) -> Frames:
    return Frames(tuple(record["labels"]), dict(record["probabilities"]), record["reason"])


def _sentence(record: Mapping[str, Any]) -> Sentence:
    heads = {name: _prediction(record[name]) for name in ("hedged", "vague", "attributed", "loaded", "valence")}
    return Sentence(record["text"], record["start"], record["end"], record["voice"], **heads)
