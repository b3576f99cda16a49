"""Training: from folders of corpora, or from a reader's own table, to a model."""

from __future__ import annotations

import csv
import gc
import gzip
import html
import json
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from framing import features
from framing.calibrate import near_duplicates
from framing.card import CORPORA, make_card
from framing.counting import Counting, Judge, Place, counter, view
from framing.cues import CONTEXT, GROUPS, CueModel
from framing.errors import TrainingError
from framing.evaluation import Report, report
from framing.features import View
from framing.fit import Fitted, Recipe, Rows, fit, in_threads
from framing.heads import Head
from framing.lexicon import Lexicon, key
from framing.model import Model
from framing.table import check_columns
from framing.text import NAME, NUMBER, NUMBER_TOKEN, SURROGATE, TOKEN, TYPOGRAPHY, Clean, FramingWarning
from framing.types import FRAME_NAMES, HEDGE_TYPES

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]

ARTICLE_FAMILIES = ("words:1-2", "lexicon:loaded")
ATTRIBUTED_FAMILIES = ("words:1-2", "quotes", "cues", "lexicon:speech")
VAGUE_FAMILIES = ("words:1-2", "affixes", "cues", "lexicon:loaded", "lexicon:vague")
LOADED_FAMILIES = ("words:1-2", "affixes", "lexicon:loaded", "lexicon:polarity")
VALENCE_FAMILIES = ("words:1-2", "window:6", "affixes", "lexicon:loaded", "sides:polarity")
OWN_FAMILIES = ("words:1-2",)

FRAMES_LEFT_OUT = ("human_interest", "resolution")
"""Frames that did not beat chance clearly on another corpus (docs/measurements.md): not in the shipped head."""

FRAMES = tuple(name for name in FRAME_NAMES if name not in FRAMES_LEFT_OUT)

RECIPES = {
    "tone": Recipe("tone", "article", ("measured", "loaded"), ARTICLE_FAMILIES, 30.0, raised=(("loaded=", 1.5),)),
    "frames": Recipe("frames", "article", FRAMES, ("words:1-2", "affixes", "terms:frames"), 10.0, 2, "f1", True, (("frames=", 3.0),)),
    "vague": Recipe("vague", "sentence", ("plain", "vague"), VAGUE_FAMILIES, 2.0, 2, "f1", raised=(("cue=", 3.0), ("vague=", 2.0))),
    "attributed": Recipe("attributed", "sentence", ("plain", "attributed"), ATTRIBUTED_FAMILIES, 3.0, 2, raised=(("q=", 2.0),)),
    "loaded": Recipe(
        "loaded", "author", ("plain", "loaded"), LOADED_FAMILIES, 3.0, 2, raised=(("loaded=", 3.0), ("polarity=", 2.0)), quiet=0.2
    ),
    "valence": Recipe(
        "valence",
        "target",
        ("negative", "neutral", "positive"),
        VALENCE_FAMILIES,
        1.0,
        raised=(("polarity=", 2.0), ("loaded=", 2.0)),
    ),
    "hedge": Recipe("hedge", "cue", ("none", "hedge"), (CONTEXT,), 20.0),
    "hedge_type": Recipe("hedge_type", "cue", HEDGE_TYPES, (CONTEXT,), 30.0),
    "approximator": Recipe("approximator", "cue", ("none", "approximator"), (CONTEXT,), 30.0),
    "vague_cue": Recipe("vague", "cue", ("none", "vague"), (CONTEXT,), 30.0),
    "attribution": Recipe("attribution", "cue", ("none", "attribution"), (CONTEXT,), 30.0),
}
"""How each head of the shipped model is trained."""

# Szeged marks hearsay words doxastic or epistemic; relabelled, they train the type of hearsay.
REPORTATIVE = frozenset(
    [
        *("allegedly", "alleged", "supposedly", "supposed", "reportedly"),
        *("purportedly", "purported", "rumored", "rumoured", "putative"),
    ]
)
LEAST_RATE = 0.005
"""A word is a candidate if at least this share of its occurrences are cues."""
TRAP_WEIGHT = 3.0
"""Weight of a candidate on a marked trap: to take it for a cue is a large fault (codebook, section 5)."""
JUDGED_WEIGHT = 1.5
"""Weight of a word judged in real news, of which there are fewest."""


