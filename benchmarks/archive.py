"""Archives: rates beside `Model.score` in memory and a ten-line script, workers, memory; interleaved rounds, medians, ratios.

    python benchmarks/archive.py rates|workers|memory [TEXTS.jsonl[.gz]] [--rounds 3] [--articles 2000] [--rows 1000000]

Rates are by processor time, so that a busy machine shifts them less; workers by the clock, in turn with SHA-256 on as many threads,
which needs no lock and so shows what the cores allowed just then; memory is the peak of a process apart.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import framing
from framing.archive.score import Options, score
from framing.archive.sources import Choice
from framing.model import Model
from framing.training import read_rows

ROOT = Path(__file__).resolve().parent.parent
LENGTH = 2000
SHORT = "The mayor may resign on Friday, her office said, and nobody in town number {} seemed to be surprised by it at all."
SCRIPT = """
import sys, joblib, pandas
from pathlib import Path
files = sorted(Path(sys.argv[1]).glob("*.txt"))
texts = [file.read_text(encoding="utf-8") for file in files]
pipeline = joblib.load(sys.argv[2])
chances = pipeline.predict_proba(texts)
table = pandas.DataFrame(chances, columns=pipeline.classes_)
table.insert(0, "key", [file.name for file in files])
table["label"] = pipeline.classes_[chances.argmax(axis=1)]
table.to_csv(sys.argv[3], index=False)
"""
PEAK = """
import sys, framing, time
from framing.archive.score import Options, score
began, made = time.perf_counter(), score(framing.load(), sys.argv[1], sys.argv[2], Options(workers=int(sys.argv[3])))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(int(peak) / 1024, time.perf_counter() - began, time.process_time(), made.counts["ok"])
"""


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of this process and its children for some work."""
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    work()
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))


