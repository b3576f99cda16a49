"""The counts and slices of docs/errors.md, from the corpora and the model at hand.

    python benchmarks/errors.py CORPORA [--model news-en] [--write docs/errors.md]

Heads of the shipped model answer on corpora that they were not trained on; tone, hedged, vague and the table by domain come from
folds. `--write` puts each table between its marks in the page and leaves the rest, which people have written, as it is.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from accuracy import handled, vague_without
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold

import framing
from framing import training
from framing.fit import Rows, fit, scores
from framing.measure import LENGTHS, Answers, answers, probabilities, sliced
from framing.model import Model

LEAST = 50
"""Rows of a class of length that is shown."""
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """What a head said of a corpus, and its rows with their texts."""

    name: str
    given: Answers
    rows: pd.DataFrame

    def cells(self, by: str) -> dict[str, dict[str, str]]:
        """Each measure with its interval as text, and n, for each value of a column, or of length or voice."""
        table = sliced(self.given, self.rows, by, resamples=RESAMPLES)
        measures = [name for name in ("f1", "macro_f1", "accuracy") if name in table.columns]
        return {
            str(row[by]): {"n": f"{row['n']:,}"} | {name: cell(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in measures}
            for row in ({str(key): value for key, value in row.items()} for row in table.to_dict("records"))
        }


@dataclass(frozen=True, slots=True)
class Everything:
    """All that the page counts."""

    heads: Mapping[str, Judged]
    traps: Sequence[bool]
    own: Mapping[str, Judged]
    """Our articles (tone, frames as pairs of article and frame) and sentences (hedged), held out."""


def cell(value: float, low: float, high: float) -> str:
    """A figure with its interval, as the page has it."""
    if value != value:
        return ""
    if low == high == 1:
        return "1.000 (no error)"
    return _point(value) + (f" ({_point(low)}-{_point(high)})" if low == low else "")


def _point(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


# ---- answers ---------------------------------------------------------------------------------------------------------


def shipped(folder: Path, model: Model, corpus: str, head: str, label: str, group: str | None = None) -> Judged:
    """The model's head on a corpus that it has not seen."""
    frame = pd.DataFrame(training.read_rows(folder / "develop" / f"{corpus}.jsonl.gz"))
    target = "span" if head == "valence" else None
    if target:
        frame[target] = list(zip(frame["start"], frame["end"], strict=True))
    return Judged(f"{head}, {corpus}", answers(model, frame, label=label, head=head, group=group, target=target), frame)


def _judged(
    name: str, head: str, labels: Sequence[str], truth: Sequence[bool], said: Sequence[bool], rows: pd.DataFrame, group: str
) -> Judged:
    """What was said by folds of a head with two labels."""
    texts = [[labels[bool(one)] for one in column] for column in (truth, said)]
    return Judged(name, Answers(head, tuple(labels), *texts, [], list(rows[group])), rows)


def tone(folder: Path) -> Judged:
    """Each article of hyperpartisan_train from one of ten folds that has not seen it."""
    data = training.sources(folder / "train")
    rows = training.without_names(training.tone_rows(data, data.lexicons), training.names_of(data))
    frame = pd.DataFrame(data["hyperpartisan_train"])
    y = [label == "loaded" for label in rows.labels[: len(frame)]]
    said = [False] * len(frame)
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(y, y):
        head = fit(training.RECIPES["tone"], rows.some([*train, *range(len(frame), len(rows))])).head
        for k, scored in zip(test, scores(head, rows.some(test)), strict=True):
            said[k] = head.decide(scored).label == "loaded"
    return _judged("tone, hyperpartisan_train", "tone", ("measured", "loaded"), y, said, frame, "id")


def hedged(folder: Path) -> tuple[Judged, Judged, list[bool]]:
    """Szeged's and our sentences from one of five folds by document and event, and whether each of our traps was handled."""
    data = training.sources(folder / "train")
    rows = training.marked(data)
    records = [*data["szeged_wiki"], *data["sentences"]]
    assert [row.text for row in rows] == [record["text"] for record in records]
    said, right = [False] * len(rows), []
    for train, test in GroupKFold(5).split(rows, groups=[row.doc for row in rows]):
        cues, _ = training.train_cues([*(rows[k] for k in train), *training.judged(data)], data.cue_terms, lambda line: None)
        fold = Model("fold", {}, cues)
        for k in test:
            said[k] = probabilities(fold, "hedged", rows[k].text)[1] == "hedged"
            if records[k].get("traps"):
                right.append(handled(cues, records[k]))
    truth, size = [bool(record["hedged"]) for record in records], len(data["szeged_wiki"])
    wiki, own = pd.DataFrame(records[:size]), pd.DataFrame(records[size:])
    labels = ("plain", "hedged")
    return (
        _judged("hedged, szeged_wiki", "hedged", labels, truth[:size], said[:size], wiki, "doc"),
        _judged("hedged, our sentences", "hedged", labels, truth[size:], said[size:], own, "event"),
        right,
    )


