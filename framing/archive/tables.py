"""Tables that `framing score` wrote, read whole."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.archive.sources import address, query
from framing.corpus import read_table
from framing.documents import escape, kind_of
from framing.errors import InputError, ReadError

if TYPE_CHECKING:
    import pandas as pd


def read_scores(source: str) -> pd.DataFrame:
    """A table from wherever `framing score` writes: .csv, .jsonl, .parquet, a folder, `duckdb:FILE?TABLE`, `sqlite:FILE?TABLE`.

    Raises
    ------
    FramingError
        `ReadError` or `InputError` if it is missing, no table, or has no rows.
    """
    import pandas as pd

    if (named := address(source)) is not None:
        kind, path, table = named
        frame = pd.DataFrame(row for _, row in query(kind, path, f"SELECT * FROM {table}"))
        if frame.empty:
            raise InputError(f"{escape(source)} has no rows. Check that it is the right table.")
        return frame
    if Path(source).is_dir():
        files = _parts(source)
        if not files:
            raise InputError(f"{escape(source)} has no part-*.parquet. Name a folder that framing score wrote.")
        return pd.concat([read_table(file) for file in files], ignore_index=True)
    quick = _by_arrow(source)
    return read_table(source) if quick is None else quick


def _by_arrow(path: str) -> pd.DataFrame | None:
    """A CSV or JSONL file as Arrow reads it, in a tenth of the time and memory; None where it does not fit, and `read_table` says why."""
    import pyarrow as pa

    reader = {".csv": _arrow_csv, ".jsonl": _arrow_jsonl}.get(Path(path).suffix.lower())
    if reader is None or kind_of(path)[1] or not Path(path).is_file():
        return None
    with contextlib.suppress(pa.ArrowException, OSError, ValueError):
        table = reader(path)
        if table.num_rows and 1 < table.num_columns == len(set(table.column_names)):
            frame: pd.DataFrame = table.to_pandas()
            return frame
    return None


def _arrow_csv(path: str) -> Any:
    import pyarrow as pa
    import pyarrow.csv as pc

    parsed = pc.ParseOptions(newlines_in_values=True)
    keys = {"key": pa.string(), "title": pa.string()}  # 007 stays 007
    empty: dict[str, Any] = {"null_values": [""], "strings_can_be_null": True}
    plain = pc.ConvertOptions(column_types=keys, true_values=[], false_values=[], timestamp_parsers=[], **empty)
    return pc.read_csv(path, pc.ReadOptions(block_size=1 << 24), parsed, plain)


def _arrow_jsonl(path: str) -> Any:
    """With texts as texts: Arrow would take dates for times."""
    import pyarrow as pa
    import pyarrow.json as pj

    with Path(path).open("rb") as stream:
        first = json.loads(stream.readline(1 << 24))
    texts = pa.schema([(name, pa.string()) for name, value in first.items() if isinstance(value, str)])
    table = pj.read_json(path, pj.ReadOptions(block_size=1 << 26), pj.ParseOptions(explicit_schema=texts))
    return table.select(list(dict.fromkeys([*first, *table.column_names])))  # texts came first


def rows_of(source: str, keys: Sequence[str]) -> pd.DataFrame:
    """The rows of some keys of a table that `framing score` wrote, in little memory where it is Parquet or a database."""
    import pandas as pd

    if (named := address(source)) is not None:
        kind, path, table = named
        return pd.DataFrame(row for _, row in query(kind, path, f"SELECT * FROM {table}") if row.get("key") in keys)
    files = _parts(source) if Path(source).is_dir() else [Path(source)]
    if not files or not all(file.name.endswith(".parquet") for file in files):
        frame = read_scores(source)
        return frame[frame["key"].astype(str).isin(keys)] if "key" in frame.columns else frame
    return _some_parquet(files, keys)


def _parts(folder: str) -> list[Path]:
    """The files of a Parquet dataset that `framing score` wrote, in order."""
    return sorted(Path(folder).glob("part-*.parquet"))


def _some_parquet(files: Sequence[Path], keys: Sequence[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as pads

    try:
        whole = pads.dataset(list(map(str, files)), format="parquet")
        chosen = pc.field("key").cast(pa.string()).isin(list(keys)) if "key" in whole.schema.names else None
        frame: pd.DataFrame = whole.to_table(filter=chosen).to_pandas()
        return frame
    except (pa.ArrowException, OSError) as error:
        raise ReadError("corrupt", f"{escape(str(files[0]))} cannot be read: {error}. Check the path, or write it again.") from None
