"""The maker of mutants: what it changes, what it leaves, and whether it tells killed from survived."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from loading import loaded

ROOT = Path(__file__).resolve().parent.parent

SOURCE = '''
"""A module."""
import os
LIMIT = 3
PATTERN = "[ab]"
def check(value: int = 7) -> bool:
    """Whether it is small."""
    if value < LIMIT and value != 0:
        raise ValueError(f"{escape(str(value))} is {len(str(value))} long: 5")
    os.fsync(value)
    return True
def other():
    return 1
'''


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return loaded("scripts/mutants.py")


def said(script: ModuleType, *only: str) -> list[str]:
    target = script.Target("t", "t.py", only, (), ("native",))
    return [one.said for one in script.mutants(target, SOURCE)]


def test_what_is_changed(script: ModuleType) -> None:
    made = said(script, "check")
    for change in (
        "check: 7 -> 8",
        "check: value < LIMIT -> value <= LIMIT",
        "check: value < LIMIT -> value >= LIMIT",
        "check: value < LIMIT and value != 0 -> value < LIMIT or value != 0",
        "check: value < LIMIT and value != 0 -> value != 0",
        "check: escape(str(value)) -> str(value)",
        "check: os.fsync(value) -> pass",
        "check: return True -> return",
        "check: True -> False",
    ):
        assert change in made, change
    assert any(change.startswith("check: raise ") and change.endswith("-> pass") for change in made)
    assert len(made) == len(set(made))


def test_what_is_left(script: ModuleType) -> None:
    made = said(script, "check")
    assert not any(
        "Whether" in change.split(" -> ")[0][:12] or "len(" in change.split(" -> ")[0][:10] or ": 5 ->" in change for change in made
    )
    assert not any(change.startswith("other") for change in made)
    assert {change.split(":")[0] for change in said(script)} == {"LIMIT", "PATTERN", "check", "other"}
    assert said(script, "PATTERN") == [f"PATTERN: a pattern as '{left}'" for left in ("ab]", "[b]", "[a]")]


def test_every_mutant_of_the_settings_is_python_and_every_name_in_them_is_known(script: ModuleType) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutants"]
    known: set[str] = set()
    for one in script.targets(settings):
        made = list(script.mutants(one, (ROOT / one.file).read_text(encoding="utf-8")))
        assert len({mutant.source for mutant in made}) == len(made) > 5, one.name
        assert set(one.only) <= {mutant.said.partition(":")[0] for mutant in made}, one.name
        known |= {mutant.said for mutant in made}
        for mutant in made[::19]:
            compile(mutant.source, one.file, "exec")
    assert set(settings["equivalent"]) <= known


def test_the_table(script: ModuleType) -> None:
    rows = [("a", "x", "killed"), ("a", "y", "survived"), ("a", "z", "survived"), ("b", "w", "timeout")]
    lines = [line.split() for line in script.told(rows, frozenset(["z"])).splitlines()[1:]]
    assert lines == [
        ["a", "3", "1", "0", "1", "1", "33.3%"],
        ["b", "1", "1", "1", "0", "0", "100.0%"],
        ["all", "4", "2", "1", "1", "1", "50.0%"],
    ]


@pytest.mark.parametrize(("tested", "expected"), [("seven() == 7", "survived"), ("seven() == 8", "killed"), ("spin()", "timeout")])
def test_tests_that_pass_fail_or_hang(script: ModuleType, tmp_path: Path, tested: str, expected: str) -> None:
    (tmp_path / "broken.py").write_text("def seven():\n    return 7\n\ndef spin():\n    while True:\n        pass\n")
    (tmp_path / "test_broken.py").write_text(f"from broken import seven, spin\n\ndef test_it():\n    assert {tested}\n")
    target = script.Target("t", "broken.py", (), (str(tmp_path / "test_broken.py"),), ("native",))
    assert script.outcome(tmp_path, target, 1.0) == expected