def vague(folder: Path) -> Judged:
    """CoNLL's evaluation set, by heads that have read none of its text."""
    rows = training.read_rows(folder / "develop" / "conll2010_wiki_eval.jsonl.gz")
    clean = vague_without(folder, {"".join(char for char in row["text"].lower() if char.isalnum()) for row in rows})
    frame = pd.DataFrame(rows)
    return Judged("vague, conll2010_wiki_eval", answers(clean, frame, label="weasel", head="vague"), frame)


def own_articles(folder: Path) -> tuple[Judged, Judged]:
    """Tone and frames of our articles from one of five folds; of frames a row for each article and frame."""
    data = training.sources(folder / "train")
    named, size = training.names_of(data), len(data["articles"])
    frame = pd.DataFrame(data["articles"])
    truth, said = _held_out(training.without_names(training.tone_rows(data, data.lexicons), named), "tone", size)
    tones = _judged("tone, our articles", "tone", ("measured", "loaded"), [one == "loaded" for one in truth], said[:, -1], frame, "id")
    truth, said = _held_out(training.without_names(training.frame_rows(data, data.lexicons), named), "frames", size)
    names = training.RECIPES["frames"].labels
    pairs = frame.loc[frame.index.repeat(len(names))]
    flat = [row[name] for row in truth for name in names]
    return tones, _judged("frames, our articles", "frames", ("absent", "present"), flat, said.ravel(), pairs, "id")


def _held_out(rows: Rows, head: str, size: int) -> tuple[list[Any], Any]:
    """The labels of the last rows, and which positive labels the folds that had not seen them gave."""
    fitted = fit(training.RECIPES[head], rows)
    return rows.labels[-size:], np.asarray(fitted.held_out)[-size:] >= np.array(fitted.head.thresholds)


def everything(folder: Path, model: Model, note: Callable[[str], None]) -> Everything:
    """All answers; training takes most of the time."""
    note("shipped heads")
    heads = {
        "loaded, babe": shipped(folder, model, "babe_dev", "loaded", "biased"),
        "loaded, checkthat": shipped(folder, model, "checkthat_dev_test_en", "loaded", "subjective"),
        "attributed, newsdiscourse": shipped(folder, model, "newsdiscourse_speech_dev", "attributed", "speech", "doc"),
        "valence, newsmtsc": shipped(folder, model, "newsmtsc_rw_dev", "valence", "valence"),
    }
    note("tone by folds")
    heads["tone"] = tone(folder)
    note("hedged by folds")
    heads["hedged, szeged"], sentences, traps = hedged(folder)
    note("vague without the text of its test")
    heads["vague, conll"] = vague(folder)
    note("our articles by folds")
    tones, frames = own_articles(folder)
    return Everything(heads, traps, {"tone": tones, "frames": frames, "hedged": sentences})


# ---- tables ----------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["|" + "|".join(f" {text} " if text else " " for text in line) + "|" for line in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def counts(found: Everything) -> str:
    """How many errors of either kind each head made."""
    rows = []
    for one in found.heads.values():
        pairs = list(zip(one.given.truth, one.given.predicted, strict=True))
        if len(one.given.labels) == 2:
            positive = one.given.labels[1]
            wrong = [f"{sum(a != b == positive for a, b in pairs):,}", f"{sum(b != a == positive for a, b in pairs):,}"]
        else:
            far = sum({a, b} == {"negative", "positive"} for a, b in pairs)
            off = sum(a != b for a, b in pairs)
            wrong = [f"{off} wrong: {far} between negative and positive, {off - far} with neutral", ""]
        rows.append([one.name, f"{len(pairs):,}", *wrong])
    right = sum(found.traps)
    rows.append(["traps in our sentences", f"{len(found.traps):,}", f"{len(found.traps) - right} sentences handled wrongly", ""])
    return table(("head, corpus", "rows", "wrongly given", "missed"), rows)


def by_voice(found: Everything) -> str:
    """The author's sentences and the quoted ones."""
    rows = []
    for name in ("attributed, newsdiscourse", "loaded, checkthat", "hedged, szeged"):
        cells = found.heads[name].cells("voice")
        rows += [
            [name, voice, cells[voice]["n"], cells[voice]["f1"], cells[voice]["accuracy"]]
            for voice in ("author", "quoted")
            if voice in cells
        ]
    return table(("head, corpus", "voice", "n", "F1", "accuracy"), rows)


