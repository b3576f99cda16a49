"""Scores an archive: parts in, rows out, every one of them once, whatever ends the run in between."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.archive import record, work
from framing.archive.destinations import Destination, remove
from framing.archive.parts import SIZE, Part, cut
from framing.archive.record import Done
from framing.archive.sources import Choice, open_source
from framing.archive.work import SHOWN, Advance, Wanted
from framing.corpus import sync_folder
from framing.documents import escape
from framing.errors import InputError, OutputError
from framing.table import columns

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model


@dataclass(frozen=True, slots=True)
class Options:
    """How an archive is scored.

    Attributes
    ----------
    choice : Choice
        What of the source is read.
    chosen : tuple of str or None
        Columns of the scores; all if None. key, title, row, status, reason and model are always there.
    kept : tuple of str
        Columns of the source that are copied, as text.
    sentences, cues : str or None
        Destinations of a row for each sentence and each cue.
    size : int
        Inputs of a part.
    workers : int or None
        How many parts are scored side by side; None: one for each core that the process may use. A single part, or 1, is scored
        in this process, unless the run before died at it: then in another.
    backend : str or None
        What the workers are, `threads` or `processes`; None: whichever was measured to be quicker for the engine.
    """

    choice: Choice = field(default_factory=Choice)
    chosen: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    sentences: str | None = None
    cues: str | None = None
    size: int = SIZE
    workers: int | None = None
    backend: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run gave; the counts add up to the rows.

    Attributes
    ----------
    rows : int
        A row for each input.
    counts, reasons : dict of str to int
        Rows by status (ok, abstained, error), and those with status error by reason.
    failures : tuple of (key, reason, message)
        The first few inputs that gave no text.
    scored : int
        Rows that were scored now; the others stood already.
    seconds : float
    """

    rows: int
    counts: dict[str, int]
    reasons: dict[str, int]
    failures: tuple[tuple[str, str, str], ...]
    scored: int
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 all scored, 3 some inputs failed, 4 nothing scored."""
        if self.counts["ok"] + self.counts["abstained"] == 0:
            return 4
        return 3 if self.counts["error"] else 0

    def to_json(self) -> str:
        """All of it, and the rate, for machines."""
        made = asdict(self) | {"rate": round(self.scored / max(self.seconds, 1e-3), 1), "exit_code": self.exit_code}
        return json.dumps(made | {"seconds": round(self.seconds, 3)})


@dataclass(slots=True)
class _Totals:
    """Sums over parts, in flat memory."""

    rows: int = 0
    scored: int = 0
    parts: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, list[str]]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, done: Done, scored: bool) -> None:
        """A part more."""
        rows = sum(done.counts.values())
        self.rows, self.parts, self.scored = self.rows + rows, self.parts + 1, self.scored + rows * scored
        self.counts.update(done.counts)
        self.reasons.update(done.reasons)
        self.failures = sorted([*self.failures, *((done.part, failure) for failure in done.failures)])[:SHOWN]

    def summary(self) -> Summary:
        """The sums as they are told."""
        counts = {status: self.counts[status] for status in ("ok", "abstained", "error")}
        failures = tuple((key, reason, message) for _, (key, reason, message) in self.failures)
        return Summary(self.rows, counts, dict(sorted(self.reasons.items())), failures, self.scored, time.monotonic() - self.began)


def score(model: Model, source: str, out: str, options: Options | None = None, advance: Advance = lambda n, failed: None) -> Summary:
    """Scores every input of a source to a destination; the same call goes on where an earlier one ended.

    Parameters
    ----------
    model : Model
    source : str
        A folder, a table, `-` (JSON lines on standard input), `duckdb:FILE?QUERY` or `sqlite:FILE?QUERY`.
    out : str
        A file ending in .csv, .jsonl or .parquet, a folder for Parquet files, `duckdb:FILE?TABLE` or `sqlite:FILE?TABLE`.
    options : Options, optional
    advance : callable
        Told the numbers of inputs done and failed.

    Raises
    ------
    FramingError
        `ReadError` if the source is missing, `OutputError` if the destination cannot be written, `LockedError` if another
        job writes to it, `ResumeMismatch` if it was begun with another model or other options.
    """
    try:
        return _Run.planned(model, str(source), str(out), options or Options()).go(advance)
    except OutputError:
        raise
    except OSError as error:
        message = f"{escape(out)} cannot be written: {error.strerror or error}. Parts that are done stay. Make room and run it again."
        raise OutputError(message) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """A run as planned."""

    model: Model
    source: str
    options: Options
    wanted: Wanted
    places: Mapping[str, Destination]

    @classmethod
    def planned(cls, model: Model, source: str, out: str, options: Options) -> _Run:
        """All that can be refused before any work is refused here."""
        named = {"scores": out, "sentences": options.sentences, "cues": options.cues}
        places = {kind: Destination.named(text) for kind, text in named.items() if text is not None}
        wanted = Wanted(options.chosen, options.kept, options.sentences is not None, options.cues is not None)
        if options.backend not in (None, "threads", "processes"):
            raise InputError(f"backend must be 'threads', 'processes' or None. Got {options.backend!r}.")
        if unknown := set(options.chosen or ()) - set(columns(model)):
            raise InputError(f"No column {', '.join(sorted(unknown))}. The scores have: {', '.join(columns(model))}.")
        if len({str(place.path.resolve()) + place.table for place in places.values()}) < len(places):
            raise InputError("--out, --sentences and --cues must be different places.")
        return cls(model, source, options, wanted, places)

    def go(self, advance: Advance) -> Summary:
        """Open, lock, score, fill."""
        found = open_source(self.source, self.options.choice)
        out = self.places["scores"]
        for place in self.places.values():
            place.check(self.source)
        with ExitStack() as locks:
            died, *_ = [locks.enter_context(record.locked(place.home)) for place in self.places.values()]
            done = record.begin(out.home, self._asked(), str(out), all(place.there for place in self.places.values()))
            for kind in self.places.keys() - {"scores"}:
                record.claim(self.places[kind].home, str(out), str(self.places[kind]))
            shelves = {kind: place.shelf(out.home, kind) for kind, place in self.places.items()}
            _sweep([*shelves.values(), *(place.home for place in self.places.values())])
            totals = self._parts(found, done, shelves, died, advance)
            self._fill(shelves, totals)
            return totals.summary()

    def _asked(self) -> dict[str, Any]:
        """All that the rows depend on, but the inputs."""
        from framing import __version__, engine

        choice = asdict(self.options.choice) | {"columns": list(self.options.choice.columns), "where": list(self.options.choice.where)}
        chosen = list(self.options.chosen) if self.options.chosen is not None else None
        wanted = {"chosen": chosen, "kept": list(self.options.kept), "sentences": self.options.sentences, "cues": self.options.cues}
        made = {"framing": __version__, "model": self.model.id, "engine": engine(), "source": self.source}
        return made | choice | wanted | {"size": self.options.size}

    def _parts(self, found: Iterable[Any], done: dict[int, Done], shelves: Mapping[str, Path], died: bool, advance: Advance) -> _Totals:
        """Scores the parts that are not done."""
        totals, home = _Totals(), self.places["scores"].home
        with record.journal(home, done) as journal, ExitStack() as stack:
            parts = self._new(cut(found, self.options.size, self.options.kept), done, shelves, totals, advance)
            for files, result in self._scored(parts, shelves, died, stack, advance):
                if not totals.scored:
                    record.write(home, self._asked(), finished=False)
                for kind, temporary in files.items():
                    Path(temporary).replace(_file(shelves[kind], result.part))
                    sync_folder(shelves[kind])
                journal.add(result)
                done[result.part] = result
                totals.add(result, scored=True)
        for number in [number for number in done if number >= totals.parts]:
            del done[number]
        with record.journal(home, done):  # sorted and without what later runs replaced: the same however the run went
            return totals

    def _new(
        self, parts: Iterable[Part], done: Mapping[int, Done], shelves: Mapping[str, Path], totals: _Totals, advance: Advance
    ) -> Iterator[Part]:
        """The parts that are not on disk as they should be; the others are counted."""
        for part in parts:
            before = done.get(part.number)
            if before is not None and before.stamp == part.stamp and _whole(before, shelves):
                totals.add(before, scored=False)
                advance(len(part.inputs), before.counts["error"])
            else:
                yield part

    def _scored(
        self, parts: Iterator[Part], shelves: Mapping[str, Path], died: bool, stack: ExitStack, advance: Advance
    ) -> Iterator[tuple[Mapping[str, str], Done]]:
        """The parts scored: here, or by workers where there are several; by processes, which may die, where the run before died."""
        from framing.archive.pool import Pool, Task, Threads

        token, workers = secrets.token_hex(8), self.options.workers or _cores()
        tasks = (Task(part, {kind: str(shelf / f".{token}-{part.number}.part") for kind, shelf in shelves.items()}) for part in parts)
        first = list(itertools.islice(tasks, 2))
        if not died and (workers == 1 or len(first) < 2):
            for task in itertools.chain(first, tasks):
                yield task.files, work.do(self.model, self.wanted, task.part, task.files, advance)
            return
        crew = Pool if died or self._backend() == "processes" else Threads
        workforce = stack.enter_context(crew(self.model, self.wanted, workers))
        for task, result in workforce.scored(itertools.chain(first, tasks)):
            advance(len(task.part.inputs), result.counts["error"])
            yield task.files, result

    def _backend(self) -> str:
        """Threads where the kernel, which works without Python's lock, does nearly all; see docs/measurements.md."""
        return self.options.backend or ("threads" if self.model.engine and not self.model.style else "processes")

    def _fill(self, shelves: Mapping[str, Path], totals: _Totals) -> None:
        """Makes the destinations of the parts, unless they stand as a finished run left them and no part has changed since."""
        home, schemas = self.places["scores"].home, self.wanted.schemas(self.model)
        for kind, place in self.places.items():
            extra = [file for file in shelves[kind].glob("part-*.parquet") if int(file.stem[5:]) >= totals.parts]
            if extra:
                record.write(home, self._asked(), finished=False)
            for file in extra:
                file.unlink()
            if not place.there or not record.finished(home):
                place.fill([_file(shelves[kind], number) for number in range(totals.parts)], schemas[kind])
        record.write(home, self._asked(), finished=True)


def _file(shelf: Path, number: int) -> Path:
    return shelf / f"part-{number:06d}.parquet"


def _whole(done: Done, shelves: Mapping[str, Path]) -> bool:
    """Whether the files of a part are there and as long as they were."""
    try:
        return all(_file(shelf, done.part).stat().st_size == done.sizes[kind] for kind, shelf in shelves.items())
    except (OSError, KeyError):
        return False


def _sweep(shelves: Iterable[Path]) -> None:
    """Makes the folders of parts and of the run, and takes away what a killed run left half-written."""
    for shelf in shelves:
        shelf.mkdir(exist_ok=True)
        for left in shelf.glob(".*.part"):
            remove(left)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def first_rows(out: str, count: int) -> pd.DataFrame:
    """The first rows that a run wrote."""
    import pandas as pd
    import pyarrow.parquet as pq

    place = Destination.named(out)
    frames: list[pd.DataFrame] = []
    for file in sorted(place.shelf(place.home, "scores").glob("part-*.parquet")):
        if sum(map(len, frames)) < count:
            frames.append(pq.read_table(file, partitioning=None).to_pandas())
    return pd.concat(frames).head(count) if frames else pd.DataFrame()
