"""Many documents: folders and tables as streams, tables as DataFrames, and the writing of tables."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from framing.documents import (
    ANY_COLUMNS,
    Columns,
    Document,
    Failure,
    escape,
    from_record,
    kind_of,
    naming,
    open_regular,
    os_failure,
    read_document,
)
from framing.errors import InputError, OutputError, ReadError
from framing.inert import FORMULA, json_text
from framing.rows import KINDS, TABLE_LIMIT, Rows, damage_told, is_one_object, open_parquet, opened, records
from framing.text import SURROGATE

if TYPE_CHECKING:
    import pandas as pd


# ---- documents ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of one document that has not been opened: whoever gets it calls `read`.

    Attributes
    ----------
    key, path : str
    row : int
    """

    key: str
    path: str
    row: int = 0

    def read(self) -> Document | Failure:
        """Its document, or why there is none."""
        try:
            return read_document(self.path, self.key)
        except ReadError as error:
            return Failure(self.key, error.reason, str(error))


Input: TypeAlias = "Document | Failure | Unread"


def documents(
    source: str | os.PathLike[str], text: str | None = None, title: str | None = None, key: str | None = None
) -> Iterator[Document | Failure]:
    """Every document of a folder or file, in flat memory; each input gives one result.

    Parameters
    ----------
    source : path
        A folder (all files below it that are not hidden, by `walk`), a table (.jsonl, .ndjson, .json, .csv, .tsv,
        .parquet; .gz and .zst of those that are lines) or one document.
    text, title, key : str, optional
        Names of a table's columns; guessed by `framing.documents.DEFAULT_COLUMNS` if None.

    Yields
    ------
    Document or Failure
        In the order of the keys in a folder, of the rows in a table. Keys: the path relative to the folder; in a
        table the key column or the number of the row; `path#key` for the rows of a table inside a folder.

    Raises
    ------
    ReadError
        If the source itself is missing or may not be read.
    """
    found = inputs(source, Columns(text, title, key))
    return (item.read() if isinstance(item, Unread) else item for item in found)


def inputs(source: str | os.PathLike[str], columns: Columns = ANY_COLUMNS) -> Iterator[Input]:
    """As `documents`, but files of one document are left unread: to read them is often more work than all else."""
    path = os.fspath(source)
    try:
        folder = Path(path).is_dir()
        if not folder:
            os.lstat(path)
    except OSError as error:
        with naming(path):
            raise os_failure(error) from None
    return _folder(path, columns) if folder else _file(path, escape(Path(path).name), columns)


def walk(folder: str | os.PathLike[str]) -> Iterator[tuple[str, str] | Failure]:
    """(key, path) of every file below a folder, sorted by key: the relative path with `/`, escaped where it is not UTF-8.

    Hidden files are left out. Links to files of the tree are followed; a link that leads out is a Failure; one to a folder of the
    tree adds nothing, as its files have rows already.
    """
    root = os.path.realpath(folder)
    waiting = [("", root, False)]  # a stack, not recursion: folders may be nested deeper than Python's
    while waiting:
        key, path, link = waiting.pop()
        if link and not _inside(path, root):
            yield Failure(key, "not_a_file", "The link leads out of the folder, and such are not followed. Copy the file into the folder.")
        elif key and not key.endswith("/"):
            yield key, path
        else:
            try:
                waiting += sorted(_entries(path, key, root), reverse=True)
            except OSError as error:
                failure = os_failure(error)
                yield Failure(key or ".", failure.reason, str(failure))


def _entries(path: str, prefix: str, root: str) -> Iterator[tuple[str, str, bool]]:
    """Key, path and whether it is a link, of what stands in a folder; keys of folders end in `/`, so that they sort as their files do."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            key, link = prefix + escape(entry.name), entry.is_symlink()
            if not link:
                yield (key + "/" if entry.is_dir() else key), entry.path, False
            elif not (Path(entry.path).is_dir() and _inside(entry.path, root)):
                yield key, entry.path, True


def _inside(path: str, root: str) -> bool:
    """Whether a link leads to something below `root` (itself a real path)."""
    return os.path.commonpath([root, os.path.realpath(path)]) == root


def _folder(folder: str, columns: Columns) -> Iterator[Input]:
    """The documents of all files below a folder."""
    for found in walk(folder):
        if isinstance(found, Failure):
            yield found
        else:
            key, path = found
            yield from _file(path, key, columns, prefix=f"{key}#")


def _file(path: str, key: str, columns: Columns, prefix: str = "") -> Iterator[Input]:
    """The document of a file, or those of its rows with `prefix` before their keys; what ends it early is the last result."""
    try:
        one = kind_of(path)[0] not in KINDS or is_one_object(path)
    except ReadError as error:
        yield Failure(key, error.reason, str(error))
        return
    if one:
        yield Unread(key, path)
    else:
        yield from from_records(records(path), key, columns, prefix)


def from_records(rows: Rows, key: str, columns: Columns, prefix: str = "") -> Iterator[Document | Failure]:
    """The documents of a table's rows; what ends it early is the last result, under the `key` of the table."""
    row = 0
    try:
        for row, record in rows:
            failed = isinstance(record, ReadError)
            result = Failure(str(row), record.reason, str(record), row) if failed else from_record(record, row, columns)
            yield dataclasses.replace(result, key=prefix + result.key) if prefix else result
            row += 1  # where a failure of the table itself is counted
    except ReadError as error:
        yield Failure(key, error.reason, str(error), row)


