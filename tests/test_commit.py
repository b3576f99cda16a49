"""In which order a run puts things on disk: nothing is named before it is whole, nothing is recorded before it is named. And who scores."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from framing import Model
from framing.archive import record, work
from framing.archive.record import Done, Journal
from framing.archive.score import Options, _Run, _Totals, score
from framing.archive.work import SHOWN, Wanted
from framing.corpus import check_writable, replacing
from framing.errors import InputError, OutputError, ResumeMismatch

LONG = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."
Event = tuple[Any, ...]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What is put on disk (by the file's number), named, recorded and told, in order."""
    made: list[Event] = []
    sync, replace, add, write = os.fsync, Path.replace, Journal.add, record.write

    def synced(descriptor: int) -> None:
        found = os.fstat(descriptor)
        made.append(("sync", found.st_ino, found.st_size))
        sync(descriptor)

    def named(path: Path, target: Path) -> Path:
        made.append(("name", Path(target).name, path.stat().st_ino))
        return replace(path, target)

    def added(journal: Journal, done: Done) -> None:
        add(journal, done)
        made.append(("record", done.part))

    def told(folder: Path, asked: Any, finished: bool) -> None:
        write(folder, asked, finished)
        made.append(("finished", finished))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", named)
    monkeypatch.setattr(Journal, "add", added)
    monkeypatch.setattr(record, "write", told)
    return made


def run(model: Model, folder: Path, out: Path, **options: Any) -> None:
    score(model, str(folder), str(out), Options(size=2, workers=1, **options))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    for n in range(5):
        (made / f"{n}.txt").write_text(f"{LONG} {n}")
    return made


# One file.


def test_a_file_is_on_disk_before_it_has_its_name_and_its_name_after(tmp_path: Path, events: list[Event]) -> None:
    target = tmp_path / "a.txt"
    with replacing(target) as stream:
        stream.write(b"whole")
        assert not target.exists()
    number = target.stat().st_ino
    assert events == [("sync", number, 5), ("name", "a.txt", number), ("sync", tmp_path.stat().st_ino, tmp_path.stat().st_size)]
    assert target.read_bytes() == b"whole" and [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as stream:
        stream.write(b"new")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_trying_whether_a_file_can_be_written_leaves_all_as_it_was(tmp_path: Path) -> None:
    for content in (None, b"old"):
        if content:
            (tmp_path / "a.txt").write_bytes(content)
        check_writable(tmp_path / "a.txt")
        assert [path.read_bytes() for path in tmp_path.iterdir()] == ([content] if content else [])
    with pytest.raises(OutputError, match=r"n\\x1bone/a\.txt cannot be written: No such file"):
        check_writable(tmp_path / "n\x1bone" / "a.txt")
    (tmp_path / "d\x1b").mkdir()
    with pytest.raises(OutputError, match=r"d\\x1b is a folder or a device"):
        check_writable(tmp_path / "d\x1b")


def test_two_writers_of_one_file_do_not_share_their_draft(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt") as one, replacing(tmp_path / "a.txt") as other:
        one.write(b"one")
        other.write(b"other")
    assert (tmp_path / "a.txt").read_bytes() == b"one"


# A run.


def test_a_part_is_on_disk_then_named_then_recorded(tiny: Model, folder: Path, tmp_path: Path, events: list[Event]) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out, sentences=str(tmp_path / "sentences"))
    shelves = [out, tmp_path / "sentences"]
    for number in range(3):
        recorded = events.index(("record", number))
        for shelf in shelves:
            file = shelf / f"part-{number:06d}.parquet"
            inode = file.stat().st_ino
            named = events.index(("name", file.name, inode))
            assert ("sync", inode, file.stat().st_size) in events[:named]
            assert any(event[:2] == ("sync", shelf.stat().st_ino) for event in events[named:recorded])
    assert [event for event in events if event[0] == "record"] == [("record", n) for n in range(3)]


@pytest.mark.parametrize("name", ["s.csv", "data"])
def test_a_run_is_told_finished_last_and_unfinished_before_a_part_is_replaced(
    tiny: Model, folder: Path, tmp_path: Path, events: list[Event], name: str
) -> None:
    run(tiny, folder, tmp_path / name)
    assert [event for event in events if event[0] == "finished"] in ([("finished", False)] * k + [("finished", True)] for k in (1, 2))
    assert events[-1] == ("finished", True)
    events.clear()
    run(tiny, folder, tmp_path / name)
    assert not [event for event in events if event[0] == "record" or event[:2] == ("name", name) or event == ("finished", False)]
    events.clear()
    (folder / "3.txt").write_text(f"{LONG} {LONG}")
    run(tiny, folder, tmp_path / name)
    replaced = next(n for n, event in enumerate(events) if event[0] == "name" and str(event[1]).startswith("part-"))
    assert ("finished", False) in events[:replaced] and events[-1] == ("finished", True)
    assert [event for event in events if event[0] == "record"] == [("record", 1)]


def test_a_run_that_is_shorter_now_is_unfinished_before_a_part_goes(tiny: Model, folder: Path, tmp_path: Path, events: list[Event]) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out)
    (folder / "4.txt").unlink()
    events.clear()
    run(tiny, folder, out)
    told = [event for event in events if event[0] in ("finished", "record")]
    assert told == [("finished", False), ("finished", True)]
    assert sorted(path.name for path in out.glob("part-*")) == ["part-000000.parquet", "part-000001.parquet"]
    assert len((out / "_framing" / "record.jsonl").read_text().splitlines()) == 2


