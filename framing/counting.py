"""What training counts in texts: one face, behind which either engine stands, as behind `framing.native` for scoring.

A counter is asked for rows, and answers each with what `Rows.add` takes: the counts of each family, or the number of a row
that the kernel keeps. Terms are strings only in the end, when `told` gives the kernel's numbers to the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from framing import features, native, targets
from framing.cues import CONTEXT, CueModel, candidates, context, give_cues
from framing.features import View, as_one
from framing.fit import Recipe, Rows, Tally
from framing.lexicon import Lexicon
from framing.model import Model
from framing.persist import in_kernel
from framing.text import Clean, check_text, clean
from framing.types import Voice

CUES = "cues"
"""What the kernel calls the lexicon of cues."""

VOICES: tuple[Voice, Voice] = ("author", "quoted")


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate of a cue: offsets in the cleaned text, its term, and what its counter knows it by."""

    start: int
    end: int
    term: str
    mark: Any


@dataclass(frozen=True)
class Judge:
    """A cue model that reads training texts, in the kernel where there is one."""

    model: Model

    @classmethod
    def of(cls, cues: CueModel) -> Judge:
        """The judge of these cues."""
        return cls.of_each([cues])[0]

    @classmethod
    def of_each(cls, cues: Sequence[CueModel]) -> list[Judge]:
        """The judge of each of some cue models."""
        models = [Model("cues", {}, one) for one in cues]
        return [cls(model) for model in (in_kernel(models) if native.extension() and all(one.heads for one in cues) else models)]

    @cached_property
    def cues(self) -> CueModel:
        """The cue model."""
        assert self.model.cues is not None
        return self.model.cues

    def found(self, seen: View) -> list[tuple[int, str, float]]:
        """Sentence, type and probability of every candidate of a text."""
        told = self.told(seen.clean.text, False)
        return told[0] if told else [(item.candidate.sentence, item.type, item.probability) for item in self.cues.judge(seen)]

    def told(self, text: str, joined: bool, cleaned: bool = True) -> Any:
        """What the kernel finds in a text, None where there is no kernel or the text must be cleaned first."""
        engine = self.model.engine
        return engine and engine.kernel.found(text, joined, cleaned)


class Counting(Protocol):
    """What makes rows of texts."""

    def article(self, text: str, title: str | None = None) -> Any:
        """The row of a whole text after its title."""

    def sentence(self, text: str, author: bool = False, judge: Judge | None = None) -> Any:
        """The row of a sentence (of what is the author's in it), with the cues that the judge finds; None where there is no sentence."""

    def around(self, text: str, span: tuple[int, int]) -> Any:
        """The row of a sentence around a target."""

    def candidates(self, text: str) -> tuple[Clean, list[Place]]:
        """The cleaned sentence and its candidates of cues."""

    def context(self, place: Place) -> Any:
        """The row of what stands around a candidate."""

    def told(self, rows: Rows) -> Rows:
        """The rows, with all that was counted."""


def counter(recipe: Recipe, lexicons: Mapping[str, Lexicon], cues: Lexicon | None = None) -> Counting:
    """What counts a recipe's families, or the contexts of terms of `cues`."""
    extension = native.extension()
    terms = {name: dict(lexicon.terms) for name, lexicon in lexicons.items()} | ({CUES: dict(cues.terms)} if cues else {})
    families = (CONTEXT,) if cues else recipe.families
    try:
        if extension:
            return Native(extension.Learner(native.word_lists(), terms, CUES, families), tuple(cues.terms) if cues else (), recipe.least)
    except ValueError:  # a family or a lexicon that the kernel does not know
        pass
    return Pure(tuple(families), lexicons, cues)