# ---- tables ---------------------------------------------------------------------------------------------------------


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A table of training or evaluation data: .csv, .tsv, .jsonl (also .gz, .zst), .json or .parquet.

    Parameters
    ----------
    path : path
        The ending tells the format. CSV cells that are empty are missing, and columns of numbers become numbers.

    Raises
    ------
    ReadError
        At the first row that cannot be read, or if there is none.
    """
    name = os.fspath(path)
    with naming(name):
        return _table(name, kind_of(name)[0])


def _table(name: str, kind: str) -> pd.DataFrame:
    import pandas as pd

    if kind not in KINDS:
        os.close(open_regular(name))  # that it is missing, or a folder, is told first
        raise ReadError("no_table", f"A table must end in .csv, .tsv, .jsonl, .json or .parquet. Got {escape(name)!r}. Save it as such.")
    if kind == "parquet":
        return _parquet_table(name)
    rows = list(itertools.starmap(_good_record, records(name)))
    if not rows:
        raise ReadError("empty", "The table has no rows. Check that it is the right file.")
    if kind in ("csv", "tsv"):
        return pd.DataFrame(rows).apply(_numbers)
    return pd.DataFrame([cleaned(row) for row in rows])  # JSON can hold lone surrogates, which pandas from 3 on cannot


def _good_record(row: int, record: Any) -> dict[str, Any]:
    if isinstance(record, ReadError):
        raise ReadError(record.reason, f"Row {row}: {record}")
    if not isinstance(record, dict):
        raise ReadError("bad_row", f"Row {row} must be an object with a field for each column. Got {type(record).__name__}.")
    return record


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """A CSV column with its empty cells missing, as numbers if all others are."""
    import pandas as pd

    column = column.replace("", None)
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        return column


def _parquet_table(path: str) -> pd.DataFrame:
    """A whole Parquet file."""
    import pyarrow as pa

    with damage_told(), opened(path, "") as stream:
        try:
            frame: pd.DataFrame = _unfolded(open_parquet(stream).read()).to_pandas()
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise ReadError("corrupt", f"The Parquet data are damaged ({error}). Fetch the file again.") from None
    if frame.empty:
        raise ReadError("empty", "The table has no rows. Check that it is the right file.")
    return frame


def _unfolded(table: Any) -> Any:
    """An Arrow table with its dictionaries unpacked, once it is known how much that gives."""
    import pyarrow as pa
    import pyarrow.compute as pc

    strings = (pa.string(), pa.large_string())
    packed = [i for i, kind in enumerate(table.schema.types) if pa.types.is_dictionary(kind) and kind.value_type in strings]
    chunks = (chunk for i in packed for chunk in table.column(i).chunks)
    size = sum(pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0 for chunk in chunks)
    if size > TABLE_LIMIT:
        raise ReadError("too_large", f"The table's strings unfold to {size:,} bytes, over {TABLE_LIMIT:,}. Split it.")
    for i in packed:
        table = table.set_column(i, table.schema.names[i], table.column(i).cast(pa.large_string()))
    return table


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Writes a table as .csv, .jsonl or .parquet, whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        Its index is not written. Lone surrogates become U+FFFD.
    path : path
        In CSV a text that begins with `= + - @` (also in full width, or behind blanks), a tab or a line break gets a `'`
        before it, so that no spreadsheet runs it; JSONL and Parquet hold the text as it is.

    Raises
    ------
    InputError
        If the ending is another one, or a column mixes types.
    OutputError
        If the file cannot be written there.
    """
    target, write = Path(path), writer_of(path)
    with replacing(target) as stream:
        table = _arrow(frame)
        write([table], table.schema, stream)


