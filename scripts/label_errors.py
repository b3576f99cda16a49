"""Lists rows whose given label is likely wrong: a head that has not seen the row finds another label far more probable.

    python scripts/label_errors.py CORPORA [CORPUS ...] [--top 50] [--out docs/label_errors.md]

Margins of Northcutt, Jiang & Chuang (2021) over probabilities from five folds that keep documents whole. A row on this list is
a candidate to be read again, no more. The file holds names and row numbers only, since not every corpus may be copied.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import framing
from framing import training
from framing.counting import Judge
from framing.errors import TrainingError
from framing.evaluation import disagreements
from framing.fit import fit

HEADS = {"hyperpartisan_train": "tone", "conll2010_wiki_train": "vague", "newsmtsc_train": "valence"}
"""The head that learns the labels of each corpus."""

INTRODUCTION = """# Likely label errors

Written by `scripts/label_errors.py`: rows of the training corpora whose given label a model that had not seen the row holds to be
wrong, the surest first. Five folds by document, each head trained on the one corpus alone. The list says where to look again; a
linear model is wrong more often than a trained coder, so nothing was relabelled or dropped. Rows count from 1 as the lines of the file do.
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row with its given label, and how probable that label is to a model that has not seen the row."""

    row: int
    label: str
    probability: float


def suspects(folder: Path, corpus: str, model: str) -> tuple[list[Suspect], int]:
    """Likely label errors of a corpus, the surest first, and its number of rows."""
    head = HEADS[corpus]
    given = training.sources(folder)
    data = training.Sources({corpus: given[corpus]}, given.lexicon, given.cue_terms)
    lexicons = given.lexicons
    cues = framing.load(model).cues
    assert cues is not None
    rows = next(made for name, made in training.head_rows(data, lexicons, Judge.of(cues), lambda line: None) if name == head)
    if len(rows) != len(given[corpus]) or not len(rows):
        raise TrainingError(f"{corpus} has {len(given[corpus])} rows, {len(rows)} with text. Row numbers need a text in each.")
    labels = training.RECIPES[head].labels
    held_out = fit(training.RECIPES[head], rows).held_out
    found = disagreements(rows.labels, held_out, labels)
    return [Suspect(int(n) + 1, rows.labels[n], float(held_out[n][labels.index(rows.labels[n])])) for n in found], len(rows)


def section(corpus: str, found: list[Suspect], rows: int, top: int) -> str:
    """A corpus's part of the file: row numbers only."""
    numbers = ", ".join(str(one.row) for one in found[:top])
    share = f"The model disagrees with {len(found):,} of {rows:,} labels; these are the {min(top, len(found))} it is surest of."
    return f"\n## {corpus}.jsonl.gz\n\nHead: {HEADS[corpus]}. {share}\n\n{numbers}\n"


def main() -> None:
    """Print the suspects, and write their row numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, help="the folder of the training corpora")
    parser.add_argument("names", nargs="*", metavar="CORPUS", help=f"of {', '.join(HEADS)}; all if not given")
    parser.add_argument("--top", type=int, default=50, help="how many rows a corpus")
    parser.add_argument("--out", type=Path, help="a Markdown file to write")
    parser.add_argument("--model", default="news-en", help="the model whose cues the head of vague reads")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in HEADS]:
        parser.error(f"no head learns {unknown[0]!r}. Name some of {', '.join(HEADS)}.")
    parts = [INTRODUCTION]
    for corpus in asked.names or HEADS:
        found, rows = suspects(asked.corpora, corpus, asked.model)
        for one in found[: asked.top]:
            print(f"{corpus}\t{one.row}\t{one.label}\t{one.probability:.3f}", flush=True)
        parts.append(section(corpus, found, rows, asked.top))
    if asked.out:
        asked.out.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
