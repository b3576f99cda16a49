"""A model that ends its process at some texts, and what the fault tests share."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import framing
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


@dataclass(frozen=True)
class Kernel:
    """The native kernel, which ends its process where a text holds the word."""

    kernel: Any

    def rows(self, texts: Sequence[Any], *asked: Any) -> Any:
        """As the kernel's, if it lives."""
        if any(isinstance(text, str) and POISON in text for text in texts):
            os.kill(os.getpid(), 9)
        return self.kernel.rows(texts, *asked)


class Native(Model):
    """A model by the deadly kernel, which other processes load anew."""

    def __reduce__(self) -> tuple[Any, ...]:
        return native, (self.card,)


def native(folder: str) -> Native:
    """The model of a folder by the deadly kernel; the card tells where it is."""
    made = framing.load(folder)
    assert made.engine is not None
    parts = {field.name: getattr(made, field.name) for field in fields(Model)}
    return Native(**parts | {"engine": replace(made.engine, kernel=Kernel(made.engine.kernel)), "card": folder})


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