def waited(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def pieces(source: str, count: int) -> list[str]:
    """So many texts of about LENGTH characters, cut from those of a corpus and repeated if need be."""
    texts = [row["text"] for row in read_rows(Path(source)) if len(row["text"]) > 200]
    cut = [text[at : at + LENGTH] for text in texts for at in range(0, max(1, len(text) - LENGTH // 2), LENGTH)]
    return list(itertools.islice(itertools.cycle(cut), count))


def archive(model: Model, source: Path, out: Path, **options: Any) -> None:
    """A whole run to a new place."""
    for path in (out, out.with_name(f"{out.name}.run")):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    score(model, str(source), str(out), Options(**options))


def rates(texts: list[str], home: Path, rounds: int) -> None:
    """One process against `Model.score` in memory, and the whole command against a ten-line script."""
    model, frame = framing.load(), pd.DataFrame({"text": texts})
    (home / "in").mkdir()
    for n, text in enumerate(texts):
        (home / "in" / f"{n:06d}.txt").write_text(text, encoding="utf-8")
    frame.to_parquet(home / "in.parquet")
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10.0))
    joblib.dump(pipeline.fit(texts[:300], ["ab"[n % 2] for n in range(len(texts[:300]))]), home / "pipeline.joblib")
    script = [sys.executable, "-c", SCRIPT, home / "in", home / "pipeline.joblib", home / "script.csv"]
    command = [sys.executable, "-m", "framing.cli", "score", home / "in", "--quiet", "--workers", "1", "--out"]
    ways: dict[str, Callable[[], object]] = {
        "Model.score in memory": lambda: model.score(frame),
        "a Parquet file": lambda: archive(model, home / "in.parquet", home / "s.parquet", workers=1),
        "a folder of small files": lambda: archive(model, home / "in", home / "s.csv", workers=1),
        "with sentences and cues": lambda: archive(
            model, home / "in.parquet", home / "d.parquet", workers=1, sentences=str(home / "x.parquet"), cues=str(home / "c.parquet")
        ),
        "the script, one label": lambda: subprocess.run(list(map(str, script)), check=True),
        "framing score, every label": lambda: subprocess.run([*map(str, command), fresh(home)], check=True, cwd=ROOT),
    }
    seen = []
    for number in range(rounds):
        seen.append({name: spent(work) for name, work in ways.items()})
        print(f"round {number}: {json.dumps(seen[-1])}", file=sys.stderr, flush=True)
    for name in ways:
        took = statistics.median(one[name] for one in seen)
        share = statistics.median(one["Model.score in memory"] / one[name] for one in seen)
        print(f"{name}: {len(texts) / took:,.0f} articles a processor second, {share:.2f} of Model.score")
    ratio = statistics.median(one["the script, one label"] / one["framing score, every label"] for one in seen)
    print(f"the script takes {ratio:.2f} of the time of framing score")


def fresh(home: Path) -> str:
    """A new name for an output."""
    return str(Path(tempfile.mkdtemp(dir=home)) / "scores.csv")


def workers(texts: list[str], home: Path, rounds: int) -> None:
    """Two threads and two processes against one of neither, on both engines and for few and many texts."""
    pd.DataFrame({"text": texts}).to_parquet(home / "in.parquet")
    model, out = framing.load(), home / "out"
    details = {"sentences": str(home / "x.parquet"), "cues": str(home / "c.parquet")}
    engines = (("native", model, 1, {}), ("native with details", model, 4, details), ("pure", replace(model, engine=None), 20, {}))
    for name, engine, share, more in engines:
        for count in (len(texts) // share // 5, len(texts) // share):
            asked: dict[str, Any] = {"choice": Choice(limit=count), "size": max(1, min(1000, count // 8)), **more}
            seen = [_turn(engine, home / "in.parquet", out, asked) for _ in range(rounds)]
            told = ", ".join(f"{way} {statistics.median(one[way] for one in seen):.2f}x" for way in seen[0])
            print(f"{name}, {count} articles in parts of {asked['size']}: {told}", flush=True)


def _turn(model: Model, source: Path, out: Path, asked: dict[str, Any]) -> dict[str, float]:
    """How many times as quick as one: the mean of a run before and a run after."""

    def took(**more: Any) -> float:
        for place in ("x.parquet", "c.parquet"):
            (out.parent / place).unlink(missing_ok=True)
        return waited(lambda: archive(model, source, out, **asked, **more))

    before = took(workers=1)
    seen = {f"two {backend}": took(workers=2, backend=backend) for backend in ("threads", "processes")}
    one = (before + took(workers=1)) / 2
    return {way: one / time for way, time in seen.items()} | {"SHA-256 on two threads": control()}


def control() -> float:
    """Two threads of SHA-256 against one."""
    data = bytes(100_000_000)
    one = waited(lambda: [hashlib.sha256(data).digest() for _ in range(2)])
    with ThreadPoolExecutor(2) as executor:
        return one / waited(lambda: list(executor.map(lambda part: hashlib.sha256(part).digest(), [data, data])))


def memory(rows: int, home: Path) -> None:
    """The peak at so many short articles, from one row group, against that of a tenth of them."""
    peaks = []
    for count in (rows // 10, rows):
        table = pa.table({"id": [str(n) for n in range(count)], "text": [SHORT.format(n) for n in range(count)]})
        pq.write_table(table, home / "in.parquet", row_group_size=count)
        asked = [sys.executable, "-c", PEAK, home / "in.parquet", home / f"{count}.parquet", "1"]
        done = subprocess.run(list(map(str, asked)), check=True, capture_output=True, text=True, cwd=ROOT)
        peak, took, processor, fine = map(float, done.stdout.split())
        print(f"{count:,}: {peak:.0f} MB, {took:.0f} s, {fine / processor:,.0f} a processor second", flush=True)
        peaks.append(peak)
    print(json.dumps({"ratio": round(peaks[1] / peaks[0], 3)}))


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rates", "workers", "memory"])
    parser.add_argument("texts", nargs="?", default=str(ROOT / "datasets" / "articles.jsonl"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        if given.what == "memory":
            memory(given.rows, Path(home))
        else:
            {"rates": rates, "workers": workers}[given.what](pieces(given.texts, given.articles), Path(home), given.rounds)


if __name__ == "__main__":
    main()
