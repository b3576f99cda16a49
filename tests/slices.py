"""A small slice of datasets/ as a folder of corpora, and the small model that was trained on it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from framing import persist
from framing.model import Model

HERE = Path(__file__).resolve().parent
DATASETS = HERE.parent / "datasets"
SMALL = HERE / "files" / "model-format-2"
"""A small model of each format, made with `write_small` and `train_all`. Never made anew: later versions must read them."""


@cache
def small_model() -> Model:
    return persist.load(SMALL)


def rows_of(name: str) -> list[dict[str, Any]]:
    """The rows of a file of datasets/."""
    return [json.loads(line) for line in (DATASETS / name).read_text(encoding="utf-8").split("\n") if line]


def write_small(folder: Path) -> Path:
    """Write the slice: sentences, the beginnings of articles, the terms of the lexicons that occur in them."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = rows_of("sentences.jsonl")[::75]
    articles = [{**row, "text": row["text"][:600]} for row in rows_of("articles.jsonl")[::13]]
    for name, rows in (("sentences", sentences), ("articles", articles)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    said = " ".join(row["text"].lower() for row in [*sentences, *articles])
    for name in ("cue_lexicon.tsv", "loaded_lexicon.tsv"):
        first, *terms = (DATASETS / name).read_text(encoding="utf-8").splitlines()
        kept = [term for term in terms if f" {term.split(chr(9))[0]} " in said]
        (folder / name).write_text("\n".join([first, *kept]) + "\n", encoding="utf-8")
    return folder
