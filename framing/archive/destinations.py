"""Where rows go: a CSV, JSONL or Parquet file, a folder of Parquet files, a table of DuckDB or SQLite."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from framing.archive.sources import STANDARD_INPUT, address, client
from framing.corpus import check_writable, draft, replacing, writer_of
from framing.documents import escape
from framing.errors import InputError, OutputError

_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
HOME = "_framing"
"""The folder of a run's record in a dataset, where readers of datasets do not look."""

_SQL_KINDS = {"string": "TEXT", "int64": "INTEGER", "double": "REAL"}


@dataclass(frozen=True, slots=True)
class Destination:
    """A place for the rows of a run.

    Attributes
    ----------
    kind : str
        file, dataset (a folder of Parquet files), duckdb or sqlite.
    path : Path
    table : str
        Of a database.
    """

    kind: str
    path: Path
    table: str = ""

    @classmethod
    def named(cls, text: str) -> Destination:
        """The destination that `--out` names."""
        found = address(text)
        if found is not None:
            kind, path, table = found
            if not _TABLE.fullmatch(table):
                raise InputError(f"A table's name must be letters, digits and underscores. Got {table!r}.")
            return cls(kind, Path(path), table)
        path_of = Path(text)
        if path_of.suffix and not path_of.is_dir() and not text.endswith("/"):
            _check_ending(text)
            return cls("file", path_of)
        return cls("dataset", path_of)

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}?{self.table}" if self.table else str(self.path)

    @property
    def home(self) -> Path:
        """The folder of the run's record: beside a file, inside a dataset."""
        if self.kind == "dataset":
            return self.path / HOME
        dotted = f".{self.table}" if self.table else ""
        return self.path.with_name(f"{self.path.name}{dotted}.run")

    @property
    def there(self) -> bool:
        """Whether it holds rows."""
        return _has_table(self) if self.table else self.path.exists()

    def shelf(self, home: Path, kind: str) -> Path:
        """The folder of the parts that become this destination: a dataset is its parts."""
        return self.path if self.kind == "dataset" else home / kind

    @property
    def aside(self) -> Path:
        """Where what becomes the destination is made: in the run's folder, whose next holder takes away what a kill left there."""
        return self.home if self.home.is_dir() else self.path.parent

    def check(self, source: str) -> None:
        """Refuses, before any work, what cannot be written, or would be read as an article the next time."""
        refuse_own_output(source, self.path)
        if self.kind == "duckdb":
            client()
        if self.kind == "dataset":
            check_folder(self.path)
        else:
            check_writable(self.path if self.kind == "file" else self.path.with_name(f"{self.path.name}.new"))

    def fill(self, files: Sequence[Path], schema: Any) -> None:
        """Makes the destination of its parts, whole or not at all."""
        if self.kind == "file":
            write = writer_of(self.path)
            with replacing(self.path, None if self.path.is_symlink() else self.aside) as stream:
                write(_tables(files), schema, stream)
        elif self.kind == "duckdb":
            _fill_duckdb(self, files, schema)
        elif self.kind == "sqlite":
            _fill_sqlite(self, files, schema)


def refuse_own_output(source: str, out: Path) -> None:
    """`InputError` if the table would overwrite what is read, or be read as an article the next time."""
    if source == STANDARD_INPUT:
        return
    found = address(source)
    read, written = Path(found[1] if found else source).resolve(), out.resolve()
    if found is None and (written == read or (read.is_dir() and read in written.parents)):
        raise InputError("The output lies in the source, and would be read as an article the next time. Choose a path outside of it.")


def _check_ending(text: str) -> None:
    """Refuse another ending before hours of work rather than after."""
    try:
        writer_of(text)
    except InputError:
        hint = "Choose one of these, a name without a dot for a folder of Parquet files, or duckdb:FILE?TABLE, sqlite:FILE?TABLE"
        raise InputError(f"--out must end in .csv, .jsonl or .parquet. Got {escape(Path(text).name)!r}. {hint}.") from None


def check_folder(path: Path) -> None:
    """A dataset's folder must be new, empty, or that of an earlier run."""
    try:
        path.mkdir(exist_ok=True)
        known = (path / HOME).is_dir() or not any(path.iterdir())
    except OSError as error:
        message = f"{escape(str(path))} cannot be written: {error.strerror}. Check that the folder around it exists."
        raise OutputError(message) from None
    if not known:
        raise OutputError(f"{escape(str(path))} holds other files. Choose a new folder.")
    check_writable(path / "_framing.new")


def _tables(files: Sequence[Path]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    return (pq.read_table(file, partitioning=None) for file in files)


def _has_table(place: Destination) -> bool:
    if not place.path.exists():
        return False
    with _connected(place) as database:
        return _holds(database, place)


def _holds(database: Any, place: Destination) -> bool:
    listed = "sqlite_master WHERE type = 'table' AND name" if place.kind == "sqlite" else "information_schema.tables WHERE table_name"
    return bool(database.execute(f"SELECT 1 FROM {listed} = ?", [place.table]).fetchall())


@contextlib.contextmanager
def _connected(place: Destination) -> Iterator[Any]:
    """An open database; what it refuses is an `OutputError`."""
    import sqlite3

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    try:
        if place.kind == "duckdb":
            errors = (client().Error,)
            database = client().connect(str(place.path))
        else:
            database = sqlite3.connect(place.path, isolation_level=None)
        with contextlib.closing(database):
            yield database
    except errors as error:
        raise OutputError(f"{escape(str(place))} cannot be written: {error}.") from None


def _fill_duckdb(place: Destination, files: Sequence[Path], schema: Any) -> None:
    import pyarrow as pa

    batches = (batch for table in _tables(files) for batch in table.to_batches())
    _begin_duckdb(place)
    with _connected(place) as database:
        database.register("framing_parts", pa.RecordBatchReader.from_batches(schema, batches))
        database.execute(f'CREATE OR REPLACE TABLE "{place.table}" AS SELECT * FROM framing_parts')


def _begin_duckdb(place: Destination) -> None:
    """An empty database, made aside: one whose making meets a full disk could never be opened again."""
    if place.path.exists():
        return
    aside = replace(place, path=draft(place.aside))
    try:
        with _connected(aside):
            pass
        with contextlib.suppress(FileExistsError):  # another job was quicker
            os.link(aside.path, place.path)
    finally:
        remove(aside.path)


def _fill_sqlite(place: Destination, files: Sequence[Path], schema: Any) -> None:
    """In one transaction, so that others see the old rows or the new."""
    kinds = ", ".join(f"{_quoted(field.name)} {_SQL_KINDS[str(field.type)]}" for field in schema)
    rows = (tuple(row.values()) for table in _tables(files) for batch in table.to_batches(1024) for row in batch.to_pylist())
    with _connected(place) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute(f'DROP TABLE IF EXISTS "{place.table}"')
        database.execute(f'CREATE TABLE "{place.table}" ({kinds})')
        database.executemany(f'INSERT INTO "{place.table}" VALUES ({", ".join("?" * len(schema))})', rows)
        database.execute("COMMIT")


def _quoted(name: str) -> str:
    """A column's name in SQL: a reader's label may hold a quotation mark."""
    return '"' + name.replace('"', '""') + '"'


def remove(path: Path) -> None:
    """Takes a file or folder away, if it is there."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
