"""What the command prints: the marked article with its answers, an explanation, tables of scores and models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from framing.types import Analysis, Contribution, Explanation
from framing.views import parts

if TYPE_CHECKING:
    import pandas as pd

STYLES = {
    "epistemic": "yellow underline",
    "doxastic": "magenta underline",
    "condition": "cyan underline",
    "investigation": "blue underline",
    "reportative": "red underline",
    "approximator": "green underline",
    "vague": "bold red underline",
    "attribution": "bold blue underline",
}
"""Colour of each cue type: the sixteen of the reader's own terminal theme, light or dark."""


def console(color: bool | None = None, stderr: bool = False) -> Console:
    """A console that marks nothing up by itself; `color` None: where it is a terminal."""
    forced: dict[str, Any] = {"color_system": "standard", "force_terminal": True, "no_color": False} if color else {}
    if color is False:
        forced = {"no_color": True, "color_system": None}
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, **forced)


def show(console: Console, renderable: RenderableType) -> None:
    """Print without the blanks that tables leave at the ends of lines."""
    with console.capture() as captured:
        console.print(renderable)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1]))


def article(analysis: Analysis, text: str, title: str | None, color: bool) -> RenderableType:
    """The article with its cues marked, the answers below it, and the legend."""
    shown = parts.whole(analysis, text)
    rows: list[RenderableType] = [Text(parts.one_line(title), style="bold"), Text()] if title else []
    rows += [marked(analysis, shown, color), Text()]
    rows += [answers(analysis, shown, color), Text(), legend(analysis, color)]
    return Group(*rows)


def marked(analysis: Analysis, text: str, color: bool) -> Text:
    """The article: cues coloured and underlined by type, or as `[may]{epistemic}` without colour; quotations dimmed."""
    made = Text()
    for piece in parts.pieces(analysis, text):
        style = "dim" if piece.quoted else ""
        shown = parts.printable(piece.text)
        if piece.cue is None:
            made.append(shown, style)
        elif color:
            made.append(shown, f"{style} {STYLES.get(piece.cue.type, 'underline')}")
        else:
            made.append(f"[{shown}]{{{piece.cue.type}}}")
    made.rstrip()
    return made


def answers(analysis: Analysis, text: str, color: bool = False) -> Table:
    """Every article head with its answer and what it rests on, then the cues by type, each with its mark and meaning."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column()
    for heading, answer in parts.answers(analysis):
        grid.add_row(Text(heading), Text(answer))
        for ground in _grounds(analysis, heading, text):
            grid.add_row("", ground)
    if analysis.hedging is not None:
        grid.add_row(Text("Cues"), _cues(analysis, color))
    if missing := parts.absent(analysis):
        grid.add_row(Text("Not given"), Text(f"{', '.join(missing)}: the model {parts.one_line(analysis.model)} has no such head."))
    grid.add_row(Text("Language"), Text(parts.one_line(analysis.language or "could not be told")))
    grid.add_row(Text("Model"), Text(parts.one_line(analysis.model)))
    return grid


def _grounds(analysis: Analysis, heading: str, text: str) -> Iterator[Text]:
    """The strongest words on either side of the tone, or of a reader's own head."""
    predictions = {"Tone": ("tone", analysis.tone), **{parts.one_line(n).capitalize(): (n, p) for n, p in analysis.labels.items()}}
    head, prediction = predictions.get(heading, ("", None))
    if prediction is not None:
        for label, strongest in parts.sides(analysis, head, prediction):
            yield Text(f"words toward {parts.one_line(label)}: ").append(_features(strongest, text))


def _features(strongest: Sequence[Contribution], text: str) -> Text:
    return Text("; ").join([Text(parts.ground(part, text)).append(f" {abs(part.amount):.2f}", "dim") for part in strongest])


def _cues(analysis: Analysis, color: bool) -> RenderableType:
    """A line for each type of cue: its mark, how many in the author's words and in quoted speech, what it means."""
    rows = parts.counts(analysis)
    if not rows:
        return Text("none")
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    for _ in ("author", "quoted"):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    grid.add_row("", "author", "quoted", "")
    for kind, author, quoted in rows:
        mark = Text().append(kind, STYLES[kind]) if color else Text(f"{{{kind}}}")  # appended, so that no line runs on under the blanks
        grid.add_row(mark, str(author), str(quoted), Text(parts.MEANINGS[kind]))
    return grid


def legend(analysis: Analysis, color: bool) -> Text:
    """How cues are marked."""
    if not parts.kinds(analysis):
        return Text("No cues are marked.")
    return Text(f"Marks: {'coloured and underlined by type, quotations dimmed' if color else '[words]{type}'}")


def explanation(made: Explanation, top: int) -> RenderableType:
    """The largest contributions, the rest as one row, the intercept and their sum."""
    table = Table(box=None, pad_edge=False, show_footer=True)
    table.add_column("feature", Text("score"), overflow="fold")
    for name in ("weight", "value"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("contribution", f"{made.score:+.3f}", justify="right", no_wrap=True)
    for part in made.contributions[:top]:
        table.add_row(Text(parts.feature(part.feature)), f"{part.weight:+.3f}", f"{part.value:.3f}", f"{part.amount:+.3f}")
    rest = made.contributions[top:]
    if rest:
        table.add_row(Text(f"({len(rest)} smaller)"), "", "", f"{sum(part.amount for part in rest):+.3f}")
    table.add_row(Text("(intercept)"), "", "", f"{made.intercept:+.3f}")
    label = f": {parts.one_line(made.label)}" if made.label else ""
    return Group(Text(f"{parts.one_line(made.head)}{label}", style="bold"), Text(), table)


def scores(frame: pd.DataFrame, total: int) -> RenderableType:
    """The first rows of a scored table that has `total`."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("article", ratio=1, overflow="ellipsis", no_wrap=True)
    table.add_column("tone", width=13, no_wrap=True)
    table.add_column("hedging", width=8)
    for name, width in (("hedged", 6), ("vague", 5), ("attr.", 5)):
        table.add_column(name, width=width, justify="right")
    table.add_column("frames", width=16, overflow="fold")
    for record in frame.to_dict("records"):
        table.add_row(*map(Text, _score_cells({str(name): value for name, value in record.items()})))
    more = total - len(frame)
    return Group(table, Text(f"... and {more} more rows")) if more > 0 else table


def _score_cells(record: dict[str, Any]) -> tuple[str, ...]:
    """One row of `scores`; what is missing is a dash, and why stands in the last cell."""
    name = parts.one_line(_present(record.get("title")) or record["key"])
    tone, loaded = _present(record.get("tone")), _present(record.get("tone_loaded"))
    chance = "" if tone is None or loaded is None else f" {loaded if tone == 'loaded' else 1 - loaded:.2f}"
    rates = (_present(record.get(f"{kind}_rate")) for kind in ("hedged", "vague", "attributed"))
    last = record["status"] + f": {parts.one_line(record['reason'])}" if record["status"] != "ok" else _present(record.get("frames")) or "-"
    shown = ("-" if rate is None else parts.percent(rate) for rate in rates)
    return (name, f"{tone or '-'}{chance}", _present(record.get("hedging")) or "-", *shown, last.replace(";", ", ").replace("_", " "))


def _present(value: Any) -> Any:
    """The value, or None for NaN, which alone does not equal itself, and pandas' NA."""
    return value if isinstance(value, str) or (value is not None and isinstance(value, (int, float)) and value == value) else None