@dataclass(frozen=True, slots=True)
class Pure:
    """Rows as counts of strings: the reference."""

    families: tuple[str, ...]
    lexicons: Mapping[str, Lexicon]
    cues: Lexicon | None = None

    def article(self, text: str, title: str | None = None) -> Any:
        """As `Counting` has it."""
        headline = features.headline(title) if title else ()
        return self._counts(features.article(features.view(text), headline, self.lexicons))

    def sentence(self, text: str, author: bool = False, judge: Judge | None = None) -> Any:
        """As `Counting` has it."""
        seen = as_one(features.view(text))
        if not seen.bounds:
            return None
        stream = (features.author if author else features.sentence)(seen, 0, self.lexicons)
        if "cues" in self.families:
            give_cues(stream, seen, judge.cues.select(judge.cues.judge(seen)) if judge else (), 0)
        return self._counts(stream)

    def around(self, text: str, span: tuple[int, int]) -> Any:
        """As `Counting` has it."""
        seen = as_one(features.view(text))
        return self._counts(features.around(seen, 0, targets.mentions(seen, span)[0], self.lexicons))

    def candidates(self, text: str) -> tuple[Clean, list[Place]]:
        """As `Counting` has it."""
        seen = as_one(features.view(text))
        found = candidates(seen, self.cues) if self.cues else ()
        return seen.clean, [Place(seen.starts[c.first], seen.ends[c.end - 1], c.term, (seen, c)) for c in found]

    def context(self, place: Place) -> Any:
        """As `Counting` has it."""
        return [context(*place.mark).counts(CONTEXT)]

    def told(self, rows: Rows) -> Rows:
        """As `Counting` has it."""
        return rows

    def _counts(self, stream: features.Stream) -> list[Any]:
        return [stream.counts(family) for family in self.families]


@dataclass(slots=True)
class Native:
    """Rows as numbers of the kernel's. A text that cleaning would change is cleaned first, as in `framing.native`."""

    kernel: Any
    terms: tuple[str, ...]
    least: int
    _tally: Tally | None = field(default=None, repr=False)

    def article(self, text: str, title: str | None = None) -> Any:
        """As `Counting` has it."""
        headline = features.headline(title) if title else None
        row = self.kernel.article(check_text(text), headline)
        return row if row is not None else self.kernel.article(clean(text).text, headline, True)

    def sentence(self, text: str, author: bool = False, judge: Judge | None = None) -> Any:
        """As `Counting` has it."""
        row = self._sentence(check_text(text), author, judge, False)
        row = row if row is not None else self._sentence(clean(text).text, author, judge, True)
        return None if row is False else row

    def _sentence(self, text: str, author: bool, judge: Judge | None, cleaned: bool) -> Any:
        told = judge.told(text, True, cleaned) if judge else ((), ())
        return told and self.kernel.sentence(text, author, told[1], cleaned)

    def around(self, text: str, span: tuple[int, int]) -> Any:
        """As `Counting` has it."""
        cleaned = clean(text)
        low, high = (len(cleaned.text[:place].encode()) for place in cleaned.find(*span))
        row = self.kernel.around(cleaned.text, (low, high), True) if low < high else False
        if row is False:
            targets.mentions(features.view(text), span)  # says what is wrong
        return row

    def candidates(self, text: str) -> tuple[Clean, list[Place]]:
        """As `Counting` has it."""
        cleaned, found = Clean(text), self.kernel.candidates(check_text(text))
        if found is None:
            cleaned = clean(text)
            found = self.kernel.candidates(cleaned.text, True)
        return cleaned, [Place(start, end, self.terms[term], row) for row, start, end, term in found]

    def context(self, place: Place) -> Any:
        """As `Counting` has it."""
        return place.mark

    def told(self, rows: Rows) -> Rows:
        """As `Counting` has it."""
        self._tally = self._tally or self._told()
        return replace(rows, whole=self._tally)

    def _told(self) -> Tally:
        import numpy as np

        terms, *numbers = self.kernel.counted(self.least)
        return Tally(terms, *(np.frombuffer(part, np.int64) for part in numbers))


def view(text: str) -> View:
    """As `framing.features.view`, by the kernel where there is one."""
    extension = native.extension()
    if not extension:
        return features.view(text)
    cleaned = clean(text)
    _, sentences, voices, quoted, tokens, words, folded, bounds, _ = extension.view(cleaned.text.encode())
    starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
    return View(cleaned, sentences, [VOICES[voice] for voice in voices], quoted, starts, ends, words, folded, bounds)


