"""The list of likely label errors: planted ones are found, and named by their row alone."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest
from loading import loaded
from slices import SMALL

from framing.errors import TrainingError

MEASURED = ["council", "budget", "report", "meeting", "plan", "committee", "member", "street", "school", "figure"]
LOADED = ["shameless", "disgrace", "betrayal", "fury", "lies", "scandal", "corrupt", "outrage", "vile", "hysteria"]
WRONG = (8, 31)
"""Rows, from 1, that are told in the words of the other label."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return loaded("scripts/label_errors.py")


def corpus(folder: Path, rows: int = 60) -> Path:
    """A corpus of articles, every second of them loaded."""
    folder.mkdir()
    draw = random.Random(3)
    with (folder / "hyperpartisan_train.jsonl").open("w", encoding="utf-8") as stream:
        for n in range(1, rows + 1):
            loaded = n % 2 == 0
            words = LOADED if loaded != (n in WRONG) else MEASURED
            text = " ".join(f"{draw.choice(words)} and {draw.choice(words)} on {n} ." for _ in range(12))
            stream.write(json.dumps({"id": str(n), "text": text, "title": None, "loaded": loaded}) + "\n")
    return folder


def test_planted_errors_come_first_and_rows_count_from_one(script: ModuleType, tmp_path: Path) -> None:
    found, rows = script.suspects(corpus(tmp_path / "corpora"), "hyperpartisan_train", str(SMALL))
    assert rows == 60
    assert {one.row for one in found[:2]} == set(WRONG)
    assert {one.label for one in found[:2]} == {"measured", "loaded"}
    assert all(one.probability < 0.5 for one in found)
    assert [one.probability for one in found] == sorted(one.probability for one in found)


def test_a_row_without_a_text_would_shift_the_numbers(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="0 rows, 0 with text"):
        script.suspects(corpus(tmp_path / "corpora", rows=0), "hyperpartisan_train", str(SMALL))


def test_the_file_holds_numbers_and_no_text(script: ModuleType) -> None:
    found = [script.Suspect(row, "loaded", 0.01 * row) for row in (9, 4, 30)]
    made = script.section("hyperpartisan_train", found, 1200, top=2)
    said = "Head: tone. The model disagrees with 3 of 1,200 labels; these are the 2 it is surest of."
    assert made == f"\n## hyperpartisan_train.jsonl.gz\n\n{said}\n\n9, 4\n"


def test_the_command_writes_its_page(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    asked = [str(corpus(tmp_path / "corpora")), "hyperpartisan_train", "--top", "2", "--model", str(SMALL), "--out", str(page)]
    monkeypatch.setattr(sys, "argv", ["label_errors.py", *asked])
    script.main()
    printed = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {int(row) for _, row, _, _ in printed} == set(WRONG) and {name for name, _, _, _ in printed} == {"hyperpartisan_train"}
    assert page.read_text(encoding="utf-8").startswith(script.INTRODUCTION)
    assert not set(LOADED + MEASURED) & set(page.read_text(encoding="utf-8").split("## ")[1].split())
    monkeypatch.setattr(sys, "argv", ["label_errors.py", str(tmp_path), "babe"])
    with pytest.raises(SystemExit):
        script.main()
    assert "no head learns 'babe'" in capsys.readouterr().err
