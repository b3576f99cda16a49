"""Prints the learning curve of a head: what 10, 25, 50 and 100 percent of the training data give on the same unseen rows.

    python scripts/curves.py CORPORA loaded
    python scripts/curves.py CORPORA frames:economic --shares 0.25 0.5 1 --json curve.json

Five folds that keep documents whole; in each the head learns from a share of the other folds' groups, drawn once and growing
(the smaller share lies within the larger), with its own calibration and threshold. Figures pool the folds; 95% intervals
draw groups. Heads that read cues take them from the shipped model, which knows our own sentences: those curves run a little high.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import framing
from framing import training
from framing.calibrate import folds
from framing.counting import Judge
from framing.errors import TrainingError
from framing.evaluation import report
from framing.fit import SEED, Recipe, Rows, fit, scores

SHARES = (0.1, 0.25, 0.5, 1.0)
MEASURES = ("f1", "macro_f1", "accuracy")


@dataclass(frozen=True, slots=True)
class Point:
    """A share of the training groups, the rows it has on average, and each measure as value, low, high."""

    share: float
    rows: int
    measures: dict[str, tuple[float, float, float]]


def curve(recipe: Recipe, rows: Rows, shares: Sequence[float], k: int) -> list[Point]:
    """A point for each share, measured on every row of full weight."""
    y = [recipe.labels.index(label) for label in rows.labels]
    parts = folds(y, rows.groups, k, SEED)
    if not parts:
        raise TrainingError(f"{recipe.name} has too few groups for {k} folds. Give more rows.")
    return [_point(recipe, rows, parts, share) for share in shares]


def _point(recipe: Recipe, rows: Rows, parts: Sequence[tuple[Sequence[int], Sequence[int]]], share: float) -> Point:
    tested: list[int] = []
    predicted: list[str] = []
    chances: list[list[float]] = []
    used = 0
    for train, test in parts:
        learned = _some(rows, train, share)
        head = fit(recipe, rows.some(learned), k=3).head
        whole = [n for n in test if rows.weights[n] >= 1]
        answers = [head.decide(scored) for scored in scores(head, rows.some(whole))]
        tested += whole
        predicted += [str(answer.label) for answer in answers]
        chances += [[answer.probabilities[label] for label in recipe.labels] for answer in answers]
        used += len(learned)
    truth, groups = [rows.labels[n] for n in tested], [rows.groups[n] for n in tested]
    table = report(truth, chances, recipe.labels, groups=groups, predicted=predicted).metrics.set_index("metric")
    found = {name: table.loc[name, ["value", "low", "high"]].astype(float).tolist() for name in MEASURES if name in table.index}
    return Point(share, used // len(parts), {name: (values[0], values[1], values[2]) for name, values in found.items()})


def _some(rows: Rows, train: Sequence[int], share: float) -> list[int]:
    """The rows of a share of the groups."""
    groups = sorted({rows.groups[n] for n in train})
    random.Random(SEED).shuffle(groups)
    kept = set(groups[: max(1, round(share * len(groups)))])
    return [n for n in train if rows.groups[n] in kept]


def learned_by(folder: Path, head: str, model: str) -> tuple[Recipe, Rows]:
    """The recipe and the training rows of a head; one frame is named `frames:economic`."""
    name, _, frame = head.partition(":")
    data, cues = training.sources(folder), framing.load(model).cues
    assert cues is not None
    made = training.head_rows(data, data.lexicons, Judge.of(cues), lambda line: None)
    rows = next((rows for known, rows in made if known == name), Rows())
    recipe = training.RECIPES[name]
    if recipe.several:
        return _one_frame(recipe, rows, frame)
    return recipe, rows


def _one_frame(recipe: Recipe, rows: Rows, frame: str) -> tuple[Recipe, Rows]:
    if frame not in recipe.labels:
        raise TrainingError(f"{recipe.name} has several labels. Name one: {recipe.name}:{recipe.labels[0]}. Got {frame!r}.")
    known = rows.some([n for n, labels in enumerate(rows.labels) if frame in labels])
    known.labels = [frame if labels[frame] else "other" for labels in known.labels]
    return replace(recipe, labels=("other", frame), several=False), known


def table(points: Sequence[Point]) -> str:
    """The points as aligned text."""
    lines = ["share    rows  " + "  ".join(f"{name:<21}" for name in points[0].measures)]
    for one in points:
        cells = "  ".join("{:.3f} ({:.3f}-{:.3f})  ".format(*values) for values in one.measures.values())
        lines.append(f"{one.share:>4.0%} {one.rows:>8,}  {cells}")
    return "\n".join(line.rstrip() for line in lines)


def main() -> None:
    """Print the table, and write it as JSON if asked."""
    heads = [name for name, recipe in training.RECIPES.items() if recipe.level != "cue"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, help="the folder of the training corpora")
    parser.add_argument("head", help=f"of {', '.join(heads)}; a frame as frames:NAME")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES, help="shares of the training groups, 0 to 1")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--model", default="news-en", help="the model whose cues sentence heads read")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the curve here too; - prints it instead of the table")
    asked = parser.parse_args()
    if asked.head.partition(":")[0] not in heads:
        parser.error(f"no head {asked.head!r}. Name one of {', '.join(heads)}.")
    recipe, rows = learned_by(asked.corpora, asked.head, asked.model)
    points = curve(recipe, rows, asked.shares, asked.folds)
    record = json.dumps({"head": asked.head, "folds": asked.folds, "points": [asdict(one) for one in points]})
    printed = asked.json is not None and str(asked.json) == "-"
    print(record if printed else table(points))
    if asked.json and not printed:
        asked.json.write_text(record + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
