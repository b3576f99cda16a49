"""Every accuracy figure of docs/measurements.md, from the corpora and the model at hand.

    python benchmarks/accuracy.py CORPORA [NAME ...] [--model news-en] [--json FILE] [--card trained/news-en/README.md]

Cross-validated figures train anew with the recipes of `framing.training`; the others score the shipped model on text that
no head has seen.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedKFold

import framing
from framing import bootstrap, training
from framing.card import with_figures
from framing.counting import Judge
from framing.cues import GROUPS
from framing.evaluation import report
from framing.features import as_one, view
from framing.fit import fit, scores
from framing.measure import probabilities
from framing.model import Model
from framing.types import HEDGE_TYPES

GVFC = {
    1: "legality_crime",
    2: "policy_political",
    3: "policy_political",
    4: "health",
    5: "security",
    6: "fairness",
    7: "public_opinion",
    8: "cultural_identity",
    9: "economic",
}
Figures = dict[str, tuple[float, float, float]]
RESAMPLES = 1000


def interval(measure: Callable[[Any], Any], table: Any, units: list[Any]) -> tuple[float, float, float]:
    """A measure of the sums of a table's columns, with its bootstrap 95% interval over whole units; `measure` takes rows of sums."""
    table = np.asarray(table, float)
    numbers = {unit: k for k, unit in enumerate(dict.fromkeys(units))}
    of = np.array([numbers[unit] for unit in units])
    return bootstrap.of_sums(measure, np.stack([np.bincount(of, column) for column in table.T], axis=1))


def hits(truth: Any, guess: Any) -> Any:
    """A row each: found rightly, found or there wrongly. Their sums make F1."""
    truth, guess = np.asarray(truth, bool), np.asarray(guess, bool)
    return np.stack([truth & guess, truth != guess], axis=1)


def f1(sums: Any) -> Any:
    """F1 of sums of `hits`; of several pairs of columns the mean."""
    right, wrong = sums[:, ::2], sums[:, 1::2]
    with np.errstate(invalid="ignore"):
        return (2 * right / (2 * right + wrong)).mean(axis=1)


def picked(made: Any, *names: str) -> Figures:
    """Some metrics of a report."""
    table = made.metrics.set_index("metric")
    return {name: tuple(float(v) for v in table.loc[name, ["value", "low", "high"]]) for name in names}


def szeged(folder: Path, model: Model) -> Figures:
    """Sentence, token and type F1 of hedging, five folds by document: the recipe on the other folds, its threshold chosen there."""
    return _szeged(folder, with_own=False, measure="f1")


def szeged_shipped(folder: Path, model: Model) -> Figures:
    """The same with our own sentences in every training part and the shipped threshold; hearsay that Szeged never marks not counted."""
    return _szeged(folder, with_own=True, measure="")


def _szeged(folder: Path, with_own: bool, measure: str) -> Figures:
    data = training.sources(folder / "train")
    rows = training.marked(data)
    wiki = [row for row in rows if not row.hearsay]
    own = [*(row for row in rows if row.hearsay), *training.judged(data)] if with_own else []
    docs = [row.doc for row in wiki]
    truth: list[Any] = [None] * len(wiki)
    guess: list[Any] = [None] * len(wiki)
    sentence = np.zeros(len(wiki), bool)
    for train, test in GroupKFold(5).split(wiki, groups=docs):
        cues, _ = training.train_cues([*(wiki[n] for n in train), *own], data.cue_terms, lambda line: None, measure)
        only = replace(cues, heads={name: head for name, head in cues.heads.items() if name in ("hedge", "hedge_type")})
        for n in test:
            seen = as_one(view(wiki[n].text))
            chosen = [item for item in only.select(only.judge(seen)) if not with_own or _in_szeged(item)]
            sentence[n] = bool(chosen)
            guess[n], truth[n] = _tokens(seen, chosen), _marked(seen, data["szeged_wiki"][n])
    hedged = np.array([bool(row.cues) for row in wiki])
    y, p = np.concatenate(truth), np.concatenate(guess)
    docs_of_tokens = [doc for doc, t in zip(docs, truth, strict=True) for _ in t]
    kinds = HEDGE_TYPES[:4]
    of_kinds = [hits(y == k, p == k) for k in range(1, len(kinds) + 1)]
    return {
        "hedged F1": interval(f1, hits(hedged, sentence), docs),
        "token F1": interval(f1, hits(y > 0, p > 0), docs_of_tokens),
        "macro-F1 of four types": interval(f1, np.hstack(of_kinds), docs_of_tokens),
        **{f"F1 {kind}": interval(f1, table, docs_of_tokens) for kind, table in zip(kinds, of_kinds, strict=True)},
    }