MARKED_GROUPS = ("hedge", "approximator")
"""Groups that words judged in real text train: vague and attribution agree less with what other corpora call so (docs/measurements.md)."""
TRAPS = ("s5_", "s6")
"""How events begin whose sentences were written to trap a model; their valence (alpha of two coders .65) trains nothing."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with its cues: (start, end, type), which groups of cues its source marks, its document, and its traps.

    `only` holds the places that its source judged, where it did not judge all.
    """

    text: str
    cues: tuple[tuple[int, int, str], ...]
    groups: tuple[str, ...]
    doc: str
    traps: tuple[tuple[int, int], ...] = ()
    only: tuple[tuple[int, int], ...] | None = None

    @property
    def hearsay(self) -> bool:
        """Whether its source marks all hearsay; Szeged, which has no such type, marks some of it as another."""
        return len(self.groups) > 1


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, packed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@dataclass(frozen=True, slots=True)
class Sources:
    """The corpora of a training run, by name; those that are absent are empty."""

    rows: Mapping[str, list[dict[str, Any]]]
    lexicon: Mapping[str, str]
    cue_terms: Mapping[str, str]
    frame_terms: Mapping[str, str] = field(default_factory=dict)
    polarity: Mapping[str, str] = field(default_factory=dict)
    speech: Mapping[str, str] = field(default_factory=dict)
    vague: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[Mapping[str, str]] = ()

    @property
    def lexicons(self) -> dict[str, Lexicon]:
        """The lexicons that heads count terms of."""
        own = {"loaded": self.lexicon, "frames": self.frame_terms, "polarity": self.polarity}
        own |= {"speech": self.speech, "vague": self.vague}
        return {name: Lexicon(terms) for name, terms in own.items()}

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        return self.rows.get(name, [])


def datasets() -> Path:
    """The folder of the project's own data, beside the checkout."""
    return Path(__file__).resolve().parent.parent / "datasets"


def sources(folder: Path) -> Sources:
    """Read every corpus of a folder, and the project's own data."""
    if not folder.is_dir():
        raise TrainingError(f"There is no folder {folder}. Name a folder of corpora, or datasets/.")
    own = folder if (folder / "sentences.jsonl").exists() else datasets()
    files = [*sorted(folder.glob("*.jsonl.gz")), *sorted(folder.glob("*.jsonl")), own / "sentences.jsonl", own / "articles.jsonl"]
    rows = {path.name.split(".")[0]: read_rows(path) for path in files if path.exists() and path.name.split(".")[0] in CORPORA}
    frames, polarity = _terms(own / "frame_lexicon.tsv", "frame"), _terms(own / "polarity_lexicon.tsv", "category")
    speech, vague = _terms(own / "speech_lexicon.tsv", "category"), _terms(own / "vague_lexicon.tsv", "category")
    loaded, cues = _loaded_terms(own / "loaded_lexicon.tsv"), _terms(own / "cue_lexicon.tsv", "types")
    return Sources(rows, loaded, cues, frames, polarity, speech, vague, list(_table(own / "cue_marks.tsv")))


