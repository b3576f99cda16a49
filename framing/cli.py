"""The command `framing`: the library's functions with arguments, messages and exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from framing.errors import FramingError, InputError

if TYPE_CHECKING:
    import pandas as pd

    from framing.archive.score import Summary
    from framing.archive.work import Advance
    from framing.documents import Document
    from framing.evaluation import Report
    from framing.model import Model
    from framing.style import Style
    from framing.types import Analysis, Explanation

WRONG_USAGE = 2

app = typer.Typer(
    help="Tells how a news text says what it says: tone, valence, hedging and frames.\n\nExample: framing classify article.txt",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models = typer.Typer(help="List, show and export models.\n\nExample: framing models show news-en", rich_markup_mode=None)
app.add_typer(models, name="models")

# `Optional` and not `| None`: typer reads these at run time.
ModelName = Annotated[str, typer.Option("--model", metavar="NAME|FOLDER", help="An installed model, or the folder of one.")]
Color = Annotated[Optional[bool], typer.Option("--color/--no-color", help="Colours; by default where the output is a terminal.")]  # noqa: UP045
Article = Annotated[str, typer.Argument(metavar="FILE", help="A text, HTML, Markdown or JSON file; - reads standard input.")]
Title = Annotated[Optional[str], typer.Option(help="The headline, where it is apart from the text.")]  # noqa: UP045
Target = Annotated[Optional[str], typer.Option(help="Whom or what the valence is toward.")]  # noqa: UP045
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Text = Annotated[str, typer.Option("--text", metavar="COLUMN", help="The column of the texts.")]
Label = Annotated[str, typer.Option("--label", metavar="COLUMN", help="The column of the labels.")]
Group = Annotated[Optional[str], typer.Option("--group", metavar="COLUMN", help="Rows that belong together: outlet, document.")]  # noqa: UP045
StyleFile = Annotated[Optional[Path], typer.Option("--style", metavar="FILE", help="A house style; else framing.toml above the input.")]  # noqa: UP045
NoStyle = Annotated[bool, typer.Option("--no-style", help="No house style, also where there is a framing.toml.")]
Scores = Annotated[
    str, typer.Argument(metavar="SCORES", help="What framing score wrote: a file, a folder, duckdb:FILE?TABLE, sqlite: ...")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no counts.")]


def main(arguments: list[str] | None = None) -> None:
    """Run the command; never returns."""
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)  # an ASCII terminal shows ? where it has no sign
    warnings.showwarning = _tell_warning
    try:
        try:
            app(arguments, prog_name="framing")
        finally:
            sys.stdout.flush()  # here, where a closed pipe can still be met quietly
    except FramingError as error:
        _tell(f"framing: {error}")
        sys.exit(WRONG_USAGE)
    except BrokenPipeError:
        _close_quietly()


def _close_quietly() -> None:
    """Whoever read the output has left: nothing more to say, also not while Python closes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _tell(message: str) -> None:
    """One plain line, or several, on standard error."""
    from framing.views.parts import printable

    print(printable(message), file=sys.stderr)


def _tell_warning(message: Warning | str, *_: object, **__: object) -> None:
    """A warning without the place in our code that gave it."""
    _tell(f"framing: {message}")


@app.command()
def classify(
    file: Article,
    title: Title = None,
    target: Target = None,
    as_json: AsJson = False,
    model: ModelName = "news-en",
    style: StyleFile = None,
    no_style: NoStyle = False,
    color: Color = None,
) -> None:
    """Print an article with its cues marked, its labels, and why.

    Example: framing classify article.html --target "Jane Doe"
    """
    document = _document(file)
    headline, analysis = _analyse(document, title, target, _styled(_load(model), file, style, no_style))
    if as_json:
        _say_json(analysis.to_json())
        return
    from framing.views import terminal

    console = terminal.console(color)
    terminal.show(console, terminal.article(analysis, document.text, headline, color=_colored(console)))


