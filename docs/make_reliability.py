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
from sklearn.model_selection import GroupKFold, StratifiedKFold

import framing
from framing import training
from framing.evaluation import report
from framing.features import as_one, view
from framing.fit import fit
from framing.measure import probabilities
from framing.model import NO_CUE, Model

HERE = Path(__file__).parent
SIZE, GAP, EDGE, BARS = 250, 72, 58, 70
"""Pixels: side of a panel, room between panels, margin, height of the counts."""
INK, FAINT, LINE, POINT = "#222", "#767676", "#d0d0d0", "#1f5fa8"


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
        for k in test:
            held[k] = head.decide(head.linear.scores(head.linear.values(rows.counts[k]))).probabilities["loaded"]
    return Judged(held, y, rows.groups[:n])


def hedged(folder: Path, model: Model) -> Judged:
    """Each sentence of szeged_wiki from the fold that has not seen its document."""
    data = training.sources(folder / "train")
    rows = training.marked(data)
    judged = Judged([], [], [])
    for train, test in GroupKFold(5).split(rows, groups=[row.doc for row in rows]):
        cues, _ = training.train_cues([rows[k] for k in train], data.cue_terms, lambda line: None)
        for row in (rows[k] for k in test if not rows[k].hearsay):
            found = [one for one in cues.judge(as_one(view(row.text))) if one.group == "hedge"]
            doubt = float(np.prod([1 - one.probability for one in cues.select(found)]))
            judged.chances.append(max([NO_CUE, 1 - doubt, *(one.probability for one in found)]))
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


def picture(judged: dict[str, Judged]) -> str:
    """All panels, two in a row."""
    step, tall = SIZE + GAP, SIZE + BARS + GAP + 34
    width, height = 2 * EDGE + 2 * SIZE + GAP, 44 + 2 * tall
    panels = [
        f'<g transform="translate({EDGE + (k % 2) * step} {64 + (k // 2) * tall})">{_panel(name, PANELS[name][0], one)}</g>'
        for k, (name, one) in enumerate(judged.items())
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11" fill="{INK}">',
            "<title>Reliability of four heads: share observed against mean probability in ten bins</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *panels,
            "</svg>\n",
        ]
    )


def _panel(name: str, source: str, judged: Judged) -> str:
    table = np.column_stack([1 - np.array(judged.chances), judged.chances])
    made = report([("no", "yes")[y] for y in judged.given], table, ("no", "yes"), groups=judged.groups)
    ece, low, high = made.metrics.set_index("metric").loc["ece", ["value", "low", "high"]]
    bins = [{str(name): value for name, value in row.items()} for row in made.reliability.to_dict("records") if row["n"]]
    parts = [
        f'<text y="-26" font-size="14" font-weight="bold">{name}</text>',
        f'<text y="-10" fill="{FAINT}">{source}; n {made.n:,}</text>',
        f'<text x="8" y="16" fill="{FAINT}">ECE {ece:.3f} ({low:.3f} to {high:.3f})</text>',
        *_axes(),
        *(_point(row) for row in bins),
        *_counts(bins),
    ]
    return "".join(parts)


def _axes() -> list[str]:
    parts = [f'<path d="M0 {SIZE}L{SIZE} 0" stroke="{FAINT}" stroke-dasharray="4 4"/>']
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = SIZE * tick, SIZE * (1 - tick)
        parts.append(f'<path d="M0 {y}H{SIZE}M{x} 0V{SIZE}" stroke="{LINE}" stroke-width=".6"/>')
        parts.append(f'<text x="-7" y="{y + 4}" text-anchor="end">{tick:g}</text>')
        parts.append(f'<text x="{x}" y="{SIZE + BARS + 16}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<text transform="translate(-40 {SIZE / 2}) rotate(-90)" text-anchor="middle">share that is so</text>')
    parts.append(f'<text x="{SIZE / 2}" y="{SIZE + BARS + 32}" text-anchor="middle">probability given</text>')
    return parts


def _point(row: dict[str, Any]) -> str:
    """A bin at its mean probability, with the Wilson interval of its share."""
    x, y = SIZE * row["mean_probability"], SIZE * (1 - row["observed_rate"])
    low, high = wilson(row["observed_rate"], row["n"])
    bar = f'<path d="M{x:.1f} {SIZE * (1 - low):.1f}V{SIZE * (1 - high):.1f}" stroke="{POINT}" stroke-width="1.6"/>'
    return bar + f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{POINT}"/>'


def wilson(rate: float, n: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share."""
    z2 = 1.96**2
    middle, half = (rate + z2 / (2 * n)) / (1 + z2 / n), 1.96 * np.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half


def _counts(bins: list[dict[str, Any]]) -> list[str]:
    """A bar for each bin, its height the square root of the count, so that small bins show."""
    most, floor, wide = max(row["n"] for row in bins), SIZE + BARS, SIZE / 10
    parts = [f'<path d="M0 {floor}H{SIZE}" stroke="{FAINT}"/>']
    for row in bins:
        x, tall = wide * min(9, int(row["mean_probability"] * 10)), (BARS - 22) * np.sqrt(row["n"] / most)
        place = f"x=\"{x + 1:.1f}\" y=\"{floor - tall:.1f}\" width=\"{wide - 2:.1f}\" height=\"{tall:.1f}\""
        parts.append(f"<rect {place} fill=\"{POINT}\" opacity=\".35\"/>")
        label = f'<text x="{x + wide / 2:.1f}" y="{floor - tall - 3:.1f}" text-anchor="middle" font-size="8.5">{row["n"]:,}</text>'
        parts.append(label)
    return parts


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--model", default="news-en")
    asked = parser.parse_args()
    model = framing.load(asked.model)
    drawn = picture({name: measure(asked.corpora, model) for name, (_, measure) in PANELS.items()})
    (HERE / "pictures" / "reliability.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
