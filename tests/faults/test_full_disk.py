"""A disk that is really full: a file system of a few KB, which grows until a run fits, so that every write of it fails once."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deadly import files

from framing import Model
from framing.archive.score import Options, Summary, score
from framing.errors import OutputError

LONG = os.environ.get("FRAMING_FAULTS") == "long"
LARGE = 1 << 26
KINDS = ("scores", "sentences", "cues")
PLACES = {"csv": "{}.csv", "jsonl": "{}.jsonl", "parquet": "{}.parquet", "dataset": "{}"}
PLACES |= {kind: f"{kind}:{{}}.db?t" for kind in ("sqlite", "duckdb")}

Resize = Callable[[int], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Resize]]:
    """A small file system in memory, and what changes its size."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "none", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root may mount a file system of its own")
    try:
        yield place, lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True) and None
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _run(model: Model, source: Path, place: Path, form: str) -> Summary:
    out, sentences, cues = (_named(place, form, kind) for kind in KINDS)
    return score(model, str(source), out, Options(sentences=sentences, cues=cues, size=10, workers=1))


def _named(place: Path, form: str, kind: str) -> str:
    return PLACES[form].format(place / kind)


def _content(place: Path, form: str, kind: str) -> Any:
    """What a destination holds: bytes of files, rows of tables; None where it is not there. A database that is there can be read."""
    path = Path(_named(place, form, kind).removeprefix(f"{form}:").removesuffix("?t"))
    if not path.exists():
        return None
    if form == "dataset":
        return {file.name: file.read_bytes() for file in path.glob("part-*.parquet")}
    if form not in ("sqlite", "duckdb"):
        return path.read_bytes()
    try:
        database: Any = sqlite3.connect(path) if form == "sqlite" else duckdb.connect(str(path))
        with contextlib.closing(database):
            return database.execute("SELECT * FROM t").fetchall()
    except (sqlite3.OperationalError, duckdb.CatalogException) as error:
        assert "no such table" in str(error) or "does not exist" in str(error)
        return None


def _clear(place: Path) -> None:
    for path in place.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _torn(place: Path, form: str, whole: dict[str, Any]) -> bool:
    """Whether a destination is there and not whole; a dataset may lack parts."""
    for kind in KINDS:
        found = _content(place, form, kind)
        if form == "dataset" and found is not None:
            if any(whole[kind].get(name) != data for name, data in found.items()):
                return True
        elif found is not None and found != whole[kind]:
            return True
    return False


@pytest.mark.parametrize("form", list(PLACES))
def test_bad_input_66_each_write_meets_a_full_disk_and_nothing_is_torn(
    tiny: Model, tmp_path: Path, disk: tuple[Path, Resize], form: str
) -> None:
    """The run after it, with room, gives the same bytes; so does one that goes on with a little more room each time."""
    (place, resize), source = disk, files(tmp_path / "in", 25)
    assert _run(tiny, source, place, form).rows == 25
    whole = {kind: _content(place, form, kind) for kind in KINDS}
    _clear(place)
    step = (4096 if LONG else 12288) * (16 if form == "duckdb" else 1)  # DuckDB writes blocks of 256 KB
    failed, size, going = 0, step, True
    while going:
        resize(size)
        try:
            going = _run(tiny, source, place, form).rows != 25
        except OutputError as error:
            failed += 1
            assert "room" in str(error) or "space" in str(error) or "full" in str(error), error
        assert not _torn(place, form, whole), size
        resize(LARGE)
        assert _run(tiny, source, place, form).rows == 25
        assert {kind: _content(place, form, kind) for kind in KINDS} == whole
        _clear(place)
        size += step
    fresh, size = size, step
    while size < 4 * fresh and (resize(size) or not _fits(tiny, source, place, form)):
        assert not _torn(place, form, whole), size
        size += step
    assert {kind: _content(place, form, kind) for kind in KINDS} == whole
    print(f"{form}: {failed} runs failed, of {step} bytes to {fresh}")
    assert failed > 3


def _fits(model: Model, source: Path, place: Path, form: str) -> bool:
    try:
        return _run(model, source, place, form).rows == 25
    except OutputError:
        return False