def test_what_a_killed_run_left_half_written_goes_and_a_file_of_another_length_is_made_anew(
    tiny: Model, folder: Path, tmp_path: Path, events: list[Event]
) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out)
    (out / ".0123-1.part").write_bytes(b"half")
    (out / ".0123-2.part").mkdir()
    whole = (out / "part-000001.parquet").read_bytes()
    for damage in (whole + b"x", whole[:-1], None):
        (out / "part-000001.parquet").unlink()
        if damage is not None:
            (out / "part-000001.parquet").write_bytes(damage)
        events.clear()
        run(tiny, folder, out)
        assert [event for event in events if event[0] == "record"] == [("record", 1)]
        assert (out / "part-000001.parquet").read_bytes() == whole
    assert not list(out.glob(".*"))


def test_a_part_beyond_the_last_goes_whatever_its_number(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out)
    (out / "part-100000.parquet").write_bytes((out / "part-000000.parquet").read_bytes())
    run(tiny, folder, out)
    assert sorted(path.name for path in out.glob("part-*")) == [f"part-{number:06d}.parquet" for number in range(3)]


def test_a_destination_that_goes_while_its_run_works_is_made_again(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    run(tiny, folder, out)
    before = out.read_bytes()
    score(tiny, str(folder), str(out), Options(size=2, workers=1), lambda *_: out.unlink(missing_ok=True))
    assert out.read_bytes() == before


def test_drafts_of_two_runs_have_different_names(tiny: Model, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that outlives its killed run does not write into the draft of the next."""
    seen, do = [], work.do

    def noted(*given: Any) -> Done:
        seen.append(Path(given[3]["scores"]).name)
        return do(*given)

    monkeypatch.setattr(work, "do", noted)
    for name in ("a.csv", "b.csv"):
        run(tiny, folder, tmp_path / name)
    assert len(set(seen)) == len(seen) == 6 and all(name.startswith(".") and name.endswith(".part") for name in seen)


# What a run is asked for, and tells.


def test_the_record_names_all_that_rows_depend_on(tiny: Model, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    run(tiny, folder, out, chosen=("words",))
    asked = json.loads((out / "_framing" / "run.json").read_text())
    made = {"framing", "model", "engine", "source", "size", "finished"}
    assert set(asked) == made | {"columns", "where", "limit", "chosen", "kept", "sentences", "cues"}
    assert asked["chosen"] == ["words"] and asked["size"] == 2 and asked["model"] == tiny.id
    run(tiny, folder, out, chosen=("words",))
    with pytest.raises(ResumeMismatch, match=r'chosen was \["words"\], is null'):
        run(tiny, folder, out)


def test_a_run_tells_of_parts_that_stood_too(tiny: Model, folder: Path, tmp_path: Path) -> None:
    (folder / "2.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    told: list[tuple[int, int]] = []
    for times in (1, 2):
        score(tiny, str(folder), str(tmp_path / "s.csv"), Options(size=2, workers=1), lambda *counts: told.append(counts))
        assert [sum(column) for column in zip(*told, strict=True)] == [5 * times, times]


def test_sums_are_the_same_in_whichever_order_parts_come() -> None:
    parts = [Done(n, "", {"ok": n, "error": 1}, {"ba"[n]: 1}, [[f"{n}{k}", "r", "m"] for k in range(SHOWN - 1)]) for n in range(2)]
    for order in (parts, parts[::-1]):
        totals = _Totals(began=time.monotonic() - 100)
        for done in order:
            totals.add(done, scored=done.part == 1)
        made = totals.summary()
        assert (made.rows, made.scored, made.counts) == (3, 2, {"ok": 1, "abstained": 0, "error": 2})
        assert list(made.reasons.items()) == [("a", 1), ("b", 1)] and 100 <= made.seconds < 200
        assert made.failures == (*((f"0{k}", "r", "m") for k in range(SHOWN - 1)), ("10", "r", "m"))


# By whom parts are scored.


@pytest.fixture
def crews(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Workers asked for, come and gone; they score here. A machine of three cores."""
    made: list[Any] = []

    def noting(name: str) -> Any:
        @contextlib.contextmanager
        def crew(model: Model, wanted: Wanted, workers: int) -> Iterator[Any]:
            made.append((name, workers))
            yield SimpleNamespace(
                scored=lambda tasks: ((one, work.do(model, wanted, one.part, one.files, lambda *_: None)) for one in tasks)
            )
            made.append("gone")

        return crew

    monkeypatch.setattr("framing.archive.pool.Pool", noting("processes"))
    monkeypatch.setattr("framing.archive.pool.Threads", noting("threads"))
    monkeypatch.setattr("framing.archive.score._cores", lambda: 3)
    return made


@pytest.mark.parametrize(
    ("died", "size", "workers", "backend", "wanted"),
    [
        (False, 2, 1, "threads", None),
        (False, 5, 2, "threads", None),
        (False, 5, None, "threads", None),
        (False, 3, 2, "threads", ("threads", 2)),
        (False, 2, None, "threads", ("threads", 3)),
        (False, 2, 4, "processes", ("processes", 4)),
        (True, 2, 1, "threads", ("processes", 1)),
        (True, 5, 2, "threads", ("processes", 2)),
    ],
)
def test_a_lone_part_is_scored_here_and_several_by_workers_that_were_asked_for(
    tiny: Model, folder: Path, tmp_path: Path, crews: list[Any], died: bool, size: int, workers: int | None, backend: str, wanted: Any
) -> None:
    out = tmp_path / "s.csv"
    if died:
        (tmp_path / "s.csv.run").mkdir()
        (tmp_path / "s.csv.run" / "lock").write_bytes(b"held\n")
    (folder / "2.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    told: list[tuple[int, int]] = []
    made = score(tiny, str(folder), str(out), Options(size=size, workers=workers, backend=backend), lambda *counts: told.append(counts))
    assert crews == ([wanted, "gone"] if wanted else [])
    assert made.rows == made.scored == 5 and [sum(column) for column in zip(*told, strict=True)] == [5, 1]
    run(tiny, folder, tmp_path / "other.csv")
    assert out.read_bytes() == (tmp_path / "other.csv").read_bytes()


def test_workers_of_a_kind_that_is_unknown_are_refused(tiny: Model, tmp_path: Path) -> None:
    out = str(tmp_path / "s.csv")
    with pytest.raises(InputError, match="backend must be"):
        _Run.planned(tiny, "in", out, Options(backend="fibres"))
    for name in ("threads", "processes"):
        assert _Run.planned(tiny, "in", out, Options(backend=name))._backend() == name
