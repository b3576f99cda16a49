"""Where texts come from: folders and tables by the core's readers, standard input, queries of DuckDB and SQLite."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from framing.corpus import Input, Unread, from_records, inputs
from framing.documents import ANY_COLUMNS, Columns, Document, escape
from framing.errors import InputError, MissingExtra, ReadError
from framing.rows import Rows, json_rows

STANDARD_INPUT = "-"
DATABASES = ("duckdb", "sqlite")
_FETCHED = 256


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a source is read.

    Attributes
    ----------
    columns : Columns
        Names of the columns of text, title and key; guessed where None.
    where : tuple of str
        Conditions `column=pattern` or `column!=pattern`, all of which must hold; `*` and `?` stand for any characters.
    limit : int or None
        At most so many inputs, after `where`.
    """

    columns: Columns = ANY_COLUMNS
    where: tuple[str, ...] = ()
    limit: int | None = None


def open_source(source: str, choice: Choice) -> Iterator[Input]:
    """The chosen inputs of a source, each once, in an order that is the same every time.

    Raises
    ------
    ReadError, InputError
        If the source itself is missing or may not be read, a query fails, or a condition asks for what a file does not tell.
    """
    found: Iterable[Input]
    if source == STANDARD_INPUT:
        found = from_records(json_rows(_standard_input()), "-", choice.columns)
    elif (named := address(source)) is not None:
        found = from_records(query(*named), "query", choice.columns)
    else:
        found = inputs(source, choice.columns)
    tests = [_condition(text) for text in choice.where]
    return itertools.islice((item for item in found if all(_holds(item, *test) for test in tests)), choice.limit)


def _standard_input() -> io.BufferedReader:
    return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), 1 << 16)


def address(text: str) -> tuple[str, str, str] | None:
    """Kind, file and the rest (query or table) of `duckdb:file.db?rest`; None for what is no such address."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in DATABASES:
        return None
    path, mark, rest = rest.partition("?")
    if not path or not mark or not rest.strip():
        raise InputError(f"{kind}: needs a file, a question mark, and a query or table: {kind}:news.db?articles. Got {escape(text)!r}.")
    return kind, path, rest


def query(kind: str, path: str, asked: str) -> Rows:
    """The rows that a database answers."""
    if not Path(path).is_file():
        raise ReadError("vanished", f"{escape(path)}: there is no such database. Check the path.")
    rows = (_duckdb if kind == "duckdb" else _sqlite)(path, asked)
    return enumerate(rows)


def _duckdb(path: str, query: str) -> Iterator[dict[str, Any]]:
    duckdb = client()
    try:
        with duckdb.connect(path, read_only=True) as database:
            yield from _fetched(database.execute(query))
    except duckdb.Error as error:
        raise InputError(f"DuckDB refuses the query: {error}") from None


def client() -> Any:
    """The DuckDB client."""
    try:
        import duckdb
    except ImportError:
        raise MissingExtra("DuckDB files need a package that is not installed. Run: pip install 'framing-news[duckdb]'") from None
    return duckdb


def _sqlite(path: str, query: str) -> Iterator[dict[str, Any]]:
    import sqlite3

    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as database:
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            yield from _fetched(database.execute(query))
    except sqlite3.Error as error:
        raise InputError(f"SQLite refuses the query: {error}") from None


def _fetched(cursor: Any) -> Iterator[dict[str, Any]]:
    """The rows of a query as dicts, a few at a time."""
    names = [column[0] for column in cursor.description or ()]
    while rows := cursor.fetchmany(_FETCHED):
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _condition(text: str) -> tuple[str, str, bool]:
    """Column, pattern, and whether it must match."""
    name, sign, pattern = text.partition("=")
    if not sign or not name.strip("! "):
        raise InputError(f"A condition must be column=pattern or column!=pattern. Got {text!r}.")
    return name.rstrip("!").strip(), pattern.strip(), not name.endswith("!")


def _holds(item: Input, name: str, pattern: str, wanted: bool) -> bool:
    """Whether an input meets a condition; one that failed tells its key only, and is kept where the key is not asked for."""
    if name == "key":
        return fnmatch.fnmatchcase(item.key, pattern) is wanted
    if isinstance(item, Unread):
        raise InputError(f"--where {name} asks for a column, and the files of a folder have none. Only key can be asked for.")
    if not isinstance(item, Document):
        return True
    value = item.title if name == "title" else item.extra.get(name)
    return fnmatch.fnmatchcase("" if value is None else str(value), pattern) is wanted
