"""Prints how far two codings agree: Krippendorff's alpha, and F1 of cue spans.

Of datasets/second_coding.jsonl, where both are given as they were before any disagreement was settled: the sample of the first
sentences and articles, then that of the sentences written to trap a model. And of the words of datasets/cue_marks.tsv that were
judged twice.

    python scripts/agreement.py
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from framing.evaluation import alpha_interval
from framing.training import TRAPS
from framing.types import CUE_TYPES, FRAME_NAMES

Row: TypeAlias = dict[str, Any]
Values: TypeAlias = list[int]
Span: TypeAlias = tuple[int, int, str]

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
VALENCE = {"negative": -1, "neutral": 0, "positive": 1}
LINE = "{:28} {:>6}  {:>5} {:>5} {:>5}  {:>6}  {}"


def pairs(rows: list[Row], label: str, values: Mapping[Any, int]) -> tuple[Values, Values]:
    """What each coder gave to every row, as numbers."""
    return [values[row["first"][label]] for row in rows], [values[row["second"][label]] for row in rows]


def in_cue(row: Row, coder: str, kind: str) -> list[int]:
    """For each word of a sentence, whether it stands in a cue of this type."""
    cues = [cue for cue in row[coder]["cues"] if cue["type"] == kind]
    starts = [word.start() for word in re.finditer(r"\w+", row["text"])]
    return [int(any(cue["start"] <= at < cue["end"] for cue in cues)) for at in starts]


def of_sentences(sentences: list[Row]) -> Iterator[tuple[str, Values, Values]]:
    """Each label of sentences by name, with the values of both coders."""
    for label in ("hedged", "vague", "attributed", "loaded"):
        yield label, *pairs(sentences, label, {0: 0, 1: 1})
    yield "valence", *pairs(sentences, "valence", VALENCE)
    for kind in CUE_TYPES:
        first, second = ([word for row in sentences for word in in_cue(row, coder, kind)] for coder in ("first", "second"))
        yield f"words of {kind}", first, second


def of_articles(articles: list[Row]) -> Iterator[tuple[str, Values, Values]]:
    """The labels of articles likewise."""
    yield "tone (loaded)", *pairs(articles, "tone", {"measured": 0, "loaded": 1})
    yield "article valence", *pairs(articles, "valence", VALENCE)
    for frame in FRAME_NAMES:
        first, second = ([int(frame in row[coder]["frames"]) for row in articles] for coder in ("first", "second"))
        yield f"frame {frame}", first, second


def of_marks(marks: list[Row]) -> Iterator[tuple[str, Values, Values]]:
    """Whether a word in real text is a cue, and its type."""
    kinds = ("none", *CUE_TYPES)
    first, second = ([kinds.index(mark[coder]) for mark in marks] for coder in ("type", "second"))
    yield "a cue at all", [int(kind > 0) for kind in first], [int(kind > 0) for kind in second]
    for number, kind in enumerate(kinds[1:], 1):
        if number in (*first, *second):
            yield kind, [int(one == number) for one in first], [int(one == number) for one in second]


def counts(values: Values, shown: Iterable[int]) -> str:
    """How often each of these values was given."""
    found = Counter(values)
    return "/".join(str(found[value]) for value in shown)


def print_alphas(labels: Iterable[tuple[str, Values, Values]]) -> None:
    """One line a label. Valence is -1, 0 or 1, so that opposite ones disagree most; a value given to all has no alpha."""
    print(LINE.format("label", "units", "alpha", "low", "high", "differ", "given by first, second"))
    for name, first, second in labels:
        graded = name.endswith("valence")
        level: Literal["nominal", "interval"] = "interval" if graded else "nominal"
        varied = len({*first, *second}) > 1
        numbers = [f"{number:.2f}" for number in alpha_interval(first, second, level=level)] if varied else ["-"] * 3
        differ = sum(one != other for one, other in zip(first, second, strict=True))
        given = ", ".join(counts(values, sorted(VALENCE.values()) if graded else [1]) for values in (first, second))
        print(LINE.format(name, len(first), *numbers, differ, given))


def spans(codes: Row) -> list[Span]:
    """The cues of one coder."""
    return [(cue["start"], cue["end"], cue["type"]) for cue in codes["cues"]]


def f1(sentences: Iterable[Row], same: Callable[[Span, Span], bool]) -> float:
    """2 matched / (first + second), a cue being matched if the other coder has one that is the same."""
    matched = total = 0
    for row in sentences:
        first, second = spans(row["first"]), spans(row["second"])
        matched += sum(any(same(cue, other) for other in second) for cue in first)
        matched += sum(any(same(cue, other) for other in first) for cue in second)
        total += len(first) + len(second)
    return matched / total


def overlap(one: Span, other: Span) -> bool:
    """Whether two cues share a type and a character."""
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def print_sentences(sentences: list[Row], *more: tuple[str, Values, Values]) -> None:
    """The table of sentences and of `more`, and how far spans agree."""
    print_alphas([*of_sentences(sentences), *more])
    print(f"F1 of cues, same words and type: {f1(sentences, lambda one, other: one == other):.2f}")
    print(f"F1 of cues, same type, any overlap: {f1(sentences, overlap):.2f}")


def main() -> None:
    """Print the tables."""
    rows = [json.loads(line) for line in (DATASETS / "second_coding.jsonl").read_text(encoding="utf-8").split("\n") if line]
    sentences, articles = ([row for row in rows if row["kind"] == kind] for kind in ("sentence", "article"))
    print_sentences([row for row in sentences if not row["event"].startswith(TRAPS)], *of_articles(articles))
    print("\nsentences written to trap a model")
    print_sentences([row for row in sentences if row["event"].startswith(TRAPS)])
    with (DATASETS / "cue_marks.tsv").open(encoding="utf-8", newline="") as stream:
        marks = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    print("\nwords judged in real text")
    print_alphas(of_marks([mark for mark in marks if mark["second"]]))


if __name__ == "__main__":
    main()
