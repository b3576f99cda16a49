"""The quality gate: figures on real corpora do not fall under their floors (golden/floors.json; scripts/floors.py moves them)."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import framing

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
GATES: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "floors.json").read_text(encoding="utf-8"))
QUICK = ("attributed", "babe", "checkthat", "valence", "tone")


@cache
def floors() -> Any:
    spec = importlib.util.spec_from_file_location("floors", ROOT / "scripts" / "floors.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora of the quality gate are not here (../shared/corpora)")
@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in GATES])
def test_no_figure_falls_under_its_floor(name: str) -> None:
    gate = GATES[name]
    assert {path: floors().sha256(CORPORA / path) for path in gate["corpora"]} == gate["corpora"], "the corpus is another: measure anew"
    seen = getattr(floors().accuracy(), name)(CORPORA, framing.load())
    under = {metric: (seen[metric][0], floor["floor"]) for metric, floor in gate["floors"].items() if seen[metric][0] < floor["floor"]}
    assert not under, f"{name}: (seen, floor) {under}"


@pytest.mark.parametrize("name", list(GATES))
def test_floors_are_near_what_was_seen_and_lowered_ones_say_why(name: str) -> None:
    for floor in GATES[name]["floors"].values():
        assert floor["seen"] - 0.03 <= floor["floor"] <= floor["seen"]
        assert all(step["reason"].strip() and step["to"] < step["from"] for step in floor.get("lowered", []))


def test_a_floor_rises_by_itself_and_falls_only_with_a_reason() -> None:
    moved, floor = floors().moved, {"floor": 0.7, "seen": 0.71}
    assert moved(floor, 0.75, None) == {"floor": 0.74, "seen": 0.75}
    assert moved(floor, 0.705, None) == floor
    assert moved(floor, 0.6, None) == floor
    lowered = moved(floor, 0.6, "a corpus was withdrawn")
    assert (lowered["floor"], lowered["lowered"][0]["reason"]) == (0.59, "a corpus was withdrawn")
    assert len(moved(lowered, 0.5, "again")["lowered"]) == 2


def test_a_reason_is_not_blank(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        floors().main([str(CORPORA), "--lower-floor", " "])
    assert "needs a reason" in capsys.readouterr().err
