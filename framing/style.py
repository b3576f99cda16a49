"""A house style: words that a newsroom allows, denies or counts as another type, and what follows from them.

It is a pass over an analysis, after the engine and whichever engine it was. Of `framing.toml`:

    allow = ["may day", "about"]        # no cue stands inside these words

    [deny]
    vague = ["sources close to"]        # always a cue of this type
    loaded = ["slammed"]                # its sentence is loaded, unless the words are quoted

    [retype]
    reportative = ["is said to"]        # a cue inside these words is of this type

Words match whole, in any case. Of phrases that overlap the one that begins first counts, then the longest.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from framing.cues import NO_CUE, together
from framing.errors import StyleError
from framing.explain import hedging
from framing.heads import binary
from framing.lexicon import Lexicon, key
from framing.linear import logit
from framing.sentences import quoted, voices_at
from framing.text import TOKEN, clean
from framing.types import CUE_TYPES, HEDGE_TYPES, Analysis, Contribution, Cue, Explain, Explanation, Sentence

NAME = "framing.toml"
MOST_BYTES = 1 << 20
LABELS = {**dict.fromkeys(HEDGE_TYPES, "hedged"), "vague": "vague", "attribution": "attributed", "loaded": "loaded"}
"""The label of a sentence that follows from a cue's type, or from a word denied as loaded."""

DENIED = (*CUE_TYPES, "loaded")


