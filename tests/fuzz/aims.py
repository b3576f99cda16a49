"""What hostile bytes are thrown at. An aim takes any bytes and returns; what it raises is a find: an error that is no `FramingError`, a
broken promise, or `Ran`, the canary for code that ran.

tests/fuzz/run.py throws bytes for as long as one likes, guided by coverage; tests/fuzz/test_aims.py some hundred in each CI run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sys
import tempfile
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slices import small_model

import framing
from framing import Model, corpus, documents, features, persist, webpage
from framing.errors import FramingError
from framing.heads import Head
from framing.lexicon import Lexicon
from framing.linear import Linear
from framing.types import Analysis

SEEDS = Path(__file__).resolve().parent / "seeds"
TEXT = "He may go, two officials said. “Some critics say the shameful plan is allegedly about 40 towns,” Jane Doe said, if it rains."
OFTEN = 64
"""One text in so many is read by the pure engine too, which is a hundred times as slow."""


# The canary


class Ran(BaseException):
    """Something ran that no data may make run."""


RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess", "socket", "pickle", "ctypes", "webbrowser", "urllib")
"""Audit events (PEP 578) of processes, connections and code that is loaded, by their beginnings."""

MADE = ("exec", "compile", "import", "marshal", "code.__new__")
"""And of code that is made or imported: no model file needs that. Readers import codecs."""

_watched = threading.local()


def _hook(event: str, _: Any) -> None:
    if event.startswith(getattr(_watched, "for", ())):
        vars(_watched).clear()
        raise Ran(event)


sys.addaudithook(_hook)


@contextlib.contextmanager
def watched(*more: str) -> Iterator[None]:
    """Nothing of `RUNS`, and of what else is named, may happen in the block."""
    setattr(_watched, "for", RUNS + more)
    try:
        yield
    finally:
        vars(_watched).clear()


# Text


@cache
def model() -> Model:
    """The default model."""
    return framing.load()


@cache
def pure() -> Model:
    """The default model on the pure engine."""
    return replace(model(), engine=None)


def string(data: bytes) -> str:
    """Any bytes as a text; what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def text(data: bytes) -> None:
    """Every label of a text, with a title or a target in some; places lie in it, chances are chances, both engines agree."""
    said, asked = string(data), data[:1]
    title = said[1:40] if asked == b"T" else None
    target = said[1:9] if asked == b"W" else (1, min(9, len(said))) if asked == b"S" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = model().classify(said, title, target)
        except FramingError:
            return
        for part in (*found.sentences, *found.cues):
            assert said[part.start : part.end] == part.text
        assert all(0 <= chance <= 1 for chance in chances(found))
        if zlib.crc32(data) % OFTEN == 0:
            same(found.to_dict(), pure().classify(said, title, target).to_dict())


def chances(found: Analysis) -> list[float]:
    """Every probability of an analysis."""
    marked = [getattr(one, label) for one in found.sentences for label in ("hedged", "vague", "attributed", "loaded", "valence")]
    given = [said.probability for said in (*marked, found.tone, found.valence) if said and said.probability is not None]
    return [*given, *found.frames.probabilities.values(), *(cue.probability for cue in found.cues)]


def same(one: Any, other: Any) -> None:
    """Equal, numbers to 1e-9."""
    if isinstance(one, float) and isinstance(other, float):
        assert one == pytest.approx(other, abs=1e-9, rel=1e-9)
    elif isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other)
        same(list(one.values()), list(other.values()))
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            same(*pair)
    else:
        assert one == other


def sentences(data: bytes) -> None:
    """The splitter in Python: sentences in order, which hold all that is not blank."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = features.view(string(data))
    cleaned, at = seen.clean.text, 0
    for (start, end), (first, last) in zip(seen.sentences, seen.bounds, strict=True):
        assert at <= start < end <= len(cleaned) and not cleaned[at:start].strip() and first < last
        at = end
    assert not cleaned[at:].strip() and len(seen.words) == len(seen.folded) == len(seen.starts)


# Files


def page(data: bytes) -> None:
    """The article of a page, found here instead of in a process apart."""
    import trafilatura  # noqa: F401  (asks for a socket when it is imported)

    with watched():
        try:
            html = documents.decode(data, webpage.declared_charset(data))
        except FramingError:
            return
        _, found, _ = webpage._found(webpage._UNPARSABLE.sub("\ufffd", html))
        webpage.visible_text(html)
    found.encode()


NAMES = ("a.txt", "a.md", "a.json", "a.txt.gz", "a.md.gz")
TABLES = ("a.jsonl", "a.csv", "a.tsv", "a.json", "a.parquet", "a.jsonl.gz", "a.csv.zst", "a.txt")


def document(data: bytes) -> None:
    """A file of one document: its first byte tells the ending."""
    name = NAMES[data[0] % len(NAMES)] if data else NAMES[0]
    with watched(), contextlib.suppress(FramingError):
        documents.parse_document(data[1:], name, "key", 1 << 20)


def table(data: bytes) -> None:
    """A file of rows, likewise: each row is a document or a reason, and a table of training data is read or refused."""
    name = TABLES[data[0] % len(TABLES)] if data else TABLES[0]
    path = Path(folder(), name)
    path.write_bytes(data[1:])
    with watched():
        rows = [(row.key, row.row) for row in corpus.documents(path)]
        with contextlib.suppress(FramingError):
            corpus.read_table(path)
    assert len(set(rows)) == len(rows)


@cache
def folder() -> str:
    """A folder for files, in memory where there is such."""
    shared = "/dev/shm"
    return tempfile.mkdtemp(dir=shared if Path(shared).is_dir() else None)


# Models


@cache
def tiny() -> tuple[bytes, list[float]]:
    """A model file of all kinds of heads with a few terms each, and what it says of the golden texts."""
    small = small_model()
    heads = {name: few(head) for name, head in small.trained.items()}
    cues = replace(small.cues, lexicon=few_terms(small.cues.lexicon), heads={name: few(head) for name, head in small.cues.heads.items()})
    lexicons = {name: few_terms(lexicon) for name, lexicon in small.lexicons.items()}
    made = replace(small, trained=heads, cues=cues, lexicons=lexicons, reference=small.reference[:5], engine=None, data=None, facts={})
    return persist.dump(made), persist.golden(made)


def few(head: Head, most: int = 6) -> Head:
    """A head that knows the first features only."""
    known = head.linear
    terms = dict(list(known.vocabulary.items())[:most])
    return replace(head, linear=Linear(terms, known.idf[:most], [row[:most] for row in known.coef], known.intercept))


def few_terms(lexicon: Lexicon) -> Lexicon:
    """A lexicon of its first terms."""
    return Lexicon(dict(list(lexicon.terms.items())[:8]))


def model_file(data: bytes) -> None:
    """A model file: refused, or it scores as what was written; with its sums put right: refused, or both engines score the same."""
    loaded = restored(data)
    if loaded is not None:
        assert persist.golden(replace(loaded, engine=None)) == tiny()[1], "a mutant scores otherwise"
    forged = restored(resealed(data))
    if forged is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = forged.classify(TEXT, "Jane", "Jane Doe").to_dict()
        same(told, replace(forged, engine=None).classify(TEXT, "Jane", "Jane Doe").to_dict())


def restored(data: bytes) -> Model | None:
    """The model of a file's bytes; None where it is refused."""
    with watched(*MADE):
        try:
            return persist.restore(data, "mutant", hashlib.sha256(data).hexdigest(), "")
        except FramingError:
            return None


