"""Scoring on a cluster: one pure function of a partition, and its use on Dask from Parquet to Parquet."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.archive import record, schema
from framing.archive.destinations import HOME, check_folder
from framing.archive.work import BATCH, Wanted, score
from framing.corpus import DRAFTS, replacing
from framing.documents import Columns, from_record
from framing.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from framing.model import Model

DEATHS = 10
"""Workers that may die with the same partition before it is given up."""

STALE = 3600.0
"""Seconds after which nobody writes to a file in the making: to write a partition takes some."""


@lru_cache(maxsize=2)
def _loaded(name: str, sha256: str | None) -> Model:
    """A worker loads a model once."""
    from framing.persist import load

    return load(name, sha256)


def score_partitions(
    partition: Any,
    model: str = "news-en",
    *,
    text: str | None = None,
    title: str | None = None,
    key: str | None = None,
    keep: Sequence[str] = (),
    sha256: str | None = None,
) -> Any:
    """The scores of a partition: the same rows in give the same rows out, on any machine that has the model.

    Parameters
    ----------
    partition : pandas.DataFrame, pyarrow.Table or pyarrow.RecordBatch
        Rows with a column of texts.
    model : str
        A model's name, or a folder that every worker sees.
    text, title, key : str, optional
        Names of columns; guessed if None.
    keep : sequence of str
        Columns to copy, as text.
    sha256 : str, optional
        Hash that the model's file must have.

    Returns
    -------
    pandas.DataFrame, pyarrow.Table or pyarrow.RecordBatch
        As given. A row for each row, in its order, always with the schema `framing.archive.schema.scores`; `row` counts
        from 0 in the partition. A row without a text has status `error` and a reason.
    """
    import pyarrow as pa

    made, columns = _loaded(model, sha256), Columns(text, title, key)
    arrow = isinstance(partition, (pa.Table, pa.RecordBatch))
    records = partition.to_pylist() if arrow else partition.to_dict("records")
    items = [from_record(record, row, columns) for row, record in enumerate(records)]
    wanted, shape = Wanted(kept=tuple(keep)), schema.scores(made, kept=keep)
    batches = (items[start : start + BATCH] for start in range(0, len(items), BATCH))
    table = schema.table(shape, [row for batch in batches for row in score(made, wanted, batch, shape.names)["scores"]])
    if isinstance(partition, pa.RecordBatch):
        return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=shape)
    return table if arrow else table.to_pandas()


def score_on_dask(source: str, out: str, scheduler: str, model: str = "news-en", **columns: Any) -> dict[str, int]:
    """Scores the Parquet files of a folder on a Dask cluster, a partition for each row group; called again, it goes on where it ended.

    Parameters
    ----------
    source : str
        A Parquet file, or a folder of them, that every worker sees under this path.
    out : str
        A folder that every worker sees; partition n is `part-<n>.parquet` in it, written whole or not at all, and not scored again
        where it stands.
    scheduler : str
        The address of the scheduler.
    model : str
        As for `score_partitions`, which also takes the other arguments. It must be here too.

    Returns
    -------
    dict of str to int
        Rows by status. They add up to the rows of the source; a partition whose worker died is scored by another.

    Raises
    ------
    FramingError
        If dask is missing, the source has no Parquet file, the folder holds other files, another job writes to it, or it was begun with
        another model, other columns or another source.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra(f"Dask needs {error.name}, which is not installed. Run: pip install 'framing-news[dask]'") from None
    connect: Any = Client  # it is untyped
    groups, folder = _row_groups(source), Path(out).absolute()
    check_folder(folder)
    home = folder / HOME
    files = [str(folder / f"part-{number:06d}.parquet") for number in range(len(groups))]
    task = partial(_score_group, model=model, **columns)
    counts: Counter[str] = Counter({"ok": 0, "abstained": 0, "error": 0})
    with record.locked(home):
        asked = _asked(groups, model, columns)
        record.begin(home, asked, str(folder), there=True)
        _sweep(folder)
        with connect(scheduler) as client:
            for found in client.gather(client.map(task, groups, files, retries=DEATHS, pure=False)):
                counts.update(found)
        record.write(home, asked, finished=True)
    return dict(counts)


def _asked(groups: list[tuple[str, int]], model: str, columns: dict[str, Any]) -> dict[str, Any]:
    """All that the rows depend on: what a run that goes on must be given again."""
    from framing import __version__

    files = {file: (stat.st_size, stat.st_mtime_ns) for file, _ in groups for stat in [Path(file).stat()]}
    stamp = hashlib.blake2b(json.dumps([groups, files]).encode(), digest_size=16).hexdigest()
    named = {name: list(value) if isinstance(value, tuple) else value for name, value in columns.items()}
    return {"framing": __version__, "engine": "dask", "model": _loaded(model, columns.get("sha256")).id, "files": stamp, **named}


def _sweep(folder: Path) -> None:
    """Takes away what killed workers left half-written; a worker of a run that ended may still be writing its last."""
    for left in folder.glob(DRAFTS):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def _row_groups(source: str) -> list[tuple[str, int]]:
    """File and number of each row group, in the order of the files' names."""
    import pyarrow.parquet as pq

    path = Path(source).absolute()
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
    found = [(str(file), group) for file in files for group in range(pq.ParquetFile(file).num_row_groups)]
    if not found:
        raise InputError(f"--engine dask reads a Parquet file or a folder of them with rows. {source} has none.")
    return found


def _score_group(place: tuple[str, int], file: str, **options: Any) -> dict[str, int]:
    """On a worker: scores a row group and writes its file, unless that stands; then it is whole."""
    import pyarrow.parquet as pq

    if Path(file).exists():
        table = pq.read_table(file, columns=["status"], partitioning=None)
    else:
        table = score_partitions(pq.ParquetFile(place[0]).read_row_group(place[1]), **options)
        with replacing(Path(file)) as stream:
            pq.write_table(table, stream, compression="zstd")
    return dict(Counter(table.column("status").to_pylist()))
