"""The marked article in a notebook: one piece of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from framing.types import CUE_TYPES, Analysis
from framing.views import parts

_LIGHT = dict(zip(CUE_TYPES, ("#8a6100", "#7b2d8b", "#00707f", "#1f4fbf", "#b3261e", "#2e7031", "#8c1d40", "#3d5166"), strict=True))
_DARK = dict(zip(CUE_TYPES, ("#f2c14e", "#d9a0e6", "#6fd3e0", "#93b4ff", "#ff9d94", "#8fd694", "#ff8fb3", "#b3c6d9"), strict=True))


def notebook(analysis: Analysis, text: str) -> str:
    """The article with its cues marked and the answers below, light or dark as the reader's system is.

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
    article = "".join(_piece(piece) for piece in parts.pieces(analysis, parts.whole(analysis, text)))
    shown = parts.whole(analysis, text)
    rows = "".join(f"<tr><th>{_safe(heading)}</th><td>{_safe(answer)}</td></tr>" for heading, answer in _rows(analysis, shown))
    keys = " · ".join(f'<mark class="{kind}">{kind}</mark> {_safe(parts.MEANINGS[kind])}' for kind in parts.kinds(analysis))
    body = f'<p class="text">{article}</p><table>{rows}</table><p class="key">{keys}</p>'
    return f'<div class="framing"><style>{_style()}</style>{body}</div>'


def _safe(text: str) -> str:
    return escape(parts.printable(text))


def _piece(piece: parts.Piece) -> str:
    """A cue as <mark>, quoted words as <q> without added marks, others as they are."""
    shown = _safe(piece.text)
    if piece.cue is not None:
        kind = escape(piece.cue.type)
        shown = f'<mark class="{kind}" title="{kind}, {piece.cue.probability:.2f}, {escape(piece.cue.voice)}">{shown}</mark>'
    return f"<q>{shown}</q>" if piece.quoted else shown


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


def _style() -> str:
    """Rules that reach into no other output of the page."""
    rules = (
        ".framing{max-width:44em;line-height:1.5}.framing .text{white-space:pre-wrap}.framing q{quotes:none;opacity:.7}"
        ".framing mark{background:none;color:inherit;border-bottom:2px solid;padding-bottom:1px}"
        ".framing table{border-collapse:collapse}.framing th,.framing td{text-align:left;vertical-align:top;padding:.1em 1em .1em 0}"
    )
    light, dark = (_colours(colours) for colours in (_LIGHT, _DARK))
    return f"{rules}{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _colours(colours: dict[str, str]) -> str:
    return "".join(f".framing mark.{kind}{{color:{value}}}" for kind, value in colours.items())
