"""A model that ends its process at some texts, and what the fault tests share."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

from framing import Model
from framing.model import Reading, Target

ROOT = Path(__file__).resolve().parent.parent.parent
POISON = "poison"
TEXT = "The mayor may resign on Friday, her office said, and nobody in town number {} seemed to be surprised by it at all."


@dataclass(frozen=True)
class Deadly(Model):
    """Dies, as by a fault of memory, where a text holds the word."""

    def read(self, text: str, title: str | None = None, target: Target = None) -> Reading:
        """As a model reads, if it lives."""
        if isinstance(text, str) and POISON in text:
            os.kill(os.getpid(), 9)
        return Model.read(self, text, title, target)


def deadly(model: Model) -> Deadly:
    """The model, deadly; by the pure engine, which can be."""
    parts = {field.name: getattr(model, field.name) for field in fields(Model)}
    return Deadly(**parts | {"engine": None, "data": b""})


def files(folder: Path, count: int, poison: tuple[int, ...] = ()) -> Path:
    """A folder of so many short articles."""
    folder.mkdir()
    for n in range(count):
        (folder / f"{n:05d}.txt").write_text(TEXT.format(n) + (f" {POISON}" if n in poison else ""))
    return folder


def command(*arguments: object) -> subprocess.Popen[bytes]:
    """`framing score` in a process of its own, in a group of its own."""
    program = [sys.executable, "-m", "framing.cli", "score", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def hashes(folder: Path) -> dict[str, str]:
    """Hash of every visible file of a dataset."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("part-*")}
