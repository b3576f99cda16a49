"""Time grows as the input does: four times the input takes at most five times the time, on strings made to be slow.

Time is that of the processor. A string is read in growing sizes until it takes long enough to be compared; most never do, and are linear:
what is not would take many times as long at the last size. The least of several runs counts, as other work only makes them longer.
"""

from __future__ import annotations

import ast
import gc
import gzip
import importlib
import io
import json
import os
import pkgutil
import random
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from attacks import PIECES, Attack, attacks, repeated

import framing
from framing import Model, corpus, documents, features, native, patterns, text, webpage

ROOT = Path(__file__).resolve().parent.parent
SIZES = (20, 40, 100, 400, 1600, 6400)
CALM = 0.004
"""Seconds under which a time is too short to be compared, and short enough."""


def seconds(run: Callable[[str], Any], given: str, times: int = 1) -> float:
    """The least of some times. Python's collector is out: a pass takes as long as the whole process holds objects."""
    best = float("inf")
    gc.disable()
    for _ in range(times):
        begun = time.process_time()
        run(given)
        best = min(best, time.process_time() - begun)
    gc.enable()
    return best


def slow(run: Callable[[str], Any], attack: Attack, sizes: Iterable[int] = SIZES) -> str:
    """What shows that four times an input takes over five times the time; empty if it does not.

    A step that does not go on is no growth: beyond some size, memory comes from the system and not from what lies ready.
    """
    for size in sizes:
        took, base = compared(run, attack, size)
        if took <= 5 * base + CALM / 4:
            if took > CALM:
                return ""
        elif took > 50 * base or seconds(run, repeated(attack, 4 * size)) > 5 * took:
            large, small = repeated(attack, size), repeated(attack, size // 4)
            return f"{attack!r}: {len(small):,} characters take {1000 * base:.2f} ms, {len(large):,} take {1000 * took:.2f} ms"
    return ""


def compared(run: Callable[[str], Any], attack: Attack, size: int) -> tuple[float, float]:
    """Seconds for a size and for a quarter of it, taken more often where they are close; the same twice where too short to tell."""
    large, small = repeated(attack, size), repeated(attack, size // 4)
    took = base = seconds(run, large)
    for times in (2, 5, 25) if took > CALM else ():
        took, base = seconds(run, large, times), seconds(run, small, 2 * times)
        if took <= 5 * base + CALM / 4 or (times > 2 and took > 10 * base):
            break
    return took, base


def the_slow(run: Callable[[str], Any], strings: Iterable[Attack], sizes: Iterable[int] = SIZES) -> list[str]:
    """What is slow three times running: other work on the machine empties the caches for a while, and then large inputs take longer."""
    sizes = tuple(sizes)
    found = ((one, slow(run, one, sizes)) for one in strings)
    return [told for one, told in found if told and all(slow(run, one, sizes) for _ in range(2))]


# Regular expressions


def every_pattern() -> dict[str, re.Pattern[Any]]:
    """Every pattern that stands in a module of framing, by its name."""
    found: dict[str, re.Pattern[Any]] = {}
    for info in pkgutil.walk_packages(framing.__path__, "framing."):
        if info.name != "framing._native":
            for name, value in vars(importlib.import_module(info.name)).items():
                found |= inside(f"{info.name}.{name}", value)
    once = {(made.pattern, made.flags, use(name)): name for name, made in reversed(found.items())}
    return {name: found[name] for name in once.values()}


def inside(name: str, value: Any) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns in a module's constant."""
    if isinstance(value, patterns._Later):
        yield name, re.compile(*value._source)
    elif isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, (tuple, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from inside(f"{name}.{key}", item)


SOURCES = {path: path.read_text(encoding="utf-8") for path in Path(framing.__file__).parent.rglob("*.py")}
USES = re.findall(r"\b(\w+)\.(match|fullmatch|search|sub|finditer|findall|split)\(", "\n".join(SOURCES.values()))


def use(name: str) -> str:
    """How a pattern is used: at one place, as a whole, or everywhere in a text."""
    own = {how for used, how in USES if used == name.split(".")[-1]}
    return own.pop() if own and own <= {"match", "fullmatch"} else "finditer"


def matching(pattern: re.Pattern[Any], how: str) -> Callable[[str], None]:
    """What a pattern is used for, on a text."""
    method = getattr(pattern, how)

    def run(given: str) -> None:
        made = method(given.encode("utf-8", "surrogatepass") if isinstance(pattern.pattern, bytes) else given)
        for _ in made if how == "finditer" else ():
            pass

    return run


BOUNDED = {"framing.sentences._ADDRESS": 64}
"""Patterns that see at most so many characters, for what calls them cuts the text."""


def test_every_pattern_is_linear() -> None:
    known = every_pattern()
    assert len(known) > 60 and {use(name) for name in known} == {"match", "fullmatch", "finditer"} and BOUNDED.keys() <= known.keys()
    found = {
        name: told
        for name, pattern in known.items()
        if name not in BOUNDED and (told := the_slow(matching(pattern, use(name)), attacks(pattern)))
    }
    assert not found


def test_no_pattern_stands_where_it_is_not_found() -> None:
    """Written within a call, `re.sub("...", ...)`, a pattern may hold no repeat without end."""
    nodes = [node for source in SOURCES.values() for node in ast.walk(ast.parse(source))]
    calls = [(node, ast.unparse(node.func)) for node in nodes if isinstance(node, ast.Call)]
    given = [node.args[0] for node, name in calls if name.startswith("re.") and name not in ("re.compile", "re.escape")]
    assert all(isinstance(one, ast.Constant) for one in given) and len(given) > 1
    written = [ast.unparse(one) for one in given if re.search(r"[*+]|,\}", ast.unparse(one))]
    assert written == ['\'viewBox="[^"]*"\'']  # of a picture's first thousand characters


@pytest.mark.parametrize(
    ("source", "how"),
    [
        *((r"\.[^\s/]*/", "finditer"), (r"<!--.*?-->", "finditer"), (r"\w+\d", "finditer"), (r"(?:a|b|ab)*c", "match")),
        (r"[a-z]+\d?[a-z0-9]*", "fullmatch"),
        (r"title[ \t]*:[ \t]*[\"']?([^\r\n]*?)[\"']?[ \t]*\r?$", "finditer"),
        (r"\s*#{1,6}[ \t]+([^\r\n]*[^\s#])", "match"),
    ],
)
def test_a_slow_pattern_would_be_seen(source: str, how: str) -> None:
    pattern = re.compile(source)
    assert any(slow(matching(pattern, how), one) for one in attacks(pattern))


# Readers, the splitter, the labels


def answered(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A reader whose refusals are answers too, and whose warnings are not heard."""

    def run(given: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read(given)
            except framing.FramingError:
                return

    return run


def as_document(name: str, write: Callable[[str], bytes]) -> Callable[[str], Any]:
    return lambda given: documents.parse_document(write(given), name, "key")


def as_table(name: str, write: Callable[[str], bytes]) -> Callable[[str], Any]:
    """All rows of a file."""

    def read(given: str) -> None:
        Path(name).write_bytes(write(given))
        for _ in corpus.documents(name):
            pass

    return read


def raw(given: str) -> bytes:
    return given.encode("utf-8", "surrogatepass")


def cells(given: str) -> list[str]:
    """Sixteen characters a row: the longer, the more rows."""
    safe = given.encode("utf-8", "replace").decode()
    return [safe[at : at + 16] for at in range(0, len(safe), 16)]


def parquet(values: list[str]) -> bytes:
    made = io.BytesIO()
    pa.parquet.write_table(pa.table({"text": values}), made)
    return made.getvalue()


def in_page(given: str) -> bytes:
    return f"<html><body><p>{given}</p></body></html>".encode("utf-8", "replace")


READERS: dict[str, Callable[[str], Any]] = {
    "clean": text.clean,
    "splitter": features.view,
    "utf-16": lambda given: documents.decode(given.encode("utf-16-le", "surrogatepass")),
    "bytes of no known coding": lambda given: documents.decode(given.encode("latin-1", "replace") + b"\xff\xfe\xfd"),
    "text": as_document("a.txt", raw),
    "markdown": as_document("a.md", raw),
    "markdown, front matter": as_document("a.md", lambda given: raw(f"---\ntitle: {given}\n---\nA text.")),
    "json": as_document("a.json", raw),
    "json, a text": as_document("a.json", lambda given: json.dumps({"text": given}).encode()),
    "json, deep": as_document("a.json", lambda given: raw('{"text": ' + given)),
    "gzip": as_document("a.txt.gz", lambda given: gzip.compress(raw(given), 1)),
    "page": lambda given: webpage.visible_text(documents.decode(in_page(given), webpage.declared_charset(in_page(given)))),
    "page, its tags": webpage.visible_text,
    "jsonl": as_table("a.jsonl", raw),
    "jsonl, a text": as_table("a.jsonl", lambda given: json.dumps({"text": given}).encode()),
    "jsonl, rows": as_table("a.jsonl", lambda given: b"\n".join(json.dumps({"text": cell}).encode() for cell in cells(given))),
    "json, rows": as_table("a.json", lambda given: json.dumps([{"text": cell} for cell in cells(given)]).encode()),
    "csv": as_table("a.csv", lambda given: raw("text,title\n" + given)),
    "csv, a cell": as_table("a.csv", lambda given: raw('text,title\n"' + given.replace('"', '""') + '",a')),
    "csv, a header": as_table("a.csv", raw),
    "tsv": as_table("a.tsv", lambda given: raw("text\ttitle\n" + given)),
    "parquet, rows": as_table("a.parquet", lambda given: parquet(cells(given))),
    "parquet, a cell": as_table("a.parquet", lambda given: parquet([given.encode("utf-8", "replace").decode()])),
}


@pytest.mark.parametrize("name", READERS)
def test_every_reader_is_linear(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not the_slow(answered(READERS[name]), (("", piece, "") for piece in PIECES), (400, 6400))


ENGINES = {"native": (3200, 12800), "pure": (400, 1600)}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_label_is_linear(engine: str, model: Model) -> None:
    if engine == "native" and native.extension() is None:
        pytest.skip("the kernel was not built here, or FRAMING_PURE is set")
    asked = replace(model, engine=None) if engine == "pure" else model
    run = answered(lambda given: asked.classify(given, target="Jane Doe"))
    assert not the_slow(run, (("", piece, "") for piece in PIECES), ENGINES[engine])


def test_a_slow_reader_would_be_seen() -> None:
    assert slow(lambda given: [given[at:] for at in range(len(given))], ("", "a", ""), (800, 12800))


# A text of a million characters

CHILD = """
import json, re, sys, time, warnings
warnings.simplefilter("ignore")
import framing
model, piece = framing.load(), json.load(sys.stdin)
text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
begun = time.process_time()
model.classify(text)
took, told = time.process_time() - begun, open("/proc/self/status").read()
print(json.dumps([took, int(re.search("VmHWM: *([0-9]+)", told.replace("\\t", " "))[1]) / 1024]))
"""
LONG = ("a", "a ", "“", "\u0301", "\x00", "a. ", "e\u0301 \u200b", "İ ", "\ud800a ", "It may rain, he said. ")
MARGIN = 2
"""A test may take this many times the seconds that are promised: other work on the machine slows even the processor."""


def longest(piece: str) -> tuple[float, float]:
    """Seconds of the processor for `classify`, and megabytes at the peak of a process that did nothing else."""
    there = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run([sys.executable, "-c", CHILD], input=json.dumps(piece), capture_output=True, text=True, cwd=ROOT, env=there)
    assert made.returncode == 0, made.stderr[-2000:]
    took, memory = json.loads(made.stdout)
    return took, memory


native_on_linux = pytest.mark.skipif(
    native.extension() is None or not Path("/proc/self/status").exists(),
    reason="needs /proc, and the kernel: the pure engine takes longer (docs/measurements.md)",
)


@native_on_linux
def test_a_text_of_a_million_characters_takes_two_seconds_and_300_megabytes(article: str) -> None:
    found = {piece[:20]: longest(piece) for piece in (article, *LONG)}
    assert not {piece: seen for piece, seen in found.items() if seen[0] > 2 * MARGIN or seen[1] > 300}


SHORT = re.findall("[a-z]+", "he she it may the say and for was not war gun law tax win old new big few all ill if or so no we us do go")


def of_short_sentences(words: int) -> str:
    """A million characters in sentences of a few common words, of which hardly two that are of three words are alike."""
    chance = random.Random(words)
    said = (" ".join(chance.choices(SHORT, k=words)).capitalize() for _ in range(500_000))
    return "! ".join(said)[:1_000_000]


@native_on_linux
@pytest.mark.parametrize("text", ["Go! ", ".“ ", *map(of_short_sentences, (1, 2, 3))], ids=["go", "quotes", "one", "two", "three"])
def test_a_text_of_80000_to_250000_sentences_takes_no_more(text: str) -> None:
    took, memory = longest(text)
    assert took < 2 * MARGIN and memory <= 300
