"""What a standards editor is told of a draft: a line for each cue and each loaded sentence, as linters tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from framing.documents import Document
from framing.inert import json_text
from framing.model import Model
from framing.types import CUE_TYPES

TYPES = (*CUE_TYPES, "loaded")
"""What can be found."""

MEANINGS = {
    "epistemic": "possible, not certain",
    "doxastic": "somebody's belief",
    "condition": "holds if something else does",
    "investigation": "still being found out",
    "reportative": "hearsay: who says so?",
    "approximator": "not exact",
    "vague": "nobody in particular: who, how many?",
    "attribution": "a source",
    "loaded": "the wording takes a side",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Words in a file, and what they do.

    Attributes
    ----------
    file : str
    line, column, end_line, end_column : int
        Counted from 1, in characters; the end is one past the last character.
    type : str
        One of `TYPES`.
    text : str
    fatal : bool
        Whether --fail-on names its type.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    type: str
    text: str
    fatal: bool = False

    @property
    def message(self) -> str:
        """The words and what they do, in one line."""
        words = " ".join(self.text.split())
        return f'"{words if len(words) <= 60 else words[:57] + "..."}": {MEANINGS[self.type]}'


def findings(model: Model, document: Document, types: Collection[str], fatal: Collection[str] = (), quoted: bool = False) -> list[Finding]:
    """What is found in a document, in order of place; quoted speech only if asked for."""
    text = document.text
    starts = [0, *(n + 1 for n, character in enumerate(text) if character == "\n")]

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    spans = sorted(span for span in _spans(model, text, quoted) if span[2] in types or span[2] in fatal)
    return [Finding(document.key, *place(low), *place(high), kind, text[low:high], kind in fatal) for low, high, kind in spans]


def _spans(model: Model, text: str, quoted: bool) -> Iterator[tuple[int, int, str]]:
    analysis = model.classify(text)
    for cue in analysis.cues:
        if quoted or cue.voice == "author":
            yield cue.start, cue.end, cue.type
    for sentence in analysis.sentences:
        if sentence.loaded and sentence.loaded.label == "loaded" and (quoted or sentence.voice == "author"):
            yield sentence.start, sentence.end, "loaded"


def as_text(found: Sequence[Finding]) -> str:
    """`file:line:col type message`, a line each."""
    return "\n".join(f"{one.file}:{one.line}:{one.column} {one.type} {one.message}" for one in found)


def as_json(found: Sequence[Finding]) -> str:
    """A JSON list of objects."""
    return json_text([asdict(one) | {"message": one.message} for one in found], indent=1)


def as_github(found: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines."""
    return "\n".join(map(_command, found))


def _command(one: Finding) -> str:
    file = _escaped(one.file, ":,")
    level = "error" if one.fatal else "warning"
    place = f"line={one.line},endLine={one.end_line},col={one.column},endColumn={one.end_column}"
    return f"::{level} file={file},{place},title={one.type}::{_escaped(one.message)}"


def _escaped(text: str, more: str = "") -> str:
    """A value as workflow commands take it."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def as_sarif(found: Sequence[Finding]) -> str:
    """SARIF 2.1.0, which code scanners read."""
    from framing import __version__

    rules = [{"id": kind, "shortDescription": {"text": MEANINGS[kind]}} for kind in TYPES]
    driver = {"name": "framing", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(one) for one in found]}
    return json_text({"version": "2.1.0", "runs": [run]}, indent=1)


def _result(one: Finding) -> dict[str, Any]:
    from urllib.parse import quote

    region = {"startLine": one.line, "startColumn": one.column, "endLine": one.end_line, "endColumn": one.end_column}
    place = {"physicalLocation": {"artifactLocation": {"uri": quote(one.file)}, "region": region}}
    level = "error" if one.fatal else "warning"
    return {"ruleId": one.type, "level": level, "message": {"text": one.message}, "locations": [place]}


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