def resealed(data: bytes) -> bytes:
    """A file with its hash put right, as a careful forger leaves it; unchanged where its header is none."""
    try:
        size = int.from_bytes(data[:8], "little")
        header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
        meta = header.pop("__metadata__")
        meta["sha256"] = persist._digest(meta["framing"], header, body)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return data
    text = json.dumps({"__metadata__": meta, **header}).encode()
    return len(text).to_bytes(8, "little") + text + body


def forged(chance: random.Random) -> bytes:
    """The tiny model with its specification changed as no flipped byte would: parts exchanged between heads, left out, doubled."""
    data, _ = tiny()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    spec = json.loads(header["__metadata__"]["framing"])
    for _ in range(chance.choice((1, 1, 2, 3))):
        disturb(spec, chance)
    header["__metadata__"]["framing"] = json.dumps(spec)
    text = json.dumps(header).encode()
    return resealed(len(text).to_bytes(8, "little") + text + data[8 + size :])


VALUES: tuple[Any, ...] = (
    *(None, 0, 1, 0.5, -1, "", "cues", "article", "sentence", "author", "target", "cue", [], {}, [0.5], ["a", "b"], True, False),
    *(["words:1-2"], ["words:2-1"], ["words:1-99"], ["chars:1-60"], ["window:999"], ["window:0"], ["sides:loaded"], ["terms:cues"]),
    *(["lexicon:"], ["quotes", "quotes"], ["cues"], ["context"], ["affixes", "words:1-1", "words:1-2"]),
)


def disturb(spec: dict[str, Any], chance: random.Random) -> None:
    """One change to a specification."""
    heads = [head for head in (*spec["heads"], *spec["cues"]) if isinstance(head, dict)]
    one, other = chance.choice(heads or [{}]), chance.choice(heads or [{}])
    key = chance.choice(list(one) or ["name"])
    change = chance.randrange(6)
    if change == 0:
        one[key] = other.get(key)
    elif change == 1:
        one[key] = chance.choice(VALUES)
    elif change == 2:
        one.pop(key, None)
    elif change == 3 and heads:
        chance.shuffle(spec[chance.choice(("heads", "cues"))])
    elif change == 4:
        spec[chance.choice(("heads", "cues"))].append(one)
    elif change == 5 and spec["lexicons"]:
        spec["lexicons"].pop(chance.randrange(len(spec["lexicons"])))


Aim = Callable[[bytes], None]
AIMS: dict[str, Aim] = {aim.__name__: aim for aim in (text, sentences, page, document, table, model_file)}


# Mutants


def seeds(name: str) -> list[bytes]:
    """The files that mutants of an aim begin with."""
    kept = [path.read_bytes() for path in sorted((SEEDS / name).glob("*"))]
    if name == "model_file":
        chance = random.Random(1)
        return [*kept, tiny()[0], *(forged(chance) for _ in range(20))]
    return kept


ODD = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xcc\x81", b"\xe2\x80\x9c", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\n\n", b'"', b"<", b"&#"),
    *(b"{", b"[" * 30, b"," * 9, b"1e999", b"null", b"-1"),
)


def mutant(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to five changes: a bit, a byte, a piece left out, doubled, moved, or something odd put in."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at, end = sorted((chance.randrange(len(made) + 1), chance.randrange(len(made) + 1)))
        end = min(end, at + chance.choice((1, 4, 40, 4000)))
        change = chance.randrange(6)
        if change == 0 and at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        elif change == 1 and at < len(made):
            made[at] = chance.randrange(256)
        elif change == 2:
            del made[at:end]
        elif change == 3:
            made[end:end] = made[at:end]
        elif change == 4:
            piece = made[at:end]
            del made[at:end]
            place = chance.randrange(len(made) + 1)
            made[place:place] = piece
        else:
            made[at:at] = chance.choice(ODD)
    return bytes(made)
