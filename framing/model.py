"""The heart: a text goes in, an `Analysis` comes out. A single call is a batch of one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from framing import features, language, native, targets
from framing.cues import CueModel, Found, as_cues, give_cues, hedges
from framing.errors import InputError
from framing.features import Stream, View
from framing.heads import Head, binary, frames
from framing.joint import Joint, Row, Sheet
from framing.lexicon import Lexicon
from framing.native import Engine
from framing.text import check_text
from framing.types import CUE_TYPES, Analysis, Cue, Explanation, Frames, Hedging, Prediction, Reason, Sentence

if TYPE_CHECKING:
    import pandas as pd

    from framing.style import Style

K = TypeVar("K", bound=Hashable)
Target: TypeAlias = "str | tuple[int, int] | None"

MIN_WORDS = 20
"""Article labels abstain under this many words."""

HEDGED_FROM, HEAVILY_FROM = 50.0, 85.0
"""Percentiles of the reference news from which an article is hedged, and heavily hedged."""

SENTENCE_HEADS = ("vague", "attributed", "loaded")
"""Heads that label sentences, besides hedged (from cues) and valence (toward a target)."""

TOGETHER = 1024
"""Sentences whose features are held at a time."""


class Reading(NamedTuple):
    """One text as a model reads it."""

    text: str
    seen: View
    title: tuple[str, ...]
    language: str | None
    found: tuple[Found, ...]
    chosen: tuple[Found, ...]
    mentions: dict[int, tuple[int, int]]
    words: int
    targeted: bool

    @property
    def reason(self) -> Reason | None:
        """Why article labels abstain, if they do."""
        if not self.words:
            return "empty"
        if self.language not in ("en", None):
            return "language"
        return "too_short" if self.words < MIN_WORDS else None


@dataclass(frozen=True)
class Model:
    """Trained heads, a cue model and the reference news; immutable, shared freely between threads.

    Attributes
    ----------
    name, id : str
        Its name, and the name with the first eight digits of its hash.
    heads : tuple of str
        Names of its heads.
    card : str
        Its model card, Markdown.
    style : Style or None
        The house style that its answers follow.
    """

    name: str
    trained: Mapping[str, Head]
    cues: CueModel | None = None
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)
    reference: tuple[float, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    digest: str = ""
    engine: Engine | None = field(default=None, repr=False, compare=False)
    data: bytes = field(default=b"", repr=False, compare=False)
    style: Style | None = None

    def __post_init__(self) -> None:
        parts = (self.trained, self.cues, self.lexicons, self.reference)
        if self.engine and any(mine is not its for mine, its in zip(parts, self.engine.parts, strict=True)):
            object.__setattr__(self, "engine", None)
            object.__setattr__(self, "data", b"")

    def __reduce__(self) -> tuple[Any, ...]:
        """A model of a file is sent to other processes as that file's bytes."""
        if self.style:
            return Model.with_style, (replace(self, style=None), self.style)
        if not self.data:
            return super().__reduce__()  # type: ignore[return-value]
        from framing.persist import restore

        return restore, (self.data, self.name, self.digest, self.card)

    @property
    def id(self) -> str:
        """Name and hash, and the house style's hash, as every output records them."""
        model = f"{self.name}@{self.digest[:8]}" if self.digest else self.name
        return f"{model}+{self.style.id}" if self.style else model

    @cached_property
    def joint(self) -> Joint:
        """The heads side by side."""
        return Joint(self.trained.values())

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the heads."""
        return (*self.trained, *(self.cues.heads if self.cues else ()))

    def classify(self, text: str, title: str | None = None, target: Target = None) -> Analysis:
        """Analyse one text; see `framing.classify`."""
        if self.engine:
            check_text(text)
            answer = native.analyse(self.engine, self, text, title if title is None else check_text(title, "title"), target)
            if answer is not None:
                return self._styled(answer)
        return self.analyse(self.read(text, title, target))

    def classify_many(
        self, texts: Iterable[str], titles: Sequence[str | None] | None = None, targets: Sequence[Target] | None = None
    ) -> list[Analysis]:
        """Analyse texts in order; see `framing.classify_many`."""
        if isinstance(texts, str):
            raise InputError("texts must be a list of str, got one str. Call classify(text), or classify_many([text]).")
        if isinstance(texts, bytes) or not isinstance(texts, Iterable):
            raise InputError(f"texts must be a list of str, got {type(texts).__name__}.")
        rows = list(texts)
        headlines = _aligned("titles", titles, len(rows))
        aims = _aligned("targets", targets, len(rows))
        return [self._numbered(n, *row) for n, row in enumerate(zip(rows, headlines, aims, strict=True))]

    def score(
        self,
        frame: pd.DataFrame,
        text: str = "text",
        title: str | None = None,
        target: str | None = None,
    ) -> pd.DataFrame:
        """Score a table: the same index, a row for each row, a bad row is a row with status `error`.

        Parameters
        ----------
        frame : DataFrame
        text, title, target : str
            Names of its columns.

        Returns
        -------
        DataFrame
            The columns of `framing.table.columns`.
        """
        from framing.table import score

        return score(self, frame, text, title, target)

    def to_sklearn(self, head: str) -> Any:
        """The head as a scikit-learn Pipeline of scikit-learn's own classes (n-gram heads)."""
        from framing.export import pipeline

        return pipeline(self, head)

    def with_style(self, style: Style | str | Path | None) -> Model:
        """This model with a house style, or the TOML file of one; its answers follow it, and its id tells of it. None takes it off."""
        from framing.style import read

        return replace(self, style=read(style) if isinstance(style, (str, Path)) else style)

    def save(self, folder: str | Path) -> Path:
        """Write `model.safetensors` and `README.md` (the card) to a folder, and give its path."""
        from framing.persist import save

        return save(self, Path(folder))

    def _numbered(self, number: int, text: str, title: str | None, target: Target) -> Analysis:
        """Analyse one of a batch; an error names its index."""
        try:
            return self.classify(text, title, target)
        except InputError as error:
            raise type(error)(f"Item {number}: {error}") from None

    def read(self, text: str, title: str | None = None, target: Target = None) -> Reading:
        """Cut the text, tell its language, find its cues and the target's mentions."""
        seen = features.view(check_text(text))
        tongue = language.identify(seen.words, seen.clean.text)
        found = tuple(self.cues.judge(seen)) if self.cues and tongue in ("en", None) else ()
        chosen = tuple(self.cues.select(found)) if self.cues else ()
        headline = tuple(features.headline(check_text(title, "title"))) if title is not None else ()
        mentions = targets.mentions(seen, target, len(text)) if "valence" in self.trained else {}
        words = sum(map(str.isalnum, map(itemgetter(0), seen.words)))
        return Reading(text, seen, headline, tongue, found, chosen, mentions, words, target is not None)

    def analyse(self, reading: Reading) -> Analysis:
        """Every label of a text that was read."""
        sheet = self.sheet(reading)
        toward = self._toward(sheet, reading)
        sentences = self._sentences(sheet, toward, reading)
        cues = tuple(as_cues(reading.seen, reading.chosen, reading.text))
        article = sheet.row(self.article(reading))
        own = [name for name, head in self.trained.items() if head.level == "article" and name not in ("tone", "frames")]
        made = Analysis(
            tone=self._label("tone", article, reading),
            valence=self._valence(toward, reading),
            hedging=self._hedging(sentences, cues, reading.reason) if self.cues else None,
            frames=self._frames(article, reading),
            labels={name: _known(self._label(name, article, reading)) for name in own},
            sentences=sentences,
            cues=cues,
            language=reading.language,
            model=self.id,
            _text=reading.text,
            _words=reading.words,
            _explain=partial(self._explain, reading),
        )
        return self._styled(made)

    def _styled(self, analysis: Analysis) -> Analysis:
        """The analysis after the house style, and the labels and rates that follow from it."""
        if self.style is None or analysis.hedging is None or analysis.language not in ("en", None):
            return analysis
        made = self.style.apply(analysis, analysis._text)
        hedging = self._hedging(made.sentences, made.cues, analysis.hedging.reason)
        return replace(analysis, hedging=hedging, sentences=made.sentences, cues=made.cues, _explain=made)

    def sheet(self, reading: Reading) -> Sheet:
        """Where the features of its streams are looked up."""
        return Sheet(self.joint, reading.seen.folded, reading.seen.words, self.lexicons)

    def article(self, reading: Reading) -> Stream:
        """What article heads read."""
        return features.article(reading.seen, reading.title, self.lexicons)

    def sentence(self, reading: Reading, head: Head, number: int) -> Stream:
        """What a sentence head reads."""
        if head.level == "author":
            return features.author(reading.seen, number, self.lexicons)
        if head.level == "target":
            return features.around(reading.seen, number, reading.mentions[number], self.lexicons)
        stream = features.sentence(reading.seen, number, self.lexicons)
        give_cues(stream, reading.seen, reading.chosen, number)
        return stream

    def _label(self, name: str, article: Row, reading: Reading) -> Prediction | None:
        if name not in self.trained:
            return None
        head = self.trained[name]
        return Prediction.abstain(reading.reason) if reading.reason else head.answer(self.joint.scores(head, [article.parts(head)])[0])

    def _frames(self, article: Row, reading: Reading) -> Frames | None:
        head = self.trained.get("frames")
        if head is None:
            return None
        chances = head.chances(None if reading.reason else self.joint.scores(head, [article.parts(head)])[0])
        if not chances:
            return Frames((), {}, reading.reason or "unknown_words")
        return frames(head.labels, head.thresholds, chances)

    def _sentences(self, sheet: Sheet, toward: Mapping[int, list[float]], reading: Reading) -> tuple[Sentence, ...]:
        hedged = self._hedged(reading) if self.cues else [None] * len(reading.seen.sentences)
        labels, valence = self._spoken(sheet, reading), self._sentence_valences(toward, reading)
        rows = []
        for number, ((low, high), voice) in enumerate(zip(reading.seen.sentences, reading.seen.voices, strict=True)):
            start, end = reading.seen.clean.span(low, high)
            here = {name: column[number] for name, column in labels.items()}
            rows.append(Sentence(reading.text[start:end], start, end, voice, hedged[number], valence=valence[number], **here))
        return tuple(rows)

    def _spoken(self, sheet: Sheet, reading: Reading) -> dict[str, list[Prediction]]:
        """Labels of each sentence."""
        heads = [self.trained[name] for name in SENTENCE_HEADS if name in self.trained]
        numbers = range(len(reading.seen.sentences))
        if reading.language not in ("en", None):
            return {head.name: [Prediction.abstain("language")] * len(numbers) for head in heads}
        made: dict[str, list[Prediction]] = {head.name: [] for head in heads}
        for first in range(0, len(numbers), TOGETHER):
            scores = self._spoken_scores(sheet, reading, heads, numbers[first : first + TOGETHER])
            for head, found in zip(heads, scores, strict=True):
                made[head.name] += _each(head.decide, map(tuple, found))
        return made

    def _spoken_scores(self, sheet: Sheet, reading: Reading, heads: Sequence[Head], numbers: range) -> Iterator[list[list[float]]]:
        """Scores of some sentences, of each head; heads of one level read one stream, in which each family is looked up once."""
        levels = {head.level: head for head in heads}
        streams = {level: [self.sentence(reading, head, number) for number in numbers] for level, head in levels.items()}
        if "sentence" in streams and "author" in streams:
            pairs = zip(streams["sentence"], streams["author"], strict=True)
            streams["author"] = [whole if _alike(whole, own) else own for whole, own in pairs]
        apart = {id(stream): stream for row in streams.values() for stream in row}
        found = dict(zip(apart, sheet.rows(apart.values()), strict=True))
        rows = {level: [found[id(stream)] for stream in row] for level, row in streams.items()}
        return (self.joint.decided(head, [row.parts(head) for row in rows[head.level]]) for head in heads)

    def _toward(self, sheet: Sheet, reading: Reading) -> dict[int, list[float]]:
        """Scores of the sentences that mention the target."""
        head = self.trained.get("valence")
        if head is None or reading.language not in ("en", None):
            return {}
        rows = sheet.rows(self.sentence(reading, head, number) for number in reading.mentions)
        return dict(zip(reading.mentions, self.joint.decided(head, [row.parts(head) for row in rows]), strict=True))

    def _sentence_valences(self, toward: Mapping[int, list[float]], reading: Reading) -> list[Prediction | None]:
        head, numbers = self.trained.get("valence"), range(len(reading.seen.sentences))
        if head is None:
            return [None] * len(numbers)
        unread, without = Prediction.abstain("language"), Prediction.abstain("no_target")
        said = dict(zip(toward, _each(head.decide, map(tuple, toward.values())), strict=True))
        return [said.get(number, unread) if number in reading.mentions else without for number in numbers]

    def _hedged(self, reading: Reading) -> list[Prediction]:
        """Hedged where a cue of a hedging type was chosen; as probable as that not every cue is mistaken, or as the surest candidate."""
        if reading.language not in ("en", None):
            return [Prediction.abstain("language")] * len(reading.seen.sentences)
        numbers = range(len(reading.seen.sentences))
        found, chosen = (_by_sentence(items, len(numbers)) for items in (reading.found, reading.chosen))
        cued = [any(item.group == "hedge" for item in items) for items in chosen]
        chances = map(hedges, found, chosen)
        return _each(lambda one: binary("hedged", *one), zip(cued, chances, strict=True))

    def _hedging(self, sentences: Sequence[Sentence], cues: Sequence[Cue], reason: Reason | None) -> Hedging:
        counts = {kind: {"author": 0, "quoted": 0} for kind in CUE_TYPES}
        for cue in cues:
            counts[cue.type][cue.voice] += 1
        if reason:
            return Hedging(None, None, None, {}, counts, reason)
        rates = {name: _rate(sentences, name) for name in ("hedged", "vague", "attributed") if getattr(sentences[0], name) is not None}
        percentile = self._percentile(rates["hedged"])
        return Hedging(_hedging_label(percentile), rates["hedged"], percentile, rates, counts)

    def _percentile(self, rate: float) -> float | None:
        """Share of the reference news that hedges less, ties by half, 0 to 100."""
        if not self.reference:
            return None
        below = bisect_left(self.reference, rate)
        ties = sum(1 for value in self.reference[below:] if value == rate)
        return 100 * (below + ties / 2 * (rate > 0)) / len(self.reference)

    def _valence(self, toward: Mapping[int, list[float]], reading: Reading) -> Prediction | None:
        head = self.trained.get("valence")
        if head is None:
            return None
        if reading.reason and (reading.reason != "too_short" or not reading.targeted):
            return Prediction.abstain(reading.reason)
        if not reading.mentions:
            return Prediction.abstain("no_target")
        rows = [toward[number] for number in reading.mentions]
        return head.decide([sum(column) / len(rows) for column in zip(*rows, strict=True)])

    def _explain(self, reading: Reading, head: str, of: Sentence | Cue | None) -> Explanation:
        from framing.explain import explain

        return explain(self, reading, head, of)


