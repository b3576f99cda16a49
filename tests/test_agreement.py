"""The two codings of the sample, and the figures that the datasheet gives for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from framing.types import CUE_TYPES, FRAME_NAMES

ROOT = Path(__file__).resolve().parent.parent
DATASETS = ROOT / "datasets"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATASETS / name).read_text(encoding="utf-8").split("\n") if line]


CODINGS = _rows("second_coding.jsonl")


def test_codings_are_of_rows_that_are_there() -> None:
    sentences = {(row["event"], row["text"]) for row in _rows("sentences.jsonl")}
    articles = {row["id"] for row in _rows("articles.jsonl")}
    coded = [(row["event"], row["text"]) for row in CODINGS if row["kind"] == "sentence"]
    named = [row["id"] for row in CODINGS if row["kind"] == "article"]
    assert len(coded) == len(set(coded) & sentences) == 460
    assert len(named) == len(set(named) & articles) == 40


def test_codings_have_spans_and_labels_of_the_codebook() -> None:
    for row in CODINGS:
        for codes in (row["first"], row["second"]):
            assert codes["valence"] in ("negative", "neutral", "positive")
            assert 1 <= len(codes.get("frames", FRAME_NAMES[:1])) <= 3 and set(codes.get("frames", [])) <= set(FRAME_NAMES)
            for cue in codes.get("cues", []):
                assert row["text"][cue["start"] : cue["end"]] == cue["text"] and cue["type"] in CUE_TYPES


def test_the_datasheet_gives_what_the_script_prints() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "agreement.py")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) > 25
    assert done.stdout.strip() in (DATASETS / "README.md").read_text(encoding="utf-8")
