"""The marked article as HTML: for the notebook, the report and the page alike.

Marks differ by line and weight as well as by colour, and their colours stand out on light and on dark alike, so that one
style serves on any ground and for any eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from framing.types import Analysis, Cue, Sentence
from framing.views import parts

LINES = {
    "epistemic": ("#b87514", "text-decoration:underline dotted 3px var(--c)"),
    "doxastic": ("#9b62d2", "text-decoration:underline dashed 2px var(--c)"),
    "condition": ("#0e8c92", "text-decoration:underline double 1.5px var(--c)"),
    "investigation": (
        "#3f7cd6",
        "padding-bottom:.22em;background:repeating-linear-gradient(90deg,var(--c) 0 2px,transparent 2px 5px) 0 100%/100% 5px no-repeat",
    ),
    "reportative": ("#d4483f", "text-decoration:underline solid 3px var(--c)"),
    "approximator": ("#3a8f45", "text-decoration:underline wavy 1.5px var(--c)"),
    "vague": (
        "#c74888",
        "padding-bottom:.16em;background:repeating-linear-gradient(90deg,var(--c) 0 9px,transparent 9px 12px,var(--c) 12px 14px,"
        "transparent 14px 17px) 0 100%/100% 2.5px no-repeat",
    ),
    "attribution": ("#6b7d93", "text-decoration:underline solid 1.5px var(--c)"),
}
"""Of each cue type the colour and the line under its words."""

Attributes = Callable[[Cue], str]


def notebook(analysis: Analysis, text: str) -> str:
    """The article with its cues marked, the legend and the answers, on the light or dark ground of the reader.

    Parameters
    ----------
    analysis : Analysis
    text : str
        The text it was made of; empty where that was not kept, and the sentences stand in.

    Returns
    -------
    str
        A `<div>` with its own style. Everything that comes from the text or a model is escaped.
    """
    shown = parts.whole(analysis, text)
    rows = "".join(f"<tr><th>{safe(heading)}</th><td>{safe(answer)}</td></tr>" for heading, answer in _rows(analysis, shown))
    body = f'<div class="text">{marked(analysis, shown)}</div>{legend(analysis)}<table>{rows}</table>'
    return f'<div class="framing"><style>{style()}{_LAYOUT}</style>{body}</div>'


def safe(text: str) -> str:
    """Text as it may stand in HTML, between tags or in an attribute."""
    return escape(parts.printable(text))


def titled(cue: Cue) -> str:
    """The attributes of a mark that stands alone: what it is, shown where the pointer rests."""
    kind = safe(cue.type)
    return f' title="{kind}: {parts.MEANINGS.get(cue.type, kind)}; probability {cue.probability:.2f}; {safe(cue.voice)}"'


def marked(
    analysis: Analysis,
    text: str,
    layers: Sequence[parts.Layer] = (),
    within: tuple[int, int] | None = None,
    attributes: Attributes = titled,
) -> str:
    """An article, or a part of it, as paragraphs with its marks.

    Parameters
    ----------
    analysis : Analysis
    text : str
        The text it was made of.
    layers : sequence of layers
        Stretches to mark besides, each with the class that it gets.
    within : (start, end), optional
        Only this part of the text.
    attributes : callable
        The attributes of a cue's mark besides its class, each with a blank before it.

    Returns
    -------
    str
        `<p>` elements: a cue is a `<mark>` with its type as its class, a quotation a `<q>`, a loaded sentence and a stretch
        of a layer a `<span>`. Everything is escaped; `style` gives the rules.
    """
    low, high = within or (0, len(text))
    blocks = [(max(low, start), min(high, end), number) for start, end, number in parts.paragraphs(text) if start < high and end > low]
    found = [piece for piece in parts.pieces(analysis, text, [blocks, *layers]) if piece.layers[0] is not None]
    levels: list[tuple[Callable[[parts.Piece], Any], Callable[[Any, str], str]]] = [
        (lambda piece: piece.layers[0], lambda _, inner: f"<p>{inner}</p>"),
        (lambda piece: _loaded(piece.sentence), lambda loaded, inner: f'<span class="loaded">{inner}</span>' if loaded else inner),
        (lambda piece: piece.quoted, lambda quoted, inner: f"<q>{inner}</q>" if quoted else inner),
        (lambda piece: piece.cue, lambda cue, inner: inner if cue is None else _mark(cue, inner, attributes)),
        (lambda piece: _classes(piece), lambda classes, inner: f'<span class="{classes}">{inner}</span>' if classes else inner),
    ]
    return _nest(found, levels)


def _nest(found: Sequence[parts.Piece], levels: Sequence[tuple[Callable[[parts.Piece], Any], Callable[[Any, str], str]]]) -> str:
    """Pieces in elements within elements: at each level neighbours with the same key share one."""
    if not levels:
        return "".join(safe(piece.text) for piece in found)
    (key, wrap), *deeper = levels
    return "".join(wrap(value, _nest(list(group), deeper)) for value, group in groupby(found, key))


def _loaded(sentence: Sentence | None) -> Sentence | None:
    """The sentence, where it is loaded."""
    return sentence if sentence is not None and sentence.loaded is not None and sentence.loaded.label == "loaded" else None


def _mark(cue: Cue, inner: str, attributes: Attributes) -> str:
    return f'<mark class="{safe(cue.type)}"{attributes(cue)}>{inner}</mark>'


def _classes(piece: parts.Piece) -> str:
    return " ".join(value for value in piece.layers[1:] if value)


def legend(analysis: Analysis) -> str:
    """The types that are marked, each with its line and meaning, and the other marks that occur."""
    keys = [f'<mark class="{kind}">{kind}</mark> {safe(parts.MEANINGS[kind])}' for kind in parts.kinds(analysis)]
    if any(_loaded(sentence) for sentence in analysis.sentences):
        keys.append('<span class="loaded">loaded sentence</span>')
    return f'<p class="key">{" · ".join(keys)}</p>' if keys else ""


def _rows(analysis: Analysis, text: str) -> Iterator[tuple[str, str]]:
    """The answers, the strongest words of the tone, the counts of cues, the model."""
    for heading, answer in parts.answers(analysis):
        yield heading, answer
        if heading == "Tone" and analysis.tone is not None:
            for label, strongest in parts.sides(analysis, "tone", analysis.tone):
                yield f"Words toward {label}", "; ".join(f"{parts.ground(part, text)} {abs(part.amount):.2f}" for part in strongest)
    if counted := parts.counts(analysis):
        yield "Cues", ", ".join(f"{kind} {author + quoted}" + (f" ({quoted} quoted)" if quoted else "") for kind, author, quoted in counted)
    yield "Model", analysis.model


def style(scope: str = ".framing") -> str:
    """The rules of the marks, which reach into nothing outside `scope` (a selector).

    In print and where a reader's system takes the colours away, the first letters of its type follow each cue.
    """
    marks = "".join(f"{scope} mark.{kind}{{--c:{colour};{line}}}" for kind, (colour, line) in LINES.items())
    letters = "".join(f'{scope} p mark.{kind}::after{{content:" {kind[:3]}"}}' for kind in LINES)
    return (
        f"{scope} mark{{background:none;color:inherit;padding:0;text-decoration-skip-ink:none;text-underline-offset:.22em;"
        f"-webkit-box-decoration-break:clone;box-decoration-break:clone}}{marks}"
        f"{scope} q{{quotes:none;color:color-mix(in srgb,currentColor 68%,transparent)}}"
        f"{scope} .loaded{{background:rgba(232,163,23,.2);border-radius:2px;-webkit-box-decoration-break:clone;box-decoration-break:clone}}"
        f"@media print,(forced-colors:active){{{scope} mark,{scope} .loaded{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
        f"{scope} p mark::after{{font-size:.6em;vertical-align:super}}{letters}{scope} .loaded{{outline:1px dotted}}}}"
    )


_LAYOUT = (
    ".framing{max-width:44em;line-height:1.6}.framing .text p{margin:0 0 .8em}.framing .key{font-size:.9em;line-height:2}"
    ".framing.framing.framing table{border-collapse:collapse;border:0;margin:0;font-size:.9em;line-height:1.45;table-layout:auto}"
    ".framing.framing.framing tr{background:none}"
    ".framing.framing.framing :is(th,td){text-align:left;vertical-align:top;border:0;min-width:0;padding:.15em 1.2em .15em 0}"
    ".framing.framing.framing th{white-space:nowrap;font-weight:600}"
    "@media(max-width:40em){.framing.framing.framing th{white-space:normal}}"
)
"""Named thrice, so that it outweighs what notebooks say of every table."""