@app.command()
def explain(
    file: Article,
    head: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="tone, valence, hedging, a frame, your own head; with --sentence hedged, vague, attributed, loaded."),
    ] = None,
    sentence: Annotated[Optional[int], typer.Option(min=1, metavar="N", help="Explain the Nth sentence, counted from 1.")] = None,  # noqa: UP045
    cue: Annotated[Optional[int], typer.Option(min=1, metavar="N", help="Explain the Nth marked cue, counted from 1.")] = None,  # noqa: UP045
    top: Annotated[int, typer.Option(min=1, help="How many features to print.")] = 15,
    title: Title = None,
    target: Target = None,
    as_json: AsJson = False,
    model: ModelName = "news-en",
    style: StyleFile = None,
    no_style: NoStyle = False,
    color: Color = None,
) -> None:
    """Print what each feature adds to a score. The contributions and the intercept sum to it.

    Example: framing explain article.txt --head tone --top 20
    """
    if sentence is not None and cue is not None:
        raise InputError("Give --sentence or --cue, not both.")
    document = _document(file)
    _, analysis = _analyse(document, title, target, _styled(_load(model), file, style, no_style))
    made, about = _explained(analysis, head, sentence, cue)
    if as_json:
        from dataclasses import asdict

        from framing.inert import json_text

        _say_json(json_text(asdict(made)))
        return
    from framing.views import parts, terminal

    console = terminal.console(color)
    if about:
        console.print(parts.one_line(about), end="\n\n")
    terminal.show(console, terminal.explanation(made, top))


