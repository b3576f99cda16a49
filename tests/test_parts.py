"""Parts: where they are cut, and what changes their stamp."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from framing.archive import parts
from framing.archive.parts import cut, stamp
from framing.corpus import Unread
from framing.documents import Document, Failure

ONE = Document("a", "Title", "Text.", {"outlet": "x", "n": 1}, 3)


def sizes(lengths: list[int], size: int = parts.SIZE) -> list[int]:
    return [len(part.inputs) for part in cut((Document(str(n), None, "x" * length) for n, length in enumerate(lengths)), size)]


def test_parts_are_cut_by_number_and_numbered() -> None:
    made = list(cut((Document(str(n), None, "x") for n in range(5)), 2))
    assert [part.number for part in made] == [0, 1, 2]
    assert [[one.key for one in part.inputs] for part in made] == [["0", "1"], ["2", "3"], ["4"]]
    assert made[0].inputs == (Document("0", None, "x"), Document("1", None, "x")) and made[2].inputs == (Document("4", None, "x"),)
    assert sizes([1] * 4, 2) == [2, 2] and sizes([], 2) == []
    assert sizes([1] * 1001) == [1000, 1]


def test_a_part_ends_where_its_texts_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parts.CHARACTERS == 8_000_000
    monkeypatch.setattr(parts, "CHARACTERS", 10)
    assert sizes([4, 5, 1, 9, 1, 1]) == [3, 2, 1]
    assert sizes([30, 30, 1]) == [1, 1, 1]
    unread = [*(Failure("x" * 20, "empty", "y" * 20) for _ in range(12)), Unread("k", "p" * 20)]
    assert len(list(cut(unread))) == 1, "what was not read weighs nothing"


@pytest.mark.parametrize(
    "changed",
    [{"key": "b"}, {"row": 4}, {"title": "Other"}, {"title": None}, {"text": "Text"}, {"extra": {"outlet": "y", "n": 1}}],
    ids=str,
)
def test_a_document_that_changed_has_another_stamp(changed: dict[str, object]) -> None:
    assert stamp([ONE], ["outlet"]) != stamp([replace(ONE, **changed)], ["outlet"])  # type: ignore[arg-type]


def test_only_columns_that_are_kept_count() -> None:
    other = replace(ONE, extra={"outlet": "x", "n": 2})
    assert stamp([ONE], ["outlet"]) == stamp([other], ["outlet"])
    assert stamp([ONE], ["outlet", "n"]) != stamp([other], ["outlet", "n"])
    assert stamp([ONE]) == stamp([replace(ONE, extra={})])


def test_pieces_do_not_run_together() -> None:
    assert stamp([Document("a1", None, "", {}, 2)]) != stamp([Document("a", None, "", {}, 12)])
    assert stamp([ONE, ONE]) != stamp([ONE])
    assert stamp([Document("\ud800", None, "")]) != stamp([Document("?", None, "")])
    assert stamp([Document("k", None, "empty")]) != stamp([Failure("k", "empty", "")])
    assert stamp([ONE]) == stamp([replace(ONE)]) and len(stamp([ONE])) == 32


def test_failures_differ_by_key_row_and_reason() -> None:
    one = Failure("k", "empty", "Told.", 1)
    assert len({stamp([each]) for each in (one, replace(one, key="l"), replace(one, row=2), replace(one, reason="binary"))}) == 4
    assert stamp([one]) == stamp([replace(one, message="Told otherwise.")])


def test_files_differ_by_key_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    seen = set()
    for content, time in (("one", 5), ("two", 6), ("three", 6)):
        path.write_text(content)
        os.utime(path, ns=(time, time))
        seen.add(stamp([Unread("a", str(path))]))
        assert stamp([Unread("a", str(path))]) in seen
    seen.add(stamp([Unread("b", str(path))]))
    path.unlink()
    seen.add(stamp([Unread("a", str(path))]))
    seen.add(stamp([Unread("a", str(tmp_path / "x.txt" / "y"))]))
    assert len(seen) == 5, "a file that is not there is not there, by whatever path"


def test_stamps_stay_as_they_are_or_every_run_of_before_is_scored_again(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    os.utime(path, ns=(5, 5))
    assert stamp([ONE, Failure("k", "empty", "Told.", 1), Unread("a", str(path))], ["outlet"]) == "4130cce77a88079d1f09f7573d7fc50e"
