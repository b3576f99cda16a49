"""Kills, deaths, full disks and interrupts: nothing is lost, doubled or torn. `make faults` runs the long forms."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from deadly import ROOT, TEXT, command, deadly, files, hashes

from framing import Model
from framing.archive.score import Options, score
from framing.archive.sources import Choice
from framing.errors import OutputError

LONG = os.environ.get("FRAMING_FAULTS") == "long"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture(scope="session")
def saved(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model in a folder."""
    return tiny.save(tmp_path_factory.mktemp("model") / "tiny")


@pytest.mark.parametrize(("kinds", "share"), [(("scores", "sentences", "cues"), 120), (("scores",), 180)])
def test_bad_input_63_kills_at_random_moments_change_no_byte(saved: Path, tmp_path: Path, kinds: tuple[str, ...], share: int) -> None:
    """By the native engine in threads; with three destinations too."""
    kills, count = (share, 2000) if LONG else (share // 60, 200)
    source, seed = files(tmp_path / "in", count), random.Random(5)

    def started(name: str) -> subprocess.Popen[bytes]:
        places = zip(("--out", "--sentences", "--cues"), (tmp_path / f"{name}-{kind}" for kind in kinds), strict=False)
        return command(source, "--model", saved, "--part", count // 40, "--workers", 2, *itertools.chain(*places))

    now, running = time.time(), started("whole")
    begun = _working(running, tmp_path / "whole-scores", now)
    assert running.wait() == 0
    took, done, among, n = time.monotonic() - begun, 0, 0, 0
    while done < kills:
        name, n = f"out{n}", n + 1
        while done < kills and not _finished(tmp_path / f"{name}-scores"):
            out, before = tmp_path / f"{name}-scores", _recorded(tmp_path / f"{name}-scores")
            now, running, moment = time.time(), started(name), seed.random()
            if moment < 0.7:  # among its parts, which take the less time of a run
                while running.poll() is None and _recorded(out) <= before:
                    time.sleep(0.001)
            elif moment < 0.9:
                _working(running, out, now)
            time.sleep(seed.uniform(0, took if moment > 0.7 else took / 20))
            done += running.poll() is None
            among += before < _recorded(out)
            running.kill()
            running.wait()
        last = started(name)
        assert last.wait() == 0, last.communicate()
        for kind in kinds:
            assert hashes(tmp_path / f"{name}-{kind}") == hashes(tmp_path / f"whole-{kind}")
            assert not list((tmp_path / f"{name}-{kind}").glob(".*"))
        keys = pyarrow.dataset.dataset(tmp_path / f"{name}-scores").to_table(columns=["key"]).column("key").to_pylist()
        assert keys == [f"{n:05d}.txt" for n in range(count)]
    print(f"{done} kills, {among} of them among parts, over {n} outputs of {', '.join(kinds)}")


def _working(running: subprocess.Popen[bytes], out: Path, since: float) -> float:
    """Waits until a run that was started then has its destination for itself; its work begins."""
    lock = out / "_framing" / "lock"
    while running.poll() is None and not (lock.exists() and lock.stat().st_size and lock.stat().st_mtime >= since):
        time.sleep(0.002)
    return time.monotonic()


def _recorded(out: Path) -> int:
    """Parts in the record of a run; there is none while it is begun."""
    with contextlib.suppress(FileNotFoundError):
        return (out / "_framing" / "record.jsonl").read_bytes().count(b"\n")
    return 0


def _finished(out: Path) -> bool:
    run = out / "_framing" / "run.json"
    return run.exists() and bool(json.loads(run.read_bytes())["finished"])


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_bad_input_64_poison_costs_its_own_rows_by_the_native_engine(saved: Path, tmp_path: Path, backend: str) -> None:
    """Five texts that end whatever scores them: threads end the job, which the same command then goes on with in processes."""
    count, poison = (2000, (3, 170, 171, 1390, 1999)) if LONG else (60, (3, 33, 34))
    source, out = files(tmp_path / "in", count, poison), tmp_path / "s.parquet"
    asked = f"Options(size=20, workers=2, backend={backend!r})"
    job = f"score(native({str(saved)!r}), {str(source)!r}, {str(out)!r}, {asked})"
    program = f"from deadly import native; from framing.archive.score import Options, score; {job}"
    codes = [_python(program)]
    while codes[-1] == -signal.SIGKILL and len(codes) < 3:
        codes.append(_python(program))
    rows = pq.read_table(out).to_pylist()
    assert codes == ([-signal.SIGKILL, 0] if backend == "threads" else [0])
    assert [row["key"] for row in rows] == [f"{n:05d}.txt" for n in range(count)]
    assert [row["key"] for row in rows if row["status"] != "ok"] == [f"{n:05d}.txt" for n in poison]
    assert {row["reason"] for row in rows if row["status"] != "ok"} == {"worker_died"}


def _python(program: str) -> int:
    """The exit code of a program that may import what the fault tests share."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
    return subprocess.run([sys.executable, "-c", program], env=environment, timeout=1200).returncode


def test_bad_input_64_dead_processes_cost_a_retry_and_poison_one_row(tiny: Model, tmp_path: Path) -> None:
    poison, kills = ((3, 170, 171, 390, 399), 100) if LONG else ((33,), 2)
    count = 400 if LONG else 60
    source, stop, killed = files(tmp_path / "in", count, poison), threading.Event(), [0]
    began = time.monotonic()
    score(tiny, str(source), str(tmp_path / "start.parquet"), Options(Choice(limit=40), size=20, workers=2, backend="processes"))
    killer = threading.Thread(target=_kill_workers, args=(kills, stop, killed, time.monotonic() - began))
    killer.start()
    runs = 0
    try:
        while killed[0] < kills:
            out, runs = tmp_path / f"{runs}.parquet", runs + 1
            summary = score(deadly(tiny), str(source), str(out), Options(size=20, workers=2))
            rows = pq.read_table(out).to_pylist()
            assert [row["key"] for row in rows if row["reason"] == "worker_died"] == [f"{n:05d}.txt" for n in poison]
            assert len(rows) == count == summary.rows and summary.counts["error"] == len(poison) and summary.exit_code == 3
    finally:
        stop.set()
        killer.join()
    print(f"{killed[0]} processes killed in {runs} runs")
    with pytest.raises(OutputError, match="begun otherwise"):
        score(tiny, str(source), str(tmp_path / "0.parquet"), Options(size=21, workers=2))


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_input_64_a_text_that_ended_the_whole_job_is_found_by_the_next(saved: Path, tmp_path: Path, workers: int) -> None:
    """In this process, or in its threads, nothing catches a crash: the mark in the lock tells the next run."""
    source, out = files(tmp_path / "in", 12, poison=(6,)), tmp_path / "s.jsonl"
    asked = f"Options(size=4, workers={workers}, backend='threads')"
    job = f"score(deadly(framing.load({str(saved)!r})), {str(source)!r}, {str(out)!r}, {asked})"
    program = f"import framing; from deadly import deadly; from framing.archive.score import Options, score; {job}"
    codes = [_python(program) for _ in range(2)]
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert codes == [-9, 0] and [row["key"] for row in rows if row["reason"] == "worker_died"] == ["00006.txt"]
    assert len(rows) == 12 and sum(row["status"] == "ok" for row in rows) == 11


def _kill_workers(kills: int, stop: threading.Event, killed: list[int], start: float) -> None:
    """Kill children of this process, one at a time, and count them; not so often that none can start, which takes the seconds given."""
    seed = random.Random(7)
    while killed[0] < kills and not stop.wait(start * seed.uniform(0.5, 2.5)):
        listed = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "joblib"], capture_output=True, text=True, check=False)
        children = [int(pid) for pid in listed.stdout.split() if b"LokyProcess" in _commandline(int(pid))]
        with contextlib.suppress(ProcessLookupError):
            if children:
                os.kill(seed.choice(children), signal.SIGKILL)
                killed[0] += 1


def _commandline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(("sent", "code", "pure", "rows"), [(signal.SIGINT, 130, "0", 30_000), (signal.SIGTERM, 143, "1", 3000)])
def test_bad_input_65_interrupts_end_within_5_s_and_the_run_goes_on(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, code: int, pure: str, rows: int
) -> None:
    """In threads by the kernel, in processes by the pure engine."""
    monkeypatch.setenv("FRAMING_PURE", pure)
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": TEXT.format(n)}) + "\n" for n in range(rows)))
    asked = (source, "--out", tmp_path / "s.csv", "--model", saved, "--part", 50, "--workers", 2)
    running = command(*asked)
    record = tmp_path / "s.csv.run" / "record.jsonl"
    while not (record.exists() and record.stat().st_size) and running.poll() is None:  # a part counts once it is recorded
        time.sleep(0.02)
    began = time.monotonic()
    os.killpg(running.pid, sent)
    _, told = running.communicate(timeout=10)
    assert running.returncode == code and time.monotonic() - began < 5
    assert b"Traceback" not in told and b"goes on where" in told
    last = command(*asked)
    assert last.wait() == 0 and b"stood already" in last.communicate()[1]
    assert len((tmp_path / "s.csv").read_text().splitlines()) == rows + 1


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "data"])
def test_bad_input_66_a_full_disk_tears_nothing(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    source = files(tmp_path / "in", 30)
    score(tiny, str(source), str(tmp_path / f"whole-{name}"), Options(size=10, workers=1))
    sync, left = os.fsync, [0]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    failed = 0
    for at in range(1, 100):
        left[0], out = at, tmp_path / f"{at}-{name}"
        try:
            score(tiny, str(source), str(out), Options(size=10, workers=1))
        except OutputError:
            failed += 1
            assert name == "data" or not out.exists() or _content(out) == _content(tmp_path / f"whole-{name}")
        written = left[0] > 0
        left[0] = 0
        score(tiny, str(source), str(out), Options(size=10, workers=1))
        assert _content(out) == _content(tmp_path / f"whole-{name}")
        if written:  # the run wrote less often than this
            break
    assert failed > 8


def _content(path: Path) -> Any:
    return hashes(path) if path.is_dir() else path.read_bytes()


def test_a_file_size_limit_is_an_error_and_leaves_whole_parts(saved: Path, tmp_path: Path) -> None:
    """The system itself refuses to write, in the process and in its workers."""
    source = files(tmp_path / "in", 400)
    out = tmp_path / "s.csv"
    program = [sys.executable, "-m", "framing.cli", "score", source, "--out", out, "--model", saved, "--part", "100"]

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    done = subprocess.run(program, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, preexec_fn=small, timeout=120)
    assert done.returncode == 2 and b"cannot be written" in done.stderr and b"Traceback" not in done.stderr
    assert not out.exists()
    assert command(source, "--out", out, "--model", saved, "--part", 100).wait() == 0
    assert len(out.read_text().splitlines()) == 401


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_bad_input_39_a_huge_line_and_a_huge_file_take_no_memory(saved: Path, tmp_path: Path) -> None:
    """Sparse files: a gigabyte in the long form. The same run without them is the measure."""
    size, line = (1 << 30) if LONG else (100 << 20), json.dumps({"text": TEXT.format(1), "pad": "x" * 70_000}).encode() + b"\n"
    peaks = []
    for name, huge in (("small", 0), ("huge", size)):
        (tmp_path / name).mkdir()
        for file, head, tail in (("a.jsonl", line, b"\n" + line), ("b.txt", b"", b"text")):
            with (tmp_path / name / file).open("wb") as stream:
                stream.write(head)
                stream.seek(huge, os.SEEK_CUR)
                stream.write(tail)
        asked = f"{str(tmp_path / name)!r}, {str(tmp_path / name)!r} + '.jsonl', Options(workers=1)"
        job = f"import framing; from framing.archive.score import Options, score; score(framing.load({str(saved)!r}), {asked})"
        program = f"{job}; print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
        done = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=300)
        peaks.append(int(done.stdout) / 1024)
    rows = [json.loads(line) for line in (tmp_path / "huge.jsonl").read_text().splitlines()]
    assert [row["reason"] for row in rows] == [None, "line_too_long", None, "too_large"]
    print(f"peak {peaks[0]:.0f} MB without, {peaks[1]:.0f} MB with a line and a file of {size >> 20} MB")
    assert peaks[1] - peaks[0] < 50