@app.command()
def score(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A folder, a table, - (JSON lines), duckdb:FILE?QUERY, sqlite:FILE?QUERY.")
    ],
    out: Annotated[
        str, typer.Option(help="A .csv, .jsonl or .parquet file, a folder for Parquet files, duckdb:FILE?TABLE, sqlite:FILE?TABLE.")
    ],
    text: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="The column of a table's texts; guessed if not given.")] = None,  # noqa: UP045
    title: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="The column of headlines; guessed.")] = None,  # noqa: UP045
    key: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="The column of ids; guessed.")] = None,  # noqa: UP045
    sentences: Annotated[Optional[str], typer.Option(metavar="DEST", help="Also write a row for each sentence.")] = None,  # noqa: UP045
    cues: Annotated[Optional[str], typer.Option(metavar="DEST", help="Also write a row for each cue.")] = None,  # noqa: UP045
    where: Annotated[Optional[list[str]], typer.Option(metavar="COLUMN=PATTERN", help="Only these rows; * matches all; or !=.")] = None,  # noqa: UP045
    limit: Annotated[Optional[int], typer.Option(min=1, metavar="N", help="Only the first N inputs.")] = None,  # noqa: UP045
    columns: Annotated[Optional[str], typer.Option(metavar="A,B", help="Only these columns of scores.")] = None,  # noqa: UP045
    keep: Annotated[Optional[str], typer.Option(metavar="A,B", help="Columns of the source to copy: outlet,date.")] = None,  # noqa: UP045
    workers: Annotated[Optional[int], typer.Option(min=1, help="Parts scored side by side; one a core if not given.")] = None,  # noqa: UP045
    part: Annotated[Optional[int], typer.Option(min=1, metavar="N", help="Inputs scored and recorded together; 1000.")] = None,  # noqa: UP045
    engine: Annotated[str, typer.Option(metavar="local|dask", help="Where the work is done.")] = "local",
    scheduler: Annotated[Optional[str], typer.Option(metavar="ADDRESS", help="Of the Dask cluster, such as tcp://10.0.0.1:8786.")] = None,  # noqa: UP045
    model: ModelName = "news-en",
    style: StyleFile = None,
    no_style: NoStyle = False,
    show: Annotated[int, typer.Option(min=0, metavar="N", help="Also print the first N rows.")] = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Score an archive: a row for each input, those that fail too. The same command goes on where an earlier one ended.

    Exit codes: 0 all scored, 2 wrong usage, 3 some inputs failed, 4 nothing scored, 130 and 143 interrupted.

    Examples: framing score articles --out scores.csv; framing score news.parquet --out scores --keep outlet,date
    """
    if engine != "local" or scheduler is not None:
        odd: dict[str, Any] = {"--sentences": sentences, "--cues": cues, "--where": where, "--limit": limit, "--columns": columns}
        odd |= {"--workers": workers, "--part": part, "--show": show, "--quiet": quiet}
        odd |= {"--style": style} if style else {"framing.toml (without --no-style)": _style(Path(source), None, no_style)}
        raise typer.Exit(_on_dask(source, out, engine, scheduler, model, odd, text=text, title=title, key=key, keep=_listed(keep)))
    from framing.archive import score as archive
    from framing.archive.parts import SIZE
    from framing.archive.sources import Choice
    from framing.documents import Columns

    choice = Choice(Columns(text, title, key), tuple(where or ()), limit)
    chosen = _listed(columns) if columns is not None else None
    options = archive.Options(choice, chosen, _listed(keep), sentences, cues, part or SIZE, workers)
    with _interruptible(), _progress(source, quiet or as_json) as advance:
        summary = archive.score(_styled(_load(model), source, style, no_style), source, out, options, advance)
    if show:
        from framing.views import terminal

        terminal.show(terminal.console(), terminal.scores(archive.first_rows(out, show), summary.rows))
    if as_json:
        print(summary.to_json())
    elif not quiet:
        _tell_counts(summary, ", ".join(place for place in (out, sentences, cues) if place))
    raise typer.Exit(summary.exit_code)


def _on_dask(source: str, out: str, engine: str, scheduler: str | None, model: str, odd: dict[str, Any], **columns: Any) -> int:
    """Scores on a Dask cluster and tells the counts."""
    from framing.archive.cluster import score_on_dask

    if engine != "dask" or scheduler is None:
        raise InputError("A cluster needs --engine dask and --scheduler ADDRESS, both.")
    if given := [name for name, value in odd.items() if value]:
        raise InputError(f"{', '.join(given)} cannot be used with --engine dask, which scores whole Parquet files with one model.")
    counts = score_on_dask(source, out, scheduler, model, **columns)
    print(json.dumps({"rows": sum(counts.values()), "counts": counts}))
    return 4 if not counts["ok"] + counts["abstained"] else 3 if counts["error"] else 0


@app.command()
def summary(
    scores: Scores,
    by: Annotated[str, typer.Option(metavar="COLUMN", help="The groups: outlet; date:month for the months of a column of dates.")],
    measures: Annotated[Optional[str], typer.Option(metavar="A,B", help="Columns of numbers; all that the model gives.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Also write the means.")] = None,  # noqa: UP045
    differences: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Also write the differences.")] = None,  # noqa: UP045
) -> None:
    """Compare groups of scored articles. Means with bootstrap intervals, differences with effect sizes, corrected by Holm's method.

    Example: framing summary scores.csv --by outlet --out means.csv --differences differences.csv
    """
    from framing.archive import summary as archive
    from framing.archive.tables import read_scores
    from framing.corpus import write_table

    found = archive.sampled(read_scores(scores), by, _listed(measures))
    means, compared = found.means(), found.differences()
    for table, path in ((means, out), (compared, differences)):
        if path is not None:
            write_table(table, path)
    _say(archive.told(means, compared))


@app.command()
def report(
    scores: Scores,
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="The file to write.")],
    by: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="The groups, such as outlet.")] = None,  # noqa: UP045
    time: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="Dates (YYYY-MM-DD): also by month.")] = None,  # noqa: UP045
    source: Annotated[Optional[str], typer.Option(metavar="SOURCE", help="What was scored, for excerpts of articles.")] = None,  # noqa: UP045
    sentences: Annotated[Optional[str], typer.Option(metavar="TABLE", help="Or what score --sentences wrote.")] = None,  # noqa: UP045
    cues: Annotated[Optional[str], typer.Option(metavar="TABLE", help="With --sentences: what score --cues wrote.")] = None,  # noqa: UP045
    text: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="Of --source: the texts; guessed.")] = None,  # noqa: UP045
    title: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="Of --source: the headlines; guessed.")] = None,  # noqa: UP045
    key: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="Of --source: the ids; guessed.")] = None,  # noqa: UP045
    measures: Annotated[Optional[str], typer.Option(metavar="A,B", help="Further columns of numbers.")] = None,  # noqa: UP045
    top: Annotated[int, typer.Option(min=0, max=100, metavar="N", help="So many of the most hedged and most loaded.")] = 10,
    model: Annotated[Optional[str], typer.Option(metavar="NAME|FOLDER", help="The scores' model, if it is not installed.")] = None,  # noqa: UP045
    style: StyleFile = None,
) -> None:
    """Write a report for people: tone, hedging and frames by group and month, the extremes, methods to paste. One HTML file.

    Example: framing report scores.csv --by outlet --time date --source articles --out report.html
    """
    from framing.archive import findings, reading
    from framing.archive.tables import read_scores
    from framing.corpus import replacing
    from framing.documents import Columns
    from framing.views import report as views

    reading.check(out, source, sentences, cues)
    found = findings.find(read_scores(scores), findings.Asked(by, time, _listed(measures), top))
    of = _model_of(found.models, model, source is not None)
    styled = _styled(of, source, style) if of is not None and source is not None else of
    excerpts, missing = reading.excerpts(found, styled, source, sentences, cues, Columns(text, title, key))
    with replacing(out) as stream:
        setting = views.Setting(scores, by, time, excerpts, missing, of.card if of is not None else "")
        stream.write(views.page(found, setting).encode("utf-8", "replace"))


def _model_of(ids: tuple[str, ...], chosen: str | None, needed: bool) -> Model | None:
    """The model of some scores; None where it is not installed and neither named nor needed."""
    from framing.errors import ModelNotFound

    plain = {name.partition("+")[0] for name in ids}
    try:
        found = _load(chosen or (ids[0].partition("@")[0] if len(plain) == 1 else ""))
    except ModelNotFound:
        if chosen or needed:
            raise
        return None
    if plain == {found.id}:
        return found
    if chosen or needed:
        told = ", ".join(sorted(plain)) or "a model that they do not name"
        raise InputError(f"The scores are of {told}, and the model is {found.id}. Name theirs with --model, or score again.")
    return None


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE ...", help="Articles: text, HTML, Markdown or JSON.")],
    show: Annotated[str, typer.Option("--format", metavar="text|json|github|sarif", help="How the findings are written.")] = "text",
    types: Annotated[str, typer.Option(metavar="TYPES", help="What to look for, joined by commas.")] = "reportative,vague,loaded",
    fail_on: Annotated[str, typer.Option(metavar="TYPES", help="Exit with 1 if any of these is found.")] = "",
    quoted: Annotated[bool, typer.Option("--quoted", help="Look into quoted speech too.")] = False,
    model: ModelName = "news-en",
    style: StyleFile = None,
    no_style: NoStyle = False,
) -> None:
    """List hearsay, vague and loaded wording as linters do. A line each: file:line:col type message.

    Exit codes: 0 nothing of --fail-on was found, 1 it was, 2 wrong usage or no such file, 3 a file could not be read.

    Example: framing check draft.txt --fail-on vague,loaded
    """
    from framing.errors import ReadError
    from framing.views import check as views

    wanted, fatal = _types(types), _types(fail_on)
    if show not in views.FORMATS:
        raise InputError(f"--format must be one of {', '.join(views.FORMATS)}. Got {show!r}.")
    loaded, found, failed = _load(model), [], set()
    for file in files:
        try:
            document = _draft(file)
        except ReadError as error:
            _tell(f"framing: {error}")
            failed.add(error.reason)
            continue
        found += views.findings(_styled(loaded, file, style, no_style), document, wanted, fatal, quoted)
    if text := views.FORMATS[show](found):
        (_say_json if show in ("json", "sarif") else _say)(text)
    raise typer.Exit(_check_code(failed, any(one.fatal for one in found)))


def _check_code(failed: set[str], fatal: bool) -> int:
    """The exit code of `check`, by the reasons of the files that failed."""
    if "vanished" in failed:
        return WRONG_USAGE
    return 3 if failed else int(fatal)


def _draft(file: str) -> Document:
    """A draft with places that are those of the file: Markdown keeps its marks."""
    from dataclasses import replace

    from framing.documents import decode, kind_of, read_bytes

    document = _document(file)
    if file != "-" and kind_of(file) == ("markdown", ""):
        return replace(document, text=decode(read_bytes(file)))
    return document


def _types(names: str) -> list[str]:
    """The types of findings in a list joined by commas."""
    from framing.views.check import TYPES

    chosen = [name.strip() for name in names.split(",") if name.strip()]
    if odd := [name for name in chosen if name not in TYPES]:
        raise InputError(f"No type {odd[0]!r}. There are: {', '.join(TYPES)}.")
    return chosen


@app.command()
def doctor() -> None:
    """Look whether the installation is sound. Engine, models, versions, extras; with what to do where it is not.

    Exit codes: 0 sound, 1 something marked with ! is not.

    Example: framing doctor
    """
    from framing.views import doctor as views

    found = views.checks()
    _say(views.report(found))
    raise typer.Exit(int(any(one.fault for one in found)))


@app.command()
def train(
    source: Annotated[Path, typer.Argument(metavar="CSV|FOLDER", help="A table of labelled texts, or a folder of corpora.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write the model to.")],
    text: Text = "text",
    label: Label = "label",
    group: Group = None,
    name: Annotated[Optional[str], typer.Option(help="The model's name; the folder's if not given.")] = None,  # noqa: UP045
    strict: Annotated[bool, typer.Option("--strict", help="Fail where the optimiser does not converge.")] = False,
    quiet: Quiet = False,
) -> None:
    """Train a head on your own labels, or all on a folder of corpora.

    The head of a table is named like its column of labels.

    Example: framing train labelled.csv --out my-model --label stance --group outlet
    """
    from framing.corpus import read_table
    from framing.training import train as train_head
    from framing.training import train_all

    _check_folder(out)
    if source.is_dir():
        model = train_all(source, (lambda line: None) if quiet else _tell, name=name or out.absolute().name)
    else:
        model = train_head(read_table(source), text=text, label=label, group=group, name=name or out.absolute().name, strict=strict)
    model.save(out)
    if not quiet:
        _say_line(f"Wrote {model.id} with {', '.join(model.heads)} to {out}.")


@app.command()
def evaluate(
    model: Annotated[Optional[str], typer.Argument(metavar="[MODEL", help="An installed model, or the folder of one.")] = None,  # noqa: UP045
    data: Annotated[Optional[Path], typer.Argument(metavar="DATA]", help="A table of labelled texts.")] = None,  # noqa: UP045
    cv: Annotated[Optional[Path], typer.Option("--cv", metavar="DATA", help="Instead: cross-validate on this table.")] = None,  # noqa: UP045
    head: Annotated[Optional[str], typer.Option(help="The head; told by the labels if not given.")] = None,  # noqa: UP045
    text: Text = "text",
    label: Label = "label",
    group: Group = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")] = 5,
    against: Annotated[Optional[str], typer.Option(metavar="MODEL", help="Compare with this model, by paired bootstrap.")] = None,  # noqa: UP045
    by: Annotated[Optional[str], typer.Option(metavar="COLUMN", help="Also measure each value of a column, or of length or voice.")] = None,  # noqa: UP045
    as_json: AsJson = False,
) -> None:
    """Print how right a model is. Precision, recall, F1, accuracy, AUC, Brier and ECE with 95% intervals.

    Examples: framing evaluate news-en labelled.csv --head tone --against my-model; framing evaluate --cv labelled.csv --group outlet
    """
    from framing.corpus import read_table

    tables: dict[str, pd.DataFrame] = {}
    if cv is not None and model is None:
        from framing.training import cross_validate

        if against or by:
            raise InputError("--against and --by need a model and a table: framing evaluate news-en labelled.csv --by outlet")
        report = cross_validate(read_table(cv), text, label, group, k=folds)
    elif model is not None and data is not None and cv is None:
        report, tables = _measured(model, read_table(data), text, label, head, group, against, by)
    else:
        raise InputError("Give a model and a table (framing evaluate news-en labelled.csv), or only --cv and a table.")
    if as_json:
        _say_json(_report_json(report, tables))
    else:
        _say("\n\n".join([report.to_text(), *_titled(tables, model, against, by)]))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8765,
    allow_host: Annotated[Optional[list[str]], typer.Option(metavar="NAME", help="A further name that the page goes by.")] = None,  # noqa: UP045
    workers: Annotated[Optional[int], typer.Option(min=1, help="Processes that score; two if not given.")] = None,  # noqa: UP045
    model: ModelName = "news-en",
    style: StyleFile = None,
    no_style: NoStyle = False,
) -> None:
    """Serve a page for people and a JSON API for programs. On this machine only, unless told otherwise.

    Example: framing serve --port 8766
    """
    from framing.views import page

    try:
        page.serve(host, port, model, allow_host or (), workers, announce=_tell, style=_style(Path.cwd(), style, no_style))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@models.callback(invoke_without_command=True)
def models_default(context: typer.Context) -> None:
    """List, show and export models.

    Example: framing models
    """
    if context.invoked_subcommand is None:
        list_models()


@models.command("list")
def list_models() -> None:
    """Print the installed models and where they are.

    Example: framing models list
    """
    from framing.persist import installed

    found = installed()
    for name, folder in found.items():
        _say_line(f"{name:<19} {folder}")
    if not found:
        _say("No model is installed. Train one: framing train labelled.csv --out my-model")


@models.command("show")
def show_model(name: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="The model.")] = "news-en") -> None:
    """Print a model's heads and its card.

    Example: framing models show news-en
    """
    model = _load(name)
    _say(f"{model.id}\nheads: {', '.join(model.heads)}\n\n{model.card}")


@models.command("export")
def export_model(
    name: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="The model.")],
    sklearn: Annotated[Path, typer.Option("--sklearn", metavar="FILE.joblib", help="The file to write.")],
    head: Annotated[str, typer.Option(help="The head to export.")] = "tone",
) -> None:
    """Write a head as a scikit-learn Pipeline, with joblib.

    Example: framing models export news-en --sklearn tone.joblib --head tone
    """
    import joblib  # type: ignore[import-untyped,unused-ignore]

    from framing.corpus import replacing

    pipeline = _load(name).to_sklearn(head)
    with replacing(sklearn) as stream:
        joblib.dump(pipeline, stream)
    _say_line(f"Wrote {head} of {name} to {sklearn}. Load it with joblib.load, and only from people you trust.")


def _styled(model: Model, source: str, chosen: Path | None, none: bool = False) -> Model:
    """The model with the house style that was named, or else that lies beside the source or above it; or with none."""
    found = _style(Path.cwd() if source == "-" else Path(source), chosen, none)
    return model.with_style(found) if found else model


def _style(start: Path, chosen: Path | None, none: bool) -> Style | None:
    """The house style that was named, or else the one that is nearest above a place; or none."""
    from framing.style import find, read

    if none and chosen:
        raise InputError("--style and --no-style contradict each other. Give one of them.")
    path = None if none else chosen or find(start)
    return read(path) if path else None


def _load(name: str) -> Model:
    import framing

    return framing.load(name)


def _measured(
    model: str, frame: pd.DataFrame, text: str, label: str, head: str | None, group: str | None, against: str | None, by: str | None
) -> tuple[Report, dict[str, pd.DataFrame]]:
    """The report on a model, and the tables asked for: `against`, `by`."""
    from framing.measure import answers, compare, sliced

    given = answers(_load(model), frame, text, label, head, group)
    tables: dict[str, pd.DataFrame] = {}
    if against:
        tables["against"] = compare(given, answers(_load(against), frame, text, label, head, group))
    if by:
        tables["by"] = sliced(given, frame, by, text)
    return given.report(), tables


def _report_json(report: Report, tables: dict[str, pd.DataFrame]) -> str:
    """The report with its tables as lists of records; undefined numbers are null."""
    more = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    return json.dumps(json.loads(report.to_json()) | more)


def _titled(tables: dict[str, pd.DataFrame], model: str | None, against: str | None, by: str | None) -> list[str]:
    """The tables as text under a line that says what they are."""
    from framing.measure import comparison_text, slices_text

    shown = []
    if "against" in tables:
        shown.append(f"a = {model}, b = {against}, difference = a - b, 95% interval\n\n{comparison_text(tables['against'])}")
    if "by" in tables:
        shown.append(f"by {by}, 95% intervals\n\n{slices_text(tables['by'])}")
    return shown


def _say(text: str) -> None:
    """Text on standard output, without what would move the cursor."""
    from framing.views.parts import printable

    print(printable(text))


def _say_line(text: str) -> None:
    """One line, whatever names it tells of."""
    from framing.views.parts import one_line

    print(one_line(text))


def _say_json(text: str) -> None:
    """JSON on standard output; where that cannot hold a sign of it, all in ASCII, so that none is lost."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text))
    print(text)