@dataclass(frozen=True)
class Style:
    """Words with what is to be done where they stand.

    Attributes
    ----------
    rules : mapping of str to (str, str)
        Words, as `framing.lexicon.key` writes them, to an action (allow, deny, retype) and a cue type (empty for allow).
    """

    rules: Mapping[str, tuple[str, str]]

    @cached_property
    def id(self) -> str:
        """`style@` and eight digits of a hash of the rules: the same rules in another order have the same."""
        plain = json.dumps(sorted(self.rules.items()))
        return f"style@{hashlib.sha256(plain.encode()).hexdigest()[:8]}"

    @cached_property
    def _words(self) -> Lexicon:
        return Lexicon({term: " ".join(rule) for term, rule in self.rules.items()})

    def apply(self, analysis: Analysis, text: str) -> Styled:
        """The cues and sentences of an analysis after the rules."""
        places = list(self._places(text, analysis.sentences))
        before = [(cue, _ruled(cue, places)) for cue in analysis.cues]
        denied = [p.cue for p in places if p.action == "deny" and (p.cue.type != "loaded" or p.cue.voice == "author")]
        marks = sorted([*(new for _, new in before if new), *denied], key=lambda cue: cue.start)
        changed = [cue for old, new in before if old != new for cue in (old, new) if cue] + denied
        touched: dict[int, set[str]] = defaultdict(set)
        for cue in changed:
            if cue.type in LABELS:
                touched[cue.sentence].add(LABELS[cue.type])
        rows = list(analysis.sentences)
        for number, labels in touched.items():
            rows[number] = _relabelled(rows[number], labels, [cue for cue in marks if cue.sentence == number])
        cues = tuple(cue for cue in marks if cue.type != "loaded")
        return Styled(analysis, cues, tuple(marks), tuple(rows), {new: old for old, new in before if new}, dict(touched))

    def _places(self, text: str, sentences: Sequence[Sentence]) -> Iterator[_Place]:
        """Where the rules' words stand, in order, none overlapping, each inside one sentence."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whoever classified the text was warned
            cleaned = clean(text)
        tokens = list(TOKEN.finditer(cleaned.text))
        quotations, starts, after = quoted(cleaned.text), [sentence.start for sentence in sentences], 0
        for low, high, rule in self._words.matches([token[0].lower().replace("’", "'") for token in tokens]):
            first, (start, end) = tokens[low].start(), cleaned.span(tokens[low].start(), tokens[high - 1].end())
            number = bisect_right(starts, start) - 1
            if low < after or number < 0 or end > sentences[number].end:
                continue
            after = high
            action, _, kind = rule.partition(" ")
            voice = voices_at([first], quotations)[0]
            yield _Place(action, Cue(text[start:end], start, end, kind, 1.0, voice, number))


@dataclass(frozen=True, slots=True)
class _Place:
    """What is to be done where some words stand; they are written as the cue that they would be."""

    action: str
    cue: Cue


@dataclass(frozen=True, slots=True)
class Styled:
    """An analysis after a style, and how to explain it."""

    analysis: Analysis
    cues: tuple[Cue, ...]
    marks: tuple[Cue, ...]
    sentences: tuple[Sentence, ...]
    origins: Mapping[Cue, Cue]
    touched: Mapping[int, set[str]]

    def __call__(self, head: str, of: Sentence | Cue | None) -> Explanation:
        """As `Analysis.explain`: what the style decided is told as such, the rest as before."""
        before: Explain = self.analysis.explain
        if isinstance(of, Cue):
            return before(self.origins[of].type, self.origins[of]) if of in self.origins else _by_style(of.type, logit(1.0), [of])
        if isinstance(of, Sentence) and of in self.sentences:
            number = self.sentences.index(of)
            if head not in self.touched.get(number, ()):
                return before(head, self.analysis.sentences[number])
            ruled = [cue for cue in self.marks if (cue.sentence, LABELS.get(cue.type)) == (number, head)]
            return _by_style(head, getattr(of, head).score, ruled)
        if head == "hedging" and of is None and self.analysis.hedging and not self.analysis.hedging.reason:
            hedges = [cue for cue in self.cues if cue.type in HEDGE_TYPES]
            marks = [(f"{cue.type}={cue.text.lower()}", cue.sentence, (cue.start, cue.end)) for cue in hedges]
            return hedging(marks, len(self.sentences))
        return before(head, of)


def _ruled(cue: Cue, places: Sequence[_Place]) -> Cue | None:
    """A cue after the rules: gone, of another type, or as it was."""
    at = bisect_right(places, cue.end - 1, key=lambda place: place.cue.start) - 1
    while at >= 0 and places[at].cue.end > cue.start:
        place = places[at]
        inside = place.cue.start <= cue.start and cue.end <= place.cue.end
        if (place.action == "deny" and place.cue.type != "loaded") or (place.action == "allow" and inside):
            return None
        if place.action == "retype" and inside:
            return replace(cue, type=place.cue.type)
        at -= 1
    return cue


def _relabelled(sentence: Sentence, labels: set[str], cues: Sequence[Cue]) -> Sentence:
    """A sentence has a label if it holds a cue of it; a head that the model lacks stays lacking."""
    made: dict[str, Any] = {}
    for label in labels:
        chances = [cue.probability for cue in cues if LABELS.get(cue.type) == label]
        if getattr(sentence, label) is not None:
            made[label] = binary(label, bool(chances), together(chances) if chances else NO_CUE)
    return replace(sentence, **made)


def _by_style(head: str, score: float, cues: Sequence[Cue]) -> Explanation:
    part = Contribution("house style", score, 1.0, tuple((cue.start, cue.end) for cue in cues))
    return Explanation(head, head, (part,), 0.0, score)


def find(start: Path) -> Path | None:
    """The nearest `framing.toml` in a folder (or a file's folder) or above it."""
    folder = start.absolute()
    found = next((path for path in (parent / NAME for parent in (folder, *folder.parents)) if os.access(path, os.F_OK)), None)
    if found and (found.is_fifo() or found.is_char_device() or found.is_socket()):  # which might never end; --style may name a pipe
        raise StyleError(f"{found} is a pipe or a device. Put a file there, or leave it out with --no-style.")
    return found


def read(path: str | Path) -> Style:
    """The style in a TOML file.

    Raises
    ------
    StyleError
        If the file cannot be read, or says anything that has no meaning here: with the line and what to do.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise StyleError(f"{path}: The house style cannot be read ({error.strerror}). Name another file, or leave it out.") from None
    if len(data) > MOST_BYTES:
        raise StyleError(f"{path}: A house style may have {MOST_BYTES:,} bytes, and it has more. Shorten it.")
    try:
        return parse(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StyleError(f"{path}: Line {line} is not UTF-8. Save the file as UTF-8.") from None
    except StyleError as error:
        raise StyleError(f"{path}: {error}") from None


def parse(text: str) -> Style:
    """The style in a TOML text; raises `StyleError` as `read` does."""
    import tomllib

    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        told = str(error).replace("at end of document", f"at the end, line {text.count(chr(10)) + 1}")
        raise StyleError(f"This is no TOML: {told}. Close every quotation mark and bracket, and put words in double quotes.") from None
    rules: dict[str, tuple[str, str]] = {}
    for action, kind, words in _lists(text, said):
        for phrase in words:
            term = _term(text, phrase)
            if term in rules:
                where = " ".join(rules[term]).strip()
                raise StyleError(f"Line {_line(text, phrase, last=True)}: {phrase!r} stands under {where} already. Leave one of them.")
            rules[term] = action, kind
    return Style(rules)


def _lists(text: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """Action, type and words of every list in the file."""
    for action, value in said.items():
        if action not in ("allow", "deny", "retype"):
            raise StyleError(f"Line {_line(text, action)}: {action!r} has no meaning here. Use allow, [deny] or [retype].")
        if action == "allow":
            yield "allow", "", _list(text, "allow", value)
            continue
        if not isinstance(value, dict):
            raise StyleError(f'Line {_line(text, action)}: {action} must be a table of types, as in {action}.vague = ["some say"].')
        for kind, words in value.items():
            known = DENIED if action == "deny" else CUE_TYPES
            if kind not in known:
                raise StyleError(f"Line {_line(text, kind)}: {kind!r} is nothing to {action}. The types are {', '.join(known)}.")
            yield action, kind, _list(text, kind, words)


def _list(text: str, name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise StyleError(f'Line {_line(text, name)}: {name} must be a list of words, as in {name} = ["some say"]. Got {value!r:.60}.')
    return value


def _term(text: str, phrase: Any) -> str:
    """Words as a lexicon holds them."""
    if not isinstance(phrase, str):
        raise StyleError(f'Line {_line(text, phrase)}: Words stand in quotation marks, as in "some say". Got {phrase!r:.60}.')
    if not any(character.isalnum() for character in phrase):
        raise StyleError(f'Line {_line(text, phrase)}: {phrase!r} holds no word. Write words, as in "some say".')
    return key(clean(phrase).text)


def _line(text: str, what: Any, last: bool = False) -> int:
    """The line that holds a key or a value, for a message: the first, or the last, on which it is written."""
    written = what if isinstance(what, str) and (what.strip() or not what) else str(what)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if (written or '""') in line.partition(" #")[0]]
    return (lines or [1])[-1 if last else 0]
