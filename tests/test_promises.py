"""Every bad input has its tests, and docs/promises.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
ROWS = [line for line in (ROOT / "docs/promises.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
NUMBERS = [f"{number:02d}" for number in range(1, 88)]

TESTED = {name: set(re.findall(r"def test_bad_input_(\d\d)_", text)) for name, text in FILES.items()}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_bad_input_has_a_test(number: str) -> None:
    assert [name for name, found in TESTED.items() if number in found]


def test_no_test_has_a_number_that_is_none() -> None:
    found = re.findall(r"def test_bad_input_(\w+?)_", "\n".join(FILES.values()))
    assert set(found) == set(NUMBERS)


def promised() -> list[tuple[str, list[str]]]:
    """The numbers of each row, and the files of tests that it names."""
    cells = [row.strip("|").split(" | ") for row in ROWS]
    return [(cell[0], re.findall(r"`(tests/[\w/]+\.py|test_\w+\.py)`", cell[1])) for cell in cells if cell[0].strip() != "promise"]


def test_every_bad_input_is_promised_where_it_is_tested() -> None:
    seen = set()
    for promise, files in promised():
        named = {file if "/" in file else f"tests/{file}" for file in files}
        assert named <= FILES.keys(), promise
        for number in re.findall(r"\*\*(\d\d)\*\*", promise):
            assert any(number in TESTED[name] for name in named), (number, promise)
            seen.add(number)
    assert seen == set(NUMBERS)