def _document(file: str) -> Document:
    """The article in a file, or on standard input."""
    from framing.documents import LIMIT, escape, kind_of, naming, parse_document, read_document

    if file != "-" and kind_of(file)[0] in ("csv", "tsv", "jsonl", "parquet"):
        raise InputError(f"{escape(file)} is a table. Score its rows with: framing score {escape(file)} --out scores.csv")
    with naming(file):
        return parse_document(sys.stdin.buffer.read(LIMIT + 1), "", "-", LIMIT) if file == "-" else read_document(file)


def _analyse(document: Document, title: str | None, target: str | None, model: Model) -> tuple[str | None, Analysis]:
    """The headline that is apart from the text, and the analysis."""
    from framing.documents import apart

    headline = title if title is not None else apart(document.title, document.text)
    return headline, model.classify(document.text, title=headline, target=target)


def _explained(analysis: Analysis, head: str | None, sentence: int | None, cue: int | None) -> tuple[Explanation, str]:
    """The explanation asked for, and the sentence or cue that it is about."""
    if cue is not None:
        found = _nth(analysis.cues, cue, "cue")
        return analysis.explain(head or found.type, found), f"cue {cue}: {found.text} ({found.type}, {found.probability:.2f})"
    if sentence is not None:
        part = _nth(analysis.sentences, sentence, "sentence")
        return analysis.explain(head or "hedged", part), f"sentence {sentence}: {part.text}"
    return analysis.explain(head or "tone"), ""


