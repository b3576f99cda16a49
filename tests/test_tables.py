"""Tables of scores are read from wherever they were written, quickly where that changes nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from framing import Model
from framing.archive.score import Options, score
from framing.archive.summary import groups
from framing.archive.tables import read_scores
from framing.corpus import read_table, write_table
from framing.errors import FramingError, ReadError

ROWS = pd.DataFrame(
    {
        "key": ["a", "b\nc", "=d"],
        "outlet": ["One, Two", "The \u201cPost\u201d", None],
        "date": ["2024-01-05", "2024-02-09", None],
        "tone_loaded": [0.25, None, 0.5],
        "cues_vague": [1, 2, 3],
        "flag": ["true", "false", "true"],
    }
)


@pytest.mark.parametrize("out", ["s.csv", "s.jsonl", "s.parquet", "dataset", "duckdb:s.db?scores", "sqlite:s.db?scores"])
def test_every_format_that_score_writes(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    monkeypatch.chdir(tmp_path)
    text = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."
    pd.DataFrame({"id": ["a", "b"], "text": [text, text], "outlet": ["A", "B"]}).to_csv("in.csv", index=False)
    score(model, "in.csv", out, Options(kept=("outlet",), workers=1))
    made = groups(read_scores(out), "outlet", ["hedged_rate"])
    assert list(made["group"]) == ["A", "B"] and list(made["n"]) == [1, 1] and list(made["mean"]) == [1.0, 1.0]




@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "s.parquet"])
def test_the_quick_way_reads_what_the_patient_one_does(tmp_path: Path, name: str) -> None:
    write_table(ROWS, tmp_path / name)
    quick, patient = read_scores(str(tmp_path / name)), read_table(tmp_path / name)
    assert list(quick.columns) == list(patient.columns)
    for column in quick:
        assert [str(value) for value in quick[column].dropna()] == [str(value) for value in patient[column].dropna()], column


def test_half_a_character_in_json_lines_becomes_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"key": "a", "date": "\\ud800"}\n{"key": "b", "date": "2024-05-01"}\n', encoding="utf-8")
    assert list(read_scores(str(tmp_path / "s.jsonl"))["date"]) == ["\ufffd", "2024-05-01"]


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("key,a,a\nx,1,2\n", encoding="utf-8")
    assert list(read_scores(str(tmp_path / "s.csv")).columns) == ["key", "a", "a.1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("semicolons.csv", b"key;tone_loaded\na;0.5\n"),
        ("windows.csv", "key,outlet\na,Caf\u00e9\n".encode("cp1252")),
        ("wide.csv", b"key,tone_loaded\na,0.5,,\n"),
        ("later.csv", b"key,n\n" + b"a,1\n" * 3_000_000 + b"a,word\n"),
    ],
    ids=["semicolons", "cp1252", "cells at the end", "a word far down"],
)
def test_what_arrow_does_not_take_is_read_patiently(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert len(read_scores(str(tmp_path / name))) == data.count(b"\n") - 1


NO_TABLES = [("s.csv", b"key,a\n"), ("s.jsonl", b"\n"), ("s.csv", b""), ("s.txt", b"x"), ("s.parquet", b"PAR1")]


@pytest.mark.parametrize(("name", "data"), NO_TABLES)
def test_no_table_no_rows(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ReadError):
        read_scores(str(tmp_path / name))


@pytest.mark.parametrize("source", ["missing.csv", "folder", "sqlite:missing.db?scores", "duckdb:missing.db?"])
def test_nothing_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(FramingError):
        read_scores(source)