Writer: TypeAlias = Callable[[Iterable[Any], Any, BinaryIO], None]
"""Writes Arrow tables of one schema, one after the other, in flat memory."""


def writer_of(path: str | os.PathLike[str]) -> Writer:
    """What writes a file with this ending; `InputError` if nothing does."""
    target = Path(path)
    if (write := _WRITERS.get(target.suffix.lower())) is None:
        raise InputError(f"A table must end in .csv, .jsonl or .parquet. Got {escape(target.name)!r}. Choose one of these.")
    return write


DRAFTS = f".{'[0-9a-f]' * 16}.part"
"""What finds files in the making in a folder."""


def draft(folder: Path) -> Path:
    """A new name for a file in the making."""
    return folder / f".{secrets.token_hex(8)}.part"


@contextlib.contextmanager
def replacing(path: Path, aside: Path | None = None) -> Iterator[BinaryIO]:
    """A temporary file, beside `path` or in a folder of its file system, that becomes `path` when the block ends, on disk.

    If the block fails, nothing has changed. A kill leaves the file behind: whoever has the folder `aside` for itself can take it away.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise OutputError(f"{escape(str(path))} is a folder or a device. Name a file.")
        temporary = draft(aside or target.parent)
        with contextlib.ExitStack() as undo:
            with temporary.open("xb") as stream:
                undo.callback(temporary.unlink, missing_ok=True)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        sync_folder(target.parent)
    except OutputError:
        raise
    except OSError as error:
        message = f"{escape(str(path))} cannot be written: {error.strerror or error}. Check that its folder exists and has room."
        raise OutputError(message) from error


def check_writable(path: Path) -> None:
    """`OutputError` now rather than after hours of work, if a file cannot be written at `path`; leaves nothing behind."""
    with contextlib.suppress(_Unchanged), replacing(path):
        raise _Unchanged


class _Unchanged(Exception):
    """Ends a block of `replacing` without a file."""


def sync_folder(folder: Path) -> None:
    """Puts the new name on disk, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _arrow(frame: pd.DataFrame) -> Any:
    """The frame as an Arrow table without its index and without lone surrogates."""
    import pyarrow as pa

    try:
        try:
            return pa.Table.from_pandas(frame, preserve_index=False)
        except UnicodeEncodeError:
            return pa.Table.from_pandas(frame.map(cleaned).rename(columns=cleaned), preserve_index=False)
    except pa.ArrowException as error:
        raise InputError(f"The table cannot be written: {error}. Give each column values of one type.") from None


def cleaned(value: Any) -> Any:
    """The value with U+FFFD for lone surrogates, at any depth."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {cleaned(name): cleaned(item) for name, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, (list, tuple)) else value


def _write_csv(tables: Iterable[Any], schema: Any, stream: BinaryIO) -> None:
    """CSV by Arrow, ten times as fast as pandas."""
    import pyarrow as pa
    import pyarrow.csv

    names = _inert(pa.array(schema.names, pa.string())).to_pylist()
    for table in itertools.chain([schema.empty_table()], tables):  # the first writes the header
        made = pa.table([_inert(_flat(column)) for column in table.columns], names=names)
        pyarrow.csv.write_csv(made, stream, pyarrow.csv.WriteOptions(include_header=not stream.tell()))


def _flat(column: Any) -> Any:
    """A column as CSV can hold it: lists and objects as JSON text, categories as their names."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return pa.array([None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in column.to_pylist()])
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _inert(column: Any) -> Any:
    """Text cells that a spreadsheet would run, with a `'` before them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.replace_substring_regex(column, FORMULA, r"'\1")


def _write_jsonl(tables: Iterable[Any], schema: Any, stream: BinaryIO) -> None:
    """An object a line; missing values are null."""
    for batch in (batch for table in tables for batch in table.to_batches(max_chunksize=1024)):
        stream.writelines(json_text(row, default=str).encode() + b"\n" for row in batch.to_pylist())


ROW_GROUP = 1 << 15
"""Rows of a row group: what the file's end says of each is kept until it is written, so small ones would add up."""


def _write_parquet(tables: Iterable[Any], schema: Any, stream: BinaryIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        held: list[Any] = []
        for table in itertools.chain(tables, [None]):
            held += [] if table is None else [table]
            if held and (table is None or sum(map(len, held)) >= ROW_GROUP):
                writer.write_table(pa.concat_tables(held))
                held = []


_WRITERS: dict[str, Writer] = {".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet}