def _in_szeged(item: Any) -> bool:
    """Szeged has no type for hearsay: it marks a few such words as another type, and never the rest ("said to")."""
    return item.type != "reportative" or item.candidate.term in training.REPORTATIVE


def _tokens(seen: Any, chosen: Any) -> np.ndarray:
    """The type of each token, as Szeged counts it: hearsay words are doxastic or epistemic there."""
    row = np.zeros(len(seen.words), int)
    for item in chosen:
        kind = item.type if item.type != "reportative" else _szeged_kind(item.candidate.term)
        row[item.candidate.first : item.candidate.end] = 1 + HEDGE_TYPES.index(kind)
    return row


def _szeged_kind(term: str) -> str:
    return "epistemic" if term in ("reportedly", "rumored", "rumoured") else "doxastic"


def _marked(seen: Any, record: dict[str, Any]) -> np.ndarray:
    row = np.zeros(len(seen.words), int)
    for cue in record["cues"]:
        low, high = seen.clean.find(cue["start"], cue["end"])
        row[[k for k in range(len(row)) if seen.starts[k] < high and seen.ends[k] > low]] = 1 + HEDGE_TYPES.index(cue["type"])
    return row


def tone(folder: Path, model: Model) -> Figures:
    """Accuracy and ECE of tone on hyperpartisan_train, ten stratified folds; our articles are in every training part."""
    data = training.sources(folder / "train")
    lexicons = data.lexicons
    rows = training.without_names(training.tone_rows(data, lexicons), training.names_of(data))
    n = len(data["hyperpartisan_train"])
    y = np.array([label == "loaded" for label in rows.labels[:n]])
    held = np.zeros(n)
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(y, y):
        head = fit(training.RECIPES["tone"], rows.some([*train, *range(n, len(rows))])).head
        held[test] = [head.decide(scored).probabilities["loaded"] for scored in scores(head, rows.some(test))]
    made = report(rows.labels[:n], np.column_stack([1 - held, held]), ("measured", "loaded"), groups=rows.groups[:n])
    return picked(made, "accuracy", "ece", "auc", "f1")


def _scored(model: Model, head: str, rows: list[dict[str, Any]], truth: Callable[[dict[str, Any]], str], group: str | None = None) -> Any:
    answers = [probabilities(model, head, row["text"], None, (row["start"], row["end"]) if head == "valence" else None) for row in rows]
    said = [label for _, label in answers]
    labels = model.trained[head].labels
    table = [[chances[label] for label in labels] for chances, _ in answers]
    groups = [row[group] for row in rows] if group else None
    return report([truth(row) for row in rows], table, labels, groups=groups, predicted=said, resamples=RESAMPLES)


def vague(folder: Path, model: Model) -> Figures:
    """F1 on the CoNLL-2010 evaluation set; cue heads that learned from Szeged's copy of its text are trained anew without it."""
    rows = training.read_rows(folder / "develop" / "conll2010_wiki_eval.jsonl.gz")
    clean = vague_without(folder, {_squeezed(row["text"]) for row in rows})
    return picked(_scored(clean, "vague", rows, lambda r: ("plain", "vague")[r["weasel"]]), "f1", "precision", "recall", "auc")


def vague_without(folder: Path, texts: set[str]) -> Model:
    """The vague head and its cues, trained on nothing of these texts."""
    data = training.sources(folder / "train")
    kept = {name: [row for row in rows if _squeezed(row.get("text", "")) not in texts] for name, rows in data.rows.items()}
    data = replace(data, rows=kept)
    lexicons = data.lexicons
    cues, _ = training.train_cues([*training.marked(data), *training.judged(data)], data.cue_terms, lambda line: None)
    rows = training.sentence_rows("vague", training.vague_examples(data), lexicons, Judge.of(cues), training.unseen_cues(data))
    fitted = fit(training.RECIPES["vague"], training.without_names(rows, training.names_of(data)))
    return Model("clean", {"vague": fitted.head}, cues, lexicons)


