"""Time of `framing summary` and `framing report` on tables of made-up scores.

    python benchmarks/report.py [--rows 100000 1000000] [--kinds csv parquet] [--no-report]

Each command runs in a process of its own; printed are its seconds, start included, those of processors, and the most
memory that it held.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import framing
from framing.corpus import write_table
from framing.table import columns

OUTLETS, MONTHS = 12, 24
HEDGING = ("plain", "hedged", "heavily hedged")


def made(rows: int, seed: int = 0) -> pd.DataFrame:
    """A table as `framing score --keep outlet,date` writes it, 1 in 50 rows without an answer and 1 in 100 failed."""
    random, model = np.random.default_rng(seed), framing.load()
    names = ["key", "title", "row", "outlet", "date", *columns(model)]
    frame = pd.DataFrame({name: random.random(rows) for name in names})
    outlet, month = random.integers(0, OUTLETS, rows), random.integers(0, MONTHS, rows)
    frames = model.trained["frames"].labels
    frame = frame.assign(
        key=[f"article-{n:07d}.txt" for n in range(rows)],
        title=[f"A headline of nine or so words, number {n}" for n in range(rows)],
        row=np.arange(rows),
        outlet=np.char.add("Outlet ", outlet.astype(str)),
        date=[f"{2023 + m // 12}-{m % 12 + 1:02d}-15" for m in month],
        tone_loaded=random.beta(1 + outlet / 4, 3),
        hedging=random.choice(HEDGING, rows),
        valence="neutral",
        frames=[";".join(random.choice(frames, n, replace=False)) for n in random.integers(0, 4, rows)],
        language="en",
        status="ok",
        reason=None,
        model=model.id,
    )
    counts = [name for name in names if name.startswith("cues_") or name in ("words", "sentences")]
    frame[counts] = random.poisson(4, (rows, len(counts)))
    frame["hedging_percentile"] *= 100
    frame["tone"] = np.where(frame["tone_loaded"] > 0.5, "loaded", "measured")
    return _unanswered(frame, random)


def _unanswered(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    scored = frame.columns[frame.columns.get_loc("tone") :].difference(["status", "reason", "model"])
    for share, status, reason in ((0.02, "abstained", "too_short"), (0.01, "error", "empty")):
        chosen = random.random(len(frame)) < share
        frame.loc[chosen, scored] = None
        frame.loc[chosen, ["status", "reason"]] = status, reason
    return frame


def timed(arguments: list[str], folder: Path) -> tuple[float, float, float]:
    """Seconds, seconds of processors and MB of one run of the command."""
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "framing.cli", *arguments], cwd=folder, stdout=subprocess.DEVNULL) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{arguments} ended with {running.returncode}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Make the tables, run the commands, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--kinds", nargs="+", default=["csv", "parquet"])
    parser.add_argument("--no-report", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in asked.rows:
            frame = made(rows)
            for kind in asked.kinds:
                write_table(frame, Path(folder, f"s.{kind}"))
                runs = [["summary", f"s.{kind}", "--by", "outlet"], ["summary", f"s.{kind}", "--by", "date:month"]]
                runs += [] if asked.no_report else [["report", f"s.{kind}", "--by", "outlet", "--time", "date", "--out", "report.html"]]
                for run in runs:
                    seconds, busy, memory = timed(run, Path(folder))
                    print(f"{rows:>9,} {' '.join(run):72} {seconds:7.1f} s {busy:7.1f} s busy {memory:7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
