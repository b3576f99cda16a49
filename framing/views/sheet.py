"""The page as HTML: what was put into its form, and what the model says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from framing.documents import kind_of, parse_document
from framing.errors import FramingError, InputError
from framing.text import SURROGATE
from framing.types import CUE_TYPES
from framing.views import html, parts
from framing.views.told import Told, compared, tell

if TYPE_CHECKING:
    from jinja2 import Environment

    from framing.model import Model

FILE_LIMIT = 4 << 20
"""Most bytes of a file that came packed."""

WIDEST = 0.7
"""Rate of hedged sentences at the right end of the strip of reference news."""

BINS = 28

LABELS = 40
"""Labels of one article whose words light up in the text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One text as the form holds it: typed, or a file's name and bytes."""

    text: str = ""
    title: str = ""
    name: str = ""
    data: bytes = b""


def page(model: Model, drafts: Sequence[Draft], target: str, nonce: str) -> tuple[int, str]:
    """The page that answers a form.

    Parameters
    ----------
    model : Model
    drafts : one or two Drafts
        Two are compared.
    target : str
        Whom or what the valence is toward; blank: the name that each text mentions most.
    nonce : str
        What the page's style and script must carry.

    Returns
    -------
    int, str
        The status and the page: 422 where there was no text that could be read.
    """
    told: list[Told] = []
    faults: list[str] = []
    shown: list[Draft] = []
    for side, draft in zip("ab", drafts, strict=False):
        try:
            draft = _opened(draft)
            told.append(tell(model, draft.text, draft.title.strip(), target.strip() or None, side))
        except FramingError as error:
            faults.append(f"{'First' if side == 'a' else 'Second'} text: {error}" if len(drafts) > 1 else str(error))
        shown.append(draft)
    return 200 if told else 422, _render(nonce, drafts=shown, target=target, told=told, faults=faults, strip=_strip(model.reference))


def blank(nonce: str, texts: int) -> str:
    """The page with an empty form for one text or two."""
    return _render(nonce, drafts=[Draft()] * texts, target="", told=[], faults=[], strip=())


def examples(texts: int) -> tuple[Draft, ...]:
    """Articles that the project wrote, for a first look: two tellings of one event."""
    found = json.loads(_file("examples.json"))
    return tuple(Draft(**record) for record in found[:texts])


def stylesheet() -> str:
    """The page's style, with the rules of the marks and of the words that a label lights up."""
    open_ = ".told:has(details.g{n}[open]) "
    lit = open_ + ".t{n}{{background:var(--toward);color:var(--ink)}}" + open_ + ".f{n}{{outline:1.5px dashed var(--away)}}"
    lights = "".join(lit.format(n=n) for n in range(LABELS))
    filters = "".join(
        f"main:has(.k-{kind}:not(:checked)) .text mark.{kind}{{text-decoration-color:transparent;background:none}}" for kind in CUE_TYPES
    )
    return _file("page.css") + html.style("main") + filters + lights


def script() -> str:
    """The page's script."""
    return _file("page.js")


def icon() -> str:
    """The page's icon, SVG."""
    return _file("icon.svg")


def _file(name: str) -> str:
    """A file that comes with the page; its name is always one of ours."""
    return (files("framing.views") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(loader=FunctionLoader(_file), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"meanings": parts.MEANINGS, "types": CUE_TYPES, "compared": compared, "reason": parts.reason, "widest": WIDEST}
    made.filters |= {"line": parts.one_line, "percent": parts.percent}
    return made


def _render(nonce: str, **shown: Any) -> str:
    return _environment().get_template("page.html").render(nonce=nonce, **shown).lstrip()


def _opened(draft: Draft) -> Draft:
    """The draft with the text and headline of its file, if it has one."""
    if not draft.data:
        return draft
    name = parts.one_line(draft.name)
    if kind_of(draft.name)[0] in ("csv", "tsv", "jsonl", "parquet"):
        raise InputError(f"{name} is a table. Score its rows with: framing score FILE --out scores.csv")
    try:
        document = parse_document(draft.data, draft.name, "", FILE_LIMIT)
    except FramingError as error:
        raise InputError(f"{name}: {error}") from None
    # JSON may hold lone surrogates, and no page can
    text, title = (SURROGATE.sub("\ufffd", part) for part in (document.text, draft.title or document.title or ""))
    return replace(draft, text=text, title=title, data=b"")


def _strip(reference: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The reference news by their rate of hedged sentences: left edges and heights of bars, in per cent of the strip."""
    counts = [0] * BINS
    for rate in reference:
        counts[min(BINS - 1, int(rate / WIDEST * BINS))] += 1
    most = max(counts, default=0) or 1
    return tuple((100 * n / BINS, 100 * count / most) for n, count in enumerate(counts)) if reference else ()