def _nth(items: tuple[Any, ...], number: int, what: str) -> Any:
    if number > len(items):
        raise InputError(f"The article has {len(items)} {what}s, got --{what} {number}. Count from 1.")
    return items[number - 1]


def _colored(console: Any) -> bool:
    """Whether the console shows colours, so that marks need no words."""
    return console.color_system is not None and not console.no_color


def _listed(names: str | None) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in (names or "").split(",")) if name)


@contextmanager
def _interruptible() -> Iterator[None]:
    """An interrupt or a request to end is met at once, with exit code 130 or 143, and what was done stays done.

    At once: Python's own exit would wait for a thread that waits for a page.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except (KeyboardInterrupt, _Terminated) as error:
        _tell("framing: interrupted. The same command goes on where this one ended.")
        sys.stderr.flush()
        os._exit(143 if isinstance(error, _Terminated) else 130)
    finally:
        signal.signal(signal.SIGTERM, before)


class _Terminated(BaseException):
    """SIGTERM, met as an interrupt is."""


def _end(*_: object) -> None:
    raise _Terminated


def _check_folder(out: Path) -> None:
    """`OutputError` now rather than after the training, if a folder cannot be written at `out`."""
    from framing.corpus import check_writable

    check_writable(next(path for path in (out, *out.absolute().parents) if path.exists()) / "model.safetensors")


@contextmanager
def _progress(source: str, quiet: bool) -> Iterator[Advance]:
    """A bar with rate, time left and failures on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda n, failed: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from framing.corpus import walk
    from framing.views.terminal import console

    total = sum(1 for _ in walk(source)) if Path(source).is_dir() else None
    rate, failures = TextColumn("{task.fields[rate]:,.0f}/s"), TextColumn("{task.fields[failed]} failed")
    with Progress(TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), rate, failures, TimeRemainingColumn(), **_bar(console)) as bar:
        task = bar.add_task("scoring", total=total, rate=0.0, failed=0)

        def advance(n: int, failed: int) -> None:
            state = bar.tasks[0]
            rate = (state.completed + n) / max(state.elapsed or 0.0, 1e-3)
            bar.update(task, advance=n, rate=rate, failed=state.fields["failed"] + failed)

        yield advance


def _bar(console: Callable[..., Any]) -> dict[str, Any]:
    return {"console": console(stderr=True), "transient": True}


def _tell_counts(summary: Summary, out: str) -> None:
    """Counts that add up, and the first failures with what to do."""
    from framing.views.parts import one_line

    for key, reason, message in summary.failures:
        _tell(f"{one_line(key)}: {one_line(reason)}: {message}")
    counts = summary.counts
    if (more := counts["error"] - len(summary.failures)) > 0 and summary.failures:
        _tell(f"... and {more} more failures; see the rows with status error.")
    why = ", ".join(f"{n} {one_line(reason):.60}" for reason, n in summary.reasons.items())
    shares = f"{counts['ok']} ok, {counts['abstained']} abstained, {counts['error']} failed" + (f" ({why})" if why else "")
    before = f" {summary.rows - summary.scored} of them stood already." if summary.rows > summary.scored else ""
    _tell(f"{summary.rows} inputs: {shares}.{before} Wrote {out}.")


if __name__ == "__main__":
    main()
