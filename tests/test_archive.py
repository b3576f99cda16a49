from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from framing.archive.score import Scored, apart, refuse_own_output, score
from framing.corpus import write_table
from framing.documents import Document
from framing.errors import InputError, ReadError


class CountingModel:
    """A model that answers with the length of the text, as `Model.score` would lay it out."""

    def score(self, frame: pd.DataFrame, text: str = "text", title: str | None = None) -> pd.DataFrame:
        rows = [self._row(value, name) for value, name in zip(frame[text], frame[title] if title else [None] * len(frame), strict=True)]
        names = ["tone", "tone_loaded", "cues_epistemic", "words", "status", "reason", "model"]
        return pd.DataFrame(rows, index=frame.index, columns=names)

    def _row(self, text: Any, title: Any) -> dict[str, Any]:
        if not isinstance(text, str):
            return {"status": "error", "reason": "text must be str, got NoneType", "model": "counting"}
        words = len(text.split())
        made = {"words": words, "cues_epistemic": text.count("may"), "model": "counting"}
        if words < 3:
            return made | {"status": "abstained", "reason": "too_short"}
        return made | {"tone": "loaded", "tone_loaded": 1.0 if title is None else 0.25, "status": "ok"}


def scored(source: Path, **options: Any) -> Scored:
    return score(CountingModel(), source, **options)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    (made / "a.txt").write_text("Rain may come today.")
    (made / "b.txt").write_text("Short.")
    (made / "c.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (made / "deep" / "a.txt").write_text("")
    (made / "deep" / "rows.jsonl").write_text('{"id": "x", "text": "It may well be so."}\n{"id": "x", "text": 7}\n')
    return made


def test_a_row_for_each_input_in_order(folder: Path) -> None:
    made = scored(folder)
    assert list(made.frame["key"]) == ["a.txt", "b.txt", "c.txt", "deep/a.txt", "deep/rows.jsonl#x", "deep/rows.jsonl#x"]
    assert list(made.frame["status"]) == ["ok", "abstained", "error", "error", "ok", "error"]
    assert list(made.frame["reason"].astype(object).where(made.frame["reason"].notna(), None)) == [
        None,
        "too_short",
        "binary",
        "empty",
        None,
        "no_text",
    ]
    assert made.counts == {"ok": 2, "abstained": 1, "error": 3}
    assert [failure.reason for failure in made.failures] == ["binary", "empty", "no_text"]
    assert not made.frame.duplicated(["key", "row"]).any()
    assert list(made.frame.columns[:3]) == ["key", "title", "row"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_tables_keep_whole_numbers_whole(folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores.{ending}"
    write_table(scored(folder).frame, out)
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}.get(ending, lambda path: pd.read_json(path, lines=True))(out)
    assert len(read) == 6
    assert read["words"].dropna().tolist() == [4, 1, 5]
    if ending == "jsonl":
        assert '"words": 4,' in out.read_text() and json.loads(out.read_text().splitlines()[2])["words"] is None


def test_exit_codes(folder: Path, tmp_path: Path) -> None:
    assert scored(folder).exit_code == 3
    assert scored(folder / "a.txt").exit_code == 0
    assert scored(folder / "b.txt").exit_code == 0
    assert scored(folder / "c.txt").exit_code == 4
    (tmp_path / "none").mkdir()
    empty = scored(tmp_path / "none")
    assert empty.exit_code == 4 and len(empty.frame) == 0 and "tone" in empty.frame


def test_a_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not there"):
        scored(tmp_path / "none")


def test_progress_counts_every_input(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"body": "One two three four."}\n' * 100)
    steps: list[int] = []
    made = scored(tmp_path / "rows.jsonl", advance=steps.append)
    assert sum(steps) == len(made.frame) == 100
    assert len(steps) > 1
    assert made.counts["ok"] == 100


def test_the_column_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,lead\nno,This is it now\n")
    assert scored(tmp_path / "rows.csv", text="lead").frame["words"].tolist() == [4]


def test_a_headline_that_stands_in_the_text_is_not_read_twice() -> None:
    assert apart(Document("k", "Rain", "\nRain\n\nIt rains.")) is None
    assert apart(Document("k", "Rain", "It rains.")) == "Rain"
    assert apart(Document("k", None, "It rains.")) is None


def test_output_is_refused_where_it_would_be_read(folder: Path, tmp_path: Path) -> None:
    for out in (folder / "scores.csv", folder / "deep" / "x.csv", folder / ".." / "in" / "x.csv"):
        with pytest.raises(InputError, match="outside"):
            refuse_own_output(folder, out)
    with pytest.raises(InputError):
        refuse_own_output(folder / "a.txt", folder / "a.txt")
    refuse_own_output(folder, tmp_path / "in.csv")
    refuse_own_output(folder / "a.txt", folder / "scores.csv")