def _each(make: Callable[[K], Prediction], given: Iterable[K]) -> list[Prediction]:
    """What `make` gives of each, one object for all that are equal: else a text of very many sentences takes two kilobytes for each."""
    asked = list(given)
    made = {one: make(one) for one in dict.fromkeys(asked)}
    return [made[one] for one in asked]


def _by_sentence(items: Iterable[Found], total: int) -> list[list[Found]]:
    """Candidates by their sentence."""
    made: list[list[Found]] = [[] for _ in range(total)]
    for item in items:
        made[item.candidate.sentence].append(item)
    return made


def _alike(one: Stream, other: Stream) -> bool:
    """Whether two streams of a sentence hold the same words in the same voice: nothing in it is quoted."""
    return one.voice == other.voice and len(one.tokens) == len(other.tokens)


def _hedging_label(percentile: float | None) -> str | None:
    if percentile is None:
        return None
    if percentile >= HEAVILY_FROM:
        return "heavily hedged"
    return "hedged" if percentile >= HEDGED_FROM else "plain"


def _rate(sentences: Sequence[Sentence], name: str) -> float:
    labels = Counter(getattr(sentence, name).label for sentence in sentences)
    return labels[name] / len(sentences)


def _known(prediction: Prediction | None) -> Prediction:
    assert prediction is not None
    return prediction


def _aligned(name: str, values: Sequence[Any] | None, n: int) -> Sequence[Any]:
    if values is None:
        return [None] * n
    if isinstance(values, str) or not isinstance(values, Sized) or len(values) != n:
        raise InputError(f"{name} must be a list as long as texts ({n}), or None. Got {values!r:.60}.")
    return values


