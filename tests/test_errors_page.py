"""The tables of docs/errors.md: counted right, put between their marks, and the page's own words left alone."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from loading import loaded

from framing.measure import Answers

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return loaded("benchmarks/errors.py")


def judged(script: ModuleType, truth: str, said: str, labels: tuple[str, ...] = ("plain", "loaded"), **columns: list[str]) -> object:
    """Labels by their first letters."""
    full = {label[0]: label for label in labels}
    texts = ["He said it rained."] * len(truth)
    given = Answers("head", labels, [full[t] for t in truth], [full[s] for s in said], [[0.4, 0.6]] * len(truth), None)
    return script.Judged("head, corpus", given, pd.DataFrame({"text": texts, **columns}))


def test_errors_of_either_kind_are_counted_apart(script: ModuleType) -> None:
    three = judged(script, "nnpu", "pupu", ("negative", "positive", "undecided"))
    heads = {"a": judged(script, "ppplll", "lplppl"), "b": three}
    lines = script.counts(script.Everything(heads, [True, False, False], {})).splitlines()
    assert lines[0] == "| head, corpus | rows | wrongly given | missed |" and lines[1] == "|---|---|---|---|"
    assert lines[2] == "| head, corpus | 6 | 2 | 2 |"
    assert lines[3] == "| head, corpus | 4 | 2 wrong: 1 between negative and positive, 1 with neutral | |"
    assert lines[4] == "| traps in our sentences | 3 | 2 sentences handled wrongly | |"


def test_outlets_stand_by_their_size_with_what_can_be_told_of_them(script: ModuleType) -> None:
    babe = judged(script, "plplp", "plppp", outlet=["small", "large", "large", "large", "small"])
    lines = script.by_outlet(script.Everything({"loaded, babe": babe}, [], {})).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| large", "| small"]
    assert lines[2].startswith("| large | 3 | 67% | .500 | ") and lines[3].startswith("| small | 2 | 0% | | | ")


def test_figures_are_written_as_the_page_has_them(script: ModuleType) -> None:
    nan = float("nan")
    assert script.cell(0.8449, 0.8, 0.9) == ".845 (.800-.900)"
    assert (script.cell(1.0, 1.0, 1.0), script.cell(0.5, nan, nan), script.cell(nan, nan, nan)) == ("1.000 (no error)", ".500", "")


def test_the_page_has_a_place_for_every_table_and_keeps_its_words(script: ModuleType) -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    made = script.written(page, {name: f"table {name} \\1" for name in script.TABLES}, "m@0")
    assert all(f"<!-- {name} -->\ntable {name} \\1\n<!-- end -->" in made for name in script.TABLES)
    assert "Tables of `m@0`, made on 20" in made
    kept = [line for line in page.splitlines() if not line.startswith(("|", "Tables of"))]
    assert [line for line in made.splitlines() if not line.startswith(("table ", "Tables of"))] == kept
    with pytest.raises(SystemExit, match="one place '<!-- voice -->"):
        script.written(page.replace("<!-- voice -->", ""), {"voice": "x"}, "m@0")
