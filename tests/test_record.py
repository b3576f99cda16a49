"""The record of a run: begun, gone on with, refused, cut short, locked; and that it is on disk when it says so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from framing.archive import record
from framing.archive.record import Done
from framing.errors import LockedError, OutputError, ResumeMismatch

ASKED = {"model": "m@1", "limit": None}
PARTS = {number: Done(number, f"stamp {number}", {"ok": number + 1, "error": 0}, {}, [], {"scores": 100 + number}) for number in range(3)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "s.csv.run"
    made.mkdir()
    return made


def begun(home: Path, parts: dict[int, Done] = PARTS, finished: bool = False) -> Path:
    """A run with parts that are done."""
    record.begin(home, ASKED, "s.csv", there=False)
    with record.journal(home, parts):
        pass
    record.write(home, ASKED, finished=finished)
    return home


def begin(home: Path, there: bool = False, **changed: Any) -> dict[int, Done]:
    return record.begin(home, {**ASKED, **changed}, "s.csv", there)


# The lock.


def test_bad_input_68_a_lock_is_held_by_one_and_let_go_of(tmp_path: Path) -> None:
    home = tmp_path / "new.run"
    with record.locked(home), pytest.raises(LockedError, match=r"Another job .*new\.run"), record.locked(home):
        pytest.fail("two have it")
    with record.locked(home):
        pass


def test_a_lock_is_let_go_of_where_the_run_fails_and_leaves_nothing_open(tmp_path: Path) -> None:
    home, opened = tmp_path / "new.run", Path("/proc/self/fd")
    before = len(list(opened.iterdir())) if opened.exists() else 0
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), record.locked(home):
            raise ZeroDivisionError
    assert not before or len(list(opened.iterdir())) == before


def test_the_next_run_is_told_that_the_one_before_died(home: Path) -> None:
    with record.locked(home) as died:
        assert not died
        held = (home / record.LOCK).read_bytes()
    with record.locked(home) as died:
        assert not died, "it ended, and did not die"
    (home / record.LOCK).write_bytes(held)  # what a process leaves that is killed
    for expected in (True, False):
        with record.locked(home) as died:
            assert died is expected


def test_bad_input_67_a_folder_that_cannot_be_made_is_told_in_print(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"n\\x1bone/a\.run cannot be written: No such file"),
        record.locked(tmp_path / "n\x1bone" / "a.run"),
    ):
        pass
    assert not list(tmp_path.iterdir()), "only the run's own folder is made"
    (tmp_path / "a\x1b.run").mkdir()
    with record.locked(tmp_path / "a\x1b.run"), pytest.raises(LockedError, match=r"a\\x1b\.run"), record.locked(tmp_path / "a\x1b.run"):
        pass


# Beginning and going on.


def test_a_new_run_has_no_parts_and_is_written_down(home: Path) -> None:
    assert begin(home) == {}
    written = (home / "run.json").read_bytes()
    assert json.loads(written) == {**ASKED, "finished": False} and written.endswith(b"}\n")
    assert not record.finished(home)


@pytest.mark.parametrize(
    ("finished", "there", "goes_on"), [(False, False, True), (False, True, True), (True, True, True), (True, False, False)]
)
def test_a_run_goes_on_unless_its_destination_was_taken_away(home: Path, finished: bool, there: bool, goes_on: bool) -> None:
    begun(home, finished=finished)
    assert record.finished(home) is finished
    assert begin(home, there) == (PARTS if goes_on else {})
    assert record.finished(home) is (finished and goes_on)


def test_a_run_that_was_killed_before_its_first_part_goes_on_with_none(home: Path) -> None:
    assert record.finished(home) is False
    begin(home)
    assert begin(home) == {} and record.finished(home) is False
    assert [path.name for path in home.iterdir()] == ["run.json"]


def test_the_lock_has_the_name_that_every_framing_looks_for(tmp_path: Path) -> None:
    with record.locked(tmp_path / "s.run"):
        assert [path.name for path in (tmp_path / "s.run").iterdir()] == ["lock"]


def test_what_begins_anew_takes_all_away_but_the_lock(home: Path) -> None:
    with record.locked(home):
        begun(home, finished=True)
        (home / "scores").mkdir()
        (home / "scores" / "part-000000.parquet").write_bytes(b"x")
        assert begin(home) == {}
        assert sorted(path.name for path in home.iterdir()) == [record.LOCK, "run.json"]


def test_parts_without_a_word_of_what_was_asked_are_none(home: Path) -> None:
    begun(home)
    (home / "run.json").unlink()
    assert begin(home) == {}
    assert not (home / "record.jsonl").exists() and not record.finished(home)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"model": "m@2"}, 'model was "m@1", is "m@2"'), ({"limit": 3}, "limit was null, is 3"), ({"new": 1}, "new was null, is 1")],
)
def test_bad_input_69_another_asking_is_refused(home: Path, changed: dict[str, Any], told: str) -> None:
    begun(home)
    before = sorted((path.name, path.read_bytes()) for path in home.iterdir())
    with pytest.raises(ResumeMismatch, match=f"s.csv was begun otherwise: {told}. Give the same again"):
        begin(home, **changed)
    assert sorted((path.name, path.read_bytes()) for path in home.iterdir()) == before


def test_bad_input_69_all_that_changed_is_named_and_long_values_are_cut(tmp_path: Path) -> None:
    home = tmp_path / "s\x1b.run"
    home.mkdir()
    begun(home)
    with pytest.raises(ResumeMismatch, match=r'model was "m@1", is "x{79}; limit was null, is 2\. Give .* remove .*s\\x1b\.run to start'):
        begin(home, model="x" * 200, limit=2)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"model": "m@1"'])
def test_a_damaged_run_is_told_and_left(tmp_path: Path, content: str) -> None:
    home = tmp_path / "s\x1b.run"
    home.mkdir()
    (home / "run.json").write_text(content)
    for ask in (begin, record.finished):
        with pytest.raises(OutputError, match=r"s\\x1b\.run/run\.json is damaged\. Remove its folder"):
            ask(home)
    assert (home / "run.json").read_text() == content


# The journal.


def test_the_record_is_the_same_whatever_the_order(home: Path) -> None:
    begin(home)
    for order in ((0, 1, 2), (2, 0, 1)):
        with record.journal(home, {number: PARTS[number] for number in order}):
            pass
        lines = (home / "record.jsonl").read_text().splitlines()
        assert [json.loads(line)["part"] for line in lines] == [0, 1, 2]
        assert list(json.loads(lines[0])) == sorted(json.loads(lines[0]))


def test_a_part_is_in_the_file_and_on_disk_when_it_was_added(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(home)
    synced: list[int] = []
    with record.journal(home, {}) as journal:
        sync = os.fsync
        monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_size), sync(descriptor))[1])
        for number in (1, 0):
            journal.add(PARTS[number])
            assert begin(home)[number] == PARTS[number]
            assert synced == [(home / "record.jsonl").stat().st_size]
            synced.clear()
    assert begin(home) == {0: PARTS[0], 1: PARTS[1]}


def test_a_later_line_of_a_part_replaces_an_earlier_and_the_next_journal_holds_it_once(home: Path) -> None:
    begin(home)
    with record.journal(home, PARTS) as journal:
        journal.add(Done(1, "changed", {"ok": 9, "error": 1}, {"empty": 1}, [["k", "empty", "m"]]))
    done = begin(home)
    assert done[1].stamp == "changed" and done[1].failures == [["k", "empty", "m"]] and done[1].sizes == {}
    with record.journal(home, done):
        pass
    assert len((home / "record.jsonl").read_text().splitlines()) == 3 and begin(home) == done


def test_lines_that_are_no_parts_are_passed_over(home: Path) -> None:
    begun(home)
    path = home / "record.jsonl"
    first, second, third = path.read_bytes().splitlines(keepends=True)
    for bad in (b"{\n", b"7\n", b"[]\n", b'{"part": 1}\n', b'{"other": 1}\n', b"\xff\n"):
        path.write_bytes(first + bad + third)
        assert begin(home) == {0: PARTS[0], 2: PARTS[2]}
    path.write_bytes(first + second + third[:-1])
    assert begin(home) == {0: PARTS[0], 1: PARTS[1]}, "a line without its end may have been cut short"


def test_a_part_with_the_least_that_is_known() -> None:
    one, other = (Done(0, "s", {"ok": 1}) for _ in range(2))
    assert (one.reasons, one.failures, one.sizes) == ({}, [], {})
    assert one.reasons is not other.reasons