def _squeezed(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def attributed(folder: Path, model: Model) -> Figures:
    """F1 on NewsDiscourse's speech labels."""
    rows = training.read_rows(folder / "develop" / "newsdiscourse_speech_dev.jsonl.gz")
    made = _scored(model, "attributed", rows, lambda r: ("plain", "attributed")[r["speech"]], "doc")
    return picked(made, "f1", "precision", "recall", "auc")


def babe(folder: Path, model: Model) -> Figures:
    """Macro-F1 of loaded on BABE, whose text no head has seen."""
    rows = training.read_rows(folder / "develop" / "babe_dev.jsonl.gz")
    return picked(_scored(model, "loaded", rows, lambda r: ("plain", "loaded")[r["biased"]]), "macro_f1", "auc", "accuracy", "ece")


def checkthat(folder: Path, model: Model) -> Figures:
    """Macro-F1 of loaded against CheckThat's subjective."""
    rows = training.read_rows(folder / "develop" / "checkthat_dev_test_en.jsonl.gz")
    return picked(_scored(model, "loaded", rows, lambda r: ("plain", "loaded")[r["subjective"]]), "macro_f1", "auc")


def valence(folder: Path, model: Model) -> Figures:
    """Macro-F1 on NewsMTSC's real-world pairs."""
    rows = training.read_rows(folder / "develop" / "newsmtsc_rw_dev.jsonl.gz")
    return picked(_scored(model, "valence", rows, lambda r: r["valence"]), "macro_f1", "accuracy", "auc")


def frames(folder: Path, model: Model) -> Figures:
    """AUC of each frame: held-out articles of ours (five folds), and GVFC headlines where themes map."""
    data = training.sources(folder / "train")
    rows = training.without_names(training.frame_rows(data, data.lexicons), training.names_of(data))
    held = fit(training.RECIPES["frames"], rows).held_out[-len(data["articles"]) :]
    answers = rows.labels[-len(data["articles"]) :]
    names = training.RECIPES["frames"].labels
    made: Figures = {}
    for column, name in enumerate(names):
        y = np.array([row[name] for row in answers])
        made[f"{name}, ours"] = _auc(y, held[:, column])
    headlines = training.read_rows(folder / "develop" / "gvfc_headlines.jsonl.gz")
    head = model.trained["frames"]
    chances = [probabilities(model, "frames", row["text"])[0] for row in headlines]
    for name in dict.fromkeys(GVFC.values()):
        if name in head.labels:
            y = np.array([GVFC[row["theme"]] == name for row in headlines])
            p = np.array([chance[name] for chance in chances])
            made[f"{name}, gvfc"] = _auc(y, p)
    for source in ("ours", "gvfc"):
        values = [value for name, (value, _, _) in made.items() if name.endswith(source)]
        made[f"mean AUC, {source}"] = (float(np.mean(values)), np.nan, np.nan)
    return made


def _auc(y: Any, p: Any) -> tuple[float, float, float]:
    """AUC with its bootstrap 95% interval over rows."""
    made = report(["yes" if value else "no" for value in y], np.column_stack([1 - p, p]), ("no", "yes"), resamples=RESAMPLES)
    return picked(made, "auc")["auc"]


@cache
def _own_folds(folder: Path) -> list[tuple[Any, list[tuple[training.Marked, dict[str, Any]]]]]:
    """Cue models and the sentences of ours that each has not read, with their records: five folds by event."""
    data = training.sources(folder / "train")
    rows = training.marked(data)
    wiki, own = [row for row in rows if not row.hearsay], [row for row in rows if row.hearsay]
    others = [*wiki, *training.judged(data)]
    made = []
    for train, test in GroupKFold(5).split(own, groups=[row.doc for row in own]):
        cues, _ = training.train_cues([*others, *(own[n] for n in train)], data.cue_terms, lambda line: None)
        made.append((cues, [(own[n], data["sentences"][n]) for n in test]))
    return made


def traps(folder: Path, model: Model) -> Figures:
    """Share of our trap sentences handled right: no cue on a trap, hedged as labelled; five folds by event."""
    judged = [(handled(cues, record), row.doc) for cues, part in _own_folds(folder) for row, record in part if record["traps"]]
    right, units = (list(column) for column in zip(*judged, strict=True))
    table = np.column_stack([right, np.ones(len(right))])
    return {"handled right": interval(lambda sums: sums[:, 0] / sums[:, 1], table, units), "sentences": (len(right), np.nan, np.nan)}


def handled(cues: Any, record: dict[str, Any]) -> bool:
    """Whether no cue is on a trap of a sentence of ours, and it is hedged as labelled."""
    seen = as_one(view(record["text"]))
    chosen = cues.select(cues.judge(seen))
    spans = [(seen.starts[c.candidate.first], seen.ends[c.candidate.end - 1]) for c in chosen]
    clear = not any(s < trap["end"] and e > trap["start"] for s, e in spans for trap in record["traps"])
    return clear and any(c.group == "hedge" for c in chosen) == bool(record["hedged"])


def real_words(folder: Path, model: Model) -> Figures:
    """Whether words judged in real text hedge there: five folds by article, and a model that learned none of them."""
    data = training.sources(folder / "train")
    words, others = training.judged(data), training.marked(data)
    docs = [row.doc for row in words]
    without, _ = training.train_cues(others, data.cue_terms, lambda line: None)
    unread = [answer for row in words for answer in _answers(without, row)]
    read = []
    for train, test in GroupKFold(5).split(words, groups=docs):
        cues, _ = training.train_cues([*others, *(words[n] for n in train)], data.cue_terms, lambda line: None)
        read += [answer for n in test for answer in _answers(cues, words[n])]
    return {
        **{f"{name}, by folds": figure for name, figure in _right(read).items()},
        **{f"{name}, none of them learned": figure for name, figure in _right(unread).items()},
    }


def _answers(cues: Any, row: training.Marked) -> list[tuple[bool, bool, str]]:
    """Of each judged word that is a candidate: whether it hedges, whether the head says so, its article."""
    seen = as_one(view(row.text))
    hedges = {(start, end) for start, end, kind in row.cues if kind in HEDGE_TYPES}
    found = [item for item in cues.judge(seen) if item.group == "hedge"]
    places = [seen.place(item.candidate.first, item.candidate.end) for item in found]
    cut = cues.heads["hedge"].thresholds[0]
    only = set(row.only or ())
    return [(place in hedges, item.probability >= cut, row.doc) for item, place in zip(found, places, strict=True) if place in only]


def _right(answers: list[tuple[bool, bool, str]]) -> Figures:
    """Accuracy and F1 of answers."""
    truth, guess, docs = (list(column) for column in zip(*answers, strict=True))
    right = np.column_stack([np.equal(truth, guess), np.ones(len(truth))])
    return {"accuracy": interval(lambda sums: sums[:, 0] / sums[:, 1], right, docs), "F1": interval(f1, hits(truth, guess), docs)}


def cue_types(folder: Path, model: Model) -> Figures:
    """F1 of each cue type on our sentences, five folds by event (any overlap of the right type is a hit)."""
    tally = {kind: [0, 0, 0] for kinds in GROUPS.values() for kind in kinds}
    for cues, part in _own_folds(folder):
        for row, _ in part:
            _count(cues, row, tally)
    return {kind: (2 * hit / max(1, found + there), np.nan, np.nan) for kind, (hit, found, there) in tally.items()}


def _count(cues: Any, row: Any, tally: dict[str, list[int]]) -> None:
    seen = as_one(view(row.text))
    found = [(seen.starts[c.candidate.first], seen.ends[c.candidate.end - 1], c.type) for c in cues.select(cues.judge(seen))]
    for kind, counts in tally.items():
        mine = [(s, e) for s, e, k in found if k == kind]
        true = [(s, e) for s, e, k in row.cues if k == kind]
        counts[0] += sum(any(s < b and e > a for a, b in true) for s, e in mine)
        counts[1] += len(mine)
        counts[2] += len(true)


ALL: dict[str, Callable[[Path, Model], Figures]] = {
    f.__name__: f for f in (szeged, szeged_shipped, tone, vague, attributed, babe, checkthat, valence, frames, traps, real_words, cue_types)
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], default=[])
    parser.add_argument("--model", default="news-en")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--card", type=Path, help="README.md of the model, whose section of figures is written anew")
    chosen = parser.parse_args()
    model = framing.load(chosen.model)
    made: dict[str, Figures] = {}
    for name in chosen.names or list(ALL):
        began = time.time()
        made[name] = ALL[name](chosen.corpora, model)
        print(f"{name} ({time.time() - began:.0f} s)", flush=True)
        for figure, (value, low, high) in made[name].items():
            print(f"    {figure:34s} {value:.3f}" + (f"  ({low:.3f} to {high:.3f})" if low == low else ""), flush=True)
    if chosen.card:
        chosen.card.write_text(with_figures(chosen.card.read_text(encoding="utf-8"), model.id, made), encoding="utf-8")
    if chosen.json:
        chosen.json.write_text(json.dumps({"model": model.id, "figures": made}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