def _table(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def _loaded_terms(path: Path) -> dict[str, str]:
    return {key(row["term"]): f"{row['category']}:{row['strength']}" for row in _table(path)}


def _terms(path: Path, column: str) -> dict[str, str]:
    return {key(row["term"]): row[column] for row in _table(path)}


# Articles.


def tone_rows(data: Sources, lexicons: Mapping[str, Lexicon]) -> Rows:
    """Articles, measured or loaded; near-duplicates share a group."""
    rows, count = Rows(), counter(RECIPES["tone"], lexicons)
    texts: list[str] = []
    pairs = [(html.unescape(r["text"]), None, bool(r["loaded"])) for r in data["hyperpartisan_train"]]
    pairs += [(r["text"], r["title"], r["tone"] == "loaded") for r in data["articles"]]
    for text, title, loaded in pairs:
        rows.add(count.article(text, title), "loaded" if loaded else "measured", "")
        texts.append(text)
    rows.groups = [str(group) for group in near_duplicates(texts)] if texts else []
    return count.told(rows)


def frame_rows(data: Sources, lexicons: Mapping[str, Lexicon]) -> Rows:
    """Each row knows the frames its source codes: a dict of frame to whether it is present."""
    rows, count = Rows(), counter(RECIPES["frames"], lexicons)
    for n, r in enumerate(data["frac_frames"]):
        rows.add(count.article(r["text"]), {name: name == r["frame"] for name in FRAC}, f"frac {n}")
    for n, r in enumerate(data["narrative_frames_climate"]):
        rows.add(count.article(r["text"]), {name: name in r["frames"] for name in NARRATIVE}, f"narrative {n}")
    for r in data["articles"]:
        rows.add(count.article(r["text"], r["title"]), {name: name in r["frames"] for name in FRAMES}, r["id"])
    return count.told(rows)


FRAC = FRAME_NAMES[:9]
"""The frames that FrAC codes."""
NARRATIVE = ("conflict", "economic", "morality")


# Names. Inside a sentence they are masked; at its start a name looks like any other word, so the vocabulary must not hold it.


def names(texts: Iterable[str]) -> frozenset[str]:
    """Words that these texts see capitalised inside sentences at least as often as in lower case."""
    tokens: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    for text in texts:
        for mark, plain in TYPOGRAPHY:
            text = text.replace(mark, plain)
        text = NUMBER.sub(NUMBER_TOKEN, text)
        masked.update(NAME.findall(text))
        tokens.update(TOKEN.findall(text))
    inside: Counter[str] = Counter()
    for name, n in masked.items():
        inside[name[1:].lower()] += n
    every = {token.lower() for token in tokens if token[0].isalpha()}
    small = {word: tokens[word] for word in every if word[0].islower()}
    return frozenset(word for word in every if small.get(word, 0) <= inside[word] and word.partition("'")[0] != "i")


def names_of(data: Sources) -> frozenset[str]:
    """The names that no vocabulary may hold: those of all corpora together."""
    return names(row["text"] for rows in data.rows.values() for row in rows)


def without_names(rows: Rows, named: frozenset[str]) -> Rows:
    """The rows without features that hold a name."""
    whole = rows.tally.without(lambda feature: _holds(feature, named))
    return Rows(list(range(len(rows))), rows.labels, rows.groups, rows.weights, whole)


def _holds(feature: str, named: frozenset[str]) -> bool:
    return any(token in named for token in feature.rpartition("=")[2].split(" "))


# Sentences.


def sentence_rows(
    name: str,
    examples: Iterable[tuple[str, Any, str, float]],
    lexicons: Mapping[str, Lexicon],
    cues: Judge | None,
    unseen: Mapping[str, Judge] = MappingProxyType({}),
) -> Rows:
    """Rows of a sentence head: each text is one sentence, its cues found by its group's judge in `unseen`, else by `cues`."""
    recipe = RECIPES[name]
    rows, count = Rows(), counter(recipe, lexicons)
    for text, label, group, weight in examples:
        judge = unseen.get(group, cues) if "cues" in recipe.families else None
        counts = count.sentence(text, recipe.level == "author", judge)
        if counts is not None:
            rows.add(counts, label, group, weight)
    return count.told(rows)


def _own(data: Sources, label: str) -> list[tuple[str, Any, str, float]]:
    names = ("plain", label)
    return [(r["text"], names[r[label]], r["event"], 1.0) for r in data["sentences"]]


OWN_SHARE = 0.5
"""Weight of our sentences beside CoNLL's, whose notion of a weasel sets calibration and threshold of vague."""


def vague_examples(data: Sources) -> list[tuple[str, Any, str, float]]:
    """Sentences with their labels, groups and weights."""
    conll = [(r["text"], ("plain", "vague")[r["weasel"]], f"conll {n // 10}", 1.0) for n, r in enumerate(data["conll2010_wiki_train"])]
    share = OWN_SHARE if conll else 1.0
    return conll + [(text, label, group, share) for text, label, group, _ in _own(data, "vague")]


def _attributed(data: Sources, cues: Judge) -> list[tuple[str, Any, str, float]]:
    """Our sentences, and sentences of articles that show by themselves whose words they are, at a small weight.

    GUM is left out: its relation of attribution holds for questions, captions and what the speaker of an interview thinks.
    """
    rows = _own(data, "attributed")
    articles = [(html.unescape(r["text"]), f"hyper {r['id']}") for r in data["hyperpartisan_train"]]
    articles += [(r["text"], r["id"]) for r in data["articles"]]
    for text, group in articles:
        rows += [(piece, label, group, ARTICLE_SHARE) for piece, label in _shown(view(text), cues)]
    return rows


LEAST_DOUBT = 0.2
"""A sentence shows that it is the author's own if no cue of a source or believer in it is as probable as this."""


def _shown(seen: View, cues: Judge) -> Iterator[tuple[str, str]]:
    """The sentences that stand in quotation marks, and those that quote nothing and name no source or believer."""
    found = cues.found(seen)
    passed_on = {number for number, kind, chance in found if kind in ("attribution", "doxastic") and chance >= LEAST_DOUBT}
    for number, ((low, high), voice) in enumerate(zip(seen.sentences, seen.voices, strict=True)):
        piece = seen.clean.text[low:high]
        if voice == "quoted":
            yield piece, "attributed"
        elif number not in passed_on and not features.sentence(seen, number, {}).counts("quotes"):
            yield piece, "plain"


ARTICLE_SHARE = 0.15
"""Weight of a sentence of an article: it has its article's label, or the one that its quotation marks give."""


def _loaded(data: Sources) -> list[tuple[str, Any, str, float]]:
    """Our sentences, and the sentences of labelled articles under their article's label at a small weight."""
    rows = _own(data, "loaded")
    articles = [(html.unescape(r["text"]), bool(r["loaded"]), f"hyper {r['id']}") for r in data["hyperpartisan_train"]]
    articles += [(r["text"], r["tone"] == "loaded", r["id"]) for r in data["articles"]]
    for text, loaded, group in articles:
        seen = view(text)
        pieces = [seen.clean.text[low:high] for low, high in seen.sentences]
        rows += [(piece, ("plain", "loaded")[loaded], group, ARTICLE_SHARE) for piece in pieces if len(piece) > 30]
    return rows


VALENCE_SHARE = 0.2
"""Weight of our sentences beside NewsMTSC's: a coder of ours and one of theirs read a portrait otherwise (docs/measurements.md)."""


def _valence_rows(data: Sources, lexicons: Mapping[str, Lexicon]) -> Rows:
    rows, count = Rows(), counter(RECIPES["valence"], lexicons)
    own = [(r["text"], (r["start"], r["end"]), r["valence"], r["event"]) for r in data["sentences"] if not r["event"].startswith(TRAPS)]
    mtsc = [(r["text"], (r["start"], r["end"]), r["valence"], r["id"].rsplit("_", 2)[0]) for r in data["newsmtsc_train"]]
    share = VALENCE_SHARE if mtsc else 1.0
    for text, span, label, group, weight in [*((*row, 1.0) for row in mtsc), *((*row, share) for row in own)]:
        rows.add(count.around(text, span), label, group, weight)
    return count.told(rows)


# Cues.


def marked(data: Sources) -> list[Marked]:
    """Every sentence with cue spans."""
    szeged = [
        Marked(r["text"], tuple((c["start"], c["end"], _szeged_type(r["text"], c)) for c in r["cues"]), ("hedge",), r["doc"])
        for r in data["szeged_wiki"]
    ]
    own = [
        Marked(
            r["text"],
            tuple((c["start"], c["end"], c["type"]) for c in r["cues"]),
            tuple(GROUPS),
            r["event"],
            tuple((t["start"], t["end"]) for t in r["traps"]),
        )
        for r in data["sentences"]
    ]
    return szeged + own


def judged(data: Sources) -> list[Marked]:
    """Single words judged in the text of corpora (`datasets/cue_marks.tsv`), a row a sentence.

    Left out are words that a second coder judged otherwise, and all of a corpus that is absent.
    """
    texts = {(corpus, str(row["id"])): row["text"] for corpus in {mark["corpus"] for mark in data.marks} for row in data[corpus]}
    sentences: dict[tuple[str, str, int, int], list[tuple[int, int, str]]] = defaultdict(list)
    for mark in data.marks:
        if mark["second"] not in ("", mark["type"]):
            continue
        first, last, start, end = (int(mark[name]) for name in ("first", "last", "start", "end"))
        sentences[mark["corpus"], mark["row"], first, last].append((start - first, end - first, mark["type"]))
    return [
        Marked(
            texts[corpus, row][first:last],
            tuple(span for span in spans if span[2] != "none"),
            MARKED_GROUPS,
            f"{corpus} {row}",
            only=tuple((start, end) for start, end, _ in spans),
        )
        for (corpus, row, first, last), spans in sentences.items()
        if (corpus, row) in texts
    ]


def _szeged_type(text: str, cue: Mapping[str, Any]) -> str:
    term = text[cue["start"] : cue["end"]].lower()
    return "reportative" if term in REPORTATIVE else str(cue["type"])


def cue_lexicon(rows: Sequence[Marked], reviewed: Mapping[str, str]) -> Lexicon:
    """The reviewed terms, and those that are cues somewhere in training."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for start, end, kind in row.cues:
            seen[key(row.text[start:end])][kind] += 1
    terms = {term: dict.fromkeys(types.split(";")) for term, types in reviewed.items()}
    for term, kinds in seen.items():
        if term.count(" ") == 0 or sum(kinds.values()) > 1:
            for kind in sorted(kinds):
                terms.setdefault(term, {})[kind] = None
    return Lexicon({term: ";".join(terms[term]) for term in sorted(terms)})


def train_cues(
    rows: Sequence[Marked], reviewed: Mapping[str, str], note: Progress, measure: str = ""
) -> tuple[CueModel, dict[str, Fitted]]:
    """The cue model of marked sentences; `measure` chooses the hedge head's threshold as `Recipe.measure` does."""
    hearsay = any(row.hearsay for row in rows)
    wide = cue_lexicon(rows, reviewed)
    count = counter(RECIPES["hedge"], {}, wide)
    read = [count.candidates(row.text) for row in rows]
    lexicon = _frequent(wide, rows, reviewed, Counter(place.term for _, places in read for place in places))
    judged = {group: Rows() for group in (*GROUPS, "hedge_type")}
    for row, (cleaned, places) in zip(rows, read, strict=True):
        _cue_rows(row, cleaned, [place for place in places if place.term in lexicon.terms], count, lexicon, judged, hearsay)
    judged = {group: count.told(own) for group, own in judged.items()}
    recipes = {"hedge": replace(RECIPES["hedge"], measure=measure), "hedge_type": RECIPES["hedge_type"], "vague": RECIPES["vague_cue"]}
    told = {name: own for name, own in judged.items() if len(set(own.labels)) > 1}
    for name, own in told.items():
        note(f"cues: {name}, {len(own):,} candidates")
    fits = in_threads(lambda name: fit(_of_cues(name, recipes.get(name, RECIPES[name]), told[name]), told[name]), told)
    made = dict(zip(told, fits, strict=True))
    return CueModel(lexicon, {name: one.head for name, one in made.items()}), made


def _of_cues(name: str, recipe: Recipe, rows: Rows) -> Recipe:
    """The recipe of a cue head, for the types that its rows have."""
    labels = tuple(t for t in HEDGE_TYPES if t in set(rows.labels)) if name == "hedge_type" else recipe.labels
    return replace(recipe, name=f"cue_{name}", labels=labels)


def unseen_cues(data: Sources, k: int = 5) -> dict[str, Judge]:
    """For each event of our sentences a cue model of ours that has not read it: a head that reads cues learns how far to trust them."""
    rows, words = [row for row in marked(data) if "attribution" in row.groups], judged(data)
    events = sorted({row.doc for row in rows})
    parts = [set(events[part::k]) for part in range(min(k, len(events)))]
    kept = ([row for row in rows if row.doc not in held] for held in parts)
    cues = [train_cues([*those, *words], data.cue_terms, lambda line: None)[0] for those in kept]
    return {event: judge for held, judge in zip(parts, Judge.of_each(cues), strict=True) for event in held}


def _frequent(lexicon: Lexicon, rows: Sequence[Marked], reviewed: Mapping[str, str], total: Counter[str]) -> Lexicon:
    """Without words that are almost never cues of the `total` times that they occur, unless they were reviewed."""
    hits = Counter(key(row.text[start:end]) for row in rows for start, end, _ in row.cues)
    kept = {t: kinds for t, kinds in lexicon.terms.items() if t in reviewed or hits[t] >= LEAST_RATE * max(1, total[t])}
    return Lexicon(kept)


def _cue_rows(
    row: Marked, cleaned: Clean, places: Sequence[Place], count: Counting, lexicon: Lexicon, judged: Mapping[str, Rows], hearsay: bool
) -> None:
    """Add a sentence's candidates; hearsay that its source does not mark is left out where another source marks all (`hearsay`)."""
    spans = [(*cleaned.find(start, end), kind) for start, end, kind in row.cues]
    traps = [cleaned.find(start, end) for start, end in row.traps]
    only = None if row.only is None else {cleaned.find(start, end) for start, end in row.only}
    for place in places:
        if only is not None and (place.start, place.end) not in only:
            continue
        types = lexicon.terms[place.term].split(";")
        over = [(s, e, kind) for s, e, kind in spans if s < place.end and e > place.start]
        weight = TRAP_WEIGHT if any(s < place.end and e > place.start for s, e in traps) else 1.0 if only is None else JUDGED_WEIGHT
        counts: Any = None
        for group in row.groups:
            if not set(GROUPS[group]).intersection(types):
                continue
            kind = _answer(cleaned.text, place, over, group, lexicon)
            if kind is None or (not kind and types == ["reportative"] and hearsay and not row.hearsay):
                continue
            counts = count.context(place) if counts is None else counts
            judged[group].add(counts, group if kind else "none", row.doc, weight)
            if group == "hedge" and kind:
                judged["hedge_type"].add(counts, kind, row.doc)


def _answer(text: str, place: Place, over: Sequence[tuple[int, int, str]], group: str, lexicon: Lexicon) -> str | None:
    """The type of the cue that a candidate is, "" for none, None where a longer marked term decides."""
    for start, end, kind in over:
        if kind not in GROUPS[group]:
            continue
        if start <= place.start and place.end <= end:
            whole = (start, end) == (place.start, place.end)
            return kind if whole or key(text[start:end]) not in lexicon.terms else None
        if place.start <= start and end <= place.end:
            return "" if kind else None
    return ""


# Whole models.


def train_all(folder: Path, progress: Progress = lambda line: None, name: str = "news-en") -> Model:
    """Train every head from a folder of corpora and the project's own data.

    Parameters
    ----------
    folder : Path
        A folder such as ``corpora/train``, or ``datasets/``.
    progress : callable
        Called with a line before each step.
    """
    with _uncollected():
        return _trained(sources(Path(folder)), progress, name)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles, of which training makes none, among millions of objects that it does make."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _trained(data: Sources, progress: Progress, name: str) -> Model:
    lexicons = data.lexicons
    words = judged(data)
    corpora = {corpus: len(rows) for corpus, rows in sorted(data.rows.items())}
    if words:
        corpora["cue_marks"] = sum(len(row.only or ()) for row in words)
    facts: dict[str, Any] = {"corpora": corpora, "heads": {}, "frames_left_out": list(FRAMES_LEFT_OUT)}
    cues, made = train_cues([*marked(data), *words], data.cue_terms, progress)
    for group, fitted in made.items():
        facts["heads"][f"cue_{group}"] = _facts(fitted)
    heads: dict[str, Head] = {}
    judge = Judge.of(cues)
    for head, rows in head_rows(data, lexicons, judge, progress):
        if len(rows):
            fitted = fit(RECIPES[head], rows)
            heads[head] = fitted.head
            facts["heads"][head] = {"rows": len(rows), **_facts(fitted)}
    draft = Model(name, heads, cues, lexicons, (), facts)
    progress("reference news")
    model = replace(draft, reference=_reference(judge.model, data))
    return replace(model, card=make_card(model))


def head_rows(data: Sources, lexicons: Mapping[str, Lexicon], judge: Judge, note: Progress) -> Iterator[tuple[str, Rows]]:
    """Each head but those of cues with its rows without names, made only when its turn comes; a head without data has none."""
    unseen, named = unseen_cues(data), names_of(data)
    makers: dict[str, Callable[[], Rows]] = {
        "tone": lambda: tone_rows(data, lexicons),
        "frames": lambda: frame_rows(data, lexicons),
        "vague": lambda: sentence_rows("vague", vague_examples(data), lexicons, judge, unseen),
        "attributed": lambda: sentence_rows("attributed", _attributed(data, judge), lexicons, judge, unseen),
        "loaded": lambda: sentence_rows("loaded", _loaded(data), lexicons, None),
        "valence": lambda: _valence_rows(data, lexicons),
    }
    for head, make in makers.items():
        note(f"{head}: reading")
        rows = without_names(make(), named)
        note(f"{head}: fitting {len(rows):,} rows")
        yield head, rows


def _facts(fitted: Fitted) -> dict[str, Any]:
    said = {"thresholds": list(fitted.head.thresholds), "calibrated": fitted.calibrated, "converged": fitted.converged}
    return {"features": len(fitted.head.linear.vocabulary), **said, "objective": [round(value, 4) for value in fitted.objectives]}


def _reference(hedging_only: Model, data: Sources) -> tuple[float, ...]:
    """Hedged rates of the reference news: the measured articles, as stored quantiles."""
    measured = [html.unescape(r["text"]) for r in data["hyperpartisan_train"] if not r["loaded"]]
    measured += [] if measured else [r["text"] for r in data["articles"] if r["tone"] == "measured"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = [hedging_only.classify(text).hedging for text in measured]
    rates = sorted(answer.rate for answer in answers if answer is not None and answer.rate is not None)
    return tuple(_rounded(rate) for rate in rates)


def _rounded(value: float) -> float:
    import array

    return float(array.array("f", [value])[0])


# A reader's own label.


def train(
    frame: pd.DataFrame, text: str = "text", label: str = "label", group: str | None = None, name: str = "own", strict: bool = False
) -> Model:
    """Train one article head on a reader's own labels.

    Parameters
    ----------
    frame : DataFrame
    text, label : str
        Columns of texts and labels (two labels or more).
    group : str, optional
        Column whose values must not stand on both sides of a split (outlet, document). Near-duplicates never do.
    name : str
        Name of the model; its head has the name of the label column.
    strict : bool
        Raise instead of warn where there are too few groups to calibrate, or the fit does not converge.

    Raises
    ------
    TrainingError
        For a missing column or label, one label only, or no usable word.
    """
    rows, recipe = _own_rows(frame, text, label, group)
    fitted = fit(recipe, rows)
    _complain(fitted, strict)
    facts = {"corpora": {"table": len(rows)}, "heads": {label: {"rows": len(rows), **_facts(fitted)}}}
    model = Model(name, {label: fitted.head}, None, {}, (), facts)
    return replace(model, card=make_card(model))


def cross_validate(frame: pd.DataFrame, text: str = "text", label: str = "label", group: str | None = None, k: int = 5) -> Report:
    """How right a head trained on such a table is on rows it has not seen: each row is scored by the fold without it."""
    rows, recipe = _own_rows(frame, text, label, group)
    fitted = fit(recipe, rows, k)
    if not fitted.calibrated:
        raise TrainingError("There are too few groups for two folds with every label. Give more rows, or no group.")
    return report(rows.labels, fitted.held_out, recipe.labels, groups=rows.groups)


def _own_rows(frame: pd.DataFrame, text: str, label: str, group: str | None) -> tuple[Rows, Recipe]:
    check_columns(frame, (text, label, *([group] if group else [])), TrainingError)
    bad = [n for n, value in enumerate(frame[label]) if value is None or value != value or value == ""]
    if bad:
        raise TrainingError(f"{len(bad)} rows have no label, the first at {bad[:5]}. Fill them, or drop those rows.")
    texts, labels = list(frame[text]), [str(value) for value in frame[label]]
    least = 2 if len(texts) >= 50 else 1
    names = tuple(sorted(set(labels)))
    if broken := [name for name in (label, *names) if SURROGATE.search(name)]:
        raise TrainingError(f"The label {broken[0]!r:.60} holds half a character (a lone surrogate), which no file can. Write it anew.")
    recipe = Recipe(label, "article", names, OWN_FAMILIES, 10.0, least, "")
    rows, count = Rows(), counter(recipe, {})
    for one, answer in zip(texts, labels, strict=True):
        rows.add(count.article(one), answer, "")
    _contradictions(texts, labels)
    rows.groups = [str(g) for g in near_duplicates(texts, list(frame[group]) if group else None)]
    return count.told(rows), recipe


def _contradictions(texts: Sequence[Any], labels: Sequence[str]) -> None:
    given: dict[Any, set[str]] = defaultdict(set)
    for text, label in zip(texts, labels, strict=True):
        given[text].add(label)
    twice = sum(len(kinds) > 1 for kinds in given.values())
    if twice:
        warnings.warn(f"{twice} texts stand under two labels. Decide which is right.", FramingWarning, stacklevel=3)


def _complain(fitted: Fitted, strict: bool) -> None:
    """Warn of a fit that is not whole, or raise where the caller is strict."""
    faults = []
    if not fitted.calibrated:
        faults.append("There are too few rows or groups to calibrate; probabilities are those of the training fit. Give more rows.")
    if not fitted.converged:
        faults.append("The fit did not converge. Look for texts or labels that contradict each other.")
    for fault in faults:
        if strict:
            raise TrainingError(fault)
        warnings.warn(fault, FramingWarning, stacklevel=3)
