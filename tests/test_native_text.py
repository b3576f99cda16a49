"""The kernel's text layer is the pure engine's, to the last character."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_word_lists_of_the_kernel_are_those_of_the_modules() -> None:
    make = script("make_word_lists")
    assert make.TARGET.read_text(encoding="ascii") == make.header(), "Run scripts/make_word_lists.py."