def by_length(found: Everything) -> str:
    """Sentences by their words; classes of few rows are left blank."""
    wanted = {"hedged, szeged": "f1", "attributed, newsdiscourse": "f1", "loaded, babe": "macro_f1", "loaded, checkthat": "macro_f1"}
    wanted["valence, newsmtsc"] = "macro_f1"
    classes = [f"{low}-{high - 1}" for low, high in pairwise(LENGTHS[:5])]
    rows = []
    for name, measure in wanted.items():
        cells = {key.removesuffix(" words").strip(): value for key, value in found.heads[name].cells("length").items()}
        shown = {key: one for key, one in cells.items() if int(one["n"].replace(",", "")) >= LEAST}
        shares = [f"{shown[key][measure]}, n {shown[key]['n']}" if key in shown else "" for key in classes]
        rows.append([f"{name}: {'F1' if measure == 'f1' else 'macro-F1'}", *shares])
    return table(("", *classes), rows)


def tone_by_length(found: Everything) -> str:
    """Accuracy of tone by words of the article, all classes under 250 together."""
    edges = [0, *LENGTHS[4:]]
    judged = found.heads["tone"]
    words = judged.rows["text"].str.count(r"\w+")
    names = ["under 250", *(f"{low}-{high - 1}" for low, high in pairwise(edges[1:-1])), "1000 and more"]
    classes = pd.cut(words, edges, labels=names, right=False).astype(str)
    cells = Judged(judged.name, judged.given, judged.rows.assign(words=classes)).cells("words")
    return table(("words", "n", "accuracy"), [[name, cells[name]["n"], cells[name]["accuracy"]] for name in names if name in cells])


def by_domain(found: Everything) -> str:
    """Our articles and sentences by their domain, held out."""
    cells = {name: judged.cells("domain") for name, judged in found.own.items()}
    whole = {name: Judged(one.name, one.given, one.rows.assign(domain="all")).cells("domain") for name, one in found.own.items()}
    rows = []
    for domain in [*sorted(cells["tone"]), "all"]:
        tones, frames, sentences = ((whole if domain == "all" else cells)[name][domain] for name in ("tone", "frames", "hedged"))
        rows.append([domain, tones["n"], tones["accuracy"], frames["f1"], sentences["n"], sentences["f1"]])
    return table(("domain", "articles", "tone accuracy", "frames F1", "sentences", "hedged F1"), rows)


def by_outlet(found: Everything) -> str:
    """The sentences of babe_dev by outlet, the largest first."""
    judged = found.heads["loaded, babe"]
    cells, rows = judged.cells("outlet"), []
    y = np.array([label == "loaded" for label in judged.given.truth])
    p = np.array([chances[1] for chances in judged.given.probabilities])
    for outlet, n in judged.rows["outlet"].value_counts().items():
        here = (judged.rows["outlet"] == outlet).to_numpy()
        auc = _point(roc_auc_score(y[here], p[here])) if 0 < y[here].sum() < n else ""
        one = cells[str(outlet)]
        rows.append([str(outlet), one["n"], f"{y[here].mean():.0%}", auc, one["f1"], one["macro_f1"], one["accuracy"]])
    return table(("outlet", "n", "biased", "AUC", "F1", "macro-F1", "accuracy"), rows)


TABLES: dict[str, Callable[[Everything], str]] = {
    "counts": counts,
    "voice": by_voice,
    "length": by_length,
    "tone": tone_by_length,
    "domain": by_domain,
    "outlet": by_outlet,
}


def written(page: str, made: Mapping[str, str], model: str) -> str:
    """The page with each table between its marks, and the model that they are of."""
    for name, text in {
        "model": f"Tables of `{model}`, made on {time.strftime('%Y-%m-%d')} by `python benchmarks/errors.py`.",
        **made,
    }.items():
        page, n = re.subn(
            rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", lambda marks, text=text: marks[1] + text + marks[2], page, flags=re.DOTALL
        )
        if n != 1:
            raise SystemExit(f"The page must have one place '<!-- {name} --> ... <!-- end -->'. It has {n}.")
    return page


def blocks(found: Everything) -> Iterator[tuple[str, str]]:
    """Each table by its name."""
    for name, make in TABLES.items():
        yield name, make(found)


def main() -> None:
    """Count, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, help="the folder that holds train/ and develop/")
    parser.add_argument("--model", default="news-en")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    asked = parser.parse_args()
    model = framing.load(asked.model)
    began = time.monotonic()
    found = everything(asked.corpora, model, lambda line: print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True))
    made = dict(blocks(found))
    print("\n\n".join(made.values()))
    if asked.write:
        asked.write.write_text(written(asked.write.read_text(encoding="utf-8"), made, model.id), encoding="utf-8")


if __name__ == "__main__":
    main()
