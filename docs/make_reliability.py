"""Draws docs/pictures/reliability.svg: how often what a head holds probable is so, on text that it has not seen.

    python docs/make_reliability.py CORPORA [--model news-en]

Tone: hyperpartisan_train in ten stratified folds, each calibrated within its training part. Hedged: szeged_wiki in five folds by
document, our sentences folded by event with it. Attributed and loaded: the shipped model on newsdiscourse_speech_dev and babe_dev.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from drawing import write
from matplotlib import pyplot
from sklearn.model_selection import GroupKFold, StratifiedKFold

import framing
from framing import training
from framing.cues import NO_CUE, hedges
from framing.evaluation import report
from framing.features import as_one, view
from framing.fit import fit, scores
from framing.measure import probabilities
from framing.model import Model


@dataclass(frozen=True, slots=True)
class Judged:
    """Probabilities of the positive label, whether it was given, and the groups an interval draws."""

    chances: list[float]
    given: list[bool]
    groups: list[str]


def tone(folder: Path, model: Model) -> Judged:
    """Each article of hyperpartisan_train from the fold that has not seen it."""
    data = training.sources(folder / "train")
    named = training.names(row["text"] for part in data.rows.values() for row in part)
    rows = training.without_names(training.tone_rows(data, data.lexicons), named)
    n = len(data["hyperpartisan_train"])
    y = [label == "loaded" for label in rows.labels[:n]]
    held = [0.0] * n
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(y, y):
        head = fit(training.RECIPES["tone"], rows.some([*train, *range(n, len(rows))])).head
        for k, scored in zip(test, scores(head, rows.some(test)), strict=True):
            held[k] = head.decide(scored).probabilities["loaded"]
    return Judged(held, y, rows.groups[:n])


def hedged(folder: Path, model: Model) -> Judged:
    """Each sentence of szeged_wiki from the fold that has not seen its document."""
    data = training.sources(folder / "train")
    rows = training.marked(data)
    judged = Judged([], [], [])
    for train, test in GroupKFold(5).split(rows, groups=[row.doc for row in rows]):
        cues, _ = training.train_cues([*(rows[k] for k in train), *training.judged(data)], data.cue_terms, lambda line: None)
        for row in (rows[k] for k in test if not rows[k].hearsay):
            found = [one for one in cues.judge(as_one(view(row.text))) if one.group == "hedge"]
            judged.chances.append(max(NO_CUE, hedges(found, cues.select(found))))
            judged.given.append(bool(row.cues))
            judged.groups.append(row.doc)
    return judged


def attributed(folder: Path, model: Model) -> Judged:
    """The shipped model on NewsDiscourse."""
    return _shipped(model, "attributed", folder / "develop" / "newsdiscourse_speech_dev.jsonl.gz", "speech", "doc")


def loaded(folder: Path, model: Model) -> Judged:
    """The shipped model on BABE, whose rows name no article: the interval draws rows."""
    return _shipped(model, "loaded", folder / "develop" / "babe_dev.jsonl.gz", "biased", "text")


def _shipped(model: Model, head: str, path: Path, given: str, group: str) -> Judged:
    rows = training.read_rows(path)
    chances = [probabilities(model, head, row["text"])[0][head] for row in rows]
    return Judged(chances, [bool(row[given]) for row in rows], [row[group] for row in rows])


PANELS: dict[str, tuple[str, Callable[[Path, Model], Judged]]] = {
    "Article is loaded": ("hyperpartisan_train, ten folds", tone),
    "Sentence is attributed": ("newsdiscourse_speech_dev, shipped model", attributed),
    "Sentence is loaded": ("babe_dev, shipped model", loaded),
    "Sentence is hedged": ("szeged_wiki, five folds by document", hedged),
}


def draw(ax: Any, name: str, judged: Judged) -> None:
    """One panel."""
    table = np.column_stack([1 - np.array(judged.chances), judged.chances])
    made = report([("no", "yes")[y] for y in judged.given], table, ("no", "yes"), groups=judged.groups)
    framing.plot.reliability(made, ax=ax).set_title(f"{name}\n{PANELS[name][0]}", loc="left", fontsize="medium")


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--model", default="news-en")
    asked = parser.parse_args()
    model = framing.load(asked.model)
    figure, axes = pyplot.subplots(2, 2, figsize=(8.4, 10), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.15)
    for ax, (name, (_, measure)) in zip(axes.flat, PANELS.items(), strict=True):
        draw(ax, name, measure(asked.corpora, model))
    write(figure, "reliability.svg")


if __name__ == "__main__":
    main()
