"""Scoring partitions: the function, a Dask cluster whose worker is killed, Spark."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import framing
from framing import Model
from framing.archive import schema
from framing.archive.cluster import STALE, _sweep, score_on_dask
from framing.cli import main
from framing.errors import InputError, OutputError, ResumeMismatch

LONG = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all, number {}."


ODD = (["--limit", "3"], ["--workers", "2"], ["--part", "9"], ["--show", "1"], ["--quiet"])


def rows(count: int) -> pd.DataFrame:
    texts: list[Any] = [LONG.format(number) for number in range(count)]
    texts[1] = None
    return pd.DataFrame({"id": [f"k{number}" for number in range(count)], "text": texts, "outlet": "The Post"})


@pytest.fixture
def saved(tiny: Model, tmp_path: Path) -> str:
    tiny.save(tmp_path / "model")
    return str(tmp_path / "model")


def test_a_partition_comes_back_as_it_was_given(model: Model) -> None:
    frame = rows(40)
    table = framing.score_partitions(pa.Table.from_pandas(frame), keep=["outlet"])
    assert table.schema == schema.scores(model, kept=["outlet"])
    assert table.column("key").to_pylist() == list(frame["id"])
    assert table.column("status").to_pylist()[:3] == ["ok", "error", "ok"] and table.column("reason")[1].as_py() == "no_text"
    pd.testing.assert_frame_equal(framing.score_partitions(frame, keep=["outlet"]), table.to_pandas())
    batch = framing.score_partitions(pa.RecordBatch.from_pandas(frame), keep=["outlet"])
    assert isinstance(batch, pa.RecordBatch) and pa.Table.from_batches([batch]) == table
    alone = model.score(pd.DataFrame({"text": [frame["text"][0]]}))
    assert table.column("tone_loaded")[0].as_py() == alone["tone_loaded"][0]


def test_an_empty_partition_has_the_schema(model: Model) -> None:
    table = framing.score_partitions(pa.Table.from_pandas(rows(2)).slice(0, 0))
    assert len(table) == 0 and table.schema == schema.scores(model)


def test_what_dask_cannot_do_is_refused_before_it_starts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Parquet"):
        score_on_dask(str(tmp_path), str(tmp_path / "out"), "tcp://127.0.0.1:1")
    rows(3).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(OutputError, match="other files"):
        score_on_dask(str(tmp_path / "a.parquet"), str(tmp_path), "tcp://127.0.0.1:1")


def test_what_killed_workers_left_is_taken_away_once_it_is_old(tmp_path: Path) -> None:
    old, new = f".{'0123abcd' * 2}.part", f".{'4567abcd' * 2}.part"
    others = (".part", ".x.part", "part-000000.parquet", f"{'0123abcd' * 2}.part")
    for name in (old, new, *others):
        (tmp_path / name).write_text("half")
    for name in (old, *others):
        os.utime(tmp_path / name, (time.time() - STALE - 1,) * 2)
    _sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((new, *others))


DASK = ["--engine", "dask", "--scheduler", "x"]


@pytest.mark.parametrize("given", [["--engine", "dask"], ["--scheduler", "x"], *([*DASK, *more] for more in ODD)])
def test_the_command_says_what_a_cluster_needs(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["score", "in", "--out", "out", *given])
    assert ended.value.code == 2 and "--engine dask" in capsys.readouterr().err


def test_a_house_style_is_refused_with_dask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "framing.toml").write_text('allow = ["about"]')
    with pytest.raises(SystemExit) as ended:
        main(["score", str(tmp_path), "--out", "out", "--engine", "dask", "--scheduler", "x"])
    assert ended.value.code == 2 and "framing.toml (without --no-style) cannot be used with --engine dask" in capsys.readouterr().err


def test_the_command_tells_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Any] = []

    def scored(*args: Any, **columns: Any) -> dict[str, int]:
        asked.append((args, columns))
        return {"ok": 2, "abstained": 0, "error": 1}

    monkeypatch.setattr("framing.archive.cluster.score_on_dask", scored)
    with pytest.raises(SystemExit) as ended:
        main(["score", "in", "--out", "out", "--engine", "dask", "--scheduler", "x", "--keep", "outlet"])
    assert ended.value.code == 3 and '"rows": 3' in capsys.readouterr().out
    assert asked == [(("in", "out", "x", "news-en"), {"text": None, "title": None, "key": None, "keep": ("outlet",)})]


def test_bad_input_64_a_dask_worker_killed_in_mid_run_loses_nothing(saved: str, tmp_path: Path) -> None:
    from distributed import LocalCluster

    frame = rows(6000)
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "in" / "a.parquet", row_group_size=60)
    killed: list[int] = []
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def kill() -> None:
            while len(list((tmp_path / "out").glob("*.parquet"))) < 3:
                time.sleep(0.005)
            killed.append(len(list((tmp_path / "out").glob("*.parquet"))))
            os.kill(cluster.workers[0].pid, signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        counts = score_on_dask(str(tmp_path / "in"), str(tmp_path / "out"), cluster.scheduler_address, saved)
        killer.join(10)
        assert sum(counts.values()) == 6000 and counts["error"] == 1
        assert killed and killed[0] < 100, "the worker was killed after the run"
        files = sorted((tmp_path / "out").glob("*.parquet"))
        written = {file: file.stat().st_mtime_ns for file in files}
        for file in files[7:9]:
            file.unlink()
        assert score_on_dask(str(tmp_path / "in"), str(tmp_path / "out"), cluster.scheduler_address, saved) == counts
        assert [file for file in files if file.stat().st_mtime_ns != written[file]] == files[7:9]
        with pytest.raises(ResumeMismatch, match="keep was"):
            score_on_dask(str(tmp_path / "in"), str(tmp_path / "out"), cluster.scheduler_address, saved, keep=("outlet",))
        os.utime(tmp_path / "in" / "a.parquet", ns=(1, 1))
        with pytest.raises(ResumeMismatch, match="files was"):
            score_on_dask(str(tmp_path / "in"), str(tmp_path / "out"), cluster.scheduler_address, saved)
    assert [file.name for file in files] == [f"part-{number:06d}.parquet" for number in range(100)]
    found = pa.concat_tables([pq.read_table(file) for file in files])
    expected = framing.score_partitions(pa.Table.from_pandas(frame), saved)
    assert found.drop_columns(["row"]) == expected.drop_columns(["row"])


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, which is not on this machine")
def test_spark_gives_the_same_rows(saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is not installed")
    from framing.archive.spark import score_with_spark

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(Path(framing.__file__).parent.parent))
    frame = rows(50)
    frame.to_parquet(tmp_path / "a.parquet")
    options = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        scored = score_with_spark(session.read.parquet(str(tmp_path / "a.parquet")), saved, key="id")
        found = scored.toPandas().sort_values("key", ignore_index=True)
    finally:
        session.stop()
    expected = framing.score_partitions(frame, saved).sort_values("key", ignore_index=True)
    pd.testing.assert_frame_equal(found.drop(columns="row"), expected.drop(columns="row"), check_dtype=False)
