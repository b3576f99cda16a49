"""Speed beside named peers, in one run: interleaved rounds, medians of processor time, ratios.

    python benchmarks/speed.py [TEXTS.jsonl[.gz]] [--rounds 5] [--articles 200] [--plot FILE.svg]

The peers get what scikit-learn has no part for as a gift: sentences already cut, the contexts of cue candidates already made.
Two threads and the growth plot are measured by the clock, the rest by processor time, so that a busy machine shifts them less.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

import framing
from framing import persist, table
from framing.cues import CONTEXT, candidates, context
from framing.features import view
from framing.linear import Linear
from framing.model import Model
from framing.text import TOKEN
from framing.training import read_rows

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Officials may have misread the figures, two people familiar with the inquiry said, and the plan could still be changed in May."
Measure = Callable[[], float]


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of this process for some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def waited(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def wc(path: Path) -> float:
    """Processor seconds of `wc -w` on a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["wc", "-w", str(path)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def only(model: Model, name: str) -> Model:
    """The model with one article head, from its own file."""
    return _from_file(Model(name, {name: model.trained[name]}, None, dict(model.lexicons)))


def only_words(model: Model, name: str) -> Model:
    """The head's word n-grams alone, as `framing.train` makes a reader's own head: what scikit-learn's pipeline counts."""
    head = model.trained[name]
    kept = [(term, row) for term, row in head.linear.vocabulary.items() if "=" not in term]
    rows = [row for _, row in kept]
    vocabulary, idf = {term: n for n, (term, _) in enumerate(kept)}, [head.linear.idf[row] for row in rows]
    linear = Linear(vocabulary, idf, [[weights[row] for row in rows] for weights in head.linear.coef], head.linear.intercept)
    return _from_file(Model(name, {name: replace(head, linear=linear, families=("words:1-2",))}))


def _from_file(model: Model) -> Model:
    """The model as it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        return persist.load(model.save(folder))


def plain(vocabulary: dict[str, int], labels: int, analyzer: Any = "word") -> Pipeline:
    """scikit-learn's own TF-IDF and logistic regression over as many features, its weights from a few rows: only its speed is asked."""
    words = analyzer == "word"
    terms = [term for term in vocabulary if "=" not in term or not words]
    counter = TfidfVectorizer(
        vocabulary=sorted(terms), ngram_range=(1, 2), token_pattern=TOKEN.pattern, sublinear_tf=True, analyzer=analyzer
    )
    few = [terms[n::97][:50] for n in range(4 * labels)]
    rows = [" ".join(row) for row in few] if words else few
    return make_pipeline(counter, LogisticRegression(C=1.0)).fit(rows, [n % labels for n in range(len(rows))])


class Sklearn:
    """Every head of a model as a scikit-learn pipeline, on texts that are cut beforehand."""

    def __init__(self, model: Model, texts: Sequence[str]) -> None:
        assert model.cues is not None
        seen = [view(text) for text in texts]
        self.texts = list(texts)
        self.sentences = [one.clean.text[low:high] for one in seen for low, high in one.sentences]
        found = [(one, candidate) for one in seen for candidate in candidates(one, model.cues.lexicon)]
        self.contexts = [list(context(one, candidate).counts(CONTEXT)) for one, candidate in found]
        self.heads: list[tuple[Pipeline, list[Any]]] = []
        for head in model.trained.values():
            rows = self.texts if head.level == "article" else self.sentences
            self.heads.append((plain(head.linear.vocabulary, len(head.labels)), rows))
        for name, head in model.cues.heads.items():
            pairs = zip(self.contexts, found, strict=True)
            known = [row for row, (_, candidate) in pairs if name == "hedge_type" or self._knows(name, candidate)]
            self.heads.append((plain(head.linear.vocabulary, max(2, len(head.labels)), _same), known))

    @staticmethod
    def _knows(name: str, candidate: Any) -> bool:
        hedging = {"epistemic", "doxastic", "condition", "investigation", "reportative"}
        return bool(hedging & set(candidate.types)) if name == "hedge" else name in candidate.types

    def run(self) -> None:
        """Probabilities of every head."""
        for pipeline, rows in self.heads:
            pipeline.predict_proba(rows)


def _same(row: list[str]) -> list[str]:
    return row


def fasttext(texts: Sequence[str], dim: int) -> Callable[[], object] | None:
    """fastText's prediction with word bigrams, a line a text, in vectors of `dim` numbers; None where it is not installed."""
    try:
        import fasttext as peer
    except ImportError:
        return None
    lines = [" ".join(text.split()) for text in texts]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{n % 2} {line}\n" for n, line in enumerate(lines))
        file.flush()
        made = peer.train_supervised(file.name, wordNgrams=2, bucket=200_000, dim=dim, epoch=1, thread=1, verbose=0)
    return lambda: [made.f.predict(line, 1, 0.0, "strict") for line in lines]


def vowpal(texts: Sequence[str]) -> Callable[[], object] | None:
    """Vowpal Wabbit's prediction with bigrams; None where it is not installed."""
    try:
        from vowpalwabbit import Workspace
    except ImportError:
        return None
    made = Workspace("--loss_function logistic --ngram 2 -b 18 --quiet")
    lines = ["| " + " ".join(text.replace("|", " ").replace(":", " ").split()) for text in texts]
    for n, line in enumerate(lines[:50]):
        made.learn(f"{1 if n % 2 else -1} {line}")
    return lambda: [made.predict(line) for line in lines]


def scored(model: Model, texts: Sequence[str]) -> Callable[[], object]:
    """`Model.score` of a table of texts."""
    frame = pd.DataFrame({"text": texts})
    return lambda: model.score(frame)


def measures(model: Model, texts: list[str], folder: Path) -> dict[str, tuple[Measure, float]]:
    """What is measured: its work, and the bytes or calls that one run of it has."""
    size = sum(len(text.encode()) for text in texts)
    few = texts[:: max(1, len(texts) // 24)]
    small = sum(len(text.encode()) for text in few)
    pure = replace(model, engine=None)
    tone, ngrams = only(model, "tone"), only_words(model, "tone")
    words = plain(model.trained["tone"].linear.vocabulary, 2)
    exported = model.to_sklearn("tone")
    every = Sklearn(model, few)
    (folder / "texts").write_text("\n".join(texts) * 20, encoding="utf-8")
    article = max(texts, key=lambda text: (len(text) >= 4096, -len(text)))[:4096]
    made: dict[str, tuple[Measure, float]] = {
        "wc -w": (lambda: wc(folder / "texts"), 20.0 * size),
        "framing, whole": (lambda: spent(scored(model, texts)), size),
        "framing, pure, whole": (lambda: spent(scored(pure, few)), small),
        "scikit-learn, whole": (lambda: spent(every.run), small),
        "framing, words": (lambda: spent(scored(ngrams, texts)), size),
        "framing, tone": (lambda: spent(scored(tone, texts)), size),
        "scikit-learn, words": (lambda: spent(lambda: words.predict_proba(texts)), size),
        "scikit-learn, tone, to_sklearn": (lambda: spent(lambda: exported.predict_proba(np.array(few, dtype=object))), small),
        "framing, 30 words": (lambda: spent(lambda: [model.classify(SENTENCE) for _ in range(400)]), 400),
        "framing, 4 KB": (lambda: spent(lambda: [model.classify(article) for _ in range(50)]), 50),
    }
    peers = {f"fastText of {dim}, words": fasttext(texts, dim) for dim in (100, 10)} | {"Vowpal Wabbit, words": vowpal(texts)}
    for name, peer in peers.items():
        if peer is not None:
            made[name] = (lambda peer=peer: spent(peer), size)  # type: ignore[misc]
    return made


def run(model: Model, texts: list[str], rounds: int) -> dict[str, float]:
    """Median seconds a byte (or a call) of each measure, in interleaved rounds."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = measures(model, texts, Path(folder))
        seen: dict[str, list[float]] = {name: [] for name in wanted}
        for turn in range(rounds + 1):
            for name, (work, units) in wanted.items():
                value = work() / units
                if turn:  # the first round warms up
                    seen[name].append(value)
    return {name: statistics.median(values) for name, values in seen.items()}


def threads(model: Model, texts: list[str]) -> tuple[float, float]:
    """How many times quicker two threads are than one, by the clock: ours, and SHA-256's, which shows what the cores allow just then."""
    names, blob = table.columns(model), b"x" * 40_000_000
    halves = [texts[::2], texts[1::2]]

    def work(part: list[str]) -> object:
        return table.score_many(model, part, [None] * len(part), [None] * len(part), names)

    def control(_: list[str]) -> object:
        return hashlib.sha256(blob).digest()

    def ratio(pool: ThreadPoolExecutor, task: Callable[[list[str]], object]) -> float:
        one = waited(lambda: [task(part) for part in halves])
        return one / waited(lambda: list(pool.map(task, halves)))

    with ThreadPoolExecutor(2) as pool:
        turns = [(ratio(pool, work), ratio(pool, control)) for _ in range(7)]
    ours, limit = zip(*turns, strict=True)
    return statistics.median(ours), statistics.median(limit)


def growth(model: Model, texts: list[str]) -> dict[str, list[tuple[float, float]]]:
    """Seconds by bytes of one text from 1 KB to 1 MB, and by texts from 100 to 100,000 (sentences of 30 words)."""
    whole = "\n\n".join(texts)
    while len(whole) < 1_000_000:
        whole += "\n\n" + whole
    sizes = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
    bytes_ = [(float(n), min(spent(lambda n=n: model.classify(whole[:n])) for _ in range(3))) for n in sizes]  # type: ignore[misc]
    counts = [100, 1_000, 10_000, 100_000]
    many = [(float(n), spent(lambda n=n: scored(model, [SENTENCE] * n)())) for n in counts]  # type: ignore[misc]
    return {"bytes of one text": bytes_, "texts of 30 words": many}


def plot(curves: dict[str, list[tuple[float, float]]], path: Path) -> None:
    """The growth as a picture, with the line that doubling the input would double."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for axis, (name, points) in zip(axes, curves.items(), strict=True):
        x, y = zip(*points, strict=True)
        axis.loglog(x, y, "o-", color="#1f5fa8", label="seen")
        axis.loglog(x, [y[-1] * n / x[-1] for n in x], "--", color="#999999", label="in proportion")
        axis.set(xlabel=name, ylabel="seconds")
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


LOADING = (
    "import time; t = time.perf_counter(); c = time.process_time(); import framing; a = framing.classify('He may have lied.');"
    "w = time.perf_counter() - t; c = time.process_time() - c; status = open('/proc/self/status').read();"
    "print(w, c, int(status.split('VmHWM:')[1].split()[0]) / 1024)"
)


def loading() -> tuple[float, float, float]:
    """Milliseconds by the clock and of the processor, and MB, for import, load and a first classify; medians of seven new processes.

    An eighth before them writes the bytecode that an installed package has.
    """
    command, around = [sys.executable, "-c", LOADING], {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    said = [subprocess.run(command, check=True, capture_output=True, text=True, env=around).stdout for _ in range(8)]
    runs = [[float(x) for x in one.split()] for one in said[1:]]
    clock, cpu, memory = (statistics.median(column) for column in zip(*runs, strict=True))
    return 1000 * clock, 1000 * cpu, memory


def show(seen: dict[str, float]) -> None:
    """The table, and the ratios of issue and docs."""
    for name, value in seen.items():
        print(f"{name:34s} " + (f"{1e6 * value:9.1f} us a call" if name.endswith(("30 words", "KB")) else f"{1e-6 / value:9.2f} MB/s"))
    pairs = [("framing, words", name) for name in seen if name.endswith(", words") and not name.startswith("framing")]
    pairs += [("framing, tone", "scikit-learn, tone, to_sklearn")]
    pairs += [("framing, whole", "scikit-learn, whole"), ("framing, whole", "wc -w"), ("framing, pure, whole", "scikit-learn, whole")]
    for ours, peer in pairs:
        print(f"{ours} against {peer}: {seen[peer] / seen[ours]:.3g}x")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    shared = ROOT.parent / "shared" / "corpora" / "train" / "hyperpartisan_train.jsonl.gz"
    parser.add_argument("texts", nargs="?", type=Path, default=shared if shared.is_file() else ROOT / "datasets" / "articles.jsonl")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    model, texts = framing.load(), [row["text"] for row in read_rows(chosen.texts)][: chosen.articles]
    print(f"{framing.engine()} engine, {model.id}, {len(texts)} articles of {chosen.texts.name}, {chosen.rounds} rounds")
    show(run(model, texts, chosen.rounds))
    print("two threads against one: {:.2f}x (SHA-256 beside it: {:.2f}x)".format(*threads(model, texts * 2)))
    print("import, load, first classify: {:.0f} ms by the clock, {:.0f} ms of processor, {:.0f} MB".format(*loading()))
    curves = growth(model, texts)
    for name, points in curves.items():
        print(f"{name}: " + ", ".join(f"{n:.0f} {1000 * s:.3g} ms" for n, s in points))
    if chosen.plot:
        plot(curves, chosen.plot)


if __name__ == "__main__":
    main()
