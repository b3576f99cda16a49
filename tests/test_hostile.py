"""What an enemy gives by hand where the list of bad inputs has no number: an error of ours, never another, and no hang."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import framing
from framing import Model, persist, style
from framing.errors import InputError, ModelNotFound, OutputError, StyleError, TrainingError


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\ud800", "", "../" * 2000])
def test_a_name_that_is_no_model(name: str) -> None:
    with pytest.raises(ModelNotFound):
        framing.load(name)


@pytest.mark.parametrize("name", [None, 3, b"news-en", ["news-en"]])
def test_a_model_is_named_by_text_or_path(name: Any) -> None:
    with pytest.raises(InputError, match=r"must be a name or a folder, got"):
        framing.load(name)


def test_a_pin_is_text() -> None:
    with pytest.raises(InputError, match="sha256 must be str, got int"):
        framing.load("news-en", sha256=3)  # type: ignore[arg-type]


def test_a_card_without_end_is_cut(tiny: Model, tmp_path: Path) -> None:
    tiny.save(tmp_path)
    with (tmp_path / "README.md").open("wb") as card:
        card.truncate(1 << 40)
    assert len(framing.load(tmp_path).card) == persist.MAX_CARD


def test_a_card_that_cannot_be_read_is_told(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.save(tmp_path)
    opened = Path.open

    def refused(path: Path, *args: Any) -> Any:
        if path.name == persist.CARD:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ModelNotFound, match=r"README.md cannot be read: Permission denied"):
        framing.load(tmp_path)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_model_is_not_saved_where_no_folder_can_be(tiny: Model, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=r"cannot be made: .* Name another folder"):
        tiny.save(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


TWICE = pd.DataFrame([["a", "b", "c"]], columns=["text", "text", "label"])


@pytest.mark.parametrize("frame", [None, [1], "text", 3])
def test_what_is_no_table(tiny: Model, frame: Any) -> None:
    calls: list[Callable[[], Any]] = [lambda: tiny.score(frame), lambda: framing.train(frame), lambda: framing.evaluate(tiny, frame)]
    for call in calls:
        with pytest.raises((InputError, TrainingError), match="must be a pandas DataFrame, got"):
            call()


def test_a_table_with_a_column_twice(tiny: Model) -> None:
    for call in (tiny.score, framing.train, lambda frame: framing.evaluate(tiny, frame)):
        with pytest.raises((InputError, TrainingError), match=r"There are 2 columns 'text'. Rename all but one."):
            call(TWICE)


def test_a_label_of_half_a_character() -> None:
    frame = pd.DataFrame({"text": [f"calm town {n}" for n in range(10)], "label": ["plain", "\ud800"] * 5}, dtype=object)
    with pytest.raises(TrainingError, match="lone surrogate"):
        framing.train(frame)


def test_a_pipe_as_a_house_style_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "framing.toml")
    with pytest.raises(StyleError, match="is a pipe or a device"):
        style.find(tmp_path)
    (tmp_path / "a.txt").write_text("He may go.")
    command = [sys.executable, "-m", "framing.cli", "check", "a.txt"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(framing.__file__).parents[1])}, capture_output=True, timeout=60
    )
    assert done.returncode == 2 and b"is a pipe or a device" in done.stderr and b"Traceback" not in done.stderr
